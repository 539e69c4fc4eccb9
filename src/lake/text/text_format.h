#ifndef PALLAS_LAKE_TEXT_TEXT_FORMAT_H_
#define PALLAS_LAKE_TEXT_TEXT_FORMAT_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "lake/text/text_value.h"
#include "sdk/model/table_definition.h"

namespace pallas::lake {

enum class TextSerDe {
  kLazySimple,  // delimited fields; text of every type
  kOpenCsv,     // quoted fields; everything is text first
  kHiveJson,    // one object a line, strict
  kOpenXJson,   // one object a line, lenient
};

inline constexpr char kLazySimpleSerDe[] = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";
inline constexpr char kOpenCsvSerDe[] = "org.apache.hadoop.hive.serde2.OpenCSVSerde";
inline constexpr char kHiveJsonSerDe[] = "org.apache.hive.hcatalog.data.JsonSerDe";
inline constexpr char kHiveJsonSerDe2[] = "org.apache.hadoop.hive.serde2.JsonSerDe";
inline constexpr char kOpenXJsonSerDe[] = "org.openx.data.jsonserde.JsonSerDe";
inline constexpr char kTextInputFormat[] = "org.apache.hadoop.mapred.TextInputFormat";

// How the lines of a table's files become rows: the SerDe and its properties, read once. A value.
struct TextFormat {
  TextSerDe serde = TextSerDe::kLazySimple;
  // Of each file. More than one header line, or any footer, keeps files whole.
  int header_lines = 0;
  int footer_lines = 0;
  std::vector<TimestampPattern> timestamp_patterns;

  // LazySimple. separators[0] is between fields, [1] between the items of a column's list, [2]
  // between a key and its value there, and so on inward.
  std::string separators;
  std::optional<char> escape;
  std::string null_sequence = "\\N";
  bool last_column_takes_rest = false;
  bool extended_boolean = false;

  // OpenCSV; '\0' is none.
  char separator = ',';
  char quote = '"';
  char csv_escape = '\\';

  // JSON.
  bool ignore_malformed = false;
  bool case_insensitive = true;
  bool dots_in_keys = false;
  std::map<std::string, std::string> mappings;  // column -> key

  // For EXPLAIN: "CSV (LazySimpleSerDe)".
  std::string description;
};

// The SerDe of that class, if it is one for text.
std::optional<TextSerDe> TextSerDeOf(std::string_view library);

// The format that `definition` has. Properties of the SerDe win over those of the table. Errors:
// NOT_SUPPORTED for a property that would change the rows and is not known, HIVE_INVALID_METADATA
// for a value that is none. REQUIRES: TextSerDeOf(definition.storage.serde.library).
absl::StatusOr<TextFormat> MakeTextFormat(const sdk::TableDefinition& definition);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_TEXT_FORMAT_H_
