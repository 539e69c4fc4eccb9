#include <string>

#include "absl/strings/str_cat.h"

#include "sql/functions/registry_builder.h"

namespace pallas::sql {
namespace {

constexpr int kEscapeLength = 15;  // what gives a text its color

absl::StatusOr<Type> ColoredVarchar(std::span<const Type> arguments) {
  const std::optional<int64_t> x = arguments[0].length();
  return x.has_value() && *x + kEscapeLength <= kMaxVarcharLength
             ? Type::Varchar(*x + kEscapeLength)
             : Type::Varchar();
}

}  // namespace

void AddColorFunctions(RegistryBuilder& b) {
  b.Scalar("color(varchar(x))", "color").Raises().Doc("A color by its name, or as #rgb");
  b.Scalar("color(double,color,color)", "color")
      .Raises()
      .Doc("The color at that share of the way between two");
  b.Scalar("color(double,double,double,color,color)", "color")
      .Raises()
      .Doc("The color of a value between two, by the colors of the bounds");
  b.Scalar("rgb(bigint,bigint,bigint)", "color").Raises().Doc("A color by red, green and blue");
  b.Scalar("render(boolean)", "varchar(16)").Doc("A green or red mark");
  b.Scalar("render(bigint,color)", "varchar(35)").Doc("The number in that color");
  b.Scalar("render(double,color)", "varchar(41)").Doc("The number in that color");
  b.Scalar("render(varchar(x),color)", "varchar(y)")
      .ResultType(ColoredVarchar)
      .Doc("The text in that color");
  b.Scalar("bar(double,bigint)", "varchar").Raises().Doc("A bar of that width, filled to a share");
  b.Scalar("bar(double,bigint,color,color)", "varchar")
      .Raises()
      .Doc("A bar of that width, filled to a share, between those colors");
}

void AddTeradataFunctions(RegistryBuilder& b) {
  b.Scalar("index(varchar,varchar)", "bigint").Doc("Place of the first occurrence, or 0");
  b.Scalar("char2hexint(varchar)", "varchar").Doc("The UTF-16 of a text in hexadecimal digits");
  b.Scalar("to_char(timestamp(p) with time zone,varchar)", "varchar")
      .Raises()
      .Doc("Text by a pattern of Teradata");
  b.Scalar("to_date(varchar,varchar)", "date")
      .Raises()
      .Doc("The date of a text by a pattern of Teradata");
  b.Scalar("to_timestamp(varchar,varchar)", "timestamp(3)")
      .Raises()
      .Doc("The timestamp of a text by a pattern of Teradata");
}

void AddOtherFunctions(RegistryBuilder& b) {
  b.Scalar("typeof(t)", "varchar").Where("T").CalledOnNull().Doc("The name of the type");
  b.Scalar("format(varchar,t)", "varchar")
      .Where("T")
      .Raises()
      .Hidden()
      .Doc("A text by a format string of Java's Formatter");
  for (const std::string_view type : {"bigint", "double"}) {
    b.Scalar(absl::StrCat("format_number(", type, ")"), "varchar")
        .Doc("A short text with a unit: 1.23M");
  }
  for (const std::string_view name : {"parse_data_size", "parse_presto_data_size"}) {
    b.Scalar(absl::StrCat(name, "(varchar(x))"), "decimal(38,0)").Raises().Doc("2.3MB in bytes");
  }
  b.Scalar("uuid()", "uuid").NotDeterministic().Doc("A random identifier");
  b.Scalar("contains(varchar,ipaddress)", "boolean")
      .Raises()
      .Doc("Whether an address is in a network, as 10.0.0.0/8");
  b.Scalar("version()", "varchar").Hidden().Doc("The release of Trino whose dialect this is");
  b.Scalar("current_groups()", "array(varchar)").Doc("The groups of the user");
}

}  // namespace pallas::sql
