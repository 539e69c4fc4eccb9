#ifndef PALLAS_SQL_ANALYZER_NAME_LOOKUP_H_
#define PALLAS_SQL_ANALYZER_NAME_LOOKUP_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "sql/analyzer/scope.h"

namespace pallas::sql {

struct FoundColumn {
  const ScopeField* field = nullptr;  // null: none
  // How many parts of the name are the column's; what follows are fields of its row.
  size_t num_parts = 0;
  bool ambiguous = false;
  // In an enclosing query that cannot be reached from here (Scope::closed).
  bool unreachable = false;
};

// The column that `a.b.c` names: in the innermost scope in which any beginning of the name is a
// column, the longest such beginning. Compares without case.
FoundColumn FindColumn(const Scope& scope, std::span<const std::string_view> name);

// Whether `qualifier` is a suffix of the field's own, or empty.
bool MatchesQualifier(const ScopeField& field, std::span<const std::string_view> qualifier);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_NAME_LOOKUP_H_
