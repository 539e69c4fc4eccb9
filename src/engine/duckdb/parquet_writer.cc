#include "engine/duckdb/parquet_writer.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/array/array_binary.h"
#include "arrow/array/array_nested.h"
#include "arrow/array/array_primitive.h"
#include "arrow/record_batch.h"
#include "duckdb/catalog/catalog.hpp"
#include "duckdb/catalog/catalog_entry/copy_function_catalog_entry.hpp"
#include "duckdb/execution/execution_context.hpp"
#include "duckdb/function/copy_function.hpp"
#include "duckdb/main/connection.hpp"
#include "duckdb/parallel/thread_context.hpp"
#include "duckdb/parser/parsed_data/copy_info.hpp"

#include "base/status_macros.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/settings.h"
#include "engine/duckdb/types.h"
#include "types/value_text.h"

namespace pallas::engine {
namespace {

using duckdb::idx_t;
using duckdb::LogicalType;
using duckdb::Vector;

// Whether Parquet has the type; the others are written as Athena shows them.
bool HasParquetType(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kUnknown:
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
    case TypeKind::kReal:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kVarchar:
    case TypeKind::kVarbinary:
    case TypeKind::kDate:
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow:
      return true;
    case TypeKind::kTimestamp:
      return type.precision() <= 6;
    default:
      return false;
  }
}

// `name`, or `name_2`, `name_3`, ...: the first that is not in `taken` without regard to case.
std::string FreeName(const std::string& name, std::set<std::string>* taken) {
  std::string free = name;
  for (int suffix = 2; !taken->insert(duckdb::StringUtil::Lower(free)).second; ++suffix) {
    free = absl::StrCat(name, "_", suffix);
  }
  return free;
}

LogicalType ToParquetType(const Type& type) {
  if (!HasParquetType(type)) {
    return LogicalType::VARCHAR;
  }
  switch (type.kind()) {
    case TypeKind::kArray:
      return LogicalType::LIST(ToParquetType(type.element()));
    case TypeKind::kMap:
      return LogicalType::MAP(ToParquetType(type.key()), ToParquetType(type.value()));
    case TypeKind::kRow: {
      duckdb::child_list_t<LogicalType> fields;
      std::set<std::string> taken;
      for (size_t i = 0; i < type.children().size(); ++i) {
        const std::string name = type.field_names()[i].value_or(absl::StrCat("field", i));
        fields.emplace_back(FreeName(name, &taken), ToParquetType(type.children()[i]));
      }
      return LogicalType::STRUCT(std::move(fields));
    }
    default:
      return ToDuckDbType(type);
  }
}

// Copies rows of Arrow arrays into flat vectors of ToParquetType().
class VectorFiller {
 public:
  // Puts the rows [first, first + count) of `array` at [at, at + count) of `out`.
  void Fill(const Type& type, const arrow::Array& array, int64_t first, idx_t count, Vector& out,
            idx_t at) {
    for (idx_t i = 0; i < count; ++i) {
      if (array.IsNull(first + static_cast<int64_t>(i))) {
        duckdb::FlatVector::SetNull(out, at + i, true);
      }
    }
    if (!HasParquetType(type)) {
      FillAsText(type, array, first, count, out, at);
      return;
    }
    switch (type.kind()) {
      case TypeKind::kBoolean:
        FillBooleans(array, first, count, out, at);
        return;
      case TypeKind::kVarchar:
      case TypeKind::kVarbinary:
        FillBytes(array, first, count, out, at);
        return;
      case TypeKind::kDecimal:
        FillDecimals(array, first, count, out, at);
        return;
      case TypeKind::kArray:
      case TypeKind::kMap:
        FillLists(type, array, first, count, out, at);
        return;
      case TypeKind::kRow:
        FillRows(type, array, first, count, out, at);
        return;
      default:
        FillFixed(array, first, count, out, at);
    }
  }

