#include "cli/s3_services.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sdk/secrets/secret_resolver.h"

namespace pallas::cli {
namespace {

constexpr char kDefaultRegion[] = "us-east-1";

// Keys behind references (${env:X}, ${file:X}), looked up anew when the service calls them expired.
class ReferencedKeys final : public aws::CredentialsProvider {
 public:
  explicit ReferencedKeys(S3Config config) : config_(std::move(config)) {}

  absl::StatusOr<aws::Credentials> Get(const Cancellation& /*cancellation*/,
                                       absl::Time /*deadline*/) override {
    aws::Credentials credentials;
    ASSIGN_OR_RETURN(credentials.access_key_id, Resolve("access_key", config_.access_key));
    ASSIGN_OR_RETURN(credentials.secret_access_key, Resolve("secret_key", config_.secret_key));
    ASSIGN_OR_RETURN(credentials.session_token, Resolve("session_token", config_.session_token));
    return credentials;
  }

 private:
  absl::StatusOr<std::string> Resolve(std::string_view key, const std::string& reference) const {
    absl::StatusOr<std::string> value = sdk::ResolveSecrets(reference, nullptr);
    return value.ok() ? value
                      : absl::StatusOr<std::string>(Annotate(
                            value.status(), absl::StrCat("s3.", config_.name, ".", key, ": ")));
  }

  const S3Config config_;
};

std::shared_ptr<aws::CredentialsProvider> CredentialsOf(const S3Config& config) {
  if (config.anonymous) {
    return nullptr;
  }
  if (!config.access_key.empty()) {
    return aws::CachedCredentials(std::make_shared<ReferencedKeys>(config), Clock::System());
  }
  return config.profile.empty() ? aws::DefaultCredentials()
                                : aws::ProfileCredentials(config.profile);
}

std::string RegionOf(const S3Config& config) {
  if (!config.region.empty()) {
    return config.region;
  }
  for (const char* const variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    // The process has one thread when this is called.
    if (const char* const region = std::getenv(variable); region != nullptr && *region != '\0') {
      return region;
    }
  }
  return kDefaultRegion;
}

}  // namespace

std::vector<storage::S3Service> MakeS3Services(const std::vector<S3Config>& configs) {
  std::vector<storage::S3Service> services;
  for (const S3Config& config : configs) {
    storage::S3Service service;
    service.name = absl::StrCat("s3.", config.name);
    service.buckets = config.buckets;
    service.options.endpoint = config.endpoint;
    service.options.region = RegionOf(config);
    service.options.path_style = config.path_style;
    service.ca_file = config.ca_file;
    service.credentials = CredentialsOf(config);
    services.push_back(std::move(service));
  }
  return services;
}

}  // namespace pallas::cli
