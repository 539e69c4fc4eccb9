#include "cli/demo/redis_session.h"

#include <functional>
#include <sys/socket.h>
#include <sys/time.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <hiredis/hiredis.h>

#include "base/status_macros.h"

namespace pallas::cli {
namespace {

constexpr timeval kConnectTimeout = {.tv_sec = 5, .tv_usec = 0};
constexpr int64_t kMaxUnanswered = 1000;

// The server is ours alone: nobody waits while it looks at all keys.
constexpr std::string_view kDeleteByPattern =
    "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do redis.call('DEL', key) end";

struct ReplyFreer {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

using ReplyPtr = std::unique_ptr<redisReply, ReplyFreer>;

// What tells rows that are all there, and which: a key of this name, written after them.
std::string MarkKey(std::string_view what) { return absl::StrCat("pallas-demo:", what); }

// Runs `load` and marks what it has loaded, unless the mark is there.
absl::StatusOr<int64_t> LoadOnce(
    RedisSession& redis, const TpchGenerator& generator, std::string_view what,
    const std::function<absl::StatusOr<int64_t>(RedisSession&)>& load) {
  const std::string key = MarkKey(what);
  ASSIGN_OR_RETURN(const std::string present, redis.Call({"GET", key}));
  if (present == generator.scale()) {
    return 0;
  }
  RETURN_IF_ERROR(redis.Call({"DEL", key}).status());
  ASSIGN_OR_RETURN(const int64_t rows, load(redis));
  RETURN_IF_ERROR(redis.Append({"SET", key, generator.scale()}));
  RETURN_IF_ERROR(redis.Flush());
  return rows;
}

absl::StatusOr<int64_t> LoadHashes(RedisSession& redis, const TpchTable& table,
                                   const std::string& file) {
  const size_t key = table.IndexOf(table.key.front());
  RETURN_IF_ERROR(
      redis.Append({"EVAL", kDeleteByPattern, "0", absl::StrCat(RedisKeyPrefix(table), "*")}));
  TpchRows rows(table, file);
  int64_t count = 0;
  while (rows.Next()) {
    const std::string name = absl::StrCat(RedisKeyPrefix(table), rows.row()[key]);
    std::vector<std::string_view> words = {"HSET", name};
    for (size_t i = 0; i < table.columns.size(); ++i) {
      words.push_back(table.columns[i].name);
      words.push_back(rows.row()[i]);
    }
    RETURN_IF_ERROR(redis.Append(words));
    ++count;
  }
  RETURN_IF_ERROR(rows.status());
  return count;
}

absl::StatusOr<int64_t> LoadSortedSet(RedisSession& redis, const TpchTable& orders,
                                      const std::string& file) {
  const size_t key = orders.IndexOf("o_orderkey");
  const size_t status = orders.IndexOf("o_orderstatus");
  const size_t date = orders.IndexOf("o_orderdate");
  RETURN_IF_ERROR(redis.Append({"DEL", kActiveOrdersKey}));
  TpchRows rows(orders, file);
  int64_t count = 0;
  while (rows.Next()) {
    if (rows.row()[status] != "P") {
      continue;
    }
    const std::string score = absl::StrReplaceAll(rows.row()[date], {{"-", ""}});  // 19950228
    RETURN_IF_ERROR(redis.Append({"ZADD", kActiveOrdersKey, score, rows.row()[key]}));
    ++count;
  }
  RETURN_IF_ERROR(rows.status());
  return count;
}

}  // namespace

RedisSession::RedisSession(const sdk::RequestContext& context, redisContext* redis)
    : context_(context), redis_(redis) {}

RedisSession::~RedisSession() {
  registration_ = {};
  redisFree(redis_);
}

absl::Status RedisSession::Error() const {
  RETURN_IF_ERROR(context_.Check());
  return absl::UnavailableError(absl::StrCat("Redis: ", redis_->errstr));
}

absl::StatusOr<std::unique_ptr<RedisSession>> RedisSession::Open(const sdk::RequestContext& context,
                                                                 int port,
                                                                 const std::string& password) {
  redisContext* const redis = redisConnectWithTimeout("127.0.0.1", port, kConnectTimeout);
  if (redis == nullptr) {
    return absl::ResourceExhaustedError("hiredis: out of memory");
  }
  std::unique_ptr<RedisSession> session(new RedisSession(context, redis));
  if (redis->err != 0) {
    return session->Error();
  }
  const int socket = redis->fd;
  session->registration_ = context.OnCancel([socket] { shutdown(socket, SHUT_RDWR); });
  RETURN_IF_ERROR(session->Call({"AUTH", password}).status());
  RETURN_IF_ERROR(session->Call({"PING"}).status());
  return session;
}

absl::Status RedisSession::Append(const std::vector<std::string_view>& words) {
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string_view word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  if (redisAppendCommandArgv(redis_, static_cast<int>(texts.size()), texts.data(), sizes.data()) !=
      REDIS_OK) {
    return Error();
  }
  ++unanswered_;
  return unanswered_ >= kMaxUnanswered ? Flush() : absl::OkStatus();
}

absl::StatusOr<std::string> RedisSession::Answer() {
  void* answer = nullptr;
  if (redisGetReply(redis_, &answer) != REDIS_OK) {
    return Error();
  }
  --unanswered_;
  const ReplyPtr reply(static_cast<redisReply*>(answer));
  std::string text = reply->str == nullptr ? "" : std::string(reply->str, reply->len);
  if (reply->type == REDIS_REPLY_ERROR) {
    return absl::UnavailableError(absl::StrCat("Redis: ", text));
  }
  return text;
}

absl::Status RedisSession::Flush() {
  while (unanswered_ > 0) {
    RETURN_IF_ERROR(Answer().status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> RedisSession::Call(const std::vector<std::string_view>& words) {
  RETURN_IF_ERROR(Flush());
  RETURN_IF_ERROR(Append(words));
  return Answer();
}

std::string RedisKeyPrefix(const TpchTable& table) { return absl::StrCat(table.name, "-"); }

absl::StatusOr<int64_t> LoadIntoRedis(const sdk::RequestContext& context, const RedisServer& server,
                                      const TpchTable& table, TpchGenerator& generator) {
  ASSIGN_OR_RETURN(const std::unique_ptr<RedisSession> redis,
                   RedisSession::Open(context, server.port(), server.password()));
  return LoadOnce(*redis, generator, table.name,
                  [&](RedisSession& session) -> absl::StatusOr<int64_t> {
                    ASSIGN_OR_RETURN(const std::string file, generator.MakeText(context, table));
                    return LoadHashes(session, table, file);
                  });
}

absl::StatusOr<int64_t> LoadActiveOrders(const sdk::RequestContext& context,
                                         const RedisServer& server, TpchGenerator& generator) {
  ASSIGN_OR_RETURN(const std::unique_ptr<RedisSession> redis,
                   RedisSession::Open(context, server.port(), server.password()));
  return LoadOnce(*redis, generator, kActiveOrdersKey,
                  [&](RedisSession& session) -> absl::StatusOr<int64_t> {
                    const TpchTable& orders = GetTpchTable("orders");
                    ASSIGN_OR_RETURN(const std::string file, generator.MakeText(context, orders));
                    return LoadSortedSet(session, orders, file);
                  });
}

}  // namespace pallas::cli
