#ifndef PALLAS_NET_HTTP_CLIENT_H_
#define PALLAS_NET_HTTP_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/cancellation.h"
#include "base/units.h"

namespace pallas::net {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;  // name, value

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  // as received, in order
  std::string body;     // empty if the request has an `on_body`

  // The first header of that name, compared without case.
  std::optional<std::string> Header(std::string_view name) const;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;  // http or https; sent as it stands, `..` and all
  HttpHeaders headers;
  std::string body;
  // Takes the body piece by piece, on the thread of Send(); `response` has status and headers.
  // While it does not return, nothing is read, which the sender notices. Its error ends the
  // request. Null: the body is collected, up to HttpClientOptions::max_body_bytes.
  std::function<absl::Status(const HttpResponse& response, std::string_view piece)> on_body;
};

struct TlsOptions {
  bool verify = true;       // the certificate's chain and its name
  std::string ca_file;      // PEM; empty: the system's authorities
  std::string certificate;  // PEM files, for servers that ask for one
  std::string private_key;
};

struct HttpClientOptions {
  absl::Duration connect_timeout = absl::Seconds(10);
  // Without a byte in either direction. Time spent in `on_body` does not count.
  absl::Duration idle_timeout = absl::Seconds(60);
  size_t max_header_bytes = 256 * kKiB;  // of one response
  size_t max_body_bytes = 64 * kMiB;     // collected
  size_t max_idle_connections = 16;
  TlsOptions tls;
  std::string proxy;  // a URL; empty: none, whatever the environment says
};

// Sends HTTP/1.1 requests over connections that are kept for later ones. Thread-safe; each Send()
// has a connection of its own, and how many there may be at once is the caller's limiter's
// business. Redirects are not followed: they are answers like any other.
//
// Errors (an answer of any status is none): UNAVAILABLE (no connection, or it broke),
// DEADLINE_EXCEEDED, CANCELLED (or the reason given), UNAUTHENTICATED (the server's certificate),
// RESOURCE_EXHAUSTED (an answer past the limits), INVALID_ARGUMENT (the request). Messages name the
// server but never the rest of the URL or headers, which may hold secrets.
// The process must ignore SIGPIPE, which a TLS write to a server that has gone raises.
class HttpClient {
 public:
  static absl::StatusOr<std::unique_ptr<HttpClient>> Make(HttpClientOptions options);
  ~HttpClient();

  // Blocks until the answer has been read to its end. `cancellation` ends it at once, from any
  // thread.
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request, const Cancellation& cancellation,
                                    absl::Time deadline);

 private:
  struct Pool;
  class Exchange;

  HttpClient(HttpClientOptions options, std::unique_ptr<Pool> pool);

  const HttpClientOptions options_;
  std::unique_ptr<Pool> pool_;
};

}  // namespace pallas::net

#endif  // PALLAS_NET_HTTP_CLIENT_H_
