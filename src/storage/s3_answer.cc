#include "storage/s3_answer.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace pallas::storage {

absl::StatusOr<ObjectInfo> InfoOfAnswer(const net::HttpResponse& response, const std::string& key,
                                        std::string_view uri) {
  ObjectInfo info;
  info.key = key;
  std::string size = response.Header("Content-Length").value_or("");
  if (const auto range = response.Header("Content-Range")) {
    size = range->substr(range->rfind('/') + 1);
  }
  info.etag = response.Header("ETag").value_or("");
  const bool complete =
      absl::SimpleAtoi(size, &info.size) && info.size >= 0 && !info.etag.empty() &&
      ParseHttpTime(response.Header("Last-Modified").value_or(""), &info.modified);
  if (!complete) {
    return absl::UnavailableError(
        absl::StrCat(uri, ": the answer lacks the object's size, time or ETag"));
  }
  return info;
}

bool ParseIsoTime(std::string_view text, absl::Time* time) {
  std::string error;
  return absl::ParseTime(absl::RFC3339_full, text, time, &error);
}

bool ParseHttpTime(std::string_view text, absl::Time* time) {
  std::string error;
  return absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", text, time, &error);
}

}  // namespace pallas::storage
