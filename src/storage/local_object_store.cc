#include "storage/local_object_store.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <random>
#include <sys/file.h>
#include <sys/stat.h>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <dirent.h>
#include <fcntl.h>

#include "base/status_macros.h"
#include "storage/key_path.h"

namespace pallas::storage {
namespace {

constexpr char kFileStagingPrefix[] = ".pallas-staging-";
constexpr mode_t kFileMode = 0666;    // the umask has the last word
constexpr mode_t kFolderMode = 0777;  // likewise
// How often a step that lost a race for a name is tried again before it is reported.
constexpr int kMaxAttempts = 16;

absl::Status ErrnoError(int error, std::string_view what, std::string_view uri) {
  const std::string message = absl::StrCat(what, " ", uri);
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(absl::StrCat("there is no object ", uri));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(absl::ErrnoToStatus(error, message).message());
    case ENAMETOOLONG:
    case ELOOP:
      return absl::InvalidArgumentError(absl::ErrnoToStatus(error, message).message());
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return absl::ResourceExhaustedError(absl::ErrnoToStatus(error, message).message());
    default:
      return absl::UnavailableError(absl::ErrnoToStatus(error, message).message());
  }
}

bool IsBelow(std::string_view path, std::string_view root) {
  return root == "/" || path == root ||
         (path.starts_with(root) && path.substr(root.size()).starts_with('/'));
}

absl::Time ModifiedAt(const struct stat& status) { return absl::TimeFromTimespec(status.st_mtim); }

ObjectInfo MakeInfo(const std::string& key, const struct stat& status) {
  ObjectInfo info;
  info.key = key;
  info.size = status.st_size;
  info.modified = ModifiedAt(status);
  info.etag = absl::StrCat(absl::Hex(status.st_ino), "-", absl::Hex(status.st_size), "-",
                           absl::Hex(absl::ToUnixNanos(info.modified)));
  return info;
}

// The folder of a path, with its last slash.
std::string_view ParentOf(std::string_view path) { return path.substr(0, path.rfind('/') + 1); }

std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string WithoutSlash(std::string_view folder) {
  return std::string(folder.size() > 1 ? folder.substr(0, folder.size() - 1) : folder);
}

absl::Status SyncFolder(const std::string& folder, const std::string& uri) {
  const FileDescriptor file(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.is_open() || fsync(file.number()) != 0) {
    return ErrnoError(errno, "cannot sync the folder of", uri);
  }
  return absl::OkStatus();
}

bool IsFolder(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool IsFile(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

std::string RandomName() {
  std::random_device random;
  return absl::StrCat(absl::Hex(random(), absl::kZeroPad8), absl::Hex(random(), absl::kZeroPad8),
                      absl::Hex(random(), absl::kZeroPad8));
}

// Removes from a staging folder what no living writer holds: writers lock their files.
void Sweep(const std::string& folder) {
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry(folder, ignored), end; entry != end;
       entry.increment(ignored)) {
    const std::string path = entry->path().string();
    if (IsFolder(path)) {
      // A folder that was about to take the place of an object; it holds at most a second name.
      std::filesystem::remove_all(path, ignored);
      continue;
    }
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.is_open() && flock(file.number(), LOCK_EX | LOCK_NB) == 0) {
      unlink(path.c_str());
    }
  }
}

class LocalReader final : public ObjectReader {
 public:
  LocalReader(FileDescriptor file, ObjectInfo info, std::string uri, timespec modified)
      : file_(std::move(file)), info_(std::move(info)), uri_(std::move(uri)), modified_(modified) {}

  const ObjectInfo& info() const override { return info_; }

  absl::Status Read(int64_t offset, int64_t length, char* out) override {
    if (offset < 0 || length < 0 || offset > info_.size || length > info_.size - offset) {
      return absl::OutOfRangeError(absl::StrCat("bytes ", offset, " to ", offset + length, " of ",
                                                uri_, ", which has ", info_.size));
    }
    while (length > 0) {
      const ssize_t count = pread(file_.number(), out, static_cast<size_t>(length), offset);
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        return ErrnoError(errno, "cannot read", uri_);
      }
      if (count == 0) {
        return Changed();
      }
      offset += count;
      length -= count;
      out += count;
    }
    return CheckUnchanged();
  }

