#include "engine/duckdb/expression_builder.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "arrow/type.h"
#include "duckdb/planner/expression/list.hpp"

namespace pallas::engine {
namespace {

using duckdb::ExpressionType;
using sdk::Expression;

constexpr char kEscape[] = "\\";

// LIKE as DuckDB has it after its optimizer: the plain form, or a text that must be found.
struct LikeForm {
  const char* function;
  bool negated;
  const char* before;  // of a pattern made of the text; null: it is a pattern already
  const char* after;
};

constexpr LikeForm kLikeForms[] = {
    {"~~", false, nullptr, nullptr},
    {"!~~", true, nullptr, nullptr},
    {"like_escape", false, nullptr, nullptr},
    {"not_like_escape", true, nullptr, nullptr},
    {"prefix", false, "", "%"},
    {"suffix", false, "%", ""},
    {"contains", false, "%", "%"},
};

const char* ComparisonName(ExpressionType type) {
  switch (type) {
    case ExpressionType::COMPARE_EQUAL:
      return "$equal";
    case ExpressionType::COMPARE_NOTEQUAL:
      return "$not_equal";
    case ExpressionType::COMPARE_LESSTHAN:
      return "$less_than";
    case ExpressionType::COMPARE_LESSTHANOREQUALTO:
      return "$less_than_or_equal";
    case ExpressionType::COMPARE_GREATERTHAN:
      return "$greater_than";
    case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
      return "$greater_than_or_equal";
    case ExpressionType::COMPARE_DISTINCT_FROM:
      return "$is_distinct_from";
    default:
      return nullptr;
  }
}

Expression Call(std::string function, std::vector<Expression> arguments) {
  return Expression::Call(arrow::boolean(), std::move(function), std::move(arguments));
}

class Builder {
 public:
  explicit Builder(const ColumnOfBinding& column_of) : column_of_(column_of) {}

  std::optional<Expression> Build(const duckdb::Expression& condition) const {
    switch (condition.GetExpressionClass()) {
      case duckdb::ExpressionClass::BOUND_COMPARISON: {
        const auto& comparison = condition.Cast<duckdb::BoundComparisonExpression>();
        return Compare(comparison.GetExpressionType(), *comparison.left, *comparison.right);
      }
      case duckdb::ExpressionClass::BOUND_BETWEEN: {
        const auto& between = condition.Cast<duckdb::BoundBetweenExpression>();
        return Both(Compare(between.LowerComparisonType(), *between.input, *between.lower),
                    Compare(between.UpperComparisonType(), *between.input, *between.upper));
      }
      case duckdb::ExpressionClass::BOUND_CONJUNCTION:
        return Conjunction(condition.Cast<duckdb::BoundConjunctionExpression>());
      case duckdb::ExpressionClass::BOUND_OPERATOR:
        return Operator(condition.Cast<duckdb::BoundOperatorExpression>());
      case duckdb::ExpressionClass::BOUND_FUNCTION:
        return Like(condition.Cast<duckdb::BoundFunctionExpression>());
      default:
        return std::nullopt;
    }
  }

 private:
  const ScanColumn* Column(const duckdb::Expression& expression) const {
    if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) {
      return nullptr;
    }
    const auto& reference = expression.Cast<duckdb::BoundColumnRefExpression>();
    const ScanColumn* const column = reference.depth == 0 ? column_of_(reference.binding) : nullptr;
    const bool usable = column != nullptr && HasValueSets(*column) &&
                        column->type.kind() != TypeKind::kReal &&
                        column->type.kind() != TypeKind::kDouble;
    return usable ? column : nullptr;
  }

  static Expression Variable(const ScanColumn& column) {
    return Expression::Variable(column.arrow_type, column.name);
  }

  static std::optional<Expression> Constant(const ScanColumn& column,
                                            const duckdb::Expression& expression) {
    if (expression.GetExpressionClass() != duckdb::ExpressionClass::BOUND_CONSTANT) {
      return std::nullopt;
    }
    std::optional<sdk::Value> value =
        ToSdkValue(column, expression.Cast<duckdb::BoundConstantExpression>().value);
    return value ? std::optional(Expression::Constant(column.arrow_type, std::move(value)))
                 : std::nullopt;
  }

  // A column with a constant or with another of its type.
  std::optional<Expression> Compare(ExpressionType type, const duckdb::Expression& left,
                                    const duckdb::Expression& right) const {
    const ScanColumn* const column = Column(left);
    if (column == nullptr) {
      return Column(right) == nullptr
                 ? std::nullopt
                 : Compare(duckdb::FlipComparisonExpression(type), right, left);
    }
    const char* const name = ComparisonName(type);
    std::optional<Expression> value = Constant(*column, right);
    if (const ScanColumn* const other = Column(right);
        other != nullptr && other->type == column->type) {
      value = Variable(*other);
    }
    if (name == nullptr || !value) {
      return std::nullopt;
    }
    return Call(name, {Variable(*column), *std::move(value)});
  }

