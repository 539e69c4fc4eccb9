#include "engine/duckdb/lake_scan.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp"
#include "duckdb/common/multi_file/multi_file_function.hpp"

#include "base/error_detail.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/constraint_builder.h"
#include "engine/duckdb/lake_file_list.h"
#include "engine/duckdb/lake_reader.h"
#include "engine/duckdb/scan_function.h"
#include "engine/duckdb/storage_file_system.h"
#include "types/arrow_mapping.h"

namespace pallas::engine {
namespace {

constexpr char kParquetScan[] = "parquet_scan";
// Floating point columns may hold NaN, which the statistics of a file do not tell.
constexpr char kNanOption[] = "can_have_nan";
// Files whose footers are read to estimate how many rows the table has.
constexpr size_t kSampledFiles = 4;
// Without any readable footer.
constexpr double kAssumedBytesPerRow = 50;

const LakeReader& ReaderOf(const duckdb::FunctionData& data) {
  return static_cast<const LakeReader&>(*data.Cast<duckdb::MultiFileBindData>().multi_file_reader);
}

const LakeFileList& FilesOf(const duckdb::FunctionData& data) {
  return static_cast<const LakeFileList&>(*data.Cast<duckdb::MultiFileBindData>().file_list);
}

duckdb::unique_ptr<duckdb::MultiFileReader> MakeReader(const duckdb::TableFunction& function) {
  return duckdb::make_uniq<LakeReader>(function.function_info);
}

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& context,
                                              duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<duckdb::LogicalType>& types,
                                              duckdb::vector<duckdb::string>& names) {
  duckdb::named_parameter_map_t parameters = input.named_parameters;
  parameters[kNanOption] = duckdb::Value::BOOLEAN(true);
  duckdb::TableFunctionBindInput own(input.inputs, parameters, input.input_table_types,
                                     input.input_table_names, input.info, input.binder,
                                     input.table_function, input.ref);
  const auto& functions = static_cast<const ParquetFunctions&>(*input.table_function.function_info);
  return functions.scan.bind(context, own, types, names);
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitGlobal(
    duckdb::ClientContext& context, duckdb::TableFunctionInitInput& input) {
  const LakeReader& reader = ReaderOf(*input.bind_data);
  auto state = reader.parquet_scan().init_global(context, input);
  reader.scan()->files.files += static_cast<int64_t>(
      state->Cast<duckdb::MultiFileGlobalState>().file_list.GetTotalFileCount());
  return state;
}

duckdb::unique_ptr<duckdb::LocalTableFunctionState> InitLocal(
    duckdb::ExecutionContext& context, duckdb::TableFunctionInitInput& input,
    duckdb::GlobalTableFunctionState* global) {
  const LakeReader& reader = ReaderOf(*input.bind_data);
  duckdb::unique_ptr<duckdb::LocalTableFunctionState> state;
  ThrowReadError(
      CatchDuckDbError([&] { state = reader.parquet_scan().init_local(context, input, global); }),
      reader.scan()->table->lake_table->location());
  return state;
}

void Scan(duckdb::ClientContext& context, duckdb::TableFunctionInput& input,
          duckdb::DataChunk& out) {
  const LakeReader& reader = ReaderOf(*input.bind_data);
  // The file may change during the call; an error is most likely of the one before.
  std::string path = reader.scan()->table->lake_table->location();
  if (input.local_state) {
    const auto& local = input.local_state->Cast<duckdb::MultiFileLocalState>();
    if (local.reader) {
      path = local.reader->GetFileName();
    }
  }
  ThrowReadError(CatchDuckDbError([&] { reader.parquet_scan().function(context, input, out); }),
                 path);
  reader.scan()->files.rows += static_cast<int64_t>(out.size());
}

// Rows by byte, of a few of the files.
double SampleRows(duckdb::ClientContext& context, const duckdb::MultiFileBindData& data,
                  const LakeFileList& files) {
  const size_t count = files.GetTotalFileCount();
  double rows = 0;
  double bytes = 0;
  const auto options = data.interface->InitializeOptions(context, nullptr);
  const duckdb::vector<duckdb::OpenFileInfo> all = files.GetAllFiles();
  for (size_t i = 0; i < std::min(count, kSampledFiles); ++i) {
    const size_t index = i * count / std::min(count, kSampledFiles);
    // A file that cannot be read fails the scan, not the estimate.
    const duckdb::ErrorData error = CatchDuckDbError([&] {
      const auto reader =
          data.interface->CreateReader(context, all[index], *options, data.file_options);
      const auto estimate = reader->GetUnionData(0)->TryGetCardinalityEstimate();
      if (estimate.IsValid()) {
        rows += static_cast<double>(estimate.GetIndex());
        bytes += static_cast<double>(files.listing().files[index].size);
      }
    });
    static_cast<void>(error);
  }
  return bytes > 0 ? rows / bytes : 1 / kAssumedBytesPerRow;
}

duckdb::unique_ptr<duckdb::NodeStatistics> Cardinality(duckdb::ClientContext& context,
                                                       const duckdb::FunctionData* bind_data) {
  const LakeFileList& files = FilesOf(*bind_data);
  auto& rows_per_byte = ReaderOf(*bind_data).scan()->files.rows_per_byte;
  if (rows_per_byte == 0) {
    rows_per_byte = SampleRows(context, bind_data->Cast<duckdb::MultiFileBindData>(), files);
  }
  double bytes = 0;
  for (const lake::LakeFile& file : files.listing().files) {
    bytes += static_cast<double>(file.size);
  }
  return duckdb::make_uniq<duckdb::NodeStatistics>(
      static_cast<duckdb::idx_t>(bytes * rows_per_byte));
}

duckdb::TableFunction MakeLakeFunction(duckdb::TableFunction parquet) {
  duckdb::TableFunction function = parquet;
  function.name = kLakeScanFunction;
  function.arguments = {duckdb::LogicalType::VARCHAR};
  function.named_parameters.clear();
  function.bind = Bind;
  function.init_global = InitGlobal;
  function.init_local = InitLocal;
  function.function = Scan;
  function.cardinality = Cardinality;
  function.get_multi_file_reader = MakeReader;
  // What looks at files behind our back, or reads them twice.
  function.serialize = nullptr;
  function.deserialize = nullptr;
  function.verify_serialization = false;
  function.statistics = nullptr;
  function.statistics_extended = nullptr;
  function.get_partition_info = nullptr;
  function.get_partition_stats = nullptr;
  function.get_row_id_columns = nullptr;
  function.set_scan_order = nullptr;
  function.type_pushdown = nullptr;
  function.late_materialization = false;
  auto functions = duckdb::make_shared_ptr<ParquetFunctions>();
  functions->scan = std::move(parquet);
  function.function_info = std::move(functions);
  return function;
}

}  // namespace

absl::StatusOr<std::vector<ScanColumn>> LakeColumns(const sql::ScanPlan& scan,
                                                    const std::vector<sql::PlanColumn>& columns) {
  std::vector<ScanColumn> result;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string& name = scan.table->columns[static_cast<size_t>(scan.table_columns[i])].name;
    const auto arrow_type = ToScanArrowType(columns[i].type);
    if (!arrow_type.ok()) {
      return Annotate(arrow_type.status(),
                      absl::StrCat(scan.table->name.ToString(), ", column ", name, ": "));
    }
    result.push_back({name, columns[i].type, *arrow_type});
  }
  return result;
}

