#include "cli/config.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pallas::cli {
namespace {

using testing::HasSubstr;

constexpr char kFile[] = "pallas.toml";

TEST(ConfigTest, ReadsEverySection) {
  const absl::StatusOr<Config> config = ParseConfig(R"(
data = "/var/lib/pallas"

[engine]
memory_limit = "2GiB"
threads = 3
temp_dir = "/fast/tmp"

[lake]
local_roots = ["/data/a", "/data/b"]

[session]
time_zone = "Europe/Paris"

[dialect]
decimal_literals = "decimal"
decimal_arithmetic = "trino-481"
char_coercion = "trino-482"
level = 484

[catalogs.MySQL]
connector = "mysql"
host = "127.0.0.1"
port = 3306
password = "${env:MYSQL_PASSWORD}"
invalid_utf8 = "replace"

[catalogs.mysql.limits]
max_concurrency = 2
max_requests_per_second = 12.5
)",
                                                    kFile, {});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->data_dir, "/var/lib/pallas");
  EXPECT_EQ(config->memory_limit_bytes, int64_t{2} << 30);
  EXPECT_EQ(config->threads, 3);
  EXPECT_EQ(config->temp_dir, "/fast/tmp");
  EXPECT_EQ(config->lake_roots, (std::vector<std::string>{"/data/a", "/data/b"}));
  EXPECT_EQ(config->dialect.decimal_literals, sql::DialectOptions::DecimalLiterals::kDecimal);
  EXPECT_EQ(config->dialect.decimal_arithmetic, sql::DialectOptions::DecimalArithmetic::kTrino481);
  EXPECT_EQ(config->dialect.char_coercion, sql::DialectOptions::CharCoercion::kTrino482);
  EXPECT_EQ(config->dialect.level, 484);
  ASSERT_EQ(config->catalogs.size(), 1U);
  const CatalogConfig& mysql = config->catalogs[0];
  EXPECT_EQ(mysql.name, "mysql");
  EXPECT_EQ(mysql.connector, "mysql");
  // A secret stays a reference: the connector resolves it when it connects.
  EXPECT_EQ(mysql.options,
            (sdk::OptionList{
                {"host", "127.0.0.1"}, {"port", "3306"}, {"password", "${env:MYSQL_PASSWORD}"}}));
  EXPECT_EQ(mysql.source.invalid_utf8, federation::InvalidUtf8::kReplace);
  EXPECT_EQ(mysql.source.limits.max_concurrency, 2);
  EXPECT_EQ(mysql.source.limits.max_requests_per_second, 12.5);
}

TEST(ConfigTest, EnvironmentWins) {
  const absl::StatusOr<Config> config =
      ParseConfig("[catalogs.my_sales]\nconnector = \"mysql\"\nhost = \"a\"\n", kFile,
                  {"PALLAS_CATALOGS_MY_SALES_HOST=b", "PALLAS_CATALOGS_MY_SALES_USER=app",
                   "PALLAS_ENGINE_MEMORY_LIMIT=512MB", "PALLAS_S3_MAIN_REGION=eu-west-1",
                   "PALLAS_S3_MAIN_BUCKETS=b", "PATH=/bin"});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->s3.at(0).region, "eu-west-1");
  EXPECT_EQ(config->catalogs[0].options, (sdk::OptionList{{"host", "b"}, {"user", "app"}}));
  EXPECT_EQ(config->memory_limit_bytes, 512 * 1000 * 1000);
}

TEST(ConfigTest, NestedKeysKeepTheirCaseAndOrder) {
  const absl::StatusOr<Config> config = ParseConfig(R"(
[catalogs.cache]
connector = "redis"
[[catalogs.cache.tables]]
name = "Nation"
columns = { zeta = "int", Alpha = "varchar" }
)",
                                                    kFile, {});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->catalogs[0].options, (sdk::OptionList{{"tables.0.name", "Nation"},
                                                          {"tables.0.columns.zeta", "int"},
                                                          {"tables.0.columns.Alpha", "varchar"}}));
}

