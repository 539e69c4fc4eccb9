#include "net/http_server.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/thread_pool.h"

namespace pallas::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using beast::error_code;

// Bytes read at once into the buffer of a connection.
constexpr size_t kReadBytes = 16 * kKiB;
// An answer is written in steps of so many bytes, each of which may take the transfer time-out.
constexpr size_t kWriteBytes = 1 * kMiB;
// What is read and thrown away of a body that the handler did not want: so that the connection can
// go on, or so that the client sees the answer rather than a broken connection.
constexpr uint64_t kMaxUnwantedBytes = 256 * kKiB;
constexpr uint64_t kMaxLingerBytes = 16 * kMiB;
constexpr absl::Duration kLingerTimeout = absl::Seconds(2);
// Before another try where the machine is out of descriptors.
constexpr absl::Duration kAcceptPause = absl::Milliseconds(100);
// HTTP/1.1 as Beast writes it: chunks, kept connections and 100 Continue came with it.
constexpr unsigned kKeepAliveVersion = 11;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kLastChunk = "0\r\n\r\n";

std::chrono::nanoseconds ToChrono(absl::Duration duration) {
  return absl::ToChronoNanoseconds(duration);
}

asio::const_buffer ToBuffer(std::string_view text) { return {text.data(), text.size()}; }

std::string_view ToText(beast::string_view text) { return {text.data(), text.size()}; }

// What an error of the network means to a handler.
absl::Status TransferError(const error_code& error) {
  if (error == beast::error::timeout) {
    return absl::DeadlineExceededError("the client is too slow");
  }
  if (error.category() == http::make_error_code(http::error::bad_chunk).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message) {
    return absl::InvalidArgumentError(absl::StrCat("the request is no HTTP: ", error.message()));
  }
  return absl::UnavailableError("the client has closed the connection");
}

bool HasNoBody(int status) {
  return status / 100 == 1 || status == static_cast<int>(http::status::no_content) ||
         status == static_cast<int>(http::status::not_modified);
}

bool IsHeaderText(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

std::string HttpDate(absl::Time time) {
  return absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT", time, absl::UTCTimeZone());
}

class Connection;

// What the connections share. The set of connections tells which may be closed for a new one.
class Listener {
 public:
  Listener(const HttpServerOptions& options, HttpHandler handler)
      : options_(options), handler_(std::move(handler)), io_(options.network_threads) {}

  virtual ~Listener() = default;
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  const HttpServerOptions& options() const { return options_; }

  const HttpHandler& handler() const { return handler_; }

  bool stopping() const { return stopping_; }

  void RunHandler(std::function<void()> work) {
    requests_ += 1;
    workers_->Submit(std::move(work));
  }

  // A connection tells in which state it is.
  void SetIdle(const std::shared_ptr<Connection>& connection);
  void SetBusy(Connection* connection);
  void Remove(Connection* connection);

 protected:
  struct Entry {
    std::weak_ptr<Connection> connection;
    absl::Time idle_since = absl::InfiniteFuture();  // or it is busy
  };

  const HttpServerOptions options_;
  const HttpHandler handler_;
  asio::io_context io_;
  std::unique_ptr<ThreadPool> workers_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int64_t> accepted_ = 0;
  std::atomic<int64_t> requests_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Connection*, Entry> connections_;  // under mutex_

  // A connection has become idle, or has ended.
  virtual void OnIdle() = 0;
  virtual void OnRemoved() = 0;
};

// One connection, seen without its kind of stream. All but what is named for the handler's thread
// runs on its strand.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(Listener& listener) : listener_(listener) {}

  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  virtual void Run() = 0;
  // Any thread. Closes the connection if no request is under way.
  virtual void CloseIfIdle() = 0;
  // Any thread. Breaks the connection and cancels its request.
  virtual void Break() = 0;

 protected:
  Listener& listener_;
};

void Listener::SetIdle(const std::shared_ptr<Connection>& connection) {
  {
    const std::lock_guard lock(mutex_);
    connections_[connection.get()] = {connection, absl::Now()};
    changed_.notify_all();
  }
  OnIdle();
}

