#include "engine/duckdb/constraint_builder.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "duckdb/planner/expression/list.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/filter/list.hpp"

#include "engine/duckdb/expression_builder.h"

namespace pallas::engine {
namespace {

using duckdb::ExpressionType;
using sdk::Range;
using sdk::ValueSet;

// The values of one column for which a condition is true; `complete` if for exactly these.
struct ColumnSet {
  const ScanColumn* column = nullptr;
  ValueSet set;
  bool complete = true;
};

std::vector<Range> ComparisonRanges(ExpressionType comparison, const sdk::Value& value) {
  switch (comparison) {
    case ExpressionType::COMPARE_EQUAL:
    case ExpressionType::COMPARE_NOT_DISTINCT_FROM:
      return {Range::Equal(value)};
    case ExpressionType::COMPARE_NOTEQUAL:
    case ExpressionType::COMPARE_DISTINCT_FROM:
      return {Range::LessThan(value), Range::GreaterThan(value)};
    case ExpressionType::COMPARE_LESSTHAN:
      return {Range::LessThan(value)};
    case ExpressionType::COMPARE_LESSTHANOREQUALTO:
      return {Range::AtMost(value)};
    case ExpressionType::COMPARE_GREATERTHAN:
      return {Range::GreaterThan(value)};
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
      return {Range::AtLeast(value)};
    default:
      return {};
  }
}

class SetBuilder {
 public:
  explicit SetBuilder(const ColumnOfBinding& column_of) : column_of_(column_of) {}

  std::optional<ColumnSet> Build(const duckdb::Expression& condition) const {
    switch (condition.GetExpressionClass()) {
      case duckdb::ExpressionClass::BOUND_COMPARISON:
        return Comparison(condition.Cast<duckdb::BoundComparisonExpression>());
      case duckdb::ExpressionClass::BOUND_BETWEEN:
        return Between(condition.Cast<duckdb::BoundBetweenExpression>());
      case duckdb::ExpressionClass::BOUND_OPERATOR:
        return Operator(condition.Cast<duckdb::BoundOperatorExpression>());
      case duckdb::ExpressionClass::BOUND_CONJUNCTION:
        return Conjunction(condition.Cast<duckdb::BoundConjunctionExpression>());
      case duckdb::ExpressionClass::BOUND_COLUMN_REF:
        return Flag(condition, true);
      default:
        return std::nullopt;
    }
  }

 private:
  // The column that `expression` is, perhaps in a wider integer type.
  const ScanColumn* Column(const duckdb::Expression& expression) const {
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_CAST) {
      const auto& cast = expression.Cast<duckdb::BoundCastExpression>();
      const bool widens = cast.return_type.IsIntegral() && cast.child->return_type.IsIntegral() &&
                          duckdb::GetTypeIdSize(cast.return_type.InternalType()) >=
                              duckdb::GetTypeIdSize(cast.child->return_type.InternalType()) &&
                          duckdb::GetTypeIdSize(cast.return_type.InternalType()) <= sizeof(int64_t);
      return widens ? Column(*cast.child) : nullptr;
    }
    if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) {
      return nullptr;
    }
    const auto& reference = expression.Cast<duckdb::BoundColumnRefExpression>();
    const ScanColumn* const column = reference.depth == 0 ? column_of_(reference.binding) : nullptr;
    return column != nullptr && HasValueSets(*column) ? column : nullptr;
  }

  static const duckdb::Value* Constant(const duckdb::Expression& expression) {
    return expression.GetExpressionClass() == duckdb::ExpressionClass::BOUND_CONSTANT
               ? &expression.Cast<duckdb::BoundConstantExpression>().value
               : nullptr;
  }

  static ColumnSet Ranges(const ScanColumn& column, std::vector<Range> ranges, bool null_allowed) {
    return {&column, ValueSet::OfRanges(column.arrow_type, std::move(ranges), null_allowed)};
  }

  std::optional<ColumnSet> Comparison(const duckdb::BoundComparisonExpression& comparison) const {
    const duckdb::Expression* value = comparison.right.get();
    const ScanColumn* column = Column(*comparison.left);
    ExpressionType type = comparison.GetExpressionType();
    if (column == nullptr) {
      column = Column(*comparison.right);
      value = comparison.left.get();
      type = duckdb::FlipComparisonExpression(type);
    }
    return column == nullptr ? std::nullopt : Compare(*column, type, *value);
  }

