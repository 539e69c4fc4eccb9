#ifndef PALLAS_QUERY_STATEMENTS_DATABASE_STATEMENTS_H_
#define PALLAS_QUERY_STATEMENTS_DATABASE_STATEMENTS_H_

#include "absl/status/statusor.h"

#include "query/statement_runner.h"
#include "sql/ast/statement.h"

namespace pallas::query {

// CREATE DATABASE: its location, if it has one, must be one that tables could have.
absl::StatusOr<StatementResult> RunCreateDatabase(const sql::ast::CreateDatabase& statement,
                                                  const Services& services,
                                                  const sql::Session& session);

// DROP DATABASE: SCHEMA_NOT_EMPTY without CASCADE. Files stay.
absl::StatusOr<StatementResult> RunDropDatabase(const sql::ast::DropDatabase& statement,
                                                const Services& services,
                                                const sql::Session& session);

// ALTER DATABASE SET DBPROPERTIES: other properties stay.
absl::StatusOr<StatementResult> RunAlterDatabase(const sql::ast::AlterDatabase& statement,
                                                 const Services& services,
                                                 const sql::Session& session);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_DATABASE_STATEMENTS_H_