void Listener::SetBusy(Connection* connection) {
  const std::lock_guard lock(mutex_);
  connections_[connection].idle_since = absl::InfiniteFuture();
}

void Listener::Remove(Connection* connection) {
  {
    const std::lock_guard lock(mutex_);
    connections_.erase(connection);
    changed_.notify_all();
  }
  OnRemoved();
}

template <typename Stream>
class StreamConnection final : public Connection, public HttpExchange {
 public:
  template <typename... Arguments>
  explicit StreamConnection(Listener& listener, Arguments&&... arguments)
      : Connection(listener), stream_(std::forward<Arguments>(arguments)...) {
    error_code error;
    const tcp::endpoint peer = socket().remote_endpoint(error);
    peer_ = error ? "" : absl::StrCat(peer.address().to_string(), ":", peer.port());
    socket().set_option(tcp::no_delay(true), error);
  }

  ~StreamConnection() override { listener_.Remove(this); }

  void Run() override {
    // Not in the constructor: it takes the shared pointer.
    listener_.SetIdle(this->shared_from_this());
    asio::dispatch(stream_.get_executor(), [self = Self()] { self->Handshake(); });
  }

  void CloseIfIdle() override {
    asio::post(stream_.get_executor(), [self = Self()] {
      if (!self->busy_) {
        self->Close();
      }
    });
  }

  void Break() override {
    asio::post(stream_.get_executor(), [self = Self()] {
      self->Close();
      self->cancellation_.Cancel(absl::UnavailableError("the server stops"));
    });
  }

  // ---- the exchange, for the handler's thread ----

  const std::string& method() const override { return method_; }

  const std::string& target() const override { return target_; }

  const HttpHeaders& headers() const override { return headers_; }

  std::optional<uint64_t> content_length() const override { return content_length_; }

  const std::string& peer() const override { return peer_; }

