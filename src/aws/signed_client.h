#ifndef PALLAS_AWS_SIGNED_CLIENT_H_
#define PALLAS_AWS_SIGNED_CLIENT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "aws/credentials.h"
#include "aws/error.h"
#include "aws/signature.h"
#include "base/cancellation.h"
#include "base/clock.h"
#include "net/http_client.h"

namespace pallas::aws {

// How long to go on. Between two attempts lies a random part of a delay that doubles each time.
struct RetryOptions {
  int max_attempts = 5;  // of a request whose server failed or could not be reached
  // A service that throttles is asked again for this long.
  absl::Duration throttling_patience = absl::Minutes(2);
  absl::Duration first_delay = absl::Milliseconds(50);
  absl::Duration max_delay = absl::Seconds(5);
};

// One call, however many requests it takes.
struct CallOptions {
  Cancellation cancellation;
  absl::Time deadline = absl::InfiniteFuture();
  // False: what may have reached the server is not sent again.
  bool safe_to_repeat = true;
  // Called when the service has throttled, before the wait; for a source's limiter. May be null.
  std::function<void()> on_throttled;
  // Called before each further attempt; may change the request (the range that is left). May be
  // null.
  std::function<void(net::HttpRequest*)> before_retry;
};

// Signs and sends requests to one AWS service; sends again what failed by no fault of its own:
// throttling, a failed server, a broken connection, expired credentials, a clock that differs from
// the server's. Thread-safe.
class SignedClient {
 public:
  // How an error looks: ReadJsonError or ReadXmlError.
  using ErrorReader = AwsError (*)(const net::HttpResponse& response, std::string_view body);

  // `http` and `clock` outlive the client. Without `credentials`, requests are not signed.
  SignedClient(SigningScope scope, net::HttpClient& http,
               std::shared_ptr<CredentialsProvider> credentials, Clock& clock,
               ErrorReader read_error, RetryOptions retry);

  // The answer, if its status is below 300; else ToStatus() of its error, to which `what` says who
  // was asked for what ("s3 GetObject s3://b/k"). `request.on_body` sees the bodies of good answers
  // only, and after a broken connection those of the next attempt as well.
  absl::StatusOr<net::HttpResponse> Send(net::HttpRequest request, std::string_view what,
                                         const CallOptions& call);

  const SigningScope& scope() const { return scope_; }

 private:
  struct Attempts;

  // Signs `request` for this attempt and takes the signature out again.
  absl::StatusOr<net::HttpResponse> SendOnce(net::HttpRequest* request, std::string_view what,
                                             const CallOptions& call, Attempts* attempts);
  absl::Status ErrorOf(const net::HttpResponse& response, std::string_view body,
                       std::string_view what, absl::Time sent);
  // OK: try again, after the wait that is needed. Otherwise what Send() returns.
  absl::Status AfterFailure(const absl::Status& failure, const CallOptions& call,
                            Attempts* attempts);
  // Waits for the turn of the next attempt; `failure` if there is no time left for one.
  absl::Status Wait(const CallOptions& call, const absl::Status& failure, int attempt) const;

  const SigningScope scope_;
  net::HttpClient& http_;
  const std::shared_ptr<CredentialsProvider> credentials_;
  Clock& clock_;
  const ErrorReader read_error_;
  const RetryOptions retry_;
  std::atomic<int64_t> skew_seconds_{0};  // of the server's clock against ours
};

}  // namespace pallas::aws

#endif  // PALLAS_AWS_SIGNED_CLIENT_H_
