#ifndef PALLAS_CLI_CONFIG_H_
#define PALLAS_CLI_CONFIG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "federation/source.h"
#include "lake/text_options.h"
#include "sdk/runtime/connector_options.h"
#include "sql/session.h"

namespace pallas::cli {

// One `[catalogs.<name>]` of the configuration.
struct CatalogConfig {
  std::string name;       // lower case
  std::string connector;  // "mysql"
  // The catalog's other keys as they were written, nested ones with dots ("tables.0.name"), in the
  // order of the file, then those of the environment; secrets as references.
  sdk::OptionList options;
  federation::SourceOptions source;
};

// One `[s3.<name>]`: a real S3 service and the buckets that are there.
struct S3Config {
  std::string name;
  std::vector<std::string> buckets;
  std::string endpoint;
  std::string region;  // empty: AWS_REGION, AWS_DEFAULT_REGION, else us-east-1
  std::optional<bool> path_style;
  std::string access_key, secret_key, session_token;  // references to secrets, or values
  std::string profile;
  bool anonymous = false;
  std::string ca_file;
};

// Everything a process is told at start (design section 9).
struct Config {
  std::string data_dir;  // empty: the default folder
  std::vector<CatalogConfig> catalogs;
  std::vector<std::string> lake_roots;  // folders below which file:// locations may lie
  lake::TextOptions text;               // how text files of the lake are read
  std::vector<S3Config> s3;
  // How Lambda functions are called that no catalog names: "lambda:<function>" and external
  // functions. Empty: they are not.
  sdk::OptionList lambda;
  std::optional<int64_t> memory_limit_bytes;
  std::optional<int> threads;
  std::string temp_dir;  // empty: <data>/tmp
  sql::DialectOptions dialect;
  int time_zone_key = kUtcZoneKey;
};

// Reads a TOML text; `origin` names it in errors. A value can be overridden by the environment
// variable of its path: `engine.memory_limit` by PALLAS_ENGINE_MEMORY_LIMIT, and
// `catalogs.mysql.host` by PALLAS_CATALOGS_MYSQL_HOST (`environment` is environ's form).
// An unknown key or a value of the wrong type is an error with file, line and key.
absl::StatusOr<Config> ParseConfig(std::string_view toml, const std::string& origin,
                                   const std::vector<std::string>& environment);

// ParseConfig of a file; an empty path is an empty configuration.
absl::StatusOr<Config> LoadConfig(const std::string& path,
                                  const std::vector<std::string>& environment);

// "512MB", "2GiB", "1073741824".
absl::StatusOr<int64_t> ParseByteSize(std::string_view text);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_CONFIG_H_
