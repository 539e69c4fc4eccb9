#ifndef PALLAS_CONNECTORS_DYNAMODB_NATIVE_SET_H_
#define PALLAS_CONNECTORS_DYNAMODB_NATIVE_SET_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/dynamodb/attribute_value.h"
#include "connectors/dynamodb/options.h"
#include "connectors/dynamodb/source_table.h"
#include "sdk/model/value_set.h"

// Sets of column values in DynamoDB's own values.

namespace pallas::dynamodb {

// A scalar attribute value. `text` is what stands in the JSON: digits, "true", base64.
struct AttributeLiteral {
  AttributeType type = AttributeType::kString;
  std::string text;

  bool operator==(const AttributeLiteral&) const = default;
  auto operator<=>(const AttributeLiteral&) const = default;

  // `{"N":"17"}`
  std::string ToJson() const;
  // For EXPLAIN: 17, 'x'.
  std::string ToText() const;
};

// Attribute values between two ends; an end that is not there is open.
struct NativeRange {
  std::optional<AttributeLiteral> low;
  std::optional<AttributeLiteral> high;
  bool low_inclusive = true;
  bool high_inclusive = true;
  // Texts that begin with `low`; there is no `high`.
  bool is_prefix = false;

  bool IsPoint() const { return low && high && *low == *high && low_inclusive && high_inclusive; }

  bool operator==(const NativeRange&) const = default;
};

// The attribute values that may stand for a set of column values: all those that do, perhaps more.
struct NativeSet {
  // Why there is none: then nothing can be sent of the set.
  std::string obstacle;
  // Of attribute values of the column's own type exactly those of the set.
  bool is_exact = false;
  std::vector<NativeRange> ranges;
  bool all = false;  // every value, if not NULL; then there are no ranges
  bool null_allowed = false;

  bool IsUsable() const { return obstacle.empty(); }

  // The values of a set of single ones; nullopt for any other.
  std::optional<std::vector<AttributeLiteral>> Points() const;
};

NativeSet ToNative(const SourceColumn& column, const sdk::ValueSet& set,
                   const ValueOptions& options);

// Texts of the column that begin so.
NativeSet PrefixSet(const SourceColumn& column, std::string_view prefix);

// The type that the attribute has where the column's type is no accident; kUnknown where there is
// no one such type.
AttributeType NaturalType(const SourceColumn& column);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_NATIVE_SET_H_