 private:
  // A file that was replaced stays readable as it was: it is open. One that is written in place,
  // which only others do, is not.
  absl::Status CheckUnchanged() const {
    struct stat status = {};
    if (fstat(file_.number(), &status) != 0) {
      return ErrnoError(errno, "cannot read", uri_);
    }
    if (status.st_size != info_.size || status.st_mtim.tv_sec != modified_.tv_sec ||
        status.st_mtim.tv_nsec != modified_.tv_nsec) {
      return Changed();
    }
    return absl::OkStatus();
  }

  absl::Status Changed() const {
    return absl::AbortedError(absl::StrCat(uri_, " was changed while it was being read"));
  }

  const FileDescriptor file_;
  const ObjectInfo info_;
  const std::string uri_;
  const timespec modified_;
};

}  // namespace

class LocalObjectStore::Writer final : public ObjectWriter {
 public:
  Writer(LocalObjectStore& store, std::string key, std::string staged, FileDescriptor file)
      : store_(store), key_(std::move(key)), staged_(std::move(staged)), file_(std::move(file)) {}

  ~Writer() override {
    if (!published_) {
      unlink(staged_.c_str());
    }
  }

  absl::Status Write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = write(file_.number(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        return ErrnoError(errno, "cannot write", store_.UriOf(key_));
      }
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ObjectInfo> Finish() override {
    if (published_) {
      return absl::FailedPreconditionError(absl::StrCat(store_.UriOf(key_), " is finished"));
    }
    if (fsync(file_.number()) != 0) {
      return ErrnoError(errno, "cannot sync", store_.UriOf(key_));
    }
    ASSIGN_OR_RETURN(ObjectInfo info, store_.InfoOf(file_, key_));
    RETURN_IF_ERROR(store_.Publish(staged_, key_));
    published_ = true;
    return info;
  }

 private:
  LocalObjectStore& store_;
  const std::string key_;
  const std::string staged_;
  FileDescriptor file_;
  bool published_ = false;
};

// One walk over the folders that may hold keys of a prefix; of each folder on the way down it keeps
// the names.
class LocalObjectStore::Listing {
 public:
  Listing(const LocalObjectStore& store, const std::string& prefix, bool one_level,
          const std::function<bool(const FolderEntry&)>& sink)
      : store_(store), prefix_(prefix), one_level_(one_level), sink_(sink) {}

  // Visits `folder` (with its slash), in which keys start with `key`; false once the sink is done.
  absl::StatusOr<bool> Visit(const std::string& folder, const std::string& key) {
    ASSIGN_OR_RETURN(const std::vector<Entry> entries, Entries(folder, key));
    for (const Entry& entry : entries) {
      ASSIGN_OR_RETURN(const bool more, Step(folder, entry));
      if (!more) {
        return false;
      }
    }
    if (!above_.empty()) {
      above_.pop_back();
    }
    return true;
  }

 private:
  struct Entry {
    std::string key;  // of a file; what the keys in a folder start with
    std::string name;
    bool is_folder = false;
  };

  struct FolderId {
    dev_t device;
    ino_t number;

    bool operator==(const FolderId&) const = default;
  };

  absl::StatusOr<bool> Step(const std::string& folder, const Entry& entry) {
    if (!entry.is_folder) {
      return Deliver(folder + entry.name, entry.key);
    }
    if (one_level_ && entry.key.size() > prefix_.size() && entry.key.ends_with('/')) {
      return sink_(FolderEntry{entry.key, std::nullopt});
    }
    return Visit(absl::StrCat(folder, entry.name, "/"), entry.key);
  }

