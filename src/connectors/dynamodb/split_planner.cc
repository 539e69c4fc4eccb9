#include "connectors/dynamodb/split_planner.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/status_macros.h"
#include "connectors/dynamodb/pushdown.h"
#include "nlohmann/json.hpp"
#include "simdjson.h"
#include "types/arrow_status.h"

namespace pallas::dynamodb {
namespace {

// Properties of splits. Those that are the same for all splits of a scan come as metadata of the
// partitions, the others as their columns.
constexpr char kSourceTable[] = "sourceTable";
constexpr char kPartitionType[] = "partitionType";
constexpr char kIndex[] = "index";
constexpr char kHashKeyName[] = "hashKeyName";
constexpr char kRangeKeyName[] = "rangeKeyName";
constexpr char kRangeKeyFilter[] = "rangeKeyFilter";
constexpr char kNonKeyFilter[] = "nonKeyFilter";
constexpr char kNames[] = "expressionAttributeNames";
constexpr char kValues[] = "expressionAttributeValues";
constexpr char kSegmentId[] = "segmentId";
constexpr char kSegmentCount[] = "segmentCount";
// Ours: the value of the hash key under a name that no attribute has (DDB-27), and keys.
constexpr char kHashKeyValue[] = "hashKeyValue";
constexpr char kKeys[] = "keys";
constexpr std::array<std::string_view, 13> kReserved = {
    kSourceTable,    kPartitionType, kIndex,       kHashKeyName, kRangeKeyName,
    kRangeKeyFilter, kNonKeyFilter,  kNames,       kValues,      kKeys,
    kSegmentId,      kSegmentCount,  kHashKeyValue};

constexpr char kScanType[] = "scan";
constexpr char kQueryType[] = "query";
constexpr char kKeysType[] = "keys";

// Of one BatchGetItem.
constexpr size_t kKeysPerBatch = 100;
// Of one batch of partitions.
constexpr size_t kMaxPartitions = 1000;

std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// {"#n0":"name"}
std::string NamesJson(const std::map<std::string, std::string>& names) {
  std::string json = "{";
  for (const auto& [alias, name] : names) {
    absl::StrAppend(&json, json.size() > 1 ? "," : "", Quoted(alias), ":", Quoted(name));
  }
  return json + "}";
}

// {":v0":{"N":"17"}}
std::string ValuesJson(const std::map<std::string, std::string>& values) {
  std::string json = "{";
  for (const auto& [alias, value] : values) {
    absl::StrAppend(&json, json.size() > 1 ? "," : "", Quoted(alias), ":", value);
  }
  return json + "}";
}

// The members of a JSON object, each as JSON or, if it is a text, as that text.
absl::StatusOr<std::map<std::string, std::string>> Members(const std::string& json, bool as_text) {
  std::map<std::string, std::string> members;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(json).get(object) != simdjson::SUCCESS) {
    return absl::InvalidArgumentError("DynamoDB: a property of a split is not a JSON object");
  }
  for (const auto member : object) {
    std::string_view text;
    const bool is_text = as_text && member.value.get(text) == simdjson::SUCCESS;
    members.emplace(member.key, is_text ? std::string(text) : simdjson::minify(member.value));
  }
  return members;
}

// Rows of properties, as partitions.
class PartitionRows {
 public:
  PartitionRows(std::vector<std::string> names, std::shared_ptr<arrow::KeyValueMetadata> metadata)
      : names_(std::move(names)), metadata_(std::move(metadata)), builders_(names_.size()) {}

  absl::Status Add(const std::vector<std::optional<std::string>>& values) {
    for (size_t i = 0; i < builders_.size(); ++i) {
      RETURN_IF_ERROR(values[i] ? builders_[i].Append(*values[i]) : builders_[i].AppendNull());
    }
    ++num_rows_;
    return absl::OkStatus();
  }

  bool IsFull() const { return num_rows_ >= kMaxPartitions; }

  // What was added since the last call.
  absl::StatusOr<sdk::Partitions> Take() {
    arrow::FieldVector fields;
    arrow::ArrayVector columns;
    for (size_t i = 0; i < builders_.size(); ++i) {
      fields.push_back(arrow::field(names_[i], arrow::utf8()));
      std::shared_ptr<arrow::Array> column;
      RETURN_IF_ERROR(builders_[i].Finish(&column));
      columns.push_back(std::move(column));
    }
    const auto num_rows = static_cast<int64_t>(std::exchange(num_rows_, 0));
    return sdk::Partitions{arrow::RecordBatch::Make(arrow::schema(std::move(fields), metadata_),
                                                    num_rows, std::move(columns))};
  }

