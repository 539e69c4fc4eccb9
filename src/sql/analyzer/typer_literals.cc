#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

#include "base/status_macros.h"
#include "sql/analyzer/cast_rules.h"
#include "sql/analyzer/constant.h"
#include "sql/analyzer/expression_typer_internal.h"
#include "sql/runtime/calendar.h"
#include "sql/runtime/interval.h"
#include "sql/runtime/json.h"
#include "sql/runtime/number.h"
#include "types/time_zone.h"

namespace pallas::sql {

using ast::ExprKind;

namespace {

constexpr int kDefaultTimePrecision = 3;

int64_t CodePoints(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

// The digits of a number without the underscores between them.
std::string Digits(std::string_view text) { return absl::StrReplaceAll(text, {{"_", ""}}); }

absl::Status InvalidLiteral(const ast::Expr& e, std::string_view type) {
  return ErrorAt(e.location, "INVALID_LITERAL",
                 absl::StrCat("'", e.text, "' is not a valid ", type, " literal"));
}

absl::Status PrecisionOutOfRange(const ast::Expr& e, std::string_view type, int digits) {
  return ErrorAt(
      e.location, "NUMERIC_VALUE_OUT_OF_RANGE",
      absl::StrCat(type, " precision must be in range [0, ", kMaxTimePrecision, "]: ", digits));
}

// 0x, 0o and 0b; 10 for all others.
int BaseOf(std::string_view digits) {
  if (digits.size() < 2 || digits[0] != '0') {
    return 10;
  }
  switch (digits[1]) {
    case 'x':
    case 'X':
      return 16;
    case 'o':
    case 'O':
      return 8;
    case 'b':
    case 'B':
      return 2;
    default:
      return 10;
  }
}

std::optional<int64_t> ParseIntegerLiteral(std::string_view digits, bool negative) {
  const int base = BaseOf(digits);
  if (base == 10) {
    return ParseInteger(absl::StrCat(negative ? "-" : "", digits),
                        std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max());
  }
  int64_t value = 0;
  for (const char c : digits.substr(2)) {
    const int digit = absl::ascii_isdigit(static_cast<unsigned char>(c))
                          ? c - '0'
                          : absl::ascii_tolower(static_cast<unsigned char>(c)) - 'a' + 10;
    if (digit < 0 || digit >= base || __builtin_mul_overflow(value, base, &value) ||
        __builtin_add_overflow(value, digit, &value)) {
      return std::nullopt;
    }
  }
  return negative ? -value : value;
}

}  // namespace

TypedExpr ExpressionTyper::Literal(const ast::Expr& e) {
  switch (e.kind) {
    case ExprKind::kNull:
      return MakeConstant(Type::Unknown(), e.location, std::monostate());
    case ExprKind::kBoolean:
      return MakeConstant(Type::Boolean(), e.location, e.text == "true");
    case ExprKind::kString:
      return MakeConstant(Type::Varchar(CodePoints(e.text)), e.location, e.text);
    case ExprKind::kBinary:
      return MakeConstant(Type::Varbinary(), e.location, e.text);
    default:
      return NumberLiteral(e, /*negative=*/false, e.location);
  }
}

TypedExpr ExpressionTyper::NumberLiteral(const ast::Expr& e, bool negative, Location location) {
  if (e.kind == ExprKind::kInteger) {
    return IntegerLiteral(e, negative, location);
  }
  const std::string digits = absl::StrCat(negative ? "-" : "", Digits(e.text));
  if (e.kind == ExprKind::kDecimal &&
      session_.dialect.decimal_literals == DialectOptions::DecimalLiterals::kDecimal) {
    ASSIGN_OR_RETURN(ExprPtr number, DecimalLiteralOf(e, digits));
    number->location = location;
    return number;
  }
  const absl::StatusOr<double> value = CastTextToDouble(digits);
  if (!value.ok()) {
    return InvalidLiteral(e, "DOUBLE");
  }
  return MakeConstant(Type::Double(), location, *value);
}

TypedExpr ExpressionTyper::IntegerLiteral(const ast::Expr& e, bool negative, Location location) {
  const std::optional<int64_t> value = ParseIntegerLiteral(Digits(e.text), negative);
  if (!value) {
    return ErrorAt(location, "SYNTAX_ERROR",
                   absl::StrCat("Invalid numeric literal: ", negative ? "-" : "", e.text));
  }
  const bool fits = *value >= std::numeric_limits<int32_t>::min() &&
                    *value <= std::numeric_limits<int32_t>::max();
  return MakeConstant(fits ? Type::Integer() : Type::Bigint(), location, *value);
}

TypedExpr ExpressionTyper::DecimalLiteralOf(const ast::Expr& e, std::string_view digits) {
  const std::optional<DecimalLiteral> literal = ParseDecimalLiteral(digits).value_or(std::nullopt);
  if (!literal) {
    return InvalidLiteral(e, "DECIMAL");
  }
  return MakeConstant(Type::Decimal(literal->precision, literal->scale), e.location,
                      literal->unscaled);
}

TypedExpr ExpressionTyper::TypedLiteral(const ast::Expr& e) {
  const std::string name = absl::AsciiStrToLower(e.type_name);
  if (name == "time") {
    return TimeLiteral(e);
  }
  if (name == "timestamp") {
    return TimestampLiteral(e);
  }
  if (name == "decimal") {
    return DecimalLiteralOf(e, Digits(e.text));
  }
  if (name == "char") {
    const Type type = Type::Char(std::min(CodePoints(e.text), kMaxCharLength));
    std::optional<ConstantValue> value = ConstantFromText(e.text, type, session_.time_zone_key);
    if (!value) {
      return InvalidLiteral(e, "CHAR");
    }
    return MakeConstant(type, e.location, *std::move(value));
  }
  absl::StatusOr<Type> parsed = ParseTrinoType(name);
  if (!parsed.ok()) {
    return ErrorAt(e.location, "TYPE_NOT_FOUND", absl::StrCat("Unknown type: ", e.type_name));
  }
  const Type type = *std::move(parsed);
  if (type.kind() == TypeKind::kJson) {
    absl::StatusOr<std::string> json = ParseJson(e.text);
    if (!json.ok()) {
      return InvalidLiteral(e, "JSON");
    }
    return MakeConstant(type, e.location, *std::move(json));
  }
  if (!CanCast(Type::Varchar(), type)) {
    return ErrorAt(e.location, "INVALID_LITERAL",
                   absl::StrCat("No literal form for type ", DisplayName(type)));
  }
  std::optional<ConstantValue> value = ConstantFromText(e.text, type, session_.time_zone_key);
  if (!value) {
    return InvalidLiteral(e, absl::AsciiStrToUpper(DisplayName(type)));
  }
  return MakeConstant(type, e.location, *std::move(value));
}

TypedExpr ExpressionTyper::TimeLiteral(const ast::Expr& e) {
  const std::optional<TimeText> text = ScanTime(e.text);
  if (!text) {
    return InvalidLiteral(e, "TIME");
  }
  const int precision = text->digits;
  if (precision > kMaxTimePrecision) {
    return PrecisionOutOfRange(e, text->offset_minutes ? "TIME WITH TIME ZONE" : "TIME", precision);
  }
  if (!text->offset_minutes) {
    return MakeConstant(Type::Time(precision), e.location, ToTime(*text, precision));
  }
  return MakeConstant(Type::TimeTz(precision), e.location,
                      ZonedTimeConstant(ToZonedTime(*text, precision, 0), precision));
}

TypedExpr ExpressionTyper::TimestampLiteral(const ast::Expr& e) {
  const std::optional<TimestampText> text = ScanTimestamp(e.text);
  if (!text) {
    return InvalidLiteral(e, "TIMESTAMP");
  }
  const int precision = text->digits;
  if (precision > kMaxTimePrecision) {
    return PrecisionOutOfRange(e, text->zone.empty() ? "TIMESTAMP" : "TIMESTAMP WITH TIME ZONE",
                               precision);
  }
  if (text->zone.empty()) {
    return MakeConstant(Type::Timestamp(precision), e.location,
                        TimestampConstant(ToTimestamp(*text, precision), precision));
  }
  const std::optional<ZonedTimestamp> value =
      ToZonedTimestamp(*text, precision, session_.time_zone_key);
  if (!value) {
    return InvalidLiteral(e, "TIMESTAMP");
  }
  return MakeConstant(Type::TimestampTz(precision), e.location,
                      ZonedTimestampConstant(*value, precision));
}

TypedExpr ExpressionTyper::IntervalLiteral(const ast::Expr& e) {
  const std::vector<std::string_view> units = absl::StrSplit(e.type_name, " to ");
  const std::optional<IntervalUnit> from = ParseIntervalUnit(units[0]);
  const std::optional<IntervalUnit> to = ParseIntervalUnit(units.back());
  if (!from || !to) {
    return InvalidLiteral(e, "INTERVAL");
  }
  const bool months = *from <= IntervalUnit::kMonth;
  if (months != (*to <= IntervalUnit::kMonth) || *from > *to) {
    return ErrorAt(
        e.location, "INVALID_LITERAL",
        absl::StrCat("Invalid interval qualifier: ", absl::AsciiStrToUpper(e.type_name)));
  }
  const std::optional<int64_t> value = months ? ParseYearMonthInterval(e.text, *from, *to)
                                              : ParseDayTimeInterval(e.text, *from, *to);
  if (!value) {
    return ErrorAt(
        e.location, "INVALID_LITERAL",
        absl::StrCat("Invalid INTERVAL ", absl::AsciiStrToUpper(e.type_name), " value: ", e.text));
  }
  return MakeConstant(months ? Type::IntervalYearMonth() : Type::IntervalDayTime(), e.location,
                      e.flag ? -*value : *value);
}

// Up to milliseconds from the milliseconds of the start, more digits from its nanoseconds.
ZonedTimestamp ExpressionTyper::Now(int precision) const {
  const int64_t nanos = absl::ToUnixNanos(session_.start_time);
  constexpr int64_t kNanosPerMilli = 1'000'000;
  ZonedTimestamp now;
  now.millis = FloorDivide(nanos, kNanosPerMilli);
  now.zone_key = session_.time_zone_key;
  if (precision > kDefaultTimePrecision) {
    now.picos = static_cast<int32_t>(FloorModulo(nanos, kNanosPerMilli) * kPicosPerNano);
  }
  return RoundZonedTimestamp(now, precision);
}

int ExpressionTyper::SessionOffsetMinutes() const {
  return ZoneOffsetSeconds(session_.time_zone_key, absl::ToUnixSeconds(session_.start_time)) / 60;
}

TypedExpr ExpressionTyper::CurrentTimestamp(Location location, int precision) {
  return MakeConstant(Type::TimestampTz(precision), location,
                      ZonedTimestampConstant(Now(precision), precision));
}

TypedExpr ExpressionTyper::Current(const ast::Expr& e) {
  const int precision = e.index >= 0 ? e.index : kDefaultTimePrecision;
  if (precision > kMaxTimePrecision) {
    const std::string_view type = e.text == "localtimestamp" ? "TIMESTAMP"
                                  : e.text == "localtime"    ? "TIME"
                                  : e.text == "current_time" ? "TIME WITH TIME ZONE"
                                                             : "TIMESTAMP WITH TIME ZONE";
    return NamedError("NUMERIC_VALUE_OUT_OF_RANGE",
                      absl::StrCat(type, " precision must be in range [0, ", kMaxTimePrecision,
                                   "]: ", precision));
  }
  const TimestampValue local = LocalOf(Now(precision));
  const int64_t time_of_day =
      FloorModulo(local.micros, kMicrosPerDay) * kPicosPerMicro + local.picos;
  if (e.text == "current_date") {
    return MakeConstant(Type::Date(), e.location, FloorDivide(local.micros, kMicrosPerDay));
  }
  if (e.text == "current_timestamp") {
    return CurrentTimestamp(e.location, precision);
  }
  if (e.text == "localtimestamp") {
    return MakeConstant(Type::Timestamp(precision), e.location,
                        TimestampConstant(local, precision));
  }
  if (e.text == "localtime") {
    return MakeConstant(Type::Time(precision), e.location, time_of_day);
  }
  if (e.text == "current_time") {
    return MakeConstant(Type::TimeTz(precision), e.location,
                        ZonedTimeConstant({time_of_day, SessionOffsetMinutes()}, precision));
  }
  std::string value;
  if (e.text == "current_user") {
    value = session_.user;
  } else if (e.text == "current_catalog") {
    value = session_.catalog;
  } else if (e.text == "current_schema") {
    value = session_.database;
  } else if (e.text != "current_path") {
    return ErrorAt(e.location, "NOT_SUPPORTED", absl::StrCat(e.text, " is not supported"),
                   absl::StatusCode::kUnimplemented);
  }
  return MakeConstant(Type::Varchar(), e.location, std::move(value));
}

}  // namespace pallas::sql
