#include "sql/runtime/hash.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace pallas::sql {
namespace {

static_assert(std::endian::native == std::endian::little);

// The `size` bytes at `offset` as a number, lowest byte first.
uint64_t Load(std::string_view bytes, size_t offset, size_t size = sizeof(uint64_t)) {
  uint64_t value = 0;
  std::memcpy(&value, bytes.data() + offset, size);
  return value;
}

// ---- SpookyHash ----

constexpr uint64_t kSpookyConstant = 0xDEADBEEFDEADBEEFULL;
constexpr size_t kShortLimit = 192;

using ShortState = std::array<uint64_t, 4>;

void MixShort(ShortState& h) {
  static constexpr std::array<int, 12> kRotations = {50, 52, 30, 41, 54, 48, 38, 37, 62, 34, 5, 36};
  for (size_t i = 0; i < kRotations.size(); ++i) {
    const size_t a = (i + 2) % h.size();
    h[a] = std::rotl(h[a], kRotations[i]) + h[(i + 3) % h.size()];
    h[i % h.size()] ^= h[a];
  }
}

void EndShort(ShortState& h) {
  static constexpr std::array<int, 11> kRotations = {15, 52, 26, 51, 28, 9, 47, 54, 32, 25, 63};
  for (size_t i = 0; i < kRotations.size(); ++i) {
    const size_t a = (i + 3) % h.size();
    const size_t b = (i + 2) % h.size();
    h[a] ^= h[b];
    h[b] = std::rotl(h[b], kRotations[i]);
    h[a] += h[b];
  }
}

uint64_t SpookyShort(std::string_view bytes) {
  ShortState h = {0, 0, kSpookyConstant, kSpookyConstant};
  size_t at = 0;
  for (; at + 32 <= bytes.size(); at += 32) {
    h[2] += Load(bytes, at);
    h[3] += Load(bytes, at + 8);
    MixShort(h);
    h[0] += Load(bytes, at + 16);
    h[1] += Load(bytes, at + 24);
  }
  if (bytes.size() - at >= 16) {
    h[2] += Load(bytes, at);
    h[3] += Load(bytes, at + 8);
    MixShort(h);
    at += 16;
  }
  const size_t rest = bytes.size() - at;
  h[3] += static_cast<uint64_t>(bytes.size()) << 56U;
  if (rest == 0) {
    h[2] += kSpookyConstant;
    h[3] += kSpookyConstant;
  } else if (rest < sizeof(uint64_t)) {
    h[2] += Load(bytes, at, rest);
  } else {
    h[2] += Load(bytes, at);
    h[3] += Load(bytes, at + 8, rest - 8);
  }
  EndShort(h);
  return h[0];
}

using LongState = std::array<uint64_t, 12>;
constexpr size_t kBlock = sizeof(LongState);

void MixLong(std::string_view block, LongState& s) {
  static constexpr std::array<int, 12> kRotations = {11, 32, 43, 31, 17, 28,
                                                     39, 57, 55, 54, 22, 46};
  const size_t n = s.size();
  for (size_t i = 0; i < n; ++i) {
    s[i] += Load(block, i * sizeof(uint64_t));
    s[(i + 2) % n] ^= s[(i + 10) % n];
    s[(i + 11) % n] ^= s[i];
    s[i] = std::rotl(s[i], kRotations[i]);
    s[(i + 11) % n] += s[(i + 1) % n];
  }
}

void EndLong(LongState& h) {
  static constexpr std::array<int, 12> kRotations = {44, 15, 34, 21, 38, 33,
                                                     10, 13, 38, 53, 42, 54};
  const size_t n = h.size();
  for (size_t i = 0; i < n; ++i) {
    h[(i + 11) % n] += h[(i + 1) % n];
    h[(i + 2) % n] ^= h[(i + 11) % n];
    h[(i + 1) % n] = std::rotl(h[(i + 1) % n], kRotations[i]);
  }
}

uint64_t SpookyLong(std::string_view bytes) {
  LongState h = {};
  for (size_t i = 2; i < h.size(); i += 3) {
    h[i] = kSpookyConstant;
  }
  size_t at = 0;
  for (; at + kBlock <= bytes.size(); at += kBlock) {
    MixLong(bytes.substr(at, kBlock), h);
  }
  std::array<char, kBlock> last = {};
  std::memcpy(last.data(), bytes.data() + at, bytes.size() - at);
  last.back() = static_cast<char>(bytes.size() - at);
  for (size_t i = 0; i < h.size(); ++i) {
    h[i] += Load({last.data(), last.size()}, i * sizeof(uint64_t));
  }
  for (int round = 0; round < 3; ++round) {
    EndLong(h);
  }
  return h[0];
}

// ---- MurmurHash3 ----

uint64_t FinalMix(uint64_t k) {
  k ^= k >> 33U;
  k *= 0xFF51AFD7ED558CCDULL;
  k ^= k >> 33U;
  k *= 0xC4CEB9FE1A85EC53ULL;
  return k ^ (k >> 33U);
}

}  // namespace

uint64_t SpookyHashV2(std::string_view bytes) {
  return bytes.size() < kShortLimit ? SpookyShort(bytes) : SpookyLong(bytes);
}

std::pair<uint64_t, uint64_t> Murmur3(std::string_view bytes) {
  constexpr uint64_t kC1 = 0x87C37B91114253D5ULL;
  constexpr uint64_t kC2 = 0x4CF5AD432745937FULL;
  const auto first = [](uint64_t k) { return std::rotl(k * kC1, 31) * kC2; };
  const auto second = [](uint64_t k) { return std::rotl(k * kC2, 33) * kC1; };
  uint64_t h1 = 0;
  uint64_t h2 = 0;
  size_t at = 0;
  for (; at + 16 <= bytes.size(); at += 16) {
    h1 ^= first(Load(bytes, at));
    h1 = (std::rotl(h1, 27) + h2) * 5 + 0x52DCE729;
    h2 ^= second(Load(bytes, at + 8));
    h2 = (std::rotl(h2, 31) + h1) * 5 + 0x38495AB5;
  }
  const size_t rest = bytes.size() - at;
  if (rest > sizeof(uint64_t)) {
    h2 ^= second(Load(bytes, at + 8, rest - 8));
  }
  if (rest > 0) {
    h1 ^= first(Load(bytes, at, std::min(rest, sizeof(uint64_t))));
  }
  h1 ^= bytes.size();
  h2 ^= bytes.size();
  h1 += h2;
  h2 += h1;
  h1 = FinalMix(h1);
  h2 = FinalMix(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

}  // namespace pallas::sql
