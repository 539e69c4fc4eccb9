#include "connectors/dynamodb/expression_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace pallas::dynamodb {
namespace {

AttributeLiteral NullLiteral() { return {AttributeType::kNull, "true"}; }

AttributeLiteral TypeLiteral(AttributeType type) {
  return {AttributeType::kString, std::string(TypeName(type))};
}

std::string RangeCondition(const std::string& name, const NativeRange& range, Aliases& aliases) {
  if (range.is_prefix) {
    return absl::StrCat("begins_with(", name, ", ", aliases.Value(*range.low), ")");
  }
  if (range.low && range.high && range.low_inclusive && range.high_inclusive) {
    const std::string low = aliases.Value(*range.low);
    return absl::StrCat("(", name, " BETWEEN ", low, " AND ", aliases.Value(*range.high), ")");
  }
  std::vector<std::string> parts;
  if (range.high) {
    parts.push_back(
        absl::StrCat(name, range.high_inclusive ? " <= " : " < ", aliases.Value(*range.high)));
  }
  if (range.low) {
    parts.push_back(
        absl::StrCat(name, range.low_inclusive ? " >= " : " > ", aliases.Value(*range.low)));
  }
  return parts.size() == 1 ? parts.front() : absl::StrCat("(", absl::StrJoin(parts, " AND "), ")");
}

// `c = :v`, or `c IN (...)` as often as it takes.
void AddPoints(const std::string& name, const std::vector<AttributeLiteral>& points,
               Aliases& aliases, std::vector<std::string>& alternatives) {
  for (size_t begin = 0; begin < points.size(); begin += kMaxInOperands) {
    const size_t end = std::min(points.size(), begin + kMaxInOperands);
    std::vector<std::string> values;
    for (size_t i = begin; i < end; ++i) {
      values.push_back(aliases.Value(points[i]));
    }
    alternatives.push_back(values.size() == 1
                               ? absl::StrCat(name, " = ", values.front())
                               : absl::StrCat(name, " IN (", absl::StrJoin(values, ","), ")"));
  }
}

// The types other than the column's own whose values the column may show; nothing if there are
// none.
std::string OtherTypes(const SourceColumn& column, const std::string& name, Aliases& aliases) {
  const AttributeType natural = NaturalType(column);
  if (natural == AttributeType::kNumber) {
    return absl::StrCat("attribute_type(", name, ", ",
                        aliases.Value(TypeLiteral(AttributeType::kString)), ")");
  }
  if (natural == AttributeType::kString) {
    return absl::StrCat("(attribute_exists(", name, ") AND NOT attribute_type(", name, ", ",
                        aliases.Value(TypeLiteral(natural)), "))");
  }
  return "";
}

std::string Joined(std::vector<std::string> alternatives) {
  if (alternatives.size() == 1) {
    return std::move(alternatives.front());
  }
  return absl::StrCat("(", absl::StrJoin(alternatives, " OR "), ")");
}

}  // namespace

std::string Aliases::Name(const std::string& attribute) {
  if (readable()) {
    return attribute;
  }
  for (const auto& [alias, name] : names_) {
    if (name == attribute) {
      return alias;
    }
  }
  std::string alias = absl::StrCat("#", std::string(1, name_letter_), names_.size());
  names_.emplace(alias, attribute);
  return alias;
}

std::string Aliases::Value(const AttributeLiteral& literal) {
  if (readable()) {
    return literal.type == AttributeType::kNull ? "NULL" : literal.ToText();
  }
  const auto [known, is_new] = known_values_.try_emplace(
      literal, absl::StrCat(":", std::string(1, value_letter_), values_.size()));
  if (is_new) {
    values_.emplace(known->second, literal.ToJson());
  }
  return known->second;
}

std::string FilterCondition(const SourceColumn& column, const NativeSet& set, bool is_key,
                            Aliases& aliases) {
  if (is_key && set.all) {
    return "";
  }
  const std::string name = aliases.Name(column.attribute);
  if (set.all) {
    return set.null_allowed ? ""
                            : absl::StrCat("(attribute_exists(", name, ") AND ", name, " <> ",
                                           aliases.Value(NullLiteral()), ")");
  }
  std::vector<std::string> alternatives;
  std::vector<AttributeLiteral> points;
  for (const NativeRange& range : set.ranges) {
    if (range.IsPoint()) {
      points.push_back(*range.low);
    } else {
      alternatives.push_back(RangeCondition(name, range, aliases));
    }
  }
  AddPoints(name, points, aliases, alternatives);
  if (!is_key) {
    std::string others = set.ranges.empty() ? "" : OtherTypes(column, name, aliases);
    if (!others.empty()) {
      alternatives.push_back(std::move(others));
    }
    if (set.null_allowed) {
      alternatives.push_back(absl::StrCat("attribute_not_exists(", name, ")"));
      alternatives.push_back(absl::StrCat(name, " = ", aliases.Value(NullLiteral())));
    }
  }
  return Joined(std::move(alternatives));
}

bool IsKeyRange(const NativeRange& range) {
  return range.is_prefix || !range.low || !range.high ||
         (range.low_inclusive && range.high_inclusive);
}

std::string KeyCondition(const std::string& attribute, const NativeRange& range, Aliases& aliases) {
  const std::string name = aliases.Name(attribute);
  if (range.IsPoint()) {
    return absl::StrCat(name, " = ", aliases.Value(*range.low));
  }
  if (IsKeyRange(range)) {
    const std::string condition = RangeCondition(name, range, aliases);
    // A key condition takes no parentheses around BETWEEN in older servers.
    return condition.front() == '(' ? condition.substr(1, condition.size() - 2) : condition;
  }
  NativeRange closed = range;
  closed.low_inclusive = true;
  closed.high_inclusive = true;
  return KeyCondition(attribute, closed, aliases);
}

}  // namespace pallas::dynamodb
