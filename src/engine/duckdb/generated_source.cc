#include "engine/duckdb/generated_source.h"

#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/buffer.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "types/arrow_status.h"

namespace pallas::engine {
namespace {

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> MakeBatch(int64_t rows) {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer,
                   arrow::AllocateBuffer(rows * static_cast<int64_t>(sizeof(int64_t))));
  auto* const values = buffer->mutable_data_as<int64_t>();
  std::iota(values, values + rows, int64_t{0});
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("id", arrow::int64())}), rows,
                                  {std::make_shared<arrow::Int64Array>(rows, std::move(buffer))});
}

class GeneratedStream final : public sdk::RecordBatchStream {
 public:
  GeneratedStream(GeneratedSource::Options options, bool with_column, std::atomic<int64_t>& made)
      : options_(options), with_column_(with_column), made_(made) {}

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (position_++ == options_.batches_per_split) {
      return nullptr;
    }
    if (batch_ == nullptr || options_.fresh) {
      ASSIGN_OR_RETURN(batch_, MakeBatch(options_.rows_per_batch));
    }
    ++made_;
    if (with_column_) {
      return batch_;
    }
    return arrow::RecordBatch::Make(arrow::schema(arrow::FieldVector()), batch_->num_rows(),
                                    arrow::ArrayVector());
  }

 private:
  const GeneratedSource::Options options_;
  const bool with_column_;
  std::atomic<int64_t>& made_;
  int64_t position_ = 0;
  std::shared_ptr<arrow::RecordBatch> batch_;
};

}  // namespace

GeneratedSource::GeneratedSource(Options options) : options_(options) {}

sdk::Table GeneratedSource::Table() {
  sdk::Table table;
  table.name = {"db", "numbers"};
  table.schema = arrow::schema({arrow::field("id", arrow::int64())});
  return table;
}

absl::StatusOr<sdk::Capabilities> GeneratedSource::GetCapabilities(
    const sdk::RequestContext& /*context*/) {
  return sdk::Capabilities();
}

absl::StatusOr<sdk::Page<std::string>> GeneratedSource::ListDatabases(
    const sdk::RequestContext& /*context*/, const sdk::PageRequest& /*page*/) {
  return sdk::Page<std::string>{{Table().name.database}, ""};
}

absl::StatusOr<sdk::Page<sdk::TableName>> GeneratedSource::ListTables(
    const sdk::RequestContext& /*context*/, const std::string& /*database*/,
    const sdk::PageRequest& /*page*/) {
  return sdk::Page<sdk::TableName>{{Table().name}, ""};
}

absl::StatusOr<sdk::Table> GeneratedSource::GetTable(const sdk::RequestContext& /*context*/,
                                                     const sdk::TableName& /*name*/) {
  return Table();
}

absl::StatusOr<sdk::Pushdown> GeneratedSource::PlanPushdown(const sdk::RequestContext& /*context*/,
                                                            const sdk::Table& /*table*/,
                                                            const sdk::Scan& scan) {
  sdk::Pushdown pushdown;
  pushdown.expressions.resize(scan.constraints.expressions.size());
  return pushdown;
}

absl::Status GeneratedSource::PlanPartitions(const sdk::RequestContext& /*context*/,
                                             const sdk::Table& /*table*/, const sdk::Scan& /*scan*/,
                                             sdk::PartitionSink& sink) {
  return sink.Add(sdk::SinglePartition()).status();
}

absl::StatusOr<sdk::ResumeToken> GeneratedSource::PlanSplits(
    const sdk::RequestContext& /*context*/, const sdk::Table& /*table*/, const sdk::Scan& /*scan*/,
    const sdk::Partitions& /*partitions*/, const sdk::ResumeToken& /*from*/, sdk::SplitSink& sink) {
  for (int split = 0; split < options_.splits; ++split) {
    RETURN_IF_ERROR(sink.Add(sdk::Split{{{"split", absl::StrCat(split)}}}));
  }
  return sdk::ResumeToken();
}

absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> GeneratedSource::Read(
    const sdk::RequestContext& /*context*/, const sdk::Table& /*table*/, const sdk::Scan& scan,
    const sdk::Split& /*split*/) {
  return std::make_unique<GeneratedStream>(options_, !scan.columns.empty(), batches_made_);
}

}  // namespace pallas::engine
