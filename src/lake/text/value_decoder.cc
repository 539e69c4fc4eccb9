#include "lake/text/value_decoder.h"

#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/builder.h"
#include "arrow/type.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "simdjson.h"
#include "types/arrow_status.h"

namespace pallas::lake {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMillisPerSecond = 1'000;
constexpr int32_t kNanosPerMicro = 1'000;
constexpr int32_t kNanosPerMilli = 1'000'000;
// Hive reads no timestamp from less.
constexpr size_t kMinTimestampBytes = 8;

bool FitsInteger(const Type& type, int64_t value) {
  switch (type.kind()) {
    case TypeKind::kTinyint:
      return value == static_cast<int8_t>(value);
    case TypeKind::kSmallint:
      return value == static_cast<int16_t>(value);
    case TypeKind::kInteger:
      return value == static_cast<int32_t>(value);
    default:
      return true;
  }
}

template <typename Builder>
class IntegerDecoder final : public FlatDecoder<IntegerDecoder<Builder>> {
 public:
  explicit IntegerDecoder(arrow::ArrayBuilder& builder)
      : builder_(static_cast<Builder&>(builder)) {}

  absl::Status AppendFast(std::string_view text) {
    using Value = typename Builder::value_type;
    const std::optional<int64_t> value = ParseHiveInteger(text);
    if (value && *value >= std::numeric_limits<Value>::min() &&
        *value <= std::numeric_limits<Value>::max()) {
      builder_.UnsafeAppend(static_cast<Value>(*value));
    } else {
      builder_.UnsafeAppendNull();
    }
    return absl::OkStatus();
  }

  Builder& builder_;
};

template <typename Builder, auto kParse>
class NumberDecoder final : public FlatDecoder<NumberDecoder<Builder, kParse>> {
 public:
  explicit NumberDecoder(arrow::ArrayBuilder& builder) : builder_(static_cast<Builder&>(builder)) {}

  absl::Status AppendFast(std::string_view text) {
    if (const auto value = kParse(text)) {
      builder_.UnsafeAppend(*value);
    } else {
      builder_.UnsafeAppendNull();
    }
    return absl::OkStatus();
  }

  Builder& builder_;
};

class BooleanDecoder final : public FlatDecoder<BooleanDecoder> {
 public:
  BooleanDecoder(arrow::ArrayBuilder& builder, bool extended)
      : builder_(static_cast<arrow::BooleanBuilder&>(builder)), extended_(extended) {}

  absl::Status AppendFast(std::string_view text) {
    if (const std::optional<bool> value = ParseHiveBoolean(text, extended_)) {
      builder_.UnsafeAppend(*value);
    } else {
      builder_.UnsafeAppendNull();
    }
    return absl::OkStatus();
  }

  arrow::BooleanBuilder& builder_;
  const bool extended_;
};

class DecimalDecoder final : public FlatDecoder<DecimalDecoder> {
 public:
  DecimalDecoder(arrow::ArrayBuilder& builder, const Type& type)
      : builder_(static_cast<arrow::Decimal128Builder&>(builder)),
        precision_(type.precision()),
        scale_(type.scale()) {}

  absl::Status AppendFast(std::string_view text) {
    if (const std::optional<absl::int128> value = ParseDecimal(text, precision_, scale_)) {
      builder_.UnsafeAppend(
          arrow::Decimal128(absl::Int128High64(*value), absl::Int128Low64(*value)));
    } else {
      builder_.UnsafeAppendNull();
    }
    return absl::OkStatus();
  }

  arrow::Decimal128Builder& builder_;
  const int precision_;
  const int scale_;
};

template <typename Builder>
class TimestampDecoder final : public FlatDecoder<TimestampDecoder<Builder>> {
 public:
  TimestampDecoder(arrow::ArrayBuilder& builder, const TextFormat& format)
      : builder_(static_cast<Builder&>(builder)), patterns_(format.timestamp_patterns) {}

