#ifndef PALLAS_AWS_SIGNATURE_H_
#define PALLAS_AWS_SIGNATURE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "aws/credentials.h"
#include "net/http_client.h"

namespace pallas::aws {

// What a signature is good for.
struct SigningScope {
  std::string service;  // "dynamodb", "s3", "sts"
  std::string region;
};

// Signs `request` (AWS Signature Version 4, in headers): adds Host, X-Amz-Date, Authorization, for
// S3 X-Amz-Content-Sha256 and, with a session token, X-Amz-Security-Token. The URL's path and query
// are percent-encoded already; nothing of the request may change afterwards.
absl::Status SignRequest(const SigningScope& scope, const Credentials& credentials, absl::Time now,
                         net::HttpRequest* request);

}  // namespace pallas::aws

#endif  // PALLAS_AWS_SIGNATURE_H_
