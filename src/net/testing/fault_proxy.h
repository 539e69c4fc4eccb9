#ifndef PALLAS_NET_TESTING_FAULT_PROXY_H_
#define PALLAS_NET_TESTING_FAULT_PROXY_H_

#include <cstdint>
#include <limits>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace pallas::net {

// Where bytes of a connection go.
enum class Direction { kToServer, kToClient };

// What happens to a direction of a connection once a rule acts.
enum class Fault {
  kNone,
  kStall,    // nothing is read any more: the sender's buffers fill up
  kSwallow,  // bytes are taken and thrown away: half-open, the sender notices nothing
  kClose,    // an orderly end (FIN) to both sides
  kReset,    // a broken connection (RST) to both sides
  kCorrupt,  // the next byte is inverted, the rest passes
};

// Holds for every connection, those that live included, until another is set.
struct FaultRule {
  Fault fault = Fault::kNone;
  // The fault acts once so many bytes have passed in its direction of a connection since the rule
  // was set; 0: at once.
  int64_t after_bytes = 0;
  // After it has acted on so many connections, the fault acts on no more.
  int64_t max_hits = std::numeric_limits<int64_t>::max();
  absl::Duration delay = absl::ZeroDuration();  // before bytes are passed on
  int64_t bytes_per_second = 0;                 // 0: no limit
};

// What becomes of new connections.
enum class Accepting {
  kForward,
  kStall,   // accepted, and nothing more
  kReset,   // accepted and broken
  kRefuse,  // nobody listens
};

// A TCP proxy for tests, on a free port of 127.0.0.1, that hurts the connections it passes on in
// the way it is told. It has a thread of its own. Thread-safe. The destructor breaks all
// connections.
class FaultProxy {
 public:
  // Passes on to `target_port` of 127.0.0.1, which need not be open yet.
  static absl::StatusOr<std::unique_ptr<FaultProxy>> Start(int target_port);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  int port() const;

  // Sets all to what it was at the start, but for connections that live, and counts.
  void Heal();
  // Sets the rule of one direction.
  void SetRule(Direction direction, FaultRule rule);
  void SetAccepting(Accepting accepting);
  void SetTarget(int target_port);
  // Breaks all connections that live (RST).
  void ResetConnections();

  // Counts since the start.
  int64_t connections() const;
  int64_t bytes(Direction direction) const;      // passed on
  int64_t swallowed(Direction direction) const;  // bytes thrown away by Fault::kSwallow
  int64_t hits() const;                          // connections on which a fault has acted

  int live_connections() const;

  // Wait until a count is at least `count`; false if it is not so after `patience`, which a test
  // takes for a failure.
  bool WaitForConnections(int64_t count, absl::Duration patience = kPatience) const;
  bool WaitForBytes(Direction direction, int64_t count, absl::Duration patience = kPatience) const;
  bool WaitForSwallowed(Direction direction, int64_t count,
                        absl::Duration patience = kPatience) const;
  bool WaitForHits(int64_t count, absl::Duration patience = kPatience) const;
  // Waits until no connection lives.
  bool WaitForSilence(absl::Duration patience = kPatience) const;

  static constexpr absl::Duration kPatience = absl::Seconds(60);

 private:
  class State;
  explicit FaultProxy(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace pallas::net

#endif  // PALLAS_NET_TESTING_FAULT_PROXY_H_
