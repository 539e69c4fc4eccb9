#ifndef PALLAS_CONNECTORS_DYNAMODB_EXPRESSION_BUILDER_H_
#define PALLAS_CONNECTORS_DYNAMODB_EXPRESSION_BUILDER_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/dynamodb/native_set.h"

namespace pallas::dynamodb {

// DynamoDB's limits on one expression.
inline constexpr size_t kMaxExpressionBytes = 4096;
inline constexpr size_t kMaxInOperands = 100;

// What expressions write instead of names and values: `#n0` is an attribute, `:v0` a value
// (DDB-10).
class Aliases {
 public:
  // The letters tell apart the aliases of two sets that meet in one request.
  explicit Aliases(char name_letter = 'n', char value_letter = 'v')
      : name_letter_(name_letter), value_letter_(value_letter) {}

  // Writes names and values themselves: the same expressions, for EXPLAIN.
  static Aliases Readable() { return Aliases('\0', '\0'); }

  std::string Name(const std::string& attribute);
  std::string Value(const AttributeLiteral& literal);

  const std::map<std::string, std::string>& names() const { return names_; }

  // Alias -> the attribute value as JSON.
  const std::map<std::string, std::string>& values() const { return values_; }

 private:
  bool readable() const { return name_letter_ == '\0'; }

  char name_letter_;
  char value_letter_;
  std::map<std::string, std::string> names_;
  std::map<std::string, std::string> values_;
  std::map<AttributeLiteral, std::string> known_values_;
};

// The condition that an attribute lies in `set`, which is usable. Attributes of another type than
// the column's are kept where their values might pass after all: a column of text reads any type,
// one of numbers reads texts of digits. `is_key`: no item has another type, or lacks the attribute.
// An empty text says nothing: all items pass. An empty set gives no condition that can be said;
// REQUIRES: the set is not empty.
std::string FilterCondition(const SourceColumn& column, const NativeSet& set, bool is_key,
                            Aliases& aliases);

// The condition on a range key for one range of its values; a range that is open on both sides, or
// one with an open end of two, is widened to what a key condition can say.
std::string KeyCondition(const std::string& attribute, const NativeRange& range, Aliases& aliases);

// Whether KeyCondition() says exactly the range.
bool IsKeyRange(const NativeRange& range);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_EXPRESSION_BUILDER_H_
