#include "net/http_client.h"

#include <algorithm>
#include <chrono>
#include <mutex>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <curl/curl.h>

#include "base/status_macros.h"

namespace pallas::net {
namespace {

using SteadyClock = std::chrono::steady_clock;

// The longest that the loop sleeps between two looks at its deadlines; data and cancels wake it.
constexpr int kMaxPollMs = 1000;

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* handle) const {
    Free(handle);
  }
};

using EasyPtr = std::unique_ptr<CURL, Freed<curl_easy_cleanup>>;
using MultiPtr = std::unique_ptr<CURLM, Freed<curl_multi_cleanup>>;
using UrlPtr = std::unique_ptr<CURLU, Freed<curl_url_cleanup>>;
using ListPtr = std::unique_ptr<curl_slist, Freed<curl_slist_free_all>>;

std::string UrlPart(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) {
    return "";
  }
  const std::unique_ptr<char, Freed<curl_free>> owned(text);
  return owned.get();
}

// `http://host:port` of a URL: what connections are kept for and what errors show.
absl::StatusOr<std::string> OriginOf(const std::string& text) {
  const UrlPtr url(curl_url());
  if (url == nullptr || text.find('\0') != std::string::npos ||
      curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return absl::InvalidArgumentError("the URL of an HTTP request is malformed");
  }
  const std::string scheme = UrlPart(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return absl::InvalidArgumentError(absl::StrCat("'", scheme, "' URLs are not HTTP"));
  }
  return absl::StrCat(scheme, "://", UrlPart(url.get(), CURLUPART_HOST), ":",
                      UrlPart(url.get(), CURLUPART_PORT));
}

// OK if nothing in the head of the request could end a line and begin another.
absl::Status CheckHead(const HttpRequest& request) {
  constexpr std::string_view kLineEnds("\r\n\0", 3);
  const auto is_token = [](std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
             std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
  };
  if (!is_token(request.method)) {
    return absl::InvalidArgumentError("the method of an HTTP request is malformed");
  }
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || value.find_first_of(kLineEnds) != std::string::npos) {
      return absl::InvalidArgumentError("a header of an HTTP request is malformed");
    }
  }
  return absl::OkStatus();
}

absl::Status CurlError(CURLcode code, const std::string& origin) {
  const std::string text = absl::StrCat(origin, ": ", curl_easy_strerror(code));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return absl::DeadlineExceededError(text);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return absl::UnauthenticatedError(text);
    case CURLE_URL_MALFORMAT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_UNKNOWN_OPTION:
      return absl::InvalidArgumentError(text);
    case CURLE_OUT_OF_MEMORY:
      return absl::ResourceExhaustedError(text);
    default:
      return absl::UnavailableError(text);
  }
}

// One connection, or the means for one: an easy handle in a multi handle of its own, because only
// the latter can be woken from another thread.
struct Connection {
  MultiPtr multi;
  EasyPtr easy;  // after `multi`: it goes first
  std::string origin;
};

absl::StatusOr<Connection> NewConnection(const std::string& origin) {
  Connection connection{MultiPtr(curl_multi_init()), EasyPtr(curl_easy_init()), origin};
  if (connection.multi == nullptr || connection.easy == nullptr) {
    return absl::ResourceExhaustedError("no memory for an HTTP connection");
  }
  return connection;
}

}  // namespace

std::optional<std::string> HttpResponse::Header(std::string_view name) const {
  for (const auto& [header, value] : headers) {
    if (absl::EqualsIgnoreCase(header, name)) {
      return value;
    }
  }
  return std::nullopt;
}

// The connections that no request uses, the one used last at the end.
struct HttpClient::Pool {
  std::mutex mutex;
  std::vector<Connection> idle;

  absl::StatusOr<Connection> Take(const std::string& origin) {
    {
      const std::lock_guard lock(mutex);
      const auto found = std::find_if(idle.rbegin(), idle.rend(), [&](const Connection& candidate) {
        return candidate.origin == origin;
      });
      if (found != idle.rend()) {
        Connection taken = std::move(*found);
        idle.erase(std::next(found).base());
        return taken;
      }
    }
    return NewConnection(origin);
  }

  void Return(Connection connection, size_t max_idle) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(connection));
    if (idle.size() > max_idle) {
      idle.erase(idle.begin());
    }
  }
};

// One request and its answer over one connection.
class HttpClient::Exchange {
 public:
  Exchange(const HttpClientOptions& options, const HttpRequest& request, Connection& connection)
      : options_(options), request_(request), connection_(connection) {}

  absl::StatusOr<HttpResponse> Run(const Cancellation& cancellation, absl::Time deadline) {
    RETURN_IF_ERROR(SetUp());
    CURLM* multi = connection_.multi.get();
    const Cancellation::Registration registration =
        cancellation.OnCancel([multi] { curl_multi_wakeup(multi); });
    if (curl_multi_add_handle(multi, connection_.easy.get()) != CURLM_OK) {
      return absl::InternalError("an HTTP request cannot start");
    }
    absl::Status done = Loop(cancellation, deadline);
    curl_multi_remove_handle(multi, connection_.easy.get());
    RETURN_IF_ERROR(done);
    return std::move(response_);
  }

