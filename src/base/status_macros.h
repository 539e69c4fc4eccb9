#ifndef PALLAS_BASE_STATUS_MACROS_H_
#define PALLAS_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Early return on error. Both macros take anything that has a `ToAbslStatus()` overload and, for
// ASSIGN_OR_RETURN, `ok()` and a dereference: absl::StatusOr here, arrow::Result through
// `types/arrow_status.h`.

namespace pallas {

inline absl::Status ToAbslStatus(const absl::Status& status) { return status; }

inline absl::Status ToAbslStatus(absl::Status&& status) { return std::move(status); }

template <typename T>
absl::Status ToAbslStatus(const absl::StatusOr<T>& result) {
  return result.status();
}

template <typename T>
absl::Status ToAbslStatus(absl::StatusOr<T>&& result) {
  return std::move(result).status();
}

}  // namespace pallas

#define PALLAS_CONCAT_INNER(a, b) a##b
#define PALLAS_CONCAT(a, b) PALLAS_CONCAT_INNER(a, b)

// Returns the error of `expression` from the enclosing function, if it has one.
#define RETURN_IF_ERROR(expression)                                                   \
  do {                                                                                \
    using ::pallas::ToAbslStatus;                                                     \
    if (absl::Status pallas_status = ToAbslStatus(expression); !pallas_status.ok()) { \
      return pallas_status;                                                           \
    }                                                                                 \
  } while (false)

// Assigns the value of `expression` to `target` (which may be a declaration) or returns its error.
#define ASSIGN_OR_RETURN(target, expression) \
  PALLAS_ASSIGN_OR_RETURN(PALLAS_CONCAT(pallas_result_, __LINE__), target, expression)

#define PALLAS_ASSIGN_OR_RETURN(result, target, expression) \
  auto result = (expression);                               \
  if (!result.ok()) {                                       \
    using ::pallas::ToAbslStatus;                           \
    return ToAbslStatus(std::move(result));                 \
  }                                                         \
  target = *std::move(result)

#endif  // PALLAS_BASE_STATUS_MACROS_H_
