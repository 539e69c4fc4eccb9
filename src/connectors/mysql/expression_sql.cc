#include "connectors/mysql/expression_sql.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/type.h"
#include "arrow/type_traits.h"

#include "connectors/mysql/connection.h"
#include "simdjson.h"

namespace pallas::mysql {
namespace {

using sdk::Expression;
using sdk::Range;
using sdk::Support;
using sdk::Value;
using sdk::ValueSet;

enum class Comparison { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

const std::map<std::string, Comparison>& Comparisons() {
  static const auto* const comparisons = new std::map<std::string, Comparison>{
      {"$equal", Comparison::kEqual},
      {"$not_equal", Comparison::kNotEqual},
      {"$less_than", Comparison::kLess},
      {"$less_than_or_equal", Comparison::kLessOrEqual},
      {"$greater_than", Comparison::kGreater},
      {"$greater_than_or_equal", Comparison::kGreaterOrEqual},
  };
  return *comparisons;
}

Comparison Negate(Comparison comparison) {
  switch (comparison) {
    case Comparison::kEqual:
      return Comparison::kNotEqual;
    case Comparison::kNotEqual:
      return Comparison::kEqual;
    case Comparison::kLess:
      return Comparison::kGreaterOrEqual;
    case Comparison::kLessOrEqual:
      return Comparison::kGreater;
    case Comparison::kGreater:
      return Comparison::kLessOrEqual;
    case Comparison::kGreaterOrEqual:
      return Comparison::kLess;
  }
  return comparison;
}

// `a < b` as `b > a`.
Comparison Swap(Comparison comparison) {
  switch (comparison) {
    case Comparison::kLess:
      return Comparison::kGreater;
    case Comparison::kLessOrEqual:
      return Comparison::kGreaterOrEqual;
    case Comparison::kGreater:
      return Comparison::kLess;
    case Comparison::kGreaterOrEqual:
      return Comparison::kLessOrEqual;
    default:
      return comparison;
  }
}

std::string_view Symbol(Comparison comparison) {
  switch (comparison) {
    case Comparison::kEqual:
      return " = ";
    case Comparison::kNotEqual:
      return " <> ";
    case Comparison::kLess:
      return " < ";
    case Comparison::kLessOrEqual:
      return " <= ";
    case Comparison::kGreater:
      return " > ";
    case Comparison::kGreaterOrEqual:
      return " >= ";
  }
  return "";
}

std::vector<Range> ToRanges(Comparison comparison, const Value& value) {
  switch (comparison) {
    case Comparison::kEqual:
      return {Range::Equal(value)};
    case Comparison::kNotEqual:
      return {Range::LessThan(value), Range::GreaterThan(value)};
    case Comparison::kLess:
      return {Range::LessThan(value)};
    case Comparison::kLessOrEqual:
      return {Range::AtMost(value)};
    case Comparison::kGreater:
      return {Range::GreaterThan(value)};
    case Comparison::kGreaterOrEqual:
      return {Range::AtLeast(value)};
  }
  return {};
}

Condition Never() { return Condition::Exact("(1 = 0)"); }

bool IsIntegerColumn(const SourceColumn& column) {
  return column.mapping.filter == FilterKind::kNumber &&
         arrow::is_integer(column.mapping.type->id());
}

const std::optional<Value>* ScalarConstant(const Expression& expression) {
  return expression.kind == Expression::Kind::kConstant && expression.values.size() == 1
             ? &expression.values[0]
             : nullptr;
}

// A LIKE pattern of the engine taken apart and written with an escape character that it does not
// hold, because the server's own default is the backslash (MY-6).
class LikePattern {
 public:
  // nullopt: the engine would refuse the pattern, or no character is left for escapes.
  static std::optional<LikePattern> Make(std::string_view pattern, std::string_view escape) {
    LikePattern result;
    for (size_t i = 0; i < pattern.size(); ++i) {
      bool literal = pattern[i] != '%' && pattern[i] != '_';
      if (!escape.empty() && pattern[i] == escape[0]) {
        i += 1;
        if (i == pattern.size() ||
            (pattern[i] != '%' && pattern[i] != '_' && pattern[i] != escape[0])) {
          return std::nullopt;
        }
        literal = true;
      }
      result.characters_.emplace_back(pattern[i], literal);
    }
    constexpr std::string_view kCandidates = "|!~^#$&*+";
    const size_t found = kCandidates.find_first_not_of(pattern);
    if (found == std::string_view::npos) {
      return std::nullopt;
    }
    result.escape_ = kCandidates[found];
    return result;
  }

  // `'50|%%' ESCAPE '|'`
  std::string Sql() const {
    std::string text;
    for (const auto& [character, literal] : characters_) {
      if (literal && (character == '%' || character == '_')) {
        text.push_back(escape_);
      }
      text.push_back(character);
    }
    return absl::StrCat(QuoteText(text), " ESCAPE '", std::string(1, escape_), "'");
  }

