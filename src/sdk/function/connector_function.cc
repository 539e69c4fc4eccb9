#include "sdk/function/connector_function.h"

#include <algorithm>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "sdk/crypto/block_cipher.h"
#include "sdk/crypto/random_id.h"
#include "sdk/protocol/arrow_message.h"
#include "sdk/protocol/error_json.h"
#include "types/arrow_status.h"

namespace pallas::sdk {

using protocol::Response;

namespace {

// Tables kept between the calls of queries; past it the kept ones are forgotten.
constexpr size_t kMaxKeptTables = 64;

bool SameWithoutCase(const std::string& a, const std::string& b) {
  return absl::AsciiStrToLower(a) == absl::AsciiStrToLower(b);
}

// `name` itself, or the only one that is the same without case.
absl::StatusOr<std::string> Match(const std::string& name, const std::vector<std::string>& all,
                                  std::string_view what) {
  std::vector<std::string> similar;
  for (const std::string& candidate : all) {
    if (candidate == name) {
      return candidate;
    }
    if (SameWithoutCase(candidate, name)) {
      similar.push_back(candidate);
    }
  }
  if (similar.size() == 1) {
    return similar[0];
  }
  if (similar.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no ", what, " '", name, "'"));
  }
  return absl::FailedPreconditionError(absl::StrCat("the ", what, " '", name, "' may be any of ",
                                                    absl::StrJoin(similar, ", "),
                                                    ", which are the same without case"));
}

// In lower case, each once; two that become the same are an error, not a lost name.
absl::StatusOr<std::vector<std::string>> InLowerCase(std::vector<std::string> names,
                                                     std::string_view what) {
  std::map<std::string, std::string> by_lower;
  for (std::string& name : names) {
    std::string lower = absl::AsciiStrToLower(name);
    const auto [place, is_new] = by_lower.emplace(lower, name);
    if (!is_new) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the ", what, "s '", place->second, "' and '", name, "' are the same without case"));
    }
    name = std::move(lower);
  }
  return names;
}

class CollectPartitions final : public PartitionSink {
 public:
  absl::StatusOr<Flow> Add(Partitions partitions) override {
    batches_.push_back(std::move(partitions.rows));
    return Flow::kContinue;
  }

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Take() && {
    if (batches_.empty()) {
      return SinglePartition().rows->Slice(0, 0);
    }
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> rows,
                     arrow::ConcatenateRecordBatches(batches_));
    return rows;
  }

 private:
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
};

class CollectSplits final : public SplitSink {
 public:
  explicit CollectSplits(int64_t max_splits) : max_splits_(max_splits) {}

  absl::StatusOr<Flow> Add(Split split) override {
    splits_.push_back(std::move(split));
    return static_cast<int64_t>(splits_.size()) < max_splits_ ? Flow::kContinue : Flow::kStop;
  }

  std::vector<Split> Take() && { return std::move(splits_); }

 private:
  int64_t max_splits_;
  std::vector<Split> splits_;
};

const protocol::FederatedIdentity& IdentityOf(const protocol::Request& request) {
  return std::visit(
      [](const auto& alternative) -> const protocol::FederatedIdentity& {
        if constexpr (requires { alternative.head; }) {
          return alternative.head.identity;
        } else {
          return alternative.identity;
        }
      },
      request);
}

RequestContext ContextOf(const RequestContext& base, const protocol::Request& request) {
  RequestContext context = base;
  const protocol::FederatedIdentity& identity = IdentityOf(request);
  context.identity.account = identity.account.value_or("");
  context.identity.arn = identity.arn.value_or("");
  context.identity.principal_tags = identity.tags;
  context.identity.iam_groups = identity.groups;
  std::visit(
      [&](const auto& alternative) {
        if constexpr (requires { alternative.head; }) {
          context.query_id = alternative.head.query_id.value_or("");
          context.catalog = alternative.head.catalog;
        }
      },
      request);
  return context;
}

std::optional<std::string> OptionOf(const protocol::FederatedIdentity& identity,
                                    const std::string& name) {
  const auto found = identity.config_options.find(name);
  return found == identity.config_options.end() || found->second.empty()
             ? std::nullopt
             : std::optional(found->second);
}