  bool empty() const { return num_rows_ == 0; }

 private:
  const std::vector<std::string> names_;
  const std::shared_ptr<arrow::KeyValueMetadata> metadata_;
  std::vector<arrow::StringBuilder> builders_;
  size_t num_rows_ = 0;
};

class PartitionPlanner {
 public:
  PartitionPlanner(const SourceTable& table, const ScanPlan& plan, sdk::PartitionSink& sink)
      : table_(table), plan_(plan), path_(plan.path), sink_(sink) {}

  absl::Status PlanScan(int64_t num_segments) {
    PartitionRows rows({kSegmentCount}, Metadata(kScanType));
    RETURN_IF_ERROR(rows.Add({absl::StrCat(num_segments)}));
    return Deliver(rows).status();
  }

  absl::Status PlanQueries(const sdk::RequestContext& context) {
    std::shared_ptr<arrow::KeyValueMetadata> metadata = Metadata(kQueryType);
    metadata->Append(kHashKeyName, path_.key.hash);
    if (!path_.ranges.empty()) {
      metadata->Append(kRangeKeyName, path_.key.range);
    }
    PartitionRows rows({kHashKeyValue, kRangeKeyFilter, kNames, kValues}, std::move(metadata));
    for (const AttributeLiteral& hash : path_.hash_values) {
      const std::string value = hash.ToJson();
      if (path_.ranges.empty()) {
        ASSIGN_OR_RETURN(const sdk::Flow flow, AddRow(rows, {value, {}, {}, {}}));
        if (flow == sdk::Flow::kStop) {
          return absl::OkStatus();
        }
      }
      for (const NativeRange& range : path_.ranges) {
        Aliases aliases('r', 'r');
        const std::string condition = KeyCondition(path_.key.range, range, aliases);
        ASSIGN_OR_RETURN(const sdk::Flow flow,
                         AddRow(rows, {value, condition, NamesJson(aliases.names()),
                                       ValuesJson(aliases.values())}));
        if (flow == sdk::Flow::kStop) {
          return absl::OkStatus();
        }
      }
      RETURN_IF_ERROR(context.Check());
    }
    return Deliver(rows).status();
  }

  absl::Status PlanBatches() {
    PartitionRows rows({kKeys}, Metadata(kKeysType));
    std::string batch;
    size_t num_keys = 0;
    const auto add_batch = [&]() -> absl::Status {
      num_keys = 0;
      return AddRow(rows, {absl::StrCat("[", std::exchange(batch, ""), "]")}).status();
    };
    const auto add_key = [&](const std::string& key) -> absl::Status {
      absl::StrAppend(&batch, batch.empty() ? "" : ",", key);
      return ++num_keys == kKeysPerBatch ? add_batch() : absl::OkStatus();
    };
    const std::string hash_name = Quoted(path_.key.hash);
    for (const AttributeLiteral& hash : path_.hash_values) {
      const std::string start = absl::StrCat("{", hash_name, ":", hash.ToJson());
      if (path_.ranges.empty()) {
        RETURN_IF_ERROR(add_key(absl::StrCat(start, "}")));
      }
      for (const NativeRange& range : path_.ranges) {
        RETURN_IF_ERROR(add_key(
            absl::StrCat(start, ",", Quoted(path_.key.range), ":", range.low->ToJson(), "}")));
      }
    }
    if (num_keys > 0) {
      RETURN_IF_ERROR(add_batch());
    }
    return Deliver(rows).status();
  }

 private:
  std::shared_ptr<arrow::KeyValueMetadata> Metadata(const char* type) const {
    auto metadata = std::make_shared<arrow::KeyValueMetadata>();
    metadata->Append(kSourceTable, table_.description().name);
    metadata->Append(kPartitionType, type);
    if (!path_.index.empty()) {
      metadata->Append(kIndex, path_.index);
    }
    if (!plan_.filter.empty()) {
      metadata->Append(kNonKeyFilter, plan_.filter);
      metadata->Append(kNames, NamesJson(plan_.aliases.names()));
      metadata->Append(kValues, ValuesJson(plan_.aliases.values()));
    }
    return metadata;
  }

  absl::StatusOr<sdk::Flow> AddRow(PartitionRows& rows,
                                   const std::vector<std::optional<std::string>>& values) const {
    RETURN_IF_ERROR(rows.Add(values));
    return rows.IsFull() ? Deliver(rows) : sdk::Flow::kContinue;
  }