  bool StartsWithLiteral() const { return !characters_.empty() && characters_[0].second; }

 private:
  std::vector<std::pair<char, bool>> characters_;  // whether each stands for itself
  char escape_ = '|';
};

// Writes conditions for `expression`, or for "it is false" where `negated`: negation is carried to
// the leaves, because only there it is known whether it may be.
class Writer {
 public:
  explicit Writer(const SourceTable& table) : table_(table) {}

  Condition Write(const Expression& expression, bool negated) const {
    switch (expression.kind) {
      case Expression::Kind::kConstant:
        return WriteConstant(expression, negated);
      case Expression::Kind::kVariable:
        return WriteSet(expression, {Range::Equal(Value(!negated))}, false);
      case Expression::Kind::kCall:
        return WriteCall(expression, negated);
    }
    return Condition::None("");
  }

 private:
  Condition WriteCall(const Expression& call, bool negated) const {
    if (call.name == "$and" || call.name == "$or") {
      return (call.name == "$and") != negated ? WriteAnd(call, negated) : WriteOr(call, negated);
    }
    if (call.name == "$not" && call.arguments.size() == 1) {
      return Write(call.arguments[0], !negated);
    }
    if (call.name == "$is_null" && call.arguments.size() == 1) {
      return negated ? WriteSet(call.arguments[0], {Range::All()}, false)
                     : WriteSet(call.arguments[0], {}, true);
    }
    if (call.name == "$like_pattern") {
      return WriteLike(call, negated);
    }
    if (call.name == "$in" && call.arguments.size() == 2) {
      return WriteIn(call.arguments[0], call.arguments[1], negated);
    }
    if (call.name == "$is_distinct_from" && call.arguments.size() == 2) {
      return WriteDistinct(call.arguments[0], call.arguments[1], negated);
    }
    const auto comparison = Comparisons().find(call.name);
    if (comparison != Comparisons().end() && call.arguments.size() == 2) {
      return WriteComparison(negated ? Negate(comparison->second) : comparison->second,
                             call.arguments[0], call.arguments[1]);
    }
    return Condition::None(absl::StrCat("the server is not asked to evaluate ", call.name));
  }

  static Condition WriteConstant(const Expression& expression, bool negated) {
    const std::optional<Value>* const value = ScalarConstant(expression);
    if (value == nullptr || (*value && !std::holds_alternative<bool>(**value))) {
      return Condition::None("the constant is no truth value");
    }
    const bool is_true = *value && std::get<bool>(**value) != negated;
    return is_true ? Condition::Exact("(1 = 1)") : Never();
  }

  // A term that cannot be sent is left out; the rest returns more rows.
  Condition WriteAnd(const Expression& call, bool negated) const {
    std::vector<std::string> terms;
    sdk::TermSupport support{Support::kExact, ""};
    for (const Expression& argument : call.arguments) {
      Condition term = Write(argument, negated);
      if (term.support.support != Support::kExact) {
        support = {Support::kInexact, term.support.reason};
      }
      if (!term.sql.empty()) {
        terms.push_back(std::move(term.sql));
      }
    }
    if (terms.empty()) {
      return support.support == Support::kExact ? Condition::Exact("(1 = 1)")
                                                : Condition::None(support.reason);
    }
    return {absl::StrCat("(", absl::StrJoin(terms, " AND "), ")"), support};
  }

  Condition WriteOr(const Expression& call, bool negated) const {
    std::vector<std::string> terms;
    sdk::TermSupport support{Support::kExact, ""};
    for (const Expression& argument : call.arguments) {
      Condition term = Write(argument, negated);
      if (term.support.support == Support::kUnsupported) {
        return term;
      }
      if (term.support.support == Support::kInexact) {
        support = term.support;
      }
      terms.push_back(term.sql.empty() ? "(1 = 1)" : std::move(term.sql));
    }
    return {terms.empty() ? "(1 = 0)" : absl::StrCat("(", absl::StrJoin(terms, " OR "), ")"),
            support};
  }

  // A column, or an integer column divided by a constant.
  std::optional<SourceColumn> Operand(const Expression& expression) const {
    if (expression.kind == Expression::Kind::kVariable) {
      const SourceColumn* const column = table_.Find(expression.name);
      return column == nullptr || column->is_partition_name ? std::nullopt : std::optional(*column);
    }
    const bool divides = expression.name == "$divide";
    if (expression.kind != Expression::Kind::kCall || expression.arguments.size() != 2 ||
        !(divides || expression.name == "$modulus")) {
      return std::nullopt;
    }
    std::optional<SourceColumn> column = Operand(expression.arguments[0]);
    const std::optional<Value>* const divisor = ScalarConstant(expression.arguments[1]);
    if (!column || !IsIntegerColumn(*column) || divisor == nullptr || !*divisor ||
        !std::holds_alternative<int64_t>(**divisor) || expression.type == nullptr ||
        !arrow::is_integer(expression.type->id())) {
      return std::nullopt;
    }
    // MY-5. By zero the engine fails where the server says NULL; a negative divisor overflows, or
    // is refused on an unsigned column.
    const int64_t number = std::get<int64_t>(**divisor);
    if (number <= 0) {
      return std::nullopt;
    }
    column->quoted = absl::StrCat("(", column->quoted, divides ? " DIV " : " % ", number, ")");
    column->mapping.type = expression.type;
    return column;
  }

