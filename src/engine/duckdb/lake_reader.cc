#include "engine/duckdb/lake_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "duckdb/planner/expression/bound_reference_expression.hpp"
#include "duckdb/planner/expression_iterator.hpp"
#include "duckdb/planner/filter/list.hpp"

#include "base/error_detail.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/constraint_builder.h"
#include "engine/duckdb/lake_file_list.h"
#include "engine/duckdb/storage_file_system.h"
#include "engine/duckdb/types.h"
#include "lake/lake_table.h"
#include "types/arrow_mapping.h"
#include "types/time_zone.h"

namespace pallas::engine {
namespace {

constexpr char kNoColumn[] = "none";
constexpr size_t kMaxReasonBytes = 300;
constexpr int64_t kMicrosPerMilli = 1000;

const duckdb::Value& OptionOf(const duckdb::OpenFileInfo& file, const std::string& name) {
  return file.extended_info->options.at(name);
}

// What of a filter must be applied. Joins add parts that only save work; null if there is no other.
duckdb::unique_ptr<duckdb::TableFilter> RequiredPart(const duckdb::TableFilter& filter) {
  switch (filter.filter_type) {
    case duckdb::TableFilterType::OPTIONAL_FILTER:
    case duckdb::TableFilterType::DYNAMIC_FILTER:
    case duckdb::TableFilterType::BLOOM_FILTER:
      return nullptr;
    case duckdb::TableFilterType::CONJUNCTION_AND: {
      auto required = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
      for (const auto& child : filter.Cast<duckdb::ConjunctionAndFilter>().child_filters) {
        if (auto part = RequiredPart(*child)) {
          required->child_filters.push_back(std::move(part));
        }
      }
      if (required->child_filters.empty()) {
        return nullptr;
      }
      return required;
    }
    default:
      return filter.Copy();
  }
}

// The reader evaluates expressions before filters one column at a time.
void ReferToOnlyColumn(DuckExpression& expression) {
  duckdb::ExpressionIterator::VisitExpressionMutable<duckdb::BoundReferenceExpression>(
      expression, [](duckdb::BoundReferenceExpression& reference, DuckExpression& /*self*/) {
        reference.index = 0;
      });
}

// One file's columns, on their way to the table's.
class FileMapping {
 public:
  FileMapping(duckdb::MultiFileReaderData& reader_data, const TableScan& scan)
      : reader_data_(reader_data), scan_(scan) {}

  // Finds out how `column` of the table is read, which is output `output` of the scan.
  absl::Status Add(size_t output, size_t column, duckdb::MultiFileColumnDefinition& definition) {
    const ScanColumn& declared = scan_.columns[column];
    for (const auto& in_file : reader_data_.reader->columns) {
      if (!duckdb::StringUtil::CIEquals(in_file.name, declared.name)) {
        continue;
      }
      std::optional<ColumnConversion> conversion =
          ConvertColumn(definition.name, declared.type, in_file);
      if (!conversion) {
        return NamedError("HIVE_BAD_DATA",
                          absl::StrCat("Malformed Parquet file. Field '", declared.name,
                                       "' of type ", in_file.type.ToString(), " in parquet file ",
                                       StorageUri(reader_data_.reader->GetFileName()),
                                       " is incompatible with type ", declared.type.ToString(),
                                       " defined in table schema"));
      }
      definition = conversion->mapped;
      if (conversion->convert) {
        conversions_.insert_or_assign(output, *std::move(conversion));
      }
      return absl::OkStatus();
    }
    return absl::OkStatus();  // NULL
  }

  // Filters on what DuckDB maps itself; the others are kept back.
  duckdb::unique_ptr<duckdb::TableFilterSet> MappedFilters(const duckdb::TableFilterSet& all) {
    auto mapped = duckdb::make_uniq<duckdb::TableFilterSet>();
    for (const auto& [output, filter] : all.filters) {
      if (!conversions_.contains(output)) {
        mapped->filters.emplace(output, filter->Copy());
      } else {
        KeepBack(output, *filter);
      }
    }
    return mapped;
  }

  // Adds the conversions, and the filters on their results, to what DuckDB has mapped.
  void Finish(duckdb::ClientContext& context) {
    for (const auto& [output, conversion] : conversions_) {
      DuckExpression& expression = reader_data_.expressions[output];
      const duckdb::idx_t local = expression->Cast<duckdb::BoundReferenceExpression>().index;
      expression = conversion.convert(context, std::move(expression));
      if (const auto filter = in_file_.find(output); filter != in_file_.end()) {
        AddFilter(local, std::move(filter->second));
      } else if (const auto kept = converted_.find(output); kept != converted_.end()) {
        FilterConverted(local, expression, std::move(kept->second));
      }
    }
  }