 private:
  static void FillAsText(const Type& type, const arrow::Array& array, int64_t first, idx_t count,
                         Vector& out, idx_t at) {
    auto* data = duckdb::FlatVector::GetData<duckdb::string_t>(out);
    std::string text;
    for (idx_t i = 0; i < count; ++i) {
      const int64_t row = first + static_cast<int64_t>(i);
      if (array.IsValid(row)) {
        text.clear();
        AppendAthenaText(type, array, row, &text);
        data[at + i] = duckdb::StringVector::AddString(out, text);
      }
    }
  }

  static void FillBooleans(const arrow::Array& array, int64_t first, idx_t count, Vector& out,
                           idx_t at) {
    const auto& booleans = static_cast<const arrow::BooleanArray&>(array);
    auto* data = duckdb::FlatVector::GetData<bool>(out);
    for (idx_t i = 0; i < count; ++i) {
      data[at + i] = booleans.Value(first + static_cast<int64_t>(i));
    }
  }

  static void FillBytes(const arrow::Array& array, int64_t first, idx_t count, Vector& out,
                        idx_t at) {
    const auto& binary = static_cast<const arrow::BinaryArray&>(array);
    auto* data = duckdb::FlatVector::GetData<duckdb::string_t>(out);
    for (idx_t i = 0; i < count; ++i) {
      const int64_t row = first + static_cast<int64_t>(i);
      if (array.IsValid(row)) {
        const std::string_view value = binary.GetView(row);
        data[at + i] = duckdb::StringVector::AddStringOrBlob(out, value.data(), value.size());
      }
    }
  }

  // DuckDB keeps short decimals in fewer bytes; the low ones are the same.
  static void FillDecimals(const arrow::Array& array, int64_t first, idx_t count, Vector& out,
                           idx_t at) {
    constexpr idx_t kArrowWidth = 16;
    const idx_t width = duckdb::GetTypeIdSize(out.GetType().InternalType());
    const uint8_t* from = array.data()->GetValues<uint8_t>(1, 0) +
                          (static_cast<idx_t>(array.offset() + first) * kArrowWidth);
    duckdb::data_ptr_t to = duckdb::FlatVector::GetData(out) + at * width;
    for (idx_t i = 0; i < count; ++i) {
      std::copy_n(from + i * kArrowWidth, width, to + i * width);
    }
  }

  static void FillFixed(const arrow::Array& array, int64_t first, idx_t count, Vector& out,
                        idx_t at) {
    const idx_t width = duckdb::GetTypeIdSize(out.GetType().InternalType());
    const uint8_t* from = array.data()->GetValues<uint8_t>(1, 0) +
                          (static_cast<idx_t>(array.offset() + first) * width);
    std::copy_n(from, count * width, duckdb::FlatVector::GetData(out) + at * width);
  }

  void FillLists(const Type& type, const arrow::Array& array, int64_t first, idx_t count,
                 Vector& out, idx_t at) {
    // A map is a list of entries, here and there.
    const auto& lists = static_cast<const arrow::ListArray&>(array);
    auto* entries = duckdb::ListVector::GetData(out);
    const idx_t begin = duckdb::ListVector::GetListSize(out);
    const int64_t first_value = lists.value_offset(first);
    const int64_t end_value = lists.value_offset(first + static_cast<int64_t>(count));
    const auto num_values = static_cast<idx_t>(end_value - first_value);
    for (idx_t i = 0; i < count; ++i) {
      const int64_t row = first + static_cast<int64_t>(i);
      entries[at + i] = {begin + static_cast<idx_t>(lists.value_offset(row) - first_value),
                         static_cast<idx_t>(lists.value_length(row))};
    }
    duckdb::ListVector::Reserve(out, begin + num_values);
    Vector& values = duckdb::ListVector::GetEntry(out);
    if (type.kind() == TypeKind::kArray) {
      Fill(type.element(), *lists.values(), first_value, num_values, values, begin);
    } else {
      FillRows(type, *lists.values(), first_value, num_values, values, begin);
    }
    duckdb::ListVector::SetListSize(out, begin + num_values);
  }

