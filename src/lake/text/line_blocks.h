#ifndef PALLAS_LAKE_TEXT_LINE_BLOCKS_H_
#define PALLAS_LAKE_TEXT_LINE_BLOCKS_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "lake/text/byte_match.h"
#include "lake/text/byte_stream.h"

namespace pallas::lake {

inline constexpr int64_t kTextBlockBytes = int64_t{1} * 1024 * 1024;
// Trino's default too.
inline constexpr int64_t kMaxLineBytes = int64_t{100} * 1024 * 1024;

struct LineRange {
  // Where the stream starts in the file.
  int64_t stream_start = 0;
  // The stream starts one byte before the range, in a line, or at its end, that is another range's:
  // lines count from the first end of line on.
  bool starts_inside = false;
  // Lines that start before it belong to the range.
  int64_t end = std::numeric_limits<int64_t>::max();
  int header_lines = 0;
  int footer_lines = 0;  // 0 unless the range is a whole file
};

// Cuts a stream into blocks of whole lines. A line ends with `\n`, `\r` or `\r\n`, the last one
// also with the file, as Hadoop has it; a byte order mark at the start of a file is dropped. One
// thread.
class LineBlocks {
 public:
  LineBlocks(std::unique_ptr<ByteStream> stream, LineRange range);

  // The next lines with their ends; empty after the last one. Valid until the next call;
  // kTextPadding bytes after it are readable. A line that is too long is HIVE_CURSOR_ERROR.
  absl::StatusOr<std::string_view> Next();

  // Where the block that Next() gave starts: in the (decompressed) file.
  int64_t block_offset() const { return block_offset_; }

  // Lines that were skipped at the start.
  int64_t lines_skipped() const { return lines_skipped_; }

  int64_t bytes_read() const { return stream_->bytes_read(); }

 private:
  absl::Status Fill();
  absl::Status Start();
  absl::StatusOr<bool> SkipLine();
  // How many bytes from `begin_` on are lines that may be given now.
  size_t Available() const;
  size_t WholeLines() const;
  size_t WithoutFooter(size_t size) const;

  std::unique_ptr<ByteStream> stream_;
  const LineRange range_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  int64_t offset_;  // in the file, of buffer_[begin_]
  int64_t block_offset_ = 0;
  int64_t lines_skipped_ = 0;
  int64_t mark_bytes_ =
      0;  // between the start of the first line and `offset_`, until that is given
  bool started_ = false;
  bool at_end_ = false;    // of the stream
  bool finished_ = false;  // no more lines of the range
};

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_LINE_BLOCKS_H_
