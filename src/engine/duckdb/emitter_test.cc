#include "engine/duckdb/emitter.h"

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/duckdb/engine_bench.h"
#include "engine/duckdb/plan_builder.h"

namespace pallas::engine {
namespace {

using sql::CompareOp;
using sql::Quantifier;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr auto kAny = Quantifier::kAny;
constexpr auto kAll = Quantifier::kAll;
const double kNaN = std::numeric_limits<double>::quiet_NaN();

class EmitterTest : public testing::Test {
 protected:
  // A table of integers; nullopt is NULL.
  sql::PlanPtr Ints(const std::vector<std::vector<std::optional<int64_t>>>& rows) {
    std::vector<std::vector<sql::ExprPtr>> values;
    for (const auto& row : rows) {
      values.emplace_back();
      for (const std::optional<int64_t>& cell : row) {
        values.back().push_back(cell ? Int(*cell) : NullOf(Type::Integer()));
      }
    }
    return plans_.Values(std::vector<Type>(rows.front().size(), Type::Integer()),
                         std::move(values));
  }

  sql::PlanPtr Doubles(const std::vector<double>& values) {
    std::vector<std::vector<sql::ExprPtr>> rows;
    for (const double value : values) {
      rows.push_back(Exprs(Double(value)));
    }
    return plans_.Values({Type::Double()}, std::move(rows));
  }

  // One row: the value of `expr`.
  std::vector<std::string> Evaluate(sql::ExprPtr expr) {
    return bench_.Run(plans_.OneRow(Exprs(std::move(expr))));
  }

  static EngineBench& SharedBench() {
    static auto* bench = new EngineBench();
    return *bench;
  }