  absl::StatusOr<bool> Deliver(const std::string& path, const std::string& key) {
    struct stat status = {};
    if (stat(path.c_str(), &status) != 0) {
      // Deleted since its name was read, or a link to nothing.
      return errno == ENOENT || errno == ENOTDIR
                 ? absl::StatusOr<bool>(true)
                 : ErrnoError(errno, "cannot look at", store_.UriOf(key));
    }
    return S_ISREG(status.st_mode) ? sink_(FolderEntry{key, MakeInfo(key, status)}) : true;
  }

  // The names in a folder that may lead to keys of the prefix, in the order of those keys.
  absl::StatusOr<std::vector<Entry>> Entries(const std::string& folder, const std::string& key) {
    FileDescriptor file(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file.is_open()) {
      if (errno == ENOENT || errno == ENOTDIR) {
        above_.push_back({});
        return std::vector<Entry>{};
      }
      return ErrnoError(errno, "cannot list", store_.UriOf(key));
    }
    RETURN_IF_ERROR(store_.CheckOpened(file, key));
    RETURN_IF_ERROR(Enter(file, key));
    DIR* opened = fdopendir(dup(file.number()));
    if (opened == nullptr) {
      return ErrnoError(errno, "cannot list", store_.UriOf(key));
    }
    const absl::Cleanup close = [opened] { closedir(opened); };
    std::vector<Entry> entries;
    while (true) {
      errno = 0;
      const dirent* found = readdir(opened);  // NOLINT(concurrency-mt-unsafe): a stream of our own
      if (found == nullptr) {
        break;
      }
      RETURN_IF_ERROR(AddEntry(folder, key, *found, entries));
    }
    if (errno != 0) {
      return ErrnoError(errno, "cannot list", store_.UriOf(key));
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.key < b.key; });
    return entries;
  }

  // Notes the folder as one of those that the walk is in; an error if it is already.
  absl::Status Enter(const FileDescriptor& folder, const std::string& key) {
    struct stat status = {};
    if (fstat(folder.number(), &status) != 0) {
      return ErrnoError(errno, "cannot list", store_.UriOf(key));
    }
    const FolderId id{status.st_dev, status.st_ino};
    if (std::find(above_.begin(), above_.end(), id) != above_.end()) {
      return absl::FailedPreconditionError(
          absl::StrCat(store_.UriOf(key), " is a symbolic link to a folder that it lies in"));
    }
    above_.push_back(id);
    return absl::OkStatus();
  }

  absl::Status AddEntry(const std::string& folder, const std::string& key, const dirent& found,
                        std::vector<Entry>& entries) {
    const std::string name(static_cast<const char*>(found.d_name));
    if (name == "." || name == ".." || IsOurs(folder, name)) {
      return absl::OkStatus();
    }
    const bool is_folder =
        found.d_type == DT_DIR ||
        ((found.d_type == DT_LNK || found.d_type == DT_UNKNOWN) && IsFolder(folder + name));
    std::optional<std::string> suffix = absl::StrCat(name, is_folder ? "/" : "");
    if (store_.is_bucket()) {
      suffix = DecodeName(name, is_folder);
    }
    if (!suffix || (store_.is_bucket() && !CheckKey(key + *suffix).ok())) {
      return absl::FailedPreconditionError(
          absl::StrCat("the file ", folder, name, " has a name that no object can have"));
    }
    std::string entry_key = key + *suffix;
    if (is_folder && store_.is_bucket() && entry_key.ends_with('/')) {
      const std::string self = absl::StrCat(name, "/", kSelfName);
      const std::string self_key = entry_key.substr(0, entry_key.size() - 1);
      if (self_key.starts_with(prefix_) && IsFile(folder + self)) {
        entries.push_back({self_key, self, false});
      }
    }
    if (entry_key.starts_with(prefix_) ||
        (is_folder && std::string_view(prefix_).starts_with(entry_key))) {
      entries.push_back({std::move(entry_key), name, is_folder});
    }
    return absl::OkStatus();
  }

  bool IsOurs(const std::string& folder, const std::string& name) const {
    if (!store_.is_bucket()) {
      return name.starts_with(kFileStagingPrefix);
    }
    return name == kSelfName || (name == kStagingName && folder == store_.folder_);
  }

