#ifndef PALLAS_STORAGE_KEY_PATH_H_
#define PALLAS_STORAGE_KEY_PATH_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// How the keys of a bucket become paths below its folder. A part of a key (between slashes) is the
// name of a file or folder as it stands, except:
//
//   ~~x<part>     a part that no file can be named: empty, `.`, `..`, or itself starting with `~~`
//   ~~c<bytes>/   the first kChunkBytes of a part that is at least so long; what is inside goes on
//                 with the same part
//   ~~self        in folder `a`: the object whose key is `a`, when there are keys `a/...` too
//   ~~staging     in the bucket's folder: what is being written
//
// So `year=2024/a b%.parquet` lies where one looks for it, and every key has exactly one path.

namespace pallas::storage {

inline constexpr size_t kMaxKeyBytes = 1024;  // as S3
inline constexpr char kSelfName[] = "~~self";
inline constexpr char kStagingName[] = "~~staging";
// With the mark in front, the 255 bytes that file systems allow a name.
inline constexpr size_t kChunkBytes = 252;

// OK for a key that a bucket can hold: 1 to kMaxKeyBytes bytes of UTF-8 without NUL.
absl::Status CheckKey(std::string_view key);

// The path of `key` below the bucket's folder. REQUIRES: CheckKey(key).ok().
std::string EncodeKey(std::string_view key);

// The path of the folder that holds the keys starting with `prefix`, which is empty or ends in `/`;
// the path too is empty or ends in `/`.
std::string EncodeFolder(std::string_view prefix);

// What the name of a file or folder adds to the keys inside of its own folder; for a folder with
// the slash. nullopt if no key has such a path.
std::optional<std::string> DecodeName(std::string_view name, bool is_folder);

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_KEY_PATH_H_
