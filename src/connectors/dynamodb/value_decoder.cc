#include "connectors/dynamodb/value_decoder.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "arrow/array/builder_binary.h"
#include "arrow/array/builder_decimal.h"
#include "arrow/array/builder_nested.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/array/builder_time.h"
#include "arrow/type.h"
#include "arrow/util/decimal.h"

#include "base/status_macros.h"
#include "connectors/dynamodb/number_text.h"
#include "types/arrow_mapping.h"
#include "types/time_zone.h"

namespace pallas::dynamodb {
namespace {

using simdjson::SUCCESS;
using simdjson::ondemand::value;
using Kind = DecodeFailure::Kind;

constexpr int64_t kMicrosPerMilli = 1000;
constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMillisPerDay = int64_t{24} * 3600 * 1000;

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// What all decoders share: a builder, and what to do about a value that does not fit.
template <typename Builder>
class BuilderDecoder : public ValueDecoder {
 public:
  BuilderDecoder(const DecodeOptions& options, arrow::ArrayBuilder& builder, DecodeFailure& failure)
      : options_(options), builder_(static_cast<Builder&>(builder)), failure_(failure) {}

  bool AppendNull() override { return Done(builder_.AppendNull()); }

 protected:
  const DecodeOptions& options() const { return options_; }

  Builder& builder() { return builder_; }

  DecodeFailure& failure() { return failure_; }

  // Without a virtual call where there is room, which is nearly always.
  template <typename Value>
  bool AppendValue(const Value& value) {
    if (builder_.arrow::ArrayBuilder::length() < builder_.capacity()) [[likely]] {
      builder_.UnsafeAppend(value);
      return true;
    }
    return Done(builder_.Append(value));
  }

  bool AppendBytes(std::string_view bytes) {
    const auto size = static_cast<int64_t>(bytes.size());
    if (builder_.arrow::ArrayBuilder::length() < builder_.capacity() &&
        builder_.value_data_length() + size < builder_.value_data_capacity()) [[likely]] {
      builder_.UnsafeAppend(bytes);
      return true;
    }
    return Done(builder_.Append(bytes));
  }

  bool Done(const arrow::Status& status) {
    return status.ok() || Fail(Kind::kMemory, AttributeType::kUnknown);
  }

  // The value is of another type, or does not fit: an error or NULL, as the options say.
  bool Misfit(Kind kind, AttributeType found) {
    return options_.values.type_mismatch == TypeMismatch::kNull ? AppendNull() : Fail(kind, found);
  }

  bool Malformed(AttributeType found) { return Fail(Kind::kMalformed, found); }

 private:
  bool Fail(Kind kind, AttributeType found) {
    failure_.kind = kind;
    failure_.found = found;
    failure_.expected = builder_.type();
    failure_.path.clear();
    return false;
  }

  const DecodeOptions options_;
  Builder& builder_;
  DecodeFailure& failure_;
};

// A scalar made of the text of a number.
template <typename Builder>
class NumberDecoder : public BuilderDecoder<Builder> {
 public:
  using BuilderDecoder<Builder>::BuilderDecoder;

  bool Append(AttributeType type, value& value) final {
    if (type == AttributeType::kNull) {
      return this->AppendNull();
    }
    if (type != AttributeType::kNumber && type != AttributeType::kString) {
      return this->Misfit(Kind::kType, type);
    }
    std::string_view text;
    if (!ReadString(value, &text, /*may_have_escapes=*/type == AttributeType::kString)) {
      return this->Malformed(type);
    }
    return AppendText(type, text);
  }

 protected:
  virtual bool AppendText(AttributeType type, std::string_view text) = 0;

  // A number that is none is one of a wrong type, if it came as text.
  bool BadNumber(AttributeType type) {
    return this->Misfit(type == AttributeType::kString ? Kind::kType : Kind::kRange, type);
  }
};

template <typename Builder>
class IntegerDecoder final : public NumberDecoder<Builder> {
 public:
  using NumberDecoder<Builder>::NumberDecoder;
  using Integer = typename Builder::value_type;

