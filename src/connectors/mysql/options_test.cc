#include "connectors/mysql/options.h"

#include <cstdlib>
#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/connector.h"
#include "sdk/secrets/secret_resolver.h"

namespace pallas::mysql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

absl::StatusOr<MySqlOptions> Parse(std::map<std::string, std::string> values,
                                   const std::string& catalog = "mysql_sales") {
  return ParseOptions(
      sdk::ConnectorOptions(catalog, "mysql", sdk::OptionList(values.begin(), values.end())));
}

absl::StatusOr<MySqlOptions> ParseString(const std::string& text) {
  return Parse({{"connection_string", text}});
}

TEST(MySqlOptionsTest, PlainOptions) {
  const auto options = Parse({{"host", "db1,db2:3310"},
                              {"port", "3307"},
                              {"user", "app"},
                              {"password", "${env:X}"},
                              {"database", "sales"},
                              {"sslMode", "REQUIRED"},
                              {"connectTimeout", "1500"},
                              {"splits", "4"}});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_THAT(options->server.hosts, ElementsAre(HostPort{"db1", 3307}, HostPort{"db2", 3310}));
  EXPECT_EQ(options->server.user, "app");
  EXPECT_EQ(options->server.password, "${env:X}");
  EXPECT_EQ(options->server.database, "sales");
  EXPECT_EQ(options->server.ssl_mode, SslMode::kRequired);
  EXPECT_EQ(options->server.connect_timeout, absl::Milliseconds(1500));
  EXPECT_EQ(options->splits.max_splits, 4);
}

TEST(MySqlOptionsTest, ConnectionStringOfALambdaIsTakenAsItIs) {
  const auto options = Parse(
      {{"mysql_sales_connection_string",
        "mysql://jdbc:mysql://db1,[::1]:3310/my%20sales?user=a%26b&password=p%3Dw&useSSL=true&"
        "requireSSL=true&tinyInt1isBit=false&yearIsDateType=true&socketTimeout=30000"}});
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_THAT(options->server.hosts, ElementsAre(HostPort{"db1", 3306}, HostPort{"::1", 3310}));
  EXPECT_EQ(options->server.database, "my sales");
  EXPECT_EQ(options->server.user, "a&b");
  EXPECT_EQ(options->server.password, "p=w");
  EXPECT_EQ(options->server.ssl_mode, SslMode::kRequired);
  EXPECT_FALSE(options->types.tiny_int1_is_bit);
  EXPECT_TRUE(options->types.year_is_date);
  EXPECT_EQ(options->server.read_timeout, absl::Seconds(30));
}

TEST(MySqlOptionsTest, ASecretIsCutOutOfTheConnectionString) {
  const auto options = ParseString("mysql://jdbc:mysql://db1:3306/sales?${prod/mysql}");
  ASSERT_TRUE(options.ok()) << options.status();
  EXPECT_EQ(options->server.credentials, "${prod/mysql}");
  EXPECT_EQ(options->server.database, "sales");
  const auto value = ParseString("mysql://jdbc:mysql://db1?user=u&password=${env:PW}");
  ASSERT_TRUE(value.ok()) << value.status();
  EXPECT_EQ(value->server.password, "${env:PW}");
}

TEST(MySqlOptionsTest, WrongOptionsAreErrorsWithoutTheirSecrets) {
  const std::map<std::string, std::string> bad = {
      {"jdbc:mysql://u:pw0rd@h/", "must start with the type of the database"},
      {"postgres://jdbc:postgresql://h/?password=pw0rd", "must start with the type"},
      {"mysql://h/?password=pw0rd", "jdbc:mysql://"},
      {"mysql://jdbc:mysql://h:x/?user=u&password=pw0rd", "'x' is not a port"},
      {"mysql://jdbc:mysql://h/?${a}&${b}&password=pw0rd", "more than one secret"},
      {"mysql://jdbc:mysql://h/?user=u&password=pw0rd%zz", "not followed by two hexadecimal"},
      {"mysql://jdbc:mysql://[::1/?user=u&password=pw0rd", "has no end"},
      {"mysql://jdbc:mysql:///db?user=u&password=pw0rd", "host name is missing"},
      {"mysql://jdbc:mysql://h/?user=u&password=pw0rd&sslMode=MAYBE", "sslMode must be"},
      {"mysql://jdbc:mysql://h/?user=u&password=pw0rd&sslMode=VERIFY_CA", "ssl_ca"},
      {"mysql://jdbc:mysql://h/?password=pw0rd", "'user' is missing"},
  };
  for (const auto& [text, message] : bad) {
    const auto options = ParseString(text);
    ASSERT_TRUE(absl::IsInvalidArgument(options.status())) << text;
    EXPECT_THAT(options.status().message(), HasSubstr(message)) << text;
    EXPECT_THAT(options.status().message(), HasSubstr("mysql_sales"));
    EXPECT_THAT(options.status().message(), Not(HasSubstr("pw0rd")));
  }
  EXPECT_FALSE(Parse({{"user", "u"}}).ok());
  EXPECT_FALSE(Parse({{"host", "h"}, {"user", "u"}, {"splits", "0"}}).ok());
  EXPECT_FALSE(Parse({{"host", "h"}, {"user", "u"}, {"casing_mode", "UPPER"}}).ok());
  EXPECT_FALSE(
      Parse({{"host", "h"}, {"connection_string", "mysql://jdbc:mysql://h/?user=u"}}).ok());
}

