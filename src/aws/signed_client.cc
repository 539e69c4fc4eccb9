#include "aws/signed_client.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "base/units.h"

namespace pallas::aws {
namespace {

constexpr size_t kMaxErrorBytes = 64 * kKiB;
constexpr int kMaxCredentialRetries = 1;
constexpr int kMaxSkewRetries = 1;

// Sleeps until `until`, by the machine's clock; returns early when cancelled.
void SleepUntil(absl::Time until, const Cancellation& cancellation) {
  std::mutex mutex;
  std::condition_variable changed;
  bool cancelled = false;
  const Cancellation::Registration registration = cancellation.OnCancel([&] {
    const std::lock_guard lock(mutex);
    cancelled = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  changed.wait_until(lock, absl::ToChronoTime(until), [&] { return cancelled; });
}

// A random part of `delay`, so that clients that failed together do not come back together.
absl::Duration Jitter(absl::Duration delay) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return delay * std::uniform_real_distribution<double>(0.0, 1.0)(random);
}

// How many seconds the server's clock is ahead, by the Date of its answer.
std::optional<int64_t> SkewOf(const net::HttpResponse& response, absl::Time now) {
  const std::optional<std::string> date = response.Header("Date");
  absl::Time server;
  std::string error;
  if (!date || !absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", *date, &server, &error)) {
    return std::nullopt;
  }
  return absl::ToInt64Seconds(server - now);
}

}  // namespace

struct SignedClient::Attempts {
  explicit Attempts(absl::Time now) : started(now) {}

  absl::Time started;
  int failures = 0;
  int throttled = 0;
  int credentials = 0;
  int skew = 0;
  // Of the last attempt:
  std::string access_key;
  std::string error_body;  // where good bodies are streamed
};

SignedClient::SignedClient(SigningScope scope, net::HttpClient& http,
                           std::shared_ptr<CredentialsProvider> credentials, Clock& clock,
                           ErrorReader read_error, RetryOptions retry)
    : scope_(std::move(scope)),
      http_(http),
      credentials_(std::move(credentials)),
      clock_(clock),
      read_error_(read_error),
      retry_(retry) {}

absl::StatusOr<net::HttpResponse> SignedClient::Send(net::HttpRequest request,
                                                     std::string_view what,
                                                     const CallOptions& call) {
  Attempts attempts(absl::Now());
  if (request.on_body) {
    request.on_body = [on_good_body = std::move(request.on_body), &attempts](
                          const net::HttpResponse& response, std::string_view piece) {
      if (response.status < 300) {
        return on_good_body(response, piece);
      }
      std::string& body = attempts.error_body;
      body += piece.substr(0, kMaxErrorBytes - std::min(kMaxErrorBytes, body.size()));
      return absl::OkStatus();
    };
  }
  while (true) {
    absl::StatusOr<net::HttpResponse> response = SendOnce(&request, what, call, &attempts);
    if (response.ok()) {
      return response;
    }
    RETURN_IF_ERROR(AfterFailure(response.status(), call, &attempts));
    if (call.before_retry) {
      call.before_retry(&request);
    }
  }
}

absl::StatusOr<net::HttpResponse> SignedClient::SendOnce(net::HttpRequest* request,
                                                         std::string_view what,
                                                         const CallOptions& call,
                                                         Attempts* attempts) {
  const size_t own_headers = request->headers.size();
  const absl::Time now = clock_.Now();
  if (credentials_ != nullptr) {
    absl::StatusOr<Credentials> credentials = credentials_->Get(call.cancellation, call.deadline);
    if (!credentials.ok()) {
      return Annotate(credentials.status(), absl::StrCat(what, ": "));
    }
    attempts->access_key = credentials->access_key_id;
    RETURN_IF_ERROR(
        SignRequest(scope_, *credentials, now + absl::Seconds(skew_seconds_.load()), request));
  }
  attempts->error_body.clear();
  absl::StatusOr<net::HttpResponse> response =
      http_.Send(*request, call.cancellation, call.deadline);
  request->headers.resize(own_headers);
  if (!response.ok()) {
    return Annotate(response.status(), absl::StrCat(what, ": "));
  }
  if (response->status < 300) {
    return response;
  }
  return ErrorOf(*response, request->on_body ? attempts->error_body : response->body, what, now);
}

absl::Status SignedClient::ErrorOf(const net::HttpResponse& response, std::string_view body,
                                   std::string_view what, absl::Time sent) {
  const AwsError error = read_error_(response, body);
  if (IsSkewed(error)) {
    if (const std::optional<int64_t> skew = SkewOf(response, sent)) {
      skew_seconds_ = *skew;
    }
  }
  return ToStatus(error, what);
}

absl::Status SignedClient::AfterFailure(const absl::Status& failure, const CallOptions& call,
                                        Attempts* attempts) {
  if (call.cancellation.IsCancelled()) {
    return call.cancellation.status();
  }
  const std::optional<AwsError> error = GetAwsError(failure);
  if (error && IsThrottling(*error)) {
    if (call.on_throttled) {
      call.on_throttled();
    }
    if (absl::Now() - attempts->started >= retry_.throttling_patience) {
      return failure;
    }
    return Wait(call, failure, ++attempts->throttled);
  }
  if (error && IsExpired(*error) && credentials_ != nullptr) {
    credentials_->Forget(attempts->access_key);
    return ++attempts->credentials > kMaxCredentialRetries ? failure : absl::OkStatus();
  }
  if (error && IsSkewed(*error)) {
    return ++attempts->skew > kMaxSkewRetries ? failure : absl::OkStatus();
  }
  const bool server_failed = error && error->http_status >= 500 && error->http_status != 501;
  const bool broke = !error && (absl::IsUnavailable(failure) || absl::IsDeadlineExceeded(failure));
  if (!(server_failed || broke) || !call.safe_to_repeat ||
      ++attempts->failures >= retry_.max_attempts) {
    return failure;
  }
  return Wait(call, failure, attempts->failures);
}

absl::Status SignedClient::Wait(const CallOptions& call, const absl::Status& failure,
                                int attempt) const {
  constexpr int kMaxDoublings = 20;
  const absl::Duration delay = std::min(
      retry_.max_delay, retry_.first_delay * (int64_t{1} << std::min(attempt - 1, kMaxDoublings)));
  const absl::Time until = absl::Now() + Jitter(delay);
  if (until >= call.deadline) {
    return failure;
  }
  SleepUntil(until, call.cancellation);
  return call.cancellation.status();
}

}  // namespace pallas::aws
