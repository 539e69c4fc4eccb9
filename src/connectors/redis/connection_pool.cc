#include "connectors/redis/connection_pool.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/status_macros.h"

namespace pallas::redis {
namespace {

constexpr size_t kMaxIdle = 8;

}  // namespace

ConnectionPool::Lease::Lease(ConnectionPool& pool, ServerOptions server,
                             std::unique_ptr<Connection> connection,
                             const sdk::RequestContext& context)
    : pool_(pool),
      server_(std::move(server)),
      connection_(std::move(connection)),
      registration_(context.OnCancel([this] { connection_->Abort(); })) {}

ConnectionPool::Lease::~Lease() {
  registration_ = Cancellation::Registration();
  pool_.Return(server_, std::move(connection_));
}

std::unique_ptr<Connection> ConnectionPool::TakeIdle(const ServerOptions& server,
                                                     const std::optional<HostPort>& host) {
  std::vector<std::unique_ptr<Connection>> stale;  // closed without the lock
  const std::lock_guard lock(mutex_);
  for (auto idle = idle_.begin(); idle != idle_.end();) {
    if (idle->server != server || (host && idle->connection->host() != *host)) {
      ++idle;
      continue;
    }
    std::unique_ptr<Connection> connection = std::move(idle->connection);
    idle = idle_.erase(idle);
    if (connection->IsReusable()) {
      return connection;
    }
    stale.push_back(std::move(connection));
  }
  return nullptr;
}

void ConnectionPool::Return(const ServerOptions& server, std::unique_ptr<Connection> connection) {
  if (!connection->IsReusable()) {
    return;
  }
  std::list<Idle> dropped;
  const std::lock_guard lock(mutex_);
  idle_.push_front({server, std::move(connection)});
  if (idle_.size() > kMaxIdle) {
    dropped.splice(dropped.begin(), idle_, std::prev(idle_.end()));
  }
}

absl::StatusOr<std::unique_ptr<ConnectionPool::Lease>> ConnectionPool::Open(
    const sdk::RequestContext& context, const ServerOptions& server,
    const std::optional<HostPort>& host) {
  RETURN_IF_ERROR(context.Check());
  if (std::unique_ptr<Connection> idle = TakeIdle(server, host)) {
    return std::make_unique<Lease>(*this, server, std::move(idle), context);
  }
  sdk::SecretResolver* const secrets = context.secrets != nullptr ? context.secrets : secrets_;
  ASSIGN_OR_RETURN(const ServerOptions resolved, ResolveServer(server, secrets));
  const std::vector<HostPort> hosts = host ? std::vector{*host} : resolved.endpoint.hosts;
  absl::Status last = absl::InternalError("no host is configured");
  for (const HostPort& one : hosts) {
    absl::StatusOr<std::unique_ptr<Connection>> connection =
        Connection::Open(context, resolved, one);
    if (connection.ok()) {
      return std::make_unique<Lease>(*this, server, *std::move(connection), context);
    }
    // What happened because of the cancel or the deadline is not the server's fault.
    RETURN_IF_ERROR(context.Check());
    last = connection.status();
    if (!absl::IsUnavailable(last)) {
      return last;
    }
  }
  return last;
}

}  // namespace pallas::redis
