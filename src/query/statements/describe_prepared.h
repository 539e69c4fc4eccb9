#ifndef PALLAS_QUERY_STATEMENTS_DESCRIBE_PREPARED_H_
#define PALLAS_QUERY_STATEMENTS_DESCRIBE_PREPARED_H_

#include "absl/status/statusor.h"

#include "query/statement_runner.h"
#include "sql/ast/statement.h"

namespace pallas::query {

// DESCRIBE INPUT name: the types of a prepared statement's parameters. DESCRIBE OUTPUT name: the
// columns of its result. Both as Trino answers them. The statement is analysed, not run.
absl::StatusOr<StatementResult> DescribePrepared(const sql::ast::Show& show,
                                                 const Services& services,
                                                 const sql::Session& session,
                                                 const sdk::RequestContext& context);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_DESCRIBE_PREPARED_H_
