#ifndef PALLAS_QUERY_RESULTS_JSON_TEXT_H_
#define PALLAS_QUERY_RESULTS_JSON_TEXT_H_

#include <cstdint>
#include <string>

#include "arrow/type_fwd.h"

#include "types/type.h"

namespace pallas::query {

// One value, NULL included, as JSON (see MakeJsonWriter). `array` is in the result-side physical
// form of `type`.
void AppendJsonValue(const Type& type, const arrow::Array& array, int64_t row, std::string* out);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_RESULTS_JSON_TEXT_H_