  static std::optional<ColumnSet> Compare(const ScanColumn& column, ExpressionType type,
                                          const duckdb::Expression& expression) {
    const duckdb::Value* const constant = Constant(expression);
    if (constant == nullptr) {
      return std::nullopt;
    }
    if (constant->IsNull()) {
      if (type == ExpressionType::COMPARE_DISTINCT_FROM) {
        return ColumnSet{&column, ValueSet::NotNull(column.arrow_type)};
      }
      if (type == ExpressionType::COMPARE_NOT_DISTINCT_FROM) {
        return ColumnSet{&column, ValueSet::OnlyNull(column.arrow_type)};
      }
      return std::nullopt;
    }
    const std::optional<sdk::Value> value = ToSdkValue(column, *constant);
    if (!value) {
      return std::nullopt;
    }
    std::vector<Range> ranges = ComparisonRanges(type, *value);
    if (ranges.empty()) {
      return std::nullopt;
    }
    return Ranges(column, std::move(ranges), type == ExpressionType::COMPARE_DISTINCT_FROM);
  }

  std::optional<ColumnSet> Between(const duckdb::BoundBetweenExpression& between) const {
    const ScanColumn* const column = Column(*between.input);
    if (column == nullptr) {
      return std::nullopt;
    }
    return Intersect(Compare(*column, between.LowerComparisonType(), *between.lower),
                     Compare(*column, between.UpperComparisonType(), *between.upper));
  }

  // Both must be true. One that says nothing leaves the other, which is then not all.
  static std::optional<ColumnSet> Intersect(std::optional<ColumnSet> a,
                                            std::optional<ColumnSet> b) {
    if (!a || !b) {
      std::optional<ColumnSet> one = a ? std::move(a) : std::move(b);
      if (one) {
        one->complete = false;
      }
      return one;
    }
    if (a->column != b->column) {
      a->complete = false;
      return a;
    }
    return ColumnSet{a->column, a->set.Intersect(b->set), a->complete && b->complete};
  }

  std::optional<ColumnSet> Operator(const duckdb::BoundOperatorExpression& operation) const {
    switch (operation.GetExpressionType()) {
      case ExpressionType::COMPARE_IN:
      case ExpressionType::COMPARE_NOT_IN:
        return InList(operation);
      case ExpressionType::OPERATOR_IS_NULL:
      case ExpressionType::OPERATOR_IS_NOT_NULL: {
        const ScanColumn* const column = Column(*operation.children[0]);
        if (column == nullptr) {
          return std::nullopt;
        }
        return ColumnSet{column, operation.GetExpressionType() == ExpressionType::OPERATOR_IS_NULL
                                     ? ValueSet::OnlyNull(column->arrow_type)
                                     : ValueSet::NotNull(column->arrow_type)};
      }
      case ExpressionType::OPERATOR_NOT:
        return Flag(*operation.children[0], false);
      default:
        return std::nullopt;
    }
  }

  std::optional<ColumnSet> InList(const duckdb::BoundOperatorExpression& operation) const {
    const bool negated = operation.GetExpressionType() == ExpressionType::COMPARE_NOT_IN;
    const ScanColumn* const column = Column(*operation.children[0]);
    if (column == nullptr) {
      return std::nullopt;
    }
    std::vector<sdk::Value> items;
    for (size_t i = 1; i < operation.children.size(); ++i) {
      const duckdb::Value* const constant = Constant(*operation.children[i]);
      if (constant != nullptr && constant->IsNull() && !negated) {
        continue;  // x IN (1, NULL) is true for 1 only
      }
      std::optional<sdk::Value> value =
          constant == nullptr ? std::nullopt : ToSdkValue(*column, *constant);
      if (!value) {
        return std::nullopt;
      }
      items.push_back(*std::move(value));
    }
    return Ranges(*column, negated ? Gaps(*column, std::move(items)) : Points(items), false);
  }

  static std::vector<Range> Points(const std::vector<sdk::Value>& values) {
    std::vector<Range> points;
    points.reserve(values.size());
    for (const sdk::Value& value : values) {
      points.push_back(Range::Equal(value));
    }
    return points;
  }

  // What lies between single values.
  static std::vector<Range> Gaps(const ScanColumn& column, std::vector<sdk::Value> values) {
    std::sort(values.begin(), values.end(), [&](const sdk::Value& a, const sdk::Value& b) {
      return sdk::CompareValues(*column.arrow_type, a, b) < 0;
    });
    values.erase(std::unique(values.begin(), values.end()), values.end());
    std::vector<Range> gaps;
    Range gap;
    for (const sdk::Value& value : values) {
      gap.high = sdk::Bound{value, false};
      gaps.push_back(std::exchange(gap, Range::GreaterThan(value)));
    }
    gaps.push_back(std::move(gap));
    return gaps;
  }

