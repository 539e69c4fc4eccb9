#include "connectors/dynamodb/record_reader.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "connectors/dynamodb/page_decoder.h"
#include "connectors/dynamodb/pushdown.h"
#include "connectors/dynamodb/split_planner.h"
#include "nlohmann/json.hpp"
#include "sdk/data/batch_builder.h"
#include "sdk/runtime/limiter.h"

namespace pallas::dynamodb {
namespace {

constexpr char kHashAlias[] = "#hashKey";
constexpr char kHashValueAlias[] = ":hashKeyValue";

std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool IsAliasCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Whether an expression has that alias: `:v1` is not in `:v10`.
bool Uses(std::string_view expression, std::string_view alias) {
  for (size_t at = expression.find(alias); at != std::string_view::npos;
       at = expression.find(alias, at + 1)) {
    const size_t end = at + alias.size();
    if (end == expression.size() || !IsAliasCharacter(expression[end])) {
      return true;
    }
  }
  return false;
}

// The JSON bodies of the requests of a split.
class RequestWriter {
 public:
  RequestWriter(const ReadRequest& request, const SourceTable& table, const sdk::Scan& scan,
                const DynamoDbOptions& options)
      : request_(request), table_(table), scan_(scan), options_(options) {}

  std::string_view operation() const {
    switch (request_.kind) {
      case ReadRequest::Kind::kScan:
        return "Scan";
      case ReadRequest::Kind::kQuery:
        return "Query";
      case ReadRequest::Kind::kGetItems:
        return "BatchGetItem";
    }
    return "";
  }

  // The body without its last brace, to which the place to go on from is added.
  std::string PageBody(bool limit_is_exact) {
    std::string body = absl::StrCat("{\"TableName\":", Quoted(request_.table),
                                    ",\"ReturnConsumedCapacity\":\"TOTAL\"");
    if (!request_.index.empty()) {
      absl::StrAppend(&body, ",\"IndexName\":", Quoted(request_.index));
    }
    if (request_.kind == ReadRequest::Kind::kScan && request_.num_segments > 1) {
      absl::StrAppend(&body, ",\"Segment\":", request_.segment,
                      ",\"TotalSegments\":", request_.num_segments);
    }
    if (options_.consistent_read) {
      absl::StrAppend(&body, ",\"ConsistentRead\":true");
    }
    // DynamoDB applies it before the filter (DDB-9).
    if (scan_.limit && limit_is_exact && request_.filter.empty() && *scan_.limit > 0) {
      absl::StrAppend(&body, ",\"Limit\":",
                      std::min<int64_t>(*scan_.limit, std::numeric_limits<int32_t>::max()));
    }
    std::string key_condition;
    if (request_.kind == ReadRequest::Kind::kQuery) {
      key_condition = absl::StrCat(kHashAlias, " = ", kHashValueAlias);
      names_[kHashAlias] = request_.hash_key;
      values_[kHashValueAlias] = request_.hash_value;
      if (!request_.range_condition.empty()) {
        absl::StrAppend(&key_condition, " AND ", request_.range_condition);
      }
      absl::StrAppend(&body, ",\"KeyConditionExpression\":", Quoted(key_condition));
    }
    if (!request_.filter.empty()) {
      absl::StrAppend(&body, ",\"FilterExpression\":", Quoted(request_.filter));
    }
    TakeUsed(absl::StrCat(key_condition, " ", request_.filter));
    body += Projection();
    body += Aliases();
    return body;
  }

  // What BatchGetItem asks of the table, without the keys: `"ProjectionExpression":...,`.
  std::string BatchBody() {
    std::string body = Projection();
    body += Aliases();
    if (options_.consistent_read) {
      body += ",\"ConsistentRead\":true";
    }
    return body;
  }

