#include "federation/remote_connector.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/status_macros.h"
#include "federation/remote_call.h"
#include "federation/remote_stream.h"

namespace pallas::federation {

namespace protocol = sdk::protocol;

namespace {

// The one property of a split: its whole form on the wire, which the engine hands back unread.
constexpr char kSplitProperty[] = "split";

constexpr char kFilters[] = "supports_filter_pushdown";
constexpr char kLimits[] = "supports_limit_pushdown";
constexpr char kTopN[] = "supports_top_n_pushdown";
constexpr char kExpressions[] = "supports_complex_expression_pushdown";

absl::StatusOr<std::string> EncodeSplits(std::vector<protocol::WireSplit> splits,
                                         std::optional<std::string> continuation) {
  return protocol::EncodeResponse(
      protocol::GetSplitsResponse{"", std::move(splits), std::move(continuation)},
      protocol::kNewestVersion);
}

absl::StatusOr<protocol::GetSplitsResponse> DecodeSplits(const std::string& text) {
  ASSIGN_OR_RETURN(protocol::Response response,
                   protocol::DecodeResponse(text, protocol::kNewestVersion));
  auto* const splits = std::get_if<protocol::GetSplitsResponse>(&response);
  if (splits == nullptr) {
    return absl::InvalidArgumentError("a split of a remote connector is not one");
  }
  return std::move(*splits);
}

// Comments of columns lie in the table's metadata, under the columns' names (section 8.4).
std::shared_ptr<arrow::Schema> WithComments(const std::shared_ptr<arrow::Schema>& schema) {
  if (schema->metadata() == nullptr) {
    return schema;
  }
  arrow::FieldVector fields;
  for (const std::shared_ptr<arrow::Field>& field : schema->fields()) {
    const int place = schema->metadata()->FindKey(field->name());
    fields.push_back(place < 0 || field->HasMetadata()
                         ? field
                         : field->WithMetadata(arrow::key_value_metadata(
                               {sdk::kCommentKey}, {schema->metadata()->value(place)})));
  }
  return arrow::schema(std::move(fields), schema->metadata());
}

// Java orders texts by UTF-16, we by UTF-8; they differ only where a text has a character from
// U+E000 on.
bool IsOrderedAlike(const std::optional<sdk::Bound>& bound) {
  const auto* const text = bound ? std::get_if<std::string>(&bound->value) : nullptr;
  return text == nullptr || std::all_of(text->begin(), text->end(), [](char c) {
           return static_cast<unsigned char>(c) < 0xEE;
         });
}

bool IsSafe(const sdk::ValueSet& set) {
  return set.type()->id() != arrow::Type::STRING ||
         std::all_of(set.ranges().begin(), set.ranges().end(), [](const sdk::Range& range) {
           return range.IsSingleValue() ||
                  (IsOrderedAlike(range.low) && IsOrderedAlike(range.high));
         });
}

bool CallsOnly(const sdk::Expression& expression, const std::vector<std::string>& functions) {
  if (expression.kind == sdk::Expression::Kind::kCall &&
      std::find(functions.begin(), functions.end(), expression.name) == functions.end()) {
    return false;
  }
  return std::all_of(
      expression.arguments.begin(), expression.arguments.end(),
      [&](const sdk::Expression& argument) { return CallsOnly(argument, functions); });
}

sdk::TermSupport AppliedAgain() {
  return {sdk::Support::kInexact, "the connector may apply it; it is applied again"};
}

sdk::TermSupport NotSent(std::string reason) {
  return {sdk::Support::kUnsupported, std::move(reason)};
}

absl::StatusOr<RemoteProjection> ProjectionOf(const sdk::Table& table, const sdk::Scan& scan) {
  RemoteProjection projection;
  arrow::FieldVector fields;
  for (const std::string& column : scan.columns) {
    const std::shared_ptr<arrow::Field> field = table.schema->GetFieldByName(column);
    if (field == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("table ", table.name.ToString(), " has no column '", column, "'"));
    }
    fields.push_back(field);
  }
  projection.counts_only = fields.empty();
  if (projection.counts_only && table.schema->num_fields() > 0) {
    // Rows without columns cannot be counted on the wire.
    fields.push_back(table.schema->field(0));
  }
  projection.asked = arrow::schema(std::move(fields), table.schema->metadata());
  return projection;
}

std::optional<std::string> CatalogOf(const protocol::Response& response) {
  return std::visit(
      [](const auto& alternative) -> std::optional<std::string> {
        if constexpr (requires { alternative.catalog; }) {
          return alternative.catalog;
        } else {
          return std::nullopt;
        }
      },
      response);
}

}  // namespace

