// Whatever is sent to the server, the engine gets the same rows: random expressions are judged by a
// small evaluator with the engine's rules.
#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gtest/gtest.h"

#include "connectors/mysql/testing/mysql_test.h"
#include "sdk/testing/conformance_suite.h"
#include "sdk/testing/memory_connector.h"

namespace pallas::mysql {
namespace {

using sdk::Expression;
using sdk::Value;

constexpr char kTable[] = R"(
CREATE OR REPLACE TABLE filtered (
  id INT PRIMARY KEY, n2 INT, small SMALLINT UNSIGNED, u INT UNSIGNED, flag BOOL, f FLOAT, f2 FLOAT,
  d DOUBLE, price DECIMAL(15,2), price2 DECIMAL(15,2), day DATE, day2 DATE, moment DATETIME(6),
  name VARCHAR(20), other VARCHAR(20) CHARACTER SET latin1, code CHAR(6) COLLATE utf8mb4_bin,
  bin VARBINARY(5), y YEAR, bits BIT(10));
INSERT INTO filtered
SELECT seq, IF(seq % 7 = 0, NULL, seq % 20), IF(seq % 6 = 0, NULL, seq % 11),
  IF(seq % 5 = 0, NULL, 4294967295 - seq % 9), IF(seq % 4 = 0, NULL, seq % 3),
  IF(seq % 5 = 1, NULL, seq % 9 / 10), IF(seq % 5 = 2, NULL, seq % 8 / 10),
  IF(seq % 5 = 3, NULL, seq % 9 / 7), IF(seq % 6 = 1, NULL, seq % 13 / 4),
  IF(seq % 6 = 2, NULL, seq % 12 / 4),
  CASE seq % 9 WHEN 0 THEN NULL WHEN 1 THEN '0000-00-00' WHEN 2 THEN '2020-00-00'
    ELSE '2020-01-01' + INTERVAL seq % 10 DAY END,
  CASE seq % 8 WHEN 0 THEN NULL WHEN 1 THEN '0000-00-00'
    ELSE '2020-01-01' + INTERVAL seq % 12 DAY END,
  IF(seq % 7 = 3, NULL, '2020-01-01' + INTERVAL seq % 30 * 333333 MICROSECOND),
  ELT(seq % 14, 'abc', 'ABC', 'abc  ', 'abd', 'Zoe', 'zoë', 'é', '', ' ', 'it''s', '🙂 %_\\', 'a_c', 'a%c'),
  ELT(seq % 9, 'abc', 'ABC', 'é', 'É', 'straße', 'a_c', 'abc ', ''),
  ELT(seq % 8, 'abc', 'abc  ', 'ABC', 'a_c', '', 'é', 'zoë'),
  IF(seq % 9 = 0, NULL, SUBSTR(UNHEX('00FF41610020'), 1 + seq % 5, seq % 4)),
  IF(seq % 8 = 0, NULL, IF(seq % 8 = 1, 0, 1995 + seq % 12)), IF(seq % 10 = 0, NULL, seq % 1000)
FROM (SELECT CAST(seq AS SIGNED) AS seq FROM seq_1_to_300) AS numbers)";

using Truth = std::optional<bool>;

// One row of the table, and what expressions are for it.
class Evaluator {
 public:
  Evaluator(const arrow::RecordBatch& rows, int64_t row) : rows_(rows), row_(row) {}

  Truth IsTrue(const Expression& expression) const {
    if (expression.kind != Expression::Kind::kCall) {
      const std::optional<Value> value = Get(expression);
      return value ? Truth(std::get<bool>(*value)) : std::nullopt;
    }
    const std::vector<Expression>& arguments = expression.arguments;
    if (expression.name == "$and" || expression.name == "$or") {
      return Junction(arguments, expression.name == "$and");
    }
    if (expression.name == "$not") {
      const Truth inner = IsTrue(arguments[0]);
      return inner ? Truth(!*inner) : std::nullopt;
    }
    if (expression.name == "$is_null") {
      return !Get(arguments[0]);
    }
    if (expression.name == "$in") {
      return In(arguments[0], arguments[1]);
    }
    const std::optional<Value> left = Get(arguments[0]);
    const std::optional<Value> right = Get(arguments[1]);
    if (expression.name == "$is_distinct_from") {
      return left && right ? Compare(arguments[0], *left, *right) != 0 : left != right;
    }
    if (!left || !right) {
      return std::nullopt;
    }
    if (expression.name == "$like_pattern") {
      return Like(std::get<std::string>(*left), std::get<std::string>(*right));
    }
    return Compared(expression.name, Compare(arguments[0], *left, *right));
  }

