#ifndef PALLAS_QUERY_STATEMENTS_PREPARED_STATEMENTS_H_
#define PALLAS_QUERY_STATEMENTS_PREPARED_STATEMENTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "query/statement_runner.h"
#include "sql/ast/statement.h"

// PREPARE, EXECUTE and DEALLOCATE PREPARE (decision D8): statements kept in the metastore by
// workgroup, where the API finds them too.

namespace pallas::query {

// The workgroup of statements that name none.
inline constexpr char kPrimaryWorkgroup[] = "primary";

// Replaces a statement of the same name.
absl::Status Prepare(const sql::ast::Prepare& node, const Services& services);

// NOT_FOUND if there is none of that name.
absl::Status Deallocate(const sql::ast::Deallocate& node, const Services& services);

// The text of a prepared statement. NOT_FOUND if there is none of that name.
absl::StatusOr<std::string> PreparedText(const std::string& name, const Services& services);

// What EXECUTE stands for, with its parameters in place.
struct BoundStatement {
  std::string text;  // as prepared
  sql::ast::StatementPtr statement;
};

absl::StatusOr<BoundStatement> BindExecute(sql::ast::Execute node, const Services& services);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_PREPARED_STATEMENTS_H_