 private:
  void KeepBack(size_t output, const duckdb::TableFilter& filter) {
    const auto& in_file = conversions_.at(output).filter;
    if (auto rewritten = in_file ? in_file(filter) : nullptr) {
      in_file_.emplace(output, std::move(rewritten));
    } else if (auto required = RequiredPart(filter)) {
      converted_.emplace(output, std::move(required));
    }
  }

  void AddFilter(duckdb::idx_t local, duckdb::unique_ptr<duckdb::TableFilter> filter) {
    duckdb::BaseFileReader& reader = *reader_data_.reader;
    if (!reader.filters) {
      reader.filters = duckdb::make_uniq<duckdb::TableFilterSet>();
    }
    reader.filters->filters[local] = std::move(filter);
  }

  void FilterConverted(duckdb::idx_t local, DuckExpression& expression,
                       duckdb::unique_ptr<duckdb::TableFilter> filter) {
    duckdb::BaseFileReader& reader = *reader_data_.reader;
    const duckdb::LogicalType type = expression->return_type;
    ReferToOnlyColumn(expression);
    reader.expression_map[reader.column_indexes[local].GetPrimaryIndex()] = std::move(expression);
    expression = duckdb::make_uniq<duckdb::BoundReferenceExpression>(type, local);
    AddFilter(local, std::move(filter));
  }

