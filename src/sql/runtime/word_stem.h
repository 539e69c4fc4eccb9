#ifndef PALLAS_SQL_RUNTIME_WORD_STEM_H_
#define PALLAS_SQL_RUNTIME_WORD_STEM_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

struct sb_stemmer;

namespace pallas::sql {

// Stems of words by Snowball's algorithms (https://snowballstem.org), as of February 2024, which is
// what Trino uses: those of libstemmer with the few later changes. Keeps the stemmers it has made;
// one thread.
class WordStemmer {
 public:
  WordStemmer() = default;
  ~WordStemmer();
  WordStemmer(const WordStemmer&) = delete;
  WordStemmer& operator=(const WordStemmer&) = delete;

  // `language` is one of the codes of ISO 639-1 that have a stemmer ("ir" is Irish).
  // INVALID_FUNCTION_ARGUMENT "Unknown stemmer language: xx".
  absl::StatusOr<std::string> Stem(std::string_view word, std::string_view language);

 private:
  struct Deleter {
    void operator()(sb_stemmer* stemmer) const;
  };

  std::string Run(sb_stemmer* stemmer, std::string_view word);

  std::map<std::string, std::unique_ptr<sb_stemmer, Deleter>, std::less<>> stemmers_;
};

}  // namespace pallas::sql

#endif  // PALLAS_SQL_RUNTIME_WORD_STEM_H_
