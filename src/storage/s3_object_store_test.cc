// What S3 alone does: refusals, repeats, redirects, servers that die. The promises of all stores
// are in object_store_test.cc.

#include "storage/s3_object_store.h"

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/testing/moto_server.h"
#include "net/testing/test_server.h"
#include "storage/testing/store_calls.h"

namespace pallas::storage {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr int64_t kObjectBytes = 1'000'000;

aws::Credentials TestKeys() {
  return {.access_key_id = "AKIDTEST", .secret_access_key = "test-secret", .session_token = ""};
}

class S3Test : public testing::Test {
 protected:
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

  static S3Options Options(const std::string& endpoint) {
    S3Options options;
    options.endpoint = endpoint;
    options.retry.max_attempts = 3;
    options.retry.first_delay = absl::Microseconds(10);
    options.retry.max_delay = absl::Microseconds(100);
    return options;
  }

  std::shared_ptr<S3Client> Client(const std::string& bucket, const S3Options& options,
                                   const aws::Credentials& keys) {
    return std::make_shared<S3Client>(bucket, options, *http_, aws::StaticCredentials(keys),
                                      Clock::System());
  }

  std::unique_ptr<S3ObjectStore> Store(const std::string& bucket, const S3Options& options,
                                       const aws::Credentials& keys) {
    return std::make_unique<S3ObjectStore>(Client(bucket, options, keys), readers_, uploaders_);
  }

  std::unique_ptr<net::HttpClient> http_ = *net::HttpClient::Make({});
  ThreadPool readers_{4};
  ThreadPool uploaders_{2};
};

// ---- A real server ----

class MotoTest : public S3Test {
 protected:
  static void SetUpTestSuite() {
    S3Test::SetUpTestSuite();
    auto started = aws::MotoServer::Start();
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
  }

  static void TearDownTestSuite() { server_.reset(); }

  std::unique_ptr<S3ObjectStore> Store(const std::string& bucket, const aws::Credentials& keys) {
    return S3Test::Store(bucket, Options(server_->url()), keys);
  }

  static std::unique_ptr<aws::MotoServer> server_;
};

std::unique_ptr<aws::MotoServer> MotoTest::server_;

TEST_F(MotoTest, WrongKeysAreRefused) {
  aws::Credentials wrong_key = server_->owner();
  wrong_key.access_key_id = "AKIANOBODY";
  aws::Credentials wrong_secret = server_->owner();
  wrong_secret.secret_access_key = "wrong-secret";
  for (const aws::Credentials& keys : {wrong_key, wrong_secret}) {
    const auto store = Store("readable", keys);
    for (const absl::Status& status : {store->Open("x").status(), Put(*store, "x", "1"),
                                       store->List("", [](const ObjectInfo&) { return true; })}) {
      EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated) << status;
      EXPECT_THAT(status.message(), HasSubstr("s3://readable/"));
      EXPECT_THAT(status.message(), HasSubstr("the access key or its secret is wrong"));
      EXPECT_THAT(status.message(), Not(HasSubstr("wrong-secret")));
    }
  }
}

TEST_F(MotoTest, WhatIsNotAllowedIsDenied) {
  ASSERT_TRUE(Put(*Store("readable", server_->owner()), "x", "1").ok());
  const auto store = Store("readable", server_->reader());
  EXPECT_EQ(*Get(*store, "x"), "1");
  const absl::Status status = Put(*store, "x", "2");
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
  EXPECT_THAT(status.message(), HasSubstr("s3 PutObject s3://readable/x: AccessDenied"));
  EXPECT_EQ(*Get(*store, "x"), "1");
}

TEST_F(MotoTest, ABucketThatIsNotThereIsNotFound) {
  const auto store = Store("no-such-bucket", server_->owner());
  const absl::Status status = store->List("p/", [](const ObjectInfo&) { return true; });
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr("s3://no-such-bucket/: NoSuchBucket"));
}