  absl::Status AppendFast(std::string_view text) {
    std::optional<HiveTimestamp> value;
    if (text.size() >= kMinTimestampBytes) {
      value = Parse(text);
    }
    if (!value) {
      builder_.UnsafeAppendNull();
    } else if constexpr (std::is_same_v<Builder, arrow::Date64Builder>) {
      // The digits after the milliseconds round, half up.
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
    const std::string_view trimmed = TrimText(text);
    for (const TimestampPattern& pattern : patterns_) {
      if (const std::optional<HiveTimestamp> value = pattern.Parse(trimmed)) {
        return value;
      }
    }
    return ParseHiveTimestamp(text);
  }

  const std::vector<TimestampPattern>& patterns_;
};

// Without the escape characters; `buffer` holds the result if there are any.
std::string_view Unescape(std::string_view text, char escape, std::string& buffer) {
  size_t at = text.find(escape);
  if (at == std::string_view::npos) {
    return text;
  }
  buffer.assign(text.substr(0, at));
  while (at < text.size()) {
    if (text[at] == escape && at + 1 < text.size()) {
      ++at;
    }
    buffer += text[at++];
  }
  return buffer;
}

class TextDecoder final : public FlatDecoder<TextDecoder> {
 public:
  TextDecoder(arrow::ArrayBuilder& builder, const Type& type, const TextFormat& format,
              const DecodeState& state)
      : builder_(static_cast<arrow::StringBuilder&>(builder)),
        state_(state),
        escape_(format.escape),
        length_(type.length().value_or(-1)),
        is_char_(type.kind() == TypeKind::kChar) {}

  absl::Status AppendFast(std::string_view text) {
    if (escape_) {
      text = Unescape(text, *escape_, unescaped_);
    }
    if (!state_.text_is_valid) {
      ASSIGN_OR_RETURN(text, ValidText(text, state_.invalid_utf8, valid_));
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

  arrow::StringBuilder& builder_;

 private:
  const DecodeState& state_;
  const std::optional<char> escape_;
  const int64_t length_;
  const bool is_char_;
  std::string unescaped_;
  std::string valid_;
};

class BinaryDecoder final : public FlatDecoder<BinaryDecoder> {
 public:
  explicit BinaryDecoder(arrow::ArrayBuilder& builder)
      : builder_(static_cast<arrow::BinaryBuilder&>(builder)) {}

  absl::Status AppendFast(std::string_view text) {
    // Hive: what is not Base64 stands for itself.
    const std::optional<std::string> decoded = DecodeBase64(text);
    const std::string_view bytes = decoded ? std::string_view(*decoded) : text;
    RETURN_IF_ERROR(builder_.ReserveData(static_cast<int64_t>(bytes.size())));
    builder_.UnsafeAppend(bytes);
    return absl::OkStatus();
  }

  arrow::BinaryBuilder& builder_;
};

// ---- Nested types ----

// Cells one by one.
class NestedDecoder : public ValueDecoder {
 public:
  NestedDecoder(const TextFormat& format, size_t level)
      : format_(format), separator_(format.separators[level]) {}

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
  // The end of the item that starts at `from`: a separator that is not escaped, or the end.
  size_t ItemEnd(std::string_view text, size_t from) const {
    while (from < text.size() && text[from] != separator_) {
      from += format_.escape == text[from] ? size_t{2} : size_t{1};
    }
    return std::min(from, text.size());
  }

  absl::Status AppendItem(ValueDecoder& decoder, std::string_view text) const {
    return text == format_.null_sequence ? decoder.AppendNull() : decoder.Append(text);
  }

  const TextFormat& format_;
  const char separator_;
};

class ArrayDecoder final : public NestedDecoder {
 public:
  ArrayDecoder(const TextFormat& format, size_t level, arrow::ArrayBuilder& builder,
               std::unique_ptr<ValueDecoder> items)
      : NestedDecoder(format, level),
        builder_(static_cast<arrow::ListBuilder&>(builder)),
        items_(std::move(items)) {}

  absl::Status Append(std::string_view text) override {
    RETURN_IF_ERROR(builder_.Append());
    if (text.empty()) {
      return absl::OkStatus();
    }
    for (size_t at = 0; at <= text.size(); ++at) {
      const size_t end = ItemEnd(text, at);
      RETURN_IF_ERROR(AppendItem(*items_, text.substr(at, end - at)));
      at = end;
    }
    return absl::OkStatus();
  }

  absl::Status AppendNull() override {
    RETURN_IF_ERROR(builder_.AppendNull());
    return absl::OkStatus();
  }

 private:
  arrow::ListBuilder& builder_;
  std::unique_ptr<ValueDecoder> items_;
};

class StructDecoder final : public NestedDecoder {
 public:
  StructDecoder(const TextFormat& format, size_t level, arrow::ArrayBuilder& builder,
                std::vector<std::unique_ptr<ValueDecoder>> fields)
      : NestedDecoder(format, level),
        builder_(static_cast<arrow::StructBuilder&>(builder)),
        fields_(std::move(fields)) {}

  absl::Status Append(std::string_view text) override {
    RETURN_IF_ERROR(builder_.Append());
    size_t at = 0;
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (at > text.size()) {
        RETURN_IF_ERROR(fields_[i]->AppendNull());
        continue;
      }
      const bool takes_rest = format_.last_column_takes_rest && i + 1 == fields_.size();
      const size_t end = takes_rest ? text.size() : ItemEnd(text, at);
      RETURN_IF_ERROR(AppendItem(*fields_[i], text.substr(at, end - at)));
      at = end + 1;
    }
    return absl::OkStatus();
  }

  // Arrow wants a cell of every field also where the struct is NULL.
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
};

// A text that keys of `type` have in common if they are equal; nullopt for one that is no key.
std::optional<std::string> CanonicalKey(const Type& type, std::string_view text,
                                        const TextFormat& format) {
  switch (type.kind()) {
    case TypeKind::kBoolean: {
      const std::optional<bool> value = ParseHiveBoolean(text, format.extended_boolean);
      return value ? std::optional<std::string>(*value ? "t" : "f") : std::nullopt;
    }
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint: {
      const std::optional<int64_t> value = ParseHiveInteger(text);
      return value && FitsInteger(type, *value) ? std::optional<std::string>(absl::StrCat(*value))
                                                : std::nullopt;
    }
    case TypeKind::kReal:
    case TypeKind::kDouble: {
      const std::optional<double> value = ParseJavaDouble(text);
      return value ? std::optional<std::string>(
                         std::string(reinterpret_cast<const char*>(&*value), sizeof(double)))
                   : std::nullopt;
    }
    case TypeKind::kDate: {
      const std::optional<int32_t> value = ParseHiveDate(text);
      return value ? std::optional<std::string>(absl::StrCat(*value)) : std::nullopt;
    }
    default:
      return std::string(text);
  }
}

// Keys that are no value of their type are left out; of those that are equal, the first counts.
class MapDecoder final : public NestedDecoder {
 public:
  MapDecoder(const TextFormat& format, size_t level, arrow::ArrayBuilder& builder, Type key_type,
             std::unique_ptr<ValueDecoder> keys, std::unique_ptr<ValueDecoder> values)
      : NestedDecoder(format, level),
        key_type_(std::move(key_type)),
        key_separator_(format.separators[level + 1]),
        builder_(static_cast<arrow::MapBuilder&>(builder)),
        keys_(std::move(keys)),
        values_(std::move(values)) {}

