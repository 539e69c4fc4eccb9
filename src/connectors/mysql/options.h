#ifndef PALLAS_CONNECTORS_MYSQL_OPTIONS_H_
#define PALLAS_CONNECTORS_MYSQL_OPTIONS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "sdk/runtime/connector_options.h"

namespace pallas::mysql {

inline constexpr int kDefaultPort = 3306;
// The most ranges of keys that one table is cut into.
inline constexpr int64_t kMaxSplits = 1000;

// As the drivers call them. From kRequired on, a connection without TLS is an error.
enum class SslMode { kDisabled, kPreferred, kRequired, kVerifyCa, kVerifyIdentity };

struct HostPort {
  std::string host;
  int port = kDefaultPort;

  bool operator==(const HostPort&) const = default;
};

// Where the server is and who we are. Texts may hold references to secrets (`${...}`), which are
// resolved at each connection, so that a rotated secret takes effect.
struct ServerOptions {
  std::vector<HostPort> hosts;  // tried in this order
  std::string user;
  std::string password;
  std::string credentials;  // a reference to a JSON object with username and password; or empty
  std::string database;     // the session's default; may be empty
  SslMode ssl_mode = SslMode::kPreferred;
  std::string ssl_ca;    // PEM files
  std::string ssl_cert;  // of the client
  std::string ssl_key;
  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration read_timeout = absl::InfiniteDuration();  // of one answer of the server
};

// What some types are read as.
struct TypeOptions {
  bool tiny_int1_is_bit = true;         // TINYINT(1) is boolean
  bool year_is_date = false;            // YEAR is a date, its 1 January
  bool decimal_overflow_fails = false;  // DECIMAL(p > 38) is DECIMAL(38, s), else VARCHAR
};

// Tables without partitions are read in up to `max_splits` ranges of an integer primary key, each
// of at least about `min_rows` rows.
struct SplitOptions {
  int64_t max_splits = 1;
  int64_t min_rows = 10'000;
};

struct MySqlOptions {
  ServerOptions server;
  TypeOptions types;
  SplitOptions splits;
  bool list_system_databases = false;
  bool passthrough = true;  // queries in the server's own SQL
  int metadata_connections = 2;
};

// The options of a catalog. INVALID_ARGUMENT says which one is wrong; no message holds a value that
// may be secret.
absl::StatusOr<MySqlOptions> ParseOptions(const sdk::ConnectorOptions& options);

// Reads `mysql://jdbc:mysql://host[:port][,...]/[database][?key=value&...]` into `options`.
absl::Status ParseConnectionString(std::string_view text, MySqlOptions& options);

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_OPTIONS_H_
