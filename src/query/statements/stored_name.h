#ifndef PALLAS_QUERY_STATEMENTS_STORED_NAME_H_
#define PALLAS_QUERY_STATEMENTS_STORED_NAME_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "base/error_detail.h"
#include "catalog/metastore.h"
#include "query/statement_runner.h"
#include "sql/ast/statement.h"
#include "sql/session.h"

// What names in DDL mean, and the errors that its executors share.

namespace pallas::query {

// A table or view of the embedded catalog, in lower case, and where the statement names it.
struct StoredName {
  std::string database;
  std::string table;
  Location location;

  std::string ToString() const;  // with the catalog, as Trino's messages show names
};

// A name with the session's catalog and database where it does not say. NOT_SUPPORTED for one in
// another catalog than the embedded one: definitions there belong to the source.
absl::StatusOr<StoredName> StoredTable(const sql::ast::QualifiedName& name,
                                       const sql::Session& session);

// Likewise for the name of a database, which may have its catalog before it.
absl::StatusOr<StoredName> StoredDatabase(const sql::ast::QualifiedName& name,
                                          const sql::Session& session);

// `status` of the metastore as the error of a statement about `name`: a missing or existing table
// or database gets Trino's error name and message; all get line:column.
absl::Status AsStatementError(const absl::Status& status, const StoredName& name);

// OK if tables may lie at `location`; the error is put at `name`.
absl::Status CheckLocation(const Services& services, const std::string& location,
                           const StoredName& name);

// `status` at `name`, if it is a named error that does not say where.
absl::Status PlacedAt(const StoredName& name, const absl::Status& status);

// The answer of a statement without rows.
StatementResult DoneResult();

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_STORED_NAME_H_
