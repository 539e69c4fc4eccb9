#ifndef PALLAS_STORAGE_LOCATIONS_H_
#define PALLAS_STORAGE_LOCATIONS_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "aws/credentials.h"
#include "storage/object_store.h"
#include "storage/s3_options.h"

namespace pallas::storage {

// An object or prefix: which store, and the key there.
struct Place {
  ObjectStore* store = nullptr;  // owned by Locations
  std::string key;
};

// Buckets that a real S3 service has.
struct S3Service {
  std::string name;  // for errors: "s3.main"
  // Names; one that ends in `*` stands for all that begin so.
  std::vector<std::string> buckets;
  S3Options options;
  std::string ca_file;                                    // PEM; empty: the system's authorities
  std::shared_ptr<aws::CredentialsProvider> credentials;  // null: requests are not signed
};

struct LocationOptions {
  // The local object store: s3://<bucket>/<key> lies in <objects_dir>/<bucket>/<key> (key_path.h
  // has the exceptions). Empty: s3:// is refused.
  std::string objects_dir;
  // Folders below which file:// URIs may lie, symbolic links resolved. Empty: file:// is refused.
  std::vector<std::string> local_roots;
  // A bucket belongs to the service that names it most exactly; one that none names is local.
  std::vector<S3Service> s3 = {};
};

// The place in `services` of the one that names `bucket` most exactly.
std::optional<size_t> FindService(const std::vector<S3Service>& services, std::string_view bucket);

// Which store serves which URI. Thread-safe; outlives what it hands out.
class Locations {
 public:
  static absl::StatusOr<std::unique_ptr<Locations>> Make(LocationOptions options);
  ~Locations();

  // `s3://bucket/key` (s3a:// and s3n:// too; the key may be empty, for listings) or
  // `file:///path`; percent signs stand for themselves. A bucket that is not there has no objects
  // and is made by the first that is written. INVALID_ARGUMENT for other schemes and malformed
  // URIs; PERMISSION_DENIED for a file outside of the roots, naming the setting that allows it.
  absl::StatusOr<Place> Find(std::string_view uri) const;

 private:
  struct Impl;
  explicit Locations(std::unique_ptr<Impl> impl);

  absl::StatusOr<Place> FindObject(std::string_view uri, std::string_view rest) const;
  absl::StatusOr<Place> FindFile(std::string_view uri, std::string_view rest) const;

  std::unique_ptr<Impl> impl_;
};

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_LOCATIONS_H_
