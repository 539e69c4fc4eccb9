#ifndef PALLAS_CONNECTORS_DYNAMODB_VALUE_DECODER_H_
#define PALLAS_CONNECTORS_DYNAMODB_VALUE_DECODER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "arrow/array/builder_base.h"

#include "connectors/dynamodb/attribute_value.h"
#include "connectors/dynamodb/date_text.h"
#include "connectors/dynamodb/options.h"
#include "simdjson.h"

namespace pallas::dynamodb {

// How the values of a column are read.
struct DecodeOptions {
  ValueOptions values;
  // Numbers with more digits than the column's scale are rounded, as the declared type wants it;
  // else they are errors.
  bool may_round = false;
  const DatePattern* pattern = nullptr;  // of dates and times in text; null: the ISO forms
  int zone_key = 0;                      // of texts without an offset
};

// Why a value could not be appended.
struct DecodeFailure {
  enum class Kind { kNone, kType, kRange, kFraction, kText, kMalformed, kMemory };

  Kind kind = Kind::kNone;
  AttributeType found = AttributeType::kUnknown;
  std::shared_ptr<arrow::DataType> expected;
  std::string path;  // within the attribute: ".b.[].c"
};

// Appends attribute values to an Arrow builder, straight from the document. One thread.
class ValueDecoder {
 public:
  virtual ~ValueDecoder() = default;

  // False: see the failure that Make() was given.
  virtual bool Append(AttributeType type, simdjson::ondemand::value& value) = 0;

  virtual bool AppendNull() = 0;
};

// A decoder for `builder`, which is borrowed as `failure` is. UNIMPLEMENTED for a type that no
// attribute can have.
absl::StatusOr<std::unique_ptr<ValueDecoder>> MakeValueDecoder(const DecodeOptions& options,
                                                               arrow::ArrayBuilder& builder,
                                                               DecodeFailure& failure);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_VALUE_DECODER_H_
