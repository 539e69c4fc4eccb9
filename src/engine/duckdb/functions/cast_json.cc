#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/functions/cast_loop.h"
#include "engine/duckdb/functions/cells.h"
#include "engine/duckdb/functions/json_cursor.h"
#include "sql/runtime/date_time.h"
#include "sql/runtime/json.h"
#include "sql/runtime/number.h"
#include "types/value_text.h"

// Casts to and from json. Texts become JSON strings; json_parse() is what reads them.

namespace pallas::engine {
namespace {

using Token = JsonCursor::Token;

bool IsJsonScalar(const Type& type) {
  return IsNumeric(type) || type.kind() == TypeKind::kBoolean ||
         type.kind() == TypeKind::kVarchar || type.kind() == TypeKind::kJson ||
         type.kind() == TypeKind::kUnknown;
}

bool IsJsonKey(const Type& type) {
  return IsNumeric(type) || type.kind() == TypeKind::kBoolean ||
         type.kind() == TypeKind::kVarchar || type.kind() == TypeKind::kUnknown;
}

// Whether a value of that type can be written as JSON, or with `read` be read from it.
bool HasJsonForm(const Type& type, bool read) {
  switch (type.kind()) {
    case TypeKind::kArray:
    case TypeKind::kRow:
      return std::all_of(type.children().begin(), type.children().end(),
                         [read](const Type& child) { return HasJsonForm(child, read); });
    case TypeKind::kMap:
      return IsJsonKey(type.key()) && HasJsonForm(type.value(), read);
    case TypeKind::kDate:
    case TypeKind::kTimestamp:
      return !read;
    default:
      return IsJsonScalar(type) && !(read && type.kind() == TypeKind::kUnknown);
  }
}

// Writing ---------------------------------------------------------------------------------------

void AppendJson(const Type& type, const Cell& cell, std::string* out);

void AppendFloating(const Type& type, const Cell& cell, std::string* out) {
  std::string text;
  if (type.kind() == TypeKind::kReal) {
    AppendJavaFloat(cell.Get<float>(), &text);
  } else {
    AppendJavaDouble(cell.Get<double>(), &text);
  }
  const bool number = text.find_first_of("NI") == std::string::npos;  // neither NaN nor Infinity
  out->append(number ? text : absl::StrCat("\"", text, "\""));
}

// A plain decimal as Java's BigDecimal is shown: with an exponent where there would be more than
// six zeros between the point and the digits.
std::string JavaDecimalText(std::string_view plain, int scale) {
  constexpr int kMaxZeros = 6;
  std::string digits(plain);
  digits.erase(
      std::remove_if(digits.begin(), digits.end(), [](char c) { return c == '.' || c == '-'; }),
      digits.end());
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  const int exponent = static_cast<int>(digits.size()) - 1 - scale;
  if (scale <= 0 || exponent >= -kMaxZeros) {
    return std::string(plain);
  }
  const std::string fraction = digits.size() > 1 ? absl::StrCat(".", digits.substr(1)) : "";
  return absl::StrCat(plain.starts_with('-') ? "-" : "", digits.substr(0, 1), fraction, "E",
                      exponent);
}

void AppendDecimalCell(const Type& type, const Cell& cell, std::string* out) {
  WithDecimalCell(type.precision(), [&]<typename T>() {
    const duckdb::hugeint_t halves = ToHugeint(WidenCell(cell.Get<T>()));
    AppendDecimal(halves.upper, halves.lower, type.scale(), out);
  });
}

// Maps have their keys in order.
void AppendObject(const Type& type, const Cell& cell, std::string* out) {
  std::vector<std::pair<std::string, std::string>> members;
  for (duckdb::idx_t i = 0; i < cell.size(); ++i) {
    std::string key;
    if (type.key().kind() == TypeKind::kVarchar) {
      key = cell.Key(i).Text();
    } else if (type.key().kind() == TypeKind::kDecimal) {
      AppendDecimalCell(type.key(), cell.Key(i), &key);
    } else {
      AppendJson(type.key(), cell.Key(i), &key);
    }
    std::string value;
    AppendJson(type.value(), cell.Value(i), &value);
    members.emplace_back(std::move(key), std::move(value));
  }
  std::sort(members.begin(), members.end());
  out->push_back('{');
  for (const auto& [key, value] : members) {
    if (out->back() != '{') {
      out->push_back(',');
    }
    sql::AppendJsonString(key, out);
    out->push_back(':');
    out->append(value);
  }
  out->push_back('}');
}

void AppendRow(const Type& type, const Cell& cell, std::string* out) {
  out->push_back('{');
  for (size_t i = 0; i < type.children().size(); ++i) {
    if (i > 0) {
      out->push_back(',');
    }
    sql::AppendJsonString(type.field_names()[i].value_or(""), out);
    out->push_back(':');
    AppendJson(type.children()[i], cell.Field(i), out);
  }
  out->push_back('}');
}

void AppendArray(const Type& type, const Cell& cell, std::string* out) {
  out->push_back('[');
  for (duckdb::idx_t i = 0; i < cell.size(); ++i) {
    if (i > 0) {
      out->push_back(',');
    }
    AppendJson(type.element(), cell.Element(i), out);
  }
  out->push_back(']');
}

void AppendTimestampText(const Type& type, const Cell& cell, std::string* out) {
  constexpr int kMaxShortTimestamp = 6;
  out->push_back('"');
  if (type.precision() > kMaxShortTimestamp) {
    AppendTimestamp(cell.Field(0).Get<int64_t>(), cell.Field(1).Get<int32_t>(), type.precision(),
                    out);
  } else {
    AppendTimestamp(cell.Get<int64_t>(), 0, type.precision(), out);
  }
  out->push_back('"');
}

void AppendScalar(const Type& type, const Cell& cell, std::string* out) {
  std::string text;
  switch (type.kind()) {
    case TypeKind::kBoolean:
      out->append(cell.Get<bool>() ? "true" : "false");
      return;
    case TypeKind::kReal:
    case TypeKind::kDouble:
      AppendFloating(type, cell, out);
      return;
    case TypeKind::kDecimal:
      text.clear();
      AppendDecimalCell(type, cell, &text);
      out->append(JavaDecimalText(text, type.scale()));
      return;
    case TypeKind::kVarchar:
      sql::AppendJsonString(cell.Text(), out);
      return;
    case TypeKind::kJson:
      out->append(cell.Text());
      return;
    case TypeKind::kDate:
      out->push_back('"');
      sql::AppendIsoDate(cell.Get<int32_t>(), out);
      out->push_back('"');
      return;
    case TypeKind::kTimestamp:
      AppendTimestampText(type, cell, out);
      return;
    default:
      WithIntegerCell(type, [&]<typename T>() { absl::StrAppend(out, int64_t{cell.Get<T>()}); });
      return;
  }
}

void AppendJson(const Type& type, const Cell& cell, std::string* out) {
  if (cell.IsNull()) {
    out->append("null");
    return;
  }
  switch (type.kind()) {
    case TypeKind::kArray:
      AppendArray(type, cell, out);
      return;
    case TypeKind::kMap:
      AppendObject(type, cell, out);
      return;
    case TypeKind::kRow:
      AppendRow(type, cell, out);
      return;
    default:
      AppendScalar(type, cell, out);
      return;
  }
}

CastLoop ToJson(const Type& from) {
  return [from](duckdb::Vector& source, duckdb::Vector& target, duckdb::idx_t count,
                FailedRows* /*failed*/) {
    const Cells cells(source, count);
    std::string text;
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (cells[row].IsNull()) {
        duckdb::FlatVector::SetNull(target, row, true);
        continue;
      }
      text.clear();
      AppendJson(from, cells[row], &text);
      scalar_loops_internal::Store(target, row, std::string_view(text));
    }
  };
}

// Reading ---------------------------------------------------------------------------------------

// What stands at the cursor, as messages show it.
std::string TokenText(JsonCursor& cursor) {
  switch (cursor.Peek()) {
    case Token::kArray:
      return "[";
    case Token::kObject:
      return "{";
    case Token::kString:
      return cursor.TakeString();
    default:
      return std::string(cursor.Skip());
  }
}

absl::Status Expected(std::string_view what, JsonCursor& cursor) {
  return absl::InvalidArgumentError(
      absl::StrCat("Expected a json ", what, ", but got ", TokenText(cursor)));
}

absl::Status Unexpected(const Type& type, std::string_view found) {
  return absl::InvalidArgumentError(
      absl::StrCat("Unexpected token when cast to ", type.ToString(), ": ", found));
}

// A JSON scalar: what a string says, or the text of a number; booleans have none.
struct Scalar {
  Token token = Token::kNull;
  std::string text;
};

absl::StatusOr<Scalar> TakeScalar(const Type& type, JsonCursor& cursor) {
  Scalar scalar{.token = cursor.Peek(), .text = ""};
  switch (scalar.token) {
    case Token::kArray:
    case Token::kObject:
      return Unexpected(type, TokenText(cursor));
    case Token::kString:
      scalar.text = cursor.TakeString();
      return scalar;
    default:
      scalar.text = cursor.Skip();
      return scalar;
  }
}

absl::StatusOr<double> ToDouble(const Scalar& scalar) {
  if (scalar.token == Token::kTrue || scalar.token == Token::kFalse) {
    return scalar.token == Token::kTrue ? 1 : 0;
  }
  return sql::CastTextToDouble(scalar.text);
}

absl::StatusOr<bool> ToBoolean(const Scalar& scalar) {
  switch (scalar.token) {
    case Token::kTrue:
    case Token::kFalse:
      return scalar.token == Token::kTrue;
    case Token::kString:
      return sql::CastTextToBoolean(scalar.text);
    case Token::kInteger: {
      ASSIGN_OR_RETURN(const int64_t value, sql::CastTextToInteger(scalar.text, TypeKind::kBigint));
      return value != 0;
    }
    default: {
      ASSIGN_OR_RETURN(const double value, ToDouble(scalar));
      return value != 0;
    }
  }
}

std::string DoubleText(double value) {
  std::string text;
  AppendJavaDouble(value, &text);
  return text;
}

absl::StatusOr<int64_t> ToInteger(const Type& type, const Scalar& scalar) {
  if (scalar.token == Token::kTrue || scalar.token == Token::kFalse) {
    return scalar.token == Token::kTrue ? 1 : 0;
  }
  if (scalar.token != Token::kFloat) {
    return sql::CastTextToInteger(scalar.text, type.kind());
  }
  ASSIGN_OR_RETURN(const double value, ToDouble(scalar));
  const double rounded = std::round(value);
  // The largest bigint is no double; its successor is.
  const auto end = static_cast<double>(sql::MaxInteger(type.kind())) +
                   (type.kind() == TypeKind::kBigint ? 0 : 1);
  if (rounded < static_cast<double>(sql::MinInteger(type.kind())) || rounded >= end) {
    return absl::OutOfRangeError(
        type.kind() == TypeKind::kBigint
            ? absl::StrCat("Unable to cast ", DoubleText(value), " to bigint")
            : absl::StrCat("Out of range for ", type.ToString(), ": ", DoubleText(value)));
  }
  return static_cast<int64_t>(rounded);
}

absl::StatusOr<absl::int128> ToDecimal(const Type& type, const Scalar& scalar) {
  std::string_view text = scalar.text;
  if (scalar.token == Token::kTrue || scalar.token == Token::kFalse) {
    text = scalar.token == Token::kTrue ? "1" : "0";
  }
  return sql::CastTextToDecimal(text, type.precision(), type.scale());
}

std::string ToText(const Scalar& scalar) {
  if (scalar.token != Token::kFloat) {
    return scalar.text;
  }
  double value = 0;
  (void)absl::SimpleAtod(scalar.text, &value);
  std::string text;
  AppendTrinoDouble(value, &text);
  return text;
}

absl::Status StoreScalar(const Type& type, const Scalar& scalar, duckdb::Vector& target,
                         duckdb::idx_t row) {
  switch (type.kind()) {
    case TypeKind::kBoolean: {
      ASSIGN_OR_RETURN(const bool value, ToBoolean(scalar));
      duckdb::FlatVector::GetData<bool>(target)[row] = value;
      return absl::OkStatus();
    }
    case TypeKind::kReal: {
      ASSIGN_OR_RETURN(const double value, ToDouble(scalar));
      duckdb::FlatVector::GetData<float>(target)[row] = static_cast<float>(value);
      return absl::OkStatus();
    }
    case TypeKind::kDouble: {
      ASSIGN_OR_RETURN(const double value, ToDouble(scalar));
      duckdb::FlatVector::GetData<double>(target)[row] = value;
      return absl::OkStatus();
    }
    case TypeKind::kDecimal: {
      ASSIGN_OR_RETURN(const absl::int128 value, ToDecimal(type, scalar));
      WithDecimalCell(type.precision(), [&]<typename T>() {
        duckdb::FlatVector::GetData<T>(target)[row] =
            NarrowCell<T>(FromHugeint({absl::Int128High64(value), absl::Int128Low64(value)}));
      });
      return absl::OkStatus();
    }
    case TypeKind::kVarchar: {
      const std::string text = ToText(scalar);
      const auto points = std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
      });
      if (type.length().has_value() && points > *type.length()) {
        return absl::InvalidArgumentError("Too long");
      }
      scalar_loops_internal::Store(target, row, text);
      return absl::OkStatus();
    }
    default: {
      ASSIGN_OR_RETURN(const int64_t value, ToInteger(type, scalar));
      WithIntegerCell(type, [&]<typename T>() {
        duckdb::FlatVector::GetData<T>(target)[row] = static_cast<T>(value);
      });
      return absl::OkStatus();
    }
  }
}