  absl::Status Append(std::string_view text) override {
    RETURN_IF_ERROR(builder_.Append());
    seen_.clear();
    if (text.empty()) {
      return absl::OkStatus();
    }
    for (size_t at = 0; at <= text.size(); ++at) {
      const size_t end = ItemEnd(text, at);
      RETURN_IF_ERROR(AppendEntry(text.substr(at, end - at)));
      at = end;
    }
    return absl::OkStatus();
  }

  absl::Status AppendNull() override {
    RETURN_IF_ERROR(builder_.AppendNull());
    return absl::OkStatus();
  }

 private:
  absl::Status AppendEntry(std::string_view entry) {
    size_t split = 0;
    while (split < entry.size() && entry[split] != key_separator_) {
      split += format_.escape == entry[split] ? size_t{2} : size_t{1};
    }
    split = std::min(split, entry.size());
    const std::string_view key = entry.substr(0, split);
    if (key == format_.null_sequence) {
      return absl::OkStatus();
    }
    std::optional<std::string> canonical = CanonicalKey(key_type_, key, format_);
    if (!canonical || !seen_.insert(*std::move(canonical)).second) {
      return absl::OkStatus();
    }
    const int64_t before = builder_.key_builder()->null_count();
    RETURN_IF_ERROR(keys_->Append(key));
    if (builder_.key_builder()->null_count() != before) {
      return NamedError("HIVE_BAD_DATA", "the key of a map is no value of its type");
    }
    if (split == entry.size()) {
      return values_->AppendNull();
    }
    return AppendItem(*values_, entry.substr(split + 1));
  }