 private:
  Truth Junction(const std::vector<Expression>& arguments, bool is_and) const {
    bool unknown = false;
    for (const Expression& argument : arguments) {
      const Truth truth = IsTrue(argument);
      if (truth && *truth != is_and) {
        return !is_and;
      }
      unknown = unknown || !truth;
    }
    return unknown ? std::nullopt : Truth(is_and);
  }

  Truth In(const Expression& operand, const Expression& list) const {
    const std::optional<Value> value = Get(operand);
    if (!value) {
      return std::nullopt;
    }
    bool has_null = false;
    for (const Expression& member : list.arguments) {
      const std::optional<Value> other = Get(member);
      has_null = has_null || !other;
      if (other && Compare(operand, *value, *other) == 0) {
        return true;
      }
    }
    return has_null ? std::nullopt : Truth(false);
  }

  static Truth Compared(const std::string& name, int order) {
    if (name == "$equal") {
      return order == 0;
    }
    if (name == "$not_equal") {
      return order != 0;
    }
    if (name == "$less_than") {
      return order < 0;
    }
    if (name == "$less_than_or_equal") {
      return order <= 0;
    }
    return name == "$greater_than" ? order > 0 : order >= 0;
  }

  static int Compare(const Expression& operand, const Value& a, const Value& b) {
    return sdk::CompareValues(*operand.type, a, b);
  }

  // `%` and `_` by code points; no escape.
  static bool Like(std::string_view text, std::string_view pattern) {
    if (pattern.empty()) {
      return text.empty();
    }
    if (pattern[0] == '%') {
      return Like(text, pattern.substr(1)) || (!text.empty() && Like(text.substr(1), pattern));
    }
    if (text.empty()) {
      return false;
    }
    if (pattern[0] == '_') {
      size_t size = 1;
      while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
        ++size;
      }
      return Like(text.substr(size), pattern.substr(1));
    }
    return text[0] == pattern[0] && Like(text.substr(1), pattern.substr(1));
  }

  std::optional<Value> Get(const Expression& expression) const {
    if (expression.kind == Expression::Kind::kConstant) {
      return expression.values[0];
    }
    if (expression.kind == Expression::Kind::kVariable) {
      return sdk::CellValue(*rows_.GetColumnByName(expression.name), row_);
    }
    const std::optional<Value> left = Get(expression.arguments[0]);
    if (!left) {
      return std::nullopt;
    }
    const int64_t divisor = std::get<int64_t>(*expression.arguments[1].values[0]);
    return expression.name == "$divide" ? std::get<int64_t>(*left) / divisor
                                        : std::get<int64_t>(*left) % divisor;
  }

  const arrow::RecordBatch& rows_;
  int64_t row_;
};

class Generator {
 public:
  Generator(const arrow::RecordBatch& rows, unsigned seed) : rows_(rows), random_(seed) {}

  Expression Predicate(int depth) {
    const unsigned kind = Below(depth > 0 ? 12 : 8);
    switch (kind) {
      case 0:
        return Call("$is_null", {Variable()});
      case 1:
        return InList();
      case 2:
        return LikeCall();
      case 3:
        return TwoColumns();
      case 4: {
        const Expression column = Variable();
        return Call("$is_distinct_from", {column, ConstantOf(column)});
      }
      case 5:
        return DividedComparison();
      case 6:
      case 7: {
        const Expression column = Variable();
        std::vector<Expression> arguments = {column, ConstantOf(column)};
        return Call(Comparison(), std::move(arguments));
      }
      case 8:
      case 9:
        return Call("$not", {Predicate(depth - 1)});
      default:
        return Call(kind == 10 ? "$and" : "$or", {Predicate(depth - 1), Predicate(depth - 1)});
    }
  }

 private:
  unsigned Below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

  static Expression Call(const std::string& name, std::vector<Expression> arguments) {
    return Expression::Call(arrow::boolean(), name, std::move(arguments));
  }

