#ifndef PALLAS_SDK_REQUEST_CONTEXT_H_
#define PALLAS_SDK_REQUEST_CONTEXT_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "base/cancellation.h"
#include "base/clock.h"

namespace pallas::sdk {

class Limiter;         // sdk/runtime/limiter.h
class SecretResolver;  // sdk/secrets/secret_resolver.h

// Who asks; reaches every connector (protocol section 5.1, FederatedIdentity).
struct Identity {
  std::string account;
  std::string arn;
  std::map<std::string, std::string> principal_tags;
  std::vector<std::string> iam_groups;
};

// Everything about a request that is not its subject. Copied by value; borrows `limiter` and
// `secrets`, which outlive every request. Thread-safe.
struct RequestContext {
  Identity identity;
  std::string query_id;
  std::string catalog;
  absl::Time deadline = absl::InfiniteFuture();
  Cancellation cancellation;
  Clock* clock = &Clock::System();
  Limiter* limiter = nullptr;         // null: unlimited
  SecretResolver* secrets = nullptr;  // null: no secrets

  // OK while the work should go on; else the reason of cancellation or DEADLINE_EXCEEDED.
  // Loops that read from a source call it once per batch or page.
  absl::Status Check() const;

  // Registers what stops a blocking call on the source (abort its socket, KILL QUERY). Runs on the
  // cancelling thread; must not block for long.
  [[nodiscard]] Cancellation::Registration OnCancel(std::function<void()> callback) const {
    return cancellation.OnCancel(std::move(callback));
  }
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_REQUEST_CONTEXT_H_
