#include "connectors/redis/testing/scripted_server.h"

#include <array>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "base/check.h"

namespace pallas::redis {
namespace {

// Waits for `file`; false: the server is to end.
bool Wait(int file, int wake) {
  std::array<pollfd, 2> files = {pollfd{file, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
  poll(files.data(), files.size(), -1);
  return files[1].revents == 0;
}

}  // namespace

ScriptedServer::ScriptedServer(std::vector<std::string> replies)
    : replies_(std::move(replies)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      wake_(eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  constexpr int kBacklog = 8;
  const bool open = bind(listener_, generic, sizeof(address)) == 0 &&
                    listen(listener_, kBacklog) == 0 && getsockname(listener_, generic, &size) == 0;
  CHECK(open);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

ScriptedServer::~ScriptedServer() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
  thread_.join();
  close(listener_);
  close(wake_);
}

void ScriptedServer::Serve() {
  while (Wait(listener_, wake_)) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    size_t next = 0;
    while (Wait(connection, wake_)) {
      std::array<char, 65536> bytes{};
      if (recv(connection, bytes.data(), bytes.size(), 0) <= 0) {
        break;
      }
      ++num_requests_;
      if (replies_.empty()) {
        continue;
      }
      const std::string& reply = replies_[next++];
      send(connection, reply.data(), reply.size(), MSG_NOSIGNAL);
      if (next == replies_.size()) {
        break;
      }
    }
    close(connection);
  }
}

}  // namespace pallas::redis
