#include "engine/duckdb/plan_builder.h"

#include <memory>

#include "absl/strings/str_cat.h"

#include "base/check.h"

namespace pallas::engine {
namespace {

template <typename Node>
sql::ExprPtr MakeExpr(Type type, Node node) {
  auto expr = std::make_unique<sql::Expr>();
  expr->type = std::move(type);
  expr->node = std::move(node);
  return expr;
}

sql::ResolvedFunction Resolve(std::string_view function,
                              const std::vector<sql::ExprPtr>& arguments) {
  std::vector<sql::FunctionArgument> types;
  for (const sql::ExprPtr& argument : arguments) {
    types.push_back({.type = argument->type});
  }
  absl::StatusOr<sql::ResolvedFunction> resolved = sql::ResolveFunction(function, types);
  CHECK(resolved.ok());
  return *std::move(resolved);
}

}  // namespace

sql::ExprPtr Constant(Type type, sql::ConstantValue value) {
  return MakeExpr(std::move(type), sql::ConstantExpr{std::move(value)});
}

sql::ExprPtr Column(const sql::PlanColumn& column) {
  return MakeExpr(column.type, sql::ColumnExpr{column.id});
}

sql::ExprPtr Call(std::string_view function, std::vector<sql::ExprPtr> arguments) {
  sql::ResolvedFunction resolved = Resolve(function, arguments);
  Type type = resolved.result_type;
  return MakeExpr(std::move(type), sql::CallExpr{std::move(resolved), std::move(arguments)});
}

sql::ExprPtr Compare(sql::CompareOp op, sql::ExprPtr left, sql::ExprPtr right) {
  return MakeExpr(Type::Boolean(), sql::CompareExpr{op, std::move(left), std::move(right)});
}

sql::ExprPtr And(std::vector<sql::ExprPtr> terms) {
  return MakeExpr(Type::Boolean(), sql::AndExpr{std::move(terms)});
}

sql::ExprPtr Not(sql::ExprPtr operand) {
  return MakeExpr(Type::Boolean(), sql::NotExpr{std::move(operand)});
}

sql::ExprPtr IsNull(sql::ExprPtr operand) {
  return MakeExpr(Type::Boolean(), sql::IsNullExpr{std::move(operand)});
}

sql::ExprPtr Cast(Type to, sql::ExprPtr operand) {
  return MakeExpr(std::move(to), sql::CastExpr{std::move(operand)});
}

sql::ExprPtr Row(std::vector<sql::ExprPtr> fields) {
  std::vector<Type::Field> types;
  for (const sql::ExprPtr& field : fields) {
    types.push_back({std::nullopt, field->type});
  }
  return MakeExpr(Type::Row(std::move(types)), sql::RowExpr{std::move(fields)});
}

sql::ExprPtr Array(Type element, std::vector<sql::ExprPtr> elements) {
  return MakeExpr(Type::Array(std::move(element)), sql::ArrayExpr{std::move(elements)});
}

sql::ExprPtr ScalarSubquery(sql::PlanPtr plan) {
  Type type = plan->columns.front().type;
  return MakeExpr(std::move(type), sql::ScalarSubqueryExpr{std::move(plan)});
}

sql::ExprPtr Exists(sql::PlanPtr plan) {
  return MakeExpr(Type::Boolean(), sql::ExistsExpr{std::move(plan)});
}

sql::ExprPtr Quantified(sql::ExprPtr value, sql::CompareOp op, sql::Quantifier quantifier,
                        sql::PlanPtr plan) {
  return MakeExpr(Type::Boolean(),
                  sql::QuantifiedExpr{op, quantifier, std::move(value), std::move(plan)});
}

sql::AggregateCall AggregateOf(std::string_view function, std::vector<sql::ExprPtr> arguments) {
  sql::AggregateCall call;
  call.function = Resolve(function, arguments);
  call.arguments = std::move(arguments);
  return call;
}

sql::WindowCall WindowOf(std::string_view function, std::vector<sql::ExprPtr> arguments) {
  sql::WindowCall call;
  call.function = Resolve(function, arguments);
  call.arguments = std::move(arguments);
  return call;
}

sql::SortKey Ascending(sql::ExprPtr expression) {
  sql::SortKey key;
  key.expression = std::move(expression);
  return key;
}

template <typename Node>
sql::PlanPtr PlanBuilder::Make(std::vector<sql::PlanColumn> columns, Node node) {
  auto plan = std::make_unique<sql::Plan>();
  plan->columns = std::move(columns);
  plan->node = std::move(node);
  return plan;
}

sql::PlanPtr PlanBuilder::Values(std::vector<Type> types,
                                 std::vector<std::vector<sql::ExprPtr>> rows) {
  std::vector<sql::PlanColumn> columns;
  for (Type& type : types) {
    columns.push_back(NewColumn(std::move(type)));
  }
  return Make(std::move(columns), sql::ValuesPlan{std::move(rows)});
}

sql::PlanPtr PlanBuilder::OneRow(std::vector<sql::ExprPtr> values) {
  std::vector<Type> types;
  for (const sql::ExprPtr& value : values) {
    types.push_back(value->type);
  }
  return Values(std::move(types), Rows(std::move(values)));
}

sql::PlanPtr PlanBuilder::Project(sql::PlanPtr input, std::vector<sql::ExprPtr> expressions) {
  std::vector<sql::PlanColumn> columns;
  for (const sql::ExprPtr& expression : expressions) {
    const auto* column = std::get_if<sql::ColumnExpr>(&expression->node);
    columns.push_back(column != nullptr ? sql::PlanColumn{column->column, "", expression->type}
                                        : NewColumn(expression->type));
  }
  return Make(std::move(columns), sql::ProjectPlan{std::move(input), std::move(expressions)});
}

sql::PlanPtr PlanBuilder::Filter(sql::PlanPtr input, sql::ExprPtr condition) {
  std::vector<sql::PlanColumn> columns = input->columns;
  return Make(std::move(columns), sql::FilterPlan{std::move(input), std::move(condition)});
}

sql::PlanPtr PlanBuilder::Join(sql::JoinKind kind, sql::PlanPtr left, sql::PlanPtr right,
                               sql::ExprPtr condition, bool lateral) {
  std::vector<sql::PlanColumn> columns = left->columns;
  columns.insert(columns.end(), right->columns.begin(), right->columns.end());
  return Make(std::move(columns), sql::JoinPlan{kind, lateral, std::move(left), std::move(right),
                                                std::move(condition)});
}

sql::PlanPtr PlanBuilder::Aggregate(sql::AggregatePlan node) {
  std::vector<sql::PlanColumn> columns;
  for (const sql::ExprPtr& key : node.keys) {
    columns.push_back(NewColumn(key->type));
  }
  for (const sql::AggregateCall& call : node.calls) {
    columns.push_back(NewColumn(call.function.result_type));
  }
  for (size_t i = 0; i < node.groupings.size(); ++i) {
    columns.push_back(NewColumn(Type::Integer()));
  }
  return Make(std::move(columns), std::move(node));
}

sql::PlanPtr PlanBuilder::Window(sql::PlanPtr input, std::vector<sql::WindowCall> calls) {
  std::vector<sql::PlanColumn> columns = input->columns;
  for (const sql::WindowCall& call : calls) {
    columns.push_back(NewColumn(call.function.result_type));
  }
  return Make(std::move(columns), sql::WindowPlan{std::move(input), std::move(calls)});
}

sql::PlanPtr PlanBuilder::Distinct(sql::PlanPtr input) {
  std::vector<sql::PlanColumn> columns = input->columns;
  return Make(std::move(columns), sql::DistinctPlan{std::move(input)});
}

sql::PlanPtr PlanBuilder::Sort(sql::PlanPtr input, std::vector<sql::SortKey> keys) {
  std::vector<sql::PlanColumn> columns = input->columns;
  return Make(std::move(columns), sql::SortPlan{std::move(input), std::move(keys)});
}

sql::PlanPtr PlanBuilder::Limit(sql::PlanPtr input, sql::LimitPlan node) {
  std::vector<sql::PlanColumn> columns = input->columns;
  node.input = std::move(input);
  return Make(std::move(columns), std::move(node));
}

sql::PlanPtr PlanBuilder::SetOperation(sql::SetOperation operation, bool distinct,
                                       sql::PlanPtr left, sql::PlanPtr right) {
  std::vector<sql::PlanColumn> columns;
  for (const sql::PlanColumn& column : left->columns) {
    columns.push_back(NewColumn(column.type));
  }
  return Make(std::move(columns),
              sql::SetOperationPlan{operation, distinct, std::move(left), std::move(right)});
}

sql::PlanPtr PlanBuilder::Unnest(sql::PlanPtr input, std::vector<sql::ExprPtr> expressions,
                                 bool with_ordinality, bool outer) {
  std::vector<sql::PlanColumn> columns;
  if (input != nullptr) {
    columns = input->columns;
  }
  for (const sql::ExprPtr& expression : expressions) {
    const Type& element = expression->type.children().front();
    if (expression->type.kind() == TypeKind::kArray && element.kind() == TypeKind::kRow) {
      for (const Type& field : element.children()) {
        columns.push_back(NewColumn(field));
      }
      continue;
    }
    for (const Type& child : expression->type.children()) {
      columns.push_back(NewColumn(child));
    }
  }
  if (with_ordinality) {
    columns.push_back(NewColumn(Type::Bigint()));
  }
  return Make(std::move(columns),
              sql::UnnestPlan{std::move(input), std::move(expressions), with_ordinality, outer});
}

sql::PlanPtr PlanBuilder::With(std::vector<sql::Cte> ctes, sql::PlanPtr body) {
  std::vector<sql::PlanColumn> columns = body->columns;
  return Make(std::move(columns), sql::WithPlan{std::move(ctes), std::move(body)});
}

sql::PlanPtr PlanBuilder::CteScan(sql::CteId cte, const std::vector<Type>& types) {
  std::vector<sql::PlanColumn> columns;
  for (const Type& type : types) {
    columns.push_back(NewColumn(type));
  }
  return Make(std::move(columns), sql::CteScanPlan{cte});
}

sql::AnalyzedQuery PlanBuilder::Query(sql::PlanPtr plan) {
  sql::AnalyzedQuery query;
  for (const sql::PlanColumn& column : plan->columns) {
    query.outputs.push_back({column.id, absl::StrCat("_col", query.outputs.size()), column.type});
  }
  query.plan = std::move(plan);
  return query;
}

}  // namespace pallas::engine
