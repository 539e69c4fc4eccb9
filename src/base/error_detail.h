#ifndef PALLAS_BASE_ERROR_DETAIL_H_
#define PALLAS_BASE_ERROR_DETAIL_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace pallas {

// A place in a text: both 1-based; the column counts code points.
struct Location {
  int line = 0;
  int column = 0;

  bool operator==(const Location&) const = default;
};

// What an error means beyond its canonical code; travels as one payload of an absl::Status.
// The message of the status is complete without it.
struct ErrorDetail {
  // The name clients match on, spelled as Trino spells it: "SYNTAX_ERROR", "DIVISION_BY_ZERO".
  std::string name;
  // Where in the statement.
  std::optional<Location> location;
  // The code of the connector protocol (FederationSourceErrorCode), e.g. "ENTITY_NOT_FOUND".
  std::string source_code;

  bool operator==(const ErrorDetail&) const = default;
};

// Returns `status` with `detail` attached. REQUIRES: !status.ok().
absl::Status WithDetail(absl::Status status, const ErrorDetail& detail);

// The attached detail, if there is one.
std::optional<ErrorDetail> GetDetail(const absl::Status& status);

// `INVALID_ARGUMENT` (or the given code) with the given Trino error name.
absl::Status NamedError(std::string_view name, std::string_view message,
                        absl::StatusCode code = absl::StatusCode::kInvalidArgument);

// Like NamedError; the message is prefixed with "line L:C: ", as Trino does.
absl::Status ErrorAt(Location location, std::string_view name, std::string_view message,
                     absl::StatusCode code = absl::StatusCode::kInvalidArgument);

// The error name of `status`: the attached one, or the nearest generic name for its code
// ("GENERIC_INTERNAL_ERROR", "EXCEEDED_TIME_LIMIT", "USER_CANCELED", ...).
std::string ErrorName(const absl::Status& status);

// `status` with `prefix` before its message; code and payloads stay.
absl::Status Annotate(const absl::Status& status, std::string_view prefix);

}  // namespace pallas

#endif  // PALLAS_BASE_ERROR_DETAIL_H_
