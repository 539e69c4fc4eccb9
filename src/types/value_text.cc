#include "types/value_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "arrow/array.h"
#include "arrow/util/decimal.h"

#include "base/check.h"
#include "base/floor_division.h"
#include "base/zero_padded.h"
#include "types/arrow_mapping.h"
#include "types/ip_address.h"
#include "types/time_zone.h"

namespace pallas {
namespace {

// The shortest decimal digits that give the same value: d1 d2 ... dn with value d1.d2...dn * 10^e.
struct Digits {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

template <typename Float>
Digits ShortestDigits(Float value) {
  char buffer[64];
  const std::to_chars_result end =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<size_t>(end.ptr - buffer));
  Digits result;
  if (text[0] == '-') {
    result.negative = true;
    text.remove_prefix(1);
  }
  // As Java does, of one digit the nearest of two is taken: 4.9E-324 is nearer than 5E-324.
  char two[64];
  if (text.find('.') == std::string_view::npos) {
    const std::to_chars_result longer =
        std::to_chars(two, two + sizeof(two), std::fabs(value), std::chars_format::scientific, 1);
    constexpr size_t kSecondDigit = 2;
    Float same = 0;
    std::from_chars(two, longer.ptr, same);
    if (two[kSecondDigit] != '0' && same == std::fabs(value)) {
      text = std::string_view(two, static_cast<size_t>(longer.ptr - two));
    }
  }
  const size_t e = text.find('e');
  for (char c : text.substr(0, e)) {
    if (c != '.') {
      result.digits += c;
    }
  }
  result.exponent = std::atoi(std::string(text.substr(e + 1)).c_str());
  return result;
}

// NaN and infinities; false for other values.
template <typename Float>
bool AppendSpecial(Float value, std::string* out) {
  if (std::isnan(value)) {
    out->append("NaN");
    return true;
  }
  if (std::isinf(value)) {
    out->append(value < 0 ? "-Infinity" : "Infinity");
    return true;
  }
  return false;
}

// Java's layout: plain between 10^-3 and 10^7, else computerised scientific notation.
template <typename Float>
void AppendJava(Float value, std::string* out) {
  if (AppendSpecial(value, out)) {
    return;
  }
  if (value == 0) {
    out->append(std::signbit(value) ? "-0.0" : "0.0");
    return;
  }
  const Digits d = ShortestDigits(value);
  if (d.negative) {
    *out += '-';
  }
  if (d.exponent >= -3 && d.exponent < 7) {
    if (d.exponent < 0) {
      out->append("0.");
      out->append(static_cast<size_t>(-d.exponent - 1), '0');
      out->append(d.digits);
      return;
    }
    const size_t whole = static_cast<size_t>(d.exponent) + 1;
    if (d.digits.size() <= whole) {
      out->append(d.digits);
      out->append(whole - d.digits.size(), '0');
      out->append(".0");
    } else {
      out->append(d.digits, 0, whole);
      *out += '.';
      out->append(d.digits, whole);
    }
    return;
  }
  *out += d.digits[0];
  *out += '.';
  if (d.digits.size() == 1) {
    *out += '0';
  } else {
    out->append(d.digits, 1);
  }
  absl::StrAppend(out, "E", d.exponent);
}

template <typename Float>
void AppendTrino(Float value, std::string* out) {
  if (AppendSpecial(value, out)) {
    return;
  }
  if (value == 0) {
    out->append(std::signbit(value) ? "-0E0" : "0E0");
    return;
  }
  const Digits d = ShortestDigits(value);
  if (d.negative) {
    *out += '-';
  }
  *out += d.digits[0];
  *out += '.';
  if (d.digits.size() > 1) {
    out->append(d.digits, 1);
  } else {
    *out += '0';
  }
  absl::StrAppend(out, "E", d.exponent);
}

// `digits` decimal digits of `picos`, which is below 10^12.
void AppendFraction(int64_t picos, int digits, std::string* out) {
  if (digits == 0) {
    return;
  }
  char text[13];
  for (int i = 11; i >= 0; --i) {
    text[i] = static_cast<char>('0' + picos % 10);
    picos /= 10;
  }
  *out += '.';
  out->append(text, static_cast<size_t>(digits));
}

void AppendTwo(int64_t value, std::string* out) {
  *out += static_cast<char>('0' + value / 10);
  *out += static_cast<char>('0' + value % 10);
}

void AppendOffset(int64_t minutes, std::string* out) {
  *out += minutes < 0 ? '-' : '+';
  AppendTwo(std::abs(minutes) / 60, out);
  *out += ':';
  AppendTwo(std::abs(minutes) % 60, out);
}

constexpr int64_t kPicosPerSecond = 1'000'000'000'000;
constexpr int64_t kPicosPerDay = 86'400 * kPicosPerSecond;

void AppendZoned(int64_t packed, int32_t picos_of_milli, int precision, std::string* out) {
  const int64_t millis = UnpackMillis(packed);
  const int zone = UnpackZoneKey(packed);
  const int64_t offset = ZoneOffsetSeconds(zone, FloorDivide(millis, 1000));
  const int64_t local_millis = millis + offset * 1000;
  // picos_of_milli is below 10^9: micros of the milli, then the rest.
  AppendTimestamp(local_millis * 1000 + picos_of_milli / 1'000'000, picos_of_milli % 1'000'000,
                  precision, out);
  *out += ' ';
  out->append(ZoneName(zone));
}

void AppendTimeTz(int64_t picos, int64_t offset_minutes, int precision, std::string* out) {
  AppendTime(picos, precision, out);
  AppendOffset(offset_minutes, out);
}

void AppendDayTime(int64_t millis, std::string* out) {
  const bool negative = millis < 0;
  const uint64_t magnitude =
      negative ? 0 - static_cast<uint64_t>(millis) : static_cast<uint64_t>(millis);
  absl::StrAppendFormat(out, "%s%d %02d:%02d:%02d.%03d", negative ? "-" : "",
                        magnitude / 86'400'000, magnitude / 3'600'000 % 24, magnitude / 60'000 % 60,
                        magnitude / 1000 % 60, magnitude % 1000);
}

size_t CodePoints(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

template <typename ArrayType>
auto Value(const arrow::Array& array, int64_t row) {
  return static_cast<const ArrayType&>(array).Value(row);
}

std::string_view Bytes(const arrow::Array& array, int64_t row) {
  return static_cast<const arrow::BinaryArray&>(array).GetView(row);
}

void AppendElement(const Type& type, const arrow::Array& array, int64_t row, std::string* out) {
  if (array.IsNull(row)) {
    out->append("null");
  } else {
    AppendAthenaText(type, array, row, out);
  }
}

// Orders the keys of one map as Trino orders its values.
bool KeyLess(const Type& type, const arrow::Array& keys, int64_t a, int64_t b) {
  switch (type.kind()) {
    case TypeKind::kTinyint:
      return Value<arrow::Int8Array>(keys, a) < Value<arrow::Int8Array>(keys, b);
    case TypeKind::kSmallint:
      return Value<arrow::Int16Array>(keys, a) < Value<arrow::Int16Array>(keys, b);
    case TypeKind::kInteger:
      return Value<arrow::Int32Array>(keys, a) < Value<arrow::Int32Array>(keys, b);
    case TypeKind::kBigint:
      return Value<arrow::Int64Array>(keys, a) < Value<arrow::Int64Array>(keys, b);
    case TypeKind::kReal:
      return Value<arrow::FloatArray>(keys, a) < Value<arrow::FloatArray>(keys, b);
    case TypeKind::kDouble:
      return Value<arrow::DoubleArray>(keys, a) < Value<arrow::DoubleArray>(keys, b);
    case TypeKind::kDecimal: {
      const auto& decimals = static_cast<const arrow::Decimal128Array&>(keys);
      return arrow::Decimal128(decimals.GetValue(a)) < arrow::Decimal128(decimals.GetValue(b));
    }
    default: {
      std::string left;
      std::string right;
      AppendElement(type, keys, a, &left);
      AppendElement(type, keys, b, &right);
      return left < right;
    }
  }
}

void AppendMap(const Type& type, const arrow::MapArray& map, int64_t row, std::string* out) {
  const int64_t begin = map.value_offset(row);
  std::vector<int64_t> order(static_cast<size_t>(map.value_length(row)));
  for (size_t i = 0; i < order.size(); ++i) {
    order[i] = begin + static_cast<int64_t>(i);
  }
  const arrow::Array& keys = *map.keys();
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return KeyLess(type.key(), keys, a, b); });
  *out += '{';
  for (size_t i = 0; i < order.size(); ++i) {
    if (i > 0) {
      out->append(", ");
    }
    AppendElement(type.key(), keys, order[i], out);
    *out += '=';
    AppendElement(type.value(), *map.items(), order[i], out);
  }
  *out += '}';
}

}  // namespace

