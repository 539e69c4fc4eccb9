#include "engine/duckdb/scan_bench.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/check.h"
#include "catalog/table_resolver.h"
#include "sdk/model/table.h"

namespace pallas::engine {

namespace {

constexpr int64_t kBudgetBytes = 64 * 1024 * 1024;

}  // namespace

ScanBench::ScanBench(int threads, int64_t memory_limit_mib) : database_(nullptr) {
  std::string folder = (std::filesystem::temp_directory_path() / "pallas-scan-XXXXXX").string();
  CHECK(mkdtemp(folder.data()) != nullptr);
  lake_dir_ = folder;
  storage::LocationOptions options;
  options.local_roots = {lake_dir_};
  options.objects_dir = lake_dir_ + "/objects";
  std::filesystem::create_directories(options.objects_dir);
  auto locations = storage::Locations::Make(options);
  CHECK(locations.ok());
  locations_ = *std::move(locations);
  duckdb::Connection connection(database_);
  for (const std::string& setting : {absl::StrCat("SET threads = ", threads),
                                     absl::StrCat("SET memory_limit = '", memory_limit_mib, "MiB'"),
                                     std::string("SET preserve_insertion_order = false")}) {
    CHECK(!connection.Query(setting)->HasError());
  }
  RegisterScan(*database_.instance, *locations_);
}

ScanBench::~ScanBench() {
  std::error_code ignored;
  std::filesystem::remove_all(lake_dir_, ignored);
}

sdk::MemoryConnector& ScanBench::MakeSource(std::vector<sdk::MemoryTable> tables,
                                            sdk::MemoryOptions options, int max_concurrency) {
  tables_ = tables;
  auto connector = std::make_unique<sdk::MemoryConnector>(std::move(tables), std::move(options));
  sdk::MemoryConnector& result = *connector;
  federation::SourceOptions source_options;
  source_options.limits.max_concurrency = max_concurrency;
  source_ = std::make_shared<const federation::Source>("mem", std::move(connector), source_options,
                                                       Clock::System());
  return result;
}

namespace {

std::shared_ptr<const catalog::ResolvedTable> Resolve(
    std::shared_ptr<const federation::Source> source, sdk::Table table,
    std::optional<double> row_count) {
  auto resolved = std::make_shared<catalog::ResolvedTable>();
  resolved->name = {source->catalog(), table.name.database, table.name.table};
  for (const auto& field : table.schema->fields()) {
    resolved->columns.push_back({field->name(), *sdk::ColumnType(*field), "", false, false});
  }
  resolved->row_count = row_count;
  resolved->source = std::move(source);
  resolved->table = std::make_shared<sdk::Table>(std::move(table));
  return resolved;
}

}  // namespace

std::shared_ptr<const catalog::ResolvedTable> ScanBench::Table(const std::string& name) const {
  for (const sdk::MemoryTable& table : tables_) {
    if (table.name.table == name) {
      sdk::Table described;
      described.name = table.name;
      described.schema = table.schema;
      return Resolve(source_, std::move(described), table.row_count);
    }
  }
  CHECK(false);
  return nullptr;
}

std::shared_ptr<const catalog::ResolvedTable> ScanBench::MakeGeneratedTable(
    std::unique_ptr<GeneratedSource> source) const {
  return Resolve(std::make_shared<const federation::Source>(
                     "gen", std::move(source), federation::SourceOptions(), Clock::System()),
                 GeneratedSource::Table(), std::nullopt);
}

ScanBench::Query::Query(ScanBench& bench, const ResolvedTables& tables)
    : connection_(bench.database_) {
  ScanEnvironment environment;
  environment.request = request_;
  environment.readers = &bench.readers_;
  environment.budget = std::make_shared<MemoryBudget>(kBudgetBytes);
  scans_ = std::make_shared<QueryScans>(std::move(environment));
  const sql::Session session;
  const FunctionEmitter functions(session);
  sql::ColumnId id = 0;
  for (const auto& table : tables.tables) {
    sql::ScanPlan plan;
    plan.table = table;
    std::vector<sql::PlanColumn> columns;
    for (size_t i = 0; i < table->columns.size(); ++i) {
      plan.table_columns.push_back(static_cast<int>(i));
      columns.push_back({id++, table->columns[i].name, table->columns[i].type});
    }
    auto reference = scans_->Add(plan, columns, "t", functions);
    CHECK(reference.ok());
    references.push_back(*std::move(reference));
  }
  QueryScans::Attach(scans_, *connection_.context);
}

namespace {

ScanBench::ResolvedTables TablesOf(const ScanBench& bench, const std::vector<std::string>& names) {
  ScanBench::ResolvedTables tables;
  for (const std::string& name : names) {
    tables.tables.push_back(bench.Table(name));
  }
  return tables;
}

}  // namespace

ScanBench::Query::Query(ScanBench& bench, const std::vector<std::string>& tables)
    : Query(bench, TablesOf(bench, tables)) {}

absl::StatusOr<std::vector<std::string>> ScanBench::Query::Run(const std::string& sql) {
  const auto result = connection_.Query(sql);
  if (result->HasError()) {
    return FromDuckDbError(result->GetErrorObject());
  }
  std::vector<std::string> rows;
  for (duckdb::idx_t row = 0; row < result->RowCount(); ++row) {
    std::string text;
    for (duckdb::idx_t column = 0; column < result->ColumnCount(); ++column) {
      absl::StrAppend(&text, column == 0 ? "" : "|", result->GetValue(column, row).ToString());
    }
    rows.push_back(std::move(text));
  }
  return rows;
}

void ScanBench::Query::Cancel() {
  request_.cancellation.Cancel(absl::CancelledError("The query was cancelled"));
  connection_.Interrupt();
}

sdk::MemoryTable NumbersTable(const std::string& name, int splits, int64_t rows_per_split) {
  sdk::MemoryTable table;
  table.name = {"db", name};
  table.schema =
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8()),
                     arrow::field("value", arrow::float64())});
  for (int split = 0; split < splits; ++split) {
    arrow::Int64Builder ids;
    arrow::StringBuilder names;
    arrow::DoubleBuilder values;
    for (int64_t i = split * rows_per_split; i < (split + 1) * rows_per_split; ++i) {
      CHECK(ids.Append(i).ok() && names.Append(absl::StrCat("n", i)).ok() &&
            values.Append(static_cast<double>(i) / 2).ok());
    }
    table.splits.push_back(arrow::RecordBatch::Make(
        table.schema, rows_per_split, {*ids.Finish(), *names.Finish(), *values.Finish()}));
  }
  return table;
}

}  // namespace pallas::engine
