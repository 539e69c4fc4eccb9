#include "lake/file_format.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "lake/text/text_format.h"

namespace pallas::lake {
namespace {

constexpr std::array<std::string_view, 2> kParquetSerDes = {
    "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    "parquet.hive.serde.ParquetHiveSerDe"};
constexpr std::array<std::string_view, 3> kParquetInputFormats = {
    "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "parquet.hive.DeprecatedParquetInputFormat", "parquet.hive.MapredParquetInputFormat"};

template <typename Names>
bool Contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

absl::Status NotSupported(const sdk::TableDefinition& definition, std::string_view what) {
  return NamedError("NOT_SUPPORTED",
                    absl::StrCat("Table '", definition.database, ".", definition.name,
                                 "' cannot be read: ", what, " is not supported"),
                    absl::StatusCode::kUnimplemented);
}

std::string Parameter(const sdk::TableDefinition& definition, const std::string& name) {
  const auto found = definition.parameters.find(name);
  return found == definition.parameters.end() ? "" : absl::AsciiStrToLower(found->second);
}

}  // namespace

std::optional<FormatClasses> ClassesOfFormat(std::string_view stored_as) {
  const std::string name = absl::AsciiStrToUpper(stored_as);
  if (name == "PARQUET") {
    return FormatClasses{std::string(kParquetSerDes[0]), std::string(kParquetInputFormats[0]),
                         "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"};
  }
  if (name == "ORC") {
    return FormatClasses{"org.apache.hadoop.hive.ql.io.orc.OrcSerde",
                         "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
                         "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat"};
  }
  if (name == "AVRO") {
    return FormatClasses{"org.apache.hadoop.hive.serde2.avro.AvroSerDe",
                         "org.apache.hadoop.hive.ql.io.avro.AvroContainerInputFormat",
                         "org.apache.hadoop.hive.ql.io.avro.AvroContainerOutputFormat"};
  }
  if (name == "RCFILE") {
    return FormatClasses{"org.apache.hadoop.hive.serde2.columnar.LazyBinaryColumnarSerDe",
                         "org.apache.hadoop.hive.ql.io.RCFileInputFormat",
                         "org.apache.hadoop.hive.ql.io.RCFileOutputFormat"};
  }
  if (name == "SEQUENCEFILE") {
    return FormatClasses{kLazySimpleSerDe, "org.apache.hadoop.mapred.SequenceFileInputFormat",
                         "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat"};
  }
  if (name == "TEXTFILE") {
    return FormatClasses{kLazySimpleSerDe, kTextInputFormat,
                         "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"};
  }
  if (name == "JSONFILE") {
    return FormatClasses{kHiveJsonSerDe, kTextInputFormat,
                         "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"};
  }
  return std::nullopt;
}

absl::StatusOr<FileFormat> FormatOf(const sdk::TableDefinition& definition) {
  const std::string table_type = Parameter(definition, "table_type");
  if (!table_type.empty() && table_type != "external_table" && table_type != "hive") {
    return NotSupported(definition, absl::StrCat("table type '", table_type, "'"));
  }
  if (Parameter(definition, "projection.enabled") == "true") {
    return NotSupported(definition, "partition projection ('projection.enabled')");
  }
  const sdk::StorageDescriptor& storage = definition.storage;
  const std::string& serde = storage.serde.library;
  if (TextSerDeOf(serde)) {
    if (storage.input_format != kTextInputFormat) {
      return NotSupported(definition, absl::StrCat("input format '", storage.input_format,
                                                   "' of SerDe '", serde, "'"));
    }
    return FileFormat::kText;
  }
  if (!serde.empty() && !Contains(kParquetSerDes, serde)) {
    return NotSupported(definition, absl::StrCat("SerDe '", serde, "'"));
  }
  if (!storage.input_format.empty() && !Contains(kParquetInputFormats, storage.input_format)) {
    return NotSupported(definition, absl::StrCat("input format '", storage.input_format, "'"));
  }
  if (serde.empty() && storage.input_format.empty()) {
    return NotSupported(definition, "a table without SerDe and input format");
  }
  return FileFormat::kParquet;
}

}  // namespace pallas::lake
