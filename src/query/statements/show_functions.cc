#include "query/statements/show_functions.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/strings/str_join.h"

#include "base/status_macros.h"
#include "query/results/text_rows.h"
#include "query/statements/name_pattern.h"
#include "sql/functions/registry.h"

namespace pallas::query {
namespace {

std::string_view KindText(sql::FunctionKind kind) {
  switch (kind) {
    case sql::FunctionKind::kAggregate:
      return "aggregate";
    case sql::FunctionKind::kWindow:
      return "window";
    case sql::FunctionKind::kScalar:
      break;
  }
  return "scalar";
}

// Its place among the columns.
constexpr size_t kDeterministic = 4;

}  // namespace

absl::StatusOr<StatementResult> RunShowFunctions(const sql::ast::Show& node) {
  ASSIGN_OR_RETURN(const NamePattern pattern, NamePattern::Make(node.pattern, node.escape));
  std::vector<std::vector<std::optional<std::string>>> rows;
  for (const sql::FunctionEntry& entry : sql::AllFunctions()) {
    if (!entry.hidden && pattern.Matches(entry.name)) {
      rows.push_back({std::string(entry.name), std::string(entry.result),
                      absl::StrJoin(entry.arguments, ", "), std::string(KindText(entry.kind)),
                      entry.deterministic ? "true" : "false", std::string(entry.description)});
    }
  }
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
    return std::tie(a[0], a[2]) < std::tie(b[0], b[2]);
  });
  StatementResult result;
  result.type = StatementType::kUtility;
  ASSIGN_OR_RETURN(result.rows, MakeTextRows({"Function", "Return Type", "Argument Types",
                                              "Function Type", "Deterministic", "Description"},
                                             rows, {kDeterministic}));
  return result;
}

}  // namespace pallas::query
