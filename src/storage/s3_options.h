#ifndef PALLAS_STORAGE_S3_OPTIONS_H_
#define PALLAS_STORAGE_S3_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "aws/signed_client.h"
#include "base/units.h"

namespace pallas::storage {

// An S3 service and how to speak to it.
struct S3Options {
  std::string endpoint;  // "http://127.0.0.1:9000"; empty: AWS' own in `region`
  std::string region = "us-east-1";
  // Bucket in the path (http://host/bucket/key) or in the name of the host. Unset: in the path
  // where an endpoint is set.
  std::optional<bool> path_style;
  aws::RetryOptions retry;
  // Of a multipart upload; S3 wants 5 MiB, and at most 10,000 parts of an object.
  int64_t part_bytes = 8 * kMiB;
};

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_S3_OPTIONS_H_
