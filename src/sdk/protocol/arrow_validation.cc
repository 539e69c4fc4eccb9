#include <cstring>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/buffer.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/bit_util.h"
#include "arrow/util/bitmap_ops.h"
#include "arrow/util/decimal.h"

#include "base/status_macros.h"
#include "sdk/protocol/arrow_validation_internal.h"
#include "types/arrow_status.h"

namespace pallas::sdk::protocol {
namespace {

// Java counts rows in 32 bits.
constexpr int64_t kMaxRows = std::numeric_limits<int32_t>::max();
constexpr int64_t kBufferAlignment = 8;

struct Layout {
  int64_t nodes = 0;
  int64_t buffers = 0;
};

// How many buffers a column of this type has itself; nullopt: the protocol does not have the type.
std::optional<int64_t> OwnBuffers(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::NA:
      return 0;
    case arrow::Type::STRUCT:
    case arrow::Type::FIXED_SIZE_LIST:
      return 1;
    case arrow::Type::BOOL:
    case arrow::Type::UINT8:
    case arrow::Type::INT8:
    case arrow::Type::UINT16:
    case arrow::Type::INT16:
    case arrow::Type::UINT32:
    case arrow::Type::INT32:
    case arrow::Type::UINT64:
    case arrow::Type::INT64:
    case arrow::Type::HALF_FLOAT:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
    case arrow::Type::FIXED_SIZE_BINARY:
    case arrow::Type::DATE32:
    case arrow::Type::DATE64:
    case arrow::Type::TIMESTAMP:
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
    case arrow::Type::INTERVAL_MONTHS:
    case arrow::Type::INTERVAL_DAY_TIME:
    case arrow::Type::INTERVAL_MONTH_DAY_NANO:
    case arrow::Type::DECIMAL128:
    case arrow::Type::DECIMAL256:
    case arrow::Type::DURATION:
    case arrow::Type::LIST:
    case arrow::Type::LARGE_LIST:
    case arrow::Type::MAP:
      return 2;
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return 3;
    default:
      return std::nullopt;
  }
}

absl::Status CheckType(const arrow::Field& field) {
  if (!OwnBuffers(*field.type())) {
    return absl::InvalidArgumentError(
        absl::StrCat("column '", field.name(), "' has the Arrow type ", field.type()->ToString(),
                     ", which the connector protocol does not have"));
  }
  for (const std::shared_ptr<arrow::Field>& child : field.type()->fields()) {
    RETURN_IF_ERROR(CheckType(*child));
  }
  return absl::OkStatus();
}

void AddLayout(const arrow::Field& field, Layout& layout) {
  layout.nodes += 1;
  layout.buffers += OwnBuffers(*field.type()).value_or(0);
  for (const std::shared_ptr<arrow::Field>& child : field.type()->fields()) {
    AddLayout(*child, layout);
  }
}

// A table of a verified FlatBuffer. Its fields are found through a table of their places.
class Table {
 public:
  explicit Table(const void* start) : start_(static_cast<const uint8_t*>(start)) {}

  int64_t Int64(size_t field) const {
    const uint8_t* const place = Place(field);
    return place == nullptr ? 0 : Load<int64_t>(place);
  }

  bool Has(size_t field) const { return Place(field) != nullptr; }

  struct Pair {
    int64_t first = 0;
    int64_t second = 0;
  };

  // A vector of structs of two 64-bit numbers.
  std::vector<Pair> Pairs(size_t field) const {
    std::vector<Pair> pairs;
    if (const uint8_t* const place = Place(field)) {
      const uint8_t* const vector = place + Load<uint32_t>(place);
      pairs.resize(Load<uint32_t>(vector));
      if (!pairs.empty()) {
        std::memcpy(pairs.data(), vector + sizeof(uint32_t), pairs.size() * sizeof(Pair));
      }
    }
    return pairs;
  }

 private:
  template <typename T>
  static T Load(const uint8_t* place) {
    T value;
    std::memcpy(&value, place, sizeof(value));
    return value;
  }

  const uint8_t* Place(size_t field) const {
    const uint8_t* const places = start_ - Load<int32_t>(start_);
    const size_t entry = 2 * sizeof(uint16_t) + field * sizeof(uint16_t);
    if (entry >= Load<uint16_t>(places)) {
      return nullptr;
    }
    const uint16_t offset = Load<uint16_t>(places + entry);
    return offset == 0 ? nullptr : start_ + offset;
  }

