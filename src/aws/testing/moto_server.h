#ifndef PALLAS_AWS_TESTING_MOTO_SERVER_H_
#define PALLAS_AWS_TESTING_MOTO_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "aws/credentials.h"

namespace pallas::aws {

// A moto server of its own (S3, STS), made by tools/servers/moto in a temporary folder. It checks
// signatures and permissions. Ended, with all its data, when destroyed.
class MotoServer {
 public:
  static absl::StatusOr<std::unique_ptr<MotoServer>> Start();
  ~MotoServer();

  const std::string& url() const { return url_; }

  // Keys of a user who may do everything in S3 and STS.
  const Credentials& owner() const { return owner_; }

  // Keys of a user who may only list and read the bucket `readable`, which exists.
  const Credentials& reader() const { return reader_; }

  absl::Status Kill();

 private:
  explicit MotoServer(std::string folder) : folder_(std::move(folder)) {}

  absl::Status Begin();

  const std::string folder_;
  std::string url_;
  Credentials owner_;
  Credentials reader_;
};

}  // namespace pallas::aws

#endif  // PALLAS_AWS_TESTING_MOTO_SERVER_H_
