// The client's CPU for a scan of a DynamoDB table beside a plain reader of the same pages, which
// parses them with simdjson and touches every byte of every value (decision D32). A server in this
// process gives the pages from memory; what its threads use is not counted.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "bench/cost.h"
#include "connectors/dynamodb/testing/dynamodb_server.h"
#include "net/http_client.h"
#include "net/testing/test_server.h"
#include "sdk/testing/conformance_suite.h"
#include "simdjson.h"

namespace pallas::dynamodb {
namespace {

using bench::Median;

constexpr int kPairs = 9;
constexpr int kPages = 40;
constexpr int kItemsPerPage = 2700;  // about a megabyte, as the service cuts them
constexpr double kGoal = 0.8;

constexpr char kDescription[] =
    R"({"Table":{"TableName":"orders","KeySchema":[{"AttributeName":"o_orderkey","KeyType":"HASH"}],)"
    R"("AttributeDefinitions":[{"AttributeName":"o_orderkey","AttributeType":"N"}]}})";

// An item of the table orders of TPC-H in types and widths, from a fixed rule.
std::string Item(int i) {
  const std::string comment =
      "carefully final deposits detect slyly agai. quickly regular requests nag furiously";
  return absl::StrFormat(
      R"({"o_orderstatus":{"S":"%c"},"o_clerk":{"S":"Clerk#%09d"},"o_orderdate":{"S":"19%02d-%02d-%02d"},)"
      R"("o_shippriority":{"N":"0"},"o_custkey":{"N":"%d"},"o_totalprice":{"N":"%d.%02d"},)"
      R"("o_orderkey":{"N":"%d"},"o_comment":{"S":"%s"},"o_orderpriority":{"S":"%d-URGENT"}})",
      "FOP"[i % 3], i * 13 % 1000, 92 + i % 7, 1 + i % 12, 1 + i % 28, 1 + i * 7919 % 150000,
      i * 79 % 500000, i % 100, i * 4,
      comment.substr(static_cast<size_t>(i % 7), static_cast<size_t>(19 + i * 11 % 55)), 1 + i % 5);
}

std::vector<std::string> MakePages() {
  std::vector<std::string> pages;
  for (int page = 0; page < kPages; ++page) {
    std::string body = absl::StrCat("{\"Count\":", kItemsPerPage, ",\"Items\":[");
    for (int i = 0; i < kItemsPerPage; ++i) {
      absl::StrAppend(&body, i == 0 ? "" : ",", Item(page * kItemsPerPage + i));
    }
    absl::StrAppend(&body, "],\"ScannedCount\":", kItemsPerPage);
    if (page + 1 < kPages) {
      absl::StrAppend(&body, ",\"LastEvaluatedKey\":{\"o_orderkey\":{\"N\":\"", page + 1, "\"}}");
    }
    pages.push_back(HttpAnswer(200, absl::StrCat(body, "}")));
  }
  return pages;
}

// The number of the page that a request asks for.
size_t PageOf(const std::string& request) {
  constexpr std::string_view kStart = "\"ExclusiveStartKey\":{\"o_orderkey\":{\"N\":\"";
  const size_t at = request.find(kStart);
  int page = 0;
  if (at != std::string::npos) {
    const size_t begin = at + kStart.size();
    if (!absl::SimpleAtoi(request.substr(begin, request.find('"', begin) - begin), &page)) {
      page = 0;
    }
  }
  return static_cast<size_t>(page);
}

// What the calling thread has used, which does all of a reader's work.
double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// Parses a page and adds up the bytes of all names and values.
absl::StatusOr<int64_t> TouchPage(simdjson::ondemand::parser& parser, std::string& body,
                                  uint64_t& sum) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  simdjson::ondemand::document document;
  simdjson::ondemand::array items;
  if (parser.iterate(body.data(), body.size(), body.capacity()).get(document) !=
          simdjson::SUCCESS ||
      document["Items"].get_array().get(items) != simdjson::SUCCESS) {
    return absl::InternalError("not a page");
  }
  int64_t num_items = 0;
  for (auto item : items) {
    simdjson::ondemand::object attributes;
    if (item.get_object().get(attributes) != simdjson::SUCCESS) {
      return absl::InternalError("not an item");
    }
    for (auto attribute : attributes) {
      std::string_view name;
      simdjson::ondemand::object value;
      if (attribute.unescaped_key().get(name) != simdjson::SUCCESS ||
          attribute.value().get_object().get(value) != simdjson::SUCCESS) {
        return absl::InternalError("not an attribute");
      }
      for (auto typed : value) {
        std::string_view type;
        std::string_view text;
        if (typed.unescaped_key().get(type) != simdjson::SUCCESS ||
            typed.value().get_string().get(text) != simdjson::SUCCESS) {
          return absl::InternalError("not a value");
        }
        for (const std::string_view part : {name, type, text}) {
          for (const char c : part) {
            sum += static_cast<unsigned char>(c);
          }
        }
      }
    }
    ++num_items;
  }
  return num_items;
}

// The yardstick.
absl::Status ReadPlainly(net::HttpClient& http, const std::string& endpoint) {
  simdjson::ondemand::parser parser;
  uint64_t sum = 0;
  int64_t num_items = 0;
  for (int page = 0; page < kPages; ++page) {
    net::HttpRequest request;
    request.method = "POST";
    request.url = absl::StrCat(endpoint, "/");
    request.headers = {{"X-Amz-Target", "DynamoDB_20120810.Scan"}};
    request.body = absl::StrCat(
        "{\"TableName\":\"orders\",\"ExclusiveStartKey\":{\"o_orderkey\":"
        "{\"N\":\"",
        page, "\"}}}");
    ASSIGN_OR_RETURN(net::HttpResponse response,
                     http.Send(request, Cancellation(), absl::InfiniteFuture()));
    ASSIGN_OR_RETURN(const int64_t count, TouchPage(parser, response.body, sum));
    num_items += count;
  }
  return sum != 0 && num_items == int64_t{kPages} * kItemsPerPage
             ? absl::OkStatus()
             : absl::InternalError("the yardstick lost items");
}

absl::Status ReadThroughConnector(sdk::Connector& connector, const sdk::Table& table,
                                  const sdk::Scan& scan) {
  const sdk::RequestContext context;
  ASSIGN_OR_RETURN(const auto splits, sdk::PlanAll(connector, context, table, scan));
  ASSIGN_OR_RETURN(const auto stream, connector.Read(context, table, scan, splits.at(0)));
  int64_t num_rows = 0;
  while (true) {
    ASSIGN_OR_RETURN(const auto batch, stream->Next());
    if (batch == nullptr) {
      break;
    }
    num_rows += batch->num_rows();
  }
  return num_rows == int64_t{kPages} * kItemsPerPage
             ? absl::OkStatus()
             : absl::InternalError("the connector lost rows");
}

absl::Status Compare(const char* name, sdk::Connector& connector, net::HttpClient& http,
                     const std::string& endpoint) {
  ASSIGN_OR_RETURN(const sdk::Table table, connector.GetTable({}, {"default", "orders"}));
  sdk::Scan scan;
  for (const auto& field : table.schema->fields()) {
    scan.columns.push_back(field->name());
  }
  RETURN_IF_ERROR(ReadPlainly(http, endpoint));
  RETURN_IF_ERROR(ReadThroughConnector(connector, table, scan));
  std::vector<double> ratios;
  std::vector<double> seconds;
  for (int pair = 0; pair < kPairs; ++pair) {
    const double start = CpuSeconds();
    RETURN_IF_ERROR(ReadPlainly(http, endpoint));
    const double middle = CpuSeconds();
    RETURN_IF_ERROR(ReadThroughConnector(connector, table, scan));
    const double end = CpuSeconds();
    ratios.push_back((middle - start) / (end - middle));
    seconds.push_back(end - middle);
  }
  std::printf("%-48s %.2f (at least %.2f), %.2f M items/s of one core\n", name, Median(ratios),
              kGoal, kPages * kItemsPerPage / Median(seconds) / 1e6);
  return absl::OkStatus();
}

absl::Status Run() {
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string> pages = MakePages();
  const net::TestServer server([&](const std::string& request) {
    return absl::StrContains(request, "DescribeTable") ? HttpAnswer(200, kDescription)
                                                       : pages[PageOf(request)];
  });
  ASSIGN_OR_RETURN(const auto http, net::HttpClient::Make({}));
  const sdk::OptionList catalog = {
      {"endpoint", server.url()}, {"access_key", "local"}, {"secret_key", "local"}};
  sdk::OptionList declared = catalog;
  declared.emplace_back("tables.0.name", "orders");
  for (const auto& [name, type] : sdk::OptionList{{"o_orderkey", "bigint"},
                                                  {"o_custkey", "bigint"},
                                                  {"o_orderstatus", "varchar"},
                                                  {"o_totalprice", "decimal(15,2)"},
                                                  {"o_orderdate", "date"},
                                                  {"o_orderpriority", "varchar"},
                                                  {"o_clerk", "varchar"},
                                                  {"o_shippriority", "integer"},
                                                  {"o_comment", "varchar"}}) {
    declared.emplace_back(absl::StrCat("tables.0.columns.", name), type);
  }
  ASSIGN_OR_RETURN(const auto connector, MakeConnector(declared));
  RETURN_IF_ERROR(
      Compare("scan of declared columns, CPU of a plain reader", *connector, *http, server.url()));
  ASSIGN_OR_RETURN(const auto inferring, MakeConnector(catalog));
  return Compare("scan of inferred columns, CPU of a plain reader", *inferring, *http,
                 server.url());
}

}  // namespace
}  // namespace pallas::dynamodb

int main() {
  const absl::Status status = pallas::dynamodb::Run();
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
