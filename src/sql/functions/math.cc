#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

#include "sql/functions/registry_builder.h"

namespace pallas::sql {
namespace {

constexpr int kMax = kMaxDecimalPrecision;

// ceil, floor and round without digits: the carry needs a digit if there is a fraction.
absl::StatusOr<Type> DecimalToInteger(std::span<const Type> arguments) {
  const Type& type = arguments[0];
  return Type::Decimal(type.precision() - type.scale() + std::min(type.scale(), 1), 0);
}

absl::StatusOr<Type> RoundedDecimal(std::span<const Type> arguments) {
  const Type& type = arguments[0];
  return Type::Decimal(std::min(kMax, type.precision() + 1), type.scale());
}

absl::StatusOr<Type> TruncatedDecimal(std::span<const Type> arguments) {
  const Type& type = arguments[0];
  return Type::Decimal(std::max(1, type.precision() - type.scale()), 0);
}

}  // namespace

void AddMathFunctions(RegistryBuilder& b) {
  static constexpr std::string_view kIntegers[] = {"tinyint", "smallint", "integer", "bigint"};
  static constexpr std::string_view kFloats[] = {"real", "double"};
  auto call = [](std::string_view name, std::string_view arguments) {
    return absl::StrCat(name, "(", arguments, ")");
  };
  for (std::string_view type : kIntegers) {
    b.Scalar(call("abs", type), type).Raises().Doc("Absolute value");
    b.Scalar(call("sign", type), type).Doc("-1, 0 or 1 by the sign");
    for (std::string_view name : {"ceil", "ceiling", "floor"}) {
      b.Scalar(call(name, type), type).Doc("The same integer");
    }
    b.Scalar(call("round", type), type).Doc("The same integer");
    b.Scalar(absl::StrCat("round(", type, ",integer)"), type)
        .Raises()
        .Doc("Rounds to that many digits after the point; negative: before it");
  }
  for (std::string_view type : kFloats) {
    b.Scalar(call("abs", type), type).Doc("Absolute value");
    b.Scalar(call("sign", type), type).Doc("-1, 0, 1 or NaN by the sign");
    b.Scalar(call("ceil", type), type).Doc("Smallest integer not below");
    b.Scalar(call("ceiling", type), type).Doc("Smallest integer not below");
    b.Scalar(call("floor", type), type).Doc("Largest integer not above");
    b.Scalar(call("round", type), type).Doc("Rounds half away from zero");
    b.Scalar(absl::StrCat("round(", type, ",integer)"), type)
        .Doc("Rounds half away from zero at that many digits after the point");
    b.Scalar(call("truncate", type), type).Doc("Drops the fraction");
    b.Scalar(call("is_nan", type), "boolean").Doc("Whether it is NaN");
  }
  b.Scalar("abs(decimal(p,s))", "decimal(p,s)").Doc("Absolute value");
  b.Scalar("sign(decimal(p,s))", "decimal(1,0)").Doc("-1, 0 or 1 by the sign");
  b.Scalar("ceil(decimal(p,s))", "decimal(rp,0)")
      .ResultType(DecimalToInteger)
      .Doc("Smallest integer not below");
  b.Scalar("ceiling(decimal(p,s))", "decimal(rp,0)")
      .ResultType(DecimalToInteger)
      .Doc("Smallest integer not below");
  b.Scalar("floor(decimal(p,s))", "decimal(rp,0)")
      .ResultType(DecimalToInteger)
      .Doc("Largest integer not above");
  b.Scalar("round(decimal(p,s))", "decimal(rp,rs)")
      .ResultType(DecimalToInteger)
      .Doc("Rounds half away from zero");
  b.Scalar("round(decimal(p,s),integer)", "decimal(rp,s)")
      .ResultType(RoundedDecimal)
      .Raises()
      .Doc("Rounds half away from zero at that many digits after the point");
  b.Scalar("truncate(decimal(p,s))", "decimal(rp,0)")
      .ResultType(TruncatedDecimal)
      .Doc("Drops the fraction");
  b.Scalar("truncate(decimal(p,s),integer)", "decimal(p,s)")
      .Doc("Drops digits beyond that many after the point");

  struct OneDouble {
    std::string_view name;
    std::string_view description;
  };

  static constexpr OneDouble kOneDouble[] = {{"acos", "Arc cosine"},
                                             {"asin", "Arc sine"},
                                             {"atan", "Arc tangent"},
                                             {"cbrt", "Cube root"},
                                             {"cos", "Cosine"},
                                             {"cosh", "Hyperbolic cosine"},
                                             {"degrees", "Radians to degrees"},
                                             {"exp", "e to that power"},
                                             {"ln", "Natural logarithm"},
                                             {"log2", "Logarithm to base 2"},
                                             {"log10", "Logarithm to base 10"},
                                             {"radians", "Degrees to radians"},
                                             {"sin", "Sine"},
                                             {"sinh", "Hyperbolic sine"},
                                             {"sqrt", "Square root"},
                                             {"tan", "Tangent"},
                                             {"tanh", "Hyperbolic tangent"}};
  for (const OneDouble& function : kOneDouble) {
    b.Scalar(call(function.name, "double"), "double").Doc(function.description);
  }
  b.Scalar("atan2(double,double)", "double").Doc("Angle of the point (second, first)");
  b.Scalar("log(double,double)", "double").Doc("Logarithm of the second to the base of the first");
  b.Scalar("pow(double,double)", "double").Doc("First to the power of the second");
  b.Scalar("power(double,double)", "double").Doc("First to the power of the second");
  b.Scalar("is_finite(double)", "boolean").Doc("Whether it is neither infinite nor NaN");
  b.Scalar("is_infinite(double)", "boolean").Doc("Whether it is infinite");
  b.Scalar("pi()", "double").Doc("The circle's constant");
  b.Scalar("e()", "double").Doc("Euler's number");
  b.Scalar("infinity()", "double").Doc("Positive infinity");
  b.Scalar("nan()", "double").Doc("Not a number");
  b.Scalar("from_base(varchar(x),bigint)", "bigint")
      .Raises()
      .Doc("The number a text says in that base");
  b.Scalar("to_base(bigint,bigint)", "varchar(64)")
      .Raises()
      .Doc("The text of a number in that base");
  b.Scalar("width_bucket(double,double,double,bigint)", "bigint")
      .Raises()
      .Doc("Number of the equal bucket it falls into");
  b.Scalar("width_bucket(double,array(double))", "bigint")
      .Raises()
      .Doc("Number of the bucket between those bounds");
  b.Scalar("normal_cdf(double,double,double)", "double")
      .Raises()
      .Doc("Share of a normal distribution, by mean and deviation, below a value");
  b.Scalar("inverse_normal_cdf(double,double,double)", "double")
      .Raises()
      .Doc("Value of a normal distribution, by mean and deviation, below which that share lies");
  b.Scalar("beta_cdf(double,double,double)", "double")
      .Raises()
      .Doc("Share of a beta distribution, by its two parameters, below a value");
  b.Scalar("inverse_beta_cdf(double,double,double)", "double")
      .Raises()
      .Doc("Value of a beta distribution, by its two parameters, below which that share lies");
  b.Scalar("t_cdf(double,double)", "double")
      .Raises()
      .Doc("Share of Student's distribution, with degrees of freedom, below a value");
  b.Scalar("t_pdf(double,double)", "double")
      .Raises()
      .Doc("Density of Student's distribution, with degrees of freedom, at a value");
  for (std::string_view end : {"lower", "upper"}) {
    b.Scalar(absl::StrCat("wilson_interval_", end, "(bigint,bigint,double)"), "double")
        .Raises()
        .Doc("End of the confidence interval of successes in trials by their z-score");
  }
  for (std::string_view name : {"rand", "random"}) {
    b.Scalar(call(name, ""), "double").NotDeterministic().Doc("A random number from 0 to 1");
    for (std::string_view type : kIntegers) {
      b.Scalar(call(name, type), type)
          .NotDeterministic()
          .Raises()
          .Doc("A random number from 0 to below it");
      b.Scalar(absl::StrCat(name, "(", type, ",", type, ")"), type)
          .NotDeterministic()
          .Raises()
          .Doc("A random number from the first to below the second");
    }
  }
  for (std::string_view name : {"bitwise_and", "bitwise_or", "bitwise_xor"}) {
    b.Scalar(call(name, "bigint,bigint"), "bigint").Doc("Of the bits in two's complement");
  }
  b.Scalar("bitwise_not(bigint)", "bigint").Doc("All bits turned over");
  b.Scalar("bit_count(bigint,bigint)", "bigint")
      .Raises()
      .Doc("Bits set in a number of that many bits");
  for (std::string_view name :
       {"bitwise_left_shift", "bitwise_right_shift", "bitwise_right_shift_arithmetic"}) {
    for (std::string_view type : kIntegers) {
      b.Scalar(absl::StrCat(name, "(", type, ",integer)"), type)
          .Doc("Shifts within the width of the type");
    }
  }
  for (std::string_view name : {"greatest", "least"}) {
    b.Scalar(absl::StrCat(name, "(E...)"), "E")
        .Where("E:orderable")
        .Doc("The largest or smallest; NULL if any is NULL");
  }
}

}  // namespace pallas::sql
