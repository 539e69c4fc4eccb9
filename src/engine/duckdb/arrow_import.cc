#include "engine/duckdb/arrow_import.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/bitmap_ops.h"
#include "duckdb/common/types/hash.hpp"
#include "duckdb/common/types/uuid.hpp"
#include "duckdb/common/vector_operations/vector_operations.hpp"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/types.h"
#include "types/arrow_mapping.h"
#include "types/time_zone.h"

namespace pallas::engine {
namespace {

using BatchPtr = std::shared_ptr<const arrow::RecordBatch>;

constexpr int64_t kMicrosPerMilli = 1000;
constexpr int64_t kPicosPerMicro = 1'000'000;

// Keeps a batch alive for as long as vectors point into it.
class HeldBatch final : public duckdb::VectorAuxiliaryData {
 public:
  explicit HeldBatch(BatchPtr batch)
      : VectorAuxiliaryData(duckdb::VectorAuxiliaryDataType::ARROW_AUXILIARY),
        batch_(std::move(batch)) {}

 private:
  BatchPtr batch_;
};

// The same for texts: what copies only their references keeps a vector's text buffers.
class HeldTexts final : public duckdb::VectorBuffer {
 public:
  explicit HeldTexts(BatchPtr batch)
      : VectorBuffer(duckdb::VectorBufferType::OPAQUE_BUFFER), batch_(std::move(batch)) {}