TEST(MySqlOptionsTest, AMisspeltOptionIsAnError) {
  sdk::ConnectorRegistry registry;
  registry.Register(kConnectorKind, &MakeMySqlConnector);
  const sdk::ConnectorOptions options("c", "mysql",
                                      {{"host", "h"}, {"user", "u"}, {"pasword", "p"}});
  const auto connector = registry.Make(options, {});
  EXPECT_THAT(connector.status().message(), HasSubstr("pasword"));
}

class OneSecret final : public sdk::SecretResolver {
 public:
  explicit OneSecret(std::string secret) : secret_(std::move(secret)) {}

  absl::StatusOr<std::string> GetSecret(std::string_view name) override {
    if (name != "prod/mysql") {
      return absl::NotFoundError("no such secret");
    }
    return secret_;
  }

 private:
  std::string secret_;
};

TEST(MySqlOptionsTest, LoginsComeFromSecrets) {
  ServerOptions options;
  options.credentials = "${prod/mysql}";
  OneSecret good(R"({"username": "app", "password": "it's \"x\"", "other": 1})");
  const auto login = ResolveLogin(options, &good);
  ASSERT_TRUE(login.ok()) << login.status();
  EXPECT_EQ(login->user, "app");
  EXPECT_EQ(login->password, "it's \"x\"");
  for (const char* const text : {"hush-hush", R"({"username": "hush-hush"})", "[]"}) {
    OneSecret bad(text);
    const auto refused = ResolveLogin(options, &bad);
    EXPECT_TRUE(absl::IsUnauthenticated(refused.status())) << refused.status();
    EXPECT_THAT(refused.status().message(), HasSubstr("${prod/mysql}"));
    EXPECT_THAT(refused.status().message(), Not(HasSubstr("hush-hush")));
    EXPECT_EQ(GetDetail(refused.status())->source_code, "INVALID_CREDENTIALS");
  }
  options = ServerOptions();
  options.user = "app";
  options.password = "${env:PALLAS_TEST_MYSQL_PASSWORD}";
  EXPECT_TRUE(absl::IsNotFound(ResolveLogin(options, nullptr).status()));
}

TEST(MySqlErrorTest, CodesSayWhatTheCallerCanDo) {
  const std::map<unsigned, absl::StatusCode> codes = {
      {1045, absl::StatusCode::kUnauthenticated},   {1044, absl::StatusCode::kPermissionDenied},
      {1142, absl::StatusCode::kPermissionDenied},  {1146, absl::StatusCode::kNotFound},
      {1049, absl::StatusCode::kNotFound},          {1054, absl::StatusCode::kInvalidArgument},
      {1040, absl::StatusCode::kResourceExhausted}, {1203, absl::StatusCode::kResourceExhausted},
      {1205, absl::StatusCode::kDeadlineExceeded},  {3024, absl::StatusCode::kDeadlineExceeded},
      {2002, absl::StatusCode::kUnavailable},       {2013, absl::StatusCode::kUnavailable},
      {2026, absl::StatusCode::kUnauthenticated},   {1927, absl::StatusCode::kUnavailable},
      {1064, absl::StatusCode::kInvalidArgument},
  };
  for (const auto& [code, want] : codes) {
    const absl::Status status = ToStatus(code, "text", {"db1", 3306});
    EXPECT_EQ(status.code(), want) << code;
    EXPECT_THAT(status.message(), HasSubstr("db1:3306"));
    EXPECT_FALSE(GetDetail(status)->source_code.empty());
  }
}

TEST(MySqlQuotingTest, Jdbc11NothingLeavesItsQuotes) {
  EXPECT_EQ(QuoteName("a`b"), "`a``b`");
  EXPECT_EQ(QuoteText("it's \\ ''"), "'it''s \\ '''''");
  EXPECT_EQ(QuoteBytes(std::string("\0'", 2)), "x'0027'");
}

}  // namespace
}  // namespace pallas::mysql
