#include "query/results/json_text.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"

#include "sql/runtime/json.h"
#include "types/value_text.h"

namespace pallas::query {
namespace {

void AppendTextAsJson(const Type& type, const arrow::Array& array, int64_t row, std::string* out) {
  std::string text;
  AppendAthenaText(type, array, row, &text);
  sql::AppendJsonString(text, out);
}

// A number, or a string for what JSON has no number for.
void AppendFloating(double value, const Type& type, const arrow::Array& array, int64_t row,
                    std::string* out) {
  if (std::isfinite(value)) {
    AppendAthenaText(type, array, row, out);
  } else {
    AppendTextAsJson(type, array, row, out);
  }
}

void AppendArray(const Type& type, const arrow::Array& array, int64_t row, std::string* out) {
  const auto& list = static_cast<const arrow::ListArray&>(array);
  out->push_back('[');
  for (int64_t i = list.value_offset(row); i < list.value_offset(row + 1); ++i) {
    if (i > list.value_offset(row)) {
      out->push_back(',');
    }
    AppendJsonValue(type.element(), *list.values(), i, out);
  }
  out->push_back(']');
}

void AppendMap(const Type& type, const arrow::Array& array, int64_t row, std::string* out) {
  const auto& map = static_cast<const arrow::MapArray&>(array);
  out->push_back('{');
  for (int64_t i = map.value_offset(row); i < map.value_offset(row + 1); ++i) {
    if (i > map.value_offset(row)) {
      out->push_back(',');
    }
    AppendTextAsJson(type.key(), *map.keys(), i, out);
    out->push_back(':');
    AppendJsonValue(type.value(), *map.items(), i, out);
  }
  out->push_back('}');
}

void AppendRow(const Type& type, const arrow::Array& array, int64_t row, std::string* out) {
  const auto& fields = static_cast<const arrow::StructArray&>(array);
  out->push_back('{');
  for (size_t i = 0; i < type.children().size(); ++i) {
    if (i > 0) {
      out->push_back(',');
    }
    sql::AppendJsonString(type.field_names()[i].value_or(absl::StrCat("field", i)), out);
    out->push_back(':');
    AppendJsonValue(type.children()[i], *fields.field(static_cast<int>(i)), row, out);
  }
  out->push_back('}');
}

}  // namespace

void AppendJsonValue(const Type& type, const arrow::Array& array, int64_t row, std::string* out) {
  if (array.IsNull(row)) {
    out->append("null");
    return;
  }
  switch (type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
    case TypeKind::kDecimal:
    case TypeKind::kJson:
      AppendAthenaText(type, array, row, out);
      return;
    case TypeKind::kReal:
      AppendFloating(static_cast<double>(static_cast<const arrow::FloatArray&>(array).Value(row)),
                     type, array, row, out);
      return;
    case TypeKind::kDouble:
      AppendFloating(static_cast<const arrow::DoubleArray&>(array).Value(row), type, array, row,
                     out);
      return;
    case TypeKind::kArray:
      AppendArray(type, array, row, out);
      return;
    case TypeKind::kMap:
      AppendMap(type, array, row, out);
      return;
    case TypeKind::kRow:
      AppendRow(type, array, row, out);
      return;
    default:
      AppendTextAsJson(type, array, row, out);
  }
}

}  // namespace pallas::query