RemoteConnector::RemoteConnector(RemoteOptions options, std::shared_ptr<LambdaInvoker> invoker,
                                 SpillStores stores)
    : options_(std::move(options)), invoker_(std::move(invoker)), stores_(std::move(stores)) {}

protocol::RequestHead RemoteConnector::Head(const sdk::RequestContext& context) const {
  protocol::RequestHead head = HeadOf(context);
  head.identity.config_options = options_.config_options;
  if (!options_.catalog.empty()) {
    head.catalog = options_.catalog;
  }
  return head;
}

protocol::WireConstraints RemoteConnector::ToWire(const sdk::Scan& scan) const {
  protocol::WireConstraints constraints;
  constraints.filter = scan.constraints;
  constraints.order_by = scan.order_by;
  constraints.limit = scan.limit;
  return constraints;
}

absl::StatusOr<protocol::Version> RemoteConnector::VersionOf(const sdk::RequestContext& context,
                                                             const std::string& function) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = versions_.find(function); found != versions_.end()) {
      return found->second;
    }
  }
  ASSIGN_OR_RETURN(const protocol::Version version,
                   PingFunction(*invoker_, context, function, Head(context)));
  const std::lock_guard lock(mutex_);
  versions_[function] = version;
  return version;
}

absl::StatusOr<protocol::Response> RemoteConnector::Ask(const sdk::RequestContext& context,
                                                        const std::string& function,
                                                        const protocol::Request& request) {
  ASSIGN_OR_RETURN(const protocol::Version version, VersionOf(context, function));
  ASSIGN_OR_RETURN(protocol::Response response,
                   CallFunction(*invoker_, context, function, request, version));
  const std::string asked = Head(context).catalog;
  if (const std::optional<std::string> catalog = CatalogOf(response);
      catalog && *catalog != asked) {
    return absl::InternalError(absl::StrCat("function ", function, " answered for the catalog '",
                                            *catalog, "' instead of '", asked, "'"));
  }
  return response;
}

template <typename ResponseType>
absl::StatusOr<ResponseType> RemoteConnector::AskMetadata(const sdk::RequestContext& context,
                                                          const protocol::Request& request) {
  ASSIGN_OR_RETURN(protocol::Response response, Ask(context, options_.metadata_function, request));
  auto* const expected = std::get_if<ResponseType>(&response);
  if (expected == nullptr) {
    return absl::InternalError(absl::StrCat("function ", options_.metadata_function, " answered a ",
                                            TypeName(request), " with ", TypeName(response)));
  }
  return std::move(*expected);
}

absl::StatusOr<RemoteConnector::CapabilityMap> RemoteConnector::RemoteCapabilities(
    const sdk::RequestContext& context) {
  {
    const std::lock_guard lock(mutex_);
    if (capabilities_) {
      return *capabilities_;
    }
  }
  ASSIGN_OR_RETURN(const protocol::Version version, VersionOf(context, options_.metadata_function));
  CapabilityMap capabilities;
  if (version >= protocol::Version::kV4) {
    ASSIGN_OR_RETURN(protocol::GetDataSourceCapabilitiesResponse response,
                     AskMetadata<protocol::GetDataSourceCapabilitiesResponse>(
                         context, protocol::GetDataSourceCapabilitiesRequest{Head(context)}));
    capabilities = std::move(response.capabilities);
  }
  const std::lock_guard lock(mutex_);
  capabilities_ = capabilities;
  return capabilities;
}

