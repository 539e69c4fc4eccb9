// Type names in Trino's and in Hive's spelling, read and written.

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "types/type.h"

namespace pallas {
namespace {

// Deeper types are refused: they come from hostile input, and every user of a Type recurses.
constexpr int kMaxDepth = 100;

bool IsWordCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '@' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// A recursive-descent reader over one type text.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool AtEnd() {
    SkipBlanks();
    return position_ >= text_.size();
  }

  bool Accept(char c) {
    SkipBlanks();
    if (position_ < text_.size() && text_[position_] == c) {
      ++position_;
      return true;
    }
    return false;
  }

  char Peek() {
    SkipBlanks();
    return position_ < text_.size() ? text_[position_] : '\0';
  }

  absl::Status Expect(char c) {
    return Accept(c) ? absl::OkStatus() : Error(absl::StrCat("expected '", std::string(1, c), "'"));
  }

  // The next word as written; empty if there is none.
  std::string_view Word() {
    SkipBlanks();
    const size_t start = position_;
    while (position_ < text_.size() && IsWordCharacter(text_[position_])) {
      ++position_;
    }
    return text_.substr(start, position_ - start);
  }

  std::string LowerWord() { return absl::AsciiStrToLower(Word()); }

  // Takes the words if they come next, in any case.
  bool AcceptWords(std::initializer_list<std::string_view> words) {
    const size_t start = position_;
    for (std::string_view word : words) {
      if (LowerWord() != word) {
        position_ = start;
        return false;
      }
    }
    return true;
  }

  // A quoted name; nullopt if the next character is not `quote`.
  absl::StatusOr<std::optional<std::string>> Quoted(char quote) {
    if (Peek() != quote) {
      return std::nullopt;
    }
    ++position_;
    std::string name;
    while (position_ < text_.size()) {
      const char c = text_[position_++];
      if (c != quote) {
        name += c;
      } else if (position_ < text_.size() && text_[position_] == quote) {
        name += c;
        ++position_;
      } else {
        return name;
      }
    }
    return Error("unterminated name");
  }

  absl::StatusOr<int64_t> Number() {
    const std::string_view word = Word();
    int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (word.empty() || error != std::errc() || end != word.data() + word.size()) {
      return Error("expected a number");
    }
    return value;
  }

  size_t position() const { return position_; }

  void Rewind(size_t position) { position_ = position; }

  absl::Status Error(std::string_view what) const {
    return NamedError("SYNTAX_ERROR", absl::StrCat("Type '", text_.substr(0, 200), "': ", what,
                                                   " at character ", position_ + 1));
  }

  absl::Status UnknownType(std::string_view name) const {
    if (name.empty()) {
      return Error("expected the name of a type");
    }
    return NamedError("TYPE_NOT_FOUND", absl::StrCat("Unknown type: ", name));
  }

 private:
  void SkipBlanks() {
    while (position_ < text_.size() &&
           absl::ascii_isspace(static_cast<unsigned char>(text_[position_]))) {
      ++position_;
    }
  }

  std::string_view text_;
  size_t position_ = 0;
};

absl::StatusOr<Type> MakeDecimal(int64_t precision, int64_t scale) {
  if (precision < 1 || precision > kMaxDecimalPrecision) {
    return NamedError("INVALID_FUNCTION_ARGUMENT",
                      absl::StrCat("DECIMAL precision must be in range [1, 38]: ", precision));
  }
  if (scale < 0 || scale > precision) {
    return NamedError(
        "INVALID_FUNCTION_ARGUMENT",
        absl::StrCat("DECIMAL scale must be in range [0, precision (", precision, ")]: ", scale));
  }
  return Type::Decimal(static_cast<int>(precision), static_cast<int>(scale));
}

absl::StatusOr<Type> MakeVarchar(int64_t length) {
  if (length < 0 || length > kMaxVarcharLength) {
    return NamedError("INVALID_FUNCTION_ARGUMENT", absl::StrCat("Invalid VARCHAR length ", length));
  }
  return Type::Varchar(length);
}

