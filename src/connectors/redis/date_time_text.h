#ifndef PALLAS_CONNECTORS_REDIS_DATE_TIME_TEXT_H_
#define PALLAS_CONNECTORS_REDIS_DATE_TIME_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pallas::redis {

// A wall-clock time, and the offset from UTC if the text had one.
struct DateTime {
  int64_t seconds = 0;  // since 1970-01-01 00:00, on the wall
  int32_t nanos = 0;
  std::optional<int32_t> offset_minutes;
};

// `yyyy-MM-dd` as days since 1970-01-01; nullopt for anything else, also for days that do not
// exist.
std::optional<int32_t> ParseDate(std::string_view text);

// ISO 8601: `yyyy-MM-dd`, or followed by `T` or a space and `HH:mm[:ss[.f{1,9}]][Z|±HH[:]mm]`.
std::optional<DateTime> ParseIsoDateTime(std::string_view text);

// A pattern of java.text.SimpleDateFormat, as far as it is about numbers: y M d H m s S, X and Z
// for the offset, 'quoted' text and punctuation. Immutable; thread-safe.
class DateTimePattern {
 public:
  // INVALID_ARGUMENT names the letter that is not supported.
  static absl::StatusOr<DateTimePattern> Parse(std::string_view pattern);

  std::optional<DateTime> Read(std::string_view text) const;

 private:
  struct Item {
    char letter = 0;  // 0: text
    size_t digits = 0;
    bool is_bounded = false;  // digits follow at once, so that no more than `digits` are taken
    std::string text;
  };

  void AddText(char character);
  // INVALID_ARGUMENT: the letter stands for nothing that is supported.
  absl::Status AddLetter(char letter);
  absl::Status Check() const;

  std::vector<Item> items_;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_DATE_TIME_TEXT_H_
