#include "types/ip_address.h"

#include <array>

#include "absl/strings/str_cat.h"

namespace pallas {
namespace {

constexpr size_t kGroups = 8;
constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);

struct Run {
  size_t begin = 0;
  size_t size = 0;
};

// The first of the longest runs of zeros, if it is longer than one.
Run ZerosOf(const std::array<unsigned, kGroups>& groups) {
  Run longest{0, 1};
  Run run;
  for (size_t i = 0; i < kGroups; ++i) {
    run = groups[i] == 0 ? Run{run.size == 0 ? i : run.begin, run.size + 1} : Run();
    longest = run.size > longest.size ? run : longest;
  }
  return longest.size > 1 ? longest : Run{kGroups, 0};
}

}  // namespace

void AppendIpAddress(std::string_view bytes, std::string* out) {
  if (bytes.size() != 2 * kGroups) {
    return;
  }
  const auto byte = [&](size_t i) -> unsigned { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.starts_with(kMapped)) {
    absl::StrAppend(out, byte(12), ".", byte(13), ".", byte(14), ".", byte(15));
    return;
  }
  std::array<unsigned, kGroups> groups{};
  for (size_t i = 0; i < kGroups; ++i) {
    groups[i] = byte(2 * i) * 256U + byte(2 * i + 1);
  }
  const Run zeros = ZerosOf(groups);
  for (size_t i = 0; i < kGroups; ++i) {
    if (i == zeros.begin) {
      out->append("::");
      i += zeros.size - 1;
      continue;
    }
    const bool first = i == 0 || i == zeros.begin + zeros.size;
    absl::StrAppend(out, first ? "" : ":", absl::Hex(groups[i]));
  }
}

}  // namespace pallas
