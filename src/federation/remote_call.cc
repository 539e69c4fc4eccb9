#include "federation/remote_call.h"

#include <algorithm>
#include <optional>
#include <variant>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sdk/protocol/error_json.h"

namespace pallas::federation {

namespace protocol = sdk::protocol;

protocol::RequestHead HeadOf(const sdk::RequestContext& context) {
  protocol::RequestHead head;
  head.identity.account = context.identity.account;
  head.identity.arn = context.identity.arn;
  head.identity.tags = context.identity.principal_tags;
  head.identity.groups = context.identity.iam_groups;
  head.query_id = context.query_id;
  head.catalog = context.catalog;
  return head;
}

absl::StatusOr<protocol::Response> CallFunction(LambdaInvoker& invoker,
                                                const sdk::RequestContext& context,
                                                const std::string& function,
                                                const protocol::Request& request,
                                                protocol::Version version) {
  RETURN_IF_ERROR(context.Check());
  ASSIGN_OR_RETURN(const std::string payload, protocol::EncodeRequest(request, version));
  ASSIGN_OR_RETURN(const sdk::protocol::Invocation invocation,
                   invoker.Invoke(context, function, payload));
  if (invocation.is_error) {
    // What a function says while it is stopped says less than who stopped it.
    RETURN_IF_ERROR(context.Check());
    ASSIGN_OR_RETURN(const protocol::LambdaError error,
                     protocol::DecodeLambdaError(invocation.body));
    return Annotate(protocol::ToStatus(error), absl::StrCat("function ", function, ": "));
  }
  absl::StatusOr<protocol::Response> response = protocol::DecodeResponse(invocation.body, version);
  if (!response.ok()) {
    if (const auto error = protocol::FindLambdaError(invocation.body)) {
      return Annotate(protocol::ToStatus(*error), absl::StrCat("function ", function, ": "));
    }
    return Annotate(response.status(), absl::StrCat("answer of the function ", function, ": "));
  }
  return response;
}

absl::StatusOr<protocol::Version> PingFunction(LambdaInvoker& invoker,
                                               const sdk::RequestContext& context,
                                               const std::string& function,
                                               const protocol::RequestHead& head) {
  // Every version reads a ping in the form of version 2.
  ASSIGN_OR_RETURN(const protocol::Response response,
                   CallFunction(invoker, context, function, protocol::PingRequest{head},
                                protocol::Version::kV2));
  const auto* const ping = std::get_if<protocol::PingResponse>(&response);
  if (ping == nullptr) {
    return absl::InternalError(
        absl::StrCat("function ", function, " answered a ping with ", TypeName(response)));
  }
  if (ping->catalog != head.catalog) {
    return absl::InternalError(absl::StrCat("function ", function, " answered for the catalog '",
                                            ping->catalog, "' instead of '", head.catalog, "'"));
  }
  return static_cast<protocol::Version>(
      std::min<int64_t>(ping->serde_version, static_cast<int64_t>(protocol::kNewestVersion)));
}

}  // namespace pallas::federation
