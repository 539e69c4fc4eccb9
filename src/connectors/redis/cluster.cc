#include "connectors/redis/cluster.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "base/status_macros.h"

namespace pallas::redis {
namespace {

// CRC-16 with the polynomial 0x1021, from 0: "XMODEM".
constexpr auto kCrcTable = [] {
  std::array<uint16_t, 256> table{};
  for (unsigned byte = 0; byte < table.size(); ++byte) {
    unsigned crc = byte << 8U;
    for (int bit = 0; bit < 8; ++bit) {
      crc = (crc & 0x8000U) != 0 ? (crc << 1U) ^ 0x1021U : crc << 1U;
    }
    table[byte] = static_cast<uint16_t>(crc);
  }
  return table;
}();

absl::Status Moving(const HostPort& host) {
  return absl::UnavailableError(absl::StrCat(
      "Redis server ", host.ToString(),
      ": slots of the cluster are being moved to or from this node, so that keys would be read "
      "twice or not at all; run the query again when the cluster has settled"));
}

absl::Status NotATopology(const HostPort& host) {
  return absl::UnavailableError(absl::StrCat("Redis server ", host.ToString(),
                                             ": the answer to CLUSTER SLOTS is not understood"));
}

}  // namespace

int SlotOf(std::string_view key) {
  if (const size_t open = key.find('{'); open != std::string_view::npos) {
    const size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) {
      key = key.substr(open + 1, close - open - 1);
    }
  }
  unsigned crc = 0;
  for (const char character : key) {
    crc = ((crc << 8U) & 0xFFFFU) ^
          kCrcTable[((crc >> 8U) ^ static_cast<unsigned char>(character)) & 0xFFU];
  }
  return static_cast<int>(crc % kNumSlots);
}

SlotSet::SlotSet(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end());
  for (const Range& range : ranges) {
    if (!ranges_.empty() && ranges_.back().last + 1 >= range.first) {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    } else {
      ranges_.push_back(range);
    }
  }
}

absl::StatusOr<SlotSet> SlotSet::Parse(std::string_view text) {
  std::vector<Range> ranges;
  for (const std::string_view item : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::vector<std::string_view> ends = absl::StrSplit(item, '-');
    Range range;
    if (ends.size() > 2 || !absl::SimpleAtoi(ends.front(), &range.first) ||
        !absl::SimpleAtoi(ends.back(), &range.last) || range.first < 0 ||
        range.last < range.first || range.last >= kNumSlots) {
      return absl::InvalidArgumentError(absl::StrCat("'", item, "' is no range of slots"));
    }
    ranges.push_back(range);
  }
  return SlotSet(std::move(ranges));
}

std::string SlotSet::ToString() const {
  std::string text;
  for (const Range& range : ranges_) {
    absl::StrAppend(&text, text.empty() ? "" : ",", range.first);
    if (range.last != range.first) {
      absl::StrAppend(&text, "-", range.last);
    }
  }
  return text;
}

bool SlotSet::Contains(int slot) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [slot](const Range& range) {
    return range.first <= slot && slot <= range.last;
  });
}

absl::StatusOr<std::vector<ClusterNode>> ReadTopology(const sdk::RequestContext& context,
                                                      Connection& connection) {
  ASSIGN_OR_RETURN(const Reply reply, connection.Call(context, {"CLUSTER", "SLOTS"}));
  std::map<HostPort, std::vector<SlotSet::Range>> nodes;
  int num_slots = 0;
  for (const Reply& range : reply.elements) {
    // First slot, last slot, then the primary and its replicas, each as address, port, ...
    constexpr size_t kPrimary = 2;
    if (range.elements.size() <= kPrimary || range.elements[kPrimary].elements.size() < 2) {
      return NotATopology(connection.host());
    }
    const Reply& primary = range.elements[kPrimary];
    HostPort address{primary.elements[0].text, static_cast<int>(primary.elements[1].integer)};
    if (address.host.empty() || address.host == "?") {
      address.host = connection.host().host;  // it does not know how it is called
    }
    const SlotSet::Range slots{static_cast<int>(range.elements[0].integer),
                               static_cast<int>(range.elements[1].integer)};
    num_slots += slots.last - slots.first + 1;
    nodes[address].push_back(slots);
  }
  if (num_slots != kNumSlots) {
    return absl::UnavailableError(
        absl::StrCat("Redis server ", connection.host().ToString(), ": only ", num_slots,
                     " of the ", kNumSlots, " slots of the cluster have a node; see CLUSTER INFO"));
  }
  std::vector<ClusterNode> result;
  result.reserve(nodes.size());
  for (auto& [address, ranges] : nodes) {
    result.push_back({address, SlotSet(std::move(ranges))});
  }
  return result;
}

absl::Status CheckSlots(const sdk::RequestContext& context, Connection& connection,
                        const SlotSet& slots) {
  ASSIGN_OR_RETURN(const Reply reply, connection.Call(context, {"CLUSTER", "NODES"}));
  // id address flags primary ping pong epoch state slot..., a slot that moves as [slot->-id]
  constexpr size_t kFlags = 2;
  constexpr size_t kSlots = 8;
  for (const std::string_view line : absl::StrSplit(reply.text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string_view> words = absl::StrSplit(line, ' ');
    if (words.size() < kSlots || !absl::StrContains(words[kFlags], "myself")) {
      continue;
    }
    std::string served;
    for (size_t i = kSlots; i < words.size(); ++i) {
      if (absl::StartsWith(words[i], "[")) {
        return Moving(connection.host());
      }
      absl::StrAppend(&served, served.empty() ? "" : ",", words[i]);
    }
    ASSIGN_OR_RETURN(const SlotSet now, SlotSet::Parse(served));
    return now == slots ? absl::OkStatus() : Moving(connection.host());
  }
  return Moving(connection.host());
}

}  // namespace pallas::redis
