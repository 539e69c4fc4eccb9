#ifndef PALLAS_ENGINE_DUCKDB_LAKE_FILE_LIST_H_
#define PALLAS_ENGINE_DUCKDB_LAKE_FILE_LIST_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "duckdb/common/multi_file/multi_file_list.hpp"

#include "engine/duckdb/scan_registry.h"
#include "lake/lake_table.h"
#include "sdk/model/value_set.h"

namespace pallas::engine {

// The files of a lake scan: what LakeTable lists under the constraints on partition keys. Listed at
// the first need. Thread-safe; immutable but for that.
class LakeFileList final : public duckdb::MultiFileList {
 public:
  LakeFileList(std::shared_ptr<TableScan> scan, int64_t scan_id,
               std::map<std::string, sdk::ValueSet> partition_constraints);

  const std::map<std::string, sdk::ValueSet>& partition_constraints() const {
    return partition_constraints_;
  }

  // The same files, fewer: those whose partition values lie in `constraints` too. Null if that
  // leaves out none. Lists nothing anew.
  duckdb::unique_ptr<LakeFileList> Narrow(
      const std::map<std::string, sdk::ValueSet>& constraints) const;

  // Throws what listing fails with.
  const lake::LakeTable::Listing& listing() const;

  duckdb::vector<duckdb::OpenFileInfo> GetAllFiles() const override;
  duckdb::FileExpandResult GetExpandResult() const override;
  duckdb::idx_t GetTotalFileCount() const override;
  duckdb::unique_ptr<duckdb::MultiFileList> Copy() const override;

  // Value `key` of the file's partition, and other options of it that a listing tells.
  static std::string PartitionOption(size_t key);

 protected:
  duckdb::OpenFileInfo GetFile(duckdb::idx_t index) const override;

 private:
  const std::shared_ptr<TableScan> scan_;
  const int64_t scan_id_;
  const std::map<std::string, sdk::ValueSet> partition_constraints_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const lake::LakeTable::Listing> listing_;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_LAKE_FILE_LIST_H_
