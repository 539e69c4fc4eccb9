#ifndef PALLAS_QUERY_STATEMENTS_SHOW_H_
#define PALLAS_QUERY_STATEMENTS_SHOW_H_

#include "absl/status/statusor.h"

#include "base/error_detail.h"
#include "query/statement_runner.h"
#include "sdk/request_context.h"
#include "sql/ast/statement.h"

namespace pallas::query {

// SHOW ... and DESCRIBE, with the columns and the layout of text that Athena has
// (client-api-surface section 2.4); where Athena answers with one text of fields between tabs, the
// fields are columns here. DATABASES, TABLES, COLUMNS and DESCRIBE also answer for the tables of
// sources. `location` is the statement's.
absl::StatusOr<StatementResult> RunShow(const sql::ast::Show& statement, Location location,
                                        const Services& services, const sql::Session& session,
                                        const sdk::RequestContext& context);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_SHOW_H_