absl::Status NoPassthrough() {
  return absl::UnimplementedError("this connector has no query passthrough");
}

}  // namespace

struct ConnectorFunction::Call {
  const RequestContext& context;
  const protocol::Request& request;
  protocol::Version version;
};

ConnectorFunction::ConnectorFunction(Connector& connector, FunctionOptions options,
                                     SpillStores stores, ThreadPool& uploads)
    : connector_(connector),
      options_(std::move(options)),
      stores_(std::move(stores)),
      uploads_(uploads) {}

protocol::Invocation ConnectorFunction::Invoke(const RequestContext& base,
                                               std::string_view request) {
  const auto answer = [&]() -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const protocol::DecodedRequest decoded, protocol::DecodeRequest(request));
    const RequestContext context = ContextOf(base, decoded.request);
    ASSIGN_OR_RETURN(const Response response,
                     Answer(Call{context, decoded.request, decoded.version}));
    return protocol::EncodeResponse(response, decoded.version);
  }();
  if (!answer.ok()) {
    return {protocol::EncodeLambdaError(protocol::ToLambdaError(answer.status())), true};
  }
  return {*answer, false};
}

absl::StatusOr<Response> ConnectorFunction::Answer(const Call& call) {
  return std::visit([&](const auto& alternative) { return Handle(call, alternative); },
                    call.request);
}

absl::StatusOr<Response> ConnectorFunction::Handle(const Call& /*call*/,
                                                   const protocol::PingRequest& request) {
  protocol::PingResponse response;
  response.catalog = request.head.catalog;
  response.query_id = request.head.query_id.value_or("");
  response.source_type = options_.source_type;
  return response;
}

absl::StatusOr<Response> ConnectorFunction::Handle(
    const Call& /*call*/, const protocol::GetDataSourceCapabilitiesRequest& request) {
  // A flag would free the caller from applying a term again, for every table and every term of its
  // kind; what a connector says of itself (Capabilities) does not go that far.
  protocol::GetDataSourceCapabilitiesResponse response;
  response.catalog = request.head.catalog;
  return response;
}

absl::StatusOr<Response> ConnectorFunction::Handle(const Call& call,
                                                   const protocol::ListSchemasRequest& request) {
  ASSIGN_OR_RETURN(Page<std::string> page, connector_.ListDatabases(call.context, PageRequest()));
  protocol::ListSchemasResponse response;
  response.catalog = request.head.catalog;
  ASSIGN_OR_RETURN(response.schemas, InLowerCase(std::move(page.items), "database"));
  return response;
}

absl::StatusOr<Response> ConnectorFunction::Handle(const Call& call,
                                                   const protocol::ListTablesRequest& request) {
  if (!request.schema) {
    return absl::InvalidArgumentError("the tables of no schema are asked for");
  }
  if (request.page_size < protocol::kUnlimitedPageSize || request.page_size == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("a page of ", request.page_size, " tables is asked for"));
  }
  ASSIGN_OR_RETURN(const std::string database, ResolveDatabase(call.context, *request.schema));
  ASSIGN_OR_RETURN(
      Page<TableName> page,
      connector_.ListTables(call.context, database,
                            PageRequest{request.page_size, request.next_token.value_or("")}));
  std::vector<std::string> names;
  for (TableName& name : page.items) {
    names.push_back(std::move(name.table));
  }
  ASSIGN_OR_RETURN(names, InLowerCase(std::move(names), "table"));
  protocol::ListTablesResponse response;
  response.catalog = request.head.catalog;
  for (std::string& name : names) {
    response.tables.push_back({absl::AsciiStrToLower(database), std::move(name)});
  }
  if (!page.next_token.empty()) {
    response.next_token = std::move(page.next_token);
  }
  return response;
}

absl::StatusOr<Response> ConnectorFunction::Handle(const Call& call,
                                                   const protocol::GetTableRequest& request) {
  if (!request.passthrough_arguments.empty()) {
    return NoPassthrough();
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<const WireTable> table,
                   FindTable(call.context, request.table));
  protocol::GetTableResponse response;
  response.catalog = request.head.catalog;
  // As the source spells it: the caller uses this name from now on.
  response.table = table->table().name;
  response.schema = table->schema();
  response.partition_columns = table->partition_columns();
  return response;
}

