#ifndef PALLAS_CONNECTORS_DYNAMODB_PAGE_DECODER_H_
#define PALLAS_CONNECTORS_DYNAMODB_PAGE_DECODER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "connectors/dynamodb/options.h"
#include "connectors/dynamodb/source_table.h"
#include "connectors/dynamodb/value_decoder.h"
#include "sdk/data/batch_builder.h"
#include "simdjson.h"

namespace pallas::dynamodb {

// What an answer of Scan, Query or BatchGetItem says besides its items.
struct PageInfo {
  int64_t num_items = 0;    // `Count`
  int64_t num_scanned = 0;  // before the filter
  double read_units = 0;
  // JSON of what is left to be asked for; empty: nothing.
  std::string last_evaluated_key;
  std::string unprocessed_keys;
};

// Decodes the items of answers into record batches: simdjson's On Demand front straight into Arrow
// builders, each byte looked at once. One thread.
class PageDecoder {
 public:
  // Decodes the `columns` of `table`, in that order; there is at least one. Borrows `table`.
  static absl::StatusOr<std::unique_ptr<PageDecoder>> Make(const SourceTable& table,
                                                           const std::vector<std::string>& columns,
                                                           const ValueOptions& options);

  // Appends the batches of one answer to `batches`: at most the first `max_rows` of its items.
  // `body` is changed (room for the parser is added). An answer that is cut short is INTERNAL.
  // INVALID_ARGUMENT names key and attribute of a value that its column cannot hold.
  absl::StatusOr<PageInfo> Decode(std::string& body, int64_t max_rows,
                                  std::deque<std::shared_ptr<arrow::RecordBatch>>& batches);

 private:
  struct Column {
    const SourceColumn* source = nullptr;
    std::unique_ptr<ValueDecoder> decoder;
    arrow::ArrayBuilder* builder = nullptr;
    std::string known_name;  // as the last item had it between its quotes
    size_t next = 0;         // the column that came after this one in the last item
    int64_t last_row = -1;   // the last that has a value, of those being built
    int64_t last_bytes = 0;  // of the texts of the last batch
  };

  PageDecoder(const SourceTable& table, sdk::BatchBuilder builder)
      : table_(table), builder_(std::move(builder)) {}

  static constexpr size_t kNoColumn = SIZE_MAX;

  using Batches = std::deque<std::shared_ptr<arrow::RecordBatch>>;

  bool DecodeField(simdjson::ondemand::field& field, Batches& batches, PageInfo& info);
  bool DecodeItems(simdjson::ondemand::value& value, Batches& batches);
  bool DecodeItem(simdjson::ondemand::value& value);
  bool DecodeResponses(simdjson::ondemand::value& value, Batches& batches);
  // kNoColumn: nobody asked for the attribute. No optional, which comes back through memory.
  size_t FindColumn(simdjson::ondemand::field& field, size_t guess);
  size_t LookUpColumn(simdjson::ondemand::field& field);
  bool FillUp();
  absl::Status MakeRoom();
  absl::Status Flush(Batches& batches);
  absl::Status Explain(const std::string& body) const;
  std::string KeyOfItem(const std::string& body, int64_t item) const;

  const SourceTable& table_;
  sdk::BatchBuilder builder_;
  std::vector<Column> columns_;
  absl::flat_hash_map<std::string, size_t> index_;
  DecodeFailure failure_;
  absl::Status flush_status_;
  std::string failed_attribute_;
  simdjson::ondemand::parser parser_;
  size_t first_column_ = 0;  // with which the last item began
  int64_t last_rows_ = 0;    // of the last batch
  int64_t rows_left_ = 0;
  int64_t items_seen_ = 0;  // of the answer
};

// The counts of an answer without items, or of one whose items nobody wants.
absl::StatusOr<PageInfo> ReadCounts(const std::string& body);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_PAGE_DECODER_H_
