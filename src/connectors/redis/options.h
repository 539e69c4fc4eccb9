#ifndef PALLAS_CONNECTORS_REDIS_OPTIONS_H_
#define PALLAS_CONNECTORS_REDIS_OPTIONS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "sdk/model/table_definition.h"
#include "sdk/runtime/connector_options.h"
#include "sdk/secrets/secret_resolver.h"

namespace pallas::redis {

inline constexpr int kDefaultPort = 6379;

struct HostPort {
  std::string host;
  int port = kDefaultPort;

  auto operator<=>(const HostPort&) const = default;

  // `db.example:6379`, `[::1]:6379`
  std::string ToString() const;
};

// What is checked of a server's certificate: chain and name, the chain only, nothing.
enum class TlsVerify { kFull, kCa, kNone };

struct TlsOptions {
  bool enabled = false;
  TlsVerify verify = TlsVerify::kFull;
  std::string ca_file;  // empty: the system's authorities
  std::string cert_file;
  std::string key_file;
  std::string server_name;  // empty: the host of the connection

  bool operator==(const TlsOptions&) const = default;
};

// Where a server is and who we are there; texts may hold references to secrets.
struct Endpoint {
  std::vector<HostPort> hosts;  // of a cluster any of its nodes; else tried in order
  std::string user;
  std::string password;
  std::string whole_reference;  // instead of all above: `${name}`, whose secret is an endpoint
  bool has_tls = false;         // rediss://
  int database = -1;            // of a URL; -1: not said

  bool operator==(const Endpoint&) const = default;
};

// How to reach the server of a catalog or a table.
struct ServerOptions {
  Endpoint endpoint;
  std::string credentials;  // instead of user and password: reference to a JSON object with both
  TlsOptions tls;
  bool cluster = false;
  int database = 0;
  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration command_timeout = absl::Seconds(10);  // without a byte from the server

  bool operator==(const ServerOptions&) const = default;
};

struct RedisOptions {
  std::string catalog;
  ServerOptions server;
  bool has_server = false;  // false: only tables with an endpoint of their own can be read
  int64_t scan_count = 1000;
  std::vector<sdk::TableDefinition> tables;
};

// INVALID_ARGUMENT names the catalog and the option.
absl::StatusOr<RedisOptions> ParseOptions(const sdk::ConnectorOptions& options);

// `host:port`, `host:port:password` (the password is all that follows), a list of `host:port`
// separated by commas, `redis[s]://[user[:password]@]host:port[,...][/database]`, addresses of IPv6
// in brackets, or one reference that stands for all of it. Errors hold no part of the text.
absl::StatusOr<Endpoint> ParseEndpoint(std::string_view text);

// `server` with all references resolved. UNAUTHENTICATED names a secret that is not as it should
// be, never its value.
absl::StatusOr<ServerOptions> ResolveServer(const ServerOptions& server,
                                            sdk::SecretResolver* secrets);

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_OPTIONS_H_