 private:
  template <typename T>
  void Set(CURLoption option, T value) {
    const CURLcode code = curl_easy_setopt(connection_.easy.get(), option, value);
    set_up_ = set_up_ == CURLE_OK ? code : set_up_;
  }

  absl::Status SetUp() {
    curl_easy_reset(connection_.easy.get());
    Set(CURLOPT_URL, request_.url.c_str());
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_PATH_AS_IS, 1L);
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    Set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    Set(CURLOPT_PROXY, options_.proxy.c_str());
    Set(CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(absl::ToInt64Milliseconds(options_.connect_timeout)));
    Set(CURLOPT_HEADERFUNCTION, &Exchange::OnHeader);
    Set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    Set(CURLOPT_WRITEFUNCTION, &Exchange::OnBody);
    Set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    Set(CURLOPT_NOPROGRESS, 0L);
    Set(CURLOPT_XFERINFOFUNCTION, &Exchange::OnProgress);
    Set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    SetTls();
    SetMethod();
    RETURN_IF_ERROR(SetHeaders());
    return set_up_ == CURLE_OK ? absl::OkStatus() : CurlError(set_up_, connection_.origin);
  }

  void SetTls() {
    const TlsOptions& tls = options_.tls;
    Set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    Set(CURLOPT_SSL_VERIFYPEER, tls.verify ? 1L : 0L);
    Set(CURLOPT_SSL_VERIFYHOST, tls.verify ? 2L : 0L);
    if (!tls.ca_file.empty()) {
      Set(CURLOPT_CAINFO, tls.ca_file.c_str());
    }
    if (!tls.certificate.empty()) {
      Set(CURLOPT_SSLCERT, tls.certificate.c_str());
      Set(CURLOPT_SSLKEY, tls.private_key.c_str());
    }
  }

  void SetMethod() {
    const std::string& method = request_.method;
    if (method == "HEAD") {
      Set(CURLOPT_NOBODY, 1L);
      return;
    }
    if (!request_.body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
      Set(CURLOPT_POST, 1L);
      Set(CURLOPT_POSTFIELDS, request_.body.data());
      Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    }
    Set(CURLOPT_CUSTOMREQUEST, method.c_str());
  }

  absl::Status SetHeaders() {
    // What libcurl would add by itself: a wait for "100 Continue", and a type for forms.
    std::vector<std::string> lines = {"Expect:"};
    bool has_type = false;
    for (const auto& [name, value] : request_.headers) {
      has_type = has_type || absl::EqualsIgnoreCase(name, "Content-Type");
      // A header without a value has a form of its own.
      lines.push_back(value.empty() ? absl::StrCat(name, ";") : absl::StrCat(name, ": ", value));
    }
    if (!has_type) {
      lines.emplace_back("Content-Type:");
    }
    for (const std::string& line : lines) {
      curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
      if (longer == nullptr) {
        return absl::ResourceExhaustedError("no memory for an HTTP request");
      }
      std::ignore = headers_.release();
      headers_.reset(longer);
    }
    Set(CURLOPT_HTTPHEADER, headers_.get());
    return absl::OkStatus();
  }

  absl::Status Loop(const Cancellation& cancellation, absl::Time deadline) {
    CURLM* multi = connection_.multi.get();
    last_progress_ = SteadyClock::now();
    while (true) {
      if (cancellation.IsCancelled()) {
        return cancellation.status();
      }
      int running = 0;
      if (curl_multi_perform(multi, &running) != CURLM_OK) {
        return absl::InternalError("an HTTP request cannot go on");
      }
      RETURN_IF_ERROR(failure_);
      if (running == 0) {
        return Outcome();
      }
      ASSIGN_OR_RETURN(const int wait_ms, TimeLeftMs(deadline));
      curl_multi_poll(multi, nullptr, 0, wait_ms, nullptr);
    }
  }

  // How long the loop may sleep; DEADLINE_EXCEEDED once there is no time left.
  absl::StatusOr<int> TimeLeftMs(absl::Time deadline) const {
    const absl::Duration idle_left =
        options_.idle_timeout - absl::FromChrono(SteadyClock::now() - last_progress_);
    const absl::Duration left = std::min(idle_left, deadline - absl::Now());
    if (left <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError(absl::StrCat(
          connection_.origin, idle_left <= absl::ZeroDuration() ? ": no data for too long"
                                                                : ": the request took too long"));
    }
    return static_cast<int>(std::min<int64_t>(kMaxPollMs, 1 + absl::ToInt64Milliseconds(left)));
  }

  absl::Status Outcome() {
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(connection_.multi.get(), &left);
    if (message == nullptr || message->msg != CURLMSG_DONE) {
      return absl::InternalError("an HTTP request has ended without a result");
    }
    if (message->data.result != CURLE_OK) {
      return CurlError(message->data.result, connection_.origin);
    }
    // libcurl takes a connection that ends among the headers for the end of an empty answer.
    return head_is_whole_ ? absl::OkStatus()
                          : absl::UnavailableError(absl::StrCat(
                                connection_.origin, ": the answer has ended within its headers"));
  }

  // Callbacks of libcurl. Another count than the given one ends the transfer; failure_ says why.
  static size_t OnHeader(char* bytes, size_t size, size_t count, void* self) {
    const std::string_view line(bytes, size * count);
    return static_cast<Exchange*>(self)->TakeHeader(line) ? line.size() : 0;
  }

  static size_t OnBody(char* bytes, size_t size, size_t count, void* self) {
    const std::string_view piece(bytes, size * count);
    // A short count of an empty piece could not be told from all of it; there are none.
    return static_cast<Exchange*>(self)->TakeBody(piece) ? piece.size() : 0;
  }

  static int OnProgress(void* self, curl_off_t /*total_in*/, curl_off_t in,
                        curl_off_t /*total_out*/, curl_off_t out) {
    auto* exchange = static_cast<Exchange*>(self);
    if (in + out != exchange->bytes_moved_) {
      exchange->bytes_moved_ = in + out;
      exchange->last_progress_ = SteadyClock::now();
    }
    return 0;
  }

  bool TakeHeader(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > options_.max_header_bytes) {
      failure_ = absl::ResourceExhaustedError(
          absl::StrCat(connection_.origin, ": the headers of the answer have more than ",
                       options_.max_header_bytes, " bytes"));
      return false;
    }
    line = absl::StripAsciiWhitespace(line);
    head_is_whole_ = head_is_whole_ || line.empty();
    if (absl::StartsWith(line, "HTTP/")) {
      // A status line; one before it was of an interim answer.
      response_ = {};
      head_is_whole_ = false;
      const std::string_view rest = line.substr(std::min(line.size(), line.find(' ') + 1));
      if (!absl::SimpleAtoi(rest.substr(0, rest.find(' ')), &response_.status)) {
        failure_ =
            absl::UnavailableError(absl::StrCat(connection_.origin, ": the answer has no status"));
        return false;
      }
      return true;
    }
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      response_.headers.emplace_back(line.substr(0, colon),
                                     absl::StripAsciiWhitespace(line.substr(colon + 1)));
    }
    return true;
  }

  bool TakeBody(std::string_view piece) {
    if (request_.on_body) {
      failure_ = request_.on_body(response_, piece);
      last_progress_ = SteadyClock::now();
      return failure_.ok();
    }
    if (piece.size() > options_.max_body_bytes - response_.body.size()) {
      failure_ = absl::ResourceExhaustedError(absl::StrCat(
          connection_.origin, ": the answer has more than ", options_.max_body_bytes, " bytes"));
      return false;
    }
    response_.body += piece;
    return true;
  }

  const HttpClientOptions& options_;
  const HttpRequest& request_;
  Connection& connection_;
  ListPtr headers_;
  CURLcode set_up_ = CURLE_OK;  // of the first option that was refused
  HttpResponse response_;
  absl::Status failure_;  // what ended the transfer from our side
  size_t header_bytes_ = 0;
  bool head_is_whole_ = false;  // the empty line after the headers has come
  curl_off_t bytes_moved_ = 0;
  SteadyClock::time_point last_progress_;
};

