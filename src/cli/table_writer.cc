#include "cli/table_writer.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "cli/terminal_text.h"

#include "base/status_macros.h"
#include "types/value_text.h"

namespace pallas::cli {
namespace {

// Column widths are settled by the first rows, which wait in memory: so many, or so many bytes.
constexpr size_t kRowsToMeasure = 1000;
constexpr size_t kBytesToMeasure = size_t{8} << 20U;
// A column that takes no more is not narrowed.
constexpr size_t kNarrowestColumn = 8;
// What a column takes beside its values: a blank on each side and the line before the next.
constexpr size_t kColumnFrame = 3;

constexpr std::string_view kFaint = "\x1b[2m";
constexpr std::string_view kPlain = "\x1b[22m";

struct Cell {
  std::string text;
  bool is_null = false;
};

using Row = std::vector<Cell>;

class TableWriter final : public query::ResultWriter {
 public:
  enum class Layout { kUnsettled, kTable, kVertical };

  TableWriter(query::ByteSink sink, TableStyle style, Layout layout)
      : sink_(std::move(sink)), style_(std::move(style)), layout_(layout) {}

  absl::Status Begin(const std::vector<engine::ResultColumn>& columns) override {
    columns_ = columns;
    for (const engine::ResultColumn& column : columns_) {
      header_.push_back({Printable(column.name)});
      widths_.push_back(DisplayWidth(header_.back().text));
      name_width_ = std::max(name_width_, widths_.back());
    }
    return absl::OkStatus();
  }

  absl::Status Write(const arrow::RecordBatch& batch) override {
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      Add(CellsOf(batch, row));
    }
    return Flush();
  }

  absl::Status Finish() override {
    if (layout_ == Layout::kUnsettled) {
      PrintWaiting();
    }
    if (style_.count_rows) {
      absl::StrAppend(&buffer_, "(", num_rows_, num_rows_ == 1 ? " row)\n" : " rows)\n");
    }
    return Flush();
  }

 private:
  Row CellsOf(const arrow::RecordBatch& batch, int64_t row) const {
    Row cells;
    cells.reserve(columns_.size());
    for (size_t i = 0; i < columns_.size(); ++i) {
      const arrow::Array& array = *batch.columns()[i];
      if (array.IsNull(row)) {
        cells.push_back({style_.null_text, true});
        continue;
      }
      std::string text;
      AppendAthenaText(columns_[i].type, array, row, &text);
      cells.push_back({Printable(text)});
    }
    return cells;
  }

  void Add(Row cells) {
    ++num_rows_;
    if (layout_ != Layout::kUnsettled) {
      AppendRow(num_rows_, cells);
      return;
    }
    for (size_t i = 0; i < cells.size(); ++i) {
      widths_[i] = std::max(widths_[i], DisplayWidth(cells[i].text));
      waiting_bytes_ += cells[i].text.size();
    }
    waiting_.push_back(std::move(cells));
    if (waiting_.size() == kRowsToMeasure || waiting_bytes_ >= kBytesToMeasure) {
      PrintWaiting();
    }
  }

  size_t WidthOfLine() const {
    return std::accumulate(widths_.begin(), widths_.end(), size_t{0}) +
           kColumnFrame * widths_.size() - 1;
  }

  // Narrows the widest text columns, equally, until a line fits. Returns false if that cannot be.
  bool FitToWidth() {
    std::vector<size_t*> texts;
    for (size_t i = 0; i < widths_.size(); ++i) {
      if (!IsNumeric(columns_[i].type)) {
        texts.push_back(&widths_[i]);
      }
    }
    while (WidthOfLine() > style_.width) {
      size_t widest = kNarrowestColumn;
      for (const size_t* width : texts) {
        widest = std::max(widest, *width);
      }
      if (widest == kNarrowestColumn) {
        return false;
      }
      size_t next = kNarrowestColumn;  // the widest of the others
      size_t count = 0;
      for (const size_t* width : texts) {
        next = *width < widest ? std::max(next, *width) : next;
        count += *width == widest ? 1 : 0;
      }
      const size_t excess = WidthOfLine() - style_.width;
      const size_t narrowed = widest - std::min(widest - next, (excess + count - 1) / count);
      for (size_t* width : texts) {
        *width = *width == widest ? narrowed : *width;
      }
    }
    return true;
  }

