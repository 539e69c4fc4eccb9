#include "lake/lake_table.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/type.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "lake/partition_value.h"
#include "types/arrow_mapping.h"
#include "types/time_zone.h"

namespace pallas::lake {
namespace {

// How many files of a listing pass between two looks at the deadline.
constexpr int64_t kFilesPerCheck = 1000;

// Files that EXPLAIN names.
constexpr size_t kDescribedFiles = 3;

using PartitionValues = std::vector<std::optional<sdk::Value>>;

std::string AsFolder(std::string_view location) {
  return absl::StrCat(location, location.ends_with('/') ? "" : "/");
}

bool IsHidden(std::string_view name) { return name.starts_with('_') || name.starts_with('.'); }

bool HasHiddenPart(std::string_view path) {
  while (true) {
    if (IsHidden(path)) {
      return true;
    }
    const size_t slash = path.find('/');
    if (slash == std::string_view::npos) {
      return false;
    }
    path.remove_prefix(slash + 1);
  }
}

absl::StatusOr<LakeColumn> MakeColumn(const sdk::ColumnDefinition& definition) {
  auto type = ParseHiveType(definition.type);
  if (!type.ok()) {
    return Annotate(type.status(), absl::StrCat("column '", definition.name, "': "));
  }
  return LakeColumn{absl::AsciiStrToLower(definition.name), *std::move(type), definition.comment};
}

}  // namespace

absl::StatusOr<std::shared_ptr<const LakeTable>> LakeTable::Make(
    const sdk::TableDefinition& definition, std::vector<LakePartition> partitions,
    const storage::Locations& locations) {
  std::shared_ptr<LakeTable> table(new LakeTable());
  table->name_ = {definition.database, definition.name};
  ASSIGN_OR_RETURN(table->format_, FormatOf(definition));
  const std::string prefix =
      absl::StrCat("Table '", definition.database, ".", definition.name, "': ");
  if (table->format_ == FileFormat::kText) {
    absl::StatusOr<TextFormat> format = MakeTextFormat(definition);
    if (!format.ok()) {
      return Annotate(format.status(), prefix);
    }
    table->text_format_ = *std::move(format);
  }
  if (absl::Status set = table->SetColumns(definition); !set.ok()) {
    return Annotate(set, prefix);
  }
  if (definition.storage.location.empty()) {
    return NamedError("HIVE_INVALID_METADATA", prefix + "it has no location");
  }
  table->location_ = AsFolder(definition.storage.location);
  table->locations_ = &locations;
  if (auto place = locations.Find(table->location_); !place.ok()) {
    return Annotate(place.status(), prefix);
  }
  table->discover_folders_ = partitions.empty() && !table->partition_keys_.empty();
  if (absl::Status set = table->SetPartitions(std::move(partitions)); !set.ok()) {
    return Annotate(set, prefix);
  }
  return table;
}

absl::Status LakeTable::SetColumns(const sdk::TableDefinition& definition) {
  std::set<std::string> names;
  const auto add = [&](const std::vector<sdk::ColumnDefinition>& from,
                       std::vector<LakeColumn>& to) -> absl::Status {
    for (const sdk::ColumnDefinition& column : from) {
      ASSIGN_OR_RETURN(LakeColumn made, MakeColumn(column));
      if (!names.insert(made.name).second) {
        return NamedError("HIVE_INVALID_METADATA",
                          absl::StrCat("column '", made.name, "' is there twice"));
      }
      to.push_back(std::move(made));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(add(definition.storage.columns, columns_));
  RETURN_IF_ERROR(add(definition.partition_keys, partition_keys_));
  for (const LakeColumn& key : partition_keys_) {
    RETURN_IF_ERROR(CheckPartitionKeyType(key.name, key.type));
  }
  return absl::OkStatus();
}

absl::Status LakeTable::SetPartitions(std::vector<LakePartition> partitions) {
  for (LakePartition& partition : partitions) {
    if (partition.values.size() != partition_keys_.size()) {
      return NamedError("HIVE_INVALID_METADATA",
                        absl::StrCat("a partition has ", partition.values.size(), " values for ",
                                     partition_keys_.size(), " keys"));
    }
    Registered& registered = registered_.emplace_back();
    registered.location = AsFolder(partition.location);
    for (size_t i = 0; i < partition_keys_.size(); ++i) {
      ASSIGN_OR_RETURN(std::optional<sdk::Value> value,
                       ParsePartitionValue(partition_keys_[i].name, partition_keys_[i].type,
                                           partition.values[i]));
      registered.values.push_back(std::move(value));
    }
  }
  return absl::OkStatus();
}

// One listing of a table's files. Walks folders `key=value` one level at a time, so that a pruned
// folder costs nothing.
class LakeTable::Lister {
 public:
  Lister(const LakeTable& table, const sdk::RequestContext& context)
      : table_(table), context_(context) {}

  absl::Status Constrain(const std::map<std::string, sdk::ValueSet>& constraints) {
    for (const LakeColumn& key : table_.partition_keys_) {
      const auto found = constraints.find(key.name);
      ASSIGN_OR_RETURN(const auto type, ToScanArrowType(key.type));
      // A set over another type has values of another meaning (days, milliseconds); to read more
      // than necessary is always right.
      const bool usable = found != constraints.end() && found->second.type()->Equals(*type);
      constraints_.push_back(usable ? &found->second : nullptr);
    }
    return absl::OkStatus();
  }

  // Calls `leaf` with each partition: its values' texts, the values, and its location.
  using Leaf = std::function<absl::Status(const std::vector<std::string>&, const PartitionValues&,
                                          const std::string&)>;

  absl::Status WalkFolders(const std::string& location, const Leaf& leaf) {
    const size_t level = values_.size();
    if (level == table_.partition_keys_.size()) {
      return leaf(texts_, values_, location);
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> folders, FoldersIn(location));
    for (const std::string& folder : folders) {
      const std::string inside = absl::StrCat(location, folder, "/");
      ASSIGN_OR_RETURN(std::optional<std::string> text, ValueText(level, folder, inside));
      if (!text) {
        continue;
      }
      const LakeColumn& key = table_.partition_keys_[level];
      ASSIGN_OR_RETURN(std::optional<sdk::Value> value,
                       ParsePartitionValue(key.name, key.type, *text));
      if (IsPruned(level, value)) {
        ++listing_.partitions_pruned;
        continue;
      }
      texts_.push_back(*std::move(text));
      values_.push_back(std::move(value));
      RETURN_IF_ERROR(WalkFolders(inside, leaf));
      texts_.pop_back();
      values_.pop_back();
    }
    return absl::OkStatus();
  }

  absl::Status AddRegistered() {
    for (const Registered& partition : table_.registered_) {
      bool pruned = false;
      for (size_t i = 0; i < partition.values.size() && !pruned; ++i) {
        pruned = IsPruned(i, partition.values[i]);
      }
      if (pruned) {
        ++listing_.partitions_pruned;
        continue;
      }
      RETURN_IF_ERROR(AddFiles(partition.location, partition.values));
    }
    return absl::OkStatus();
  }

  // The files below one location, however deep.
  absl::Status AddFiles(const std::string& location, const PartitionValues& values) {
    RETURN_IF_ERROR(context_.Check());
    ++listing_.partitions_read;
    ASSIGN_OR_RETURN(const storage::Place place, table_.locations_->Find(location));
    absl::Status stopped;
    RETURN_IF_ERROR(place.store->List(place.key, [&](const storage::ObjectInfo& object) {
      const std::string_view path = std::string_view(object.key).substr(place.key.size());
      if (object.size > 0 && !HasHiddenPart(path)) {
        listing_.files.push_back(
            {absl::StrCat(location, path), object.size, object.modified, object.etag, values});
      }
      if (++files_seen_ % kFilesPerCheck == 0) {
        stopped = context_.Check();
      }
      return stopped.ok();
    }));
    return stopped;
  }

  Listing Take() { return std::move(listing_); }

 private:
  bool IsPruned(size_t key, const std::optional<sdk::Value>& value) const {
    return key < constraints_.size() && constraints_[key] != nullptr &&
           !constraints_[key]->Contains(value);
  }

  absl::StatusOr<std::vector<std::string>> FoldersIn(const std::string& location) const {
    RETURN_IF_ERROR(context_.Check());
    ASSIGN_OR_RETURN(const storage::Place place, table_.locations_->Find(location));
    std::vector<std::string> folders;
    RETURN_IF_ERROR(place.store->ListFolder(place.key, [&](const storage::FolderEntry& entry) {
      if (!entry.object) {
        folders.push_back(
            entry.key.substr(place.key.size(), entry.key.size() - place.key.size() - 1));
      }
      return true;
    }));
    return folders;
  }

  // The value in a folder's name; nullopt for a hidden folder.
  absl::StatusOr<std::optional<std::string>> ValueText(size_t level, const std::string& folder,
                                                       const std::string& location) const {
    const std::string& key = table_.partition_keys_[level].name;
    const size_t equals = folder.find('=');
    if (equals != std::string::npos &&
        absl::AsciiStrToLower(UnescapePathName(folder.substr(0, equals))) == key) {
      return UnescapePathName(folder.substr(equals + 1));
    }
    if (IsHidden(folder)) {
      return std::nullopt;
    }
    return NamedError("HIVE_INVALID_PARTITION_VALUE",
                      absl::StrCat("the folder ", location, " is not named '", key,
                                   "=<value>', as the partitions of the table are"));
  }

  const LakeTable& table_;
  const sdk::RequestContext& context_;
  std::vector<const sdk::ValueSet*> constraints_;  // one per key; null: everything
  std::vector<std::string> texts_;                 // of the folders that the walk is in
  PartitionValues values_;                         // likewise
  Listing listing_;
  int64_t files_seen_ = 0;
};

absl::StatusOr<LakeTable::Listing> LakeTable::ListFiles(
    const sdk::RequestContext& context,
    const std::map<std::string, sdk::ValueSet>& partition_constraints) const {
  Lister lister(*this, context);
  RETURN_IF_ERROR(lister.Constrain(partition_constraints));
  if (discover_folders_) {
    RETURN_IF_ERROR(lister.WalkFolders(
        location_, [&](const auto&, const PartitionValues& values, const std::string& location) {
          return lister.AddFiles(location, values);
        }));
  } else if (!partition_keys_.empty()) {
    RETURN_IF_ERROR(lister.AddRegistered());
  } else {
    RETURN_IF_ERROR(lister.AddFiles(location_, {}));
  }
  return lister.Take();
}

absl::StatusOr<std::vector<LakePartition>> LakeTable::FindPartitions(
    const sdk::RequestContext& context) const {
  std::vector<LakePartition> found;
  if (partition_keys_.empty()) {
    return found;
  }
  Lister lister(*this, context);
  RETURN_IF_ERROR(lister.WalkFolders(location_, [&](const std::vector<std::string>& texts,
                                                    const auto&, const std::string& location) {
    found.push_back({texts, location});
    return absl::OkStatus();
  }));
  return found;
}

SplitColumn LakeTable::SplitColumnOf(const LakeFile& file, const std::string& column) const {
  SplitColumn result;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].name == column) {
      result.text = TextColumn{static_cast<int>(i), column, columns_[i].type};
      return result;
    }
  }
  for (size_t key = 0; key < partition_keys_.size(); ++key) {
    if (partition_keys_[key].name == column) {
      result.constant = file.partition[key];
    }
  }
  if (column == kPathColumn) {
    result.constant = file.uri;
  } else if (column == kFileSizeColumn) {
    result.constant = file.size;
  } else if (column == kModifiedColumn) {
    result.constant = PackTimestampTz(absl::ToUnixMillis(file.modified), kUtcZoneKey);
  }
  return result;
}