  static std::optional<Expression> Both(std::optional<Expression> a, std::optional<Expression> b) {
    if (!a || !b) {
      return std::nullopt;
    }
    return Call("$and", {*std::move(a), *std::move(b)});
  }

  std::optional<Expression> Conjunction(
      const duckdb::BoundConjunctionExpression& conjunction) const {
    std::vector<Expression> terms;
    for (const auto& child : conjunction.children) {
      std::optional<Expression> term = Build(*child);
      if (!term) {
        return std::nullopt;
      }
      terms.push_back(*std::move(term));
    }
    const bool is_and = conjunction.GetExpressionType() == ExpressionType::CONJUNCTION_AND;
    return Call(is_and ? "$and" : "$or", std::move(terms));
  }

  std::optional<Expression> Operator(const duckdb::BoundOperatorExpression& operation) const {
    switch (operation.GetExpressionType()) {
      case ExpressionType::OPERATOR_NOT:
        return Not(Build(*operation.children[0]));
      case ExpressionType::OPERATOR_IS_NULL:
        return IsNull(*operation.children[0]);
      case ExpressionType::OPERATOR_IS_NOT_NULL:
        return Not(IsNull(*operation.children[0]));
      case ExpressionType::COMPARE_IN:
        return InList(operation);
      case ExpressionType::COMPARE_NOT_IN:
        return Not(InList(operation));
      default:
        return std::nullopt;
    }
  }

  static std::optional<Expression> Not(std::optional<Expression> operand) {
    if (!operand) {
      return std::nullopt;
    }
    return Call("$not", {*std::move(operand)});
  }

  std::optional<Expression> IsNull(const duckdb::Expression& operand) const {
    const ScanColumn* const column = Column(operand);
    if (column == nullptr) {
      return std::nullopt;
    }
    return Call("$is_null", {Variable(*column)});
  }

  std::optional<Expression> InList(const duckdb::BoundOperatorExpression& operation) const {
    const ScanColumn* const column = Column(*operation.children[0]);
    if (column == nullptr) {
      return std::nullopt;
    }
    std::vector<Expression> items;
    for (size_t i = 1; i < operation.children.size(); ++i) {
      std::optional<Expression> item = Constant(*column, *operation.children[i]);
      if (!item) {
        return std::nullopt;
      }
      items.push_back(*std::move(item));
    }
    return Call("$in", {Variable(*column), Expression::Call(arrow::list(column->arrow_type),
                                                            "$array", std::move(items))});
  }

  std::optional<Expression> Like(const duckdb::BoundFunctionExpression& function) const {
    const auto* const form = std::find_if(
        std::begin(kLikeForms), std::end(kLikeForms),
        [&](const LikeForm& known) { return function.function.name == known.function; });
    if (form == std::end(kLikeForms) || function.children.size() < 2) {
      return std::nullopt;
    }
    const ScanColumn* const column = Column(*function.children[0]);
    if (column == nullptr || column->type.kind() != TypeKind::kVarchar) {
      return std::nullopt;
    }
    std::vector<Expression> arguments = {Variable(*column)};
    for (size_t i = 1; i < function.children.size(); ++i) {
      std::optional<Expression> text = Constant(*column, *function.children[i]);
      if (!text) {
        return std::nullopt;
      }
      arguments.push_back(*std::move(text));
    }
    if (form->before != nullptr) {
      SpellPattern(*form, *column,
                   duckdb::StringValue::Get(
                       function.children[1]->Cast<duckdb::BoundConstantExpression>().value),
                   arguments);
    }
    Expression like = Call("$like_pattern", std::move(arguments));
    return form->negated ? Not(std::move(like)) : std::move(like);
  }

  // Makes arguments[1] a pattern that finds `text`.
  static void SpellPattern(const LikeForm& form, const ScanColumn& column, const std::string& text,
                           std::vector<Expression>& arguments) {
    const std::string escaped =
        absl::StrReplaceAll(text, {{"%", absl::StrCat(kEscape, "%")},
                                   {"_", absl::StrCat(kEscape, "_")},
                                   {kEscape, absl::StrCat(kEscape, kEscape)}});
    arguments[1] = Expression::Constant(column.arrow_type,
                                        sdk::Value(absl::StrCat(form.before, escaped, form.after)));
    if (escaped != text) {
      arguments.push_back(
          Expression::Constant(column.arrow_type, sdk::Value(std::string(kEscape))));
    }
  }

  const ColumnOfBinding& column_of_;
};

}  // namespace

std::optional<Expression> BuildExpression(const duckdb::Expression& condition,
                                          const ColumnOfBinding& column_of) {
  return Builder(column_of).Build(condition);
}

}  // namespace pallas::engine
