// What the engine computes for each function, beside DuckDB's nearest own over the same rows on the
// same connection and one thread. From both the cost of reading the rows is taken off.
//
//   functions_bench [FAMILY or part of an expression]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"

#include "base/status_macros.h"
#include "bench/cost.h"
#include "bench/function_pairs.h"
#include "bench/source_tables.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/duckdb_pch.h"
#include "engine/duckdb/emitter.h"
#include "engine/duckdb/functions/functions.h"
#include "engine/duckdb/scan_function.h"
#include "engine/duckdb/scan_registry.h"
#include "engine/duckdb/settings.h"
#include "sql/analyzer/analyzer.h"
#include "sql/ast/statement.h"
#include "sql/functions/registry.h"
#include "sql/parser/parser.h"

namespace pallas::engine {
namespace {

using bench::Family;
using bench::Form;
using bench::Measure;
using bench::Median;
using bench::Pair;

constexpr int kRows = 122'880;
constexpr size_t kMinRounds = 3;
constexpr size_t kMaxRounds = 9;
constexpr double kPairSeconds = 1;  // then no further round
constexpr double kReach = 3;
// Differences below this are those of the clock and of reading the rows.
constexpr double kNoiseNs = 1;

struct Column {
  const char* name;
  const char* type;   // of the dialect
  const char* value;  // in DuckDB's SQL, over the row number r
};

// num(x) and word(x) depend on the row and on x; numbers have 31 bits.
constexpr Column kColumns[] = {
    {"k", "integer", "num(1) % 1000"},
    {"i", "integer", "CASE WHEN r % 50 = 0 THEN NULL ELSE num(2) % 2000000 - 1000000 END"},
    {"n", "integer", "1 + num(3) % 20"},
    {"q", "integer", "CASE WHEN num(4) % 2 = 0 THEN NULL ELSE num(4) % 100 END"},
    {"b", "bigint", "num(5) * 977"},
    {"d", "double", "(num(6) % 2000000 - 1000000) / 1000.0::DOUBLE"},
    {"p", "double", "(1 + num(7) % 1000000) / 1000.0::DOUBLE"},
    {"u", "double", "num(8) / 2147483648.0::DOUBLE"},
    {"f", "real", "num(9) % 100000 / 64"},
    {"x", "decimal(12,2)", "(num(10) % 20000000 - 10000000) / 100"},
    {"y", "decimal(12,2)", "(1 + num(11) % 100000) / 100"},
    {"z", "decimal(30,8)", "(num(12) - 1000000000) / 1000"},
    {"o", "boolean", "num(13) % 3 = 0"},
    {"w", "varchar", "word(14)"},
    {"v", "varchar", "word(15)"},
    {"s", "varchar", "concat(word(16), ' ', word(17), ' ', word(18), ' ', word(19))"},
    {"t", "varchar", "concat('Größe ', word(20), ' 東京 ', word(21), ' ñandú')"},
    {"h", "varchar", "substr(md5(num(22)::VARCHAR), 1, 12)"},
    {"h2", "varchar", "substr(md5(num(23)::VARCHAR), 1, 12)"},
    {"itext", "varchar", "(num(24) % 2000000 - 1000000)::VARCHAR"},
    {"xtext", "varchar", "((num(25) % 2000000 - 1000000) / 100)::DECIMAL(12,2)::VARCHAR"},
    {"dtext", "varchar", "(DATE '1990-01-01' + (num(26) % 15000)::INTEGER)::VARCHAR"},
    {"tstext", "varchar", "(TIMESTAMP '1990-01-01' + to_seconds(num(27) % 1000000000))::VARCHAR"},
    {"isotext", "varchar",
     "strftime(TIMESTAMP '1990-01-01' + to_seconds(num(28) % 1000000000), '%Y-%m-%dT%H:%M:%S')"},
    {"otext", "varchar", "(num(29) % 2 = 0)::VARCHAR"},
    {"dt", "date", "DATE '1990-01-01' + (num(30) % 15000)::INTEGER"},
    {"dt2", "date", "DATE '1990-01-01' + (num(31) % 15000)::INTEGER"},
    {"ts", "timestamp(3)",
     "TIMESTAMP '1990-01-01' + to_milliseconds(num(32) * 500 + num(33) % 500)"},
    {"ts2", "timestamp(3)",
     "TIMESTAMP '1990-01-01' + to_milliseconds(num(34) * 500 + num(35) % 500)"},
    {"bin", "varbinary", "encode(concat(word(36), ' ', word(37), ' ', word(38)))"},
    {"bin2", "varbinary", "encode(concat(word(39), ' ', word(40)))"},
    {"hx", "varchar", "hex(word(41))"},
    {"b64", "varchar", "to_base64(encode(word(42) || '___'))"},
    {"url", "varchar",
     "concat('https://www.', word(43), '.com:8080/', word(44), '/', word(45), '?q=', word(46), "
     "'&r=a%20b#', word(47))"},
    {"js", "varchar",
     "concat('{\"a\": ', num(48) % 1000, ', \"b\": \"', word(49), '\", \"c\": [1, ', num(50) % 10, "
     "', 3], \"d\": {\"e\": \"', word(51), '\"}}')"},
    {"ja", "varchar", "concat('[', num(52) % 10, ', ', num(53) % 10, ', ', num(54) % 10, ', 7]')"},
    {"kv", "varchar", "concat('a=', num(55) % 10, ',b=', num(56) % 10, ',c=', word(57))"},
    {"a", "array(integer)", "[(num(60 + e) % 10)::INTEGER for e in range(10)]"},
    {"a2", "array(integer)", "[(num(80 + e) % 20)::INTEGER for e in range(8)]"},
    {"a5", "array(integer)", "[(num(100 + e) % 20)::INTEGER for e in range(5)]"},
    {"sa", "array(varchar)", "[word(110 + e) for e in range(6)]"},
    {"sa5", "array(varchar)", "[concat(chr((97 + e)::INTEGER), word(120 + e)) for e in range(5)]"},
    {"da", "array(double)", "[num(130 + e) / 1000.0::DOUBLE for e in range(8)]"},
    {"da2", "array(double)", "[num(140 + e) / 1000.0::DOUBLE for e in range(8)]"},
    {"m", "map(varchar, integer)",
     "map(['a', 'b', 'c', 'd', 'e'], [(num(150 + e) % 10)::INTEGER for e in range(5)])"},
    {"m2", "map(varchar, integer)",
     "map(['c', 'd', 'x', 'y', 'z'], [(num(160 + e) % 10)::INTEGER for e in range(5)])"},
    {"r", "row(f1 integer, f2 varchar)", "{'f1': (num(170) % 100)::INTEGER, 'f2': word(171)}"},
};

// Instants have a form of ours: milliseconds and the zone in one number.
constexpr const char* kInstants[][2] = {{"tz", "ts"}, {"tz2", "ts2"}};

absl::Status Execute(duckdb::Connection& connection, const std::string& sql) {
  const auto result = connection.Query(sql);
  return result->HasError() ? absl::InternalError(absl::StrCat(sql, ": ", result->GetError()))
                            : absl::OkStatus();
}

absl::Status MakeRows(duckdb::Connection& connection) {
  RETURN_IF_ERROR(Execute(
      connection,
      "CREATE MACRO num(r, x) AS (hash(r * 1000 + x) & 2147483647)::BIGINT;"
      "CREATE MACRO word(r, x) AS ['alpha', 'quick', 'beta', 'brown', 'foxes', 'gamma', 'jumped', "
      "'over', 'lazy', 'dogs', 'equation', 'zebra', 'Cat', 'banana', 'Query', "
      "'fig'][1 + num(r, x) % 16]"));
  std::vector<std::string> columns;
  for (const Column& column : kColumns) {
    std::string type = column.type;
    type = type == "array(varchar)"          ? "VARCHAR[]"
           : type == "array(integer)"        ? "INTEGER[]"
           : type == "array(double)"         ? "DOUBLE[]"
           : type == "map(varchar, integer)" ? "MAP(VARCHAR, INTEGER)"
           : type == "varbinary"             ? "BLOB"
           : type == "timestamp(3)"          ? "TIMESTAMP"
           : absl::StartsWith(type, "row")   ? "STRUCT(f1 INTEGER, f2 VARCHAR)"
                                             : type;
    const std::string value =
        absl::StrReplaceAll(column.value, {{"num(", "num(r, "}, {"word(", "word(r, "}});
    columns.push_back(absl::StrCat("CAST(", value, " AS ", type, ") AS ", column.name));
  }
  RETURN_IF_ERROR(Execute(
      connection, absl::StrCat("CREATE TABLE plain AS SELECT ", absl::StrJoin(columns, ", "),
                               " FROM range(", kRows, ") AS g(r)")));
  std::vector<std::string> instants;
  for (const auto& [name, timestamp] : kInstants) {
    instants.push_back(absl::StrCat("CAST(", timestamp, " AS TIMESTAMPTZ) AS ", name, ", epoch_ms(",
                                    timestamp, ") * 4096 AS own_", name));
  }
  return Execute(connection, absl::StrCat("CREATE TABLE bench AS SELECT *, ",
                                          absl::StrJoin(instants, ", "), " FROM plain"));
}

bool IsInstant(const std::string& name) {
  return std::any_of(std::begin(kInstants), std::end(kInstants),
                     [&](const auto& instant) { return name == instant[0]; });
}

// ---- Reading and dropping ----

// bench_sink(...): takes rows and forgets them.
duckdb::AggregateFunction MakeSink() {
  using duckdb::AggregateFunction;
  AggregateFunction sink(
      "bench_sink", {}, duckdb::LogicalType::BIGINT,
      [](const AggregateFunction&) -> duckdb::idx_t { return 8; },
      [](const AggregateFunction&, duckdb::data_ptr_t) {},
      [](duckdb::Vector[], duckdb::AggregateInputData&, duckdb::idx_t, duckdb::Vector&,
         duckdb::idx_t) {},
      [](duckdb::Vector&, duckdb::Vector&, duckdb::AggregateInputData&, duckdb::idx_t) {},
      [](duckdb::Vector&, duckdb::AggregateInputData&, duckdb::Vector& result, duckdb::idx_t,
         duckdb::idx_t) {
        result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
        duckdb::ConstantVector::SetNull(result, true);
      },
      [](duckdb::Vector[], duckdb::AggregateInputData&, duckdb::idx_t, duckdb::data_ptr_t,
         duckdb::idx_t) {});
  sink.varargs = duckdb::LogicalType::ANY;
  sink.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  return sink;
}

// May throw.
SelectStatementPtr ParseDuckDb(duckdb::ClientContext& context, const std::string& text) {
  auto statements = context.ParseStatements(text);
  return duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(
      std::move(statements[0]));
}

// The emitted scan reads DuckDB's own table.
duckdb::TableFunction MakeOwnScan() {
  duckdb::TableFunction scan(kScanFunction, {duckdb::LogicalType::BIGINT}, nullptr, nullptr);
  scan.bind_replace =
      [](duckdb::ClientContext& context,
         duckdb::TableFunctionBindInput& input) -> duckdb::unique_ptr<duckdb::TableRef> {
    const auto table = FindScan(context, input.inputs[0].GetValue<int64_t>());
    auto node = duckdb::make_uniq<duckdb::SelectNode>();
    for (size_t i = 0; i < table->columns.size(); ++i) {
      const std::string& name = table->columns[i].name;
      node->select_list.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(
          absl::StrCat(IsInstant(name) ? "own_" : "", name)));
      node->select_list.back()->SetAlias(table->column_names[i]);
    }
    if (table->columns.empty()) {
      node->select_list.push_back(
          duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BIGINT(1)));
    }
    auto rows = duckdb::make_uniq<duckdb::BaseTableRef>();
    rows->table_name = "bench";
    node->from_table = std::move(rows);
    auto select = duckdb::make_uniq<duckdb::SelectStatement>();
    select->node = std::move(node);
    return duckdb::make_uniq<duckdb::SubqueryRef>(std::move(select));
  };
  return scan;
}

