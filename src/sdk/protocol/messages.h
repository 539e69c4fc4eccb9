#ifndef PALLAS_SDK_PROTOCOL_MESSAGES_H_
#define PALLAS_SDK_PROTOCOL_MESSAGES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "arrow/type_fwd.h"

#include "sdk/model/scan.h"
#include "sdk/model/table.h"

// The messages of the Athena federation protocol, as its section 6 lists them. Plain values; those
// that hold Arrow data share it. A string that may be null on the wire is an optional.

namespace pallas::sdk::protocol {

// A SerDe version: 1 is reflective JSON, from 2 on the order of fields is fixed (section 3.1).
enum class Version { kV1 = 1, kV2, kV3, kV4, kV5, kV6 };

inline constexpr Version kNewestVersion = Version::kV6;

// The constant that connectors since version 2 answer as their `capabilities`.
inline constexpr int64_t kPingCapabilities = 24;

using StringMap = std::map<std::string, std::string>;

struct FederatedIdentity {
  std::optional<std::string> account;
  std::optional<std::string> arn;
  StringMap tags;
  std::vector<std::string> groups;
  StringMap config_options;  // per request: "spill_bucket", "spill_prefix", ...
};

// What all requests but UserDefinedFunctionRequest begin with.
struct RequestHead {
  FederatedIdentity identity;
  std::optional<std::string> query_id;
  std::string catalog;
};

// The key and nonce of a split's spilled blocks. Decoding takes any lengths; ciphers do not.
struct EncryptionKey {
  std::string key;
  std::string nonce;

  bool operator==(const EncryptionKey&) const = default;
};

struct SpillLocation {
  std::optional<std::string> bucket;
  std::optional<std::string> key;  // with `directory`, a prefix of keys
  bool directory = false;

  bool operator==(const SpillLocation&) const = default;
};

struct WireSplit {
  std::optional<SpillLocation> spill_location;
  std::optional<EncryptionKey> encryption_key;
  StringMap properties;
};

// A Substrait plan, base64 of its protobuf form: never decoded here.
struct QueryPlan {
  std::optional<std::string> substrait_version;
  std::string substrait_plan;
};

// What is wanted of a table. Fields that a version does not have stay empty when it is read, and
// are left out when it is written: they only ever narrow, but for `passthrough_arguments`, without
// which the request would mean something else, so that writing them before version 5 fails.
struct WireConstraints {
  Constraints filter;                   // expressions since version 4
  std::vector<OrderBy> order_by;        // since version 4
  std::optional<int64_t> limit;         // since version 4
  StringMap passthrough_arguments;      // since version 5
  std::optional<QueryPlan> query_plan;  // since version 6
};

// The rows of a message, with the schema that names and types them. Never null in a valid message.
using Block = std::shared_ptr<arrow::RecordBatch>;

struct PingRequest {
  RequestHead head;
};

struct PingResponse {
  std::string catalog;
  std::string query_id;
  std::optional<std::string> source_type;
  int64_t capabilities = kPingCapabilities;
  // The newest version the connector speaks; may be newer than any we know.
  int64_t serde_version = static_cast<int64_t>(kNewestVersion);
};

struct ListSchemasRequest {
  RequestHead head;
};

struct ListSchemasResponse {
  std::string catalog;
  std::vector<std::string> schemas;
};

inline constexpr int64_t kUnlimitedPageSize = -1;

struct ListTablesRequest {
  RequestHead head;
  std::optional<std::string> schema;
  std::optional<std::string> next_token;
  int64_t page_size = kUnlimitedPageSize;
};

struct ListTablesResponse {
  std::vector<TableName> tables;
  std::string catalog;
  std::optional<std::string> next_token;
};

struct GetTableRequest {
  RequestHead head;
  TableName table;
  StringMap passthrough_arguments;  // since version 5
};

struct GetTableResponse {
  std::string catalog;
  TableName table;
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::string> partition_columns;
};

struct GetTableLayoutRequest {
  RequestHead head;
  TableName table;
  WireConstraints constraints;
  std::shared_ptr<arrow::Schema> schema;
  std::vector<std::string> partition_columns;
};

struct GetTableLayoutResponse {
  std::string catalog;
  TableName table;
  Block partitions;
};

struct GetSplitsRequest {
  RequestHead head;
  TableName table;
  Block partitions;
  std::vector<std::string> partition_columns;
  WireConstraints constraints;
  std::optional<std::string> continuation_token;
};

struct GetSplitsResponse {
  std::string catalog;
  std::vector<WireSplit> splits;
  std::optional<std::string> continuation_token;
};

struct ReadRecordsRequest {
  RequestHead head;
  TableName table;
  std::shared_ptr<arrow::Schema> schema;  // the projection
  WireSplit split;
  WireConstraints constraints;
  int64_t max_block_bytes = 0;
  int64_t max_inline_block_bytes = 0;
};

struct ReadRecordsResponse {
  std::string catalog;
  Block records;
};

struct RemoteReadRecordsResponse {
  std::string catalog;
  std::shared_ptr<arrow::Schema> schema;
  std::vector<SpillLocation> remote_blocks;
  std::optional<EncryptionKey> encryption_key;
};

struct OptimizationSubType {
  std::string sub_type;
  std::vector<std::string> properties;

  bool operator==(const OptimizationSubType&) const = default;
};

struct GetDataSourceCapabilitiesRequest {
  RequestHead head;
};

struct GetDataSourceCapabilitiesResponse {
  std::string catalog;
  // By the name of the optimization (section 14).
  std::map<std::string, std::vector<OptimizationSubType>> capabilities;
};

struct UserDefinedFunctionRequest {
  FederatedIdentity identity;
  Block input;  // an argument in each column
  std::shared_ptr<arrow::Schema> output_schema;
  std::string method;
};

struct UserDefinedFunctionResponse {
  Block records;
  std::string method;
};

using Request = std::variant<PingRequest, ListSchemasRequest, ListTablesRequest, GetTableRequest,
                             GetTableLayoutRequest, GetSplitsRequest, ReadRecordsRequest,
                             GetDataSourceCapabilitiesRequest, UserDefinedFunctionRequest>;

using Response = std::variant<PingResponse, ListSchemasResponse, ListTablesResponse,
                              GetTableResponse, GetTableLayoutResponse, GetSplitsResponse,
                              ReadRecordsResponse, RemoteReadRecordsResponse,
                              GetDataSourceCapabilitiesResponse, UserDefinedFunctionResponse>;

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_MESSAGES_H_
