#include "storage/locations.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "base/clock.h"
#include "base/status_macros.h"
#include "base/thread_pool.h"
#include "net/http_client.h"
#include "storage/local_object_store.h"
#include "storage/s3_client.h"
#include "storage/s3_object_store.h"

namespace pallas::storage {
namespace {

constexpr size_t kMaxBucketBytes = 255;
// Threads that fetch ahead, and that send parts of objects (decision D17).
constexpr int kReaders = 8;
constexpr int kUploaders = 2;

bool IsBucketName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxBucketBytes &&
         absl::ascii_isalnum(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' ||
                  c == '_';
         });
}

// The path of a file URI without its first slash: one slash for many, no `.`; nullopt if it has
// `..`, whose meaning depends on symbolic links.
std::optional<std::string> CleanPath(std::string_view path) {
  std::string clean;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    if (part == "..") {
      return std::nullopt;
    }
    if (!part.empty() && part != ".") {
      absl::StrAppend(&clean, part, slash == std::string_view::npos ? "" : "/");
    }
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return clean;
}

absl::Status CheckServices(const std::vector<S3Service>& services) {
  std::map<std::string_view, std::string_view> owners;
  for (const S3Service& service : services) {
    const std::string& endpoint = service.options.endpoint;
    if (!endpoint.empty() && !absl::StartsWith(endpoint, "http://") &&
        !absl::StartsWith(endpoint, "https://")) {
      return absl::InvalidArgumentError(absl::StrCat(service.name, ": the endpoint '", endpoint,
                                                     "' is not http://host:port or https://host"));
    }
    if (service.buckets.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          service.name, " names no buckets; add for example buckets = [\"sales\", \"raw-*\"]"));
    }
    for (const std::string& bucket : service.buckets) {
      const auto [owner, added] = owners.emplace(bucket, service.name);
      if (!added) {
        return absl::InvalidArgumentError(absl::StrCat("the bucket '", bucket, "' is named by ",
                                                       owner->second, " and by ", service.name));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<size_t> FindService(const std::vector<S3Service>& services, std::string_view bucket) {
  std::optional<size_t> best;
  size_t best_length = 0;
  for (size_t i = 0; i < services.size(); ++i) {
    for (const std::string& pattern : services[i].buckets) {
      const bool is_prefix = absl::EndsWith(pattern, "*");
      const std::string_view prefix(pattern.data(), pattern.size() - (is_prefix ? 1 : 0));
      // A whole name counts for more than any beginning.
      const size_t length = is_prefix ? pattern.size() : kMaxBucketBytes + 2;
      if ((is_prefix ? absl::StartsWith(bucket, prefix) : bucket == prefix) &&
          length > best_length) {
        best = i;
        best_length = length;
      }
    }
  }
  return best;
}

struct Locations::Impl {
  LocationOptions options;
  std::unique_ptr<LocalObjectStore> files;                // null: file:// is refused
  std::vector<std::unique_ptr<net::HttpClient>> clients;  // one for each of options.s3
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<ObjectStore>, std::less<>> buckets;  // under mutex
  // Last, because they go first: what they still do uses the clients.
  ThreadPool readers{kReaders};
  ThreadPool uploaders{kUploaders};

  std::unique_ptr<ObjectStore> MakeBucket(const std::string& name);
};

std::unique_ptr<ObjectStore> Locations::Impl::MakeBucket(const std::string& name) {
  if (const std::optional<size_t> index = FindService(options.s3, name)) {
    const S3Service& service = options.s3[*index];
    return std::make_unique<S3ObjectStore>(
        std::make_shared<S3Client>(name, service.options, *clients[*index], service.credentials,
                                   Clock::System()),
        readers, uploaders);
  }
  return options.objects_dir.empty()
             ? nullptr
             : LocalObjectStore::OfBucket(name, absl::StrCat(options.objects_dir, "/", name, "/"));
}

Locations::Locations(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Locations::~Locations() = default;

absl::StatusOr<std::unique_ptr<Locations>> Locations::Make(LocationOptions options) {
  auto impl = std::make_unique<Impl>();
  std::vector<std::string> roots;
  for (const std::string& root : options.local_roots) {
    std::error_code error;
    const std::filesystem::path resolved = std::filesystem::canonical(root, error);
    if (error || !std::filesystem::is_directory(resolved, error)) {
      return absl::InvalidArgumentError(
          absl::StrCat("local_roots of [lake]: there is no folder '", root, "'"));
    }
    roots.push_back(resolved.string());
  }
  if (!roots.empty()) {
    impl->files = LocalObjectStore::OfFiles(std::move(roots));
  }
  if (!options.objects_dir.empty()) {
    std::error_code error;
    options.objects_dir = std::filesystem::absolute(options.objects_dir, error).string();
  }
  RETURN_IF_ERROR(CheckServices(options.s3));
  for (const S3Service& service : options.s3) {
    net::HttpClientOptions http;
    http.tls.ca_file = service.ca_file;
    ASSIGN_OR_RETURN(std::unique_ptr<net::HttpClient> client, net::HttpClient::Make(http));
    impl->clients.push_back(std::move(client));
  }
  impl->options = std::move(options);
  return std::unique_ptr<Locations>(new Locations(std::move(impl)));
}

absl::StatusOr<Place> Locations::Find(std::string_view uri) const {
  const size_t colon = uri.find(':');
  const std::string_view scheme = colon == std::string_view::npos ? "" : uri.substr(0, colon);
  const std::string_view rest = colon == std::string_view::npos ? uri : uri.substr(colon + 1);
  if (scheme == "s3" || scheme == "s3a" || scheme == "s3n") {
    return FindObject(uri, rest);
  }
  if (scheme == "file") {
    return FindFile(uri, rest);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("a location is s3://bucket/key or file:///path, not '", uri, "'"));
}

absl::StatusOr<Place> Locations::FindObject(std::string_view uri, std::string_view rest) const {
  if (!absl::ConsumePrefix(&rest, "//")) {
    return absl::InvalidArgumentError(absl::StrCat("'", uri, "' is not s3://bucket/key"));
  }
  const std::string_view bucket = rest.substr(0, rest.find('/'));
  if (!IsBucketName(bucket)) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", uri, "': '", bucket, "' cannot be the name of a bucket"));
  }
  rest.remove_prefix(std::min(rest.size(), bucket.size() + 1));
  const std::lock_guard lock(impl_->mutex);
  auto found = impl_->buckets.find(bucket);
  if (found == impl_->buckets.end()) {
    std::unique_ptr<ObjectStore> store = impl_->MakeBucket(std::string(bucket));
    if (store == nullptr) {
      return absl::PermissionDeniedError(
          absl::StrCat("there is no object store for '", uri, "': a data folder (--data) has one"));
    }
    found = impl_->buckets.emplace(bucket, std::move(store)).first;
  }
  return Place{found->second.get(), std::string(rest)};
}

absl::StatusOr<Place> Locations::FindFile(std::string_view uri, std::string_view rest) const {
  absl::ConsumePrefix(&rest, "//");
  const std::optional<std::string> path =
      rest.starts_with('/') && rest.find('\0') == std::string_view::npos ? CleanPath(rest)
                                                                         : std::nullopt;
  if (!path) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", uri, "' is not file:///path, an absolute path without '..'"));
  }
  if (impl_->files == nullptr) {
    return absl::PermissionDeniedError(absl::StrCat(
        "'", uri, "' is refused: local_roots of [lake] lists no folder for file locations"));
  }
  RETURN_IF_ERROR(impl_->files->CheckPath("/" + *path));
  return Place{impl_->files.get(), *path};
}

}  // namespace pallas::storage
