// Text files of the lake through the engine, beside DuckDB's own readers of CSV and JSON over the
// same files with the same types. Every cell is decoded; both use two threads. The files are
// lineitem of TPC-H (build/fixtures), written by DuckDB.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli/application.h"
#include "cli/config.h"

#include "base/status_macros.h"
#include "bench/cost.h"
#include "engine/duckdb/duckdb_pch.h"

namespace pallas {
namespace {

using bench::Cost;
using bench::Measure;
using bench::Median;

namespace fs = std::filesystem;

constexpr int kRuns = 9;
constexpr int kThreads = 2;
constexpr int kCopies = 3;  // of the fixture, so that a run takes long enough
constexpr char kFixture[] = "build/fixtures/tpch/sf0.1/parquet/lineitem/lineitem.parquet";

struct Column {
  const char* name;
  const char* hive_type;
  const char* duckdb_type;
};

constexpr Column kColumns[] = {
    {"l_orderkey", "bigint", "BIGINT"},    {"l_partkey", "bigint", "BIGINT"},
    {"l_suppkey", "bigint", "BIGINT"},     {"l_linenumber", "int", "INTEGER"},
    {"l_quantity", "double", "DOUBLE"},    {"l_extendedprice", "double", "DOUBLE"},
    {"l_discount", "double", "DOUBLE"},    {"l_tax", "double", "DOUBLE"},
    {"l_returnflag", "string", "VARCHAR"}, {"l_linestatus", "string", "VARCHAR"},
    {"l_shipdate", "date", "DATE"},        {"l_commitdate", "date", "DATE"},
    {"l_receiptdate", "date", "DATE"},     {"l_shipinstruct", "string", "VARCHAR"},
    {"l_shipmode", "string", "VARCHAR"},   {"l_comment", "string", "VARCHAR"}};

std::string Aggregates() {
  std::vector<std::string> calls;
  for (const Column& column : kColumns) {
    calls.push_back(absl::StrCat("count(", column.name, ")"));
  }
  return absl::StrJoin(calls, ", ");
}

absl::Status Execute(duckdb::Connection& connection, const std::string& sql) {
  const auto result = connection.Query(sql);
  return result->HasError() ? absl::InternalError(result->GetError()) : absl::OkStatus();
}

absl::Status Execute(cli::Application& application, const std::string& sql) {
  sql::Session session = application.default_session();
  session.start_time = absl::Now();
  ASSIGN_OR_RETURN(const query::StatementResult result, application.runner().Run(sql, session, {}));
  while (true) {
    ASSIGN_OR_RETURN(const auto batch, result.rows->Next());
    if (batch == nullptr) {
      return absl::OkStatus();
    }
  }
}

struct Contest {
  const char* name;
  const char* table;
  std::string yardstick;  // DuckDB's table function
  double goal;
};

absl::Status Compare(const Contest& contest, double megabytes, cli::Application& ours,
                     duckdb::Connection& theirs) {
  const std::string own_sql = absl::StrCat("SELECT ", Aggregates(), " FROM ", contest.table);
  const std::string duck_sql = absl::StrCat("SELECT ", Aggregates(), " FROM ", contest.yardstick);
  RETURN_IF_ERROR(Execute(ours, own_sql));
  RETURN_IF_ERROR(Execute(theirs, duck_sql));
  std::vector<double> walls[2];  // milliseconds
  std::vector<double> cpus[2];
  for (int run = 0; run < kRuns; ++run) {
    ASSIGN_OR_RETURN(const Cost own, Measure([&] { return Execute(ours, own_sql); }));
    ASSIGN_OR_RETURN(const Cost duck, Measure([&] { return Execute(theirs, duck_sql); }));
    walls[0].push_back(own.wall * 1e3);
    walls[1].push_back(duck.wall * 1e3);
    cpus[0].push_back(own.cpu * 1e3);
    cpus[1].push_back(duck.cpu * 1e3);
  }
  const double own = Median(walls[0]);
  const double duck = Median(walls[1]);
  std::printf(
      "%-10s %7.1f MB  ours %7.1f ms (cpu %7.1f)  DuckDB %7.1f ms (cpu %7.1f)  %6.1f MB/s  "
      "ratio %.2f wall, %.2f cpu%s\n",
      contest.name, megabytes, own, Median(cpus[0]), duck, Median(cpus[1]), megabytes / own * 1e3,
      duck / own, Median(cpus[1]) / Median(cpus[0]),
      contest.goal > 0 ? absl::StrCat(" (goal ", contest.goal, ")").c_str() : "");
  return absl::OkStatus();
}

absl::Status Run(const std::string& folder) {
  duckdb::DuckDB database(nullptr);
  duckdb::Connection duck(database);
  RETURN_IF_ERROR(Execute(duck, absl::StrCat("SET threads = ", kThreads)));
  std::vector<std::string> names;
  std::vector<std::string> hive;
  std::vector<std::string> types;
  for (const Column& column : kColumns) {
    names.push_back(column.name);
    hive.push_back(absl::StrCat(column.name, " ", column.hive_type));
    types.push_back(absl::StrCat("'", column.name, "': '", column.duckdb_type, "'"));
  }
  RETURN_IF_ERROR(
      Execute(duck, absl::StrCat("CREATE VIEW lineitem AS SELECT ", absl::StrJoin(names, ", "),
                                 " FROM '", kFixture, "', range(", kCopies, ")")));
  const auto write = [&](const std::string& name, const std::string& file,
                         const std::string& options) {
    fs::create_directories(absl::StrCat(folder, "/", name));
    return Execute(duck, absl::StrCat("COPY lineitem TO '", folder, "/", name, "/", file, "' (",
                                      options, ")"));
  };
  RETURN_IF_ERROR(
      write("csv", "f.csv", "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '|'"));
  RETURN_IF_ERROR(write("quoted", "f.csv", "FORMAT csv, HEADER false, FORCE_QUOTE *"));
  RETURN_IF_ERROR(
      write("gzip", "f.csv.gz",
            "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '|', COMPRESSION gzip"));
  RETURN_IF_ERROR(write("json", "f.json", "FORMAT json"));

  cli::Config config;
  config.data_dir = folder + "/data";
  config.lake_roots = {folder};
  config.threads = kThreads;
  ASSIGN_OR_RETURN(const std::unique_ptr<cli::Application> ours, cli::Application::Open(config));
  const auto create = [&](const std::string& name, const std::string& format) {
    return Execute(
        *ours, absl::StrCat("CREATE EXTERNAL TABLE ", name, " (", absl::StrJoin(hive, ", "), ") ",
                            format, " LOCATION 'file://", folder, "/", name, "/'"));
  };
  const std::string delimited = "ROW FORMAT DELIMITED FIELDS TERMINATED BY '|'";
  RETURN_IF_ERROR(create("csv", delimited));
  RETURN_IF_ERROR(create("gzip", delimited));
  RETURN_IF_ERROR(create("json", "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'"));
  // Everything is text in OpenCSV; so it is for the yardstick.
  for (std::string& column : hive) {
    column = column.substr(0, column.find(' ')) + " string";
  }
  RETURN_IF_ERROR(
      create("quoted", "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"));

  const std::string columns = absl::StrCat("columns = {", absl::StrJoin(types, ", "), "}");
  for (std::string& type : types) {
    type = type.substr(0, type.find(':')) + ": 'VARCHAR'";
  }
  const std::string texts = absl::StrCat("columns = {", absl::StrJoin(types, ", "), "}");
  const std::string plain = ", header = false, quote = '', escape = '', delim = '|', ";
  const auto megabytes = [&](const std::string& path) {
    return static_cast<double>(fs::file_size(folder + path)) / 1e6;
  };
  RETURN_IF_ERROR(Compare(
      {"CSV", "csv", absl::StrCat("read_csv('", folder, "/csv/f.csv'", plain, columns, ")"), 1.0},
      megabytes("/csv/f.csv"), *ours, duck));
  RETURN_IF_ERROR(Compare({"OpenCSV", "quoted",
                           absl::StrCat("read_csv('", folder,
                                        "/quoted/f.csv', header = false, quote = '\"', escape = "
                                        "'\"', delim = ',', ",
                                        texts, ")"),
                           1.0},
                          megabytes("/quoted/f.csv"), *ours, duck));
  RETURN_IF_ERROR(
      Compare({"CSV gzip", "gzip",
               absl::StrCat("read_csv('", folder, "/gzip/f.csv.gz'", plain, columns, ")"), 0},
              megabytes("/gzip/f.csv.gz"), *ours, duck));
  return Compare({"JSON", "json",
                  absl::StrCat("read_json('", folder,
                               "/json/f.json', format = 'newline_delimited', ", columns, ")"),
                  0.8},
                 megabytes("/json/f.json"), *ours, duck);
}

int Main() {
  std::string folder = (fs::temp_directory_path() / "pallas-text-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror("mkdtemp");
    return 1;
  }
  const absl::Status status = Run(folder);
  fs::remove_all(folder);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace pallas

int main() { return pallas::Main(); }
