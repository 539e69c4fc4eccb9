#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "sdk/protocol/codec.h"
#include "sdk/protocol/decoder_internal.h"
#include "sdk/protocol/message_names_internal.h"

namespace pallas::sdk::protocol {
namespace {

using Element = ObjectReader::Element;

// Base64 of FF FF FF FF, with which modern framing begins.
constexpr std::string_view kModernPrefix = "/////";

RequestHead ReadHead(ObjectReader& in) {
  RequestHead head;
  head.identity = ReadIdentity(in);
  head.query_id = in.NullableText("queryId");
  head.catalog = in.Text("catalogName");
  return head;
}

std::string_view PartitionColumnsName(const ObjectReader& in) {
  return in.version() == Version::kV1 ? "partitionCols" : "partitionColumns";
}

StringMap ReadPassthrough(ObjectReader& in) {
  return in.version() >= Version::kV5 || in.version() == Version::kV1
             ? in.Map("queryPassthroughArguments")
             : StringMap();
}

PingRequest ReadPing(ObjectReader& in) {
  PingRequest request;
  request.head.identity = ReadIdentity(in);
  request.head.catalog = in.Text("catalogName");
  request.head.query_id = in.Text("queryId");
  return request;
}

ListTablesRequest ReadListTables(ObjectReader& in) {
  ListTablesRequest request;
  request.head = ReadHead(in);
  request.schema = in.NullableText("schemaName");
  bool has_token = false;
  bool has_size = false;
  const std::optional<Element> token = in.Optional("nextToken", &has_token);
  const std::optional<Element> size = in.Optional("pageSize", &has_size);
  // Peers of before 2021 have neither. Java also takes the request when one is misspelled, and
  // lists from the start for ever.
  if (in.version() != Version::kV1 &&
      (has_token != has_size || !(has_token || in.NextName().empty()))) {
    in.Fail("nextToken",
            absl::StrCat("nextToken and pageSize are expected together; found ", in.NextName()));
  }
  if (token) {
    request.next_token = TextOf(in.state(), "nextToken", *token);
  }
  if (has_size) {
    request.page_size = size ? IntOf(in.state(), "pageSize", *size) : 0;
  }
  return request;
}

GetTableRequest ReadGetTable(ObjectReader& in) {
  GetTableRequest request;
  request.head = ReadHead(in);
  request.table = ReadTable(in);
  request.passthrough_arguments = ReadPassthrough(in);
  return request;
}

GetTableLayoutRequest ReadGetTableLayout(ObjectReader& in) {
  GetTableLayoutRequest request;
  request.head = ReadHead(in);
  request.table = ReadTable(in);
  request.constraints = ReadConstraints(in);
  request.schema = ReadSchema(in, "schema");
  request.partition_columns = in.Texts(PartitionColumnsName(in));
  return request;
}

GetSplitsRequest ReadGetSplits(ObjectReader& in) {
  GetSplitsRequest request;
  request.head = ReadHead(in);
  request.table = ReadTable(in);
  request.partitions = ReadBlock(in, "partitions");
  request.partition_columns = in.Texts(PartitionColumnsName(in));
  request.constraints = ReadConstraints(in);
  request.continuation_token = in.NullableText("continuationToken");
  return request;
}

ReadRecordsRequest ReadReadRecords(ObjectReader& in) {
  ReadRecordsRequest request;
  request.head = ReadHead(in);
  if (in.ok() && !request.head.query_id) {
    in.Fail("queryId", "the field is null");
  }
  request.table = ReadTable(in);
  request.schema = ReadSchema(in, "schema");
  if (const std::optional<Element> split = in.Required("split")) {
    request.split = ReadSplit(in.state(), *split);
  }
  request.constraints = ReadConstraints(in);
  request.max_block_bytes = in.Int("maxBlockSize");
  request.max_inline_block_bytes = in.Int("maxInlineBlockSize");
  return request;
}

UserDefinedFunctionRequest ReadUserDefinedFunction(ObjectReader& in) {
  UserDefinedFunctionRequest request;
  request.identity = ReadIdentity(in);
  request.input = ReadBlock(in, "inputRecords");
  request.output_schema = ReadSchema(in, "outputSchema");
  request.method = in.Text("methodName");
  if (in.Text("functionType") != "SCALAR") {
    in.Fail("functionType", "only SCALAR is known");
  }
  return request;
}

Request ReadRequest(ObjectReader& in) {
  const std::string type = in.Text("@type");
  if (type == kPingRequest) {
    return ReadPing(in);
  }
  if (type == kListSchemasRequest) {
    return ListSchemasRequest{ReadHead(in)};
  }
  if (type == kListTablesRequest) {
    return ReadListTables(in);
  }
  if (type == kGetTableRequest) {
    return ReadGetTable(in);
  }
  if (type == kGetTableLayoutRequest) {
    return ReadGetTableLayout(in);
  }
  if (type == kGetSplitsRequest) {
    return ReadGetSplits(in);
  }
  if (type == kReadRecordsRequest) {
    return ReadReadRecords(in);
  }
  if (type == kUserDefinedFunctionRequest) {
    return ReadUserDefinedFunction(in);
  }
  if (type == kCapabilitiesRequest && in.version() >= Version::kV4) {
    return GetDataSourceCapabilitiesRequest{ReadHead(in)};
  }
  in.Fail("@type", absl::StrCat("there is no request ", type));
  return PingRequest();
}

absl::StatusOr<Request> Read(const Element& document, Version version) {
  DecodeState state;
  state.version = version;
  ObjectReader in(state, "request", document);
  Request request = ReadRequest(in);
  RETURN_IF_ERROR(state.status);
  return request;
}

bool Has(const Element& object, std::string_view key) {
  Element value;
  return object.at_key(key).get(value) == simdjson::SUCCESS;
}

// Looks at the value sets of the first version's names.
bool HasFirstVersionSets(const Element& constraints) {
  simdjson::dom::object summary;
  if (constraints.at_key("summary").get(summary) != simdjson::SUCCESS) {
    return false;
  }
  for (const auto& field : summary) {
    std::string_view type;
    if (field.value.at_key("@type").get(type) == simdjson::SUCCESS) {
      return type == "sortable" || type == "equatable" || type == "allOrNone";
    }
  }
  return false;
}

bool IsFirstVersion(const Element& document) {
  Element identity;
  Element constraints;
  const bool has_identity = document.at_key("identity").get(identity) == simdjson::SUCCESS;
  return Has(document, "requestType") || document.at_key("schema").is_object() ||
         document.at_key("outputSchema").is_object() ||
         (has_identity && (Has(identity, "principalTags") || Has(identity, "iamGroups"))) ||
         (document.at_key("constraints").get(constraints) == simdjson::SUCCESS &&
          HasFirstVersionSets(constraints));
}

// The Arrow text of a request, wherever it has one; empty without.
std::string_view ArrowText(const Element& document) {
  constexpr std::array<std::string_view, 2> kSchemas = {"schema", "outputSchema"};
  std::string_view text;
  for (const std::string_view key : kSchemas) {
    if (document.at_key(key).get(text) == simdjson::SUCCESS) {
      return text;
    }
  }
  if (document.at_key("partitions").at_key("schema").get(text) == simdjson::SUCCESS) {
    return text;
  }
  return "";
}

// The version of a message with constraints.
Version ClassifyConstraints(const Element& constraints, std::string_view arrow) {
  if (Has(constraints, "queryPlan")) {
    return Version::kV6;
  }
  if (Has(constraints, "queryPassthroughArguments")) {
    return Version::kV5;
  }
  if (Has(constraints, "expression")) {
    return Version::kV4;
  }
  return absl::StartsWith(arrow, kModernPrefix) ? Version::kV3 : Version::kV2;
}

// Section 3.4. Without evidence the newest: such requests are the same in all versions since 2, and
// so are their answers.
Version Classify(const Element& document) {
  if (IsFirstVersion(document)) {
    return Version::kV1;
  }
  const std::string_view arrow = ArrowText(document);
  Element constraints;
  if (document.at_key("constraints").get(constraints) == simdjson::SUCCESS) {
    return ClassifyConstraints(constraints, arrow);
  }
  if (Has(document, "tableName")) {
    return Has(document, "queryPassthroughArguments") ? kNewestVersion : Version::kV4;
  }
  return arrow.empty() || absl::StartsWith(arrow, kModernPrefix) ? kNewestVersion : Version::kV2;
}

}  // namespace

absl::StatusOr<Request> DecodeRequestAs(std::string_view json, Version version) {
  simdjson::dom::parser parser;
  ASSIGN_OR_RETURN(const Element document, ParseDocument(parser, json));
  return Read(document, version);
}

absl::StatusOr<DecodedRequest> DecodeRequest(std::string_view json) {
  simdjson::dom::parser parser;
  ASSIGN_OR_RETURN(const Element document, ParseDocument(parser, json));
  const Version version = Classify(document);
  ASSIGN_OR_RETURN(Request request, Read(document, version));
  return DecodedRequest{std::move(request), version};
}

}  // namespace pallas::sdk::protocol
