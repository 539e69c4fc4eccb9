#ifndef PALLAS_CLI_TABLE_WRITER_H_
#define PALLAS_CLI_TABLE_WRITER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "query/results/result_writer.h"

namespace pallas::cli {

struct TableStyle {
  // Cells that a line may take; 0: any number, and no value is cut.
  size_t width = 0;
  std::string null_text = "NULL";
  // NULLs stand out from equal text by a terminal's faint letters.
  bool faint_nulls = false;
  // A last line "(n rows)".
  bool count_rows = true;
};

// Rows as a table to read: columns as wide as their values in the first rows need, numbers to the
// right, control characters escaped. Without a width, wider values later push their line apart.
// With one, wide text columns are narrowed and their values cut, with an ellipsis; numbers never
// are, nor is a column that stands alone. Where that is not enough, rows are written as
// MakeVerticalWriter does.
std::unique_ptr<query::ResultWriter> MakeTableWriter(query::ByteSink sink, TableStyle style = {});

// One line for each value, after the name of its column; nothing is cut.
std::unique_ptr<query::ResultWriter> MakeVerticalWriter(query::ByteSink sink, TableStyle style);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_TABLE_WRITER_H_