  const Cancellation& cancellation() const override { return cancellation_; }

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    if (body_done_ || size == 0) {
      return 0;
    }
    RETURN_IF_ERROR(Grant());
    size_t taken = 0;
    const error_code error = Await([this, buffer, size, &taken](auto done) {
      parser_->get().body().data = buffer;
      parser_->get().body().size = size;
      parser_->get().body().more = true;
      ReadSome(size, taken, std::move(done));
    });
    if (error) {
      return TransferError(error);
    }
    return taken;
  }

  absl::Status Start(int status, HttpHeaders headers, std::optional<uint64_t> length) override {
    CHECK(phase_ == Phase::kRequest);
    bodiless_ = method_ == "HEAD" || HasNoBody(status);
    // A body that nobody read would be taken for the next request.
    const bool body_is_in_the_way = !body_done_ && (!granted_ || !IsSmallRest());
    keep_alive_ = keep_alive_ && !body_is_in_the_way && !listener_.stopping();
    chunked_ = !length && !HasNoBody(status) && http_version_ >= kKeepAliveVersion;
    keep_alive_ = keep_alive_ && (length || chunked_ || HasNoBody(status));
    absl::StrAppend(&head_, "HTTP/1.1 ", status, " ",
                    ToText(http::obsolete_reason(static_cast<http::status>(status))), "\r\n");
    for (const auto& [name, value] : headers) {
      if (!IsHeaderText(name) || !IsHeaderText(value)) {
        head_.clear();
        return absl::InternalError("a header of an answer has a line end in it");
      }
      absl::StrAppend(&head_, name, ": ", value, "\r\n");
    }
    absl::StrAppend(&head_, "Date: ", HttpDate(absl::Now()), "\r\n");
    if (length && !HasNoBody(status)) {
      absl::StrAppend(&head_, "Content-Length: ", *length, "\r\n");
    } else if (chunked_) {
      absl::StrAppend(&head_, "Transfer-Encoding: chunked\r\n");
    }
    if (!keep_alive_) {
      absl::StrAppend(&head_, "Connection: close\r\n");
    }
    absl::StrAppend(&head_, "\r\n");
    length_known_ = length.has_value();
    bytes_left_ = length.value_or(std::numeric_limits<uint64_t>::max());
    phase_ = Phase::kAnswer;
    return absl::OkStatus();
  }

  absl::Status Write(std::string_view piece) override {
    CHECK(phase_ == Phase::kAnswer);
    CHECK(piece.size() <= bytes_left_);
    bytes_left_ -= piece.size();
    if (piece.empty() || bodiless_) {
      return absl::OkStatus();
    }
    const std::string size = chunked_ ? absl::StrCat(absl::Hex(piece.size()), kLineEnd) : "";
    absl::Status status = SendAll({head_, size, piece, chunked_ ? kLineEnd : ""});
    head_.clear();
    return status;
  }

  absl::Status Finish() override {
    CHECK(phase_ == Phase::kAnswer);
    if (!bodiless_ && length_known_ && bytes_left_ != 0) {
      return absl::InternalError("an answer is shorter than announced");
    }
    RETURN_IF_ERROR(SendAll({head_, chunked_ && !bodiless_ ? kLastChunk : ""}));
    head_.clear();
    phase_ = Phase::kAnswered;
    return absl::OkStatus();
  }

 private:
  enum class Phase { kRequest, kAnswer, kAnswered };

  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;

  std::shared_ptr<StreamConnection> Self() {
    return std::static_pointer_cast<StreamConnection>(this->shared_from_this());
  }

  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }

  tcp::socket& socket() { return tcp().socket(); }

  // ---- on the strand ----

  void Handshake() {
    if (listener_.stopping()) {
      Close();
      return;
    }
    if constexpr (kTls) {
      tcp().expires_after(ToChrono(listener_.options().header_timeout));
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = Self()](const error_code& error) {
                                if (!error) {
                                  self->AwaitRequest();
                                }
                              });
    } else {
      AwaitRequest();
    }
  }

  void Close() {
    error_code ignored;
    socket().shutdown(tcp::socket::shutdown_both, ignored);
    tcp().close();
  }

  void AwaitRequest() {
    busy_ = false;
    if (listener_.stopping()) {
      Close();
      return;
    }
    if (buffer_.size() > 0) {
      ReadHead();
      return;
    }
    // An idle connection keeps no memory for what may come, so it asks for one byte.
    buffer_.shrink_to_fit();
    parser_.reset();
    tcp().expires_after(ToChrono(listener_.options().idle_timeout));
    stream_.async_read_some(
        asio::buffer(&first_byte_, 1), [self = Self()](const error_code& error, size_t size) {
          if (!error && size == 1) {
            *static_cast<char*>(self->buffer_.prepare(1).data()) = self->first_byte_;
            self->buffer_.commit(1);
            self->ReadHead();
          }
        });
  }

  void ReadHead() {
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(std::min<size_t>(
        listener_.options().max_header_bytes, std::numeric_limits<uint32_t>::max())));
    // How much is too much, the handler knows.
    parser_->body_limit(std::numeric_limits<uint64_t>::max());
    tcp().expires_after(ToChrono(listener_.options().header_timeout));
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = Self()](const error_code& error, size_t) { self->OnHead(error); });
  }

  void OnHead(const error_code& error) {
    if (!error) {
      BeginExchange();
    } else if (error == http::error::header_limit) {
      Refuse("HTTP/1.1 431 Request Header Fields Too Large");
    } else if (error.category() == http::make_error_code(http::error::bad_method).category() &&
               error != http::error::end_of_stream && error != http::error::partial_message) {
      Refuse("HTTP/1.1 400 Bad Request");
    }
    // Otherwise the client has gone, or was too slow: the end of this is the end of the connection.
  }

  void Refuse(std::string_view status_line) {
    head_ = absl::StrCat(status_line, "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    tcp().expires_after(ToChrono(listener_.options().transfer_timeout));
    asio::async_write(stream_, ToBuffer(head_), [self = Self()](const error_code& error, size_t) {
      if (!error) {
        self->Linger();
      }
    });
  }

  void BeginExchange() {
    busy_ = true;
    listener_.SetBusy(this);
    const auto& head = parser_->get();
    method_ = std::string(head.method_string());
    target_ = std::string(head.target());
    headers_.clear();
    for (const auto& field : head) {
      headers_.emplace_back(std::string(field.name_string()), std::string(field.value()));
    }
    http_version_ = head.version();
    keep_alive_ = head.keep_alive() && http_version_ >= kKeepAliveVersion;
    content_length_ = std::nullopt;
    if (const auto length = parser_->content_length()) {
      content_length_ = *length;
    }
    body_done_ = parser_->is_done();
    granted_ = http_version_ < kKeepAliveVersion ||
               !absl::EqualsIgnoreCase(Header("Expect").value_or(""), "100-continue");
    cancellation_ = Cancellation();
    phase_ = Phase::kRequest;
    head_.clear();
    if (body_done_) {
      WatchClient();
    }
    listener_.RunHandler([self = Self()] { self->Handle(); });
  }

  // Notices that a client goes away while its request is handled.
  void WatchClient() {
    watch_ += 1;
    tcp().expires_never();
    socket().async_wait(tcp::socket::wait_read, [self = Self(),
                                                 watch = watch_](const error_code& error) {
      if (error || watch != self->watch_ || !self->busy_) {
        return;
      }
      char byte = 0;
      const ssize_t size = recv(self->socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
      if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        // What woke this was read already.
        self->WatchClient();
      } else if (size <= 0) {
        self->cancellation_.Cancel(absl::UnavailableError("the client has closed the connection"));
      }
    });
  }

  // Reads until some bytes of the body have come or it has ended.
  template <typename Done>
  void ReadSome(size_t size, size_t& taken, Done done) {
    if (parser_->is_done()) {
      body_done_ = true;
      WatchClient();
      done(error_code());
      return;
    }
    tcp().expires_after(ToChrono(listener_.options().transfer_timeout));
    http::async_read_some(
        stream_, buffer_, *parser_,
        [self = Self(), size, &taken, done = std::move(done)](error_code error, size_t) mutable {
          if (error == http::error::need_buffer) {
            error = {};
          }
          taken = size - self->parser_->get().body().size;
          if (self->parser_->is_done()) {
            self->body_done_ = true;
            self->WatchClient();
          }
          if (error || taken > 0 || self->body_done_) {
            done(error);
          } else {
            self->ReadSome(size, taken, std::move(done));
          }
        });
  }

  // After the handler.
  void EndExchange() {
    listener_.SetIdle(this->shared_from_this());
    watch_ += 1;
    if (phase_ != Phase::kAnswered) {
      // An answer that is not whole must not look as if it were.
      busy_ = false;
      Close();
    } else if (!keep_alive_) {
      busy_ = false;
      Linger();
    } else {
      SkipBody(kMaxUnwantedBytes);
    }
  }

  void SkipBody(uint64_t most) {
    if (body_done_ || parser_->is_done()) {
      AwaitRequest();
      return;
    }
    if (most == 0) {
      Close();
      return;
    }
    unwanted_.resize(kReadBytes);
    auto& body = parser_->get().body();
    body.data = unwanted_.data();
    body.size = unwanted_.size();
    body.more = true;
    tcp().expires_after(ToChrono(listener_.options().transfer_timeout));
    http::async_read_some(stream_, buffer_, *parser_,
                          [self = Self(), most](const error_code& error, size_t size) {
                            if (!error || error == http::error::need_buffer) {
                              self->SkipBody(most - std::min<uint64_t>(most, size));
                            }
                          });
  }

  // Closing at once could reset the connection before the client has read the answer.
  void Linger() {
    tcp().expires_after(ToChrono(kLingerTimeout));
    if constexpr (kTls) {
      stream_.async_shutdown([self = Self()](const error_code&) { self->LingerOnSocket(); });
    } else {
      LingerOnSocket();
    }
  }

  void LingerOnSocket() {
    error_code ignored;
    socket().shutdown(tcp::socket::shutdown_send, ignored);
    unwanted_.resize(kReadBytes);
    DiscardRest(kMaxLingerBytes);
  }

  void DiscardRest(uint64_t most) {
    tcp().async_read_some(asio::buffer(unwanted_),
                          [self = Self(), most](const error_code& error, size_t size) {
                            if (!error && size < most) {
                              self->DiscardRest(most - size);
                            }
                          });
  }

  // ---- on the handler's thread ----

  void Handle() {
    listener_.handler()(*this);
    if (phase_ == Phase::kRequest) {
      // A failure to send shows in the phase.
      Send(static_cast<int>(http::status::internal_server_error), {}, "").IgnoreError();
    }
    asio::post(stream_.get_executor(), [self = Self()] { self->EndExchange(); });
  }

  // Runs `start(done)` on the strand and waits until it has called done(error).
  template <typename Start>
  error_code Await(Start start) {
    struct Waiter {
      std::mutex mutex;
      std::condition_variable changed;
      bool done = false;
      error_code error;
    } waiter;

    asio::post(stream_.get_executor(), [&start, &waiter] {
      start([&waiter](const error_code& error) {
        const std::lock_guard lock(waiter.mutex);
        waiter.error = error;
        waiter.done = true;
        waiter.changed.notify_one();
      });
    });
    std::unique_lock lock(waiter.mutex);
    waiter.changed.wait(lock, [&waiter] { return waiter.done; });
    return waiter.error;
  }

  // Leave to send the body, where the client waits for it.
  absl::Status Grant() {
    if (granted_) {
      return absl::OkStatus();
    }
    granted_ = true;
    return SendAll({kContinue});
  }

  bool IsSmallRest() const { return content_length_ && *content_length_ <= kMaxUnwantedBytes; }

  absl::Status SendAll(std::initializer_list<std::string_view> pieces) {
    std::vector<asio::const_buffer> step;
    size_t step_bytes = 0;
    const auto flush = [&]() -> absl::Status {
      const error_code failed = Await([this, &step](auto done) {
        tcp().expires_after(ToChrono(listener_.options().transfer_timeout));
        asio::async_write(
            stream_, step,
            [self = Self(), done = std::move(done)](const error_code& error, size_t) mutable {
              self->tcp().expires_never();
              done(error);
            });
      });
      step.clear();
      step_bytes = 0;
      return failed ? TransferError(failed) : absl::OkStatus();
    };
    for (std::string_view piece : pieces) {
      while (!piece.empty()) {
        const std::string_view part = piece.substr(0, kWriteBytes - step_bytes);
        step.push_back(ToBuffer(part));
        step_bytes += part.size();
        piece.remove_prefix(part.size());
        if (step_bytes == kWriteBytes) {
          RETURN_IF_ERROR(flush());
        }
      }
    }
    return step.empty() ? absl::OkStatus() : flush();
  }

  Stream stream_;
  std::string peer_;
  beast::flat_buffer buffer_;
  char first_byte_ = 0;
  std::optional<http::request_parser<http::buffer_body>> parser_;
  bool busy_ = false;
  int64_t watch_ = 0;
  std::vector<char> unwanted_;

  // Of the request under way; the strand leaves them to the handler's thread.
  std::string method_;
  std::string target_;
  HttpHeaders headers_;
  std::optional<uint64_t> content_length_;
  unsigned http_version_ = 0;
  bool keep_alive_ = false;
  std::atomic<bool> body_done_ = false;
  bool granted_ = true;
  Cancellation cancellation_;
  Phase phase_ = Phase::kRequest;
  std::string head_;
  uint64_t bytes_left_ = 0;
  bool length_known_ = false;
  bool chunked_ = false;
  bool bodiless_ = false;
};

}  // namespace

