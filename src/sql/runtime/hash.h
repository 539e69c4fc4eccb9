#ifndef PALLAS_SQL_RUNTIME_HASH_H_
#define PALLAS_SQL_RUNTIME_HASH_H_

#include <cstdint>
#include <string_view>
#include <utility>

// Hash functions that SQL offers by name; none is for secrets.

namespace pallas::sql {

// SpookyHash V2 with seeds 0, its first half (B. Jenkins,
// http://burtleburtle.net/bob/hash/spooky.html). The 32-bit hash is its lower half.
uint64_t SpookyHashV2(std::string_view bytes);

// MurmurHash3 x64 128 with seed 0 (A. Appleby, https://github.com/aappleby/smhasher).
std::pair<uint64_t, uint64_t> Murmur3(std::string_view bytes);

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_HASH_H_
