#ifndef PALLAS_QUERY_STATEMENTS_CREATE_TABLE_H_
#define PALLAS_QUERY_STATEMENTS_CREATE_TABLE_H_

#include "absl/status/statusor.h"

#include "query/statement_runner.h"
#include "sql/ast/statement.h"

namespace pallas::query {

// CREATE EXTERNAL TABLE: checks names, types, format and location, and keeps the definition; the
// files are not looked at. A format that Hive knows is accepted, though reading it may not be
// supported yet. NOT_SUPPORTED for Iceberg tables.
absl::StatusOr<StatementResult> RunCreateTable(const sql::ast::CreateTable& statement,
                                               const Services& services,
                                               const sql::Session& session);

// DROP TABLE and DROP VIEW. Files stay: the tables are external.
absl::StatusOr<StatementResult> RunDropTable(const sql::ast::DropTable& statement,
                                             const Services& services, const sql::Session& session);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_CREATE_TABLE_H_
