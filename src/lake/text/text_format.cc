#include "lake/text/text_format.h"

#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::lake {
namespace {

using Properties = std::map<std::string, std::string>;

constexpr char kHeaderLines[] = "skip.header.line.count";
constexpr char kFooterLines[] = "skip.footer.line.count";
constexpr char kExtendedLevels[] = "hive.serialization.extend.nesting.levels";
constexpr char kMoreLevels[] = "hive.serialization.extend.additional.nesting.levels";
constexpr size_t kLegacyLevels = 8;
constexpr size_t kExtendedLevelCount = 24;

Properties AllProperties(const sdk::TableDefinition& definition) {
  Properties all = definition.storage.serde.parameters;
  all.insert(definition.storage.parameters.begin(), definition.storage.parameters.end());
  all.insert(definition.parameters.begin(), definition.parameters.end());
  return all;
}

std::string Get(const Properties& properties, const std::string& name,
                std::string_view otherwise = "") {
  const auto found = properties.find(name);
  return found == properties.end() ? std::string(otherwise) : found->second;
}

bool IsTrue(const Properties& properties, const std::string& name) {
  return absl::EqualsIgnoreCase(Get(properties, name), "true");
}

absl::Status NotSupported(std::string_view what) {
  return NamedError("NOT_SUPPORTED", absl::StrCat(what, " is not supported"),
                    absl::StatusCode::kUnimplemented);
}

absl::Status Invalid(std::string_view name, std::string_view value, std::string_view why) {
  return NamedError("HIVE_INVALID_METADATA",
                    absl::StrCat("Invalid value for '", name, "' property: '", value, "' ", why));
}

absl::StatusOr<int> LineCount(const Properties& properties, const std::string& name) {
  const std::string text = Get(properties, name, "0");
  int lines = 0;
  if (!absl::SimpleAtoi(text, &lines) || lines < 0) {
    return Invalid(name, text, "is no number of lines");
  }
  return lines;
}

// A delimiter is one byte, or its number as Java's Byte has it (`1`, `-2`).
absl::StatusOr<char> Delimiter(const std::string& name, const std::string& text, char otherwise) {
  if (text.empty()) {
    return otherwise;
  }
  int number = 0;
  // A single digit is a number too: '1' is the byte 1.
  const bool digits = absl::SimpleAtoi(text, &number) &&
                      !absl::ascii_isspace(static_cast<unsigned char>(text.front()));
  if (digits && number >= -128 && number <= 127) {
    return static_cast<char>(number);
  }
  if (text.size() > 1) {
    return NotSupported(
        absl::StrCat("the delimiter '", text, "' ('", name, "') of more than one byte"));
  }
  return text.front();
}

// Hive's separators of nested values, from the outermost; those of lines, tabs and escapes are left
// out.
std::string DefaultSeparators(size_t levels) {
  std::string separators;
  constexpr std::string_view kReserved = "\x09\x0A\x0C\x0D\x1B";
  for (int byte = 1; byte < 32; ++byte) {
    if (kReserved.find(static_cast<char>(byte)) == std::string_view::npos) {
      separators += static_cast<char>(byte);
    }
  }
  for (int byte = 128; byte < 256; ++byte) {
    separators += static_cast<char>(byte);
  }
  separators.resize(std::min(levels, separators.size()));
  return separators;
}

absl::Status SetLazySimple(const Properties& properties, TextFormat& format) {
  const size_t levels = IsTrue(properties, kMoreLevels)       ? std::string::npos
                        : IsTrue(properties, kExtendedLevels) ? kExtendedLevelCount
                                                              : kLegacyLevels;
  format.separators = DefaultSeparators(levels);

  struct Level {
    const char* name;
    const char* old_name;
  };

  // Hive 1 wrote "colelction.delim".
  constexpr std::array<Level, 3> kLevels = {Level{"field.delim", "serialization.format"},
                                            Level{"collection.delim", "colelction.delim"},
                                            Level{"mapkey.delim", "mapkey.delim"}};
  for (size_t i = 0; i < kLevels.size(); ++i) {
    const std::string text = Get(properties, kLevels[i].name, Get(properties, kLevels[i].old_name));
    ASSIGN_OR_RETURN(format.separators[i], Delimiter(kLevels[i].name, text, format.separators[i]));
  }
  if (properties.contains("escape.delim")) {
    ASSIGN_OR_RETURN(format.escape, Delimiter("escape.delim", properties.at("escape.delim"), '\\'));
  }
  const std::string line = Get(properties, "line.delim", "\n");
  if (line != "\n" && line != "\\n" && line != "10") {
    return NotSupported("'line.delim' other than a newline");
  }
  for (const char separator : {format.separators[0], format.escape.value_or('\0')}) {
    if (separator == '\n' || separator == '\r') {
      return NotSupported("an end of line as a delimiter inside of lines");
    }
  }
  if (format.escape == format.separators[0]) {
    return Invalid("escape.delim", Get(properties, "escape.delim"), "is the field delimiter too");
  }
  if (IsTrue(properties, "serialization.escape.crlf")) {
    return NotSupported("'serialization.escape.crlf'");
  }
  format.null_sequence = Get(properties, "serialization.null.format", "\\N");
  format.last_column_takes_rest = IsTrue(properties, "serialization.last.column.takes.rest");
  format.extended_boolean = IsTrue(properties, "hive.lazysimple.extended_boolean_literal");
  format.description = "delimited text (LazySimpleSerDe)";
  return absl::OkStatus();
}

absl::StatusOr<char> CsvCharacter(const Properties& properties, const std::string& name,
                                  char otherwise) {
  const std::string text = Get(properties, name);
  if (text.empty()) {
    return otherwise;
  }
  // Like Hive, the first character; longer texts are spellings of escapes that nobody resolved.
  if (text.size() == 1) {
    return text.front();
  }
  constexpr std::array<std::pair<std::string_view, char>, 6> kSpellings = {{{"\\t", '\t'},
                                                                            {"\\\\", '\\'},
                                                                            {"\\\"", '"'},
                                                                            {"\\'", '\''},
                                                                            {"\\0", '\0'},
                                                                            {"\\u0000", '\0'}}};
  for (const auto& [spelling, character] : kSpellings) {
    if (text == spelling) {
      return character;
    }
  }
  return NotSupported(absl::StrCat("'", name, "' = '", text, "', which is more than one byte,"));
}

absl::Status SetOpenCsv(const Properties& properties, TextFormat& format) {
  ASSIGN_OR_RETURN(format.separator, CsvCharacter(properties, "separatorChar", ','));
  ASSIGN_OR_RETURN(format.quote, CsvCharacter(properties, "quoteChar", '"'));
  ASSIGN_OR_RETURN(format.csv_escape, CsvCharacter(properties, "escapeChar", '\\'));
  if (format.csv_escape == '"') {
    // Hive: a double quote as escape is its writer's default, and read as a backslash.
    format.csv_escape = '\\';
  }
  if (format.separator == '\0' || format.separator == format.quote ||
      format.separator == format.csv_escape ||
      (format.quote == format.csv_escape && format.quote != '\0')) {
    return NotSupported("a CSV whose separator, quote and escape characters are not three");
  }
  format.description = "CSV (OpenCSVSerde)";
  return absl::OkStatus();
}

absl::Status SetJson(const Properties& properties, TextFormat& format) {
  const bool openx = format.serde == TextSerDe::kOpenXJson;
  if (openx) {
    format.ignore_malformed = IsTrue(properties, "ignore.malformed.json");
    format.dots_in_keys = IsTrue(properties, "dots.in.keys");
    format.case_insensitive =
        absl::EqualsIgnoreCase(Get(properties, "case.insensitive", "true"), "true");
    constexpr std::string_view kMapping = "mapping.";
    for (const auto& [name, value] : properties) {
      if (name.starts_with(kMapping)) {
        const std::string column = absl::AsciiStrToLower(name.substr(kMapping.size()));
        format.mappings[column] = value;
      }
    }
  } else if (IsTrue(properties, "ignore.malformed.json")) {
    return NotSupported(
        "'ignore.malformed.json' of Hive's JSON SerDe; the SerDe "
        "org.openx.data.jsonserde.JsonSerDe "
        "has it, and without it");
  }
  format.description = openx ? "JSON lines (OpenX JsonSerDe)" : "JSON lines (Hive JsonSerDe)";
  return absl::OkStatus();
}

absl::Status SetEncoding(const Properties& properties) {
  const std::string encoding = Get(properties, "serialization.encoding", "UTF-8");
  if (!absl::EqualsIgnoreCase(encoding, "utf-8") && !absl::EqualsIgnoreCase(encoding, "utf8") &&
      !absl::EqualsIgnoreCase(encoding, "us-ascii")) {
    return NotSupported(
        absl::StrCat("'serialization.encoding' = '", encoding, "' (convert the files to UTF-8)"));
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<TextSerDe> TextSerDeOf(std::string_view library) {
  constexpr std::array<std::pair<std::string_view, TextSerDe>, 5> kSerDes = {
      {{kLazySimpleSerDe, TextSerDe::kLazySimple},
       {kOpenCsvSerDe, TextSerDe::kOpenCsv},
       {kHiveJsonSerDe, TextSerDe::kHiveJson},
       {kHiveJsonSerDe2, TextSerDe::kHiveJson},
       {kOpenXJsonSerDe, TextSerDe::kOpenXJson}}};
  for (const auto& [name, serde] : kSerDes) {
    if (name == library) {
      return serde;
    }
  }
  return std::nullopt;
}

absl::StatusOr<TextFormat> MakeTextFormat(const sdk::TableDefinition& definition) {
  const Properties properties = AllProperties(definition);
  TextFormat format;
  format.serde = TextSerDeOf(definition.storage.serde.library).value();
  ASSIGN_OR_RETURN(format.header_lines, LineCount(properties, kHeaderLines));
  ASSIGN_OR_RETURN(format.footer_lines, LineCount(properties, kFooterLines));
  RETURN_IF_ERROR(SetEncoding(properties));
  ASSIGN_OR_RETURN(format.timestamp_patterns,
                   ParseTimestampPatterns(Get(properties, "timestamp.formats")));
  switch (format.serde) {
    case TextSerDe::kLazySimple:
      RETURN_IF_ERROR(SetLazySimple(properties, format));
      break;
    case TextSerDe::kOpenCsv:
      RETURN_IF_ERROR(SetOpenCsv(properties, format));
      break;
    case TextSerDe::kHiveJson:
    case TextSerDe::kOpenXJson:
      RETURN_IF_ERROR(SetJson(properties, format));
  }
  return format;
}

}  // namespace pallas::lake
