#ifndef PALLAS_SDK_FUNCTION_WIRE_TABLE_H_
#define PALLAS_SDK_FUNCTION_WIRE_TABLE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "sdk/model/scan.h"
#include "sdk/model/table.h"
#include "sdk/protocol/messages.h"

namespace pallas::sdk {

// A connector's table as its peers on the wire see it: names in lower case, types of the protocol,
// comments as metadata of the schema. Immutable; any thread.
class WireTable {
 public:
  // An error names two columns that are the same without case, or a column of a type that does not
  // travel.
  static absl::StatusOr<WireTable> Make(Table table);

  const Table& table() const { return table_; }

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }

  const std::vector<std::string>& partition_columns() const { return partition_columns_; }

  // The connector's names of the columns in `projection`, which must be columns of schema().
  absl::StatusOr<std::vector<std::string>> SourceColumns(const arrow::Schema& projection) const;

  // What of `constraints` the connector can be told. The rest is left out: the peer applies all of
  // them again, since no capability is advertised that would free it of that.
  Constraints ToSource(const protocol::WireConstraints& constraints,
                       protocol::Version version) const;

  // Rows of `projection` as the connector delivered them, on the wire.
  static absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> ToWire(
      const arrow::RecordBatch& rows, const std::shared_ptr<arrow::Schema>& projection);

 private:
  WireTable() = default;

  const arrow::Field* SourceField(const std::string& wire_name) const;
  bool ToSource(Expression& expression) const;

  Table table_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::string> partition_columns_;
  std::map<std::string, int> columns_;  // by wire name
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_FUNCTION_WIRE_TABLE_H_
