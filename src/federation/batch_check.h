#ifndef PALLAS_FEDERATION_BATCH_CHECK_H_
#define PALLAS_FEDERATION_BATCH_CHECK_H_

#include <memory>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "federation/source.h"

namespace pallas::federation {

// What a source delivered, if it is what was asked for: the types of `schema`, and valid UTF-8 in
// every text (decision D19). With kReplace, invalid bytes become U+FFFD; else the error names
// column and row of the batch.
absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> CheckBatch(
    std::shared_ptr<arrow::RecordBatch> batch, const arrow::Schema& schema, InvalidUtf8 policy);

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_BATCH_CHECK_H_