 private:
  BatchPtr batch_;
};

struct Rows {
  const BatchPtr& batch;
  int64_t offset;
  int64_t count;
};

absl::Status BadValue(std::string_view message) {
  return NamedError("NUMERIC_VALUE_OUT_OF_RANGE", message);
}

void EnsureMask(const Rows& rows, duckdb::Vector& out) {
  duckdb::ValidityMask& mask = duckdb::FlatVector::Validity(out);
  if (!mask.IsMaskSet()) {
    mask.Initialize(
        std::max<duckdb::idx_t>(static_cast<duckdb::idx_t>(rows.count), STANDARD_VECTOR_SIZE));
  }
}

void ImportValidity(const arrow::Array& array, const Rows& rows, duckdb::Vector& out) {
  if (array.null_bitmap_data() == nullptr || array.null_count() == 0) {
    return;
  }
  EnsureMask(rows, out);
  arrow::internal::CopyBitmap(
      array.null_bitmap_data(), array.offset() + rows.offset, rows.count,
      reinterpret_cast<uint8_t*>(duckdb::FlatVector::Validity(out).GetData()), 0);
}

// Marks a row NULL, and everything inside of it, which DuckDB expects of structs.
void SetNull(const Rows& rows, int64_t row, duckdb::Vector& out) {
  EnsureMask(rows, out);
  duckdb::FlatVector::Validity(out).SetInvalid(static_cast<duckdb::idx_t>(row));
  if (out.GetType().InternalType() == duckdb::PhysicalType::STRUCT) {
    for (const auto& child : duckdb::StructVector::GetEntries(out)) {
      SetNull(rows, row, *child);
    }
  }
}

// Points `out` at values of the same layout.
template <typename T>
void Share(const T* values, const Rows& rows, duckdb::Vector& out) {
  const T* const first = values + rows.offset;
  if (reinterpret_cast<uintptr_t>(first) % alignof(T) != 0) {
    std::memcpy(duckdb::FlatVector::GetData(out), first,
                static_cast<size_t>(rows.count) * sizeof(T));
    return;
  }
  out.GetBuffer()->SetAuxiliaryData(duckdb::make_uniq<HeldBatch>(rows.batch));
  // DuckDB's vectors are read-only once they are filled.
  duckdb::FlatVector::SetData(out, reinterpret_cast<duckdb::data_ptr_t>(const_cast<T*>(
                                       first)));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

template <typename ArrowArray>
void ShareNumbers(const arrow::Array& array, const Rows& rows, duckdb::Vector& out) {
  Share(static_cast<const ArrowArray&>(array).raw_values(), rows, out);
}

void ImportBooleans(const arrow::Array& array, const Rows& rows, duckdb::Vector& out) {
  const auto& values = static_cast<const arrow::BooleanArray&>(array);
  bool* const target = duckdb::FlatVector::GetData<bool>(out);
  for (int64_t i = 0; i < rows.count; ++i) {
    target[i] = values.Value(rows.offset + i);
  }
}

absl::Status ImportMillis(const arrow::Array& array, const Rows& rows, duckdb::Vector& out) {
  const int64_t* const millis = static_cast<const arrow::Date64Array&>(array).raw_values();
  auto* const target = duckdb::FlatVector::GetData<int64_t>(out);
  for (int64_t i = 0; i < rows.count; ++i) {
    if (array.IsNull(rows.offset + i)) {
      target[i] = 0;
    } else if (__builtin_mul_overflow(millis[rows.offset + i], kMicrosPerMilli, &target[i])) {
      return BadValue(absl::StrCat("Timestamp out of range: ", millis[rows.offset + i], " ms"));
    }
  }
  return absl::OkStatus();
}

// timestamp[us, tz], true instants -> packed millis and the picos below them.
absl::Status ImportInstants(const arrow::Array& array, const Rows& rows, duckdb::Vector& out) {
  ASSIGN_OR_RETURN(const int zone,
                   ZoneKeyOf(static_cast<const arrow::TimestampType&>(*array.type()).timezone()));
  const int64_t* const micros = static_cast<const arrow::TimestampArray&>(array).raw_values();
  auto& fields = duckdb::StructVector::GetEntries(out);
  auto* const packed = duckdb::FlatVector::GetData<int64_t>(*fields[0]);
  auto* const picos = duckdb::FlatVector::GetData<int32_t>(*fields[1]);
  for (int64_t i = 0; i < rows.count; ++i) {
    const int64_t value = array.IsNull(rows.offset + i) ? 0 : micros[rows.offset + i];
    const int64_t below = ((value % kMicrosPerMilli) + kMicrosPerMilli) % kMicrosPerMilli;
    packed[i] = PackTimestampTz((value - below) / kMicrosPerMilli, zone);
    picos[i] = static_cast<int32_t>(below * kPicosPerMicro);
  }
  return absl::OkStatus();
}

// 128-bit values into DuckDB's narrower ones.
template <typename T>
absl::Status NarrowDecimals(const arrow::Array& array, const Rows& rows, duckdb::Vector& out) {
  const uint8_t* const values = static_cast<const arrow::Decimal128Array&>(array).raw_values();
  T* const target = duckdb::FlatVector::GetData<T>(out);
  for (int64_t i = 0; i < rows.count; ++i) {
    int64_t low = 0;
    int64_t high = 0;
    const uint8_t* const value = values + 16 * (rows.offset + i);
    std::memcpy(&low, value, sizeof low);
    std::memcpy(&high, value + sizeof low, sizeof high);
    target[i] = static_cast<T>(low);
    if ((high != (low < 0 ? -1 : 0) || target[i] != low) && array.IsValid(rows.offset + i)) {
      return BadValue(
          absl::StrCat("A value has more digits than its type ", array.type()->ToString()));
    }
  }
  return absl::OkStatus();
}

absl::Status ImportDecimals(const arrow::Array& array, const Rows& rows, duckdb::Vector& out) {
  switch (out.GetType().InternalType()) {
    case duckdb::PhysicalType::INT16:
      return NarrowDecimals<int16_t>(array, rows, out);
    case duckdb::PhysicalType::INT32:
      return NarrowDecimals<int32_t>(array, rows, out);
    case duckdb::PhysicalType::INT64:
      return NarrowDecimals<int64_t>(array, rows, out);
    default:
      Share(reinterpret_cast<const duckdb::hugeint_t*>(
                static_cast<const arrow::Decimal128Array&>(array).raw_values()),
            rows, out);
      return absl::OkStatus();
  }
}

void ImportTexts(const Type& type, const arrow::Array& array, const Rows& rows,
                 duckdb::Vector& out) {
  const auto& texts = static_cast<const arrow::BinaryArray&>(array);
  const int32_t* const offsets = texts.raw_value_offsets();
  const auto* const bytes = reinterpret_cast<const char*>(texts.raw_data());
  auto* const target = duckdb::FlatVector::GetData<duckdb::string_t>(out);
  for (int64_t i = rows.offset; i < rows.offset + rows.count; ++i) {
    const char* const text = bytes + offsets[i];
    int32_t length = offsets[i + 1] - offsets[i];
    if (type.kind() == TypeKind::kChar) {
      while (length > 0 && text[length - 1] == ' ') {
        --length;
      }
    }
    target[i - rows.offset] = duckdb::string_t(text, static_cast<uint32_t>(length));
  }
  duckdb::StringVector::AddBuffer(out, duckdb::make_buffer<HeldTexts>(rows.batch));
}

absl::Status ImportUuids(const arrow::Array& array, const Rows& rows, duckdb::Vector& out) {
  const auto& texts = static_cast<const arrow::StringArray&>(array);
  auto* const target = duckdb::FlatVector::GetData<duckdb::hugeint_t>(out);
  for (int64_t i = 0; i < rows.count; ++i) {
    if (texts.IsNull(rows.offset + i)) {
      continue;
    }
    const std::string text = texts.GetString(rows.offset + i);
    if (!duckdb::UUID::FromString(text, target[i])) {
      return NamedError("INVALID_CAST_ARGUMENT", absl::StrCat("Not a UUID: ", text));
    }
  }
  return absl::OkStatus();
}

absl::Status ImportArray(const Type& type, const arrow::Array& array, const Rows& rows,
                         duckdb::Vector& out);

// The list entries, and the range of child rows that they cover.
Rows ImportListEntries(const arrow::Array& array, const Rows& rows, duckdb::Vector& out) {
  const int32_t* const offsets = static_cast<const arrow::ListArray&>(array).raw_value_offsets();
  const int32_t first = offsets[rows.offset];
  auto* const entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(out);
  for (int64_t i = 0; i < rows.count; ++i) {
    const int32_t start = offsets[rows.offset + i];
    const int32_t end = offsets[rows.offset + i + 1];
    entries[i] = duckdb::list_entry_t(static_cast<duckdb::idx_t>(start - first),
                                      static_cast<duckdb::idx_t>(end - start));
  }
  const int64_t count = offsets[rows.offset + rows.count] - first;
  duckdb::ListVector::Reserve(out, static_cast<duckdb::idx_t>(count));
  duckdb::ListVector::SetListSize(out, static_cast<duckdb::idx_t>(count));
  return Rows{rows.batch, first, count};
}

// REQUIRES: `keys` has `entries` imported.
absl::Status CheckMapKeys(const arrow::Array& array, const Rows& rows, const duckdb::Vector& out,
                          duckdb::Vector& keys, int64_t num_keys) {
  const auto count = static_cast<duckdb::idx_t>(num_keys);
  if (duckdb::FlatVector::Validity(keys).CountValid(count) != count) {
    return NamedError("INVALID_FUNCTION_ARGUMENT", "A map has a key that is null");
  }
  duckdb::Vector hashes(duckdb::LogicalType::HASH, std::max<duckdb::idx_t>(count, 1));
  duckdb::VectorOperations::Hash(keys, hashes, count);
  hashes.Flatten(count);
  const auto* const hash = duckdb::FlatVector::GetData<duckdb::hash_t>(hashes);
  const auto* const entries = duckdb::FlatVector::GetData<duckdb::list_entry_t>(out);
  std::vector<std::pair<duckdb::hash_t, duckdb::idx_t>> sorted;
  for (int64_t row = 0; row < rows.count; ++row) {
    sorted.clear();
    const duckdb::idx_t end = entries[row].offset + entries[row].length;
    for (duckdb::idx_t i = entries[row].offset; i < end && array.IsValid(rows.offset + row); ++i) {
      sorted.emplace_back(hash[i], i);
    }
    std::sort(sorted.begin(), sorted.end());
    for (size_t i = 0; i < sorted.size(); ++i) {
      for (size_t j = i + 1; j < sorted.size() && sorted[j].first == sorted[i].first; ++j) {
        if (keys.GetValue(sorted[i].second) == keys.GetValue(sorted[j].second)) {
          return NamedError("INVALID_FUNCTION_ARGUMENT", "A map has the same key twice");
        }
      }
    }
  }
  return absl::OkStatus();
}

absl::Status ImportMap(const Type& type, const arrow::Array& array, const Rows& rows,
                       duckdb::Vector& out) {
  const auto& map = static_cast<const arrow::MapArray&>(array);
  const Rows entries = ImportListEntries(array, rows, out);
  auto& fields = duckdb::StructVector::GetEntries(duckdb::ListVector::GetEntry(out));
  RETURN_IF_ERROR(ImportArray(type.key(), *map.keys(), entries, *fields[0]));
  RETURN_IF_ERROR(ImportArray(type.value(), *map.items(), entries, *fields[1]));
  return CheckMapKeys(array, rows, out, *fields[0], entries.count);
}

absl::Status ImportRow(const Type& type, const arrow::Array& array, const Rows& rows,
                       duckdb::Vector& out) {
  const auto& row = static_cast<const arrow::StructArray&>(array);
  auto& fields = duckdb::StructVector::GetEntries(out);
  for (size_t i = 0; i < fields.size(); ++i) {
    RETURN_IF_ERROR(
        ImportArray(type.children()[i], *row.field(static_cast<int>(i)), rows, *fields[i]));
  }
  return absl::OkStatus();
}

// Structs say NULL in their fields too.
void SpreadNulls(const arrow::Array& array, const Rows& rows, duckdb::Vector& out) {
  if (out.GetType().InternalType() != duckdb::PhysicalType::STRUCT || array.null_count() == 0) {
    return;
  }
  for (int64_t i = 0; i < rows.count; ++i) {
    if (array.IsNull(rows.offset + i)) {
      SetNull(rows, i, out);
    }
  }
}

absl::Status ImportTemporal(const Type& type, const arrow::Array& array, const Rows& rows,
                            duckdb::Vector& out) {
  if (array.type_id() == arrow::Type::DATE32) {
    ShareNumbers<arrow::Date32Array>(array, rows, out);
  } else if (array.type_id() == arrow::Type::DATE64) {
    return ImportMillis(array, rows, out);
  } else if (type.kind() == TypeKind::kTimestampTz && type.precision() > 3) {
    return ImportInstants(array, rows, out);
  } else {
    ShareNumbers<arrow::TimestampArray>(array, rows, out);
  }
  return absl::OkStatus();
}

absl::Status ImportNested(const Type& type, const arrow::Array& array, const Rows& rows,
                          duckdb::Vector& out) {
  switch (type.kind()) {
    case TypeKind::kArray: {
      const Rows elements = ImportListEntries(array, rows, out);
      return ImportArray(type.element(), *static_cast<const arrow::ListArray&>(array).values(),
                         elements, duckdb::ListVector::GetEntry(out));
    }
    case TypeKind::kMap:
      return ImportMap(type, array, rows, out);
    default:
      return ImportRow(type, array, rows, out);
  }
}

absl::Status ImportValues(const Type& type, const arrow::Array& array, const Rows& rows,
                          duckdb::Vector& out) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      ImportBooleans(array, rows, out);
      return absl::OkStatus();
    case TypeKind::kTinyint:
      ShareNumbers<arrow::Int8Array>(array, rows, out);
      return absl::OkStatus();
    case TypeKind::kSmallint:
      ShareNumbers<arrow::Int16Array>(array, rows, out);
      return absl::OkStatus();
    case TypeKind::kInteger:
      ShareNumbers<arrow::Int32Array>(array, rows, out);
      return absl::OkStatus();
    case TypeKind::kBigint:
      ShareNumbers<arrow::Int64Array>(array, rows, out);
      return absl::OkStatus();
    case TypeKind::kReal:
      ShareNumbers<arrow::FloatArray>(array, rows, out);
      return absl::OkStatus();
    case TypeKind::kDouble:
      ShareNumbers<arrow::DoubleArray>(array, rows, out);
      return absl::OkStatus();
    case TypeKind::kDecimal:
      return ImportDecimals(array, rows, out);
    case TypeKind::kUuid:
      return ImportUuids(array, rows, out);
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return ImportTemporal(type, array, rows, out);
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow:
      return ImportNested(type, array, rows, out);
    default:
      ImportTexts(type, array, rows, out);
      return absl::OkStatus();
  }
}

absl::Status ImportArray(const Type& type, const arrow::Array& array, const Rows& rows,
                         duckdb::Vector& out) {
  ImportValidity(array, rows, out);
  RETURN_IF_ERROR(ImportValues(type, array, rows, out));
  SpreadNulls(array, rows, out);
  return absl::OkStatus();
}

absl::Status Mismatch(const Type& type, const arrow::DataType& arrow_type) {
  return NamedError("NOT_SUPPORTED",
                    absl::StrCat("Values of Arrow type ", arrow_type.ToString(),
                                 " cannot be read as ", type.ToString()),
                    absl::StatusCode::kUnimplemented);
}

absl::Status CheckChildren(const Type& type, const arrow::DataType& arrow_type) {
  if (type.kind() == TypeKind::kMap) {
    const auto& map = static_cast<const arrow::MapType&>(arrow_type);
    RETURN_IF_ERROR(CheckImportable(type.key(), *map.key_type()));
    return CheckImportable(type.value(), *map.item_type());
  }
  if (arrow_type.num_fields() != static_cast<int>(type.children().size())) {
    return Mismatch(type, arrow_type);
  }
  for (int i = 0; i < arrow_type.num_fields(); ++i) {
    RETURN_IF_ERROR(
        CheckImportable(type.children()[static_cast<size_t>(i)], *arrow_type.field(i)->type()));
  }
  return absl::OkStatus();
}

bool IsMillis(const arrow::DataType& arrow_type) { return arrow_type.id() == arrow::Type::DATE64; }

bool IsTimestamp(const arrow::DataType& arrow_type, arrow::TimeUnit::type unit, bool zoned) {
  if (arrow_type.id() != arrow::Type::TIMESTAMP) {
    return false;
  }
  const auto& timestamp = static_cast<const arrow::TimestampType&>(arrow_type);
  return timestamp.unit() == unit && timestamp.timezone().empty() != zoned;
}

}  // namespace

