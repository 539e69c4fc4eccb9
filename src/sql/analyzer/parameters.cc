#include "sql/analyzer/parameters.h"

#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "sql/functions/registry.h"

namespace pallas::sql {
namespace {

using ast::ExprKind;

// What an expression has that no constant has; empty: nothing.
std::string_view Variable(const ast::Expr& e) {
  switch (e.kind) {
    case ExprKind::kColumn:
      return "column references";
    case ExprKind::kGrouping:
    case ExprKind::kListagg:
      return "aggregations";
    case ExprKind::kCall:
      if (e.call != nullptr && e.call->over != nullptr) {
        return "window functions";
      }
      if (FunctionKindOf(absl::AsciiStrToLower(e.names.back().text)) == FunctionKind::kAggregate) {
        return "aggregations";
      }
      break;
    default:
      break;
  }
  if (e.query != nullptr) {
    return "subqueries";
  }
  for (const ast::ExprPtr& argument : e.args) {
    const std::string_view found = Variable(*argument);
    if (!found.empty()) {
      return found;
    }
  }
  return "";
}

}  // namespace

absl::Status CheckParameters(const std::vector<ast::ExprPtr>& parameters) {
  for (const ast::ExprPtr& parameter : parameters) {
    const std::string_view found = Variable(*parameter);
    if (!found.empty()) {
      const bool has_operator = parameter->operator_location.line > 0;
      return ErrorAt(has_operator ? parameter->operator_location : parameter->location,
                     "EXPRESSION_NOT_CONSTANT",
                     absl::StrCat("Constant expression cannot contain ", found));
    }
  }
  return absl::OkStatus();
}

}  // namespace pallas::sql
