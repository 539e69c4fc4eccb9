#ifndef PALLAS_STORAGE_S3_CLIENT_H_
#define PALLAS_STORAGE_S3_CLIENT_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "aws/credentials.h"
#include "aws/signed_client.h"
#include "base/cancellation.h"
#include "base/clock.h"
#include "net/http_client.h"
#include "storage/s3_options.h"

namespace pallas::storage {

struct S3Request {
  std::string_view operation;  // "GetObject": for errors
  std::string_view method;
  std::string key = {};                           // empty: the bucket itself
  std::map<std::string, std::string> query = {};  // not encoded
  net::HttpHeaders headers = {};
  std::string body = {};
  std::function<absl::Status(const net::HttpResponse& response, std::string_view piece)> on_body =
      {};
};

// Requests to one bucket: addresses, signatures, repeats, the way to the bucket's region.
// Thread-safe.
class S3Client {
 public:
  // `http` and `clock` outlive the client. Without `credentials`, requests are not signed.
  S3Client(std::string bucket, S3Options options, net::HttpClient& http,
           std::shared_ptr<aws::CredentialsProvider> credentials, Clock& clock);

  // The answer, if its status is below 300. Errors name operation, bucket and key, with an
  // AwsError.
  absl::StatusOr<net::HttpResponse> Send(S3Request request, const aws::CallOptions& call);

  // "s3://bucket/key".
  std::string UriOf(std::string_view key) const;

  const S3Options& options() const { return options_; }

 private:
  // The bucket in the region where it is.
  struct Home {
    Home(std::string bucket_url, aws::SigningScope scope, net::HttpClient& http,
         std::shared_ptr<aws::CredentialsProvider> credentials, Clock& clock,
         const aws::RetryOptions& retry)
        : url(std::move(bucket_url)),
          client(std::move(scope), http, std::move(credentials), clock, aws::ReadXmlError, retry) {}

    const std::string url;  // without a slash at its end
    aws::SignedClient client;
  };

  std::shared_ptr<Home> HomeIn(const std::string& region) const;
  std::shared_ptr<Home> home() const;
  // Goes to the region that an error names. False: the error stands.
  bool Follow(const absl::Status& error, const Home& tried);
  std::string UrlOf(const Home& home, const S3Request& request) const;

  const std::string bucket_;
  const S3Options options_;
  net::HttpClient& http_;
  const std::shared_ptr<aws::CredentialsProvider> credentials_;
  Clock& clock_;
  mutable std::mutex mutex_;
  std::shared_ptr<Home> home_;  // under mutex_
};

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_S3_CLIENT_H_
