#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "sql/runtime/json.h"
#include "sql/runtime/json_path.h"

// json_...: functions on JSON values and on texts that are JSON.

namespace pallas::engine {
namespace {

using sql::JsonPath;
using std::string_view;

// Calls `fn(path, json)`; a path is parsed once for the rows that have it in common.
template <typename Fn>
duckdb::scalar_function_t EachPath(Fn fn) {
  return [fn](duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
    std::optional<std::string> text;
    std::optional<JsonPath> path;
    scalar_loops_internal::ForEachRow<string_view, string_view>(
        arguments, result,
        [&](duckdb::idx_t row, string_view json, string_view path_text) {
          if (text != path_text) {
            path = ValueOrRaise(JsonPath::Parse(path_text));
            text = std::string(path_text);
          }
          scalar_loops_internal::Store(result, row, fn(*path, json));
        },
        std::index_sequence_for<string_view, string_view>());
  };
}

void AddPaths(AdapterTable& table) {
  for (string_view type : {"json", "varchar(x)"}) {
    table.Scalar(
        absl::StrCat("json_extract(", type, ",jsonpath)"),
        EachPath([](const JsonPath& path, string_view json) { return path.Extract(json); }));
    table.Scalar(
        absl::StrCat("json_extract_scalar(", type, ",jsonpath)"),
        EachPath([](const JsonPath& path, string_view json) { return path.ExtractScalar(json); }));
    table.Scalar(absl::StrCat("json_size(", type, ",jsonpath)"),
                 EachPath([](const JsonPath& path, string_view json) { return path.Size(json); }));
  }
}

template <typename T>
duckdb::scalar_function_t Contains() {
  return Rows<string_view, T>(
      [](string_view json, T value) { return sql::JsonArrayContains(json, value); });
}

}  // namespace

void AddJson(AdapterTable& table) {
  AddPaths(table);
  table.Scalar("json_parse(varchar(x))", Rows<string_view>(sql::ParseJson));
  table.Emit("json_format(json)",
             [](const CallSite&, DuckExprs values) -> absl::StatusOr<DuckExpr> {
               return std::move(values[0]);
             });
  for (string_view type : {"json", "varchar(x)"}) {
    table.Scalar(absl::StrCat("json_array_length(", type, ")"),
                 Rows<string_view>(sql::JsonArrayLength));
    table.Scalar(absl::StrCat("json_array_get(", type, ",bigint)"),
                 Rows<string_view, int64_t>(sql::JsonArrayGet));
    table.Scalar(absl::StrCat("is_json_scalar(", type, ")"), Rows<string_view>(sql::IsJsonScalar));
    table.Scalar(absl::StrCat("json_array_contains(", type, ",boolean)"), Contains<bool>());
    table.Scalar(absl::StrCat("json_array_contains(", type, ",bigint)"), Contains<int64_t>());
    table.Scalar(absl::StrCat("json_array_contains(", type, ",double)"), Contains<double>());
  }
  table.Scalar("json_array_contains(json,varchar(x))", Contains<string_view>());
  table.Scalar("json_array_contains(varchar(x),varchar(y))", Contains<string_view>());
}

}  // namespace pallas::engine
