#include "absl/strings/str_cat.h"
#include "arrow/type.h"

#include "sdk/protocol/constraint_names_internal.h"
#include "sdk/protocol/encoder_internal.h"

namespace pallas::sdk::protocol {
namespace {

std::vector<std::optional<Value>> Present(const std::vector<Value>& values) {
  return {values.begin(), values.end()};
}

}  // namespace

void Encoder::Marker(std::string_view key, const std::shared_ptr<arrow::DataType>& type,
                     const std::optional<Bound>& bound, std::string_view exclusive) {
  out_.BeginObject(key);
  std::vector<std::optional<Value>> values;
  if (bound) {
    values.emplace_back(bound->value);
  }
  Values("valueBlock", type, values);
  out_.Field("bound", bound && bound->inclusive ? kExactly : exclusive);
  out_.BoolField("nullValue", !bound);
  out_.EndObject();
}

void Encoder::SortedRanges(const ValueSet& set) {
  ArrowType("type", *set.type());
  out_.BeginArray("ranges");
  for (const Range& range : set.ranges()) {
    out_.BeginObject();
    Marker("low", set.type(), range.low, kAbove);
    Marker("high", set.type(), range.high, kBelow);
    if (v1()) {
      ArrowType("type", *set.type());
    }
    out_.EndObject();
  }
  out_.EndArray();
}

void Encoder::Set(std::string_view key, const ValueSet& set) {
  out_.BeginObject(key);
  switch (set.kind()) {
    case ValueSet::Kind::kSortedRanges:
      out_.Field("@type", v1() ? kSortedRanges.in1 : kSortedRanges.since2);
      SortedRanges(set);
      break;
    case ValueSet::Kind::kEquatable:
      out_.Field("@type", v1() ? kEquatable.in1 : kEquatable.since2);
      Values("valueBlock", set.type(), Present(set.values()));
      out_.BoolField("whiteList", set.white_list());
      break;
    case ValueSet::Kind::kAllOrNone:
      out_.Field("@type", v1() ? kAllOrNone.in1 : kAllOrNone.since2);
      ArrowType("type", *set.type());
      if (!v1()) {
        out_.BoolField("all", set.all());
      }
      break;
  }
  out_.BoolField("nullAllowed", set.null_allowed());
  if (v1() && set.kind() == ValueSet::Kind::kEquatable) {
    Values("values", set.type(), Present(set.values()));
  }
  out_.EndObject();
}

void Encoder::ExpressionObject(const Expression& expression) {
  out_.BeginObject();
  switch (expression.kind) {
    case Expression::Kind::kConstant:
      out_.Field("@type", v1() ? kConstant.in1 : kConstant.since2);
      Values("valueBlock", expression.type, expression.values);
      ArrowType("type", *expression.type);
      break;
    case Expression::Kind::kVariable:
      out_.Field("@type", v1() ? kVariable.in1 : kVariable.since2);
      out_.Field("columnName", expression.name);
      ArrowType("type", *expression.type);
      break;
    case Expression::Kind::kCall:
      out_.Field("@type", v1() ? kCall.in1 : kCall.since2);
      ArrowType("type", *expression.type);
      out_.BeginObject("functionName");
      out_.Field("functionName", expression.name);
      out_.EndObject();
      out_.BeginArray("arguments");
      for (const Expression& argument : expression.arguments) {
        ExpressionObject(argument);
      }
      out_.EndArray();
      break;
  }
  out_.EndObject();
}

void Encoder::OrderByClause(const std::vector<OrderBy>& order_by) {
  out_.BeginArray("orderByClause");
  for (const OrderBy& item : order_by) {
    out_.BeginObject();
    out_.Field("columnName", item.column);
    out_.Field("direction", kDirections[static_cast<size_t>(item.order)]);
    out_.EndObject();
  }
  out_.EndArray();
}

void Encoder::Plan(const std::optional<QueryPlan>& plan) {
  if (!plan) {
    out_.NullField("queryPlan");
    return;
  }
  out_.BeginObject("queryPlan");
  out_.Field("substraitVersion", plan->substrait_version);
  out_.Field("substraitPlan", plan->substrait_plan);
  out_.EndObject();
}

void Encoder::Constraints(const WireConstraints& constraints) {
  out_.BeginObject("constraints");
  out_.BeginObject("summary");
  for (const auto& [column, set] : constraints.filter.summary) {
    Set(column, set);
  }
  out_.EndObject();
  if (version_ >= Version::kV4 || v1()) {
    out_.BeginArray("expression");
    for (const Expression& expression : constraints.filter.expressions) {
      ExpressionObject(expression);
    }
    out_.EndArray();
    OrderByClause(constraints.order_by);
    out_.NumberField("limit", constraints.limit.value_or(kNoLimit));
  }
  PassthroughArguments(constraints.passthrough_arguments);
  if (version_ >= Version::kV6 || v1()) {
    Plan(constraints.query_plan);
  }
  if (v1()) {
    out_.BoolField("queryPassThrough", !constraints.passthrough_arguments.empty());
  }
  out_.EndObject();
}

}  // namespace pallas::sdk::protocol
