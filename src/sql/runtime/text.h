#ifndef PALLAS_SQL_RUNTIME_TEXT_H_
#define PALLAS_SQL_RUNTIME_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

// Functions on text, in code points. Texts are valid UTF-8. Pure functions, any thread. Views that
// are returned point into the arguments. Errors are INVALID_FUNCTION_ARGUMENT in Trino's words.

namespace pallas::sql {

// Functions that make much of little (lpad, rpad, replace) make no longer text than this: more is
// GENERIC_INSUFFICIENT_RESOURCES.
inline constexpr size_t kMaxTextBytes = size_t{256} * 1024 * 1024;

// Code points ------------------------------------------------------------------------------------

inline constexpr int32_t kMaxCodePoint = 0x10FFFF;

inline bool StartsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

// Bytes of the code point that starts with that byte.
size_t CodePointSize(char first);
int64_t CountCodePoints(std::string_view text);
// The code point at the front. REQUIRES: not empty.
int32_t FirstCodePoint(std::string_view text);
std::vector<int32_t> CodePointsOf(std::string_view text);
// REQUIRES: 0...kMaxCodePoint and no surrogate.
void AppendCodePoint(int32_t code_point, std::string* out);
// Where the code point of that number, from 0, starts; text.size() just behind the last, nullopt
// beyond.
std::optional<size_t> CodePointOffset(std::string_view text, int64_t index);

// Functions --------------------------------------------------------------------------------------

absl::StatusOr<std::string> Chr(int64_t code_point);
absl::StatusOr<int32_t> CodePoint(std::string_view text);

// Places count from 1, from the end if negative.
std::string_view Substring(std::string_view text, int64_t start);
std::string_view Substring(std::string_view text, int64_t start, int64_t length);

void AppendLower(std::string_view text, std::string* out);
void AppendUpper(std::string_view text, std::string* out);
void AppendReversed(std::string_view text, std::string* out);
// Whether AppendReplaced() would make no text longer than kMaxTextBytes. Quick where it is short.
absl::Status CheckReplacedSize(std::string_view text, std::string_view search,
                               std::string_view replacement);
void AppendReplaced(std::string_view text, std::string_view search, std::string_view replacement,
                    std::string* out);
void AppendTranslated(std::string_view text, std::string_view from, std::string_view to,
                      std::string* out);

enum class Ends { kLeft, kRight, kBoth };

// White space is what Java's Character.isWhitespace() says.
std::string_view Trim(std::string_view text, Ends ends);
std::string_view Trim(std::string_view text, std::string_view characters, Ends ends);
std::string_view TrimBlanks(std::string_view text);

// To `length` characters: what is longer is cut. kBoth is none of them.
absl::StatusOr<std::string> Pad(std::string_view text, int64_t length, std::string_view padding,
                                Ends end);
absl::StatusOr<std::string> PadBytes(std::string_view bytes, int64_t length,
                                     std::string_view padding, Ends end);

// Place of that occurrence, from 1, or 0; negative instances count from the end.
absl::StatusOr<int64_t> Position(std::string_view text, std::string_view search, int64_t instance);

absl::StatusOr<std::vector<std::string_view>> Split(std::string_view text,
                                                    std::string_view delimiter,
                                                    std::optional<int64_t> limit);
absl::StatusOr<std::optional<std::string_view>> SplitPart(std::string_view text,
                                                          std::string_view delimiter,
                                                          int64_t index);

using TextEntry = std::pair<std::string_view, std::string_view>;

// Entries in the order of the text. Keys are distinct unless `multiple`.
absl::StatusOr<std::vector<TextEntry>> SplitEntries(std::string_view text,
                                                    std::string_view entry_delimiter,
                                                    std::string_view key_value_delimiter,
                                                    bool multiple);

absl::StatusOr<int64_t> LevenshteinDistance(std::string_view left, std::string_view right);
absl::StatusOr<int64_t> HammingDistance(std::string_view left, std::string_view right);
absl::StatusOr<bool> LuhnCheck(std::string_view digits);
// The UTF-16 of a text, highest byte first, in upper-case hexadecimal digits.
std::string ToUtf16Hex(std::string_view text);

absl::StatusOr<std::string> Soundex(std::string_view text);
// Forms: NFC, NFD, NFKC, NFKD.
absl::StatusOr<std::string> Normalize(std::string_view text, std::string_view form);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_TEXT_H_
