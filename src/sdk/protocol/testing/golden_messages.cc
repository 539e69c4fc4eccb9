#include "sdk/protocol/testing/golden_messages.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

#include "base/check.h"
#include "base/status_macros.h"
#include "sdk/protocol/codec.h"

namespace pallas::sdk::protocol {
namespace {

// The folder of the specification that holds the reference's messages; it lies beside the corpus.
std::filesystem::path SpecFolder() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread runs.
  const char* const corpus = std::getenv("PALLAS_CORPUS");
  return std::filesystem::path(corpus != nullptr ? corpus : "../shared/conformance").parent_path() /
         "spec";
}

// Where a path of ReadTestData() lies.
std::filesystem::path FileOf(std::string_view path) {
  const std::vector<std::string_view> parts = absl::StrSplit(path, absl::MaxSplits('/', 1));
  CHECK(parts[0] == "upstream" || parts[0] == "generated");
  const std::filesystem::path folder =
      SpecFolder() / (parts[0] == "upstream" ? "golden" : "golden-generated");
  return parts.size() == 1 ? folder : folder / parts[1];
}

// Without the messages the tests of a program are skipped, all at once and with the reason.
class MessagesEnvironment final : public testing::Environment {
 public:
  void SetUp() override {
    if (!std::filesystem::is_directory(SpecFolder())) {
      GTEST_SKIP()
          << "no messages of the reference: set PALLAS_CORPUS to the folder of the corpus, "
             "beside which spec/ lies";
    }
  }
};

const testing::Environment* const kEnvironment =
    testing::AddGlobalTestEnvironment(new MessagesEnvironment);

}  // namespace

std::string ReadTestData(const std::string& path) {
  std::ifstream file(FileOf(path), std::ios::binary);
  CHECK(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> TestMessages(const std::string& folder) {
  std::vector<std::string> paths;
  if (!std::filesystem::is_directory(SpecFolder())) {
    return paths;  // and no test runs
  }
  for (const auto& entry : std::filesystem::directory_iterator(FileOf(folder))) {
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