 protected:
  bool AppendText(AttributeType type, std::string_view text) override {
    Integer result = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, result);
    if (parsed.ec == std::errc() && parsed.ptr == end) [[likely]] {
      return this->AppendValue(result);
    }
    const std::optional<Number> number = ParseNumber(text);
    if (!number) {
      return this->BadNumber(type);
    }
    const std::optional<int64_t> integer = ToInteger(*number);
    if (!integer) {
      return this->Misfit(number->scale > 0 ? Kind::kFraction : Kind::kRange, type);
    }
    if (*integer < std::numeric_limits<Integer>::min() ||
        *integer > std::numeric_limits<Integer>::max()) {
      return this->Misfit(Kind::kRange, type);
    }
    return this->AppendValue(static_cast<Integer>(*integer));
  }
};

template <typename Builder>
class FloatDecoder final : public NumberDecoder<Builder> {
 public:
  using NumberDecoder<Builder>::NumberDecoder;
  using Float = typename Builder::value_type;

 protected:
  bool AppendText(AttributeType type, std::string_view text) override {
    Float result = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, result);
    if (parsed.ec == std::errc::result_out_of_range) {
      const std::optional<Number> number = ParseNumber(text);
      if (!number || IntegerDigits(*number) > 0) {
        return this->Misfit(Kind::kRange, type);
      }
      result = 0;  // too small to tell from zero
    } else if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(result)) {
      return this->BadNumber(type);  // "inf" and "nan" are no numbers here
    }
    return this->AppendValue(result);
  }
};

class DecimalDecoder final : public NumberDecoder<arrow::Decimal128Builder> {
 public:
  DecimalDecoder(const DecodeOptions& options, arrow::ArrayBuilder& builder, DecodeFailure& failure)
      : NumberDecoder(options, builder, failure) {
    const std::shared_ptr<arrow::DataType> type = builder.type();
    precision_ = static_cast<const arrow::Decimal128Type&>(*type).precision();
    scale_ = static_cast<const arrow::Decimal128Type&>(*type).scale();
    rounding_ = options.may_round ? Rounding::kHalfUp : Rounding::kNone;
  }

 protected:
  bool AppendText(AttributeType type, std::string_view text) override {
    std::optional<absl::int128> unscaled = FewDigits(text);
    if (!unscaled) {
      const std::optional<Number> number = ParseNumber(text);
      if (!number) {
        return BadNumber(type);
      }
      unscaled = ToUnscaled(*number, precision_, scale_, rounding_);
      if (!unscaled) {
        const bool fits = ToUnscaled(*number, precision_, scale_, Rounding::kHalfUp).has_value();
        return Misfit(fits ? Kind::kFraction : Kind::kRange, type);
      }
    }
    return AppendValue(
        arrow::Decimal128(absl::Int128High64(*unscaled), absl::Int128Low64(*unscaled)));
  }

 private:
  // The common case: few digits, no more behind the point than the scale has.
  std::optional<absl::int128> FewDigits(std::string_view text) const {
    constexpr size_t kDigits = 18;
    const bool negative = !text.empty() && text.front() == '-';
    if (negative) {
      text.remove_prefix(1);
    }
    if (text.empty() || text.size() > kDigits) {
      return std::nullopt;
    }
    int64_t digits = 0;
    int behind_point = -1;
    for (const char c : text) {
      if (c >= '0' && c <= '9') {
        digits = digits * 10 + (c - '0');
        behind_point += behind_point >= 0 ? 1 : 0;
      } else if (c == '.' && behind_point < 0) {
        behind_point = 0;
      } else {
        return std::nullopt;
      }
    }
    const int up = scale_ - std::max(behind_point, 0);
    if (up < 0 || static_cast<int>(text.size()) + up > precision_) {
      return std::nullopt;
    }
    const absl::int128 unscaled = PowerOfTen(up) * digits;
    return negative ? -unscaled : unscaled;
  }

  int precision_ = 0;
  int scale_ = 0;
  Rounding rounding_ = Rounding::kNone;
};