class HttpServer::Impl final : public Listener {
 public:
  Impl(const HttpServerOptions& options, HttpHandler handler)
      : Listener(options, std::move(handler)),
        acceptor_(asio::make_strand(io_)),
        pause_(acceptor_.get_executor()) {
    workers_ = std::make_unique<ThreadPool>(options.max_handlers);
  }

  ~Impl() override { Stop(absl::ZeroDuration()); }

  absl::Status Start() {
    if (options_.tls) {
      RETURN_IF_ERROR(SetTls(*options_.tls));
    }
    RETURN_IF_ERROR(Listen());
    for (int i = 0; i < options_.network_threads; ++i) {
      threads_.emplace_back([this] { io_.run(); });
    }
    asio::post(acceptor_.get_executor(), [this] { Accept(); });
    return absl::OkStatus();
  }

  int port() const { return port_; }

  HttpServerStatistics statistics() const {
    const std::lock_guard lock(mutex_);
    const auto idle = std::count_if(
        connections_.begin(), connections_.end(),
        [](const auto& entry) { return entry.second.idle_since != absl::InfiniteFuture(); });
    return {static_cast<int64_t>(connections_.size()), idle, accepted_, requests_};
  }

  void Stop(absl::Duration grace) {
    if (stopping_.exchange(true)) {
      return;
    }
    asio::post(acceptor_.get_executor(), [this] {
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
    });
    ForEach([](Connection& connection) { connection.CloseIfIdle(); });
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, ToChrono(grace), [this] { return !AnyBusy(); });
    }
    ForEach([](Connection& connection) { connection.Break(); });
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return connections_.empty(); });
    }
    workers_.reset();
    work_.reset();
    io_.stop();
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

 private:
  absl::Status SetTls(const TlsIdentity& identity) {
    error_code error;
    tls_.emplace(asio::ssl::context::tls_server);
    tls_->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                          asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                          asio::ssl::context::no_tlsv1_1,
                      error);
    if (!error) {
      tls_->use_certificate_chain(ToBuffer(identity.certificate_chain), error);
    }
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat("the certificate of the server cannot be used: ", error.message()));
    }
    tls_->use_private_key(ToBuffer(identity.private_key), asio::ssl::context::pem, error);
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat("the private key of the server cannot be used: ", error.message()));
    }
    return absl::OkStatus();
  }

  absl::Status Listen() {
    const std::string where = absl::StrCat(options_.address, ":", options_.port);
    error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error || options_.port < 0 || options_.port > std::numeric_limits<uint16_t>::max()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", where, "' is no address and port to listen on"));
    }
    const tcp::endpoint endpoint(address, static_cast<uint16_t>(options_.port));
    acceptor_.open(endpoint.protocol(), error);
    if (!error) {
      acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    }
    if (!error) {
      acceptor_.bind(endpoint, error);
    }
    if (!error) {
      acceptor_.listen(asio::socket_base::max_listen_connections, error);
    }
    if (error) {
      return absl::UnavailableError(
          absl::StrCat("cannot listen on ", where, ": ", error.message()));
    }
    port_ = acceptor_.local_endpoint(error).port();
    return absl::OkStatus();
  }

  void Accept() {
    if (stopping_ || !acceptor_.is_open()) {
      return;
    }
    acceptor_.async_accept(asio::make_strand(io_),
                           [this](const error_code& error, tcp::socket socket) {
                             if (error == asio::error::operation_aborted) {
                               return;
                             }
                             if (error) {
                               pause_.expires_after(ToChrono(kAcceptPause));
                               pause_.async_wait([this](const error_code& aborted) {
                                 if (!aborted) {
                                   Accept();
                                 }
                               });
                               return;
                             }
                             accepted_ += 1;
                             newest_ = Open(std::move(socket));
                             waiting_for_room_ = MakeRoom();
                             if (!waiting_for_room_) {
                               Accept();
                             }
                           });
  }

  Connection* Open(tcp::socket socket) {
    std::shared_ptr<Connection> connection;
    if (tls_) {
      connection = std::make_shared<StreamConnection<beast::ssl_stream<beast::tcp_stream>>>(
          *this, std::move(socket), *tls_);
    } else {
      connection = std::make_shared<StreamConnection<beast::tcp_stream>>(*this, std::move(socket));
    }
    connection->Run();
    return connection.get();
  }

  // Past the limit, closes the connection that is idle longest, but for the newest. Whether it is
  // past the limit: then the end of a connection makes room.
  bool MakeRoom() {
    std::shared_ptr<Connection> oldest;
    {
      const std::lock_guard lock(mutex_);
      if (connections_.size() <= static_cast<size_t>(options_.max_connections)) {
        return false;
      }
      absl::Time since = absl::InfiniteFuture();
      for (const auto& [key, entry] : connections_) {
        if (entry.idle_since < since && key != newest_) {
          since = entry.idle_since;
          oldest = entry.connection.lock();
        }
      }
    }
    if (oldest != nullptr) {
      oldest->CloseIfIdle();
    }
    return true;
  }

  void OnIdle() override {
    if (waiting_for_room_) {
      asio::post(acceptor_.get_executor(), [this] {
        if (waiting_for_room_) {
          MakeRoom();
        }
      });
    }
  }

  void OnRemoved() override {
    if (stopping_) {
      return;
    }
    asio::post(acceptor_.get_executor(), [this] {
      if (waiting_for_room_) {
        waiting_for_room_ = false;
        Accept();
      }
    });
  }

  void ForEach(const std::function<void(Connection&)>& action) {
    std::vector<std::shared_ptr<Connection>> connections;
    {
      const std::lock_guard lock(mutex_);
      connections.reserve(connections_.size());
      for (const auto& [key, entry] : connections_) {
        connections.push_back(entry.connection.lock());
      }
    }
    for (const std::shared_ptr<Connection>& connection : connections) {
      if (connection != nullptr) {
        action(*connection);
      }
    }
  }

  // REQUIRES: mutex_ is held.
  bool AnyBusy() const {
    return std::any_of(connections_.begin(), connections_.end(), [](const auto& entry) {
      return entry.second.idle_since == absl::InfiniteFuture();
    });
  }

  std::optional<asio::ssl::context> tls_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  int port_ = 0;
  std::atomic<bool> waiting_for_room_ = false;
  const Connection* newest_ = nullptr;  // to compare; on the strand of the acceptor
  std::vector<std::thread> threads_;
};

