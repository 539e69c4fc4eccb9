#ifndef PALLAS_SDK_PROTOCOL_ARROW_TYPE_JSON_INTERNAL_H_
#define PALLAS_SDK_PROTOCOL_ARROW_TYPE_JSON_INTERNAL_H_

#include <memory>

#include "absl/status/status.h"
#include "arrow/type_fwd.h"

#include "sdk/protocol/json_reader_internal.h"
#include "sdk/protocol/json_writer.h"

// The JSON form of Arrow types in value sets and expressions (sections 5.5 and 7). It has no
// children: lists, structs and maps come back with empty ones.

namespace pallas::sdk::protocol {

absl::Status WriteArrowType(const arrow::DataType& type, Version version, JsonWriter& out);

// The type in the field `name` of `in`; null after an error.
std::shared_ptr<arrow::DataType> ReadArrowType(ObjectReader& in, std::string_view name);

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_ARROW_TYPE_JSON_INTERNAL_H_
