#ifndef PALLAS_SDK_PROTOCOL_MESSAGE_NAMES_INTERNAL_H_
#define PALLAS_SDK_PROTOCOL_MESSAGE_NAMES_INTERNAL_H_

// The values of `@type` (section 4.5).

namespace pallas::sdk::protocol {

inline constexpr char kPingRequest[] = "PingRequest";
inline constexpr char kListSchemasRequest[] = "ListSchemasRequest";
inline constexpr char kListTablesRequest[] = "ListTablesRequest";
inline constexpr char kGetTableRequest[] = "GetTableRequest";
inline constexpr char kGetTableLayoutRequest[] = "GetTableLayoutRequest";
inline constexpr char kGetSplitsRequest[] = "GetSplitsRequest";
inline constexpr char kReadRecordsRequest[] = "ReadRecordsRequest";
inline constexpr char kCapabilitiesRequest[] = "GetDataSourceCapabilitiesRequest";
inline constexpr char kUserDefinedFunctionRequest[] = "UserDefinedFunctionRequest";

inline constexpr char kPingResponse[] = "PingResponse";
inline constexpr char kListSchemasResponse[] = "ListSchemasResponse";
inline constexpr char kListTablesResponse[] = "ListTablesResponse";
inline constexpr char kGetTableResponse[] = "GetTableResponse";
inline constexpr char kGetTableLayoutResponse[] = "GetTableLayoutResponse";
inline constexpr char kGetSplitsResponse[] = "GetSplitsResponse";
inline constexpr char kReadRecordsResponse[] = "ReadRecordsResponse";
inline constexpr char kRemoteReadRecordsResponse[] = "RemoteReadRecordsResponse";
inline constexpr char kCapabilitiesResponse[] = "GetDataSourceCapabilitiesResponse";
inline constexpr char kUserDefinedFunctionResponse[] = "UserDefinedFunctionResponse";

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_MESSAGE_NAMES_INTERNAL_H_
