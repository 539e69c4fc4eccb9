#include "query/statements/alter_table.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/status_macros.h"
#include "catalog/metastore.h"
#include "catalog/presto_view.h"
#include "lake/lake_table.h"
#include "query/results/text_rows.h"
#include "query/statements/partition_spec.h"
#include "query/statements/stored_name.h"
#include "query/statements/table_definition.h"
#include "storage/locations.h"

namespace pallas::query {
namespace {

using Action = sql::ast::AlterTable::Action;
using Columns = std::vector<sdk::ColumnDefinition>;

bool Matches(const std::vector<std::string>& values,
             const std::vector<std::optional<std::string>>& wanted) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    const std::optional<std::string>& value = wanted[i];
    if (value && (i >= values.size() || values[i] != *value)) {
      return false;
    }
  }
  return true;
}

// One ALTER TABLE of one table. Errors come without line:column; Run() adds it.
class Alteration {
 public:
  Alteration(const sql::ast::AlterTable& statement, const Services& services, StoredName name)
      : statement_(statement), services_(services), name_(std::move(name)) {}

  absl::Status Run() {
    ASSIGN_OR_RETURN(table_, services_.metastore.GetTable(name_.database, name_.table));
    if (catalog::IsView(table_)) {
      return NamedError("NOT_SUPPORTED",
                        absl::StrCat("'", name_.ToString(), "' is a view, not a table"),
                        absl::StatusCode::kUnimplemented);
    }
    switch (statement_.action) {
      case Action::kAddPartitions:
        return AddPartitions();
      case Action::kDropPartitions:
        return DropPartitions();
      case Action::kSetLocation:
        return SetLocation();
      case Action::kSetProperties:
      case Action::kUnsetProperties:
      case Action::kAddColumns:
      case Action::kReplaceColumns:
      case Action::kChangeColumn:
        return services_.metastore.ModifyTable(
            name_.database, name_.table,
            [this](sdk::TableDefinition& table) { return Change(table); });
      case Action::kRenamePartition:
        return RenamePartition();
      case Action::kDropColumn:
        return NotSupported("ALTER TABLE DROP COLUMN of a table that is not Iceberg");
      case Action::kRename:
        return NotSupported("ALTER TABLE RENAME TO of a table that is not Iceberg");
    }
    return absl::InternalError("an ALTER TABLE of no kind");
  }

 private:
  static absl::Status NotSupported(std::string_view what) {
    return NamedError("NOT_SUPPORTED", absl::StrCat(what, " is not supported"),
                      absl::StatusCode::kUnimplemented);
  }

