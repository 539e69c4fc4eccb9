#ifndef PALLAS_LAKE_FILE_FORMAT_H_
#define PALLAS_LAKE_FILE_FORMAT_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "sdk/model/table_definition.h"

namespace pallas::lake {

enum class FileFormat { kParquet, kText };

// The Hive classes that stand for a format in table definitions.
struct FormatClasses {
  std::string serde;
  std::string input_format;
  std::string output_format;
};

// For a name of STORED AS, in any case; nullopt for one that there is none of. Formats that Pallas
// cannot read yet have classes too.
std::optional<FormatClasses> ClassesOfFormat(std::string_view stored_as);

// The format of a table's files; NOT_SUPPORTED names what stands in the way: the SerDe, the input
// format, or the table's kind (Iceberg, partition projection).
absl::StatusOr<FileFormat> FormatOf(const sdk::TableDefinition& definition);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_FILE_FORMAT_H_
