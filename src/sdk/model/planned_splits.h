#ifndef PALLAS_SDK_MODEL_PLANNED_SPLITS_H_
#define PALLAS_SDK_MODEL_PLANNED_SPLITS_H_

#include <memory>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "sdk/connector.h"

namespace pallas::sdk {

// For connectors that know their splits when they plan partitions: each row is a split, each column
// one of its properties; a NULL is a property that the split does not have. `type` is that of the
// columns, utf8 or binary. Pure functions, any thread.

absl::StatusOr<Partitions> ToPartitions(const std::vector<Split>& splits,
                                        std::span<const char* const> properties,
                                        const std::shared_ptr<arrow::DataType>& type);

// PlanSplits over such partitions. Columns of another type count as missing.
absl::StatusOr<ResumeToken> DeliverSplits(const RequestContext& context,
                                          const Partitions& partitions,
                                          std::span<const char* const> properties,
                                          const std::shared_ptr<arrow::DataType>& type,
                                          const ResumeToken& from, SplitSink& sink);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_MODEL_PLANNED_SPLITS_H_