absl::StatusOr<Type> MakeChar(int64_t length) {
  if (length < 0 || length > kMaxCharLength) {
    return NamedError("INVALID_FUNCTION_ARGUMENT",
                      absl::StrCat("CHAR length must be in range [0, 65536], got ", length));
  }
  return Type::Char(length);
}

// `(n)` if it comes next.
absl::StatusOr<std::optional<int64_t>> OptionalLength(Reader& reader) {
  if (!reader.Accept('(')) {
    return std::nullopt;
  }
  ASSIGN_OR_RETURN(const int64_t length, reader.Number());
  RETURN_IF_ERROR(reader.Expect(')'));
  return length;
}

absl::StatusOr<Type> ReadDecimal(Reader& reader, int64_t default_precision) {
  int64_t precision = default_precision;
  int64_t scale = 0;
  if (reader.Accept('(')) {
    ASSIGN_OR_RETURN(precision, reader.Number());
    if (reader.Accept(',')) {
      ASSIGN_OR_RETURN(scale, reader.Number());
    }
    RETURN_IF_ERROR(reader.Expect(')'));
  }
  return MakeDecimal(precision, scale);
}

struct SimpleName {
  std::string_view name;
  Type (*make)();
};

std::optional<Type> FindSimple(std::string_view name) {
  static const SimpleName kSimple[] = {
      {"boolean", Type::Boolean}, {"tinyint", Type::Tinyint}, {"smallint", Type::Smallint},
      {"int", Type::Integer},     {"integer", Type::Integer}, {"bigint", Type::Bigint},
      {"double", Type::Double},   {"date", Type::Date},       {"varbinary", Type::Varbinary},
      {"json", Type::Json},       {"uuid", Type::Uuid},       {"ipaddress", Type::IpAddress},
      {"unknown", Type::Unknown}, {"real", Type::Real},
  };
  for (const SimpleName& simple : kSimple) {
    if (simple.name == name) {
      return simple.make();
    }
  }
  return std::nullopt;
}

std::optional<std::string> FindOpaque(std::string_view lower) {
  static constexpr std::string_view kOpaque[] = {
      "HyperLogLog",        "P4HyperLogLog", "tdigest",    "qdigest",    "SetDigest", "Geometry",
      "SphericalGeography", "BingTile",      "color",      "JsonPath",   "KdbTree",   "ObjectId",
      "JoniRegExp",         "Re2JRegExp",    "CodePoints", "LikePattern"};
  for (std::string_view name : kOpaque) {
    if (absl::AsciiStrToLower(name) == lower) {
      return std::string(name);
    }
  }
  return std::nullopt;
}

class TrinoReader {
 public:
  explicit TrinoReader(std::string_view text) : reader_(text) {}

  absl::StatusOr<Type> ReadAll() {
    ASSIGN_OR_RETURN(Type type, Read(0));
    if (!reader_.AtEnd()) {
      return reader_.Error("unexpected text");
    }
    return type;
  }

 private:
  absl::StatusOr<Type> Read(int depth) {
    if (depth > kMaxDepth) {
      return reader_.Error("nested too deeply");
    }
    if (reader_.Peek() == '"') {
      ASSIGN_OR_RETURN(const std::optional<std::string> name, reader_.Quoted('"'));
      return ReadNamed(absl::AsciiStrToLower(*name), *name, depth);
    }
    const std::string_view word = reader_.Word();
    return ReadNamed(absl::AsciiStrToLower(word), word, depth);
  }

