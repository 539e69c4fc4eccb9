#include "engine/duckdb/arrow_columns.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

#include "arrow/array/data.h"
#include "arrow/buffer_builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "duckdb/common/types/uuid.hpp"
#include "duckdb/common/types/vector.hpp"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace pallas::engine {
namespace {

using duckdb::idx_t;
using duckdb::SelectionVector;
using duckdb::UnifiedVectorFormat;
using duckdb::Vector;

constexpr int64_t kMaxBatchRows = int64_t{64} * 1024;
constexpr int64_t kMaxBatchBytes = int64_t{4} * 1024 * 1024;
// Rows that are added at once where values are large; between them the bytes are looked at.
constexpr idx_t kLargeValueRows = 16;

using ArrayDataPtr = std::shared_ptr<arrow::ArrayData>;

// What all arrays have: a length, and a bitmap of which entries are there.
class ValidityWriter {
 public:
  absl::Status Append(const UnifiedVectorFormat& format, const SelectionVector& rows, idx_t count) {
    if (format.validity.AllValid()) {
      RETURN_IF_ERROR(bits_.Append(static_cast<int64_t>(count), true));
    } else {
      RETURN_IF_ERROR(bits_.Reserve(static_cast<int64_t>(count)));
      for (idx_t i = 0; i < count; ++i) {
        const bool valid = format.validity.RowIsValid(format.sel->get_index(rows.get_index(i)));
        bits_.UnsafeAppend(valid);
        null_count_ += valid ? 0 : 1;
      }
    }
    return absl::OkStatus();
  }

  int64_t length() const { return bits_.length(); }

  struct Finished {
    int64_t length = 0;
    int64_t null_count = 0;
    std::shared_ptr<arrow::Buffer> bits;  // null if nothing is
  };

  absl::StatusOr<Finished> Finish() {
    Finished finished{bits_.length(), null_count_, nullptr};
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> bits, bits_.Finish());
    if (null_count_ > 0) {
      finished.bits = std::move(bits);
    }
    null_count_ = 0;
    return finished;
  }

 private:
  arrow::TypedBufferBuilder<bool> bits_;
  int64_t null_count_ = 0;
};

class BooleanWriter final : public ColumnWriter {
 public:
  explicit BooleanWriter(std::shared_ptr<arrow::DataType> type) : type_(std::move(type)) {}

  absl::Status Append(Vector& vector, idx_t size, const SelectionVector& rows,
                      idx_t count) override {
    UnifiedVectorFormat format;
    vector.ToUnifiedFormat(size, format);
    RETURN_IF_ERROR(validity_.Append(format, rows, count));
    RETURN_IF_ERROR(values_.Reserve(static_cast<int64_t>(count)));
    const auto* data = UnifiedVectorFormat::GetData<bool>(format);
    for (idx_t i = 0; i < count; ++i) {
      values_.UnsafeAppend(data[format.sel->get_index(rows.get_index(i))]);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ArrayDataPtr> Finish() override {
    ASSIGN_OR_RETURN(ValidityWriter::Finished validity, validity_.Finish());
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> values, values_.Finish());
    return arrow::ArrayData::Make(type_, validity.length, {validity.bits, std::move(values)},
                                  validity.null_count);
  }

  int64_t bytes() const override { return values_.length() / 8; }

 private:
  std::shared_ptr<arrow::DataType> type_;
  ValidityWriter validity_;
  arrow::TypedBufferBuilder<bool> values_;
};

// Values whose bytes are the same in Arrow.
class FixedWriter final : public ColumnWriter {
 public:
  FixedWriter(std::shared_ptr<arrow::DataType> type, idx_t width)
      : type_(std::move(type)), width_(width) {}

