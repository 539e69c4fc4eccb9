#ifndef PALLAS_SDK_MODEL_VALUE_SET_H_
#define PALLAS_SDK_MODEL_VALUE_SET_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

#include "sdk/model/value.h"

namespace pallas::sdk {

// One end of a range. Protocol section 5.9: an inclusive bound is EXACTLY; an exclusive one is
// ABOVE as a low end and BELOW as a high end.
struct Bound {
  Value value;
  bool inclusive = true;

  bool operator==(const Bound&) const = default;
};

// All values between two bounds; an absent bound is unbounded.
struct Range {
  std::optional<Bound> low;
  std::optional<Bound> high;

  static Range All() { return {}; }

  static Range Equal(Value value);

  static Range GreaterThan(Value value) { return {Bound{std::move(value), false}, std::nullopt}; }

  static Range AtLeast(Value value) { return {Bound{std::move(value), true}, std::nullopt}; }

  static Range LessThan(Value value) { return {std::nullopt, Bound{std::move(value), false}}; }

  static Range AtMost(Value value) { return {std::nullopt, Bound{std::move(value), true}}; }

  bool IsAll() const { return !low && !high; }

  // Holds exactly one value.
  bool IsSingleValue() const;

  bool operator==(const Range&) const = default;
};

// The values of one column that may match (protocol sections 5.10 and 10). Immutable once made.
class ValueSet {
 public:
  enum class Kind {
    kSortedRanges,  // `ranges`, for orderable types
    kEquatable,     // `values`, listed or excluded, for types without order
    kAllOrNone,     // every non-null value or none
  };

  // Sorts the ranges and merges what overlaps or touches (section 10.2).
  // REQUIRES: values of the variant alternative that `type` has (value.h).
  static ValueSet OfRanges(std::shared_ptr<arrow::DataType> type, std::vector<Range> ranges,
                           bool null_allowed);
  static ValueSet OfValues(std::shared_ptr<arrow::DataType> type, std::vector<Value> values,
                           bool white_list, bool null_allowed);
  static ValueSet AllOrNone(std::shared_ptr<arrow::DataType> type, bool all, bool null_allowed);
  static ValueSet OnlyNull(std::shared_ptr<arrow::DataType> type);
  static ValueSet NotNull(std::shared_ptr<arrow::DataType> type);

  Kind kind() const { return kind_; }

  const std::shared_ptr<arrow::DataType>& type() const { return type_; }

  const std::vector<Range>& ranges() const { return ranges_; }  // kSortedRanges

  const std::vector<Value>& values() const { return values_; }  // kEquatable

  bool white_list() const { return white_list_; }  // kEquatable

  bool all() const { return all_; }  // kAllOrNone

  bool null_allowed() const { return null_allowed_; }

  // Membership, table 10.3. nullopt is NULL.
  bool Contains(const std::optional<Value>& value) const;

  // Nothing can match, not even NULL.
  bool IsNone() const;
  // Everything matches, NULL too.
  bool IsAll() const;

  // The single non-null values, if the set has nothing else but perhaps NULL.
  std::optional<std::vector<Value>> DiscreteValues() const;

  // REQUIRES: equal types and kinds of the same family.
  ValueSet Intersect(const ValueSet& other) const;
  ValueSet Union(const ValueSet& other) const;

  bool operator==(const ValueSet& other) const;

  // For EXPLAIN and logs: `[1, 5) ∪ {7} ∪ NULL`; at most `max_items` items, then "…".
  std::string ToString(size_t max_items = 10) const;

 private:
  ValueSet() = default;

  Kind kind_ = Kind::kAllOrNone;
  std::shared_ptr<arrow::DataType> type_;
  std::vector<Range> ranges_;
  std::vector<Value> values_;
  bool white_list_ = true;
  bool all_ = true;
  bool null_allowed_ = true;
};

// Total order of two values of one type: booleans false < true, strings by UTF-8 bytes, NaN
// greatest, packed timestamps by instant. Negative, zero, positive.
int CompareValues(const arrow::DataType& type, const Value& a, const Value& b);

// A value as text for EXPLAIN and SQL comments: 42, 'abc', 2020-01-01, 1.50. Never for sending.
std::string ValueToString(const arrow::DataType& type, const Value& value);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_MODEL_VALUE_SET_H_
