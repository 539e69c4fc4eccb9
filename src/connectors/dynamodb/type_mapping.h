#ifndef PALLAS_CONNECTORS_DYNAMODB_TYPE_MAPPING_H_
#define PALLAS_CONNECTORS_DYNAMODB_TYPE_MAPPING_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "arrow/type_fwd.h"

#include "connectors/dynamodb/attribute_value.h"
#include "connectors/dynamodb/options.h"
#include "connectors/dynamodb/table_description.h"
#include "simdjson.h"

namespace pallas::dynamodb {

// What is known of the values of one attribute, or of the elements or members within.
struct ObservedType {
  enum class Kind { kNothing, kString, kNumber, kBool, kBinary, kList, kStruct, kMixed };

  Kind kind = Kind::kNothing;
  int integer_digits = 0;  // kNumber
  int fraction_digits = 0;
  bool is_too_long = false;           // kNumber: no decimal(38) holds one of them
  std::vector<ObservedType> element;  // kList: one, or none if all lists were empty
  std::vector<std::string> names;     // kStruct, in the order in which they were met
  std::vector<ObservedType> members;

  // The type that holds the values of both.
  void Merge(const ObservedType& other);
};

// The columns of a table, from some of its items (connectors.md section 7.4).
class SchemaInference {
 public:
  SchemaInference(InferenceOptions::Mode mode, const TableDescription& table)
      : mode_(mode), table_(table) {}

  // Looks at the items of an answer of Scan. INTERNAL if it is not one.
  absl::Status AddPage(std::string_view json);

  int64_t num_items() const { return num_items_; }

  // The schema: first the keys of the table, then other attributes: by name, because the service
  // gives them in any order, or (kLast) as they were met. Attributes for which there is no one type
  // are VARCHAR, with a remark.
  std::shared_ptr<arrow::Schema> Finish() const;

 private:
  absl::Status AddItem(const simdjson::dom::element& item);
  std::shared_ptr<arrow::Field> FieldOf(const std::string& name, const ObservedType& type) const;

  const InferenceOptions::Mode mode_;
  const TableDescription& table_;
  std::vector<std::string> names_;
  std::map<std::string, ObservedType> types_;
  int64_t num_items_ = 0;
};

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_TYPE_MAPPING_H_
