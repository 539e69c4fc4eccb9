// pallas-conformance [--release N] [--json OUT] [--failures] [--must-pass FILE] [--all-must-pass]
//                    [--write-passed FILE] DIR...
// pallas-conformance --ask
//
// Runs every case of the *.jsonl files in the folders through the statement runner and prints, per
// category and in total, how they went. Fails if any case has other rows than expected and no
// error, or if a case of --must-pass (or any, with --all-must-pass) does not pass. With --ask it
// answers the cases of stdin, a line of JSON each, by lines of JSON on stdout.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include <CLI/CLI.hpp>

#include "base/status_macros.h"
#include "catalog/metastore.h"
#include "catalog/table_resolver.h"
#include "engine/duckdb/duckdb_engine.h"
#include "federation/reader_pool.h"
#include "federation/source.h"
#include "query/statement_runner.h"
#include "sql/parser/parser.h"
#include "storage/locations.h"
#include "tests/conformance/answer.h"
#include "tests/conformance/case.h"
#include "tests/conformance/fixture_tables.h"
#include "tests/conformance/report.h"

namespace pallas::conformance {
namespace {

constexpr int kReaders = 8;
// A case that runs longer fails, so that one query without an end does not stop the others.
constexpr absl::Duration kCaseTime = absl::Seconds(60);

struct Options {
  std::vector<std::string> directories;
  bool ask = false;
  std::string json;
  bool failures = false;
  std::string must_pass;
  bool all_must_pass = false;
  std::string write_passed;
  // The release of Trino whose answers are expected where they differ, and whose rules are set.
  int release = 476;
};

// The fixtures lie beside the build folder of this program.
std::string FixturesFolder() {
  if (const char* const set = std::getenv("PALLAS_FIXTURES")) {
    return set;
  }
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path().parent_path() / "fixtures").string();
}

std::string TextFolder(const std::vector<std::string>& directories) {
  for (const std::string& directory : directories) {
    if (std::filesystem::is_directory(directory + "/fixtures")) {
      return directory + "/fixtures";
    }
  }
  const char* const corpus = std::getenv("PALLAS_CORPUS");
  return absl::StrCat(corpus != nullptr ? corpus : "../shared/conformance", "/sql/fixtures");
}

// Everything a statement needs, made for this run.
struct World {
  std::unique_ptr<storage::Locations> locations;
  std::unique_ptr<catalog::Metastore> metastore;
  federation::SourceRegistry sources;
  std::unique_ptr<federation::ReaderPool> readers;
  std::unique_ptr<catalog::TableResolver> resolver;
  std::unique_ptr<engine::QueryEngine> engine;

  query::Services services() { return {*metastore, *resolver, *locations, *engine}; }
};

absl::Status MakeWorld(const Options& options, World& world) {
  const std::string fixtures = FixturesFolder();
  const FixtureFolders folders{absl::StrCat(fixtures, "/tpch/sf0.01/parquet"),
                               absl::StrCat(fixtures, "/tpch/sf1/parquet"),
                               TextFolder(options.directories)};
  ASSIGN_OR_RETURN(world.locations, storage::Locations::Make({"", {fixtures}}));
  ASSIGN_OR_RETURN(world.metastore, catalog::Metastore::Open(":memory:"));
  world.readers = std::make_unique<federation::ReaderPool>(kReaders);
  world.resolver = catalog::MakeTableResolver(*world.metastore, world.sources, *world.locations);
  ASSIGN_OR_RETURN(world.engine, engine::MakeDuckDbEngine({}, *world.locations, *world.readers));
  return MakeFixtureTables(folders, world.services(), world.sources);
}

Verdict JudgeStatement(const Case& test, Answer* answer) {
  const absl::StatusOr<sql::ast::StatementPtr> statement = sql::Parse(test.sql);
  if (!statement.ok()) {
    *answer = ErrorAnswer(statement.status());
    return Verdict::kFailed;
  }
  const std::string kind = sql::KindOf(**statement);
  answer->rows.push_back({kind});
  return kind == test.expect.statement ? Verdict::kSame : Verdict::kWrong;
}

// The settings that follow a release of Trino (docs/sql.md).
void FollowRelease(int release, sql::DialectOptions* dialect) {
  constexpr int kRevisedDecimals = 481;
  constexpr int kRevisedChar = 482;
  dialect->level = release;
  if (release >= kRevisedDecimals) {
    dialect->decimal_arithmetic = sql::DialectOptions::DecimalArithmetic::kTrino481;
  }
  if (release >= kRevisedChar) {
    dialect->char_coercion = sql::DialectOptions::CharCoercion::kTrino482;
  }
}

Answer Run(const Case& test, int release, World& world) {
  query::StatementRunner runner(world.services());
  sql::Session session = SessionFor(test.fixture, test.time_zone);
  FollowRelease(release, &session.dialect);
  sdk::RequestContext context;
  context.deadline = absl::Now() + kCaseTime;
  absl::StatusOr<query::StatementResult> result = runner.Run(test.sql, session, context);
  return result.ok() ? ReadAnswer(*result->rows) : ErrorAnswer(result.status());
}

absl::StatusOr<std::set<std::string>> ReadIds(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    return absl::NotFoundError(absl::StrCat("cannot read ", path));
  }
  std::set<std::string> ids;
  for (std::string id; std::getline(file, id);) {
    ids.insert(id);
  }
  return ids;
}

