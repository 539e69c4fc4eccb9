#ifndef PALLAS_TYPES_VALUE_TEXT_H_
#define PALLAS_TYPES_VALUE_TEXT_H_

#include <cstdint>
#include <string>

#include "arrow/type_fwd.h"

#include "types/type.h"

namespace pallas {

// The one renderer of values as Athena shows them (client-api-surface 2.3, decision D22): doubles
// as Java prints them, `{a=1}` for maps and named rows, hex pairs for varbinary, p digits for
// times. `array` is in the result-side physical form of `type` (arrow_mapping.h).
// Appends to `out`; REQUIRES: !array.IsNull(row). Thread-safe.
void AppendAthenaText(const Type& type, const arrow::Array& array, int64_t row, std::string* out);

// Java's Double.toString and Float.toString: "1.0E10", "37.7", "NaN", "Infinity".
void AppendJavaDouble(double value, std::string* out);
void AppendJavaFloat(float value, std::string* out);

// Trino's CAST(x AS varchar): "3.77E1", "0E0".
void AppendTrinoDouble(double value, std::string* out);
void AppendTrinoReal(float value, std::string* out);

// Exactly `scale` digits after the point. `unscaled` is the 128-bit value in two halves.
void AppendDecimal(int64_t high, uint64_t low, int scale, std::string* out);

// ISO date with at least four year digits and a sign for years below 0 or above 9999.
void AppendDate(int64_t epoch_day, std::string* out);

// `HH:MM:SS` and `precision` digits of `picos_of_day`.
void AppendTime(int64_t picos_of_day, int precision, std::string* out);

// `YYYY-MM-DD HH:MM:SS` and `precision` digits; `picos_of_micro` (0..999,999) below the micros.
void AppendTimestamp(int64_t epoch_micros, int32_t picos_of_micro, int precision, std::string* out);

}  // namespace pallas

#endif  // PALLAS_TYPES_VALUE_TEXT_H_
