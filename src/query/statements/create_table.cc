#include "query/statements/create_table.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "base/status_macros.h"
#include "catalog/metastore.h"
#include "catalog/presto_view.h"
#include "query/statements/stored_name.h"
#include "query/statements/table_definition.h"

namespace pallas::query {
namespace {

absl::Status CheckKind(const sql::ast::CreateTable& statement, const StoredName& name) {
  for (const auto& [key, value] : statement.properties) {
    if (absl::AsciiStrToLower(key) == "table_type" && absl::AsciiStrToLower(value) != "hive") {
      return ErrorAt(name.location, "NOT_SUPPORTED",
                     absl::StrCat("Tables of type ", value, " are not supported"),
                     absl::StatusCode::kUnimplemented);
    }
  }
  if (!statement.external) {
    return ErrorAt(name.location, "NOT_SUPPORTED",
                   "CREATE TABLE makes an Iceberg table, which is not supported; use CREATE "
                   "EXTERNAL TABLE for files that exist",
                   absl::StatusCode::kUnimplemented);
  }
  for (const sql::ast::HiveColumn& key : statement.partitioned_by) {
    if (key.type.empty()) {
      return ErrorAt(name.location, "NOT_SUPPORTED",
                     absl::StrCat("Partition key '", key.name,
                                  "' needs a type; partition transforms are for Iceberg tables"),
                     absl::StatusCode::kUnimplemented);
    }
  }
  if (statement.location.empty()) {
    return ErrorAt(name.location, "INVALID_TABLE_PROPERTY",
                   "No location was specified: add LOCATION 's3://bucket/folder/'");
  }
  return absl::OkStatus();
}

absl::StatusOr<sdk::TableDefinition> Define(const sql::ast::CreateTable& statement,
                                            const StoredName& name, const sql::Session& session) {
  sdk::TableDefinition table;
  table.database = name.database;
  table.name = name.table;
  table.comment = statement.comment;
  table.owner = session.user;
  table.table_type = "EXTERNAL_TABLE";
  ASSIGN_OR_RETURN(table.storage.columns, ColumnDefinitions(statement.columns));
  ASSIGN_OR_RETURN(table.partition_keys, ColumnDefinitions(statement.partitioned_by));
  if (table.storage.columns.empty()) {
    return NamedError("MISSING_COLUMN_NAME", "A table must have at least one column");
  }
  RETURN_IF_ERROR(SetFormat(statement, table.storage));
  table.storage.location = statement.location;
  table.storage.bucket_columns = statement.bucketed_by;
  table.storage.num_buckets = statement.buckets.value_or(-1);
  RETURN_IF_ERROR(CheckColumns(table));
  table.parameters = {statement.properties.begin(), statement.properties.end()};
  table.parameters["EXTERNAL"] = "TRUE";
  table.parameters["transient_lastDdlTime"] = absl::StrCat(absl::ToUnixSeconds(session.start_time));
  if (!statement.comment.empty()) {
    table.parameters["comment"] = statement.comment;
  }
  return table;
}

}  // namespace

absl::StatusOr<StatementResult> RunCreateTable(const sql::ast::CreateTable& statement,
                                               const Services& services,
                                               const sql::Session& session) {
  ASSIGN_OR_RETURN(const StoredName name, StoredTable(statement.name, session));
  RETURN_IF_ERROR(CheckKind(statement, name));
  RETURN_IF_ERROR(CheckLocation(services, statement.location, name));
  const auto table = Define(statement, name, session);
  RETURN_IF_ERROR(PlacedAt(name, table.status()));
  const absl::Status created = services.metastore.CreateTable(*table);
  if (!created.ok() &&
      !(statement.if_not_exists && created.code() == absl::StatusCode::kAlreadyExists)) {
    return AsStatementError(created, name);
  }
  return DoneResult();
}

absl::StatusOr<StatementResult> RunDropTable(const sql::ast::DropTable& statement,
                                             const Services& services,
                                             const sql::Session& session) {
  ASSIGN_OR_RETURN(const StoredName name, StoredTable(statement.name, session));
  const auto table = services.metastore.GetTable(name.database, name.table);
  if (!table.ok()) {
    return statement.if_exists && table.status().code() == absl::StatusCode::kNotFound
               ? absl::StatusOr<StatementResult>(DoneResult())
               : AsStatementError(table.status(), name);
  }
  if (catalog::IsView(*table) != statement.view) {
    return ErrorAt(name.location, "GENERIC_USER_ERROR",
                   statement.view ? absl::StrCat("View '", name.ToString(),
                                                 "' does not exist, but a table with that "
                                                 "name exists. Did you mean DROP TABLE?")
                                  : absl::StrCat("Table '", name.ToString(),
                                                 "' does not exist, but a view with that "
                                                 "name exists. Did you mean DROP VIEW?"));
  }
  const absl::Status dropped = services.metastore.DropTable(name.database, name.table);
  if (!dropped.ok() && !(statement.if_exists && dropped.code() == absl::StatusCode::kNotFound)) {
    return AsStatementError(dropped, name);
  }
  return DoneResult();
}

}  // namespace pallas::query
