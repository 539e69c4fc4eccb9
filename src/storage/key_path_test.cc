#include "storage/key_path.h"

#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace pallas::storage {
namespace {

struct KeyCase {
  std::string name;
  std::string key;
  std::string path;
};

class KeyPathTest : public testing::TestWithParam<KeyCase> {};

TEST_P(KeyPathTest, HasItsPath) {
  ASSERT_TRUE(CheckKey(GetParam().key).ok());
  EXPECT_EQ(EncodeKey(GetParam().key), GetParam().path);
}

const std::string kChunk(kChunkBytes, 'c');

INSTANTIATE_TEST_SUITE_P(Keys, KeyPathTest,
                         testing::ValuesIn(std::vector<KeyCase>{
                             {"plain", "a/year=2024/b.parquet", "a/year=2024/b.parquet"},
                             {"odd_but_legal", "a b%20/'\"\\/😀*?", "a b%20/'\"\\/😀*?"},
                             {"parent", "../../etc/passwd", "~~x../~~x../etc/passwd"},
                             {"self", "a/./b", "a/~~x./b"},
                             {"empty_parts", "/a//b/", "~~x/a/~~x/b/~~x"},
                             {"marked", "~~self/~~staging/~x", "~~x~~self/~~x~~staging/~x"},
                             {"as_long_as_a_chunk", kChunk, "~~c" + kChunk + "/~~x"},
                             {"longer", kChunk + kChunk + "d/e",
                              "~~c" + kChunk + "/~~c" + kChunk + "/d/e"},
                             {"rest_is_parent", kChunk + "..", "~~c" + kChunk + "/~~x.."},
                         }),
                         [](const auto& test) { return test.param.name; });

TEST(KeyPathTest, RefusesWhatNoBucketHolds) {
  EXPECT_EQ(CheckKey("").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckKey(std::string(1025, 'a')).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckKey(std::string("a\0b", 3)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckKey("a\xff").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(CheckKey(std::string(1024, 'a')).ok());
}

TEST(KeyPathTest, NamesOfNoKeyAreTold) {
  EXPECT_EQ(DecodeName("~~self", false), std::nullopt);
  EXPECT_EQ(DecodeName("~~xplain", false), std::nullopt);
  EXPECT_EQ(DecodeName("~~cshort", true), std::nullopt);
  EXPECT_EQ(DecodeName(std::string(kChunkBytes, 'n'), false), std::nullopt);
}

// Decodes a path name by name.
std::optional<std::string> Decode(std::string_view path) {
  std::string key;
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const auto suffix = DecodeName(path.substr(0, slash), slash != std::string_view::npos);
    if (!suffix) {
      return std::nullopt;
    }
    key += *suffix;
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return key;
}

TEST(KeyPathTest, EveryKeyComesBackFromALegalPath) {
  constexpr unsigned kSeed = 20240117;
  std::mt19937 random(kSeed);
  const std::vector<std::string> pieces = {"/", ".",    "..", "~",    "~~", "x",
                                           "c", "self", "é",  kChunk, "%2F"};
  std::set<std::string> keys;
  std::set<std::string> paths;
  for (int round = 0; round < 5000; ++round) {
    std::string key;
    for (size_t left = 1 + random() % 6; left > 0; --left) {
      key += pieces[random() % pieces.size()];
    }
    if (!CheckKey(key).ok()) {
      continue;
    }
    const std::string path = EncodeKey(key);
    SCOPED_TRACE(path);
    EXPECT_EQ(Decode(path), key) << "seed " << kSeed;
    for (size_t start = 0; start <= path.size();) {
      const size_t end = std::min(path.find('/', start), path.size());
      const std::string name = path.substr(start, end - start);
      EXPECT_TRUE(!name.empty() && name != "." && name != ".." && name.size() <= 255);
      start = end + 1;
    }
    keys.insert(key);
    paths.insert(path);
  }
  EXPECT_EQ(keys.size(), paths.size());
}

}  // namespace
}  // namespace pallas::storage
