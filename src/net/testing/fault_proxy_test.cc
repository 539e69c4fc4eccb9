#include "net/testing/fault_proxy.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include <poll.h>
#include <unistd.h>

namespace pallas::net {
namespace {

sockaddr_in Address(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// Sends back what it gets, each connection on a thread.
class EchoServer {
 public:
  EchoServer() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = Address(0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { Accept(); });
  }

  ~EchoServer() {
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    close(listener_);
    for (size_t i = 0; i < threads_.size(); ++i) {
      shutdown(sockets_[i], SHUT_RDWR);
      threads_[i].join();
      close(sockets_[i]);
    }
  }

  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  int port() const { return port_; }

  int64_t bytes() const { return bytes_; }

 private:
  void Accept() {
    for (int fd = accept(listener_, nullptr, nullptr); fd >= 0;
         fd = accept(listener_, nullptr, nullptr)) {
      sockets_.push_back(fd);
      threads_.emplace_back([this, fd] {
        char buffer[4096];
        for (ssize_t size = recv(fd, buffer, sizeof(buffer), 0); size > 0;
             size = recv(fd, buffer, sizeof(buffer), 0)) {
          bytes_ += size;
          send(fd, buffer, static_cast<size_t>(size), MSG_NOSIGNAL);
        }
        shutdown(fd, SHUT_RDWR);
      });
    }
  }

  int listener_;
  int port_ = 0;
  std::atomic<int64_t> bytes_ = 0;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

class Client {
 public:
  explicit Client(int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    const sockaddr_in address = Address(port);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  }

  ~Client() { close(fd_); }

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }

  void Send(std::string_view bytes) { send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

  void EndSending() { shutdown(fd_, SHUT_WR); }

  // As many bytes, or those before the end.
  std::string Receive(size_t size) {
    std::string bytes;
    char buffer[4096];
    while (bytes.size() < size) {
      const ssize_t got = recv(fd_, buffer, std::min(sizeof(buffer), size - bytes.size()), 0);
      error_ = got < 0 ? errno : 0;
      if (got <= 0) {
        break;
      }
      bytes.append(buffer, static_cast<size_t>(got));
    }
    return bytes;
  }

  // All bytes up to the end.
  std::string ReceiveAll() { return Receive(std::string::npos); }

  // What ended the last Receive(): 0 for an orderly end.
  int error() const { return error_; }

  bool HasBytes() const {
    pollfd readable{fd_, POLLIN, 0};
    return poll(&readable, 1, 0) > 0;
  }

 private:
  int fd_;
  bool connected_ = false;
  int error_ = 0;
};

class FaultProxyTest : public testing::Test {
 protected:
  void SetUp() override {
    auto proxy = FaultProxy::Start(server_.port());
    ASSERT_TRUE(proxy.ok()) << proxy.status();
    proxy_ = *std::move(proxy);
  }

  EchoServer server_;
  std::unique_ptr<FaultProxy> proxy_;
};

TEST_F(FaultProxyTest, PassesOnWhatItGetsAndCounts) {
  const std::string megabyte(1'000'000, 'm');
  Client one(proxy_->port());
  Client two(proxy_->port());
  one.Send("hello");
  EXPECT_EQ(one.Receive(5), "hello");
  std::thread sender([&] {
    two.Send(megabyte);
    two.EndSending();
  });
  EXPECT_EQ(two.ReceiveAll(), megabyte);
  EXPECT_EQ(two.error(), 0);
  sender.join();
  EXPECT_EQ(proxy_->connections(), 2);
  EXPECT_TRUE(proxy_->WaitForBytes(Direction::kToServer, 1'000'005));
  EXPECT_TRUE(proxy_->WaitForBytes(Direction::kToClient, 1'000'005));
  EXPECT_EQ(proxy_->bytes(Direction::kToServer), 1'000'005);
  EXPECT_EQ(proxy_->hits(), 0);
  one.EndSending();
  EXPECT_TRUE(proxy_->WaitForSilence());
}

TEST_F(FaultProxyTest, DelaysBothDirections) {
  proxy_->SetRule(Direction::kToServer, {.delay = absl::Milliseconds(30)});
  proxy_->SetRule(Direction::kToClient, {.delay = absl::Milliseconds(20)});
  Client client(proxy_->port());
  const absl::Time start = absl::Now();
  client.Send("ping");
  EXPECT_EQ(client.Receive(4), "ping");
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(50));
}

TEST_F(FaultProxyTest, LimitsTheBandwidth) {
  proxy_->SetRule(Direction::kToClient, {.bytes_per_second = 100'000});
  Client client(proxy_->port());
  const absl::Time start = absl::Now();
  client.Send(std::string(10'000, 'x'));
  EXPECT_EQ(client.Receive(10'000).size(), 10'000U);
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(90));
}

TEST_F(FaultProxyTest, AStallHoldsBackAndLetsGo) {
  Client client(proxy_->port());
  client.Send("ab");
  EXPECT_EQ(client.Receive(2), "ab");
  proxy_->SetRule(Direction::kToClient, {.fault = Fault::kStall, .after_bytes = 3});
  client.Send("cdefg");
  EXPECT_EQ(client.Receive(3), "cde");
  EXPECT_TRUE(proxy_->WaitForHits(1));
  EXPECT_FALSE(client.HasBytes());
  proxy_->Heal();
  EXPECT_EQ(client.Receive(2), "fg");
  client.Send("h");
  EXPECT_EQ(client.Receive(1), "h");
}

TEST_F(FaultProxyTest, ASwallowedDirectionIsHalfOpen) {
  proxy_->SetRule(Direction::kToServer, {.fault = Fault::kSwallow, .after_bytes = 2});
  Client client(proxy_->port());
  client.Send("abc");
  EXPECT_EQ(client.Receive(2), "ab");
  EXPECT_TRUE(proxy_->WaitForHits(1));
  proxy_->Heal();
  client.Send("d");
  EXPECT_EQ(client.Receive(1), "d");
}

TEST_F(FaultProxyTest, ATruncatedAnswerEndsInOrderAtEveryByte) {
  for (int64_t size = 0; size <= 6; ++size) {
    proxy_->SetRule(Direction::kToClient, {.fault = Fault::kClose, .after_bytes = size});
    Client client(proxy_->port());
    client.Send("abcdef");
    EXPECT_EQ(client.ReceiveAll(), std::string("abcdef").substr(0, static_cast<size_t>(size)));
    EXPECT_EQ(client.error(), 0) << size;
  }
  EXPECT_EQ(proxy_->hits(), 7);
  EXPECT_TRUE(proxy_->WaitForSilence());
}

TEST_F(FaultProxyTest, AResetBreaksTheConnection) {
  proxy_->SetRule(Direction::kToClient, {.fault = Fault::kReset, .after_bytes = 3});
  Client client(proxy_->port());
  client.Send("abcdef");
  EXPECT_EQ(client.ReceiveAll(), "abc");
  EXPECT_EQ(client.error(), ECONNRESET);
  // Connections that live are broken at once.
  proxy_->Heal();
  Client living(proxy_->port());
  living.Send("x");
  EXPECT_EQ(living.Receive(1), "x");
  proxy_->SetRule(Direction::kToServer, {.fault = Fault::kReset});
  EXPECT_EQ(living.ReceiveAll(), "");
  EXPECT_EQ(living.error(), ECONNRESET);
  proxy_->Heal();
  Client another(proxy_->port());
  another.Send("x");
  EXPECT_EQ(another.Receive(1), "x");
  proxy_->ResetConnections();
  EXPECT_EQ(another.ReceiveAll(), "");
  EXPECT_EQ(another.error(), ECONNRESET);
}

TEST_F(FaultProxyTest, CorruptsOneByte) {
  for (int64_t place = 0; place < 3; ++place) {
    proxy_->SetRule(Direction::kToClient, {.fault = Fault::kCorrupt, .after_bytes = place});
    Client client(proxy_->port());
    client.Send("abc");
    std::string want = "abc";
    char& corrupt = want[static_cast<size_t>(place)];
    corrupt = static_cast<char>(~corrupt);
    EXPECT_EQ(client.Receive(3), want);
    client.Send("de");
    EXPECT_EQ(client.Receive(2), "de");
  }
}

TEST_F(FaultProxyTest, ARuleActsAsOftenAsItMay) {
  proxy_->SetRule(Direction::kToServer, {.fault = Fault::kReset, .max_hits = 2});
  for (int i = 0; i < 4; ++i) {
    Client client(proxy_->port());
    client.Send("x");
    EXPECT_EQ(client.Receive(1), i < 2 ? "" : "x") << i;
  }
  EXPECT_EQ(proxy_->hits(), 2);
}

TEST_F(FaultProxyTest, TreatsNewConnectionsAsTold) {
  proxy_->SetAccepting(Accepting::kReset);
  Client broken(proxy_->port());
  EXPECT_EQ(broken.ReceiveAll(), "");
  EXPECT_EQ(broken.error(), ECONNRESET);
  proxy_->SetAccepting(Accepting::kRefuse);
  EXPECT_FALSE(Client(proxy_->port()).connected());
  proxy_->SetAccepting(Accepting::kStall);
  Client stalled(proxy_->port());
  EXPECT_TRUE(stalled.connected());
  stalled.Send("x");
  EXPECT_TRUE(proxy_->WaitForConnections(2));
  EXPECT_FALSE(stalled.HasBytes());
  proxy_->Heal();
  Client fine(proxy_->port());
  fine.Send("x");
  EXPECT_EQ(fine.Receive(1), "x");
  EXPECT_EQ(server_.bytes(), 1);
}

TEST_F(FaultProxyTest, AServerThatIsDownBreaksConnectionsAndMayMove) {
  proxy_->SetTarget(1);
  Client client(proxy_->port());
  EXPECT_EQ(client.ReceiveAll(), "");
  EXPECT_EQ(client.error(), ECONNRESET);
  proxy_->SetTarget(server_.port());
  Client fine(proxy_->port());
  fine.Send("x");
  EXPECT_EQ(fine.Receive(1), "x");
}

TEST_F(FaultProxyTest, WaitingEndsWithPatience) {
  EXPECT_FALSE(proxy_->WaitForConnections(1, absl::Milliseconds(1)));
  EXPECT_FALSE(proxy_->WaitForHits(1, absl::Milliseconds(1)));
  EXPECT_TRUE(proxy_->WaitForSilence(absl::Milliseconds(1)));
}

}  // namespace
}  // namespace pallas::net