  Condition WriteSet(const Expression& operand, std::vector<Range> ranges,
                     bool null_allowed) const {
    const std::optional<SourceColumn> column = Operand(operand);
    if (!column) {
      return NoOperand(operand);
    }
    if (!ranges.empty() && !HoldsValuesOf(*column, ranges)) {
      return Condition::None("the values are of another type than the column");
    }
    return ColumnCondition(
        *column, ValueSet::OfRanges(column->mapping.type, std::move(ranges), null_allowed));
  }

  static Condition NoOperand(const Expression& operand) {
    return Condition::None(absl::StrCat(
        "the server is not asked to evaluate ",
        operand.kind == Expression::Kind::kVariable ? "the column " : "", operand.name));
  }

  static bool HoldsValuesOf(const SourceColumn& column, const std::vector<Range>& ranges) {
    const auto fits = [&](const std::optional<sdk::Bound>& bound) {
      if (!bound) {
        return true;
      }
      switch (column.mapping.type->id()) {
        case arrow::Type::BOOL:
          return std::holds_alternative<bool>(bound->value);
        case arrow::Type::FLOAT:
        case arrow::Type::DOUBLE:
          return std::holds_alternative<double>(bound->value);
        case arrow::Type::DECIMAL128:
          return std::holds_alternative<absl::int128>(bound->value);
        case arrow::Type::STRING:
        case arrow::Type::BINARY:
          return std::holds_alternative<std::string>(bound->value);
        default:
          return std::holds_alternative<int64_t>(bound->value);
      }
    };
    for (const Range& range : ranges) {
      if (!fits(range.low) || !fits(range.high)) {
        return false;
      }
    }
    return true;
  }

  // Values of two types compare as they stand only where both are integers.
  static bool Comparable(const arrow::DataType& a, const std::shared_ptr<arrow::DataType>& b) {
    return b != nullptr &&
           (a.Equals(*b) || (arrow::is_integer(a.id()) && arrow::is_integer(b->id())));
  }

  Condition WriteComparison(Comparison comparison, const Expression& left,
                            const Expression& right) const {
    if (ScalarConstant(left) != nullptr && ScalarConstant(right) == nullptr) {
      return WriteComparison(Swap(comparison), right, left);
    }
    const std::optional<SourceColumn> column = Operand(left);
    if (!column) {
      return NoOperand(left);
    }
    if (const std::optional<Value>* const constant = ScalarConstant(right)) {
      if (!*constant) {
        return Never();
      }
      return Comparable(*column->mapping.type, right.type)
                 ? WriteSet(left, ToRanges(comparison, **constant), false)
                 : Condition::None("the values are of another type than the column");
    }
    const std::optional<SourceColumn> other = Operand(right);
    if (!other) {
      return NoOperand(right);
    }
    if (!ComparesAsEngine(*column, *other)) {
      return Condition::None("the server compares these two columns in its own way");
    }
    std::string sql = absl::StrCat("(", ComparedExpression(*column), Symbol(comparison),
                                   ComparedExpression(*other), ")");
    return IsLossy(column->mapping.filter)
               ? Condition::Inexact(std::move(sql), "zero dates are NULL for the engine only")
               : Condition::Exact(std::move(sql));
  }

  static bool ComparesAsEngine(const SourceColumn& a, const SourceColumn& b) {
    if (!Comparable(*a.mapping.type, b.mapping.type)) {
      return false;
    }
    switch (a.mapping.filter) {
      case FilterKind::kNone:
      case FilterKind::kFlag:
      case FilterKind::kBitFlag:
        return false;
      default:
        return b.mapping.filter == a.mapping.filter;
    }
  }

