#include "lake/text/text_split_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/array/util.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "lake/text/byte_stream.h"
#include "sdk/data/batch_builder.h"
#include "types/arrow_status.h"

namespace pallas::lake {
namespace {

// Bytes decoded between two looks at the size of the batch and the cancellation.
constexpr int64_t kRowsPerStep = 4096;
// Constant columns are slices of one array of so many rows.
constexpr int64_t kConstantRows = sdk::kMaxBatchRows;

absl::StatusOr<std::shared_ptr<arrow::Scalar>> MakeScalar(
    const std::shared_ptr<arrow::DataType>& type, const sdk::Value& value) {
  arrow::Result<std::shared_ptr<arrow::Scalar>> scalar = std::visit(
      [&](const auto& held) -> arrow::Result<std::shared_ptr<arrow::Scalar>> {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, absl::int128>) {
          return arrow::MakeScalar(
              type, arrow::Decimal128(absl::Int128High64(held), absl::Int128Low64(held)));
        } else if constexpr (std::is_same_v<Held, std::string>) {
          return arrow::MakeScalar(type, arrow::Buffer::FromString(held));
        } else if constexpr (std::is_same_v<Held, double>) {
          return type->id() == arrow::Type::FLOAT
                     ? arrow::MakeScalar(type, static_cast<float>(held))
                     : arrow::MakeScalar(type, held);
        } else if constexpr (std::is_same_v<Held, int64_t>) {
          ARROW_ASSIGN_OR_RAISE(auto wide, arrow::MakeScalar(arrow::int64(), held));
          return wide->CastTo(type);
        } else {
          return arrow::MakeScalar(type, held);
        }
      },
      value);
  RETURN_IF_ERROR(scalar);
  return *std::move(scalar);
}

absl::StatusOr<std::shared_ptr<arrow::Array>> MakeConstant(
    const std::shared_ptr<arrow::DataType>& type, const std::optional<sdk::Value>& value) {
  arrow::Result<std::shared_ptr<arrow::Array>> array;
  if (value) {
    ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Scalar> scalar, MakeScalar(type, *value));
    array = arrow::MakeArrayFromScalar(*scalar, kConstantRows);
  } else {
    array = arrow::MakeArrayOfNull(type, kConstantRows);
  }
  RETURN_IF_ERROR(array);
  return *std::move(array);
}

class SplitReader final : public sdk::RecordBatchStream {
 public:
  SplitReader(sdk::RequestContext context, TextSplit split, std::shared_ptr<arrow::Schema> schema,
              sdk::BatchBuilder builder, std::optional<int64_t> limit)
      : context_(std::move(context)),
        split_(std::move(split)),
        schema_(std::move(schema)),
        builder_(std::move(builder)),
        rows_left_(limit.value_or(std::numeric_limits<int64_t>::max())) {}

