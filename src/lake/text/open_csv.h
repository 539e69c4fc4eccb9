#ifndef PALLAS_LAKE_TEXT_OPEN_CSV_H_
#define PALLAS_LAKE_TEXT_OPEN_CSV_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"

#include "lake/text/row_decoder.h"

namespace pallas::lake {

// CSV as OpenCSVSerde reads it: one line a row, whatever its quotes, so that a quoted field holds
// no end of line. Fields that are missing, or whose quote is not closed, are NULL. Fields are
// texts; for other types they must be a value of the type (dates are days, timestamps milliseconds
// since 1970), else the row is an error. `format` and `builder` are borrowed.
absl::StatusOr<std::unique_ptr<RowDecoder>> MakeOpenCsvDecoder(
    const TextFormat& format, const std::vector<TextColumn>& columns, const DecoderOptions& options,
    sdk::BatchBuilder& builder);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_OPEN_CSV_H_
