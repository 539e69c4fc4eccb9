#include "lake/text/row_decoder.h"

#include <array>
#include <bit>

#include "base/status_macros.h"
#include "lake/text/byte_match.h"
#include "lake/text/json_rows.h"
#include "lake/text/lazy_simple.h"
#include "lake/text/open_csv.h"

namespace pallas::lake {
namespace {

// Rows without columns.
class LineCounter final : public RowDecoder {
 public:
  absl::StatusOr<Decoded> Decode(std::string_view lines, int64_t max_rows) override {
    Decoded counted;
    constexpr std::array<char, 2> kEnds = {'\n', '\r'};
    for (size_t from = 0; from < lines.size(); from += 64) {
      uint64_t mask = MatchBytes(lines.data() + from, kEnds) & LowBits(lines.size() - from);
      const auto ends = std::popcount(mask);
      const bool simple = counted.rows + ends < max_rows &&
                          (MatchBytes(lines.data() + from, std::array<char, 1>{'\r'}) & mask) == 0;
      if (simple && !after_carriage_return_) {
        counted.rows += ends;
        if (mask != 0) {
          counted.bytes = from + 64 - static_cast<size_t>(std::countl_zero(mask));
        }
        continue;
      }
      for (; mask != 0; mask &= mask - 1) {
        const size_t at = from + static_cast<size_t>(std::countr_zero(mask));
        if (at < counted.bytes) {
          continue;  // the second half of `\r\n`
        }
        const bool two = lines[at] == '\r' && at + 1 < lines.size() && lines[at + 1] == '\n';
        counted.bytes = at + (two ? 2 : 1);
        after_carriage_return_ = two && at + 1 == from + 64;
        if (++counted.rows == max_rows) {
          after_carriage_return_ = false;
          return counted;
        }
      }
      after_carriage_return_ = counted.bytes > from + 64;
    }
    after_carriage_return_ = false;
    if (counted.bytes < lines.size() && counted.rows < max_rows) {
      ++counted.rows;
      counted.bytes = lines.size();
    }
    return counted;
  }

 private:
  bool after_carriage_return_ = false;  // the next bytes start with the `\n` of a line that counts
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowDecoder>> MakeRowDecoder(const TextFormat& format,
                                                           const std::vector<TextColumn>& columns,
                                                           const DecoderOptions& options,
                                                           sdk::BatchBuilder& builder) {
  if (columns.empty()) {
    return std::make_unique<LineCounter>();
  }
  switch (format.serde) {
    case TextSerDe::kLazySimple:
      return MakeLazySimpleDecoder(format, columns, options, builder);
    case TextSerDe::kOpenCsv:
      return MakeOpenCsvDecoder(format, columns, options, builder);
    case TextSerDe::kHiveJson:
    case TextSerDe::kOpenXJson:
      return MakeJsonDecoder(format, columns, options, builder);
  }
  return absl::InternalError("a text format without a decoder");
}

}  // namespace pallas::lake
