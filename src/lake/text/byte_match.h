#ifndef PALLAS_LAKE_TEXT_BYTE_MATCH_H_
#define PALLAS_LAKE_TEXT_BYTE_MATCH_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// Where a few bytes stand in a text, 64 bytes at a time: what every byte of a text file goes
// through.

namespace pallas::lake {

// Bytes that must be readable after a text that is looked at in this way. Also enough for simdjson.
inline constexpr size_t kTextPadding = 64;

// Bit i is set where text[i] is one of `bytes`. REQUIRES: 64 bytes are readable at `text`.
template <size_t kCount>
inline uint64_t MatchBytes(const char* text, const std::array<char, kCount>& bytes) {
#if defined(__SSE2__)
  uint64_t mask = 0;
  for (unsigned part = 0; part < 4; ++part) {
    const __m128i chunk =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + size_t{16} * part));
    __m128i found = _mm_cmpeq_epi8(chunk, _mm_set1_epi8(bytes[0]));
    for (size_t i = 1; i < kCount; ++i) {
      found = _mm_or_si128(found, _mm_cmpeq_epi8(chunk, _mm_set1_epi8(bytes[i])));
    }
    mask |= uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(found))} << (16U * part);
  }
  return mask;
#else
  uint64_t mask = 0;
  for (unsigned i = 0; i < 64; ++i) {
    bool found = false;
    for (const char byte : bytes) {
      found |= text[i] == byte;
    }
    mask |= uint64_t{found} << i;
  }
  return mask;
#endif
}

// The lowest `count` bits. REQUIRES: count <= 64.
inline uint64_t LowBits(size_t count) {
  return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_BYTE_MATCH_H_
