#include "connectors/mysql/query_killer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "sdk/request_context.h"

namespace pallas::mysql {
namespace {

// For all that one order takes.
constexpr absl::Duration kOrderTimeout = absl::Seconds(2);

}  // namespace

QueryKiller::QueryKiller(const ServerOptions& options, sdk::DeadlineTimer& timer)
    : options_(options), timer_(timer), thread_([this] { Run(); }) {}

QueryKiller::~QueryKiller() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    // One order may be under way and one more is worth its short wait: the query just cancelled.
    if (orders_.size() > 1) {
      orders_.erase(orders_.begin() + 1, orders_.end());
    }
  }
  changed_.notify_one();
  thread_.join();
}

void QueryKiller::Kill(const HostPort& host, uint64_t id, const Login& login) {
  {
    std::lock_guard lock(mutex_);
    orders_.push_back({host, id, login});
  }
  changed_.notify_one();
}

void QueryKiller::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !orders_.empty(); });
    if (orders_.empty()) {
      return;
    }
    const Order order = std::move(orders_.front());
    orders_.pop_front();
    lock.unlock();
    Execute(order);
    lock.lock();
  }
}

void QueryKiller::Execute(const Order& order) const {
  ServerOptions options = options_;
  options.hosts = {order.host};
  options.database.clear();
  options.connect_timeout = kOrderTimeout;
  sdk::RequestContext context;
  context.deadline = absl::Now() + kOrderTimeout;
  auto connection = Connection::Open(context, options, order.login, timer_);
  if (connection.ok()) {
    const auto deadline = timer_.At(context.deadline, [&] { (*connection)->Abort(); });
    // An error says that the session has ended by itself.
    (*connection)->Query(absl::StrCat("KILL ", order.id)).status().IgnoreError();
  }
}

}  // namespace pallas::mysql
