#include <string>

#include "absl/strings/str_cat.h"

#include "sql/functions/registry_builder.h"

namespace pallas::sql {

void AddJsonFunctions(RegistryBuilder& b) {
  b.Scalar("json_parse(varchar(x))", "json").Raises().Doc("The value of a JSON text");
  b.Scalar("json_format(json)", "varchar").Doc("The text of a value");
  b.Scalar("json_extract(json,jsonpath)", "json").Raises().Doc("What a path leads to");
  b.Scalar("json_extract(varchar(x),jsonpath)", "json").Raises().Doc("What a path leads to");
  b.Scalar("json_extract_scalar(json,jsonpath)", "varchar")
      .Raises()
      .Doc("The scalar that a path leads to, as text");
  b.Scalar("json_extract_scalar(varchar(x),jsonpath)", "varchar(x)")
      .Raises()
      .Doc("The scalar that a path leads to, as text");
  b.Scalar("json_size(json,jsonpath)", "bigint")
      .Raises()
      .Doc("Members of what a path leads to; 0 for scalars");
  b.Scalar("json_size(varchar(x),jsonpath)", "bigint")
      .Raises()
      .Doc("Members of what a path leads to; 0 for scalars");
  for (std::string_view type : {"json", "varchar(x)"}) {
    b.Scalar(absl::StrCat("json_array_length(", type, ")"), "bigint")
        .Doc("Number of elements; NULL if it is no array");
    b.Scalar(absl::StrCat("json_array_get(", type, ",bigint)"), "json")
        .Doc("The element at that place from 0; NULL beyond");
    b.Scalar(absl::StrCat("is_json_scalar(", type, ")"), "boolean")
        .Raises()
        .Doc("Whether it is neither object nor array");
    for (std::string_view value : {"boolean", "bigint", "double"}) {
      b.Scalar(absl::StrCat("json_array_contains(", type, ",", value, ")"), "boolean")
          .Doc("Whether that element is there");
    }
  }
  b.Scalar("json_array_contains(json,varchar(x))", "boolean").Doc("Whether that element is there");
  b.Scalar("json_array_contains(varchar(x),varchar(y))", "boolean")
      .Doc("Whether that element is there");
}

}  // namespace pallas::sql
