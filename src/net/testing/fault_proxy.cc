#include "net/testing/fault_proxy.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/status_macros.h"

namespace pallas::net {
namespace {

// Bytes that one direction of a connection holds; more stay with the sender.
constexpr size_t kMaxHeldBytes = size_t{64} * 1024;
constexpr size_t kReadBytes = size_t{16} * 1024;
constexpr int kBacklog = 128;
// A limited direction passes on as many bytes at once as it may in this time.
constexpr absl::Duration kBandwidthStep = absl::Milliseconds(5);

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

absl::Status SystemError(const char* what) {
  return absl::InternalError(
      absl::StrCat("fault proxy: ", what, ": ", std::generic_category().message(errno)));
}

// A descriptor, closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}

  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }

  ~Descriptor() { Close(); }

  int get() const { return fd_; }

  bool open() const { return fd_ >= 0; }

  void Close() {
    if (fd_ >= 0) {
      close(std::exchange(fd_, -1));
    }
  }

  // Closes a connection so that the other side sees it broken.
  void Reset() {
    if (fd_ >= 0) {
      const linger at_once{.l_onoff = 1, .l_linger = 0};
      setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
      Close();
    }
  }

 private:
  int fd_;
};

absl::StatusOr<Descriptor> Listen(int port) {
  Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const sockaddr_in address = Loopback(port);
  if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return SystemError("bind");
  }
  if (listen(listener.get(), kBacklog) != 0) {
    return SystemError("listen");
  }
  return listener;
}

absl::StatusOr<int> PortOf(const Descriptor& listener) {
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  if (getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return SystemError("getsockname");
  }
  return ntohs(address.sin_port);
}

void SetNoDelay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

bool IsTransient(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// Bytes on their way.
struct Piece {
  std::string bytes;
  absl::Time due;
};

// One direction of a connection.
struct Pipe {
  std::deque<Piece> pieces;
  size_t held_bytes = 0;
  int64_t passed_bytes = 0;  // since the rule was set
  bool ended = false;        // the sender has said that nothing more will come
  bool end_sent = false;
  bool acted = false;  // the fault of the rule has acted
  bool swallows = false;
  bool stalls = false;
  Fault at_end = Fault::kNone;                  // what happens when all pieces are passed on
  absl::Time next_send = absl::InfinitePast();  // of a limited direction
};

struct Connection {
  Descriptor client;
  Descriptor server;
  bool connecting = false;
  bool condemned = false;  // to be broken
  bool parked = false;     // accepted, and nothing more
  bool draining = false;   // the client has been told the end; waits for it to hang up
  std::array<Pipe, 2> pipes;

  bool dead() const { return !client.open() && !server.open(); }

  void Reset() {
    client.Reset();
    server.Reset();
  }
};

}  // namespace

class FaultProxy::State {
 public:
  State(int target_port, Descriptor listener, int port)
      : target_port_(target_port),
        port_(port),
        listener_(std::move(listener)),
        wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        thread_([this] { Run(); }) {}

