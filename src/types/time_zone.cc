#include "types/time_zone.h"

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "base/check.h"
#include "base/error_detail.h"

namespace pallas {
namespace {

constexpr int kLastOffsetKey = 1680;
constexpr int kFirstRegionKey = kLastOffsetKey + 1;

// Keys of our own, above the protocol's; they stay as they are forever.
constexpr std::string_view kYoungerRegions[] = {"Europe/Kyiv", "America/Ciudad_Juarez",
                                                "America/Coyhaique"};

constexpr std::string_view kProtocolRegions[] = {
#include "types/time_zone_regions.inc"
};

// Minutes east of UTC of a fixed-offset key.
int OffsetMinutes(int key) { return key <= 840 ? key - 841 : key - 840; }

struct Table {
  std::vector<std::string> names;             // by key
  std::unordered_map<std::string, int> keys;  // by name in lower case
};

const Table& Zones() {
  static const Table* const kTable = [] {
    auto* table = new Table;
    table->names.push_back("UTC");
    for (int key = 1; key <= kLastOffsetKey; ++key) {
      const int minutes = OffsetMinutes(key);
      table->names.push_back(absl::StrFormat("%c%02d:%02d", minutes < 0 ? '-' : '+',
                                             std::abs(minutes) / 60, std::abs(minutes) % 60));
    }
    for (std::string_view region : kProtocolRegions) {
      table->names.emplace_back(region);
    }
    for (std::string_view region : kYoungerRegions) {
      table->names.emplace_back(region);
    }
    for (size_t key = 0; key < table->names.size(); ++key) {
      if (!table->names[key].empty()) {
        table->keys.emplace(absl::AsciiStrToLower(table->names[key]), static_cast<int>(key));
      }
    }
    return table;
  }();
  return *kTable;
}

std::optional<int> Find(const std::string& lower) {
  const auto found = Zones().keys.find(lower);
  return found == Zones().keys.end() ? std::nullopt : std::optional(found->second);
}

// Protocol section 9.5, "Normalisation".
std::string Normalize(std::string_view name) {
  std::string zone = absl::AsciiStrToLower(name);
  const bool etc = absl::StartsWith(zone, "etc/");
  if (etc) {
    zone = zone.substr(4);
  }
  const bool inverted = etc && absl::StartsWith(zone, "gmt");
  static constexpr std::string_view kUtcNames[] = {"utc",  "z",         "ut",        "uct", "gmt",
                                                   "gmt0", "greenwich", "universal", "zulu"};
  for (std::string_view utc : kUtcNames) {
    if (zone == utc) {
      return "utc";
    }
  }
  if ((absl::StartsWith(zone, "utc") || absl::StartsWith(zone, "gmt")) && zone.size() > 3) {
    zone = zone.substr(3);
  } else if (absl::StartsWith(zone, "ut") && zone.size() > 2) {
    zone = zone.substr(2);
  }
  if (zone == "+00:00" || zone == "-00:00") {
    return "utc";
  }
  if (zone.size() == 6 || zone.empty() || (zone[0] != '+' && zone[0] != '-') || zone.size() > 3) {
    return zone;
  }
  std::string hours = zone.substr(1);
  for (char c : hours) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      return std::string(name);
    }
  }
  if (hours.size() == 1) {
    hours.insert(0, "0");
  }
  if (hours.size() != 2) {
    return std::string(name);
  }
  if (hours == "00") {
    return "utc";
  }
  const bool negative = (zone[0] == '-') != inverted;
  return absl::StrCat(negative ? "-" : "+", hours, ":00");
}

// The rules of a region, loaded at its first use and kept.
const absl::TimeZone& Rules(int key) {
  struct Slot {
    std::once_flag once;
    absl::TimeZone zone;
  };

  static auto* const kSlots = new std::vector<Slot>(Zones().names.size());
  Slot& slot = (*kSlots)[static_cast<size_t>(key)];
  std::call_once(slot.once, [&] {
    // ZoneKeyOf() has seen that it loads.
    absl::LoadTimeZone(Zones().names[static_cast<size_t>(key)], &slot.zone);
  });
  return slot.zone;
}

}  // namespace

absl::StatusOr<int> ZoneKeyOf(std::string_view name) {
  std::optional<int> key = Find(absl::AsciiStrToLower(name));
  if (!key) {
    key = Find(Normalize(name));
  }
  absl::TimeZone loaded;
  if (!key || (*key >= kFirstRegionKey &&
               !absl::LoadTimeZone(Zones().names[static_cast<size_t>(*key)], &loaded))) {
    return NamedError("INVALID_FUNCTION_ARGUMENT", absl::StrCat("Time zone not supported: ", name));
  }
  return *key;
}

const std::string& ZoneName(int key) {
  CHECK(key >= 0 && static_cast<size_t>(key) < Zones().names.size());
  return Zones().names[static_cast<size_t>(key)];
}

int ZoneOffsetSeconds(int key, int64_t epoch_seconds) {
  if (key <= kLastOffsetKey) {
    return key == kUtcZoneKey ? 0 : OffsetMinutes(key) * 60;
  }
  return Rules(key).At(absl::FromUnixSeconds(epoch_seconds)).offset;
}

int64_t LocalToEpochSeconds(int key, int64_t local_seconds) {
  if (key <= kLastOffsetKey) {
    return local_seconds - ZoneOffsetSeconds(key, 0);
  }
  const absl::CivilSecond local =
      absl::ToCivilSecond(absl::FromUnixSeconds(local_seconds), absl::UTCTimeZone());
  return absl::ToUnixSeconds(Rules(key).At(local).pre);
}

}  // namespace pallas
