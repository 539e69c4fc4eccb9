#ifndef PALLAS_LAKE_TEXT_LINE_CURSOR_H_
#define PALLAS_LAKE_TEXT_LINE_CURSOR_H_

#include <array>
#include <bit>
#include <string_view>

#include "lake/text/byte_match.h"

namespace pallas::lake {

// Goes through whole lines, one by one, for decoders that look at each on its own.
class LineCursor {
 public:
  // REQUIRES: kTextPadding bytes are readable after `lines`.
  explicit LineCursor(std::string_view lines) : lines_(lines) {}

  bool at_end() const { return position_ == lines_.size(); }

  // Of the lines taken, with their ends.
  size_t position() const { return position_; }

  // The next line, without its end. REQUIRES: !at_end().
  std::string_view Next() {
    constexpr std::array<char, 2> kEnds = {'\n', '\r'};
    const size_t begin = position_;
    size_t end = begin;
    while (true) {
      const uint64_t mask = MatchBytes(lines_.data() + end, kEnds) & LowBits(lines_.size() - end);
      if (mask != 0) {
        end += static_cast<size_t>(std::countr_zero(mask));
        break;
      }
      end += 64;
      if (end >= lines_.size()) {
        end = lines_.size();
        break;
      }
    }
    position_ = end;
    if (position_ < lines_.size()) {
      const bool two = lines_[end] == '\r' && end + 1 < lines_.size() && lines_[end + 1] == '\n';
      position_ += two ? 2 : 1;
    }
    return lines_.substr(begin, end - begin);
  }

 private:
  const std::string_view lines_;
  size_t position_ = 0;
};

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_LINE_CURSOR_H_
