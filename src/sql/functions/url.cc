#include <string>

#include "absl/strings/str_cat.h"

#include "sql/functions/registry_builder.h"

namespace pallas::sql {
namespace {

// A code point has at most four bytes, each at most "%XX".
absl::StatusOr<Type> EncodedVarchar(std::span<const Type> arguments) {
  const std::optional<int64_t> x = arguments[0].length();
  return x.has_value() && *x * 12 <= kMaxVarcharLength ? Type::Varchar(*x * 12) : Type::Varchar();
}

}  // namespace

void AddUrlFunctions(RegistryBuilder& b) {
  for (std::string_view part : {"fragment", "host", "path", "protocol", "query"}) {
    b.Scalar(absl::StrCat("url_extract_", part, "(varchar(x))"), "varchar(x)")
        .Doc("That part of a URL; NULL if it is none");
  }
  b.Scalar("url_extract_port(varchar(x))", "bigint").Doc("The port of a URL");
  b.Scalar("url_extract_parameter(varchar(x),varchar(y))", "varchar(x)")
      .Doc("The first value of a parameter of the query");
  b.Scalar("url_encode(varchar(x))", "varchar(y)")
      .ResultType(EncodedVarchar)
      .Doc("Escaped for a form");
  b.Scalar("url_decode(varchar(x))", "varchar(x)").Raises().Doc("What was escaped for a form");
}

void AddOtherFunctions(RegistryBuilder& b) {
  b.Scalar("typeof(t)", "varchar").Where("T").CalledOnNull().Doc("The name of the type");
  b.Scalar("format(varchar,t)", "varchar")
      .Where("T")
      .Raises()
      .Doc("A text by a format string of Java's Formatter");
  for (const std::string_view type : {"bigint", "double"}) {
    b.Scalar(absl::StrCat("format_number(", type, ")"), "varchar")
        .Doc("A short text with a unit: 1.23M");
  }
  b.Scalar("parse_data_size(varchar(x))", "decimal(38,0)").Raises().Doc("2.3MB in bytes");
  b.Scalar("uuid()", "uuid").NotDeterministic().Doc("A random identifier");
}

}  // namespace pallas::sql
