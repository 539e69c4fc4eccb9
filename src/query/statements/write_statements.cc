#include "query/statements/write_statements.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "catalog/metastore.h"
#include "query/results/text_rows.h"
#include "query/statements/statement_properties.h"
#include "query/statements/stored_name.h"
#include "sql/analyzer/analyzer.h"
#include "sql/analyzer/cast_rules.h"
#include "types/type.h"

namespace pallas::query {
namespace {

using Columns = std::vector<sql::PlanColumn>;

constexpr std::string_view kTableSubject = "catalog 'awsdatacatalog' table property";
constexpr std::string_view kUnloadSubject = "UNLOAD property";

const std::vector<std::string_view>& Compressions() {
  static const std::vector<std::string_view> kCompressions = {
      "NONE", "UNCOMPRESSED", "BZIP2", "DEFLATE", "GZIP", "LZ4", "LZO", "SNAPPY", "ZLIB", "ZSTD"};
  return kCompressions;
}

const std::vector<PropertyRule>& TableRules() {
  using Kind = PropertyKind;
  static const std::vector<PropertyRule> kRules = {
      {"format", Kind::kText, {"ORC", "PARQUET", "AVRO", "JSON", "ION", "TEXTFILE"}},
      {"table_type", Kind::kText, {"HIVE", "ICEBERG"}},
      {"external_location"},
      {"location"},
      {"is_external", Kind::kBoolean},
      {"partitioned_by", Kind::kTextArray},
      {"partitioning", Kind::kTextArray},
      {"bucketed_by", Kind::kTextArray},
      {"bucket_count", Kind::kInteger},
      {"write_compression", Kind::kText, Compressions()},
      {"orc_compression", Kind::kText, Compressions()},
      {"parquet_compression", Kind::kText, Compressions()},
      {"compression_level", Kind::kTextOrInteger},
      {"field_delimiter"},
      {"optimize_rewrite_min_data_file_size_bytes", Kind::kTextOrInteger},
      {"optimize_rewrite_max_data_file_size_bytes", Kind::kTextOrInteger},
      {"optimize_rewrite_data_file_threshold", Kind::kTextOrInteger},
      {"optimize_rewrite_delete_file_threshold", Kind::kTextOrInteger},
      {"vacuum_min_snapshots_to_keep", Kind::kTextOrInteger},
      {"vacuum_max_snapshot_age_seconds", Kind::kTextOrInteger},
      {"vacuum_max_snapshot_age_ms", Kind::kTextOrInteger},
      {"vacuum_max_metadata_files_to_keep", Kind::kTextOrInteger},
      {"write_target_data_file_size_bytes", Kind::kTextOrInteger}};
  return kRules;
}

const std::vector<PropertyRule>& UnloadRules() {
  using Kind = PropertyKind;
  static const std::vector<PropertyRule> kRules = {
      {"format", Kind::kText, {"ORC", "PARQUET", "AVRO", "JSON", "TEXTFILE"}},
      {"compression", Kind::kText, Compressions()},
      {"compression_level", Kind::kTextOrInteger},
      {"field_delimiter"},
      {"partitioned_by", Kind::kTextArray}};
  return kRules;
}

absl::Status InvalidProperty(std::string_view message) {
  return NamedError("INVALID_TABLE_PROPERTY", message);
}

absl::Status Unsupported(Location location, std::string_view what) {
  return ErrorAt(location, "NOT_SUPPORTED", absl::StrCat(what, " is not supported"),
                 absl::StatusCode::kUnimplemented);
}

// Whether files of Hive tables hold values of `type`.
absl::Status CheckHiveType(const Type& type, std::string_view column) {
  constexpr int kMaxChar = 255;
  constexpr int kMaxVarchar = 65535;
  constexpr int kMillis = 3;
  const auto unsupported = [&](std::string_view rest = "") {
    return NamedError("NOT_SUPPORTED",
                      absl::StrCat("Unsupported Hive type: ", sql::DisplayName(type), rest),
                      absl::StatusCode::kUnimplemented);
  };
  switch (type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
    case TypeKind::kReal:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kVarbinary:
    case TypeKind::kDate:
      return absl::OkStatus();
    case TypeKind::kVarchar:
      return type.length().value_or(0) <= kMaxVarchar
                 ? absl::OkStatus()
                 : unsupported(". Supported VARCHAR types: VARCHAR(<=65535), VARCHAR.");
    case TypeKind::kChar:
      return type.length().value_or(0) <= kMaxChar
                 ? absl::OkStatus()
                 : unsupported(". Supported CHAR types: CHAR(<=255).");
    case TypeKind::kTimestamp:
      return type.precision() <= kMillis
                 ? absl::OkStatus()
                 : NamedError(
                       "NOT_SUPPORTED",
                       absl::StrCat("Incorrect timestamp precision for ", sql::DisplayName(type),
                                    "; the configured precision is MILLISECONDS; column "
                                    "name: ",
                                    column),
                       absl::StatusCode::kUnimplemented);
    case TypeKind::kRow:
      for (const auto& name : type.field_names()) {
        if (!name) {
          return NamedError("NOT_SUPPORTED",
                            absl::StrCat("Anonymous row type is not supported in Hive. Please give "
                                         "each field a name: ",
                                         sql::DisplayName(type)),
                            absl::StatusCode::kUnimplemented);
        }
      }
      break;
    case TypeKind::kArray:
    case TypeKind::kMap:
      break;
    default:
      return unsupported();
  }
  for (const Type& child : type.children()) {
    RETURN_IF_ERROR(CheckHiveType(child, column));
  }
  return absl::OkStatus();
}

absl::Status CheckHiveTypes(const Columns& columns) {
  for (const sql::PlanColumn& column : columns) {
    RETURN_IF_ERROR(CheckHiveType(column.type, absl::AsciiStrToLower(column.name)));
  }
  return absl::OkStatus();
}

// Names and types of what becomes a table.
absl::Status CheckColumns(const sql::QueryDescription& query, bool needs_names, Location location) {
  std::set<std::string> names;
  for (size_t i = 0; i < query.columns.size(); ++i) {
    const sql::DescribedColumn& column = query.columns[i];
    if (!column.named && needs_names) {
      return ErrorAt(location, "MISSING_COLUMN_NAME",
                     absl::StrCat("Column name not specified at position ", i + 1));
    }
    if (!names.insert(absl::AsciiStrToLower(column.name)).second) {
      return ErrorAt(location, "DUPLICATE_COLUMN_NAME",
                     absl::StrCat("Column name '", column.name, "' specified more than once"));
    }
    if (column.type.kind() == TypeKind::kUnknown) {
      return ErrorAt(location, "COLUMN_TYPE_UNKNOWN",
                     absl::StrCat("Column type is unknown: ", column.name));
    }
  }
  return absl::OkStatus();
}

std::vector<std::string> Lower(std::vector<std::string> names) {
  for (std::string& name : names) {
    absl::AsciiStrToLower(&name);
  }
  return names;
}

// Those of `wanted` that are no columns.
std::vector<std::string> Missing(const std::vector<std::string>& wanted, const Columns& columns) {
  std::vector<std::string> missing;
  for (const std::string& name : wanted) {
    const bool found = std::any_of(columns.begin(), columns.end(), [&](const auto& column) {
      return absl::EqualsIgnoreCase(column.name, name);
    });
    if (!found) {
      missing.push_back(name);
    }
  }
  return missing;
}

absl::Status CheckPartitions(const std::vector<std::string>& keys, const Columns& columns) {
  if (const auto missing = Missing(keys, columns); !missing.empty()) {
    return InvalidProperty(absl::StrCat("Partition columns [", absl::StrJoin(missing, ", "),
                                        "] not present in schema"));
  }
  if (!keys.empty() && keys.size() >= columns.size()) {
    return InvalidProperty("Table contains only partition columns");
  }
  const size_t first = columns.size() - keys.size();
  for (size_t i = 0; i < keys.size(); ++i) {
    if (!absl::EqualsIgnoreCase(columns[first + i].name, keys[i])) {
      return NamedError("HIVE_COLUMN_ORDER_MISMATCH",
                        absl::StrCat("Partition keys must be the last columns in the table and in "
                                     "the same order as the table properties: [",
                                     absl::StrJoin(keys, ", "), "]"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckBuckets(const StatementProperties& properties,
                          const std::vector<std::string>& partition_keys, const Columns& columns) {
  const std::vector<std::string> buckets = Lower(properties.Texts("bucketed_by"));
  const int64_t count = properties.Integer("bucket_count");
  if (buckets.empty() && count == 0) {
    return absl::OkStatus();
  }
  if (count < 0) {
    return InvalidProperty("bucket_count must be greater than zero");
  }
  if (buckets.empty() || count == 0) {
    return InvalidProperty("bucketed_by and bucket_count must be specified together");
  }
  if (const auto missing = Missing(buckets, columns); !missing.empty()) {
    return InvalidProperty(absl::StrCat("Bucketing columns [", absl::StrJoin(missing, ", "),
                                        "] not present in schema"));
  }
  for (const std::string& name : buckets) {
    if (std::find(partition_keys.begin(), partition_keys.end(), name) != partition_keys.end()) {
      return InvalidProperty(absl::StrCat("Bucketing columns [", absl::StrJoin(buckets, ", "),
                                          "] are also used as partitioning columns"));
    }
  }
  return absl::OkStatus();
}

// What format, compression and delimiter say together. `compression` is the property that has it.
absl::Status CheckFormat(const StatementProperties& properties, std::string_view format,
                         std::string_view compression) {
  constexpr int kMaxZstdLevel = 22;
  if (const std::string level = properties.Text("compression_level"); !level.empty()) {
    int value = 0;
    if (properties.Text(compression) != "ZSTD") {
      return InvalidProperty("compression_level is only for the compression ZSTD");
    }
    if (!absl::SimpleAtoi(level, &value) || value < 1 || value > kMaxZstdLevel) {
      return InvalidProperty(absl::StrCat("compression_level must be a number from 1 to ",
                                          kMaxZstdLevel, ", but was: ", level));
    }
  }
  if (properties.Has("field_delimiter")) {
    const std::string delimiter = properties.Text("field_delimiter");
    if (delimiter.size() != 1) {
      return InvalidProperty(absl::StrCat(
          "field_delimiter must be a single character string, but was: '", delimiter, "'"));
    }
    if (format != "TEXTFILE") {
      return InvalidProperty(
          absl::StrCat("field_delimiter is only for the format TEXTFILE, not ", format));
    }
  }
  for (const auto& [name, owner] :
       {std::pair("orc_compression", "ORC"), std::pair("parquet_compression", "PARQUET")}) {
    if (properties.Has(name) && format != owner) {
      return InvalidProperty(
          absl::StrCat(name, " is only for the format ", owner, ", not ", format));
    }
  }
  return absl::OkStatus();
}

// Properties that only tables of the other type have.
absl::Status CheckTableType(const StatementProperties& properties, bool iceberg) {
  constexpr std::array<std::string_view, 4> kHiveOnly = {"external_location", "partitioned_by",
                                                         "bucketed_by", "bucket_count"};
  constexpr std::array<std::string_view, 2> kIcebergOnly = {"location", "partitioning"};
  for (const std::string_view name : kHiveOnly) {
    if (iceberg && properties.Has(name)) {
      return InvalidProperty(absl::StrCat(name, " is not for tables of type ICEBERG"));
    }
  }
  for (const std::string_view name : kIcebergOnly) {
    if (!iceberg && properties.Has(name)) {
      return InvalidProperty(absl::StrCat(name, " is only for tables of type ICEBERG"));
    }
  }
  if (iceberg && !properties.Has("location")) {
    return InvalidProperty("location is required for tables of type ICEBERG");
  }
  if (properties.Has("is_external") && properties.Boolean("is_external", true) == iceberg) {
    return InvalidProperty(absl::StrCat("is_external must be ", iceberg ? "false" : "true",
                                        " for tables of type ", iceberg ? "ICEBERG" : "HIVE"));
  }
  return absl::OkStatus();
}

Columns ColumnsOf(const sql::QueryDescription& query) {
  Columns columns;
  for (const sql::DescribedColumn& column : query.columns) {
    columns.push_back({-1, column.name, column.type});
  }
  return columns;
}

absl::StatusOr<sql::QueryDescription> Describe(const sql::ast::Query& query,
                                               const Services& services,
                                               const sql::Session& session,
                                               const sdk::RequestContext& context) {
  return sql::DescribeQuery(query, /*num_parameters=*/0, session, context, services.resolver, {});
}

// The columns that INSERT names, or all of the table's, in order.
absl::StatusOr<std::vector<catalog::ResolvedColumn>> InsertColumns(
    const sql::ast::Insert& statement, const catalog::ResolvedTable& table, Location location) {
  std::vector<catalog::ResolvedColumn> visible;
  std::copy_if(table.columns.begin(), table.columns.end(), std::back_inserter(visible),
               [](const catalog::ResolvedColumn& column) { return !column.hidden; });
  if (statement.columns.empty()) {
    return visible;
  }
  std::vector<catalog::ResolvedColumn> columns;
  std::set<std::string> names;
  for (const sql::ast::Identifier& written : statement.columns) {
    const std::string name = absl::AsciiStrToLower(written.text);
    const auto found = std::find_if(visible.begin(), visible.end(), [&](const auto& column) {
      return absl::EqualsIgnoreCase(column.name, name);
    });
    if (found == visible.end()) {
      return ErrorAt(location, "COLUMN_NOT_FOUND",
                     absl::StrCat("Insert column name does not exist in target table: ", name));
    }
    if (!names.insert(name).second) {
      return ErrorAt(location, "DUPLICATE_COLUMN_NAME",
                     absl::StrCat("Insert column name is specified more than once: ", name));
    }
    columns.push_back(*found);
  }
  return columns;
}

bool HasNestedText(const Type& type) {
  return std::any_of(type.children().begin(), type.children().end(), [](const Type& child) {
    return child.kind() == TypeKind::kChar ||
           (child.kind() == TypeKind::kVarchar && child.length()) || HasNestedText(child);
  });
}

// Whether values of one type may be stored as another: numbers may become narrower, texts shorter,
// and each value is checked.
bool IsAssignable(const Type& from, const Type& to) {
  return HasNestedText(to) ? CanCoerce(from, to) : CommonSuperType(from, to).has_value();
}

std::string TypeList(const std::vector<Type>& types) {
  return absl::StrJoin(types, ", ", [](std::string* out, const Type& type) {
    absl::StrAppend(out, sql::DisplayName(type));
  });
}

}  // namespace

absl::StatusOr<StatementResult> RunCreateTableAs(const sql::ast::CreateTableAs& statement,
                                                 Location location, const Services& services,
                                                 const sql::Session& session,
                                                 const sdk::RequestContext& context) {
  ASSIGN_OR_RETURN(const StoredName name, StoredTable(statement.name, session));
  const auto existing = services.metastore.GetTable(name.database, name.table);
  if (existing.ok()) {
    if (statement.if_not_exists) {
      StatementResult nothing = DoneResult();
      nothing.type = StatementType::kDml;
      return nothing;
    }
    return ErrorAt(location, "TABLE_ALREADY_EXISTS",
                   absl::StrCat("Destination table '", name.ToString(), "' already exists"),
                   absl::StatusCode::kAlreadyExists);
  }
  const auto database = services.metastore.GetDatabase(name.database);
  RETURN_IF_ERROR(AsStatementError(database.status(), {name.database, "", name.location}));
  ASSIGN_OR_RETURN(const sql::QueryDescription query,
                   Describe(*statement.query, services, session, context));
  RETURN_IF_ERROR(CheckColumns(query, /*needs_names=*/true, location));
  ASSIGN_OR_RETURN(const StatementProperties properties,
                   StatementProperties::Make(statement.properties, TableRules(), kTableSubject));
  const bool iceberg = properties.Text("table_type") == "ICEBERG";
  const std::string format = properties.Has("format") ? properties.Text("format") : "PARQUET";
  RETURN_IF_ERROR(CheckTableType(properties, iceberg));
  RETURN_IF_ERROR(CheckFormat(
      properties, format,
      properties.Has("parquet_compression") ? "parquet_compression" : "write_compression"));
  const Columns columns = ColumnsOf(query);
  if (!iceberg) {
    const std::vector<std::string> keys = Lower(properties.Texts("partitioned_by"));
    RETURN_IF_ERROR(CheckPartitions(keys, columns));
    RETURN_IF_ERROR(CheckBuckets(properties, keys, columns));
    RETURN_IF_ERROR(CheckHiveTypes(columns));
  }
  const std::string place = properties.Text(iceberg ? "location" : "external_location");
  if (!place.empty()) {
    RETURN_IF_ERROR(CheckLocation(services, place, name));
  }
  return Unsupported(location, "CREATE TABLE AS, which writes rows into files,");
}

absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> InsertTarget(
    const sql::ast::Insert& statement, Location location, const Services& services,
    const sql::Session& session, const sdk::RequestContext& context) {
  ASSIGN_OR_RETURN(const StoredName name, StoredTable(statement.table, session));
  absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> table =
      services.resolver.ResolveTable(context,
                                     {catalog::kAwsDataCatalog, name.database, name.table});
  if (table.ok() && (*table)->kind == catalog::TableKind::kView) {
    return ErrorAt(location, "NOT_SUPPORTED", "Inserting into views is not supported",
                   absl::StatusCode::kUnimplemented);
  }
  const std::optional<ErrorDetail> detail = GetDetail(table.status());
  return detail && !detail->name.empty() && !detail->location
             ? ErrorAt(location, detail->name, table.status().message(), table.status().code())
             : table;
}

absl::StatusOr<StatementResult> RunInsert(const sql::ast::Insert& statement, Location location,
                                          const Services& services, const sql::Session& session,
                                          const sdk::RequestContext& context) {
  const auto table = InsertTarget(statement, location, services, session, context);
  // A target that is not there is told after what is wrong in the query.
  if (!table.ok() && !absl::IsNotFound(table.status())) {
    return table.status();
  }
  ASSIGN_OR_RETURN(const sql::QueryDescription query,
                   Describe(*statement.query, services, session, context));
  RETURN_IF_ERROR(table.status());
  ASSIGN_OR_RETURN(const std::vector<catalog::ResolvedColumn> columns,
                   InsertColumns(statement, **table, location));
  std::vector<Type> wanted;
  std::vector<Type> given;
  for (const catalog::ResolvedColumn& column : columns) {
    wanted.push_back(column.type);
  }
  for (const sql::DescribedColumn& column : query.columns) {
    given.push_back(column.type);
  }
  const bool fits =
      std::equal(given.begin(), given.end(), wanted.begin(), wanted.end(), IsAssignable);
  if (!fits) {
    return ErrorAt(location, "TYPE_MISMATCH",
                   absl::StrCat("Insert query has mismatched column types: Table: [",
                                TypeList(wanted), "], Query: [", TypeList(given), "]"));
  }
  return Unsupported(location, "INSERT, which writes rows into files,");
}

absl::StatusOr<StatementResult> RunUnload(const sql::ast::Unload& statement, Location location,
                                          const Services& services, const sql::Session& session,
                                          const sdk::RequestContext& context) {
  ASSIGN_OR_RETURN(const sql::QueryDescription query,
                   Describe(*statement.query, services, session, context));
  RETURN_IF_ERROR(CheckColumns(query, /*needs_names=*/false, location));
  ASSIGN_OR_RETURN(const StatementProperties properties,
                   StatementProperties::Make(statement.properties, UnloadRules(), kUnloadSubject));
  if (!properties.Has("format")) {
    return ErrorAt(location, "INVALID_TABLE_PROPERTY", "UNLOAD needs the property format");
  }
  RETURN_IF_ERROR(CheckFormat(properties, properties.Text("format"), "compression"));
  const Columns columns = ColumnsOf(query);
  RETURN_IF_ERROR(CheckPartitions(Lower(properties.Texts("partitioned_by")), columns));
  RETURN_IF_ERROR(CheckHiveTypes(columns));
  RETURN_IF_ERROR(CheckLocation(services, statement.location, {"", "", statement.location_place}));
  return Unsupported(location, "UNLOAD, which writes rows into files,");
}

absl::StatusOr<StatementResult> RunModify(const sql::ast::Modify& statement, Location location,
                                          const Services& services, const sql::Session& session) {
  using Kind = sql::ast::Modify::Kind;
  ASSIGN_OR_RETURN(const StoredName name, StoredTable(statement.table, session));
  const auto table = services.metastore.GetTable(name.database, name.table);
  RETURN_IF_ERROR(AsStatementError(table.status(), name));
  if (statement.kind == Kind::kOptimize || statement.kind == Kind::kVacuum) {
    return ErrorAt(location, "NOT_SUPPORTED",
                   absl::StrCat(statement.kind == Kind::kOptimize ? "OPTIMIZE" : "VACUUM",
                                " is for Iceberg tables only, which are not supported"),
                   absl::StatusCode::kUnimplemented);
  }
  return ErrorAt(location, "NOT_SUPPORTED",
                 "Modifying Hive table rows is only supported for transactional tables",
                 absl::StatusCode::kUnimplemented);
}

}  // namespace pallas::query
