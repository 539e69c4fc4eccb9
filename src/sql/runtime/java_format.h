#ifndef PALLAS_SQL_RUNTIME_JAVA_FORMAT_H_
#define PALLAS_SQL_RUNTIME_JAVA_FORMAT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"

#include "sql/runtime/date_format.h"

// format('%05d %s', ...): the format strings of java.util.Formatter, in English.

namespace pallas::sql {

// A date, time or timestamp as an argument of format().
struct FormatMoment {
  bool has_date = false;
  bool has_time = false;
  int64_t days = 0;
  int64_t nanos_of_day = 0;
  // With a zone: the clock and calendar above are those of the zone.
  std::optional<int> zone_key;
  int offset_seconds = 0;
};

struct FormatDecimal {
  absl::int128 unscaled = 0;
  int scale = 0;
};

// monostate: NULL. Each stands for one of Java's classes (Long for all integers, and so on).
using FormatValue = std::variant<std::monostate, bool, int64_t, float, double, FormatDecimal,
                                 std::string_view, FormatMoment>;

// A compiled format string. Immutable; any thread. Errors are INVALID_FUNCTION_ARGUMENT in Trino's
// words: "Invalid format string: %q (UnknownFormatConversion: Conversion = 'q')". What Java has and
// this has not (%a, %tc, %tZ, %h of some types) is NOT_SUPPORTED.
class JavaFormat {
 public:
  static absl::StatusOr<JavaFormat> Parse(std::string_view format);

  absl::StatusOr<std::string> Format(std::span<const FormatValue> arguments) const;

 private:
  enum Flag : unsigned {
    kLeft = 1,
    kAlternate = 2,
    kPlus = 4,
    kSpace = 8,
    kZero = 16,
    kGroup = 32,
    kParentheses = 64,
    kPrevious = 128,
  };

  struct Specifier {
    std::string text;     // as Java's messages show it
    std::string plain;    // if conversion is 0: literal text
    char conversion = 0;  // lower case
    bool upper = false;
    char time = 0;  // what follows `t`
    std::optional<DateFormat> time_format;
    unsigned flags = 0;
    int index = 0;  // explicit, from 1
    int width = -1;
    int precision = -1;

    bool Has(Flag flag) const { return (flags & flag) != 0; }
  };

  class Parser;
  class Printer;

  std::string format_;
  std::vector<Specifier> specifiers_;
};

// 1234567 as "1.23M".
std::string FormatNumber(int64_t number);

// "2.3MB" in bytes.
absl::StatusOr<absl::int128> ParseDataSize(std::string_view text);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_JAVA_FORMAT_H_