  absl::Status CheckPartitioned() const {
    if (table_.partition_keys.empty()) {
      return NamedError("GENERIC_USER_ERROR",
                        absl::StrCat("Table '", name_.ToString(), "' is not a partitioned table"));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<std::string>> AllValues(const sql::ast::PartitionSpec& spec) const {
    ASSIGN_OR_RETURN(const auto given, PartitionValues(spec, table_, /*partial=*/false));
    std::vector<std::string> values;
    values.reserve(given.size());
    for (const std::optional<std::string>& value : given) {
      values.push_back(value.value_or(""));
    }
    return values;
  }

  absl::Status AddPartitions() {
    RETURN_IF_ERROR(CheckPartitioned());
    std::vector<sdk::PartitionDefinition> partitions;
    partitions.reserve(statement_.partitions.size());
    for (const sql::ast::PartitionSpec& spec : statement_.partitions) {
      ASSIGN_OR_RETURN(std::vector<std::string> values, AllValues(spec));
      std::string location = spec.location;
      if (location.empty()) {
        const std::string& base = table_.storage.location;
        location =
            absl::StrCat(base, base.ends_with('/') ? "" : "/", PartitionName(table_, values), "/");
      }
      RETURN_IF_ERROR(CheckLocation(services_, location, name_));
      partitions.push_back({std::move(values), std::move(location), {}});
    }
    const absl::Status added = services_.metastore.AddPartitions(name_.database, name_.table,
                                                                 partitions, statement_.if_exists);
    return added.code() == absl::StatusCode::kAlreadyExists
               ? NamedError("ALREADY_EXISTS", added.message(), added.code())
               : added;
  }

  // Keys that are not named stand for all their values, as in Hive.
  absl::Status DropPartitions() {
    RETURN_IF_ERROR(CheckPartitioned());
    ASSIGN_OR_RETURN(const auto partitions,
                     services_.metastore.ListPartitions(name_.database, name_.table));
    std::vector<std::vector<std::string>> dropped;
    for (const sql::ast::PartitionSpec& spec : statement_.partitions) {
      ASSIGN_OR_RETURN(const auto wanted, PartitionValues(spec, table_, /*partial=*/true));
      const size_t before = dropped.size();
      for (const sdk::PartitionDefinition& partition : partitions) {
        if (Matches(partition.values, wanted) &&
            std::find(dropped.begin(), dropped.end(), partition.values) == dropped.end()) {
          dropped.push_back(partition.values);
        }
      }
      if (dropped.size() == before && !statement_.if_exists) {
        return NamedError("NOT_FOUND",
                          absl::StrCat("Table '", name_.ToString(), "' has no such partition"),
                          absl::StatusCode::kNotFound);
      }
    }
    return services_.metastore.DropPartitions(name_.database, name_.table, dropped);
  }

  absl::Status SetLocation() {
    RETURN_IF_ERROR(CheckLocation(services_, statement_.location, name_));
    if (statement_.partitions.empty()) {
      return services_.metastore.ModifyTable(name_.database, name_.table,
                                             [this](sdk::TableDefinition& table) {
                                               table.storage.location = statement_.location;
                                               return absl::OkStatus();
                                             });
    }
    RETURN_IF_ERROR(CheckPartitioned());
    ASSIGN_OR_RETURN(const auto values, AllValues(statement_.partitions.front()));
    const absl::Status set = services_.metastore.SetPartitionLocation(name_.database, name_.table,
                                                                      values, statement_.location);
    return set.code() == absl::StatusCode::kNotFound
               ? NamedError("NOT_FOUND", set.message(), set.code())
               : set;
  }

  // Only the name changes: the files stay where they are.
  absl::Status RenamePartition() {
    RETURN_IF_ERROR(CheckPartitioned());
    ASSIGN_OR_RETURN(const auto from, AllValues(statement_.partitions[0]));
    ASSIGN_OR_RETURN(const auto to, AllValues(statement_.partitions[1]));
    const absl::Status renamed =
        services_.metastore.RenamePartition(name_.database, name_.table, from, to);
    switch (renamed.code()) {
      case absl::StatusCode::kNotFound:
        return NamedError("NOT_FOUND", renamed.message(), renamed.code());
      case absl::StatusCode::kAlreadyExists:
        return NamedError("ALREADY_EXISTS", renamed.message(), renamed.code());
      default:
        return renamed;
    }
  }

  absl::Status Change(sdk::TableDefinition& table) const {
    switch (statement_.action) {
      case Action::kSetProperties:
        for (const auto& [key, value] : statement_.properties) {
          table.parameters[key] = value;
        }
        return absl::OkStatus();
      case Action::kUnsetProperties:
        return UnsetProperties(table);
      case Action::kChangeColumn:
        return ChangeColumn(table);
      default:
        return SetColumns(table);
    }
  }

  absl::Status UnsetProperties(sdk::TableDefinition& table) const {
    for (const std::string& key : statement_.names) {
      if (table.parameters.erase(key) == 0 && !statement_.if_exists) {
        return NamedError("NOT_FOUND", absl::StrCat("Table '", name_.ToString(),
                                                    "' has no property '", key, "'"));
      }
    }
    return absl::OkStatus();
  }

  absl::Status SetColumns(sdk::TableDefinition& table) const {
    ASSIGN_OR_RETURN(Columns columns, ColumnDefinitions(statement_.columns));
    Columns& old = table.storage.columns;
    if (statement_.action == Action::kReplaceColumns) {
      old.clear();
    }
    std::move(columns.begin(), columns.end(), std::back_inserter(old));
    return CheckColumns(table);
  }

  absl::Status ChangeColumn(sdk::TableDefinition& table) const {
    ASSIGN_OR_RETURN(Columns changed, ColumnDefinitions(statement_.columns));
    Columns& columns = table.storage.columns;
    ASSIGN_OR_RETURN(const size_t index, Find(columns, statement_.names.front()));
    columns.erase(columns.begin() + static_cast<Columns::difference_type>(index));
    // FIRST is an empty second name; AFTER names a column.
    size_t target = index;
    if (statement_.names.size() > 1) {
      target = 0;
      if (!statement_.names[1].empty()) {
        ASSIGN_OR_RETURN(const size_t before, Find(columns, statement_.names[1]));
        target = before + 1;
      }
    }
    columns.insert(columns.begin() + static_cast<Columns::difference_type>(target),
                   std::move(changed.front()));
    return CheckColumns(table);
  }

  absl::StatusOr<size_t> Find(const Columns& columns, const std::string& name) const {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].name == name) {
        return i;
      }
    }
    return NamedError("COLUMN_NOT_FOUND", absl::StrCat("Column '", name, "' does not exist"));
  }

  const sql::ast::AlterTable& statement_;
  const Services& services_;
  const StoredName name_;
  sdk::TableDefinition table_;
};

}  // namespace

