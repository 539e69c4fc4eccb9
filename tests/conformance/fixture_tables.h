#ifndef PALLAS_TESTS_CONFORMANCE_FIXTURE_TABLES_H_
#define PALLAS_TESTS_CONFORMANCE_FIXTURE_TABLES_H_

#include <memory>
#include <string>

#include "absl/status/status.h"

#include "federation/source.h"
#include "query/statement_runner.h"
#include "sql/session.h"

namespace pallas::conformance {

// Where the cases' tables come from.
struct FixtureFolders {
  std::string tpch_tiny;  // Parquet, a folder per table, at scale 0.01 (tools/make_fixtures)
  std::string tpch_sf1;   // the same at scale 1; may be missing
  std::string text;       // the corpus' *.psv files; may be missing
};

// Makes the tables that the corpus' README describes:
//   tpch.tiny          a federated catalog in memory
//   memory.hive_sample the same; without `text`, only its TPC-H tables and the empty one
//   awsdatacatalog.sf1 Parquet files of the lake, if they are there
// Reads them through `services`, whose metastore gets helping tables in the database tpch_files.
absl::Status MakeFixtureTables(const FixtureFolders& folders, const query::Services& services,
                               federation::SourceRegistry& sources);

// What unqualified names of a case with `fixture` resolve against.
sql::Session SessionFor(const std::string& fixture, const std::string& time_zone);

}  // namespace pallas::conformance

#endif  // PALLAS_TESTS_CONFORMANCE_FIXTURE_TABLES_H_
