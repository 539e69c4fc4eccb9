// A full scan of a MySQL table through the connector beside the raw C client that touches every
// cell (decision D32), and four splits beside one. Starts a server of its own.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "bench/cost.h"
#include "connectors/mysql/testing/mariadb_server.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::mysql {
namespace {

using bench::Cost;
using bench::Measure;
using bench::Median;

constexpr int kPairs = 9;
constexpr int kRows = 1'000'000;
constexpr char kSplits[] = "4";

// The table orders of TPC-H in types and widths, from a fixed rule.
std::string TableSql() {
  return absl::StrCat(R"(
SET SESSION sql_mode = '';
CREATE DATABASE bench; USE bench;
CREATE TABLE orders (
  o_orderkey INT PRIMARY KEY, o_custkey INT NOT NULL, o_orderstatus CHAR(1) NOT NULL,
  o_totalprice DECIMAL(15,2) NOT NULL, o_orderdate DATE NOT NULL, o_orderpriority CHAR(15) NOT NULL,
  o_clerk CHAR(15) NOT NULL, o_shippriority INT NOT NULL, o_comment VARCHAR(79) NOT NULL);
INSERT INTO orders
SELECT seq * 4, 1 + seq * 7919 % 150000, SUBSTR('FOP', 1 + seq % 3, 1), seq * 7907 % 50000000 / 100,
  '1992-01-01' + INTERVAL seq * 31 % 2400 DAY,
  ELT(1 + seq % 5, '1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'),
  CONCAT('Clerk#', LPAD(seq * 13 % 1000, 9, '0')), 0,
  SUBSTR('carefully final deposits detect slyly agai. quickly regular requests nag furiously', 1 + seq % 7, 19 + seq * 11 % 55)
FROM seq_1_to_)",
                      kRows, "; ANALYZE TABLE orders;");
}

// The yardstick: mysql_use_result, every byte of every cell added up.
absl::Status ReadRaw(int port) {
  std::unique_ptr<MYSQL, void (*)(MYSQL*)> mysql(mysql_init(nullptr), mysql_close);
  mysql_options(mysql.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (mysql_real_connect(mysql.get(), "127.0.0.1", MariaDbServer::kUser, MariaDbServer::kPassword,
                         "bench", static_cast<unsigned>(port), nullptr, 0) == nullptr ||
      mysql_query(mysql.get(), "SELECT * FROM orders") != 0) {
    return absl::UnavailableError(mysql_error(mysql.get()));
  }
  MYSQL_RES* const result = mysql_use_result(mysql.get());
  const unsigned num_columns = mysql_num_fields(result);
  uint64_t sum = 0;
  int64_t num_rows = 0;
  while (char** const cells = mysql_fetch_row(result)) {
    const unsigned long* const lengths = mysql_fetch_lengths(result);
    for (unsigned column = 0; column < num_columns; ++column) {
      for (unsigned long i = 0; i < lengths[column]; ++i) {
        sum += static_cast<unsigned char>(cells[column][i]);
      }
    }
    ++num_rows;
  }
  mysql_free_result(result);
  return sum != 0 && num_rows == kRows ? absl::OkStatus()
                                       : absl::InternalError("the yardstick lost rows");
}

// All splits of the table, each on a thread of its own.
absl::Status ReadThroughConnector(sdk::Connector& connector) {
  const sdk::RequestContext context;
  ASSIGN_OR_RETURN(const sdk::Table table, connector.GetTable(context, {"bench", "orders"}));
  sdk::Scan scan;
  for (const auto& field : table.schema->fields()) {
    if (field->name() != "partition_name") {
      scan.columns.push_back(field->name());
    }
  }
  ASSIGN_OR_RETURN(const std::vector<sdk::Split> splits,
                   sdk::PlanAll(connector, context, table, scan));
  std::vector<absl::StatusOr<int64_t>> counts(splits.size(), 0);
  const auto read = [&](size_t i) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(const auto stream, connector.Read(context, table, scan, splits[i]));
    int64_t num_rows = 0;
    while (true) {
      ASSIGN_OR_RETURN(const auto batch, stream->Next());
      if (batch == nullptr) {
        return num_rows;
      }
      num_rows += batch->num_rows();
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(splits.size());
  for (size_t i = 0; i < splits.size(); ++i) {
    threads.emplace_back([&, i] { counts[i] = read(i); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  int64_t num_rows = 0;
  for (const auto& count : counts) {
    RETURN_IF_ERROR(count.status());
    num_rows += *count;
  }
  return num_rows == kRows ? absl::OkStatus() : absl::InternalError("the connector lost rows");
}

// Prints how `work` compares with `yardstick`: the median of alternating pairs.
template <typename Yardstick, typename Work>
absl::Status Compare(const char* name, double goal, Yardstick yardstick, Work work) {
  RETURN_IF_ERROR(yardstick());
  RETURN_IF_ERROR(work());
  std::vector<double> speed;
  std::vector<double> cpu;
  std::vector<double> walls;
  for (int pair = 0; pair < kPairs; ++pair) {
    ASSIGN_OR_RETURN(const Cost reference, Measure(yardstick));
    ASSIGN_OR_RETURN(const Cost cost, Measure(work));
    speed.push_back(reference.wall / cost.wall);
    cpu.push_back(cost.cpu / reference.cpu);
    walls.push_back(cost.wall);
  }
  std::printf("%-48s %.2f (at least %.2f), client CPU %.2f times, %.2f M rows/s\n", name,
              Median(speed), goal, Median(cpu), kRows / Median(walls) / 1e6);
  return absl::OkStatus();
}

absl::Status Run() {
  constexpr double kScanGoal = 0.85;
  constexpr double kSplitGoal = 1.3;
  ASSIGN_OR_RETURN(const auto server, MariaDbServer::Start({"--innodb-buffer-pool-size=512M"}));
  RETURN_IF_ERROR(server->Execute(TableSql()));
  ASSIGN_OR_RETURN(const auto connector, server->MakeConnector({{"ssl_mode", "DISABLED"}}));
  ASSIGN_OR_RETURN(const auto split,
                   server->MakeConnector({{"ssl_mode", "DISABLED"}, {"splits", kSplits}}));
  const auto one = [&] { return ReadThroughConnector(*connector); };
  RETURN_IF_ERROR(Compare(
      "scan, one connection, to the raw C client", kScanGoal,
      [&] { return ReadRaw(server->port()); }, one));
  return Compare("scan, four splits, to one", kSplitGoal, one,
                 [&] { return ReadThroughConnector(*split); });
}

}  // namespace
}  // namespace pallas::mysql

int main() {
  const absl::Status status = pallas::mysql::Run();
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