  absl::Status Open(std::shared_ptr<storage::ObjectReader> object, const TextFormat& format,
                    const std::vector<SplitColumn>& columns, const DecoderOptions& options) {
    std::vector<TextColumn> decoded;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].text) {
        decoded.push_back(*columns[i].text);
        constants_.push_back(nullptr);
      } else {
        ASSIGN_OR_RETURN(auto constant, MakeConstant(schema_->field(static_cast<int>(i))->type(),
                                                     columns[i].constant));
        constants_.push_back(std::move(constant));
      }
    }
    ASSIGN_OR_RETURN(decoder_, MakeRowDecoder(format, decoded, options, builder_));
    ASSIGN_OR_RETURN(const Compression compression, CompressionOf(split_.uri));
    LineRange range;
    range.header_lines = format.header_lines;
    range.footer_lines = format.footer_lines;
    if (compression == Compression::kNone) {
      range.starts_inside = split_.start > 0;
      range.stream_start = split_.start - (range.starts_inside ? 1 : 0);
      range.end = split_.start + split_.length;
      if (split_.start == 0) {
        RETURN_IF_ERROR(CheckNotCompressed(*object));
      }
    }
    // Lines of later ranges are known by their byte only.
    count_lines_ = !range.starts_inside;
    auto bytes = MakeObjectStream(std::move(object), range.stream_start);
    ASSIGN_OR_RETURN(bytes, MakeDecompressingStream(std::move(bytes), compression));
    blocks_ = std::make_unique<LineBlocks>(std::move(bytes), range);
    return absl::OkStatus();
  }

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    int64_t rows = 0;
    int64_t bytes = 0;
    while (rows < sdk::kMaxBatchRows && bytes < sdk::kMaxBatchBytes && rows_left_ > 0) {
      if (block_.empty()) {
        RETURN_IF_ERROR(context_.Check());
        absl::StatusOr<std::string_view> block = blocks_->Next();
        if (!block.ok()) {
          return InFile(block.status());
        }
        block_ = *block;
        position_ = 0;
        if (block_.empty()) {
          break;
        }
      }
      const std::string_view lines = block_.substr(position_);
      const int64_t most = std::min({kRowsPerStep, sdk::kMaxBatchRows - rows, rows_left_});
      const absl::StatusOr<RowDecoder::Decoded> decoded = decoder_->Decode(lines, most);
      if (!decoded.ok()) {
        return AtRow(decoded.status(), lines);
      }
      builder_.FinishRows(decoded->rows, static_cast<int64_t>(decoded->bytes));
      rows += decoded->rows;
      bytes += static_cast<int64_t>(decoded->bytes);
      rows_left_ -= decoded->rows;
      lines_done_ += decoded->rows;
      position_ += decoded->bytes;
      if (position_ == block_.size()) {
        block_ = std::string_view();
      }
    }
    if (rows == 0) {
      return nullptr;
    }
    return Finish(rows);
  }

  int64_t bytes_received() const override { return blocks_->bytes_read(); }

 private:
  // Bytes that no text starts with, though the name of the file says that it is text.
  absl::Status CheckNotCompressed(storage::ObjectReader& object) const {
    struct Magic {
      std::string_view start;
      std::string_view what;
    };

    static constexpr Magic kMagics[] = {{"\x1f\x8b", "gzip; its name should end in .gz"},
                                        {"\x28\xb5\x2f\xfd", "zstd; its name should end in .zst"},
                                        {"PAR1", "Parquet; make the table STORED AS PARQUET"},
                                        {"Obj\x01", "Avro"},
                                        {"PK\x03\x04", "zip"}};
    char start[4] = {};
    const int64_t length = std::min<int64_t>(object.info().size, sizeof(start));
    RETURN_IF_ERROR(object.Read(0, length, start));
    for (const Magic& magic : kMagics) {
      if (std::string_view(start, static_cast<size_t>(length)).starts_with(magic.start)) {
        return NamedError(
            "HIVE_BAD_DATA",
            absl::StrCat("Error reading ", split_.uri, ": it is no text but ", magic.what),
            absl::StatusCode::kDataLoss);
      }
    }
    return absl::OkStatus();
  }

  absl::Status InFile(const absl::Status& status) const {
    if (absl::IsCancelled(status) || absl::IsDeadlineExceeded(status)) {
      return status;
    }
    return Annotate(status, absl::StrCat("Error reading ", split_.uri, ": "));
  }

  absl::Status AtRow(const absl::Status& status, std::string_view lines) const {
    const int64_t row = decoder_->failed_row();
    if (count_lines_) {
      return InFile(Annotate(
          status, absl::StrCat("line ", blocks_->lines_skipped() + lines_done_ + row + 1, ": ")));
    }
    // The row's first byte: after as many ends of lines.
    size_t at = 0;
    for (int64_t i = 0; i < row && at < lines.size(); ++i) {
      const size_t end = std::min(lines.find_first_of("\n\r", at), lines.size() - 1);
      at = end + (lines.substr(end).starts_with("\r\n") ? 2 : 1);
    }
    return InFile(Annotate(
        status,
        absl::StrCat("the line at byte ",
                     blocks_->block_offset() + static_cast<int64_t>(position_ + at), ": ")));
  }

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Finish(int64_t rows) {
    ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> decoded, builder_.Flush());
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    int next = 0;
    for (const std::shared_ptr<arrow::Array>& constant : constants_) {
      arrays.push_back(constant == nullptr ? decoded->column(next++) : constant->Slice(0, rows));
    }
    return arrow::RecordBatch::Make(schema_, rows, std::move(arrays));
  }

  const sdk::RequestContext context_;
  const TextSplit split_;
  const std::shared_ptr<arrow::Schema> schema_;
  sdk::BatchBuilder builder_;  // of the columns that are decoded
  std::unique_ptr<RowDecoder> decoder_;
  std::unique_ptr<LineBlocks> blocks_;
  std::vector<std::shared_ptr<arrow::Array>> constants_;  // null: the next decoded column
  std::string_view block_;
  size_t position_ = 0;  // in the block
  int64_t rows_left_;
  int64_t lines_done_ = 0;
  bool count_lines_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> ReadTextSplit(
    const sdk::RequestContext& context, std::shared_ptr<storage::ObjectReader> object,
    const TextSplit& split, const TextFormat& format, std::shared_ptr<arrow::Schema> schema,
    const std::vector<SplitColumn>& columns, const TextReadOptions& options) {
  std::vector<std::shared_ptr<arrow::Field>> decoded;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].text) {
      decoded.push_back(schema->field(static_cast<int>(i)));
    }
  }
  ASSIGN_OR_RETURN(sdk::BatchBuilder builder,
                   sdk::BatchBuilder::Make(arrow::schema(std::move(decoded))));
  auto reader = std::make_unique<SplitReader>(context, split, std::move(schema), std::move(builder),
                                              options.limit);
  RETURN_IF_ERROR(reader->Open(std::move(object), format, columns, options.decoder));
  return reader;
}

}  // namespace pallas::lake
