#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

#include "base/check.h"
#include "base/error_detail.h"
#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cells.h"
#include "engine/duckdb/functions/int128.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"
#include "sql/runtime/binary.h"
#include "sql/runtime/calendar.h"
#include "sql/runtime/color.h"
#include "sql/runtime/date_time.h"
#include "types/arrow_mapping.h"

// checksum(x): the sum, modulo 2^64, of a hash of each value, whose bytes are the result. The hash
// of each type is Trino's, so that sums of both engines can be compared.

namespace pallas::engine {
namespace {

using duckdb::LogicalType;

constexpr uint64_t kPrime = 0x9E3779B185EBCA87U;
constexpr uint64_t kHashOfNullElement = 0;

uint64_t HashLong(int64_t value) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  return sql::XxHash64({bytes, sizeof(bytes)});
}

// Inside rows numbers have another hash.
uint64_t ScrambleLong(int64_t value) {
  constexpr uint64_t kOtherPrime = 0xC2B2AE3D27D4EB4FU;
  constexpr int kRotation = 31;
  return std::rotl(static_cast<uint64_t>(value) * kOtherPrime, kRotation) * kPrime;
}

using LongHash = uint64_t (*)(int64_t);

// -0.0 is equal to 0.0.
int64_t BitsOf(double value) {
  return std::isnan(value) ? std::bit_cast<int64_t>(std::nan(""))
                           : std::bit_cast<int64_t>(value == 0 ? 0.0 : value);
}

int32_t BitsOf(float value) {
  return std::isnan(value) ? std::bit_cast<int32_t>(std::nanf(""))
                           : std::bit_cast<int32_t>(value == 0 ? 0.0F : value);
}

// Of two halves of eight bytes.
uint64_t HashSixteen(std::string_view bytes) {
  return sql::XxHash64(bytes.substr(0, sizeof(int64_t))) ^
         sql::XxHash64(bytes.substr(sizeof(int64_t)));
}

uint64_t HashHugeint(duckdb::hugeint_t value) {
  return HashLong(static_cast<int64_t>(value.lower)) ^ HashLong(value.upper);
}

uint64_t Combine(uint64_t hash, uint64_t next) { return hash * 31 + next; }

uint64_t HashCell(const Type& type, const Cell& cell, LongHash hash_long);

uint64_t HashElement(const Type& type, const Cell& cell, LongHash hash_long) {
  return cell.IsNull() ? kHashOfNullElement : HashCell(type, cell, hash_long);
}

uint64_t HashDecimal(const Type& type, const Cell& cell, LongHash hash_long) {
  constexpr int kMaxShortPrecision = 18;
  switch (ToDuckDbType(type).InternalType()) {
    case duckdb::PhysicalType::INT16:
      return hash_long(cell.Get<int16_t>());
    case duckdb::PhysicalType::INT32:
      return hash_long(cell.Get<int32_t>());
    case duckdb::PhysicalType::INT64:
      return hash_long(cell.Get<int64_t>());
    default:
      return type.precision() <= kMaxShortPrecision
                 ? hash_long(static_cast<int64_t>(cell.Get<duckdb::hugeint_t>().lower))
                 : HashHugeint(cell.Get<duckdb::hugeint_t>());
  }
}

// Values of one part, or of two where the type has more digits than fit.
uint64_t HashTemporal(const Type& type, const Cell& cell, LongHash hash_long) {
  const bool in_two_parts = ToDuckDbType(type).InternalType() == duckdb::PhysicalType::STRUCT;
  if (!in_two_parts) {
    const auto value = cell.Get<int64_t>();
    if (type.kind() == TypeKind::kTimeTz) {
      const sql::ZonedTime time = sql::UnpackTimeTz(value);
      return hash_long(UtcPicosOf(time.picos, time.offset_minutes) / sql::kPicosPerNano);
    }
    return hash_long(type.kind() == TypeKind::kTimestampTz ? UnpackMillis(value) : value);
  }
  const auto base = cell.Field(0).Get<int64_t>();
  const auto rest = cell.Field(1).Get<int32_t>();
  if (type.kind() == TypeKind::kTimeTz) {
    return hash_long(UtcPicosOf(base, rest));
  }
  return HashLong(type.kind() == TypeKind::kTimestampTz ? UnpackMillis(base) : base) ^
         HashLong(rest);
}

uint64_t HashNested(const Type& type, const Cell& cell, LongHash hash_long) {
  uint64_t hash = 0;
  if (type.kind() == TypeKind::kArray) {
    for (duckdb::idx_t i = 0; i < cell.size(); ++i) {
      hash = Combine(hash, HashElement(type.element(), cell.Element(i), hash_long));
    }
  } else if (type.kind() == TypeKind::kMap) {
    for (duckdb::idx_t i = 0; i < cell.size(); ++i) {
      hash += HashElement(type.key(), cell.Key(i), hash_long) ^
              HashElement(type.value(), cell.Value(i), hash_long);
    }
  } else {
    hash = 1;
    for (size_t i = 0; i < type.children().size(); ++i) {
      hash = Combine(hash, HashElement(type.children()[i], cell.Field(i), ScrambleLong));
    }
  }
  return hash;
}

uint64_t HashCell(const Type& type, const Cell& cell, LongHash hash_long) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return HashLong(cell.Get<bool>() ? 1 : 0);
    case TypeKind::kTinyint:
      return hash_long(cell.Get<int8_t>());
    case TypeKind::kSmallint:
      return hash_long(cell.Get<int16_t>());
    case TypeKind::kInteger:
    case TypeKind::kDate:
    case TypeKind::kIntervalYearMonth:
      return hash_long(cell.Get<int32_t>());
    case TypeKind::kBigint:
    case TypeKind::kIntervalDayTime:
    case TypeKind::kTime:
      return hash_long(cell.Get<int64_t>());
    case TypeKind::kReal:
      return hash_long(BitsOf(cell.Get<float>()));
    case TypeKind::kDouble:
      return hash_long(BitsOf(cell.Get<double>()));
    case TypeKind::kDecimal:
      return HashDecimal(type, cell, hash_long);
    case TypeKind::kVarchar:
    case TypeKind::kChar:
    case TypeKind::kVarbinary:
    case TypeKind::kJson:
      return sql::XxHash64(cell.Text());
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
    case TypeKind::kTimeTz:
      return HashTemporal(type, cell, hash_long);
    case TypeKind::kUuid: {
      char bytes[sizeof(duckdb::hugeint_t)];
      duckdb::BaseUUID::ToBlob(cell.Get<duckdb::hugeint_t>(),
                               reinterpret_cast<duckdb::data_ptr_t>(bytes));
      return HashSixteen({bytes, sizeof(bytes)});
    }
    case TypeKind::kIpAddress:
      return HashSixteen(cell.Text());
    case TypeKind::kOpaque:
      return hash_long(sql::ColorNumber(cell.Text()));
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow:
      return HashNested(type, cell, hash_long);
    default:
      CHECK(false);
      return 0;
  }
}

