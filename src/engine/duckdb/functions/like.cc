#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/tree.h"

// LIKE, which is DuckDB's with Trino's checks of the escape, and substrings.

namespace pallas::engine {
namespace {

using duckdb::LogicalType;

bool StartsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

int64_t CountPoints(std::string_view text) {
  return std::count_if(text.begin(), text.end(), StartsCodePoint);
}

// The pattern itself, if every escape in it stands before %, _ or itself.
std::string_view CheckPattern(std::string_view pattern, std::string_view escape) {
  if (escape.empty()) {
    return pattern;
  }
  if (CountPoints(escape) != 1) {
    Raise("INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character");
  }
  for (size_t at = pattern.find(escape); at != std::string_view::npos;
       at = pattern.find(escape, at)) {
    at += escape.size();
    const std::string_view next = pattern.substr(at);
    if (next.substr(0, escape.size()) == escape) {
      at += escape.size();
    } else if (!next.empty() && (next[0] == '%' || next[0] == '_')) {
      ++at;
    } else {
      Raise("INVALID_FUNCTION_ARGUMENT",
            "Escape character must be followed by '%', '_' or the escape character itself");
    }
  }
  return pattern;
}

// Where code point `index` (from 0) begins; the size if there are not so many.
size_t OffsetOf(std::string_view text, int64_t index) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (StartsCodePoint(text[at]) && index-- == 0) {
      return at;
    }
  }
  return text.size();
}

std::string_view Substring(std::string_view text, int64_t start) {
  if (start > 0) {
    return text.substr(OffsetOf(text, start - 1));
  }
  const int64_t points = CountPoints(text);
  if (start == 0 || start < -points) {
    return text.substr(0, 0);
  }
  return text.substr(OffsetOf(text, points + start));
}

std::string_view SubstringOf(std::string_view text, int64_t start, int64_t length) {
  const std::string_view rest = Substring(text, start);
  return length <= 0 ? rest.substr(0, 0) : rest.substr(0, OffsetOf(rest, length));
}

// char(n) takes part with its trailing blanks.
DuckExpr Padded(const CallSite& site, DuckExpr value) {
  if (site.argument(0).kind() != TypeKind::kChar) {
    return value;
  }
  return CallPrivate("pad_char",
                     MakeTrees(std::move(value), BigintConstant(*site.argument(0).length())));
}

absl::StatusOr<DuckExpr> Like(const CallSite& site, DuckExprs values) {
  return CallDuckDbFunction("~~",
                            MakeTrees(Padded(site, std::move(values[0])), std::move(values[1])));
}

absl::StatusOr<DuckExpr> LikeWithEscape(const CallSite& site, DuckExprs values) {
  DuckExpr pattern =
      CallPrivate("like_pattern", MakeTrees(std::move(values[1]), values[2]->Copy()));
  return CallDuckDbFunction("like_escape", MakeTrees(Padded(site, std::move(values[0])),
                                                     std::move(pattern), std::move(values[2])));
}

ScalarEmitter Substr(std::string_view name) {
  return [name](const CallSite& site, DuckExprs values) -> absl::StatusOr<DuckExpr> {
    values[0] = Padded(site, std::move(values[0]));
    return CallPrivate(name, std::move(values));
  };
}

}  // namespace

void AddLike(AdapterTable& table) {
  table.Private("like_pattern", {LogicalType::VARCHAR, LogicalType::VARCHAR}, LogicalType::VARCHAR,
                Rows<std::string_view, std::string_view>(CheckPattern), {.can_raise = true});
  table.Private("substr", {LogicalType::VARCHAR, LogicalType::BIGINT}, LogicalType::VARCHAR,
                Rows<std::string_view, int64_t>(Substring));
  table.Private("substr_length", {LogicalType::VARCHAR, LogicalType::BIGINT, LogicalType::BIGINT},
                LogicalType::VARCHAR, Rows<std::string_view, int64_t, int64_t>(SubstringOf));
  for (const std::string type : {"varchar(x)", "char(x)"}) {
    table.Emit("$like(" + type + ",varchar(y))", Like);
    table.Emit("$like(" + type + ",varchar(y),varchar(z))", LikeWithEscape);
    for (const std::string name : {"substr(", "substring("}) {
      table.Emit(name + type + ",bigint)", Substr("substr"));
      table.Emit(name + type + ",bigint,bigint)", Substr("substr_length"));
    }
  }
}

}  // namespace pallas::engine
