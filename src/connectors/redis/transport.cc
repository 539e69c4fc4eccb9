#include "connectors/redis/transport.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <poll.h>
#include <unistd.h>

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/ssl.h"
#include "openssl/x509v3.h"

namespace pallas::redis {
namespace {

constexpr size_t kReceiveBytes = size_t{64} * 1024;
// A server that vanished without a word is noticed after about 4 + 3 * 2 seconds.
constexpr int kKeepAliveIdleSeconds = 4;
constexpr int kKeepAliveIntervalSeconds = 2;
constexpr int kKeepAliveProbes = 3;

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

using AddressList = std::unique_ptr<addrinfo, Freed<freeaddrinfo>>;

std::string ErrorText(int error) { return std::generic_category().message(error); }

absl::Status Refused(absl::Status status) {
  return WithDetail(std::move(status),
                    {.name = "", .location = std::nullopt, .source_code = "INVALID_CREDENTIALS"});
}

// The last error of OpenSSL on this thread, which is then forgotten.
std::string TakeTlsError() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = ERR_reason_error_string(code);
  return reason == nullptr ? "unknown error" : reason;
}

bool IsAddress(const std::string& name) {
  const std::unique_ptr<ASN1_OCTET_STRING, Freed<ASN1_OCTET_STRING_free>> address(
      a2i_IPADDRESS(name.c_str()));
  ERR_clear_error();
  return address != nullptr;
}

}  // namespace

// Ciphers in memory: the socket is ours, so that all waiting is in one place.
struct Transport::Tls {
  std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> context;
  std::unique_ptr<SSL, Freed<SSL_free>> session;
  BIO* from_network = nullptr;  // owned by the session
  BIO* to_network = nullptr;    // owned by the session
};

Transport::Transport(HostPort host)
    : host_(std::move(host)),
      abort_event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      received_(kReceiveBytes) {}

Transport::~Transport() {
  if (socket_ >= 0) {
    close(socket_);
  }
  if (abort_event_ >= 0) {
    close(abort_event_);
  }
}

absl::Status Transport::Broken(std::string_view what) const {
  return absl::UnavailableError(absl::StrCat("Redis server ", host_.ToString(), ": ", what));
}

absl::StatusOr<std::unique_ptr<Transport>> Transport::Connect(const sdk::RequestContext& context,
                                                              const HostPort& host,
                                                              const TlsOptions& tls,
                                                              absl::Duration timeout) {
  std::unique_ptr<Transport> transport(new Transport(host));
  const Cancellation::Registration registration =
      context.OnCancel([raw = transport.get()] { raw->Abort(); });
  RETURN_IF_ERROR(context.Check());
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error =
          getaddrinfo(host.host.c_str(), absl::StrCat(host.port).c_str(), &hints, &found);
      error != 0) {
    return transport->Broken(absl::StrCat("the host's name cannot be resolved: ",
                                          gai_strerror(error), "; check 'host' or the endpoint"));
  }
  const AddressList addresses(found);
  const absl::Time deadline = absl::Now() + timeout;
  absl::Status status;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    status = transport->ConnectAddress(context, *address, deadline);
    if (status.ok() || !absl::IsUnavailable(status)) {
      break;
    }
  }
  RETURN_IF_ERROR(context.Check());
  RETURN_IF_ERROR(status);
  if (tls.enabled) {
    RETURN_IF_ERROR(transport->StartTls(context, tls, deadline));
  }
  return transport;
}

absl::Status Transport::ConnectAddress(const sdk::RequestContext& context, const addrinfo& address,
                                       absl::Time deadline) {
  if (socket_ >= 0) {
    close(socket_);
  }
  socket_ = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ < 0) {
    return Broken(absl::StrCat("no socket: ", ErrorText(errno)));
  }
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(socket_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
  setsockopt(socket_, IPPROTO_TCP, TCP_KEEPIDLE, &kKeepAliveIdleSeconds, sizeof(int));
  setsockopt(socket_, IPPROTO_TCP, TCP_KEEPINTVL, &kKeepAliveIntervalSeconds, sizeof(int));
  setsockopt(socket_, IPPROTO_TCP, TCP_KEEPCNT, &kKeepAliveProbes, sizeof(int));
  int error = connect(socket_, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    RETURN_IF_ERROR(Wait(context, POLLOUT, deadline));
    socklen_t size = sizeof(error);
    getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  return error == 0 ? absl::OkStatus()
                    : Broken(absl::StrCat("cannot connect: ", ErrorText(error),
                                          "; check that the server runs and can be reached"));
}

absl::Status Transport::Wait(const sdk::RequestContext& context, short events,
                             absl::Time deadline) const {
  while (true) {
    RETURN_IF_ERROR(context.Check());
    const absl::Duration left =
        std::min(deadline - absl::Now(), context.deadline - context.clock->Now());
    // Bounded, so that a clock of a test is looked at again.
    constexpr absl::Duration kLongestWait = absl::Seconds(60);
    const absl::Duration wait = std::clamp(left, absl::ZeroDuration(), kLongestWait);
    std::array<pollfd, 2> files = {pollfd{socket_, events, 0}, pollfd{abort_event_, POLLIN, 0}};
    const int ready =
        poll(files.data(), files.size(),
             static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1)))));
    if (ready < 0 && errno != EINTR) {
      return Broken(absl::StrCat("cannot wait: ", ErrorText(errno)));
    }
    if (ready > 0 && files[1].revents != 0) {
      RETURN_IF_ERROR(context.Check());
      return absl::CancelledError("the request was cancelled");
    }
    if (ready > 0) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(context.Check());
    if (absl::Now() >= deadline) {
      return Broken(
          "no answer in time; check the server's load, or raise connect_timeout_ms and "
          "command_timeout_ms");
    }
  }
}