  absl::Status Append(Vector& vector, idx_t size, const SelectionVector& rows,
                      idx_t count) override {
    UnifiedVectorFormat format;
    vector.ToUnifiedFormat(size, format);
    RETURN_IF_ERROR(validity_.Append(format, rows, count));
    RETURN_IF_ERROR(values_.Reserve(static_cast<int64_t>(count * width_)));
    if (!format.sel->IsSet() && !rows.IsSet()) {
      values_.UnsafeAppend(format.data, static_cast<int64_t>(count * width_));
      return absl::OkStatus();
    }
    for (idx_t i = 0; i < count; ++i) {
      const idx_t index = format.sel->get_index(rows.get_index(i));
      values_.UnsafeAppend(format.data + index * width_, static_cast<int64_t>(width_));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ArrayDataPtr> Finish() override {
    ASSIGN_OR_RETURN(ValidityWriter::Finished validity, validity_.Finish());
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> values, values_.Finish());
    return arrow::ArrayData::Make(type_, validity.length, {validity.bits, std::move(values)},
                                  validity.null_count);
  }

  int64_t bytes() const override { return values_.length(); }

 private:
  std::shared_ptr<arrow::DataType> type_;
  const idx_t width_;
  ValidityWriter validity_;
  arrow::BufferBuilder values_;
};

// Decimals of up to 18 digits, which DuckDB keeps in fewer bytes than Arrow's 16.
template <typename Stored>
class DecimalWriter final : public ColumnWriter {
 public:
  explicit DecimalWriter(std::shared_ptr<arrow::DataType> type) : type_(std::move(type)) {}

  absl::Status Append(Vector& vector, idx_t size, const SelectionVector& rows,
                      idx_t count) override {
    UnifiedVectorFormat format;
    vector.ToUnifiedFormat(size, format);
    RETURN_IF_ERROR(validity_.Append(format, rows, count));
    RETURN_IF_ERROR(values_.Reserve(static_cast<int64_t>(2 * count)));
    const auto* data = UnifiedVectorFormat::GetData<Stored>(format);
    for (idx_t i = 0; i < count; ++i) {
      const int64_t value = data[format.sel->get_index(rows.get_index(i))];
      values_.UnsafeAppend(value);
      values_.UnsafeAppend(value < 0 ? -1 : 0);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ArrayDataPtr> Finish() override {
    ASSIGN_OR_RETURN(ValidityWriter::Finished validity, validity_.Finish());
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> values, values_.Finish());
    return arrow::ArrayData::Make(type_, validity.length, {validity.bits, std::move(values)},
                                  validity.null_count);
  }

  int64_t bytes() const override { return values_.length() * int64_t{sizeof(int64_t)}; }

 private:
  std::shared_ptr<arrow::DataType> type_;
  ValidityWriter validity_;
  arrow::TypedBufferBuilder<int64_t> values_;  // low and high half
};

absl::Status TooLarge() {
  return NamedError("GENERIC_INSUFFICIENT_RESOURCES",
                    "The values of one column in a few rows of the result take more than 2 GiB",
                    absl::StatusCode::kResourceExhausted);
}

// Where each entry of a text or list begins; one more than there are entries.
class OffsetWriter {
 public:
  absl::Status Reserve(idx_t count) {
    if (offsets_.length() == 0) {
      RETURN_IF_ERROR(offsets_.Append(0));
    }
    RETURN_IF_ERROR(offsets_.Reserve(static_cast<int64_t>(count)));
    return absl::OkStatus();
  }

  // REQUIRES: reserved.
  absl::Status AppendLength(idx_t length) {
    end_ += static_cast<int64_t>(length);
    if (end_ > std::numeric_limits<int32_t>::max()) {
      return TooLarge();
    }
    offsets_.UnsafeAppend(static_cast<int32_t>(end_));
    return absl::OkStatus();
  }

  absl::StatusOr<std::shared_ptr<arrow::Buffer>> Finish() {
    RETURN_IF_ERROR(Reserve(0));
    end_ = 0;
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> offsets, offsets_.Finish());
    return offsets;
  }

  int64_t end() const { return end_; }

 private:
  arrow::TypedBufferBuilder<int32_t> offsets_;
  int64_t end_ = 0;
};

// Bytes of any length. Values::Get(stored, buffer) is the bytes of a value, which may lie in
// `buffer`.
template <typename Values>
class BytesWriter final : public ColumnWriter {
 public:
  explicit BytesWriter(std::shared_ptr<arrow::DataType> type) : type_(std::move(type)) {}

