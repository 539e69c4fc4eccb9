#include "sql/plan/plan.h"

#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "catalog/table_resolver.h"
#include "sql/functions/registry.h"
#include "sql/plan/walk.h"

namespace pallas::sql {
namespace {

template <typename Node>
ExprPtr Make(Type type, Node node) {
  auto expr = std::make_unique<Expr>();
  expr->type = std::move(type);
  expr->node = std::move(node);
  return expr;
}

ExprPtr Column(ColumnId id, Type type = Type::Bigint()) {
  return Make(std::move(type), ColumnExpr{id});
}

ExprPtr Number(int64_t value) { return Make(Type::Bigint(), ConstantExpr{value}); }

ExprPtr Add(ExprPtr left, ExprPtr right) {
  const FunctionArgument arguments[] = {{left->type}, {right->type}};
  auto function = ResolveFunction("$add", arguments);
  CallExpr call{*std::move(function), {}};
  call.arguments.push_back(std::move(left));
  call.arguments.push_back(std::move(right));
  return Make(Type::Bigint(), std::move(call));
}

// x -> x + 1, where x has the id `parameter`.
ExprPtr Increment(ColumnId parameter) {
  LambdaExpr lambda{{parameter}, {Type::Bigint()}, nullptr};
  lambda.body = Add(Make(Type::Bigint(), LambdaParameterExpr{parameter}), Number(1));
  return Make(Type::Function({Type::Bigint()}, Type::Bigint()), std::move(lambda));
}

template <typename Node>
PlanPtr MakePlan(std::vector<PlanColumn> columns, Node node) {
  auto plan = std::make_unique<Plan>();
  plan->columns = std::move(columns);
  plan->node = std::move(node);
  return plan;
}

PlanPtr OneRow(ColumnId id) {
  ValuesPlan values;
  values.rows.emplace_back();
  values.rows.back().push_back(Number(7));
  return MakePlan({{id, "x", Type::Bigint()}}, std::move(values));
}

ExprPtr Exists(PlanPtr plan) { return Make(Type::Boolean(), ExistsExpr{std::move(plan)}); }

TEST(ExpressionTest, EqualityLooksAtStructureNotAtPlaces) {
  ExprPtr a = Add(Column(1), Number(2));
  ExprPtr b = Add(Column(1), Number(2));
  b->location = {3, 4};
  EXPECT_TRUE(Equal(*a, *b));
  EXPECT_FALSE(Equal(*a, *Add(Column(2), Number(2))));
  EXPECT_FALSE(Equal(*a, *Add(Column(1), Number(3))));
  EXPECT_FALSE(Equal(*Column(1), *Column(1, Type::Double())));
  EXPECT_FALSE(Equal(*Column(1), *Number(1)));
}

TEST(ExpressionTest, LambdasAreEqualWhateverTheirParametersAreCalled) {
  EXPECT_TRUE(Equal(*Increment(5), *Increment(9)));
  const ExprPtr outer = Make(Type::Bigint(), LambdaParameterExpr{5});
  EXPECT_FALSE(Equal(*outer, *Make(Type::Bigint(), LambdaParameterExpr{9})));
}

TEST(ExpressionTest, SubqueriesAreEqualOnlyToThemselves) {
  const ExprPtr exists = Exists(OneRow(1));
  EXPECT_TRUE(Equal(*exists, *exists));
  EXPECT_FALSE(Equal(*exists, *Clone(*exists)));
}

TEST(ExpressionTest, TextsSayEverything) {
  EXPECT_EQ(ToString(*Add(Column(1), Make(Type::Bigint(), CastExpr{Column(2, Type::Integer())}))),
            "$add(c1, CAST(c2 AS bigint))");
  EXPECT_EQ(ToString(*Increment(5)), "(p5) -> $add(p5, 1)");
  EXPECT_EQ(ToString(*Make(Type::Decimal(5, 2), ConstantExpr{absl::int128(-12345)})),
            "DECIMAL '-123.45'");
  EXPECT_EQ(ToString(*Make(Type::Date(), ConstantExpr{int64_t{0}})), "date '1970-01-01'");
  EXPECT_EQ(ToString(*Make(Type::Varchar(4), ConstantExpr{std::string("it's")})), "'it''s'");
  EXPECT_EQ(ToString(*Make(Type::Unknown(), ConstantExpr{})), "NULL");
  EXPECT_EQ(ToString(*Exists(OneRow(1))), "EXISTS (Values (7) -> [c1 x: bigint])");
}

TEST(PlanTest, AClonePrintsAsTheOriginalAndSharesNothing) {
  SortPlan sort;
  sort.keys.push_back({Column(3), true, true});
  AggregatePlan aggregate;
  aggregate.input = OneRow(1);
  aggregate.keys.push_back(Column(1));
  aggregate.grouping_sets = {{0}, {}};
  aggregate.groupings = {{0}};
  const FunctionArgument bigint[] = {{Type::Bigint()}};
  AggregateCall sum{*ResolveFunction("sum", bigint), {}, true, Exists(OneRow(2)), {}};
  sum.arguments.push_back(Column(1));
  aggregate.calls.push_back(std::move(sum));
  const std::vector<PlanColumn> columns = {
      {2, "k", Type::Bigint()}, {3, "", Type::Bigint()}, {4, "", Type::Bigint()}};
  sort.input = MakePlan(columns, std::move(aggregate));
  PlanPtr plan = MakePlan(columns, LimitPlan{MakePlan(columns, std::move(sort)), 10, 2, true});

  const std::string text = ToString(*plan);
  EXPECT_EQ(
      text,
      "Limit 10 offset 2 with ties -> [c2 k: bigint, c3: bigint, c4: bigint]\n"
      "  Sort c3 DESC NULLS FIRST -> [c2 k: bigint, c3: bigint, c4: bigint]\n"
      "    Aggregate keys (c1) sets (0), () calls (sum(DISTINCT c1) FILTER EXISTS (Values (7) "
      "-> [c2 x: bigint])) groupings (0) -> [c2 k: bigint, c3: bigint, c4: bigint]\n"
      "      Values (7) -> [c1 x: bigint]\n");
  const PlanPtr copy = Clone(*plan);
  plan.reset();
  EXPECT_EQ(ToString(*copy), text);
}

TEST(WalkTest, VisitsPartsInOrder) {
  std::vector<ColumnId> columns;
  ForEachOperand(std::as_const(*Add(Column(4), Column(2))), [&](const Expr& operand) {
    columns.push_back(std::get<ColumnExpr>(operand.node).column);
  });
  EXPECT_THAT(columns, testing::ElementsAre(4, 2));

  JoinPlan join{JoinKind::kInner, false, OneRow(1), OneRow(2), Exists(OneRow(3))};
  PlanPtr plan = MakePlan({}, std::move(join));
  int inputs = 0;
  ForEachInput(*plan, [&](PlanPtr& input) {
    ++inputs;
    input = OneRow(9);
  });
  EXPECT_EQ(inputs, 2);
  ForEachExpression(*plan, [&](ExprPtr& expr) {
    ASSERT_NE(SubqueryOf(*expr), nullptr);
    EXPECT_EQ(SubqueryOf(*expr)->columns.front().id, 3);
  });
}

}  // namespace
}  // namespace pallas::sql
