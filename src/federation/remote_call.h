#ifndef PALLAS_FEDERATION_REMOTE_CALL_H_
#define PALLAS_FEDERATION_REMOTE_CALL_H_

#include <string>

#include "absl/status/statusor.h"

#include "federation/remote_connector.h"
#include "sdk/protocol/codec.h"
#include "sdk/protocol/messages.h"

// One call of a function by the federation protocol: a message out, a message or its error back.
// Any thread.

namespace pallas::federation {

// Who asks, as requests say it, without options of the connector.
sdk::protocol::RequestHead HeadOf(const sdk::RequestContext& context);

// The response. An error of the function has the code of what the caller can do about it, and names
// the function.
absl::StatusOr<sdk::protocol::Response> CallFunction(LambdaInvoker& invoker,
                                                     const sdk::RequestContext& context,
                                                     const std::string& function,
                                                     const sdk::protocol::Request& request,
                                                     sdk::protocol::Version version);

// The version to speak with a function: the one that it announces, or our newest (section 3.2).
absl::StatusOr<sdk::protocol::Version> PingFunction(LambdaInvoker& invoker,
                                                    const sdk::RequestContext& context,
                                                    const std::string& function,
                                                    const sdk::protocol::RequestHead& head);

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_REMOTE_CALL_H_