  EngineBench& bench_ = SharedBench();
  PlanBuilder plans_;
};

TEST_F(EmitterTest, ReadsValues) {
  EXPECT_THAT(bench_.RunSorted(Ints({{1, 2}, {3, std::nullopt}})), ElementsAre("1 2", "3 NULL"));
  EXPECT_THAT(bench_.Run(plans_.Values({Type::Integer(), Type::Varchar()}, {})), IsEmpty());
  EXPECT_THAT(bench_.Run(plans_.OneRow(Exprs(Int(1), Text("a\"b'c")))), ElementsAre("1 a\"b'c"));
}

TEST_F(EmitterTest, EvaluatesInTheOrderOfThePlan) {
  // The second limit sees the filtered rows of the first, not the other way round.
  sql::PlanPtr input = Ints({{3}, {1}, {2}, {4}});
  const sql::PlanColumn column = input->columns[0];
  sql::PlanPtr sorted = plans_.Sort(std::move(input), [&] {
    std::vector<sql::SortKey> keys;
    keys.push_back(Ascending(Column(column)));
    return keys;
  }());
  sql::PlanPtr limited = plans_.Limit(std::move(sorted), {nullptr, 3, 0, false});
  sql::PlanPtr filtered =
      plans_.Filter(std::move(limited), Compare(CompareOp::kGreater, Column(column), Int(1)));
  EXPECT_THAT(bench_.RunSorted(plans_.Limit(std::move(filtered), {nullptr, 9, 0, false})),
              ElementsAre("2", "3"));
}

TEST_F(EmitterTest, KeepsTheOrderOfASortBelowAProjection) {
  std::vector<std::vector<std::optional<int64_t>>> rows;
  for (int64_t i = 0; i < 5000; ++i) {
    rows.push_back({(i * 7919) % 5000});
  }
  sql::PlanPtr input = Ints(rows);
  const sql::PlanColumn column = input->columns[0];
  std::vector<sql::SortKey> keys;
  keys.push_back(Ascending(Column(column)));
  sql::PlanPtr plan = plans_.Project(plans_.Sort(std::move(input), std::move(keys)),
                                     Exprs(Call("$add", Exprs(Column(column), Int(1)))));
  const std::vector<std::string> result = bench_.Run(std::move(plan));
  ASSERT_THAT(result, SizeIs(5000));
  for (size_t i = 0; i < result.size(); ++i) {
    ASSERT_EQ(result[i], std::to_string(i + 1));
  }
}

TEST_F(EmitterTest, SortsNullsAsTold) {
  sql::PlanPtr input = Ints({{2}, {std::nullopt}, {1}});
  const sql::PlanColumn column = input->columns[0];
  std::vector<sql::SortKey> keys;
  keys.push_back(Ascending(Int(7)));  // no column number
  keys.push_back({Column(column), true, true});
  EXPECT_THAT(bench_.Run(plans_.Sort(std::move(input), std::move(keys))),
              ElementsAre("NULL", "2", "1"));
}

TEST_F(EmitterTest, JoinsWithNullsAndNaN) {
  sql::PlanPtr left = Doubles({1, kNaN, 2});
  sql::PlanPtr right = Doubles({kNaN, 2});
  const sql::PlanColumn a = left->columns[0];
  const sql::PlanColumn b = right->columns[0];
  EXPECT_THAT(bench_.RunSorted(plans_.Join(sql::JoinKind::kLeft, std::move(left), std::move(right),
                                           Compare(CompareOp::kEqual, Column(a), Column(b)))),
              ElementsAre("1.0 NULL", "2.0 2.0", "NaN NULL"));
}

TEST_F(EmitterTest, JoinsFully) {
  sql::PlanPtr left = Ints({{1}, {2}, {std::nullopt}});
  sql::PlanPtr right = Ints({{2}, {3}, {std::nullopt}});
  const sql::PlanColumn a = left->columns[0];
  const sql::PlanColumn b = right->columns[0];
  EXPECT_THAT(bench_.RunSorted(plans_.Join(sql::JoinKind::kFull, std::move(left), std::move(right),
                                           Compare(CompareOp::kEqual, Column(a), Column(b)))),
              ElementsAre("1 NULL", "2 2", "NULL 3", "NULL NULL", "NULL NULL"));
}

TEST_F(EmitterTest, JoinsLaterally) {
  sql::PlanPtr left = Ints({{1}, {2}});
  const sql::PlanColumn a = left->columns[0];
  sql::PlanPtr right = plans_.Filter(plans_.OneRow(Exprs(Call("$add", Exprs(Column(a), Int(10))))),
                                     Compare(CompareOp::kGreater, Column(a), Int(1)));
  EXPECT_THAT(bench_.RunSorted(plans_.Join(sql::JoinKind::kLeft, std::move(left), std::move(right),
                                           Bool(true), true)),
              ElementsAre("1 NULL", "2 12"));
}

TEST_F(EmitterTest, GroupsByConstantsAndWithoutCalls) {
  sql::AggregatePlan node;
  node.input = Ints({{1}, {2}});
  node.keys = Exprs(Int(5));
  EXPECT_THAT(bench_.Run(plans_.Aggregate(std::move(node))), ElementsAre("5"));
  sql::AggregatePlan none;
  none.input = Ints({{1}, {2}});
  EXPECT_THAT(bench_.Run(plans_.Project(plans_.Aggregate(std::move(none)), Exprs(Int(1)))),
              ElementsAre("1"));
}

TEST_F(EmitterTest, ReadsRowsWithoutColumns) {
  sql::PlanPtr none = plans_.Values({}, Rows(Exprs(), Exprs(), Exprs()));
  sql::AggregatePlan count;
  count.input = std::move(none);
  count.calls.push_back(AggregateOf("count", {}));
  EXPECT_THAT(bench_.Run(plans_.Aggregate(std::move(count))), ElementsAre("3"));
}

TEST_F(EmitterTest, LimitsWithTies) {
  sql::PlanPtr input = Ints({{1}, {2}, {2}, {2}, {3}});
  const sql::PlanColumn column = input->columns[0];
  std::vector<sql::SortKey> keys;
  keys.push_back(Ascending(Column(column)));
  sql::PlanPtr sorted = plans_.Sort(std::move(input), std::move(keys));
  EXPECT_THAT(bench_.Run(plans_.Limit(std::move(sorted), {nullptr, 1, 1, true})),
              ElementsAre("2", "2", "2"));
}

TEST_F(EmitterTest, GroupsBySets) {
  sql::PlanPtr input = Ints({{1, 10}, {1, 20}, {2, 10}});
  const sql::PlanColumn a = input->columns[0];
  const sql::PlanColumn b = input->columns[1];
  sql::AggregatePlan node;
  node.input = std::move(input);
  node.keys = Exprs(Column(a), Column(b));
  node.grouping_sets = {{0, 1}, {0}, {}};
  node.calls.push_back(AggregateOf("count", {}));
  node.groupings = {{0, 1}, {1}};
  EXPECT_THAT(bench_.RunSorted(plans_.Aggregate(std::move(node))),
              ElementsAre("1 10 1 0 0", "1 20 1 0 0", "1 NULL 2 1 1", "2 10 1 0 0", "2 NULL 1 1 1",
                          "NULL NULL 3 3 1"));
}

TEST_F(EmitterTest, TheEmptyGroupingSetHasARowOfItsOwn) {
  sql::PlanPtr input = plans_.Filter(Ints({{1}}), Bool(false));
  const sql::PlanColumn a = input->columns[0];
  sql::AggregatePlan node;
  node.input = std::move(input);
  node.keys = Exprs(Column(a));
  node.grouping_sets = {{0}, {}};
  node.calls.push_back(AggregateOf("count", {}));
  EXPECT_THAT(bench_.Run(plans_.Aggregate(std::move(node))), ElementsAre("NULL 0"));
}

TEST_F(EmitterTest, GroupsByRowsByField) {
  sql::PlanPtr input = Ints({{1, std::nullopt}, {1, std::nullopt}, {1, 2}});
  const sql::PlanColumn a = input->columns[0];
  const sql::PlanColumn b = input->columns[1];
  sql::AggregatePlan node;
  node.input = std::move(input);
  node.keys = Exprs(Row(Exprs(Column(a), Column(b))), Column(a));
  node.grouping_sets = {{0}, {1}};
  node.calls.push_back(AggregateOf("count", {}));
  EXPECT_THAT(bench_.RunSorted(plans_.Aggregate(std::move(node))),
              ElementsAre("NULL 1 3", "{1, 2} NULL 1", "{1, null} NULL 2"));
}

TEST_F(EmitterTest, AggregatesOfOuterColumnsBelongToTheInnerQuery) {
  // SELECT a, (SELECT sum(a) FROM (VALUES 1, 2, 3)) FROM ...
  sql::PlanPtr outer = Ints({{10}, {20}});
  const sql::PlanColumn a = outer->columns[0];
  sql::AggregatePlan node;
  node.input = Ints({{1}, {2}, {3}});
  node.calls.push_back(AggregateOf("sum", Exprs(Cast(Type::Bigint(), Column(a)))));
  sql::PlanPtr plan = plans_.Project(
      std::move(outer), Exprs(Column(a), ScalarSubquery(plans_.Aggregate(std::move(node)))));
  EXPECT_THAT(bench_.RunSorted(std::move(plan)), ElementsAre("10 30", "20 60"));
}

TEST_F(EmitterTest, FiltersAndOrdersInsideAggregates) {
  sql::PlanPtr input = Ints({{3}, {1}, {2}, {1}});
  const sql::PlanColumn a = input->columns[0];
  sql::AggregatePlan node;
  node.input = std::move(input);
  sql::AggregateCall all = AggregateOf("array_agg", Exprs(Column(a)));
  all.order_by.push_back({Column(a), true, false});
  all.filter = Compare(CompareOp::kLess, Column(a), Int(3));
  node.calls.push_back(std::move(all));
  sql::AggregateCall distinct = AggregateOf("count", Exprs(Column(a)));
  distinct.distinct = true;
  node.calls.push_back(std::move(distinct));
  EXPECT_THAT(bench_.Run(plans_.Aggregate(std::move(node))), ElementsAre("[2, 1, 1] 3"));
}

TEST_F(EmitterTest, CountsDistinctRows) {
  sql::PlanPtr input = Ints({{1, std::nullopt}, {1, std::nullopt}, {1, 2}});
  sql::ExprPtr row = Row(Exprs(Column(input->columns[0]), Column(input->columns[1])));
  sql::AggregatePlan node;
  node.input = std::move(input);
  sql::AggregateCall count = AggregateOf("count", Exprs(std::move(row)));
  count.distinct = true;
  node.calls.push_back(std::move(count));
  EXPECT_THAT(bench_.Run(plans_.Aggregate(std::move(node))), ElementsAre("2"));
}

TEST_F(EmitterTest, ComputesWindows) {
  sql::PlanPtr input = Ints({{1, 10}, {1, 20}, {2, 30}});
  const sql::PlanColumn a = input->columns[0];
  const sql::PlanColumn b = input->columns[1];
  sql::WindowCall number = WindowOf("row_number", {});
  number.partition_by = Exprs(Column(a));
  number.order_by.push_back({Column(b), true, false});
  sql::WindowCall count = WindowOf("count", {});
  count.order_by.push_back(Ascending(Column(b)));
  count.unit = sql::FrameUnit::kRange;
  count.start = {sql::FrameBoundKind::kPreceding, Int(10)};
  std::vector<sql::WindowCall> calls;
  calls.push_back(std::move(number));
  calls.push_back(std::move(count));
  EXPECT_THAT(bench_.RunSorted(plans_.Window(std::move(input), std::move(calls))),
              ElementsAre("1 10 2 1", "1 20 1 2", "2 30 1 2"));
}

TEST_F(EmitterTest, DropsEqualRows) {
  EXPECT_THAT(
      bench_.RunSorted(plans_.Distinct(Ints({{1, std::nullopt}, {1, std::nullopt}, {2, 3}}))),
      ElementsAre("1 NULL", "2 3"));
  EXPECT_THAT(bench_.RunSorted(plans_.Distinct(Doubles({kNaN, kNaN, 0.0, -0.0}))), SizeIs(2));
}

TEST_F(EmitterTest, CombinesSets) {
  const auto left = [&] { return Ints({{1}, {1}, {2}, {std::nullopt}, {std::nullopt}}); };
  const auto right = [&] { return Ints({{1}, {std::nullopt}, {3}}); };
  const auto run = [&](sql::SetOperation operation, bool distinct) {
    return bench_.RunSorted(plans_.SetOperation(operation, distinct, left(), right()));
  };
  EXPECT_THAT(run(sql::SetOperation::kUnion, true), ElementsAre("1", "2", "3", "NULL"));
  EXPECT_THAT(run(sql::SetOperation::kUnion, false), SizeIs(8));
  EXPECT_THAT(run(sql::SetOperation::kIntersect, true), ElementsAre("1", "NULL"));
  EXPECT_THAT(run(sql::SetOperation::kIntersect, false), ElementsAre("1", "NULL"));
  EXPECT_THAT(run(sql::SetOperation::kExcept, true), ElementsAre("2"));
  EXPECT_THAT(run(sql::SetOperation::kExcept, false), ElementsAre("1", "2", "NULL"));
}

TEST_F(EmitterTest, CombinesSetsOfRows) {
  const auto rows = [&](const std::vector<std::vector<std::optional<int64_t>>>& values) {
    sql::PlanPtr input = Ints(values);
    sql::ExprPtr row = Row(Exprs(Column(input->columns[0]), Column(input->columns[1])));
    return plans_.Project(std::move(input), Exprs(std::move(row)));
  };
  const auto run = [&](sql::SetOperation operation, bool distinct) {
    return bench_.RunSorted(
        plans_.SetOperation(operation, distinct,
                            rows({{1, std::nullopt}, {1, std::nullopt}, {1, std::nullopt}, {2, 2}}),
                            rows({{1, std::nullopt}, {1, std::nullopt}, {3, 3}})));
  };
  EXPECT_THAT(run(sql::SetOperation::kUnion, true), ElementsAre("{1, null}", "{2, 2}", "{3, 3}"));
  EXPECT_THAT(run(sql::SetOperation::kIntersect, true), ElementsAre("{1, null}"));
  EXPECT_THAT(run(sql::SetOperation::kIntersect, false), ElementsAre("{1, null}", "{1, null}"));
  EXPECT_THAT(run(sql::SetOperation::kExcept, true), ElementsAre("{2, 2}"));
  EXPECT_THAT(run(sql::SetOperation::kExcept, false), ElementsAre("{1, null}", "{2, 2}"));
}

TEST_F(EmitterTest, UnionsManyBranches) {
  sql::PlanPtr plan = Ints({{0}});
  for (int64_t i = 1; i < 300; ++i) {
    plan = plans_.SetOperation(sql::SetOperation::kUnion, false, std::move(plan), Ints({{i}}));
  }
  EXPECT_THAT(bench_.Run(std::move(plan)), SizeIs(300));
}

TEST_F(EmitterTest, UnnestsBesideEachOther) {
  sql::PlanPtr input = Ints({{1}, {2}});
  const sql::PlanColumn a = input->columns[0];
  std::vector<sql::ExprPtr> lists = Exprs(Array(Type::Integer(), Exprs(Column(a), Int(7))),
                                          Array(Type::Integer(), Exprs(Int(9))));
  EXPECT_THAT(bench_.RunSorted(plans_.Unnest(std::move(input), std::move(lists), true)),
              ElementsAre("1 1 9 1", "1 7 NULL 2", "2 2 9 1", "2 7 NULL 2"));
}

TEST_F(EmitterTest, UnnestsRowsIntoColumnsAndKeepsEmptyInputs) {
  sql::PlanPtr input = Ints({{1}});
  const Type row = Row(Exprs(Int(1), Text("")))->type;
  EXPECT_THAT(
      bench_.Run(plans_.Unnest(
          std::move(input), Exprs(Array(row, Exprs(Row(Exprs(Int(5), Text("x"))), NullOf(row)))))),
      ElementsAre("1 5 x", "1 NULL NULL"));
  EXPECT_THAT(bench_.Run(plans_.Unnest(Ints({{1}}), Exprs(Array(row, {})))), IsEmpty());
  EXPECT_THAT(bench_.Run(plans_.Unnest(Ints({{1}}), Exprs(NullOf(Type::Array(Type::Integer()))),
                                       true, true)),
              ElementsAre("1 NULL NULL"));
}

TEST_F(EmitterTest, ReadsATableOfWithTwice) {
  std::vector<sql::Cte> ctes(1);
  ctes[0].id = 1;
  ctes[0].plan = Ints({{1}, {2}});
  sql::PlanPtr left = plans_.CteScan(1, {Type::Integer()});
  sql::PlanPtr right = plans_.CteScan(1, {Type::Integer()});
  sql::PlanPtr body =
      plans_.Join(sql::JoinKind::kCross, std::move(left), std::move(right), nullptr);
  EXPECT_THAT(bench_.RunSorted(plans_.With(std::move(ctes), std::move(body))),
              ElementsAre("1 1", "1 2", "2 1", "2 2"));
}

TEST_F(EmitterTest, Recurses) {
  std::vector<sql::Cte> ctes(1);
  ctes[0].id = 1;
  ctes[0].plan = plans_.OneRow(Exprs(Int(1)));
  sql::PlanPtr self = plans_.CteScan(1, {Type::Integer()});
  const sql::PlanColumn n = self->columns[0];
  ctes[0].step =
      plans_.Project(plans_.Filter(std::move(self), Compare(CompareOp::kLess, Column(n), Int(4))),
                     Exprs(Call("$add", Exprs(Column(n), Int(1)))));
  EXPECT_THAT(bench_.RunSorted(plans_.With(std::move(ctes), plans_.CteScan(1, {Type::Integer()}))),
              ElementsAre("1", "2", "3", "4"));
}

TEST_F(EmitterTest, RecursesTenTimesAtMost) {
  // WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < limit)
  const auto count_to = [&](int64_t limit) {
    std::vector<sql::Cte> ctes(1);
    ctes[0].id = 1;
    ctes[0].plan = plans_.OneRow(Exprs(Int(1)));
    sql::PlanPtr self = plans_.CteScan(1, {Type::Integer()});
    const sql::PlanColumn n = self->columns[0];
    ctes[0].step = plans_.Project(
        plans_.Filter(std::move(self), Compare(CompareOp::kLess, Column(n), Int(limit))),
        Exprs(Call("$add", Exprs(Column(n), Int(1)))));
    return bench_.Run(plans_.With(std::move(ctes), plans_.CteScan(1, {Type::Integer()})));
  };
  EXPECT_THAT(count_to(11), SizeIs(11));
  EXPECT_THAT(count_to(12),
              ElementsAre("NOT_SUPPORTED: Recursion depth limit exceeded (10). Use "
                          "'max_recursion_depth' session property to modify the limit."));
}

TEST_F(EmitterTest, OuterJoinsTakeSubqueriesOfOneSide) {
  for (const sql::JoinKind kind :
       {sql::JoinKind::kLeft, sql::JoinKind::kRight, sql::JoinKind::kFull}) {
    sql::PlanPtr left = Ints({{1}, {2}});
    sql::PlanPtr right = Ints({{1}, {2}});
    const sql::PlanColumn a = left->columns[0];
    const sql::PlanColumn b = right->columns[0];
    // a = b AND a IN (2, 3) AND b > (SELECT 0)
    sql::PlanPtr joined = plans_.Join(
        kind, std::move(left), std::move(right),
        And(Exprs(Compare(CompareOp::kEqual, Column(a), Column(b)),
                  Quantified(Column(a), CompareOp::kEqual, kAny, Ints({{2}, {3}})),
                  Compare(CompareOp::kGreater, Column(b), ScalarSubquery(Ints({{0}}))))));
    const std::vector<std::string> rows = bench_.RunSorted(std::move(joined));
    if (kind == sql::JoinKind::kLeft) {
      EXPECT_THAT(rows, ElementsAre("1 NULL", "2 2"));
    } else if (kind == sql::JoinKind::kRight) {
      EXPECT_THAT(rows, ElementsAre("2 2", "NULL 1"));
    } else {
      EXPECT_THAT(rows, ElementsAre("1 NULL", "2 2", "NULL 1"));
    }
  }
}

TEST_F(EmitterTest, RefusesNegativeFrameOffsets) {
  for (const sql::FrameUnit unit :
       {sql::FrameUnit::kRows, sql::FrameUnit::kRange, sql::FrameUnit::kGroups}) {
    for (const std::optional<int64_t> offset :
         {std::optional<int64_t>(-1), std::optional<int64_t>()}) {
      sql::PlanPtr input = Ints({{1, offset}, {2, offset}});
      sql::WindowCall count = WindowOf("count", {});
      count.order_by.push_back(Ascending(Column(input->columns[0])));
      count.unit = unit;
      count.start = {sql::FrameBoundKind::kPreceding, Column(input->columns[1])};
      std::vector<sql::WindowCall> calls;
      calls.push_back(std::move(count));
      EXPECT_THAT(bench_.Run(plans_.Window(std::move(input), std::move(calls))),
                  ElementsAre("INVALID_WINDOW_FRAME: Window frame offset value must not be "
                              "negative or null"));
    }
  }
}

TEST_F(EmitterTest, RangesOverDatesAndIntervals) {
  const auto counts = [&](Type key, std::vector<int64_t> keys, Type offset_type, int64_t offset) {
    std::vector<std::vector<sql::ExprPtr>> rows;
    for (const int64_t value : keys) {
      rows.push_back(Exprs(Constant(key, value)));
    }
    sql::PlanPtr input = plans_.Values({key}, std::move(rows));
    const sql::PlanColumn column = input->columns[0];
    sql::WindowCall count = WindowOf("count", {});
    count.order_by.push_back(Ascending(Column(column)));
    count.unit = sql::FrameUnit::kRange;
    count.start = {sql::FrameBoundKind::kPreceding, Constant(std::move(offset_type), offset)};
    std::vector<sql::WindowCall> calls;
    calls.push_back(std::move(count));
    sql::PlanPtr windows = plans_.Window(std::move(input), std::move(calls));
    const sql::PlanColumn result = windows->columns.back();
    return bench_.RunSorted(plans_.Project(std::move(windows), Exprs(Column(result))));
  };
  constexpr int64_t kDayMillis = 86400000;
  EXPECT_THAT(counts(Type::Date(), {0, 1, 3}, Type::IntervalDayTime(), kDayMillis),
              ElementsAre("1", "1", "2"));
  // 31 January, 28 February, 31 March of 1970: a month before 31 March is 28 February.
  EXPECT_THAT(counts(Type::Date(), {30, 58, 89}, Type::IntervalYearMonth(), 1),
              ElementsAre("1", "2", "2"));
  EXPECT_THAT(counts(Type::IntervalYearMonth(), {1, 2, 60}, Type::IntervalYearMonth(), 12),
              ElementsAre("1", "1", "2"));
}

TEST_F(EmitterTest, AScalarSubqueryHasAtMostOneRow) {
  EXPECT_THAT(Evaluate(ScalarSubquery(Ints({{1}}))), ElementsAre("1"));
  EXPECT_THAT(Evaluate(ScalarSubquery(plans_.Filter(Ints({{1}}), Bool(false)))),
              ElementsAre("NULL"));
  EXPECT_THAT(Evaluate(ScalarSubquery(Ints({{1}, {2}}))),
              ElementsAre("SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows"));
}

TEST_F(EmitterTest, Exists) {
  sql::PlanPtr outer = Ints({{1}, {2}});
  const sql::PlanColumn a = outer->columns[0];
  sql::PlanPtr inner = Ints({{2}, {3}});
  const sql::PlanColumn b = inner->columns[0];
  sql::PlanPtr plan = plans_.Filter(
      std::move(outer),
      Exists(plans_.Filter(std::move(inner), Compare(CompareOp::kEqual, Column(b), Column(a)))));
  EXPECT_THAT(bench_.Run(std::move(plan)), ElementsAre("2"));
}

struct QuantifiedCase {
  std::string name;
  std::optional<int64_t> value;
  CompareOp op;
  Quantifier quantifier;
  std::vector<std::optional<int64_t>> rows;
  std::string want;
};

class QuantifiedTest : public EmitterTest, public testing::WithParamInterface<QuantifiedCase> {};

TEST_P(QuantifiedTest, IsThreeValued) {
  const QuantifiedCase& test = GetParam();
  const auto value = [&] { return test.value ? Int(*test.value) : NullOf(Type::Integer()); };
  const auto rows = [&] {
    std::vector<std::vector<std::optional<int64_t>>> table;
    for (const auto& row : test.rows) {
      table.push_back({row});
    }
    return table.empty() ? plans_.Filter(Ints({{1}}), Bool(false)) : Ints(table);
  };
  EXPECT_THAT(Evaluate(Quantified(value(), test.op, test.quantifier, rows())),
              ElementsAre(test.want));
  // The same for values that DuckDB compares otherwise.
  sql::PlanPtr plan = rows();
  sql::ExprPtr wrapped = Cast(Type::Double(), Column(plan->columns[0]));
  plan = plans_.Project(std::move(plan), Exprs(std::move(wrapped)));
  EXPECT_THAT(Evaluate(Quantified(Cast(Type::Double(), value()), test.op, test.quantifier,
                                  std::move(plan))),
              ElementsAre(test.want));
}

INSTANTIATE_TEST_SUITE_P(
    Subqueries, QuantifiedTest,
    testing::Values(
        QuantifiedCase{"InFound", 1, CompareOp::kEqual, kAny, {1, 2}, "true"},
        QuantifiedCase{"InFoundBesideNull", 1, CompareOp::kEqual, kAny, {1, std::nullopt}, "true"},
        QuantifiedCase{"InMissing", 3, CompareOp::kEqual, kAny, {1, 2}, "false"},
        QuantifiedCase{
            "InMissingBesideNull", 3, CompareOp::kEqual, kAny, {1, std::nullopt}, "NULL"},
        QuantifiedCase{"InEmpty", 3, CompareOp::kEqual, kAny, {}, "false"},
        QuantifiedCase{"NullInEmpty", std::nullopt, CompareOp::kEqual, kAny, {}, "false"},
        QuantifiedCase{"NullIn", std::nullopt, CompareOp::kEqual, kAny, {1}, "NULL"},
        QuantifiedCase{"NotInMissing", 3, CompareOp::kNotEqual, kAll, {1, 2}, "true"},
        QuantifiedCase{"NotInBesideNull", 3, CompareOp::kNotEqual, kAll, {1, std::nullopt}, "NULL"},
        QuantifiedCase{"NotInFound", 1, CompareOp::kNotEqual, kAll, {1, std::nullopt}, "false"},
        QuantifiedCase{"NullNotInEmpty", std::nullopt, CompareOp::kNotEqual, kAll, {}, "true"},
        QuantifiedCase{"GreaterAll", 3, CompareOp::kGreater, kAll, {1, 2}, "true"},
        QuantifiedCase{
            "GreaterAllNot", 2, CompareOp::kGreater, kAll, {1, 2, std::nullopt}, "false"},
        QuantifiedCase{
            "GreaterAllUnknown", 3, CompareOp::kGreater, kAll, {1, std::nullopt}, "NULL"},
        QuantifiedCase{"GreaterAllOfNone", 3, CompareOp::kGreater, kAll, {}, "true"},
        QuantifiedCase{"GreaterAny", 2, CompareOp::kGreater, kAny, {1, std::nullopt}, "true"},
        QuantifiedCase{
            "GreaterAnyUnknown", 0, CompareOp::kGreater, kAny, {1, std::nullopt}, "NULL"},
        QuantifiedCase{"GreaterAnyOfNone", 0, CompareOp::kGreater, kAny, {}, "false"},
        QuantifiedCase{"UnequalAny", 1, CompareOp::kNotEqual, kAny, {1, 2}, "true"},
        QuantifiedCase{"EqualAll", 1, CompareOp::kEqual, kAll, {1, 2}, "false"},
        QuantifiedCase{"EqualAllUnknown", 1, CompareOp::kEqual, kAll, {1, std::nullopt}, "NULL"}),
    [](const auto& test) { return test.param.name; });

TEST_F(EmitterTest, NaNIsInNothing) {
  EXPECT_THAT(Evaluate(Quantified(Double(kNaN), CompareOp::kEqual, kAny, Doubles({kNaN}))),
              ElementsAre("false"));
  sql::PlanPtr outer = Doubles({kNaN, 1});
  const sql::PlanColumn a = outer->columns[0];
  EXPECT_THAT(bench_.Run(plans_.Filter(std::move(outer), Quantified(Column(a), CompareOp::kEqual,
                                                                    kAny, Doubles({kNaN, 1})))),
              ElementsAre("1.0"));
}

TEST_F(EmitterTest, RowsAreInPlansOfManyColumns) {
  const auto in = [&](std::vector<std::vector<std::optional<int64_t>>> rows) {
    return Quantified(Row(Exprs(Int(1), Int(2))), CompareOp::kEqual, kAny, Ints(rows));
  };
  EXPECT_THAT(Evaluate(in({{1, 2}, {3, 4}})), ElementsAre("true"));
  // 1 = 3 is false, so the NULL beside it does not matter.
  EXPECT_THAT(Evaluate(in({{3, std::nullopt}})), ElementsAre("false"));
  EXPECT_THAT(Evaluate(in({{1, std::nullopt}})), ElementsAre("NULL"));
  EXPECT_THAT(Evaluate(Quantified(Row(Exprs(Int(1), Int(2))), CompareOp::kNotEqual, kAll,
                                  Ints({{3, std::nullopt}}))),
              ElementsAre("true"));
  sql::PlanPtr outer = Ints({{1, 2}, {1, 3}});
  sql::ExprPtr row = Row(Exprs(Column(outer->columns[0]), Column(outer->columns[1])));
  EXPECT_THAT(
      bench_.Run(plans_.Filter(std::move(outer), Quantified(std::move(row), CompareOp::kEqual, kAny,
                                                            Ints({{1, 2}, {1, std::nullopt}})))),
      ElementsAre("1 2"));
}

}  // namespace
}  // namespace pallas::engine