// A type in messages about casts of single texts.
std::string UpperName(const Type& type) {
  if (type.kind() == TypeKind::kDecimal) {
    return absl::StrCat("DECIMAL(", type.precision(), ",", type.scale(), ")");
  }
  return type.kind() == TypeKind::kInteger ? "INT" : absl::AsciiStrToUpper(type.ToString());
}

// What is wrong with a scalar as a part of something larger; empty where nothing more is said.
std::string ScalarComplaint(const Type& type, const Scalar& scalar, const absl::Status& cause) {
  const bool decimal = type.kind() == TypeKind::kDecimal;
  double number = 0;
  if (decimal && absl::SimpleAtod(scalar.text, &number)) {
    return absl::StrCat("Cannot cast input json to ", UpperName(type));
  }
  if (scalar.token == Token::kString && !decimal && type.kind() != TypeKind::kVarchar) {
    return absl::StrCat("Cannot cast '", scalar.text, "' to ", UpperName(type));
  }
  return scalar.token == Token::kFloat ? std::string(cause.message()) : std::string();
}

absl::Status ReadScalar(const Type& type, const Scalar& scalar, duckdb::Vector& target,
                        duckdb::idx_t row) {
  const absl::Status status = StoreScalar(type, scalar, target, row);
  return status.ok() ? status : absl::InvalidArgumentError(ScalarComplaint(type, scalar, status));
}

