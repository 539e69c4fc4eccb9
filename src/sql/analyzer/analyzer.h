#ifndef PALLAS_SQL_ANALYZER_ANALYZER_H_
#define PALLAS_SQL_ANALYZER_ANALYZER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "catalog/table_resolver.h"
#include "sdk/request_context.h"
#include "sql/plan/plan.h"
#include "sql/session.h"

namespace pallas::sql {

namespace ast {
struct Query;
}  // namespace ast

// Gives names, types and coercions to a parsed query by Trino's rules (spec/sql-dialect.md 4.2).
// Asks `resolver` for tables, each name once per statement. Errors have Trino's names and messages
// with line:column. Any thread; blocks while sources answer for metadata.
absl::StatusOr<AnalyzedQuery> AnalyzeQuery(const ast::Query& query, std::string text,
                                           const Session& session,
                                           const sdk::RequestContext& context,
                                           catalog::TableResolver& resolver);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_ANALYZER_H_
