#include "sdk/model/value_set.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "arrow/type.h"

#include "base/check.h"
#include "types/arrow_mapping.h"
#include "types/time_zone.h"
#include "types/value_text.h"

namespace pallas::sdk {
namespace {

template <typename T>
int Compare(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

// A low end lies before another one if it admits more.
int CompareLow(const arrow::DataType& type, const std::optional<Bound>& a,
               const std::optional<Bound>& b) {
  if (!a || !b) {
    return Compare(a.has_value(), b.has_value());
  }
  const int order = CompareValues(type, a->value, b->value);
  return order != 0 ? order : Compare(!a->inclusive, !b->inclusive);
}

// A high end lies after another one if it admits more.
int CompareHigh(const arrow::DataType& type, const std::optional<Bound>& a,
                const std::optional<Bound>& b) {
  if (!a || !b) {
    return Compare(!a.has_value(), !b.has_value());
  }
  const int order = CompareValues(type, a->value, b->value);
  return order != 0 ? order : Compare(a->inclusive, b->inclusive);
}

// No value lies in it.
bool IsEmpty(const arrow::DataType& type, const Range& range) {
  if (!range.low || !range.high) {
    return false;
  }
  const int order = CompareValues(type, range.low->value, range.high->value);
  return order > 0 || (order == 0 && !(range.low->inclusive && range.high->inclusive));
}

// Nothing lies between the end of `a` and the start of `b`, which starts at or after `a`.
bool Touches(const arrow::DataType& type, const Range& a, const Range& b) {
  if (!a.high || !b.low) {
    return true;
  }
  const int order = CompareValues(type, a.high->value, b.low->value);
  return order > 0 || (order == 0 && (a.high->inclusive || b.low->inclusive));
}

std::vector<Range> Normalize(const arrow::DataType& type, std::vector<Range> ranges) {
  std::erase_if(ranges, [&](const Range& range) { return IsEmpty(type, range); });
  std::stable_sort(ranges.begin(), ranges.end(), [&](const Range& a, const Range& b) {
    return CompareLow(type, a.low, b.low) < 0;
  });
  std::vector<Range> merged;
  for (Range& range : ranges) {
    if (!merged.empty() && Touches(type, merged.back(), range)) {
      if (CompareHigh(type, merged.back().high, range.high) < 0) {
        merged.back().high = std::move(range.high);
      }
    } else {
      merged.push_back(std::move(range));
    }
  }
  return merged;
}

bool InRange(const arrow::DataType& type, const Range& range, const Value& value) {
  if (range.low) {
    const int order = CompareValues(type, value, range.low->value);
    if (order < 0 || (order == 0 && !range.low->inclusive)) {
      return false;
    }
  }
  if (range.high) {
    const int order = CompareValues(type, value, range.high->value);
    if (order > 0 || (order == 0 && !range.high->inclusive)) {
      return false;
    }
  }
  return true;
}

bool Lists(const arrow::DataType& type, const std::vector<Value>& values, const Value& value) {
  return std::binary_search(
      values.begin(), values.end(), value,
      [&](const Value& a, const Value& b) { return CompareValues(type, a, b) < 0; });
}

bool IsZoned(const arrow::DataType& type) {
  return type.id() == arrow::Type::TIMESTAMP &&
         !static_cast<const arrow::TimestampType&>(type).timezone().empty() &&
         static_cast<const arrow::TimestampType&>(type).unit() == arrow::TimeUnit::MILLI;
}

std::string RangeToString(const arrow::DataType& type, const Range& range) {
  if (range.IsSingleValue()) {
    return absl::StrCat("{", ValueToString(type, range.low->value), "}");
  }
  return absl::StrCat(range.low && range.low->inclusive ? "[" : "(",
                      range.low ? ValueToString(type, range.low->value) : "-∞", ", ",
                      range.high ? ValueToString(type, range.high->value) : "∞",
                      range.high && range.high->inclusive ? "]" : ")");
}

}  // namespace

Range Range::Equal(Value value) {
  Bound bound{std::move(value), true};
  return {bound, bound};
}

bool Range::IsSingleValue() const {
  return low && high && low->inclusive && high->inclusive && low->value == high->value;
}

int CompareValues(const arrow::DataType& type, const Value& a, const Value& b) {
  CHECK(a.index() == b.index());
  if (const auto* left = std::get_if<int64_t>(&a)) {
    const int64_t right = std::get<int64_t>(b);
    return IsZoned(type) ? Compare(UnpackMillis(*left), UnpackMillis(right))
                         : Compare(*left, right);
  }
  if (const auto* left = std::get_if<double>(&a)) {
    const double right = std::get<double>(b);
    if (std::isnan(*left) || std::isnan(right)) {
      return Compare(std::isnan(*left), std::isnan(right));
    }
    return Compare(*left, right);
  }
  if (const auto* left = std::get_if<std::string>(&a)) {
    // std::string compares as unsigned bytes.
    return Compare(left->compare(std::get<std::string>(b)), 0);
  }
  if (const auto* left = std::get_if<bool>(&a)) {
    return Compare(*left, std::get<bool>(b));
  }
  return Compare(std::get<absl::int128>(a), std::get<absl::int128>(b));
}

std::string ValueToString(const arrow::DataType& type, const Value& value) {
  std::string out;
  if (const auto* boolean = std::get_if<bool>(&value)) {
    return *boolean ? "true" : "false";
  }
  if (const auto* number = std::get_if<double>(&value)) {
    AppendJavaDouble(*number, &out);
    return out;
  }
  if (const auto* decimal = std::get_if<absl::int128>(&value)) {
    AppendDecimal(absl::Int128High64(*decimal), absl::Int128Low64(*decimal),
                  static_cast<const arrow::Decimal128Type&>(type).scale(), &out);
    return out;
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (type.id() == arrow::Type::BINARY) {
      return absl::StrCat("X'", absl::BytesToHexString(*text), "'");
    }
    return absl::StrCat("'", absl::StrReplaceAll(*text, {{"'", "''"}}), "'");
  }
  const int64_t integer = std::get<int64_t>(value);
  switch (type.id()) {
    case arrow::Type::DATE32:
      AppendDate(integer, &out);
      return out;
    case arrow::Type::DATE64:
      AppendTimestamp(integer * 1000, 0, 3, &out);
      return out;
    case arrow::Type::TIMESTAMP:
      if (IsZoned(type)) {
        AppendTimestamp(UnpackMillis(integer) * 1000, 0, 3, &out);
        return absl::StrCat(out, " UTC");
      }
      AppendTimestamp(integer, 0, 6, &out);
      return out;
    default:
      return absl::StrCat(integer);
  }
}

ValueSet ValueSet::OfRanges(std::shared_ptr<arrow::DataType> type, std::vector<Range> ranges,
                            bool null_allowed) {
  ValueSet set;
  set.kind_ = Kind::kSortedRanges;
  set.ranges_ = Normalize(*type, std::move(ranges));
  set.type_ = std::move(type);
  set.null_allowed_ = null_allowed;
  return set;
}

ValueSet ValueSet::OfValues(std::shared_ptr<arrow::DataType> type, std::vector<Value> values,
                            bool white_list, bool null_allowed) {
  ValueSet set;
  set.kind_ = Kind::kEquatable;
  const auto less = [&](const Value& a, const Value& b) { return CompareValues(*type, a, b) < 0; };
  std::stable_sort(values.begin(), values.end(), less);
  values.erase(
      std::unique(values.begin(), values.end(),
                  [&](const Value& a, const Value& b) { return CompareValues(*type, a, b) == 0; }),
      values.end());
  set.values_ = std::move(values);
  set.type_ = std::move(type);
  set.white_list_ = white_list;
  set.null_allowed_ = null_allowed;
  return set;
}

ValueSet ValueSet::AllOrNone(std::shared_ptr<arrow::DataType> type, bool all, bool null_allowed) {
  ValueSet set;
  set.kind_ = Kind::kAllOrNone;
  set.type_ = std::move(type);
  set.all_ = all;
  set.null_allowed_ = null_allowed;
  return set;
}

ValueSet ValueSet::OnlyNull(std::shared_ptr<arrow::DataType> type) {
  return OfRanges(std::move(type), {}, true);
}

ValueSet ValueSet::NotNull(std::shared_ptr<arrow::DataType> type) {
  return OfRanges(std::move(type), {Range::All()}, false);
}

bool ValueSet::Contains(const std::optional<Value>& value) const {
  if (!value) {
    return null_allowed_;
  }
  switch (kind_) {
    case Kind::kSortedRanges:
      return std::any_of(ranges_.begin(), ranges_.end(),
                         [&](const Range& range) { return InRange(*type_, range, *value); });
    case Kind::kEquatable:
      return Lists(*type_, values_, *value) == white_list_;
    case Kind::kAllOrNone:
      return all_;
  }
  return false;
}

bool ValueSet::IsNone() const {
  if (null_allowed_) {
    return false;
  }
  switch (kind_) {
    case Kind::kSortedRanges:
      return ranges_.empty();
    case Kind::kEquatable:
      return white_list_ && values_.empty();
    case Kind::kAllOrNone:
      return !all_;
  }
  return false;
}

bool ValueSet::IsAll() const {
  if (!null_allowed_) {
    return false;
  }
  switch (kind_) {
    case Kind::kSortedRanges:
      return ranges_.size() == 1 && ranges_[0].IsAll();
    case Kind::kEquatable:
      return !white_list_ && values_.empty();
    case Kind::kAllOrNone:
      return all_;
  }
  return false;
}

std::optional<std::vector<Value>> ValueSet::DiscreteValues() const {
  switch (kind_) {
    case Kind::kSortedRanges: {
      std::vector<Value> values;
      for (const Range& range : ranges_) {
        if (!range.IsSingleValue()) {
          return std::nullopt;
        }
        values.push_back(range.low->value);
      }
      return values;
    }
    case Kind::kEquatable:
      return white_list_ ? std::optional(values_) : std::nullopt;
    case Kind::kAllOrNone:
      return all_ ? std::nullopt : std::optional(std::vector<Value>());
  }
  return std::nullopt;
}

ValueSet ValueSet::Intersect(const ValueSet& other) const {
  CHECK(kind_ == other.kind_);
  const bool null_allowed = null_allowed_ && other.null_allowed_;
  switch (kind_) {
    case Kind::kSortedRanges: {
      std::vector<Range> ranges;
      for (size_t i = 0, j = 0; i < ranges_.size() && j < other.ranges_.size();) {
        const Range& a = ranges_[i];
        const Range& b = other.ranges_[j];
        Range both;
        both.low = CompareLow(*type_, a.low, b.low) >= 0 ? a.low : b.low;
        const int high = CompareHigh(*type_, a.high, b.high);
        both.high = high <= 0 ? a.high : b.high;
        ranges.push_back(std::move(both));
        high <= 0 ? ++i : ++j;
      }
      return OfRanges(type_, std::move(ranges), null_allowed);
    }
    case Kind::kEquatable: {
      std::vector<Value> values;
      if (white_list_ || other.white_list_) {
        const ValueSet& listed = white_list_ ? *this : other;
        const ValueSet& filter = white_list_ ? other : *this;
        for (const Value& value : listed.values_) {
          if (filter.Contains(value)) {
            values.push_back(value);
          }
        }
        return OfValues(type_, std::move(values), true, null_allowed);
      }
      values = values_;
      values.insert(values.end(), other.values_.begin(), other.values_.end());
      return OfValues(type_, std::move(values), false, null_allowed);
    }
    case Kind::kAllOrNone:
      return AllOrNone(type_, all_ && other.all_, null_allowed);
  }
  return *this;
}

ValueSet ValueSet::Union(const ValueSet& other) const {
  CHECK(kind_ == other.kind_);
  const bool null_allowed = null_allowed_ || other.null_allowed_;
  switch (kind_) {
    case Kind::kSortedRanges: {
      std::vector<Range> ranges = ranges_;
      ranges.insert(ranges.end(), other.ranges_.begin(), other.ranges_.end());
      return OfRanges(type_, std::move(ranges), null_allowed);
    }
    case Kind::kEquatable: {
      std::vector<Value> values;
      if (white_list_ && other.white_list_) {
        values = values_;
        values.insert(values.end(), other.values_.begin(), other.values_.end());
        return OfValues(type_, std::move(values), true, null_allowed);
      }
      // What one excludes stays excluded unless the other holds it.
      const ValueSet& excluding = white_list_ ? other : *this;
      const ValueSet& rest = white_list_ ? *this : other;
      for (const Value& value : excluding.values_) {
        if (!rest.Contains(value)) {
          values.push_back(value);
        }
      }
      return OfValues(type_, std::move(values), false, null_allowed);
    }
    case Kind::kAllOrNone:
      return AllOrNone(type_, all_ || other.all_, null_allowed);
  }
  return *this;
}

bool ValueSet::operator==(const ValueSet& other) const {
  return kind_ == other.kind_ && null_allowed_ == other.null_allowed_ && ranges_ == other.ranges_ &&
         values_ == other.values_ && white_list_ == other.white_list_ && all_ == other.all_ &&
         type_->Equals(*other.type_);
}

std::string ValueSet::ToString(size_t max_items) const {
  std::vector<std::string> items;
  std::string prefix;
  switch (kind_) {
    case Kind::kSortedRanges:
      for (const Range& range : ranges_) {
        items.push_back(RangeToString(*type_, range));
        if (items.size() > max_items) {
          break;
        }
      }
      break;
    case Kind::kEquatable:
      prefix = white_list_ ? "" : "not ";
      for (const Value& value : values_) {
        items.push_back(absl::StrCat("{", ValueToString(*type_, value), "}"));
        if (items.size() > max_items) {
          break;
        }
      }
      break;
    case Kind::kAllOrNone:
      if (all_) {
        items.emplace_back("(-∞, ∞)");
      }
      break;
  }
  if (items.size() > max_items) {
    items.back() = "…";
  }
  std::string out = prefix;
  for (size_t i = 0; i < items.size(); ++i) {
    absl::StrAppend(&out, i == 0 ? "" : " ∪ ", items[i]);
  }
  if (null_allowed_) {
    absl::StrAppend(&out, items.empty() ? "" : " ∪ ", "NULL");
  }
  return out.empty() ? "∅" : out;
}

}  // namespace pallas::sdk