  ~State() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    Wake();
    thread_.join();
    for (Connection& connection : connections_) {
      connection.Reset();
    }
  }

  State(const State&) = delete;
  State& operator=(const State&) = delete;

  int port() const { return port_; }

  // Runs `change` under the lock, then waits until the thread has done what it asks for.
  void Change(const std::function<void()>& change) {
    std::unique_lock lock(mutex_);
    change();
    const uint64_t change_number = ++changes_;
    Wake();
    changed_.wait(lock, [&] { return changes_done_ >= change_number; });
  }

  // With the lock
  // --------------------------------------------------------------------------------------------

  void SetRule(Direction direction, const FaultRule& rule) {
    rules_[Index(direction)] = rule;
    rule_hits_[Index(direction)] = 0;
    for (Connection& connection : connections_) {
      Pipe& pipe = connection.pipes[Index(direction)];
      pipe.passed_bytes = 0;
      pipe.acted = false;
      pipe.stalls = false;
      pipe.swallows = false;
    }
    ApplyDue();
  }

  void SetAccepting(Accepting accepting) {
    accepting_ = accepting;
    if (accepting == Accepting::kRefuse) {
      // The thread may be waiting on it, which would keep it open for a while.
      shutdown(listener_.get(), SHUT_RDWR);
      listener_.Close();
    } else if (!listener_.open()) {
      absl::StatusOr<Descriptor> listener = Listen(port_);
      // Who takes the port meanwhile makes the test fail, which is all that can be done.
      if (listener.ok()) {
        listener_ = *std::move(listener);
      }
    }
  }

  // The thread does it: while it waits for a socket, closing that would not end it.
  void ResetConnections() {
    for (Connection& connection : connections_) {
      connection.condemned = true;
    }
  }

  template <typename Condition>
  bool WaitFor(absl::Duration patience, const Condition& condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, absl::ToChronoNanoseconds(patience), condition);
  }

  template <typename Getter>
  auto Get(const Getter& getter) {
    const std::lock_guard lock(mutex_);
    return getter();
  }

  static size_t Index(Direction direction) { return direction == Direction::kToServer ? 0 : 1; }

  int64_t accepted() const { return accepted_; }

  int64_t bytes(Direction direction) const { return bytes_[Index(direction)]; }

  int64_t swallowed(Direction direction) const { return swallowed_[Index(direction)]; }

  int64_t hits() const { return hits_; }

  size_t live() const { return connections_.size(); }

  void SetTarget(int target_port) { target_port_ = target_port; }

 private:
  void Wake() {
    const uint64_t one = 1;
    // It cannot fail: the counter is far from full.
    [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof(one));
  }

  void Run() {
    std::vector<pollfd> fds;
    while (true) {
      int timeout_ms = -1;
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) {
          return;
        }
        timeout_ms = Prepare(fds);
      }
      poll(fds.data(), fds.size(), timeout_ms);
      {
        const std::lock_guard lock(mutex_);
        uint64_t ignored = 0;
        [[maybe_unused]] const ssize_t size = read(wake_.get(), &ignored, sizeof(ignored));
        for (Connection& connection : connections_) {
          Serve(connection);
        }
        Accept();
        connections_.remove_if([](const Connection& connection) { return connection.dead(); });
        changes_done_ = changes_;
      }
      changed_.notify_all();
    }
  }

  // What to wait for, and how long at most.
  int Prepare(std::vector<pollfd>& fds) {
    fds.clear();
    fds.push_back({wake_.get(), POLLIN, 0});
    if (listener_.open()) {
      fds.push_back({listener_.get(), POLLIN, 0});
    }
    absl::Time next = absl::InfiniteFuture();
    for (Connection& connection : connections_) {
      Watched(connection, Direction::kToServer, next, fds);
      Watched(connection, Direction::kToClient, next, fds);
    }
    if (next == absl::InfiniteFuture()) {
      return -1;
    }
    const absl::Duration left = std::max(absl::ZeroDuration(), next - absl::Now());
    return static_cast<int>(absl::ToInt64Milliseconds(absl::Ceil(left, absl::Milliseconds(1))));
  }

  // What one direction waits for: bytes of its sender, room at its receiver, or a time.
  static void Watched(Connection& connection, Direction direction, absl::Time& next,
                      std::vector<pollfd>& fds) {
    const Pipe& pipe = connection.pipes[Index(direction)];
    const bool to_server = direction == Direction::kToServer;
    const int from = (to_server ? connection.client : connection.server).get();
    const int to = (to_server ? connection.server : connection.client).get();
    if (connection.parked) {
      return;
    }
    if (connection.connecting) {
      if (to_server) {
        fds.push_back({to, POLLOUT, 0});
      }
      return;
    }
    if (from >= 0 && MayRead(pipe)) {
      fds.push_back({from, POLLIN, 0});
    }
    if (to >= 0 && !pipe.pieces.empty()) {
      const absl::Time due = std::max(pipe.pieces.front().due, pipe.next_send);
      if (due <= absl::Now()) {
        fds.push_back({to, POLLOUT, 0});
      } else {
        next = std::min(next, due);
      }
    }
  }

  static bool MayRead(const Pipe& pipe) {
    return !pipe.ended && !pipe.stalls && pipe.at_end == Fault::kNone &&
           pipe.held_bytes < kMaxHeldBytes;
  }

  void Accept() {
    while (listener_.open()) {
      Descriptor client(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!client.open()) {
        return;
      }
      accepted_ += 1;
      if (accepting_ == Accepting::kReset) {
        client.Reset();
        continue;
      }
      SetNoDelay(client.get());
      Connection& connection = connections_.emplace_back();
      connection.client = std::move(client);
      if (accepting_ == Accepting::kStall) {
        connection.parked = true;
        continue;
      }
      ConnectToServer(connection);
      ApplyDue(connection);
    }
  }

  void ConnectToServer(Connection& connection) {
    connection.server = Descriptor(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    SetNoDelay(connection.server.get());
    const sockaddr_in address = Loopback(target_port_);
    if (connect(connection.server.get(), reinterpret_cast<const sockaddr*>(&address),
                sizeof(address)) == 0) {
      return;
    }
    if (errno == EINPROGRESS) {
      connection.connecting = true;
    } else {
      connection.Reset();
    }
  }

  void Serve(Connection& connection) {
    if (connection.condemned) {
      connection.Reset();
    }
    if (connection.parked || connection.dead()) {
      return;
    }
    if (connection.connecting && !FinishConnecting(connection)) {
      return;
    }
    for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
      Receive(connection, direction);
      Send(connection, direction);
      if (connection.dead()) {
        return;
      }
    }
    const auto& [to_server, to_client] = connection.pipes;
    if (to_server.end_sent && to_client.end_sent) {
      connection.client.Close();
      connection.server.Close();
    }
  }

  static bool FinishConnecting(Connection& connection) {
    pollfd server{connection.server.get(), POLLOUT, 0};
    if (poll(&server, 1, 0) == 0) {
      return false;
    }
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(connection.server.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    connection.connecting = false;
    if (error != 0) {
      connection.Reset();
    }
    return error == 0;
  }

  void Receive(Connection& connection, Direction direction) {
    Pipe& pipe = connection.pipes[Index(direction)];
    const Descriptor& from =
        direction == Direction::kToServer ? connection.client : connection.server;
    char buffer[kReadBytes];
    while (from.open() && MayRead(pipe)) {
      const ssize_t size = recv(from.get(), buffer, sizeof(buffer), 0);
      if (size < 0 && !IsTransient(errno)) {
        connection.Reset();
      }
      if (size < 0) {
        return;
      }
      if (size == 0 && connection.draining) {
        connection.client.Close();
      }
      if (size == 0) {
        pipe.ended = true;
        return;
      }
      Take(connection, direction, std::string(buffer, static_cast<size_t>(size)));
    }
  }

  // Takes bytes of the sender, as far as the rule lets them pass.
  void Take(Connection& connection, Direction direction, std::string bytes) {
    Pipe& pipe = connection.pipes[Index(direction)];
    const FaultRule& rule = rules_[Index(direction)];
    if (connection.draining) {
      return;
    }
    if (pipe.swallows) {
      swallowed_[Index(direction)] += static_cast<int64_t>(bytes.size());
      return;
    }
    const auto until_fault = static_cast<uint64_t>(rule.after_bytes - pipe.passed_bytes);
    if (WillAct(pipe, direction) && until_fault <= bytes.size()) {
      std::string rest = bytes.substr(until_fault);
      bytes.resize(until_fault);
      Keep(pipe, rule, std::move(bytes));
      if (rule.fault == Fault::kCorrupt && rest.empty()) {
        return;  // the next byte is still to come
      }
      Act(connection, direction);
      if (rule.fault == Fault::kCorrupt) {
        rest[0] = static_cast<char>(~rest[0]);
      }
      // What a stall keeps back passes when it is over.
      if (rule.fault == Fault::kCorrupt || rule.fault == Fault::kStall) {
        Keep(pipe, rule, std::move(rest));
      }
      return;
    }
    Keep(pipe, rule, std::move(bytes));
  }

  static void Keep(Pipe& pipe, const FaultRule& rule, std::string bytes) {
    if (bytes.empty()) {
      return;
    }
    pipe.passed_bytes += static_cast<int64_t>(bytes.size());
    pipe.held_bytes += bytes.size();
    // What came while the direction was stalled waits for its end.
    const absl::Time due = pipe.stalls ? absl::InfiniteFuture() : absl::Now() + rule.delay;
    pipe.pieces.push_back({std::move(bytes), due});
  }

  bool WillAct(const Pipe& pipe, Direction direction) const {
    const FaultRule& rule = rules_[Index(direction)];
    return rule.fault != Fault::kNone && !pipe.acted &&
           rule_hits_[Index(direction)] < rule.max_hits;
  }

  void Act(Connection& connection, Direction direction) {
    Pipe& pipe = connection.pipes[Index(direction)];
    const Fault fault = rules_[Index(direction)].fault;
    pipe.acted = true;
    rule_hits_[Index(direction)] += 1;
    hits_ += 1;
    pipe.stalls = fault == Fault::kStall;
    pipe.swallows = fault == Fault::kSwallow;
    if (fault == Fault::kClose || fault == Fault::kReset) {
      pipe.at_end = fault;
    }
  }

  // Faults whose bytes have passed already, for what no further byte is needed.
  void ApplyDue(Connection& connection) {
    for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
      Pipe& pipe = connection.pipes[Index(direction)];
      const FaultRule& rule = rules_[Index(direction)];
      // Pieces that a stall kept back pass now.
      for (Piece& piece : pipe.pieces) {
        piece.due = !pipe.stalls && piece.due == absl::InfiniteFuture() ? absl::Now() : piece.due;
      }
      if (!connection.parked && !connection.draining && WillAct(pipe, direction) &&
          rule.fault != Fault::kCorrupt && pipe.passed_bytes >= rule.after_bytes) {
        Act(connection, direction);
      }
    }
  }

  void ApplyDue() {
    for (Connection& connection : connections_) {
      ApplyDue(connection);
    }
  }

  void Send(Connection& connection, Direction direction) {
    Pipe& pipe = connection.pipes[Index(direction)];
    const Descriptor& to =
        direction == Direction::kToServer ? connection.server : connection.client;
    const FaultRule& rule = rules_[Index(direction)];
    while (to.open() && !pipe.pieces.empty()) {
      Piece& piece = pipe.pieces.front();
      const absl::Time now = absl::Now();
      if (std::max(piece.due, pipe.next_send) > now) {
        return;
      }
      size_t size = piece.bytes.size();
      if (rule.bytes_per_second > 0) {
        const double step =
            static_cast<double>(rule.bytes_per_second) * absl::ToDoubleSeconds(kBandwidthStep);
        size = std::clamp(static_cast<size_t>(step), size_t{1}, size);
      }
      const ssize_t sent = send(to.get(), piece.bytes.data(), size, MSG_NOSIGNAL);
      if (sent < 0 && !IsTransient(errno)) {
        connection.Reset();
      }
      if (sent < 0) {
        return;
      }
      bytes_[Index(direction)] += sent;
      pipe.held_bytes -= static_cast<size_t>(sent);
      piece.bytes.erase(0, static_cast<size_t>(sent));
      if (rule.bytes_per_second > 0) {
        pipe.next_send = now + absl::Seconds(static_cast<double>(sent) /
                                             static_cast<double>(rule.bytes_per_second));
      }
      if (piece.bytes.empty()) {
        pipe.pieces.pop_front();
      }
    }
    if (to.open() && pipe.pieces.empty()) {
      EndPipe(connection, direction);
    }
  }

  // All that may pass has passed.
  static void EndPipe(Connection& connection, Direction direction) {
    Pipe& pipe = connection.pipes[Index(direction)];
    const Descriptor& to =
        direction == Direction::kToServer ? connection.server : connection.client;
    if (pipe.at_end == Fault::kReset) {
      connection.Reset();
    } else if (pipe.at_end == Fault::kClose) {
      // The client's socket stays open until it hangs up: unread bytes would turn the end into a
      // reset.
      pipe.at_end = Fault::kNone;
      shutdown(connection.client.get(), SHUT_WR);
      connection.server.Close();
      connection.draining = true;
      connection.pipes = {};
    } else if (pipe.ended && !pipe.end_sent && !pipe.swallows) {
      shutdown(to.get(), SHUT_WR);
      pipe.end_sent = true;
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  int target_port_;
  const int port_;
  Descriptor listener_;
  Descriptor wake_;
  bool stopping_ = false;
  uint64_t changes_ = 0;
  uint64_t changes_done_ = 0;
  Accepting accepting_ = Accepting::kForward;
  std::array<FaultRule, 2> rules_;
  std::array<int64_t, 2> rule_hits_ = {0, 0};
  std::list<Connection> connections_;
  int64_t accepted_ = 0;
  int64_t hits_ = 0;
  std::array<int64_t, 2> bytes_ = {0, 0};
  std::array<int64_t, 2> swallowed_ = {0, 0};
  std::thread thread_;  // last: it uses the rest
};

FaultProxy::FaultProxy(std::unique_ptr<State> state) : state_(std::move(state)) {}

FaultProxy::~FaultProxy() = default;

absl::StatusOr<std::unique_ptr<FaultProxy>> FaultProxy::Start(int target_port) {
  ASSIGN_OR_RETURN(Descriptor listener, Listen(0));
  ASSIGN_OR_RETURN(const int port, PortOf(listener));
  return std::unique_ptr<FaultProxy>(
      new FaultProxy(std::make_unique<State>(target_port, std::move(listener), port)));
}

int FaultProxy::port() const { return state_->port(); }

void FaultProxy::Heal() {
  state_->Change([this] {
    state_->SetAccepting(Accepting::kForward);
    state_->SetRule(Direction::kToServer, {});
    state_->SetRule(Direction::kToClient, {});
  });
}

void FaultProxy::SetRule(Direction direction, FaultRule rule) {
  state_->Change([&] { state_->SetRule(direction, rule); });
}

void FaultProxy::SetAccepting(Accepting accepting) {
  state_->Change([&] { state_->SetAccepting(accepting); });
}

void FaultProxy::SetTarget(int target_port) {
  state_->Change([&] { state_->SetTarget(target_port); });
}

void FaultProxy::ResetConnections() {
  state_->Change([this] { state_->ResetConnections(); });
}

int64_t FaultProxy::connections() const {
  return state_->Get([this] { return state_->accepted(); });
}

int64_t FaultProxy::bytes(Direction direction) const {
  return state_->Get([&] { return state_->bytes(direction); });
}

int64_t FaultProxy::swallowed(Direction direction) const {
  return state_->Get([&] { return state_->swallowed(direction); });
}

int64_t FaultProxy::hits() const {
  return state_->Get([this] { return state_->hits(); });
}

int FaultProxy::live_connections() const {
  return state_->Get([this] { return static_cast<int>(state_->live()); });
}

bool FaultProxy::WaitForConnections(int64_t count, absl::Duration patience) const {
  return state_->WaitFor(patience, [&] { return state_->accepted() >= count; });
}

bool FaultProxy::WaitForBytes(Direction direction, int64_t count, absl::Duration patience) const {
  return state_->WaitFor(patience, [&] { return state_->bytes(direction) >= count; });
}

bool FaultProxy::WaitForSwallowed(Direction direction, int64_t count,
                                  absl::Duration patience) const {
  return state_->WaitFor(patience, [&] { return state_->swallowed(direction) >= count; });
}

bool FaultProxy::WaitForHits(int64_t count, absl::Duration patience) const {
  return state_->WaitFor(patience, [&] { return state_->hits() >= count; });
}

bool FaultProxy::WaitForSilence(absl::Duration patience) const {
  return state_->WaitFor(patience, [this] { return state_->live() == 0; });
}

}  // namespace pallas::net
