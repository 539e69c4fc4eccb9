#ifndef PALLAS_LAKE_TEXT_LAZY_SIMPLE_H_
#define PALLAS_LAKE_TEXT_LAZY_SIMPLE_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"

#include "lake/text/row_decoder.h"

namespace pallas::lake {

// Delimited text. Lines with too few fields have NULLs for the rest, what is too much is ignored.
// `format` and `builder` are borrowed.
absl::StatusOr<std::unique_ptr<RowDecoder>> MakeLazySimpleDecoder(
    const TextFormat& format, const std::vector<TextColumn>& columns, const DecoderOptions& options,
    sdk::BatchBuilder& builder);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_LAZY_SIMPLE_H_
