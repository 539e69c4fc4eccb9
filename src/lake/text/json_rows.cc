#include "lake/text/json_rows.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "lake/text/json_cursor.h"
#include "lake/text/json_keys.h"
#include "lake/text/json_token.h"
#include "lake/text/json_value.h"
#include "lake/text/lenient_json.h"
#include "lake/text/line_cursor.h"
#include "simdjson.h"

namespace pallas::lake {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr size_t kRowsAtOnce = 1024;
constexpr std::string_view kNull = "null";

class JsonDecoder final : public RowDecoder {
 public:
  JsonDecoder(const TextFormat& format, std::vector<TextColumn> columns,
              const DecoderOptions& options)
      : columns_(std::move(columns)), cells_(columns_.size() * kRowsAtOnce) {
    state_.format = &format;
    state_.text.invalid_utf8 = options.invalid_utf8;
    slots_.resize(static_cast<size_t>(options.num_table_columns), -1);
    std::vector<std::string> names;
    for (size_t i = 0; i < columns_.size(); ++i) {
      slots_[static_cast<size_t>(columns_[i].index)] = static_cast<int>(i);
      names.push_back(absl::AsciiStrToLower(columns_[i].name));
    }
    keys_ = std::make_unique<KeyIndex>(names, format,
                                       [this](int64_t ordinal) { return SlotOf(ordinal); });
  }

