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

uint64_t HashDouble(double value) {
  if (value == 0) {
    value = 0;  // -0.0 is equal to it
  }
  return HashLong(std::isnan(value) ? std::bit_cast<int64_t>(std::nan(""))
                                    : std::bit_cast<int64_t>(value));
}

uint64_t HashReal(float value) {
  if (value == 0) {
    value = 0;
  }
  return HashLong(std::isnan(value) ? std::bit_cast<int32_t>(std::nanf(""))
                                    : std::bit_cast<int32_t>(value));
}

uint64_t HashHugeint(duckdb::hugeint_t value) {
  return HashLong(static_cast<int64_t>(value.lower)) ^ HashLong(value.upper);
}

uint64_t Combine(uint64_t hash, uint64_t next) { return hash * 31 + next; }

uint64_t HashCell(const Type& type, const Cell& cell);

uint64_t HashElement(const Type& type, const Cell& cell) {
  return cell.IsNull() ? kHashOfNullElement : HashCell(type, cell);
}

uint64_t HashDecimal(const Type& type, const Cell& cell) {
  constexpr int kMaxShortPrecision = 18;
  switch (ToDuckDbType(type).InternalType()) {
    case duckdb::PhysicalType::INT16:
      return HashLong(cell.Get<int16_t>());
    case duckdb::PhysicalType::INT32:
      return HashLong(cell.Get<int32_t>());
    case duckdb::PhysicalType::INT64:
      return HashLong(cell.Get<int64_t>());
    default:
      return type.precision() <= kMaxShortPrecision
                 ? HashLong(static_cast<int64_t>(cell.Get<duckdb::hugeint_t>().lower))
                 : HashHugeint(cell.Get<duckdb::hugeint_t>());
  }
}

uint64_t HashNested(const Type& type, const Cell& cell) {
  uint64_t hash = 0;
  if (type.kind() == TypeKind::kArray) {
    for (duckdb::idx_t i = 0; i < cell.size(); ++i) {
      hash = Combine(hash, HashElement(type.element(), cell.Element(i)));
    }
  } else if (type.kind() == TypeKind::kMap) {
    for (duckdb::idx_t i = 0; i < cell.size(); ++i) {
      hash += HashElement(type.key(), cell.Key(i)) ^ HashElement(type.value(), cell.Value(i));
    }
  } else {
    hash = 1;
    for (size_t i = 0; i < type.children().size(); ++i) {
      hash = Combine(hash, HashElement(type.children()[i], cell.Field(i)));
    }
  }
  return hash;
}

uint64_t HashCell(const Type& type, const Cell& cell) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return HashLong(cell.Get<bool>() ? 1 : 0);
    case TypeKind::kTinyint:
      return HashLong(cell.Get<int8_t>());
    case TypeKind::kSmallint:
      return HashLong(cell.Get<int16_t>());
    case TypeKind::kInteger:
    case TypeKind::kDate:
    case TypeKind::kIntervalYearMonth:
      return HashLong(cell.Get<int32_t>());
    case TypeKind::kBigint:
    case TypeKind::kIntervalDayTime:
    case TypeKind::kTime:
      return HashLong(cell.Get<int64_t>());
    case TypeKind::kReal:
      return HashReal(cell.Get<float>());
    case TypeKind::kDouble:
      return HashDouble(cell.Get<double>());
    case TypeKind::kDecimal:
      return HashDecimal(type, cell);
    case TypeKind::kVarchar:
    case TypeKind::kChar:
    case TypeKind::kVarbinary:
    case TypeKind::kJson:
      return sql::XxHash64(cell.Text());
    case TypeKind::kTimestamp:
      return HashLong(cell.Get<int64_t>());
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow:
      return HashNested(type, cell);
    default:
      CHECK(false);
      return 0;
  }
}

// Whether the hash of a type is known; it is for those that sources have.
bool HasHash(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kTimestamp:
      return ToDuckDbType(type).InternalType() == duckdb::PhysicalType::INT64;
    case TypeKind::kUnknown:
    case TypeKind::kTimeTz:
    case TypeKind::kTimestampTz:
    case TypeKind::kUuid:
    case TypeKind::kIpAddress:
    case TypeKind::kFunction:
    case TypeKind::kOpaque:
      return false;
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
    const uint64_t hash = cells[row].IsNull() ? kPrime : HashCell(type, cells[row]) * kPrime;
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