absl::Status ReadJson(const Type& type, JsonCursor& cursor, duckdb::Vector& target,
                      duckdb::idx_t row);

// Makes room for `size` more members and sets the list of that row to them.
duckdb::idx_t AppendMembers(duckdb::Vector& target, duckdb::idx_t row, int64_t size) {
  const duckdb::idx_t offset = duckdb::ListVector::GetListSize(target);
  const duckdb::idx_t end = offset + static_cast<duckdb::idx_t>(size);
  duckdb::ListVector::Reserve(target, end);
  duckdb::ListVector::SetListSize(target, end);
  duckdb::FlatVector::GetData<duckdb::list_entry_t>(target)[row] = {
      offset, static_cast<duckdb::idx_t>(size)};
  return offset;
}

absl::Status ReadArray(const Type& type, JsonCursor& cursor, duckdb::Vector& target,
                       duckdb::idx_t row) {
  if (cursor.Peek() != Token::kArray) {
    return Expected("array", cursor);
  }
  duckdb::idx_t index = AppendMembers(target, row, cursor.CountMembers());
  cursor.Enter();
  while (cursor.NextMember()) {
    RETURN_IF_ERROR(
        ReadJson(type.element(), cursor, duckdb::ListVector::GetEntry(target), index++));
  }
  return absl::OkStatus();
}

