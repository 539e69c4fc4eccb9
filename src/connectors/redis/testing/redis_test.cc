#include "connectors/redis/testing/redis_test.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/type.h"

#include "base/check.h"
#include "base/status_macros.h"
#include "connectors/redis/source_table.h"
#include "sdk/testing/conformance_suite.h"
#include "types/value_text.h"

namespace pallas::redis {
namespace {

std::string CellText(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) {
    return "NULL";
  }
  std::string text;
  switch (array.type_id()) {
    case arrow::Type::BINARY:
      return absl::BytesToHexString(static_cast<const arrow::BinaryArray&>(array).GetView(row));
    case arrow::Type::DATE64:
      AppendTimestamp(static_cast<const arrow::Date64Array&>(array).Value(row) * 1000, 0, 3, &text);
      return text;
    case arrow::Type::TIMESTAMP:
      return absl::StrCat(static_cast<const arrow::TimestampArray&>(array).Value(row));
    default:
      return (*array.GetScalar(row))->ToString();
  }
}

}  // namespace

RedisServer& TestServer() {
  static const std::unique_ptr<RedisServer> server_of_program = [] {
    auto server = RedisServer::Start({"--enable-debug-command", "yes"});
    if (!server.ok()) {
      std::fprintf(stderr, "%s\n", server.status().ToString().c_str());
    }
    CHECK(server.ok());
    return *std::move(server);
  }();
  return *server_of_program;
}

sdk::OptionList TableOptions(int number, const std::string& name, const std::string& columns,
                             const std::map<std::string, std::string>& keys) {
  const std::string start = absl::StrCat("tables.", number, ".");
  sdk::OptionList options = {{start + "schema", "s"}, {start + "name", name}};
  for (const std::string_view column : absl::StrSplit(columns, ", ", absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(column, absl::MaxSplits(' ', 1));
    options.emplace_back(absl::StrCat(start, "columns.", words[0]), words[1]);
  }
  for (const auto& [key, value] : keys) {
    options.emplace_back(start + key, value);
  }
  return options;
}

std::vector<std::string> Rows(const arrow::RecordBatch& batch) {
  std::vector<std::string> rows;
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    std::string text;
    for (int i = 0; i < batch.num_columns(); ++i) {
      absl::StrAppend(&text, i == 0 ? "" : "|", CellText(*batch.column(i), row));
    }
    rows.push_back(std::move(text));
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

void RedisTest::SetUp() { Run({"FLUSHALL", "CONFIG RESETSTAT"}); }

void RedisTest::Connect(const std::string& columns, const std::map<std::string, std::string>& keys,
                        const sdk::OptionList& options) {
  sdk::OptionList all = TableOptions(0, "t", columns, keys);
  all.insert(all.end(), options.begin(), options.end());
  auto connector = TestServer().MakeConnector(all);
  ASSERT_TRUE(connector.ok()) << connector.status();
  connector_ = *std::move(connector);
}

void RedisTest::Run(const std::vector<std::string>& commands) {
  const absl::Status status = TestServer().Run(commands);
  ASSERT_TRUE(status.ok()) << status;
}

absl::StatusOr<std::vector<std::string>> RedisTest::Read(const sdk::Scan& scan) {
  ASSIGN_OR_RETURN(const sdk::Table table, GetTable());
  ASSIGN_OR_RETURN(const auto batch, sdk::ReadAll(*connector_, context_, table, scan));
  return Rows(*batch);
}

absl::StatusOr<std::vector<std::string>> RedisTest::ReadColumns(
    const std::vector<std::string>& columns) {
  sdk::Scan scan;
  scan.columns = columns;
  return Read(scan);
}

absl::StatusOr<std::vector<std::string>> RedisTest::ReadAll() {
  ASSIGN_OR_RETURN(const sdk::Table table, GetTable());
  return ReadColumns(table.schema->field_names());
}

sdk::Scan RedisTest::KeyScan(const std::vector<std::string>& columns,
                             const std::vector<std::string>& keys) {
  sdk::Scan scan;
  scan.columns = columns;
  std::vector<sdk::Range> ranges;
  for (const std::string& key : keys) {
    ranges.push_back(sdk::Range::Equal(key));
  }
  scan.constraints.summary.emplace(
      kKeyColumn, sdk::ValueSet::OfRanges(arrow::utf8(), std::move(ranges), false));
  return scan;
}

}  // namespace pallas::redis
