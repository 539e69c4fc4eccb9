#include "sql/runtime/word_stem.h"

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <libstemmer.h>

#include "base/check.h"
#include "base/error_detail.h"

namespace pallas::sql {
namespace {

struct Language {
  std::string_view code;
  const char* algorithm;
};

constexpr std::array<Language, 20> kLanguages = {
    {{"ca", "catalan"},    {"da", "danish"},   {"de", "german"},    {"en", "english"},
     {"es", "spanish"},    {"eu", "basque"},   {"fi", "finnish"},   {"fr", "french"},
     {"hu", "hungarian"},  {"hy", "armenian"}, {"ir", "irish"},     {"it", "italian"},
     {"lt", "lithuanian"}, {"nl", "dutch"},    {"no", "norwegian"}, {"pt", "portuguese"},
     {"ro", "romanian"},   {"ru", "russian"},  {"sv", "swedish"},   {"tr", "turkish"}}};

std::vector<std::string_view> Letters(std::string_view word) {
  std::vector<std::string_view> letters;
  for (size_t i = 0; i < word.size();) {
    size_t size = 1;
    while (i + size < word.size() &&
           (static_cast<unsigned char>(word[i + size]) & 0xC0U) == 0x80U) {
      ++size;
    }
    letters.push_back(word.substr(i, size));
    i += size;
  }
  return letters;
}

template <size_t n>
bool IsOneOf(std::string_view letter, const std::array<std::string_view, n>& letters) {
  for (std::string_view candidate : letters) {
    if (letter == candidate) {
      return true;
    }
  }
  return false;
}

// ---- English ----

// "adding": a short word whose double consonant is its own stays "add".
std::string RestoreDouble(std::string_view word, std::string stem) {
  constexpr std::string_view kVowels = "aeo";
  constexpr std::string_view kDoubles = "bdfgmnprt";
  if (stem.size() == 2 && word.size() > 3 && kVowels.find(stem[0]) != std::string_view::npos &&
      kDoubles.find(stem[1]) != std::string_view::npos && word.starts_with(stem) &&
      word[2] == stem[1]) {
    stem.push_back(stem[1]);
  }
  return stem;
}

// ---- German ----

constexpr std::array<std::string_view, 9> kGermanVowels = {"a", "e", "i", "o", "u",
                                                           "y", "ä", "ö", "ü"};

// For each letter whether it is a u or y between vowels, and so a consonant.
std::vector<bool> GermanConsonants(const std::vector<std::string_view>& letters) {
  std::vector<bool> consonants(letters.size());
  for (size_t i = 0; i + 2 < letters.size(); ++i) {
    if (IsOneOf(letters[i], kGermanVowels) && (letters[i + 1] == "u" || letters[i + 1] == "y") &&
        IsOneOf(letters[i + 2], kGermanVowels)) {
      consonants[i + 1] = true;
      i += 2;
    }
  }
  return consonants;
}

// Umlauts written as ae, oe, ue in one letter.
std::string WithUmlauts(std::string_view word) {
  const std::vector<std::string_view> letters = Letters(word);
  const std::vector<bool> consonants = GermanConsonants(letters);
  std::string text;
  for (size_t i = 0; i < letters.size(); ++i) {
    const std::string_view next = i + 1 < letters.size() ? letters[i + 1] : "";
    if (letters[i] == "ß") {
      text += "ss";
    } else if (letters[i] == "q" && next == "u" && !consonants[i + 1]) {
      text += "qu";
      ++i;
    } else if (next == "e" && !consonants[i] &&
               (letters[i] == "a" || letters[i] == "o" || letters[i] == "u")) {
      text += letters[i] == "a" ? "ä" : letters[i] == "o" ? "ö" : "ü";
      ++i;
    } else {
      text += letters[i];
    }
  }
  return text;
}

std::string WithoutUmlauts(std::string_view word) {
  return absl::StrReplaceAll(word, {{"ä", "a"}, {"ö", "o"}, {"ü", "u"}});
}

// ---- Romanian ----

// The letters with a cedilla of old encodings, which the library knows, and those with a comma.
std::string WithCedilla(std::string_view word) {
  return absl::StrReplaceAll(word, {{"\u0219", "\u015f"}, {"\u021b", "\u0163"}});
}

std::string WithComma(std::string_view word) {
  return absl::StrReplaceAll(word, {{"\u015f", "\u0219"}, {"\u0163", "\u021b"}});
}

// ---- Swedish ----

constexpr std::array<std::string_view, 9> kSwedishVowels = {"a", "e", "i", "o", "u",
                                                            "y", "ä", "å", "ö"};
constexpr size_t kMinRegionStart = 3;

// The letter at which suffixes may begin: behind the first consonant after a vowel.
size_t RegionStart(const std::vector<std::string_view>& letters) {
  size_t i = 0;
  while (i < letters.size() && !IsOneOf(letters[i], kSwedishVowels)) {
    ++i;
  }
  while (i < letters.size() && IsOneOf(letters[i], kSwedishVowels)) {
    ++i;
  }
  return i < letters.size() ? std::max(i + 1, kMinRegionStart) : letters.size();
}

// "nervöst": the ending of adjectives in -ös goes.
std::string WithoutOst(std::string_view word, std::string stem) {
  static constexpr std::string_view kEnding = "öst";
  static constexpr std::string_view kBefore = "iklnprtuv";
  if (!stem.ends_with(kEnding) || stem.size() == kEnding.size() ||
      kBefore.find(stem[stem.size() - kEnding.size() - 1]) == std::string_view::npos) {
    return stem;
  }
  if (Letters(stem).size() - 3 >= RegionStart(Letters(word))) {
    stem.pop_back();
  }
  return stem;
}

// ---- Turkish ----

// A plural in harmony with a vowel before it ends the algorithm without a result, and so do the
// words for "name".
bool HasNoTurkishStem(std::string_view word, std::string_view stem) {
  if (stem == "ad" || stem == "soyad") {
    return true;
  }
  static constexpr std::array<std::string_view, 4> kBack = {"a", "ı", "o", "u"};
  static constexpr std::array<std::string_view, 4> kFront = {"e", "i", "ö", "ü"};
  const bool back = word.ends_with("lar");
  if (!back && !word.ends_with("ler")) {
    return false;
  }
  for (std::string_view letter : Letters(word.substr(0, word.size() - 3))) {
    if (IsOneOf(letter, back ? kBack : kFront)) {
      return true;
    }
  }
  return false;
}

}  // namespace

void WordStemmer::Deleter::operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }

WordStemmer::~WordStemmer() = default;

std::string WordStemmer::Run(sb_stemmer* stemmer, std::string_view word) {
  const sb_symbol* stem = sb_stemmer_stem(stemmer, reinterpret_cast<const sb_symbol*>(word.data()),
                                          static_cast<int>(word.size()));
  CHECK(stem != nullptr);  // only without memory
  return {reinterpret_cast<const char*>(stem), static_cast<size_t>(sb_stemmer_length(stemmer))};
}

absl::StatusOr<std::string> WordStemmer::Stem(std::string_view word, std::string_view language) {
  auto found = stemmers_.find(language);
  if (found == stemmers_.end()) {
    const char* algorithm = nullptr;
    for (const Language& known : kLanguages) {
      algorithm = known.code == language ? known.algorithm : algorithm;
    }
    if (algorithm == nullptr) {
      return NamedError("INVALID_FUNCTION_ARGUMENT",
                        absl::StrCat("Unknown stemmer language: ", language));
    }
    std::unique_ptr<sb_stemmer, Deleter> made(sb_stemmer_new(algorithm, nullptr));
    CHECK(made != nullptr);
    found = stemmers_.emplace(std::string(language), std::move(made)).first;
  }
  sb_stemmer* stemmer = found->second.get();
  if (language == "de") {
    const std::string plain = WithUmlauts(word);
    return plain.ends_with("system") ? WithoutUmlauts(plain) : Run(stemmer, plain);
  }
  if (language == "ro") {
    return WithComma(Run(stemmer, WithCedilla(word)));
  }
  if (language == "it" && word == "divano") {
    return "divan";  // not the stem of "diva"
  }
  std::string stem = Run(stemmer, word);
  if (language == "en") {
    return RestoreDouble(word, std::move(stem));
  }
  if (language == "sv") {
    return WithoutOst(word, std::move(stem));
  }
  return language == "tr" && HasNoTurkishStem(word, stem) ? std::string(word) : stem;
}

}  // namespace pallas::sql
