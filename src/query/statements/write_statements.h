#ifndef PALLAS_QUERY_STATEMENTS_WRITE_STATEMENTS_H_
#define PALLAS_QUERY_STATEMENTS_WRITE_STATEMENTS_H_

#include <memory>

#include "absl/status/statusor.h"

#include "catalog/table_resolver.h"
#include "query/statement_runner.h"
#include "sql/ast/statement.h"

// Statements that write the rows of a query: CREATE TABLE AS, INSERT INTO, UNLOAD. They are
// analysed whole, target, query, columns and properties, with Athena's errors; what passes is
// NOT_SUPPORTED, because no rows are written yet. `location` is the statement's.

namespace pallas::query {

absl::StatusOr<StatementResult> RunCreateTableAs(const sql::ast::CreateTableAs& statement,
                                                 Location location, const Services& services,
                                                 const sql::Session& session,
                                                 const sdk::RequestContext& context);

absl::StatusOr<StatementResult> RunInsert(const sql::ast::Insert& statement, Location location,
                                          const Services& services, const sql::Session& session,
                                          const sdk::RequestContext& context);

absl::StatusOr<StatementResult> RunUnload(const sql::ast::Unload& statement, Location location,
                                          const Services& services, const sql::Session& session,
                                          const sdk::RequestContext& context);

// MERGE, UPDATE, DELETE, OPTIMIZE, VACUUM: for Iceberg tables, of which there are none.
absl::StatusOr<StatementResult> RunModify(const sql::ast::Modify& statement, Location location,
                                          const Services& services, const sql::Session& session);

// The table that INSERT names: not one of a source, and no view.
absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> InsertTarget(
    const sql::ast::Insert& statement, Location location, const Services& services,
    const sql::Session& session, const sdk::RequestContext& context);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_WRITE_STATEMENTS_H_
