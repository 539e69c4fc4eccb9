#ifndef PALLAS_CLI_DEMO_REDIS_SESSION_H_
#define PALLAS_CLI_DEMO_REDIS_SESSION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/demo/redis_server.h"
#include "cli/demo/tpch_tables.h"

#include "sdk/request_context.h"

struct redisContext;

namespace pallas::cli {

// A connection that writes. Commands are collected and sent together. One thread; a cancelled
// request breaks it.
class RedisSession {
 public:
  static absl::StatusOr<std::unique_ptr<RedisSession>> Open(const sdk::RequestContext& context,
                                                            int port, const std::string& password);
  ~RedisSession();
  RedisSession(const RedisSession&) = delete;
  RedisSession& operator=(const RedisSession&) = delete;

  // Sends a command, by and by.
  absl::Status Append(const std::vector<std::string_view>& words);

  // Waits for the answers to all commands; the first that is an error, with the server's words.
  absl::Status Flush();

  // Sends one command and returns its answer as text; empty for none.
  absl::StatusOr<std::string> Call(const std::vector<std::string_view>& words);

 private:
  RedisSession(const sdk::RequestContext& context, redisContext* redis);

  absl::StatusOr<std::string> Answer();
  absl::Status Error() const;

  sdk::RequestContext context_;
  redisContext* redis_;
  int64_t unanswered_ = 0;
  Cancellation::Registration registration_;
};

// The keys of a hash for each row of a table: "nation-7".
std::string RedisKeyPrefix(const TpchTable& table);

// Makes a hash for each row of `table`, unless those of this scale are there. Returns how many.
absl::StatusOr<int64_t> LoadIntoRedis(const sdk::RequestContext& context, const RedisServer& server,
                                      const TpchTable& table, TpchGenerator& generator);

// The key of the sorted set of LoadActiveOrders().
inline constexpr char kActiveOrdersKey[] = "active-orders";

// Makes a sorted set of the keys of the orders that are being delivered (status P), by their dates,
// unless it is there. Returns how many.
absl::StatusOr<int64_t> LoadActiveOrders(const sdk::RequestContext& context,
                                         const RedisServer& server, TpchGenerator& generator);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_REDIS_SESSION_H_
