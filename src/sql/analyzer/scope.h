#ifndef PALLAS_SQL_ANALYZER_SCOPE_H_
#define PALLAS_SQL_ANALYZER_SCOPE_H_

#include <memory>
#include <string>
#include <vector>

#include "sql/plan/expression.h"
#include "types/type.h"

namespace pallas::catalog {
struct QualifiedName;
}  // namespace pallas::catalog

namespace pallas::sql {

// A column that an expression can name.
struct ScopeField {
  // What may stand before the name: the alias ({"t"}), or the parts of the table's name
  // ({catalog, database, table}), of which any suffix will do. Compared without case.
  std::vector<std::string> qualifier;
  std::string name;  // empty: no name reaches it
  ColumnId column = -1;
  Type type;
  bool hidden = false;  // not in `*`
  // The table or view that the column comes from unchanged, whatever its name is here; null for
  // expressions.
  std::shared_ptr<const catalog::QualifiedName> origin = nullptr;
  bool aliased = false;  // named by AS in the select list
};

struct ScopeIndex;

// The columns that names can reach at one place of a query. `outer` is the scope of the enclosing
// query (a name found there makes the subquery correlated); borrowed, outlives this.
struct Scope {
  std::vector<ScopeField> fields;
  const Scope* outer = nullptr;
  // Correlation may not cross this scope (the ON of an outer join). A name looked up from scope A
  // and found in another scope B is refused if any scope from A to B, both included, is closed:
  // NOT_SUPPORTED "Reference to column 'o1.orderkey' from outer scope not allowed in this context".
  bool closed = false;
  // Of wide scopes, made at their first use; names of fields must not change after it.
  mutable std::shared_ptr<const ScopeIndex> index = nullptr;
};

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_SCOPE_H_
