#include "engine/duckdb/storage_file_system.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "duckdb/common/file_opener.hpp"

#include "base/error_detail.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/scan_registry.h"

namespace pallas::engine {
namespace {

struct StorageFile final : duckdb::FileHandle {
  StorageFile(duckdb::FileSystem& system, const duckdb::string& file_path,
              duckdb::FileOpenFlags open_flags, std::shared_ptr<storage::ObjectReader> object,
              std::shared_ptr<TableScan> counted_by)
      : FileHandle(system, file_path, open_flags),
        reader(std::move(object)),
        scan(std::move(counted_by)) {}

  ~StorageFile() override = default;

  void Close() override { reader.reset(); }

  std::shared_ptr<storage::ObjectReader> reader;
  std::shared_ptr<TableScan> scan;  // may be null
  int64_t position = 0;
};

absl::Status CannotOpen(std::string_view uri, const absl::Status& cause) {
  return NamedError("HIVE_CANNOT_OPEN_SPLIT",
                    absl::StrCat("Error opening Hive split ", uri, ": ", cause.message()),
                    cause.code());
}

std::shared_ptr<TableScan> ScanOf(const duckdb::OpenFileInfo& info,
                                  duckdb::optional_ptr<duckdb::FileOpener> opener) {
  auto context = duckdb::FileOpener::TryGetClientContext(opener);
  if (!context || !info.extended_info) {
    return nullptr;
  }
  const auto option = info.extended_info->options.find(kScanOption);
  return option == info.extended_info->options.end()
             ? nullptr
             : FindScan(*context, option->second.GetValue<int64_t>());
}

absl::StatusOr<std::shared_ptr<storage::ObjectReader>> OpenAlone(const storage::Place& place) {
  absl::StatusOr<std::unique_ptr<storage::ObjectReader>> reader = place.store->Open(place.key);
  if (!reader.ok()) {
    return reader.status();
  }
  return std::shared_ptr<storage::ObjectReader>(*std::move(reader));
}

// An error if the file is not the one that was listed: what was planned may not hold for it.
absl::Status CheckListed(const duckdb::OpenFileInfo& info, const storage::ObjectInfo& opened) {
  if (!info.extended_info) {
    return absl::OkStatus();
  }
  const auto listed = info.extended_info->options.find(kETagOption);
  if (listed == info.extended_info->options.end() ||
      listed->second.GetValue<std::string>() == opened.etag) {
    return absl::OkStatus();
  }
  return CannotOpen(
      StorageUri(info.path),
      absl::AbortedError("the file was replaced after the query had begun; run it again"));
}

}  // namespace

std::string_view StorageUri(std::string_view path) {
  return absl::StripPrefix(path, kStoragePrefix);
}

bool StorageFileSystem::CanHandleFile(const duckdb::string& path) {
  return absl::StartsWith(path, kStoragePrefix);
}

duckdb::unique_ptr<duckdb::FileHandle> StorageFileSystem::OpenFileExtended(
    const duckdb::OpenFileInfo& info, duckdb::FileOpenFlags flags,
    duckdb::optional_ptr<duckdb::FileOpener> opener) {
  if (flags.OpenForWriting()) {
    ThrowIfError(absl::UnimplementedError("this file system only reads"));
  }
  const std::string_view uri = StorageUri(info.path);
  const absl::StatusOr<storage::Place> place = locations_.Find(uri);
  ThrowIfError(place.ok() ? absl::OkStatus() : CannotOpen(uri, place.status()));
  std::shared_ptr<TableScan> scan = ScanOf(info, opener);
  absl::StatusOr<std::shared_ptr<storage::ObjectReader>> reader =
      scan != nullptr ? scan->open_files.Open(*place, scan->environment.request.cancellation)
                      : OpenAlone(*place);
  ThrowIfError(reader.ok() ? CheckListed(info, (*reader)->info())
                           : CannotOpen(uri, reader.status()));
  return duckdb::make_uniq<StorageFile>(*this, info.path, flags, *std::move(reader),
                                        std::move(scan));
}

void StorageFileSystem::Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes,
                             duckdb::idx_t location) {
  auto& file = handle.Cast<StorageFile>();
  const absl::Status status =
      file.reader->Read(static_cast<int64_t>(location), bytes, static_cast<char*>(buffer));
  if (absl::IsOutOfRange(status)) {
    ThrowIfError(NamedError("HIVE_BAD_DATA",
                            absl::StrCat("File ", StorageUri(file.path),
                                         " is damaged: it ends before what its footer describes"),
                            absl::StatusCode::kDataLoss));
  }
  ThrowIfError(Annotate(status, absl::StrCat("Error reading ", StorageUri(file.path), ": ")));
  if (file.scan != nullptr) {
    file.scan->files.bytes_received += bytes;
  }
}

int64_t StorageFileSystem::Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes) {
  auto& file = handle.Cast<StorageFile>();
  const int64_t count = std::min(bytes, file.reader->info().size - file.position);
  Read(handle, buffer, count, static_cast<duckdb::idx_t>(file.position));
  file.position += count;
  return count;
}

int64_t StorageFileSystem::GetFileSize(duckdb::FileHandle& handle) {
  return handle.Cast<StorageFile>().reader->info().size;
}

duckdb::timestamp_t StorageFileSystem::GetLastModifiedTime(duckdb::FileHandle& handle) {
  return duckdb::timestamp_t(
      absl::ToUnixMicros(handle.Cast<StorageFile>().reader->info().modified));
}

duckdb::string StorageFileSystem::GetVersionTag(duckdb::FileHandle& handle) {
  return handle.Cast<StorageFile>().reader->info().etag;
}

bool StorageFileSystem::OnDiskFile(duckdb::FileHandle& handle) {
  return !handle.Cast<StorageFile>().reader->is_remote();
}

duckdb::FileType StorageFileSystem::GetFileType(duckdb::FileHandle& /*handle*/) {
  return duckdb::FileType::FILE_TYPE_REGULAR;
}

void StorageFileSystem::Seek(duckdb::FileHandle& handle, duckdb::idx_t location) {
  handle.Cast<StorageFile>().position = static_cast<int64_t>(location);
}

void StorageFileSystem::Reset(duckdb::FileHandle& handle) { Seek(handle, 0); }

duckdb::idx_t StorageFileSystem::SeekPosition(duckdb::FileHandle& handle) {
  return static_cast<duckdb::idx_t>(handle.Cast<StorageFile>().position);
}

}  // namespace pallas::engine