class TextDecoder final : public BuilderDecoder<arrow::StringBuilder> {
 public:
  using BuilderDecoder::BuilderDecoder;

  bool Append(AttributeType type, value& value) override {
    if (type == AttributeType::kString || type == AttributeType::kNumber ||
        type == AttributeType::kBinary) {
      std::string_view text;
      return ReadString(value, &text) ? AppendBytes(text) : Malformed(type);
    }
    if (type == AttributeType::kNull) {
      return AppendNull();
    }
    text_.clear();
    return AppendAsText(type, value, options().values.legacy_text, &text_)
               ? Done(builder().Append(text_))
               : Malformed(type);
  }

 private:
  std::string text_;
};

class BoolDecoder final : public BuilderDecoder<arrow::BooleanBuilder> {
 public:
  using BuilderDecoder::BuilderDecoder;

  bool Append(AttributeType type, value& value) override {
    if (type == AttributeType::kNull) {
      return AppendNull();
    }
    if (type != AttributeType::kBool) {
      return Misfit(Kind::kType, type);
    }
    bool flag = false;
    return value.get_bool().get(flag) == SUCCESS ? Done(builder().Append(flag)) : Malformed(type);
  }
};

class BinaryDecoder final : public BuilderDecoder<arrow::BinaryBuilder> {
 public:
  using BuilderDecoder::BuilderDecoder;

  bool Append(AttributeType type, value& value) override {
    if (type == AttributeType::kNull) {
      return AppendNull();
    }
    if (type != AttributeType::kBinary) {
      return Misfit(Kind::kType, type);
    }
    std::string_view text;
    if (!ReadString(value, &text) || !absl::Base64Unescape(text, &bytes_)) {
      return Malformed(type);
    }
    return Done(builder().Append(bytes_));
  }

 private:
  std::string bytes_;
};

// Dates and times: texts in a known form, or numbers of milliseconds. A text in no known form is
// NULL, as the Java connector has it.
template <typename Builder>
class MomentDecoder : public BuilderDecoder<Builder> {
 public:
  using BuilderDecoder<Builder>::BuilderDecoder;

  bool Append(AttributeType type, value& value) final {
    if (type == AttributeType::kNull) {
      return this->AppendNull();
    }
    if (type != AttributeType::kString && type != AttributeType::kNumber) {
      return this->Misfit(Kind::kType, type);
    }
    std::string_view text;
    if (!ReadString(value, &text)) {
      return this->Malformed(type);
    }
    return type == AttributeType::kString ? AppendText(text) : AppendMillis(text);
  }

 protected:
  virtual bool AppendMoment(const DateTime& moment) = 0;

 private:
  bool AppendText(std::string_view text) {
    const DatePattern* const pattern = this->options().pattern;
    const std::optional<DateTime> moment = pattern == nullptr || pattern->is_epoch_millis()
                                               ? ParseIsoDateTime(text)
                                               : pattern->Parse(text);
    return moment ? AppendMoment(*moment) : this->AppendNull();
  }

  bool AppendMillis(std::string_view text) {
    const std::optional<Number> number = ParseNumber(text);
    constexpr int kDigits = 18;
    std::optional<absl::int128> micros;
    if (number) {
      constexpr int kMilliScale = 3;  // of microseconds
      micros = ToUnscaled(*number, kDigits, kMilliScale, Rounding::kHalfUp);
    }
    if (!micros) {
      return this->Misfit(Kind::kRange, AttributeType::kNumber);
    }
    return AppendMoment(DateTime{static_cast<int64_t>(*micros), 0});
  }
};

class DateDecoder final : public MomentDecoder<arrow::Date32Builder> {
 public:
  using MomentDecoder::MomentDecoder;

 protected:
  bool AppendMoment(const DateTime& moment) override {
    return Done(builder().Append(
        static_cast<int32_t>(FloorDivide(moment.UtcMicros(), kMillisPerDay * kMicrosPerMilli))));
  }
};

class MillisDecoder final : public MomentDecoder<arrow::Date64Builder> {
 public:
  using MomentDecoder::MomentDecoder;