absl::Status CheckImportable(const Type& type, const arrow::DataType& arrow_type) {
  bool fits = false;
  switch (type.kind()) {
    case TypeKind::kTimestamp:
      fits = type.precision() <= 6 &&
             (IsMillis(arrow_type) || IsTimestamp(arrow_type, arrow::TimeUnit::MICRO, false));
      break;
    case TypeKind::kTimestampTz:
      fits = type.precision() <= 3
                 ? IsTimestamp(arrow_type, arrow::TimeUnit::MILLI, true)
                 : type.precision() <= 6 && IsTimestamp(arrow_type, arrow::TimeUnit::MICRO, true);
      break;
    case TypeKind::kArray:
      return arrow_type.id() == arrow::Type::LIST ? CheckChildren(type, arrow_type)
                                                  : Mismatch(type, arrow_type);
    case TypeKind::kMap:
      return arrow_type.id() == arrow::Type::MAP ? CheckChildren(type, arrow_type)
                                                 : Mismatch(type, arrow_type);
    case TypeKind::kRow:
      return arrow_type.id() == arrow::Type::STRUCT ? CheckChildren(type, arrow_type)
                                                    : Mismatch(type, arrow_type);
    default: {
      const auto expected = ToScanArrowType(type);
      fits = expected.ok() && (*expected)->Equals(arrow_type);
    }
  }
  return fits ? absl::OkStatus() : Mismatch(type, arrow_type);
}

absl::Status Import(const Type& type, const std::shared_ptr<const arrow::RecordBatch>& batch,
                    const arrow::Array& array, int64_t offset, int64_t count, duckdb::Vector& out) {
  return ImportArray(type, array, Rows{batch, offset, count}, out);
}

}  // namespace pallas::engine
