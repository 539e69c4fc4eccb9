#ifndef PALLAS_LAKE_TEXT_JSON_ROWS_H_
#define PALLAS_LAKE_TEXT_JSON_ROWS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"

#include "lake/text/row_decoder.h"

namespace pallas::lake {

// One JSON object a line; keys that a line lacks are NULL, of keys that are there twice the last
// counts. Hive's SerDe is strict: a number is no text in quotes, and a line that is no object is an
// error. OpenX's is lenient in what it takes for JSON (lenient_json.h) and for values; its
// `ignore.malformed.json` makes rows of NULLs of lines that are none. `format` and `builder` are
// borrowed.
absl::StatusOr<std::unique_ptr<RowDecoder>> MakeJsonDecoder(const TextFormat& format,
                                                            const std::vector<TextColumn>& columns,
                                                            const DecoderOptions& options,
                                                            sdk::BatchBuilder& builder);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_JSON_ROWS_H_
