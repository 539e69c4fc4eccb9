#include "lake/text/json_value.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "arrow/builder.h"
#include "arrow/type.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "lake/text/json_cursor.h"
#include "lake/text/json_keys.h"
#include "lake/text/json_token.h"
#include "simdjson.h"

namespace pallas::lake {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kNull = "null";
constexpr size_t kShownBytes = 100;
constexpr int64_t kMillisPerSecond = 1000;
constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int32_t kNanosPerMilli = 1'000'000;
constexpr int32_t kNanosPerMicro = 1'000;
// A number of seconds as a timestamp has fewer digits; milliseconds have as many.
constexpr size_t kMillisDigits = 13;

absl::Status BadValue(std::string_view text, const Type& type) {
  return NamedError("HIVE_BAD_DATA",
                    absl::StrCat("Error parsing field value '", text.substr(0, kShownBytes),
                                 "' as ", type.ToString()),
                    absl::StatusCode::kDataLoss);
}

// ---- Numbers ----

std::optional<int64_t> ParseWhole(std::string_view text, int base = 10) {
  if (base == 10 && text.starts_with('+') && !text.substr(1).starts_with('-')) {
    text.remove_prefix(1);
  }
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  return error == std::errc() && stop == end ? std::optional<int64_t>(value) : std::nullopt;
}

// A number with a fraction or an exponent, cut off after the point.
std::optional<int64_t> TruncateNumber(std::string_view text) {
  constexpr int kDigits = 38;
  constexpr int kFraction = 18;
  const std::optional<absl::int128> scaled = ParseDecimal(text, kDigits, kFraction);
  if (!scaled) {
    return std::nullopt;
  }
  absl::int128 value = *scaled;
  for (int i = 0; i < kFraction; ++i) {
    value /= 10;
  }
  if (value > std::numeric_limits<int64_t>::max() || value < std::numeric_limits<int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<int64_t>(value);
}

// Decimal, 0x and octal numbers, as OpenX reads them.
std::optional<int64_t> ParseOpenXWhole(std::string_view text) {
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
      absl::ascii_isxdigit(static_cast<unsigned char>(text[2]))) {
    return ParseWhole(text.substr(2), 16);
  }
  if (text.size() > 1 && text[0] == '0' &&
      absl::ascii_isdigit(static_cast<unsigned char>(text[1]))) {
    return ParseWhole(text.substr(1), 8);
  }
  return ParseWhole(text);
}

// ---- Values without parts ----

// Reads the token and has `Derived::AppendToken(token)` take it.
template <typename Derived>
class JsonScalar : public FlatDecoder<Derived> {
 public:
  JsonScalar(const JsonState& state, Type type) : state_(state), type_(std::move(type)) {}

  absl::Status AppendFast(std::string_view raw) {
    ASSIGN_OR_RETURN(const JsonToken token, ReadJsonToken(raw, buffer_));
    auto& self = static_cast<Derived&>(*this);
    if (token.kind == JsonKind::kObject || token.kind == JsonKind::kArray) {
      return self.AppendContainer(token.text);
    }
    if (token.kind == JsonKind::kOther && !state_.is_openx()) {
      return NotJson(absl::StrCat("'", token.text.substr(0, kShownBytes), "' is no value"));
    }
    if (token.kind == JsonKind::kOther && absl::EqualsIgnoreCase(token.text, kNull)) {
      self.builder_.UnsafeAppendNull();
      return absl::OkStatus();
    }
    return self.AppendToken(token);
  }

  absl::Status AppendContainer(std::string_view raw) { return Bad(raw); }

 protected:
  absl::Status Bad(std::string_view text) const { return BadValue(text, type_); }

  const JsonState& state_;
  const Type type_;

 private:
  std::string buffer_;
};

template <typename Builder>
class JsonInteger final : public JsonScalar<JsonInteger<Builder>> {
 public:
  JsonInteger(arrow::ArrayBuilder& builder, const JsonState& state, Type type)
      : JsonScalar<JsonInteger<Builder>>(state, std::move(type)),
        builder_(static_cast<Builder&>(builder)) {}

