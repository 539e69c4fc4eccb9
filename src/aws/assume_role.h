#ifndef PALLAS_AWS_ASSUME_ROLE_H_
#define PALLAS_AWS_ASSUME_ROLE_H_

#include <memory>
#include <string>

#include "aws/credentials.h"
#include "aws/signed_client.h"
#include "base/clock.h"
#include "net/http_client.h"

namespace pallas::aws {

struct AssumeRoleOptions {
  std::string role_arn;
  std::string session_name = "pallas";  // what the account's logs show
  std::string external_id;              // empty: none
  absl::Duration duration = absl::Hours(1);
  std::string region;    // of the STS that is asked
  std::string endpoint;  // empty: AWS' own
  RetryOptions retry;
};

// The credentials of a role, which STS gives to who signs with those of `source`; got anew before
// they expire. `http` and `clock` outlive the provider.
std::shared_ptr<CredentialsProvider> AssumeRoleCredentials(
    AssumeRoleOptions options, std::shared_ptr<CredentialsProvider> source, net::HttpClient& http,
    Clock& clock);

}  // namespace pallas::aws

#endif  // PALLAS_AWS_ASSUME_ROLE_H_
