#ifndef PALLAS_SQL_ANALYZER_CAST_RULES_H_
#define PALLAS_SQL_ANALYZER_CAST_RULES_H_

#include <string>

#include "types/type.h"

namespace pallas::sql {

// Whether CAST(x AS to) exists for an x of type `from`, in Trino's table of casts.
bool CanCast(const Type& from, const Type& to);

// `type` as messages show it: names of row fields stand without quotes.
std::string DisplayName(const Type& type);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_CAST_RULES_H_
