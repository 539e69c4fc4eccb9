#ifndef PALLAS_QUERY_STATEMENTS_CREATE_VIEW_H_
#define PALLAS_QUERY_STATEMENTS_CREATE_VIEW_H_

#include "absl/status/statusor.h"

#include "query/statement_runner.h"
#include "sdk/request_context.h"
#include "sql/ast/statement.h"

namespace pallas::query {

// CREATE [OR REPLACE] VIEW: analyses the query, so that a view that cannot be read is never made,
// and keeps its text, the session's catalog and database for unqualified names in it, and its
// columns' types. VIEW_IS_RECURSIVE if the view would read itself, through others too.
absl::StatusOr<StatementResult> RunCreateView(const sql::ast::CreateView& statement,
                                              const Services& services, const sql::Session& session,
                                              const sdk::RequestContext& context);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_CREATE_VIEW_H_
