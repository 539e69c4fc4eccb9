#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "sql/functions/decimal_result.h"
#include "sql/functions/registry_builder.h"

// Operators, under names that SQL text cannot spell.

namespace pallas::sql {
namespace {

absl::StatusOr<Type> ConcatenatedChar(std::span<const Type> arguments) {
  const int64_t length = *arguments[0].length() + *arguments[1].length();
  if (length > kMaxCharLength) {
    return NamedError("INVALID_FUNCTION_ARGUMENT",
                      absl::StrCat("CHAR length must be in range [0, 65536], got ", length));
  }
  return Type::Char(length);
}

void AddArithmetic(RegistryBuilder& b) {
  static constexpr std::string_view kIntegers[] = {"tinyint", "smallint", "integer", "bigint"};
  static constexpr std::string_view kFloats[] = {"real", "double"};

  struct Operator {
    std::string_view name;
    ResultTypeFunction decimal_result;
    bool hidden;
  };

  static constexpr Operator kOperators[] = {
      {"$add", DecimalSum, true},           {"$subtract", DecimalSum, true},
      {"$multiply", DecimalProduct, true},  {"$divide", DecimalQuotient, true},
      {"$modulus", DecimalRemainder, true}, {"mod", DecimalRemainder, false}};
  constexpr std::string_view kDecimals = "(decimal(p1,s1),decimal(p2,s2))";
  constexpr std::string_view kShownDecimals =
      "(decimal(a_precision,a_scale),decimal(b_precision,b_scale))";
  constexpr std::string_view kRemainder =
      "Remainder of the division, with the sign of the dividend";
  for (const Operator& op : kOperators) {
    auto add = [&](std::string_view type) -> RegistryBuilder& {
      b.Scalar(absl::StrCat(op.name, "(", type, ",", type, ")"), type);
      return op.hidden ? b.Hidden() : b.Doc(kRemainder);
    };
    for (std::string_view type : kIntegers) {
      add(type).Raises();
    }
    for (std::string_view type : kFloats) {
      add(type);
    }
    b.Scalar(absl::StrCat(op.name, op.hidden ? kDecimals : kShownDecimals),
             op.hidden ? "decimal(p,s)" : "decimal(r_precision,r_scale)")
        .ResultType(op.decimal_result)
        .Raises();
    if (op.hidden) {
      b.Hidden();
    } else {
      b.Doc(kRemainder);
    }
  }
  for (std::string_view type : kIntegers) {
    b.Scalar(absl::StrCat("$negate(", type, ")"), type).Raises().Hidden();
  }
  for (std::string_view type :
       {"real", "double", "decimal(p,s)", "interval day to second", "interval year to month"}) {
    b.Scalar(absl::StrCat("$negate(", type, ")"), type).Hidden();
  }
}

// Intervals of days to seconds have milliseconds, and so has what they are added to.
template <size_t operand>
absl::StatusOr<Type> WithMillis(std::span<const Type> arguments) {
  const Type& type = arguments[operand];
  const int precision = std::max(type.precision(), 3);
  switch (type.kind()) {
    case TypeKind::kTime:
      return Type::Time(precision);
    case TypeKind::kTimeTz:
      return Type::TimeTz(precision);
    case TypeKind::kTimestamp:
      return Type::Timestamp(precision);
    case TypeKind::kTimestampTz:
      return Type::TimestampTz(precision);
    default:
      return type;
  }
}

void AddDayTimeInterval(RegistryBuilder& b, std::string_view type) {
  b.Scalar(absl::StrCat("$add(", type, ",interval day to second)"), type)
      .ResultType(WithMillis<0>)
      .Raises()
      .Hidden();
  b.Scalar(absl::StrCat("$add(interval day to second,", type, ")"), type)
      .ResultType(WithMillis<1>)
      .Raises()
      .Hidden();
  b.Scalar(absl::StrCat("$subtract(", type, ",interval day to second)"), type)
      .ResultType(WithMillis<0>)
      .Raises()
      .Hidden();
}

void AddYearMonthInterval(RegistryBuilder& b, std::string_view type) {
  b.Scalar(absl::StrCat("$add(", type, ",interval year to month)"), type).Raises().Hidden();
  b.Scalar(absl::StrCat("$add(interval year to month,", type, ")"), type).Raises().Hidden();
  b.Scalar(absl::StrCat("$subtract(", type, ",interval year to month)"), type).Raises().Hidden();
}

void AddTemporalArithmetic(RegistryBuilder& b) {
  static constexpr std::string_view kIntervals[] = {"interval day to second",
                                                    "interval year to month"};
  for (std::string_view interval : kIntervals) {
    for (std::string_view op : {"$add", "$subtract"}) {
      b.Scalar(absl::StrCat(op, "(", interval, ",", interval, ")"), interval).Raises().Hidden();
    }
    for (std::string_view factor : {"bigint", "double"}) {
      b.Scalar(absl::StrCat("$multiply(", interval, ",", factor, ")"), interval).Raises().Hidden();
      b.Scalar(absl::StrCat("$multiply(", factor, ",", interval, ")"), interval).Raises().Hidden();
    }
    b.Scalar(absl::StrCat("$divide(", interval, ",double)"), interval).Raises().Hidden();
  }
  for (std::string_view type : {"date", "timestamp(p)", "timestamp(p) with time zone"}) {
    AddYearMonthInterval(b, type);
  }
  for (std::string_view type : {"date", "time(p)", "time(p) with time zone", "timestamp(p)",
                                "timestamp(p) with time zone"}) {
    AddDayTimeInterval(b, type);
  }
  for (std::string_view type : {"date", "time(p)", "time(p) with time zone", "timestamp(p)",
                                "timestamp(p) with time zone"}) {
    b.Scalar(absl::StrCat("$subtract(", type, ",", type, ")"), "interval day to second").Hidden();
  }
  for (std::string_view type : {"timestamp(p) with time zone", "time(p) with time zone"}) {
    for (std::string_view zone : {"varchar(x)", "interval day to second"}) {
      b.Scalar(absl::StrCat("$at_timezone(", type, ",", zone, ")"), type).Raises().Hidden();
    }
  }
}

}  // namespace

void AddOperators(RegistryBuilder& b) {
  AddArithmetic(b);
  AddTemporalArithmetic(b);
  b.Scalar("$subscript(array(E),bigint)", "E").Raises().Hidden().Where("E");
  b.Scalar("$subscript(map(K,V),K)", "V").Raises().Hidden().Where("K, V");
  b.Scalar("$like(varchar(x),varchar(y))", "boolean").Raises().Hidden();
  b.Scalar("$like(varchar(x),varchar(y),varchar(z))", "boolean").Raises().Hidden();
  b.Scalar("$like(char(x),varchar(y))", "boolean").Raises().Hidden();
  b.Scalar("$like(char(x),varchar(y),varchar(z))", "boolean").Raises().Hidden();
  for (std::string_view name : {"$concat", "concat"}) {
    const bool hidden = name == "$concat";
    auto add = [&](std::string_view arguments, std::string_view result) -> RegistryBuilder& {
      b.Scalar(absl::StrCat(name, arguments), result);
      return hidden ? b.Hidden() : b.Doc("Joins its arguments in order");
    };
    add("(varchar...)", "varchar").Raises();
    add("(varbinary...)", "varbinary").Raises();
    add("(char(x),char(y))", "char(u)").ResultType(ConcatenatedChar);
    add("(array(E)...)", "array(E)")
        .ResultType([](std::span<const Type> arguments) {
          return SameOfTwoOrMore(arguments, "arguments to concat");
        })
        .Where("E")
        .Raises();
    add("(array(E),E)", "array(E)").Where("E");
    add("(E,array(E))", "array(E)").Where("E");
  }
}

}  // namespace pallas::sql
