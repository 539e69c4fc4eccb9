#ifndef PALLAS_SDK_PROTOCOL_ENCODER_INTERNAL_H_
#define PALLAS_SDK_PROTOCOL_ENCODER_INTERNAL_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "arrow/type_fwd.h"

#include "sdk/protocol/arrow_message.h"
#include "sdk/protocol/json_writer.h"
#include "sdk/protocol/messages.h"

namespace pallas::sdk::protocol {

constexpr Framing FramingOf(Version version) {
  return version <= Version::kV2 ? Framing::kLegacy : Framing::kModern;
}

// Writes one message. Keeps the first error; what is written after it is thrown away with the text.
class Encoder {
 public:
  explicit Encoder(Version version) : version_(version), out_(&text_) {}

  Version version() const { return version_; }

  bool v1() const { return version_ == Version::kV1; }

  JsonWriter& out() { return out_; }

  void Check(const absl::Status& status) { status_.Update(status); }

  // Fields.
  void Identity(const FederatedIdentity& identity);
  void Table(std::string_view key, const TableName& name);
  void TableObject(const TableName& name);
  void Schema(std::string_view key, const std::shared_ptr<arrow::Schema>& schema);
  void Records(std::string_view key, const Block& block);
  void ArrowType(std::string_view key, const arrow::DataType& type);
  // A block of values of one type (sdk/protocol/value_block.h).
  void Values(std::string_view key, const std::shared_ptr<arrow::DataType>& type,
              const std::vector<std::optional<Value>>& values);
  void Constraints(const WireConstraints& constraints);
  void PassthroughArguments(const StringMap& arguments);

  // The text, or the first error.
  absl::StatusOr<std::string> Finish() &&;

 private:
  void SchemaBytes(std::string_view key, const arrow::Schema& schema);
  void BatchBytes(std::string_view key, const arrow::RecordBatch& batch);
  void Marker(std::string_view key, const std::shared_ptr<arrow::DataType>& type,
              const std::optional<Bound>& bound, std::string_view exclusive);
  void SortedRanges(const ValueSet& set);
  void Set(std::string_view key, const ValueSet& set);
  void ExpressionObject(const Expression& expression);
  void OrderByClause(const std::vector<OrderBy>& order_by);
  void Plan(const std::optional<QueryPlan>& plan);

  Version version_;
  std::string text_;
  JsonWriter out_;
  absl::Status status_;
  // The schema of the last values, which most often is that of the next ones.
  std::shared_ptr<arrow::DataType> value_type_;
  std::shared_ptr<arrow::Buffer> value_schema_;
};

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_ENCODER_INTERNAL_H_
