#include "connectors/mysql/pushdown.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "connectors/mysql/expression_sql.h"
#include "connectors/mysql/split_planner.h"
#include "connectors/mysql/value_set_sql.h"

namespace pallas::mysql {
namespace {

using sdk::Expression;
using sdk::Range;
using sdk::Support;
using sdk::Value;
using sdk::ValueSet;
using testing::ElementsAre;

// Columns by their names: the types of one table.
sdk::Table TestTable() {
  const std::vector<std::vector<std::string>> columns = {{"id", "int(11)", ""},
                                                         {"big", "bigint(20)", ""},
                                                         {"name", "varchar(10)", "utf8mb4"},
                                                         {"other", "text", "latin1"},
                                                         {"flag", "tinyint(1)", ""},
                                                         {"bit", "bit(1)", ""},
                                                         {"bits", "bit(20)", ""},
                                                         {"price", "decimal(15,2)", ""},
                                                         {"f", "float", ""},
                                                         {"d", "double", ""},
                                                         {"day", "date", ""},
                                                         {"moment", "datetime(6)", ""},
                                                         {"milli", "datetime(3)", ""},
                                                         {"y", "year(4)", ""},
                                                         {"bin", "varbinary(5)", ""},
                                                         {"kind", "enum('a')", "utf8mb4"},
                                                         {"sjis", "varchar(5)", "sjis"},
                                                         {"a`b", "int(11)", ""},
                                                         {"n2", "int(11)", ""}};
  sdk::Table table;
  table.name = {"sa`les", "orders"};
  arrow::FieldVector fields;
  for (const auto& column : columns) {
    fields.push_back(arrow::field(
        column[0], MapColumn(column[1], column[2], {}).type,
        arrow::key_value_metadata({{kColumnTypeKey, column[1]}, {kCharacterSetKey, column[2]}})));
  }
  fields.push_back(arrow::field(kPartitionNameColumn, arrow::utf8()));
  table.schema = arrow::schema(std::move(fields));
  return table;
}

SourceTable Source() { return *SourceTable::Make(TestTable(), {}); }

std::shared_ptr<arrow::DataType> TypeOf(const std::string& column) {
  return TestTable().schema->GetFieldByName(column)->type();
}

Condition Of(const std::string& column, std::vector<Range> ranges, bool null_allowed = false) {
  return ColumnCondition(*Source().Find(column),
                         ValueSet::OfRanges(TypeOf(column), std::move(ranges), null_allowed));
}

Value Int(int64_t value) { return value; }

Value Str(std::string value) { return value; }

struct SetCase {
  std::string name;
  std::string column;
  std::vector<Range> ranges;
  bool null_allowed;
  std::string sql;
  Support support;
};

class MySqlSetTest : public testing::TestWithParam<SetCase> {};

TEST_P(MySqlSetTest, Sql) {
  const SetCase& test = GetParam();
  const Condition condition = Of(test.column, test.ranges, test.null_allowed);
  EXPECT_EQ(condition.sql, test.sql);
  EXPECT_EQ(condition.support.support, test.support);
  EXPECT_EQ(condition.support.reason.empty(), test.support == Support::kExact);
}

const double kInfinity = std::numeric_limits<double>::infinity();
const double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr char kNameBytes[] = "CAST(CONVERT(`name` USING utf8mb4) AS BINARY)";

const SetCase kSetCases[] = {
    {"One", "id", {Range::Equal(Int(5))}, false, "(`id` = 5)", Support::kExact},
    {"Several",
     "id",
     {Range::Equal(Int(5)), Range::Equal(Int(7))},
     false,
     "(`id` IN (5,7))",
     Support::kExact},
    {"Bounded",
     "id",
     {{sdk::Bound{Int(1), false}, sdk::Bound{Int(9), true}}},
     false,
     "(`id` > 1 AND `id` <= 9)",
     Support::kExact},
    {"RangesValuesAndNull",
     "id",
     {Range::LessThan(Int(-3)), Range::Equal(Int(4))},
     true,
     "((`id` IS NULL) OR ((`id` < -3) OR (`id` = 4)))",
     Support::kExact},
    {"OnlyNull", "id", {}, true, "(`id` IS NULL)", Support::kExact},
    {"NotNull", "id", {Range::All()}, false, "(`id` IS NOT NULL)", Support::kExact},
    {"Jdbc9Nothing", "id", {}, false, "(1 = 0)", Support::kExact},
    {"Jdbc10Everything", "id", {Range::All()}, true, "", Support::kExact},
    {"Jdbc11QuotedColumn", "a`b", {Range::Equal(Int(1))}, false, "(`a``b` = 1)", Support::kExact},
    {"Decimal",
     "price",
     {Range::AtLeast(Value(absl::int128(-1250)))},
     false,
     "(`price` >= -12.50)",
     Support::kExact},
    {"D24FlagTrue", "flag", {Range::Equal(Value(true))}, false, "(`flag` <> 0)", Support::kExact},
    {"D24FlagFalseOrNull",
     "flag",
     {Range::Equal(Value(false))},
     true,
     "((`flag` IS NULL) OR (`flag` = 0))",
     Support::kExact},
    {"D24BitIsNullIsNotSent", "bit", {}, true, "", Support::kUnsupported},
    {"Bits", "bits", {Range::GreaterThan(Int(7))}, false, "((`bits` + 0) > 7)", Support::kExact},
    {"D24Float",
     "f",
     {Range::Equal(Value(0.1))},
     false,
     "(CAST(`f` AS DOUBLE) = 1.0000000000000001e-01)",
     Support::kExact},
    {"DoubleBelowNan",
     "d",
     {Range::LessThan(Value(kNan))},
     false,
     "(`d` IS NOT NULL)",
     Support::kExact},
    {"DoubleInfinity", "d", {Range::Equal(Value(kInfinity))}, false, "(1 = 0)", Support::kExact},
    {"DoubleAboveMinusInfinity",
     "d",
     {Range::GreaterThan(Value(-kInfinity))},
     false,
     "(`d` IS NOT NULL)",
     Support::kExact},
    {"Year", "y", {Range::LessThan(Int(70))}, false, "(CAST(`y` AS SIGNED) < 70)", Support::kExact},
    {"Day", "day", {Range::Equal(Int(0))}, false, "(`day` = DATE'1970-01-01')", Support::kExact},
    {"D24DayRange",
     "day",
     {Range::AtLeast(Int(18262))},
     false,
     "(`day` >= DATE'2020-01-01')",
     Support::kInexact},
    {"D24DayOrNullIsNotSent", "day", {Range::Equal(Int(0))}, true, "", Support::kUnsupported},
    {"DayBeforeAll", "day", {Range::LessThan(Int(-800'000))}, false, "(1 = 0)", Support::kInexact},
    {"Moment",
     "moment",
     {Range::Equal(Int(-1))},
     false,
     "(`moment` = TIMESTAMP'1969-12-31 23:59:59.999999')",
     Support::kExact},
    {"Milli",
     "milli",
     {Range::Equal(Int(1500))},
     false,
     "(`milli` = TIMESTAMP'1970-01-01 00:00:01.500000')",
     Support::kExact},
    {"Bytes",
     "bin",
     {Range::LessThan(Str(std::string("\0'", 2)))},
     false,
     "(`bin` < x'0027')",
     Support::kExact},
    {"TextEqual",
     "name",
     {Range::Equal(Str("it's"))},
     false,
     std::string("(`name` = 'it''s' AND ") + kNameBytes + " = _binary'it''s')",
     Support::kExact},
    {"Mysql3TextRange",
     "name",
     {Range::GreaterThan(Str("Z"))},
     false,
     std::string("(") + kNameBytes + " > _binary'Z')",
     Support::kExact},
    {"Mysql3TextNotEqual",
     "name",
     {Range::LessThan(Str("a")), Range::GreaterThan(Str("a"))},
     false,
     std::string("((") + kNameBytes + " < _binary'a') OR (" + kNameBytes + " > _binary'a'))",
     Support::kExact},
    {"TextThatIsNoUtf8",
     "name",
     {Range::Equal(Str("\xff"))},
     false,
     std::string("(") + kNameBytes + " = x'ff')",
     Support::kExact},
    {"D24Enum", "kind", {Range::Equal(Str("a"))}, false, "", Support::kUnsupported},
    {"CharacterSetBesideUnicode",
     "sjis",
     {Range::Equal(Str("a"))},
     false,
     "",
     Support::kUnsupported},
};

INSTANTIATE_TEST_SUITE_P(Sets, MySqlSetTest, testing::ValuesIn(kSetCases),
                         [](const auto& test) { return test.param.name; });

TEST(MySqlPushdownTest, Mysql7MillisecondsStandForWholeOnes) {
  const auto of = [](Range range) {
    return ColumnCondition(*Source().Find("moment"),
                           ValueSet::OfRanges(arrow::date64(), {std::move(range)}, false));
  };
  EXPECT_EQ(of(Range::AtMost(Int(1))).sql, "(`moment` < TIMESTAMP'1970-01-01 00:00:00.002000')");
  EXPECT_EQ(of(Range::LessThan(Int(1))).sql, "(`moment` < TIMESTAMP'1970-01-01 00:00:00.001000')");
  EXPECT_EQ(of(Range::GreaterThan(Int(1))).sql,
            "(`moment` >= TIMESTAMP'1970-01-01 00:00:00.002000')");
  EXPECT_EQ(of(Range::Equal(Int(0))).sql,
            "(`moment` >= TIMESTAMP'1970-01-01 00:00:00' AND `moment` < TIMESTAMP'1970-01-01 "
            "00:00:00.001000')");
  EXPECT_EQ(of(Range::Equal(Int(0))).support.support, Support::kInexact);
}

TEST(MySqlPushdownTest, ListedAndExcludedValues) {
  const SourceColumn& id = *Source().Find("id");
  EXPECT_EQ(
      ColumnCondition(id, ValueSet::OfValues(arrow::int32(), {Int(3), Int(1)}, true, false)).sql,
      "(`id` IN (1,3))");
  EXPECT_EQ(ColumnCondition(id, ValueSet::OfValues(arrow::int32(), {Int(3)}, false, true)).sql,
            "((`id` IS NULL) OR ((`id` < 3) OR (`id` > 3)))");
  EXPECT_EQ(ColumnCondition(id, ValueSet::AllOrNone(arrow::int32(), true, false)).sql,
            "(`id` IS NOT NULL)");
  EXPECT_EQ(ColumnCondition(id, ValueSet::AllOrNone(arrow::int32(), false, true)).sql,
            "(`id` IS NULL)");
  EXPECT_EQ(ColumnCondition(id, ValueSet::OfValues(arrow::utf8(), {Str("x")}, true, false))
                .support.support,
            Support::kUnsupported);
}

TEST(MySqlPushdownTest, ManyValuesAreSentAsTheirSpan) {
  std::vector<Range> ranges;
  for (int64_t i = 0; i < 5000; ++i) {
    ranges.push_back(Range::Equal(Int(i * 2)));
  }
  const Condition condition = Of("id", ranges);
  EXPECT_EQ(condition.sql, "(`id` >= 0 AND `id` <= 9998)");
  EXPECT_EQ(condition.support.support, Support::kInexact);
  EXPECT_EQ(Of("name", {Range::Equal(Str(std::string(1'000'000, 'x')))}).support.support,
            Support::kUnsupported);
}

Expression Column(const std::string& name) { return Expression::Variable(TypeOf(name), name); }

Expression IntConstant(int64_t value) { return Expression::Constant(arrow::int32(), Value(value)); }

Expression Text(const std::string& value) {
  return Expression::Constant(arrow::utf8(), Value(value));
}

Expression Call(const std::string& name, std::vector<Expression> arguments) {
  return Expression::Call(arrow::boolean(), name, std::move(arguments));
}

Expression Arithmetic(const std::string& name, int64_t divisor) {
  return Expression::Call(arrow::int32(), name, {Column("id"), IntConstant(divisor)});
}

struct ExpressionCase {
  std::string name;
  Expression expression;
  std::string sql;
  Support support = Support::kExact;
};

class MySqlExpressionTest : public testing::TestWithParam<ExpressionCase> {};

TEST_P(MySqlExpressionTest, Sql) {
  const Condition condition = ExpressionCondition(Source(), GetParam().expression);
  EXPECT_EQ(condition.sql, GetParam().sql);
  EXPECT_EQ(condition.support.support, GetParam().support);
  EXPECT_EQ(condition.support.reason.empty(), GetParam().support == Support::kExact);
}

constexpr char kExactName[] = "CONVERT(`name` USING utf8mb4) COLLATE utf8mb4_bin LIKE ";

const ExpressionCase kExpressionCases[] = {
    {"Less", Call("$less_than", {Column("id"), IntConstant(5)}), "(`id` < 5)"},
    {"ConstantFirst", Call("$less_than", {IntConstant(5), Column("id")}), "(`id` > 5)"},
    {"NotLess", Call("$not", {Call("$less_than", {Column("id"), IntConstant(5)})}), "(`id` >= 5)"},
    {"DeMorgan",
     Call("$not", {Call("$and", {Call("$equal", {Column("id"), IntConstant(5)}),
                                 Call("$is_null", {Column("n2")})})}),
     "(((`id` < 5) OR (`id` > 5)) OR (`n2` IS NOT NULL))"},
    {"WithNull", Call("$equal", {Column("id"), Expression::Constant(arrow::int32(), std::nullopt)}),
     "(1 = 0)"},
    {"In", Call("$in", {Column("id"), Call("$array", {IntConstant(2), IntConstant(1)})}),
     "(`id` IN (1,2))"},
    {"NotInWithNull",
     Call("$not",
          {Call("$in", {Column("id"),
                        Call("$array", {IntConstant(2),
                                        Expression::Constant(arrow::int32(), std::nullopt)})})}),
     "(1 = 0)"},
    {"Mysql4Distinct", Call("$is_distinct_from", {Column("id"), Column("n2")}),
     "(NOT (`id` <=> `n2`))"},
    {"Mysql4DistinctFromValue", Call("$is_distinct_from", {Column("id"), IntConstant(1)}),
     "((`id` IS NULL) OR ((`id` < 1) OR (`id` > 1)))"},
    {"Mysql5Divide", Call("$equal", {Arithmetic("$divide", 2), IntConstant(3)}),
     "((`id` DIV 2) = 3)"},
    {"Jdbc12Modulus", Call("$equal", {Arithmetic("$modulus", 2), IntConstant(1)}),
     "((`id` % 2) = 1)"},
    {"Jdbc12ModulusByZero", Call("$equal", {Arithmetic("$modulus", 0), IntConstant(1)}), "",
     Support::kUnsupported},
    {"Jdbc12DivideByMinusOne", Call("$equal", {Arithmetic("$divide", -1), IntConstant(1)}), "",
     Support::kUnsupported},
    {"Jdbc12Add", Call("$equal", {Arithmetic("$add", 2), IntConstant(1)}), "",
     Support::kUnsupported},
    {"TwoColumns", Call("$less_than", {Column("id"), Column("big")}), "(`id` < `big`)"},
    {"TwoTypes", Call("$less_than", {Column("id"), Column("price")}), "", Support::kUnsupported},
    {"TwoTexts", Call("$equal", {Column("name"), Column("other")}),
     "(CAST(CONVERT(`name` USING utf8mb4) AS BINARY) = CAST(CONVERT(`other` USING utf8mb4) AS "
     "BINARY))"},
    {"Flag", Column("flag"), "(`flag` <> 0)"},
    {"NotFlag", Call("$not", {Column("flag")}), "(`flag` = 0)"},
    {"D24NoIsNullOnDates", Call("$is_null", {Column("day")}), "", Support::kUnsupported},
    {"D24NotNullOnDates", Call("$not", {Call("$is_null", {Column("day")})}), "(`day` IS NOT NULL)",
     Support::kInexact},
    {"Mysql6LikePrefix", Call("$like_pattern", {Column("name"), Text("a_b%")}),
     std::string("(`name` LIKE 'a_b%' ESCAPE '|' AND ") + kExactName + "'a_b%' ESCAPE '|')"},
    {"Mysql6LikeBackslash", Call("$like_pattern", {Column("name"), Text("%\\_|!")}),
     std::string("(") + kExactName + "'%\\_|!' ESCAPE '~')"},
    {"Mysql6LikeEscape", Call("$like_pattern", {Column("name"), Text("100#%%"), Text("#")}),
     std::string("(`name` LIKE '100|%%' ESCAPE '|' AND ") + kExactName + "'100|%%' ESCAPE '|')"},
    {"Mysql6NotLike", Call("$not", {Call("$like_pattern", {Column("name"), Text("a%")})}),
     std::string("(NOT (") + kExactName + "'a%' ESCAPE '|'))"},
    {"LikeWithAWrongEscape", Call("$like_pattern", {Column("name"), Text("a#b"), Text("#")}), "",
     Support::kUnsupported},
    {"LikeOfAColumn", Call("$like_pattern", {Column("name"), Column("other")}), "",
     Support::kUnsupported},
    {"UnknownFunction", Call("$lower", {Column("name")}), "", Support::kUnsupported},
    {"AndDropsATerm",
     Call("$and",
          {Call("$lower", {Column("name")}), Call("$equal", {Column("id"), IntConstant(1)})}),
     "((`id` = 1))", Support::kInexact},
    {"OrDropsNothing",
     Call("$or",
          {Call("$lower", {Column("name")}), Call("$equal", {Column("id"), IntConstant(1)})}),
     "", Support::kUnsupported},
    {"NotOfADroppedTermStaysRight",
     Call("$not", {Call("$and", {Call("$lower", {Column("name")}),
                                 Call("$equal", {Column("id"), IntConstant(1)})})}),
     "", Support::kUnsupported},
    {"True", Expression::Constant(arrow::boolean(), Value(true)), "(1 = 1)"},
};

INSTANTIATE_TEST_SUITE_P(Expressions, MySqlExpressionTest, testing::ValuesIn(kExpressionCases),
                         [](const auto& test) { return test.param.name; });

std::string StatementOf(const sdk::Scan& scan, const SplitRange& range = {}) {
  const SourceTable source = Source();
  const ScanPlan plan = PlanScan(source, scan);
  return Statement(source, *SelectedColumns(source, scan), plan, range);
}

TEST(MySqlPushdownTest, Statements) {
  sdk::Scan scan;
  scan.columns = {"f", "partition_name", "a`b"};
  EXPECT_EQ(StatementOf(scan), "SELECT CAST(`f` AS DOUBLE), `a``b` FROM `sa``les`.`orders`");
  SplitRange range;
  range.partition = "sel`ect";
  scan.constraints.summary.insert({"id", ValueSet::NotNull(arrow::int32())});
  scan.limit = 3;
  EXPECT_EQ(
      StatementOf(scan, range),
      "SELECT CAST(`f` AS DOUBLE), `a``b` FROM `sa``les`.`orders` PARTITION(`sel``ect`) WHERE "
      "(`id` IS NOT NULL) LIMIT 3");
  scan.columns.clear();
  EXPECT_EQ(StatementOf(scan),
            "SELECT COUNT(*) FROM (SELECT 1 FROM `sa``les`.`orders` WHERE (`id` IS NOT NULL) LIMIT "
            "3) AS `rows`");
  scan.columns = {"nothing"};
  EXPECT_TRUE(absl::IsInvalidArgument(SelectedColumns(Source(), scan).status()));
}

TEST(MySqlPushdownTest, NoLimitBelowAFilterOfTheEngine) {
  sdk::Scan scan;
  scan.columns = {"id"};
  scan.limit = 3;
  scan.constraints.summary.insert(
      {"day", ValueSet::OfRanges(arrow::date32(), {Range::AtLeast(Int(0))}, false)});
  const ScanPlan plan = PlanScan(Source(), scan);
  EXPECT_EQ(plan.pushdown.limit.support, Support::kUnsupported);
  EXPECT_FALSE(plan.pushdown.limit.reason.empty());
  EXPECT_FALSE(absl::StrContains(StatementOf(scan), "LIMIT"));
}

TEST(MySqlPushdownTest, NoLimitWithAnOrderThatIsNotOurs) {
  sdk::Scan scan;
  scan.columns = {"id"};
  scan.limit = 3;
  scan.order_by = {{"kind", sdk::SortOrder::kAscNullsLast}};
  const ScanPlan plan = PlanScan(Source(), scan);
  EXPECT_EQ(plan.pushdown.order_by.support, Support::kUnsupported);
  EXPECT_EQ(plan.pushdown.limit.support, Support::kUnsupported);
  EXPECT_EQ(plan.order_and_limit, "");
}

std::vector<std::string> Bounds(const std::vector<SplitRange>& ranges) {
  std::vector<std::string> texts;
  for (const SplitRange& range : ranges) {
    texts.push_back(range.low.value_or("") + ".." + range.high.value_or(""));
  }
  return texts;
}

TEST(MySqlSplitTest, KeysAreCutEvenlyAndOpenAtTheEnds) {
  EXPECT_THAT(Bounds(CutKeys("k", 1, 10, 4)), ElementsAre("..4", "4..7", "7..9", "9.."));
  EXPECT_THAT(Bounds(CutKeys("k", 5, 5, 4)), ElementsAre(".."));
  EXPECT_THAT(Bounds(CutKeys("k", -2, 1, 2)), ElementsAre("..0", "0.."));
  const absl::int128 max = absl::int128(std::numeric_limits<uint64_t>::max());
  EXPECT_THAT(Bounds(CutKeys("k", 0, max, 2)),
              ElementsAre("..9223372036854775808", "9223372036854775808.."));
  EXPECT_THAT(Bounds(CutKeys("k", std::numeric_limits<int64_t>::min(),
                             std::numeric_limits<int64_t>::max(), 2)),
              ElementsAre("..0", "0.."));
}

TEST(MySqlSplitTest, ASplitHoldsNumbersNotStatements) {
  const SourceTable source = Source();
  const auto parse = [&](std::map<std::string, std::string> properties) {
    return ParseSplit(source, sdk::Split{std::move(properties)});
  };
  EXPECT_TRUE(parse({{"partition_name", "p0"}}).ok());  // of the Java connector
  EXPECT_TRUE(parse({{"partition_name", "*"}, {"range_column", "id"}, {"range_low", "-5"}}).ok());
  EXPECT_FALSE(parse({}).ok());
  EXPECT_FALSE(
      parse({{"partition_name", "*"}, {"range_column", "id"}, {"range_low", "1 OR 1"}}).ok());
  EXPECT_FALSE(parse({{"partition_name", "*"}, {"range_column", "no"}, {"range_low", "1"}}).ok());
}

}  // namespace
}  // namespace pallas::mysql
