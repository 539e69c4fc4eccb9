#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/list_writer.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"
#include "sql/runtime/like.h"
#include "sql/runtime/text.h"
#include "sql/runtime/word_stem.h"

// Functions on varchar and char, LIKE, and concatenation of texts and bytes. Values of type char
// come without their trailing blanks.

namespace pallas::engine {
namespace {

using duckdb::LogicalType;
using sql::Ends;
using std::string_view;

// Trino's limit on the arguments of one concatenation.
constexpr size_t kMaxConcatArguments = 127;

// The value with its trailing blanks, if it is a char.
DuckExpr Padded(const CallSite& site, size_t index, DuckExpr value) {
  const Type& type = site.argument(index);
  if (type.kind() != TypeKind::kChar) {
    return value;
  }
  return CallPrivate("pad_char", MakeTrees(std::move(value), BigintConstant(*type.length())));
}

// Emits a call of the private function `name`, its first argument with the blanks of a char.
ScalarEmitter OnPadded(std::string name) {
  return
      [name = std::move(name)](const CallSite& site, DuckExprs values) -> absl::StatusOr<DuckExpr> {
        values[0] = Padded(site, 0, std::move(values[0]));
        return CallPrivate(name, std::move(values));
      };
}

absl::StatusOr<DuckExpr> EmitLength(const CallSite& site, DuckExprs values) {
  values[0] = Padded(site, 0, std::move(values[0]));
  return CallDuckDbFunction("length", std::move(values));
}

// DuckDB's LIKE has no escape character either, unless one is given, and turns constant patterns
// into comparisons of prefixes.
absl::StatusOr<DuckExpr> EmitLike(const CallSite& site, DuckExprs values) {
  values[0] = Padded(site, 0, std::move(values[0]));
  return CallDuckDbFunction("~~", std::move(values));
}

absl::StatusOr<DuckExpr> EmitLikeEscape(const CallSite& site, DuckExprs values) {
  values[0] = Padded(site, 0, std::move(values[0]));
  return CallPrivate("like_escape", std::move(values));
}

DuckExpr Joined(DuckExprs values) {
  DuckExpr joined = std::move(values[0]);
  for (size_t i = 1; i < values.size(); ++i) {
    joined = CallDuckDbFunction("||", MakeTrees(std::move(joined), std::move(values[i])));
  }
  return joined;
}

absl::StatusOr<DuckExpr> EmitConcat(const CallSite& site, DuckExprs values) {
  if (values.size() < 2) {
    return NamedError("INVALID_FUNCTION_ARGUMENT",
                      "There must be two or more concatenation arguments");
  }
  if (values.size() > kMaxConcatArguments) {
    return NamedError("NOT_SUPPORTED", "Too many arguments for string concatenation",
                      absl::StatusCode::kUnimplemented);
  }
  // With a NULL constant DuckDB forgets the type.
  return NativeCast(ToDuckDbType(site.result()), Joined(std::move(values)));
}

absl::StatusOr<DuckExpr> EmitConcatChar(const CallSite& site, DuckExprs values) {
  values[0] = Padded(site, 0, std::move(values[0]));
  return CallPrivate("strip_blanks",
                     MakeTrees(NativeCast(LogicalType::VARCHAR, Joined(std::move(values)))));
}

void ConcatWithSeparatorLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                             duckdb::Vector& result) {
  using Texts = scalar_loops_internal::Column<string_view>;
  const bool constant = arguments.AllConstant();
  const duckdb::idx_t count = constant ? 1 : arguments.size();
  std::vector<Texts> columns;
  columns.reserve(arguments.ColumnCount());
  for (duckdb::Vector& column : arguments.data) {
    columns.emplace_back(column, count);
  }
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::string text;
  for (duckdb::idx_t row = 0; row < count; ++row) {
    if (columns[0].IsNull(row)) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    text.clear();
    bool first = true;
    for (size_t i = 1; i < columns.size(); ++i) {
      if (!columns[i].IsNull(row)) {
        absl::StrAppend(&text, first ? string_view() : columns[0][row], columns[i][row]);
        first = false;
      }
    }
    scalar_loops_internal::Store(result, row, string_view(text));
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

// Lists of texts made by `fn(args..., ListWriter&)`.
template <typename... Args, typename Fn>
duckdb::scalar_function_t TextLists(Fn fn) {
  return [fn](duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
    ListWriter writer(result);
    scalar_loops_internal::ForEachRow<Args...>(
        arguments, result,
        [&](duckdb::idx_t row, const auto&... values) {
          writer.Begin(row);
          fn(values..., writer);
        },
        std::index_sequence_for<Args...>());
  };
}

void SplitInto(string_view text, string_view delimiter, std::optional<int64_t> limit,
               ListWriter& writer) {
  for (string_view part : ValueOrRaise(sql::Split(text, delimiter, limit))) {
    writer.AddText(part);
  }
}

void StoreKey(ListWriter& map, duckdb::idx_t index, string_view key) {
  ListWriter::StoreText(*duckdb::StructVector::GetEntries(map.child())[0], index, key);
}

void SplitToMapInto(string_view text, string_view entry, string_view key_value,
                    ListWriter& writer) {
  for (const auto& [key, value] :
       ValueOrRaise(sql::SplitEntries(text, entry, key_value, /*multiple=*/false))) {
    const duckdb::idx_t index = writer.Add();
    StoreKey(writer, index, key);
    ListWriter::StoreText(*duckdb::StructVector::GetEntries(writer.child())[1], index, value);
  }
}

void SplitToMultimapInto(string_view text, string_view entry, string_view key_value,
                         ListWriter& writer) {
  std::vector<std::pair<string_view, std::vector<string_view>>> groups;
  for (const auto& [key, value] :
       ValueOrRaise(sql::SplitEntries(text, entry, key_value, /*multiple=*/true))) {
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&, name = key](const auto& known) { return known.first == name; });
    if (group == groups.end()) {
      group = groups.insert(groups.end(), {key, {}});
    }
    group->second.push_back(value);
  }
  for (const auto& [key, values] : groups) {
    const duckdb::idx_t index = writer.Add();
    StoreKey(writer, index, key);
    ListWriter list(*duckdb::StructVector::GetEntries(writer.child())[1]);
    list.Begin(index);
    for (string_view value : values) {
      list.AddText(value);
    }
  }
}

void AddLike(AdapterTable& table) {
  table.Private("like_escape", {LogicalType::VARCHAR, LogicalType::VARCHAR, LogicalType::VARCHAR},
                LogicalType::BOOLEAN,
                Rows<string_view, string_view, string_view>(
                    [](string_view text, string_view pattern, string_view escape) {
                      RaiseIfError(sql::CheckLikePattern(pattern, escape));
                      return sql::LikeWithEscape(text, pattern, escape);
                    }),
                {.can_raise = true});
  for (string_view type : {"varchar(x)", "char(x)"}) {
    table.Emit(absl::StrCat("$like(", type, ",varchar(y))"), EmitLike);
    table.Emit(absl::StrCat("$like(", type, ",varchar(y),varchar(z))"), EmitLikeEscape);
  }
}

void AddConcatenation(AdapterTable& table) {
  table.Private("strip_blanks", {LogicalType::VARCHAR}, LogicalType::VARCHAR,
                Rows<string_view>([](string_view text) { return sql::TrimBlanks(text); }));
  for (string_view name : {"$concat", "concat"}) {
    table.Emit(absl::StrCat(name, "(varchar...)"), EmitConcat);
    table.Emit(absl::StrCat(name, "(varbinary...)"), EmitConcat);
    table.Emit(absl::StrCat(name, "(char(x),char(y))"), EmitConcatChar);
  }
  duckdb::ScalarFunction with_separator("concat_ws", {LogicalType::VARCHAR}, LogicalType::VARCHAR,
                                        ConcatWithSeparatorLoop);
  with_separator.SetVarArgs(LogicalType::VARCHAR);
  with_separator.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  table.Private(std::move(with_separator));
  table.Emit("concat_ws(varchar,varchar...)",
             [](const CallSite&, DuckExprs values) -> absl::StatusOr<DuckExpr> {
               return CallPrivate("concat_ws", std::move(values));
             });
}

void AddTrims(AdapterTable& table) {
  struct Named {
    string_view name;
    Ends ends;
  };

  for (const auto& [name, ends] :
       {Named{"trim", Ends::kBoth}, Named{"ltrim", Ends::kLeft}, Named{"rtrim", Ends::kRight}}) {
    for (string_view type : {"varchar(x)", "char(x)"}) {
      table.Scalar(
          absl::StrCat(name, "(", type, ")"),
          Rows<string_view>([end = ends](string_view text) { return sql::Trim(text, end); }));
      // What is left of a char has no blanks at its end.
      const bool strip = type == "char(x)" && ends != Ends::kLeft;
      table.Scalar(absl::StrCat(name, "(", type, ",codepoints)"),
                   Rows<string_view, string_view>(
                       [end = ends, strip](string_view text, string_view characters) {
                         const string_view left = sql::Trim(text, characters, end);
                         return strip ? sql::TrimBlanks(left) : left;
                       }));
    }
  }
}

void AddCases(AdapterTable& table) {
  for (string_view type : {"varchar(x)", "char(x)"}) {
    table.Scalar(absl::StrCat("lower(", type, ")"), AppendText<string_view>(sql::AppendLower));
    table.Scalar(absl::StrCat("upper(", type, ")"), AppendText<string_view>(sql::AppendUpper));
  }
}

void AddParts(AdapterTable& table) {
  table.Private("substr", {LogicalType::VARCHAR, LogicalType::BIGINT}, LogicalType::VARCHAR,
                Rows<string_view, int64_t>(
                    [](string_view text, int64_t start) { return sql::Substring(text, start); }));
  table.Private(
      "substr_length", {LogicalType::VARCHAR, LogicalType::BIGINT, LogicalType::BIGINT},
      LogicalType::VARCHAR,
      Rows<string_view, int64_t, int64_t>([](string_view text, int64_t start, int64_t length) {
        return sql::Substring(text, start, length);
      }));
  for (string_view type : {"varchar(x)", "char(x)"}) {
    for (string_view name : {"substr", "substring"}) {
      table.Emit(absl::StrCat(name, "(", type, ",bigint)"), OnPadded("substr"));
      table.Emit(absl::StrCat(name, "(", type, ",bigint,bigint)"), OnPadded("substr_length"));
    }
    table.Emit(absl::StrCat("length(", type, ")"), EmitLength);
  }
  table.Scalar("split_part(varchar(x),varchar(y),bigint)",
               Rows<string_view, string_view, int64_t>(sql::SplitPart));
  table.Scalar("split(varchar(x),varchar(y))",
               TextLists<string_view, string_view>(
                   [](string_view text, string_view delimiter, ListWriter& writer) {
                     SplitInto(text, delimiter, std::nullopt, writer);
                   }));
  table.Scalar("split(varchar(x),varchar(y),bigint)",
               TextLists<string_view, string_view, int64_t>(SplitInto));
  table.Scalar("split_to_map(varchar,varchar,varchar)",
               TextLists<string_view, string_view, string_view>(SplitToMapInto));
  table.Scalar("split_to_multimap(varchar,varchar,varchar)",
               TextLists<string_view, string_view, string_view>(SplitToMultimapInto));
}

void AddSearches(AdapterTable& table) {
  for (string_view id : {"strpos(varchar(x),varchar(y))", "index(varchar,varchar)"}) {
    table.Scalar(id, Rows<string_view, string_view>([](string_view text, string_view search) {
                   return sql::Position(text, search, 1);
                 }));
  }
  table.Scalar("strpos(varchar(x),varchar(y),bigint)",
               Rows<string_view, string_view, int64_t>(sql::Position));
  table.Scalar("starts_with(varchar(x),varchar(y))",
               Rows<string_view, string_view>(
                   [](string_view text, string_view prefix) { return text.starts_with(prefix); }));
  table.Scalar("levenshtein_distance(varchar(x),varchar(y))",
               Rows<string_view, string_view>(sql::LevenshteinDistance));
  table.Scalar("hamming_distance(varchar(x),varchar(y))",
               Rows<string_view, string_view>(sql::HammingDistance));
}

void AddChanges(AdapterTable& table) {
  table.Scalar("replace(varchar(x),varchar(y))",
               AppendText<string_view, string_view>(
                   [](string_view text, string_view search, std::string* out) {
                     sql::AppendReplaced(text, search, "", out);
                   }));
  table.Scalar(
      "replace(varchar(x),varchar(y),varchar(z))",
      AppendText<string_view, string_view, string_view>(
          [](string_view text, string_view search, string_view replacement, std::string* out) {
            const absl::Status fits = sql::CheckReplacedSize(text, search, replacement);
            if (!fits.ok()) [[unlikely]] {
              Raise(fits);
            }
            sql::AppendReplaced(text, search, replacement, out);
          }));
  table.Scalar("translate(varchar(x),varchar(y),varchar(z))",
               AppendText<string_view, string_view, string_view>(sql::AppendTranslated));
  table.Scalar("reverse(varchar(x))", AppendText<string_view>(sql::AppendReversed));
  table.Private("reverse_char", {LogicalType::VARCHAR}, LogicalType::VARCHAR,
                Rows<string_view>([](string_view text) {
                  std::string reversed;
                  sql::AppendReversed(text, &reversed);
                  reversed.resize(sql::TrimBlanks(reversed).size());
                  return reversed;
                }));
  table.Emit("reverse(char(x))", OnPadded("reverse_char"));
  for (const Ends end : {Ends::kLeft, Ends::kRight}) {
    table.Scalar(absl::StrCat(end == Ends::kLeft ? "l" : "r", "pad(varchar(x),bigint,varchar(y))"),
                 Rows<string_view, int64_t, string_view>(
                     [end](string_view text, int64_t length, string_view padding) {
                       return sql::Pad(text, length, padding, end);
                     }));
  }
  table.Private("lpad_char", {LogicalType::VARCHAR, LogicalType::BIGINT, LogicalType::VARCHAR},
                LogicalType::VARCHAR,
                Rows<string_view, int64_t, string_view>(
                    [](string_view text, int64_t length, string_view padding) {
                      return sql::Pad(text, length, padding, Ends::kLeft);
                    }),
                {.can_raise = true});
  table.Emit("lpad(char(x),bigint,varchar(y))", OnPadded("lpad_char"));
  table.Scalar("normalize(varchar(x),varchar(y))", Rows<string_view, string_view>(sql::Normalize));
  table.Scalar("soundex(varchar)", Rows<string_view>(sql::Soundex));
}

// The language is the second argument, or English.
void StemLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
  sql::WordStemmer stemmer;
  if (arguments.ColumnCount() == 1) {
    scalar_loops_internal::ForEachRow<string_view>(
        arguments, result,
        [&](duckdb::idx_t row, string_view word) {
          scalar_loops_internal::Store(result, row, stemmer.Stem(word, "en"));
        },
        std::index_sequence_for<string_view>());
    return;
  }
  scalar_loops_internal::ForEachRow<string_view, string_view>(
      arguments, result,
      [&](duckdb::idx_t row, string_view word, string_view language) {
        scalar_loops_internal::Store(result, row, stemmer.Stem(word, language));
      },
      std::index_sequence_for<string_view, string_view>());
}

}  // namespace

void AddStrings(AdapterTable& table) {
  AddLike(table);
  AddConcatenation(table);
  AddTrims(table);
  AddCases(table);
  AddParts(table);
  AddSearches(table);
  AddChanges(table);
  table.Scalar("char2hexint(varchar)", Rows<string_view>(sql::ToUtf16Hex));
  table.Scalar("chr(bigint)", Rows<int64_t>(sql::Chr));
  table.Scalar("codepoint(varchar(1))", Rows<string_view>(sql::CodePoint));
  table.Scalar("word_stem(varchar(x))", StemLoop);
  table.Scalar("word_stem(varchar(x),varchar(2))", StemLoop);
  table.Scalar("luhn_check(varchar)", Rows<string_view>(sql::LuhnCheck));
}

}  // namespace pallas::engine
