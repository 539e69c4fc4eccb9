#include "connectors/redis/connection.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::redis {
namespace {

// The parser moves what is left to the front of its buffer after each reply or so; pieces of this
// size keep that cheap.
constexpr size_t kFeedBytes = size_t{16} * 1024;

// How a reply that is an error begins, and what that means.
struct ErrorClass {
  std::string_view start;
  absl::StatusCode code;
  std::string_view source_code;
  std::string_view advice;
};

constexpr std::array kErrors = {
    ErrorClass{
        "WRONGPASS", absl::StatusCode::kUnauthenticated, "INVALID_CREDENTIALS",
        "check 'user' and 'password' of the catalog, or the password of the table's endpoint"},
    ErrorClass{
        "NOAUTH", absl::StatusCode::kUnauthenticated, "INVALID_CREDENTIALS",
        "the server wants a password; set 'password' (and 'user') for the catalog, or give the "
        "table's endpoint one"},
    ErrorClass{"ERR invalid password", absl::StatusCode::kUnauthenticated, "INVALID_CREDENTIALS",
               "check 'password' of the catalog, or the password of the table's endpoint"},
    ErrorClass{"ERR AUTH", absl::StatusCode::kUnauthenticated, "INVALID_CREDENTIALS",
               "the server has no password; leave 'password' away"},
    ErrorClass{"ERR Client sent AUTH", absl::StatusCode::kUnauthenticated, "INVALID_CREDENTIALS",
               "the server has no password; leave 'password' away"},
    ErrorClass{
        "NOPERM", absl::StatusCode::kPermissionDenied, "ACCESS_DENIED",
        "let the user read the table's keys with the commands that EXPLAIN shows (ACL SETUSER)"},
    ErrorClass{"DENIED", absl::StatusCode::kPermissionDenied, "ACCESS_DENIED",
               "the server is in protected mode; give it a password, or bind it to our address"},
    ErrorClass{"ERR max number of clients reached", absl::StatusCode::kResourceExhausted,
               "THROTTLING", "raise 'maxclients' of the server, or lower limits.max_concurrency"},
    ErrorClass{"LOADING", absl::StatusCode::kUnavailable, "INTERNAL_SERVICE",
               "the server is reading its data from disk; try again later"},
    ErrorClass{"BUSY", absl::StatusCode::kUnavailable, "THROTTLING",
               "a script keeps the server busy; wait for it, or end it with SCRIPT KILL"},
    ErrorClass{"TRYAGAIN", absl::StatusCode::kUnavailable, "THROTTLING",
               "the cluster is moving keys; try again later"},
    ErrorClass{"MASTERDOWN", absl::StatusCode::kUnavailable, "INTERNAL_SERVICE",
               "this is a replica that has lost its primary; name the primary as 'host'"},
    ErrorClass{"CLUSTERDOWN", absl::StatusCode::kUnavailable, "INTERNAL_SERVICE",
               "the cluster does not serve all slots; see CLUSTER INFO"},
    ErrorClass{"OOM", absl::StatusCode::kUnavailable, "INTERNAL_SERVICE",
               "the server is out of memory; raise its 'maxmemory'"},
    ErrorClass{
        "MOVED", absl::StatusCode::kFailedPrecondition, "INVALID_INPUT",
        "the server is a node of a cluster; set cluster = true, or redis-cluster-flag for the "
        "table"},
    ErrorClass{
        "ASK", absl::StatusCode::kFailedPrecondition, "INVALID_INPUT",
        "the server is a node of a cluster; set cluster = true, or redis-cluster-flag for the "
        "table"},
    ErrorClass{"ERR This instance has cluster support disabled",
               absl::StatusCode::kFailedPrecondition, "INVALID_INPUT",
               "the server is no node of a cluster; leave 'cluster' and redis-cluster-flag away"},
    ErrorClass{"ERR SELECT is not allowed in cluster mode", absl::StatusCode::kInvalidArgument,
               "INVALID_INPUT", "a cluster has database 0 only; leave 'database' away"},
    ErrorClass{"ERR DB index is out of range", absl::StatusCode::kInvalidArgument, "INVALID_INPUT",
               "the server has no such database; check 'database' or redis-db-number"},
    ErrorClass{"WRONGTYPE", absl::StatusCode::kFailedPrecondition, "INVALID_INPUT",
               "the key holds another type than the table says; check value_type and the keys"},
    ErrorClass{"ERR unknown command", absl::StatusCode::kUnimplemented, "OPERATION_NOT_SUPPORTED",
               "the server is too old, or the command was renamed"},
};

}  // namespace

