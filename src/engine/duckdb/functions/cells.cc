#include "engine/duckdb/functions/cells.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/check.h"
#include "engine/duckdb/functions/int128.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "types/arrow_mapping.h"

namespace pallas::engine {
namespace {

constexpr int64_t kPicosOfDay = 86'400'000'000'000'000;
constexpr int64_t kPicosOfMinute = 60'000'000'000'000;
constexpr int64_t kPicosOfMilli = 1'000'000'000;
constexpr int kTimeTzOffsetBits = 11;
constexpr int kMaxPackedTimestampTz = 3;
constexpr int kMaxPackedTimeTz = 9;
constexpr int kMaxShortTimestamp = 6;

// Cells of a DECIMAL are as wide as its digits need.
constexpr int kMaxDigits16 = 4;
constexpr int kMaxDigits32 = 9;
constexpr int kMaxDigits64 = 18;

Int128 DecimalOf(const Type& type, const Cell& cell) {
  if (type.precision() <= kMaxDigits16) {
    return cell.Get<int16_t>();
  }
  if (type.precision() <= kMaxDigits32) {
    return cell.Get<int32_t>();
  }
  if (type.precision() <= kMaxDigits64) {
    return cell.Get<int64_t>();
  }
  return FromHugeint(cell.Get<duckdb::hugeint_t>());
}

// Base and rest of a value in two parts, as one number.
Int128 LongTimeOf(const Type& type, const Cell& cell) {
  const auto base = cell.Field(0).Get<int64_t>();
  const auto rest = cell.Field(1).Get<int32_t>();
  switch (type.kind()) {
    case TypeKind::kTimestampTz:
      return FromHugeint(InstantOf(base, rest));
    case TypeKind::kTimeTz:
      return UtcPicosOf(base, rest);
    default:
      return Int128{base} * 1'000'000 + rest;
  }
}

// The number whose order is that of the values, for all types that have one.
std::optional<Int128> NumberOf(const Type& type, const Cell& cell) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return cell.Get<bool>() ? 1 : 0;
    case TypeKind::kTinyint:
      return cell.Get<int8_t>();
    case TypeKind::kSmallint:
      return cell.Get<int16_t>();
    case TypeKind::kInteger:
    case TypeKind::kDate:
    case TypeKind::kIntervalYearMonth:
      return cell.Get<int32_t>();
    case TypeKind::kBigint:
    case TypeKind::kIntervalDayTime:
    case TypeKind::kTime:
      return cell.Get<int64_t>();
    case TypeKind::kDecimal:
      return DecimalOf(type, cell);
    case TypeKind::kTimestamp:
      return type.precision() <= kMaxShortTimestamp ? Int128{cell.Get<int64_t>()}
                                                    : LongTimeOf(type, cell);
    case TypeKind::kTimestampTz:
      return type.precision() <= kMaxPackedTimestampTz ? Int128{InstantOf(cell.Get<int64_t>())}
                                                       : LongTimeOf(type, cell);
    case TypeKind::kTimeTz:
      return type.precision() <= kMaxPackedTimeTz ? Int128{UtcNanosOf(cell.Get<int64_t>())}
                                                  : LongTimeOf(type, cell);
    case TypeKind::kUuid:
      return FromHugeint(cell.Get<duckdb::hugeint_t>());
    default:
      return std::nullopt;
  }
}

double FloatingOf(const Type& type, const Cell& cell) {
  return type.kind() == TypeKind::kReal ? static_cast<double>(cell.Get<float>())
                                        : cell.Get<double>();
}

bool IsFloating(const Type& type) {
  return type.kind() == TypeKind::kReal || type.kind() == TypeKind::kDouble;
}

template <typename T>
int Sign(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int CompareFloating(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) {
    return Sign(std::isnan(a), std::isnan(b));
  }
  return Sign(a, b);
}

