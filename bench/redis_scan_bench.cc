// A scan of hashes through the connector beside a raw client that does SCAN and pipelined HMGET by
// hiredis and touches every cell (decision D32). Starts a server of its own.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include <hiredis/hiredis.h>

#include "base/status_macros.h"
#include "bench/cost.h"
#include "connectors/redis/testing/redis_server.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::redis {
namespace {

using bench::Cost;
using bench::Measure;
using bench::Median;

constexpr int kPairs = 9;
constexpr int kRows = 300'000;
constexpr int kPipeline = 1000;
constexpr char kFields[] = "k c s p d pr cl cm";

using Context = std::unique_ptr<redisContext, void (*)(redisContext*)>;
using OwnedReply = std::unique_ptr<redisReply, void (*)(void*)>;

absl::StatusOr<Context> Connect(int port) {
  Context context(redisConnect("127.0.0.1", port), redisFree);
  if (context == nullptr || context->err != 0) {
    return absl::UnavailableError("cannot connect");
  }
  return context;
}

absl::StatusOr<OwnedReply> Next(redisContext& context) {
  void* reply = nullptr;
  if (redisGetReply(&context, &reply) != REDIS_OK) {
    return absl::UnavailableError(context.errstr);
  }
  return OwnedReply(static_cast<redisReply*>(reply), freeReplyObject);
}

// The table orders of TPC-H in types and widths, a hash for each row.
absl::Status Fill(redisContext& context) {
  for (int i = 0; i < kRows; ++i) {
    redisAppendCommand(&context,
                       "HSET o:%d k %d c %d s O p %d.25 d 1994-03-02 pr 1-URGENT cl Clerk#%09d cm "
                       "carefully-final-deposits-sleep-furiously-%d",
                       i, i, i * 3, i, i % 1000, i);
    if ((i + 1) % kPipeline == 0) {
      for (int reply = 0; reply < kPipeline; ++reply) {
        RETURN_IF_ERROR(Next(context).status());
      }
    }
  }
  return absl::OkStatus();
}

// The yardstick: page by page of SCAN, the HMGETs of a page in one pipeline, every byte added up.
absl::Status ReadRaw(redisContext& context, const char* fields) {
  std::string cursor = "0";
  uint64_t sum = 0;
  int64_t num_rows = 0;
  do {
    redisAppendCommand(&context, "SCAN %s MATCH o:* COUNT %d", cursor.c_str(), kPipeline);
    ASSIGN_OR_RETURN(const OwnedReply page, Next(context));
    cursor.assign(page->element[0]->str, page->element[0]->len);
    const redisReply& keys = *page->element[1];
    for (size_t i = 0; i < keys.elements; ++i) {
      redisAppendCommand(&context, absl::StrCat("HMGET %b ", fields).c_str(), keys.element[i]->str,
                         keys.element[i]->len);
    }
    for (size_t i = 0; i < keys.elements; ++i) {
      ASSIGN_OR_RETURN(const OwnedReply row, Next(context));
      for (size_t cell = 0; cell < row->elements; ++cell) {
        for (size_t byte = 0; byte < row->element[cell]->len; ++byte) {
          sum += static_cast<unsigned char>(row->element[cell]->str[byte]);
        }
      }
      ++num_rows;
    }
  } while (cursor != "0");
  return sum != 0 && num_rows == kRows ? absl::OkStatus()
                                       : absl::InternalError("the yardstick lost rows");
}

absl::Status ReadThroughConnector(sdk::Connector& connector,
                                  const std::vector<std::string>& columns) {
  const sdk::RequestContext context;
  ASSIGN_OR_RETURN(const sdk::Table table, connector.GetTable(context, {"bench", "orders"}));
  sdk::Scan scan;
  scan.columns = columns;
  ASSIGN_OR_RETURN(const std::vector<sdk::Split> splits,
                   sdk::PlanAll(connector, context, table, scan));
  int64_t num_rows = 0;
  for (const sdk::Split& split : splits) {
    ASSIGN_OR_RETURN(const auto stream, connector.Read(context, table, scan, split));
    while (true) {
      ASSIGN_OR_RETURN(const auto batch, stream->Next());
      if (batch == nullptr) {
        break;
      }
      num_rows += batch->num_rows();
    }
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
  constexpr double kGoal = 0.7;
  ASSIGN_OR_RETURN(const auto server, RedisServer::Start());
  ASSIGN_OR_RETURN(const Context raw, Connect(server->port()));
  RETURN_IF_ERROR(Fill(*raw));
  sdk::OptionList options = {{"tables.0.schema", "bench"},
                             {"tables.0.name", "orders"},
                             {"tables.0.key_prefix", "o:"},
                             {"tables.0.value_type", "hash"}};
  for (const auto& [name, type] :
       std::initializer_list<std::pair<const char*, const char*>>{{"k", "integer"},
                                                                  {"c", "integer"},
                                                                  {"s", "varchar"},
                                                                  {"p", "decimal(15,2)"},
                                                                  {"d", "date"},
                                                                  {"pr", "varchar"},
                                                                  {"cl", "varchar"},
                                                                  {"cm", "varchar"}}) {
    options.emplace_back(absl::StrCat("tables.0.columns.", name), type);
  }
  ASSIGN_OR_RETURN(const auto connector, server->MakeConnector(options));
  RETURN_IF_ERROR(Compare(
      "hashes, 8 fields, to SCAN and HMGET", kGoal, [&] { return ReadRaw(*raw, kFields); },
      [&] {
        return ReadThroughConnector(*connector,
                                    {"_key_", "k", "c", "s", "p", "d", "pr", "cl", "cm"});
      }));
  return Compare(
      "hashes, 2 fields, to SCAN and HMGET", kGoal, [&] { return ReadRaw(*raw, "k p"); },
      [&] { return ReadThroughConnector(*connector, {"k", "p"}); });
}

}  // namespace
}  // namespace pallas::redis

int main() {
  const absl::Status status = pallas::redis::Run();
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
