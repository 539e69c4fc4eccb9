#ifndef PALLAS_CONNECTORS_MYSQL_CONNECTION_H_
#define PALLAS_CONNECTORS_MYSQL_CONNECTION_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include <mysql.h>

#include "connectors/mysql/options.h"
#include "sdk/request_context.h"
#include "sdk/runtime/deadline_timer.h"

namespace pallas::mysql {

// The rows of a small answer; nullopt is NULL.
using Row = std::vector<std::optional<std::string>>;
using Rows = std::vector<Row>;

// One row of a streamed answer: valid until the next one is fetched.
struct RowView {
  char** cells = nullptr;  // null: the end, or an error
  unsigned long* lengths = nullptr;
};

// A column of a result as the server describes it: its type as COLUMN_TYPE would have it.
struct ResultColumn {
  std::string label;
  std::string column_type;
  std::string character_set;  // empty: it is no text
};

// User and password, with all references resolved.
struct Login {
  std::string user;
  std::string password;
};

// The login of `options`. UNAUTHENTICATED names a secret that is not as it should be.
absl::StatusOr<Login> ResolveLogin(const ServerOptions& options, sdk::SecretResolver* secrets);

// How a session is set up: UTC, read-only, text in utf8mb4, no escapes by backslash (so that
// quoting is the doubling of quotes and nothing else), and patience with a reader that pauses.
std::string SessionStatement();

// One session on a server. One thread at a time, except Abort(). The destructor closes the socket
// and waits for nothing: an unread answer is thrown away with it.
class Connection {
 public:
  // Connects to the first of the hosts that answers. Ends soon after a cancel or the deadline, for
  // which `timer` is used during the call.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const sdk::RequestContext& context,
                                                          const ServerOptions& options,
                                                          const Login& login,
                                                          sdk::DeadlineTimer& timer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Sends `sql` and collects the answer, which must be small.
  absl::StatusOr<Rows> Query(std::string_view sql);

  // The columns of what `sql` would answer: it is prepared, not run. None: it answers no rows.
  absl::StatusOr<std::vector<ResultColumn>> Describe(std::string_view sql);

  // Sends `sql`; the answer is then fetched row by row. Returns when the first row is near.
  absl::Status Start(std::string_view sql);

  // REQUIRES: Start() was OK, and no end so far.
  RowView Fetch() {
    char** const cells = mysql_fetch_row(result_);
    return {cells, cells == nullptr ? nullptr : mysql_fetch_lengths(result_)};
  }

  // After Fetch() gave no row: OK at the end of the answer, else what went wrong.
  absl::Status End();

  // Breaks the socket: a call that waits on the server ends at once. Any thread; not after the
  // destructor has begun.
  void Abort();

  uint64_t id() const { return id_; }

  // Whether another statement may be sent.
  bool usable() const { return usable_ && !aborted_; }

  const HostPort& host() const { return host_; }

 private:
  explicit Connection(HostPort host) : host_(std::move(host)) {}

  static absl::StatusOr<std::unique_ptr<Connection>> OpenHost(const sdk::RequestContext& context,
                                                              const ServerOptions& options,
                                                              const Login& login,
                                                              const HostPort& host,
                                                              sdk::DeadlineTimer& timer);
  absl::Status SetOptions(const ServerOptions& options, absl::Duration time_left);
  absl::Status Connect(const sdk::RequestContext& context, const ServerOptions& options,
                       const Login& login, sdk::DeadlineTimer& timer);
  absl::Status HoldSocket();
  absl::Status Prepare(const sdk::RequestContext& context, const ServerOptions& options,
                       sdk::DeadlineTimer& timer);
  absl::Status ConnectError();
  absl::Status Error();

  HostPort host_;
  MYSQL* mysql_ = nullptr;
  MYSQL_RES* result_ = nullptr;
  std::mutex socket_mutex_;
  // A descriptor of our own: the library may close its own, and the number be given away, at any
  // time that Abort() is called.
  int socket_ = -1;
  uint64_t id_ = 0;
  bool usable_ = false;
  std::atomic<bool> aborted_ = false;
};

// The status of an error of the client library or of the server, which says what to do about it.
absl::Status ToStatus(unsigned code, std::string_view message, const HostPort& host);

// `'it''s'`: a text as a literal of a session made by Open(). REQUIRES: valid UTF-8.
std::string QuoteText(std::string_view text);
// `x'00ff'`
std::string QuoteBytes(std::string_view bytes);
// `` `a``b` ``
std::string QuoteName(std::string_view name);

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_CONNECTION_H_
