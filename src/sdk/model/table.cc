#include "sdk/model/table.h"

#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/error_detail.h"
#include "types/arrow_mapping.h"

namespace pallas::sdk {

absl::StatusOr<Type> ColumnType(const arrow::Field& field) {
  absl::StatusOr<Type> type;
  const int key = field.metadata() ? field.metadata()->FindKey(kTypeKey) : -1;
  if (key >= 0) {
    type = ParseTrinoType(field.metadata()->value(key));
  } else {
    type = FromScanArrowType(*field.type());
  }
  if (!type.ok()) {
    return Annotate(type.status(), absl::StrCat("Column '", field.name(), "': "));
  }
  return type;
}

}  // namespace pallas::sdk
