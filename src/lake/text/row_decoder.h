#ifndef PALLAS_LAKE_TEXT_ROW_DECODER_H_
#define PALLAS_LAKE_TEXT_ROW_DECODER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "federation/source.h"
#include "lake/text/text_format.h"
#include "sdk/data/batch_builder.h"
#include "types/type.h"

namespace pallas::lake {

// A column that is read: where it stands among the table's, and what it is.
struct TextColumn {
  int index = 0;
  std::string name;
  Type type;
};

struct DecoderOptions {
  int num_table_columns = 0;  // without partition keys
  federation::InvalidUtf8 invalid_utf8 = federation::InvalidUtf8::kError;
};

// Turns lines into rows of typed builders. One thread.
class RowDecoder {
 public:
  virtual ~RowDecoder() = default;

  struct Decoded {
    size_t bytes = 0;  // of `lines`, up to the end of the last row
    int64_t rows = 0;
  };

  // Appends at most `max_rows` rows, one for each line, to every builder. `lines` are whole lines
  // (line_blocks.h), with kTextPadding readable bytes after them. On an error, which says what of
  // which column is wrong, failed_row() is the row of this call that has it, and nothing may be
  // done with the builders.
  virtual absl::StatusOr<Decoded> Decode(std::string_view lines, int64_t max_rows) = 0;

  int64_t failed_row() const { return failed_row_; }

 protected:
  int64_t failed_row_ = 0;
};

// The decoder of `columns` into `builder`, whose columns they are, in order; borrowed, outlives it.
// NOT_SUPPORTED for a type that the SerDe cannot have. With no columns it counts lines.
absl::StatusOr<std::unique_ptr<RowDecoder>> MakeRowDecoder(const TextFormat& format,
                                                           const std::vector<TextColumn>& columns,
                                                           const DecoderOptions& options,
                                                           sdk::BatchBuilder& builder);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_ROW_DECODER_H_