 protected:
  bool AppendMoment(const DateTime& moment) override {
    return Done(builder().Append(FloorDivide(moment.UtcMicros(), kMicrosPerMilli)));
  }
};

// timestamp[us]; and with a zone: milliseconds as packed cells (D26), microseconds as instants.
class TimestampDecoder final : public MomentDecoder<arrow::TimestampBuilder> {
 public:
  TimestampDecoder(const DecodeOptions& options, arrow::ArrayBuilder& builder,
                   DecodeFailure& failure)
      : MomentDecoder(options, builder, failure) {
    const std::shared_ptr<arrow::DataType> held = builder.type();
    const auto& type = static_cast<const arrow::TimestampType&>(*held);
    has_zone_ = !type.timezone().empty();
    is_packed_ = has_zone_ && type.unit() == arrow::TimeUnit::MILLI;
  }

 protected:
  bool AppendMoment(const DateTime& moment) override {
    if (!has_zone_) {
      return Done(builder().Append(moment.UtcMicros()));
    }
    int64_t micros = moment.UtcMicros();
    int zone = kUtcZoneKey;
    if (!moment.offset_seconds) {
      zone = options().zone_key;
      const int64_t seconds = FloorDivide(micros, kMicrosPerSecond);
      micros += (LocalToEpochSeconds(zone, seconds) - seconds) * kMicrosPerSecond;
    } else if (*moment.offset_seconds != 0) {
      zone = OffsetZone(*moment.offset_seconds);
    }
    return Done(builder().Append(
        is_packed_ ? PackTimestampTz(FloorDivide(micros, kMicrosPerMilli), zone) : micros));
  }

 private:
  static int OffsetZone(int seconds) {
    constexpr int kMinute = 60;
    const int minutes = std::abs(seconds) / kMinute;
    const auto two = [](int number) { return absl::StrCat(absl::Dec(number, absl::kZeroPad2)); };
    const absl::StatusOr<int> key = ZoneKeyOf(
        absl::StrCat(seconds < 0 ? "-" : "+", two(minutes / kMinute), ":", two(minutes % kMinute)));
    return key.ok() ? *key : kUtcZoneKey;
  }

  bool has_zone_ = false;
  bool is_packed_ = false;
};

class ListDecoder final : public BuilderDecoder<arrow::ListBuilder> {
 public:
  ListDecoder(const DecodeOptions& options, arrow::ArrayBuilder& builder, DecodeFailure& failure,
              std::unique_ptr<ValueDecoder> element)
      : BuilderDecoder(options, builder, failure), element_(std::move(element)) {}

  bool Append(AttributeType type, value& value) override {
    switch (type) {
      case AttributeType::kNull:
        return AppendNull();
      case AttributeType::kMap:
      case AttributeType::kUnknown:
        return Misfit(Kind::kType, type);
      case AttributeType::kList:
        return AppendElements(type, value, [this](simdjson::ondemand::value& item) {
          return ReadTyped(item, [this](AttributeType inner, simdjson::ondemand::value& content) {
            return element_->Append(inner, content);
          });
        });
      case AttributeType::kStringSet:
      case AttributeType::kNumberSet:
      case AttributeType::kBinarySet:
        return AppendElements(type, value, [this, type](simdjson::ondemand::value& item) {
          return element_->Append(ElementType(type), item);
        });
      default:  // a scalar is a list of itself
        return Done(builder().Append()) && Within(element_->Append(type, value));
    }
  }

 private:
  template <typename AppendElement>
  bool AppendElements(AttributeType type, value& value, AppendElement append_element) {
    simdjson::ondemand::array array;
    if (value.get_array().get(array) != SUCCESS) {
      return Malformed(type);
    }
    if (!Done(builder().Append())) {
      return false;
    }
    for (auto item : array) {
      if (item.error() != SUCCESS) {
        return Malformed(type);
      }
      auto&& element = std::move(item).value_unsafe();
      if (!Within(append_element(element))) {
        return false;
      }
    }
    return true;
  }

