#include "connectors/dynamodb/options.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pallas::dynamodb {
namespace {

using testing::HasSubstr;

absl::StatusOr<DynamoDbOptions> Parse(sdk::OptionList options) {
  return ParseOptions(sdk::ConnectorOptions("dynamo", "dynamodb", std::move(options)));
}

TEST(OptionsTest, HaveDefaults) {
  const auto options = Parse({});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->endpoint.region, "us-east-1");
  EXPECT_EQ(options->inference.items, 400);
  EXPECT_EQ(options->values.type_mismatch, TypeMismatch::kError);
  EXPECT_TRUE(options->use_definitions);
}

TEST(OptionsTest, TakeTheJavaConnectorsNames) {
  const auto options = Parse({{"AWS_REGION", "eu-west-1"},
                              {"dynamodb_endpoint", "http://127.0.0.1:8000"},
                              {"disable_glue", "true"},
                              {"disable_projection_and_casing", "always"},
                              {"cross_account_role_arn", "arn:aws:iam::1:role/x"},
                              {"schema_inference_mode", "last"}});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->endpoint.region, "eu-west-1");
  EXPECT_EQ(options->endpoint.endpoint, "http://127.0.0.1:8000");
  EXPECT_EQ(options->endpoint.role_arn, "arn:aws:iam::1:role/x");
  EXPECT_FALSE(options->use_definitions);
  EXPECT_EQ(options->casing, Casing::kAlways);
  EXPECT_EQ(options->inference.items, 4);
}

TEST(OptionsTest, DescribeTables) {
  const auto options = Parse({{"tables.0.name", "part"},
                              {"tables.0.source_table", "Part-1"},
                              {"tables.0.columns.p_partkey", "bigint"}});
  ASSERT_TRUE(options.ok()) << options.status();
  ASSERT_EQ(options->tables.size(), 1U);
  EXPECT_EQ(options->tables[0].database, "default");
  EXPECT_EQ(options->tables[0].parameters.at("sourceTable"), "Part-1");
}

TEST(OptionsTest, WrongOnesAreNamed) {
  const auto error = [](sdk::OptionList options) {
    return std::string(Parse(std::move(options)).status().message());
  };
  EXPECT_THAT(error({{"endpoint", "127.0.0.1:8000"}}), HasSubstr("'endpoint' must be a URL"));
  EXPECT_THAT(error({{"access_key", "a"}}), HasSubstr("'secret_key' is missing"));
  EXPECT_THAT(error({{"session_token", "t"}}), HasSubstr("session_token"));
  EXPECT_THAT(error({{"profile", "p"}, {"access_key", "a"}, {"secret_key", "s"}}),
              HasSubstr("set one of them"));
  EXPECT_THAT(error({{"schema_inference_mode", "guess"}}), HasSubstr("merge or last"));
  EXPECT_THAT(error({{"type_mismatch", "ignore"}}), HasSubstr("error or null"));
  EXPECT_THAT(error({{"disable_projection_and_casing", "x"}}), HasSubstr("auto, always or never"));
  EXPECT_THAT(error({{"schema_inference_items", "0"}}), HasSubstr("schema_inference_items"));
}

}  // namespace
}  // namespace pallas::dynamodb
