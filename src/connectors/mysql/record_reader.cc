#include "connectors/mysql/record_reader.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/array/util.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "connectors/mysql/cell_decoder.h"
#include "connectors/mysql/connection.h"
#include "connectors/mysql/passthrough.h"
#include "connectors/mysql/pushdown.h"
#include "connectors/mysql/split_planner.h"
#include "sdk/data/batch_builder.h"
#include "types/arrow_status.h"

namespace pallas::mysql {
namespace {

// A statement under way on a session of its own. A cancel or the deadline breaks the session and
// has the server told; so does the destructor if rows are left.
class RunningStatement {
 public:
  RunningStatement(const sdk::RequestContext& context, const ReaderEnvironment& environment,
                   ConnectionPool::Opened session)
      : context_(context), killer_(environment.killer), session_(std::move(session)) {
    registration_ = context_.OnCancel([this] { Stop(); });
    deadline_ = environment.timer.At(context_.deadline, [this] { Stop(); });
  }

  ~RunningStatement() {
    registration_ = Cancellation::Registration();
    deadline_ = sdk::DeadlineTimer::Registration();
    if (!ended_) {
      Stop();
    }
  }

  RunningStatement(const RunningStatement&) = delete;
  RunningStatement& operator=(const RunningStatement&) = delete;

  absl::Status Start(std::string_view sql) {
    ended_ = false;
    return Explain(session_.connection->Start(sql));
  }

  RowView Fetch() { return session_.connection->Fetch(); }

  // After a Fetch() without a row.
  absl::Status End() {
    ended_ = true;
    return Explain(session_.connection->End());
  }

  absl::Status Check() const { return context_.Check(); }

 private:
  void Stop() {
    session_.connection->Abort();
    killer_.Kill(session_.connection->host(), session_.connection->id(), session_.login);
  }

  // A session that a cancel or the deadline broke is not the server's fault. Where the connection
  // broke, or nobody waited any longer, the server may be at work still.
  absl::Status Explain(absl::Status status) {
    if (status.ok()) {
      return status;
    }
    ended_ = true;
    const absl::Status reason = context_.Check();
    if (!reason.ok() || absl::IsUnavailable(status)) {
      Stop();
    }
    return reason.ok() ? status : reason;
  }

  const sdk::RequestContext context_;
  QueryKiller& killer_;
  ConnectionPool::Opened session_;
  bool ended_ = true;
  Cancellation::Registration registration_;
  sdk::DeadlineTimer::Registration deadline_;
};

// The columns of a scan in its order: those of the server, and the partition's name.
class BatchAssembler {
 public:
  static absl::StatusOr<BatchAssembler> Make(const sdk::Table& table, const sdk::Scan& scan,
                                             const SourceTable& source, std::string partition) {
    BatchAssembler result;
    result.partition_ = std::move(partition);
    arrow::FieldVector fields;
    for (const std::string& name : scan.columns) {
      const SourceColumn* const column = source.Find(name);
      fields.push_back(table.schema->GetFieldByName(name));
      result.is_constant_.push_back(column->is_partition_name);
    }
    result.schema_ = arrow::schema(std::move(fields));
    return result;
  }

  // `columns` are those of the server, each of `num_rows` cells.
  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Assemble(const arrow::ArrayVector& columns,
                                                               int64_t num_rows) const {
    arrow::ArrayVector all;
    size_t next = 0;
    for (const bool is_constant : is_constant_) {
      if (is_constant) {
        ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> names,
                         arrow::MakeArrayFromScalar(arrow::StringScalar(partition_), num_rows));
        all.push_back(std::move(names));
      } else {
        all.push_back(columns[next++]);
      }
    }
    return arrow::RecordBatch::Make(schema_, num_rows, std::move(all));
  }

