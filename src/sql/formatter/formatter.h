#ifndef PALLAS_SQL_FORMATTER_FORMATTER_H_
#define PALLAS_SQL_FORMATTER_FORMATTER_H_

#include <string>

#include "sql/ast/statement.h"

// Prints trees as Trino's SQL, on one line unless told otherwise (Hive's DDL in its own lexical
// mode), with parentheses only where they are needed. What was parsed from a text prints as a text
// that parses to an equal tree. Recurses as deep as the tree, which the parser bounds. Any thread.

namespace pallas::sql {

struct FormatOptions {
  // Decimal literals as doubles, 1.5E0: what a Trino cluster must read where our dialect says that
  // such a literal is a double (decision D21).
  bool decimal_literals_as_double = false;
  // The clauses and the columns of the outermost query on lines of their own, as in Trino's SHOW
  // CREATE VIEW.
  bool lines = false;
};

std::string FormatExpression(const ast::Expr& expression, const FormatOptions& options = {});
std::string FormatQuery(const ast::Query& query, const FormatOptions& options = {});
std::string FormatStatement(const ast::Statement& statement, const FormatOptions& options = {});

}  // namespace pallas::sql

#endif  // PALLAS_SQL_FORMATTER_FORMATTER_H_
