#ifndef PALLAS_LAKE_LAKE_TABLE_H_
#define PALLAS_LAKE_LAKE_TABLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "lake/file_format.h"
#include "lake/text/text_format.h"
#include "lake/text/text_split_reader.h"
#include "sdk/model/table.h"
#include "sdk/model/table_definition.h"
#include "sdk/model/value_set.h"
#include "sdk/request_context.h"
#include "storage/locations.h"
#include "types/type.h"

namespace pallas::lake {

// Columns that every lake table has beside its own, left out of SELECT *.
inline constexpr char kPathColumn[] = "$path";
inline constexpr char kFileSizeColumn[] = "$file_size";
inline constexpr char kModifiedColumn[] = "$file_modified_time";

struct LakeColumn {
  std::string name;  // lower case, as Hive stores it
  Type type;
  std::string comment;
};

// One file of a table.
struct LakeFile {
  std::string uri;
  int64_t size = 0;
  absl::Time modified;
  std::string etag;
  // One per partition key, in the value form of the key's scan-side Arrow type (sdk/model/value.h);
  // nullopt is NULL (__HIVE_DEFAULT_PARTITION__).
  std::vector<std::optional<sdk::Value>> partition;
};

// What the metastore knows of a partition, or nothing: then partitions are found by their folders.
struct LakePartition {
  std::vector<std::string> values;  // one per key, as text (partition_value.h)
  std::string location;

  bool operator==(const LakePartition&) const = default;
};

// A table of files (decision D16): format, columns, partition keys, and which files to read. How a
// file's columns map to the table's: by name without case. Below a location folders count too;
// hidden ones and hidden files (`_x`, `.x`) are skipped, and empty files. Immutable; any thread.
class LakeTable {
 public:
  // `locations` is borrowed and outlives the table. `partitions` are the registered ones; if there
  // are none and the table has partition keys, folders `key=value` below the location count.
  // Errors: a format or SerDe that is not supported (NOT_SUPPORTED,
  // naming it), a type that is none, no location.
  static absl::StatusOr<std::shared_ptr<const LakeTable>> Make(
      const sdk::TableDefinition& definition, std::vector<LakePartition> partitions,
      const storage::Locations& locations);

  const sdk::TableName& name() const { return name_; }

  FileFormat format() const { return format_; }

  // How lines become rows; null unless the format is text.
  const TextFormat* text_format() const { return text_format_ ? &*text_format_ : nullptr; }

  const storage::Locations& locations() const { return *locations_; }

  const std::string& location() const { return location_; }

  const std::vector<LakeColumn>& columns() const { return columns_; }  // without partition keys

  const std::vector<LakeColumn>& partition_keys() const { return partition_keys_; }

  struct Listing {
    std::vector<LakeFile> files;
    int64_t partitions_read = 0;
    int64_t partitions_pruned = 0;
  };

  // The files that may hold rows for which every partition key named in `partition_constraints`
  // lies in its set; other names are ignored. Pruned folders are not listed. Fails with
  // HIVE_INVALID_PARTITION_VALUE for a folder whose value is none of its key's type.
  absl::StatusOr<Listing> ListFiles(
      const sdk::RequestContext& context,
      const std::map<std::string, sdk::ValueSet>& partition_constraints) const;

  // The partitions that have folders `key=value` below the location, pruned or not. Files beside
  // such folders are no part of the table; a folder of another form is an error.
  absl::StatusOr<std::vector<LakePartition>> FindPartitions(
      const sdk::RequestContext& context) const;

  // How the rows of `file`, of a text table, get that column: as text, or one value for all.
  // REQUIRES: the table has it.
  SplitColumn SplitColumnOf(const LakeFile& file, const std::string& column) const;

  // Bytes of all files, for estimates; nullopt if a look would cost more than a listing or fails.
  std::optional<int64_t> total_bytes(const sdk::RequestContext& context) const;

 private:
  class Lister;

  LakeTable() = default;

  absl::Status SetColumns(const sdk::TableDefinition& definition);
  absl::Status SetPartitions(std::vector<LakePartition> partitions);

  sdk::TableName name_;
  FileFormat format_ = FileFormat::kParquet;
  std::optional<TextFormat> text_format_;
  std::string location_;  // ends in '/'
  std::vector<LakeColumn> columns_;
  std::vector<LakeColumn> partition_keys_;

  struct Registered {
    std::vector<std::optional<sdk::Value>> values;
    std::string location;  // ends in '/'
  };

  std::vector<Registered> registered_;
  bool discover_folders_ = false;
  const storage::Locations* locations_ = nullptr;
};

// $path, $file_size, $file_modified_time.
std::vector<LakeColumn> HiddenColumns();

// For EXPLAIN: how many files, how many partitions were pruned, and the first files.
std::string DescribeListing(const LakeTable& table, const LakeTable::Listing& listing);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_LAKE_TABLE_H_