 private:
  std::string partition_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<bool> is_constant_;
};

class RowStream final : public sdk::RecordBatchStream {
 public:
  // The cells of `columns` lie at `places` of the server's rows.
  static absl::StatusOr<std::unique_ptr<RowStream>> Make(
      std::unique_ptr<RunningStatement> statement, const std::vector<SourceColumn>& columns,
      std::vector<size_t> places, BatchAssembler assembler) {
    arrow::FieldVector fields;
    fields.reserve(columns.size());
    for (const SourceColumn& column : columns) {
      fields.push_back(arrow::field(column.name, column.mapping.type));
    }
    ASSIGN_OR_RETURN(sdk::BatchBuilder builder,
                     sdk::BatchBuilder::Make(arrow::schema(std::move(fields))));
    std::unique_ptr<RowStream> stream(
        new RowStream(std::move(statement), std::move(builder), std::move(assembler)));
    stream->places_ = std::move(places);
    for (size_t i = 0; i < columns.size(); ++i) {
      stream->decoders_.emplace_back(columns[i].mapping,
                                     stream->builder_.column(static_cast<int>(i)));
      stream->names_.push_back(columns[i].name);
      stream->fixed_bytes_ += stream->decoders_.back().fixed_bytes();
    }
    return stream;
  }

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (ended_) {
      return nullptr;
    }
    RETURN_IF_ERROR(statement_->Check());
    while (true) {
      const RowView row = statement_->Fetch();
      if (row.cells == nullptr) {
        ended_ = true;
        RETURN_IF_ERROR(statement_->End());
        return builder_.num_rows() == 0 ? nullptr : Flush();
      }
      if (builder_.num_rows() == rows_with_room_) {
        RETURN_IF_ERROR(MakeRoom());
      }
      int64_t text_bytes = 0;
      RETURN_IF_ERROR(AppendRow(row, text_bytes));
      received_ += text_bytes;
      if (builder_.FinishRow(fixed_bytes_ + text_bytes)) {
        return Flush();
      }
    }
  }

  int64_t bytes_received() const override { return bytes_received_; }

 private:
  RowStream(std::unique_ptr<RunningStatement> statement, sdk::BatchBuilder builder,
            BatchAssembler assembler)
      : statement_(std::move(statement)),
        builder_(std::move(builder)),
        assembler_(std::move(assembler)) {}

  // Room in all columns for some more rows: at first few, for a small table with many columns.
  absl::Status MakeRoom() {
    constexpr int64_t kFirstRows = 32;
    constexpr int64_t kMoreRows = 4096;
    const int64_t more = builder_.num_rows() == 0 ? std::max(kFirstRows, last_rows_)
                                                  : std::min(builder_.num_rows(), kMoreRows);
    for (CellDecoder& decoder : decoders_) {
      RETURN_IF_ERROR(decoder.Reserve(more));
    }
    rows_with_room_ += more;
    return absl::OkStatus();
  }

  absl::Status AppendRow(const RowView& row, int64_t& text_bytes) {
    for (size_t i = 0; i < decoders_.size(); ++i) {
      CellDecoder& decoder = decoders_[i];
      const size_t place = places_[i];
      const char* const cell = row.cells[place];
      if (cell == nullptr) {
        RETURN_IF_ERROR(decoder.builder().AppendNull());
        continue;
      }
      const size_t size = row.lengths[place];
      text_bytes += static_cast<int64_t>(size);
      if (!decoder.Append(cell, size)) [[unlikely]] {
        return BadCell(i);
      }
    }
    return absl::OkStatus();
  }

