#ifndef PALLAS_CONNECTORS_DYNAMODB_SOURCE_TABLE_H_
#define PALLAS_CONNECTORS_DYNAMODB_SOURCE_TABLE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "connectors/dynamodb/date_text.h"
#include "connectors/dynamodb/table_description.h"
#include "sdk/model/table.h"

namespace pallas::dynamodb {

// Metadata of the schema of a Table: what DescribeTable said, as ToJson() writes it, and whether
// attribute names are matched without case. Beside them lie the parameters of the definition.
inline constexpr char kDescriptionKey[] = "dynamodb.table";
inline constexpr char kIgnoreCaseKey[] = "dynamodb.ignore_case";

// Metadata of a field.
inline constexpr char kAttributeKey[] = "dynamodb.attribute";  // its name, if it is another
inline constexpr char kInferredKey[] = "dynamodb.inferred";    // nobody declared the type
inline constexpr char kPatternKey[] = "dynamodb.pattern";      // of dates and times in text
inline constexpr char kTimeZoneKey[] = "dynamodb.zone";

struct SourceColumn {
  std::string name;
  std::string attribute;
  std::shared_ptr<arrow::Field> field;
  bool is_inferred = false;
  // The attribute's exact name is known, so that conditions can name it.
  bool is_name_known = true;
  char key_type = 0;  // 'S', 'N', 'B' if the attribute is a key of the table or of an index
  std::optional<DatePattern> pattern;
  int zone_key = 0;
};

// A table as requests about it need it, made from the Table that GetTable gave out.
class SourceTable {
 public:
  static absl::StatusOr<SourceTable> Make(const sdk::Table& table);

  const TableDescription& description() const { return description_; }

  const std::vector<SourceColumn>& columns() const { return columns_; }

  // Null if there is none of that name.
  const SourceColumn* Find(const std::string& name) const;
  // The column of an attribute of exactly that name; null if there is none.
  const SourceColumn* FindAttribute(const std::string& attribute) const;

  // Attribute names are matched without case, and no projection is sent.
  bool ignores_case() const { return ignores_case_; }

 private:
  TableDescription description_;
  bool ignores_case_ = false;
  std::vector<SourceColumn> columns_;
  std::map<std::string, size_t> index_;
};

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_SOURCE_TABLE_H_
