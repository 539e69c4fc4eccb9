#ifndef PALLAS_SDK_PROTOCOL_DECODER_INTERNAL_H_
#define PALLAS_SDK_PROTOCOL_DECODER_INTERNAL_H_

#include <memory>
#include <string_view>

#include "sdk/protocol/json_reader_internal.h"
#include "sdk/protocol/messages.h"

// The parts that several messages share. Each reads the field `name` (or one of a fixed name) of
// `in`; pointers are null after an error.

namespace pallas::sdk::protocol {

FederatedIdentity ReadIdentity(ObjectReader& in);
TableName ReadTable(ObjectReader& in);
TableName ReadTableObject(DecodeState& state, const ObjectReader::Element& element);
std::shared_ptr<arrow::Schema> ReadSchema(ObjectReader& in, std::string_view name);
Block ReadBlock(ObjectReader& in, std::string_view name);
std::optional<EncryptionKey> ReadEncryptionKey(ObjectReader& in);
SpillLocation ReadSpillLocation(DecodeState& state, const ObjectReader::Element& element);
WireSplit ReadSplit(DecodeState& state, const ObjectReader::Element& element);
WireConstraints ReadConstraints(ObjectReader& in);

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_DECODER_INTERNAL_H_