  absl::Status AppendToken(const JsonToken& token) {
    using Value = typename Builder::value_type;
    std::optional<int64_t> value;
    if (this->state_.is_openx()) {
      value = ParseOpenXWhole(token.text);
    } else if (token.kind == JsonKind::kNumber) {
      value = ParseWhole(token.text);
    } else {
      return this->Bad(token.text);  // Hive: a text is no number
    }
    if (!value) {
      value = TruncateNumber(token.text);
    }
    if (!value || *value > std::numeric_limits<Value>::max() ||
        *value < std::numeric_limits<Value>::min()) {
      return this->Bad(token.text);
    }
    builder_.UnsafeAppend(static_cast<Value>(*value));
    return absl::OkStatus();
  }

  Builder& builder_;
};

template <typename Builder, auto kParse>
class JsonFloating final : public JsonScalar<JsonFloating<Builder, kParse>> {
 public:
  JsonFloating(arrow::ArrayBuilder& builder, const JsonState& state, Type type)
      : JsonScalar<JsonFloating<Builder, kParse>>(state, std::move(type)),
        builder_(static_cast<Builder&>(builder)) {}

  absl::Status AppendToken(const JsonToken& token) {
    const bool may_be = token.kind == JsonKind::kNumber || this->state_.is_openx();
    const auto value = may_be ? kParse(token.text) : std::nullopt;
    if (!value) {
      return this->Bad(token.text);
    }
    builder_.UnsafeAppend(*value);
    return absl::OkStatus();
  }

  Builder& builder_;
};

class JsonBoolean final : public JsonScalar<JsonBoolean> {
 public:
  JsonBoolean(arrow::ArrayBuilder& builder, const JsonState& state, Type type)
      : JsonScalar(state, std::move(type)),
        builder_(static_cast<arrow::BooleanBuilder&>(builder)) {}

  // Java's Boolean.parseBoolean: what is not true is false.
  absl::Status AppendToken(const JsonToken& token) {
    builder_.UnsafeAppend(absl::EqualsIgnoreCase(token.text, "true"));
    return absl::OkStatus();
  }

  arrow::BooleanBuilder& builder_;
};

class JsonDecimal final : public JsonScalar<JsonDecimal> {
 public:
  JsonDecimal(arrow::ArrayBuilder& builder, const JsonState& state, Type type)
      : JsonScalar(state, std::move(type)),
        builder_(static_cast<arrow::Decimal128Builder&>(builder)) {}

  absl::Status AppendToken(const JsonToken& token) {
    const auto value = ParseDecimal(token.text, type_.precision(), type_.scale());
    if (!value) {
      return Bad(token.text);
    }
    builder_.UnsafeAppend(arrow::Decimal128(absl::Int128High64(*value), absl::Int128Low64(*value)));
    return absl::OkStatus();
  }

  arrow::Decimal128Builder& builder_;
};

class JsonDate final : public JsonScalar<JsonDate> {
 public:
  JsonDate(arrow::ArrayBuilder& builder, const JsonState& state, Type type)
      : JsonScalar(state, std::move(type)), builder_(static_cast<arrow::Date32Builder&>(builder)) {}

  absl::Status AppendToken(const JsonToken& token) {
    std::optional<int32_t> days = ParseHiveDate(token.text);
    if (!days && state_.is_openx()) {
      const std::optional<int64_t> number = ParseOpenXWhole(token.text);
      if (number && *number <= std::numeric_limits<int32_t>::max() &&
          *number >= std::numeric_limits<int32_t>::min()) {
        days = static_cast<int32_t>(*number);
      }
    }
    if (!days) {
      return Bad(token.text);
    }
    builder_.UnsafeAppend(*days);
    return absl::OkStatus();
  }

