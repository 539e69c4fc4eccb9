#include "query/statements/partition_spec.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "lake/partition_value.h"
#include "types/type.h"

namespace pallas::query {
namespace {

absl::StatusOr<std::string> Canonical(const sdk::ColumnDefinition& key, const std::string& text) {
  ASSIGN_OR_RETURN(const Type type, ParseHiveType(key.type));
  ASSIGN_OR_RETURN(const std::optional<sdk::Value> value,
                   lake::ParsePartitionValue(key.name, type, text));
  return value && IsInteger(type) ? absl::StrCat(std::get<int64_t>(*value)) : text;
}

}  // namespace

absl::StatusOr<std::vector<std::optional<std::string>>> PartitionValues(
    const sql::ast::PartitionSpec& spec, const sdk::TableDefinition& table, bool partial) {
  std::vector<std::optional<std::string>> values(table.partition_keys.size());
  for (const auto& [name, text] : spec.values) {
    const auto key = std::find_if(
        table.partition_keys.begin(), table.partition_keys.end(), [&](const auto& candidate) {
          return absl::AsciiStrToLower(candidate.name) == absl::AsciiStrToLower(name);
        });
    if (key == table.partition_keys.end()) {
      return NamedError("COLUMN_NOT_FOUND",
                        absl::StrCat("'", name, "' is no partition key of table '", table.database,
                                     ".", table.name, "'"));
    }
    std::optional<std::string>& value =
        values[static_cast<size_t>(key - table.partition_keys.begin())];
    if (value) {
      return NamedError("DUPLICATE_COLUMN_NAME",
                        absl::StrCat("Partition key '", name, "' specified more than once"));
    }
    ASSIGN_OR_RETURN(value, Canonical(*key, text));
  }
  for (size_t i = 0; i < values.size() && !partial; ++i) {
    if (!values[i]) {
      return NamedError(
          "INVALID_PARTITION_SPEC",
          absl::StrCat("The partition has no value for key '", table.partition_keys[i].name, "'"));
    }
  }
  return values;
}

std::string PartitionName(const sdk::TableDefinition& table,
                          const std::vector<std::string>& values) {
  std::string name;
  for (size_t i = 0; i < table.partition_keys.size() && i < values.size(); ++i) {
    absl::StrAppend(&name, i == 0 ? "" : "/",
                    lake::EscapePathName(absl::AsciiStrToLower(table.partition_keys[i].name)), "=",
                    lake::EscapePathName(values[i]));
  }
  return name;
}

absl::StatusOr<std::vector<std::string>> CanonicalValues(const sdk::TableDefinition& table,
                                                         const std::vector<std::string>& texts) {
  std::vector<std::string> values;
  values.reserve(texts.size());
  for (size_t i = 0; i < texts.size() && i < table.partition_keys.size(); ++i) {
    ASSIGN_OR_RETURN(std::string value, Canonical(table.partition_keys[i], texts[i]));
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace pallas::query