  absl::StatusOr<Type> ReadNamed(const std::string& name, std::string_view written, int depth) {
    if (name == "double") {
      reader_.AcceptWords({"precision"});
      return Type::Double();
    }
    if (std::optional<Type> simple = FindSimple(name)) {
      return *simple;
    }
    if (name == "decimal" || name == "dec" || name == "numeric") {
      return ReadDecimal(reader_, kMaxDecimalPrecision);
    }
    if (name == "varchar") {
      ASSIGN_OR_RETURN(const std::optional<int64_t> length, OptionalLength(reader_));
      return length ? MakeVarchar(*length) : Type::Varchar();
    }
    if (name == "char") {
      ASSIGN_OR_RETURN(const std::optional<int64_t> length, OptionalLength(reader_));
      return MakeChar(length.value_or(1));
    }
    if (name == "time" || name == "timestamp") {
      return ReadTime(name == "time");
    }
    if (name == "interval") {
      if (reader_.AcceptWords({"year", "to", "month"})) {
        return Type::IntervalYearMonth();
      }
      if (reader_.AcceptWords({"day", "to", "second"})) {
        return Type::IntervalDayTime();
      }
      return reader_.Error("expected YEAR TO MONTH or DAY TO SECOND");
    }
    if (name == "array" || name == "map" || name == "function") {
      ASSIGN_OR_RETURN(std::vector<Type> arguments, ReadArguments(depth));
      if (name == "function" && !arguments.empty()) {
        Type result = arguments.back();
        arguments.pop_back();
        return Type::Function(std::move(arguments), std::move(result));
      }
      if (name == "array" && arguments.size() == 1) {
        return Type::Array(arguments[0]);
      }
      if (name == "map" && arguments.size() == 2) {
        return Type::Map(arguments[0], arguments[1]);
      }
      return reader_.Error(absl::StrCat("wrong number of type parameters for ", name));
    }
    if (name == "row") {
      return ReadRow(depth);
    }
    if (std::optional<std::string> opaque = FindOpaque(name)) {
      std::vector<Type> parameters;
      if (reader_.Peek() == '(') {
        ASSIGN_OR_RETURN(parameters, ReadArguments(depth));
      }
      return Type::Opaque(*std::move(opaque), std::move(parameters));
    }
    return reader_.UnknownType(written);
  }

  absl::StatusOr<Type> ReadTime(bool is_time) {
    ASSIGN_OR_RETURN(const std::optional<int64_t> given, OptionalLength(reader_));
    const int64_t precision = given.value_or(3);
    if (precision < 0 || precision > kMaxTimePrecision) {
      return NamedError("INVALID_FUNCTION_ARGUMENT",
                        absl::StrCat(is_time ? "TIME" : "TIMESTAMP",
                                     " precision must be in range [0, 12]: ", precision));
    }
    const int digits = static_cast<int>(precision);
    const bool zoned = reader_.AcceptWords({"with", "time", "zone"});
    if (!zoned) {
      reader_.AcceptWords({"without", "time", "zone"});
      return is_time ? Type::Time(digits) : Type::Timestamp(digits);
    }
    return is_time ? Type::TimeTz(digits) : Type::TimestampTz(digits);
  }

  absl::StatusOr<std::vector<Type>> ReadArguments(int depth) {
    // array<T> is an old spelling that Trino still reads.
    const char close = reader_.Peek() == '<' ? '>' : ')';
    RETURN_IF_ERROR(reader_.Expect(close == '>' ? '<' : '('));
    std::vector<Type> arguments;
    do {
      ASSIGN_OR_RETURN(Type argument, Read(depth + 1));
      arguments.push_back(std::move(argument));
    } while (reader_.Accept(','));
    RETURN_IF_ERROR(reader_.Expect(close));
    return arguments;
  }

  absl::StatusOr<Type> ReadRow(int depth) {
    RETURN_IF_ERROR(reader_.Expect('('));
    std::vector<Type::Field> fields;
    do {
      ASSIGN_OR_RETURN(Type::Field field, ReadField(depth));
      fields.push_back(std::move(field));
    } while (reader_.Accept(','));
    RETURN_IF_ERROR(reader_.Expect(')'));
    return Type::Row(std::move(fields));
  }

