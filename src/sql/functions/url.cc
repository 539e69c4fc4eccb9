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

}  // namespace pallas::sql
