#include "sdk/protocol/testing/golden_messages.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"

#include "base/check.h"
#include "base/status_macros.h"
#include "sdk/protocol/codec.h"

namespace pallas::sdk::protocol {
namespace {

const char* const kFolder = "src/sdk/protocol/testdata/";

}  // namespace

std::string ReadTestData(const std::string& path) {
  std::ifstream file(kFolder + path, std::ios::binary);
  CHECK(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> TestMessages(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder + folder)) {
    if (entry.path().extension() == ".json") {
      paths.push_back(folder + "/" + entry.path().filename().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  CHECK(!paths.empty());
  return paths;
}

bool IsRequest(const std::string& path) { return absl::StrContains(path, "Request"); }

absl::StatusOr<std::string> Recode(const std::string& path, std::string_view json,
                                   Version version) {
  if (IsRequest(path)) {
    ASSIGN_OR_RETURN(const Request request, DecodeRequestAs(json, version));
    return EncodeRequest(request, version);
  }
  ASSIGN_OR_RETURN(const Response response, DecodeResponse(json, version));
  return EncodeResponse(response, version);
}

}  // namespace pallas::sdk::protocol