  absl::Status Append(Vector& vector, idx_t size, const SelectionVector& rows,
                      idx_t count) override {
    UnifiedVectorFormat format;
    vector.ToUnifiedFormat(size, format);
    RETURN_IF_ERROR(validity_.Append(format, rows, count));
    RETURN_IF_ERROR(offsets_.Reserve(count));
    const auto* data = UnifiedVectorFormat::GetData<typename Values::Stored>(format);
    typename Values::Buffer buffer;
    for (idx_t i = 0; i < count; ++i) {
      const idx_t index = format.sel->get_index(rows.get_index(i));
      std::string_view value;
      if (format.validity.RowIsValid(index)) {
        value = Values::Get(data[index], buffer);
        RETURN_IF_ERROR(bytes_.Append(value.data(), static_cast<int64_t>(value.size())));
      }
      RETURN_IF_ERROR(offsets_.AppendLength(value.size()));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ArrayDataPtr> Finish() override {
    ASSIGN_OR_RETURN(ValidityWriter::Finished validity, validity_.Finish());
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> offsets, offsets_.Finish());
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> bytes, bytes_.Finish());
    return arrow::ArrayData::Make(type_, validity.length,
                                  {validity.bits, std::move(offsets), std::move(bytes)},
                                  validity.null_count);
  }

  int64_t bytes() const override { return bytes_.length(); }

 private:
  std::shared_ptr<arrow::DataType> type_;
  ValidityWriter validity_;
  OffsetWriter offsets_;
  arrow::BufferBuilder bytes_;
};

struct TextValues {
  using Stored = duckdb::string_t;

  struct Buffer {};

  static std::string_view Get(const Stored& stored, Buffer& /*buffer*/) {
    return {stored.GetData(), stored.GetSize()};
  }
};

struct UuidValues {
  static constexpr size_t kTextLength = 36;
  using Stored = duckdb::hugeint_t;
  using Buffer = std::array<char, kTextLength>;

  static std::string_view Get(const Stored& stored, Buffer& buffer) {
    duckdb::UUID::ToString(stored, buffer.data());
    return {buffer.data(), buffer.size()};
  }
};

// A nested vector whose parts can be reached: DuckDB keeps those of a dictionary out of line.
void Straighten(Vector& vector, idx_t size) {
  if (vector.GetVectorType() != duckdb::VectorType::FLAT_VECTOR &&
      vector.GetVectorType() != duckdb::VectorType::CONSTANT_VECTOR) {
    vector.Flatten(size);
  }
}

class StructWriter final : public ColumnWriter {
 public:
  StructWriter(std::shared_ptr<arrow::DataType> type,
               std::vector<std::unique_ptr<ColumnWriter>> fields)
      : type_(std::move(type)), fields_(std::move(fields)) {}

