#include <array>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
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

// The argument called `name`, or the one at `position` if they have no names; null if there is
// none.
const ast::TableFunctionArgument* FindArgument(const ast::TableFunctionRelation& function,
                                               std::string_view name, size_t position) {
  for (const ast::TableFunctionArgument& argument : function.arguments) {
    if (argument.name.has_value() && absl::EqualsIgnoreCase(argument.name->text, name)) {
      return &argument;
    }
  }
  const bool by_position =
      position < function.arguments.size() && !function.arguments[position].name.has_value();
  return by_position ? &function.arguments[position] : nullptr;
}

absl::Status CheckArguments(const ast::TableFunctionRelation& function, Location location,
                            std::span<const std::string_view> names) {
  if (function.arguments.size() > names.size()) {
    return ErrorAt(location, "INVALID_ARGUMENTS",
                   absl::StrCat("Too many arguments. Expected at most ", names.size(),
                                " arguments, got ", function.arguments.size(), " arguments"));
  }
  for (const ast::TableFunctionArgument& argument : function.arguments) {
    bool known = !argument.name.has_value();
    for (const std::string_view name : names) {
      known = known || absl::EqualsIgnoreCase(argument.name->text, name);
    }
    if (!known) {
      return ErrorAt(
          argument.name->location, "INVALID_ARGUMENTS",
          absl::StrCat("Unexpected argument name: ", absl::AsciiStrToUpper(argument.name->text)));
    }
  }
  return absl::OkStatus();
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

}  // namespace

absl::StatusOr<RelationPlan> RelationAnalyzer::AnalyzeTableFunction(
    const ast::TableFunctionRelation& function, Location location, const Scope* outer) {
  const std::string name = NameOf(function.name);
  if (name == "sequence" || name == "system.builtin.sequence") {
    return MakeSequence(function, location);
  }
  if (name == "exclude_columns" || name == "system.builtin.exclude_columns") {
    return ExcludeColumns(function, location, outer);
  }
  return ErrorAt(location, "NOT_SUPPORTED",
                 absl::StrCat("Table function ", name, " is not supported"));
}

absl::StatusOr<RelationPlan> RelationAnalyzer::MakeSequence(
    const ast::TableFunctionRelation& function, Location location) {
  static constexpr std::array<std::string_view, 3> kNames = {"START", "STOP", "STEP"};
  RETURN_IF_ERROR(CheckArguments(function, location, kNames));
  Sequence sequence;
  std::array<int64_t*, kNames.size()> targets = {&sequence.start, &sequence.stop, &sequence.step};
  for (size_t i = 0; i < kNames.size(); ++i) {
    const ast::TableFunctionArgument* argument = FindArgument(function, kNames[i], i);
    if (argument == nullptr || argument->value == nullptr) {
      if (kNames[i] == "STOP") {
        return ErrorAt(location, "MISSING_ARGUMENT", "Missing argument: STOP");
      }
      continue;
    }
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
      return NamedError("INVALID_FUNCTION_ARGUMENT", absl::StrCat(kNames[i], " is null"));
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
  static constexpr std::array<std::string_view, 2> kNames = {"INPUT", "COLUMNS"};
  RETURN_IF_ERROR(CheckArguments(function, location, kNames));
  const ast::TableFunctionArgument* input = FindArgument(function, kNames[0], 0);
  const ast::TableFunctionArgument* columns = FindArgument(function, kNames[1], 1);
  if (input == nullptr || columns == nullptr) {
    return ErrorAt(location, "MISSING_ARGUMENT",
                   absl::StrCat("Missing argument: ", input == nullptr ? kNames[0] : kNames[1]));
  }
  if (input->table == nullptr || !columns->is_descriptor) {
    return ErrorAt(location, "INVALID_FUNCTION_ARGUMENT",
                   "exclude_columns takes a table and a descriptor");
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
