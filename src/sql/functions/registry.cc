#include "sql/functions/registry.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "base/suggestion.h"
#include "sql/coercion.h"
#include "sql/functions/decimal_result.h"
#include "sql/functions/registry_builder.h"
#include "sql/functions/resolution.h"
#include "sql/functions/type_template.h"

namespace pallas::sql {
namespace {

// How often the types of lambdas are computed again because a variable has become wider.
constexpr int kMaxLambdaRounds = 4;

struct Constraint {
  std::string variable;
  bool comparable = false;
  bool orderable = false;
};

// What resolution needs of an entry beside its public form.
struct Overload {
  const FunctionEntry* entry = nullptr;
  std::vector<TypeTemplate> arguments;
  TypeTemplate result;
  std::vector<Constraint> constraints;
  bool generic = false;
};

class Registry {
 public:
  static const Registry& Get() {
    static const Registry* const kRegistry = new Registry();
    return *kRegistry;
  }

  std::span<const FunctionEntry> entries() const { return entries_; }

  const std::vector<Overload>* Find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &found->second;
  }

  const auto& by_name() const { return by_name_; }

 private:
  Registry() {
    AddOperators(builder_);
    AddMathFunctions(builder_);
    AddStringFunctions(builder_);
    AddRegexpFunctions(builder_);
    AddBinaryFunctions(builder_);
    AddDateTimeFunctions(builder_);
    AddArrayFunctions(builder_);
    AddMapFunctions(builder_);
    AddJsonFunctions(builder_);
    AddUrlFunctions(builder_);
    AddColorFunctions(builder_);
    AddTeradataFunctions(builder_);
    AddOtherFunctions(builder_);
    AddAggregateFunctions(builder_);
    AddWindowFunctions(builder_);
    entries_ = builder_.entries();
    for (const FunctionEntry& entry : entries_) {
      by_name_[entry.name].push_back(MakeOverload(entry));
    }
  }

  static Overload MakeOverload(const FunctionEntry& entry) {
    Overload overload;
    overload.entry = &entry;
    overload.result = TypeTemplate::Parse(entry.result);
    for (std::string_view argument : entry.arguments) {
      overload.arguments.push_back(TypeTemplate::Parse(argument));
      overload.generic |= !overload.arguments.back().is_concrete();
    }
    for (std::string_view part : absl::StrSplit(entry.constraints, ", ", absl::SkipEmpty())) {
      const std::vector<std::string_view> words = absl::StrSplit(part, ':');
      Constraint constraint{.variable = std::string(words[0])};
      for (std::string_view word : words) {
        constraint.comparable |= word == "comparable";
        constraint.orderable |= word == "orderable";
      }
      overload.constraints.push_back(std::move(constraint));
    }
    return overload;
  }

  RegistryBuilder builder_;
  std::span<const FunctionEntry> entries_;
  std::map<std::string_view, std::vector<Overload>, std::less<>> by_name_;
};

// One overload that fits.
struct Match {
  const Overload* overload = nullptr;
  ResolvedFunction function;
};

const TypeTemplate& ArgumentTemplate(const Overload& overload, size_t index) {
  return overload.arguments[std::min(index, overload.arguments.size() - 1)];
}

bool CountFits(const Overload& overload, size_t count) {
  const size_t declared = overload.arguments.size();
  if (!overload.entry->variadic) {
    return count == declared;
  }
  // Without arguments nothing says what a type variable stands for.
  return count + 1 >= declared && (count > 0 || !overload.generic);
}

// The constraint names a variable in capitals, whatever the signature writes.
bool SatisfiesConstraints(const Overload& overload, const Bindings& bindings) {
  for (const Constraint& constraint : overload.constraints) {
    for (const auto& [name, type] : bindings.types) {
      if (!absl::EqualsIgnoreCase(name, constraint.variable) || type.kind() == TypeKind::kUnknown) {
        continue;
      }
      if ((constraint.orderable && !IsOrderable(type)) ||
          (constraint.comparable && !IsComparable(type))) {
        return false;
      }
    }
  }
  return true;
}

// Types the lambdas of the call. False if one does not fit; `error` is set if its body is wrong.
bool BindLambdas(const Overload& overload, std::span<const FunctionArgument> arguments,
                 std::optional<CharCoercion> coerce, Bindings& bindings, absl::Status& error) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].lambda_arity < 0) {
      continue;
    }
    const std::vector<TypeTemplate>& signature = ArgumentTemplate(overload, i).children();
    std::vector<Type> parameters;
    for (size_t p = 0; p + 1 < signature.size(); ++p) {
      std::optional<Type> parameter = signature[p].Substitute(bindings);
      if (!parameter.has_value()) {
        return false;
      }
      parameters.push_back(*std::move(parameter));
    }
    absl::StatusOr<Type> result = arguments[i].type_lambda(parameters);
    if (!result.ok()) {
      error = result.status();
      return false;
    }
    if (!signature.back().Bind(*result, coerce, bindings)) {
      return false;
    }
  }
  return true;
}