HttpClient::HttpClient(HttpClientOptions options, std::unique_ptr<Pool> pool)
    : options_(std::move(options)), pool_(std::move(pool)) {}

HttpClient::~HttpClient() = default;

absl::StatusOr<std::unique_ptr<HttpClient>> HttpClient::Make(HttpClientOptions options) {
  // Thread-safe as a local static is; libcurl's own is not everywhere.
  static const CURLcode kInitialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kInitialized != CURLE_OK) {
    return absl::InternalError(
        absl::StrCat("libcurl cannot be used: ", curl_easy_strerror(kInitialized)));
  }
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(options), std::make_unique<Pool>()));
}

absl::StatusOr<HttpResponse> HttpClient::Send(const HttpRequest& request,
                                              const Cancellation& cancellation,
                                              absl::Time deadline) {
  RETURN_IF_ERROR(CheckHead(request));
  ASSIGN_OR_RETURN(const std::string origin, OriginOf(request.url));
  ASSIGN_OR_RETURN(Connection connection, pool_->Take(origin));
  auto response = Exchange(options_, request, connection).Run(cancellation, deadline);
  // After an error the connection may be in the middle of an answer: it is closed.
  if (response.ok()) {
    pool_->Return(std::move(connection), options_.max_idle_connections);
  }
  return response;
}

}  // namespace pallas::net