  // `name type` or `type`: what follows the first word tells.
  absl::StatusOr<Type::Field> ReadField(int depth) {
    ASSIGN_OR_RETURN(std::optional<std::string> quoted, reader_.Quoted('"'));
    if (quoted) {
      ASSIGN_OR_RETURN(Type type, Read(depth + 1));
      return Type::Field{std::move(quoted), std::move(type)};
    }
    const size_t start = reader_.position();
    const std::string first = reader_.LowerWord();
    const char next = reader_.Peek();
    const bool anonymous = first.empty() || next == ',' || next == ')' || next == '(' ||
                           next == '<' || StartsLongName(first);
    if (anonymous) {
      reader_.Rewind(start);
      ASSIGN_OR_RETURN(Type type, Read(depth + 1));
      return Type::Field{std::nullopt, std::move(type)};
    }
    ASSIGN_OR_RETURN(Type type, Read(depth + 1));
    return Type::Field{first, std::move(type)};
  }

  // Types of several words: `double precision`, `timestamp with time zone`, `interval ...`.
  bool StartsLongName(const std::string& first) {
    const size_t start = reader_.position();
    bool found = false;
    if (first == "double") {
      found = reader_.AcceptWords({"precision"});
    } else if (first == "time" || first == "timestamp") {
      found = reader_.AcceptWords({"with", "time"}) || reader_.AcceptWords({"without", "time"});
    } else if (first == "interval") {
      found = reader_.AcceptWords({"year", "to"}) || reader_.AcceptWords({"day", "to"});
    }
    reader_.Rewind(start);
    return found;
  }

  Reader reader_;
};

class HiveReader {
 public:
  explicit HiveReader(std::string_view text) : reader_(text) {}

  absl::StatusOr<Type> ReadAll() {
    ASSIGN_OR_RETURN(Type type, Read(0));
    if (!reader_.AtEnd()) {
      return reader_.Error("unexpected text");
    }
    return type;
  }

 private:
  absl::StatusOr<Type> Read(int depth) {
    if (depth > kMaxDepth) {
      return reader_.Error("nested too deeply");
    }
    const std::string name = reader_.LowerWord();
    if (name == "string") {
      return Type::Varchar();
    }
    if (name == "binary") {
      return Type::Varbinary();
    }
    if (name == "float") {
      return Type::Real();
    }
    if (name == "decimal" || name == "dec" || name == "numeric") {
      return ReadDecimal(reader_, 10);
    }
    if (name == "varchar") {
      ASSIGN_OR_RETURN(const std::optional<int64_t> length, OptionalLength(reader_));
      return length ? MakeVarchar(*length) : Type::Varchar();
    }
    if (name == "char") {
      ASSIGN_OR_RETURN(const std::optional<int64_t> length, OptionalLength(reader_));
      return MakeChar(length.value_or(1));
    }
    if (name == "timestamp") {
      ASSIGN_OR_RETURN(const std::optional<int64_t> precision, OptionalLength(reader_));
      if (precision.value_or(3) < 0 || precision.value_or(3) > kMaxTimePrecision) {
        return reader_.Error("timestamp precision must be 0 to 12");
      }
      const int digits = static_cast<int>(precision.value_or(3));
      if (reader_.AcceptWords({"with", "time", "zone"})) {
        return Type::TimestampTz(digits);
      }
      return Type::Timestamp(digits);
    }
    if (name == "double") {
      reader_.AcceptWords({"precision"});
      return Type::Double();
    }
    if (std::optional<Type> simple = FindSimple(name); simple && name != "unknown") {
      return *simple;
    }
    if (name == "array") {
      RETURN_IF_ERROR(reader_.Expect('<'));
      ASSIGN_OR_RETURN(Type element, Read(depth + 1));
      RETURN_IF_ERROR(reader_.Expect('>'));
      return Type::Array(std::move(element));
    }
    if (name == "map") {
      RETURN_IF_ERROR(reader_.Expect('<'));
      ASSIGN_OR_RETURN(Type key, Read(depth + 1));
      RETURN_IF_ERROR(reader_.Expect(','));
      ASSIGN_OR_RETURN(Type value, Read(depth + 1));
      RETURN_IF_ERROR(reader_.Expect('>'));
      return Type::Map(std::move(key), std::move(value));
    }
    if (name == "struct") {
      return ReadStruct(depth);
    }
    return reader_.UnknownType(name);
  }

