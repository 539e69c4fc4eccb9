#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/status_macros.h"
#include "base/suggestion.h"
#include "sql/analyzer/expression_text.h"
#include "sql/analyzer/expression_typer_internal.h"
#include "sql/analyzer/name_lookup.h"

namespace pallas::sql {

using ast::ExprKind;

namespace {

// `a.b.c` as written, in lower case.
std::string NameText(const std::vector<const ast::Expr*>& parts) {
  return absl::StrJoin(parts, ".", [](std::string* out, const ast::Expr* part) {
    out->append(absl::AsciiStrToLower(part->names[0].text));
  });
}

// `a.b.c`; the last name alone where the chain does not start with one.
std::string ReferenceText(const ast::Expr& e) {
  std::string text = absl::AsciiStrToLower(e.names[0].text);
  const ast::Expr* base = e.args[0].get();
  for (; base->kind == ExprKind::kDereference; base = base->args[0].get()) {
    text = absl::StrCat(absl::AsciiStrToLower(base->names[0].text), ".", text);
  }
  return base->kind == ExprKind::kColumn
             ? absl::StrCat(absl::AsciiStrToLower(base->names[0].text), ".", text)
             : absl::AsciiStrToLower(e.names[0].text);
}

// The names that a lone name could have meant.
std::vector<std::string> NamesOf(const Scope& scope) {
  std::vector<std::string> names;
  for (const Scope* in = &scope; in != nullptr; in = in->outer) {
    for (const ScopeField& field : in->fields) {
      if (!field.name.empty() && !field.hidden) {
        names.push_back(field.name);
      }
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

absl::Status CannotResolve(const std::vector<const ast::Expr*>& parts, const Scope& scope,
                           Location location) {
  const std::string near =
      parts.size() == 1 ? Suggestion(parts[0]->names[0].text, NamesOf(scope)) : "";
  return ErrorAt(location, "COLUMN_NOT_FOUND",
                 absl::StrCat("Column '", NameText(parts), "' cannot be resolved", near),
                 absl::StatusCode::kNotFound);
}

}  // namespace

TypedExpr ExpressionTyper::Name(const ast::Expr& e) {
  // The chain of names, from the left; its base may also be any other expression.
  std::vector<const ast::Expr*> parts;
  const ast::Expr* base = &e;
  while (base->kind == ExprKind::kDereference) {
    parts.push_back(base);
    base = base->args[0].get();
  }
  const bool plain = base->kind == ExprKind::kColumn;
  if (plain) {
    parts.push_back(base);
  }
  std::reverse(parts.begin(), parts.end());
  if (plain) {
    ASSIGN_OR_RETURN(ExprPtr column, Resolve(parts, e));
    if (column == nullptr) {
      return CannotResolve(parts, scope_, e.location);
    }
    return column;
  }
  ASSIGN_OR_RETURN(ExprPtr value, Analyze(*base));
  for (const ast::Expr* part : parts) {
    ASSIGN_OR_RETURN(value, Field(std::move(value), *part));
  }
  return value;
}

TypedExpr ExpressionTyper::Field(ExprPtr row, const ast::Expr& e) {
  if (row->type.kind() != TypeKind::kRow) {
    return TypeMismatch(PlaceOf(*e.args[0]), absl::StrCat("Expression ", ExpressionText(*e.args[0]),
                                                          " is not of type ROW"));
  }
  const ast::Identifier& name = e.names[0];
  int found = -1;
  for (size_t i = 0; i < row->type.field_names().size(); ++i) {
    const std::optional<std::string>& field = row->type.field_names()[i];
    if (!field || !absl::EqualsIgnoreCase(*field, name.text)) {
      continue;
    }
    if (found >= 0) {
      return ErrorAt(name.location, "AMBIGUOUS_NAME",
                     absl::StrCat("Ambiguous row field reference: ", name.text));
    }
    found = static_cast<int>(i);
  }
  if (found < 0) {
    return ErrorAt(e.location, "INVALID_COLUMN_REFERENCE",
                   absl::StrCat("Column reference '", ReferenceText(e), "' is invalid"));
  }
  Type type = row->type.children()[static_cast<size_t>(found)];
  return MakeTyped(std::move(type), e.location, FieldExpr{std::move(row), found});
}

ExprPtr ExpressionTyper::LambdaParameter(std::string_view name, Location location) {
  for (const LambdaScope* scope = lambda_; scope != nullptr; scope = scope->parent) {
    for (size_t i = 0; i < scope->parameters.size(); ++i) {
      if (absl::EqualsIgnoreCase(scope->lambda->names[i].text, name)) {
        return MakeTyped(scope->types[i], location, LambdaParameterExpr{scope->parameters[i]});
      }
    }
  }
  return nullptr;
}

TypedExpr ExpressionTyper::Resolve(const std::vector<const ast::Expr*>& parts, const ast::Expr& e) {
  size_t used = 1;
  ExprPtr value = LambdaParameter(parts[0]->names[0].text, parts[0]->location);
  if (value == nullptr) {
    std::vector<std::string_view> names;
    names.reserve(parts.size());
    for (const ast::Expr* part : parts) {
      names.push_back(part->names[0].text);
    }
    const FoundColumn found = FindColumn(scope_, names);
    if (found.field == nullptr) {
      return ExprPtr();
    }
    used = found.num_parts;
    if (found.ambiguous) {
      const std::vector<const ast::Expr*> prefix(parts.begin(),
                                                 parts.begin() + static_cast<std::ptrdiff_t>(used));
      return ErrorAt(e.location, "AMBIGUOUS_NAME",
                     absl::StrCat("Column '", NameText(prefix), "' is ambiguous"));
    }
    if (found.unreachable) {
      return ErrorAt(e.location, "NOT_SUPPORTED",
                     absl::StrCat("Reference to column '", NameText(parts),
                                  "' from outer scope not allowed in this context"),
                     absl::StatusCode::kUnimplemented);
    }
    value = MakeTyped(found.field->type, e.location, ColumnExpr{found.field->column});
  }
  for (size_t i = used; i < parts.size(); ++i) {
    ASSIGN_OR_RETURN(value, Field(std::move(value), *parts[i]));
  }
  return value;
}

}  // namespace pallas::sql
