#ifndef PALLAS_CONNECTORS_REDIS_CONNECTION_H_
#define PALLAS_CONNECTORS_REDIS_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <hiredis/read.h>

#include "connectors/redis/options.h"
#include "connectors/redis/transport.h"
#include "sdk/request_context.h"

namespace pallas::redis {

// Takes the parts of one reply in the order in which they come. `depth` 0 is the reply itself, 1 an
// element of it, and so on; `index` is its place among its siblings. Texts live during the call.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void OnArray(int depth, size_t index, size_t num_elements) = 0;
  virtual void OnText(int depth, size_t index, std::string_view text) = 0;
  virtual void OnInteger(int depth, size_t index, int64_t value) = 0;
  virtual void OnNil(int depth, size_t index) = 0;
  virtual void OnError(int depth, size_t index, std::string_view text) = 0;
};

// A small reply as a whole.
struct Reply {
  enum class Kind { kNil, kText, kInteger, kError, kArray };
  Kind kind = Kind::kNil;
  std::string text;  // kText, kError
  int64_t integer = 0;
  std::vector<Reply> elements;  // kArray
};

// Appends a command in the form in which it is sent.
void AppendCommand(std::initializer_list<std::string_view> words, std::string& out);
// The pieces of a command whose words are not all known at once.
void AppendCommandStart(size_t num_words, std::string& out);
void AppendCommandWord(std::string_view word, std::string& out);

// One session on a server. Commands may be sent ahead of their replies, which come in the same
// order. One thread at a time, except Abort(). The destructor closes the socket and waits for
// nothing: what was not read is thrown away with it.
class Connection {
 public:
  // Connects, signs in and selects the database. `server` has no references left.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const sdk::RequestContext& context,
                                                          const ServerOptions& server,
                                                          const HostPort& host);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Queues commands as AppendCommand() writes them, and sends what goes without waiting.
  void Send(std::string_view commands, size_t num_commands);

  // Reads the next reply. An error of the server goes to the sink and is no error of this call.
  // REQUIRES: replies are outstanding.
  absl::Status ReadReply(const sdk::RequestContext& context, ReplySink& sink);

  // Sends one command and waits for its reply; an error of the server is a status.
  absl::StatusOr<Reply> Call(const sdk::RequestContext& context,
                             std::initializer_list<std::string_view> words);

  // What an error of the server means, and how to mend it.
  absl::Status ToStatus(std::string_view error) const;

  // Ends a wait at once. Any thread; not after the destructor has begun.
  void Abort() { transport_->Abort(); }

  // Whether the session can serve another request: it stands, and no reply is outstanding.
  bool IsReusable() const { return usable_ && outstanding_ == 0 && transport_->IsQuiet(); }

  const HostPort& host() const { return host_; }

  int64_t bytes_received() const { return bytes_received_; }

 private:
  struct Reader;

  Connection(HostPort host, std::unique_ptr<Transport> transport, absl::Duration timeout);
  absl::Status SignIn(const sdk::RequestContext& context, const ServerOptions& server);

  const HostPort host_;
  const std::unique_ptr<Transport> transport_;
  const absl::Duration timeout_;
  std::unique_ptr<Reader> reader_;
  std::string_view unparsed_;  // of what the transport received last
  size_t outstanding_ = 0;
  int64_t bytes_received_ = 0;
  bool usable_ = true;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_CONNECTION_H_