TEST(ConfigTest, BucketsOfServices) {
  const absl::StatusOr<Config> config = ParseConfig(R"(
[s3.Main]
buckets = ["sales", "raw-*"]
region = "eu-central-1"
profile = "lake"

[s3.office]
buckets = ["office"]
endpoint = "https://s3.office.example:9000"
path_style = false
access_key = "${env:OFFICE_KEY}"
secret_key = "${env:OFFICE_SECRET}"
ca_file = "/etc/office.pem"

[s3.open]
buckets = ["open-data"]
anonymous = true
)",
                                                    kFile, {});
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->s3.size(), 3U);
  const S3Config& main = config->s3[0];
  EXPECT_EQ(main.name, "main");
  EXPECT_EQ(main.buckets, (std::vector<std::string>{"sales", "raw-*"}));
  EXPECT_EQ(main.region, "eu-central-1");
  EXPECT_EQ(main.profile, "lake");
  EXPECT_EQ(main.path_style, std::nullopt);
  const S3Config& office = config->s3[1];
  EXPECT_EQ(office.endpoint, "https://s3.office.example:9000");
  EXPECT_EQ(office.path_style, false);
  EXPECT_EQ(office.access_key, "${env:OFFICE_KEY}");
  EXPECT_EQ(office.secret_key, "${env:OFFICE_SECRET}");
  EXPECT_EQ(office.ca_file, "/etc/office.pem");
  EXPECT_TRUE(config->s3[2].anonymous);
}

struct BadCase {
  std::string name;
  std::string toml;
  std::string message;
};

class ConfigErrorTest : public testing::TestWithParam<BadCase> {};

TEST_P(ConfigErrorTest, SaysWhatAndWhere) {
  const absl::StatusOr<Config> config = ParseConfig(GetParam().toml, kFile, {});
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(std::string(config.status().message()), HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Config, ConfigErrorTest,
    testing::Values(
        BadCase{"Syntax", "\n[engine\n", "pallas.toml:2"},
        BadCase{"UnknownKey", "[engine]\nthreds = 2\n", "pallas.toml:2: unknown key engine.threds"},
        BadCase{"WrongType", "[engine]\nthreads = \"many\"\n",
                "pallas.toml:2: engine.threads = 'many' is not a whole number from 1 to 1024"},
        BadCase{"WrongSize", "[engine]\nmemory_limit = \"2 apples\"\n", "a size such as 512MB"},
        BadCase{"Choice", "[dialect]\ndecimal_literals = \"float\"\n", "one of double, decimal"},
        BadCase{"DecimalArithmetic", "[dialect]\ndecimal_arithmetic = \"477\"\n",
                "pallas.toml:2: dialect.decimal_arithmetic = '477' is not one of trino-476, "
                "trino-481"},
        BadCase{"CharCoercion", "[dialect]\nchar_coercion = \"new\"\n",
                "one of trino-476, trino-482"},
        BadCase{"Level", "[dialect]\nlevel = 407\n",
                "dialect.level = '407' is not a whole number from 476 to 484"},
        BadCase{"Zone", "[session]\ntime_zone = \"Mars/Base\"\n", "a time zone such as UTC"},
        BadCase{"NoConnector", "[catalogs.a]\nhost = \"h\"\n", "catalogs.a has no connector"},
        BadCase{"NotATable", "catalogs.a = 1\n", "write [catalogs.a]"},
        BadCase{"S3WithoutName", "[s3]\nregion = \"x\"\n", "write [s3.<name>]"},
        BadCase{"S3UnknownKey", "[s3.a]\nbucket = \"x\"\n",
                "pallas.toml:2: unknown key s3.a.bucket; known are s3.<name>.buckets"},
        BadCase{"S3WithoutBuckets", "[s3.a]\nregion = \"x\"\n", "s3.a names no buckets"},
        BadCase{"S3HalfAKey", "[s3.a]\nbuckets = [\"b\"]\naccess_key = \"k\"\n",
                "needs access_key and secret_key"},
        BadCase{"S3TwoWays", "[s3.a]\nbuckets = [\"b\"]\nprofile = \"p\"\nanonymous = true\n",
                "only one can be set"},
        BadCase{"Twice", "[engine]\nthreads = 1\nThreads = 2\n", "is set twice"}),
    [](const auto& test) { return test.param.name; });

TEST(ConfigTest, MissingFileNamesTheOption) {
  const absl::StatusOr<Config> config = LoadConfig("/nonexistent/pallas.toml", {});
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(std::string(config.status().message()), HasSubstr("--config"));
}

TEST(ParseByteSizeTest, UnitsAndLimits) {
  EXPECT_EQ(*ParseByteSize("17"), 17);
  EXPECT_EQ(*ParseByteSize("1 kb"), 1000);
  EXPECT_EQ(*ParseByteSize("1KiB"), 1024);
  EXPECT_FALSE(ParseByteSize("9999999999GiB").ok());
  EXPECT_FALSE(ParseByteSize("-1").ok());
  EXPECT_FALSE(ParseByteSize("").ok());
}

}  // namespace
}  // namespace pallas::cli