  duckdb::MultiFileReaderData& reader_data_;
  const TableScan& scan_;
  std::map<size_t, ColumnConversion> conversions_;                       // by output, as below
  std::map<size_t, duckdb::unique_ptr<duckdb::TableFilter>> in_file_;    // on the file's values
  std::map<size_t, duckdb::unique_ptr<duckdb::TableFilter>> converted_;  // on the table's
};

}  // namespace

void ThrowReadError(const duckdb::ErrorData& error, std::string_view path) {
  if (!error.HasError()) {
    return;
  }
  const absl::Status status = FromDuckDbError(error);
  if (BreaksInstance(error) || IsInterrupt(error) ||
      ErrorName(status) != "GENERIC_INTERNAL_ERROR") {
    error.Throw();
  }
  // DuckDB's advice after the first line is about its own SQL.
  std::string reason = absl::StrReplaceAll(error.RawMessage(), {{kStoragePrefix, ""}});
  reason = reason.substr(0, std::min(reason.find('\n'), kMaxReasonBytes));
  ThrowIfError(NamedError("HIVE_BAD_DATA",
                          absl::StrCat("Error reading ", StorageUri(path), ": ", reason),
                          absl::StatusCode::kDataLoss));
}

LakeReader::LakeReader(duckdb::shared_ptr<duckdb::TableFunctionInfo> functions)
    : functions_(std::move(functions)) {}

const duckdb::TableFunction& LakeReader::parquet_scan() const {
  return static_cast<const ParquetFunctions&>(*functions_).scan;
}

duckdb::unique_ptr<duckdb::MultiFileReader> LakeReader::Copy() const {
  auto copy = duckdb::make_uniq<LakeReader>(functions_);
  copy->function_name = function_name;
  copy->scan_ = scan_;
  copy->scan_id_ = scan_id_;
  return copy;
}

duckdb::shared_ptr<duckdb::MultiFileList> LakeReader::CreateFileList(
    duckdb::ClientContext& context, const duckdb::vector<duckdb::string>& paths,
    const duckdb::FileGlobInput& /*glob*/) {
  if (paths.size() != 1 || !absl::SimpleAtoi(paths[0], &scan_id_)) {
    ThrowIfError(absl::InternalError("a lake scan is named by its number"));
  }
  scan_ = FindScan(context, scan_id_);
  return duckdb::make_shared_ptr<LakeFileList>(scan_, scan_id_,
                                               std::map<std::string, sdk::ValueSet>());
}

bool LakeReader::Bind(duckdb::MultiFileOptions& options, duckdb::MultiFileList& /*files*/,
                      duckdb::vector<duckdb::LogicalType>& types,
                      duckdb::vector<duckdb::string>& names,
                      duckdb::MultiFileReaderBindData& bind_data) {
  options.auto_detect_hive_partitioning = false;
  options.hive_partitioning = false;
  options.union_by_name = false;
  for (size_t i = 0; i < scan_->columns.size(); ++i) {
    types.push_back(ToDuckDbType(scan_->columns[i].type));
    names.push_back(scan_->column_names[i]);
    bind_data.schema.push_back(DefineColumn(scan_->columns[i].name, scan_->columns[i].type));
  }
  if (types.empty()) {
    types.push_back(duckdb::LogicalType::BOOLEAN);
    names.emplace_back(kNoColumn);
    bind_data.schema.push_back(DefineColumn(kNoColumn, Type::Boolean()));
  }
  return true;
}

void LakeReader::BindOptions(duckdb::MultiFileOptions& /*options*/,
                             duckdb::MultiFileList& /*files*/,
                             duckdb::vector<duckdb::LogicalType>& /*types*/,
                             duckdb::vector<duckdb::string>& /*names*/,
                             duckdb::MultiFileReaderBindData& /*bind_data*/) {}

bool LakeReader::IsPartitionKey(const std::string& name) const {
  const auto& keys = scan_->table->lake_table->partition_keys();
  return std::any_of(keys.begin(), keys.end(),
                     [&](const lake::LakeColumn& key) { return key.name == name; });
}

duckdb::unique_ptr<duckdb::MultiFileList> LakeReader::ComplexFilterPushdown(
    duckdb::ClientContext& /*context*/, duckdb::MultiFileList& files,
    const duckdb::MultiFileOptions& /*options*/, duckdb::MultiFilePushdownInfo& info,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) {
  const ColumnOfBinding column_of = [&](const duckdb::ColumnBinding& binding) -> const ScanColumn* {
    if (binding.table_index != info.table_index || binding.column_index >= info.column_ids.size() ||
        info.column_ids[binding.column_index] >= scan_->columns.size()) {
      return nullptr;
    }
    return &scan_->columns[info.column_ids[binding.column_index]];
  };
  const auto& known = static_cast<const LakeFileList&>(files).partition_constraints();
  std::map<std::string, sdk::ValueSet> constraints = known;
  for (const auto& filter : filters) {
    const ScanTerm term = BuildTerm(*filter, column_of);
    if (!term.set || !IsPartitionKey(term.column)) {
      continue;
    }
    const auto [set, added] = constraints.emplace(term.column, *term.set);
    if (!added) {
      set->second = set->second.Intersect(*term.set);
    }
  }
  if (constraints == known) {
    return nullptr;
  }
  return duckdb::make_uniq<LakeFileList>(scan_, scan_id_, std::move(constraints));
}

// NOLINTNEXTLINE(readability-function-size): the parameters are DuckDB's.
duckdb::unique_ptr<duckdb::MultiFileList> LakeReader::DynamicFilterPushdown(
    duckdb::ClientContext& /*context*/, const duckdb::MultiFileList& files,
    const duckdb::MultiFileOptions& /*options*/, const duckdb::vector<duckdb::string>& /*names*/,
    const duckdb::vector<duckdb::LogicalType>& /*types*/,
    const duckdb::vector<duckdb::column_t>& column_ids, duckdb::TableFilterSet& filters) {
  std::map<std::string, sdk::ValueSet> constraints;
  for (const auto& [output, filter] : filters.filters) {
    if (output >= column_ids.size() || column_ids[output] >= scan_->columns.size()) {
      continue;
    }
    const ScanColumn& column = scan_->columns[column_ids[output]];
    if (!IsPartitionKey(column.name) || !HasValueSets(column)) {
      continue;
    }
    if (std::optional<sdk::ValueSet> set = BuildDynamicSet(*filter, column)) {
      constraints.insert_or_assign(column.name, *std::move(set));
    }
  }
  if (constraints.empty()) {
    return nullptr;
  }
  return static_cast<const LakeFileList&>(files).Narrow(constraints);
}

duckdb::shared_ptr<duckdb::BaseFileReader> LakeReader::CreateReader(
    duckdb::ClientContext& context, duckdb::GlobalTableFunctionState& state,
    const duckdb::OpenFileInfo& file, duckdb::idx_t file_index,
    const duckdb::MultiFileBindData& bind_data) {
  duckdb::shared_ptr<duckdb::BaseFileReader> reader;
  ThrowReadError(CatchDuckDbError([&] {
                   reader =
                       MultiFileReader::CreateReader(context, state, file, file_index, bind_data);
                 }),
                 file.path);
  ++scan_->files.files_opened;
  return reader;
}

duckdb::unique_ptr<duckdb::Value> LakeReader::ConstantOf(size_t column,
                                                         const duckdb::OpenFileInfo& file) const {
  const std::string& name = scan_->columns[column].name;
  const auto& keys = scan_->table->lake_table->partition_keys();
  for (size_t key = 0; key < keys.size(); ++key) {
    if (keys[key].name == name) {
      return duckdb::make_uniq<duckdb::Value>(OptionOf(file, LakeFileList::PartitionOption(key)));
    }
  }
  if (name == lake::kPathColumn) {
    return duckdb::make_uniq<duckdb::Value>(std::string(StorageUri(file.path)));
  }
  if (name == lake::kFileSizeColumn) {
    return duckdb::make_uniq<duckdb::Value>(
        OptionOf(file, kFileSizeOption).DefaultCastAs(duckdb::LogicalType::BIGINT));
  }
  if (name == lake::kModifiedColumn) {
    const int64_t micros = OptionOf(file, kModifiedOption).GetValue<duckdb::timestamp_t>().value;
    return duckdb::make_uniq<duckdb::Value>(
        duckdb::Value::BIGINT(PackTimestampTz(micros / kMicrosPerMilli, kUtcZoneKey)));
  }
  return nullptr;
}

// NOLINTNEXTLINE(readability-function-size): the parameters are DuckDB's.
void LakeReader::FinalizeBind(duckdb::MultiFileReaderData& reader_data,
                              const duckdb::MultiFileOptions& /*file_options*/,
                              const duckdb::MultiFileReaderBindData& /*options*/,
                              const duckdb::vector<duckdb::MultiFileColumnDefinition>& /*columns*/,
                              const duckdb::vector<duckdb::ColumnIndex>& column_ids,
                              duckdb::ClientContext& /*context*/,
                              duckdb::optional_ptr<duckdb::MultiFileReaderGlobalState> /*state*/) {
  for (size_t output = 0; output < column_ids.size(); ++output) {
    const duckdb::ColumnIndex& id = column_ids[output];
    if (id.IsVirtualColumn() || id.GetPrimaryIndex() >= scan_->columns.size()) {
      continue;
    }
    if (const auto value = ConstantOf(id.GetPrimaryIndex(), reader_data.reader->file)) {
      reader_data.constant_map.Add(duckdb::MultiFileGlobalIndex(output), *value);
    }
  }
}

// NOLINTNEXTLINE(readability-function-size): the parameters are DuckDB's.
duckdb::ReaderInitializeType LakeReader::CreateMapping(
    duckdb::ClientContext& context, duckdb::MultiFileReaderData& reader_data,
    const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
    const duckdb::vector<duckdb::ColumnIndex>& column_ids,
    duckdb::optional_ptr<duckdb::TableFilterSet> filters, duckdb::MultiFileList& files,
    const duckdb::MultiFileReaderBindData& bind_data,
    const duckdb::virtual_column_map_t& virtual_columns, duckdb::MultiFileColumnMappingMode mode) {
  duckdb::vector<duckdb::MultiFileColumnDefinition> definitions = columns;
  FileMapping mapping(reader_data, *scan_);
  for (size_t output = 0; output < column_ids.size(); ++output) {
    const duckdb::ColumnIndex& id = column_ids[output];
    const bool is_column = !id.IsVirtualColumn() && id.GetPrimaryIndex() < scan_->columns.size();
    if (is_column && ConstantOf(id.GetPrimaryIndex(), reader_data.reader->file) == nullptr) {
      ThrowIfError(mapping.Add(output, id.GetPrimaryIndex(), definitions[id.GetPrimaryIndex()]));
    }
  }
  duckdb::unique_ptr<duckdb::TableFilterSet> mapped_filters;
  if (filters) {
    mapped_filters = mapping.MappedFilters(*filters);
  }
  const duckdb::ReaderInitializeType result =
      MultiFileReader::CreateMapping(context, reader_data, definitions, column_ids,
                                     mapped_filters.get(), files, bind_data, virtual_columns, mode);
  if (result == duckdb::ReaderInitializeType::INITIALIZED) {
    mapping.Finish(context);
  }
  return result;
}

}  // namespace pallas::engine
