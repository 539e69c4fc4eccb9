#include <cstdlib>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "sdk/runtime/connector_options.h"
#include "sdk/runtime/connector_registry.h"
#include "sdk/secrets/secret_resolver.h"
#include "sdk/testing/memory_connector.h"

namespace pallas::sdk {
namespace {

using testing::HasSubstr;

TEST(ConnectorOptionsTest, AliasesAreOneOption) {
  const ConnectorOptions options("shop", "mysql", {{"Port", "3306"}, {"tls", "true"}});
  EXPECT_EQ(*options.GetInt({"port", "jdbc_port"}, 1, 65535), 3306);
  EXPECT_EQ(*options.GetBool({"tls"}), true);
  EXPECT_EQ(*options.GetString({"host"}), std::nullopt);
  EXPECT_TRUE(options.UnreadKeys().empty());

  const ConnectorOptions twice("shop", "mysql", {{"port", "1"}, {"jdbc_port", "2"}});
  EXPECT_THAT(twice.GetString({"port", "jdbc_port"}).status().message(),
              HasSubstr("'port' and 'jdbc_port' mean the same"));
}

TEST(ConnectorOptionsTest, BadValuesNameTheKey) {
  const ConnectorOptions options("shop", "mysql", {{"port", "99999"}, {"tls", "perhaps"}});
  EXPECT_THAT(options.GetInt({"port"}, 1, 65535).status().message(),
              HasSubstr("option 'port' must be a whole number from 1 to 65535, not '99999'"));
  EXPECT_THAT(options.GetBool({"tls"}).status().message(), HasSubstr("option 'tls'"));
}

TEST(ConnectorRegistryTest, UnknownKindsAndOptionsAreErrors) {
  ConnectorRegistry registry;
  registry.Register("memory",
                    [](const ConnectorOptions& options,
                       const ConnectorEnvironment&) -> absl::StatusOr<std::unique_ptr<Connector>> {
                      const auto read = options.GetString({"name"});
                      if (!read.ok()) {
                        return read.status();
                      }
                      return std::make_unique<MemoryConnector>(std::vector<MemoryTable>{});
                    });
  EXPECT_TRUE(registry.Make(ConnectorOptions("m", "memory", {{"name", "x"}}), {}).ok());
  EXPECT_THAT(registry.Make(ConnectorOptions("m", "oracle", {}), {}).status().message(),
              HasSubstr("no connector is of the kind 'oracle'; there are: memory"));
  EXPECT_THAT(
      registry.Make(ConnectorOptions("m", "memory", {{"nmae", "x"}}), {}).status().message(),
      HasSubstr("has no option 'nmae'"));
}

class OneSecret final : public SecretResolver {
 public:
  absl::StatusOr<std::string> GetSecret(std::string_view name) override {
    if (name != "shop") {
      return absl::NotFoundError("no such secret");
    }
    return R"({"username": "ann", "password": "p${x}w", "port": 3306})";
  }
};

TEST(SecretsTest, ReferencesAreReplaced) {
  OneSecret store;
  ASSERT_EQ(setenv("PALLAS_TEST_SECRET", "from env", 1), 0);
  EXPECT_EQ(*ResolveSecrets("a ${env:PALLAS_TEST_SECRET} b", nullptr), "a from env b");
  EXPECT_EQ(*ResolveSecrets("${shop#password}", &store), "p${x}w");
  EXPECT_EQ(*ResolveSecrets("${secret:shop#port}", &store), "3306");
  EXPECT_EQ(*ResolveSecrets("plain $text {x}", nullptr), "plain $text {x}");
  const std::string path = testing::TempDir() + "/pallas_secret";
  std::ofstream(path) << "from file\n";
  EXPECT_EQ(*ResolveSecrets("${file:" + path + "}", nullptr), "from file");
}

TEST(SecretsTest, ErrorsNameTheReference) {
  OneSecret store;
  EXPECT_THAT(ResolveSecrets("${env:PALLAS_NOT_SET}", nullptr).status().message(),
              HasSubstr("PALLAS_NOT_SET"));
  EXPECT_THAT(ResolveSecrets("${shop}", nullptr).status().message(),
              HasSubstr("no secret store is configured"));
  EXPECT_TRUE(absl::IsNotFound(ResolveSecrets("${shop#nokey}", &store).status()));
  EXPECT_FALSE(ResolveSecrets("${shop", &store).ok());
  EXPECT_THAT(ResolveSecrets("${file:/does/not/exist}", nullptr).status().message(),
              HasSubstr("/does/not/exist"));
}

}  // namespace
}  // namespace pallas::sdk
