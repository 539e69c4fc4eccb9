#ifndef PALLAS_SQL_FORMATTER_FORMATTER_INTERNAL_H_
#define PALLAS_SQL_FORMATTER_FORMATTER_INTERNAL_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "sql/ast/statement.h"
#include "sql/formatter/formatter.h"

namespace pallas::sql {

// How tightly an expression binds, loosest first, as the parser reads it.
enum class Binding {
  kLambda,
  kOr,
  kAnd,
  kNot,
  kPredicate,
  kConcat,
  kAdditive,
  kMultiplicative,
  kSign,
  kAtTimeZone,
  kPostfix,
  kPrimary,
};

Binding BindingOf(const ast::Expr& expr);

// Appends to one text. Not thread-safe; one use.
class Formatter {
 public:
  explicit Formatter(const FormatOptions& options) : options_(options) {}

  std::string TakeText() { return std::move(out_); }

  // expression_formatter.cc
  void Expression(const ast::Expr& expr);  // as an item of a list or clause
  void Operand(const ast::Expr& expr, Binding at_least);
  void SortItems(const std::vector<ast::SortItem>& items);
  void WindowSpecification(const ast::Window& window);
  void Name(const ast::Identifier& name);
  void Names(const ast::QualifiedName& name);
  void NameList(const std::vector<ast::Identifier>& names);  // (a, b)

  // query_formatter.cc
  void Query(const ast::Query& query);
  void Relation(const ast::Relation& relation);

  // statement_formatter.cc
  void Statement(const ast::Statement& statement);

 private:
  template <typename... Parts>
  void Write(const Parts&... parts) {
    absl::StrAppend(&out_, parts...);
  }

  // Calls `write` for each item, with ", " between.
  template <typename Items, typename Write>
  void List(const Items& items, Write write) {
    bool first = true;
    for (const auto& item : items) {
      if (!first) {
        out_.append(", ");
      }
      first = false;
      write(item);
    }
  }

  void String(std::string_view text);
  void Expressions(const std::vector<ast::ExprPtr>& expressions);

  // Expressions.
  void Unparenthesized(const ast::Expr& expr);
  bool Literal(const ast::Expr& expr);
  bool Operator(const ast::Expr& expr);
  bool Predicate(const ast::Expr& expr);
  void SpecialForm(const ast::Expr& expr);
  void KeywordForm(const ast::Expr& expr);
  void Interval(const ast::Expr& expr);
  void Case(const ast::Expr& expr);
  void Lambda(const ast::Expr& expr);
  void Trim(const ast::Expr& expr);
  void Listagg(const ast::Expr& expr);
  void Call(const ast::Expr& expr);
  void CallTail(const ast::CallOptions& call);
  void Over(const ast::Window& window);
  void Frame(const ast::Frame& frame);
  void Bound(const ast::FrameBound& bound);

  // Queries.
  void Body(const ast::Query& query);
  void Select(const ast::Select& select);
  void Item(const ast::SelectItem& item);
  void Grouping(const ast::GroupingElement& element);
  void GroupingSet(const std::vector<ast::ExprPtr>& set);
  void SetOperation(const ast::SetOperation& operation);
  void SetOperand(const ast::Query& query, bool parenthesize);
  void Tail(const ast::Query& query);
  void RelationNode(const ast::Relation& relation);
  void Table(const ast::TableName& table);
  void Join(const ast::JoinRelation& join);
  void JoinOperand(const ast::Relation& relation);
  void TableFunction(const ast::TableFunctionRelation& function);
  void Alias(const ast::Relation& relation);
  void Argument(const ast::TableFunctionArgument& argument);
  void Subquery(const ast::Query& query);  // (query)
  // What begins a clause: " WHERE ", or "WHERE " on a line of its own. With `indent`, what follows
  // is on the next line.
  void Clause(std::string_view keyword, bool indent = false);

  bool has_lines() const { return options_.lines && depth_ == 0; }

  // Statements.
  struct StatementWriter;
  void Assignments(const std::vector<std::pair<ast::Identifier, ast::ExprPtr>>& assignments);
  void WithProperties(const ast::WithProperties& properties);
  void Merge(const ast::Modify& modify);
  void HiveString(std::string_view text);
  void HiveName(std::string_view name);
  void HiveNames(const ast::QualifiedName& name);
  void HiveProperties(const ast::Properties& properties);
  void HiveColumns(const std::vector<ast::HiveColumn>& columns);
  void Partition(const ast::PartitionSpec& partition);
  void TableClauses(const ast::CreateTable& table);
  void AlterAction(const ast::AlterTable& alter);

  FormatOptions options_;
  std::string out_;
  int depth_ = 0;  // subqueries around what is written
};

}  // namespace pallas::sql

#endif  // PALLAS_SQL_FORMATTER_FORMATTER_INTERNAL_H_