// Whether the bodies give exactly the types that the signature has: no result of a lambda is
// coerced.
bool LambdasFit(const Overload& overload, std::span<const FunctionArgument> arguments,
                const Bindings& bindings) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].lambda_arity < 0) {
      continue;
    }
    std::vector<Type> types;
    for (const TypeTemplate& part : ArgumentTemplate(overload, i).children()) {
      std::optional<Type> type = part.Substitute(bindings);
      if (!type.has_value()) {
        return false;
      }
      types.push_back(*std::move(type));
    }
    const Type wanted = types.back();
    types.pop_back();
    const absl::StatusOr<Type> result = arguments[i].type_lambda(types);
    if (!result.ok() || *result != wanted) {
      return false;
    }
  }
  return true;
}

std::optional<Match> TryMatch(const Overload& overload, std::span<const FunctionArgument> arguments,
                              std::optional<CharCoercion> coerce, absl::Status& error) {
  if (!CountFits(overload, arguments.size())) {
    return std::nullopt;
  }
  if (arguments.empty() && overload.generic && overload.entry->variadic) {
    return std::nullopt;  // nothing tells the type
  }
  Bindings bindings;
  bool has_lambdas = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const TypeTemplate& wanted = ArgumentTemplate(overload, i);
    if (arguments[i].lambda_arity >= 0) {
      if (!wanted.is_function()) {
        return std::nullopt;
      }
      has_lambdas = true;
      if (wanted.children().size() != static_cast<size_t>(arguments[i].lambda_arity) + 1) {
        error =
            NamedError("INVALID_PARAMETER_USAGE",
                       absl::StrCat("Expected a lambda that takes ", wanted.children().size() - 1,
                                    " argument(s) but got ", arguments[i].lambda_arity));
        return std::nullopt;
      }
    } else if (wanted.is_function() || !wanted.Bind(arguments[i].type, coerce, bindings)) {
      return std::nullopt;
    }
  }
  for (int round = 0; has_lambdas && round < kMaxLambdaRounds; ++round) {
    const auto before = bindings.types;
    if (!BindLambdas(overload, arguments, coerce, bindings, error)) {
      return std::nullopt;
    }
    if (before == bindings.types) {
      break;
    }
  }
  if (!SatisfiesConstraints(overload, bindings) || !LambdasFit(overload, arguments, bindings)) {
    return std::nullopt;
  }
  Match match;
  match.overload = &overload;
  match.function.entry = overload.entry;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::optional<Type> type = ArgumentTemplate(overload, i).Substitute(bindings);
    if (!type.has_value() ||
        (arguments[i].lambda_arity < 0 && !ArgumentTemplate(overload, i).is_text() &&
         *type != arguments[i].type && !(coerce && CanCoerce(arguments[i].type, *type, *coerce)))) {
      return std::nullopt;
    }
    match.function.argument_types.push_back(*std::move(type));
  }
  if (overload.entry->result_type == nullptr) {
    std::optional<Type> result = overload.result.Substitute(bindings);
    if (!result.has_value()) {
      return std::nullopt;
    }
    match.function.result_type = *std::move(result);
  }
  return match;
}

// Whether a call with the types of `left` could as well call `right`.
bool IsMoreSpecific(const Match& left, const Match& right, CharCoercion rule) {
  const std::vector<Type>& types = left.function.argument_types;
  if (!CountFits(*right.overload, types.size())) {
    return false;
  }
  Bindings bindings;
  for (size_t i = 0; i < types.size(); ++i) {
    if (!ArgumentTemplate(*right.overload, i).Bind(types[i], rule, bindings)) {
      return false;
    }
  }
  return SatisfiesConstraints(*right.overload, bindings);
}