// The parser, and the sink that it fills. hiredis calls back for each part of a reply; the objects
// that it wants are not needed, so all are this one.
struct Connection::Reader {
  Reader() {
    functions.createString = [](const redisReadTask* task, char* text, size_t size) -> void* {
      Reader& self = Self(task);
      if (task->type == REDIS_REPLY_ERROR) {
        self.sink->OnError(Depth(task), Index(task), {text, size});
      } else {
        self.sink->OnText(Depth(task), Index(task), {text, size});
      }
      return &self;
    };
    functions.createArray = [](const redisReadTask* task, size_t num_elements) -> void* {
      Self(task).sink->OnArray(Depth(task), Index(task), num_elements);
      return &Self(task);
    };
    functions.createInteger = [](const redisReadTask* task, long long value) -> void* {
      Self(task).sink->OnInteger(Depth(task), Index(task), value);
      return &Self(task);
    };
    functions.createNil = [](const redisReadTask* task) -> void* {
      Self(task).sink->OnNil(Depth(task), Index(task));
      return &Self(task);
    };
    functions.freeObject = [](void* /*object*/) {};
    parser = redisReaderCreateWithFunctions(&functions);
    if (parser != nullptr) {
      parser->privdata = this;
    }
  }

  ~Reader() { redisReaderFree(parser); }

  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  static Reader& Self(const redisReadTask* task) { return *static_cast<Reader*>(task->privdata); }

  static int Depth(const redisReadTask* task) {
    int depth = 0;
    for (; task->parent != nullptr; task = task->parent) {
      ++depth;
    }
    return depth;
  }

  static size_t Index(const redisReadTask* task) {
    return task->parent == nullptr ? 0 : static_cast<size_t>(task->idx);
  }

  redisReplyObjectFunctions functions{};
  redisReader* parser = nullptr;
  ReplySink* sink = nullptr;
};

namespace {

// Builds a Reply.
class WholeReply final : public ReplySink {
 public:
  Reply Take() { return std::move(root_); }

  void OnArray(int depth, size_t /*index*/, size_t /*num_elements*/) override {
    Add(depth).kind = Reply::Kind::kArray;
  }

  void OnText(int depth, size_t /*index*/, std::string_view text) override {
    Reply& reply = Add(depth);
    reply.kind = Reply::Kind::kText;
    reply.text = text;
  }

  void OnInteger(int depth, size_t /*index*/, int64_t value) override {
    Reply& reply = Add(depth);
    reply.kind = Reply::Kind::kInteger;
    reply.integer = value;
  }

  void OnNil(int depth, size_t /*index*/) override { Add(depth); }

  void OnError(int depth, size_t /*index*/, std::string_view text) override {
    Reply& reply = Add(depth);
    reply.kind = Reply::Kind::kError;
    reply.text = text;
  }

 private:
  // Parts come in order, so the way to a new one leads through the last of each level.
  Reply& Add(int depth) {
    Reply* reply = &root_;
    for (int level = 1; level < depth; ++level) {
      reply = &reply->elements.back();
    }
    return depth == 0 ? root_ : reply->elements.emplace_back();
  }

  Reply root_;
};

}  // namespace

void AppendCommandStart(size_t num_words, std::string& out) {
  absl::StrAppend(&out, "*", num_words, "\r\n");
}

void AppendCommandWord(std::string_view word, std::string& out) {
  std::array<char, 24> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), word.size()).ptr;
  out.push_back('$');
  out.append(size.data(), end);
  out.append("\r\n");
  out.append(word);
  out.append("\r\n");
}

void AppendCommand(std::initializer_list<std::string_view> words, std::string& out) {
  AppendCommandStart(words.size(), out);
  for (const std::string_view word : words) {
    AppendCommandWord(word, out);
  }
}

Connection::Connection(HostPort host, std::unique_ptr<Transport> transport, absl::Duration timeout)
    : host_(std::move(host)),
      transport_(std::move(transport)),
      timeout_(timeout),
      reader_(std::make_unique<Reader>()) {}