  arrow::Date32Builder& builder_;
};

HiveTimestamp FromMillis(int64_t millis) {
  int64_t seconds = millis / kMillisPerSecond;
  int64_t rest = millis % kMillisPerSecond;
  if (rest < 0) {
    --seconds;
    rest += kMillisPerSecond;
  }
  return {seconds, static_cast<int32_t>(rest) * kNanosPerMilli};
}

// A date and time with an offset (`+01:00`, `+0100`, `Z`), as UTC; OpenX's other forms are numbers.
std::optional<HiveTimestamp> ParseOpenXTimestamp(std::string_view text) {
  constexpr size_t kOffsetDigits = 4;
  if (text.find(':') != std::string_view::npos) {
    int64_t offset = 0;
    if (text.ends_with('Z') || text.ends_with('z')) {
      text.remove_suffix(1);
    } else if (const size_t sign = text.find_last_of("+-");
               sign != std::string_view::npos && sign > text.find(':')) {
      const std::string digits = absl::StrReplaceAll(text.substr(sign + 1), {{":", ""}});
      int64_t number = 0;
      if (digits.size() != kOffsetDigits || !absl::SimpleAtoi(digits, &number)) {
        return std::nullopt;
      }
      offset = (number / 100 * 60 + number % 100) * 60 * (text[sign] == '-' ? -1 : 1);
      text = text.substr(0, sign);
    }
    std::optional<HiveTimestamp> value = ParseHiveTimestamp(text);
    if (value) {
      value->seconds -= offset;
    }
    return value;
  }
  if (text.find('.') != std::string_view::npos) {
    constexpr int kDigits = 38;
    constexpr int kFraction = 9;
    const auto scaled = ParseDecimal(text, kDigits, kFraction);
    const absl::int128 millis = scaled ? *scaled / kNanosPerMilli : 0;
    if (!scaled || millis > std::numeric_limits<int64_t>::max() ||
        millis < std::numeric_limits<int64_t>::min()) {
      return std::nullopt;
    }
    return FromMillis(static_cast<int64_t>(millis));
  }
  const std::optional<int64_t> number = ParseWhole(text);
  if (!number) {
    return std::nullopt;
  }
  return text.size() >= kMillisDigits ? FromMillis(*number) : HiveTimestamp{*number, 0};
}

template <typename Builder>
class JsonTimestamp final : public JsonScalar<JsonTimestamp<Builder>> {
 public:
  JsonTimestamp(arrow::ArrayBuilder& builder, const JsonState& state, Type type)
      : JsonScalar<JsonTimestamp<Builder>>(state, std::move(type)),
        builder_(static_cast<Builder&>(builder)) {}

  absl::Status AppendToken(const JsonToken& token) {
    const std::optional<HiveTimestamp> value = Parse(token.text);
    if (!value) {
      return this->Bad(token.text);
    }
    if constexpr (std::is_same_v<Builder, arrow::Date64Builder>) {
      builder_.UnsafeAppend(value->seconds * kMillisPerSecond +
                            (value->nanos + kNanosPerMilli / 2) / kNanosPerMilli);
    } else {
      builder_.UnsafeAppend(value->seconds * kMicrosPerSecond +
                            (value->nanos + kNanosPerMicro / 2) / kNanosPerMicro);
    }
    return absl::OkStatus();
  }

  Builder& builder_;

 private:
  std::optional<HiveTimestamp> Parse(std::string_view text) const {
    for (const TimestampPattern& pattern : this->state_.format->timestamp_patterns) {
      if (const std::optional<HiveTimestamp> value = pattern.Parse(TrimText(text))) {
        return value;
      }
    }
    return this->state_.is_openx() ? ParseOpenXTimestamp(text) : ParseHiveTimestamp(text);
  }
};

// Appends a value as OpenX writes it as text: without the blanks between its parts, its words and
// texts in their one form.
absl::Status AppendCompact(std::string_view raw, std::string& out) {
  constexpr std::string_view kMarks = "{}[],:";
  std::string buffer;
  for (size_t at = 0; at < raw.size();) {
    const char c = raw[at];
    if (absl::ascii_isspace(static_cast<unsigned char>(c))) {
      ++at;
    } else if (kMarks.find(c) != std::string_view::npos) {
      out += c;
      ++at;
    } else if (c == '"') {
      size_t end = at + 1;
      while (end < raw.size() && raw[end] != '"') {
        end += raw[end] == '\\' ? size_t{2} : size_t{1};
      }
      end = std::min(end + 1, raw.size());
      ASSIGN_OR_RETURN(const JsonToken token, ReadJsonToken(raw.substr(at, end - at), buffer));
      AppendJsonText(token.text, out);
      at = end;
    } else {
      const size_t end = std::min(raw.find_first_of("{}[],:\" \t", at), raw.size());
      const std::string_view word = raw.substr(at, end - at);
      out += absl::EqualsIgnoreCase(word, kNull) ? std::string(kNull) : CanonicalWord(word);
      at = end;
    }
  }
  return absl::OkStatus();
}

class JsonText final : public JsonScalar<JsonText> {
 public:
  JsonText(arrow::ArrayBuilder& builder, const JsonState& state, const Type& type)
      : JsonScalar(state, type),
        builder_(static_cast<arrow::StringBuilder&>(builder)),
        length_(type.length().value_or(-1)),
        is_char_(type.kind() == TypeKind::kChar) {}