// char(n) is stored without its trailing blanks but compares with them.
int ComparePadded(std::string_view a, std::string_view b) {
  const size_t shorter = std::min(a.size(), b.size());
  if (const int order = std::memcmp(a.data(), b.data(), shorter); order != 0) {
    return order;
  }
  const std::string_view rest = a.size() > b.size() ? a.substr(shorter) : b.substr(shorter);
  for (char c : rest) {
    if (c != ' ') {
      const int order = Sign(static_cast<unsigned char>(c), static_cast<unsigned char>(' '));
      return a.size() > b.size() ? order : -order;
    }
  }
  return 0;
}

bool StartsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

int CompareText(const Type& type, std::string_view a, std::string_view b) {
  if (type.kind() == TypeKind::kChar) {
    return ComparePadded(a, b);
  }
  return a.compare(b);
}

bool IsNested(const Type& type) {
  return type.kind() == TypeKind::kArray || type.kind() == TypeKind::kMap ||
         type.kind() == TypeKind::kRow;
}

[[noreturn]] void RaiseNullInside(const Type& type) {
  Raise("NOT_SUPPORTED", type.kind() == TypeKind::kRow
                             ? "ROW comparison not supported for fields with null elements"
                             : "ARRAY comparison not supported for arrays with null elements");
}

// Unknown unless one side decides.
void Conjoin(std::optional<bool> term, bool& unknown, bool& unequal) {
  unknown |= !term.has_value();
  unequal |= term.has_value() && !*term;
}

std::optional<bool> EqualOrNull(const Type& type, const Cell& a, const Cell& b) {
  return a.IsNull() || b.IsNull() ? std::nullopt : EqualCells(type, a, b);
}

// The index of the entry of `map` with that key, which may be at `likely`; its size: none.
duckdb::idx_t FindKey(const Type& type, const Cell& key, const Cell& map, duckdb::idx_t likely) {
  if (likely < map.size() && IdenticalCells(type, key, map.Key(likely))) {
    return likely;
  }
  duckdb::idx_t index = 0;
  while (index < map.size() && !IdenticalCells(type, key, map.Key(index))) {
    ++index;
  }
  return index;
}

std::optional<bool> EqualMaps(const Type& type, const Cell& a, const Cell& b) {
  if (a.size() != b.size()) {
    return false;
  }
  bool unknown = false;
  bool unequal = false;
  for (duckdb::idx_t i = 0; i < a.size() && !unequal; ++i) {
    const duckdb::idx_t match = FindKey(type.key(), a.Key(i), b, i);
    if (match == b.size()) {
      return false;
    }
    Conjoin(EqualOrNull(type.value(), a.Value(i), b.Value(match)), unknown, unequal);
  }
  return unequal ? std::optional(false) : (unknown ? std::nullopt : std::optional(true));
}

bool IdenticalMaps(const Type& type, const Cell& a, const Cell& b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (duckdb::idx_t i = 0; i < a.size(); ++i) {
    const duckdb::idx_t match = FindKey(type.key(), a.Key(i), b, i);
    if (match == b.size() || !IdenticalCells(type.value(), a.Value(i), b.Value(match))) {
      return false;
    }
  }
  return true;
}

// Order-preserving bytes ------------------------------------------------------------------------

constexpr char kEnd = '\0';
constexpr char kPresent = '\1';
constexpr char kNull = '\2';
constexpr char kEscaped = '\xFF';

void AppendBigEndian(uint64_t bits, std::string* out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(bits >> static_cast<unsigned>(shift)));
  }
}

void AppendNumber(Int128 value, std::string* out) {
  const auto bits = static_cast<Uint128>(value);
  AppendBigEndian(static_cast<uint64_t>(bits >> 64U) ^ (uint64_t{1} << 63U), out);
  AppendBigEndian(static_cast<uint64_t>(bits), out);
}

// The bits of a value; those that are the same have one of them.
uint64_t CanonicalBits(double value) {
  if (std::isnan(value)) {
    value = std::numeric_limits<double>::quiet_NaN();
  }
  if (value == 0) {
    value = 0;  // -0.0 is no other value
  }
  return std::bit_cast<uint64_t>(value);
}