std::vector<Match> MostSpecific(const std::vector<Match>& matches, CharCoercion rule) {
  std::vector<Match> best;
  for (const Match& candidate : matches) {
    const bool dominates = std::all_of(matches.begin(), matches.end(), [&](const Match& other) {
      return &other == &candidate || IsMoreSpecific(candidate, other, rule);
    });
    if (dominates) {
      best.push_back(candidate);
    }
  }
  return best.empty() ? matches : best;
}

bool CoercesOnlyUnknown(const Match& match, std::span<const FunctionArgument> arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].lambda_arity < 0 && arguments[i].type.kind() != TypeKind::kUnknown &&
        arguments[i].type != match.function.argument_types[i]) {
      return false;
    }
  }
  return true;
}

absl::StatusOr<ResolvedFunction> Finish(Match match, const DialectOptions& dialect) {
  ResultTypeFunction rule = match.overload->entry->result_type;
  if (dialect.decimal_arithmetic == DialectOptions::DecimalArithmetic::kTrino481) {
    rule = RevisedDecimalRule(rule);
  }
  if (rule != nullptr) {
    ASSIGN_OR_RETURN(match.function.result_type, rule(match.function.argument_types));
  }
  return std::move(match.function);
}

// Types in messages about signatures have no blank after the comma.
std::string SignatureText(const Type& type) {
  const std::string spelled = type.ToString();
  std::string text;
  bool quoted = false;
  for (char c : spelled) {
    if (c == '"') {
      quoted = !quoted;
    }
    if (c == ' ' && !quoted && !text.empty() && text.back() == ',') {
      continue;
    }
    text.push_back(c);
  }
  return text;
}

std::string ArgumentText(const FunctionArgument& argument) {
  return argument.lambda_arity >= 0 ? "<function>" : SignatureText(argument.type);
}

absl::Status NotRegistered(std::string_view name) {
  std::vector<std::string> names;
  for (const auto& [candidate, overloads] : Registry::Get().by_name()) {
    if (!overloads.front().entry->hidden) {
      names.emplace_back(candidate);
    }
  }
  return NamedError("FUNCTION_NOT_FOUND",
                    absl::StrCat("Function '", name, "' not registered", Suggestion(name, names)));
}

std::string_view OperatorSymbol(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kSymbols[] = {
      {"$add", "+"}, {"$subtract", "-"}, {"$multiply", "*"}, {"$divide", "/"}, {"$modulus", "%"}};
  for (const auto& [function, symbol] : kSymbols) {
    if (function == name) {
      return symbol;
    }
  }
  return "";
}

absl::Status NoMatch(std::string_view name, const std::vector<Overload>& overloads,
                     std::span<const FunctionArgument> arguments) {
  if (const std::string_view symbol = OperatorSymbol(name);
      !symbol.empty() && arguments.size() == 2) {
    return NamedError("TYPE_MISMATCH",
                      absl::StrCat("Cannot apply operator: ", arguments[0].type.ToString(), " ",
                                   symbol, " ", arguments[1].type.ToString()));
  }
  if (name == "$negate" && arguments.size() == 1) {
    return NamedError("TYPE_MISMATCH",
                      absl::StrCat("Cannot negate ", arguments[0].type.ToString()));
  }
  if (name == "$subscript" && arguments.size() == 2) {
    return NamedError("TYPE_MISMATCH",
                      absl::StrCat("Cannot use ", arguments[1].type.ToString(),
                                   " for subscript of ", arguments[0].type.ToString()));
  }
  if (name == "$like" && arguments.size() >= 2) {
    const bool left =
        !IsCharacter(arguments[0].type) && arguments[0].type.kind() != TypeKind::kUnknown;
    return NamedError("TYPE_MISMATCH", absl::StrCat(left ? "Left side of LIKE expression"
                                                         : "Pattern for LIKE expression",
                                                    " must evaluate to a varchar (actual: ",
                                                    arguments[left ? 0 : 1].type.ToString(), ")"));
  }
  if (name == "$at_timezone" && !arguments.empty()) {
    return NamedError(
        "TYPE_MISMATCH",
        absl::StrCat("Type of value must be a time or timestamp with or without time zone (actual ",
                     arguments[0].type.ToString(), ")"));
  }
  const std::string_view shown = absl::StripPrefix(name, "$");
  std::vector<std::string> expected;
  for (const Overload& overload : overloads) {
    std::string text =
        absl::StrCat(shown, "(", absl::StrJoin(overload.entry->arguments, ", "), ")");
    if (!overload.entry->constraints.empty()) {
      // What a type can be cast to is not shown.
      absl::StrAppend(
          &text, " ",
          absl::StrReplaceAll(overload.entry->constraints, {{":castableTo(varchar)", ""}}));
    }
    expected.push_back(std::move(text));
  }
  std::sort(expected.begin(), expected.end());
  std::vector<std::string> actual;
  for (const FunctionArgument& argument : arguments) {
    actual.push_back(ArgumentText(argument));
  }
  return NamedError(
      "FUNCTION_NOT_FOUND",
      absl::StrCat("Unexpected parameters (", absl::StrJoin(actual, ", "), ") for function ", shown,
                   ". Expected: ", absl::StrJoin(expected, ", ")));
}