void Transport::Abort() {
  const uint64_t one = 1;
  // It cannot fail: the counter is far from full.
  [[maybe_unused]] const ssize_t written = write(abort_event_, &one, sizeof(one));
}

bool Transport::IsQuiet() const {
  std::array<pollfd, 2> files = {pollfd{socket_, POLLIN, 0}, pollfd{abort_event_, POLLIN, 0}};
  return poll(files.data(), files.size(), 0) == 0;
}

absl::Status Transport::StartTls(const sdk::RequestContext& context, const TlsOptions& options,
                                 absl::Time deadline) {
  ERR_clear_error();
  tls_ = std::make_unique<Tls>();
  tls_->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* const shared = tls_->context.get();
  if (shared == nullptr) {
    return absl::InternalError(absl::StrCat("OpenSSL: ", TakeTlsError()));
  }
  SSL_CTX_set_min_proto_version(shared, TLS1_2_VERSION);
  SSL_CTX_set_verify(shared, options.verify == TlsVerify::kNone ? SSL_VERIFY_NONE : SSL_VERIFY_PEER,
                     nullptr);
  const bool has_authorities =
      options.ca_file.empty()
          ? SSL_CTX_set_default_verify_paths(shared) == 1
          : SSL_CTX_load_verify_locations(shared, options.ca_file.c_str(), nullptr) == 1;
  if (!has_authorities) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'ca_file' ", options.ca_file, " cannot be read as certificates: ", TakeTlsError()));
  }
  if (!options.cert_file.empty() &&
      (SSL_CTX_use_certificate_chain_file(shared, options.cert_file.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(shared, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1)) {
    return absl::InvalidArgumentError(absl::StrCat("'cert_file' ", options.cert_file,
                                                   " and 'key_file' ", options.key_file,
                                                   " cannot be used: ", TakeTlsError()));
  }
  tls_->session.reset(SSL_new(shared));
  SSL* const session = tls_->session.get();
  tls_->from_network = BIO_new(BIO_s_mem());
  tls_->to_network = BIO_new(BIO_s_mem());
  SSL_set_bio(session, tls_->from_network, tls_->to_network);
  SSL_set_connect_state(session);
  const std::string& name = options.server_name.empty() ? host_.host : options.server_name;
  const bool is_address = IsAddress(name);
  if (!is_address) {
    // The macro for it casts in the old style.
    SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
  }
  if (options.verify == TlsVerify::kFull) {
    X509_VERIFY_PARAM* const parameters = SSL_get0_param(session);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    const int set = is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str())
                               : X509_VERIFY_PARAM_set1_host(parameters, name.data(), name.size());
    if (set != 1 || name.empty()) {
      return absl::InvalidArgumentError("the server's name cannot be checked; set 'server_name'");
    }
  }
  while (true) {
    ERR_clear_error();
    const int result = SSL_do_handshake(session);
    TakeCipherText();
    if (result == 1) {
      clear_.resize(kReceiveBytes);
      return absl::OkStatus();
    }
    if (SSL_get_error(session, result) != SSL_ERROR_WANT_READ) {
      SendSome().IgnoreError();  // the server should learn why
      return HandshakeError(false);
    }
    while (HasUnsent()) {
      RETURN_IF_ERROR(SendSome());
      if (HasUnsent()) {
        RETURN_IF_ERROR(Wait(context, POLLOUT, deadline));
      }
    }
    if (absl::Status status = Wait(context, POLLIN, deadline); !status.ok()) {
      return absl::IsUnavailable(status)
                 ? Annotate(status, "TLS hand-shake (does the server speak TLS on this port?): ")
                 : status;
    }
    ASSIGN_OR_RETURN(const int64_t size, ReadSocket());
    if (size == 0) {
      return HandshakeError(true);
    }
    if (size > 0) {
      BIO_write(tls_->from_network, received_.data(), static_cast<int>(size));
    }
  }
}

