#include <utility>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "sdk/protocol/codec.h"
#include "sdk/protocol/decoder_internal.h"
#include "sdk/protocol/message_names_internal.h"

namespace pallas::sdk::protocol {
namespace {

using Element = ObjectReader::Element;

PingResponse ReadPing(ObjectReader& in) {
  PingResponse response;
  response.catalog = in.Text("catalogName");
  response.query_id = in.Text("queryId");
  response.source_type = in.NullableText("sourceType");
  response.capabilities = in.Int("capabilities");
  // Absent, null or 0: a connector of before the field (section 3.2).
  bool present = false;
  const std::optional<Element> version = in.Optional("serDeVersion", &present);
  const int64_t number = version ? IntOf(in.state(), "serDeVersion", *version) : 0;
  response.serde_version = number == 0 ? 1 : number;
  if (number < 0) {
    in.Fail("serDeVersion", absl::StrCat("there is no version ", number));
  }
  return response;
}

ListSchemasResponse ReadListSchemas(ObjectReader& in) {
  ListSchemasResponse response;
  response.catalog = in.Text("catalogName");
  response.schemas = in.Texts("schemas");
  return response;
}

ListTablesResponse ReadListTables(ObjectReader& in) {
  ListTablesResponse response;
  in.ForEach("tables", [&](const Element& element) {
    response.tables.push_back(ReadTableObject(in.state(), element));
  });
  response.catalog = in.Text("catalogName");
  // Absent from connectors of before 2021. A misspelled one would cut the list short.
  if (in.version() == Version::kV1 || !in.NextName().empty()) {
    response.next_token = in.NullableText("nextToken");
  }
  return response;
}

GetTableResponse ReadGetTable(ObjectReader& in) {
  GetTableResponse response;
  response.catalog = in.Text("catalogName");
  response.table = ReadTable(in);
  response.schema = ReadSchema(in, "schema");
  response.partition_columns = in.Texts("partitionColumns");
  return response;
}

GetTableLayoutResponse ReadGetTableLayout(ObjectReader& in) {
  GetTableLayoutResponse response;
  response.catalog = in.Text("catalogName");
  response.table = ReadTable(in);
  response.partitions = ReadBlock(in, "partitions");
  return response;
}

GetSplitsResponse ReadGetSplits(ObjectReader& in) {
  GetSplitsResponse response;
  response.catalog = in.Text("catalogName");
  in.ForEach("splits", [&](const Element& element) {
    response.splits.push_back(ReadSplit(in.state(), element));
  });
  response.continuation_token = in.NullableText("continuationToken");
  return response;
}

ReadRecordsResponse ReadReadRecords(ObjectReader& in) {
  ReadRecordsResponse response;
  response.catalog = in.Text("catalogName");
  response.records = ReadBlock(in, "records");
  return response;
}

RemoteReadRecordsResponse ReadRemoteReadRecords(ObjectReader& in) {
  RemoteReadRecordsResponse response;
  response.catalog = in.Text("catalogName");
  response.schema = ReadSchema(in, "schema");
  in.ForEach("remoteBlocks", [&](const Element& element) {
    response.remote_blocks.push_back(ReadSpillLocation(in.state(), element));
  });
  response.encryption_key = ReadEncryptionKey(in);
  return response;
}

OptimizationSubType ReadSubType(DecodeState& state, const Element& element) {
  ObjectReader in(state, "capabilities", element);
  OptimizationSubType sub_type;
  sub_type.sub_type = in.Text("subType");
  sub_type.properties = in.Texts("properties");
  in.End();
  return sub_type;
}

GetDataSourceCapabilitiesResponse ReadCapabilities(ObjectReader& in) {
  GetDataSourceCapabilitiesResponse response;
  response.catalog = in.Text("catalogName");
  in.ForEachField("capabilities", [&](std::string_view name, const Element& value) {
    simdjson::dom::array sub_types;
    const auto [place, is_new] = response.capabilities.try_emplace(std::string(name));
    if (!is_new || value.get(sub_types) != simdjson::SUCCESS) {
      in.Fail("capabilities", absl::StrCat(name, " is expected once, as an array"));
      return;
    }
    for (const Element& element : sub_types) {
      place->second.push_back(ReadSubType(in.state(), element));
    }
  });
  return response;
}

UserDefinedFunctionResponse ReadUserDefinedFunction(ObjectReader& in) {
  UserDefinedFunctionResponse response;
  response.records = ReadBlock(in, "records");
  response.method = in.Text("methodName");
  return response;
}

Response ReadResponse(ObjectReader& in) {
  const std::string type = in.Text("@type");
  if (type == kPingResponse) {
    return ReadPing(in);
  }
  if (type == kListSchemasResponse) {
    return ReadListSchemas(in);
  }
  if (type == kListTablesResponse) {
    return ReadListTables(in);
  }
  if (type == kGetTableResponse) {
    return ReadGetTable(in);
  }
  if (type == kGetTableLayoutResponse) {
    return ReadGetTableLayout(in);
  }
  if (type == kGetSplitsResponse) {
    return ReadGetSplits(in);
  }
  if (type == kReadRecordsResponse) {
    return ReadReadRecords(in);
  }
  if (type == kRemoteReadRecordsResponse) {
    return ReadRemoteReadRecords(in);
  }
  if (type == kUserDefinedFunctionResponse) {
    return ReadUserDefinedFunction(in);
  }
  if (type == kCapabilitiesResponse && in.version() >= Version::kV4) {
    return ReadCapabilities(in);
  }
  in.Fail("@type", absl::StrCat("there is no response ", type));
  return PingResponse();
}

}  // namespace

absl::StatusOr<Response> DecodeResponse(std::string_view json, Version version) {
  simdjson::dom::parser parser;
  ASSIGN_OR_RETURN(const Element document, ParseDocument(parser, json));
  DecodeState state;
  state.version = version;
  ObjectReader in(state, "response", document);
  Response response = ReadResponse(in);
  RETURN_IF_ERROR(state.status);
  return response;
}

}  // namespace pallas::sdk::protocol
