#include "engine/duckdb/column_conversion.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "duckdb/common/vector_operations/unary_executor.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/planner/expression/bound_cast_expression.hpp"

#include "base/error_detail.h"
#include "base/floor_division.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/rounded_filter.h"
#include "engine/duckdb/types.h"
#include "types/arrow_mapping.h"
#include "types/time_zone.h"

namespace pallas::engine {
namespace {

using duckdb::LogicalTypeId;
using duckdb::MultiFileColumnDefinition;

constexpr int64_t kNanosPerMicro = 1000;
constexpr int64_t kMicrosPerMilli = 1000;
constexpr int kMicroDigits = 6;

// The number of characters a text may have; bound into the cast that cuts it.
struct LengthData final : duckdb::BoundCastData {
  LengthData(std::optional<int64_t> max_length, bool is_char)
      : length(max_length), trims(is_char) {}

  duckdb::unique_ptr<BoundCastData> Copy() const override {
    return duckdb::make_uniq<LengthData>(length, trims);
  }

  std::optional<int64_t> length;
  bool trims;
};

struct RoundingData final : duckdb::BoundCastData {
  explicit RoundingData(TimestampRounding timestamp_rounding) : rounding(timestamp_rounding) {}

  duckdb::unique_ptr<BoundCastData> Copy() const override {
    return duckdb::make_uniq<RoundingData>(rounding);
  }

