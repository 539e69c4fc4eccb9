#ifndef PALLAS_CONNECTORS_MYSQL_QUERY_KILLER_H_
#define PALLAS_CONNECTORS_MYSQL_QUERY_KILLER_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

#include "connectors/mysql/connection.h"
#include "connectors/mysql/options.h"

namespace pallas::mysql {

// Tells servers from side connections to end sessions whose answer nobody wants any more: a server
// that is still searching does not notice that its client has gone. Has a thread of its own, so
// that a cancel waits for no network. Thread-safe; the destructor gives up on what is left soon.
class QueryKiller {
 public:
  // The arguments are borrowed.
  QueryKiller(const ServerOptions& options, sdk::DeadlineTimer& timer);
  ~QueryKiller();

  // Ends the session `id` on `host` soon; a failure to do so is of no consequence.
  void Kill(const HostPort& host, uint64_t id, const Login& login);

 private:
  struct Order {
    HostPort host;
    uint64_t id = 0;
    Login login;
  };

  void Run();
  void Execute(const Order& order) const;

  const ServerOptions& options_;
  sdk::DeadlineTimer& timer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Order> orders_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_QUERY_KILLER_H_
