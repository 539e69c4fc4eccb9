#include "connectors/redis/options.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/redis/connector.h"
#include "connectors/redis/source_table.h"
#include "sdk/runtime/connector_registry.h"

namespace pallas::redis {
namespace {

using testing::HasSubstr;
using testing::Not;

struct EndpointCase {
  std::string text;
  std::vector<HostPort> hosts;
  std::string user;
  std::string password;
  bool tls = false;
  int database = -1;
};

TEST(EndpointTest, Red8AllForms) {
  const std::vector<EndpointCase> cases = {
      {"h:1", {{"h", 1}}, "", ""},
      {"h", {{"h", 6379}}, "", ""},
      {"h:1:pass:with:colons", {{"h", 1}}, "", "pass:with:colons"},
      {"h:1:p,q", {{"h", 1}}, "", "p,q"},
      {"h:1,g:2,[::1]:3", {{"h", 1}, {"g", 2}, {"::1", 3}}, "", ""},
      {"h:1,g:2:p", {{"h", 1}, {"g", 2}}, "", "p"},
      {"[fe80::1]:7:p", {{"fe80::1", 7}}, "", "p"},
      {"h:1:${redis}", {{"h", 1}}, "", "${redis}"},
      {"redis://h", {{"h", 6379}}, "", ""},
      {"redis://u:p%40x@h:1/3", {{"h", 1}}, "u", "p@x", false, 3},
      {"redis://:p@h:1", {{"h", 1}}, "", "p"},
      {"redis://u:${secret:a#b}@h:1", {{"h", 1}}, "u", "${secret:a#b}"},
      {"rediss://u@[::1]:1,h:2/0", {{"::1", 1}, {"h", 2}}, "u", "", true, 0},
  };
  for (const EndpointCase& one : cases) {
    const auto endpoint = ParseEndpoint(one.text);
    ASSERT_TRUE(endpoint.ok()) << one.text << endpoint.status();
    EXPECT_EQ(endpoint->hosts, one.hosts) << one.text;
    EXPECT_EQ(endpoint->user, one.user) << one.text;
    EXPECT_EQ(endpoint->password, one.password) << one.text;
    EXPECT_EQ(endpoint->has_tls, one.tls) << one.text;
    EXPECT_EQ(endpoint->database, one.database) << one.text;
  }
  EXPECT_EQ(ParseEndpoint("${whole}")->whole_reference, "${whole}");
  for (const char* const bad : {"", ":1", "h:port", "h:0", "h:65536", "[::1", "[::1]x",
                                "redis://h/x", "redis://h:1:secret", "redis://u:%4@h"}) {
    const auto endpoint = ParseEndpoint(bad);
    EXPECT_TRUE(absl::IsInvalidArgument(endpoint.status())) << bad << endpoint.status();
    EXPECT_THAT(endpoint.status().message(), Not(HasSubstr("secret")));
  }
}

// Secrets by name.
class Secrets final : public sdk::SecretResolver {
 public:
  absl::StatusOr<std::string> GetSecret(std::string_view name) override {
    if (name == "plain") {
      return "p:w";
    }
    if (name == "login") {
      return R"({"username": "u", "password": "w"})";
    }
    if (name == "whole") {
      return "h:1:w";
    }
    return absl::NotFoundError(absl::StrCat("no secret ", name));
  }
};

TEST(EndpointTest, SecretsAreResolved) {
  Secrets secrets;
  ServerOptions server;
  server.endpoint = *ParseEndpoint("h:1:${plain}");
  EXPECT_EQ(ResolveServer(server, &secrets)->endpoint.password, "p:w");
  server.endpoint = *ParseEndpoint("h:1:${login}");
  EXPECT_EQ(ResolveServer(server, &secrets)->endpoint.user, "u");
  EXPECT_EQ(ResolveServer(server, &secrets)->endpoint.password, "w");
  server.endpoint = *ParseEndpoint("${whole}");
  EXPECT_EQ(ResolveServer(server, &secrets)->endpoint.hosts, (std::vector<HostPort>{{"h", 1}}));
  EXPECT_EQ(ResolveServer(server, &secrets)->endpoint.password, "w");
  server.endpoint = *ParseEndpoint("h:1:${none}");
  EXPECT_FALSE(ResolveServer(server, &secrets).ok());
  server.endpoint = *ParseEndpoint("h:1");
  server.credentials = "${login}";
  EXPECT_EQ(ResolveServer(server, &secrets)->endpoint.user, "u");
  server.credentials = "${plain}";
  const absl::Status status = ResolveServer(server, &secrets).status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("${plain}"));
  EXPECT_THAT(status.message(), Not(HasSubstr("p:w")));
}

absl::Status Make(sdk::OptionList options) {
  sdk::ConnectorRegistry registry;
  registry.Register(kConnectorKind, &MakeRedisConnector);
  return registry.Make(sdk::ConnectorOptions("cache", kConnectorKind, std::move(options)), {})
      .status();
}

sdk::OptionList WithTable(sdk::OptionList options, const sdk::OptionList& table) {
  options.emplace_back("tables.0.schema", "s");
  options.emplace_back("tables.0.name", "t");
  for (const auto& [key, value] : table) {
    options.emplace_back(absl::StrCat("tables.0.", key), value);
  }
  return options;
}

TEST(OptionsTest, GoodOnes) {
  const sdk::OptionList table = {{"columns.a", "int"}, {"key_prefix", "p"}, {"value_type", "hash"}};
  EXPECT_TRUE(Make({}).ok());
  for (const sdk::OptionList& options : std::vector<sdk::OptionList>{
           {{"host", "h"}, {"port", "1"}, {"user", "u"}, {"password", "p"}, {"database", "3"}},
           {{"host", "::1"}, {"port", "1"}},
           {{"host", "a:1,b:2"}, {"cluster", "true"}},
           {{"endpoint", "rediss://h"},
            {"ca_file", "f"},
            {"server_name", "n"},
            {"tls_verify", "ca"}},
           {{"qpt_endpoint", "h:1"},
            {"qpt_ssl", "true"},
            {"qpt_cluster", "false"},
            {"qpt_db_number", "1"}},
           {{"host", "h"},
            {"credentials", "${x}"},
            {"scan_count", "10"},
            {"connect_timeout_ms", "5"},
            {"command_timeout_ms", "5"}}}) {
    const absl::Status status = Make(WithTable(options, table));
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST(OptionsTest, BadOnesSayWhatToDo) {
  struct Bad {
    sdk::OptionList options;
    std::string message;
  };

  const sdk::OptionList host = {{"host", "h"}};
  const std::vector<Bad> cases = {
      {{{"host", "h"}, {"endpoint", "h:1"}}, "either 'host' or 'endpoint'"},
      {{{"port", "1"}}, "'port' needs 'host'"},
      {{{"endpoint", "h:1:pw"}, {"password", "p"}}, "in 'endpoint' already"},
      {{{"host", "h"}, {"password", "p"}, {"credentials", "${x}"}}, "either 'credentials'"},
      {{{"host", "h"}, {"tls_verify", "some"}}, "full, ca or none"},
      {{{"host", "h"}, {"cert_file", "c"}}, "need one another"},
      {{{"host", "h"}, {"hots", "x"}}, "hots"},
      {WithTable(host, {{"key_prefix", "p"}, {"columns.a", "int"}}), "redis-value-type"},
      {WithTable(host, {{"value_type", "list"}, {"key_prefix", "p"}}), "literal, hash, zset"},
      {WithTable(host, {{"value_type", "hash"}}), "redis-keys-zset"},
      {WithTable(host, {{"value_type", "hash"}, {"key_prefix", "p"}, {"redis-key-prefix", "p"}}),
       "either key_prefix or redis-key-prefix"},
      {WithTable(host, {{"value_type", "hash"}, {"key_prefix", "p["}}), "without its ']'"},
      {WithTable(host, {{"value_type", "hash"}, {"key_prefix", "p"}, {"on_error", "skip"}}),
       "fail, null"},
      {WithTable(host, {{"value_type", "hash"}, {"key_prefix", "p"}, {"columns.a", "array<int>"}}),
       "column 'a'"},
      {WithTable(host, {{"value_type", "hash"}, {"key_prefix", "p"}, {"columns.a", "wrd"}}),
       "Column 'a'"},
      {WithTable(host, {{"value_type", "hash"}, {"key_prefix", "p"}, {"columns._key_", "int"}}),
       "_key_"},
      {WithTable(host, {{"value_type", "hash"},
                        {"key_prefix", "p"},
                        {"columns.a", "timestamp"},
                        {"datetimeFormatMapping", "a=dd MMM yyyy"}}),
       "'MMM'"},
      {WithTable(host, {{"value_type", "hash"},
                        {"key_prefix", "p"},
                        {"cluster", "true"},
                        {"redis-db-number", "2"}}),
       "database 0 only"},
      {WithTable(host, {{"value_type", "hash"}, {"key_prefix", "p"}, {"columns.a", "json"}}),
       "column 'a'"},
      {WithTable({{"host", "h"}, {"tls", "true"}},
                 {{"value_type", "hash"}, {"key_prefix", "p"}, {"redis-ssl-flag", "false"}}),
       "cannot turn off"},
      {WithTable({}, {{"value_type", "hash"}, {"key_prefix", "p"}}), "redis-endpoint"},
  };
  for (const Bad& bad : cases) {
    const absl::Status status = Make(bad.options);
    EXPECT_FALSE(status.ok()) << bad.message;
    EXPECT_THAT(std::string(status.message()), HasSubstr(bad.message));
    EXPECT_THAT(std::string(status.message()), HasSubstr("cache"));
  }
}

// The catalog's password goes to the catalog's server only.
TEST(OptionsTest, ATableElsewhereDoesNotGetTheCatalogsPassword) {
  RedisOptions options;
  options.has_server = true;
  options.server.endpoint = *ParseEndpoint("h:1:secret");
  sdk::TableDefinition definition;
  definition.database = "s";
  definition.name = "t";
  definition.parameters = {{"redis-key-prefix", "p*"}, {"redis-value-type", "hash"}};
  const auto password = [&](const std::string& endpoint) {
    definition.parameters["redis-endpoint"] = endpoint;
    const auto table = MakeTable(definition, DefinitionOrigin::kMetastore, options);
    EXPECT_TRUE(table.ok()) << table.status();
    return SourceTable::Make(*table, options)->server.endpoint.password;
  };
  EXPECT_EQ(password("h:1"), "secret");
  EXPECT_EQ(password("evil:1"), "");
  EXPECT_EQ(password("evil:1:${other}"), "${other}");
  // A password in clear stays out of the schema.
  definition.parameters["redis-endpoint"] = "h:1:in clear";
  const auto table = MakeTable(definition, DefinitionOrigin::kMetastore, options);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_THAT(table->schema->ToString(true), Not(HasSubstr("in clear")));
  EXPECT_TRUE(SourceTable::Make(*table, options)->password_in_definition);
  // Who writes definitions may not read the server's files through them.
  for (const char* const text : {"evil:1:${file:/etc/passwd}", "evil:1:${env:HOME}"}) {
    definition.parameters["redis-endpoint"] = text;
    EXPECT_TRUE(absl::IsPermissionDenied(
        MakeTable(definition, DefinitionOrigin::kMetastore, options).status()));
    EXPECT_TRUE(MakeTable(definition, DefinitionOrigin::kConfiguration, options).ok());
  }
}

}  // namespace
}  // namespace pallas::redis
