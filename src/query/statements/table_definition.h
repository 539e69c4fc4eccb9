#ifndef PALLAS_QUERY_STATEMENTS_TABLE_DEFINITION_H_
#define PALLAS_QUERY_STATEMENTS_TABLE_DEFINITION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "sdk/model/table_definition.h"
#include "sql/ast/statement.h"

// Between the columns and clauses of Hive DDL and the definitions that the catalog keeps.

namespace pallas::query {

// Columns of DDL, their types checked (the error names the column).
absl::StatusOr<std::vector<sdk::ColumnDefinition>> ColumnDefinitions(
    const std::vector<sql::ast::HiveColumn>& columns);

// OK if all columns and partition keys have names of their own and the keys types that keys can
// have.
absl::Status CheckColumns(const sdk::TableDefinition& table);

// Format, SerDe and their parameters from the clauses of CREATE TABLE; what is not said is as in
// Hive. NOT_SUPPORTED for a format that has no name in Hive.
absl::Status SetFormat(const sql::ast::CreateTable& statement, sdk::StorageDescriptor& storage);

// The text of CREATE EXTERNAL TABLE by which `table` could be made again, in lines, laid out as
// Hive's SHOW CREATE TABLE.
std::vector<std::string> CreateTableText(const sdk::TableDefinition& table);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_TABLE_DEFINITION_H_
