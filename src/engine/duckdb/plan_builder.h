#ifndef PALLAS_ENGINE_DUCKDB_PLAN_BUILDER_H_
#define PALLAS_ENGINE_DUCKDB_PLAN_BUILDER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/plan/plan.h"
#include "types/type.h"

// For tests: typed expressions and plans without SQL. Wrong ones abort.

namespace pallas::engine {

sql::ExprPtr Constant(Type type, sql::ConstantValue value);

inline sql::ExprPtr Int(int64_t value) { return Constant(Type::Integer(), value); }

inline sql::ExprPtr Long(int64_t value) { return Constant(Type::Bigint(), value); }

inline sql::ExprPtr Double(double value) { return Constant(Type::Double(), value); }

inline sql::ExprPtr Bool(bool value) { return Constant(Type::Boolean(), value); }

inline sql::ExprPtr Text(std::string value) { return Constant(Type::Varchar(), std::move(value)); }

inline sql::ExprPtr NullOf(Type type) { return Constant(std::move(type), std::monostate()); }

sql::ExprPtr Column(const sql::PlanColumn& column);
sql::ExprPtr Call(std::string_view function, std::vector<sql::ExprPtr> arguments);
sql::ExprPtr Compare(sql::CompareOp op, sql::ExprPtr left, sql::ExprPtr right);
sql::ExprPtr And(std::vector<sql::ExprPtr> terms);
sql::ExprPtr Not(sql::ExprPtr operand);
sql::ExprPtr IsNull(sql::ExprPtr operand);
sql::ExprPtr Cast(Type to, sql::ExprPtr operand);
// Unnamed fields.
sql::ExprPtr Row(std::vector<sql::ExprPtr> fields);
sql::ExprPtr Array(Type element, std::vector<sql::ExprPtr> elements);
sql::ExprPtr ScalarSubquery(sql::PlanPtr plan);
sql::ExprPtr Exists(sql::PlanPtr plan);
sql::ExprPtr Quantified(sql::ExprPtr value, sql::CompareOp op, sql::Quantifier quantifier,
                        sql::PlanPtr plan);

template <typename... Parts>
std::vector<sql::ExprPtr> Exprs(Parts... parts) {
  std::vector<sql::ExprPtr> list;
  (list.push_back(std::move(parts)), ...);
  return list;
}

// Makes plans whose columns have ids of their own.
class PlanBuilder {
 public:
  sql::PlanColumn NewColumn(Type type) { return {++last_column_, "", std::move(type)}; }

  sql::PlanPtr Values(std::vector<Type> types, std::vector<std::vector<sql::ExprPtr>> rows);
  // One row of the given expressions.
  sql::PlanPtr OneRow(std::vector<sql::ExprPtr> values);
  sql::PlanPtr Project(sql::PlanPtr input, std::vector<sql::ExprPtr> expressions);
  sql::PlanPtr Filter(sql::PlanPtr input, sql::ExprPtr condition);
  sql::PlanPtr Join(sql::JoinKind kind, sql::PlanPtr left, sql::PlanPtr right,
                    sql::ExprPtr condition, bool lateral = false);
  // The columns follow from keys and calls; groupings are integers.
  sql::PlanPtr Aggregate(sql::AggregatePlan node);
  sql::PlanPtr Window(sql::PlanPtr input, std::vector<sql::WindowCall> calls);
  sql::PlanPtr Distinct(sql::PlanPtr input);
  sql::PlanPtr Sort(sql::PlanPtr input, std::vector<sql::SortKey> keys);
  sql::PlanPtr Limit(sql::PlanPtr input, sql::LimitPlan node);
  sql::PlanPtr SetOperation(sql::SetOperation operation, bool distinct, sql::PlanPtr left,
                            sql::PlanPtr right);
  sql::PlanPtr Unnest(sql::PlanPtr input, std::vector<sql::ExprPtr> expressions,
                      bool with_ordinality = false, bool outer = false);
  sql::PlanPtr With(std::vector<sql::Cte> ctes, sql::PlanPtr body);
  sql::PlanPtr CteScan(sql::CteId cte, const std::vector<Type>& types);

  // All columns are outputs, named _col0, _col1, ...
  static sql::AnalyzedQuery Query(sql::PlanPtr plan);

 private:
  template <typename Node>
  sql::PlanPtr Make(std::vector<sql::PlanColumn> columns, Node node);

  sql::ColumnId last_column_ = 0;
};

sql::AggregateCall AggregateOf(std::string_view function, std::vector<sql::ExprPtr> arguments);
sql::WindowCall WindowOf(std::string_view function, std::vector<sql::ExprPtr> arguments);
sql::SortKey Ascending(sql::ExprPtr expression);

template <typename... Parts>
std::vector<std::vector<sql::ExprPtr>> Rows(Parts... rows) {
  std::vector<std::vector<sql::ExprPtr>> list;
  (list.push_back(std::move(rows)), ...);
  return list;
}

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_PLAN_BUILDER_H_
