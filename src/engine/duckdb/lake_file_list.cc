#include "engine/duckdb/lake_file_list.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

#include "engine/duckdb/boundary.h"
#include "engine/duckdb/storage_file_system.h"

namespace pallas::engine {
namespace {

bool Matches(const lake::LakeTable& table, const lake::LakeFile& file,
             const std::map<std::string, sdk::ValueSet>& constraints) {
  for (size_t key = 0; key < table.partition_keys().size(); ++key) {
    const auto constraint = constraints.find(table.partition_keys()[key].name);
    if (constraint != constraints.end() && !constraint->second.Contains(file.partition[key])) {
      return false;
    }
  }
  return true;
}

}  // namespace

LakeFileList::LakeFileList(std::shared_ptr<TableScan> scan, int64_t scan_id,
                           std::map<std::string, sdk::ValueSet> partition_constraints)
    : scan_(std::move(scan)),
      scan_id_(scan_id),
      partition_constraints_(std::move(partition_constraints)) {}

const lake::LakeTable::Listing& LakeFileList::listing() const {
  const std::lock_guard lock(mutex_);
  if (listing_ == nullptr) {
    listing_ = std::make_shared<const lake::LakeTable::Listing>(ValueOrThrow(
        scan_->table->lake_table->ListFiles(scan_->environment.request, partition_constraints_)));
  }
  return *listing_;
}

duckdb::unique_ptr<LakeFileList> LakeFileList::Narrow(
    const std::map<std::string, sdk::ValueSet>& constraints) const {
  const lake::LakeTable::Listing& all = listing();
  auto fewer = std::make_shared<lake::LakeTable::Listing>();
  fewer->partitions_read = all.partitions_read;
  fewer->partitions_pruned = all.partitions_pruned;
  for (const lake::LakeFile& file : all.files) {
    if (Matches(*scan_->table->lake_table, file, constraints)) {
      fewer->files.push_back(file);
    }
  }
  if (fewer->files.size() == all.files.size()) {
    return nullptr;
  }
  auto list = duckdb::make_uniq<LakeFileList>(scan_, scan_id_, partition_constraints_);
  list->listing_ = std::move(fewer);
  return list;
}

duckdb::vector<duckdb::OpenFileInfo> LakeFileList::GetAllFiles() const {
  duckdb::vector<duckdb::OpenFileInfo> files;
  for (duckdb::idx_t i = 0; i < GetTotalFileCount(); ++i) {
    files.push_back(GetFile(i));
  }
  return files;
}

// Never SINGLE_FILE: then DuckDB reads with one thread unless it opened the file before.
duckdb::FileExpandResult LakeFileList::GetExpandResult() const {
  return listing().files.empty() ? duckdb::FileExpandResult::NO_FILES
                                 : duckdb::FileExpandResult::MULTIPLE_FILES;
}

duckdb::idx_t LakeFileList::GetTotalFileCount() const { return listing().files.size(); }

duckdb::unique_ptr<duckdb::MultiFileList> LakeFileList::Copy() const {
  auto copy = duckdb::make_uniq<LakeFileList>(scan_, scan_id_, partition_constraints_);
  const std::lock_guard lock(mutex_);
  copy->listing_ = listing_;
  return copy;
}

std::string LakeFileList::PartitionOption(size_t key) { return absl::StrCat("partition ", key); }

duckdb::OpenFileInfo LakeFileList::GetFile(duckdb::idx_t index) const {
  const auto& files = listing().files;
  if (index >= files.size()) {
    return duckdb::OpenFileInfo();
  }
  const lake::LakeFile& file = files[index];
  duckdb::OpenFileInfo info(absl::StrCat(kStoragePrefix, file.uri));
  info.extended_info = duckdb::make_shared_ptr<duckdb::ExtendedOpenFileInfo>();
  auto& options = info.extended_info->options;
  options[kFileSizeOption] = duckdb::Value::UBIGINT(static_cast<uint64_t>(file.size));
  options[kETagOption] = duckdb::Value(file.etag);
  options[kModifiedOption] =
      duckdb::Value::TIMESTAMP(duckdb::timestamp_t(absl::ToUnixMicros(file.modified)));
  options[kScanOption] = duckdb::Value::BIGINT(scan_id_);
  const auto& keys = scan_->table->lake_table->partition_keys();
  for (size_t key = 0; key < keys.size(); ++key) {
    options[PartitionOption(key)] = ToDuckDbValue(keys[key].type, file.partition[key]);
  }
  return info;
}

}  // namespace pallas::engine