// Whether the hash of a type is known.
bool HasHash(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kFunction:
      return false;
    case TypeKind::kOpaque:
      return IsComparable(type);  // color
    default:
      return std::all_of(type.children().begin(), type.children().end(), HasHash);
  }
}

void HashLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
              duckdb::Vector& result) {
  const Type& type = BindDataOf(state).Cast<TypedBindData>().arguments[0];
  const bool constant = arguments.AllConstant();
  const duckdb::idx_t count = constant ? 1 : arguments.size();
  const Cells cells(arguments.data[0], count);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const uint64_t hash =
        cells[row].IsNull() ? kPrime : HashCell(type, cells[row], HashLong) * kPrime;
    duckdb::FlatVector::GetData<int64_t>(result)[row] = static_cast<int64_t>(hash);
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

duckdb::unique_ptr<duckdb::FunctionData> BindHash(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto types = TakeTypes(context, function, arguments);
  function.SetFunctionCallback(HashLoop);
  return types;
}

std::string BytesOf(duckdb::hugeint_t sum) {
  std::string bytes(sizeof(sum.lower), '\0');
  std::memcpy(bytes.data(), &sum.lower, sizeof(sum.lower));
  return bytes;
}

absl::StatusOr<DuckExpr> EmitChecksum(const CallSite& site, DuckExprs values,
                                      const AggregateCall& call) {
  const Type& type = site.argument(0);
  if (!HasHash(type)) {
    return NamedError("NOT_SUPPORTED",
                      absl::StrCat("checksum of ", type.ToString(), " is not supported"),
                      absl::StatusCode::kUnimplemented);
  }
  DuckExpr hash = CallTyped("checksum_hash", {type}, Type::Bigint(), std::move(values));
  return CallPrivate("checksum_bytes", MakeTrees(call("sum", MakeTrees(std::move(hash)))));
}

}  // namespace

void AddChecksum(AdapterTable& table) {
  table.Private("checksum_hash", BindHash, LogicalType::ANY, {.called_on_null = true});
  table.Private("checksum_bytes", {LogicalType::HUGEINT}, LogicalType::BLOB,
                Rows<duckdb::hugeint_t>(BytesOf));
  table.EmitAggregate("checksum(t)", EmitChecksum);
}

}  // namespace pallas::engine
