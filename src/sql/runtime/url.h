#ifndef PALLAS_SQL_RUNTIME_URL_H_
#define PALLAS_SQL_RUNTIME_URL_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// URLs as Java's URI class reads them, which is RFC 2396 with all characters beyond ASCII allowed.
// Pure functions, any thread.

namespace pallas::sql {

// What is not there is empty. Path, query and fragment come unescaped.
struct Url {
  std::string protocol;
  std::string host;
  std::optional<int64_t> port;
  std::string path;
  std::string query;
  std::optional<std::string> raw_query;
  std::string fragment;
};

// nullopt: not a URL.
std::optional<Url> ParseUrl(std::string_view text);

// The first value of that parameter. nullopt: no URL, or no such parameter.
absl::StatusOr<std::optional<std::string>> UrlParameter(std::string_view url,
                                                        std::string_view name);

// As in a form: a blank is "+".
std::string UrlEncode(std::string_view text);
// INVALID_FUNCTION_ARGUMENT for incomplete escapes.
absl::StatusOr<std::string> UrlDecode(std::string_view text);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_URL_H_
