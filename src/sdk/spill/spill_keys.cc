#include "sdk/spill/spill_keys.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace pallas::sdk {

std::string SplitSpillKey(std::string_view prefix, std::string_view query_id,
                          std::string_view split_id) {
  const bool without_query =
      absl::StripAsciiWhitespace(query_id).empty() || absl::StrContains(prefix, query_id);
  return without_query ? absl::StrCat(prefix, "/", split_id)
                       : absl::StrCat(prefix, "/", query_id, "/", split_id);
}

std::string BlockSpillKey(std::string_view split_key, int64_t number) {
  return absl::StrCat(split_key, ".", number);
}

}  // namespace pallas::sdk
