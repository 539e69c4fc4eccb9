#include "sdk/request_context.h"

#include "base/error_detail.h"

namespace pallas::sdk {

absl::Status RequestContext::Check() const {
  if (cancellation.IsCancelled()) {
    return cancellation.status();
  }
  if (deadline != absl::InfiniteFuture() && clock->Now() >= deadline) {
    return NamedError("EXCEEDED_TIME_LIMIT", "Query exceeded the maximum run time",
                      absl::StatusCode::kDeadlineExceeded);
  }
  return absl::OkStatus();
}

}  // namespace pallas::sdk
