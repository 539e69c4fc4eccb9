#include <utility>

#include "arrow/buffer.h"
#include "arrow/record_batch.h"

#include "base/status_macros.h"
#include "sdk/protocol/arrow_type_json_internal.h"
#include "sdk/protocol/base64.h"
#include "sdk/protocol/encoder_internal.h"
#include "sdk/protocol/value_block.h"

namespace pallas::sdk::protocol {
namespace {

// Readers ignore it: Java names its allocator there.
constexpr char kAllocatorId[] = "pallas";
// What writers put into the two retired fields of an identity.
constexpr char kUnknown[] = "UNKNOWN";

std::string_view View(const arrow::Buffer& buffer) {
  return {reinterpret_cast<const char*>(buffer.data()), static_cast<size_t>(buffer.size())};
}

}  // namespace

absl::StatusOr<std::string> Encoder::Finish() && {
  RETURN_IF_ERROR(status_);
  return std::move(text_);
}

void Encoder::Identity(const FederatedIdentity& identity) {
  out_.BeginObject("identity");
  // Version 1 has two forms, of its first and of its last releases; readers ignore what they do not
  // know, so that both are sent.
  out_.Field("id", kUnknown);
  out_.Field("principal", kUnknown);
  if (v1()) {
    out_.Field("arn", identity.arn);
    out_.Field("account", identity.account);
  } else {
    out_.Field("account", identity.account);
    out_.Field("arn", identity.arn);
  }
  out_.Field(v1() ? "principalTags" : "tags", identity.tags);
  out_.Field(v1() ? "iamGroups" : "groups", identity.groups);
  out_.Field("configOptions", identity.config_options);
  out_.EndObject();
}

void Encoder::Table(std::string_view key, const TableName& name) {
  out_.Key(key);
  TableObject(name);
}

void Encoder::TableObject(const TableName& name) {
  out_.BeginObject();
  out_.Field("schemaName", name.database);
  out_.Field("tableName", name.table);
  if (v1()) {
    out_.Field("qualifiedTableName", name.database + "." + name.table);
  }
  out_.EndObject();
}

void Encoder::SchemaBytes(std::string_view key, const arrow::Schema& schema) {
  const absl::StatusOr<std::shared_ptr<arrow::Buffer>> bytes =
      SerializeSchema(schema, FramingOf(version_));
  Check(bytes.status());
  out_.Base64Field(key, bytes.ok() ? View(**bytes) : "");
}

void Encoder::BatchBytes(std::string_view key, const arrow::RecordBatch& batch) {
  if (batch.num_rows() == 0) {
    out_.Field(key, "");
    return;
  }
  const absl::StatusOr<std::shared_ptr<arrow::Buffer>> bytes =
      SerializeBatch(batch, FramingOf(version_));
  Check(bytes.status());
  if (bytes.ok()) {
    // The text of a block of many rows is copied once, not at each doubling.
    text_.reserve(text_.size() + Base64EncodedSize(View(**bytes).size()) + 1024);
  }
  out_.Base64Field(key, bytes.ok() ? View(**bytes) : "");
}

void Encoder::Schema(std::string_view key, const std::shared_ptr<arrow::Schema>& schema) {
  if (schema == nullptr) {
    Check(absl::InternalError("a message has no schema"));
    return;
  }
  if (v1()) {
    out_.BeginObject(key);
    SchemaBytes("schema", *schema);
    out_.EndObject();
  } else {
    SchemaBytes(key, *schema);
  }
}

void Encoder::Records(std::string_view key, const Block& block) {
  if (block == nullptr) {
    Check(absl::InternalError("a message has no records"));
    return;
  }
  out_.BeginObject(key);
  out_.Field("aId", kAllocatorId);
  SchemaBytes("schema", *block->schema());
  BatchBytes("records", *block);
  out_.EndObject();
}

void Encoder::ArrowType(std::string_view key, const arrow::DataType& type) {
  out_.Key(key);
  Check(WriteArrowType(type, version_, out_));
}

void Encoder::Values(std::string_view key, const std::shared_ptr<arrow::DataType>& type,
                     const std::vector<std::optional<Value>>& values) {
  const absl::StatusOr<Block> block = ToValueBlock(type, values);
  Check(block.status());
  if (!block.ok()) {
    return;
  }
  if (value_type_ != type) {
    absl::StatusOr<std::shared_ptr<arrow::Buffer>> bytes =
        SerializeSchema(*(*block)->schema(), FramingOf(version_));
    Check(bytes.status());
    if (!bytes.ok()) {
      return;
    }
    value_type_ = type;
    value_schema_ = *std::move(bytes);
  }
  out_.BeginObject(key);
  out_.Field("aId", kAllocatorId);
  out_.Base64Field("schema", View(*value_schema_));
  BatchBytes("records", **block);
  out_.EndObject();
}

void Encoder::PassthroughArguments(const StringMap& arguments) {
  if (version_ >= Version::kV5 || v1()) {
    out_.Field("queryPassthroughArguments", arguments);
  } else if (!arguments.empty()) {
    Check(absl::FailedPreconditionError(
        "the connector speaks an older version of the protocol, which has no query passthrough"));
  }
}

}  // namespace pallas::sdk::protocol