absl::StatusOr<Response> ConnectorFunction::Handle(const Call& call,
                                                   const protocol::GetTableLayoutRequest& request) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const WireTable> table,
                   FindTable(call.context, request.table));
  ASSIGN_OR_RETURN(const Scan scan, MakeScan(call, *table, request.constraints,
                                             table->table().schema->field_names()));
  CollectPartitions sink;
  RETURN_IF_ERROR(connector_.PlanPartitions(call.context, table->table(), scan, sink));
  protocol::GetTableLayoutResponse response;
  response.catalog = request.head.catalog;
  response.table = request.table;
  ASSIGN_OR_RETURN(response.partitions, std::move(sink).Take());
  const int64_t bytes = protocol::BlockBytes(*response.partitions);
  if (bytes > options_.max_partition_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the table has ", response.partitions->num_rows(), " partitions of ", bytes,
                     " bytes for this query, over the limit of ", options_.max_partition_bytes,
                     "; filter by the partition columns"));
  }
  return response;
}

absl::StatusOr<Response> ConnectorFunction::Handle(const Call& call,
                                                   const protocol::GetSplitsRequest& request) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const WireTable> table,
                   FindTable(call.context, request.table));
  ASSIGN_OR_RETURN(const Scan scan, MakeScan(call, *table, request.constraints,
                                             table->table().schema->field_names()));
  CollectSplits sink(options_.max_splits_of_page);
  ASSIGN_OR_RETURN(
      ResumeToken token,
      connector_.PlanSplits(call.context, table->table(), scan, Partitions{request.partitions},
                            request.continuation_token.value_or(""), sink));
  protocol::GetSplitsResponse response;
  response.catalog = request.head.catalog;
  for (Split& split : std::move(sink).Take()) {
    ASSIGN_OR_RETURN(protocol::WireSplit wire, ToWire(call, std::move(split)));
    response.splits.push_back(std::move(wire));
  }
  if (!token.empty()) {
    response.continuation_token = std::move(token);
  }
  return response;
}

absl::StatusOr<protocol::WireSplit> ConnectorFunction::ToWire(const Call& call, Split split) {
  const protocol::FederatedIdentity& identity = IdentityOf(call.request);
  protocol::WireSplit wire;
  wire.properties = std::move(split.properties);
  const std::optional<std::string> bucket = OptionOf(identity, "spill_bucket");
  const std::string prefix = OptionOf(identity, "spill_prefix").value_or(options_.spill_prefix);
  ASSIGN_OR_RETURN(const std::string id, RandomUuid());
  wire.spill_location =
      protocol::SpillLocation{bucket ? bucket : options_.spill_bucket,
                              SplitSpillKey(prefix, call.context.query_id, id), true};
  if (options_.encrypt_spill) {
    ASSIGN_OR_RETURN(BlockKey key, GenerateBlockKey());
    wire.encryption_key = protocol::EncryptionKey{std::move(key.key), std::move(key.nonce)};
  }
  return wire;
}

absl::StatusOr<Response> ConnectorFunction::Handle(
    const Call& /*call*/, const protocol::UserDefinedFunctionRequest& request) {
  return absl::UnimplementedError(
      absl::StrCat("Failed to find UDF method. this function has no '", request.method, "'"));
}

absl::StatusOr<std::string> ConnectorFunction::ResolveDatabase(const RequestContext& context,
                                                               const std::string& name) {
  ASSIGN_OR_RETURN(const Page<std::string> page, connector_.ListDatabases(context, PageRequest()));
  return Match(name, page.items, "database");
}

absl::StatusOr<TableName> ConnectorFunction::ResolveTable(const RequestContext& context,
                                                          const TableName& name) {
  ASSIGN_OR_RETURN(std::string database, ResolveDatabase(context, name.database));
  ASSIGN_OR_RETURN(const Page<TableName> page,
                   connector_.ListTables(context, database, PageRequest()));
  std::vector<std::string> names;
  for (const TableName& table : page.items) {
    names.push_back(table.table);
  }
  ASSIGN_OR_RETURN(std::string table, Match(name.table, names, "table"));
  return TableName{std::move(database), std::move(table)};
}

