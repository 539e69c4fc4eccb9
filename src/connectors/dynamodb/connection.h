#ifndef PALLAS_CONNECTORS_DYNAMODB_CONNECTION_H_
#define PALLAS_CONNECTORS_DYNAMODB_CONNECTION_H_

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "aws/credentials.h"
#include "aws/json_client.h"
#include "base/clock.h"
#include "connectors/dynamodb/options.h"
#include "net/http_client.h"
#include "sdk/request_context.h"
#include "sdk/secrets/secret_resolver.h"

namespace pallas::dynamodb {

// Requests to the service, signed with the catalog's credentials, which are looked for at the first
// of them. All operations that are sent read, so that what failed by nobody's fault is sent again:
// a throttled request until the query's deadline, with the source's limiter told to slow down.
// Thread-safe. Errors say what to do; none holds a secret.
class Connection {
 public:
  // `secrets` may be null; it and `clock` outlive the connection. Contacts nobody.
  Connection(EndpointOptions options, sdk::SecretResolver* secrets, Clock& clock)
      : options_(std::move(options)), secrets_(secrets), clock_(clock) {}

  // The answer to `operation` ("Query"), as JSON. `subject` is the table that errors name, or
  // empty.
  absl::StatusOr<std::string> Call(const sdk::RequestContext& context, std::string_view operation,
                                   std::string body, std::string_view subject);

 private:
  absl::StatusOr<aws::JsonClient*> Client();
  absl::StatusOr<std::shared_ptr<aws::CredentialsProvider>> Credentials() const;
  absl::Status Explain(const absl::Status& status, std::string_view operation,
                       std::string_view subject) const;

  const EndpointOptions options_;
  sdk::SecretResolver* const secrets_;
  Clock& clock_;
  std::mutex mutex_;
  std::unique_ptr<net::HttpClient> http_;    // under mutex_ until made
  std::unique_ptr<aws::JsonClient> client_;  // likewise
};

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_CONNECTION_H_
