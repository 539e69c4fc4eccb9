#include "aws/testing/moto_server.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"

namespace pallas::aws {
namespace {

// Runs the script; what it prints.
absl::StatusOr<std::string> Run(std::string_view command, const std::string& folder,
                                std::string_view option = "") {
  const std::string line = absl::StrCat("tools/servers/moto ", command, " ", folder, " ", option);
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(line.c_str(), "r"), pclose);
  if (pipe == nullptr) {
    return absl::InternalError(absl::StrCat("cannot run ", line));
  }
  std::string output;
  char buffer[256];
  while (const size_t size = fread(buffer, 1, sizeof(buffer), pipe.get())) {
    output.append(buffer, size);
  }
  if (pclose(pipe.release()) != 0) {
    return absl::UnavailableError(absl::StrCat(line, " has failed"));
  }
  absl::StripTrailingAsciiWhitespace(&output);
  return output;
}

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

absl::StatusOr<std::unique_ptr<MotoServer>> MotoServer::Start() {
  std::string folder = (std::filesystem::temp_directory_path() / "pallas-moto-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    return absl::InternalError("cannot make a temporary folder");
  }
  std::unique_ptr<MotoServer> server(new MotoServer(std::move(folder)));
  RETURN_IF_ERROR(server->Begin());
  return server;
}

MotoServer::~MotoServer() {
  Kill().IgnoreError();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

absl::Status MotoServer::Kill() { return Run("kill", folder_).status(); }

absl::Status MotoServer::Begin() {
  ASSIGN_OR_RETURN(const std::string address, Run("start", folder_, "--signed"));
  url_ = absl::StrCat("http://", address);
  owner_.access_key_id = Content(folder_ + "/access_key");
  owner_.secret_access_key = Content(folder_ + "/secret_key");
  reader_.access_key_id = Content(folder_ + "/reader_key");
  reader_.secret_access_key = Content(folder_ + "/reader_secret");
  return absl::OkStatus();
}

}  // namespace pallas::aws