  Condition WriteDistinct(const Expression& left, const Expression& right, bool negated) const {
    if (ScalarConstant(left) != nullptr && ScalarConstant(right) == nullptr) {
      return WriteDistinct(right, left, negated);
    }
    const std::optional<SourceColumn> column = Operand(left);
    if (!column) {
      return NoOperand(left);
    }
    if (const std::optional<Value>* const constant = ScalarConstant(right)) {
      if (!*constant) {
        return negated ? WriteSet(left, {}, true) : WriteSet(left, {Range::All()}, false);
      }
      if (!Comparable(*column->mapping.type, right.type)) {
        return Condition::None("the values are of another type than the column");
      }
      return negated ? WriteSet(left, ToRanges(Comparison::kEqual, **constant), false)
                     : WriteSet(left, ToRanges(Comparison::kNotEqual, **constant), true);
    }
    const std::optional<SourceColumn> other = Operand(right);
    if (!other || !ComparesAsEngine(*column, *other) || IsLossy(column->mapping.filter)) {
      return Condition::None("the server compares these two columns in its own way");
    }
    // MY-4: the server has no IS DISTINCT FROM.
    return Condition::Exact(absl::StrCat(negated ? "(" : "(NOT (", ComparedExpression(*column),
                                         " <=> ", ComparedExpression(*other),
                                         negated ? ")" : "))"));
  }

  // The members of an IN list; nullopt if one is no constant of the operand's type.
  static std::optional<std::vector<std::optional<Value>>> Members(const SourceColumn& column,
                                                                  const Expression& list) {
    std::vector<std::optional<Value>> members;
    const auto add = [&](const Expression& constant) {
      const bool fits = constant.kind == Expression::Kind::kConstant &&
                        Comparable(*column.mapping.type, constant.type);
      members.insert(members.end(), constant.values.begin(), constant.values.end());
      return fits;
    };
    if (list.kind == Expression::Kind::kConstant) {
      return add(list) ? std::optional(members) : std::nullopt;
    }
    for (const Expression& constant : list.arguments) {
      if (!add(constant)) {
        return std::nullopt;
      }
    }
    return list.name == "$array" ? std::optional(members) : std::nullopt;
  }

  Condition WriteIn(const Expression& operand, const Expression& list, bool negated) const {
    const std::optional<SourceColumn> column = Operand(operand);
    if (!column) {
      return NoOperand(operand);
    }
    const auto members = Members(*column, list);
    if (!members) {
      return Condition::None("the list of IN holds other things than values of the column's type");
    }
    std::vector<Value> values;
    for (const std::optional<Value>& member : *members) {
      if (member) {
        values.push_back(*member);
      } else if (negated) {
        return Never();  // with a NULL in the list, NOT IN is never true
      }
    }
    std::vector<Range> ranges;
    ranges.reserve(values.size());
    for (const Value& value : values) {
      ranges.push_back(Range::Equal(value));
    }
    if (!HoldsValuesOf(*column, ranges)) {
      return Condition::None("the values are of another type than the column");
    }
    return ColumnCondition(
        *column, ValueSet::OfValues(column->mapping.type, std::move(values), !negated, false));
  }

  Condition WriteLike(const Expression& call, bool negated) const {
    const size_t count = call.arguments.size();
    if (count != 2 && count != 3) {
      return Condition::None("a LIKE of this form is not sent");
    }
    const std::optional<SourceColumn> column = Operand(call.arguments[0]);
    if (!column) {
      return NoOperand(call.arguments[0]);
    }
    const auto text = [](const Expression& argument) -> const std::string* {
      const std::optional<Value>* const constant = ScalarConstant(argument);
      return constant == nullptr || !*constant ? nullptr : std::get_if<std::string>(&**constant);
    };
    const std::string* const pattern = text(call.arguments[1]);
    const std::string* const escape = count == 3 ? text(call.arguments[2]) : nullptr;
    if (column->mapping.filter != FilterKind::kText || pattern == nullptr ||
        (count == 3 && (escape == nullptr || escape->size() != 1)) ||
        !simdjson::validate_utf8(*pattern)) {
      return Condition::None("LIKE is sent for text and a constant pattern only");
    }
    const auto parsed = LikePattern::Make(*pattern, escape == nullptr ? "" : *escape);
    if (!parsed) {
      return Condition::None("the pattern cannot be written for the server");
    }
    const std::string like = parsed->Sql();
    // LIKE never pads, so a _bin collation makes it exact, character by character.
    const std::string exact =
        absl::StrCat("CONVERT(", column->quoted, " USING utf8mb4) COLLATE utf8mb4_bin LIKE ", like);
    if (negated) {
      return Condition::Exact(absl::StrCat("(NOT (", exact, "))"));
    }
    // What matches exactly matches under every collation; this form an index can serve.
    const bool helps = parsed->StartsWithLiteral() && IsComparable(column->mapping, *pattern);
    const std::string indexed = helps ? absl::StrCat(column->quoted, " LIKE ", like, " AND ") : "";
    return Condition::Exact(absl::StrCat("(", indexed, exact, ")"));
  }

  const SourceTable& table_;
};

}  // namespace

Condition ExpressionCondition(const SourceTable& table, const Expression& expression) {
  return Writer(table).Write(expression, false);
}

}  // namespace pallas::mysql
