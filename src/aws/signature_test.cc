#include "aws/signature.h"

#include <string>

#include <gtest/gtest.h>

namespace pallas::aws {
namespace {

std::string SignatureOf(const net::HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (name == "Authorization") {
      return value.substr(value.rfind('=') + 1);
    }
  }
  return "";
}

std::string HeaderOf(const net::HttpRequest& request, const std::string& name) {
  for (const auto& [header, value] : request.headers) {
    if (header == name) {
      return value;
    }
  }
  return "";
}

// The examples of "Authenticating Requests (AWS Signature Version 4)" in the S3 API reference.
struct Example {
  std::string name;
  net::HttpRequest request;
  std::string signature;
};

class S3Example : public testing::TestWithParam<Example> {};

TEST_P(S3Example, IsSignedAsPublished) {
  const Credentials credentials{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                                .secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                                .session_token = ""};
  net::HttpRequest request = GetParam().request;
  ASSERT_TRUE(
      SignRequest({"s3", "us-east-1"}, credentials,
                  absl::FromCivil(absl::CivilSecond(2013, 5, 24, 0, 0, 0), absl::UTCTimeZone()),
                  &request)
          .ok());
  EXPECT_EQ(SignatureOf(request), GetParam().signature);
  EXPECT_EQ(HeaderOf(request, "Host"), "examplebucket.s3.amazonaws.com");
  EXPECT_EQ(HeaderOf(request, "X-Amz-Date"), "20130524T000000Z");
}

constexpr char kBucket[] = "https://examplebucket.s3.amazonaws.com";

INSTANTIATE_TEST_SUITE_P(
    Published, S3Example,
    testing::Values(Example{"GetObject",
                            {.method = "GET",
                             .url = std::string(kBucket) + "/test.txt",
                             .headers = {{"Range", "bytes=0-9"}},
                             .body = "",
                             .on_body = nullptr},
                            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
                    Example{"PutObject",
                            {.method = "PUT",
                             .url = std::string(kBucket) + "/test%24file.text",
                             .headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                                         {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                             .body = "Welcome to Amazon S3.",
                             .on_body = nullptr},
                            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
                    Example{"GetBucketLifecycle",
                            {.method = "GET",
                             .url = std::string(kBucket) + "/?lifecycle",
                             .headers = {},
                             .body = "",
                             .on_body = nullptr},
                            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
                    Example{"ListObjects",
                            {.method = "GET",
                             .url = std::string(kBucket) + "/?max-keys=2&prefix=J",
                             .headers = {},
                             .body = "",
                             .on_body = nullptr},
                            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"}),
    [](const auto& example) { return example.param.name; });

// The worked example of the Signature Version 4 signing process in the AWS general reference.
TEST(SignRequest, SignsAnIamRequestAsPublished) {
  const Credentials credentials{.access_key_id = "AKIDEXAMPLE",
                                .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                                .session_token = ""};
  net::HttpRequest request{
      .method = "GET",
      .url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
      .headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}},
      .body = "",
      .on_body = nullptr};
  ASSERT_TRUE(
      SignRequest({"iam", "us-east-1"}, credentials,
                  absl::FromCivil(absl::CivilSecond(2015, 8, 30, 12, 36, 0), absl::UTCTimeZone()),
                  &request)
          .ok());
  EXPECT_EQ(SignatureOf(request),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(SignRequest, SendsTheSessionTokenAndThePortThatIsNotTheSchemes) {
  const Credentials credentials{
      .access_key_id = "AKID", .secret_access_key = "secret", .session_token = "token"};
  net::HttpRequest request{.method = "POST",
                           .url = "http://127.0.0.1:8000/",
                           .headers = {{"X-Amz-Target", "DynamoDB_20120810.ListTables"}},
                           .body = "{}",
                           .on_body = nullptr};
  ASSERT_TRUE(SignRequest({"dynamodb", "eu-west-1"}, credentials, absl::Now(), &request).ok());
  EXPECT_EQ(HeaderOf(request, "Host"), "127.0.0.1:8000");
  EXPECT_EQ(HeaderOf(request, "X-Amz-Security-Token"), "token");
  EXPECT_NE(HeaderOf(request, "Authorization")
                .find("SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target"),
            std::string::npos);
  EXPECT_EQ(HeaderOf(request, "Authorization").find("secret,"), std::string::npos);
}

TEST(SignRequest, RefusesWhatIsNoUrl) {
  net::HttpRequest request{
      .method = "GET", .url = "nowhere", .headers = {}, .body = "", .on_body = nullptr};
  EXPECT_EQ(SignRequest({"s3", "r"}, {}, absl::Now(), &request).code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace pallas::aws