  void PrintWaiting() {
    layout_ = style_.width == 0 || columns_.size() == 1 || FitToWidth() ? Layout::kTable
                                                                        : Layout::kVertical;
    if (layout_ == Layout::kTable) {
      AppendLine(header_);
      for (size_t i = 0; i < widths_.size(); ++i) {
        buffer_.append(i == 0 ? "-" : "+-").append(widths_[i], '-').append("-");
      }
      buffer_.push_back('\n');
    }
    int64_t row = num_rows_ - static_cast<int64_t>(waiting_.size());
    for (const Row& cells : waiting_) {
      AppendRow(++row, cells);
    }
    waiting_.clear();
  }

  void AppendRow(int64_t number, const Row& cells) {
    if (layout_ == Layout::kTable) {
      AppendLine(cells);
    } else {
      AppendVertically(number, cells);
    }
  }

  void AppendLine(const Row& cells) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      const bool is_number = IsNumeric(columns_[i].type);
      Cell cell = cells[i];
      if (style_.width != 0 && columns_.size() > 1 && !is_number) {
        cell.text = CutToWidth(cell.text, std::max<size_t>(widths_[i], 1));
      }
      const size_t width = DisplayWidth(cell.text);
      const std::string blanks(width < widths_[i] ? widths_[i] - width : 0, ' ');
      line.append(i == 0 ? " " : "| ");
      line.append(is_number ? blanks : "");
      AppendText(cell, &line);
      line.append(is_number ? "" : blanks).append(" ");
    }
    line.erase(line.find_last_not_of(' ') + 1);
    buffer_.append(line);
    buffer_.push_back('\n');
  }

  void AppendVertically(int64_t number, const Row& cells) {
    const std::string title = absl::StrCat("-[ row ", number, " ]");
    buffer_.append(title);
    buffer_.append(name_width_ + kColumnFrame > title.size()
                       ? name_width_ + kColumnFrame - title.size()
                       : size_t{1},
                   '-');
    buffer_.push_back('\n');
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string& name = header_[i].text;
      buffer_.append(name).append(name_width_ - DisplayWidth(name), ' ');
      buffer_.append(" |");
      if (!cells[i].text.empty()) {
        buffer_.push_back(' ');
        AppendText(cells[i], &buffer_);
      }
      buffer_.push_back('\n');
    }
  }

  void AppendText(const Cell& cell, std::string* out) const {
    if (cell.is_null && style_.faint_nulls) {
      absl::StrAppend(out, kFaint, cell.text, kPlain);
    } else {
      out->append(cell.text);
    }
  }

  absl::Status Flush() {
    if (buffer_.empty()) {
      return absl::OkStatus();
    }
    absl::Status status = sink_(buffer_);
    buffer_.clear();
    return status;
  }

  query::ByteSink sink_;
  TableStyle style_;
  Layout layout_;
  std::vector<engine::ResultColumn> columns_;
  Row header_;
  std::vector<size_t> widths_;
  size_t name_width_ = 0;
  std::vector<Row> waiting_;  // while the layout is not settled
  size_t waiting_bytes_ = 0;
  int64_t num_rows_ = 0;
  std::string buffer_;
};

}  // namespace

std::unique_ptr<query::ResultWriter> MakeTableWriter(query::ByteSink sink, TableStyle style) {
  return std::make_unique<TableWriter>(std::move(sink), std::move(style),
                                       TableWriter::Layout::kUnsettled);
}

std::unique_ptr<query::ResultWriter> MakeVerticalWriter(query::ByteSink sink, TableStyle style) {
  return std::make_unique<TableWriter>(std::move(sink), std::move(style),
                                       TableWriter::Layout::kVertical);
}

}  // namespace pallas::cli
