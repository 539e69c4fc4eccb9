#include "lake/text/open_csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.h"
#include "arrow/type.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "lake/text/line_cursor.h"
#include "lake/text/value_decoder.h"
#include "simdjson.h"

namespace pallas::lake {
namespace {

constexpr size_t kRowsAtOnce = 1024;
// A quote further on in the line than this many characters may be one inside of a field.
constexpr size_t kFirstInnerQuote = 3;
constexpr size_t kShownBytes = 100;
constexpr int64_t kMicrosPerMilli = 1000;

absl::Status BadValue(std::string_view text, const Type& type) {
  return NamedError("HIVE_BAD_DATA",
                    absl::StrCat("Error parsing field value '", text.substr(0, kShownBytes),
                                 "' as ", type.ToString(),
                                 ": OpenCSVSerde has no NULLs but for missing fields; declare "
                                 "the column as string and use TRY_CAST"),
                    absl::StatusCode::kDataLoss);
}

// As Java's Long.parseLong.
std::optional<int64_t> ParseWhole(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) {
      return std::nullopt;
    }
  }
  int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && stop == text.data() + text.size() ? std::optional<int64_t>(value)
                                                                   : std::nullopt;
}

// One value for each text, or an error. `kParse` gives an optional.
template <typename Builder, auto kParse, int64_t kFactor = 1>
class StrictDecoder final : public FlatDecoder<StrictDecoder<Builder, kParse, kFactor>> {
 public:
  StrictDecoder(arrow::ArrayBuilder& builder, Type type)
      : builder_(static_cast<Builder&>(builder)), type_(std::move(type)) {}

  absl::Status AppendFast(std::string_view text) {
    using Value = typename Builder::value_type;
    const auto value = kParse(text);
    if (!value) {
      return BadValue(text, type_);
    }
    if constexpr (std::is_integral_v<Value> && !std::is_same_v<Value, bool>) {
      constexpr int64_t kMax = std::numeric_limits<Value>::max() / kFactor;
      if (*value > kMax || *value < std::numeric_limits<Value>::min() / kFactor) {
        return BadValue(text, type_);
      }
      builder_.UnsafeAppend(static_cast<Value>(*value * kFactor));
    } else {
      builder_.UnsafeAppend(*value);
    }
    return absl::OkStatus();
  }

  Builder& builder_;

 private:
  const Type type_;
};

class StrictDecimalDecoder final : public FlatDecoder<StrictDecimalDecoder> {
 public:
  StrictDecimalDecoder(arrow::ArrayBuilder& builder, Type type)
      : builder_(static_cast<arrow::Decimal128Builder&>(builder)), type_(std::move(type)) {}

  absl::Status AppendFast(std::string_view text) {
    const std::optional<absl::int128> value = ParseDecimal(text, type_.precision(), type_.scale());
    if (!value) {
      return BadValue(text, type_);
    }
    builder_.UnsafeAppend(arrow::Decimal128(absl::Int128High64(*value), absl::Int128Low64(*value)));
    return absl::OkStatus();
  }

  arrow::Decimal128Builder& builder_;

 private:
  const Type type_;
};

class StrictBooleanDecoder final : public FlatDecoder<StrictBooleanDecoder> {
 public:
  StrictBooleanDecoder(arrow::ArrayBuilder& builder, Type type)
      : builder_(static_cast<arrow::BooleanBuilder&>(builder)), type_(std::move(type)) {}

  absl::Status AppendFast(std::string_view text) {
    const std::optional<bool> value = ParseHiveBoolean(text, false);
    if (!value) {
      return BadValue(text, type_);
    }
    builder_.UnsafeAppend(*value);
    return absl::OkStatus();
  }

  arrow::BooleanBuilder& builder_;

 private:
  const Type type_;
};

