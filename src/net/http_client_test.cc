#include "net/http_client.h"

#include <atomic>
#include <csignal>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "net/testing/fault_proxy.h"
#include "net/testing/test_server.h"

namespace pallas::net {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Ok(std::string_view body) {
  return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(),
                      "\r\nX-Test: a b \r\n\r\n", body);
}

std::unique_ptr<HttpClient> Client(HttpClientOptions options = {}) {
  return *HttpClient::Make(std::move(options));
}

absl::StatusOr<HttpResponse> Get(HttpClient& client, const std::string& url) {
  HttpRequest request;
  request.url = url;
  return client.Send(request, Cancellation(), absl::InfiniteFuture());
}

class HttpClientTest : public testing::Test {
 protected:
  // TLS writes to a peer that has gone raise the signal, in the client as in the server here.
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }
};

TEST_F(HttpClientTest, SendsTheRequestAsItStands) {
  TestServer server([](const std::string& request) { return Ok(request); });
  const auto client = Client();
  HttpRequest request;
  request.method = "PUT";
  request.url = server.url() + "/a/../b//c?x=%2F%20";
  request.headers = {{"X-One", "1"}, {"X-Empty", ""}, {"Host", "my.host"}};
  request.body = std::string("two\0bytes", 9);
  const HttpResponse response = *client->Send(request, Cancellation(), absl::InfiniteFuture());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Header("x-test"), "a b");
  EXPECT_EQ(response.Header("x-other"), std::nullopt);
  EXPECT_THAT(response.body, testing::StartsWith("PUT /a/../b//c?x=%2F%20 HTTP/1.1\r\n"));
  for (const char* line : {"\r\nHost: my.host\r\n", "\r\nX-One: 1\r\n", "\r\nX-Empty:\r\n",
                           "\r\nContent-Length: 9\r\n"}) {
    EXPECT_THAT(response.body, HasSubstr(line));
  }
  EXPECT_THAT(response.body, Not(HasSubstr("Content-Type")));
  EXPECT_THAT(response.body, Not(HasSubstr("Expect")));
  EXPECT_TRUE(response.body.ends_with(std::string("\r\n\r\ntwo\0bytes", 13)));
}

TEST_F(HttpClientTest, AnyStatusIsAnAnswerAndRedirectsAreNotFollowed) {
  TestServer server([](const std::string& request) {
    return absl::StartsWith(request, "HEAD")
               ? "HTTP/1.1 404 Not Found\r\nContent-Length: 10\r\n\r\n"
               : "HTTP/1.1 302 Found\r\nLocation: http://x/\r\n"
                 "Content-Length: 0\r\n\r\n";
  });
  const auto client = Client();
  EXPECT_EQ(Get(*client, server.url())->status, 302);
  HttpRequest head;
  head.method = "HEAD";
  head.url = server.url();
  const HttpResponse response = *client->Send(head, Cancellation(), absl::InfiniteFuture());
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.Header("content-length"), "10");
}

TEST_F(HttpClientTest, ConnectionsAreKeptUnlessARequestFailed) {
  TestServer server([](const std::string& request) {
    return absl::StartsWith(request, "GET /bad") ? "nonsense\r\n\r\n" : Ok("x");
  });
  const auto client = Client();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Get(*client, server.url())->body, "x");
  }
  EXPECT_EQ(server.num_connections(), 1);
  EXPECT_FALSE(Get(*client, server.url() + "/bad").ok());
  EXPECT_TRUE(Get(*client, server.url()).ok());
  EXPECT_EQ(server.num_connections(), 2);
}

TEST_F(HttpClientTest, ManyThreadsShareAClient) {
  TestServer server([](const std::string& request) { return Ok(request.substr(0, 12)); });
  const auto client = Client();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 20; ++i) {
        const auto response = Get(*client, absl::StrCat(server.url(), "/", thread, "/", 10 + i));
        ASSERT_TRUE(response.ok()) << response.status();
        EXPECT_EQ(response->body,
                  absl::StrCat("GET /", thread, "/", 10 + i, " HTTP").substr(0, 12));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_LE(server.num_connections(), 4);
}