absl::StatusOr<StatementResult> RunAlterTable(const sql::ast::AlterTable& statement,
                                              const Services& services,
                                              const sql::Session& session) {
  ASSIGN_OR_RETURN(const StoredName name, StoredTable(statement.name, session));
  const absl::Status altered = Alteration(statement, services, name).Run();
  RETURN_IF_ERROR(PlacedAt(name, AsStatementError(altered, name)));
  return DoneResult();
}

namespace {

// What Hive says of partitions: first all that one side lacks, in one line each, then what was
// done.
std::vector<std::vector<std::optional<std::string>>> RepairText(
    const std::vector<std::string>& added, const std::vector<std::string>& missing) {
  std::vector<std::vector<std::optional<std::string>>> rows;
  for (const auto& [names, what] : {std::pair(&added, "Partitions not in metastore:"),
                                    std::pair(&missing, "Partitions missing from filesystem:")}) {
    if (!names->empty()) {
      rows.push_back({absl::StrCat(what, "\t", absl::StrJoin(*names, "\t"))});
    }
  }
  for (const std::string& partition : added) {
    rows.push_back({absl::StrCat("Repair: Added partition to metastore ", partition)});
  }
  return rows;
}

}  // namespace

absl::StatusOr<StatementResult> RunRepairTable(const sql::ast::RepairTable& statement,
                                               const Services& services,
                                               const sql::Session& session,
                                               const sdk::RequestContext& context) {
  ASSIGN_OR_RETURN(const StoredName name, StoredTable(statement.name, session));
  const auto table = services.metastore.GetTable(name.database, name.table);
  RETURN_IF_ERROR(AsStatementError(table.status(), name));
  if (table->partition_keys.empty()) {
    return ErrorAt(name.location, "GENERIC_USER_ERROR",
                   absl::StrCat("Table '", name.ToString(), "' is not a partitioned table"));
  }
  ASSIGN_OR_RETURN(const auto lake_table, lake::LakeTable::Make(*table, {}, services.locations));
  ASSIGN_OR_RETURN(std::vector<lake::LakePartition> found, lake_table->FindPartitions(context));
  ASSIGN_OR_RETURN(const auto registered,
                   services.metastore.ListPartitions(name.database, name.table));
  std::set<std::vector<std::string>> known;
  for (const sdk::PartitionDefinition& partition : registered) {
    ASSIGN_OR_RETURN(std::vector<std::string> values, CanonicalValues(*table, partition.values));
    known.insert(std::move(values));
  }
  std::set<std::vector<std::string>> missing = known;
  std::vector<sdk::PartitionDefinition> added;
  std::vector<std::string> new_names;
  for (lake::LakePartition& partition : found) {
    ASSIGN_OR_RETURN(std::vector<std::string> values, CanonicalValues(*table, partition.values));
    missing.erase(values);
    if (known.insert(values).second) {
      new_names.push_back(absl::StrCat(name.table, ":", PartitionName(*table, values)));
      added.push_back({std::move(values), std::move(partition.location), {}});
    }
  }
  std::vector<std::string> missing_names;
  for (const std::vector<std::string>& values : missing) {
    missing_names.push_back(absl::StrCat(name.table, ":", PartitionName(*table, values)));
  }
  RETURN_IF_ERROR(AsStatementError(
      services.metastore.AddPartitions(name.database, name.table, added, /*if_not_exists=*/true),
      name));
  StatementResult result;
  result.type = StatementType::kDdl;
  ASSIGN_OR_RETURN(result.rows, MakeTextRows({"result"}, RepairText(new_names, missing_names)));
  return result;
}

}  // namespace pallas::query
