#include "cli/shell/use_target.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/terminal_text.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/parser/lexer.h"

namespace pallas::cli {
namespace {

using Names = std::vector<std::string>;

constexpr char kDefaultDatabase[] = "default";

// The one or two parts of a name, without quotes.
absl::StatusOr<Names> PartsOf(std::string_view text) {
  ASSIGN_OR_RETURN(const std::vector<sql::Token> tokens, sql::Tokenize(text, sql::LexMode::kTrino));
  Names parts;
  bool is_name = true;  // what comes next; else a dot
  for (const sql::Token& token : tokens) {
    if (is_name && (token.kind == sql::TokenKind::kWord || token.kind == sql::TokenKind::kQuoted ||
                    token.kind == sql::TokenKind::kBackquoted)) {
      parts.push_back(token.text);
    } else if (is_name || token.text != ".") {
      break;
    }
    is_name = !is_name;
  }
  if (is_name || parts.size() > 2 || tokens.size() != 2 * parts.size()) {
    return absl::InvalidArgumentError(".use takes CATALOG, DATABASE or CATALOG.DATABASE");
  }
  return parts;
}

// As written, else without case.
std::optional<std::string> Find(const Names& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    return name;
  }
  const auto found = std::find_if(names.begin(), names.end(), [&](const std::string& known) {
    return absl::EqualsIgnoreCase(known, name);
  });
  return found == names.end() ? std::nullopt : std::make_optional(*found);
}

}  // namespace

absl::StatusOr<UseTarget> FindUseTarget(std::string_view text, const std::string& current_catalog,
                                        catalog::TableResolver& resolver,
                                        const sdk::RequestContext& context) {
  ASSIGN_OR_RETURN(const Names parts, PartsOf(text));
  ASSIGN_OR_RETURN(const Names catalogs, resolver.ListCatalogs(context));
  const bool is_catalog = parts.size() == 1 && Find(catalogs, parts[0]);
  const std::string catalog =
      parts.size() == 2 || is_catalog ? absl::AsciiStrToLower(parts[0]) : current_catalog;
  ASSIGN_OR_RETURN(const Names databases, resolver.ListDatabases(context, catalog));
  std::optional<std::string> database;
  if (!is_catalog) {
    database = Find(databases, parts.back());
  } else if (databases.size() == 1) {
    database = databases[0];
  } else {
    database = Find(databases, kDefaultDatabase);
  }
  if (!database) {
    const std::string problem = is_catalog ? absl::StrCat("name a database of ", catalog)
                                           : absl::StrCat("there is no database ",
                                                          Printable(parts.back()), " in ", catalog);
    return NamedError("SCHEMA_NOT_FOUND",
                      absl::StrCat(problem, "; there ", databases.size() == 1 ? "is " : "are ",
                                   databases.empty() ? "none" : absl::StrJoin(databases, ", ")),
                      absl::StatusCode::kNotFound);
  }
  return UseTarget{catalog, *database};
}

}  // namespace pallas::cli