class Bench {
 public:
  static absl::StatusOr<std::unique_ptr<Bench>> Make() {
    auto bench = std::unique_ptr<Bench>(new Bench);
    std::vector<std::string> columns;
    for (const Column& column : kColumns) {
      columns.push_back(absl::StrCat(column.name, " ", column.type));
    }
    for (const auto& [name, timestamp] : kInstants) {
      columns.push_back(absl::StrCat(name, " timestamp(3) with time zone"));
    }
    RETURN_IF_ERROR(bench->tables_.Add("bench", absl::StrJoin(columns, ", ")));
    RETURN_IF_ERROR(CallDuckDb([&] {
      duckdb::DBConfig config;
      for (const FixedSetting& setting : FixedSettings()) {
        config.SetOptionByName(setting.name, duckdb::Value(setting.value));
      }
      config.SetOptionByName("threads", duckdb::Value::BIGINT(1));
      bench->database_ = std::make_unique<duckdb::DuckDB>(nullptr, &config);
      RegisterFunctions(*bench->database_->instance);
      duckdb::ExtensionLoader loader(*bench->database_->instance, "bench");
      loader.RegisterFunction(MakeSink());
      loader.RegisterFunction(MakeOwnScan());
      bench->connection_ = std::make_unique<duckdb::Connection>(*bench->database_);
    }));
    RETURN_IF_ERROR(MakeRows(*bench->connection_));
    return bench;
  }

