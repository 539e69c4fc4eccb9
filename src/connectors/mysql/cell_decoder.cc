#include "connectors/mysql/cell_decoder.h"

#include <charconv>
#include <cstring>
#include <limits>
#include <string_view>

#include "absl/numeric/int128.h"
#include "arrow/builder.h"
#include "arrow/type.h"
#include "arrow/util/decimal.h"

namespace pallas::mysql {
namespace {

// So many digits always fit into 64 bits.
constexpr size_t kSafeDigits = 18;
constexpr int kMaxBytesOfBits = 8;

template <typename Builder>
Builder& As(CellDecoder& decoder) {
  return static_cast<Builder&>(decoder.builder());
}

// Digits only; false for anything else, and where there are none.
bool ParseDigits(const char* text, size_t size, uint64_t& value) {
  value = 0;
  for (size_t i = 0; i < size; ++i) {
    const auto digit = static_cast<unsigned>(text[i] - '0');
    if (digit > 9) {
      return false;
    }
    value = value * 10 + digit;
  }
  return size > 0;
}

bool ParseInteger(const char* text, size_t size, int64_t& value) {
  const bool negative = size > 0 && text[0] == '-';
  const size_t start = negative ? 1 : 0;
  if (size - start <= kSafeDigits) {
    uint64_t magnitude = 0;
    const bool good = ParseDigits(text + start, size - start, magnitude);
    value = negative ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude);
    return good;
  }
  const auto [end, error] = std::from_chars(text, text + size, value);
  return error == std::errc() && end == text + size;
}

template <typename Builder>
bool AppendInteger(CellDecoder& decoder, const char* text, size_t size) {
  using T = typename Builder::value_type;
  int64_t value = 0;
  return ParseInteger(text, size, value) && value >= std::numeric_limits<T>::min() &&
         value <= std::numeric_limits<T>::max() &&
         As<Builder>(decoder).Append(static_cast<T>(value)).ok();
}

bool AppendBool(CellDecoder& decoder, const char* text, size_t size) {
  int64_t value = 0;
  return ParseInteger(text, size, value) &&
         As<arrow::BooleanBuilder>(decoder).Append(value != 0).ok();
}

bool ParseBits(const char* bytes, size_t size, uint64_t& value) {
  value = 0;
  for (size_t i = 0; i < size; ++i) {
    value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
  }
  return size > 0 && size <= kMaxBytesOfBits;
}

bool AppendBitBool(CellDecoder& decoder, const char* text, size_t size) {
  uint64_t bits = 0;
  return ParseBits(text, size, bits) && As<arrow::BooleanBuilder>(decoder).Append(bits != 0).ok();
}

bool AppendBits(CellDecoder& decoder, const char* text, size_t size) {
  uint64_t bits = 0;
  return ParseBits(text, size, bits) &&
         bits <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) &&
         As<arrow::Int64Builder>(decoder).Append(static_cast<int64_t>(bits)).ok();
}

bool AppendBits64(CellDecoder& decoder, const char* text, size_t size) {
  uint64_t bits = 0;
  return ParseBits(text, size, bits) &&
         As<arrow::Decimal128Builder>(decoder).Append(arrow::Decimal128(0, bits)).ok();
}

// Collects the digits of a decimal in pieces that fit into 64 bits.
class DecimalParser {
 public:
  bool Add(const char* text, size_t size) {
    while (size > 0) {
      const size_t piece = std::min(size, kSafeDigits);
      uint64_t digits = 0;
      if (!ParseDigits(text, piece, digits) || !Shift(piece)) {
        return false;
      }
      value_ += digits;
      text += piece;
      size -= piece;
    }
    return true;
  }

  // Multiplies by a power of ten. False: beyond 38 digits.
  bool Shift(size_t digits) {
    constexpr auto kLimit = absl::MakeUint128(0x4B3B4CA85A86C47A, 0x098A224000000000);  // 10^38
    for (; digits > 0; --digits) {
      if (value_ >= kLimit / 10) {
        return false;
      }
      value_ *= 10;
    }
    return true;
  }

  absl::uint128 value() const { return value_; }

 private:
  absl::uint128 value_ = 0;
};

bool AppendWideDecimal(CellDecoder& decoder, std::string_view whole, std::string_view fraction,
                       bool negative) {
  DecimalParser parser;
  const auto scale = static_cast<size_t>(decoder.scale());
  if (!parser.Add(whole.data(), whole.size()) || !parser.Add(fraction.data(), fraction.size()) ||
      !parser.Shift(scale - fraction.size())) {
    return false;
  }
  arrow::Decimal128 value(static_cast<int64_t>(absl::Uint128High64(parser.value())),
                          absl::Uint128Low64(parser.value()));
  if (!value.FitsInPrecision(decoder.precision())) {
    return false;
  }
  if (negative) {
    value.Negate();
  }
  return As<arrow::Decimal128Builder>(decoder).Append(value).ok();
}

