#include "connectors/mysql/connection_pool.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/status_macros.h"

namespace pallas::mysql {
namespace {

// Answers about metadata are small; one that takes longer is lost.
constexpr absl::Duration kMetadataTimeout = absl::Seconds(60);

}  // namespace

ConnectionPool::ConnectionPool(const MySqlOptions& options, sdk::SecretResolver* secrets,
                               QueryKiller& killer, sdk::DeadlineTimer& timer)
    : options_(options), secrets_(secrets), killer_(killer), timer_(timer) {}

absl::StatusOr<ConnectionPool::Opened> ConnectionPool::Open(const sdk::RequestContext& context) {
  sdk::SecretResolver* const secrets = context.secrets != nullptr ? context.secrets : secrets_;
  ASSIGN_OR_RETURN(Login login, ResolveLogin(options_.server, secrets));
  ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection,
                   Connection::Open(context, options_.server, login, timer_));
  return Opened{std::move(connection), std::move(login)};
}

absl::StatusOr<std::unique_ptr<ConnectionPool::Opened>> ConnectionPool::Take(
    const sdk::RequestContext& context) {
  const Cancellation::Registration registration = context.OnCancel([this] {
    // The lock orders this after the waiter's look at the context.
    std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  std::unique_lock lock(mutex_);
  while (busy_ >= options_.metadata_connections) {
    RETURN_IF_ERROR(context.Check());
    if (context.deadline == absl::InfiniteFuture()) {
      changed_.wait(lock);
    } else {
      const absl::Duration left = context.deadline - context.clock->Now();
      changed_.wait_for(lock, absl::ToChronoMilliseconds(left) + std::chrono::milliseconds(1));
    }
  }
  RETURN_IF_ERROR(context.Check());
  busy_ += 1;
  if (idle_.empty()) {
    return nullptr;
  }
  std::unique_ptr<Opened> session = std::move(idle_.back());
  idle_.pop_back();
  return session;
}

void ConnectionPool::Return(std::unique_ptr<Opened> session) {
  {
    std::lock_guard lock(mutex_);
    busy_ -= 1;
    if (session != nullptr && session->connection->usable()) {
      idle_.push_back(std::move(session));
    }
  }
  changed_.notify_all();
}

template <typename Answer, typename Ask>
absl::StatusOr<Answer> ConnectionPool::AskOn(const sdk::RequestContext& context, Opened& session,
                                             Ask ask) {
  absl::StatusOr<Answer> answer;
  {
    const auto stop = [&] {
      session.connection->Abort();
      killer_.Kill(session.connection->host(), session.connection->id(), session.login);
    };
    const Cancellation::Registration registration = context.OnCancel(stop);
    const auto deadline = timer_.At(context.deadline, stop);
    answer = ask(*session.connection);
  }
  RETURN_IF_ERROR(context.Check());
  return answer;
}

template <typename Answer, typename Ask>
absl::StatusOr<Answer> ConnectionPool::AskAny(const sdk::RequestContext& context, Ask ask) {
  sdk::RequestContext bounded = context;
  bounded.deadline = std::min(context.deadline, context.clock->Now() + kMetadataTimeout);
  ASSIGN_OR_RETURN(std::unique_ptr<Opened> session, Take(bounded));
  // Two tries: a kept session may have ended while nobody looked.
  const bool kept = session != nullptr;
  absl::StatusOr<Answer> answer = absl::UnavailableError("");
  if (kept) {
    answer = AskOn<Answer>(bounded, *session, ask);
  }
  if (!kept || (absl::IsUnavailable(answer.status()) && !session->connection->usable())) {
    session.reset();
    absl::StatusOr<Opened> opened = Open(bounded);
    if (opened.ok()) {
      session = std::make_unique<Opened>(*std::move(opened));
      answer = AskOn<Answer>(bounded, *session, ask);
    } else {
      answer = opened.status();
    }
  }
  Return(std::move(session));
  return answer;
}

absl::StatusOr<Rows> ConnectionPool::Query(const sdk::RequestContext& context,
                                           std::string_view sql) {
  return AskAny<Rows>(context, [&](Connection& connection) { return connection.Query(sql); });
}

absl::StatusOr<std::vector<ResultColumn>> ConnectionPool::Describe(
    const sdk::RequestContext& context, std::string_view sql) {
  return AskAny<std::vector<ResultColumn>>(
      context, [&](Connection& connection) { return connection.Describe(sql); });
}

}  // namespace pallas::mysql