  const uint8_t* start_;
};

// The fields of a RecordBatch table, by number.
enum BatchField : size_t { kLength = 0, kNodes = 1, kBuffers = 2, kCompression = 3 };

absl::Status CheckCounts(const arrow::Schema& schema, size_t nodes, size_t buffers) {
  Layout layout;
  for (const std::shared_ptr<arrow::Field>& field : schema.fields()) {
    AddLayout(*field, layout);
  }
  if (static_cast<int64_t>(nodes) != layout.nodes ||
      static_cast<int64_t>(buffers) != layout.buffers) {
    return absl::InvalidArgumentError(
        absl::StrCat("the Arrow record batch has ", nodes, " columns and ", buffers,
                     " buffers, where its schema has ", layout.nodes, " and ", layout.buffers,
                     " (children included)"));
  }
  return absl::OkStatus();
}

template <typename Offset>
bool OffsetsRise(const Offset* offsets, int64_t num_rows) {
  bool rise = offsets[0] >= 0;
  for (int64_t i = 0; i < num_rows; ++i) {
    rise &= offsets[i] <= offsets[i + 1];
  }
  return rise;
}

absl::Status CheckOffsets(const arrow::ArrayData& data, bool wide) {
  if (data.length == 0) {
    return absl::OkStatus();
  }
  // That there are enough of them and that the last one is in bounds, Array::Validate has seen.
  const bool rise = wide ? OffsetsRise(data.GetValues<int64_t>(1), data.length)
                         : OffsetsRise(data.GetValues<int32_t>(1), data.length);
  return rise ? absl::OkStatus()
              : absl::InvalidArgumentError("the Arrow offsets do not rise from row to row");
}

absl::Status CheckDecimals(const arrow::Decimal128Array& array) {
  const int32_t precision = static_cast<const arrow::Decimal128Type&>(*array.type()).precision();
  for (int64_t i = 0; i < array.length(); ++i) {
    if (!array.IsNull(i) && !arrow::Decimal128(array.GetValue(i)).FitsInPrecision(precision)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a decimal has more than the ", precision, " digits of its type"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckArray(const arrow::Array& array) {
  const arrow::ArrayData& data = *array.data();
  if (data.buffers[0] != nullptr && data.null_count.load() >= 0) {
    const int64_t valid =
        arrow::internal::CountSetBits(data.buffers[0]->data(), data.offset, data.length);
    if (data.length - valid != data.null_count.load()) {
      return absl::InvalidArgumentError(
          absl::StrCat("claims ", data.null_count.load(), " nulls, but has ", data.length - valid));
    }
  }
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
    case arrow::Type::LIST:
    case arrow::Type::MAP:
      RETURN_IF_ERROR(CheckOffsets(data, false));
      break;
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
    case arrow::Type::LARGE_LIST:
      RETURN_IF_ERROR(CheckOffsets(data, true));
      break;
    case arrow::Type::DECIMAL128:
      return CheckDecimals(static_cast<const arrow::Decimal128Array&>(array));
    default:
      break;
  }
  for (const std::shared_ptr<arrow::ArrayData>& child : data.child_data) {
    RETURN_IF_ERROR(CheckArray(*arrow::MakeArray(child)));
  }
  return absl::OkStatus();
}

// Java leaves a bitmap unread where all rows are null; there it may be missing. True: `data`
// changed.
absl::StatusOr<bool> PutInBitmaps(arrow::ArrayData& data) {
  bool changed = false;
  if (data.type->id() != arrow::Type::NA && data.length > 0 &&
      data.null_count.load() == data.length &&
      (data.buffers[0] == nullptr || data.buffers[0]->size() == 0)) {
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> bitmap,
                     arrow::AllocateBuffer(arrow::bit_util::BytesForBits(data.length)));
    std::memset(bitmap->mutable_data(), 0, static_cast<size_t>(bitmap->size()));
    data.buffers[0] = std::move(bitmap);
    changed = true;
  }
  for (std::shared_ptr<arrow::ArrayData>& child : data.child_data) {
    std::shared_ptr<arrow::ArrayData> copy = child->Copy();
    ASSIGN_OR_RETURN(const bool child_changed, PutInBitmaps(*copy));
    if (child_changed) {
      child = std::move(copy);
      changed = true;
    }
  }
  return changed;
}

}  // namespace

absl::Status CheckSchemaTypes(const arrow::Schema& schema) {
  for (const std::shared_ptr<arrow::Field>& field : schema.fields()) {
    RETURN_IF_ERROR(CheckType(*field));
  }
  return absl::OkStatus();
}

absl::Status CheckBatchHeader(const void* header, const arrow::Schema& schema, int64_t body_bytes) {
  const Table table(header);
  if (table.Has(kCompression)) {
    return absl::InvalidArgumentError(
        "the Arrow record batch is compressed, which the connector protocol does not have");
  }
  const int64_t num_rows = table.Int64(kLength);
  if (num_rows < 0 || num_rows > kMaxRows) {
    return absl::InvalidArgumentError(
        absl::StrCat("the Arrow record batch claims ", num_rows, " rows"));
  }
  const std::vector<Table::Pair> nodes = table.Pairs(kNodes);
  const std::vector<Table::Pair> buffers = table.Pairs(kBuffers);
  RETURN_IF_ERROR(CheckCounts(schema, nodes.size(), buffers.size()));
  for (const auto& [rows, nulls] : nodes) {
    if (rows < 0 || rows > kMaxRows || nulls < 0 || nulls > rows) {
      return absl::InvalidArgumentError(absl::StrCat("a column of the Arrow record batch claims ",
                                                     rows, " rows with ", nulls, " nulls"));
    }
  }
  for (const auto& [offset, length] : buffers) {
    if (offset < 0 || length < 0 || offset % kBufferAlignment != 0 || offset > body_bytes ||
        length > body_bytes - offset) {
      return absl::InvalidArgumentError(absl::StrCat(
          "a buffer of the Arrow record batch claims ", length, " bytes at ", offset,
          " of a body of ", body_bytes, " (multiples of ", kBufferAlignment, " are allowed)"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> CheckBatchContents(
    std::shared_ptr<arrow::RecordBatch> batch) {
  for (int i = 0; i < batch->num_columns(); ++i) {
    std::shared_ptr<arrow::ArrayData> data = batch->column_data(i)->Copy();
    ASSIGN_OR_RETURN(const bool changed, PutInBitmaps(*data));
    if (changed) {
      ASSIGN_OR_RETURN(batch,
                       batch->SetColumn(i, batch->schema()->field(i), arrow::MakeArray(data)));
    }
  }
  if (const arrow::Status status = batch->Validate(); !status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the Arrow record batch does not fit its schema: ", status.message()));
  }
  for (int i = 0; i < batch->num_columns(); ++i) {
    if (const absl::Status status = CheckArray(*batch->column(i)); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "column '", batch->column_name(i), "' of an Arrow record batch: ", status.message()));
    }
  }
  return batch;
}

}  // namespace pallas::sdk::protocol