bool AppendDecimal(CellDecoder& decoder, const char* text, size_t size) {
  const bool negative = size > 0 && text[0] == '-';
  const std::string_view digits(text + (negative ? 1 : 0), size - (negative ? 1 : 0));
  const size_t point = std::min(digits.find('.'), digits.size());
  const std::string_view whole = digits.substr(0, point);
  const std::string_view fraction = point == digits.size() ? "" : digits.substr(point + 1);
  const auto scale = static_cast<size_t>(decoder.scale());
  if (whole.empty() || fraction.size() > scale) {
    return false;
  }
  uint64_t high = 0;
  uint64_t low = 0;
  // The common case: all digits fit into 64 bits, and are as many as the type says.
  if (whole.size() + scale > kSafeDigits || fraction.size() != scale ||
      whole.size() + scale > static_cast<size_t>(decoder.precision())) {
    return AppendWideDecimal(decoder, whole, fraction, negative);
  }
  if (!ParseDigits(whole.data(), whole.size(), high) ||
      (scale > 0 && !ParseDigits(fraction.data(), scale, low))) {
    return false;
  }
  for (size_t i = 0; i < scale; ++i) {
    high *= 10;
  }
  const auto value = static_cast<int64_t>(high + low);
  return As<arrow::Decimal128Builder>(decoder)
      .Append(arrow::Decimal128(negative ? -value : value))
      .ok();
}

bool ParseDouble(const char* text, size_t size, double& value) {
  const auto [end, error] = std::from_chars(text, text + size, value);
  return error == std::errc() && end == text + size;
}

bool AppendDouble(CellDecoder& decoder, const char* text, size_t size) {
  double value = 0;
  return ParseDouble(text, size, value) && As<arrow::DoubleBuilder>(decoder).Append(value).ok();
}

bool AppendFloat(CellDecoder& decoder, const char* text, size_t size) {
  double value = 0;
  return ParseDouble(text, size, value) &&
         As<arrow::FloatBuilder>(decoder).Append(static_cast<float>(value)).ok();
}

template <typename Builder>
bool AppendBytes(CellDecoder& decoder, const char* text, size_t size) {
  constexpr size_t kMaxCellBytes = std::numeric_limits<int32_t>::max();
  return size <= kMaxCellBytes &&
         As<Builder>(decoder).Append(text, static_cast<int32_t>(size)).ok();
}

struct Day {
  bool is_zero = false;  // a part is 0: no day at all, NULL for us
  int32_t epoch_day = 0;
};

constexpr size_t kDayLength = 10;

// `YYYY-MM-DD`, also days that only a lenient server has: those are refused.
bool ParseDay(const char* text, Day& day) {
  uint64_t year = 0;
  uint64_t month = 0;
  uint64_t date = 0;
  if (!ParseDigits(text, 4, year) || text[4] != '-' || !ParseDigits(text + 5, 2, month) ||
      text[7] != '-' || !ParseDigits(text + 8, 2, date) || month > 12) {
    return false;
  }
  if (month == 0 || date == 0) {
    day.is_zero = true;
    return true;
  }
  constexpr uint8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  if (date > kDays[month - 1] + (month == 2 && leap ? 1U : 0U)) {
    return false;
  }
  // Days since 0000-03-01, with the leap day at the end of a year.
  const int64_t shifted = static_cast<int64_t>(year) - (month <= 2 ? 1 : 0);
  const int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const int64_t year_of_era = shifted - era * 400;
  const int64_t from_march = static_cast<int64_t>(month) + (month > 2 ? -3 : 9);
  const int64_t day_of_year = (153 * from_march + 2) / 5 + static_cast<int64_t>(date) - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  constexpr int64_t kDaysPerEra = 146097;
  constexpr int64_t kEpoch = 719468;  // 1970-01-01 in these days
  day.epoch_day = static_cast<int32_t>(era * kDaysPerEra + day_of_era - kEpoch);
  return true;
}

bool AppendDate(CellDecoder& decoder, const char* text, size_t size) {
  Day day;
  if (size != kDayLength || !ParseDay(text, day)) {
    return false;
  }
  auto& builder = As<arrow::Date32Builder>(decoder);
  return (day.is_zero ? builder.AppendNull() : builder.Append(day.epoch_day)).ok();
}

bool AppendYearDate(CellDecoder& decoder, const char* text, size_t size) {
  constexpr size_t kYearLength = 4;
  if (size != kYearLength) {
    return false;
  }
  char date[kDayLength + 1] = "0000-01-01";
  std::memcpy(date, text, kYearLength);
  Day day;
  auto& builder = As<arrow::Date32Builder>(decoder);
  // The year 0000 stands for one that was not understood.
  return ParseDay(date, day) &&
         (std::memcmp(text, "0000", kYearLength) == 0 ? builder.AppendNull()
                                                      : builder.Append(day.epoch_day))
             .ok();
}