  bool Within(bool appended) {
    if (!appended) {
      failure().path.insert(0, "[]");
    }
    return appended;
  }

  std::unique_ptr<ValueDecoder> element_;
};

class StructDecoder final : public BuilderDecoder<arrow::StructBuilder> {
 public:
  StructDecoder(const DecodeOptions& options, arrow::ArrayBuilder& builder, DecodeFailure& failure,
                std::vector<std::unique_ptr<ValueDecoder>> fields)
      : BuilderDecoder(options, builder, failure), fields_(std::move(fields)) {
    const std::shared_ptr<arrow::DataType> type = builder.type();
    for (int i = 0; i < type->num_fields(); ++i) {
      names_.emplace(type->field(i)->name(), static_cast<size_t>(i));
    }
  }

  bool Append(AttributeType type, value& value) override {
    if (type == AttributeType::kNull) {
      return AppendNull();
    }
    simdjson::ondemand::object object;
    if (type != AttributeType::kMap) {
      return Misfit(Kind::kType, type);
    }
    if (value.get_object().get(object) != SUCCESS) {
      return Malformed(type);
    }
    if (!Done(builder().Append())) {
      return false;
    }
    for (auto member : object) {
      if (member.error() != SUCCESS) {
        return Malformed(type);
      }
      auto&& field = std::move(member).value_unsafe();
      std::string_view name;
      if (field.unescaped_key().get(name) != SUCCESS) {
        return Malformed(type);
      }
      const auto found = Find(name);
      if (found != names_.end() && IsMissing(found->second) &&
          !AppendField(found->second, found->first, field.value())) {
        return false;
      }
    }
    return FillUp();
  }

 private:
  using Names = std::map<std::string, size_t, std::less<>>;

  // Definitions have names in lower case, whatever the attribute's are.
  Names::const_iterator Find(std::string_view name) const {
    const auto exact = names_.find(name);
    return exact != names_.end() ? exact : names_.find(absl::AsciiStrToLower(name));
  }

  // The row that is being made has no value of the field yet.
  bool IsMissing(size_t field) {
    return builder().child(static_cast<int>(field))->length() < builder().length();
  }

  bool AppendField(size_t index, const std::string& name, value& attribute) {
    const bool appended =
        ReadTyped(attribute, [&](AttributeType inner, simdjson::ondemand::value& content) {
          return fields_[index]->Append(inner, content);
        });
    if (!appended) {
      failure().path.insert(0, absl::StrCat(".", name));
    }
    return appended;
  }

  // NULL in the fields that the map has not.
  bool FillUp() {
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (IsMissing(i) && !fields_[i]->AppendNull()) {
        return false;
      }
    }
    return true;
  }

  std::vector<std::unique_ptr<ValueDecoder>> fields_;
  Names names_;
};

class MapDecoder final : public BuilderDecoder<arrow::MapBuilder> {
 public:
  MapDecoder(const DecodeOptions& options, arrow::ArrayBuilder& builder, DecodeFailure& failure,
             std::unique_ptr<ValueDecoder> item)
      : BuilderDecoder(options, builder, failure), item_(std::move(item)) {}

  bool Append(AttributeType type, value& value) override {
    if (type == AttributeType::kNull) {
      return AppendNull();
    }
    if (type != AttributeType::kMap) {
      return Misfit(Kind::kType, type);
    }
    simdjson::ondemand::object object;
    if (value.get_object().get(object) != SUCCESS) {
      return Malformed(type);
    }
    if (!Done(builder().Append())) {
      return false;
    }
    auto& keys = static_cast<arrow::StringBuilder&>(*builder().key_builder());
    for (auto member : object) {
      if (member.error() != SUCCESS) {
        return Malformed(type);
      }
      auto&& field = std::move(member).value_unsafe();
      std::string_view name;
      if (field.unescaped_key().get(name) != SUCCESS) {
        return Malformed(type);
      }
      if (!Done(keys.Append(name)) || !AppendItem(name, field.value())) {
        return false;
      }
    }
    return true;
  }