TEST_F(HttpClientTest, AStreamedBodyComesInPiecesAndHoldsTheSenderBack) {
  constexpr int64_t kBodyBytes = 64 * kMiB;
  TestServer server([](const std::string&) { return Ok(std::string(kBodyBytes, 'b')); });
  const auto client = Client();
  HttpRequest request;
  request.url = server.url();
  int64_t received = 0;
  int64_t furthest_ahead = 0;
  request.on_body = [&](const HttpResponse& response, std::string_view piece) {
    EXPECT_EQ(response.status, 200);
    received += static_cast<int64_t>(piece.size());
    furthest_ahead = std::max(furthest_ahead, server.bytes_sent.load() - received);
    return absl::OkStatus();
  };
  ASSERT_TRUE(client->Send(request, Cancellation(), absl::InfiniteFuture()).ok());
  EXPECT_EQ(received, kBodyBytes);
  // Only what the sockets hold is on its way.
  EXPECT_LT(furthest_ahead, kBodyBytes / 2);
  request.on_body = [](const HttpResponse&, std::string_view) {
    return absl::DataLossError("enough");
  };
  EXPECT_EQ(client->Send(request, Cancellation(), absl::InfiniteFuture()).status(),
            absl::DataLossError("enough"));
}

TEST_F(HttpClientTest, AnswersPastTheLimitsAreErrors) {
  TestServer server([](const std::string& request) {
    return absl::StartsWith(request, "GET /headers")
               ? "HTTP/1.1 200 OK\r\nX: " + std::string(3000, 'x') + "\r\n\r\n"
               : Ok(std::string(3000, 'x'));
  });
  HttpClientOptions options;
  options.max_header_bytes = 2000;
  options.max_body_bytes = 2999;
  const auto client = Client(options);
  EXPECT_EQ(Get(*client, server.url() + "/headers").status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Get(*client, server.url()).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(HttpClientTest, BrokenAnswersAreUnavailable) {
  for (const std::string& answer :
       {std::string(), std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"),
        std::string("HTTP/1.1 2x0 OK\r\n\r\n"), std::string("garbage\r\n\r\n")}) {
    std::atomic<int> requests{0};
    TestServer server([&](const std::string&) { return ++requests == 1 ? answer : ""; });
    HttpClientOptions options;
    options.idle_timeout = absl::Milliseconds(200);
    const absl::StatusCode code = Get(*Client(options), server.url()).status().code();
    // A server that stops in the middle without closing is told by its silence.
    EXPECT_TRUE(code == absl::StatusCode::kUnavailable ||
                code == absl::StatusCode::kDeadlineExceeded)
        << answer;
  }
  const absl::Status refused = Get(*Client(), "http://127.0.0.1:1/?secret").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(refused.message(), HasSubstr("http://127.0.0.1:1:"));
  EXPECT_THAT(refused.message(), Not(HasSubstr("secret")));
}

TEST_F(HttpClientTest, AnAnswerCutAtAnyByteIsUnavailable) {
  const std::string body = "ten bytes.";
  for (const std::string& answer :
       {Ok(body), absl::StrCat("HTTP/1.1 100 Continue\r\n\r\n", Ok(body)),
        std::string(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nten \r\n6\r\nbytes.\r\n0"
            "\r\n\r\n")}) {
    TestServer server([&](const std::string&) { return answer; });
    const auto proxy = *FaultProxy::Start(server.port());
    const std::string url = absl::StrCat("http://127.0.0.1:", proxy->port());
    const auto size = static_cast<int64_t>(answer.size());
    for (int64_t place = 0; place < size; ++place) {
      proxy->SetRule(Direction::kToClient, {.fault = Fault::kClose, .after_bytes = place});
      const auto response = Get(*Client(), url);
      // Of an answer in chunks, what follows the last byte of its body need not come.
      EXPECT_TRUE(absl::IsUnavailable(response.status()) ||
                  (response.ok() && place >= size - 4 && response->body == body))
          << response.status() << " for " << answer.substr(0, static_cast<size_t>(place));
    }
    proxy->SetRule(Direction::kToClient, {.fault = Fault::kClose, .after_bytes = size});
    EXPECT_EQ(Get(*Client(), url)->body, body);
  }
}

TEST_F(HttpClientTest, ASilentServerIsGivenUp) {
  Cancellation release;
  TestServer server([&](const std::string&) {
    while (!release.IsCancelled()) {
      std::this_thread::yield();
    }
    return std::string();
  });
  HttpClientOptions options;
  options.idle_timeout = absl::Milliseconds(20);
  EXPECT_EQ(Get(*Client(options), server.url()).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  HttpRequest request;
  request.url = server.url();
  EXPECT_EQ(
      Client()->Send(request, Cancellation(), absl::Now() + absl::Milliseconds(20)).status().code(),
      absl::StatusCode::kDeadlineExceeded);
  release.Cancel(absl::CancelledError());
}

TEST_F(HttpClientTest, ACancelEndsAWaitingRequestAtOnce) {
  const Cancellation cancellation;
  // The request is cancelled once the server has it.
  TestServer server([&](const std::string&) {
    cancellation.Cancel(absl::CancelledError("user"));
    return std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  });
  HttpRequest request;
  request.url = server.url();
  EXPECT_EQ(Client()->Send(request, cancellation, absl::InfiniteFuture()).status(),
            absl::CancelledError("user"));
  EXPECT_EQ(Client()->Send(request, cancellation, absl::InfiniteFuture()).status().code(),
            absl::StatusCode::kCancelled);
}

TEST_F(HttpClientTest, MalformedRequestsAreNotSent) {
  const auto client = Client();
  for (const char* url : {"", "nonsense", "ftp://x/", "file:///etc/passwd", "http://"}) {
    EXPECT_EQ(Get(*client, url).status().code(), absl::StatusCode::kInvalidArgument) << url;
  }
  HttpRequest request;
  request.url = "http://127.0.0.1:1/";
  request.headers = {{"X", "a\r\nY: b"}};
  EXPECT_EQ(client->Send(request, Cancellation(), absl::InfiniteFuture()).status().code(),
            absl::StatusCode::kInvalidArgument);
  request.headers = {{"X Y", "a"}};
  EXPECT_EQ(client->Send(request, Cancellation(), absl::InfiniteFuture()).status().code(),
            absl::StatusCode::kInvalidArgument);
  request.headers.clear();
  request.method = "GET / HTTP/1.1\r\n";
  EXPECT_EQ(client->Send(request, Cancellation(), absl::InfiniteFuture()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(HttpClientTest, TheServersCertificateIsVerified) {
  const TestCertificate certificate;
  TestServer server([](const std::string&) { return Ok("x"); }, certificate.context());
  EXPECT_EQ(Get(*Client(), server.url("https")).status().code(),
            absl::StatusCode::kUnauthenticated);
  HttpClientOptions trusting;
  trusting.tls.ca_file = certificate.file();
  const auto response = Get(*Client(trusting), server.url("https"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "x");
  HttpClientOptions unverified;
  unverified.tls.verify = false;
  EXPECT_TRUE(Get(*Client(unverified), server.url("https")).ok());
  HttpClientOptions missing;
  missing.tls.ca_file = "/no/such/file";
  EXPECT_EQ(Get(*Client(missing), server.url("https")).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(HttpClientTest, AHandshakeThatIsNotAnsweredIsGivenUp) {
  TestServer server([](const std::string&) { return Ok("x"); });
  HttpClientOptions options;
  options.connect_timeout = absl::Milliseconds(50);
  EXPECT_EQ(Get(*Client(options), server.url("https")).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace pallas::net