  const LocalObjectStore& store_;
  const std::string& prefix_;
  const bool one_level_;
  const std::function<bool(const FolderEntry&)>& sink_;
  std::vector<FolderId> above_;
};

std::unique_ptr<LocalObjectStore> LocalObjectStore::OfBucket(const std::string& name,
                                                             std::string folder) {
  std::unique_ptr<LocalObjectStore> store(new LocalObjectStore());
  store->uri_prefix_ = absl::StrCat("s3://", name, "/");
  store->folder_ = folder.ends_with('/') ? std::move(folder) : folder + "/";
  return store;
}

std::unique_ptr<LocalObjectStore> LocalObjectStore::OfFiles(std::vector<std::string> roots) {
  std::unique_ptr<LocalObjectStore> store(new LocalObjectStore());
  store->uri_prefix_ = "file:///";
  store->folder_ = "/";
  store->roots_ = std::move(roots);
  return store;
}

LocalObjectStore::~LocalObjectStore() = default;

absl::Status LocalObjectStore::CheckPath(const std::string& path) const {
  if (is_bucket()) {
    return absl::OkStatus();
  }
  std::error_code error;
  const std::filesystem::path resolved = std::filesystem::weakly_canonical(path, error);
  const bool allowed = !error && std::any_of(roots_.begin(), roots_.end(), [&](const auto& root) {
    return IsBelow(WithoutSlash(resolved.string() + "/"), root);
  });
  return allowed
             ? absl::OkStatus()
             : absl::PermissionDeniedError(absl::StrCat(
                   "file://", path, " is outside of the folders that local_roots of [lake] lists"));
}

absl::Status LocalObjectStore::CheckName(const std::string& key) const {
  if (is_bucket()) {
    return CheckKey(key);
  }
  for (std::string_view rest = key;;) {
    const size_t slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string_view::npos) {
      return absl::InvalidArgumentError(absl::StrCat("file:///", key, " names no file"));
    }
    if (slash == std::string_view::npos) {
      return absl::OkStatus();
    }
    rest.remove_prefix(slash + 1);
  }
}

std::string LocalObjectStore::PathOf(const std::string& key) const {
  return folder_ + (is_bucket() ? EncodeKey(key) : key);
}

absl::Status LocalObjectStore::CheckOpened(const FileDescriptor& file,
                                           const std::string& key) const {
  if (is_bucket()) {
    return absl::OkStatus();
  }
  // What was opened, however the path led there.
  std::string target(PATH_MAX, '\0');
  const ssize_t length =
      readlink(absl::StrCat("/proc/self/fd/", file.number()).c_str(), target.data(), target.size());
  if (length < 0) {
    return ErrnoError(errno, "cannot resolve", UriOf(key));
  }
  target.resize(static_cast<size_t>(length));
  for (const std::string& root : roots_) {
    if (IsBelow(target, root)) {
      return absl::OkStatus();
    }
  }
  return absl::PermissionDeniedError(
      absl::StrCat(UriOf(key), " lies outside of the folders that local_roots of [lake] lists"));
}

absl::StatusOr<FileDescriptor> LocalObjectStore::OpenFile(const std::string& key) const {
  RETURN_IF_ERROR(CheckName(key));
  // O_NONBLOCK: to open a named pipe must not wait.
  constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  const std::string path = PathOf(key);
  FileDescriptor file(open(path.c_str(), kFlags));
  if (file.is_open() && is_bucket()) {
    struct stat status = {};
    if (fstat(file.number(), &status) == 0 && S_ISDIR(status.st_mode)) {
      file = FileDescriptor(open(absl::StrCat(path, "/", kSelfName).c_str(), kFlags));
    }
  }
  if (!file.is_open()) {
    return ErrnoError(errno, "cannot open", UriOf(key));
  }
  RETURN_IF_ERROR(CheckOpened(file, key));
  return file;
}

absl::StatusOr<ObjectInfo> LocalObjectStore::InfoOf(const FileDescriptor& file,
                                                    const std::string& key) const {
  struct stat status = {};
  if (fstat(file.number(), &status) != 0) {
    return ErrnoError(errno, "cannot look at", UriOf(key));
  }
  if (!S_ISREG(status.st_mode)) {
    return absl::NotFoundError(absl::StrCat("there is no object ", UriOf(key)));
  }
  return MakeInfo(key, status);
}

