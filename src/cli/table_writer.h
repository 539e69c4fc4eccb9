#ifndef PALLAS_CLI_TABLE_WRITER_H_
#define PALLAS_CLI_TABLE_WRITER_H_

#include <memory>

#include "query/results/result_writer.h"

namespace pallas::cli {

// Rows as a table to read: columns as wide as their values in the first rows need (wider values
// later push their line apart but are never cut), numbers to the right, NULL as `NULL`, control
// characters escaped, and a last line "(n rows)".
std::unique_ptr<query::ResultWriter> MakeTableWriter(query::ByteSink sink);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_TABLE_WRITER_H_
