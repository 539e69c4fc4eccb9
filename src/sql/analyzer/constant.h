#ifndef PALLAS_SQL_ANALYZER_CONSTANT_H_
#define PALLAS_SQL_ANALYZER_CONSTANT_H_

#include <optional>
#include <string_view>

#include "sql/plan/expression.h"
#include "sql/runtime/date_time.h"
#include "types/type.h"

// Constants in the physical forms of their types: made from text, converted between types. Pure
// functions.

namespace pallas::sql {

// REQUIRES: `value` is rounded to `precision`.
ConstantValue TimestampConstant(const TimestampValue& value, int precision);
ConstantValue ZonedTimestampConstant(const ZonedTimestamp& value, int precision);
ConstantValue ZonedTimeConstant(const ZonedTime& value, int precision);

// What CAST(text AS type) gives; nullopt if the text is no such value, or the cast is not one that
// is folded. A zone is only used by types with time zone, for texts without one.
std::optional<ConstantValue> ConstantFromText(std::string_view text, const Type& type,
                                              int session_zone_key);

// What CAST(value AS to) gives; nullopt if it would fail or is not folded. Conversions that need
// the session's zone are folded only if it is given.
std::optional<ConstantValue> ConvertConstant(const ConstantValue& value, const Type& from,
                                             const Type& to, std::optional<int> session_zone_key);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_CONSTANT_H_
