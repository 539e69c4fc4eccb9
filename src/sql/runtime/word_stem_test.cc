#include "sql/runtime/word_stem.h"

#include <gtest/gtest.h>

namespace pallas::sql {
namespace {

struct Case {
  const char* language;
  const char* word;
  const char* stem;
};

TEST(WordStemTest, Languages) {
  static constexpr Case kCases[] = {
      {"en", "running", "run"},       {"en", "", ""},
      {"en", "added", "add"},         {"en", "erring", "err"},
      {"en", "hopping", "hop"},       {"fr", "continuerait", "continu"},
      {"de", "jaels", "jal"},         {"de", "zueilte", "zuilt"},
      {"de", "systemen", "system"},   {"de", "quellen", "quell"},
      {"it", "divano", "divan"},      {"ro", "fra\u021bilor", "fra\u021b"},
      {"sv", "nervöst", "nervös"},    {"sv", "tröst", "tröst"},
      {"tr", "abideler", "abideler"}, {"tr", "abartmışlar", "abartmışlar"},
  };
  WordStemmer stemmer;
  for (const Case& test : kCases) {
    EXPECT_EQ(*stemmer.Stem(test.word, test.language), test.stem) << test.language;
  }
}

TEST(WordStemTest, UnknownLanguage) {
  WordStemmer stemmer;
  EXPECT_EQ(stemmer.Stem("running", "EN").status().message(), "Unknown stemmer language: EN");
}

}  // namespace
}  // namespace pallas::sql