absl::StatusOr<ObjectInfo> LocalObjectStore::Head(const std::string& key) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenFile(key));
  return InfoOf(file, key);
}

absl::StatusOr<std::unique_ptr<ObjectReader>> LocalObjectStore::Open(
    const std::string& key, const Cancellation& /*cancellation*/) {
  ASSIGN_OR_RETURN(FileDescriptor file, OpenFile(key));
  ASSIGN_OR_RETURN(ObjectInfo info, InfoOf(file, key));
  const timespec modified = absl::ToTimespec(info.modified);
  return std::make_unique<LocalReader>(std::move(file), std::move(info), UriOf(key), modified);
}

absl::Status LocalObjectStore::TurnIntoFolder(const std::string& path, const std::string& key) {
  ASSIGN_OR_RETURN(const std::string staging, StagingFolder(path, key));
  const std::string made = staging + RandomName();
  const std::string self = absl::StrCat(made, "/", kSelfName);
  if (mkdir(made.c_str(), kFolderMode) != 0 || link(path.c_str(), self.c_str()) != 0) {
    return ErrnoError(errno, "cannot make a folder for", UriOf(key));
  }
  RETURN_IF_ERROR(SyncFolder(made, UriOf(key)));
  // The object is there under its key at every instant, before by its name and then inside.
  if (renameat2(AT_FDCWD, made.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) != 0) {
    const int error = errno;
    unlink(self.c_str());
    rmdir(made.c_str());
    return ErrnoError(error, "cannot make a folder for", UriOf(key));
  }
  unlink(made.c_str());
  return SyncFolder(std::string(ParentOf(path)), UriOf(key));
}

absl::StatusOr<std::string> LocalObjectStore::MakeFolders(const std::string& path,
                                                          const std::string& key) {
  std::string parent(ParentOf(path));
  if (IsFolder(parent)) {
    return parent;
  }
  for (size_t slash = parent.find('/', 1); slash != std::string::npos;
       slash = parent.find('/', slash + 1)) {
    const std::string folder = parent.substr(0, slash);
    if (mkdir(folder.c_str(), kFolderMode) == 0) {
      RETURN_IF_ERROR(SyncFolder(std::string(ParentOf(folder)), UriOf(key)));
    } else if (errno != EEXIST) {
      return ErrnoError(errno, "cannot make a folder for", UriOf(key));
    } else if (!IsFolder(folder)) {
      if (!is_bucket() || folder.size() < folder_.size()) {
        return absl::FailedPreconditionError(
            absl::StrCat("cannot write ", UriOf(key), ": ", folder, " is not a folder"));
      }
      RETURN_IF_ERROR(TurnIntoFolder(folder, key));
    }
  }
  return parent;
}

absl::StatusOr<std::string> LocalObjectStore::StagingFolder(const std::string& path,
                                                            const std::string& key) {
  if (!is_bucket()) {
    return MakeFolders(path, key);
  }
  ASSIGN_OR_RETURN(std::string folder, MakeFolders(absl::StrCat(folder_, kStagingName, "/x"), key));
  if (!swept_) {
    Sweep(folder);
    swept_ = true;
  }
  return folder;
}

absl::StatusOr<std::unique_ptr<ObjectWriter>> LocalObjectStore::Create(const std::string& key) {
  RETURN_IF_ERROR(CheckName(key));
  const std::string path = PathOf(key);
  RETURN_IF_ERROR(CheckPath(path));
  const std::lock_guard lock(names_mutex_);
  ASSIGN_OR_RETURN(const std::string folder, StagingFolder(path, key));
  const FileDescriptor folder_file(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder_file.is_open()) {
    return ErrnoError(errno, "cannot write", UriOf(key));
  }
  RETURN_IF_ERROR(CheckOpened(folder_file, key));
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const std::string name = absl::StrCat(is_bucket() ? "" : kFileStagingPrefix, RandomName());
    FileDescriptor file(openat(folder_file.number(), name.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kFileMode));
    if (!file.is_open()) {
      return ErrnoError(errno, "cannot write", UriOf(key));
    }
    struct stat status = {};
    // A sweep of another process may have taken the file before it was locked.
    if (flock(file.number(), LOCK_EX | LOCK_NB) == 0 && fstat(file.number(), &status) == 0 &&
        status.st_nlink > 0) {
      return std::make_unique<Writer>(*this, key, folder + name, std::move(file));
    }
  }
  return absl::UnavailableError(absl::StrCat("cannot write ", UriOf(key)));
}

