#include "sdk/metadata/configured_tables.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"

namespace pallas::sdk {
namespace {

class TableReader {
 public:
  TableReader(std::string where, const std::map<std::string, std::string>& parameters)
      : where_(std::move(where)), parameters_(parameters) {}

  absl::StatusOr<TableDefinition> Read(const OptionList& settings) {
    for (const auto& [key, value] : settings) {
      RETURN_IF_ERROR(Set(absl::AsciiStrToLower(key), key, value));
    }
    if (table_.name.empty()) {
      return Bad("has no name; add name = \"...\"");
    }
    return std::move(table_);
  }

 private:
  absl::Status Set(const std::string& key, const std::string& written, const std::string& value) {
    constexpr std::string_view kColumns = "columns.";
    if (absl::StartsWith(key, kColumns)) {
      table_.storage.columns.push_back({written.substr(kColumns.size()), value, ""});
    } else if (key == "schema" || key == "database") {
      return SetOnce(key, value, &table_.database);
    } else if (key == "name") {
      return SetOnce(key, value, &table_.name);
    } else if (key == "comment") {
      table_.comment = value;
    } else if (const auto parameter = parameters_.find(key); parameter != parameters_.end()) {
      return SetOnce(key, value, &table_.parameters[parameter->second]);
    } else {
      return Bad(absl::StrCat("has an unknown key '", written, "'; known are ", KnownKeys()));
    }
    return absl::OkStatus();
  }

  absl::Status SetOnce(const std::string& key, const std::string& value, std::string* target) {
    if (!target->empty()) {
      return Bad(absl::StrCat("has two keys that mean '", key, "'; set one of them"));
    }
    *target = value;
    return absl::OkStatus();
  }

  std::string KnownKeys() const {
    std::string keys = "schema, name, comment, columns";
    for (const auto& [key, parameter] : parameters_) {
      absl::StrAppend(&keys, ", ", key);
    }
    return keys;
  }

  absl::Status Bad(std::string_view what) const {
    const std::string name = table_.name.empty() ? "" : absl::StrCat(" ('", table_.name, "')");
    return absl::InvalidArgumentError(absl::StrCat(where_, name, " ", what));
  }

  std::string where_;
  const std::map<std::string, std::string>& parameters_;
  TableDefinition table_;
};

}  // namespace

absl::StatusOr<std::vector<TableDefinition>> ConfiguredTables(
    const ConnectorOptions& options, const std::map<std::string, std::string>& parameters,
    std::string_view default_database) {
  std::vector<TableDefinition> tables;
  for (const OptionList& settings : options.GetGroups("tables")) {
    const std::string where = absl::StrCat("Catalog '", options.catalog(), "': table ",
                                           tables.size() + 1, " of 'tables'");
    ASSIGN_OR_RETURN(TableDefinition table, TableReader(where, parameters).Read(settings));
    if (table.database.empty()) {
      if (default_database.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat(where, " ('", table.name, "') has no schema; add schema = \"...\""));
      }
      table.database = default_database;
    }
    for (const TableDefinition& other : tables) {
      if (other.database == table.database && other.name == table.name) {
        return absl::InvalidArgumentError(absl::StrCat(where, ": ", table.database, ".", table.name,
                                                       " is described twice; remove one of them"));
      }
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace pallas::sdk