 private:
  // Names and values of which the expressions make use; DynamoDB refuses others (DDB-16).
  void TakeUsed(const std::string& expressions) {
    for (const auto& [alias, name] : request_.names) {
      if (Uses(expressions, alias)) {
        names_.emplace(alias, name);
      }
    }
    for (const auto& [alias, value] : request_.values) {
      if (Uses(expressions, alias)) {
        values_.emplace(alias, value);
      }
    }
  }

  std::string Projection() {
    if (scan_.columns.empty()) {
      // A batch has no count; its keys are the least that tells it.
      if (request_.kind != ReadRequest::Kind::kGetItems) {
        return ",\"Select\":\"COUNT\"";
      }
      names_["#p0"] = table_.description().key.hash;
      return ",\"ProjectionExpression\":\"#p0\"";
    }
    if (table_.ignores_case()) {
      return "";
    }
    std::vector<std::string> aliases;
    for (const std::string& column : scan_.columns) {
      aliases.push_back(absl::StrCat("#p", aliases.size()));
      names_[aliases.back()] = table_.Find(column)->attribute;
    }
    return absl::StrCat(",\"ProjectionExpression\":", Quoted(absl::StrJoin(aliases, ",")));
  }

  std::string Aliases() const {
    std::vector<std::string> names;
    for (const auto& [alias, name] : names_) {
      names.push_back(absl::StrCat(Quoted(alias), ":", Quoted(name)));
    }
    std::vector<std::string> values;
    for (const auto& [alias, value] : values_) {
      values.push_back(absl::StrCat(Quoted(alias), ":", value));
    }
    std::string body;
    if (!names.empty()) {
      body = absl::StrCat(",\"ExpressionAttributeNames\":{", absl::StrJoin(names, ","), "}");
    }
    if (!values.empty()) {
      absl::StrAppend(&body, ",\"ExpressionAttributeValues\":{", absl::StrJoin(values, ","), "}");
    }
    return body;
  }

  const ReadRequest& request_;
  const SourceTable& table_;
  const sdk::Scan& scan_;
  const DynamoDbOptions& options_;
  std::map<std::string, std::string> names_;
  std::map<std::string, std::string> values_;
};

class ItemStream final : public sdk::RecordBatchStream {
 public:
  ItemStream(sdk::RequestContext context, Connection& connection, SourceTable table)
      : context_(std::move(context)), connection_(connection), table_(std::move(table)) {}

