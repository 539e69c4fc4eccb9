#ifndef PALLAS_TYPES_ARROW_STATUS_H_
#define PALLAS_TYPES_ARROW_STATUS_H_

#include "absl/status/status.h"
#include "arrow/result.h"
#include "arrow/status.h"

namespace arrow {

// Found by argument-dependent lookup from RETURN_IF_ERROR and ASSIGN_OR_RETURN.
absl::Status ToAbslStatus(const Status& status);

template <typename T>
absl::Status ToAbslStatus(const Result<T>& result) {
  return ToAbslStatus(result.status());
}

}  // namespace arrow

#endif  // PALLAS_TYPES_ARROW_STATUS_H_
