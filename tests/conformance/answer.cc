#include "tests/conformance/answer.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <regex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"

#include "base/error_detail.h"
#include "types/value_text.h"

namespace pallas::conformance {
namespace {

using nlohmann::json;

std::string TextOf(const Type& type, const arrow::Array& array, int64_t row) {
  std::string text;
  AppendAthenaText(type, array, row, &text);
  return text;
}

json EncodeDouble(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "Infinity" : "-Infinity";
  }
  return value;
}

// `0x` and lower-case hex, out of Athena's blank-separated pairs.
std::string EncodeBinary(const std::string& pairs) {
  return absl::StrCat("0x", absl::StrReplaceAll(pairs, {{" ", ""}}));
}

json Encode(const Type& type, const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) {
    return nullptr;
  }
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return static_cast<const arrow::BooleanArray&>(array).Value(row);
    case TypeKind::kTinyint:
      return static_cast<const arrow::Int8Array&>(array).Value(row);
    case TypeKind::kSmallint:
      return static_cast<const arrow::Int16Array&>(array).Value(row);
    case TypeKind::kInteger:
      return static_cast<const arrow::Int32Array&>(array).Value(row);
    case TypeKind::kBigint:
      return static_cast<const arrow::Int64Array&>(array).Value(row);
    case TypeKind::kReal:
      // The shortest text that gives the same 32-bit value.
      if (const float value = static_cast<const arrow::FloatArray&>(array).Value(row);
          std::isfinite(value)) {
        return std::strtod(TextOf(type, array, row).c_str(), nullptr);
      } else {
        return EncodeDouble(static_cast<double>(value));
      }
    case TypeKind::kDouble:
      return EncodeDouble(static_cast<const arrow::DoubleArray&>(array).Value(row));
    case TypeKind::kVarbinary:
      return EncodeBinary(TextOf(type, array, row));
    case TypeKind::kArray: {
      const auto& list = static_cast<const arrow::ListArray&>(array);
      json values = json::array();
      for (int64_t i = list.value_offset(row); i < list.value_offset(row + 1); ++i) {
        values.push_back(Encode(type.element(), *list.values(), i));
      }
      return values;
    }
    case TypeKind::kMap: {
      const auto& map = static_cast<const arrow::MapArray&>(array);
      json entries = json::array();
      for (int64_t i = map.value_offset(row); i < map.value_offset(row + 1); ++i) {
        entries.push_back(json::array(
            {Encode(type.key(), *map.keys(), i), Encode(type.value(), *map.items(), i)}));
      }
      return entries;
    }
    case TypeKind::kRow: {
      const auto& fields = static_cast<const arrow::StructArray&>(array);
      json values = json::array();
      for (size_t i = 0; i < type.children().size(); ++i) {
        values.push_back(Encode(type.children()[i], *fields.field(static_cast<int>(i)), row));
      }
      return values;
    }
    default:
      return TextOf(type, array, row);
  }
}

// A value as a number, whether JSON has it as one or as text.
std::optional<double> Number(const json& value) {
  if (value.is_number()) {
    return value.get<double>();
  }
  if (!value.is_string()) {
    return std::nullopt;
  }
  const auto& text = value.get_ref<const std::string&>();
  if (text == "NaN") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (text == "Infinity" || text == "-Infinity") {
    return text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
  }
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  return end != text.c_str() && *end == '\0' ? std::optional(number) : std::nullopt;
}

bool SameDouble(double a, double b, bool is_real, bool typed) {
  if (std::isnan(a) || std::isnan(b)) {
    return std::isnan(a) && std::isnan(b);
  }
  if (is_real) {
    return static_cast<float>(a) == static_cast<float>(b);
  }
  if (a == b) {
    return !typed || a != 0 || std::signbit(a) == std::signbit(b);
  }
  constexpr double kTolerance = 1e-12;
  return std::isfinite(a) && std::isfinite(b) &&
         std::fabs(a - b) <= kTolerance * std::max(std::fabs(a), std::fabs(b));
}

bool Same(const json& want, const json& got, const Type& type, bool typed);

bool SameMap(const json& want, const json& got, const Type& type, bool typed) {
  if (!want.is_array() || want.size() != got.size()) {
    return false;
  }
  std::vector<bool> used(got.size());
  return std::all_of(want.begin(), want.end(), [&](const json& entry) {
    for (size_t i = 0; i < got.size(); ++i) {
      if (!used[i] && entry.is_array() && entry.size() == 2 &&
          Same(entry[0], got[i][0], type.key(), typed) &&
          Same(entry[1], got[i][1], type.value(), typed)) {
        used[i] = true;
        return true;
      }
    }
    return false;
  });
}

bool Same(const json& want, const json& got, const Type& type, bool typed) {
  if (want.is_null() || got.is_null()) {
    return want.is_null() && got.is_null();
  }
  switch (type.kind()) {
    case TypeKind::kMap:
      return SameMap(want, got, type, typed);
    case TypeKind::kArray:
    case TypeKind::kRow: {
      if (!want.is_array() || want.size() != got.size()) {
        return false;
      }
      for (size_t i = 0; i < got.size(); ++i) {
        const Type& child = type.kind() == TypeKind::kArray ? type.element() : type.children()[i];
        if (!Same(want[i], got[i], child, typed)) {
          return false;
        }
      }
      return true;
    }
    case TypeKind::kReal:
    case TypeKind::kDouble: {
      const auto a = Number(want);
      const auto b = Number(got);
      return a && b && SameDouble(*a, *b, type.kind() == TypeKind::kReal, typed);
    }
    case TypeKind::kDecimal:
      if (!typed) {
        const auto a = Number(want);
        const auto b = Number(got);
        return a && b && *a == *b;
      }
      return want == got;
    default:
      if (got.is_number() && !got.is_boolean()) {
        const auto a = Number(want);
        return a && *a == got.get<double>() && (!want.is_number_integer() || want == got);
      }
      if (!typed && type.kind() == TypeKind::kChar && want.is_string()) {
        std::string a = want;
        std::string b = got;
        a.erase(a.find_last_not_of(' ') + 1);
        b.erase(b.find_last_not_of(' ') + 1);
        return a == b;
      }
      return want == got;
  }
}

