#ifndef PALLAS_STORAGE_S3_ANSWER_H_
#define PALLAS_STORAGE_S3_ANSWER_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "net/http_client.h"
#include "storage/object_store.h"

// What the headers and texts of S3's answers mean.

namespace pallas::storage {

// The object that a HEAD or GET was answered with: its size from Content-Range, if there is one,
// else from Content-Length. `uri` stands in errors: UNAVAILABLE if something is missing.
absl::StatusOr<ObjectInfo> InfoOfAnswer(const net::HttpResponse& response, const std::string& key,
                                        std::string_view uri);

// "2009-10-12T17:50:30.000Z".
bool ParseIsoTime(std::string_view text, absl::Time* time);

// "Mon, 12 Oct 2009 17:50:30 GMT".
bool ParseHttpTime(std::string_view text, absl::Time* time);

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_S3_ANSWER_H_
