#ifndef PALLAS_SDK_FUNCTION_WIRE_BATCH_H_
#define PALLAS_SDK_FUNCTION_WIRE_BATCH_H_

#include <memory>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

// The types of the protocol (section 9.1) are fewer than those that connectors deliver in process:
// a timestamp of microseconds is cut to milliseconds, one with a zone becomes packed cells. Pure
// functions.

namespace pallas::sdk {

// The type on the wire of a connector's column; UNIMPLEMENTED for one that the protocol does not
// have.
absl::StatusOr<std::shared_ptr<arrow::DataType>> WireType(
    const std::shared_ptr<arrow::DataType>& type);

// The cells of `column` in its wire type.
absl::StatusOr<std::shared_ptr<arrow::Array>> ToWireColumn(
    const std::shared_ptr<arrow::Array>& column, const std::shared_ptr<arrow::DataType>& wire_type);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_FUNCTION_WIRE_BATCH_H_