  std::optional<ColumnSet> Conjunction(
      const duckdb::BoundConjunctionExpression& conjunction) const {
    const bool is_and = conjunction.GetExpressionType() == ExpressionType::CONJUNCTION_AND;
    std::optional<ColumnSet> result;
    bool first = true;
    for (const auto& child : conjunction.children) {
      std::optional<ColumnSet> next = Build(*child);
      if (is_and) {
        result = first ? std::move(next) : Intersect(std::move(result), std::move(next));
      } else if (!next || (result && result->column != next->column)) {
        return std::nullopt;
      } else if (!result) {
        result = std::move(next);
      } else {
        result = ColumnSet{result->column, result->set.Union(next->set),
                           result->complete && next->complete};
      }
      first = false;
    }
    return result;
  }

  std::optional<ColumnSet> Flag(const duckdb::Expression& expression, bool value) const {
    const ScanColumn* const column = Column(expression);
    if (column == nullptr || column->type.kind() != TypeKind::kBoolean) {
      return std::nullopt;
    }
    return Ranges(*column, {Range::Equal(value)}, false);
  }

  const ColumnOfBinding& column_of_;
};

std::optional<ValueSet> DynamicConjunction(const duckdb::ConjunctionFilter& filter,
                                           const ScanColumn& column, bool is_and) {
  std::optional<ValueSet> result;
  for (const auto& child : filter.child_filters) {
    std::optional<ValueSet> next = BuildDynamicSet(*child, column);
    if (!next) {
      if (is_and) {
        continue;
      }
      return std::nullopt;
    }
    if (!result) {
      result = std::move(next);
    } else {
      result = is_and ? result->Intersect(*next) : result->Union(*next);
    }
  }
  return result;
}

std::optional<ValueSet> DynamicInList(const duckdb::InFilter& filter, const ScanColumn& column) {
  std::vector<Range> ranges;
  for (const duckdb::Value& item : filter.values) {
    std::optional<sdk::Value> value = ToSdkValue(column, item);
    if (!value) {
      return std::nullopt;
    }
    ranges.push_back(Range::Equal(*std::move(value)));
  }
  return ValueSet::OfRanges(column.arrow_type, std::move(ranges), false);
}

}  // namespace

ScanTerm BuildTerm(const duckdb::Expression& condition, const ColumnOfBinding& column_of) {
  ScanTerm term;
  duckdb::ExpressionIterator::VisitExpression<duckdb::BoundColumnRefExpression>(
      condition, [&](const duckdb::BoundColumnRefExpression& reference) {
        if (const ScanColumn* const column = column_of(reference.binding)) {
          term.columns.insert(column->name);
        }
      });
  if (std::optional<ColumnSet> found = SetBuilder(column_of).Build(condition)) {
    term.column = found->column->name;
    term.set = std::move(found->set);
    term.complete = found->complete;
  }
  if (!term.complete) {
    term.expression = BuildExpression(condition, column_of);
    term.complete = term.expression.has_value();
  }
  return term;
}

std::optional<ValueSet> BuildDynamicSet(const duckdb::TableFilter& filter,
                                        const ScanColumn& column) {
  switch (filter.filter_type) {
    case duckdb::TableFilterType::OPTIONAL_FILTER: {
      const auto& optional = static_cast<const duckdb::OptionalFilter&>(filter);
      return optional.child_filter ? BuildDynamicSet(*optional.child_filter, column) : std::nullopt;
    }
    case duckdb::TableFilterType::CONJUNCTION_AND:
      return DynamicConjunction(filter.Cast<duckdb::ConjunctionAndFilter>(), column, true);
    case duckdb::TableFilterType::CONJUNCTION_OR:
      return DynamicConjunction(filter.Cast<duckdb::ConjunctionOrFilter>(), column, false);
    case duckdb::TableFilterType::IN_FILTER:
      return DynamicInList(filter.Cast<duckdb::InFilter>(), column);
    case duckdb::TableFilterType::CONSTANT_COMPARISON: {
      const auto& comparison = filter.Cast<duckdb::ConstantFilter>();
      const std::optional<sdk::Value> value = ToSdkValue(column, comparison.constant);
      std::vector<Range> ranges;
      if (value) {
        ranges = ComparisonRanges(comparison.comparison_type, *value);
      }
      return ranges.empty() ? std::nullopt
                            : std::optional<ValueSet>(
                                  ValueSet::OfRanges(column.arrow_type, std::move(ranges), false));
    }
    case duckdb::TableFilterType::IS_NOT_NULL:
      return ValueSet::NotNull(column.arrow_type);
    default:
      return std::nullopt;
  }
}

}  // namespace pallas::engine
