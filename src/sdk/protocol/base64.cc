#include "sdk/protocol/base64.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "absl/strings/ascii.h"

namespace pallas::sdk::protocol {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The two characters of each 12 bits.
constexpr auto kPairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = {kAlphabet[i >> 6U], kAlphabet[i & 63U]};
  }
  return pairs;
}();

// Above the 24 bits of a group: the character is not of the alphabet.
constexpr uint32_t kBad = 1U << 24U;

// kValues[p][c]: the bits of the character `c` at place `p` of a group of four.
constexpr auto kValues = [] {
  std::array<std::array<uint32_t, 256>, 4> values{};
  for (uint32_t place = 0; place < 4; ++place) {
    values[place].fill(kBad);
    for (uint32_t i = 0; i < kAlphabet.size(); ++i) {
      values[place][static_cast<uint8_t>(kAlphabet[i])] = i << (18 - 6 * place);
    }
  }
  return values;
}();

void EncodeGroup(const uint8_t* in, char* out) {
  const uint32_t bits = uint32_t{in[0]} << 16U | uint32_t{in[1]} << 8U | uint32_t{in[2]};
  std::memcpy(out, kPairs[bits >> 12U].data(), 2);
  std::memcpy(out + 2, kPairs[bits & 0xFFFU].data(), 2);
}

uint32_t GroupBits(const uint8_t* in) {
  return kValues[0][in[0]] | kValues[1][in[1]] | kValues[2][in[2]] | kValues[3][in[3]];
}

void StoreGroup(uint32_t bits, uint8_t* out) {
  out[0] = static_cast<uint8_t>(bits >> 16U);
  out[1] = static_cast<uint8_t>(bits >> 8U);
  out[2] = static_cast<uint8_t>(bits);
}

size_t NumPaddings(std::string_view text) {
  return text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
}

}  // namespace

void AppendBase64(std::string_view bytes, std::string* out) {
  const size_t start = out->size();
  out->resize(start + Base64EncodedSize(bytes.size()));
  char* to = out->data() + start;
  const auto* in = reinterpret_cast<const uint8_t*>(bytes.data());
  const auto* const end = in + bytes.size();
  for (; end - in >= 3; in += 3, to += 4) {
    EncodeGroup(in, to);
  }
  if (in != end) {
    const std::array<uint8_t, 3> last = {in[0], end - in == 2 ? in[1] : uint8_t{0}, 0};
    EncodeGroup(last.data(), to);
    to[3] = '=';
    if (end - in == 1) {
      to[2] = '=';
    }
  }
}

std::optional<size_t> Base64DecodedSize(std::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  return text.size() / 4 * 3 - NumPaddings(text);
}

bool DecodeBase64To(std::string_view text, uint8_t* out) {
  if (text.size() % 4 != 0) {
    return false;
  }
  if (text.empty()) {
    return true;
  }
  const size_t padding = NumPaddings(text);
  const auto* in = reinterpret_cast<const uint8_t*>(text.data());
  const auto* const end = in + text.size() - (padding == 0 ? 0 : 4);
  uint32_t all = 0;
  for (; in != end; in += 4, out += 3) {
    const uint32_t bits = GroupBits(in);
    all |= bits;
    StoreGroup(bits, out);
  }
  if (padding != 0) {
    std::array<uint8_t, 4> last = {in[0], in[1], padding == 2 ? uint8_t{'A'} : in[2], 'A'};
    std::array<uint8_t, 3> bytes{};
    const uint32_t bits = GroupBits(last.data());
    all |= bits;
    StoreGroup(bits, bytes.data());
    std::memcpy(out, bytes.data(), 3 - padding);
  }
  return (all & kBad) == 0;
}

std::string WithoutWhiteSpace(std::string_view text) {
  std::string result(text);
  std::erase_if(result, [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); });
  return result;
}

absl::StatusOr<std::string> DecodeBase64(std::string_view text) {
  std::string bytes;
  for (const bool as_is : {true, false}) {
    const std::string stripped = as_is ? std::string() : WithoutWhiteSpace(text);
    const std::string_view source = as_is ? text : stripped;
    bytes.resize(Base64DecodedSize(source).value_or(0));
    if (DecodeBase64To(source, reinterpret_cast<uint8_t*>(bytes.data()))) {
      return bytes;
    }
  }
  return absl::InvalidArgumentError(
      "the text is not base64 (standard alphabet, padded to a multiple of four)");
}

}  // namespace pallas::sdk::protocol
