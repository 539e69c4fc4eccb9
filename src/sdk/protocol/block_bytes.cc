#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/bit_util.h"

#include "sdk/protocol/arrow_message.h"

namespace pallas::sdk::protocol {
namespace {

constexpr int64_t kOffsetBytes = 4;

int64_t ArrayBytes(const arrow::Array& array);

template <typename List>
int64_t ListBytes(const List& list) {
  const int64_t begin = list.value_offset(0);
  const int64_t end = list.value_offset(list.length());
  return kOffsetBytes * (list.length() + 1) + ArrayBytes(*list.values()->Slice(begin, end - begin));
}

int64_t StructBytes(const arrow::StructArray& rows) {
  int64_t bytes = 0;
  for (int i = 0; i < rows.num_fields(); ++i) {
    bytes += ArrayBytes(*rows.field(i));
  }
  return bytes;
}

// Types that no connector delivers: all that their buffers hold.
int64_t HeldBytes(const arrow::ArrayData& data) {
  int64_t bytes = 0;
  for (const std::shared_ptr<arrow::Buffer>& buffer : data.buffers) {
    bytes += buffer == nullptr ? 0 : buffer->size();
  }
  for (const std::shared_ptr<arrow::ArrayData>& child : data.child_data) {
    bytes += HeldBytes(*child);
  }
  return bytes;
}

int64_t DataBytes(const arrow::Array& array) {
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return kOffsetBytes * (array.length() + 1) +
             static_cast<const arrow::BinaryArray&>(array).total_values_length();
    case arrow::Type::LIST:
    case arrow::Type::MAP:
      return ListBytes(static_cast<const arrow::ListArray&>(array));
    case arrow::Type::STRUCT:
      return StructBytes(static_cast<const arrow::StructArray&>(array));
    default: {
      const int width = array.type()->bit_width();
      return width < 0 ? HeldBytes(*array.data())
                       : arrow::bit_util::BytesForBits(array.length() * width);
    }
  }
}

int64_t ArrayBytes(const arrow::Array& array) {
  if (array.length() == 0 || array.type_id() == arrow::Type::NA) {
    return 0;
  }
  return arrow::bit_util::BytesForBits(array.length()) + DataBytes(array);
}

}  // namespace

int64_t BlockBytes(const arrow::RecordBatch& batch) {
  int64_t bytes = 0;
  for (const std::shared_ptr<arrow::Array>& column : batch.columns()) {
    bytes += ArrayBytes(*column);
  }
  return bytes;
}

}  // namespace pallas::sdk::protocol