absl::StatusOr<std::unique_ptr<ValueDecoder>> MakeDecoder(const Type& type,
                                                          const TextFormat& format,
                                                          const DecodeState& state,
                                                          arrow::ArrayBuilder& builder) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return std::make_unique<StrictBooleanDecoder>(builder, type);
    case TypeKind::kTinyint:
      return std::make_unique<StrictDecoder<arrow::Int8Builder, ParseWhole>>(builder, type);
    case TypeKind::kSmallint:
      return std::make_unique<StrictDecoder<arrow::Int16Builder, ParseWhole>>(builder, type);
    case TypeKind::kInteger:
      return std::make_unique<StrictDecoder<arrow::Int32Builder, ParseWhole>>(builder, type);
    case TypeKind::kBigint:
      return std::make_unique<StrictDecoder<arrow::Int64Builder, ParseWhole>>(builder, type);
    case TypeKind::kReal:
      return std::make_unique<StrictDecoder<arrow::FloatBuilder, ParseJavaFloat>>(builder, type);
    case TypeKind::kDouble:
      return std::make_unique<StrictDecoder<arrow::DoubleBuilder, ParseJavaDouble>>(builder, type);
    case TypeKind::kDecimal:
      return std::make_unique<StrictDecimalDecoder>(builder, type);
    case TypeKind::kDate:
      return std::make_unique<StrictDecoder<arrow::Date32Builder, ParseWhole>>(builder, type);
    case TypeKind::kTimestamp:
      if (builder.type()->id() == arrow::Type::DATE64) {
        return std::make_unique<StrictDecoder<arrow::Date64Builder, ParseWhole>>(builder, type);
      }
      return std::make_unique<StrictDecoder<arrow::TimestampBuilder, ParseWhole, kMicrosPerMilli>>(
          builder, type);
    case TypeKind::kVarchar:
    case TypeKind::kChar:
      return MakeValueDecoder(type, format, 0, state, builder);
    default:
      return NamedError("NOT_SUPPORTED",
                        absl::StrCat("OpenCSVSerde has no values of type ", type.ToString(),
                                     "; declare the column as string"),
                        absl::StatusCode::kUnimplemented);
  }
}

bool IsBlank(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isspace(static_cast<unsigned char>(c)) || (c >= '\x1c' && c <= '\x1f');
  });
}

// Characters as Java counts them: those past U+FFFF are two.
size_t JavaLength(std::string_view text) {
  size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    length += (byte & 0xC0U) != 0x80U ? 1 : 0;
    length += byte >= 0xF0U ? 1 : 0;
  }
  return length;
}

class OpenCsvDecoder final : public RowDecoder {
 public:
  OpenCsvDecoder(const TextFormat& format, std::vector<TextColumn> columns,
                 const DecoderOptions& options)
      : format_(format), columns_(std::move(columns)), cells_(columns_.size() * kRowsAtOnce) {
    state_.invalid_utf8 = options.invalid_utf8;
    slots_.resize(static_cast<size_t>(options.num_table_columns), -1);
    for (size_t i = 0; i < columns_.size(); ++i) {
      slots_[static_cast<size_t>(columns_[i].index)] = static_cast<int>(i);
      last_wanted_ = std::max(last_wanted_, static_cast<size_t>(columns_[i].index));
    }
  }

