#include "connectors/mysql/type_mapping.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "arrow/type.h"

#include "types/type.h"

namespace pallas::mysql {
namespace {

constexpr int kUnsignedBigintDigits = 20;
constexpr int kMaxSignedBits = 63;
constexpr int kMillisDigits = 3;
constexpr int kDefaultDecimalPrecision = 10;

// A COLUMN_TYPE taken apart: `decimal(10,2) unsigned zerofill`.
struct ParsedType {
  std::string name;            // lower case
  std::vector<int> arguments;  // empty where they are not numbers
  bool is_unsigned = false;

  int Argument(size_t index, int fallback) const {
    return index < arguments.size() ? arguments[index] : fallback;
  }
};

ParsedType Parse(std::string_view column_type) {
  ParsedType parsed;
  const std::string lower = absl::AsciiStrToLower(column_type);
  const size_t end = lower.find_first_of(" (");
  parsed.name = lower.substr(0, end);
  // ENUM and SET hold quoted texts, which may contain anything.
  if (parsed.name == "enum" || parsed.name == "set" || end == std::string::npos) {
    return parsed;
  }
  std::string_view rest = std::string_view(lower).substr(end);
  if (rest.front() == '(') {
    const size_t close = rest.find(')');
    for (std::string_view argument : absl::StrSplit(rest.substr(1, close - 1), ',')) {
      int number = 0;
      if (absl::SimpleAtoi(argument, &number)) {
        parsed.arguments.push_back(number);
      }
    }
    rest = close == std::string_view::npos ? "" : rest.substr(close + 1);
  }
  parsed.is_unsigned = absl::StrContains(rest, "unsigned") || absl::StrContains(rest, "zerofill");
  return parsed;
}

ColumnMapping Plain(std::shared_ptr<arrow::DataType> type, CellKind cell, FilterKind filter) {
  ColumnMapping mapping;
  mapping.type = std::move(type);
  mapping.cell = cell;
  mapping.filter = filter;
  return mapping;
}

ColumnMapping Int8() { return Plain(arrow::int8(), CellKind::kInt8, FilterKind::kNumber); }

ColumnMapping Int16() { return Plain(arrow::int16(), CellKind::kInt16, FilterKind::kNumber); }

ColumnMapping Int32() { return Plain(arrow::int32(), CellKind::kInt32, FilterKind::kNumber); }

ColumnMapping Int64() { return Plain(arrow::int64(), CellKind::kInt64, FilterKind::kNumber); }

ColumnMapping Text(FilterKind filter = FilterKind::kNone) {
  return Plain(arrow::utf8(), CellKind::kText, filter);
}

ColumnMapping Binary(FilterKind filter = FilterKind::kNone) {
  return Plain(arrow::binary(), CellKind::kBinary, filter);
}

ColumnMapping Decimal(int precision, int scale) {
  return Plain(arrow::decimal128(precision, scale), CellKind::kDecimal, FilterKind::kNumber);
}

ColumnMapping MapTinyint(const ParsedType& type, const TypeOptions& options) {
  if (type.is_unsigned) {
    return Int16();
  }
  if (type.Argument(0, 0) == 1 && options.tiny_int1_is_bit) {
    return Plain(arrow::boolean(), CellKind::kBool, FilterKind::kFlag);
  }
  return Int8();
}

ColumnMapping MapBit(const ParsedType& type) {
  const int bits = type.Argument(0, 1);
  if (bits == 1) {
    return Plain(arrow::boolean(), CellKind::kBitBool, FilterKind::kBitFlag);
  }
  if (bits <= kMaxSignedBits) {
    return Plain(arrow::int64(), CellKind::kBit, FilterKind::kBit);
  }
  return Plain(arrow::decimal128(kUnsignedBigintDigits, 0), CellKind::kBit64, FilterKind::kBit);
}

ColumnMapping MapDecimal(const ParsedType& type, const TypeOptions& options) {
  const int precision = type.Argument(0, kDefaultDecimalPrecision);
  const int scale = type.Argument(1, 0);
  if (precision <= kMaxDecimalPrecision) {
    return Decimal(precision, scale);
  }
  if (options.decimal_overflow_fails && scale <= kMaxDecimalPrecision) {
    return Decimal(kMaxDecimalPrecision, scale);
  }
  return Text();
}

ColumnMapping MapDateTime(const ParsedType& type) {
  const int digits = type.Argument(0, 0);
  ColumnMapping mapping =
      digits <= kMillisDigits
          ? Plain(arrow::date64(), CellKind::kDateTimeMillis, FilterKind::kDateTime)
          : Plain(arrow::timestamp(arrow::TimeUnit::MICRO), CellKind::kDateTimeMicros,
                  FilterKind::kDateTime);
  mapping.fraction_digits = digits;
  return mapping;
}

ColumnMapping MapYear(const TypeOptions& options) {
  if (options.year_is_date) {
    return Plain(arrow::date32(), CellKind::kYearDate, FilterKind::kNone);
  }
  return Plain(arrow::int32(), CellKind::kInt32, FilterKind::kYear);
}

// Character sets of which every stored text comes to us as it is; with others a character may
// arrive as `?`, and then the server's idea of the text is not ours.
bool IsUnicodeSafe(std::string_view character_set) {
  static constexpr std::array<std::string_view, 9> kSafe = {
      "utf8mb4", "utf8mb3", "utf8", "latin1", "ascii", "ucs2", "utf16", "utf16le", "utf32"};
  return std::find(kSafe.begin(), kSafe.end(), character_set) != kSafe.end();
}

ComparableText ComparableTextOf(std::string_view character_set) {
  if (character_set == "utf8mb4") {
    return ComparableText::kAll;
  }
  return character_set == "utf8mb3" || character_set == "utf8" ? ComparableText::kBasicPlane
                                                               : ComparableText::kAscii;
}

using MapFunction = ColumnMapping (*)(const ParsedType&, const TypeOptions&);

const std::map<std::string_view, MapFunction>& NumericTypes() {
  using P = const ParsedType&;
  using O = const TypeOptions&;
  static const auto* const types = new std::map<std::string_view, MapFunction>{
      {"tinyint", MapTinyint},
      {"smallint", [](P type, O) { return type.is_unsigned ? Int32() : Int16(); }},
      {"mediumint", [](P, O) { return Int32(); }},
      {"int", [](P type, O) { return type.is_unsigned ? Int64() : Int32(); }},
      {"integer", [](P type, O) { return type.is_unsigned ? Int64() : Int32(); }},
      {"bigint",
       [](P type, O) { return type.is_unsigned ? Decimal(kUnsignedBigintDigits, 0) : Int64(); }},
      {"bit", [](P type, O) { return MapBit(type); }},
      {"decimal", MapDecimal},
      {"numeric", MapDecimal},
      {"float", [](P, O) { return Plain(arrow::float32(), CellKind::kFloat, FilterKind::kFloat); }},
      {"double",
       [](P, O) { return Plain(arrow::float64(), CellKind::kDouble, FilterKind::kDouble); }},
      {"year", [](P, O options) { return MapYear(options); }},
      {"date", [](P, O) { return Plain(arrow::date32(), CellKind::kDate, FilterKind::kDate); }},
      {"datetime", [](P type, O) { return MapDateTime(type); }},
      {"timestamp", [](P type, O) { return MapDateTime(type); }},
  };
  return *types;
}

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

ColumnMapping MapColumn(std::string_view column_type, std::string_view character_set,
                        const TypeOptions& options) {
  const ParsedType type = Parse(column_type);
  if (const auto numeric = NumericTypes().find(type.name); numeric != NumericTypes().end()) {
    return numeric->second(type, options);
  }
  if (IsOneOf(type.name, {"char", "varchar", "tinytext", "text", "mediumtext", "longtext"})) {
    ColumnMapping mapping =
        Text(IsUnicodeSafe(character_set) ? FilterKind::kText : FilterKind::kNone);
    mapping.comparable = ComparableTextOf(character_set);
    return mapping;
  }
  if (IsOneOf(type.name, {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})) {
    return Binary(FilterKind::kBinary);
  }
  if (IsOneOf(type.name,
              {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring",
               "multipolygon", "geometrycollection", "geomcollection", "vector"})) {
    return Binary();
  }
  ColumnMapping mapping = Text();
  if (!IsOneOf(type.name, {"time", "enum", "set", "json", "uuid", "inet4", "inet6"})) {
    mapping.remark = absl::StrCat("read as text: its type ", column_type, " is not known");
  }
  return mapping;
}

bool IsLossy(FilterKind filter) {
  switch (filter) {
    case FilterKind::kBit:
    case FilterKind::kBitFlag:
    case FilterKind::kDate:
    case FilterKind::kDateTime:
      return true;
    default:
      return false;
  }
}

bool IsComparable(const ColumnMapping& mapping, std::string_view text) {
  // The first byte of a character beyond ASCII, and of one beyond the basic plane.
  constexpr unsigned char kBeyondAscii = 0x80;
  constexpr unsigned char kBeyondBasicPlane = 0xF0;
  const auto highest = [&] {
    unsigned char result = 0;
    for (const char byte : text) {
      result = std::max(result, static_cast<unsigned char>(byte));
    }
    return result;
  };
  switch (mapping.comparable) {
    case ComparableText::kAll:
      return true;
    case ComparableText::kBasicPlane:
      return highest() < kBeyondBasicPlane;
    case ComparableText::kAscii:
      return highest() < kBeyondAscii;
  }
  return false;
}

std::string SelectExpression(const ColumnMapping& mapping, std::string_view name) {
  // The text of a FLOAT is rounded to six digits.
  return mapping.cell == CellKind::kFloat ? absl::StrCat("CAST(", name, " AS DOUBLE)")
                                          : std::string(name);
}

}  // namespace pallas::mysql
