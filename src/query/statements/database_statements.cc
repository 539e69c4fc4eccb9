#include "query/statements/database_statements.h"

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "catalog/information_schema.h"
#include "catalog/metastore.h"
#include "query/statements/stored_name.h"

namespace pallas::query {

absl::StatusOr<StatementResult> RunCreateDatabase(const sql::ast::CreateDatabase& statement,
                                                  const Services& services,
                                                  const sql::Session& session) {
  ASSIGN_OR_RETURN(const StoredName name, StoredDatabase({statement.name}, session));
  if (catalog::IsInformationSchema(name.database)) {
    return statement.if_not_exists ? DoneResult()
                                   : absl::StatusOr<StatementResult>(
                                         AsStatementError(absl::AlreadyExistsError(""), name));
  }
  if (!statement.location.empty()) {
    RETURN_IF_ERROR(CheckLocation(services, statement.location, name));
  }
  catalog::Database database;
  database.name = name.database;
  database.description = statement.comment;
  database.location = statement.location;
  database.parameters = {statement.properties.begin(), statement.properties.end()};
  const absl::Status created = services.metastore.CreateDatabase(database);
  if (!created.ok() &&
      !(statement.if_not_exists && created.code() == absl::StatusCode::kAlreadyExists)) {
    return AsStatementError(created, name);
  }
  return DoneResult();
}

absl::StatusOr<StatementResult> RunDropDatabase(const sql::ast::DropDatabase& statement,
                                                const Services& services,
                                                const sql::Session& session) {
  ASSIGN_OR_RETURN(const StoredName name, StoredDatabase(statement.name, session));
  const absl::Status dropped = services.metastore.DropDatabase(name.database, statement.cascade);
  if (dropped.code() == absl::StatusCode::kFailedPrecondition) {
    return ErrorAt(name.location, "SCHEMA_NOT_EMPTY",
                   absl::StrCat("Cannot drop non-empty schema '", name.database, "'"),
                   absl::StatusCode::kFailedPrecondition);
  }
  if (!dropped.ok() && !(statement.if_exists && dropped.code() == absl::StatusCode::kNotFound)) {
    return AsStatementError(dropped, name);
  }
  return DoneResult();
}

absl::StatusOr<StatementResult> RunAlterDatabase(const sql::ast::AlterDatabase& statement,
                                                 const Services& services,
                                                 const sql::Session& session) {
  ASSIGN_OR_RETURN(const StoredName name, StoredDatabase({statement.name}, session));
  const absl::Status altered =
      services.metastore.ModifyDatabase(name.database, [&](catalog::Database& database) {
        for (const auto& [key, value] : statement.properties) {
          database.parameters[key] = value;
        }
        return absl::OkStatus();
      });
  RETURN_IF_ERROR(AsStatementError(altered, name));
  return DoneResult();
}

}  // namespace pallas::query
