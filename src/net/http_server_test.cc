#include "net/http_server.h"

#include <arpa/inet.h>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/time.h>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "net/http_client.h"
#include "net/testing/test_server.h"

namespace pallas::net {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// For what a test takes as never.
constexpr absl::Duration kPatience = absl::Seconds(30);

HttpRequest Request(std::string method, std::string url, std::string body = "") {
  HttpRequest request;
  request.method = std::move(method);
  request.url = std::move(url);
  request.body = std::move(body);
  return request;
}

// A client that writes and reads bytes as they are.
class RawClient {
 public:
  explicit RawClient(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    const timeval patience = absl::ToTimeval(kPatience);
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }

  ~RawClient() { Close(); }

  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return;
      }
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }

  // Reads until what has come ends with `end`, or the connection ends.
  std::string ReadUntil(std::string_view end) {
    std::string result;
    char buffer[4096];
    while (!absl::EndsWith(result, end)) {
      const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
      EXPECT_GE(size, 0) << "nothing came";
      if (size <= 0) {
        return result;
      }
      result.append(buffer, static_cast<size_t>(size));
    }
    return result;
  }

  // Everything up to the end of the connection.
  std::string ReadToEnd() {
    std::string result;
    char buffer[4096];
    while (true) {
      const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
      EXPECT_TRUE(size >= 0 || errno == ECONNRESET) << "the connection does not end";
      if (size <= 0) {
        return result;
      }
      result.append(buffer, static_cast<size_t>(size));
    }
  }

  void Close() {
    if (fd_ >= 0) {
      close(fd_);
      fd_ = -1;
    }
  }

 private:
  int fd_;
};

class HttpServerTest : public testing::Test {
 protected:
  // Answers with what it was asked.
  static void Echo(HttpExchange& exchange) {
    absl::StatusOr<std::string> body = exchange.ReadAll(1 << 20);
    if (!body.ok()) {
      exchange.Send(400, {}, body.status().message()).IgnoreError();
      return;
    }
    EXPECT_TRUE(exchange
                    .Send(200, {{"Content-Type", "text/plain"}},
                          absl::StrCat(exchange.method(), " ", exchange.target(), " ", *body))
                    .ok());
  }

  void StartServer(HttpHandler handler = Echo) {
    absl::StatusOr<std::unique_ptr<HttpServer>> server =
        HttpServer::Start(options_, std::move(handler));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string url(std::string_view path) const {
    return absl::StrCat(options_.tls ? "https" : "http", "://127.0.0.1:", server_->port(), path);
  }

  // Sends a request whose URL is a path.
  absl::StatusOr<HttpResponse> Ask(HttpRequest request) {
    HttpClientOptions options;
    options.tls.verify = false;
    absl::StatusOr<std::unique_ptr<HttpClient>> client = HttpClient::Make(options);
    EXPECT_TRUE(client.ok());
    request.url = url(request.url);
    return (*client)->Send(request, Cancellation(), absl::Now() + kPatience);
  }

  void AwaitConnections(int64_t open, int64_t idle) const {
    const absl::Time deadline = absl::Now() + kPatience;
    HttpServerStatistics now = server_->statistics();
    while ((now.connections != open || now.idle != idle) && absl::Now() < deadline) {
      std::this_thread::yield();
      now = server_->statistics();
    }
    EXPECT_EQ(now.connections, open);
    EXPECT_EQ(now.idle, idle);
  }

  HttpServerOptions options_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersARequest) {
  StartServer();
  const auto response = Ask(Request("POST", "/a%20b/../c?x=1&y", "hello"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "POST /a%20b/../c?x=1&y hello");
  EXPECT_EQ(response->Header("content-type"), "text/plain");
  EXPECT_THAT(response->Header("date").value_or(""), EndsWith(" GMT"));
}

TEST_F(HttpServerTest, HeadersArriveInOrderWithTheirCase) {
  StartServer([](HttpExchange& exchange) {
    std::string all;
    for (const auto& [name, value] : exchange.headers()) {
      absl::StrAppend(&all, name, "=", value, ";");
    }
    EXPECT_EQ(exchange.Header("x-first").value_or("none"), "1");
    EXPECT_EQ(exchange.Header("x-missing"), std::nullopt);
    EXPECT_THAT(exchange.peer(), StartsWith("127.0.0.1:"));
    EXPECT_TRUE(exchange.Send(200, {}, all).ok());
  });
  RawClient client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\nX-First: 1\r\nx-first: 2\r\nX-Empty:\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("X-Empty=;"),
              HasSubstr("\r\n\r\nHost=h;X-First=1;x-first=2;X-Empty=;"));
}

TEST_F(HttpServerTest, AConnectionServesRequestsInTurnAlsoWhenTheyAreSentAtOnce) {
  StartServer();
  RawClient client(server_->port());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    absl::StrAppend(&requests, "PUT /", i, " HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n",
                    i % 10);
  }
  client.Send(requests);
  const std::string answers = client.ReadUntil("PUT /49 9");
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(answers, HasSubstr(absl::StrCat("PUT /", i, " ", i % 10)));
  }
  EXPECT_EQ(server_->statistics().accepted, 1);
  EXPECT_EQ(server_->statistics().requests, 50);
}