  absl::Status BadCell(size_t column) const {
    const auto& type = decoders_[column].builder().type();
    return absl::InvalidArgumentError(
        absl::StrCat("MySQL: a value of the column '", names_[column], "' cannot be read as ",
                     type->ToString(), ". Leave the column out, or read it through a view"));
  }

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Flush() {
    bytes_received_ = received_;
    last_rows_ = builder_.num_rows();
    rows_with_room_ = 0;
    for (CellDecoder& decoder : decoders_) {
      decoder.EndBatch();
    }
    ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, builder_.Flush());
    return assembler_.Assemble(batch->columns(), batch->num_rows());
  }

  std::unique_ptr<RunningStatement> statement_;
  sdk::BatchBuilder builder_;
  BatchAssembler assembler_;
  std::vector<CellDecoder> decoders_;
  std::vector<size_t> places_;  // of their cells in a row
  std::vector<std::string> names_;
  int64_t fixed_bytes_ = 0;
  int64_t rows_with_room_ = 0;  // of the batch that is being built
  int64_t last_rows_ = 0;
  int64_t received_ = 0;
  std::atomic<int64_t> bytes_received_ = 0;
  bool ended_ = false;
};

// Rows without a column of the server's: all it has to tell is how many there are.
class CountStream final : public sdk::RecordBatchStream {
 public:
  // What the server sends: the number of rows, or the rows.
  enum class Counts { kTold, kRows };

  CountStream(std::unique_ptr<RunningStatement> statement, Counts counts, BatchAssembler assembler)
      : statement_(std::move(statement)), counts_(counts), assembler_(std::move(assembler)) {}

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    RETURN_IF_ERROR(statement_->Check());
    if (!left_) {
      ASSIGN_OR_RETURN(left_, Count());
    }
    if (*left_ == 0) {
      return nullptr;
    }
    const int64_t num_rows = std::min(*left_, sdk::kMaxBatchRows);
    *left_ -= num_rows;
    return assembler_.Assemble({}, num_rows);
  }

 private:
  absl::StatusOr<int64_t> Count() {
    int64_t count = 0;
    bool good = counts_ == Counts::kRows;
    for (RowView row = statement_->Fetch(); row.cells != nullptr; row = statement_->Fetch()) {
      if (counts_ == Counts::kRows) {
        ++count;
      } else {
        good = absl::SimpleAtoi(std::string_view(row.cells[0], row.lengths[0]), &count);
      }
    }
    RETURN_IF_ERROR(statement_->End());
    return good ? absl::StatusOr<int64_t>(count)
                : absl::InternalError("MySQL: the server's count of rows is not a number");
  }

  std::unique_ptr<RunningStatement> statement_;
  const Counts counts_;
  BatchAssembler assembler_;
  std::optional<int64_t> left_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> ReadSplit(
    const sdk::RequestContext& context, ReaderEnvironment environment, const sdk::Table& table,
    const sdk::Scan& scan, const sdk::Split& split) {
  RETURN_IF_ERROR(context.Check());
  ASSIGN_OR_RETURN(const SourceTable source, SourceTable::Make(table, environment.options.types));
  ASSIGN_OR_RETURN(const std::vector<SourceColumn> columns, SelectedColumns(source, scan));
  const std::optional<std::string> query = PassthroughQuery(table);
  SplitRange range;
  PassthroughStatement sent;
  if (query) {
    sent = MakeStatement(*query, source, columns);
  } else {
    ASSIGN_OR_RETURN(range, ParseSplit(source, split));
    ScanPlan plan = PlanScan(source, scan);
    AddDynamicFilters(source, scan, plan);
    sent.sql = Statement(source, columns, plan, range);
    sent.places.resize(columns.size());
    std::iota(sent.places.begin(), sent.places.end(), size_t{0});
  }
  ASSIGN_OR_RETURN(BatchAssembler assembler,
                   BatchAssembler::Make(table, scan, source, range.partition));
  ASSIGN_OR_RETURN(ConnectionPool::Opened session, environment.pool.Open(context));
  auto statement = std::make_unique<RunningStatement>(context, environment, std::move(session));
  RETURN_IF_ERROR(statement->Start(sent.sql));
  if (columns.empty()) {
    return std::make_unique<CountStream>(
        std::move(statement), query ? CountStream::Counts::kRows : CountStream::Counts::kTold,
        std::move(assembler));
  }
  return RowStream::Make(std::move(statement), columns, std::move(sent.places),
                         std::move(assembler));
}

}  // namespace pallas::mysql
