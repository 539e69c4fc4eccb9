#ifndef PALLAS_CONNECTORS_REDIS_TRANSPORT_H_
#define PALLAS_CONNECTORS_REDIS_TRANSPORT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include <netdb.h>

#include "connectors/redis/options.h"
#include "openssl/types.h"
#include "sdk/request_context.h"

namespace pallas::redis {

// Bytes to and from a server, perhaps through TLS. One thread at a time, except Abort(). Waits end
// with the request's deadline, with the time limit, and at once with Abort().
// Errors are UNAVAILABLE, or UNAUTHENTICATED where a certificate was refused; each names the
// server.
class Transport {
 public:
  static absl::StatusOr<std::unique_ptr<Transport>> Connect(const sdk::RequestContext& context,
                                                            const HostPort& host,
                                                            const TlsOptions& tls,
                                                            absl::Duration timeout);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Queues bytes to be sent.
  void Write(std::string_view bytes);

  // Sends of what is queued as much as goes without waiting. An error shows in Receive(), after
  // what the server may have said before.
  void Flush();

  // Sends what is queued and waits until something was received: a view that is valid until the
  // next call. Empty: the server has closed the connection.
  absl::StatusOr<std::string_view> Receive(const sdk::RequestContext& context,
                                           absl::Duration timeout);

  // Ends a wait at once. Any thread; not after the destructor has begun.
  void Abort();

  // Whether the connection stands and nothing has arrived that nobody asked for.
  bool IsQuiet() const;

 private:
  struct Tls;

  explicit Transport(HostPort host);

  absl::Status ConnectAddress(const sdk::RequestContext& context, const addrinfo& address,
                              absl::Time deadline);
  absl::Status StartTls(const sdk::RequestContext& context, const TlsOptions& tls,
                        absl::Time deadline);
  absl::Status HandshakeError(bool closed) const;
  // Waits for `events` of the socket. `deadline` is by the system's clock.
  absl::Status Wait(const sdk::RequestContext& context, short events, absl::Time deadline) const;
  // Bytes from the socket without waiting: -1 there are none now, 0 the end.
  absl::StatusOr<int64_t> ReadSocket();
  // Sends of `unsent_` as much as goes.
  absl::Status SendSome();
  bool HasUnsent() const;
  // Moves what TLS wants to send to `unsent_`.
  void TakeCipherText();
  absl::StatusOr<std::string_view> Decrypt(size_t size);
  absl::Status Broken(std::string_view what) const;

  const HostPort host_;
  int socket_ = -1;
  int abort_event_ = -1;
  std::string unsent_;
  size_t sent_ = 0;  // of unsent_
  absl::Status send_error_;
  std::vector<char> received_;
  std::vector<char> clear_;
  std::unique_ptr<Tls> tls_;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_TRANSPORT_H_