  using Prepared = duckdb::unique_ptr<duckdb::PreparedStatement>;

  absl::StatusOr<Prepared> PrepareOurs(const std::string& text) {
    ASSIGN_OR_RETURN(const sql::ast::StatementPtr statement, sql::Parse(text));
    const auto& query = std::get<sql::ast::QueryStatement>(statement->node);
    const sql::Session session{.user = "", .start_time = absl::Now(), .dialect = {}};
    ASSIGN_OR_RETURN(const sql::AnalyzedQuery analyzed,
                     sql::AnalyzeQuery(*query.query, text, session, {}, tables_));
    const auto scans = std::make_shared<QueryScans>(ScanEnvironment{});
    ASSIGN_OR_RETURN(SelectStatementPtr emitted, EmitQuery(analyzed, session, *scans));
    QueryScans::Attach(scans, *connection_->context);
    return Prepare(std::move(emitted));
  }

  absl::StatusOr<Prepared> PrepareDuck(const std::string& text) {
    SelectStatementPtr parsed;
    RETURN_IF_ERROR(CallDuckDb([&] { parsed = ParseDuckDb(*connection_->context, text); }));
    return Prepare(std::move(parsed));
  }

 private:
  Bench() = default;

  // All rows of `query` into the sink.
  absl::StatusOr<Prepared> Prepare(SelectStatementPtr query) {
    Prepared prepared;
    RETURN_IF_ERROR(CallDuckDb([&] {
      auto outer = ParseDuckDb(*connection_->context,
                               "SELECT bench_sink(*COLUMNS(*)) FROM (SELECT 1) AS rows");
      auto& from = *outer->node->Cast<duckdb::SelectNode>().from_table;
      from.Cast<duckdb::SubqueryRef>().subquery = std::move(query);
      prepared = connection_->Prepare(std::move(outer));
    }));
    if (prepared->HasError()) {
      return absl::InvalidArgumentError(prepared->GetError());
    }
    return prepared;
  }