  absl::Status Open(const ReadRequest& request, const sdk::Scan& scan,
                    const DynamoDbOptions& options) {
    ASSIGN_OR_RETURN(const ScanPlan plan, PlanScan(table_, scan, options, DynamicFilters::kIgnore));
    const bool limit_is_exact = plan.pushdown.limit.support == sdk::Support::kExact;
    if (scan.limit && limit_is_exact) {
      rows_left_ = *scan.limit;
    }
    RequestWriter writer(request, table_, scan, options);
    operation_ = writer.operation();
    is_batch_ = request.kind == ReadRequest::Kind::kGetItems;
    if (is_batch_) {
      table_name_ = Quoted(request.table);
      batch_body_ = writer.BatchBody();
      rest_ = absl::StrCat("{", table_name_, ":{\"Keys\":", request.keys, batch_body_, "}}");
    } else {
      body_ = writer.PageBody(limit_is_exact);
    }
    if (!scan.columns.empty()) {
      ASSIGN_OR_RETURN(decoder_, PageDecoder::Make(table_, scan.columns, options.values));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    while (batches_.empty()) {
      RETURN_IF_ERROR(context_.Check());
      if (rows_left_ <= 0 || is_done_) {
        return nullptr;
      }
      RETURN_IF_ERROR(ReadPage());
    }
    std::shared_ptr<arrow::RecordBatch> batch = std::move(batches_.front());
    batches_.pop_front();
    return batch;
  }

  int64_t bytes_received() const override { return bytes_received_.load(); }

  sdk::SourceMetrics metrics() const override {
    return {{"requests", static_cast<double>(num_requests_)},
            {"read units", read_units_},
            {"items evaluated", static_cast<double>(num_scanned_)}};
  }

 private:
  std::string NextBody() const {
    if (is_batch_) {
      return absl::StrCat("{\"ReturnConsumedCapacity\":\"TOTAL\",\"RequestItems\":", rest_, "}");
    }
    return rest_.empty() ? absl::StrCat(body_, "}")
                         : absl::StrCat(body_, ",\"ExclusiveStartKey\":", rest_, "}");
  }

  // Asks for one page and decodes it. A page that has failed was not decoded, so that Connection
  // may ask for it again.
  absl::Status ReadPage() {
    // Who opened the stream has waited for the turn of its first request.
    if (num_requests_ > 0 && context_.limiter != nullptr) {
      RETURN_IF_ERROR(context_.limiter->BeforeRequest(context_));
    }
    ASSIGN_OR_RETURN(std::string answer,
                     connection_.Call(context_, operation_, NextBody(), table_.description().name));
    ++num_requests_;
    bytes_received_ += static_cast<int64_t>(answer.size());
    PageInfo info;
    if (decoder_ != nullptr) {
      const size_t before = batches_.size();
      ASSIGN_OR_RETURN(info, decoder_->Decode(answer, rows_left_, batches_));
      for (size_t i = before; i < batches_.size(); ++i) {
        rows_left_ -= batches_[i]->num_rows();
      }
    } else {
      RETURN_IF_ERROR(CountPage(answer, &info));
    }
    num_scanned_ += info.num_scanned;
    read_units_ += info.read_units;
    return GoOn(info);
  }

  // Rows without columns.
  absl::Status CountPage(const std::string& answer, PageInfo* info) {
    ASSIGN_OR_RETURN(*info, ReadCounts(answer));
    for (int64_t left = std::min(info->num_items, rows_left_); left > 0;) {
      const int64_t num_rows = std::min(left, sdk::kMaxBatchRows);
      batches_.push_back(
          arrow::RecordBatch::Make(arrow::schema({}), num_rows, arrow::ArrayVector()));
      left -= num_rows;
      rows_left_ -= num_rows;
    }
    return absl::OkStatus();
  }

  absl::Status GoOn(const PageInfo& info) {
    rest_ = is_batch_ ? info.unprocessed_keys : info.last_evaluated_key;
    is_done_ = rest_.empty();
    if (context_.limiter == nullptr) {
      return absl::OkStatus();
    }
    // Keys come back unread from a table that is short of capacity.
    if (is_batch_ && !is_done_ && info.num_items == 0) {
      context_.limiter->OnThrottled();
    } else {
      context_.limiter->OnSuccess();
    }
    return absl::OkStatus();
  }

  const sdk::RequestContext context_;
  Connection& connection_;
  const SourceTable table_;
  std::unique_ptr<PageDecoder> decoder_;  // null: only the number of items is wanted
  std::string operation_;
  bool is_batch_ = false;
  std::string table_name_;
  std::string body_;
  std::string batch_body_;
  std::string rest_;  // JSON of the place to go on from, or of the keys still to be read
  bool is_done_ = false;
  int64_t rows_left_ = std::numeric_limits<int64_t>::max();
  std::deque<std::shared_ptr<arrow::RecordBatch>> batches_;
  int64_t num_requests_ = 0;
  int64_t num_scanned_ = 0;
  double read_units_ = 0;
  std::atomic<int64_t> bytes_received_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> ReadSplit(
    const sdk::RequestContext& context, const DynamoDbOptions& options, Connection& connection,
    SourceTable table, const sdk::Scan& scan, const sdk::Split& split) {
  RETURN_IF_ERROR(context.Check());
  ASSIGN_OR_RETURN(const ReadRequest request, ParseSplit(split));
  auto stream = std::make_unique<ItemStream>(context, connection, std::move(table));
  RETURN_IF_ERROR(stream->Open(request, scan, options));
  return stream;
}

}  // namespace pallas::dynamodb
