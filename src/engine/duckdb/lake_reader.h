#ifndef PALLAS_ENGINE_DUCKDB_LAKE_READER_H_
#define PALLAS_ENGINE_DUCKDB_LAKE_READER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "duckdb/common/multi_file/multi_file_reader.hpp"
#include "duckdb/function/table_function.hpp"

#include "engine/duckdb/column_conversion.h"
#include "engine/duckdb/scan_registry.h"
#include "sdk/model/value_set.h"

namespace pallas::engine {

// DuckDB's own functions around its Parquet reader, which ours call.
struct ParquetFunctions final : duckdb::TableFunctionInfo {
  duckdb::TableFunction scan;
};

// Throws what DuckDB reports of the file at `path`, as HIVE_BAD_DATA that names the file, unless it
// has a meaning already or no fault of the file is. Does nothing without an error.
void ThrowReadError(const duckdb::ErrorData& error, std::string_view path);

// Tells DuckDB's Parquet scan what a lake table is: its columns, the values of partition keys and
// hidden columns, which are constants of a file, and how the columns of a file become the table's.
class LakeReader final : public duckdb::MultiFileReader {
 public:
  explicit LakeReader(duckdb::shared_ptr<duckdb::TableFunctionInfo> functions);

  // REQUIRES: CreateFileList() has been called (DuckDB does, first).
  const std::shared_ptr<TableScan>& scan() const { return scan_; }

  const duckdb::TableFunction& parquet_scan() const;

  duckdb::unique_ptr<MultiFileReader> Copy() const override;

  // `paths` is the id of the scan.
  duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(
      duckdb::ClientContext& context, const duckdb::vector<duckdb::string>& paths,
      const duckdb::FileGlobInput& glob) override;

  bool Bind(duckdb::MultiFileOptions& options, duckdb::MultiFileList& files,
            duckdb::vector<duckdb::LogicalType>& types, duckdb::vector<duckdb::string>& names,
            duckdb::MultiFileReaderBindData& bind_data) override;
  void BindOptions(duckdb::MultiFileOptions& options, duckdb::MultiFileList& files,
                   duckdb::vector<duckdb::LogicalType>& types,
                   duckdb::vector<duckdb::string>& names,
                   duckdb::MultiFileReaderBindData& bind_data) override;

  duckdb::unique_ptr<duckdb::MultiFileList> ComplexFilterPushdown(
      duckdb::ClientContext& context, duckdb::MultiFileList& files,
      const duckdb::MultiFileOptions& options, duckdb::MultiFilePushdownInfo& info,
      duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) override;
  duckdb::unique_ptr<duckdb::MultiFileList> DynamicFilterPushdown(
      duckdb::ClientContext& context, const duckdb::MultiFileList& files,
      const duckdb::MultiFileOptions& options, const duckdb::vector<duckdb::string>& names,
      const duckdb::vector<duckdb::LogicalType>& types,
      const duckdb::vector<duckdb::column_t>& column_ids, duckdb::TableFilterSet& filters) override;

  duckdb::shared_ptr<duckdb::BaseFileReader> CreateReader(
      duckdb::ClientContext& context, duckdb::GlobalTableFunctionState& state,
      const duckdb::OpenFileInfo& file, duckdb::idx_t file_index,
      const duckdb::MultiFileBindData& bind_data) override;

  void FinalizeBind(duckdb::MultiFileReaderData& reader_data,
                    const duckdb::MultiFileOptions& file_options,
                    const duckdb::MultiFileReaderBindData& options,
                    const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                    const duckdb::vector<duckdb::ColumnIndex>& column_ids,
                    duckdb::ClientContext& context,
                    duckdb::optional_ptr<duckdb::MultiFileReaderGlobalState> state) override;

  duckdb::ReaderInitializeType CreateMapping(
      duckdb::ClientContext& context, duckdb::MultiFileReaderData& reader_data,
      const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
      const duckdb::vector<duckdb::ColumnIndex>& column_ids,
      duckdb::optional_ptr<duckdb::TableFilterSet> filters, duckdb::MultiFileList& files,
      const duckdb::MultiFileReaderBindData& bind_data,
      const duckdb::virtual_column_map_t& virtual_columns,
      duckdb::MultiFileColumnMappingMode mode) override;

 private:
  // The value that every row of `file` has in a column of the scan; nullptr if it is no such
  // column.
  duckdb::unique_ptr<duckdb::Value> ConstantOf(size_t column,
                                               const duckdb::OpenFileInfo& file) const;
  bool IsPartitionKey(const std::string& name) const;

  duckdb::shared_ptr<duckdb::TableFunctionInfo> functions_;
  std::shared_ptr<TableScan> scan_;
  int64_t scan_id_ = -1;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_LAKE_READER_H_