absl::Status ReadMap(const Type& type, JsonCursor& cursor, duckdb::Vector& target,
                     duckdb::idx_t row) {
  if (cursor.Peek() != Token::kObject) {
    return Expected("object", cursor);
  }
  duckdb::idx_t index = AppendMembers(target, row, cursor.CountMembers());
  cursor.Enter();
  while (cursor.NextMember()) {
    const Scalar key{.token = Token::kString, .text = cursor.TakeKey()};
    RETURN_IF_ERROR(ReadScalar(type.key(), key, duckdb::MapVector::GetKeys(target), index));
    RETURN_IF_ERROR(ReadJson(type.value(), cursor, duckdb::MapVector::GetValues(target), index));
    ++index;
  }
  return absl::OkStatus();
}

absl::Status ReadFields(const Type& type, JsonCursor& cursor, duckdb::Vector& target,
                        duckdb::idx_t row) {
  auto& fields = duckdb::StructVector::GetEntries(target);
  size_t index = 0;
  cursor.Enter();
  while (cursor.NextMember()) {
    if (index == fields.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Expected json array ending, but got ", TokenText(cursor)));
    }
    RETURN_IF_ERROR(ReadJson(type.children()[index], cursor, *fields[index], row));
    ++index;
  }
  if (index < fields.size()) {
    return Unexpected(type.children()[index], "]");
  }
  return absl::OkStatus();
}

