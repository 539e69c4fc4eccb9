#ifndef PALLAS_SQL_ANALYZER_ANALYZER_H_
#define PALLAS_SQL_ANALYZER_ANALYZER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/table_resolver.h"
#include "sdk/request_context.h"
#include "sql/ast/statement.h"
#include "sql/plan/plan.h"
#include "sql/session.h"

namespace pallas::sql {

// Gives names, types and coercions to a parsed query by Trino's rules (spec/sql-dialect.md 4.2).
// Asks `resolver` for tables, each name once per statement. Errors have Trino's names and messages
// with line:column. Any thread; blocks while sources answer for metadata.
// `functions` are those that USING EXTERNAL FUNCTION declares before the query.
absl::StatusOr<AnalyzedQuery> AnalyzeQuery(
    const ast::Query& query, std::string text, const Session& session,
    const sdk::RequestContext& context, catalog::TableResolver& resolver,
    const std::vector<ast::ExternalFunction>& functions = {});

// A column of a query's result.
struct DescribedColumn {
  std::string name;  // "_col0" for none
  // The table or view that it comes from unchanged; null for expressions.
  std::shared_ptr<const catalog::QualifiedName> origin;
  Type type;
  bool aliased = false;  // named by AS
  bool named = true;     // false: `name` is made up
};

// What DESCRIBE INPUT and DESCRIBE OUTPUT tell.
struct QueryDescription {
  std::vector<Type> parameters;  // by position; unknown where nothing says
  std::vector<DescribedColumn> columns;
};

// As AnalyzeQuery, of a query in which `num_parameters` parameters (`?`) have no values.
absl::StatusOr<QueryDescription> DescribeQuery(const ast::Query& query, int num_parameters,
                                               const Session& session,
                                               const sdk::RequestContext& context,
                                               catalog::TableResolver& resolver,
                                               const std::vector<ast::ExternalFunction>& functions);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_ANALYZER_H_
