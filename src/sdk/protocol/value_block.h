#ifndef PALLAS_SDK_PROTOCOL_VALUE_BLOCK_H_
#define PALLAS_SDK_PROTOCOL_VALUE_BLOCK_H_

#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "sdk/model/value.h"

namespace pallas::sdk::protocol {

// The column of every block of values: markers, equatable sets, constants (section 5.9).
inline constexpr char kValueColumn[] = "col1";

// A block of one column kValueColumn with a row for each value. Types that Value does not have are
// UNIMPLEMENTED; a value that its type cannot hold is INVALID_ARGUMENT.
absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> ToValueBlock(
    const std::shared_ptr<arrow::DataType>& type, const std::vector<std::optional<Value>>& values);

// The values of the block's one column, which must be of `type` (of timestamps only the unit
// counts, section 10.3).
absl::StatusOr<std::vector<std::optional<Value>>> FromValueBlock(const arrow::RecordBatch& block,
                                                                 const arrow::DataType& type);

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_VALUE_BLOCK_H_
