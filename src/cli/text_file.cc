#include "cli/text_file.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"

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

}  // namespace pallas::cli
