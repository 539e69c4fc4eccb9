#ifndef PALLAS_CONNECTORS_MYSQL_TYPE_MAPPING_H_
#define PALLAS_CONNECTORS_MYSQL_TYPE_MAPPING_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "arrow/type_fwd.h"

#include "connectors/mysql/options.h"

namespace pallas::mysql {

// How a cell of the text protocol becomes a cell of an Arrow column.
enum class CellKind : uint8_t {
  kBool,     // a number; true unless 0
  kBitBool,  // BIT(1): a byte
  kBit,      // BIT(n): bytes, the highest first, into int64
  kBit64,    // BIT(64), into decimal(20,0)
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kDecimal,
  kFloat,
  kDouble,
  kText,
  kBinary,
  kDate,
  kYearDate,  // a year, as its 1 January
  kDateTimeMillis,
  kDateTimeMicros,
};

// What the server may be asked about a column so that its answer is the engine's.
enum class FilterKind : uint8_t {
  kNone,
  kNumber,   // integers and decimals: everything
  kYear,     // the same, on the column as a number
  kFlag,     // a number read as boolean
  kBit,      // as a number; lossy
  kBitFlag,  // as boolean; lossy
  kFloat,    // on the column as double
  kDouble,
  kDate,      // lossy: zero dates are NULL for us
  kDateTime,  // lossy as well
  kText,      // equality by the collation and by bytes, order by bytes
  kBinary,
};

// Texts that a column of some character set can be compared with as it stands; the server refuses
// others ("illegal mix of collations").
enum class ComparableText : uint8_t { kAscii, kBasicPlane, kAll };

struct ColumnMapping {
  std::shared_ptr<arrow::DataType> type;
  CellKind cell = CellKind::kText;
  FilterKind filter = FilterKind::kNone;
  int fraction_digits = 0;  // of the seconds that a DATETIME or TIMESTAMP holds
  ComparableText comparable = ComparableText::kAscii;
  std::string remark;  // for the comment of a column whose type is not known to us
};

// The mapping of a column from its COLUMN_TYPE (`int(10) unsigned`) and its character set. No type
// is fatal: an unknown one is text.
ColumnMapping MapColumn(std::string_view column_type, std::string_view character_set,
                        const TypeOptions& options);

// Whether some stored values are NULL for us: then the server must not decide about NULL.
bool IsLossy(FilterKind filter);

// Whether the column itself, and not only its bytes, may be compared with `text`, valid UTF-8.
bool IsComparable(const ColumnMapping& mapping, std::string_view text);

// What stands in the list of columns of a SELECT. `name` is quoted.
std::string SelectExpression(const ColumnMapping& mapping, std::string_view name);

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_TYPE_MAPPING_H_