  std::string Comparison() {
    static const std::vector<std::string> kNames = {"$equal",        "$not_equal",
                                                    "$less_than",    "$less_than_or_equal",
                                                    "$greater_than", "$greater_than_or_equal"};
    return kNames[Below(static_cast<unsigned>(kNames.size()))];
  }

  Expression Column(const std::string& name) {
    return Expression::Variable(rows_.schema()->GetFieldByName(name)->type(), name);
  }

  Expression Variable() {
    return Column(rows_.schema()
                      ->field(static_cast<int>(Below(static_cast<unsigned>(rows_.num_columns()))))
                      ->name());
  }

  // A value of the column, rarely NULL.
  Expression ConstantOf(const Expression& column) {
    const auto& cells = rows_.GetColumnByName(column.name);
    std::optional<Value> value;
    for (int i = 0; i < 3 && !value; ++i) {
      value = sdk::CellValue(*cells, Below(static_cast<unsigned>(rows_.num_rows())));
    }
    return Expression::Constant(column.type, value);
  }

  Expression InList() {
    const Expression column = Variable();
    std::vector<Expression> members;
    for (unsigned i = 0; i < 1 + Below(4); ++i) {
      members.push_back(ConstantOf(column));
    }
    return Call("$in", {column, Call("$array", std::move(members))});
  }

  Expression LikeCall() {
    static const std::vector<std::string> kColumns = {"name", "other", "code"};
    static const std::vector<std::string> kPatterns = {
        "a%", "A_c", "%b%", "_", "%", "", "abc", "é%", "%\\", "%s", "🙂__%", "a_c", "Z%"};
    const Expression column = Column(kColumns[Below(3)]);
    return Call("$like_pattern",
                {column, Expression::Constant(
                             arrow::utf8(),
                             Value(kPatterns[Below(static_cast<unsigned>(kPatterns.size()))]))});
  }

  Expression TwoColumns() {
    static const std::vector<std::pair<std::string, std::string>> kPairs = {
        {"n2", "id"},      {"f", "f2"},      {"price", "price2"}, {"day", "day2"},
        {"name", "other"}, {"code", "name"}, {"small", "n2"},     {"u", "u"}};
    const auto& [left, right] = kPairs[Below(static_cast<unsigned>(kPairs.size()))];
    return Call(Below(5) == 0 ? "$is_distinct_from" : Comparison(), {Column(left), Column(right)});
  }

  Expression DividedComparison() {
    static const std::vector<std::string> kColumns = {"id", "n2", "small", "u"};
    const Expression column = Column(kColumns[Below(4)]);
    const auto constant = [&](int64_t value) {
      return Expression::Constant(column.type, Value(value));
    };
    return Call(Comparison(), {Expression::Call(column.type, Below(2) == 0 ? "$divide" : "$modulus",
                                                {column, constant(1 + Below(7))}),
                               constant(Below(20))});
  }

  const arrow::RecordBatch& rows_;
  std::mt19937 random_;
};

class MySqlFilterTest : public MySqlTest {};

TEST_F(MySqlFilterTest, ExpressionsLoseNoRowAndExactOnesAddNone) {
  Execute(kTable);
  const auto table = GetTable("filtered");
  ASSERT_TRUE(table.ok()) << table.status();
  const auto rows = Read("filtered");
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ((*rows)->num_rows(), 300);
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  Generator generator(**rows, seed);
  int num_exact = 0;
  for (int round = 0; round < 400; ++round) {
    sdk::Scan scan;
    scan.columns = {"id"};
    scan.constraints.expressions.push_back(generator.Predicate(2));
    const Expression& expression = scan.constraints.expressions[0];
    const auto pushdown = connector().PlanPushdown(context_, *table, scan);
    ASSERT_TRUE(pushdown.ok()) << pushdown.status();
    const bool exact = pushdown->expressions.at(0).support == sdk::Support::kExact;
    num_exact += exact ? 1 : 0;
    SCOPED_TRACE(absl::StrCat(expression.ToString(), "\n", pushdown->statement));
    const auto found = sdk::ReadAll(connector(), context_, *table, scan);
    ASSERT_TRUE(found.ok()) << found.status();
    std::set<std::string> ids;
    for (const std::string& id : ColumnTexts(**found, 0)) {
      ids.insert(id);
    }
    size_t num_expected = 0;
    for (int64_t row = 0; row < (*rows)->num_rows(); ++row) {
      if (Evaluator(**rows, row).IsTrue(expression) == Truth(true)) {
        ++num_expected;
        ASSERT_TRUE(ids.contains(absl::StrCat(row + 1))) << "lost the row " << row + 1;
      }
    }
    if (exact) {
      ASSERT_EQ(ids.size(), num_expected);
    }
  }
  EXPECT_GT(num_exact, 100);
}

