#ifndef PALLAS_FEDERATION_LAMBDA_CLIENT_H_
#define PALLAS_FEDERATION_LAMBDA_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "aws/credentials.h"
#include "aws/signed_client.h"
#include "base/clock.h"
#include "federation/remote_connector.h"
#include "net/http_client.h"

namespace pallas::federation {

struct LambdaClientOptions {
  std::string region;    // "us-east-1"
  std::string endpoint;  // "http://127.0.0.1:9001"; empty: AWS' own of the region
  aws::RetryOptions retry;
};

// Invokes functions by Lambda's own API (protocol section 2.1), signed. A function is named by
// name, partial or full ARN; a version or alias stands behind the name's last colon. What may have
// reached a function is not sent again: two reads of one split would write the same objects.
// Thread-safe.
class LambdaClient final : public LambdaInvoker {
 public:
  // `http` and `clock` outlive the client. Without `credentials`, requests are not signed.
  static absl::StatusOr<std::unique_ptr<LambdaClient>> Make(
      LambdaClientOptions options, net::HttpClient& http,
      std::shared_ptr<aws::CredentialsProvider> credentials, Clock& clock);

  absl::StatusOr<sdk::protocol::Invocation> Invoke(const sdk::RequestContext& context,
                                                   const std::string& function,
                                                   const std::string& payload) override;

 private:
  LambdaClient(LambdaClientOptions options, std::string endpoint, net::HttpClient& http,
               std::shared_ptr<aws::CredentialsProvider> credentials, Clock& clock);

  const std::string endpoint_;
  aws::SignedClient client_;
};

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_LAMBDA_CLIENT_H_