  absl::Status AppendToken(const JsonToken& token) {
    return state_.is_openx() && token.kind != JsonKind::kText
               ? AppendText(CanonicalWord(token.text))
               : AppendText(token.text);
  }

  // OpenX: the JSON itself.
  absl::Status AppendContainer(std::string_view raw) {
    if (!state_.is_openx()) {
      return NamedError(
          "HIVE_BAD_DATA",
          absl::StrCat("a ", type_.ToString(), " is an object or an array; the SerDe ",
                       kOpenXJsonSerDe, " reads its JSON as text"),
          absl::StatusCode::kDataLoss);
    }
    compact_.clear();
    RETURN_IF_ERROR(AppendCompact(raw, compact_));
    return AppendText(compact_);
  }

  arrow::StringBuilder& builder_;

 private:
  absl::Status AppendText(std::string_view text) {
    if (!state_.text.text_is_valid) {
      ASSIGN_OR_RETURN(text, ValidText(text, state_.text.invalid_utf8, valid_));
    }
    if (length_ >= 0) {
      text = TruncateText(text, length_);
    }
    if (is_char_) {
      text = StripPadding(text);
    }
    RETURN_IF_ERROR(builder_.ReserveData(static_cast<int64_t>(text.size())));
    builder_.UnsafeAppend(text.data(), static_cast<int32_t>(text.size()));
    return absl::OkStatus();
  }

  const int64_t length_;
  const bool is_char_;
  std::string compact_;
  std::string valid_;
};

class JsonBinary final : public JsonScalar<JsonBinary> {
 public:
  JsonBinary(arrow::ArrayBuilder& builder, const JsonState& state, Type type)
      : JsonScalar(state, std::move(type)), builder_(static_cast<arrow::BinaryBuilder&>(builder)) {}

  // Hive: the bytes of the text. OpenX: Base64.
  absl::Status AppendToken(const JsonToken& token) {
    std::string_view bytes = token.text;
    std::optional<std::string> decoded;
    if (state_.is_openx()) {
      decoded = token.kind == JsonKind::kText ? DecodeBase64(token.text) : std::nullopt;
      if (!decoded) {
        return Bad(token.text);
      }
      bytes = *decoded;
    }
    RETURN_IF_ERROR(builder_.ReserveData(static_cast<int64_t>(bytes.size())));
    builder_.UnsafeAppend(bytes);
    return absl::OkStatus();
  }

  arrow::BinaryBuilder& builder_;
};

// ---- Values with parts ----

class JsonNested : public ValueDecoder {
 public:
  JsonNested(const JsonState& state, Type type) : state_(state), type_(std::move(type)) {}

  absl::Status AppendCells(absl::Span<const Cell> cells, std::string_view null_sequence,
                           size_t& failed) final {
    for (size_t i = 0; i < cells.size(); ++i) {
      failed = i;
      const Cell cell = cells[i];
      RETURN_IF_ERROR(cell.data() == nullptr || cell == null_sequence ? AppendNull()
                                                                      : Append(cell));
    }
    return absl::OkStatus();
  }

 protected:
  static absl::Status AppendItem(ValueDecoder& decoder, std::string_view raw) {
    return raw == kNull ? decoder.AppendNull() : decoder.Append(raw);
  }

  // OpenX takes a blank text for a value that is not there.
  absl::StatusOr<bool> IsBlankText(std::string_view raw, bool trim) {
    ASSIGN_OR_RETURN(const JsonToken token, ReadJsonToken(raw, buffer_));
    return state_.is_openx() && token.kind == JsonKind::kText &&
           (trim ? TrimText(token.text) : token.text).empty();
  }

  absl::Status Bad(std::string_view raw) const { return BadValue(raw, type_); }

  const JsonState& state_;
  const Type type_;
  ondemand::parser parser_;

 private:
  std::string buffer_;
};

class JsonArray final : public JsonNested {
 public:
  JsonArray(arrow::ArrayBuilder& builder, const JsonState& state, const Type& type,
            std::unique_ptr<ValueDecoder> items)
      : JsonNested(state, type),
        builder_(static_cast<arrow::ListBuilder&>(builder)),
        items_(std::move(items)) {}