  absl::Status Append(Vector& vector, idx_t size, const SelectionVector& rows,
                      idx_t count) override {
    Straighten(vector, size);
    UnifiedVectorFormat format;
    vector.ToUnifiedFormat(size, format);
    RETURN_IF_ERROR(validity_.Append(format, rows, count));
    auto& entries = duckdb::StructVector::GetEntries(vector);
    for (size_t i = 0; i < fields_.size(); ++i) {
      RETURN_IF_ERROR(fields_[i]->Append(*entries[i], size, rows, count));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ArrayDataPtr> Finish() override {
    ASSIGN_OR_RETURN(ValidityWriter::Finished validity, validity_.Finish());
    std::vector<ArrayDataPtr> children;
    for (const std::unique_ptr<ColumnWriter>& field : fields_) {
      ASSIGN_OR_RETURN(ArrayDataPtr child, field->Finish());
      children.push_back(std::move(child));
    }
    return arrow::ArrayData::Make(type_, validity.length, {validity.bits}, std::move(children),
                                  validity.null_count);
  }

  int64_t bytes() const override {
    int64_t sum = 0;
    for (const std::unique_ptr<ColumnWriter>& field : fields_) {
      sum += field->bytes();
    }
    return sum;
  }

 private:
  std::shared_ptr<arrow::DataType> type_;
  ValidityWriter validity_;
  std::vector<std::unique_ptr<ColumnWriter>> fields_;
};

// Lists, and maps, which are lists of entries on both sides.
class ListWriter final : public ColumnWriter {
 public:
  ListWriter(std::shared_ptr<arrow::DataType> type, std::unique_ptr<ColumnWriter> elements)
      : type_(std::move(type)), elements_(std::move(elements)) {}

  absl::Status Append(Vector& vector, idx_t size, const SelectionVector& rows,
                      idx_t count) override {
    Straighten(vector, size);
    UnifiedVectorFormat format;
    vector.ToUnifiedFormat(size, format);
    RETURN_IF_ERROR(validity_.Append(format, rows, count));
    RETURN_IF_ERROR(offsets_.Reserve(count));
    const auto* lists = UnifiedVectorFormat::GetData<duckdb::list_entry_t>(format);
    idx_t num_elements = 0;
    for (idx_t i = 0; i < count; ++i) {
      const idx_t index = format.sel->get_index(rows.get_index(i));
      const idx_t length = format.validity.RowIsValid(index) ? lists[index].length : 0;
      RETURN_IF_ERROR(offsets_.AppendLength(length));
      num_elements += length;
    }
    SelectionVector elements(std::max<idx_t>(num_elements, 1));
    idx_t next = 0;
    for (idx_t i = 0; i < count; ++i) {
      const idx_t index = format.sel->get_index(rows.get_index(i));
      const idx_t length = format.validity.RowIsValid(index) ? lists[index].length : 0;
      for (idx_t element = 0; element < length; ++element) {
        elements.set_index(next++, lists[index].offset + element);
      }
    }
    return elements_->Append(duckdb::ListVector::GetEntry(vector),
                             duckdb::ListVector::GetListSize(vector), elements, num_elements);
  }

  absl::StatusOr<ArrayDataPtr> Finish() override {
    ASSIGN_OR_RETURN(ValidityWriter::Finished validity, validity_.Finish());
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> offsets, offsets_.Finish());
    ASSIGN_OR_RETURN(ArrayDataPtr elements, elements_->Finish());
    return arrow::ArrayData::Make(type_, validity.length, {validity.bits, std::move(offsets)},
                                  {std::move(elements)}, validity.null_count);
  }

  int64_t bytes() const override { return elements_->bytes(); }

 private:
  std::shared_ptr<arrow::DataType> type_;
  ValidityWriter validity_;
  OffsetWriter offsets_;
  std::unique_ptr<ColumnWriter> elements_;
};

std::unique_ptr<ColumnWriter> MakeDecimalWriter(const Type& type,
                                                std::shared_ptr<arrow::DataType> arrow_type) {
  // DuckDB's limits: 4, 9 and 18 digits fit in 2, 4 and 8 bytes.
  if (type.precision() <= 4) {
    return std::make_unique<DecimalWriter<int16_t>>(std::move(arrow_type));
  }
  if (type.precision() <= 9) {
    return std::make_unique<DecimalWriter<int32_t>>(std::move(arrow_type));
  }
  if (type.precision() <= 18) {
    return std::make_unique<DecimalWriter<int64_t>>(std::move(arrow_type));
  }
  return std::make_unique<FixedWriter>(std::move(arrow_type), sizeof(duckdb::hugeint_t));
}

std::unique_ptr<ColumnWriter> MakeNestedWriter(const Type& type,
                                               std::shared_ptr<arrow::DataType> arrow_type) {
  std::vector<std::unique_ptr<ColumnWriter>> children;
  for (const Type& child : type.children()) {
    children.push_back(MakeColumnWriter(child));
  }
  switch (type.kind()) {
    case TypeKind::kArray:
      return std::make_unique<ListWriter>(std::move(arrow_type), std::move(children.front()));
    case TypeKind::kMap: {
      std::shared_ptr<arrow::DataType> entry = arrow_type->field(0)->type();
      return std::make_unique<ListWriter>(
          std::move(arrow_type),
          std::make_unique<StructWriter>(std::move(entry), std::move(children)));
    }
    default:
      return std::make_unique<StructWriter>(std::move(arrow_type), std::move(children));
  }
}

// Two numbers: STRUCT(base, rest) on both sides.
std::unique_ptr<ColumnWriter> MakePairWriter(std::shared_ptr<arrow::DataType> arrow_type) {
  std::vector<std::unique_ptr<ColumnWriter>> fields;
  fields.push_back(std::make_unique<FixedWriter>(arrow_type->field(0)->type(), sizeof(int64_t)));
  fields.push_back(std::make_unique<FixedWriter>(arrow_type->field(1)->type(), sizeof(int32_t)));
  return std::make_unique<StructWriter>(std::move(arrow_type), std::move(fields));
}

// The bytes of text in `vector`, wherever they are nested.
int64_t TextBytes(Vector& vector, idx_t size) {
  int64_t sum = 0;
  switch (vector.GetType().InternalType()) {
    case duckdb::PhysicalType::VARCHAR: {
      UnifiedVectorFormat format;
      vector.ToUnifiedFormat(size, format);
      const auto* data = UnifiedVectorFormat::GetData<duckdb::string_t>(format);
      for (idx_t i = 0; i < size; ++i) {
        const auto index = format.sel->get_index(i);
        sum += format.validity.RowIsValid(index) ? static_cast<int64_t>(data[index].GetSize()) : 0;
      }
      return sum;
    }
    case duckdb::PhysicalType::LIST:
      Straighten(vector, size);
      return TextBytes(duckdb::ListVector::GetEntry(vector),
                       duckdb::ListVector::GetListSize(vector));
    case duckdb::PhysicalType::STRUCT:
      Straighten(vector, size);
      for (auto& entry : duckdb::StructVector::GetEntries(vector)) {
        sum += TextBytes(*entry, size);
      }
      return sum;
    default:
      return 0;
  }
}

}  // namespace

std::unique_ptr<ColumnWriter> MakeColumnWriter(const Type& type) {
  std::shared_ptr<arrow::DataType> arrow_type = ToResultArrowType(type);
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return std::make_unique<BooleanWriter>(std::move(arrow_type));
    case TypeKind::kDecimal:
      return MakeDecimalWriter(type, std::move(arrow_type));
    case TypeKind::kUuid:
      return std::make_unique<BytesWriter<UuidValues>>(std::move(arrow_type));
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow:
      return MakeNestedWriter(type, std::move(arrow_type));
    default:
      break;
  }
  if (arrow_type->id() == arrow::Type::STRUCT) {
    return MakePairWriter(std::move(arrow_type));
  }
  if (arrow_type->id() == arrow::Type::STRING || arrow_type->id() == arrow::Type::BINARY) {
    return std::make_unique<BytesWriter<TextValues>>(std::move(arrow_type));
  }
  const auto width = static_cast<idx_t>(arrow_type->byte_width());
  return std::make_unique<FixedWriter>(std::move(arrow_type), width);
}

BatchWriter::BatchWriter(const std::vector<ResultColumn>& columns) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const ResultColumn& column : columns) {
    fields.push_back(arrow::field(column.name, ToResultArrowType(column.type)));
    writers_.push_back(MakeColumnWriter(column.type));
  }
  schema_ = arrow::schema(std::move(fields));
}

