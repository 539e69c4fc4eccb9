#ifndef PALLAS_CONNECTORS_REDIS_CLUSTER_H_
#define PALLAS_CONNECTORS_REDIS_CLUSTER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "connectors/redis/connection.h"
#include "connectors/redis/options.h"
#include "sdk/request_context.h"

namespace pallas::redis {

inline constexpr int kNumSlots = 16384;

// The slot of a key: CRC-16 of what stands between its first `{` and the next `}`, or of all of it.
int SlotOf(std::string_view key);

// Slots in order, as ranges with inclusive ends.
class SlotSet {
 public:
  struct Range {
    int first = 0;
    int last = 0;

    auto operator<=>(const Range&) const = default;
  };

  // Sorts the ranges and joins neighbours.
  explicit SlotSet(std::vector<Range> ranges);

  // `0-5460,5462`; INVALID_ARGUMENT if it is not that.
  static absl::StatusOr<SlotSet> Parse(std::string_view text);
  std::string ToString() const;

  bool Contains(int slot) const;

  bool operator==(const SlotSet&) const = default;

 private:
  std::vector<Range> ranges_;
};

// A primary of a cluster and the slots it serves.
struct ClusterNode {
  HostPort address;
  SlotSet slots;
};

// The primaries, by address. UNAVAILABLE if slots have none.
absl::StatusOr<std::vector<ClusterNode>> ReadTopology(const sdk::RequestContext& context,
                                                      Connection& connection);

// OK if the node serves exactly `slots` and none of them is being moved; else UNAVAILABLE. Keys
// that move between nodes while these are scanned would be seen twice or not at all.
absl::Status CheckSlots(const sdk::RequestContext& context, Connection& connection,
                        const SlotSet& slots);

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_CLUSTER_H_