  absl::Status Append(std::string_view raw) override {
    if (raw.starts_with('[')) {
      RETURN_IF_ERROR(builder_.Append());
      return ForEachItem(parser_, raw,
                         [&](std::string_view item) { return AppendItem(*items_, item); });
    }
    if (!state_.is_openx()) {
      return Bad(raw);
    }
    ASSIGN_OR_RETURN(const bool blank, IsBlankText(raw, false));
    if (blank) {
      return AppendNull();
    }
    // OpenX: one value is an array of it.
    RETURN_IF_ERROR(builder_.Append());
    return AppendItem(*items_, raw);
  }

  absl::Status AppendNull() override {
    RETURN_IF_ERROR(builder_.AppendNull());
    return absl::OkStatus();
  }

 private:
  arrow::ListBuilder& builder_;
  std::unique_ptr<ValueDecoder> items_;
};

class JsonMap final : public JsonNested {
 public:
  JsonMap(arrow::ArrayBuilder& builder, const JsonState& state, const Type& type,
          std::unique_ptr<ValueDecoder> keys, std::unique_ptr<ValueDecoder> values)
      : JsonNested(state, type),
        builder_(static_cast<arrow::MapBuilder&>(builder)),
        keys_(std::move(keys)),
        values_(std::move(values)),
        keys_are_numbers_(IsNumeric(type.key())) {}

  absl::Status Append(std::string_view raw) override {
    if (!raw.starts_with('{')) {
      ASSIGN_OR_RETURN(const bool blank, IsBlankText(raw, true));
      return blank ? AppendNull() : Bad(raw);
    }
    // Of keys that are there twice the last counts, so that all must be seen first.
    entries_.clear();
    RETURN_IF_ERROR(ForEachField(parser_, raw, [&](std::string_view key, std::string_view value) {
      entries_.insert_or_assign(std::string(key), value);
      return absl::OkStatus();
    }));
    RETURN_IF_ERROR(builder_.Append());
    std::string key;
    for (const auto& [text, value] : entries_) {
      key.clear();
      if (keys_are_numbers_ && !state_.is_openx()) {
        key = text;  // Hive's numbers are not texts
      } else {
        AppendJsonText(text, key);
      }
      RETURN_IF_ERROR(keys_->Append(key));
      RETURN_IF_ERROR(AppendItem(*values_, value));
    }
    return absl::OkStatus();
  }

  absl::Status AppendNull() override {
    RETURN_IF_ERROR(builder_.AppendNull());
    return absl::OkStatus();
  }

 private:
  arrow::MapBuilder& builder_;
  std::unique_ptr<ValueDecoder> keys_;
  std::unique_ptr<ValueDecoder> values_;
  const bool keys_are_numbers_;
  std::map<std::string, std::string_view> entries_;
};

std::vector<std::string> FieldNames(const Type& type) {
  std::vector<std::string> names;
  for (size_t i = 0; i < type.children().size(); ++i) {
    names.push_back(
        absl::AsciiStrToLower(type.field_names()[i].value_or(absl::StrCat("field", i))));
  }
  return names;
}

class JsonStruct final : public JsonNested {
 public:
  JsonStruct(arrow::ArrayBuilder& builder, const JsonState& state, const Type& type,
             std::vector<std::unique_ptr<ValueDecoder>> fields)
      : JsonNested(state, type),
        builder_(static_cast<arrow::StructBuilder&>(builder)),
        fields_(std::move(fields)),
        cells_(fields_.size()),
        keys_(FieldNames(type), *state.format, [this](int64_t ordinal) {
          return ordinal < static_cast<int64_t>(fields_.size()) ? static_cast<int>(ordinal) : -1;
        }) {}

  absl::Status Append(std::string_view raw) override {
    std::fill(cells_.begin(), cells_.end(), Cell());
    if (raw.starts_with('{')) {
      RETURN_IF_ERROR(ForEachField(parser_, raw, [&](std::string_view key, std::string_view value) {
        const KeyIndex::Match match = keys_.Find(key);
        if (match.field >= 0) {
          Cell& cell = cells_[static_cast<size_t>(match.field)];
          cell = match.dotted && cell.data() != nullptr ? cell : value;
        }
        return absl::OkStatus();
      }));
    } else if (raw.starts_with('[') && state_.is_openx()) {
      size_t i = 0;
      RETURN_IF_ERROR(ForEachItem(parser_, raw, [&](std::string_view value) {
        if (i < cells_.size()) {
          cells_[i++] = value;
        }
        return absl::OkStatus();
      }));
    } else {
      ASSIGN_OR_RETURN(const bool blank, IsBlankText(raw, true));
      if (!blank) {
        return Bad(raw);
      }
    }
    RETURN_IF_ERROR(builder_.Append());
    for (size_t i = 0; i < fields_.size(); ++i) {
      RETURN_IF_ERROR(cells_[i].data() == nullptr ? fields_[i]->AppendNull()
                                                  : AppendItem(*fields_[i], cells_[i]));
    }
    return absl::OkStatus();
  }