// Prints the cases of the list that did not pass; their number.
absl::StatusOr<int> CheckMustPass(const std::string& path, const Report& report) {
  ASSIGN_OR_RETURN(std::set<std::string> missing, ReadIds(path));
  for (const std::string& id : report.Passed()) {
    missing.erase(id);
  }
  for (const std::string& id : missing) {
    std::printf("passed before, not now: %s\n", id.c_str());
  }
  return static_cast<int>(missing.size());
}

absl::StatusOr<int> RunAll(const Options& options) {
  World world;
  RETURN_IF_ERROR(MakeWorld(options, world));
  Report report;
  for (const std::string& directory : options.directories) {
    ASSIGN_OR_RETURN(const std::vector<Case> cases,
                     LoadCases(directory, std::to_string(options.release)));
    for (const Case& test : cases) {
      Answer answer;
      if (test.expect.kind == Expectation::Kind::kStatement) {
        const Verdict verdict = JudgeStatement(test, &answer);
        report.Add(test, answer, verdict);
      } else {
        answer = Run(test, options.release, world);
        report.Add(test, answer, Judge(test.expect, answer));
      }
    }
  }
  if (options.failures) {
    std::fputs(report.Failures().c_str(), stdout);
  }
  std::fputs(report.Table().c_str(), stdout);
  if (!options.json.empty()) {
    RETURN_IF_ERROR(report.WriteJson(options.json));
  }
  if (!options.write_passed.empty()) {
    std::ofstream file(options.write_passed);
    for (const std::string& id : report.Passed()) {
      file << id << '\n';
    }
  }
  int bad = report.wrong();
  if (bad > 0) {
    std::printf("\nwrong rows without an error:\n%s", report.WrongCases().c_str());
  }
  if (!options.must_pass.empty()) {
    ASSIGN_OR_RETURN(const int missing, CheckMustPass(options.must_pass, report));
    bad += missing;
  }
  if (options.all_must_pass) {
    const size_t failed = report.size() - report.Passed().size();
    if (failed > 0) {
      std::printf("\n%zu cases did not pass:\n%s", failed, report.Failures().c_str());
    }
    bad += static_cast<int>(failed);
  }
  return bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

absl::StatusOr<int> AnswerLines(const Options& options, std::istream& in, std::ostream& out) {
  World world;
  RETURN_IF_ERROR(MakeWorld(options, world));
  for (std::string line; std::getline(in, line);) {
    ASSIGN_OR_RETURN(const Case test, ParseCase(line, std::to_string(options.release)));
    out << Dump(ToJson(Run(test, options.release, world))) << std::endl;
  }
  return EXIT_SUCCESS;
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Runs the SQL conformance cases", "pallas-conformance");
  CLI::App* const what = app.add_option_group("what to run")->require_option(1);
  what->add_option("directories", options.directories, "Folders with *.jsonl files");
  what->add_flag("--ask", options.ask, "Answer the cases on stdin");
  app.add_option("--release", options.release, "Release of Trino to follow");
  app.add_option("--json", options.json, "File for all answers");
  app.add_flag("--failures", options.failures, "Print every case that did not pass");
  app.add_option("--must-pass", options.must_pass, "File with ids of cases that have to pass");
  app.add_flag("--all-must-pass", options.all_must_pass, "Fail if any case does not pass");
  app.add_option("--write-passed", options.write_passed, "File for the ids that passed");
  CLI11_PARSE(app, argc, argv);
  const absl::StatusOr<int> exit_code =
      options.ask ? AnswerLines(options, std::cin, std::cout) : RunAll(options);
  if (!exit_code.ok()) {
    std::fprintf(stderr, "pallas-conformance: %s\n",
                 std::string(exit_code.status().message()).c_str());
    return EXIT_FAILURE;
  }
  return *exit_code;
}

}  // namespace
}  // namespace pallas::conformance

int main(int argc, char** argv) { return pallas::conformance::Main(argc, argv); }