absl::StatusOr<sdk::Capabilities> RemoteConnector::GetCapabilities(
    const sdk::RequestContext& context) {
  ASSIGN_OR_RETURN(const CapabilityMap remote, RemoteCapabilities(context));
  sdk::Capabilities capabilities;
  capabilities.filter = true;  // value sets are part of every version
  capabilities.expressions = remote.contains(kExpressions);
  capabilities.limit = remote.contains(kLimits);
  capabilities.top_n = remote.contains(kTopN);
  return capabilities;
}

absl::StatusOr<sdk::Page<std::string>> RemoteConnector::ListDatabases(
    const sdk::RequestContext& context, const sdk::PageRequest& /*page*/) {
  // The wire has no pages of schemas.
  ASSIGN_OR_RETURN(protocol::ListSchemasResponse response,
                   AskMetadata<protocol::ListSchemasResponse>(
                       context, protocol::ListSchemasRequest{Head(context)}));
  return sdk::Page<std::string>{std::move(response.schemas), ""};
}

absl::StatusOr<sdk::Page<sdk::TableName>> RemoteConnector::ListTables(
    const sdk::RequestContext& context, const std::string& database, const sdk::PageRequest& page) {
  protocol::ListTablesRequest request{Head(context), database, std::nullopt, page.page_size};
  if (!page.token.empty()) {
    request.next_token = page.token;
  }
  sdk::Page<sdk::TableName> result;
  while (true) {
    ASSIGN_OR_RETURN(protocol::ListTablesResponse response,
                     AskMetadata<protocol::ListTablesResponse>(context, request));
    std::move(response.tables.begin(), response.tables.end(), std::back_inserter(result.items));
    if (!response.next_token || response.next_token->empty()) {
      return result;
    }
    if (page.page_size != protocol::kUnlimitedPageSize) {
      result.next_token = *std::move(response.next_token);
      return result;
    }
    if (response.next_token == request.next_token) {
      return absl::InternalError("the connector lists the same page of tables again and again");
    }
    request.next_token = std::move(response.next_token);
  }
}

absl::StatusOr<sdk::Table> RemoteConnector::GetTable(const sdk::RequestContext& context,
                                                     const sdk::TableName& name) {
  ASSIGN_OR_RETURN(protocol::GetTableResponse response,
                   AskMetadata<protocol::GetTableResponse>(
                       context, protocol::GetTableRequest{Head(context), name, {}}));
  sdk::Table table;
  table.name = std::move(response.table);  // with its case corrected
  table.schema = WithComments(response.schema);
  table.partition_columns = std::move(response.partition_columns);
  return table;
}

absl::StatusOr<sdk::Pushdown> RemoteConnector::PlanPushdown(const sdk::RequestContext& context,
                                                            const sdk::Table& table,
                                                            const sdk::Scan& scan) {
  ASSIGN_OR_RETURN(const CapabilityMap remote, RemoteCapabilities(context));
  sdk::Pushdown pushdown;
  for (const auto& [column, set] : scan.constraints.summary) {
    pushdown.summary[column] =
        IsSafe(set) ? AppliedAgain() : NotSent("the connector orders texts by UTF-16");
  }
  std::vector<std::string> functions;
  if (const auto found = remote.find(kExpressions); found != remote.end()) {
    for (const protocol::OptimizationSubType& sub_type : found->second) {
      functions.insert(functions.end(), sub_type.properties.begin(), sub_type.properties.end());
    }
  }
  for (const sdk::Expression& expression : scan.constraints.expressions) {
    pushdown.expressions.push_back(CallsOnly(expression, functions)
                                       ? AppliedAgain()
                                       : NotSent("the connector does not offer the function"));
  }
  pushdown.limit =
      remote.contains(kLimits) ? AppliedAgain() : NotSent("the connector does not offer limits");
  pushdown.order_by = NotSent("the order of splits is not kept");
  pushdown.aggregation = NotSent("the protocol has no aggregation");
  pushdown.statement =
      absl::StrCat("ReadRecords ", table.name.ToString(), " by ", options_.record_function);
  return pushdown;
}

