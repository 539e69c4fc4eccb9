#ifndef PALLAS_AWS_CREDENTIALS_H_
#define PALLAS_AWS_CREDENTIALS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "base/cancellation.h"
#include "base/clock.h"

namespace pallas::aws {

// What requests are signed with. Secret: never printed, logged or put into an error.
struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // empty for the keys of a user
  absl::Time expiration = absl::InfiniteFuture();
};

// Where credentials come from. Thread-safe; shared by the clients that use it.
class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;

  // Credentials that hold for now. May wait for the network or another thread that asks; until
  // `cancellation` or `deadline` at the longest. UNAUTHENTICATED, saying where was looked, if there
  // are none.
  virtual absl::StatusOr<Credentials> Get(const Cancellation& cancellation,
                                          absl::Time deadline) = 0;

  // A service has refused this key as expired: the next Get() looks anew.
  virtual void Forget(const std::string& /*access_key_id*/) {}
};

std::shared_ptr<CredentialsProvider> StaticCredentials(Credentials credentials);

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
std::shared_ptr<CredentialsProvider> EnvironmentCredentials();

// A profile of the shared files (~/.aws/config, ~/.aws/credentials, or where AWS_CONFIG_FILE and
// AWS_SHARED_CREDENTIALS_FILE point), which may assume a role. Empty: AWS_PROFILE, else `default`.
std::shared_ptr<CredentialsProvider> ProfileCredentials(const std::string& profile);

// What AWS' own tools do: environment, profile, web identity, container, instance metadata (unless
// AWS_EC2_METADATA_DISABLED is `true`). A machine where no metadata service answers costs a few
// seconds once, then the failure is remembered for a while.
std::shared_ptr<CredentialsProvider> DefaultCredentials();

struct CachingOptions {
  absl::Duration refresh_before = absl::Minutes(5);     // the credentials expire
  absl::Duration max_age = absl::Minutes(15);           // of those that do not
  absl::Duration remember_failure = absl::Seconds(10);  // before `source` is asked again
};

// Keeps what `source` gives. One thread at a time asks; while the old credentials hold, a failure
// to get new ones is no error.
std::shared_ptr<CredentialsProvider> CachedCredentials(std::shared_ptr<CredentialsProvider> source,
                                                       Clock& clock, CachingOptions options = {});

}  // namespace pallas::aws

#endif  // PALLAS_AWS_CREDENTIALS_H_
