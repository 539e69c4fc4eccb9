#ifndef PALLAS_TYPES_TYPE_H_
#define PALLAS_TYPES_TYPE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace pallas {

enum class TypeKind : uint8_t {
  kUnknown,  // the type of a bare NULL
  kBoolean,
  kTinyint,
  kSmallint,
  kInteger,
  kBigint,
  kReal,
  kDouble,
  kDecimal,  // precision, scale
  kVarchar,  // length, or unbounded
  kChar,     // length
  kVarbinary,
  kDate,
  kTime,         // precision
  kTimeTz,       // precision
  kTimestamp,    // precision
  kTimestampTz,  // precision
  kIntervalYearMonth,
  kIntervalDayTime,
  kJson,
  kUuid,
  kIpAddress,
  kArray,     // one child
  kMap,       // key, value
  kRow,       // fields
  kFunction,  // a lambda: parameter types, then the result type; never the type of a column
  // Opaque types, kept by name: HyperLogLog, P4HyperLogLog, tdigest, qdigest(T), SetDigest,
  // Geometry, SphericalGeography, BingTile, color, JsonPath, ...
  kOpaque,
};

// A Trino type. An immutable value; copying shares. Equality is Trino's: row field names count.
class Type {
 public:
  // unknown
  Type();

  static Type Unknown() { return Type(); }

  static Type Boolean();
  static Type Tinyint();
  static Type Smallint();
  static Type Integer();
  static Type Bigint();
  static Type Real();
  static Type Double();
  // REQUIRES: 1 <= precision <= 38, 0 <= scale <= precision.
  static Type Decimal(int precision, int scale);
  static Type Varchar();
  static Type Varchar(int64_t length);
  static Type Char(int64_t length);
  static Type Varbinary();
  static Type Date();
  // REQUIRES: 0 <= precision <= 12, here and below.
  static Type Time(int precision);
  static Type TimeTz(int precision);
  static Type Timestamp(int precision);
  static Type TimestampTz(int precision);
  static Type IntervalYearMonth();
  static Type IntervalDayTime();
  static Type Json();
  static Type Uuid();
  static Type IpAddress();
  static Type Array(Type element);
  static Type Map(Type key, Type value);

  struct Field;
  static Type Row(std::vector<Field> fields);
  static Type Function(std::vector<Type> parameters, Type result);
  static Type Opaque(std::string name, std::vector<Type> parameters = {});

  TypeKind kind() const;
  // kDecimal, kTime*, kTimestamp*: digits.
  int precision() const;
  int scale() const;
  // kVarchar and kChar: code points; nullopt for unbounded varchar.
  std::optional<int64_t> length() const;
  // kArray: element. kMap: key, value. kRow: the fields' types. kFunction: parameters and result.
  const std::vector<Type>& children() const;

  const Type& element() const { return children().front(); }

  const Type& key() const { return children()[0]; }

  const Type& value() const { return children()[1]; }

  // kRow: one per child; nullopt for an anonymous field.
  const std::vector<std::optional<std::string>>& field_names() const;
  // kOpaque: the name in Trino's spelling.
  const std::string& opaque_name() const;

  bool operator==(const Type& other) const;

  // Trino's spelling: `row("a" integer, varchar)`, `timestamp(3) with time zone`, `varchar(5)`.
  std::string ToString() const;

 private:
  struct Impl;

  explicit Type(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

  std::shared_ptr<const Impl> impl_;
};

struct Type::Field {
  std::optional<std::string> name;
  Type type;
};

// The longest varchar and char lengths Trino allows.
inline constexpr int64_t kMaxVarcharLength = 2147483646;
inline constexpr int64_t kMaxCharLength = 65536;
inline constexpr int kMaxDecimalPrecision = 38;
inline constexpr int kMaxTimePrecision = 12;

bool IsInteger(const Type& type);     // tinyint ... bigint
bool IsNumeric(const Type& type);     // integers, decimal, real, double
bool IsCharacter(const Type& type);   // varchar, char
bool IsTemporal(const Type& type);    // date, time*, timestamp*
bool IsComparable(const Type& type);  // has =; recursively
bool IsOrderable(const Type& type);   // has <; recursively

// Parse a type name; an error (TYPE_NOT_FOUND or SYNTAX_ERROR) names the offending word.
//   Trino: `array(row(a integer, b varchar(10)))`, case-insensitive, all aliases (int, string is
//   not one). Hive: `array<struct<a:int,b:varchar(10)>>` with `string`, `binary`, `float`,
//   `timestamp` = timestamp(3), bare `decimal` = decimal(10,0). Glue table definitions also hold
//   Trino words (`integer`, `real`); ParseHiveType accepts them (connectors.md GEN-2).
absl::StatusOr<Type> ParseTrinoType(std::string_view text);
absl::StatusOr<Type> ParseHiveType(std::string_view text);

// The spelling of Hive DDL and Glue: `struct<a:int>`, `string`. An error for what Hive lacks.
absl::StatusOr<std::string> ToHiveTypeName(const Type& type);

// The spelling of Athena's result metadata (ColumnInfo.Type): "varchar", "integer", "decimal",
// "array", "row", "timestamp with time zone", ...
std::string ToAthenaTypeName(const Type& type);

// The type both coerce to implicitly, if there is one (spec/sql-dialect.md section 5.2).
std::optional<Type> CommonSuperType(const Type& a, const Type& b);

// Whether a value of `from` is coerced to `to` implicitly.
bool CanCoerce(const Type& from, const Type& to);

}  // namespace pallas

#endif  // PALLAS_TYPES_TYPE_H_