absl::StatusOr<ResolvedFunction> ChooseAmong(std::vector<Match> matches, std::string_view name,
                                             std::span<const FunctionArgument> arguments,
                                             const DialectOptions& dialect) {
  if (matches.size() > 1) {
    matches = MostSpecific(matches, CharCoercionOf(dialect));
  }
  if (matches.size() > 1) {
    std::vector<Match> unknown_only;
    std::copy_if(matches.begin(), matches.end(), std::back_inserter(unknown_only),
                 [&](const Match& match) { return CoercesOnlyUnknown(match, arguments); });
    if (!unknown_only.empty()) {
      matches = std::move(unknown_only);
    }
  }
  if (matches.size() > 1) {
    // All of them answer NULL to the NULLs that are unknown here, so that any will do if the
    // type of the answer is the same; the first in the order of their texts, to be stable.
    const bool any_will_do = std::all_of(matches.begin(), matches.end(), [&](const Match& match) {
      return !match.overload->entry->called_on_null &&
             match.function.result_type == matches.front().function.result_type;
    });
    if (!any_will_do) {
      std::vector<std::string> candidates;
      for (const Match& match : matches) {
        candidates.push_back(absl::StrCat("\t * ", match.overload->entry->id));
      }
      std::sort(candidates.begin(), candidates.end());
      return NamedError("AMBIGUOUS_FUNCTION_CALL",
                        absl::StrCat("Could not choose a best candidate operator for ", name,
                                     ". Explicit type casts must be added.\nCandidates are:\n",
                                     absl::StrJoin(candidates, "\n")));
    }
    std::sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) {
      return a.overload->entry->id < b.overload->entry->id;
    });
  }
  return Finish(std::move(matches.front()), dialect);
}

}  // namespace

std::span<const FunctionEntry> AllFunctions() { return Registry::Get().entries(); }

bool FunctionExists(std::string_view name) { return Registry::Get().Find(name) != nullptr; }

std::optional<FunctionKind> FunctionKindOf(std::string_view name) {
  const std::vector<Overload>* overloads = Registry::Get().Find(name);
  if (overloads == nullptr) {
    return std::nullopt;
  }
  return overloads->front().entry->kind;
}

absl::StatusOr<ResolvedFunction> ResolveFunction(std::string_view name,
                                                 std::span<const FunctionArgument> arguments,
                                                 const DialectOptions& dialect) {
  const std::vector<Overload>* overloads = Registry::Get().Find(name);
  if (overloads == nullptr) {
    return NotRegistered(name);
  }
  absl::Status lambda_error;
  for (const bool generic : {false, true}) {
    for (const Overload& overload : *overloads) {
      if (overload.generic != generic) {
        continue;
      }
      if (std::optional<Match> match =
              TryMatch(overload, arguments, /*coerce=*/std::nullopt, lambda_error)) {
        return Finish(*std::move(match), dialect);
      }
    }
  }
  std::vector<Match> matches;
  for (const Overload& overload : *overloads) {
    if (std::optional<Match> match =
            TryMatch(overload, arguments, CharCoercionOf(dialect), lambda_error)) {
      matches.push_back(*std::move(match));
    }
  }
  if (matches.empty()) {
    if (!lambda_error.ok()) {
      return lambda_error;
    }
    return NoMatch(name, *overloads, arguments);
  }
  return ChooseAmong(std::move(matches), name, arguments, dialect);
}

absl::StatusOr<ResolvedFunction> ResolveFunction(std::string_view name,
                                                 std::span<const FunctionArgument> arguments) {
  return ResolveFunction(name, arguments, DialectOptions());
}

}  // namespace pallas::sql
