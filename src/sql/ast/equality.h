#ifndef PALLAS_SQL_AST_EQUALITY_H_
#define PALLAS_SQL_AST_EQUALITY_H_

#include "sql/ast/statement.h"

// Whether two trees say the same: all that was written, but neither where it stood nor the text of
// a view's query, which its tree repeats.

namespace pallas::sql::ast {

bool Equal(const Expr& left, const Expr& right);
bool Equal(const Query& left, const Query& right);
bool Equal(const Statement& left, const Statement& right);

}  // namespace pallas::sql::ast

#endif  // PALLAS_SQL_AST_EQUALITY_H_
