#ifndef PALLAS_SQL_AST_STATEMENT_H_
#define PALLAS_SQL_AST_STATEMENT_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sql/ast/query.h"

namespace pallas::sql::ast {

struct Statement;
using StatementPtr = std::unique_ptr<Statement>;

struct QueryStatement {
  QueryPtr query;
};

struct Explain {
  bool analyze = false;
  bool verbose = false;
  std::map<std::string, std::string> options;  // "type", "format", in lower case
  StatementPtr statement;
};

// VERIFY query: runs it with and without pushdown and compares.
struct Verify {
  QueryPtr query;
};

struct Use {
  std::optional<Identifier> catalog;
  Identifier database;
};

// WITH (name = value, ...) of statements in Trino's grammar.
struct WithProperty {
  Identifier name;
  ExprPtr value;
};

using WithProperties = std::vector<WithProperty>;

// Literal properties of Hive's DDL: TBLPROPERTIES ('k' = 'v').
using Properties = std::vector<std::pair<std::string, std::string>>;

struct CreateDatabase {
  Identifier name;
  bool if_not_exists = false;
  std::string comment;
  std::string location;
  Properties properties;
};

struct DropDatabase {
  QualifiedName name;
  bool if_exists = false;
  bool cascade = false;
};

struct AlterDatabase {
  Identifier name;
  Properties properties;
};

struct HiveColumn {
  std::string name;
  std::string type;  // Hive's spelling, lower case; empty for an Iceberg partition transform
  std::string comment;
};

// Hive's CREATE EXTERNAL TABLE and Iceberg's CREATE TABLE.
struct CreateTable {
  QualifiedName name;
  bool external = false;
  bool if_not_exists = false;
  std::vector<HiveColumn> columns;
  std::string comment;
  std::vector<HiveColumn> partitioned_by;
  std::vector<std::string> bucketed_by;
  std::optional<int> buckets;
  // ROW FORMAT DELIMITED: field.delim, escape.delim, colelction.delim, mapkey.delim, line.delim,
  // serialization.null.format, as Hive names them.
  Properties delimited;
  bool row_format_delimited = false;
  std::string serde;
  Properties serde_properties;
  std::string stored_as;  // upper case
  std::string input_format;
  std::string output_format;
  std::string location;
  Properties properties;
};

struct CreateTableAs {
  QualifiedName name;
  bool if_not_exists = false;
  WithProperties properties;
  QueryPtr query;
  bool with_no_data = false;
};

struct Insert {
  QualifiedName table;
  std::vector<Identifier> columns;
  QueryPtr query;
};

struct Unload {
  QueryPtr query;
  std::string location;
  Location location_place;
  WithProperties properties;
};

struct CreateView {
  QualifiedName name;
  bool or_replace = false;
  std::string comment;
  std::string security;  // SECURITY: "definer", "invoker", or not said
  QueryPtr query;
  std::string query_text;  // as written
};

struct DropTable {
  QualifiedName name;
  bool if_exists = false;
  bool view = false;
};

struct PartitionSpec {
  std::vector<std::pair<std::string, std::string>> values;  // key, text
  std::string location;
};

// ALTER TABLE ... in its forms.
struct AlterTable {
  enum class Action {
    kAddPartitions,
    kDropPartitions,
    kRenamePartition,  // partitions[0] to partitions[1]
    kAddColumns,
    kReplaceColumns,
    kSetLocation,  // of partitions[0], if there is one
    kSetProperties,
    kUnsetProperties,
    kDropColumn,
    kChangeColumn,  // names[0] to columns[0]
    kRename,
  };

  QualifiedName name;
  Action action = Action::kAddPartitions;
  bool if_exists = false;  // IF [NOT] EXISTS
  std::vector<PartitionSpec> partitions;
  std::vector<HiveColumn> columns;
  std::vector<std::string> names;
  std::string location;
  Properties properties;
  QualifiedName new_name;
};

struct RepairTable {
  QualifiedName name;
};

// SHOW ... and DESCRIBE.
struct Show {
  enum class What {
    kDatabases,
    kTables,
    kViews,
    kColumns,
    kPartitions,
    kTableProperties,
    kCreateTable,
    kCreateView,
    kFunctions,
    kCatalogs,
    kDescribe,
    kDescribeInput,
    kDescribeOutput,
  };

  What what = What::kDatabases;
  QualifiedName name;                 // a table, view or database
  std::string pattern;                // LIKE
  std::optional<std::string> escape;  // ESCAPE
  std::string property;               // SHOW TBLPROPERTIES t('key')
  bool extended = false;
  bool formatted = false;
  PartitionSpec partition;  // DESCRIBE t PARTITION (...)
  // DESCRIBE t col, and what lies inside it: a field, or $elem$, $key$, $value$.
  std::vector<std::string> column;
};

struct Prepare {
  Identifier name;
  std::string text;  // of the statement
};

struct Execute {
  Identifier name;
  std::optional<std::string> immediate;  // EXECUTE IMMEDIATE 'text': instead of a name
  Location immediate_location;           // of the text's first character
  std::vector<ExprPtr> parameters;
};

struct Deallocate {
  Identifier name;
};

struct MergeClause {
  bool matched = false;
  ExprPtr condition;
  enum class Action { kUpdate, kDelete, kInsert } action = Action::kUpdate;
  std::vector<std::pair<Identifier, ExprPtr>> assignments;
  std::vector<Identifier> insert_columns;
  std::vector<ExprPtr> insert_values;
};

// MERGE, UPDATE, DELETE, OPTIMIZE, VACUUM: for Iceberg tables.
struct Modify {
  enum class Kind { kMerge, kUpdate, kDelete, kOptimize, kVacuum };

  Kind kind = Kind::kDelete;
  QualifiedName table;
  std::optional<Identifier> alias;
  RelationPtr source;  // MERGE USING
  ExprPtr condition;   // ON, WHERE
  std::vector<std::pair<Identifier, ExprPtr>> assignments;
  std::vector<MergeClause> clauses;
};

struct ExternalFunction {
  Identifier name;
  std::vector<std::pair<std::string, std::string>> parameters;  // name, Trino type
  std::string return_type;
  std::string lambda;
  bool sagemaker = false;
};

// USING EXTERNAL FUNCTION ... query, and the older USING FUNCTION ... TYPE LAMBDA_INVOKE.
struct UsingFunctions {
  std::vector<ExternalFunction> functions;
  QueryPtr query;
};

// A statement that Athena refuses: SET SESSION, GRANT, START TRANSACTION, ...
struct Refused {
  std::string construct;  // "SET SESSION"
};

struct Statement {
  Location location;
  std::variant<QueryStatement, Explain, Verify, Use, CreateDatabase, DropDatabase, AlterDatabase,
               CreateTable, CreateTableAs, Insert, Unload, CreateView, DropTable, AlterTable,
               RepairTable, Show, Prepare, Execute, Deallocate, Modify, UsingFunctions, Refused>
      node;
  int num_parameters = 0;  // `?` in it
};

}  // namespace pallas::sql::ast

#endif  // PALLAS_SQL_AST_STATEMENT_H_