  absl::Status AppendNull() override {
    RETURN_IF_ERROR(builder_.Append(false));
    for (const std::unique_ptr<ValueDecoder>& field : fields_) {
      RETURN_IF_ERROR(field->AppendNull());
    }
    return absl::OkStatus();
  }

 private:
  arrow::StructBuilder& builder_;
  std::vector<std::unique_ptr<ValueDecoder>> fields_;
  std::vector<Cell> cells_;
  KeyIndex keys_;
};

absl::StatusOr<std::unique_ptr<ValueDecoder>> MakeNested(const Type& type, const JsonState& state,
                                                         arrow::ArrayBuilder& builder) {
  if (type.kind() == TypeKind::kArray) {
    auto& list = static_cast<arrow::ListBuilder&>(builder);
    ASSIGN_OR_RETURN(auto items,
                     MakeJsonValueDecoder(type.element(), state, *list.value_builder()));
    return std::make_unique<JsonArray>(builder, state, type, std::move(items));
  }
  if (type.kind() == TypeKind::kMap) {
    auto& map = static_cast<arrow::MapBuilder&>(builder);
    ASSIGN_OR_RETURN(auto keys, MakeJsonValueDecoder(type.key(), state, *map.key_builder()));
    ASSIGN_OR_RETURN(auto values, MakeJsonValueDecoder(type.value(), state, *map.item_builder()));
    return std::make_unique<JsonMap>(builder, state, type, std::move(keys), std::move(values));
  }
  auto& row = static_cast<arrow::StructBuilder&>(builder);
  std::vector<std::unique_ptr<ValueDecoder>> fields;
  for (size_t i = 0; i < type.children().size(); ++i) {
    ASSIGN_OR_RETURN(auto field, MakeJsonValueDecoder(type.children()[i], state,
                                                      *row.field_builder(static_cast<int>(i))));
    fields.push_back(std::move(field));
  }
  return std::make_unique<JsonStruct>(builder, state, type, std::move(fields));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ValueDecoder>> MakeJsonValueDecoder(const Type& type,
                                                                   const JsonState& state,
                                                                   arrow::ArrayBuilder& builder) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return std::make_unique<JsonBoolean>(builder, state, type);
    case TypeKind::kTinyint:
      return std::make_unique<JsonInteger<arrow::Int8Builder>>(builder, state, type);
    case TypeKind::kSmallint:
      return std::make_unique<JsonInteger<arrow::Int16Builder>>(builder, state, type);
    case TypeKind::kInteger:
      return std::make_unique<JsonInteger<arrow::Int32Builder>>(builder, state, type);
    case TypeKind::kBigint:
      return std::make_unique<JsonInteger<arrow::Int64Builder>>(builder, state, type);
    case TypeKind::kReal:
      return std::make_unique<JsonFloating<arrow::FloatBuilder, ParseJavaFloat>>(builder, state,
                                                                                 type);
    case TypeKind::kDouble:
      return std::make_unique<JsonFloating<arrow::DoubleBuilder, ParseJavaDouble>>(builder, state,
                                                                                   type);
    case TypeKind::kDecimal:
      return std::make_unique<JsonDecimal>(builder, state, type);
    case TypeKind::kDate:
      return std::make_unique<JsonDate>(builder, state, type);
    case TypeKind::kTimestamp:
      if (builder.type()->id() == arrow::Type::DATE64) {
        return std::make_unique<JsonTimestamp<arrow::Date64Builder>>(builder, state, type);
      }
      return std::make_unique<JsonTimestamp<arrow::TimestampBuilder>>(builder, state, type);
    case TypeKind::kVarchar:
    case TypeKind::kChar:
      return std::make_unique<JsonText>(builder, state, type);
    case TypeKind::kVarbinary:
      return std::make_unique<JsonBinary>(builder, state, type);
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow:
      return MakeNested(type, state, builder);
    default:
      return NamedError("NOT_SUPPORTED",
                        absl::StrCat("JSON files have no values of type ", type.ToString()),
                        absl::StatusCode::kUnimplemented);
  }
}

}  // namespace pallas::lake