// `YYYY-MM-DD HH:MM:SS[.f{1,6}]` as microseconds; `day` says whether it is a zero date.
bool ParseDateTime(const char* text, size_t size, Day& day, int64_t& micros) {
  constexpr size_t kSecondLength = 19;
  constexpr size_t kMicroDigits = 6;
  uint64_t hour = 0;
  uint64_t minute = 0;
  uint64_t second = 0;
  if (size < kSecondLength || !ParseDay(text, day) || text[kDayLength] != ' ' ||
      !ParseDigits(text + 11, 2, hour) || text[13] != ':' || !ParseDigits(text + 14, 2, minute) ||
      text[16] != ':' || !ParseDigits(text + 17, 2, second) || hour > 23 || minute > 59 ||
      second > 59) {
    return false;
  }
  uint64_t fraction = 0;
  if (size > kSecondLength) {
    const size_t digits = size - kSecondLength - 1;
    if (text[kSecondLength] != '.' || digits > kMicroDigits ||
        !ParseDigits(text + kSecondLength + 1, digits, fraction)) {
      return false;
    }
    for (size_t i = digits; i < kMicroDigits; ++i) {
      fraction *= 10;
    }
  }
  const auto second_of_day = static_cast<int64_t>((hour * 60 + minute) * 60 + second);
  constexpr int64_t kSecondsPerDay = 86'400;
  micros =
      (day.epoch_day * kSecondsPerDay + second_of_day) * 1'000'000 + static_cast<int64_t>(fraction);
  return true;
}

bool AppendMicros(CellDecoder& decoder, const char* text, size_t size) {
  Day day;
  int64_t micros = 0;
  if (!ParseDateTime(text, size, day, micros)) {
    return false;
  }
  auto& builder = As<arrow::TimestampBuilder>(decoder);
  return (day.is_zero ? builder.AppendNull() : builder.Append(micros)).ok();
}

bool AppendMillis(CellDecoder& decoder, const char* text, size_t size) {
  Day day;
  int64_t micros = 0;
  if (!ParseDateTime(text, size, day, micros)) {
    return false;
  }
  // The column has at most three digits, so nothing is cut.
  auto& builder = As<arrow::Date64Builder>(decoder);
  return (day.is_zero ? builder.AppendNull() : builder.Append(micros / 1000)).ok();
}

bool AppendInt8(CellDecoder& decoder, const char* text, size_t size) {
  return AppendInteger<arrow::Int8Builder>(decoder, text, size);
}

using AppendFunction = bool (*)(CellDecoder& decoder, const char* text, size_t size);

AppendFunction FunctionFor(CellKind kind) {
  switch (kind) {
    case CellKind::kBool:
      return AppendBool;
    case CellKind::kBitBool:
      return AppendBitBool;
    case CellKind::kBit:
      return AppendBits;
    case CellKind::kBit64:
      return AppendBits64;
    case CellKind::kInt8:
      return AppendInt8;
    case CellKind::kInt16:
      return AppendInteger<arrow::Int16Builder>;
    case CellKind::kInt32:
      return AppendInteger<arrow::Int32Builder>;
    case CellKind::kInt64:
      return AppendInteger<arrow::Int64Builder>;
    case CellKind::kDecimal:
      return AppendDecimal;
    case CellKind::kFloat:
      return AppendFloat;
    case CellKind::kDouble:
      return AppendDouble;
    case CellKind::kText:
      return AppendBytes<arrow::StringBuilder>;
    case CellKind::kBinary:
      return AppendBytes<arrow::BinaryBuilder>;
    case CellKind::kDate:
      return AppendDate;
    case CellKind::kYearDate:
      return AppendYearDate;
    case CellKind::kDateTimeMillis:
      return AppendMillis;
    case CellKind::kDateTimeMicros:
      return AppendMicros;
  }
  return AppendBytes<arrow::StringBuilder>;
}

}  // namespace

CellDecoder::CellDecoder(const ColumnMapping& mapping, arrow::ArrayBuilder& builder)
    : append_(FunctionFor(mapping.cell)), builder_(&builder) {
  if (mapping.type->id() == arrow::Type::DECIMAL128) {
    const auto& decimal = static_cast<const arrow::Decimal128Type&>(*mapping.type);
    precision_ = decimal.precision();
    scale_ = decimal.scale();
  }
  const bool is_text = mapping.cell == CellKind::kText || mapping.cell == CellKind::kBinary;
  fixed_bytes_ =
      is_text ? static_cast<int64_t>(sizeof(int32_t)) : 1 + mapping.type->bit_width() / 8;
}

}  // namespace pallas::mysql