  TimestampRounding rounding;
};

bool RoundTimestamps(duckdb::Vector& source, duckdb::Vector& result, duckdb::idx_t count,
                     duckdb::CastParameters& parameters) {
  const TimestampRounding& rounding = parameters.cast_data->Cast<RoundingData>().rounding;
  const int64_t micros_per_unit = rounding.unit / rounding.ticks_per_micro;
  duckdb::UnaryExecutor::Execute<int64_t, int64_t>(source, result, count, [&](int64_t ticks) {
    const int64_t half = rounding.unit / 2;
    int64_t shifted = 0;
    int64_t micros = 0;
    if (__builtin_add_overflow(ticks, half, &shifted) ||
        __builtin_mul_overflow(FloorDivide(shifted, rounding.unit), micros_per_unit, &micros)) {
      ThrowIfError(NamedError("HIVE_BAD_DATA", "Timestamp out of range"));
    }
    return micros;
  });
  return true;
}

bool PackInstants(duckdb::Vector& source, duckdb::Vector& result, duckdb::idx_t count,
                  duckdb::CastParameters& /*parameters*/) {
  duckdb::UnaryExecutor::Execute<int64_t, int64_t>(source, result, count, [](int64_t micros) {
    return PackTimestampTz(FloorDivide(micros + kMicrosPerMilli / 2, kMicrosPerMilli), kUtcZoneKey);
  });
  return true;
}

// The first `length` characters, for char(n) without trailing blanks.
std::string_view Cut(std::string_view text, const LengthData& data) {
  if (data.length && text.size() > static_cast<size_t>(*data.length)) {
    size_t end = 0;
    for (int64_t characters = 0; end < text.size(); ++end) {
      const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
      if (starts && characters++ == *data.length) {
        break;
      }
    }
    text = text.substr(0, end);
  }
  while (data.trims && !text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

bool CutTexts(duckdb::Vector& source, duckdb::Vector& result, duckdb::idx_t count,
              duckdb::CastParameters& parameters) {
  const auto& data = parameters.cast_data->Cast<LengthData>();
  const bool check = source.GetType().id() == LogicalTypeId::BLOB;
  duckdb::UnaryExecutor::Execute<duckdb::string_t, duckdb::string_t>(
      source, result, count, [&](duckdb::string_t bytes) {
        if (check && !duckdb::Value::StringIsValid(bytes.GetData(), bytes.GetSize())) {
          ThrowIfError(NamedError("HIVE_BAD_DATA", "a text is not valid UTF-8"));
        }
        const std::string_view text = Cut({bytes.GetData(), bytes.GetSize()}, data);
        return text.size() == bytes.GetSize()
                   ? bytes
                   : duckdb::string_t(text.data(), static_cast<uint32_t>(text.size()));
      });
  duckdb::StringVector::AddHeapReference(result, source);
  return true;
}

DuckExpression Cast(DuckExpression expression, const duckdb::LogicalType& type,
                    duckdb::cast_function_t function,
                    duckdb::unique_ptr<duckdb::BoundCastData> data = nullptr) {
  return duckdb::make_uniq<duckdb::BoundCastExpression>(
      std::move(expression), type, duckdb::BoundCastInfo(function, std::move(data)));
}

bool IsInteger(const duckdb::LogicalType& type) {
  return type.IsIntegral() && type.id() != LogicalTypeId::HUGEINT &&
         type.id() != LogicalTypeId::UHUGEINT;
}

// ---- Nested types ----

// Whether DuckDB's own mapping reads `in_file` as `declared`, exactly; gives it the file's names.
bool MapNested(const Type& declared, const MultiFileColumnDefinition& in_file,
               MultiFileColumnDefinition& column);

bool MapChild(const Type& declared, const MultiFileColumnDefinition& in_file,
              MultiFileColumnDefinition& column) {
  column.identifier = duckdb::Value(in_file.name);
  return MapNested(declared, in_file, column);
}

const MultiFileColumnDefinition* FindField(const std::string& name,
                                           const MultiFileColumnDefinition& in_file) {
  for (const MultiFileColumnDefinition& child : in_file.children) {
    if (absl::AsciiStrToLower(child.name) == absl::AsciiStrToLower(name)) {
      return &child;
    }
  }
  return nullptr;
}

bool MapFields(const Type& declared, const MultiFileColumnDefinition& in_file,
               MultiFileColumnDefinition& column) {
  bool any = false;
  for (size_t i = 0; i < declared.children().size(); ++i) {
    const std::string name = declared.field_names()[i].value_or("");
    const MultiFileColumnDefinition* const field = FindField(name, in_file);
    if (field == nullptr) {
      continue;  // NULL
    }
    any = true;
    if (!MapChild(declared.children()[i], *field, column.children[i])) {
      return false;
    }
  }
  return any;
}

bool MapLeaf(const Type& declared, const duckdb::LogicalType& in_file) {
  const duckdb::LogicalType wanted = ToDuckDbType(declared);
  switch (declared.kind()) {
    case TypeKind::kVarchar:
      return in_file.id() == LogicalTypeId::VARCHAR && !declared.length();
    case TypeKind::kTimestamp:
      return in_file.id() == LogicalTypeId::TIMESTAMP && declared.precision() == kMicroDigits;
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
      return IsInteger(in_file);
    case TypeKind::kBoolean:
    case TypeKind::kReal:
    case TypeKind::kDecimal:
    case TypeKind::kDate:
    case TypeKind::kVarbinary:
      return in_file == wanted;
    case TypeKind::kDouble:
      return in_file == wanted || in_file.id() == LogicalTypeId::FLOAT;
    default:
      return false;
  }
}

bool MapNested(const Type& declared, const MultiFileColumnDefinition& in_file,
               MultiFileColumnDefinition& column) {
  switch (declared.kind()) {
    case TypeKind::kArray:
      return in_file.type.id() == LogicalTypeId::LIST && in_file.children.size() == 1 &&
             MapChild(declared.element(), in_file.children[0], column.children[0]);
    case TypeKind::kMap: {
      if (in_file.type.id() != LogicalTypeId::MAP || in_file.children.size() != 1 ||
          in_file.children[0].children.size() != 2) {
        return false;
      }
      const auto& entry = in_file.children[0].children;
      return MapChild(declared.key(), entry[0], column.children[0]) &&
             MapChild(declared.value(), entry[1], column.children[1]);
    }
    case TypeKind::kRow:
      return in_file.type.id() == LogicalTypeId::STRUCT && MapFields(declared, in_file, column);
    default:
      return MapLeaf(declared, in_file.type);
  }
}

// ---- Scalars ----

ColumnConversion AsInFile(const std::string& name, const MultiFileColumnDefinition& in_file) {
  ColumnConversion conversion{MultiFileColumnDefinition(name, in_file.type), nullptr, nullptr};
  conversion.mapped.identifier = duckdb::Value(in_file.name);
  return conversion;
}

std::optional<ColumnConversion> ConvertText(const std::string& name, const Type& declared,
                                            const MultiFileColumnDefinition& in_file) {
  const bool is_text = in_file.type.id() == LogicalTypeId::VARCHAR;
  if (!is_text && in_file.type.id() != LogicalTypeId::BLOB) {
    return std::nullopt;
  }
  ColumnConversion conversion = AsInFile(name, in_file);
  const bool is_char = declared.kind() == TypeKind::kChar;
  const bool is_binary = declared.kind() == TypeKind::kVarbinary;
  if (is_binary) {
    if (is_text) {
      conversion.convert = [](duckdb::ClientContext&, DuckExpression expression) {
        return Cast(std::move(expression), duckdb::LogicalType::BLOB,
                    duckdb::DefaultCasts::ReinterpretCast);
      };
    }
    return conversion;
  }
  if (!is_text || declared.length() || in_file.type.HasAlias()) {
    conversion.convert = [length = declared.length(), is_char](duckdb::ClientContext&,
                                                               DuckExpression expression) {
      return Cast(std::move(expression), duckdb::LogicalType::VARCHAR, CutTexts,
                  duckdb::make_uniq<LengthData>(length, is_char));
    };
  }
  return conversion;
}

std::optional<ColumnConversion> ConvertTimestamp(const std::string& name, const Type& declared,
                                                 const MultiFileColumnDefinition& in_file) {
  const bool is_nanos = in_file.type.id() == LogicalTypeId::TIMESTAMP_NS;
  if (!is_nanos && in_file.type.id() != LogicalTypeId::TIMESTAMP &&
      in_file.type.id() != LogicalTypeId::TIMESTAMP_TZ) {
    return std::nullopt;
  }
  ColumnConversion conversion = AsInFile(name, in_file);
  if (declared.kind() == TypeKind::kTimestampTz) {
    if (declared.precision() > 3 || in_file.type.id() != LogicalTypeId::TIMESTAMP_TZ) {
      return std::nullopt;
    }
    conversion.convert = [](duckdb::ClientContext&, DuckExpression expression) {
      return Cast(std::move(expression), duckdb::LogicalType::BIGINT, PackInstants);
    };
    return conversion;
  }
  if (declared.precision() > kMicroDigits) {
    return std::nullopt;
  }
  TimestampRounding rounding;
  rounding.ticks_per_micro = is_nanos ? kNanosPerMicro : 1;
  rounding.unit = rounding.ticks_per_micro;
  for (int digit = declared.precision(); digit < kMicroDigits; ++digit) {
    rounding.unit *= 10;
  }
  if (rounding.unit == 1 && in_file.type.id() == LogicalTypeId::TIMESTAMP) {
    return conversion;
  }
  conversion.convert = [rounding](duckdb::ClientContext&, DuckExpression expression) {
    return Cast(std::move(expression), duckdb::LogicalType::TIMESTAMP, RoundTimestamps,
                duckdb::make_uniq<RoundingData>(rounding));
  };
  conversion.filter = [rounding, type = in_file.type](const duckdb::TableFilter& filter) {
    return FilterBeforeRounding(filter, rounding, type);
  };
  return conversion;
}

// By DuckDB's cast, which fails where the value does not fit.
ColumnConversion ConvertByCast(const std::string& name, const duckdb::LogicalType& type,
                               const MultiFileColumnDefinition& in_file) {
  ColumnConversion conversion = AsInFile(name, in_file);
  if (type != in_file.type) {
    conversion.convert = [type](duckdb::ClientContext& context, DuckExpression expression) {
      return duckdb::BoundCastExpression::AddCastToType(context, std::move(expression), type);
    };
  }
  return conversion;
}

bool IsWholeDecimal(const duckdb::LogicalType& type) {
  return type.id() == LogicalTypeId::DECIMAL && duckdb::DecimalType::GetScale(type) == 0;
}

std::optional<ColumnConversion> ConvertNumber(const std::string& name, const Type& declared,
                                              const MultiFileColumnDefinition& in_file) {
  const duckdb::LogicalType type = ToDuckDbType(declared);
  if (declared.kind() == TypeKind::kDecimal) {
    if (in_file.type.id() != LogicalTypeId::DECIMAL && !IsInteger(in_file.type)) {
      return std::nullopt;
    }
  } else if (declared.kind() == TypeKind::kDouble) {
    if (in_file.type.id() != LogicalTypeId::FLOAT && in_file.type != type) {
      return std::nullopt;
    }
  } else if (pallas::IsInteger(declared)) {
    if (IsInteger(in_file.type)) {
      ColumnConversion conversion{MultiFileColumnDefinition(name, type), nullptr, nullptr};
      conversion.mapped.identifier = duckdb::Value(in_file.name);
      return conversion;
    }
    if (!IsWholeDecimal(in_file.type)) {
      return std::nullopt;
    }
  } else if (in_file.type != type) {
    return std::nullopt;
  }
  return ConvertByCast(name, type, in_file);
}

}  // namespace

MultiFileColumnDefinition DefineColumn(const std::string& name, const Type& type) {
  MultiFileColumnDefinition column(name, ToDuckDbType(type));
  column.identifier = duckdb::Value(name);
  column.default_expression =
      duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(column.type));
  switch (type.kind()) {
    case TypeKind::kArray:
      column.children.push_back(DefineColumn("list", type.element()));
      break;
    case TypeKind::kMap:
      column.children.push_back(DefineColumn("key", type.key()));
      column.children.push_back(DefineColumn("value", type.value()));
      break;
    case TypeKind::kRow:
      for (size_t i = 0; i < type.children().size(); ++i) {
        column.children.push_back(DefineColumn(absl::StrCat("f", i + 1), type.children()[i]));
        column.children.back().identifier = duckdb::Value(type.field_names()[i].value_or(""));
      }
      break;
    default:
      break;
  }
  return column;
}

std::optional<ColumnConversion> ConvertColumn(const std::string& name, const Type& declared,
                                              const MultiFileColumnDefinition& in_file) {
  switch (declared.kind()) {
    case TypeKind::kVarchar:
    case TypeKind::kChar:
    case TypeKind::kVarbinary:
      return ConvertText(name, declared, in_file);
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return ConvertTimestamp(name, declared, in_file);
    case TypeKind::kArray:
    case TypeKind::kMap:
    case TypeKind::kRow: {
      ColumnConversion conversion{DefineColumn(name, declared), nullptr, nullptr};
      return MapChild(declared, in_file, conversion.mapped)
                 ? std::optional<ColumnConversion>(std::move(conversion))
                 : std::nullopt;
    }
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
    case TypeKind::kReal:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kDate:
      return ConvertNumber(name, declared, in_file);
    default:
      return std::nullopt;
  }
}

}  // namespace pallas::engine