  const Type key_type_;
  const char key_separator_;
  arrow::MapBuilder& builder_;
  std::unique_ptr<ValueDecoder> keys_;
  std::unique_ptr<ValueDecoder> values_;
  std::set<std::string> seen_;
};

std::optional<int32_t> ParseDays(std::string_view text) { return ParseHiveDate(text); }

absl::StatusOr<std::unique_ptr<ValueDecoder>> MakeNested(const Type& type, const TextFormat& format,
                                                         size_t level, const DecodeState& state,
                                                         arrow::ArrayBuilder& builder) {
  const size_t used = type.kind() == TypeKind::kMap ? 2 : 1;
  if (level + used > format.separators.size()) {
    return NamedError(
        "HIVE_INVALID_METADATA",
        absl::StrCat("the type ", type.ToString(), " is nested deeper than there are ",
                     "separators; set 'hive.serialization.extend.additional.nesting."
                     "levels' = 'true'"));
  }
  switch (type.kind()) {
    case TypeKind::kArray: {
      auto& list = static_cast<arrow::ListBuilder&>(builder);
      ASSIGN_OR_RETURN(auto items, MakeValueDecoder(type.element(), format, level + 1, state,
                                                    *list.value_builder()));
      return std::make_unique<ArrayDecoder>(format, level, builder, std::move(items));
    }
    case TypeKind::kMap: {
      auto& map = static_cast<arrow::MapBuilder&>(builder);
      ASSIGN_OR_RETURN(auto keys,
                       MakeValueDecoder(type.key(), format, level + 2, state, *map.key_builder()));
      ASSIGN_OR_RETURN(auto values, MakeValueDecoder(type.value(), format, level + 2, state,
                                                     *map.item_builder()));
      return std::make_unique<MapDecoder>(format, level, builder, type.key(), std::move(keys),
                                          std::move(values));
    }
    default: {
      auto& row = static_cast<arrow::StructBuilder&>(builder);
      std::vector<std::unique_ptr<ValueDecoder>> fields;
      for (size_t i = 0; i < type.children().size(); ++i) {
        ASSIGN_OR_RETURN(auto field, MakeValueDecoder(type.children()[i], format, level + 1, state,
                                                      *row.field_builder(static_cast<int>(i))));
        fields.push_back(std::move(field));
      }
      return std::make_unique<StructDecoder>(format, level, builder, std::move(fields));
    }
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ValueDecoder>> MakeValueDecoder(const Type& type,
                                                               const TextFormat& format,
                                                               size_t level,
                                                               const DecodeState& state,
                                                               arrow::ArrayBuilder& builder) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return std::make_unique<BooleanDecoder>(builder, format.extended_boolean);
    case TypeKind::kTinyint:
      return std::make_unique<IntegerDecoder<arrow::Int8Builder>>(builder);
    case TypeKind::kSmallint:
      return std::make_unique<IntegerDecoder<arrow::Int16Builder>>(builder);
    case TypeKind::kInteger:
      return std::make_unique<IntegerDecoder<arrow::Int32Builder>>(builder);
    case TypeKind::kBigint:
      return std::make_unique<IntegerDecoder<arrow::Int64Builder>>(builder);
    case TypeKind::kReal:
      return std::make_unique<NumberDecoder<arrow::FloatBuilder, ParseJavaFloat>>(builder);
    case TypeKind::kDouble:
      return std::make_unique<NumberDecoder<arrow::DoubleBuilder, ParseJavaDouble>>(builder);
    case TypeKind::kDecimal:
      return std::make_unique<DecimalDecoder>(builder, type);
    case TypeKind::kDate:
      return std::make_unique<NumberDecoder<arrow::Date32Builder, ParseDays>>(builder);
    case TypeKind::kTimestamp:
      if (builder.type()->id() == arrow::Type::DATE64) {
        return std::make_unique<TimestampDecoder<arrow::Date64Builder>>(builder, format);
      }
      return std::make_unique<TimestampDecoder<arrow::TimestampBuilder>>(builder, format);
    case TypeKind::kVarchar:
    case TypeKind::kChar:
      return std::make_unique<TextDecoder>(builder, type, format, state);
    case TypeKind::kVarbinary:
      return std::make_unique<BinaryDecoder>(builder);
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow:
      return MakeNested(type, format, level, state, builder);
    default:
      return NamedError("NOT_SUPPORTED",
                        absl::StrCat("text files have no values of type ", type.ToString()),
                        absl::StatusCode::kUnimplemented);
  }
}

absl::StatusOr<std::string_view> ValidText(std::string_view text, federation::InvalidUtf8 policy,
                                           std::string& buffer) {
  if (simdjson::validate_utf8(text.data(), text.size())) {
    return text;
  }
  if (policy == federation::InvalidUtf8::kError) {
    return NamedError("HIVE_BAD_DATA",
                      "it holds text that is not UTF-8; convert the file, or set invalid_utf8 = "
                      "\"replace\" in [lake] to get U+FFFD instead",
                      absl::StatusCode::kDataLoss);
  }
  buffer.clear();
  while (!text.empty()) {
    size_t length = 1;
    while (length <= 4 && length <= text.size() && !simdjson::validate_utf8(text.data(), length)) {
      ++length;
    }
    if (length > 4 || length > text.size()) {
      buffer += "\xEF\xBF\xBD";
      length = 1;
    } else {
      buffer += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return std::string_view(buffer);
}

}  // namespace pallas::lake