Connection::~Connection() = default;

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const sdk::RequestContext& context,
                                                             const ServerOptions& server,
                                                             const HostPort& host) {
  ASSIGN_OR_RETURN(std::unique_ptr<Transport> transport,
                   Transport::Connect(context, host, server.tls, server.connect_timeout));
  std::unique_ptr<Connection> connection(
      new Connection(host, std::move(transport), server.command_timeout));
  if (connection->reader_->parser == nullptr) {
    return absl::ResourceExhaustedError("hiredis: out of memory");
  }
  const Cancellation::Registration registration =
      context.OnCancel([raw = connection.get()] { raw->Abort(); });
  RETURN_IF_ERROR(connection->SignIn(context, server));
  return connection;
}

absl::Status Connection::SignIn(const sdk::RequestContext& context, const ServerOptions& server) {
  const Endpoint& endpoint = server.endpoint;
  if (!endpoint.user.empty()) {
    RETURN_IF_ERROR(Call(context, {"AUTH", endpoint.user, endpoint.password}).status());
  } else if (!endpoint.password.empty()) {
    RETURN_IF_ERROR(Call(context, {"AUTH", endpoint.password}).status());
  }
  if (server.database != 0) {
    RETURN_IF_ERROR(Call(context, {"SELECT", absl::StrCat(server.database)}).status());
  }
  return absl::OkStatus();
}

void Connection::Send(std::string_view commands, size_t num_commands) {
  transport_->Write(commands);
  outstanding_ += num_commands;
  transport_->Flush();
}

absl::Status Connection::ReadReply(const sdk::RequestContext& context, ReplySink& sink) {
  reader_->sink = &sink;
  while (true) {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_->parser, &reply) != REDIS_OK) {
      usable_ = false;
      return absl::UnavailableError(
          absl::StrCat("Redis server ", host_.ToString(), ": the answer is not Redis' protocol (",
                       reader_->parser->errstr,
                       "); check the port, and set tls = true if the server speaks TLS"));
    }
    if (reply != nullptr) {
      --outstanding_;
      return absl::OkStatus();
    }
    if (unparsed_.empty()) {
      absl::StatusOr<std::string_view> received = transport_->Receive(context, timeout_);
      if (received.ok() && received->empty()) {
        received = absl::UnavailableError(
            absl::StrCat("Redis server ", host_.ToString(),
                         ": the server has closed the connection; see its log"));
      }
      if (!received.ok()) {
        usable_ = false;
        return bytes_received_ == 0 && absl::IsUnavailable(received.status())
                   ? absl::UnavailableError(absl::StrCat(
                         received.status().message(),
                         "; if the server speaks TLS, set tls = true (redis-ssl-flag)"))
                   : received.status();
      }
      unparsed_ = *received;
      bytes_received_ += static_cast<int64_t>(received->size());
    }
    const std::string_view piece = unparsed_.substr(0, kFeedBytes);
    unparsed_.remove_prefix(piece.size());
    if (redisReaderFeed(reader_->parser, piece.data(), piece.size()) != REDIS_OK) {
      usable_ = false;
      return absl::ResourceExhaustedError("hiredis: out of memory");
    }
  }
}

absl::StatusOr<Reply> Connection::Call(const sdk::RequestContext& context,
                                       std::initializer_list<std::string_view> words) {
  std::string command;
  AppendCommand(words, command);
  Send(command, 1);
  WholeReply sink;
  RETURN_IF_ERROR(ReadReply(context, sink));
  Reply reply = sink.Take();
  if (reply.kind == Reply::Kind::kError) {
    return ToStatus(reply.text);
  }
  return reply;
}

absl::Status Connection::ToStatus(std::string_view error) const {
  const auto* const known =
      std::find_if(kErrors.begin(), kErrors.end(),
                   [&](const ErrorClass& one) { return absl::StartsWith(error, one.start); });
  const std::string message = absl::StrCat("Redis server ", host_.ToString(), ": ", error);
  if (known == kErrors.end()) {
    return WithDetail(absl::InternalError(message),
                      {.name = "", .location = std::nullopt, .source_code = "INTERNAL_SERVICE"});
  }
  return WithDetail(
      absl::Status(known->code, absl::StrCat(message, "; ", known->advice)),
      {.name = "", .location = std::nullopt, .source_code = std::string(known->source_code)});
}

}  // namespace pallas::redis