absl::StatusOr<std::shared_ptr<const WireTable>> ConnectorFunction::FindTable(
    const RequestContext& context, const TableName& name) {
  const TableKey key{context.query_id, name};
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = tables_.find(key); found != tables_.end()) {
      return found->second;
    }
  }
  absl::StatusOr<Table> table = connector_.GetTable(context, name);
  if (absl::IsNotFound(table.status())) {
    ASSIGN_OR_RETURN(const TableName resolved, ResolveTable(context, name));
    table = connector_.GetTable(context, resolved);
  }
  RETURN_IF_ERROR(table.status());
  ASSIGN_OR_RETURN(WireTable wire, WireTable::Make(*std::move(table)));
  auto shared = std::make_shared<const WireTable>(std::move(wire));
  if (!context.query_id.empty()) {
    const std::lock_guard lock(mutex_);
    if (tables_.size() >= kMaxKeptTables) {
      tables_.clear();
    }
    tables_[key] = shared;
    tables_[{context.query_id, shared->table().name}] = shared;
  }
  return shared;
}

absl::StatusOr<Scan> ConnectorFunction::MakeScan(const Call& call, const WireTable& table,
                                                 const protocol::WireConstraints& constraints,
                                                 std::vector<std::string> columns) {
  if (!constraints.passthrough_arguments.empty()) {
    return NoPassthrough();
  }
  Scan scan;
  scan.columns = std::move(columns);
  scan.constraints = table.ToSource(constraints, call.version);
  const bool complete =
      scan.constraints.summary.size() == constraints.filter.summary.size() &&
      scan.constraints.expressions.size() == constraints.filter.expressions.size();
  scan.limit = complete && constraints.order_by.empty() ? constraints.limit : std::nullopt;
  ASSIGN_OR_RETURN(const Pushdown pushdown,
                   connector_.PlanPushdown(call.context, table.table(), scan));
  bool exact = true;
  std::erase_if(scan.constraints.summary, [&](const auto& term) {
    const auto found = pushdown.summary.find(term.first);
    const Support support =
        found == pushdown.summary.end() ? Support::kUnsupported : found->second.support;
    exact &= support == Support::kExact;
    return support == Support::kUnsupported;
  });
  size_t index = 0;
  std::erase_if(scan.constraints.expressions, [&](const Expression&) {
    const Support support = index < pushdown.expressions.size()
                                ? pushdown.expressions[index].support
                                : Support::kUnsupported;
    ++index;
    exact &= support == Support::kExact;
    return support == Support::kUnsupported;
  });
  if (!exact || pushdown.limit.support == Support::kUnsupported) {
    scan.limit.reset();
  }
  return scan;
}

absl::StatusOr<Response> ConnectorFunction::Handle(const Call& call,
                                                   const protocol::ReadRecordsRequest& request) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const WireTable> table,
                   FindTable(call.context, request.table));
  ASSIGN_OR_RETURN(std::vector<std::string> columns, table->SourceColumns(*request.schema));
  ASSIGN_OR_RETURN(const Scan scan,
                   MakeScan(call, *table, request.constraints, std::move(columns)));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<ReadAnswer> answer,
      ReadAnswer::Make(request, options_.max_block_bytes, options_.max_uploads, stores_, uploads_));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<RecordBatchStream> stream,
      connector_.Read(call.context, table->table(), scan, Split{request.split.properties}));
  while (true) {
    RETURN_IF_ERROR(call.context.Check());
    absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> rows = stream->Next();
    if (!rows.ok()) {
      return answer->AfterRows(rows.status());
    }
    if (*rows == nullptr) {
      return answer->Finish();
    }
    ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> wire,
                     WireTable::ToWire(**rows, request.schema));
    RETURN_IF_ERROR(answer->Write(wire));
  }
}

}  // namespace pallas::sdk