TEST_F(MotoTest, ListsMoreThanAPage) {
  const auto client = Client("many", Options(server_->url()), server_->owner());
  ASSERT_TRUE(client->Send({.operation = "CreateBucket", .method = "PUT"}, {}).ok());
  S3ObjectStore store(client, readers_, uploaders_);
  std::vector<std::string> keys;
  for (int i = 10'000; i < 11'234; ++i) {
    keys.push_back(absl::StrCat("p/", i % 2 == 0 ? "a/" : "b+c d/", i));
  }
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < 2; ++thread) {
    threads.emplace_back([&, thread] {
      for (size_t i = thread; i < keys.size(); i += 2) {
        ASSERT_TRUE(
            client->Send({.operation = "PutObject", .method = "PUT", .key = keys[i]}, {}).ok());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(Keys(store, "p/"), keys);
  std::vector<std::string> folders;
  ASSERT_TRUE(store
                  .ListFolder("p/",
                              [&](const FolderEntry& entry) {
                                folders.push_back(entry.key);
                                return true;
                              })
                  .ok());
  EXPECT_THAT(folders, ElementsAre("p/a/", "p/b+c d/"));
}

TEST_F(MotoTest, AnAbortedUploadIsGone) {
  const auto client = Client("uploads", Options(server_->url()), server_->owner());
  ASSERT_TRUE(client->Send({.operation = "CreateBucket", .method = "PUT"}, {}).ok());
  S3ObjectStore store(client, readers_, uploaders_);
  const auto uploads = [&] {
    return client
        ->Send({.operation = "ListMultipartUploads", .method = "GET", .query = {{"uploads", ""}}},
               {})
        ->body;
  };
  {
    auto writer = *store.Create("large");
    ASSERT_TRUE(writer->Write(std::string(9'000'000, 'x')).ok());
    EXPECT_THAT(uploads(), HasSubstr("<Key>large</Key>"));
  }
  EXPECT_THAT(uploads(), Not(HasSubstr("<Key>large</Key>")));
  EXPECT_THAT(Keys(store, ""), IsEmpty());
}

TEST_F(MotoTest, AServerThatDiesIsUnavailable) {
  auto mortal = *aws::MotoServer::Start();
  const auto store = S3Test::Store("readable", Options(mortal->url()), mortal->owner());
  ASSERT_TRUE(Put(*store, "x", std::string(kObjectBytes, 'x')).ok());
  const auto reader = *store->Open("x");
  std::string out(kObjectBytes, '\0');
  ASSERT_TRUE(reader->Read(0, 10, out.data()).ok());
  auto writer = *store->Create("y");
  ASSERT_TRUE(mortal->Kill().ok());
  const absl::Status read = reader->Read(10, 100'000, out.data());
  EXPECT_EQ(read.code(), absl::StatusCode::kUnavailable) << read;
  EXPECT_THAT(read.message(), HasSubstr("s3 GetObject s3://readable/x: http://127.0.0.1:"));
  ASSERT_TRUE(writer->Write("1").ok());
  EXPECT_EQ(writer->Finish().status().code(), absl::StatusCode::kUnavailable);
}

// ---- A server that does as the test says ----

std::string Answer(int status, std::string_view body, std::string_view headers = "") {
  return absl::StrCat("HTTP/1.1 ", status, " X\r\nContent-Length: ", body.size(),
                      "\r\nx-amz-request-id: R1\r\n", headers, "\r\n", body);
}

std::string Error(int status, std::string_view type, std::string_view headers = "") {
  return Answer(status,
                absl::StrCat("<?xml version=\"1.0\"?><Error><Code>", type,
                             "</Code><Message>because</Message></Error>"),
                headers);
}

std::string Header(const std::string& request, std::string_view name) {
  for (const std::string_view line : absl::StrSplit(request, "\r\n")) {
    if (absl::StartsWithIgnoreCase(line, absl::StrCat(name, ": "))) {
      return std::string(line.substr(name.size() + 2));
    }
  }
  return "";
}

// Serves one object of kObjectBytes, in ranges.
std::string Object(const std::string& request, std::string_view etag = "\"e1\"") {
  const std::string range = Header(request, "Range");
  int64_t begin = 0;
  int64_t end = kObjectBytes - 1;
  if (absl::StartsWith(range, "bytes=-")) {
    begin = kObjectBytes - std::stoll(range.substr(7));
  } else {
    const std::vector<std::string> ends = absl::StrSplit(range.substr(6), '-');
    begin = std::stoll(ends[0]);
    end = std::stoll(ends[1]);
  }
  std::string body;
  for (int64_t i = begin; i <= end; ++i) {
    body += static_cast<char>('a' + i % 26);
  }
  return Answer(
      206, body,
      absl::StrCat("Content-Range: bytes ", begin, "-", end, "/", kObjectBytes, "\r\nETag: ", etag,
                   "\r\nLast-Modified: Wed, 12 Oct 2022 17:50:00 GMT\r\n"));
}

TEST_F(S3Test, TheAddressHasTheBucketInThePathOrInTheHost) {
  std::string seen;
  net::TestServer server([&](const std::string& request) {
    seen = request;
    return Error(404, "NoSuchKey");
  });
  S3Options options = Options(absl::StrCat("http://localhost:", server.port()));
  EXPECT_EQ(Store("my-bucket", options, TestKeys())->Open("a b/c+d").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(seen, testing::StartsWith("GET /my-bucket/a%20b/c%2Bd HTTP/1.1\r\n"));
  options.path_style = false;
  EXPECT_FALSE(Store("my-bucket", options, TestKeys())->Open("a").ok());
  EXPECT_THAT(seen, testing::StartsWith("GET /a HTTP/1.1\r\n"));
  EXPECT_EQ(Header(seen, "Host"), absl::StrCat("my-bucket.localhost:", server.port()));
  // No certificate is for such a host.
  EXPECT_FALSE(Store("my.bucket", options, TestKeys())->Open("a").ok());
  EXPECT_THAT(seen, testing::StartsWith("GET /my.bucket/a HTTP/1.1\r\n"));
}

TEST_F(S3Test, SessionTokensAreSentAndExpiredOnesToldOf) {
  std::string seen;
  net::TestServer server([&](const std::string& request) {
    seen = request;
    return Error(400, "ExpiredToken");
  });
  aws::Credentials keys = TestKeys();
  keys.session_token = "session-token";
  const absl::Status status =
      Store("b", Options(server.url()), keys)->List("", [](const ObjectInfo&) { return true; });
  EXPECT_EQ(Header(seen, "X-Amz-Security-Token"), "session-token");
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(status.message(), HasSubstr("credentials have expired"));
  EXPECT_THAT(status.message(), Not(HasSubstr("session-token")));
}

TEST_F(S3Test, WithoutCredentialsNothingIsSigned) {
  std::string seen;
  net::TestServer server([&](const std::string& request) {
    seen = request;
    return Object(request);
  });
  S3ObjectStore store(
      std::make_shared<S3Client>("b", Options(server.url()), *http_, nullptr, Clock::System()),
      readers_, uploaders_);
  EXPECT_TRUE(store.Open("x").ok());
  EXPECT_EQ(Header(seen, "Authorization"), "");
}

TEST_F(S3Test, ARedirectLeadsToTheBucketsRegion) {
  std::vector<std::string> scopes;
  net::TestServer server([&](const std::string& request) {
    scopes.push_back(Header(request, "Authorization"));
    return absl::StrContains(scopes.back(), "/eu-west-3/")
               ? Object(request)
               : Error(301, "PermanentRedirect", "x-amz-bucket-region: eu-west-3\r\n");
  });
  const auto store = Store("b", Options(server.url()), TestKeys());
  EXPECT_TRUE(store->Open("x").ok());
  EXPECT_TRUE(store->Open("x").ok());
  ASSERT_EQ(scopes.size(), 3U);  // found once
  EXPECT_THAT(scopes[0], HasSubstr("/us-east-1/s3/"));
}

TEST_F(S3Test, ASignatureForAnotherRegionIsMadeAnew) {
  int requests = 0;
  net::TestServer server([&](const std::string& request) {
    ++requests;
    return absl::StrContains(Header(request, "Authorization"), "/eu-west-3/")
               ? Object(request)
               : Answer(400,
                        "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region is "
                        "wrong</Message><Region>eu-west-3</Region></Error>");
  });
  EXPECT_TRUE(Store("b", Options(server.url()), TestKeys())->Open("x").ok());
  EXPECT_EQ(requests, 2);
}

TEST_F(S3Test, ARedirectToNowhereIsAnError) {
  net::TestServer server([&](const std::string&) { return Error(301, "PermanentRedirect"); });
  const absl::Status status = Store("b", Options(server.url()), TestKeys())->Open("x").status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), HasSubstr("PermanentRedirect"));
}

TEST_F(S3Test, SlowDownIsOutlasted) {
  std::atomic<int> requests = 0;
  net::TestServer server([&](const std::string& request) {
    return ++requests % 8 == 0 ? Object(request) : Error(503, "SlowDown");
  });
  const auto store = Store("b", Options(server.url()), TestKeys());
  const auto bytes = Get(*store, "x");
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_EQ(bytes->size(), kObjectBytes);
  EXPECT_EQ(requests, 16);
}

TEST_F(S3Test, ABrokenReadGoesOnWhereItBroke) {
  std::mutex mutex;
  std::vector<std::string> ranges;
  net::TestServer server([&](const std::string& request) {
    const std::lock_guard lock(mutex);
    ranges.push_back(Header(request, "Range"));
    std::string answer = Object(request);
    if (ranges.size() == 2) {
      const size_t head = answer.find("\r\n\r\n");
      answer.resize(head + 4 + 100'000);
      answer.insert(head, "\r\nConnection: close");
    }
    return answer;
  });
  const auto store = Store("b", Options(server.url()), TestKeys());
  const auto reader = *store->Open("x");
  std::string out(500'000, '\0');
  const absl::Status read = reader->Read(26, 500'000, out.data());
  EXPECT_TRUE(read.ok()) << read;
  for (size_t i = 0; i < out.size(); ++i) {
    ASSERT_EQ(out[i], static_cast<char>('a' + i % 26)) << i;
  }
  EXPECT_THAT(ranges, ElementsAre("bytes=-65536", "bytes=26-500025", "bytes=100026-500025"));
}

TEST_F(S3Test, AChangedObjectIsAborted) {
  std::string seen;
  net::TestServer server([&](const std::string& request) {
    seen = request;
    const std::string expected = Header(request, "If-Match");
    return expected.empty() ? Object(request) : Error(412, "PreconditionFailed");
  });
  const auto store = Store("b", Options(server.url()), TestKeys());
  const auto reader = *store->Open("x");
  char byte = 0;
  const absl::Status read = reader->Read(0, 1, &byte);
  EXPECT_EQ(Header(seen, "If-Match"), "\"e1\"");
  EXPECT_EQ(read.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(read.message(), HasSubstr("s3://b/x has been changed while it was read"));
}

TEST_F(S3Test, AServerWithoutRangesIsRefused) {
  net::TestServer server([&](const std::string&) {
    return Answer(200, std::string(kObjectBytes, 'x'),
                  "ETag: \"e\"\r\nLast-Modified: Wed, 12 Oct 2022 17:50:00 GMT\r\n");
  });
  const absl::Status status = Store("b", Options(server.url()), TestKeys())->Open("x").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << status;
}

TEST_F(S3Test, AnAnswerThatIsNoListIsAnError) {
  for (const char* body :
       {"<html/>", "nonsense",
        "<ListBucketResult><Contents><Key>k</Key>"
        "</Contents></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"}) {
    net::TestServer server([&](const std::string&) { return Answer(200, body); });
    EXPECT_EQ(Store("b", Options(server.url()), TestKeys())
                  ->List("", [](const ObjectInfo&) { return true; })
                  .code(),
              absl::StatusCode::kUnavailable)
        << body;
  }
}

TEST_F(S3Test, CancellingEndsAReadAtOnce) {
  const Cancellation cancellation;
  std::thread canceller;
  std::mutex mutex;
  std::condition_variable over;
  bool is_over = false;
  net::TestServer server([&](const std::string& request) {
    if (Header(request, "If-Match").empty()) {
      return Object(request);
    }
    canceller = std::thread([&] { cancellation.Cancel(absl::CancelledError("stop")); });
    std::unique_lock lock(mutex);
    over.wait(lock, [&] { return is_over; });
    return std::string();
  });
  const auto store = Store("b", Options(server.url()), TestKeys());
  const auto reader = *store->Open("x", cancellation);
  char byte = 0;
  EXPECT_EQ(reader->Read(0, 1, &byte), absl::CancelledError("stop"));
  canceller.join();
  const std::lock_guard lock(mutex);
  is_over = true;
  over.notify_all();
}

TEST_F(S3Test, AnUploadThatFailsLateIsAnError) {
  std::vector<std::string> seen;
  std::mutex mutex;
  net::TestServer server([&](const std::string& request) {
    const std::lock_guard lock(mutex);
    seen.push_back(request.substr(0, request.find(" HTTP")));
    if (absl::StartsWith(request, "POST /b/x?uploads")) {
      return Answer(200, "<R><UploadId>u</UploadId></R>");
    }
    if (absl::StartsWith(request, "POST")) {
      return Error(200, "InternalError");
    }
    return Answer(200, "", "ETag: \"p\"\r\n");
  });
  S3Options options = Options(server.url());
  options.part_bytes = 10;
  {
    const auto store = Store("b", options, TestKeys());
    auto writer = *store->Create("x");
    ASSERT_TRUE(writer->Write("0123456789012345").ok());
    const absl::Status status = writer->Finish().status();
    EXPECT_THAT(status.message(),
                HasSubstr("s3 CompleteMultipartUpload s3://b/x: InternalError: because"));
  }
  EXPECT_EQ(seen.back(), "DELETE /b/x?uploadId=u");
}

TEST_F(S3Test, TlsWithAWrongNameIsRefused) {
  const net::TestCertificate certificate;
  net::TestServer server([](const std::string& request) { return Object(request); },
                         certificate.context());
  net::HttpClientOptions http_options;
  http_options.tls.ca_file = certificate.file();
  http_ = *net::HttpClient::Make(http_options);
  EXPECT_TRUE(Store("b", Options(server.url("https")), TestKeys())->Open("x").ok());
  const absl::Status status =
      Store("b", Options(absl::StrCat("https://localhost:", server.port())), TestKeys())
          ->Open("x")
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(status.message(), HasSubstr("s3://b/x"));
}

}  // namespace
}  // namespace pallas::storage
