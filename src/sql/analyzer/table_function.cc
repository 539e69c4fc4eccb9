#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/analyzer/relation_analyzer.h"

namespace pallas::sql {
namespace {

// sequence() is made of literal rows.
constexpr size_t kMaxSequenceRows = 10000;

std::string NameOf(const ast::QualifiedName& name) {
  return absl::StrJoin(name, ".", [](std::string* out, const ast::Identifier& part) {
    absl::StrAppend(out, absl::AsciiStrToLower(part.text));
  });
}

struct Parameter {
  std::string_view name;  // upper case
  bool required = false;
};

// Where messages about an argument, or about all of them, point.
Location PlaceOf(const ast::TableFunctionRelation& function,
                 const ast::TableFunctionArgument& argument) {
  if (argument.name.has_value()) {
    return argument.name->location;
  }
  return argument.value != nullptr ? argument.value->location : function.name.front().location;
}

Location ArgumentsPlace(const ast::TableFunctionRelation& function) {
  return function.arguments.empty() ? function.name.front().location
                                    : PlaceOf(function, function.arguments.front());
}

// The name as SQL compares it: quoted names keep their case.
std::string Canonical(const ast::Identifier& name) {
  return name.quoted ? name.text : absl::AsciiStrToUpper(name.text);
}

// The arguments in the order of `parameters`; null where an optional one is not given.
absl::StatusOr<std::vector<const ast::TableFunctionArgument*>> BindArguments(
    const ast::TableFunctionRelation& function, std::span<const Parameter> parameters) {
  if (function.arguments.size() > parameters.size()) {
    return ErrorAt(ArgumentsPlace(function), "INVALID_ARGUMENTS",
                   absl::StrCat("Too many arguments. Expected at most ", parameters.size(),
                                " arguments, got ", function.arguments.size(), " arguments"));
  }
  const auto named = static_cast<size_t>(std::count_if(
      function.arguments.begin(), function.arguments.end(),
      [](const ast::TableFunctionArgument& argument) { return argument.name.has_value(); }));
  if (named != 0 && named != function.arguments.size()) {
    return ErrorAt(ArgumentsPlace(function), "INVALID_ARGUMENTS",
                   "All arguments must be passed by name or all must be passed positionally");
  }
  std::vector<const ast::TableFunctionArgument*> bound(parameters.size());
  for (size_t i = 0; i < function.arguments.size(); ++i) {
    const ast::TableFunctionArgument& argument = function.arguments[i];
    if (!argument.name) {
      bound[i] = &argument;
      continue;
    }
    const std::string name = Canonical(*argument.name);
    const auto found = std::find_if(parameters.begin(), parameters.end(),
                                    [&](const Parameter& one) { return one.name == name; });
    const bool known = found != parameters.end();
    const auto position = static_cast<size_t>(found - parameters.begin());
    if (!known || bound[position] != nullptr) {
      return ErrorAt(argument.name->location, "INVALID_FUNCTION_ARGUMENT",
                     absl::StrCat(known ? "Duplicate" : "Unexpected", " argument name: ", name));
    }
    bound[position] = &argument;
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (bound[i] == nullptr && parameters[i].required) {
      return ErrorAt(ArgumentsPlace(function), "MISSING_ARGUMENT",
                     absl::StrCat("Missing argument: ", parameters[i].name));
    }
  }
  return bound;
}

// "Start", as messages about values have it.
std::string AsTitle(std::string_view upper) {
  std::string title = absl::AsciiStrToLower(upper);
  title[0] = upper[0];
  return title;
}

// That an argument is a scalar.
absl::Status CheckScalar(const ast::TableFunctionRelation& function, const Parameter& parameter,
                         const ast::TableFunctionArgument& argument) {
  if (argument.value != nullptr) {
    return absl::OkStatus();
  }
  return ErrorAt(PlaceOf(function, argument), "INVALID_FUNCTION_ARGUMENT",
                 absl::StrCat("Invalid argument ", parameter.name, ". Expected expression, got ",
                              argument.is_descriptor ? "descriptor" : "table"));
}

struct Sequence {
  int64_t start = 0;
  int64_t stop = 0;
  int64_t step = 1;
};

absl::StatusOr<std::vector<int64_t>> ValuesOf(const Sequence& sequence) {
  const auto& [start, stop, step] = sequence;
  if (start == stop) {
    return std::vector<int64_t>{start};
  }
  if (start < stop ? step <= 0 : step >= 0) {
    return NamedError("INVALID_FUNCTION_ARGUMENT",
                      absl::StrCat("Step must be ", start < stop ? "positive" : "negative",
                                   " for sequence [", start, ", ", stop, "]"));
  }
  std::vector<int64_t> values;
  for (absl::int128 value = start; step > 0 ? value <= stop : value >= stop; value += step) {
    if (values.size() == kMaxSequenceRows) {
      return NamedError("NOT_SUPPORTED", absl::StrCat("TABLE(sequence(...)) of more than ",
                                                      kMaxSequenceRows, " rows is not supported"));
    }
    values.push_back(static_cast<int64_t>(value));
  }
  return values;
}

constexpr std::string_view kTable = "table";
constexpr std::string_view kDescriptor = "descriptor";
constexpr std::string_view kExpression = "expression";

std::string_view KindOf(const ast::TableFunctionArgument& argument) {
  if (argument.table != nullptr) {
    return kTable;
  }
  return argument.is_descriptor ? kDescriptor : kExpression;
}

absl::Status WrongKind(const ast::TableFunctionArgument& argument, std::string_view parameter,
                       std::string_view expected) {
  return ErrorAt(argument.location, "INVALID_FUNCTION_ARGUMENT",
                 absl::StrCat("Invalid argument ", parameter, ". Expected ", expected, ", got ",
                              KindOf(argument)));
}

}  // namespace

absl::StatusOr<RelationPlan> RelationAnalyzer::AnalyzeTableFunction(
    const ast::TableFunctionRelation& function, Location location, const Scope* outer) {
  const std::string name = NameOf(function.name);
  if (name == "sequence" || name == "system.builtin.sequence") {
    return MakeSequence(function);
  }
  if (name == "exclude_columns" || name == "system.builtin.exclude_columns") {
    return ExcludeColumns(function, location, outer);
  }
  return CallTableFunction(function);
}

// A function of a catalog: its query goes to the source as it is.
absl::StatusOr<RelationPlan> RelationAnalyzer::CallTableFunction(
    const ast::TableFunctionRelation& function) {
  const Location location = function.name.front().location;
  const auto place = [&](const absl::Status& status) {
    const std::optional<ErrorDetail> detail = GetDetail(status);
    return !detail.has_value() || detail->name.empty() || detail->location.has_value()
               ? status
               : ErrorAt(location, detail->name, status.message(), status.code());
  };
  if (function.name.size() == 1) {
    return ErrorAt(location, "FUNCTION_NOT_FOUND",
                   absl::StrCat("Table function '", function.name.front().text, "' not registered"),
                   absl::StatusCode::kNotFound);
  }
  ASSIGN_OR_RETURN(const catalog::QualifiedName name, queries_.FullName(function.name, location));
  catalog::TableResolver& resolver = queries_.state().resolver;
  const sdk::RequestContext& context = queries_.state().context;
  const absl::StatusOr<sdk::PassthroughFunction> signature =
      resolver.FindTableFunction(context, name);
  if (!signature.ok()) {
    return place(signature.status());
  }
  std::vector<Parameter> parameters;
  for (const std::string& argument : signature->arguments) {
    parameters.push_back({argument, parameters.size() < signature->required_arguments});
  }
  ASSIGN_OR_RETURN(const auto bound, BindArguments(function, parameters));
  sdk::PassthroughArguments arguments;
  for (size_t i = 0; i < bound.size(); ++i) {
    if (bound[i] != nullptr) {
      ASSIGN_OR_RETURN(
          arguments[signature->arguments[i]],
          PassthroughArgument(function, parameters[i].name, parameters[i].required, *bound[i]));
    }
  }
  absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> table =
      resolver.CallTableFunction(context, name, arguments);
  if (!table.ok()) {
    return place(table.status());
  }
  RelationPlan result = queries_.Scan(*std::move(table), location);
  for (ScopeField& field : result.fields) {
    field.qualifier.clear();
    field.origin = nullptr;
  }
  return result;
}

absl::StatusOr<std::string> RelationAnalyzer::PassthroughArgument(
    const ast::TableFunctionRelation& function, std::string_view name, bool required,
    const ast::TableFunctionArgument& argument) {
  RETURN_IF_ERROR(CheckScalar(function, {name}, argument));
  const Location location = NodeLocation(*argument.value);
  ASSIGN_OR_RETURN(ExprPtr value, queries_.expressions().AnalyzeConstant(
                                      *argument.value, {.clause = "table function argument"}));
  if (!CanCoerce(value->type, Type::Varchar())) {
    return ErrorAt(location, "TYPE_MISMATCH",
                   absl::StrCat("Cannot cast type ", value->type.ToString(), " to varchar"));
  }
  value = Coerce(std::move(value), Type::Varchar());
  const auto* constant = std::get_if<ConstantExpr>(&value->node);
  if (constant == nullptr) {
    return ErrorAt(location, "NOT_SUPPORTED", absl::StrCat("Argument ", name, " must be a literal"),
                   absl::StatusCode::kUnimplemented);
  }
  const auto* text = std::get_if<std::string>(&constant->value);
  if (text == nullptr || (required && text->empty())) {
    return ErrorAt(location, "INVALID_FUNCTION_ARGUMENT",
                   absl::StrCat(name, text == nullptr ? " is null" : " is empty"));
  }
  return *text;
}

absl::StatusOr<RelationPlan> RelationAnalyzer::MakeSequence(
    const ast::TableFunctionRelation& function) {
  static constexpr std::array<Parameter, 3> kParameters = {
      {{"START", false}, {"STOP", true}, {"STEP", false}}};
  ASSIGN_OR_RETURN(const auto bound, BindArguments(function, kParameters));
  Sequence sequence;
  std::array<int64_t*, kParameters.size()> targets = {&sequence.start, &sequence.stop,
                                                      &sequence.step};
  for (size_t i = 0; i < kParameters.size(); ++i) {
    const ast::TableFunctionArgument* argument = bound[i];
    if (argument == nullptr) {
      continue;
    }
    RETURN_IF_ERROR(CheckScalar(function, kParameters[i], *argument));
    ASSIGN_OR_RETURN(ExprPtr value, queries_.expressions().AnalyzeConstant(
                                        *argument->value, {.clause = "table function argument"}));
    if (!CanCoerce(value->type, Type::Bigint())) {
      return ErrorAt(NodeLocation(*argument->value), "TYPE_MISMATCH",
                     absl::StrCat("Cannot cast type ", value->type.ToString(), " to bigint"));
    }
    value = Coerce(std::move(value), Type::Bigint());
    const auto* constant = std::get_if<ConstantExpr>(&value->node);
    const auto* number = constant == nullptr ? nullptr : std::get_if<int64_t>(&constant->value);
    if (number == nullptr) {
      return NamedError("INVALID_FUNCTION_ARGUMENT",
                        absl::StrCat(AsTitle(kParameters[i].name), " is null"));
    }
    *targets[i] = *number;
  }
  ASSIGN_OR_RETURN(const std::vector<int64_t> values, ValuesOf(sequence));
  ValuesPlan node;
  for (const int64_t value : values) {
    node.rows.emplace_back();
    node.rows.back().push_back(MakeExpr(Type::Bigint(), ConstantExpr{value}));
  }
  const PlanColumn column{queries_.NextColumn(), "sequential_number", Type::Bigint()};
  RelationPlan result;
  result.fields.push_back({{}, column.name, column.id, column.type});
  result.plan = MakePlan({column}, std::move(node));
  return result;
}

absl::StatusOr<RelationPlan> RelationAnalyzer::ExcludeColumns(
    const ast::TableFunctionRelation& function, Location location, const Scope* outer) {
  static constexpr std::array<Parameter, 2> kParameters = {{{"INPUT", true}, {"COLUMNS", true}}};
  ASSIGN_OR_RETURN(const auto bound, BindArguments(function, kParameters));
  const ast::TableFunctionArgument* input = bound[0];
  const ast::TableFunctionArgument* columns = bound[1];
  if (KindOf(*input) != kTable) {
    return WrongKind(*input, kParameters[0].name, kTable);
  }
  if (KindOf(*columns) != kDescriptor) {
    return WrongKind(*columns, kParameters[1].name, kDescriptor);
  }
  if (!input->table_text.empty()) {
    return ErrorAt(location, "NOT_SUPPORTED",
                   absl::StrCat("'", input->table_text, "' after TABLE(...) is not supported"));
  }
  if (columns->descriptor.empty()) {
    return NamedError("INVALID_FUNCTION_ARGUMENT", "COLUMNS descriptor is null");
  }
  ASSIGN_OR_RETURN(RelationPlan result, Analyze(*input->table, outer));
  absl::flat_hash_set<std::string> excluded;
  for (const ast::Identifier& column : columns->descriptor) {
    excluded.insert(absl::AsciiStrToLower(column.text));
  }
  absl::flat_hash_set<std::string> present;
  std::vector<ScopeField> kept;
  for (const ScopeField& field : VisibleFields(result.fields)) {
    const std::string name = absl::AsciiStrToLower(field.name);
    if (excluded.contains(name)) {
      present.insert(name);
    } else {
      kept.push_back(field);
      kept.back().qualifier.clear();  // the function's columns are not the table's
    }
  }
  for (const ast::Identifier& column : columns->descriptor) {
    const std::string name = absl::AsciiStrToLower(column.text);
    if (!present.contains(name)) {
      return NamedError("INVALID_FUNCTION_ARGUMENT",
                        absl::StrCat("Excluded columns: [", name, "] not present in the table"));
    }
  }
  if (kept.empty()) {
    return NamedError("INVALID_FUNCTION_ARGUMENT", "All columns are excluded");
  }
  result.fields = std::move(kept);
  return result;
}

}  // namespace pallas::sql