void AppendFloating(double value, std::string* out) {
  uint64_t bits = CanonicalBits(value);
  constexpr uint64_t kSign = uint64_t{1} << 63U;
  bits = (bits & kSign) != 0 ? ~bits : bits | kSign;
  AppendBigEndian(bits, out);
}

void AppendTextKey(std::string_view text, std::string* out) {
  for (char c : text) {
    out->push_back(c);
    if (c == kEnd) {
      out->push_back(kEscaped);
    }
  }
  out->push_back(kEnd);
  out->push_back(kEnd);
}

void AppendMember(const Type& type, const Cell& cell, const Type& parent, bool raise_on_null,
                  std::string* out) {
  if (cell.IsNull()) {
    if (raise_on_null) {
      RaiseNullInside(parent);
    }
    out->push_back(kNull);
    return;
  }
  out->push_back(kPresent);
  AppendKey(type, cell, raise_on_null, out);
}

void AppendMapKey(const Type& type, const Cell& cell, bool raise_on_null, std::string* out) {
  std::vector<std::string> entries(cell.size());
  for (duckdb::idx_t i = 0; i < cell.size(); ++i) {
    AppendMember(type.key(), cell.Key(i), type, raise_on_null, &entries[i]);
    AppendMember(type.value(), cell.Value(i), type, raise_on_null, &entries[i]);
  }
  std::sort(entries.begin(), entries.end());
  for (const std::string& entry : entries) {
    out->push_back(kPresent);
    out->append(entry);
  }
  out->push_back(kEnd);
}

}  // namespace

int64_t InstantOf(int64_t packed_timestamp) { return UnpackMillis(packed_timestamp); }

duckdb::hugeint_t InstantOf(int64_t packed_timestamp, int32_t picos_of_milli) {
  return ToHugeint(Int128{InstantOf(packed_timestamp)} * kPicosOfMilli + picos_of_milli);
}

int64_t UtcNanosOf(int64_t packed_time) { return packed_time >> kTimeTzOffsetBits; }

int64_t UtcPicosOf(int64_t local_picos, int32_t offset_minutes) {
  const int64_t picos = (local_picos - offset_minutes * kPicosOfMinute) % kPicosOfDay;
  return picos < 0 ? picos + kPicosOfDay : picos;
}

void AppendPadded(std::string_view text, int64_t length, std::string* out) {
  out->append(text);
  const auto points = std::count_if(text.begin(), text.end(), StartsCodePoint);
  out->append(static_cast<size_t>(std::max<int64_t>(0, length - points)), ' ');
}

std::optional<bool> EqualCells(const Type& type, const Cell& a, const Cell& b) {
  switch (type.kind()) {
    case TypeKind::kInteger:
      return a.Get<int32_t>() == b.Get<int32_t>();
    case TypeKind::kBigint:
      return a.Get<int64_t>() == b.Get<int64_t>();
    case TypeKind::kVarchar:
      return a.Get<duckdb::string_t>() == b.Get<duckdb::string_t>();
    default:
      break;
  }
  if (IsFloating(type)) {
    return FloatingOf(type, a) == FloatingOf(type, b);
  }
  if (const std::optional<Int128> number = NumberOf(type, a)) {
    return *number == *NumberOf(type, b);
  }
  if (!IsNested(type)) {
    return a.Text() == b.Text();
  }
  if (type.kind() == TypeKind::kMap) {
    return EqualMaps(type, a, b);
  }
  bool unknown = false;
  bool unequal = false;
  if (type.kind() == TypeKind::kRow) {
    for (size_t i = 0; i < type.children().size() && !unequal; ++i) {
      Conjoin(EqualOrNull(type.children()[i], a.Field(i), b.Field(i)), unknown, unequal);
    }
  } else {
    if (a.size() != b.size()) {
      return false;
    }
    for (duckdb::idx_t i = 0; i < a.size() && !unequal; ++i) {
      Conjoin(EqualOrNull(type.element(), a.Element(i), b.Element(i)), unknown, unequal);
    }
  }
  return unequal ? std::optional(false) : (unknown ? std::nullopt : std::optional(true));
}

