#ifndef PALLAS_SDK_PROTOCOL_CODEC_H_
#define PALLAS_SDK_PROTOCOL_CODEC_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "sdk/protocol/messages.h"

// JSON texts of the protocol's messages. Pure functions, any thread. What comes from outside is
// checked before it is used: what cannot be read is INVALID_ARGUMENT and says where.

namespace pallas::sdk::protocol {

struct DecodedRequest {
  Request request;
  // The version to answer in.
  Version version = kNewestVersion;
};

// Reads a request of any version: which one is seen from its structure (section 3.4).
absl::StatusOr<DecodedRequest> DecodeRequest(std::string_view json);

// Reads a request of `version` and no other.
absl::StatusOr<Request> DecodeRequestAs(std::string_view json, Version version);

// Reads the response of a connector that speaks `version`.
absl::StatusOr<Response> DecodeResponse(std::string_view json, Version version);

absl::StatusOr<std::string> EncodeRequest(const Request& request, Version version);
absl::StatusOr<std::string> EncodeResponse(const Response& response, Version version);

// The name of the message on the wire: "PingRequest".
std::string_view TypeName(const Request& request);
std::string_view TypeName(const Response& response);

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_CODEC_H_