  absl::StatusOr<Type> ReadStruct(int depth) {
    RETURN_IF_ERROR(reader_.Expect('<'));
    std::vector<Type::Field> fields;
    do {
      ASSIGN_OR_RETURN(std::optional<std::string> field, reader_.Quoted('`'));
      if (!field) {
        field = reader_.LowerWord();
        if (field->empty()) {
          return reader_.Error("expected the name of a field");
        }
      }
      RETURN_IF_ERROR(reader_.Expect(':'));
      ASSIGN_OR_RETURN(Type type, Read(depth + 1));
      fields.push_back({std::move(field), std::move(type)});
    } while (reader_.Accept(','));
    RETURN_IF_ERROR(reader_.Expect('>'));
    return Type::Row(std::move(fields));
  }

  Reader reader_;
};

}  // namespace

absl::StatusOr<Type> ParseTrinoType(std::string_view text) { return TrinoReader(text).ReadAll(); }

absl::StatusOr<Type> ParseHiveType(std::string_view text) { return HiveReader(text).ReadAll(); }

absl::StatusOr<std::string> ToHiveTypeName(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kBigint:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kChar:
    case TypeKind::kDate:
      return type.ToString();
    case TypeKind::kInteger:
      return "int";
    case TypeKind::kReal:
      return "float";
    case TypeKind::kVarchar:
      return type.length() ? type.ToString() : "string";
    case TypeKind::kVarbinary:
      return "binary";
    case TypeKind::kTimestamp:
      return "timestamp";
    case TypeKind::kArray: {
      ASSIGN_OR_RETURN(const std::string element, ToHiveTypeName(type.element()));
      return absl::StrCat("array<", element, ">");
    }
    case TypeKind::kMap: {
      ASSIGN_OR_RETURN(const std::string key, ToHiveTypeName(type.key()));
      ASSIGN_OR_RETURN(const std::string value, ToHiveTypeName(type.value()));
      return absl::StrCat("map<", key, ",", value, ">");
    }
    case TypeKind::kRow: {
      std::string out = "struct<";
      for (size_t i = 0; i < type.children().size(); ++i) {
        ASSIGN_OR_RETURN(const std::string field, ToHiveTypeName(type.children()[i]));
        if (!type.field_names()[i]) {
          return NamedError(
              "NOT_SUPPORTED",
              absl::StrCat("Hive has no struct with unnamed fields: ", type.ToString()));
        }
        absl::StrAppend(&out, i == 0 ? "" : ",", *type.field_names()[i], ":", field);
      }
      return out + ">";
    }
    default:
      return NamedError("NOT_SUPPORTED", absl::StrCat("Hive has no type ", type.ToString()));
  }
}

std::string ToAthenaTypeName(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kReal:
      return "float";
    case TypeKind::kDecimal:
      return "decimal";
    case TypeKind::kVarchar:
      return "varchar";
    case TypeKind::kChar:
      return "char";
    case TypeKind::kTime:
      return "time";
    case TypeKind::kTimeTz:
      return "time with time zone";
    case TypeKind::kTimestamp:
      return "timestamp";
    case TypeKind::kTimestampTz:
      return "timestamp with time zone";
    case TypeKind::kArray:
      return "array";
    case TypeKind::kMap:
      return "map";
    case TypeKind::kRow:
      return "row";
    case TypeKind::kOpaque:
      return type.opaque_name();
    default:
      return type.ToString();
  }
}

}  // namespace pallas