absl::Status ReadNamedFields(const Type& type, JsonCursor& cursor, duckdb::Vector& target,
                             duckdb::idx_t row) {
  auto& fields = duckdb::StructVector::GetEntries(target);
  for (auto& field : fields) {
    duckdb::FlatVector::SetNull(*field, row, true);
  }
  std::vector<bool> seen(fields.size());
  cursor.Enter();
  while (cursor.NextMember()) {
    const std::string key = cursor.TakeKey();
    size_t index = 0;
    while (index < fields.size() &&
           !absl::EqualsIgnoreCase(type.field_names()[index].value_or(""), key)) {
      ++index;
    }
    if (index == fields.size()) {
      cursor.Skip();
      continue;
    }
    if (seen[index]) {
      return absl::InvalidArgumentError(
          absl::StrCat("Duplicate field: ", absl::AsciiStrToLower(key)));
    }
    seen[index] = true;
    duckdb::FlatVector::SetNull(*fields[index], row, false);
    RETURN_IF_ERROR(ReadJson(type.children()[index], cursor, *fields[index], row));
  }
  return absl::OkStatus();
}

absl::Status ReadRow(const Type& type, JsonCursor& cursor, duckdb::Vector& target,
                     duckdb::idx_t row) {
  if (cursor.Peek() == Token::kArray) {
    return ReadFields(type, cursor, target, row);
  }
  if (cursor.Peek() != Token::kObject) {
    return Expected("array or object", cursor);
  }
  const auto& names = type.field_names();
  if (std::any_of(names.begin(), names.end(), [](const auto& name) { return !name.has_value(); })) {
    return absl::InvalidArgumentError(
        "Cannot cast a JSON object to anonymous row type. Input must be a JSON array.");
  }
  return ReadNamedFields(type, cursor, target, row);
}

absl::Status ReadJson(const Type& type, JsonCursor& cursor, duckdb::Vector& target,
                      duckdb::idx_t row) {
  if (type.kind() == TypeKind::kJson) {
    scalar_loops_internal::Store(target, row, cursor.Skip());
    return absl::OkStatus();
  }
  if (cursor.Peek() == Token::kNull) {
    cursor.Skip();
    duckdb::FlatVector::SetNull(target, row, true);
    return absl::OkStatus();
  }
  switch (type.kind()) {
    case TypeKind::kArray:
      return ReadArray(type, cursor, target, row);
    case TypeKind::kMap:
      return ReadMap(type, cursor, target, row);
    case TypeKind::kRow:
      return ReadRow(type, cursor, target, row);
    default: {
      ASSIGN_OR_RETURN(const Scalar scalar, TakeScalar(type, cursor));
      return ReadScalar(type, scalar, target, row);
    }
  }
}

// The type without the quotes around names of fields.
std::string ShownName(const Type& type) {
  std::string name = type.ToString();
  std::erase(name, '"');
  return name;
}

absl::Status CannotCast(const Type& type, std::string_view json, const absl::Status& cause) {
  const std::string_view reason = cause.message();
  std::string message;
  if (!IsJsonScalar(type)) {
    message = absl::StrCat("Cannot cast to ", ShownName(type), ".", reason.empty() ? "" : " ",
                           reason, "\n", json);
  } else if (reason.starts_with("Cannot cast ") || reason.starts_with("Unable to ")) {
    message = std::string(reason);
  } else {
    message = absl::StrCat("Cannot cast '", json, "' to ",
                           type.kind() == TypeKind::kDecimal ? UpperName(type) : type.ToString());
  }
  return NamedError("INVALID_CAST_ARGUMENT", message);
}

CastLoop FromJson(const Type& to) {
  return [to](duckdb::Vector& source, duckdb::Vector& target, duckdb::idx_t count,
              FailedRows* failed) {
    const scalar_loops_internal::Column<std::string_view> column(source, count);
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (column.IsNull(row)) {
        duckdb::FlatVector::SetNull(target, row, true);
        continue;
      }
      JsonCursor cursor(column[row]);
      if (const absl::Status status = ReadJson(to, cursor, target, row); !status.ok()) {
        FailRow(target, row, failed, CannotCast(to, column[row], status));
      }
    }
  };
}

}  // namespace

std::optional<CastLoop> MakeJsonCast(const Type& from, const Type& to) {
  if (to.kind() == TypeKind::kJson && HasJsonForm(from, /*read=*/false)) {
    return ToJson(from);
  }
  if (from.kind() == TypeKind::kJson && HasJsonForm(to, /*read=*/true)) {
    return FromJson(to);
  }
  return std::nullopt;
}

}  // namespace pallas::engine
