#include "federation/remote_catalog.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pallas::federation {
namespace {

using testing::HasSubstr;

absl::Status Make(sdk::OptionList options) {
  sdk::ConnectorRegistry registry;
  registry.Register(kRemoteConnectorKind, MakeRemoteCatalog);
  return registry.Make({"java", kRemoteConnectorKind, std::move(options)}, {}).status();
}

TEST(RemoteCatalogTest, SettingsThatAreRight) {
  EXPECT_EQ(Make({{"lambda", "f"}}), absl::OkStatus());
  EXPECT_EQ(Make({{"metadata_lambda", "m"}, {"record_lambda", "r"}, {"profile", "p"}}),
            absl::OkStatus());
  EXPECT_EQ(Make({{"lambda", "arn:aws:lambda:eu-west-1:123456789012:function:f"},
                  {"endpoint", "http://127.0.0.1:9001"},
                  {"access_key", "${env:KEY}"},
                  {"secret_key", "${env:SECRET}"},
                  {"spill_location", "s3://bucket/a/prefix/"},
                  {"spill_endpoint", "http://127.0.0.1:9000"},
                  {"max_block_size", "1000000"},
                  {"max_inline_block_size", "0"}}),
            absl::OkStatus());
}

TEST(RemoteCatalogTest, SettingsThatAreWrongAreNamed) {
  const auto message = [](sdk::OptionList options) {
    const absl::Status status = Make(std::move(options));
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(message({}), HasSubstr("catalogs.java.lambda is missing"));
  EXPECT_THAT(message({{"metadata_lambda", "m"}}), HasSubstr("catalogs.java.lambda is missing"));
  EXPECT_THAT(message({{"lambda", "f"}, {"record_lambda", "r"}}), HasSubstr("stands for both"));
  EXPECT_THAT(message({{"lambda", "f"}, {"endpoint", "127.0.0.1:9001"}}),
              HasSubstr("catalogs.java.endpoint must be a URL"));
  EXPECT_THAT(message({{"lambda", "f"}, {"spill_endpoint", "x"}}),
              HasSubstr("catalogs.java.spill_endpoint must be a URL"));
  EXPECT_THAT(message({{"lambda", "f"}, {"spill_location", "bucket/prefix"}}),
              HasSubstr("must be s3://<bucket>/<prefix>"));
  EXPECT_THAT(message({{"lambda", "f"}, {"access_key", "a"}}),
              HasSubstr("catalogs.java.secret_key is missing"));
  EXPECT_THAT(message({{"lambda", "f"}, {"max_block_size", "-1"}}), HasSubstr("max_block_size"));
  EXPECT_THAT(message({{"lambda", "f"}, {"nonsense", "1"}}), HasSubstr("nonsense"));
}

TEST(RemoteCatalogTest, UnregisteredFunctionsHaveTheSettingsOfOneSection) {
  EXPECT_TRUE(MakeLambdaSources({{"endpoint", "http://127.0.0.1:9001"}}, {}).ok());
  EXPECT_TRUE(MakeExternalFunctionInvoker({{"region", "eu-west-1"}}, {}).ok());
  EXPECT_THAT(MakeLambdaSources({{"endpoint", "x"}}, {}).status().message(),
              HasSubstr("lambda.endpoint must be a URL"));
  EXPECT_THAT(MakeExternalFunctionInvoker({{"lambda", "f"}}, {}).status().message(),
              HasSubstr("unknown key lambda.lambda"));
  const auto sources = MakeLambdaSources({{"region", "eu-west-1"}}, {});
  const auto source = (*sources)->Open("lambda:F", "F");
  ASSERT_TRUE(source.ok()) << source.status();
  EXPECT_EQ((*source)->catalog(), "lambda:F");
}

}  // namespace
}  // namespace pallas::federation
