#include "engine/duckdb/scan_function.h"

#include <utility>

#include "absl/status/status.h"

#include "engine/duckdb/boundary.h"
#include "engine/duckdb/types.h"
#include "lake/text_connector.h"

namespace pallas::engine {
namespace {

// The column of a scan of no columns: DuckDB's tables have at least one.
constexpr char kNoColumn[] = "none";

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& context,
                                              duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<duckdb::LogicalType>& types,
                                              duckdb::vector<duckdb::string>& names) {
  auto data = duckdb::make_uniq<ScanBindData>();
  data->scan = FindScan(context, input.inputs[0].GetValue<int64_t>());
  for (size_t i = 0; i < data->scan->columns.size(); ++i) {
    types.push_back(ToDuckDbType(data->scan->columns[i].type));
    names.push_back(data->scan->column_names[i]);
  }
  if (types.empty()) {
    types.push_back(duckdb::LogicalType::BOOLEAN);
    names.emplace_back(kNoColumn);
  }
  return data;
}

duckdb::unique_ptr<duckdb::NodeStatistics> Cardinality(duckdb::ClientContext& /*context*/,
                                                       const duckdb::FunctionData* data) {
  const auto& bind_data = data->Cast<ScanBindData>();
  const catalog::ResolvedTable& table = *bind_data.scan->table;
  std::optional<double> known = table.row_count;
  if (!known && table.kind == catalog::TableKind::kLake) {
    auto& files = static_cast<lake::TextConnector&>(table.source->connector());
    known = files.EstimateRows(bind_data.scan->environment.request, bind_data.early_sets);
  }
  const double rows = known.value_or(kUnknownRowCount);
  return duckdb::make_uniq<duckdb::NodeStatistics>(static_cast<duckdb::idx_t>(std::max(rows, 0.0)));
}

// Lets count(*) ask for no column at all.
duckdb::virtual_column_map_t VirtualColumns(duckdb::ClientContext& /*context*/,
                                            duckdb::optional_ptr<duckdb::FunctionData> /*data*/) {
  duckdb::virtual_column_map_t columns;
  columns.insert(
      {duckdb::COLUMN_IDENTIFIER_EMPTY, duckdb::TableColumn("", duckdb::LogicalType::BOOLEAN)});
  return columns;
}

// Takes note of the conditions and leaves them where they are. Called more than once.
void SeeFilters(duckdb::ClientContext& /*context*/, duckdb::LogicalGet& get,
                duckdb::FunctionData* bind_data,
                duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) {
  auto& data = bind_data->Cast<ScanBindData>();
  const ColumnOfBinding column_of = [&](const duckdb::ColumnBinding& binding) {
    return ColumnOf(get, *data.scan, binding);
  };
  for (const auto& filter : filters) {
    const ScanTerm term = BuildTerm(*filter, column_of);
    if (!term.set) {
      continue;
    }
    const auto [known, added] = data.early_sets.emplace(term.column, *term.set);
    if (!added) {
      known->second = known->second.Intersect(*term.set);
    }
  }
}

void NeverCalled(duckdb::ClientContext& /*context*/, duckdb::TableFunctionInput& /*input*/,
                 duckdb::DataChunk& /*out*/) {
  ThrowIfError(absl::InternalError("a federated scan was not replaced by its operator"));
}

}  // namespace

duckdb::unique_ptr<duckdb::FunctionData> ScanBindData::Copy() const {
  auto copy = duckdb::make_uniq<ScanBindData>();
  copy->scan = scan;
  copy->early_sets = early_sets;
  return copy;
}

bool ScanBindData::Equals(const duckdb::FunctionData& other) const {
  const auto& data = other.Cast<ScanBindData>();
  return scan == data.scan && early_sets == data.early_sets;
}

duckdb::TableFunction MakeScanFunction() {
  duckdb::TableFunction function(kScanFunction, {duckdb::LogicalType::BIGINT}, NeverCalled, Bind);
  function.projection_pushdown = true;
  // Conditions stay in the plan; dynamic filters come by a pass of our own (scan_optimizer.h).
  function.filter_pushdown = false;
  function.cardinality = Cardinality;
  function.pushdown_complex_filter = SeeFilters;
  function.get_virtual_columns = VirtualColumns;
  return function;
}

bool IsFederatedScan(const duckdb::LogicalOperator& op) {
  return op.type == duckdb::LogicalOperatorType::LOGICAL_GET &&
         op.Cast<duckdb::LogicalGet>().function.name == kScanFunction;
}

const ScanColumn* ColumnOf(const duckdb::LogicalGet& get, const TableScan& scan,
                           const duckdb::ColumnBinding& binding) {
  const auto& ids = get.GetColumnIds();
  if (binding.table_index != get.table_index || binding.column_index >= ids.size()) {
    return nullptr;
  }
  const duckdb::ColumnIndex& id = ids[binding.column_index];
  if (id.IsVirtualColumn() || id.GetPrimaryIndex() >= scan.columns.size()) {
    return nullptr;
  }
  return &scan.columns[id.GetPrimaryIndex()];
}

}  // namespace pallas::engine
