#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "sdk/protocol/arrow_type_json_internal.h"
#include "sdk/protocol/constraint_names_internal.h"
#include "sdk/protocol/decoder_internal.h"
#include "sdk/protocol/value_block.h"

namespace pallas::sdk::protocol {
namespace {

using DataTypePtr = std::shared_ptr<arrow::DataType>;

bool Is(const Discriminator& discriminator, std::string_view text, const ObjectReader& in) {
  return text == (in.version() == Version::kV1 ? discriminator.in1 : discriminator.since2);
}

std::vector<std::optional<Value>> ValuesOf(ObjectReader& in, const Block& block,
                                           const DataTypePtr& type) {
  if (!in.ok()) {
    return {};
  }
  absl::StatusOr<std::vector<std::optional<Value>>> values = FromValueBlock(*block, *type);
  if (!values.ok()) {
    in.state().Fail("valueBlock", values.status());
    return {};
  }
  return *std::move(values);
}

// The bound of a range's end; no value: it is open. `exclusive` is the word for a bound outside of
// its value: an open end has it too.
std::optional<Bound> ReadMarker(ObjectReader& range, std::string_view name, const DataTypePtr& type,
                                std::string_view exclusive) {
  ObjectReader marker = range.Object(name);
  const Block block = ReadBlock(marker, "valueBlock");
  const std::string bound = marker.Text("bound");
  const bool is_null = marker.Bool("nullValue");
  marker.End();
  std::vector<std::optional<Value>> values = ValuesOf(marker, block, type);
  if (!marker.ok()) {
    return std::nullopt;
  }
  if (bound != exclusive && bound != kExactly) {
    range.Fail(name, absl::StrCat("a bound is ", exclusive, " or ", kExactly, ", not ", bound));
    return std::nullopt;
  }
  if (is_null) {
    if (bound != exclusive) {
      range.Fail(name, "a bound without a value is EXACTLY nothing");
    }
    return std::nullopt;
  }
  if (values.size() != 1 || !values[0]) {
    range.Fail(name, "a bound has one value");
    return std::nullopt;
  }
  return Bound{*std::move(values[0]), bound == kExactly};
}

Range ReadRange(DecodeState& state, const ObjectReader::Element& element, const DataTypePtr& type) {
  ObjectReader in(state, "range", element);
  Range range;
  range.low = ReadMarker(in, "low", type, kAbove);
  range.high = ReadMarker(in, "high", type, kBelow);
  in.End();
  // Left to itself, a set drops such a range, and so rows: peers that order texts by UTF-16 see
  // ends in another order than we do.
  if (in.ok() && range.low && range.high &&
      CompareValues(*type, range.low->value, range.high->value) > 0) {
    in.Fail("low", "the low end of the range lies above its high end");
  }
  return range;
}

std::optional<ValueSet> ReadSortedRanges(ObjectReader& in) {
  const DataTypePtr type = ReadArrowType(in, "type");
  std::vector<Range> ranges;
  in.ForEach("ranges", [&](const ObjectReader::Element& element) {
    ranges.push_back(ReadRange(in.state(), element, type));
  });
  const bool null_allowed = in.Bool("nullAllowed");
  return in.ok() ? std::optional(ValueSet::OfRanges(type, std::move(ranges), null_allowed))
                 : std::nullopt;
}

std::optional<ValueSet> ReadEquatable(ObjectReader& in) {
  const Block block = ReadBlock(in, "valueBlock");
  const bool white_list = in.Bool("whiteList");
  const bool null_allowed = in.Bool("nullAllowed");
  if (!in.ok() || block->num_columns() != 1) {
    in.Fail("valueBlock", "a block of values has one column");
    return std::nullopt;
  }
  const DataTypePtr type = block->column(0)->type();
  std::vector<Value> values;
  for (std::optional<Value>& value : ValuesOf(in, block, type)) {
    if (!value) {
      in.Fail("valueBlock", "a listed value is null");
      return std::nullopt;
    }
    values.push_back(*std::move(value));
  }
  return in.ok()
             ? std::optional(ValueSet::OfValues(type, std::move(values), white_list, null_allowed))
             : std::nullopt;
}

std::optional<ValueSet> ReadAllOrNone(ObjectReader& in) {
  const DataTypePtr type = ReadArrowType(in, "type");
  const bool all = in.version() != Version::kV1 && in.Bool("all");
  const bool null_allowed = in.Bool("nullAllowed");
  return in.ok() ? std::optional(ValueSet::AllOrNone(type, all, null_allowed)) : std::nullopt;
}

std::optional<ValueSet> ReadSet(DecodeState& state, std::string_view column,
                                const ObjectReader::Element& element) {
  ObjectReader in(state, column, element);
  const std::string kind = in.Text("@type");
  std::optional<ValueSet> set;
  if (Is(kSortedRanges, kind, in)) {
    set = ReadSortedRanges(in);
  } else if (Is(kEquatable, kind, in)) {
    set = ReadEquatable(in);
  } else if (Is(kAllOrNone, kind, in)) {
    set = ReadAllOrNone(in);
  } else {
    in.Fail("@type", absl::StrCat("there is no value set ", kind));
  }
  in.End();
  return set;
}

Expression ReadExpression(DecodeState& state, const ObjectReader::Element& element);

Expression ReadCall(ObjectReader& in) {
  Expression call;
  call.kind = Expression::Kind::kCall;
  call.type = ReadArrowType(in, "type");
  ObjectReader function = in.Object("functionName");
  call.name = function.Text("functionName");
  function.End();
  in.ForEach("arguments", [&](const ObjectReader::Element& argument) {
    call.arguments.push_back(ReadExpression(in.state(), argument));
  });
  if (in.ok() && call.type->id() == arrow::Type::LIST && !call.arguments.empty()) {
    // What the elements are is lost in a list's JSON form.
    call.type = arrow::list(call.arguments[0].type);
  }
  return call;
}

Expression ReadExpression(DecodeState& state, const ObjectReader::Element& element) {
  ObjectReader in(state, "expression", element);
  const std::string kind = in.Text("@type");
  Expression expression;
  if (Is(kCall, kind, in)) {
    expression = ReadCall(in);
  } else if (Is(kVariable, kind, in)) {
    expression.kind = Expression::Kind::kVariable;
    expression.name = in.Text("columnName");
    expression.type = ReadArrowType(in, "type");
  } else if (Is(kConstant, kind, in)) {
    const Block block = ReadBlock(in, "valueBlock");
    expression.type = ReadArrowType(in, "type");
    expression.values = ValuesOf(in, block, expression.type);
  } else {
    in.Fail("@type", absl::StrCat("there is no expression ", kind));
  }
  in.End();
  return expression;
}

OrderBy ReadOrderBy(DecodeState& state, const ObjectReader::Element& element) {
  ObjectReader in(state, "orderByClause", element);
  OrderBy item;
  item.column = in.Text("columnName");
  const std::string direction = in.Text("direction");
  in.End();
  const auto* const found = std::find(kDirections.begin(), kDirections.end(), direction);
  if (found == kDirections.end()) {
    in.Fail("direction", absl::StrCat("there is no sort order ", direction));
  } else {
    item.order = static_cast<SortOrder>(found - kDirections.begin());
  }
  return item;
}

std::optional<QueryPlan> ReadPlan(ObjectReader& in) {
  const std::optional<ObjectReader::Element> value = in.Nullable("queryPlan");
  if (!value) {
    return std::nullopt;
  }
  ObjectReader object(in.state(), "queryPlan", *value);
  QueryPlan plan;
  plan.substrait_version = object.NullableText("substraitVersion");
  plan.substrait_plan = object.Text("substraitPlan");
  object.End();
  return plan;
}

void ReadSince4(ObjectReader& in, WireConstraints& constraints) {
  in.ForEach("expression", [&](const ObjectReader::Element& element) {
    constraints.filter.expressions.push_back(ReadExpression(in.state(), element));
  });
  in.ForEach("orderByClause", [&](const ObjectReader::Element& element) {
    constraints.order_by.push_back(ReadOrderBy(in.state(), element));
  });
  bool has_limit = true;
  const std::optional<ObjectReader::Element> limit =
      in.version() == Version::kV1 ? in.Optional("limit", &has_limit) : in.Required("limit");
  if (limit) {
    const int64_t rows = IntOf(in.state(), "limit", *limit);
    // Every negative number is none; the original version 1 has no limit and its 0 means nothing.
    constraints.limit = rows < 0 ? std::nullopt : std::optional(rows);
  }
}

}  // namespace

WireConstraints ReadConstraints(ObjectReader& parent) {
  ObjectReader in = parent.Object("constraints");
  const Version version = in.version();
  WireConstraints constraints;
  in.ForEachField("summary", [&](std::string_view column, const ObjectReader::Element& element) {
    std::optional<ValueSet> set = ReadSet(in.state(), column, element);
    if (set && !constraints.filter.summary.emplace(column, *std::move(set)).second) {
      in.Fail("summary", absl::StrCat("the column ", column, " comes twice"));
    }
  });
  if (version >= Version::kV4 || version == Version::kV1) {
    ReadSince4(in, constraints);
  }
  if (version >= Version::kV5 || version == Version::kV1) {
    constraints.passthrough_arguments = in.Map("queryPassthroughArguments");
  }
  if (version >= Version::kV6 || version == Version::kV1) {
    constraints.query_plan = ReadPlan(in);
  }
  in.End();
  return constraints;
}

}  // namespace pallas::sdk::protocol