TEST_F(HttpServerTest, ABodyInChunksIsReadAsOne) {
  StartServer();
  RawClient client(server_->port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.Send("3\r\nabc\r\n");
  client.Send("a;extension=1\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("POST / abc0123456789"), StartsWith("HTTP/1.1 200 OK\r\n"));
  client.Send("GET /next HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("GET /next "), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpServerTest, ABodyIsReadPieceByPieceAsItComes) {
  std::atomic<int> seen = 0;
  StartServer([&seen](HttpExchange& exchange) {
    EXPECT_EQ(exchange.content_length(), 6);
    std::string all;
    char buffer[2];
    while (true) {
      const absl::StatusOr<size_t> size = exchange.Read(buffer, sizeof(buffer));
      ASSERT_TRUE(size.ok()) << size.status();
      if (*size == 0) {
        break;
      }
      all.append(buffer, *size);
      seen = static_cast<int>(all.size());
    }
    EXPECT_TRUE(exchange.Send(200, {}, all).ok());
  });
  RawClient client(server_->port());
  client.Send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc");
  while (seen < 3) {
    std::this_thread::yield();
  }
  client.Send("def");
  EXPECT_THAT(client.ReadUntil("abcdef"), HasSubstr("Content-Length: 6\r\n"));
}

TEST_F(HttpServerTest, AClientThatWaitsForLeaveGetsItWhenTheBodyIsWanted) {
  StartServer();
  RawClient client(server_->port());
  client.Send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("body");
  EXPECT_THAT(client.ReadUntil("PUT / body"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpServerTest, AClientThatWaitsForLeaveIsRefusedWithoutItsBody) {
  StartServer([](HttpExchange& exchange) { EXPECT_TRUE(exchange.Send(403, {}, "no").ok()); });
  RawClient client(server_->port());
  client.Send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  const std::string answer = client.ReadToEnd();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 403 Forbidden\r\n"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpServerTest, AnUnwantedBodyIsSkippedIfSmallElseTheConnectionEnds) {
  StartServer([](HttpExchange& exchange) {
    EXPECT_TRUE(exchange.Send(200, {}, absl::StrCat("at ", exchange.target())).ok());
  });
  RawClient client(server_->port());
  client.Send("PUT /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbodyGET /2 HTTP/1.1\r\n");
  client.Send("Host: h\r\n\r\n");
  EXPECT_THAT(client.ReadUntil("at /2"), HasSubstr("at /1"));
  client.Send("PUT /3 HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\nbegin");
  EXPECT_THAT(client.ReadToEnd(), EndsWith("at /3"));
}

TEST_F(HttpServerTest, ABodyPastTheLimitIsRefused) {
  StartServer();
  const std::string large(2 << 20, 'x');
  const auto response = Ask(Request("POST", "/", large));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 400);
  EXPECT_THAT(response->body, HasSubstr("larger than 1048576 bytes"));
  RawClient client(server_->port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.Send(absl::StrCat(absl::Hex(large.size()), "\r\n", large, "\r\n0\r\n\r\n"));
  EXPECT_THAT(client.ReadToEnd(), HasSubstr("larger than 1048576 bytes"));
}

TEST_F(HttpServerTest, AnAnswerPieceByPieceIsSentInChunks) {
  StartServer([](HttpExchange& exchange) {
    EXPECT_TRUE(exchange.Start(200, {}, std::nullopt).ok());
    EXPECT_TRUE(exchange.Write("one").ok());
    EXPECT_TRUE(exchange.Write("").ok());
    EXPECT_TRUE(exchange.Write(std::string(20, 't')).ok());
    EXPECT_TRUE(exchange.Finish().ok());
  });
  RawClient client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string answer = client.ReadUntil("\r\n0\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n3\r\none\r\n14\r\ntttttttttttttttttttt\r\n0\r\n\r\n"));
  // HTTP/1.0 has no chunks: the end of the connection is the end of the body.
  RawClient old(server_->port());
  old.Send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old.ReadToEnd(), EndsWith("\r\n\r\nonetttttttttttttttttttt"));
}

TEST_F(HttpServerTest, AHeadRequestGetsTheHeadAlone) {
  StartServer([](HttpExchange& exchange) { EXPECT_TRUE(exchange.Send(200, {}, "body").ok()); });
  RawClient client(server_->port());
  client.Send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string answer = client.ReadUntil("\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
  client.Send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), EndsWith("\r\n\r\nbody"));
}

TEST_F(HttpServerTest, AStatusWithoutABodyHasNoLength) {
  StartServer([](HttpExchange& exchange) { EXPECT_TRUE(exchange.Send(204, {}, "").ok()); });
  RawClient client(server_->port());
  client.Send("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string answer = client.ReadUntil("\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_FALSE(absl::StrContains(answer, "Content-Length"));
}

TEST_F(HttpServerTest, AHandlerWithoutAnAnswerIsAnErrorOfTheServer) {
  StartServer([](HttpExchange&) {});
  const auto response = Ask(Request("GET", "/"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 500);
}

TEST_F(HttpServerTest, AnAnswerThatIsNotEndedBreaksTheConnection) {
  StartServer([](HttpExchange& exchange) {
    EXPECT_TRUE(exchange.Start(200, {}, 10).ok());
    EXPECT_TRUE(exchange.Write("half").ok());
    if (exchange.target() == "/short") {
      EXPECT_EQ(exchange.Finish().code(), absl::StatusCode::kInternal);
    }
  });
  for (const char* target : {"/short", "/forgotten"}) {
    EXPECT_TRUE(absl::IsUnavailable(Ask(Request("GET", target)).status())) << target;
  }
}

TEST_F(HttpServerTest, AHeaderOfAnAnswerCannotSmuggleAnother) {
  StartServer([](HttpExchange& exchange) {
    EXPECT_EQ(exchange.Send(200, {{"X", "a\r\nSet-Cookie: b"}}, "").code(),
              absl::StatusCode::kInternal);
  });
  const auto response = Ask(Request("GET", "/"));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 500);
}

TEST_F(HttpServerTest, WhatIsNoHttpIsRefused) {
  StartServer();
  for (const char* bad :
       {"nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\r\n\r\n", "\x16\x03\x01\x02\x03\x04",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"}) {
    RawClient client(server_->port());
    client.Send(bad);
    EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 400 Bad Request\r\n")) << bad;
  }
  EXPECT_EQ(server_->statistics().requests, 0);
}

TEST_F(HttpServerTest, ABodyThatIsNoHttpIsAnError) {
  StartServer();
  RawClient client(server_->port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n");
  EXPECT_THAT(client.ReadToEnd(), HasSubstr("the request is no HTTP"));
}

TEST_F(HttpServerTest, AHeadPastTheLimitIsRefused) {
  options_.max_header_bytes = 1024;
  StartServer();
  RawClient client(server_->port());
  client.Send(absl::StrCat("GET / HTTP/1.1\r\nX: ", std::string(2000, 'x'), "\r\n\r\n"));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 431 "));
  EXPECT_EQ(server_->statistics().requests, 0);
}

TEST_F(HttpServerTest, SlowClientsAreClosed) {
  options_.idle_timeout = absl::Milliseconds(50);
  options_.header_timeout = absl::Milliseconds(50);
  options_.transfer_timeout = absl::Milliseconds(50);
  std::atomic<int> too_slow = 0;
  StartServer([&too_slow](HttpExchange& exchange) {
    if (absl::IsDeadlineExceeded(exchange.ReadAll(100).status())) {
      too_slow += 1;
      return;
    }
    // More than the buffers of the network hold, for a client that reads none of it.
    const std::string large(64 << 20, 'x');
    if (absl::IsDeadlineExceeded(exchange.Send(200, {}, large))) {
      too_slow += 1;
    }
  });
  RawClient idle(server_->port());
  RawClient head(server_->port());
  head.Send("GET / HTTP/1.1\r\nHost:");
  RawClient body(server_->port());
  body.Send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab");
  RawClient answer(server_->port());
  answer.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(idle.ReadToEnd(), "");
  EXPECT_EQ(head.ReadToEnd(), "");
  body.ReadToEnd();
  AwaitConnections(0, 0);
  EXPECT_EQ(too_slow, 2);
}

TEST_F(HttpServerTest, AClientThatGoesAwayCancelsItsRequest) {
  std::atomic<bool> running = false;
  std::atomic<bool> cancelled = false;
  StartServer([&](HttpExchange& exchange) {
    std::mutex mutex;
    std::condition_variable changed;
    bool stop = false;
    const auto registration = exchange.cancellation().OnCancel([&] {
      const std::lock_guard lock(mutex);
      stop = true;
      changed.notify_all();
    });
    running = true;
    std::unique_lock lock(mutex);
    cancelled = changed.wait_for(lock, absl::ToChronoSeconds(kPatience), [&] { return stop; });
    EXPECT_TRUE(absl::IsUnavailable(exchange.cancellation().status()));
  });
  RawClient client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  while (!running) {
    std::this_thread::yield();
  }
  client.Close();
  AwaitConnections(0, 0);
  EXPECT_TRUE(cancelled);
}

TEST_F(HttpServerTest, AClientThatGoesAwayInTheMiddleOfABodyIsAnError) {
  std::atomic<bool> failed = false;
  StartServer([&failed](HttpExchange& exchange) {
    failed = absl::IsUnavailable(exchange.ReadAll(100).status());
  });
  RawClient client(server_->port());
  client.Send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nab");
  client.Close();
  while (server_->statistics().requests == 0) {
    std::this_thread::yield();
  }
  AwaitConnections(0, 0);
  EXPECT_TRUE(failed);
}

TEST_F(HttpServerTest, ALargeAnswerGoesOutAsTheClientTakesIt) {
  const std::string piece(3 << 20, 'p');
  StartServer([&piece](HttpExchange& exchange) {
    EXPECT_TRUE(exchange.Start(200, {}, 20 * piece.size()).ok());
    for (int i = 0; i < 20; ++i) {
      EXPECT_TRUE(exchange.Write(piece).ok());
    }
    EXPECT_TRUE(exchange.Finish().ok());
  });
  size_t received = 0;
  HttpRequest request = Request("GET", "/");
  request.on_body = [&received](const HttpResponse&, std::string_view bytes) {
    received += bytes.size();
    return absl::OkStatus();
  };
  ASSERT_TRUE(Ask(request).ok());
  EXPECT_EQ(received, 20 * piece.size());
}

TEST_F(HttpServerTest, PastTheLimitTheOldestIdleConnectionMakesRoom) {
  options_.max_connections = 2;
  StartServer();
  RawClient first(server_->port());
  first.Send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
  first.ReadUntil("GET /1 ");
  AwaitConnections(1, 1);
  RawClient second(server_->port());
  second.Send("GET /2 HTTP/1.1\r\nHost: h\r\n\r\n");
  second.ReadUntil("GET /2 ");
  AwaitConnections(2, 2);
  RawClient third(server_->port());
  third.Send("GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(third.ReadUntil("GET /3 "), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(first.ReadToEnd(), "");
  second.Send("GET /4 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(second.ReadUntil("GET /4 "), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpServerTest, PastTheLimitABusyConnectionMakesRoomOnceItIsIdle) {
  options_.max_connections = 1;
  std::atomic<bool> go_on = false;
  StartServer([&go_on](HttpExchange& exchange) {
    while (!go_on) {
      std::this_thread::yield();
    }
    EXPECT_TRUE(exchange.Send(200, {}, exchange.target()).ok());
  });
  RawClient busy(server_->port());
  busy.Send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
  AwaitConnections(1, 0);
  RawClient last(server_->port());
  AwaitConnections(2, 1);
  RawClient waiting(server_->port());
  waiting.Send("GET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
  go_on = true;
  EXPECT_THAT(busy.ReadToEnd(), EndsWith("/1"));
  EXPECT_THAT(waiting.ReadUntil("/3"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpServerTest, StopLetsRequestsEnd) {
  std::atomic<bool> running = false;
  std::atomic<bool> stopping = false;
  StartServer([&](HttpExchange& exchange) {
    running = true;
    while (!stopping) {
      std::this_thread::yield();
    }
    EXPECT_TRUE(exchange.Send(200, {}, "done").ok());
  });
  RawClient idle(server_->port());
  RawClient client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  while (!running) {
    std::this_thread::yield();
  }
  std::thread stopper([&] { server_->Stop(kPatience); });
  EXPECT_EQ(idle.ReadToEnd(), "");
  stopping = true;
  EXPECT_THAT(client.ReadToEnd(), EndsWith("done"));
  stopper.join();
}

TEST_F(HttpServerTest, StopCancelsRequestsThatDoNotEnd) {
  std::atomic<bool> running = false;
  StartServer([&](HttpExchange& exchange) {
    running = true;
    while (!exchange.cancellation().IsCancelled()) {
      std::this_thread::yield();
    }
    EXPECT_FALSE(exchange.Send(200, {}, "late").ok());
  });
  RawClient client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  while (!running) {
    std::this_thread::yield();
  }
  server_->Stop(absl::ZeroDuration());
  EXPECT_EQ(client.ReadToEnd(), "");
}

TEST_F(HttpServerTest, ManyClientsAtOnce) {
  StartServer();
  std::vector<std::thread> clients;
  std::atomic<int> right = 0;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([this, i, &right] {
      absl::StatusOr<std::unique_ptr<HttpClient>> client = HttpClient::Make({});
      for (int k = 0; k < 50; ++k) {
        const HttpRequest request = Request("POST", url(absl::StrCat("/", i)),
                                            std::string(static_cast<size_t>(k) * 1000, 'b'));
        const auto response = (*client)->Send(request, Cancellation(), absl::Now() + kPatience);
        if (response.ok() && response->body == absl::StrCat("POST /", i, " ", request.body)) {
          right += 1;
        }
      }
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_EQ(right, 8 * 50);
}

TEST_F(HttpServerTest, WhereItCannotListenIsAnError) {
  StartServer();
  options_.port = server_->port();
  const absl::Status taken = HttpServer::Start(options_, Echo).status();
  EXPECT_TRUE(absl::IsUnavailable(taken)) << taken;
  EXPECT_THAT(taken.message(), HasSubstr(absl::StrCat("127.0.0.1:", options_.port)));
  options_.address = "example";
  EXPECT_TRUE(absl::IsInvalidArgument(HttpServer::Start(options_, Echo).status()));
}

class HttpsServerTest : public HttpServerTest {
 protected:
  HttpsServerTest() {
    options_.tls = TlsIdentity{certificate_.certificate_pem(), certificate_.private_key_pem()};
  }

  TestCertificate certificate_;
};

TEST_F(HttpsServerTest, AnswersOverTls) {
  StartServer();
  const std::string body(500000, 'b');
  const auto response = Ask(Request("POST", "/x", body));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, absl::StrCat("POST /x ", body));
}

TEST_F(HttpsServerTest, AClientWithoutTlsAndOneThatSaysNothingAreClosed) {
  options_.header_timeout = absl::Milliseconds(50);
  StartServer();
  RawClient plain(server_->port());
  plain.Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  RawClient silent(server_->port());
  EXPECT_EQ(silent.ReadToEnd(), "");
  AwaitConnections(0, 0);
  EXPECT_EQ(server_->statistics().requests, 0);
}

TEST_F(HttpsServerTest, ACertificateThatIsNoneIsAnError) {
  options_.tls->private_key = "nothing";
  EXPECT_THAT(HttpServer::Start(options_, Echo).status().message(), HasSubstr("private key"));
  options_.tls->certificate_chain = "nothing";
  EXPECT_THAT(HttpServer::Start(options_, Echo).status().message(), HasSubstr("certificate"));
}

}  // namespace
}  // namespace pallas::net