void AppendAthenaText(const Type& type, const arrow::Array& array, int64_t row, std::string* out) {
  switch (type.kind()) {
    case TypeKind::kUnknown:
    case TypeKind::kFunction:
      out->append("null");
      return;
    case TypeKind::kBoolean:
      out->append(Value<arrow::BooleanArray>(array, row) ? "true" : "false");
      return;
    case TypeKind::kTinyint:
      absl::StrAppend(out, static_cast<int>(Value<arrow::Int8Array>(array, row)));
      return;
    case TypeKind::kSmallint:
      absl::StrAppend(out, static_cast<int>(Value<arrow::Int16Array>(array, row)));
      return;
    case TypeKind::kInteger:
      absl::StrAppend(out, Value<arrow::Int32Array>(array, row));
      return;
    case TypeKind::kBigint:
      absl::StrAppend(out, Value<arrow::Int64Array>(array, row));
      return;
    case TypeKind::kReal:
      AppendJavaFloat(Value<arrow::FloatArray>(array, row), out);
      return;
    case TypeKind::kDouble:
      AppendJavaDouble(Value<arrow::DoubleArray>(array, row), out);
      return;
    case TypeKind::kDecimal: {
      const arrow::Decimal128 value(
          static_cast<const arrow::Decimal128Array&>(array).GetValue(row));
      AppendDecimal(value.high_bits(), value.low_bits(), type.scale(), out);
      return;
    }
    case TypeKind::kVarchar:
    case TypeKind::kJson:
    case TypeKind::kUuid:
      out->append(Bytes(array, row));
      return;
    case TypeKind::kChar: {
      const std::string_view text = Bytes(array, row);
      out->append(text);
      const size_t length = static_cast<size_t>(type.length().value_or(0));
      const size_t points = CodePoints(text);
      out->append(length > points ? length - points : 0, ' ');
      return;
    }
    case TypeKind::kVarbinary:
    case TypeKind::kOpaque: {
      if (type.kind() == TypeKind::kOpaque && type.opaque_name() == "color") {
        out->append(Bytes(array, row));  // kept as its text
        return;
      }
      const std::string_view bytes = Bytes(array, row);
      for (size_t i = 0; i < bytes.size(); ++i) {
        absl::StrAppendFormat(out, "%s%02x", i == 0 ? "" : " ",
                              static_cast<unsigned>(static_cast<unsigned char>(bytes[i])));
      }
      return;
    }
    case TypeKind::kIpAddress:
      AppendIpAddress(Bytes(array, row), out);
      return;
    case TypeKind::kDate:
      AppendDate(Value<arrow::Date32Array>(array, row), out);
      return;
    case TypeKind::kTime:
      AppendTime(Value<arrow::Int64Array>(array, row), type.precision(), out);
      return;
    case TypeKind::kTimeTz: {
      if (type.precision() <= 9) {
        const int64_t packed = Value<arrow::Int64Array>(array, row);
        const int64_t offset = (packed & 2047) - 840;
        int64_t picos = ((packed >> 11) * 1000 + offset * 60 * kPicosPerSecond) % kPicosPerDay;
        picos += picos < 0 ? kPicosPerDay : 0;
        AppendTimeTz(picos, offset, type.precision(), out);
        return;
      }
      const auto& pair = static_cast<const arrow::StructArray&>(array);
      AppendTimeTz(Value<arrow::Int64Array>(*pair.field(0), row),
                   Value<arrow::Int32Array>(*pair.field(1), row), type.precision(), out);
      return;
    }
    case TypeKind::kTimestamp: {
      if (type.precision() <= 6) {
        AppendTimestamp(Value<arrow::TimestampArray>(array, row), 0, type.precision(), out);
        return;
      }
      const auto& pair = static_cast<const arrow::StructArray&>(array);
      AppendTimestamp(Value<arrow::TimestampArray>(*pair.field(0), row),
                      Value<arrow::Int32Array>(*pair.field(1), row), type.precision(), out);
      return;
    }
    case TypeKind::kTimestampTz: {
      if (type.precision() <= 3) {
        AppendZoned(Value<arrow::Int64Array>(array, row), 0, type.precision(), out);
        return;
      }
      const auto& pair = static_cast<const arrow::StructArray&>(array);
      AppendZoned(Value<arrow::Int64Array>(*pair.field(0), row),
                  Value<arrow::Int32Array>(*pair.field(1), row), type.precision(), out);
      return;
    }
    case TypeKind::kIntervalYearMonth: {
      const int64_t months = Value<arrow::Int32Array>(array, row);
      absl::StrAppend(out, months < 0 ? "-" : "", std::abs(months) / 12, "-",
                      std::abs(months) % 12);
      return;
    }
    case TypeKind::kIntervalDayTime:
      AppendDayTime(Value<arrow::Int64Array>(array, row), out);
      return;
    case TypeKind::kArray: {
      const auto& list = static_cast<const arrow::ListArray&>(array);
      *out += '[';
      for (int32_t i = 0; i < list.value_length(row); ++i) {
        if (i > 0) {
          out->append(", ");
        }
        AppendElement(type.element(), *list.values(), list.value_offset(row) + i, out);
      }
      *out += ']';
      return;
    }
    case TypeKind::kMap:
      AppendMap(type, static_cast<const arrow::MapArray&>(array), row, out);
      return;
    case TypeKind::kRow: {
      const auto& fields = static_cast<const arrow::StructArray&>(array);
      *out += '{';
      for (size_t i = 0; i < type.children().size(); ++i) {
        if (i > 0) {
          out->append(", ");
        }
        if (type.field_names()[i]) {
          absl::StrAppend(out, *type.field_names()[i], "=");
        }
        AppendElement(type.children()[i], *fields.field(static_cast<int>(i)), row, out);
      }
      *out += '}';
      return;
    }
  }
}