std::optional<int64_t> LakeTable::total_bytes(const sdk::RequestContext& context) const {
  const absl::StatusOr<Listing> listing = ListFiles(context, {});
  if (!listing.ok()) {
    return std::nullopt;
  }
  int64_t bytes = 0;
  for (const LakeFile& file : listing->files) {
    bytes += file.size;
  }
  return bytes;
}

std::vector<LakeColumn> HiddenColumns() {
  return {{kPathColumn, Type::Varchar(), ""},
          {kFileSizeColumn, Type::Bigint(), ""},
          {kModifiedColumn, Type::TimestampTz(3), ""}};
}

std::string DescribeListing(const LakeTable& table, const LakeTable::Listing& listing) {
  std::vector<std::string> uris;
  for (size_t i = 0; i < std::min(listing.files.size(), kDescribedFiles); ++i) {
    uris.push_back(listing.files[i].uri);
  }
  const std::string partitions =
      table.partition_keys().empty()
          ? ""
          : absl::StrCat(", ", listing.partitions_pruned, " of ",
                         listing.partitions_read + listing.partitions_pruned, " partitions pruned");
  return absl::StrCat(listing.files.size(), listing.files.size() == 1 ? " file" : " files",
                      partitions, uris.empty() ? "" : ": ", absl::StrJoin(uris, ", "),
                      listing.files.size() > kDescribedFiles ? ", ..." : "");
}

}  // namespace pallas::lake
