// Decodes any bytes as a message of the connector protocol; the first byte says which kind and
// version. What decodes can be encoded, and reads the same again.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sdk/protocol/codec.h"
#include "sdk/protocol/error_json.h"

namespace {

using pallas::sdk::protocol::Version;

// Values of the first byte, modulo 16: requests of the versions 1 to 6, and these.
constexpr unsigned kAnyRequest = 0;
constexpr unsigned kError = 7;
constexpr unsigned kResponses = 8;

template <typename Message, typename Encode, typename Decode>
void CheckAgain(const Message& message, const Encode& encode, const Decode& decode) {
  const auto text = encode(message);
  // A version may lack what another one has.
  if (!text.ok()) {
    return;
  }
  const auto again = decode(*text);
  if (!again.ok() || encode(*again).value_or("") != *text) {
    std::fprintf(stderr, "does not read again: %s\n%s\n", again.status().ToString().c_str(),
                 text->c_str());
    std::abort();
  }
}

void TryRequest(std::string_view json, Version version) {
  using namespace pallas::sdk::protocol;
  if (const auto request = DecodeRequestAs(json, version); request.ok()) {
    CheckAgain(
        *request, [&](const Request& message) { return EncodeRequest(message, version); },
        [&](const std::string& text) { return DecodeRequestAs(text, version); });
  }
}

void TryResponse(std::string_view json, Version version) {
  using namespace pallas::sdk::protocol;
  if (const auto response = DecodeResponse(json, version); response.ok()) {
    CheckAgain(
        *response, [&](const Response& message) { return EncodeResponse(message, version); },
        [&](const std::string& text) { return DecodeResponse(text, version); });
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const unsigned kind = data[0] % 16U;
  const std::string_view json(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (kind == kAnyRequest) {
    if (const auto request = pallas::sdk::protocol::DecodeRequest(json); request.ok()) {
      TryRequest(json, request->version);
    }
  } else if (kind < kError) {
    TryRequest(json, static_cast<Version>(kind));
  } else if (kind > kResponses && kind <= kResponses + 6) {
    TryResponse(json, static_cast<Version>(kind - kResponses));
  } else if (const auto error = pallas::sdk::protocol::DecodeLambdaError(json); error.ok()) {
    if (pallas::sdk::protocol::ToStatus(*error).ok()) {
      std::abort();
    }
  }
  return 0;
}