int64_t BatchWriter::bytes() const {
  int64_t sum = 0;
  for (const std::unique_ptr<ColumnWriter>& writer : writers_) {
    sum += writer->bytes();
  }
  return sum;
}

bool BatchWriter::full() const { return num_rows_ >= kMaxBatchRows || bytes() >= kMaxBatchBytes; }

idx_t BatchWriter::StepOf(duckdb::DataChunk& chunk) const {
  int64_t bytes = 0;
  for (Vector& vector : chunk.data) {
    bytes += TextBytes(vector, chunk.size());
  }
  return bytes > kMaxBatchBytes ? kLargeValueRows : chunk.size();
}

absl::StatusOr<idx_t> BatchWriter::Append(duckdb::DataChunk& chunk, idx_t first) {
  const idx_t step = StepOf(chunk);
  idx_t row = first;
  while (row < chunk.size() && !full()) {
    const auto room = static_cast<idx_t>(kMaxBatchRows - num_rows_);
    const idx_t count = std::min({chunk.size() - row, room, step});
    SelectionVector rows;  // all, which is copied fastest
    if (count < chunk.size()) {
      rows.Initialize(count);
      for (idx_t i = 0; i < count; ++i) {
        rows.set_index(i, row + i);
      }
    }
    for (size_t i = 0; i < writers_.size(); ++i) {
      RETURN_IF_ERROR(writers_[i]->Append(chunk.data[i], chunk.size(), rows, count));
    }
    row += count;
    num_rows_ += static_cast<int64_t>(count);
  }
  return row - first;
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> BatchWriter::Finish() {
  std::vector<ArrayDataPtr> columns;
  columns.reserve(writers_.size());
  for (const std::unique_ptr<ColumnWriter>& writer : writers_) {
    ASSIGN_OR_RETURN(ArrayDataPtr column, writer->Finish());
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(schema_, std::exchange(num_rows_, 0), std::move(columns));
}

}  // namespace pallas::engine
