#include "lake/text/lazy_simple.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "lake/text/byte_match.h"
#include "lake/text/value_decoder.h"
#include "simdjson.h"

namespace pallas::lake {
namespace {

// Rows that are cut into fields before their columns are decoded one after the other: few enough
// that the fields stay in the cache.
constexpr size_t kRowsAtOnce = 1024;

class LazySimpleDecoder final : public RowDecoder {
 public:
  LazySimpleDecoder(const TextFormat& format, std::vector<TextColumn> columns,
                    const DecoderOptions& options)
      : format_(format), columns_(std::move(columns)), cells_(columns_.size() * kRowsAtOnce) {
    state_.invalid_utf8 = options.invalid_utf8;
    last_field_ = options.num_table_columns - 1;
    slots_.resize(static_cast<size_t>(options.num_table_columns), -1);
    for (size_t i = 0; i < columns_.size(); ++i) {
      slots_[static_cast<size_t>(columns_[i].index)] = static_cast<int>(i);
      last_wanted_ = std::max(last_wanted_, columns_[i].index);
    }
  }

  absl::Status MakeDecoders(sdk::BatchBuilder& builder) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      auto decoder = MakeValueDecoder(columns_[i].type, format_, 1, state_,
                                      builder.column(static_cast<int>(i)));
      if (!decoder.ok()) {
        return Annotate(decoder.status(), absl::StrCat("column '", columns_[i].name, "': "));
      }
      decoders_.push_back(*std::move(decoder));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Decoded> Decode(std::string_view lines, int64_t max_rows) override {
    Decoded all;
    while (all.rows < max_rows && all.bytes < lines.size()) {
      const std::string_view rest = lines.substr(all.bytes);
      const size_t rows = std::min<size_t>(kRowsAtOnce, static_cast<size_t>(max_rows - all.rows));
      const Decoded some = format_.escape ? Cut<true>(rest, rows) : Cut<false>(rest, rows);
      state_.text_is_valid = simdjson::validate_utf8(rest.data(), some.bytes);
      RETURN_IF_ERROR(DecodeCells(static_cast<size_t>(some.rows), all.rows));
      all.rows += some.rows;
      all.bytes += some.bytes;
    }
    return all;
  }

 private:
  // The row that is being cut.
  struct Line {
    size_t row = 0;
    size_t begin = 0;  // of the field
    int field = 0;
  };

  void EndField(const char* base, Line& line, size_t end) {
    if (line.field <= last_wanted_) {
      const int slot = slots_[static_cast<size_t>(line.field)];
      if (slot >= 0) {
        cells_[static_cast<size_t>(slot) * kRowsAtOnce + line.row] =
            Cell(base + line.begin, end - line.begin);
      }
    }
    ++line.field;
  }

  void EndLine(const char* base, Line& line, size_t end, size_t next) {
    EndField(base, line, end);
    for (; line.field <= last_wanted_; ++line.field) {
      const int slot = slots_[static_cast<size_t>(line.field)];
      if (slot >= 0) {
        cells_[static_cast<size_t>(slot) * kRowsAtOnce + line.row] = Cell();
      }
    }
    ++line.row;
    line.field = 0;
    line.begin = next;
  }

  // Finds the fields of up to `max_rows` lines.
  template <bool kEscaped>
  Decoded Cut(std::string_view text, size_t max_rows) {
    const char separator = format_.separators[0];
    const char escape = format_.escape.value_or('\n');
    const std::array<char, 3> ends = {separator, '\n', '\r'};
    const std::array<char, 4> escaped_ends = {separator, '\n', '\r', escape};
    Line line;
    size_t skip_to = 0;  // what lies before is escaped, or was looked at
    for (size_t from = 0; from < text.size(); from += 64) {
      uint64_t mask = kEscaped ? MatchBytes(text.data() + from, escaped_ends)
                               : MatchBytes(text.data() + from, ends);
      mask &= LowBits(text.size() - from);
      while (mask != 0) {
        const size_t at = from + static_cast<size_t>(std::countr_zero(mask));
        mask &= mask - 1;
        const char c = text[at];
        if (c == '\n' || c == '\r') {
          if (at < skip_to && c == '\n' && line.begin == skip_to) {
            continue;  // the second half of `\r\n`
          }
          const bool two = c == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
          const size_t next = at + (two ? 2 : 1);
          EndLine(text.data(), line, at, next);
          skip_to = two ? next : 0;
          if (line.row == max_rows) {
            return {next, static_cast<int64_t>(line.row)};
          }
        } else if (at < skip_to) {
          continue;
        } else if (kEscaped && c == escape) {
          skip_to = at + 2;
        } else if (!(format_.last_column_takes_rest && line.field == last_field_)) {
          EndField(text.data(), line, at);
          line.begin = at + 1;
        }
      }
    }
    if (line.begin < text.size() || line.field > 0) {
      EndLine(text.data(), line, text.size(), text.size());
    }
    return {text.size(), static_cast<int64_t>(line.row)};
  }

  absl::Status DecodeCells(size_t rows, int64_t rows_before) {
    for (size_t i = 0; i < decoders_.size(); ++i) {
      size_t failed = 0;
      const absl::Status status =
          decoders_[i]->AppendCells(absl::MakeConstSpan(cells_).subspan(i * kRowsAtOnce, rows),
                                    format_.null_sequence, failed);
      if (!status.ok()) {
        failed_row_ = rows_before + static_cast<int64_t>(failed);
        return Annotate(status, absl::StrCat("column '", columns_[i].name, "': "));
      }
    }
    return absl::OkStatus();
  }

  const TextFormat& format_;
  const std::vector<TextColumn> columns_;
  DecodeState state_;
  std::vector<std::unique_ptr<ValueDecoder>> decoders_;  // one per column
  std::vector<int> slots_;                               // by field; -1: not wanted
  int last_wanted_ = -1;
  int last_field_ = 0;
  std::vector<Cell> cells_;  // kRowsAtOnce of each column
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowDecoder>> MakeLazySimpleDecoder(
    const TextFormat& format, const std::vector<TextColumn>& columns, const DecoderOptions& options,
    sdk::BatchBuilder& builder) {
  auto decoder = std::make_unique<LazySimpleDecoder>(format, columns, options);
  RETURN_IF_ERROR(decoder->MakeDecoders(builder));
  return decoder;
}

}  // namespace pallas::lake
