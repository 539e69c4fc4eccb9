#include "sql/analyzer/external_functions.h"

#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/analyzer/cast_rules.h"
#include "sql/ast/statement.h"
#include "types/arrow_mapping.h"
#include "types/type.h"

namespace pallas::sql {
namespace {

using federation::ExternalFunction;

// Whether the connector protocol carries values of `type`.
bool Travels(const Type& type) {
  constexpr int kMillis = 3;
  if (type.kind() == TypeKind::kChar || type.kind() == TypeKind::kUuid ||
      (type.kind() == TypeKind::kTimestampTz && type.precision() > kMillis)) {
    return false;
  }
  for (const Type& child : type.children()) {
    if (!Travels(child)) {
      return false;
    }
  }
  return ToScanArrowType(type).ok();
}

absl::StatusOr<Type> DeclaredType(const std::string& text, const ast::Identifier& function) {
  absl::StatusOr<Type> type = ParseTrinoType(text);
  if (!type.ok()) {
    return ErrorAt(function.location, "TYPE_MISMATCH", absl::StrCat("Unknown type: ", text));
  }
  if (!Travels(*type)) {
    return ErrorAt(function.location, "NOT_SUPPORTED",
                   absl::StrCat("Type ", DisplayName(*type),
                                " is not supported in the external function ", function.text),
                   absl::StatusCode::kUnimplemented);
  }
  return type;
}

absl::StatusOr<ExternalFunction> Declare(const ast::ExternalFunction& declaration) {
  const ast::Identifier& name = declaration.name;
  ExternalFunction function;
  function.name = absl::AsciiStrToLower(name.text);
  function.kind =
      declaration.sagemaker ? ExternalFunction::Kind::kSageMaker : ExternalFunction::Kind::kLambda;
  function.target = declaration.lambda;
  if (function.target.empty()) {
    return ErrorAt(name.location, "SYNTAX_ERROR",
                   absl::StrCat("External function ", name.text, " does not name its ",
                                declaration.sagemaker ? "endpoint" : "Lambda function"));
  }
  std::set<std::string> names;
  for (const auto& [parameter, type_text] : declaration.parameters) {
    std::string lower = absl::AsciiStrToLower(parameter);
    if (!names.insert(lower).second) {
      return ErrorAt(name.location, "INVALID_PARAMETER_USAGE",
                     absl::StrCat("External function ", name.text, " has more than one parameter ",
                                  parameter));
    }
    ASSIGN_OR_RETURN(Type type, DeclaredType(type_text, name));
    function.parameter_names.push_back(std::move(lower));
    function.parameter_types.push_back(std::move(type));
  }
  ASSIGN_OR_RETURN(function.return_type, DeclaredType(declaration.return_type, name));
  return function;
}

}  // namespace

absl::StatusOr<ExternalFunctions> DeclareFunctions(
    const std::vector<ast::ExternalFunction>& declarations) {
  ExternalFunctions functions;
  for (const ast::ExternalFunction& declaration : declarations) {
    ASSIGN_OR_RETURN(ExternalFunction function, Declare(declaration));
    std::string name = function.name;
    auto shared = std::make_shared<const ExternalFunction>(std::move(function));
    if (!functions.emplace(std::move(name), std::move(shared)).second) {
      return ErrorAt(
          declaration.name.location, "ALREADY_EXISTS",
          absl::StrCat("External function ", declaration.name.text, " is declared more than once"),
          absl::StatusCode::kAlreadyExists);
    }
  }
  return functions;
}

}  // namespace pallas::sql
