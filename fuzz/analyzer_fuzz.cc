// Parses any bytes as a statement, analyses its query over the tables of TPC-H and one with columns
// of every kind, and emits the engine's tree. Whatever the text is, it is answered or refused with
// a named error. The mutator works on tokens: names of functions, types, tables and columns,
// keywords.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"

#include "bench/source_tables.h"
#include "engine/duckdb/emitter.h"
#include "sql/analyzer/analyzer.h"
#include "sql/ast/statement.h"
#include "sql/functions/registry.h"
#include "sql/parser/lexer.h"
#include "sql/parser/parser.h"

namespace {

using pallas::sql::Token;

[[noreturn]] void Fail(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::abort();
}

pallas::bench::SourceTables& Tables() {
  static pallas::bench::SourceTables* const kTables = [] {
    auto* tables = new pallas::bench::SourceTables;
    for (const absl::Status& status :
         {tables->AddTpch(),
          tables->Add("everything",
                      "i integer, b bigint, r real, d double, x decimal(12,2), y decimal(38,10), "
                      "o boolean, s varchar, v varchar(10), c char(5), bin varbinary, dt date, "
                      "ts timestamp(3), tz timestamp(3) with time zone, "
                      "a array(integer), aa array(array(varchar)), m map(varchar, integer), "
                      "w row(f integer, g row(h varchar, k array(double)))")}) {
      if (!status.ok()) {
        Fail(status);
      }
    }
    return tables;
  }();
  return *kTables;
}

// What the analyzer says must be a named error; INTERNAL is a defect of ours.
void Check(const absl::Status& status) {
  if (absl::IsInternal(status)) {
    Fail(status);
  }
}

// ---- Mutation ----

constexpr const char* kWords[] = {
    // Clauses and operators.
    "SELECT", "FROM", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "LIMIT 3", "OFFSET 1", "DISTINCT",
    "ALL", "AS", "WITH", "WITH RECURSIVE", "UNION", "UNION ALL", "INTERSECT", "EXCEPT", "JOIN",
    "LEFT JOIN", "FULL JOIN", "CROSS JOIN", "NATURAL JOIN", "ON", "USING (", "LATERAL (", "UNNEST(",
    "WITH ORDINALITY", "VALUES", "TABLESAMPLE BERNOULLI (10)", "FETCH FIRST 2 ROWS WITH TIES",
    "GROUPING SETS (", "ROLLUP (", "CUBE (", "grouping(", "OVER (", "PARTITION BY", "WINDOW w AS (",
    "ROWS BETWEEN 1 PRECEDING AND CURRENT ROW", "RANGE UNBOUNDED PRECEDING", "FILTER (WHERE",
    "WITHIN GROUP (ORDER BY", "IGNORE NULLS", "NULLS FIRST", "DESC", "AND", "OR", "NOT", "IN (",
    "EXISTS (", "BETWEEN", "LIKE", "ESCAPE", "IS NULL", "IS DISTINCT FROM", "= ANY (", "> ALL (",
    "CASE", "WHEN", "THEN", "ELSE", "END", "COALESCE(", "NULLIF(", "IF(", "TRY(", "CAST(",
    "TRY_CAST(", "EXTRACT(YEAR FROM", "AT TIME ZONE", "INTERVAL '1' DAY", "ROW(", "ARRAY[", "MAP(",
    "TABLE", "EXPLAIN", "x ->", "(x, y) ->", "->", "+", "-", "*", "/", "%", "||", "=", "<>", "<",
    ">=", "(", ")", "[", "]", ",", ".", ".*", ";", "?",
    // Types.
    "integer", "bigint", "double", "real", "decimal(38,0)", "decimal(5,2)", "varchar", "varchar(3)",
    "char(4)", "varbinary", "date", "time(6)", "timestamp", "timestamp(12)", "json", "uuid",
    "timestamp(3) with time zone", "time with time zone", "array(integer)", "map(varchar, double)",
    "row(a integer, b varchar)", "ipaddress", "boolean",
    // Values.
    "NULL", "TRUE", "0", "1", "-1", "9223372036854775807", "99999999999999999999", "1.5",
    "DECIMAL '1.50'", "1e300", "''", "'abc'", "'2020-01-31'", "DATE '2020-01-31'",
    "TIMESTAMP '2020-01-31 12:00:00.123456789'", "TIME '12:00:00'", "X'00ff'", "U&'\\00e4'",
    "JSON '[1]'", "'$.a'", "'[a-z]+'", "ARRAY[1, 2, NULL]", "MAP(ARRAY['a'], ARRAY[1])",
    "(SELECT 1)", "current_date", "current_timestamp", "localtime",
    // Tables and columns.
    "everything", "orders", "lineitem", "nation", "t", "u", "i", "b", "d", "x", "y", "s", "v", "c",
    "bin", "dt", "ts", "tz", "a", "aa", "m", "w", "o_orderkey", "l_quantity", "n_name"};

std::vector<std::string> Vocabulary() {
  std::vector<std::string> words(std::begin(kWords), std::end(kWords));
  for (const pallas::sql::FunctionEntry& entry : pallas::sql::AllFunctions()) {
    if (!entry.hidden) {
      words.push_back(absl::StrCat(entry.name, "("));
    }
  }
  return words;
}

class TokenMutator {
 public:
  TokenMutator(std::string_view text, unsigned int seed) : random_(seed) {
    const auto tokens = pallas::sql::Tokenize(text, pallas::sql::LexMode::kTrino);
    if (tokens.ok()) {
      for (const Token& token : *tokens) {
        if (token.end > token.begin) {
          words_.emplace_back(text.substr(token.begin, token.end - token.begin));
        }
      }
    }
  }

