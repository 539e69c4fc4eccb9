#ifndef PALLAS_QUERY_STATEMENTS_ALTER_TABLE_H_
#define PALLAS_QUERY_STATEMENTS_ALTER_TABLE_H_

#include "absl/status/statusor.h"

#include "query/statement_runner.h"
#include "sdk/request_context.h"
#include "sql/ast/statement.h"

namespace pallas::query {

// ALTER TABLE in the forms that external tables have: ADD and DROP PARTITION, ADD, REPLACE and
// CHANGE COLUMNS, SET LOCATION, SET and UNSET TBLPROPERTIES. NOT_SUPPORTED for the others.
absl::StatusOr<StatementResult> RunAlterTable(const sql::ast::AlterTable& statement,
                                              const Services& services,
                                              const sql::Session& session);

// MSCK REPAIR TABLE: registers the partitions that have folders but are not in the catalog. One row
// of text for each.
absl::StatusOr<StatementResult> RunRepairTable(const sql::ast::RepairTable& statement,
                                               const Services& services,
                                               const sql::Session& session,
                                               const sdk::RequestContext& context);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_ALTER_TABLE_H_
