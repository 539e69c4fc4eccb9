#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_JSON_CURSOR_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_JSON_CURSOR_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace pallas::engine {

// Reads a canonical JSON text (sql/runtime/json.h) from left to right. A value type; one thread.
// REQUIRES: valid JSON without blanks, which values of type json are.
class JsonCursor {
 public:
  enum class Token { kNull, kTrue, kFalse, kInteger, kFloat, kString, kArray, kObject };

  explicit JsonCursor(std::string_view text) : text_(text) {}

  // The kind of the value that stands here.
  Token Peek() const;

  // Takes the value that stands here, whatever it is, and returns its text.
  std::string_view Skip();

  // Takes a string and returns what it says. REQUIRES: a string stands here.
  std::string TakeString();

  // Enters an array or object, goes on to its next member (false: there is none, and it is left).
  void Enter() { ++at_; }

  bool NextMember();

  // Takes the key of a member of an object, with its colon.
  std::string TakeKey();

  // The members of the array or object that stands here.
  int64_t CountMembers() const;

 private:
  void SkipString();

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_JSON_CURSOR_H_
