#ifndef PALLAS_SQL_AST_QUERY_H_
#define PALLAS_SQL_AST_QUERY_H_

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sql/ast/expression.h"

namespace pallas::sql::ast {

struct Relation;
using RelationPtr = std::unique_ptr<Relation>;

struct TableName {
  QualifiedName name;
  // FOR VERSION AS OF / FOR TIMESTAMP AS OF
  ExprPtr version;
  ExprPtr timestamp;
};

struct SubqueryRelation {
  QueryPtr query;
  bool lateral = false;
};

struct UnnestRelation {
  std::vector<ExprPtr> expressions;
  bool with_ordinality = false;
};

// TABLE(f(name => value, ...)).
struct TableFunctionArgument {
  Location location;
  std::optional<Identifier> name;
  ExprPtr value;           // a scalar, or
  RelationPtr table;       // TABLE(...) [PARTITION BY ...] [ORDER BY ...]
  std::string table_text;  // what follows TABLE(...), as written
  // DESCRIPTOR(name [type], ...); CAST(NULL AS DESCRIPTOR) has no names.
  bool is_descriptor = false;
  std::vector<Identifier> descriptor;
  std::vector<std::string> descriptor_types;  // one for each name, perhaps empty
};

struct TableFunctionRelation {
  QualifiedName name;
  std::vector<TableFunctionArgument> arguments;
  std::string copartition;  // COPARTITION ..., as written
};

enum class JoinType { kInner, kLeft, kRight, kFull, kCross, kImplicit };

struct JoinRelation {
  JoinType type = JoinType::kInner;
  bool natural = false;
  RelationPtr left;
  RelationPtr right;
  ExprPtr on;
  std::vector<Identifier> using_columns;
};

// MATCH_RECOGNIZE and JSON_TABLE: kept as text; the analyzer refuses them by name.
struct UnsupportedRelation {
  std::string construct;
  RelationPtr input;
  std::string text;
};

struct Relation {
  Location location;
  std::variant<TableName, SubqueryRelation, UnnestRelation, TableFunctionRelation, JoinRelation,
               UnsupportedRelation>
      node;
  // [AS] alias [(columns)]
  std::optional<Identifier> alias;
  std::vector<Identifier> column_aliases;
  // TABLESAMPLE method (percentage)
  std::optional<std::string> sample_method;
  ExprPtr sample_percentage;
};

struct SelectItem {
  Location location;
  ExprPtr expression;  // null: `*`, or `qualifier.*` if set below
  bool star = false;
  ExprPtr star_of;  // t.* or (row).*
  std::optional<Identifier> alias;
  std::vector<Identifier> star_aliases;
};

struct GroupingElement {
  enum class Kind { kExpressions, kRollup, kCube, kGroupingSets };

  Kind kind = Kind::kExpressions;
  Location location;
  // kExpressions: one set of one or more; the others: their sets.
  std::vector<std::vector<ExprPtr>> sets;
};

struct WindowDefinition {
  Identifier name;
  Window window;
};

struct Select {
  Location location;
  bool distinct = false;
  std::vector<SelectItem> items;
  RelationPtr from;  // null: no FROM
  ExprPtr where;
  bool has_group_by = false;
  bool group_by_distinct = false;
  std::vector<GroupingElement> group_by;
  ExprPtr having;
  std::vector<WindowDefinition> windows;
};

struct Values {
  std::vector<ExprPtr> rows;
};

// TABLE name
struct TableQuery {
  QualifiedName name;
};

enum class SetOperator { kUnion, kIntersect, kExcept };

struct SetOperation {
  Location location;  // of UNION, INTERSECT, EXCEPT
  SetOperator op = SetOperator::kUnion;
  bool all = false;
  bool corresponding = false;
  std::vector<Identifier> corresponding_by;  // CORRESPONDING BY (...)
  QueryPtr left;
  QueryPtr right;
};

struct CommonTable {
  Identifier name;
  std::vector<Identifier> columns;
  QueryPtr query;
};

// A query with everything that may follow its body.
struct Query {
  Location location;
  bool recursive = false;
  std::vector<CommonTable> with;
  // WITH FUNCTION ...: the text of the functions; refused by the analyzer.
  std::string inline_functions;
  std::variant<Select, Values, TableQuery, SetOperation, QueryPtr> body;
  std::vector<SortItem> order_by;
  ExprPtr offset;
  ExprPtr limit;  // LIMIT n, FETCH FIRST n; null with limit_all or none
  bool limit_all = false;
  bool with_ties = false;
  bool fetch_first = false;
  // Of ORDER, OFFSET, and LIMIT or FETCH, where they are.
  Location order_location;
  Location offset_location;
  Location limit_location;
};

}  // namespace pallas::sql::ast

#endif  // PALLAS_SQL_AST_QUERY_H_
