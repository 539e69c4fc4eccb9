#include "storage/key_path.h"

#include "absl/strings/str_cat.h"

#include "simdjson.h"

namespace pallas::storage {
namespace {

constexpr std::string_view kMark = "~~";
constexpr std::string_view kEscapedMark = "~~x";
constexpr std::string_view kChunkMark = "~~c";

bool NeedsEscape(std::string_view part) {
  return part.empty() || part == "." || part == ".." || part.starts_with(kMark);
}

void AppendPart(std::string_view part, std::string* out) {
  while (part.size() >= kChunkBytes) {
    absl::StrAppend(out, kChunkMark, part.substr(0, kChunkBytes), "/");
    part.remove_prefix(kChunkBytes);
  }
  absl::StrAppend(out, NeedsEscape(part) ? kEscapedMark : "", part);
}

}  // namespace

absl::Status CheckKey(std::string_view key) {
  if (key.empty()) {
    return absl::InvalidArgumentError("an object's key must not be empty");
  }
  if (key.size() > kMaxKeyBytes) {
    return absl::InvalidArgumentError(absl::StrCat("an object's key has at most ", kMaxKeyBytes,
                                                   " bytes, this one has ", key.size()));
  }
  if (key.find('\0') != std::string_view::npos ||
      !simdjson::validate_utf8(key.data(), key.size())) {
    return absl::InvalidArgumentError("an object's key must be UTF-8 without NUL");
  }
  return absl::OkStatus();
}

std::string EncodeKey(std::string_view key) {
  const size_t slash = key.rfind('/');
  if (slash == std::string_view::npos) {
    std::string path;
    AppendPart(key, &path);
    return path;
  }
  std::string path = EncodeFolder(key.substr(0, slash + 1));
  AppendPart(key.substr(slash + 1), &path);
  return path;
}

std::string EncodeFolder(std::string_view prefix) {
  std::string path;
  while (!prefix.empty()) {
    const size_t slash = prefix.find('/');
    AppendPart(prefix.substr(0, slash), &path);
    path += '/';
    prefix.remove_prefix(slash + 1);
  }
  return path;
}

std::optional<std::string> DecodeName(std::string_view name, bool is_folder) {
  const char* slash = is_folder ? "/" : "";
  if (name.starts_with(kChunkMark)) {
    const std::string_view chunk = name.substr(kChunkMark.size());
    return is_folder && chunk.size() == kChunkBytes ? std::optional(std::string(chunk))
                                                    : std::nullopt;
  }
  if (name.starts_with(kEscapedMark)) {
    const std::string_view part = name.substr(kEscapedMark.size());
    return NeedsEscape(part) ? std::optional(absl::StrCat(part, slash)) : std::nullopt;
  }
  if (name.starts_with(kMark) || name.size() >= kChunkBytes) {
    return std::nullopt;
  }
  return absl::StrCat(name, slash);
}

}  // namespace pallas::storage