  // The fields of rows, or of the entries of a map.
  void FillRows(const Type& type, const arrow::Array& array, int64_t first, idx_t count,
                Vector& out, idx_t at) {
    const auto& rows = static_cast<const arrow::StructArray&>(array);
    auto& fields = duckdb::StructVector::GetEntries(out);
    for (size_t i = 0; i < fields.size(); ++i) {
      Fill(type.children()[i], *rows.field(static_cast<int>(i)), first, count, *fields[i], at);
    }
  }
};

// DuckDB's own writer, driven by hand. May throw.
class CopyToParquet {
 public:
  CopyToParquet(duckdb::ClientContext& context, const std::vector<ResultColumn>& columns,
                const std::string& path)
      : context_(context), thread_(context), execution_(context, thread_, nullptr) {
    std::set<std::string> taken;
    duckdb::vector<duckdb::string> names;
    for (const ResultColumn& column : columns) {
      names.push_back(FreeName(column.name, &taken));
      column_types_.push_back(column.type);
      types_.push_back(ToParquetType(column.type));
    }
    function_ = duckdb::Catalog::GetEntry<duckdb::CopyFunctionCatalogEntry>(
                    context, SYSTEM_CATALOG, DEFAULT_SCHEMA, "parquet")
                    .function;
    info_.format = "parquet";
    info_.file_path = path;
    duckdb::CopyFunctionBindInput input(info_, function_.function_info);
    input.file_extension = "parquet";
    bound_ = function_.copy_to_bind(context, input, names, types_);
    global_ = function_.copy_to_initialize_global(context, *bound_, path);
    local_ = function_.copy_to_initialize_local(execution_, *bound_);
  }

  void Write(const arrow::RecordBatch& batch) {
    for (int64_t first = 0; first < batch.num_rows(); first += STANDARD_VECTOR_SIZE) {
      duckdb::DataChunk chunk;
      chunk.Initialize(context_, types_);
      const auto count =
          static_cast<idx_t>(std::min<int64_t>(STANDARD_VECTOR_SIZE, batch.num_rows() - first));
      for (size_t i = 0; i < types_.size(); ++i) {
        VectorFiller().Fill(column_types_[i], *batch.column(static_cast<int>(i)), first, count,
                            chunk.data[i], 0);
      }
      chunk.SetCardinality(count);
      function_.copy_to_sink(execution_, *bound_, *global_, *local_, chunk);
    }
  }

  void Finish() {
    function_.copy_to_combine(execution_, *bound_, *global_, *local_);
    function_.copy_to_finalize(context_, *bound_, *global_);
  }

 private:
  duckdb::ClientContext& context_;
  duckdb::ThreadContext thread_;
  duckdb::ExecutionContext execution_;
  duckdb::CopyFunction function_{""};
  duckdb::CopyInfo info_;
  std::vector<Type> column_types_;
  duckdb::vector<LogicalType> types_;
  duckdb::unique_ptr<duckdb::FunctionData> bound_;
  duckdb::unique_ptr<duckdb::GlobalFunctionData> global_;
  duckdb::unique_ptr<duckdb::LocalFunctionData> local_;
};

void WriteAll(duckdb::ClientContext& context, ResultStream& rows, const std::string& path) {
  CopyToParquet copy(context, rows.columns(), path);
  while (std::shared_ptr<arrow::RecordBatch> batch = ValueOrThrow(rows.Next())) {
    copy.Write(*batch);
  }
  copy.Finish();
}

}  // namespace

absl::Status WriteParquetFile(duckdb::DuckDB& database, ResultStream& rows,
                              const std::string& path) {
  const std::string partial = absl::StrCat(path, ".part");
  absl::Status status = CallDuckDb([&] {
    duckdb::Connection connection(database);
    ConfigureConnection(*connection.context);
    connection.context->RunFunctionInTransaction(
        [&] { WriteAll(*connection.context, rows, partial); });
  });
  std::error_code error;
  if (status.ok()) {
    std::filesystem::rename(partial, path, error);
    if (!error) {
      return absl::OkStatus();
    }
    status = absl::UnavailableError(absl::StrCat("Cannot write ", path, ": ", error.message()));
  }
  std::filesystem::remove(partial, error);
  return status;
}

}  // namespace pallas::engine