  absl::Status MakeDecoders(sdk::BatchBuilder& builder) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      auto decoder =
          MakeJsonValueDecoder(columns_[i].type, state_, builder.column(static_cast<int>(i)));
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
      rewritten_.clear();
      size_t rows = 0;
      for (; rows < most && !cursor.at_end(); ++rows) {
        failed_row_ = all.rows + static_cast<int64_t>(rows);
        RETURN_IF_ERROR(CutLine(cursor.Next(), rows));
      }
      state_.text.text_is_valid = simdjson::validate_utf8(rest.data(), cursor.position());
      RETURN_IF_ERROR(DecodeCells(rows, all.rows));
      all.rows += static_cast<int64_t>(rows);
      all.bytes += cursor.position();
    }
    return all;
  }

 private:
  int SlotOf(int64_t ordinal) const {
    return ordinal < static_cast<int64_t>(slots_.size()) ? slots_[static_cast<size_t>(ordinal)]
                                                         : -1;
  }

  Cell& CellOf(int slot, size_t row) {
    return cells_[static_cast<size_t>(slot) * kRowsAtOnce + row];
  }

  void ClearRow(size_t row) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      CellOf(static_cast<int>(i), row) = Cell();
    }
  }

  absl::Status CutLine(std::string_view line, size_t row) {
    const absl::Status status = state_.is_openx() ? CutTrimmed(line, row) : CutObject(line, row);
    if (status.ok() || simdjson::validate_utf8(line.data(), line.size())) {
      return status;
    }
    std::string text;
    ASSIGN_OR_RETURN(const std::string_view valid, ValidText(line, state_.text.invalid_utf8, text));
    ClearRow(row);
    const std::string_view kept = Keep(std::string(valid));
    return state_.is_openx() ? CutTrimmed(kept, row) : CutObject(kept, row);
  }

  // A line that lives until its row is decoded.
  std::string_view Keep(std::string line) {
    const size_t size = line.size();
    line.resize(size + kTextPadding);
    return std::string_view(rewritten_.emplace_back(std::move(line))).substr(0, size);
  }

  absl::Status CutTrimmed(std::string_view line, size_t row) {
    line = TrimText(line);
    if (line.empty()) {
      return absl::OkStatus();  // a row of NULLs
    }
    absl::Status status = CutOpenX(line, row);
    if (!status.ok() && state_.format->ignore_malformed) {
      ClearRow(row);
      return absl::OkStatus();
    }
    return status;
  }

  absl::Status CutOpenX(std::string_view line, size_t row) {
    if (line.front() != '{' && line.front() != '[') {
      return NotJson("it starts with neither '{' nor '['");
    }
    // A row that must be NULL if any of the line is malformed needs a look at all of it.
    if (!state_.format->ignore_malformed || IsValid(line)) {
      const absl::Status status = line.front() == '{' ? CutObject(line, row) : CutArray(line, row);
      if (status.ok()) {
        return status;
      }
      ClearRow(row);
    }
    std::string json;
    RETURN_IF_ERROR(RewriteLenientJson(line, json));
    const std::string_view text = Keep(std::move(json));
    return text.front() == '{' ? CutObject(text, row) : CutArray(text, row);
  }

  bool IsValid(std::string_view line) {
    return validator_.parse(line.data(), line.size(), /*realloc_if_needed=*/false).error() ==
           simdjson::SUCCESS;
  }

  // The texts of the values of the columns, without a look at them.
  absl::Status CutObject(std::string_view line, size_t row) {
    ondemand::document document;
    ondemand::object object;
    if (auto error = parser_.iterate(Padded(line)).get(document); error) {
      return FromSimdjson(error);
    }
    if (auto error = document.get_object().get(object); error) {
      return error == simdjson::INCORRECT_TYPE ? NotJson("it is no object") : FromSimdjson(error);
    }
    size_t position = 0;
    for (auto item : object) {
      ondemand::field field;
      if (auto error = std::move(item).get(field); error) {
        return FromSimdjson(error);
      }
      KeyIndex::Match match;
      if (auto error = FindKey(field, position++, match); error) {
        return FromSimdjson(error);
      }
      if (match.field < 0) {
        continue;
      }
      Cell& cell = CellOf(match.field, row);
      std::string_view raw;
      if (auto error = RawJson(field.value(), raw); error) {
        return FromSimdjson(error);
      }
      if (!match.dotted || cell.data() == nullptr) {
        cell = raw;
      }
    }
    return absl::OkStatus();
  }

  // Lines mostly have the same keys in the same order: what a key at this place meant last time is
  // tried first.
  simdjson::error_code FindKey(ondemand::field& field, size_t position, KeyIndex::Match& match) {
    const char* const raw = field.key().raw();
    if (position < known_.size()) {
      const KnownKey& known = known_[position];
      if (std::memcmp(raw, known.text.data(), known.text.size()) == 0) {
        match = known.match;
        return simdjson::SUCCESS;
      }
    }
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) {
      return error;
    }
    match = keys_->Find(key);
    constexpr size_t kMaxKnownKeys = 1000;
    constexpr size_t kMaxKnownBytes = kTextPadding - 1;
    if (position < kMaxKnownKeys) {
      known_.resize(std::max(known_.size(), position + 1));
      // With its quote; a key with escapes is another text, and a long one might be compared with
      // what lies past the end of the line's padding.
      known_[position] = key.size() < kMaxKnownBytes &&
                                 std::memcmp(raw, key.data(), key.size()) == 0 &&
                                 raw[key.size()] == '"'
                             ? KnownKey{absl::StrCat(key, "\""), match}
                             : KnownKey{std::string(1, '\0'), {}};
    }
    return simdjson::SUCCESS;
  }

  absl::Status CutArray(std::string_view line, size_t row) {
    int64_t ordinal = 0;
    return ForEachItem(parser_, line, [&](std::string_view raw) {
      if (const int slot = SlotOf(ordinal++); slot >= 0) {
        CellOf(slot, row) = raw;
      }
      return absl::OkStatus();
    });
  }

  absl::Status DecodeCells(size_t rows, int64_t rows_before) {
    for (size_t i = 0; i < decoders_.size(); ++i) {
      size_t failed = 0;
      const absl::Status status = decoders_[i]->AppendCells(
          absl::MakeConstSpan(cells_).subspan(i * kRowsAtOnce, rows), kNull, failed);
      if (!status.ok()) {
        failed_row_ = rows_before + static_cast<int64_t>(failed);
        return Annotate(status, absl::StrCat("column '", columns_[i].name, "': "));
      }
    }
    return absl::OkStatus();
  }

  struct KnownKey {
    std::string text;  // as it is written, with its last quote
    KeyIndex::Match match;
  };

  const std::vector<TextColumn> columns_;
  JsonState state_;
  std::vector<std::unique_ptr<ValueDecoder>> decoders_;  // one per column
  std::vector<int> slots_;                               // by ordinal; -1: not wanted
  std::unique_ptr<KeyIndex> keys_;
  std::vector<KnownKey> known_;  // by place in the line
  ondemand::parser parser_;
  simdjson::dom::parser validator_;
  std::vector<Cell> cells_;  // kRowsAtOnce of each column
  std::deque<std::string> rewritten_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowDecoder>> MakeJsonDecoder(const TextFormat& format,
                                                            const std::vector<TextColumn>& columns,
                                                            const DecoderOptions& options,
                                                            sdk::BatchBuilder& builder) {
  auto decoder = std::make_unique<JsonDecoder>(format, columns, options);
  RETURN_IF_ERROR(decoder->MakeDecoders(builder));
  return decoder;
}

}  // namespace pallas::lake