bool SameRow(const json& want, const json& got, const std::vector<Type>& types, bool typed) {
  if (want.size() != got.size() || got.size() != types.size()) {
    return false;
  }
  for (size_t i = 0; i < types.size(); ++i) {
    if (!Same(want[i], got[i], types[i], typed)) {
      return false;
    }
  }
  return true;
}

bool SameRows(const json& want, const Answer& answer, bool typed, bool ordered) {
  const json& got = answer.rows;
  if (want.size() != got.size()) {
    return false;
  }
  std::vector<Type> types;
  for (const std::string& text : answer.types) {
    absl::StatusOr<Type> type = ParseTrinoType(text);
    if (!type.ok()) {
      return false;
    }
    types.push_back(*std::move(type));
  }
  if (ordered) {
    for (size_t i = 0; i < got.size(); ++i) {
      if (!SameRow(want[i], got[i], types, typed)) {
        return false;
      }
    }
    return true;
  }
  std::vector<bool> used(got.size());
  for (const json& row : want) {
    bool found = false;
    for (size_t i = 0; i < got.size() && !found; ++i) {
      if (!used[i] && SameRow(row, got[i], types, typed)) {
        used[i] = found = true;
      }
    }
    if (!found) {
      return false;
    }
  }
  return true;
}

std::string WithoutBlanks(std::string text) {
  std::erase_if(text, [](unsigned char c) { return std::isspace(c) != 0; });
  return text;
}

bool SameTypes(const std::vector<std::string>& want, const std::vector<std::string>& got) {
  return std::equal(want.begin(), want.end(), got.begin(), got.end(),
                    [](const std::string& a, const std::string& b) {
                      return WithoutBlanks(a) == WithoutBlanks(b);
                    });
}

// Java's \Q...\E quoting, which ECMAScript's grammar lacks.
std::string ExpandQuotedParts(const std::string& regex) {
  std::string out;
  bool quoted = false;
  for (size_t i = 0; i < regex.size(); ++i) {
    if (regex.compare(i, 2, quoted ? "\\E" : "\\Q") == 0) {
      quoted = !quoted;
      ++i;
    } else if (quoted && std::ispunct(static_cast<unsigned char>(regex[i])) != 0) {
      out.push_back('\\');
      out.push_back(regex[i]);
    } else {
      out.push_back(regex[i]);
    }
  }
  return out;
}

bool MessageFits(const Expectation& expect, const std::string& message) {
  if (expect.message) {
    return message == *expect.message;
  }
  if (expect.message_contains) {
    return absl::StrContains(message, *expect.message_contains);
  }
  if (expect.message_regex) {
    return std::regex_match(message, std::regex(ExpandQuotedParts(*expect.message_regex)));
  }
  return true;
}

}  // namespace

Answer ErrorAnswer(const absl::Status& status) {
  Answer answer;
  answer.error_code = ErrorName(status);
  answer.error_message = std::string(status.message());
  return answer;
}

json ToJson(const Answer& answer) {
  if (answer.failed()) {
    return {{"error", {{"code", answer.error_code}, {"message", answer.error_message}}}};
  }
  return {{"types", answer.types}, {"rows", answer.rows}};
}

std::string Dump(const json& value) {
  return value.dump(-1, ' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
}

Answer ReadAnswer(engine::ResultStream& stream) {
  Answer answer;
  for (const engine::ResultColumn& column : stream.columns()) {
    answer.types.push_back(column.type.ToString());
  }
  for (;;) {
    absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> batch = stream.Next();
    if (!batch.ok()) {
      return ErrorAnswer(batch.status());
    }
    if (*batch == nullptr) {
      return answer;
    }
    for (int64_t row = 0; row < (*batch)->num_rows(); ++row) {
      json values = json::array();
      for (size_t i = 0; i < stream.columns().size(); ++i) {
        values.push_back(
            Encode(stream.columns()[i].type, *(*batch)->column(static_cast<int>(i)), row));
      }
      answer.rows.push_back(std::move(values));
    }
  }
}

Verdict Judge(const Expectation& expect, const Answer& answer) {
  switch (expect.kind) {
    case Expectation::Kind::kRows: {
      if (answer.failed()) {
        return Verdict::kFailed;
      }
      const json want = json::parse(expect.rows);
      if (!SameRows(want, answer, expect.types.has_value(), expect.ordered)) {
        return Verdict::kWrong;
      }
      return expect.types && !SameTypes(*expect.types, answer.types) ? Verdict::kTypesDiffer
                                                                     : Verdict::kSame;
    }
    case Expectation::Kind::kError:
      if (!answer.failed()) {
        return Verdict::kAccepted;
      }
      if (expect.code && *expect.code != answer.error_code) {
        return Verdict::kOtherCode;
      }
      return MessageFits(expect, answer.error_message) ? Verdict::kRightError
                                                       : Verdict::kOtherMessage;
    default:
      return Verdict::kNotJudged;
  }
}

}  // namespace pallas::conformance