TEST_F(MySqlFilterTest, TextsOfAnyCharacterSetMeetAnyLiteral) {
  Execute(kTable);
  const auto table = GetTable("filtered");
  ASSERT_TRUE(table.ok()) << table.status();
  for (const char* const text : {"☃", "🙂", "é", "it's \\", "\xc3\x28"}) {
    for (const char* const column : {"name", "other", "code"}) {
      sdk::Scan scan;
      scan.columns = {"id"};
      scan.constraints.summary.insert(
          {column, sdk::ValueSet::OfRanges(arrow::utf8(),
                                           {sdk::Range::Equal(Value(std::string(text)))}, false)});
      EXPECT_TRUE(sdk::ReadAll(connector(), context_, *table, scan).ok()) << column << " " << text;
      scan.constraints.summary.clear();
      scan.constraints.expressions.push_back(
          Expression::Call(arrow::boolean(), "$like_pattern",
                           {Expression::Variable(arrow::utf8(), column),
                            Expression::Constant(arrow::utf8(), Value(absl::StrCat(text, "%")))}));
      const auto rows = sdk::ReadAll(connector(), context_, *table, scan);
      EXPECT_TRUE(rows.ok()) << column << " " << text << rows.status();
    }
  }
}

TEST_F(MySqlFilterTest, ATimeBetweenTwoOfTheColumnFindsNothing) {
  Execute(
      "CREATE OR REPLACE TABLE times (id INT PRIMARY KEY, d0 DATETIME, t4 TIMESTAMP(4) NULL, KEY "
      "(d0), KEY (t4)); INSERT INTO times SELECT seq, '2020-01-01' + INTERVAL seq SECOND, "
      "'2020-01-01' + INTERVAL seq SECOND FROM seq_1_to_50");
  const auto table = GetTable("times");
  ASSERT_TRUE(table.ok()) << table.status();
  constexpr int64_t kMillis = 1577836801500;  // 2020-01-01 00:00:01.5
  const std::vector<std::tuple<std::string, int64_t, int64_t>> cases = {
      {"d0", kMillis, 0},
      {"d0", kMillis + 500, 1},
      {"t4", kMillis * 1000 - 499'999, 0},
      {"t4", kMillis * 1000 - 500'000, 1}};
  for (const auto& [column, value, want] : cases) {
    sdk::Scan scan;
    scan.columns = {"id"};
    scan.constraints.summary.insert(
        {column, sdk::ValueSet::OfRanges(table->schema->GetFieldByName(column)->type(),
                                         {sdk::Range::Equal(Value(value))}, false)});
    const auto rows = sdk::ReadAll(connector(), context_, *table, scan);
    ASSERT_TRUE(rows.ok()) << rows.status();
    EXPECT_EQ((*rows)->num_rows(), want) << column << " " << value;
  }
}

TEST_F(MySqlFilterTest, AStatementOfAMegabyteArrives) {
  Execute(kTable);
  const auto table = GetTable("filtered");
  ASSERT_TRUE(table.ok()) << table.status();
  sdk::Scan scan;
  scan.columns = {"id"};
  std::vector<Expression> terms;
  for (int i = 0; i < 6; ++i) {
    terms.push_back(Expression::Call(
        arrow::boolean(), "$not_equal",
        {Expression::Variable(arrow::utf8(), "name"),
         Expression::Constant(arrow::utf8(),
                              Value(std::string(100'000, static_cast<char>('a' + i))))}));
  }
  scan.constraints.expressions = terms;
  const auto pushdown = connector().PlanPushdown(context_, *table, scan);
  ASSERT_TRUE(pushdown.ok());
  EXPECT_GT(pushdown->statement.size(), 1'000'000U);
  const auto rows = sdk::ReadAll(connector(), context_, *table, scan);
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_GT((*rows)->num_rows(), 100);
}

}  // namespace
}  // namespace pallas::mysql
