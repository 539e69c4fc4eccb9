#include "cli/shell/error_text.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/terminal_text.h"

#include "base/error_detail.h"

namespace pallas::cli {
namespace {

constexpr std::string_view kIndent = "  ";
constexpr std::string_view kEllipsis = "…";

// The byte at which the 1-based `column`, in code points, begins; nullopt: the line is shorter.
std::optional<size_t> ByteOfColumn(std::string_view line, int column) {
  size_t byte = 0;
  for (int i = 1; i < column; ++i) {
    if (byte >= line.size()) {
      return std::nullopt;
    }
    do {
      ++byte;
    } while (byte < line.size() && (static_cast<unsigned char>(line[byte]) & 0xC0U) == 0x80U);
  }
  return byte;
}

}  // namespace

std::string PointAtError(const absl::Status& error, std::string_view statement, size_t columns) {
  const std::optional<ErrorDetail> detail = GetDetail(error);
  if (!detail || !detail->location || detail->location->line < 1) {
    return "";
  }
  const std::vector<std::string_view> lines = absl::StrSplit(statement, '\n');
  const auto index = static_cast<size_t>(detail->location->line) - 1;
  if (index >= lines.size()) {
    return "";
  }
  const std::optional<size_t> byte = ByteOfColumn(lines[index], detail->location->column);
  if (!byte) {
    return "";
  }
  const auto shown = [](std::string_view text) {
    return Printable(absl::StrReplaceAll(text, {{"\t", " "}, {"\r", ""}}));
  };
  std::string before = shown(lines[index].substr(0, *byte));
  // A long line is cut on both sides, so that the place stays in sight.
  const size_t room = std::max<size_t>(columns, 20) - kIndent.size() - 1;
  const size_t room_before = room / 2;
  if (DisplayWidth(before) > room_before) {
    std::string_view tail = before;
    while (DisplayWidth(tail) + 1 > room_before) {
      tail.remove_prefix(std::max<size_t>(PrefixOfWidth(tail, 1).size(), 1));
      while (!tail.empty() && (static_cast<unsigned char>(tail[0]) & 0xC0U) == 0x80U) {
        tail.remove_prefix(1);
      }
    }
    before = absl::StrCat(kEllipsis, tail);
  }
  const size_t start = DisplayWidth(before);
  return absl::StrCat(kIndent, before, CutToWidth(shown(lines[index].substr(*byte)), room - start),
                      "\n", kIndent, std::string(start, ' '), "^\n");
}

}  // namespace pallas::cli