absl::Status RemoteConnector::PlanPartitions(const sdk::RequestContext& context,
                                             const sdk::Table& table, const sdk::Scan& scan,
                                             sdk::PartitionSink& sink) {
  ASSIGN_OR_RETURN(
      protocol::GetTableLayoutResponse response,
      AskMetadata<protocol::GetTableLayoutResponse>(
          context, protocol::GetTableLayoutRequest{Head(context), table.name, ToWire(scan),
                                                   table.schema, table.partition_columns}));
  if (response.partitions->num_rows() == 0) {
    return absl::OkStatus();
  }
  return sink.Add(sdk::Partitions{std::move(response.partitions)}).status();
}

absl::StatusOr<sdk::ResumeToken> RemoteConnector::PlanSplits(
    const sdk::RequestContext& context, const sdk::Table& table, const sdk::Scan& scan,
    const sdk::Partitions& partitions, const sdk::ResumeToken& from, sdk::SplitSink& sink) {
  // A token holds the splits of a page that were not delivered: asked again, a connector may give
  // them other keys and another order.
  protocol::GetSplitsResponse page;
  if (!from.empty()) {
    ASSIGN_OR_RETURN(page, DecodeSplits(from));
  }
  protocol::GetSplitsRequest request{Head(context),           table.name,   partitions.rows,
                                     table.partition_columns, ToWire(scan), {}};
  bool is_first = from.empty();
  while (true) {
    for (auto split = page.splits.begin(); split != page.splits.end(); ++split) {
      sdk::Split delivered;
      ASSIGN_OR_RETURN(delivered.properties[kSplitProperty], EncodeSplits({*split}, std::nullopt));
      ASSIGN_OR_RETURN(const sdk::Flow flow, sink.Add(std::move(delivered)));
      if (flow == sdk::Flow::kStop) {
        std::vector<protocol::WireSplit> rest(split + 1, page.splits.end());
        if (rest.empty() && !page.continuation_token) {
          return "";
        }
        return EncodeSplits(std::move(rest), page.continuation_token);
      }
    }
    if (!is_first && !page.continuation_token) {
      return "";
    }
    is_first = false;
    request.continuation_token = page.continuation_token;
    ASSIGN_OR_RETURN(page, AskMetadata<protocol::GetSplitsResponse>(context, request));
  }
}

absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> RemoteConnector::Read(
    const sdk::RequestContext& context, const sdk::Table& table, const sdk::Scan& scan,
    const sdk::Split& split) {
  const auto property = split.properties.find(kSplitProperty);
  ASSIGN_OR_RETURN(protocol::GetSplitsResponse splits,
                   DecodeSplits(property == split.properties.end() ? "" : property->second));
  if (splits.splits.size() != 1) {
    return absl::InvalidArgumentError("a split of a remote connector is not one");
  }
  ASSIGN_OR_RETURN(RemoteProjection projection, ProjectionOf(table, scan));
  protocol::ReadRecordsRequest request;
  request.head = Head(context);
  request.table = table.name;
  request.schema = projection.asked;
  request.split = std::move(splits.splits[0]);
  request.constraints = ToWire(scan);
  request.max_block_bytes = options_.max_block_bytes;
  request.max_inline_block_bytes = options_.max_inline_block_bytes;
  ASSIGN_OR_RETURN(protocol::Response response, Ask(context, options_.record_function, request));
  if (auto* const inlined = std::get_if<protocol::ReadRecordsResponse>(&response)) {
    return InlineStream(std::move(projection), std::move(*inlined));
  }
  auto* const remote = std::get_if<protocol::RemoteReadRecordsResponse>(&response);
  if (remote == nullptr) {
    return absl::InternalError(absl::StrCat("function ", options_.record_function,
                                            " answered a ReadRecordsRequest with ",
                                            TypeName(response)));
  }
  storage::ObjectStore* store = nullptr;
  if (!remote->remote_blocks.empty()) {
    ASSIGN_OR_RETURN(store, stores_(remote->remote_blocks[0].bucket.value_or("")));
  }
  return SpilledStream(context, std::move(projection), std::move(*remote), store,
                       options_.max_spilled_bytes);
}

}  // namespace pallas::federation