absl::Status LocalObjectStore::Publish(const std::string& staged, const std::string& key) {
  const std::string path = PathOf(key);
  std::string parent;
  {
    const std::lock_guard lock(names_mutex_);
    ASSIGN_OR_RETURN(parent, MakeFolders(path, key));
    const FileDescriptor folder(open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open()) {
      return ErrnoError(errno, "cannot write", UriOf(key));
    }
    RETURN_IF_ERROR(CheckOpened(folder, key));
    const std::string name(NameOf(path));
    int result = renameat(AT_FDCWD, staged.c_str(), folder.number(), name.c_str());
    if (result != 0 && errno == EISDIR && is_bucket()) {
      result = rename(staged.c_str(), absl::StrCat(path, "/", kSelfName).c_str());
      parent = path + "/";
    }
    if (result != 0) {
      return errno == EISDIR ? absl::FailedPreconditionError(
                                   absl::StrCat("cannot write ", UriOf(key), ": it is a folder"))
                             : ErrnoError(errno, "cannot write", UriOf(key));
    }
  }
  return SyncFolder(parent, UriOf(key));
}

absl::Status LocalObjectStore::Delete(const std::string& key) {
  RETURN_IF_ERROR(CheckName(key));
  std::string path = PathOf(key);
  RETURN_IF_ERROR(CheckPath(path));
  const std::lock_guard lock(names_mutex_);
  if (is_bucket() && IsFolder(path)) {
    absl::StrAppend(&path, "/", kSelfName);
  }
  std::string parent(ParentOf(path));
  const FileDescriptor folder(open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) {
    return errno == ENOENT || errno == ENOTDIR ? absl::OkStatus()
                                               : ErrnoError(errno, "cannot delete", UriOf(key));
  }
  RETURN_IF_ERROR(CheckOpened(folder, key));
  if (unlinkat(folder.number(), std::string(NameOf(path)).c_str(), 0) != 0) {
    return errno == ENOENT ? absl::OkStatus() : ErrnoError(errno, "cannot delete", UriOf(key));
  }
  // A bucket has no empty folders, as S3 has none; other folders belong to their owner.
  while (is_bucket() && parent.size() > folder_.size() && rmdir(parent.c_str()) == 0) {
    parent = std::string(ParentOf(WithoutSlash(parent)));
  }
  return SyncFolder(parent, UriOf(key));
}

absl::Status LocalObjectStore::List(const std::string& prefix,
                                    const std::function<bool(const ObjectInfo&)>& sink) {
  return Walk(prefix, false, [&](const FolderEntry& entry) { return sink(*entry.object); });
}

absl::Status LocalObjectStore::ListFolder(const std::string& prefix,
                                          const std::function<bool(const FolderEntry&)>& sink) {
  return Walk(prefix, true, sink);
}

absl::Status LocalObjectStore::Walk(const std::string& prefix, bool one_level,
                                    const std::function<bool(const FolderEntry&)>& sink) {
  const std::string start(ParentOf(prefix));
  if (!is_bucket() && !start.empty()) {
    RETURN_IF_ERROR(CheckName(WithoutSlash(start)));
  }
  const std::string folder = folder_ + (is_bucket() ? EncodeFolder(start) : start);
  RETURN_IF_ERROR(CheckPath(folder));
  return Listing(*this, prefix, one_level, sink).Visit(folder, start).status();
}

}  // namespace pallas::storage