bool IdenticalCells(const Type& type, const Cell& a, const Cell& b) {
  if (a.IsNull() || b.IsNull()) {
    return a.IsNull() && b.IsNull();
  }
  if (IsFloating(type)) {
    return CompareFloating(FloatingOf(type, a), FloatingOf(type, b)) == 0;
  }
  switch (type.kind()) {
    case TypeKind::kMap:
      return IdenticalMaps(type, a, b);
    case TypeKind::kRow:
      for (size_t i = 0; i < type.children().size(); ++i) {
        if (!IdenticalCells(type.children()[i], a.Field(i), b.Field(i))) {
          return false;
        }
      }
      return true;
    case TypeKind::kArray:
      if (a.size() != b.size()) {
        return false;
      }
      for (duckdb::idx_t i = 0; i < a.size(); ++i) {
        if (!IdenticalCells(type.element(), a.Element(i), b.Element(i))) {
          return false;
        }
      }
      return true;
    default:
      return *EqualCells(type, a, b);
  }
}

int CompareCells(const Type& type, const Cell& a, const Cell& b) {
  switch (type.kind()) {
    case TypeKind::kInteger:
      return Sign(a.Get<int32_t>(), b.Get<int32_t>());
    case TypeKind::kBigint:
      return Sign(a.Get<int64_t>(), b.Get<int64_t>());
    case TypeKind::kVarchar:
      return a.Text().compare(b.Text());
    default:
      break;
  }
  if (IsFloating(type)) {
    return CompareFloating(FloatingOf(type, a), FloatingOf(type, b));
  }
  if (const std::optional<Int128> number = NumberOf(type, a)) {
    return Sign(*number, *NumberOf(type, b));
  }
  if (!IsNested(type)) {
    return CompareText(type, a.Text(), b.Text());
  }
  const bool row = type.kind() == TypeKind::kRow;
  const duckdb::idx_t size = row ? type.children().size() : std::min(a.size(), b.size());
  for (duckdb::idx_t i = 0; i < size; ++i) {
    const Cell left = row ? a.Field(i) : a.Element(i);
    const Cell right = row ? b.Field(i) : b.Element(i);
    if (left.IsNull() || right.IsNull()) {
      RaiseNullInside(type);
    }
    const Type& member = row ? type.children()[i] : type.element();
    if (const int order = CompareCells(member, left, right); order != 0) {
      return order;
    }
  }
  return row ? 0 : Sign(a.size(), b.size());
}

std::optional<Int128> IdentityOf(const Type& type, const Cell& cell) {
  return IsFloating(type) ? std::optional<Int128>(CanonicalBits(FloatingOf(type, cell)))
                          : NumberOf(type, cell);
}

bool HasNaN(const Type& type, const Cell& a) {
  return IsFloating(type) && std::isnan(FloatingOf(type, a));
}

void AppendKey(const Type& type, const Cell& cell, bool raise_on_null, std::string* out) {
  if (IsFloating(type)) {
    AppendFloating(FloatingOf(type, cell), out);
    return;
  }
  if (const std::optional<Int128> number = NumberOf(type, cell)) {
    AppendNumber(*number, out);
    return;
  }
  switch (type.kind()) {
    case TypeKind::kMap:
      AppendMapKey(type, cell, raise_on_null, out);
      return;
    case TypeKind::kRow:
      for (size_t i = 0; i < type.children().size(); ++i) {
        AppendMember(type.children()[i], cell.Field(i), type, raise_on_null, out);
      }
      return;
    case TypeKind::kArray:
      for (duckdb::idx_t i = 0; i < cell.size(); ++i) {
        AppendMember(type.element(), cell.Element(i), type, raise_on_null, out);
      }
      out->push_back(kEnd);
      return;
    case TypeKind::kChar: {
      // With the blanks, which count in the order.
      std::string padded;
      AppendPadded(cell.Text(), *type.length(), &padded);
      AppendTextKey(padded, out);
      return;
    }
    default:
      AppendTextKey(cell.Text(), out);
      return;
  }
}

}  // namespace pallas::engine
