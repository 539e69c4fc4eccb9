#include "query/statements/prepared_statements.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "catalog/metastore.h"
#include "sql/analyzer/parameters.h"
#include "sql/formatter/formatter.h"
#include "sql/parser/parser.h"

namespace pallas::query {
namespace {

absl::Status NotPrepared(const std::string& name) {
  return NamedError("NOT_FOUND", absl::StrCat("Prepared statement not found: ", name),
                    absl::StatusCode::kNotFound);
}

}  // namespace

absl::Status Prepare(const sql::ast::Prepare& node, const Services& services) {
  ASSIGN_OR_RETURN(const sql::ast::StatementPtr prepared, sql::Parse(node.text));
  if (std::holds_alternative<sql::ast::Prepare>(prepared->node) ||
      std::holds_alternative<sql::ast::Execute>(prepared->node) ||
      std::holds_alternative<sql::ast::Deallocate>(prepared->node)) {
    return NamedError(
        "NOT_SUPPORTED",
        absl::StrCat("Invalid statement type for prepared statement: ", sql::KindOf(*prepared)),
        absl::StatusCode::kUnimplemented);
  }
  return services.metastore.PutPreparedStatement(kPrimaryWorkgroup,
                                                 {node.name.text, node.text, ""});
}

absl::Status Deallocate(const sql::ast::Deallocate& node, const Services& services) {
  const absl::Status dropped =
      services.metastore.DropPreparedStatement(kPrimaryWorkgroup, node.name.text);
  return absl::IsNotFound(dropped) ? NotPrepared(node.name.text) : dropped;
}

absl::StatusOr<std::string> PreparedText(const std::string& name, const Services& services) {
  absl::StatusOr<catalog::PreparedStatement> prepared =
      services.metastore.GetPreparedStatement(kPrimaryWorkgroup, name);
  if (absl::IsNotFound(prepared.status())) {
    return NotPrepared(name);
  }
  RETURN_IF_ERROR(prepared.status());
  return std::move(prepared->sql);
}

absl::StatusOr<BoundStatement> BindExecute(sql::ast::Execute node, const Services& services) {
  BoundStatement bound;
  sql::ParserOptions options;
  if (node.immediate) {
    bound.text = *std::move(node.immediate);
    options.start = node.immediate_location;
  } else {
    ASSIGN_OR_RETURN(bound.text, PreparedText(node.name.text, services));
  }
  RETURN_IF_ERROR(sql::CheckParameters(node.parameters));
  options.parameters = &node.parameters;
  ASSIGN_OR_RETURN(bound.statement, sql::Parse(bound.text, options));
  if (std::holds_alternative<sql::ast::Execute>(bound.statement->node)) {
    return NamedError("NOT_SUPPORTED", "Unsupported statement type: Execute",
                      absl::StatusCode::kUnimplemented);
  }
  const int expected = bound.statement->num_parameters;
  if (static_cast<size_t>(expected) != node.parameters.size()) {
    return ErrorAt(bound.statement->location, "INVALID_PARAMETER_USAGE",
                   absl::StrCat("Incorrect number of parameters: expected ", expected,
                                " but found ", node.parameters.size()));
  }
  if (auto* const view = std::get_if<sql::ast::CreateView>(&bound.statement->node)) {
    view->query_text = sql::FormatQuery(*view->query);  // with the parameters in place
  }
  return bound;
}

}  // namespace pallas::query