absl::Status Transport::HandshakeError(bool closed) const {
  const std::string where = absl::StrCat("Redis server ", host_.ToString(), ": TLS: ");
  if (closed) {
    return absl::UnavailableError(absl::StrCat(
        where,
        "the server closed the connection during the hand-shake; check that it speaks TLS "
        "on this port, and whether it wants a client's certificate (cert_file, key_file)"));
  }
  const long verified = SSL_get_verify_result(tls_->session.get());
  if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    ERR_clear_error();
    return Refused(absl::UnauthenticatedError(
        absl::StrCat(where,
                     "the certificate is for another name; set 'server_name' to the name "
                     "that it has, or tls_verify = \"ca\" to accept any")));
  }
  if (verified != X509_V_OK) {
    ERR_clear_error();
    return Refused(absl::UnauthenticatedError(absl::StrCat(
        where, "the certificate is not trusted: ", X509_verify_cert_error_string(verified),
        "; set 'ca_file' to the certificate of its authority")));
  }
  return Refused(absl::UnauthenticatedError(
      absl::StrCat(where, TakeTlsError(), "; check that the server speaks TLS on this port")));
}

void Transport::TakeCipherText() {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(tls_->to_network, &bytes);
  if (size > 0) {
    unsent_.append(bytes, static_cast<size_t>(size));
    static_cast<void>(BIO_reset(tls_->to_network));
  }
}

void Transport::Write(std::string_view bytes) {
  if (tls_ == nullptr) {
    unsent_.append(bytes);
    return;
  }
  // Into memory, so that all of it goes at once.
  while (!bytes.empty()) {
    constexpr size_t kMaxWrite = size_t{1} << 30U;
    const int written = SSL_write(tls_->session.get(), bytes.data(),
                                  static_cast<int>(std::min(bytes.size(), kMaxWrite)));
    if (written <= 0) {
      send_error_ = Broken(absl::StrCat("TLS: ", TakeTlsError()));
      return;
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  TakeCipherText();
}

bool Transport::HasUnsent() const { return send_error_.ok() && sent_ < unsent_.size(); }

absl::Status Transport::SendSome() {
  while (HasUnsent()) {
    const ssize_t size =
        send(socket_, unsent_.data() + sent_, unsent_.size() - sent_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0) {
      if (errno == EINTR) {
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return absl::OkStatus();
      }
      return Broken(absl::StrCat("the connection broke: ", ErrorText(errno)));
    }
    sent_ += static_cast<size_t>(size);
  }
  unsent_.clear();
  sent_ = 0;
  return absl::OkStatus();
}

void Transport::Flush() {
  if (send_error_.ok()) {
    send_error_ = SendSome();
  }
}

absl::StatusOr<int64_t> Transport::ReadSocket() {
  while (true) {
    const ssize_t size = recv(socket_, received_.data(), received_.size(), MSG_DONTWAIT);
    if (size >= 0) {
      return int64_t{size};
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return -1;
    }
    if (errno != EINTR) {
      return Broken(absl::StrCat("the connection broke: ", ErrorText(errno)));
    }
  }
}

absl::StatusOr<std::string_view> Transport::Decrypt(size_t size) {
  BIO_write(tls_->from_network, received_.data(), static_cast<int>(size));
  size_t filled = 0;
  while (true) {
    if (clear_.size() - filled < kReceiveBytes) {
      clear_.resize(clear_.size() + kReceiveBytes);
    }
    ERR_clear_error();
    const int read = SSL_read(tls_->session.get(), clear_.data() + filled,
                              static_cast<int>(clear_.size() - filled));
    if (read > 0) {
      filled += static_cast<size_t>(read);
      continue;
    }
    const int error = SSL_get_error(tls_->session.get(), read);
    TakeCipherText();
    if (error == SSL_ERROR_WANT_READ || (error == SSL_ERROR_ZERO_RETURN && filled > 0)) {
      return std::string_view(clear_.data(), filled);
    }
    if (error == SSL_ERROR_ZERO_RETURN) {
      return Broken("the server has closed the connection");
    }
    return Broken(absl::StrCat("TLS: ", TakeTlsError()));
  }
}

absl::StatusOr<std::string_view> Transport::Receive(const sdk::RequestContext& context,
                                                    absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (true) {
    Flush();
    absl::StatusOr<int64_t> size = ReadSocket();
    if (!size.ok()) {
      return send_error_.ok() ? size.status() : send_error_;
    }
    if (*size == 0) {
      RETURN_IF_ERROR(send_error_);
      return std::string_view();
    }
    if (*size > 0) {
      if (tls_ == nullptr) {
        return std::string_view(received_.data(), static_cast<size_t>(*size));
      }
      ASSIGN_OR_RETURN(const std::string_view clear, Decrypt(static_cast<size_t>(*size)));
      if (!clear.empty()) {
        return clear;
      }
      continue;
    }
    if (!send_error_.ok()) {
      return send_error_;
    }
    const unsigned events = HasUnsent() ? POLLIN | POLLOUT : POLLIN;
    RETURN_IF_ERROR(Wait(context, static_cast<short>(events), deadline));
  }
}

}  // namespace pallas::redis
