#include "lake/text/line_blocks.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::lake {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::array<char, 2> kLineEnds = {'\n', '\r'};

// The first end of a line in `text` from `from` on; its size if there is none. REQUIRES: padding.
size_t FindLineEnd(std::string_view text, size_t from) {
  for (; from < text.size(); from += 64) {
    const uint64_t mask = MatchBytes(text.data() + from, kLineEnds) & LowBits(text.size() - from);
    if (mask != 0) {
      return from + static_cast<size_t>(std::countr_zero(mask));
    }
  }
  return text.size();
}

bool IsLineEnd(char c) { return c == '\n' || c == '\r'; }

// Where the line before `end` starts; what is before `end` may be its terminator. REQUIRES: end >
// 0.
size_t LineStart(std::string_view text, size_t end) {
  if (text[end - 1] == '\n') {
    --end;
    if (end > 0 && text[end - 1] == '\r') {
      --end;
    }
  } else if (text[end - 1] == '\r') {
    --end;
  }
  while (end > 0 && !IsLineEnd(text[end - 1])) {
    --end;
  }
  return end;
}

}  // namespace

LineBlocks::LineBlocks(std::unique_ptr<ByteStream> stream, LineRange range)
    : stream_(std::move(stream)),
      range_(range),
      buffer_(static_cast<size_t>(kTextBlockBytes) + kTextPadding),
      offset_(range.stream_start) {}

// Reads more after what is there.
absl::Status LineBlocks::Fill() {
  const size_t size = end_ - begin_;
  std::memmove(buffer_.data(), buffer_.data() + begin_, size);
  begin_ = 0;
  end_ = size;
  if (end_ + kTextPadding == buffer_.size()) {
    if (static_cast<int64_t>(size) >= kMaxLineBytes) {
      return NamedError(
          "HIVE_CURSOR_ERROR",
          absl::StrCat("the line at byte ", offset_, " is longer than ", kMaxLineBytes, " bytes"));
    }
    buffer_.resize(2 * end_ + kTextPadding);
  }
  while (end_ + kTextPadding < buffer_.size()) {
    ASSIGN_OR_RETURN(const int64_t more,
                     stream_->Read(buffer_.data() + end_,
                                   static_cast<int64_t>(buffer_.size() - kTextPadding - end_)));
    if (more == 0) {
      at_end_ = true;
      break;
    }
    end_ += static_cast<size_t>(more);
  }
  std::memset(buffer_.data() + end_, 0, kTextPadding);
  return absl::OkStatus();
}

// Drops one line; false if the stream has no more.
absl::StatusOr<bool> LineBlocks::SkipLine() {
  while (true) {
    const std::string_view text(buffer_.data() + begin_, end_ - begin_);
    const size_t stop = FindLineEnd(text, 0);
    // A `\r` at the end of what is there may have its `\n` still to come.
    const bool whole = stop + 1 < text.size() || (stop < text.size() && text[stop] == '\n');
    if (whole || at_end_) {
      size_t length = std::min(stop + 1, text.size());
      if (stop + 1 < text.size() && text[stop] == '\r' && text[stop + 1] == '\n') {
        ++length;
      }
      begin_ += length;
      offset_ += static_cast<int64_t>(length);
      return length > 0;
    }
    // A huge line that nobody wants need not be kept.
    if (stop == text.size() && !text.empty()) {
      begin_ += text.size();
      offset_ += static_cast<int64_t>(text.size());
    }
    RETURN_IF_ERROR(Fill());
  }
}

absl::Status LineBlocks::Start() {
  started_ = true;
  RETURN_IF_ERROR(Fill());
  if (range_.starts_inside) {
    RETURN_IF_ERROR(SkipLine().status());
    return absl::OkStatus();
  }
  if (std::string_view(buffer_.data(), end_).starts_with(kByteOrderMark)) {
    begin_ += kByteOrderMark.size();
    offset_ += static_cast<int64_t>(kByteOrderMark.size());
    mark_bytes_ = static_cast<int64_t>(kByteOrderMark.size());
  }
  for (int i = 0; i < range_.header_lines; ++i) {
    ASSIGN_OR_RETURN(const bool skipped, SkipLine());
    if (!skipped) {
      break;
    }
    ++lines_skipped_;
  }
  return absl::OkStatus();
}

// What is there up to the end of its last line.
size_t LineBlocks::WholeLines() const {
  const std::string_view text(buffer_.data() + begin_, end_ - begin_);
  if (at_end_) {
    return text.size();
  }
  const size_t newline = text.rfind('\n');
  const size_t from = newline == std::string_view::npos ? 0 : newline + 1;
  // After the last `\n` there may be lines that end with `\r` alone. One at the very end may have
  // its
  // `\n` still to come.
  std::string_view rest = text.substr(from);
  if (!rest.empty() && rest.back() == '\r') {
    rest.remove_suffix(1);
  }
  const size_t carriage_return = rest.rfind('\r');
  return carriage_return == std::string_view::npos ? from : from + carriage_return + 1;
}

size_t LineBlocks::WithoutFooter(size_t size) const {
  const std::string_view text(buffer_.data() + begin_, end_ - begin_);
  // The line that is going on counts as one.
  size_t end = text.size();
  for (int i = 0; i < range_.footer_lines && end > 0; ++i) {
    end = LineStart(text, end);
  }
  return std::min(size, end);
}

size_t LineBlocks::Available() const {
  size_t size = WholeLines();
  if (range_.footer_lines > 0) {
    size = WithoutFooter(size);
  }
  if (offset_ + static_cast<int64_t>(size) <= range_.end) {
    return size;
  }
  // The line that holds the last byte of the range is the last one.
  const std::string_view text(buffer_.data() + begin_, end_ - begin_);
  const size_t last = static_cast<size_t>(std::max<int64_t>(range_.end - 1 - offset_, 0));
  size_t stop = FindLineEnd(text.substr(0, size), last) + 1;
  if (stop < size && text[stop - 1] == '\r' && text[stop] == '\n') {
    ++stop;
  }
  return std::min(stop, size);
}

absl::StatusOr<std::string_view> LineBlocks::Next() {
  if (!started_) {
    RETURN_IF_ERROR(Start());
  } else if (!finished_ && !at_end_ && begin_ + static_cast<size_t>(kTextBlockBytes) / 2 > end_) {
    RETURN_IF_ERROR(Fill());
  }
  // The first line of a file starts with its byte order mark.
  if (finished_ || offset_ - std::exchange(mark_bytes_, 0) >= range_.end) {
    finished_ = true;
    return std::string_view();
  }
  size_t size = Available();
  while (size == 0 && !at_end_) {
    RETURN_IF_ERROR(Fill());
    size = Available();
  }
  block_offset_ = offset_;
  const std::string_view block(buffer_.data() + begin_, size);
  begin_ += size;
  offset_ += static_cast<int64_t>(size);
  finished_ = size == 0 || offset_ >= range_.end;
  return block;
}

}  // namespace pallas::lake