  absl::StatusOr<sdk::Flow> Deliver(PartitionRows& rows) const {
    if (rows.empty()) {
      return sdk::Flow::kContinue;
    }
    ASSIGN_OR_RETURN(sdk::Partitions partitions, rows.Take());
    return sink_.Add(std::move(partitions));
  }

  const SourceTable& table_;
  const ScanPlan& plan_;
  const AccessPath& path_;
  sdk::PartitionSink& sink_;
};

// Both objects in one: {"a":1} and {"b":2} give {"a":1,"b":2}.
std::string Merged(const std::string& a, const std::string& b) {
  constexpr size_t kEmptyObject = 2;
  if (a.size() <= kEmptyObject || b.size() <= kEmptyObject) {
    return a.size() <= kEmptyObject ? b : a;
  }
  return absl::StrCat(std::string_view(a).substr(0, a.size() - 1), ",",
                      std::string_view(b).substr(1));
}

using Properties = std::map<std::string, std::string>;

// The properties of a row of partitions.
Properties RowProperties(const arrow::RecordBatch& rows, int64_t row) {
  Properties properties;
  const auto& metadata = rows.schema()->metadata();
  for (int64_t i = 0; metadata != nullptr && i < metadata->size(); ++i) {
    properties.emplace(metadata->key(i), metadata->value(i));
  }
  for (int i = 0; i < rows.num_columns(); ++i) {
    const auto& column = static_cast<const arrow::StringArray&>(*rows.column(i));
    if (column.IsNull(row)) {
      continue;
    }
    const std::string& name = rows.schema()->field(i)->name();
    std::string& value = properties[name];
    value = name == kNames || name == kValues ? Merged(value, column.GetString(row))
                                              : column.GetString(row);
  }
  return properties;
}

// The Java connector looks for the hash key's value under the key's name.
void AddNamedHashKey(Properties& properties) {
  const auto name = properties.find(kHashKeyName);
  const auto value = properties.find(kHashKeyValue);
  if (name != properties.end() && value != properties.end() &&
      std::find(kReserved.begin(), kReserved.end(), name->second) == kReserved.end()) {
    properties.emplace(name->second,
                       absl::StrCat("{", Quoted(name->second), ":", value->second, "}"));
  }
}

absl::Status NoSplit(std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("DynamoDB: the split is none of this connector: ", what));
}

class SplitReader {
 public:
  explicit SplitReader(const Properties& properties) : properties_(properties) {}

  absl::StatusOr<ReadRequest> Read() {
    ReadRequest request;
    request.table = Get(kSourceTable);
    if (request.table.empty()) {
      return NoSplit("it names no table");
    }
    request.index = Get(kIndex);
    request.filter = Get(kNonKeyFilter);
    if (Has(kNames)) {
      ASSIGN_OR_RETURN(request.names, Members(Get(kNames), /*as_text=*/true));
    }
    if (Has(kValues)) {
      ASSIGN_OR_RETURN(request.values, Members(Get(kValues), /*as_text=*/false));
    }
    const std::string type = Get(kPartitionType);
    if (type == kScanType) {
      RETURN_IF_ERROR(ReadSegment(request));
    } else if (type == kQueryType) {
      RETURN_IF_ERROR(ReadQuery(request));
    } else if (type == kKeysType) {
      request.kind = ReadRequest::Kind::kGetItems;
      request.keys = Get(kKeys);
    } else {
      return NoSplit(absl::StrCat("its type is '", type, "'"));
    }
    return request;
  }

 private:
  bool Has(const char* name) const { return properties_.contains(name); }

  std::string Get(const std::string& name) const {
    const auto found = properties_.find(name);
    return found == properties_.end() ? "" : found->second;
  }

  absl::Status ReadSegment(ReadRequest& request) const {
    request.kind = ReadRequest::Kind::kScan;
    if (!absl::SimpleAtoi(Get(kSegmentId), &request.segment) ||
        !absl::SimpleAtoi(Get(kSegmentCount), &request.num_segments) || request.segment < 0 ||
        request.segment >= request.num_segments) {
      return NoSplit("it has no segment");
    }
    return absl::OkStatus();
  }