  // Empty: not made of tokens.
  std::string Mutate() {
    if (words_.empty()) {
      return "";
    }
    const size_t steps = 1 + Below(4);
    for (size_t step = 0; step < steps; ++step) {
      Step();
    }
    std::string text;
    for (const std::string& word : words_) {
      absl::StrAppend(&text, text.empty() ? "" : " ", word);
    }
    return text;
  }

 private:
  size_t Below(size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
  }

  const std::string& AnyWord() {
    static const std::vector<std::string>* const kVocabulary =
        new std::vector<std::string>(Vocabulary());
    return (*kVocabulary)[Below(kVocabulary->size())];
  }

  void Step() {
    if (words_.empty()) {
      words_.push_back(AnyWord());
      return;
    }
    const size_t at = Below(words_.size());
    const auto place = words_.begin() + static_cast<std::ptrdiff_t>(at);
    switch (Below(7)) {
      case 0:
        words_.insert(place, AnyWord());
        return;
      case 1:
        words_.erase(place);
        return;
      case 2: {  // a call around one word
        const std::string call = AnyWord();
        if (call.back() == '(') {
          *place = absl::StrCat(call, *place, ")");
          return;
        }
        *place = call;
        return;
      }
      case 3:
        std::swap(*place, words_[Below(words_.size())]);
        return;
      case 4: {  // a part again, elsewhere
        const size_t length = 1 + Below(std::min<size_t>(12, words_.size() - at));
        const std::vector<std::string> part(place, place + static_cast<std::ptrdiff_t>(length));
        const size_t to = Below(words_.size() + 1);
        words_.insert(words_.begin() + static_cast<std::ptrdiff_t>(to), part.begin(), part.end());
        return;
      }
      default:
        *place = AnyWord();
    }
  }

  std::minstd_rand random_;
  std::vector<std::string> words_;
};

}  // namespace

// libFuzzer has it, the replay of the corpus does not.
extern "C" size_t __attribute__((weak)) LLVMFuzzerMutate(uint8_t* data, size_t size,
                                                         size_t max_size);

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  std::string text;
  if (seed % 8 != 0) {
    text = TokenMutator({reinterpret_cast<const char*>(data), size}, seed).Mutate();
  }
  if (text.empty() || text.size() > max_size) {
    return LLVMFuzzerMutate == nullptr ? size : LLVMFuzzerMutate(data, size, max_size);
  }
  std::memcpy(data, text.data(), text.size());
  return text.size();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto statement = pallas::sql::Parse(text);
  if (!statement.ok()) {
    Check(statement.status());
    return 0;
  }
  const auto* query = std::get_if<pallas::sql::ast::QueryStatement>(&(*statement)->node);
  if (query == nullptr) {
    return 0;
  }
  const pallas::sql::Session session{.user = "", .start_time = absl::UnixEpoch(), .dialect = {}};
  const auto analyzed = pallas::sql::AnalyzeQuery(*query->query, text, session, {}, Tables());
  if (!analyzed.ok()) {
    Check(analyzed.status());
    return 0;
  }
  pallas::engine::QueryScans scans(pallas::engine::ScanEnvironment{});
  Check(pallas::engine::EmitQuery(*analyzed, session, scans).status());
  return 0;
}
