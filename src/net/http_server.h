#ifndef PALLAS_NET_HTTP_SERVER_H_
#define PALLAS_NET_HTTP_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/cancellation.h"
#include "base/units.h"
#include "net/http_client.h"

namespace pallas::net {

// What a TLS server shows of itself, as PEM texts.
struct TlsIdentity {
  std::string certificate_chain;
  std::string private_key;
};

struct HttpServerOptions {
  std::string address = "127.0.0.1";  // of this machine, to listen on
  int port = 0;                       // 0: a free one
  std::optional<TlsIdentity> tls;
  int network_threads = 2;
  // Handlers that run at once; each has a thread. More requests wait for one.
  int max_handlers = 64;
  // One more closes the connection that has been idle longest. Where all are busy, it is the last
  // to be taken before one ends.
  int max_connections = 4096;
  size_t max_header_bytes = 64 * kKiB;
  // A kept connection without a request.
  absl::Duration idle_timeout = absl::Seconds(75);
  // From the first byte of a request to the end of its head, and for the TLS handshake.
  absl::Duration header_timeout = absl::Seconds(20);
  // Without progress while a body is read or an answer is written.
  absl::Duration transfer_timeout = absl::Seconds(60);
};

struct HttpServerStatistics {
  int64_t connections = 0;  // that are open
  int64_t idle = 0;         // those without a request
  int64_t accepted = 0;     // since the start
  int64_t requests = 0;     // handed to the handler since the start
};

// One request and its answer, for the thread of the handler alone (cancellation() apart).
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;

  virtual const std::string& method() const = 0;
  // Path and query as they came: still percent-encoded, `..` and all.
  virtual const std::string& target() const = 0;
  virtual const HttpHeaders& headers() const = 0;
  // The first header of that name, compared without case.
  std::optional<std::string_view> Header(std::string_view name) const;
  // As the head announces it; none where the body comes in chunks of unknown number.
  virtual std::optional<uint64_t> content_length() const = 0;
  // The client's address and port.
  virtual const std::string& peer() const = 0;

  // Cancelled (UNAVAILABLE) when the client has gone or the server stops.
  virtual const Cancellation& cancellation() const = 0;

  // Waits for the next bytes of the body and puts them into `buffer`; 0 at the end of the body. A
  // client that waits for leave to send gets it with the first call.
  // UNAVAILABLE: the client has gone; DEADLINE_EXCEEDED: it is too slow; INVALID_ARGUMENT: what it
  // sends is no HTTP.
  virtual absl::StatusOr<size_t> Read(char* buffer, size_t size) = 0;

  // The whole body. RESOURCE_EXHAUSTED if it is larger than `max_bytes`.
  absl::StatusOr<std::string> ReadAll(size_t max_bytes);

  // Answers. The server adds Date and what frames the body.
  // UNAVAILABLE: the client has gone; DEADLINE_EXCEEDED: it does not take the answer.
  // REQUIRES: no answer so far.
  absl::Status Send(int status, HttpHeaders headers, std::string_view body);

  // Begins an answer whose body comes piece by piece, of `length` bytes if that is known. What a
  // HEAD request or a status without a body would have is not sent.
  // REQUIRES: no answer so far.
  virtual absl::Status Start(int status, HttpHeaders headers, std::optional<uint64_t> length) = 0;
  // Waits until the network has taken `piece`.
  // REQUIRES: Start(), and not more than its length in all.
  virtual absl::Status Write(std::string_view piece) = 0;
  // Ends the answer. One that is not ended, or too short, breaks the connection, so that the client
  // does not take it for whole.
  virtual absl::Status Finish() = 0;
};

// Answers one request; without an answer the client gets a status 500. Runs on threads of the
// server, several at once.
using HttpHandler = std::function<void(HttpExchange& exchange)>;

// An HTTP/1.1 server (RFC 9110, 9112). Idle connections cost no thread. A request that is no HTTP
// is answered with 400, one whose head is too large with 431, and the connection is closed; so is
// one whose client is too slow. Requests of a connection are handled one after another.
class HttpServer {
 public:
  // Listens when it returns. `handler` is called until Stop() has returned.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                           HttpHandler handler);
  // Stops at once.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;
  HttpServerStatistics statistics() const;

  // Takes no new connection and no further request; requests under way have `grace` to end, then
  // they are cancelled and their connections broken. Returns when no handler runs. Once.
  void Stop(absl::Duration grace);

 private:
  class Impl;

  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace pallas::net

#endif  // PALLAS_NET_HTTP_SERVER_H_