std::optional<std::string_view> HttpExchange::Header(std::string_view name) const {
  for (const auto& [key, value] : headers()) {
    if (absl::EqualsIgnoreCase(key, name)) {
      return value;
    }
  }
  return std::nullopt;
}

absl::StatusOr<std::string> HttpExchange::ReadAll(size_t max_bytes) {
  const auto too_large = [max_bytes] {
    return absl::ResourceExhaustedError(
        absl::StrCat("the body of the request is larger than ", max_bytes, " bytes"));
  };
  if (content_length().value_or(0) > max_bytes) {
    return too_large();
  }
  std::string body;
  body.resize(std::min<uint64_t>(content_length().value_or(kReadBytes), max_bytes));
  size_t size = 0;
  while (true) {
    if (size == body.size()) {
      // One byte more than allowed shows that there is more.
      body.resize(std::min(std::max(2 * body.size(), kReadBytes), max_bytes + 1));
    }
    ASSIGN_OR_RETURN(const size_t taken, Read(body.data() + size, body.size() - size));
    size += taken;
    if (size > max_bytes) {
      return too_large();
    }
    if (taken == 0) {
      body.resize(size);
      return body;
    }
  }
}

absl::Status HttpExchange::Send(int status, HttpHeaders headers, std::string_view body) {
  RETURN_IF_ERROR(Start(status, std::move(headers), body.size()));
  RETURN_IF_ERROR(Write(body));
  return Finish();
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options,
                                                              HttpHandler handler) {
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  RETURN_IF_ERROR(impl->Start());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() = default;

int HttpServer::port() const { return impl_->port(); }

HttpServerStatistics HttpServer::statistics() const { return impl_->statistics(); }

void HttpServer::Stop(absl::Duration grace) { impl_->Stop(grace); }

}  // namespace pallas::net