 private:
  bool AppendItem(std::string_view name, value& attribute) {
    const bool appended =
        ReadTyped(attribute, [&](AttributeType inner, simdjson::ondemand::value& content) {
          return item_->Append(inner, content);
        });
    if (!appended) {
      failure().path.insert(0, absl::StrCat(".", name));
    }
    return appended;
  }

  std::unique_ptr<ValueDecoder> item_;
};

class DecoderFactory {
 public:
  DecoderFactory(const DecodeOptions& options, DecodeFailure& failure)
      : options_(options), failure_(failure) {}

  absl::StatusOr<std::unique_ptr<ValueDecoder>> Make(arrow::ArrayBuilder& builder) const {
    switch (builder.type()->id()) {
      case arrow::Type::LIST: {
        auto& list = static_cast<arrow::ListBuilder&>(builder);
        ASSIGN_OR_RETURN(auto element, Make(*list.value_builder()));
        return std::make_unique<ListDecoder>(options_, builder, failure_, std::move(element));
      }
      case arrow::Type::MAP: {
        auto& map = static_cast<arrow::MapBuilder&>(builder);
        if (map.key_builder()->type()->id() != arrow::Type::STRING) {
          return absl::UnimplementedError("the keys of a map must be varchar");
        }
        ASSIGN_OR_RETURN(auto item, Make(*map.item_builder()));
        return std::make_unique<MapDecoder>(options_, builder, failure_, std::move(item));
      }
      case arrow::Type::STRUCT: {
        std::vector<std::unique_ptr<ValueDecoder>> fields;
        for (int i = 0; i < builder.num_children(); ++i) {
          ASSIGN_OR_RETURN(auto field, Make(*builder.child(i)));
          fields.push_back(std::move(field));
        }
        return std::make_unique<StructDecoder>(options_, builder, failure_, std::move(fields));
      }
      default:
        return MakeScalar(builder);
    }
  }

 private:
  template <typename Decoder>
  std::unique_ptr<ValueDecoder> New(arrow::ArrayBuilder& builder) const {
    return std::make_unique<Decoder>(options_, builder, failure_);
  }

  absl::StatusOr<std::unique_ptr<ValueDecoder>> MakeScalar(arrow::ArrayBuilder& builder) const {
    switch (builder.type()->id()) {
      case arrow::Type::INT8:
        return New<IntegerDecoder<arrow::Int8Builder>>(builder);
      case arrow::Type::INT16:
        return New<IntegerDecoder<arrow::Int16Builder>>(builder);
      case arrow::Type::INT32:
        return New<IntegerDecoder<arrow::Int32Builder>>(builder);
      case arrow::Type::INT64:
        return New<IntegerDecoder<arrow::Int64Builder>>(builder);
      case arrow::Type::FLOAT:
        return New<FloatDecoder<arrow::FloatBuilder>>(builder);
      case arrow::Type::DOUBLE:
        return New<FloatDecoder<arrow::DoubleBuilder>>(builder);
      case arrow::Type::DECIMAL128:
        return New<DecimalDecoder>(builder);
      case arrow::Type::STRING:
        return New<TextDecoder>(builder);
      case arrow::Type::BOOL:
        return New<BoolDecoder>(builder);
      case arrow::Type::BINARY:
        return New<BinaryDecoder>(builder);
      case arrow::Type::DATE32:
        return New<DateDecoder>(builder);
      case arrow::Type::DATE64:
        return New<MillisDecoder>(builder);
      case arrow::Type::TIMESTAMP:
        return New<TimestampDecoder>(builder);
      default:
        return absl::UnimplementedError(
            absl::StrCat("no attribute can be read as ", builder.type()->ToString()));
    }
  }

  const DecodeOptions& options_;
  DecodeFailure& failure_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ValueDecoder>> MakeValueDecoder(const DecodeOptions& options,
                                                               arrow::ArrayBuilder& builder,
                                                               DecodeFailure& failure) {
  return DecoderFactory(options, failure).Make(builder);
}

}  // namespace pallas::dynamodb
