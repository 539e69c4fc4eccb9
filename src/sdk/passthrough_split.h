#ifndef PALLAS_SDK_PASSTHROUGH_SPLIT_H_
#define PALLAS_SDK_PASSTHROUGH_SPLIT_H_

#include "absl/status/statusor.h"

#include "sdk/connector.h"
#include "sdk/passthrough.h"

namespace pallas::sdk {

// PlanSplits() of a passthrough query: one split, whose properties are the arguments.
absl::StatusOr<ResumeToken> PlanPassthroughSplit(const RequestContext& context,
                                                 const PassthroughArguments& arguments,
                                                 const ResumeToken& from, SplitSink& sink);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_PASSTHROUGH_SPLIT_H_
