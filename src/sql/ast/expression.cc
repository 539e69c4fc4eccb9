#include "sql/ast/expression.h"

#include <utility>

#include "sql/ast/query.h"

namespace pallas::sql::ast {

Expr::Expr() = default;

Expr::Expr(ExprKind expr_kind, Location expr_location) : kind(expr_kind), location(expr_location) {}

Expr::~Expr() = default;
Expr::Expr(Expr&&) noexcept = default;
Expr& Expr::operator=(Expr&&) noexcept = default;

ExprPtr MakeExpr(ExprKind kind, Location location) {
  return std::make_unique<Expr>(kind, location);
}

}  // namespace pallas::sql::ast
