#include <utility>

#include "sdk/protocol/codec.h"
#include "sdk/protocol/encoder_internal.h"
#include "sdk/protocol/message_names_internal.h"

namespace pallas::sdk::protocol {
namespace {

// What version 1 has at the end of requests and responses; readers ignore it.
void RequestTypeField(Encoder& to, const char* type, bool is_request) {
  if (to.v1()) {
    to.out().Field("requestType", type);
    if (is_request) {
      to.out().NullField("context");
    }
  }
}

void Head(Encoder& to, const RequestHead& head) {
  to.Identity(head.identity);
  to.out().Field("queryId", head.query_id);
  to.out().Field("catalogName", head.catalog);
}

const char* PartitionColumnsName(const Encoder& to) {
  return to.v1() ? "partitionCols" : "partitionColumns";
}

void Key(Encoder& to, const std::optional<EncryptionKey>& key) {
  if (!key) {
    to.out().NullField("encryptionKey");
    return;
  }
  to.out().BeginObject("encryptionKey");
  to.out().Base64Field("key", key->key);
  to.out().Base64Field("nonce", key->nonce);
  to.out().EndObject();
}

void Location(Encoder& to, const SpillLocation& location) {
  to.out().BeginObject();
  to.out().Field("@type", "S3SpillLocation");
  to.out().Field("bucket", location.bucket);
  to.out().Field("key", location.key);
  to.out().BoolField("directory", location.directory);
  to.out().EndObject();
}

void SplitObject(Encoder& to, const WireSplit& split) {
  to.out().BeginObject();
  to.out().Key("spillLocation");
  if (split.spill_location) {
    Location(to, *split.spill_location);
  } else {
    to.out().Null();
  }
  Key(to, split.encryption_key);
  to.out().Field("properties", split.properties);
  to.out().EndObject();
}

// The fields of each message after `@type`.

void Write(Encoder& to, const PingRequest& request) {
  to.Identity(request.head.identity);
  to.out().Field("catalogName", request.head.catalog);
  to.out().Field("queryId", request.head.query_id.value_or(""));
}

void Write(Encoder& to, const ListSchemasRequest& request) {
  Head(to, request.head);
  RequestTypeField(to, "LIST_SCHEMAS", true);
}

void Write(Encoder& to, const ListTablesRequest& request) {
  Head(to, request.head);
  to.out().Field("schemaName", request.schema);
  to.out().Field("nextToken", request.next_token);
  to.out().NumberField("pageSize", request.page_size);
  RequestTypeField(to, "LIST_TABLES", true);
}

void Write(Encoder& to, const GetTableRequest& request) {
  Head(to, request.head);
  to.Table("tableName", request.table);
  to.PassthroughArguments(request.passthrough_arguments);
  RequestTypeField(to, "GET_TABLE", true);
  if (to.v1()) {
    to.out().BoolField("queryPassthrough", !request.passthrough_arguments.empty());
  }
}

void Write(Encoder& to, const GetTableLayoutRequest& request) {
  Head(to, request.head);
  to.Table("tableName", request.table);
  to.Constraints(request.constraints);
  to.Schema("schema", request.schema);
  to.out().Field(PartitionColumnsName(to), request.partition_columns);
  RequestTypeField(to, "GET_TABLE_LAYOUT", true);
}

void Write(Encoder& to, const GetSplitsRequest& request) {
  Head(to, request.head);
  to.Table("tableName", request.table);
  to.Records("partitions", request.partitions);
  to.out().Field(PartitionColumnsName(to), request.partition_columns);
  to.Constraints(request.constraints);
  to.out().Field("continuationToken", request.continuation_token);
  RequestTypeField(to, "GET_SPLITS", true);
}

void Write(Encoder& to, const ReadRecordsRequest& request) {
  to.Identity(request.head.identity);
  if (to.v1()) {
    to.out().Field("catalogName", request.head.catalog);
  }
  to.out().Field("queryId", request.head.query_id.value_or(""));
  if (!to.v1()) {
    to.out().Field("catalogName", request.head.catalog);
  }
  to.Table("tableName", request.table);
  to.Schema("schema", request.schema);
  to.out().Key("split");
  SplitObject(to, request.split);
  to.Constraints(request.constraints);
  if (to.v1()) {
    to.out().NumberField("maxBlockSize", request.max_block_bytes);
    to.out().NumberField("maxInlineBlockSize", request.max_inline_block_bytes);
  } else {
    to.out().Field("maxBlockSize", std::to_string(request.max_block_bytes));
    to.out().Field("maxInlineBlockSize", std::to_string(request.max_inline_block_bytes));
  }
  RequestTypeField(to, "READ_RECORDS", false);
}

void Write(Encoder& to, const GetDataSourceCapabilitiesRequest& request) {
  if (to.version() < Version::kV4) {
    to.Check(
        absl::FailedPreconditionError("the connector speaks an older version of the protocol, "
                                      "which cannot ask for capabilities"));
  }
  Head(to, request.head);
}

void Write(Encoder& to, const UserDefinedFunctionRequest& request) {
  to.Identity(request.identity);
  to.Records("inputRecords", request.input);
  to.Schema("outputSchema", request.output_schema);
  to.out().Field("methodName", request.method);
  to.out().Field("functionType", "SCALAR");
}

void Write(Encoder& to, const PingResponse& response) {
  to.out().Field("catalogName", response.catalog);
  to.out().Field("queryId", response.query_id);
  to.out().Field("sourceType", response.source_type);
  to.out().NumberField("capabilities", response.capabilities);
  to.out().NumberField("serDeVersion", response.serde_version);
}

void Write(Encoder& to, const ListSchemasResponse& response) {
  to.out().Field("catalogName", response.catalog);
  to.out().Field("schemas", response.schemas);
  RequestTypeField(to, "LIST_SCHEMAS", false);
}

void Write(Encoder& to, const ListTablesResponse& response) {
  if (to.v1()) {
    to.out().Field("catalogName", response.catalog);
  }
  to.out().BeginArray("tables");
  for (const TableName& table : response.tables) {
    to.TableObject(table);
  }
  to.out().EndArray();
  if (!to.v1()) {
    to.out().Field("catalogName", response.catalog);
  }
  to.out().Field("nextToken", response.next_token);
  RequestTypeField(to, "LIST_TABLES", false);
}

void Write(Encoder& to, const GetTableResponse& response) {
  to.out().Field("catalogName", response.catalog);
  to.Table("tableName", response.table);
  to.Schema("schema", response.schema);
  to.out().Field("partitionColumns", response.partition_columns);
  RequestTypeField(to, "GET_TABLE", false);
}

void Write(Encoder& to, const GetTableLayoutResponse& response) {
  to.out().Field("catalogName", response.catalog);
  to.Table("tableName", response.table);
  to.Records("partitions", response.partitions);
  RequestTypeField(to, "GET_TABLE_LAYOUT", false);
}

void Write(Encoder& to, const GetSplitsResponse& response) {
  to.out().Field("catalogName", response.catalog);
  to.out().BeginArray("splits");
  for (const WireSplit& split : response.splits) {
    SplitObject(to, split);
  }
  to.out().EndArray();
  to.out().Field("continuationToken", response.continuation_token);
  RequestTypeField(to, "GET_SPLITS", false);
}

void Write(Encoder& to, const ReadRecordsResponse& response) {
  to.out().Field("catalogName", response.catalog);
  to.Records("records", response.records);
  RequestTypeField(to, "READ_RECORDS", false);
}

void Write(Encoder& to, const RemoteReadRecordsResponse& response) {
  to.out().Field("catalogName", response.catalog);
  to.Schema("schema", response.schema);
  to.out().BeginArray("remoteBlocks");
  for (const SpillLocation& location : response.remote_blocks) {
    Location(to, location);
  }
  to.out().EndArray();
  Key(to, response.encryption_key);
  RequestTypeField(to, "READ_RECORDS", false);
}

void Write(Encoder& to, const GetDataSourceCapabilitiesResponse& response) {
  if (to.version() < Version::kV4) {
    to.Check(absl::FailedPreconditionError(
        "capabilities were asked for in a version of the protocol that does not have them"));
  }
  to.out().Field("catalogName", response.catalog);
  to.out().BeginObject("capabilities");
  for (const auto& [name, sub_types] : response.capabilities) {
    to.out().BeginArray(name);
    for (const OptimizationSubType& sub_type : sub_types) {
      to.out().BeginObject();
      to.out().Field("subType", sub_type.sub_type);
      to.out().Field("properties", sub_type.properties);
      to.out().EndObject();
    }
    to.out().EndArray();
  }
  to.out().EndObject();
}

void Write(Encoder& to, const UserDefinedFunctionResponse& response) {
  to.Records("records", response.records);
  to.out().Field("methodName", response.method);
}

template <typename Message>
absl::StatusOr<std::string> Encode(const Message& message, Version version) {
  Encoder to(version);
  to.out().BeginObject();
  to.out().Field("@type", TypeName(message));
  std::visit([&](const auto& alternative) { Write(to, alternative); }, message);
  to.out().EndObject();
  return std::move(to).Finish();
}

// By the index of the alternative.
constexpr const char* kRequestNames[] = {
    kPingRequest,        kListSchemasRequest,    kListTablesRequest,
    kGetTableRequest,    kGetTableLayoutRequest, kGetSplitsRequest,
    kReadRecordsRequest, kCapabilitiesRequest,   kUserDefinedFunctionRequest};
constexpr const char* kResponseNames[] = {kPingResponse,           kListSchemasResponse,
                                          kListTablesResponse,     kGetTableResponse,
                                          kGetTableLayoutResponse, kGetSplitsResponse,
                                          kReadRecordsResponse,    kRemoteReadRecordsResponse,
                                          kCapabilitiesResponse,   kUserDefinedFunctionResponse};
static_assert(std::size(kRequestNames) == std::variant_size_v<Request>);
static_assert(std::size(kResponseNames) == std::variant_size_v<Response>);

}  // namespace

std::string_view TypeName(const Request& request) { return kRequestNames[request.index()]; }

std::string_view TypeName(const Response& response) { return kResponseNames[response.index()]; }

absl::StatusOr<std::string> EncodeRequest(const Request& request, Version version) {
  return Encode(request, version);
}

absl::StatusOr<std::string> EncodeResponse(const Response& response, Version version) {
  return Encode(response, version);
}

}  // namespace pallas::sdk::protocol