void RegisterLakeScan(duckdb::DatabaseInstance& instance, duckdb::ExtensionLoader& loader,
                      const storage::Locations& locations) {
  duckdb::FileSystem::GetFileSystem(instance).RegisterSubSystem(
      duckdb::make_uniq<StorageFileSystem>(locations));
  // The function of one path; another takes a list.
  auto& parquet = loader.GetTableFunction(kParquetScan);
  loader.RegisterFunction(MakeLakeFunction(parquet.functions.GetFunctionByArguments(
      *std::make_unique<duckdb::Connection>(instance)->context, {duckdb::LogicalType::VARCHAR})));
}

bool IsLakeScan(const duckdb::LogicalOperator& op) {
  return op.type == duckdb::LogicalOperatorType::LOGICAL_GET &&
         op.Cast<duckdb::LogicalGet>().function.name == kLakeScanFunction;
}

TableScan& LakeScanOf(const duckdb::LogicalGet& get) { return *ReaderOf(*get.bind_data).scan(); }

ScanExplanation ExplainLakeScan(const duckdb::LogicalGet& get) {
  const TableScan& scan = LakeScanOf(get);
  const LakeFileList& files = FilesOf(*get.bind_data);
  ScanExplanation explanation;
  for (const duckdb::ColumnIndex& id : get.GetColumnIds()) {
    if (!id.IsVirtualColumn() && id.GetPrimaryIndex() < scan.columns.size()) {
      explanation.columns.push_back(scan.columns[id.GetPrimaryIndex()].name);
    }
  }
  for (const auto& [key, set] : files.partition_constraints()) {
    explanation.terms.push_back(
        absl::StrCat(key, " in ", set.ToString(), ": pushed (exact): partitions are pruned"));
  }
  for (const auto& [column_index, filter] : get.table_filters.filters) {
    if (column_index >= scan.columns.size() ||
        files.partition_constraints().contains(scan.columns[column_index].name)) {
      continue;
    }
    const ScanColumn& column = scan.columns[column_index];
    const auto set = HasValueSets(column) ? BuildDynamicSet(*filter, column) : std::nullopt;
    explanation.terms.push_back(
        absl::StrCat(set ? absl::StrCat(column.name, " in ", set->ToString())
                         : absl::StrCat("a condition on ", column.name),
                     ": pushed (exact): the reader skips row groups and rows"));
  }
  explanation.statement = lake::DescribeListing(*scan.table->lake_table, files.listing());
  return explanation;
}

}  // namespace pallas::engine
