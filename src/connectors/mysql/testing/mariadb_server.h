#ifndef PALLAS_CONNECTORS_MYSQL_TESTING_MARIADB_SERVER_H_
#define PALLAS_CONNECTORS_MYSQL_TESTING_MARIADB_SERVER_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "connectors/mysql/connection.h"
#include "sdk/connector.h"

namespace pallas::mysql {

// A MariaDB server of its own for tests and benchmarks, made by tools/servers/mariadb in a
// temporary folder. The destructor stops it and removes the folder. The working folder must be the
// top of the repository. One thread.
class MariaDbServer {
 public:
  // The user of the catalogs, who may read everything.
  static constexpr char kUser[] = "pallas";
  static constexpr char kPassword[] = "se'cret \"pässword";

  // `options` are those of mariadbd.
  static absl::StatusOr<std::unique_ptr<MariaDbServer>> Start(
      const std::vector<std::string>& options = {});
  ~MariaDbServer();
  MariaDbServer(const MariaDbServer&) = delete;
  MariaDbServer& operator=(const MariaDbServer&) = delete;

  // Runs statements, separated by semicolons, as root on one session.
  absl::Status Execute(std::string_view sql);
  // The answer to one question as root, all text as the server writes it.
  absl::StatusOr<Rows> Query(std::string_view sql);

  // Ends the server at once, as a crash would; and starts it again on the same port and data.
  absl::Status Kill();
  absl::Status Restart(const std::vector<std::string>& options = {});

  // A catalog of the connector "mysql" on this server, with more options or other ones.
  absl::StatusOr<std::unique_ptr<sdk::Connector>> MakeConnector(
      const std::map<std::string, std::string>& options = {}) const;

  int port() const { return port_; }

  const std::string& folder() const { return folder_; }

 private:
  explicit MariaDbServer(std::string folder) : folder_(std::move(folder)) {}

  absl::StatusOr<std::unique_ptr<MYSQL, void (*)(MYSQL*)>> Root();

  std::string folder_;
  int port_ = 0;
};

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_TESTING_MARIADB_SERVER_H_
