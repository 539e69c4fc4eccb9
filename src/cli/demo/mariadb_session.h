#ifndef PALLAS_CLI_DEMO_MARIADB_SESSION_H_
#define PALLAS_CLI_DEMO_MARIADB_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/demo/mariadb_server.h"
#include "cli/demo/tpch_tables.h"
#include <mysql.h>

#include "sdk/request_context.h"

namespace pallas::cli {

// A session that may write, unlike those of the connector. One thread at a time; a cancelled
// request breaks it.
class MariaDbSession {
 public:
  static absl::StatusOr<std::unique_ptr<MariaDbSession>> Open(const sdk::RequestContext& context,
                                                              int port,
                                                              const MariaDbAccount& account);
  ~MariaDbSession();
  MariaDbSession(const MariaDbSession&) = delete;
  MariaDbSession& operator=(const MariaDbSession&) = delete;

  // Runs a statement without rows; how many it has changed. A warning is an error.
  absl::StatusOr<int64_t> Execute(std::string_view sql);

  // The first cell of a statement's only row; empty if there is no row.
  absl::StatusOr<std::string> QueryText(std::string_view sql);

 private:
  MariaDbSession(const sdk::RequestContext& context, int port);

  absl::StatusOr<std::string> QueryCell(std::string_view sql, unsigned column);
  absl::Status Warning();
  absl::Status Error() const;

  sdk::RequestContext context_;
  int port_;
  MYSQL* mysql_ = nullptr;
  Cancellation::Registration registration_;
};

// Makes `table` and loads it, unless it is there with the rows of this scale. It appears with all
// of its rows or not at all. Returns how many rows were loaded; 0: they were there.
absl::StatusOr<int64_t> LoadIntoMariaDb(const sdk::RequestContext& context,
                                        const MariaDbServer& server, const TpchTable& table,
                                        TpchGenerator& generator);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_MARIADB_SESSION_H_
