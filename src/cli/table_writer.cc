#include "cli/table_writer.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include <utf8proc.h>

#include "base/status_macros.h"
#include "types/value_text.h"

namespace pallas::cli {
namespace {

// Column widths are settled by so many rows; until then rows wait in memory.
constexpr size_t kRowsToMeasure = 1000;

// How many cells of a terminal `text` takes.
size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code_point = 0;
    const utf8proc_ssize_t taken = utf8proc_iterate(bytes, left, &code_point);
    if (taken <= 0) {
      return width + static_cast<size_t>(left);
    }
    width += static_cast<size_t>(utf8proc_charwidth(code_point));
    bytes += taken;
    left -= taken;
  }
  return width;
}

// Line breaks and other control characters would tear the table (or steer the terminal).
std::string Printable(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      out.append("\\n");
    } else if (c == '\r') {
      out.append("\\r");
    } else if (c == '\t') {
      out.append("\\t");
    } else if (byte < 0x20 || byte == 0x7f) {
      out.append("\\x");
      out.push_back(kHex[byte >> 4U]);
      out.push_back(kHex[byte & 0xFU]);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

bool AlignsRight(const Type& type) { return IsNumeric(type); }

class TableWriter final : public query::ResultWriter {
 public:
  explicit TableWriter(query::ByteSink sink) : sink_(std::move(sink)) {}

  absl::Status Begin(const std::vector<engine::ResultColumn>& columns) override {
    columns_ = columns;
    for (const engine::ResultColumn& column : columns_) {
      header_.push_back(Printable(column.name));
      widths_.push_back(DisplayWidth(header_.back()));
    }
    return absl::OkStatus();
  }

  absl::Status Write(const arrow::RecordBatch& batch) override {
    const arrow::ArrayVector& arrays = batch.columns();
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      std::vector<std::string> cells;
      cells.reserve(columns_.size());
      for (size_t i = 0; i < columns_.size(); ++i) {
        if (arrays[i]->IsNull(row)) {
          cells.emplace_back("NULL");
          continue;
        }
        std::string text;
        AppendAthenaText(columns_[i].type, *arrays[i], row, &text);
        cells.push_back(Printable(text));
      }
      ++num_rows_;
      if (measured_) {
        AppendLine(cells);
      } else {
        for (size_t i = 0; i < cells.size(); ++i) {
          widths_[i] = std::max(widths_[i], DisplayWidth(cells[i]));
        }
        waiting_.push_back(std::move(cells));
        if (waiting_.size() == kRowsToMeasure) {
          PrintWaiting();
        }
      }
    }
    return Flush();
  }

  absl::Status Finish() override {
    if (!measured_) {
      PrintWaiting();
    }
    absl::StrAppend(&buffer_, "(", num_rows_, num_rows_ == 1 ? " row)\n" : " rows)\n");
    return Flush();
  }

 private:
  void PrintWaiting() {
    measured_ = true;
    AppendLine(header_);
    for (size_t i = 0; i < widths_.size(); ++i) {
      buffer_.append(i == 0 ? "-" : "+-").append(widths_[i], '-').append("-");
    }
    buffer_.push_back('\n');
    for (const auto& cells : waiting_) {
      AppendLine(cells);
    }
    waiting_.clear();
  }

  void AppendLine(const std::vector<std::string>& cells) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      const size_t width = DisplayWidth(cells[i]);
      const std::string blanks(width < widths_[i] ? widths_[i] - width : 0, ' ');
      line.append(i == 0 ? " " : "| ");
      if (AlignsRight(columns_[i].type)) {
        absl::StrAppend(&line, blanks, cells[i], " ");
      } else {
        absl::StrAppend(&line, cells[i], blanks, " ");
      }
    }
    line.erase(line.find_last_not_of(' ') + 1);
    buffer_.append(line);
    buffer_.push_back('\n');
  }

  absl::Status Flush() {
    absl::Status status = sink_(buffer_);
    buffer_.clear();
    return status;
  }

  query::ByteSink sink_;
  std::vector<engine::ResultColumn> columns_;
  std::vector<std::string> header_;
  std::vector<size_t> widths_;
  std::vector<std::vector<std::string>> waiting_;
  bool measured_ = false;
  int64_t num_rows_ = 0;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<query::ResultWriter> MakeTableWriter(query::ByteSink sink) {
  return std::make_unique<TableWriter>(std::move(sink));
}

}  // namespace pallas::cli
