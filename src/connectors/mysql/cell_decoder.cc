#include "connectors/mysql/cell_decoder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

#include "absl/numeric/int128.h"
#include "arrow/builder.h"
#include "arrow/type.h"
#include "arrow/util/decimal.h"

#include "base/status_macros.h"
#include "types/arrow_status.h"

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
inline bool ParseDigits(std::string_view text, uint64_t& value) {
  value = 0;
  for (const char character : text) {
    const auto digit = static_cast<unsigned>(character - '0');
    if (digit > 9) {
      return false;
    }
    value = value * 10 + digit;
  }
  return !text.empty();
}

constexpr auto kPowersOfTen = [] {
  std::array<uint64_t, kSafeDigits + 1> powers{1};
  for (size_t i = 1; i < powers.size(); ++i) {
    powers[i] = powers[i - 1] * 10;
  }
  return powers;
}();

inline bool ParseInteger(const char* text, size_t size, int64_t& value) {
  const bool negative = size > 0 && text[0] == '-';
  const size_t start = negative ? 1 : 0;
  if (size - start <= kSafeDigits) {
    uint64_t magnitude = 0;
    const bool good = ParseDigits({text + start, size - start}, magnitude);
    value = negative ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude);
    return good;
  }
  const auto [end, error] = std::from_chars(text, text + size, value);
  return error == std::errc() && end == text + size;
}

// Room for it was made before.
template <typename Builder, typename T>
bool Put(Builder& builder, T value) {
  builder.UnsafeAppend(value);
  return true;
}

bool PutDecimal(CellDecoder& decoder, const arrow::Decimal128& value) {
  uint8_t bytes[arrow::Decimal128Type::kByteWidth];
  value.ToBytes(bytes);
  // The builder of the base copies in place, that of the decimal calls into the library.
  static_cast<arrow::FixedSizeBinaryBuilder&>(decoder.builder()).UnsafeAppend(bytes);
  return true;
}

template <typename Builder>
bool AppendInteger(CellDecoder& decoder, const char* text, size_t size) {
  using T = typename Builder::value_type;
  int64_t value = 0;
  return ParseInteger(text, size, value) && value >= std::numeric_limits<T>::min() &&
         value <= std::numeric_limits<T>::max() && Put(As<Builder>(decoder), static_cast<T>(value));
}

bool AppendBool(CellDecoder& decoder, const char* text, size_t size) {
  int64_t value = 0;
  return ParseInteger(text, size, value) && Put(As<arrow::BooleanBuilder>(decoder), value != 0);
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
  return ParseBits(text, size, bits) && Put(As<arrow::BooleanBuilder>(decoder), bits != 0);
}

bool AppendBits(CellDecoder& decoder, const char* text, size_t size) {
  uint64_t bits = 0;
  return ParseBits(text, size, bits) &&
         bits <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) &&
         Put(As<arrow::Int64Builder>(decoder), static_cast<int64_t>(bits));
}

bool AppendBits64(CellDecoder& decoder, const char* text, size_t size) {
  uint64_t bits = 0;
  return ParseBits(text, size, bits) && PutDecimal(decoder, arrow::Decimal128(0, bits));
}

