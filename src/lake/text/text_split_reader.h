#ifndef PALLAS_LAKE_TEXT_TEXT_SPLIT_READER_H_
#define PALLAS_LAKE_TEXT_TEXT_SPLIT_READER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "lake/text/line_blocks.h"
#include "lake/text/row_decoder.h"
#include "lake/text/text_format.h"
#include "sdk/connector.h"
#include "sdk/model/value.h"
#include "sdk/request_context.h"

namespace pallas::lake {

// A file, or a range of one.
struct TextSplit {
  std::string uri;
  int64_t start = 0;
  int64_t length = 0;
  int64_t file_bytes = 0;
  std::string etag;  // of the file as it was listed
};

// A column of the batches: decoded, or one value in all rows of the split.
struct SplitColumn {
  std::optional<TextColumn> text;
  std::optional<sdk::Value> constant;  // in scan-side form; nullopt is NULL. Not used with `text`.
};

struct TextReadOptions {
  DecoderOptions decoder;
  std::optional<int64_t> limit;  // rows
};

// Opens the split; `schema` has one field for each of `columns`. An error of reading names the file
// and the line, or the byte where that starts. `format` is borrowed.
absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> ReadTextSplit(
    const sdk::RequestContext& context, std::shared_ptr<storage::ObjectReader> object,
    const TextSplit& split, const TextFormat& format, std::shared_ptr<arrow::Schema> schema,
    const std::vector<SplitColumn>& columns, const TextReadOptions& options);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_TEXT_SPLIT_READER_H_
