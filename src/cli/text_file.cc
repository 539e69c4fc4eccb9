#include "cli/text_file.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sys/stat.h>
#include <system_error>

#include "absl/strings/str_cat.h"
#include <unistd.h>

namespace pallas::cli {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

absl::Status CannotRead(const std::string& path, int error) {
  return absl::NotFoundError(
      absl::StrCat("cannot read ", path, ": ", std::generic_category().message(error)));
}

}  // namespace

absl::StatusOr<std::string> ReadTextFile(const std::string& path) {
  constexpr size_t kChunkBytes = 64 * 1024;
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rb"));
  if (!file) {
    return CannotRead(path, errno);
  }
  std::string text;
  std::string chunk(kChunkBytes, '\0');
  while (const size_t size = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    text.append(chunk, 0, size);
  }
  if (std::ferror(file.get()) != 0) {
    return CannotRead(path, errno);
  }
  return text;
}

absl::Status WriteTextFile(const std::string& path, std::string_view text, mode_t mode) {
  std::string fresh = absl::StrCat(path, ".XXXXXX");
  const int descriptor = mkstemp(fresh.data());  // readable by its owner only
  std::unique_ptr<std::FILE, FileCloser> file(descriptor < 0 ? nullptr : fdopen(descriptor, "wb"));
  bool done =
      file != nullptr && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size();
  done = done && std::fflush(file.get()) == 0 && fchmod(descriptor, mode) == 0;
  done = done && std::rename(fresh.c_str(), path.c_str()) == 0;
  if (!done) {
    const int error = errno;
    unlink(fresh.c_str());
    return absl::PermissionDeniedError(
        absl::StrCat("cannot write ", path, ": ", std::generic_category().message(error)));
  }
  return absl::OkStatus();
}

}  // namespace pallas::cli