  absl::Status ReadQuery(ReadRequest& request) const {
    request.kind = ReadRequest::Kind::kQuery;
    request.hash_key = Get(kHashKeyName);
    request.range_condition = Get(kRangeKeyFilter);
    // The Java connector writes what a key condition cannot say; its rows are filtered later.
    if (absl::StrContains(request.range_condition, " IN (")) {
      request.range_condition.clear();
    }
    if (Has(kHashKeyValue)) {
      request.hash_value = Get(kHashKeyValue);
      return absl::OkStatus();
    }
    if (request.hash_key.empty() || !Has(request.hash_key.c_str())) {
      return NoSplit("it has no hash key");
    }
    ASSIGN_OR_RETURN(const Properties document, Members(Get(request.hash_key), /*as_text=*/false));
    const auto value = document.find(request.hash_key);
    if (value == document.end()) {
      return NoSplit("its hash key has no value");
    }
    return SetHashValue(value->second, request);
  }

  // A value with its type, or (from the Java connector) a bare text or number.
  static absl::Status SetHashValue(const std::string& json, ReadRequest& request) {
    if (json.empty()) {
      return NoSplit("its hash key has no value");
    }
    if (json.front() == '{') {
      request.hash_value = json;
    } else if (json.front() == '"') {
      request.hash_value = absl::StrCat(R"({"S":)", json, "}");
    } else {
      request.hash_value = absl::StrCat(R"({"N":")", json, R"("})");
    }
    return absl::OkStatus();
  }

  const Properties& properties_;
};

}  // namespace

absl::Status PlanPartitions(const sdk::RequestContext& context, const SourceTable& table,
                            const sdk::Scan& scan, const DynamoDbOptions& options,
                            sdk::PartitionSink& sink) {
  RETURN_IF_ERROR(context.Check());
  ASSIGN_OR_RETURN(const ScanPlan plan, PlanScan(table, scan, options, DynamicFilters::kUse));
  PartitionPlanner planner(table, plan, sink);
  switch (plan.path.kind) {
    case AccessPath::Kind::kNothing:
      return absl::OkStatus();
    case AccessPath::Kind::kScan:
      return planner.PlanScan(ScanSegments(table.description(), scan, options));
    case AccessPath::Kind::kQuery:
      return planner.PlanQueries(context);
    case AccessPath::Kind::kGetItems:
      return planner.PlanBatches();
  }
  return absl::OkStatus();
}

absl::StatusOr<sdk::ResumeToken> PlanSplits(const sdk::RequestContext& context,
                                            const sdk::Partitions& partitions,
                                            const sdk::ResumeToken& from, sdk::SplitSink& sink) {
  // Row and segment of the first split not yet delivered: "3" or "0:17".
  int64_t first_row = 0;
  int64_t first_segment = 0;
  const std::pair<std::string, std::string> place = [&] {
    const size_t colon = from.find(':');
    return colon == std::string::npos
               ? std::make_pair(from, std::string("0"))
               : std::make_pair(from.substr(0, colon), from.substr(colon + 1));
  }();
  if (!from.empty() && (!absl::SimpleAtoi(place.first, &first_row) ||
                        !absl::SimpleAtoi(place.second, &first_segment))) {
    return absl::InvalidArgumentError("DynamoDB: the token does not come from this connector");
  }
  const int64_t num_rows = partitions.rows->num_rows();
  for (int64_t row = first_row; row < num_rows; ++row) {
    RETURN_IF_ERROR(context.Check());
    Properties properties = RowProperties(*partitions.rows, row);
    AddNamedHashKey(properties);
    const bool is_scan = properties[kPartitionType] == kScanType;
    int64_t num_segments = 1;
    if (is_scan && !absl::SimpleAtoi(properties[kSegmentCount], &num_segments)) {
      return absl::InvalidArgumentError("DynamoDB: the partitions do not come from this connector");
    }
    for (int64_t segment = row == first_row ? first_segment : 0; segment < num_segments;
         ++segment) {
      sdk::Split split{properties};
      if (is_scan) {
        split.properties[kSegmentId] = absl::StrCat(segment);
      }
      ASSIGN_OR_RETURN(const sdk::Flow flow, sink.Add(std::move(split)));
      const bool is_last = row + 1 == num_rows && segment + 1 == num_segments;
      if (flow == sdk::Flow::kStop && !is_last) {
        return segment + 1 < num_segments ? absl::StrCat(row, ":", segment + 1)
                                          : absl::StrCat(row + 1);
      }
    }
  }
  return sdk::ResumeToken();
}

absl::StatusOr<ReadRequest> ParseSplit(const sdk::Split& split) {
  return SplitReader(split.properties).Read();
}

}  // namespace pallas::dynamodb
