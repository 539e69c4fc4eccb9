#ifndef PALLAS_ENGINE_DUCKDB_STORAGE_FILE_SYSTEM_H_
#define PALLAS_ENGINE_DUCKDB_STORAGE_FILE_SYSTEM_H_

#include <string>
#include <string_view>

#include "duckdb/common/file_system.hpp"

#include "storage/locations.h"

namespace pallas::engine {

// Before the URI of a file of ours in DuckDB's hands: no other file system of DuckDB takes it, and
// none of what users write becomes such a path.
inline constexpr char kStoragePrefix[] = "pallas:";

// Options in the extended information of an OpenFileInfo: what the listing told, so that opening a
// file asks for nothing, and the scan that counts the bytes.
inline constexpr char kFileSizeOption[] = "file_size";
inline constexpr char kETagOption[] = "etag";
inline constexpr char kModifiedOption[] = "last_modified";
inline constexpr char kScanOption[] = "pallas_scan";

// `path` without kStoragePrefix.
std::string_view StorageUri(std::string_view path);

// Reads `pallas:<uri>` from the stores that `locations` knows, and so nothing outside of its roots.
// Reading waits for the store, the one wait that DuckDB's threads are allowed (decision D16).
// Borrows `locations`. Read-only.
class StorageFileSystem final : public duckdb::FileSystem {
 public:
  explicit StorageFileSystem(const storage::Locations& locations) : locations_(locations) {}

  std::string GetName() const override { return "PallasStorage"; }

  bool CanHandleFile(const duckdb::string& path) override;
  void Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes,
            duckdb::idx_t location) override;
  int64_t Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes) override;
  int64_t GetFileSize(duckdb::FileHandle& handle) override;
  duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle& handle) override;
  duckdb::string GetVersionTag(duckdb::FileHandle& handle) override;
  duckdb::FileType GetFileType(duckdb::FileHandle& handle) override;
  void Seek(duckdb::FileHandle& handle, duckdb::idx_t location) override;
  void Reset(duckdb::FileHandle& handle) override;
  duckdb::idx_t SeekPosition(duckdb::FileHandle& handle) override;

  bool CanSeek() override { return true; }

  // What lies in local folders DuckDB need not keep, for the operating system does. Of other files
  // it reads whole column chunks at once, and keeps them within its memory limit.
  bool OnDiskFile(duckdb::FileHandle& handle) override;

 protected:
  bool SupportsOpenFileExtended() const override { return true; }

  duckdb::unique_ptr<duckdb::FileHandle> OpenFileExtended(
      const duckdb::OpenFileInfo& info, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener> opener) override;

 private:
  const storage::Locations& locations_;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_STORAGE_FILE_SYSTEM_H_
