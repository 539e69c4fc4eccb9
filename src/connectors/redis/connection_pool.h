#ifndef PALLAS_CONNECTORS_REDIS_CONNECTION_POOL_H_
#define PALLAS_CONNECTORS_REDIS_CONNECTION_POOL_H_

#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "absl/status/statusor.h"

#include "connectors/redis/connection.h"
#include "connectors/redis/options.h"
#include "sdk/request_context.h"
#include "sdk/secrets/secret_resolver.h"

namespace pallas::redis {

// Keeps a few sessions for the next request. Thread-safe. Borrows `secrets`, which may be null.
class ConnectionPool {
 public:
  explicit ConnectionPool(sdk::SecretResolver* secrets) : secrets_(secrets) {}

  // A session on loan: cancelling the request wakes it. One thread, except that cancelling may come
  // from any. Destroying it gives the session back if it can serve another request.
  class Lease {
   public:
    Lease(ConnectionPool& pool, ServerOptions server, std::unique_ptr<Connection> connection,
          const sdk::RequestContext& context);
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease();

    Connection* operator->() const { return connection_.get(); }

    Connection& operator*() const { return *connection_; }

   private:
    ConnectionPool& pool_;
    const ServerOptions server_;
    std::unique_ptr<Connection> connection_;
    Cancellation::Registration registration_;  // after the connection, so that it goes first
  };

  // A session on `host`, or on the first of the server's hosts that answers. `server` may hold
  // references, which are resolved anew for each new session.
  absl::StatusOr<std::unique_ptr<Lease>> Open(const sdk::RequestContext& context,
                                              const ServerOptions& server,
                                              const std::optional<HostPort>& host = std::nullopt);

 private:
  struct Idle {
    ServerOptions server;
    std::unique_ptr<Connection> connection;
  };

  std::unique_ptr<Connection> TakeIdle(const ServerOptions& server,
                                       const std::optional<HostPort>& host);
  void Return(const ServerOptions& server, std::unique_ptr<Connection> connection);

  sdk::SecretResolver* const secrets_;
  std::mutex mutex_;
  std::list<Idle> idle_;  // the one used last is first
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_CONNECTION_POOL_H_