  absl::Status MakeDecoders(sdk::BatchBuilder& builder) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      auto decoder =
          MakeDecoder(columns_[i].type, format_, state_, builder.column(static_cast<int>(i)));
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
      const size_t most = std::min<size_t>(kRowsAtOnce, static_cast<size_t>(max_rows - all.rows));
      LineCursor cursor(rest);
      std::fill(cells_.begin(), cells_.end(), Cell());
      unquoted_.clear();
      size_t rows = 0;
      for (; rows < most && !cursor.at_end(); ++rows) {
        Cut(cursor.Next(), rows);
      }
      state_.text_is_valid = simdjson::validate_utf8(rest.data(), cursor.position());
      RETURN_IF_ERROR(DecodeCells(rows, all.rows));
      all.rows += static_cast<int64_t>(rows);
      all.bytes += cursor.position();
    }
    return all;
  }

 private:
  void Set(size_t field, size_t row, Cell cell) {
    if (const int slot = slots_[field]; slot >= 0) {
      cells_[static_cast<size_t>(slot) * kRowsAtOnce + row] = cell;
    }
  }

  // The fields of a line, as far as they are wanted, where they lie; lines with quotes or escapes
  // in odd places are read anew, a character at a time.
  void Cut(std::string_view line, size_t row) {
    if (line.empty()) {
      return;  // a row of NULLs
    }
    size_t at = 0;
    for (size_t field = 0; field <= last_wanted_; ++field) {
      size_t end = 0;
      Cell cell;
      if (at < line.size() && format_.quote != '\0' && line[at] == format_.quote) {
        end = FindSpecial(line, at + 1, false);
        const bool closes = end < line.size() && line[end] == format_.quote &&
                            (end + 1 == line.size() || line[end + 1] == format_.separator);
        if (!closes) {
          CutSlowly(line, row);
          return;
        }
        cell = line.substr(at + 1, end - at - 1);
        ++end;
      } else {
        end = FindSpecial(line, at, true);
        if (end < line.size() && line[end] != format_.separator) {
          CutSlowly(line, row);
          return;
        }
        cell = line.substr(at, end - at);
      }
      Set(field, row, cell);
      if (end == line.size()) {
        return;
      }
      at = end + 1;
    }
  }

  // The next quote or escape, or separator if that ends the field; the line's size if there is
  // none.
  size_t FindSpecial(std::string_view line, size_t from, bool separator) const {
    const std::array<char, 3> bytes = {format_.quote, format_.csv_escape,
                                       separator ? format_.separator : format_.quote};
    for (; from < line.size(); from += 64) {
      const uint64_t mask = MatchBytes(line.data() + from, bytes) & LowBits(line.size() - from);
      if (mask != 0) {
        return from + static_cast<size_t>(std::countr_zero(mask));
      }
    }
    return line.size();
  }

  // Where a quote or escape stands before another that it makes a plain character.
  static bool Precedes(std::string_view line, size_t at, char next) {
    return at + 1 < line.size() && line[at + 1] == next;
  }

  // opencsv's rules: in and after the first character of a field, an escape before a quote or an
  // escape, and a quote before a quote, stand for the second; another quote opens or closes a
  // quoted part. A quote between other characters of a field is one of them too.
  void CutSlowly(std::string_view line, size_t row) {
    std::string value;
    size_t field = 0;
    bool in_quotes = false;
    bool in_field = false;
    size_t at = 0;
    for (; at < line.size() && field <= last_wanted_; ++at) {
      const char c = line[at];
      if (c == format_.csv_escape) {
        if ((in_quotes || in_field) &&
            (Precedes(line, at, format_.quote) || Precedes(line, at, format_.csv_escape))) {
          value += line[++at];
        }
      } else if (c == format_.quote) {
        if ((in_quotes || in_field) && Precedes(line, at, format_.quote)) {
          value += line[++at];
        } else {
          if (IsInnerQuote(line, at)) {
            if (!value.empty() && IsBlank(value)) {
              value.clear();
            } else {
              value += c;
            }
          }
          in_quotes = !in_quotes;
        }
        in_field = !in_field;
      } else if (c == format_.separator && !in_quotes) {
        Set(field++, row, Keep(value));
        value.clear();
        in_field = false;
      } else {
        value += c;
        in_field = true;
      }
    }
    if (field <= last_wanted_) {
      Set(field, row, in_quotes ? Cell() : Keep(value));
      // What the fast way found before it gave up.
      for (++field; field <= last_wanted_; ++field) {
        Set(field, row, Cell());
      }
    }
  }

  bool IsInnerQuote(std::string_view line, size_t at) const {
    return at > 0 && line[at - 1] != format_.separator && at + 1 < line.size() &&
           line[at + 1] != format_.separator &&
           (at >= 4 * kFirstInnerQuote || JavaLength(line.substr(0, at)) >= kFirstInnerQuote);
  }

  // A text that lives until the rows are decoded.
  Cell Keep(const std::string& value) { return unquoted_.emplace_back(value); }

  absl::Status DecodeCells(size_t rows, int64_t rows_before) {
    constexpr std::string_view kNoNull(nullptr, 0);
    for (size_t i = 0; i < decoders_.size(); ++i) {
      size_t failed = 0;
      const absl::Status status = decoders_[i]->AppendCells(
          absl::MakeConstSpan(cells_).subspan(i * kRowsAtOnce, rows), kNoNull, failed);
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
  size_t last_wanted_ = 0;
  std::vector<Cell> cells_;  // kRowsAtOnce of each column
  std::deque<std::string> unquoted_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowDecoder>> MakeOpenCsvDecoder(
    const TextFormat& format, const std::vector<TextColumn>& columns, const DecoderOptions& options,
    sdk::BatchBuilder& builder) {
  auto decoder = std::make_unique<OpenCsvDecoder>(format, columns, options);
  RETURN_IF_ERROR(decoder->MakeDecoders(builder));
  return decoder;
}

}  // namespace pallas::lake
