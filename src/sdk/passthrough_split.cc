#include "sdk/passthrough_split.h"

#include "base/status_macros.h"

namespace pallas::sdk {

absl::StatusOr<ResumeToken> PlanPassthroughSplit(const RequestContext& context,
                                                 const PassthroughArguments& arguments,
                                                 const ResumeToken& from, SplitSink& sink) {
  RETURN_IF_ERROR(context.Check());
  if (from.empty()) {
    RETURN_IF_ERROR(sink.Add({arguments}).status());
  }
  return ResumeToken();
}

}  // namespace pallas::sdk