void AppendJavaDouble(double value, std::string* out) { AppendJava(value, out); }

void AppendJavaFloat(float value, std::string* out) { AppendJava(value, out); }

void AppendTrinoDouble(double value, std::string* out) { AppendTrino(value, out); }

// Seven digits at most, of the double that the shortest text of the float names.
void AppendTrinoReal(float value, std::string* out) {
  if (value == 0 || !std::isfinite(value)) {
    AppendTrino(value, out);
    return;
  }
  std::string shortest;
  AppendTrino(value, &shortest);
  double wide = 0;
  CHECK(absl::SimpleAtod(shortest, &wide));
  constexpr int kDecimals = 6;
  const std::string rounded = absl::StrFormat("%.*e", kDecimals, wide);
  const size_t exponent = rounded.find('e');
  std::string_view mantissa(rounded.data(), exponent);
  while (mantissa.ends_with('0') && !mantissa.ends_with(".0")) {
    mantissa.remove_suffix(1);
  }
  int power = 0;
  CHECK(absl::SimpleAtoi(std::string_view(rounded).substr(exponent + 1), &power));
  absl::StrAppend(out, mantissa, "E", power);
}

void AppendDecimal(int64_t high, uint64_t low, int scale, std::string* out) {
  const bool negative = high < 0;
  absl::uint128 magnitude = absl::MakeUint128(static_cast<uint64_t>(high), low);
  if (negative) {
    magnitude = ~magnitude + 1;
  }
  char buffer[48];
  char* begin = buffer + sizeof(buffer);
  int digits = 0;
  while (magnitude != 0 || digits <= scale) {
    // Nine digits at a time: 128-bit division is slow.
    uint64_t part = absl::Uint128Low64(magnitude);
    int count = 1;
    if (magnitude > 999'999'999) {
      part = absl::Uint128Low64(magnitude % 1'000'000'000);
      magnitude /= 1'000'000'000;
      count = 9;
    } else {
      magnitude = part / 10;
      part %= 10;
    }
    for (int i = 0; i < count; ++i) {
      if (digits == scale && scale > 0) {
        *--begin = '.';
      }
      *--begin = static_cast<char>('0' + part % 10);
      part /= 10;
      ++digits;
    }
  }
  if (negative) {
    *out += '-';
  }
  out->append(begin, static_cast<size_t>(buffer + sizeof(buffer) - begin));
}

void AppendDate(int64_t epoch_day, std::string* out) {
  const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + epoch_day;
  const int64_t year = day.year();
  if (year < 0) {
    *out += '-';
  } else if (year > 9999) {
    *out += '+';
  }
  AppendZeroPadded(static_cast<uint64_t>(std::abs(year)), 4, out);
  *out += '-';
  AppendTwo(day.month(), out);
  *out += '-';
  AppendTwo(day.day(), out);
}

void AppendTime(int64_t picos_of_day, int precision, std::string* out) {
  const int64_t seconds = picos_of_day / kPicosPerSecond;
  AppendTwo(seconds / 3600 % 100, out);
  *out += ':';
  AppendTwo(seconds / 60 % 60, out);
  *out += ':';
  AppendTwo(seconds % 60, out);
  AppendFraction(picos_of_day % kPicosPerSecond, precision, out);
}

void AppendTimestamp(int64_t epoch_micros, int32_t picos_of_micro, int precision,
                     std::string* out) {
  constexpr int64_t kMicrosPerDay = 86'400'000'000;
  const int64_t day = FloorDivide(epoch_micros, kMicrosPerDay);
  AppendDate(day, out);
  *out += ' ';
  AppendTime((epoch_micros - day * kMicrosPerDay) * 1'000'000 + picos_of_micro, precision, out);
}

}  // namespace pallas