// Collects the digits of a decimal in pieces that fit into 64 bits.
class DecimalParser {
 public:
  bool Add(std::string_view text) {
    while (!text.empty()) {
      const std::string_view piece = text.substr(0, kSafeDigits);
      uint64_t digits = 0;
      if (!ParseDigits(piece, digits) || !Shift(piece.size())) {
        return false;
      }
      value_ += digits;
      text.remove_prefix(piece.size());
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
  if (!parser.Add(whole) || !parser.Add(fraction) || !parser.Shift(scale - fraction.size())) {
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
  return PutDecimal(decoder, value);
}

// Any number of digits on either side of the point.
bool AppendWideDecimal(CellDecoder& decoder, std::string_view digits, bool negative) {
  const size_t point = std::min(digits.find('.'), digits.size());
  const std::string_view whole = digits.substr(0, point);
  const std::string_view fraction = point == digits.size() ? "" : digits.substr(point + 1);
  return !whole.empty() && fraction.size() <= static_cast<size_t>(decoder.scale()) &&
         AppendWideDecimal(decoder, whole, fraction, negative);
}

bool AppendDecimal(CellDecoder& decoder, const char* text, size_t size) {
  const bool negative = size > 0 && text[0] == '-';
  const std::string_view digits(text + (negative ? 1 : 0), size - (negative ? 1 : 0));
  const auto scale = static_cast<size_t>(decoder.scale());
  // The common case: all digits fit into 64 bits and into the type, and as many as it says follow
  // the point.
  const size_t point = digits.size() - scale - 1;
  if (scale == 0 || digits.size() < scale + 2 || digits[point] != '.' ||
      point + scale > std::min(kSafeDigits, static_cast<size_t>(decoder.precision()))) {
    return AppendWideDecimal(decoder, digits, negative);
  }
  uint64_t whole = 0;
  uint64_t fraction = 0;
  if (!ParseDigits(digits.substr(0, point), whole) ||
      !ParseDigits(digits.substr(point + 1), fraction)) {
    return false;
  }
  const auto value = static_cast<int64_t>(whole * kPowersOfTen[scale] + fraction);
  return PutDecimal(decoder, arrow::Decimal128(negative ? -value : value));
}

bool ParseDouble(const char* text, size_t size, double& value) {
  const auto [end, error] = std::from_chars(text, text + size, value);
  return error == std::errc() && end == text + size;
}

bool AppendDouble(CellDecoder& decoder, const char* text, size_t size) {
  double value = 0;
  return ParseDouble(text, size, value) && Put(As<arrow::DoubleBuilder>(decoder), value);
}

bool AppendFloat(CellDecoder& decoder, const char* text, size_t size) {
  double value = 0;
  return ParseDouble(text, size, value) &&
         Put(As<arrow::FloatBuilder>(decoder), static_cast<float>(value));
}

template <typename Builder>
bool AppendBytes(CellDecoder& decoder, const char* text, size_t size) {
  constexpr size_t kMaxCellBytes = std::numeric_limits<int32_t>::max();
  auto& builder = As<Builder>(decoder);
  if (size > kMaxCellBytes || !builder.ReserveData(static_cast<int64_t>(size)).ok()) {
    return false;
  }
  builder.UnsafeAppend(text, static_cast<int32_t>(size));
  return true;
}

struct Day {
  bool is_zero = false;  // a part is 0: no day at all, NULL for us
  int32_t epoch_day = 0;
};

constexpr size_t kDayLength = 10;

template <typename Builder, typename T>
bool PutUnlessZero(Builder& builder, const Day& day, T value) {
  if (day.is_zero) {
    builder.UnsafeAppendNull();
  } else {
    builder.UnsafeAppend(value);
  }
  return true;
}

// Two digits at `text`; beyond 99 if they are not.
inline uint32_t TwoDigits(const char* text) {
  const auto high = static_cast<uint32_t>(static_cast<unsigned char>(text[0])) - '0';
  const auto low = static_cast<uint32_t>(static_cast<unsigned char>(text[1])) - '0';
  constexpr uint32_t kNone = 100;
  return high > 9 || low > 9 ? kNone : high * 10 + low;
}

// `YYYY-MM-DD`, also days that only a lenient server has: those are refused.
bool ParseDay(const char* text, Day& day) {
  const uint32_t century = TwoDigits(text);
  const uint32_t year_of_century = TwoDigits(text + 2);
  const uint32_t month = TwoDigits(text + 5);
  const uint32_t date = TwoDigits(text + 8);
  if (century > 99 || year_of_century > 99 || month > 12 || text[4] != '-' || text[7] != '-') {
    return false;
  }
  const uint32_t year = century * 100 + year_of_century;
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
  const int32_t shifted = static_cast<int32_t>(year) - (month <= 2 ? 1 : 0);
  const int32_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const int32_t year_of_era = shifted - era * 400;
  const int32_t from_march = static_cast<int32_t>(month) + (month > 2 ? -3 : 9);
  const int32_t day_of_year = (153 * from_march + 2) / 5 + static_cast<int32_t>(date) - 1;
  const int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  constexpr int32_t kDaysPerEra = 146097;
  constexpr int32_t kEpoch = 719468;  // 1970-01-01 in these days
  day.epoch_day = era * kDaysPerEra + day_of_era - kEpoch;
  return true;
}

bool AppendDate(CellDecoder& decoder, const char* text, size_t size) {
  Day day;
  if (size != kDayLength || !ParseDay(text, day)) {
    return false;
  }
  return PutUnlessZero(As<arrow::Date32Builder>(decoder), day, day.epoch_day);
}

bool AppendYearDate(CellDecoder& decoder, const char* text, size_t size) {
  constexpr size_t kYearLength = 4;
  if (size != kYearLength) {
    return false;
  }
  char date[kDayLength + 1] = "0000-01-01";
  std::memcpy(date, text, kYearLength);
  Day day;
  if (!ParseDay(date, day)) {
    return false;
  }
  // The year 0000 stands for one that was not understood.
  day.is_zero = std::memcmp(text, "0000", kYearLength) == 0;
  return PutUnlessZero(As<arrow::Date32Builder>(decoder), day, day.epoch_day);
}

// `YYYY-MM-DD HH:MM:SS[.f{1,6}]` as microseconds; `day` says whether it is a zero date.
bool ParseDateTime(const char* text, size_t size, Day& day, int64_t& micros) {
  constexpr size_t kSecondLength = 19;
  constexpr size_t kMicroDigits = 6;
  if (size < kSecondLength || !ParseDay(text, day)) {
    return false;
  }
  const uint32_t hour = TwoDigits(text + 11);
  const uint32_t minute = TwoDigits(text + 14);
  const uint32_t second = TwoDigits(text + 17);
  if (text[kDayLength] != ' ' || text[13] != ':' || text[16] != ':' || hour > 23 || minute > 59 ||
      second > 59) {
    return false;
  }
  uint64_t fraction = 0;
  if (size > kSecondLength) {
    const size_t digits = size - kSecondLength - 1;
    if (text[kSecondLength] != '.' || digits > kMicroDigits ||
        !ParseDigits({text + kSecondLength + 1, digits}, fraction)) {
      return false;
    }
    for (size_t i = digits; i < kMicroDigits; ++i) {
      fraction *= 10;
    }
  }
  const int64_t second_of_day = (int64_t{hour} * 60 + minute) * 60 + second;
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
  return PutUnlessZero(As<arrow::TimestampBuilder>(decoder), day, micros);
}

bool AppendMillis(CellDecoder& decoder, const char* text, size_t size) {
  Day day;
  int64_t micros = 0;
  if (!ParseDateTime(text, size, day, micros)) {
    return false;
  }
  // The column has at most three digits, so nothing is cut.
  return PutUnlessZero(As<arrow::Date64Builder>(decoder), day, micros / 1000);
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

absl::Status CellDecoder::Reserve(int64_t rows) {
  RETURN_IF_ERROR(builder_->Reserve(rows));
  if (is_text_ && text_bytes_ > 0) {
    // Once a batch: the next one is probably as large as the last, and need not grow to it.
    const int64_t bytes = std::exchange(text_bytes_, 0);
    RETURN_IF_ERROR(static_cast<arrow::BinaryBuilder&>(*builder_).ReserveData(bytes));
  }
  return absl::OkStatus();
}

void CellDecoder::EndBatch() {
  if (is_text_) {
    text_bytes_ = static_cast<arrow::BinaryBuilder&>(*builder_).value_data_length();
  }
}

}  // namespace pallas::mysql