  bench::SourceTables tables_;
  std::unique_ptr<duckdb::DuckDB> database_;
  std::unique_ptr<duckdb::Connection> connection_;
};

// ---- Comparing ----

std::vector<std::string> Words(std::string_view text) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (const char c : text) {
    quoted ^= c == '\'';
    if (!quoted && (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_')) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  return words;
}

// Reads what both sides read.
std::string FloorQuery(const Pair& pair) {
  std::set<std::string> known;
  for (const Column& column : kColumns) {
    known.insert(column.name);
  }
  std::set<std::string> used;
  for (const std::string& word : Words(pair.duck)) {
    if (known.contains(word) || IsInstant(word)) {
      used.insert(word);
    }
  }
  return absl::StrCat("SELECT ", used.empty() ? "1" : absl::StrJoin(used, ", "), " FROM bench");
}

struct Result {
  double ours = 0;  // nanoseconds a row, without reading it
  double duck = 0;

  double ratio() const { return ours / std::max(duck, kNoiseNs); }
};

absl::Status Run(duckdb::PreparedStatement& statement) {
  duckdb::vector<duckdb::Value> none;
  const auto result = statement.Execute(none, /*allow_stream_result=*/false);
  return result->HasError() ? absl::InternalError(result->GetError()) : absl::OkStatus();
}

absl::StatusOr<Result> Compare(Bench& bench, const std::string& ours, const std::string& duck,
                               const std::string& floor) {
  std::vector<Bench::Prepared> statements;
  ASSIGN_OR_RETURN(statements.emplace_back(), bench.PrepareDuck(duck));
  ASSIGN_OR_RETURN(statements.emplace_back(), bench.PrepareDuck(floor));
  ASSIGN_OR_RETURN(statements.emplace_back(), bench.PrepareOurs(ours));
  for (const Bench::Prepared& statement : statements) {
    RETURN_IF_ERROR(Run(*statement));  // warm
  }
  std::vector<double> costs[3];
  const absl::Time start = absl::Now();
  while (
      costs[0].size() < kMinRounds ||
      (costs[0].size() < kMaxRounds && absl::ToDoubleSeconds(absl::Now() - start) < kPairSeconds)) {
    for (size_t side = 0; side < 3; ++side) {
      ASSIGN_OR_RETURN(const bench::Cost cost, Measure([&] { return Run(*statements[side]); }));
      costs[side].push_back(cost.cpu * 1e9 / kRows);
    }
  }
  const double read = Median(costs[1]);
  return Result{std::max(0.0, Median(costs[2]) - read), std::max(0.0, Median(costs[0]) - read)};
}

struct Contest {
  std::string name;
  std::string ours;
  std::string duck;
};

std::vector<Contest> ContestsOf(const Pair& pair, Form form) {
  const auto query = [](const char* expression) {
    return absl::StrCat("SELECT ", expression, " AS result FROM bench");
  };
  std::vector<Contest> contests = {{pair.ours, query(pair.ours), query(pair.duck)}};
  if (form == Form::kAggregate) {
    const auto grouped = [](const char* expression) {
      return absl::StrCat("SELECT k, ", expression, " AS result FROM bench GROUP BY k");
    };
    contests.push_back({absl::StrCat(pair.ours, " BY k"), grouped(pair.ours), grouped(pair.duck)});
  }
  return contests;
}

class Report {
 public:
  void Add(const Contest& contest, const absl::StatusOr<Result>& result) {
    if (!result.ok()) {
      std::printf("  %-58s not measured: %s\n", contest.name.c_str(),
                  std::string(result.status().message().substr(0, 160)).c_str());
      return;
    }
    ++measured_;
    const bool slow = result->ratio() > kReach && result->ours > kReach * kNoiseNs;
    slow_ += slow ? 1 : 0;
    std::printf("  %-58s %9.1f %9.1f  %6.2f%s\n", contest.name.c_str(), result->ours, result->duck,
                result->ratio(), slow ? "  SLOW" : "");
    std::fflush(stdout);
  }

  void Finish(const std::set<std::string>& named) const {
    std::printf("%d measured, %d of them more than %.0f times as long as DuckDB's\n", measured_,
                slow_, kReach);
    std::set<std::string> without;
    for (const sql::FunctionEntry& entry : sql::AllFunctions()) {
      if (!entry.hidden && !named.contains(std::string(entry.name))) {
        without.insert(std::string(entry.name));
      }
    }
    std::printf("functions that DuckDB has nothing near to: %s\n",
                absl::StrJoin(without, ", ").c_str());
  }

 private:
  int measured_ = 0;
  int slow_ = 0;
};

absl::Status RunFamilies(const std::string& filter) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Bench> bench, Bench::Make());
  Report report;
  std::set<std::string> named;
  for (const Family& family : bench::FunctionFamilies()) {
    std::printf("%-60s %9s %9s  %6s\n", absl::StrCat(family.name, " (ns a row)").c_str(), "ours",
                "DuckDB", "ratio");
    for (const Pair& pair : family.pairs) {
      const std::vector<std::string> words = Words(pair.ours);
      named.insert(words.begin(), words.end());
      if (!absl::StrContains(family.name, filter) && !absl::StrContains(pair.ours, filter)) {
        continue;
      }
      for (const Contest& contest : ContestsOf(pair, family.form)) {
        report.Add(contest, Compare(*bench, contest.ours, contest.duck, FloorQuery(pair)));
      }
    }
  }
  report.Finish(named);
  return absl::OkStatus();
}

}  // namespace
}  // namespace pallas::engine

int main(int argc, char** argv) {
  const absl::Status status = pallas::engine::RunFamilies(argc > 1 ? argv[1] : "");
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
