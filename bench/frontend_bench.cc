// What stands between the text of a statement and the engine: parsing, analysis, emission of the
// engine's tree. Beside it, in the same run, what DuckDB takes for the same text and the same
// tables: its parser, and its parser and binder together.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "base/status_macros.h"
#include "bench/cost.h"
#include "bench/source_tables.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/emitter.h"
#include "sql/analyzer/analyzer.h"
#include "sql/ast/statement.h"
#include "sql/parser/parser.h"

namespace pallas::engine {
namespace {

using bench::Median;
using bench::SourceTables;

constexpr int kRuns = 101;
constexpr int kMinRuns = 5;
constexpr absl::Duration kMaxTime = absl::Seconds(5);  // then no further run
constexpr int kTerms = 10'000;
constexpr int kColumns = 1'000;
constexpr int kDepth = 400;
// For the three steps.
constexpr double kQuery8Ms = 1;
constexpr double kInListMs = 50;
constexpr char kQuery8[] = "tests/tpch/queries/q08.sql";

// Milliseconds of one run of each step.
struct Steps {
  std::vector<double> parse;
  std::vector<double> analyze;
  std::vector<double> emit;
  std::vector<double> all;
};

double MillisecondsSince(absl::Time start) {
  return absl::ToDoubleMilliseconds(absl::Now() - start);
}

absl::Status RunOurs(const std::string& text, catalog::TableResolver& tables, Steps* steps) {
  const sql::Session session{.user = "", .start_time = absl::Now(), .dialect = {}};
  const sdk::RequestContext context;
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(const sql::ast::StatementPtr statement, sql::Parse(text));
  const absl::Time parsed = absl::Now();
  const auto& query = std::get<sql::ast::QueryStatement>(statement->node);
  ASSIGN_OR_RETURN(const sql::AnalyzedQuery analyzed,
                   sql::AnalyzeQuery(*query.query, text, session, context, tables));
  const absl::Time typed = absl::Now();
  QueryScans scans({});
  ASSIGN_OR_RETURN(const SelectStatementPtr emitted, EmitQuery(analyzed, session, scans));
  steps->emit.push_back(MillisecondsSince(typed));
  steps->all.push_back(MillisecondsSince(start));
  steps->parse.push_back(absl::ToDoubleMilliseconds(parsed - start));
  steps->analyze.push_back(absl::ToDoubleMilliseconds(typed - parsed));
  return absl::OkStatus();
}

// The yardstick. ExtractPlan() without the optimizer parses and binds.
absl::Status RunDuckDb(const std::string& text, duckdb::Connection& connection, Steps* steps) {
  return CallDuckDb([&] {
    absl::Time start = absl::Now();
    connection.ExtractStatements(text);
    steps->parse.push_back(MillisecondsSince(start));
    start = absl::Now();
    connection.ExtractPlan(text);
    steps->all.push_back(MillisecondsSince(start));
  });
}

absl::Status MakeTables(const SourceTables& tables, duckdb::Connection& connection) {
  for (const auto& [name, table] : tables.tables()) {
    std::string columns;
    for (const catalog::ResolvedColumn& column : table->columns) {
      absl::StrAppend(&columns, columns.empty() ? "" : ", ", column.name, " ",
                      column.type.ToString());
    }
    const auto result = connection.Query(absl::StrCat("CREATE TABLE ", name, " (", columns, ")"));
    if (result->HasError()) {
      return FromDuckDbError(result->GetErrorObject());
    }
  }
  return absl::OkStatus();
}

absl::Status Compare(const std::string& name, const std::string& text,
                     catalog::TableResolver& tables, duckdb::Connection& connection) {
  Steps ours;
  Steps theirs;
  absl::Status refused;  // by DuckDB, which has limits of its own
  const absl::Time start = absl::Now();
  for (int run = 0; run < kRuns && (run < kMinRuns || absl::Now() - start < kMaxTime); ++run) {
    RETURN_IF_ERROR(RunOurs(text, tables, &ours));
    if (refused.ok()) {
      refused = RunDuckDb(text, connection, &theirs);
    }
  }
  const double all = Median(ours.all);
  std::printf("%-24s parse %.3f ms, analyse %.3f ms, emit %.3f ms; together %.3f ms\n",
              name.c_str(), Median(ours.parse), Median(ours.analyze), Median(ours.emit), all);
  if (!refused.ok()) {
    std::printf("%-24s refused: %s\n", "  DuckDB, same text",
                std::string(refused.message().substr(0, 100)).c_str());
    return absl::OkStatus();
  }
  std::printf("%-24s parse %.3f ms; parse and bind %.3f ms: ours %.2f and %.2f times as long\n",
              "  DuckDB, same text", Median(theirs.parse), Median(theirs.all),
              Median(ours.parse) / Median(theirs.parse), all / Median(theirs.all));
  return absl::OkStatus();
}

std::string InList() {
  std::string text = "SELECT count(*) FROM orders WHERE o_orderkey IN (0";
  for (int term = 1; term < kTerms; ++term) {
    absl::StrAppend(&text, ", ", term * 7);
  }
  return text + ")";
}

std::string OrChain() {
  std::string text = "SELECT count(*) FROM orders WHERE o_orderkey = 0";
  for (int term = 1; term < kTerms; ++term) {
    absl::StrAppend(&text, " OR o_orderkey = ", term * 7);
  }
  return text;
}

std::string ManyRows() {
  std::string text = "SELECT count(*) FROM (VALUES (0, 'a')";
  for (int row = 1; row < kTerms; ++row) {
    absl::StrAppend(&text, ", (", row, ", 'text')");
  }
  return text + ") AS t(i, s)";
}

std::string ManyColumns() {
  std::string text = "SELECT o_orderkey";
  for (int column = 1; column < kColumns; ++column) {
    absl::StrAppend(&text, ", o_custkey * ", column, " + length(o_comment)");
  }
  return text + " FROM orders";
}

std::string DeepExpression() {
  std::string text = "o_custkey";
  for (int depth = 0; depth < kDepth; ++depth) {
    text = absl::StrCat("abs(", text, ")");
  }
  return absl::StrCat("SELECT ", text, " FROM orders");
}

absl::StatusOr<std::string> ReadQuery8() {
  std::ifstream file(kQuery8);
  std::stringstream text;
  text << file.rdbuf();
  std::string query = text.str();
  const size_t end = query.find(';');
  if (end == std::string::npos) {
    return absl::NotFoundError(
        absl::StrCat("cannot read ", kQuery8, "; run in the top folder of the repository"));
  }
  return query.substr(0, end);
}

absl::Status Run() {
  SourceTables tables;
  RETURN_IF_ERROR(tables.AddTpch());
  duckdb::DuckDB database(nullptr);
  duckdb::Connection connection(database);
  RETURN_IF_ERROR(MakeTables(tables, connection));
  const auto result = connection.Query("PRAGMA disable_optimizer");
  if (result->HasError()) {
    return FromDuckDbError(result->GetErrorObject());
  }
  ASSIGN_OR_RETURN(const std::string query8, ReadQuery8());
  std::printf("median of %d runs; TPC-H Q8 should take at most %.0f ms, the IN list %.0f ms\n",
              kRuns, kQuery8Ms, kInListMs);
  RETURN_IF_ERROR(Compare("TPC-H Q8", query8, tables, connection));
  for (const auto& [name, text] : std::initializer_list<std::pair<std::string, std::string>>{
           {absl::StrCat("IN list of ", kTerms), InList()},
           {absl::StrCat("OR of ", kTerms), OrChain()},
           {absl::StrCat("VALUES of ", kTerms), ManyRows()},
           {absl::StrCat(kColumns, " columns"), ManyColumns()},
           {absl::StrCat(kDepth, " calls inside"), DeepExpression()}}) {
    RETURN_IF_ERROR(Compare(name, text, tables, connection));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace pallas::engine

int main() {
  const absl::Status status = pallas::engine::Run();
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
