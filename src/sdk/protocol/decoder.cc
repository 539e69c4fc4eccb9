#include <utility>

#include "arrow/buffer.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "sdk/protocol/arrow_message.h"
#include "sdk/protocol/base64.h"
#include "sdk/protocol/decoder_internal.h"
#include "types/arrow_status.h"

namespace pallas::sdk::protocol {
namespace {

absl::StatusOr<std::shared_ptr<arrow::Buffer>> DecodeBuffer(std::string_view text) {
  for (const bool as_is : {true, false}) {
    const std::string stripped = as_is ? std::string() : WithoutWhiteSpace(text);
    const std::string_view source = as_is ? text : stripped;
    const std::optional<size_t> size = Base64DecodedSize(source);
    if (!size) {
      continue;
    }
    // Arrow's own allocation is aligned as its readers want it.
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer,
                     arrow::AllocateBuffer(static_cast<int64_t>(*size)));
    if (DecodeBase64To(source, buffer->mutable_data())) {
      return buffer;
    }
  }
  return absl::InvalidArgumentError(
      "the text is not base64 (standard alphabet, padded to a multiple of four)");
}

absl::StatusOr<std::shared_ptr<arrow::Schema>> DecodeSchema(std::string_view text) {
  ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Buffer> bytes, DecodeBuffer(text));
  return ParseSchema(bytes);
}

absl::StatusOr<Block> DecodeRecords(std::string_view text,
                                    const std::shared_ptr<arrow::Schema>& schema) {
  if (text.empty()) {
    return EmptyBatch(schema);
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Buffer> bytes, DecodeBuffer(text));
  return ParseBatch(bytes, schema);
}

// The text of a string field, in place: blocks are large.
std::string_view TextView(ObjectReader& in, std::string_view name) {
  const std::optional<ObjectReader::Element> value = in.Required(name);
  std::string_view text;
  if (value && value->get(text) != simdjson::SUCCESS) {
    in.Fail(name, "a string is expected");
  }
  return text;
}

// The schema in a text field.
std::shared_ptr<arrow::Schema> SchemaField(ObjectReader& in, std::string_view name) {
  const std::string_view text = TextView(in, name);
  DecodeState& state = in.state();
  if (!in.ok()) {
    return nullptr;
  }
  if (state.schema == nullptr || state.schema_text != text) {
    absl::StatusOr<std::shared_ptr<arrow::Schema>> schema = DecodeSchema(text);
    if (!schema.ok()) {
      state.Fail(name, schema.status());
      return nullptr;
    }
    state.schema = *std::move(schema);
    state.schema_text = text;
  }
  return state.schema;
}

}  // namespace

FederatedIdentity ReadIdentity(ObjectReader& parent) {
  FederatedIdentity identity;
  const std::optional<ObjectReader::Element> value = parent.Nullable("identity");
  if (!value) {
    return identity;
  }
  ObjectReader in(parent.state(), "identity", *value);
  const bool v1 = in.version() == Version::kV1;
  in.NullableText("id");
  in.NullableText("principal");
  identity.account = in.NullableText("account");
  identity.arn = in.NullableText("arn");
  identity.tags = in.Map(v1 ? "principalTags" : "tags");
  identity.groups = in.Texts(v1 ? "iamGroups" : "groups");
  if (v1 || in.NextName() == "configOptions") {
    identity.config_options = in.Map("configOptions");
  }
  in.End();
  return identity;
}

TableName ReadTableObject(DecodeState& state, const ObjectReader::Element& element) {
  ObjectReader in(state, "tableName", element);
  TableName name;
  name.database = in.Text("schemaName");
  name.table = in.Text("tableName");
  in.End();
  return name;
}

TableName ReadTable(ObjectReader& in) {
  const std::optional<ObjectReader::Element> value = in.Required("tableName");
  return value ? ReadTableObject(in.state(), *value) : TableName();
}

std::shared_ptr<arrow::Schema> ReadSchema(ObjectReader& in, std::string_view name) {
  if (in.version() != Version::kV1) {
    return SchemaField(in, name);
  }
  ObjectReader object = in.Object(name);
  return SchemaField(object, "schema");
}

Block ReadBlock(ObjectReader& parent, std::string_view name) {
  ObjectReader in = parent.Object(name);
  in.NullableText("aId");
  const std::shared_ptr<arrow::Schema> schema = SchemaField(in, "schema");
  const std::string_view records = TextView(in, "records");
  in.End();
  if (!in.ok()) {
    return nullptr;
  }
  absl::StatusOr<Block> block = DecodeRecords(records, schema);
  if (!block.ok()) {
    in.state().Fail(name, block.status());
    return nullptr;
  }
  return *std::move(block);
}

std::optional<EncryptionKey> ReadEncryptionKey(ObjectReader& parent) {
  const std::optional<ObjectReader::Element> value = parent.Nullable("encryptionKey");
  if (!value) {
    return std::nullopt;
  }
  ObjectReader in(parent.state(), "encryptionKey", *value);
  EncryptionKey key;
  key.key = in.Bytes("key");
  key.nonce = in.Bytes("nonce");
  in.End();
  return key;
}

SpillLocation ReadSpillLocation(DecodeState& state, const ObjectReader::Element& element) {
  ObjectReader in(state, "spillLocation", element);
  if (in.Text("@type") != "S3SpillLocation") {
    in.Fail("@type", "only S3SpillLocation is known");
  }
  SpillLocation location;
  location.bucket = in.NullableText("bucket");
  location.key = in.NullableText("key");
  location.directory = in.Bool("directory");
  in.End();
  return location;
}

WireSplit ReadSplit(DecodeState& state, const ObjectReader::Element& element) {
  ObjectReader in(state, "split", element);
  WireSplit split;
  if (const std::optional<ObjectReader::Element> location = in.Nullable("spillLocation")) {
    split.spill_location = ReadSpillLocation(state, *location);
  }
  split.encryption_key = ReadEncryptionKey(in);
  split.properties = in.Map("properties");
  in.End();
  return split;
}

}  // namespace pallas::sdk::protocol
