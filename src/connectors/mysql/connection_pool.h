#ifndef PALLAS_CONNECTORS_MYSQL_CONNECTION_POOL_H_
#define PALLAS_CONNECTORS_MYSQL_CONNECTION_POOL_H_

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "connectors/mysql/connection.h"
#include "connectors/mysql/options.h"
#include "connectors/mysql/query_killer.h"
#include "sdk/request_context.h"

namespace pallas::mysql {

// The sessions of one catalog: a few kept for questions about metadata, and a new one for each
// scan. Borrows its arguments. Thread-safe.
class ConnectionPool {
 public:
  ConnectionPool(const MySqlOptions& options, sdk::SecretResolver* secrets, QueryKiller& killer,
                 sdk::DeadlineTimer& timer);

  // Asks one question on a kept session; waits while all of them are busy. Ends soon after a
  // cancel or the deadline.
  absl::StatusOr<Rows> Query(const sdk::RequestContext& context, std::string_view sql);

  // Likewise, the columns of what `sql` would answer.
  absl::StatusOr<std::vector<ResultColumn>> Describe(const sdk::RequestContext& context,
                                                     std::string_view sql);

  // A session of one scan, and the login it was opened with.
  struct Opened {
    std::unique_ptr<Connection> connection;
    Login login;
  };

  absl::StatusOr<Opened> Open(const sdk::RequestContext& context);

 private:
  // Reserves a place and takes a session that was kept, or null where a new one must be made.
  absl::StatusOr<std::unique_ptr<Opened>> Take(const sdk::RequestContext& context);
  // Gives the place back, and keeps `session` (may be null) if it is still usable.
  void Return(std::unique_ptr<Opened> session);
  // What `ask` makes of a kept session.
  template <typename Answer, typename Ask>
  absl::StatusOr<Answer> AskOn(const sdk::RequestContext& context, Opened& session, Ask ask);
  template <typename Answer, typename Ask>
  absl::StatusOr<Answer> AskAny(const sdk::RequestContext& context, Ask ask);

  const MySqlOptions& options_;
  sdk::SecretResolver* const secrets_;
  QueryKiller& killer_;
  sdk::DeadlineTimer& timer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Opened>> idle_;
  int busy_ = 0;
};

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_CONNECTION_POOL_H_
