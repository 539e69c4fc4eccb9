#ifndef PALLAS_SDK_PROTOCOL_TESTING_GOLDEN_MESSAGES_H_
#define PALLAS_SDK_PROTOCOL_TESTING_GOLDEN_MESSAGES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "sdk/protocol/messages.h"

// The reference's own messages, which lie beside the specification: `upstream/...` are those that
// it tests itself with, `generated/...` those that it was made to write. For tests.

namespace pallas::sdk::protocol {

// All of a file; fails the program where it cannot be read.
std::string ReadTestData(const std::string& path);

// The JSON messages in a folder, by their paths for ReadTestData(), sorted.
std::vector<std::string> TestMessages(const std::string& folder);

bool IsRequest(const std::string& path);

// Decodes the message as `version` and encodes it again as that version.
absl::StatusOr<std::string> Recode(const std::string& path, std::string_view json, Version version);

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_TESTING_GOLDEN_MESSAGES_H_
