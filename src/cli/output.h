#ifndef PALLAS_CLI_OUTPUT_H_
#define PALLAS_CLI_OUTPUT_H_

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/table_writer.h"

#include "engine/query_engine.h"
#include "query/results/result_writer.h"

namespace pallas::cli {

enum class OutputFormat { kTable, kVertical, kCsv, kJson, kArrow, kParquet };

// "csv" and so on, in any case; nullopt: there is no such format.
std::optional<OutputFormat> OutputFormatOf(std::string_view name);
std::string_view OutputFormatName(OutputFormat format);

// Closes all but standard output.
struct FileCloser {
  void operator()(std::FILE* file) const;
};

using FilePtr = std::unique_ptr<std::FILE, FileCloser>;

// `path` emptied for writing; an empty path is standard output.
absl::StatusOr<FilePtr> OpenOutput(const std::string& path);

absl::Status WriteAll(std::FILE* file, std::string_view bytes);
absl::Status FlushOutput(std::FILE* file);

// What `error`, a value of errno, says about a failed write.
absl::Status WriteError(int error);

// Whether a write failed because whoever read what we write has gone (a pager, `| head`): it has
// what it wants, which is no error to speak of.
bool IsReaderGone(const absl::Status& status);

// A writer for every format but Parquet, which the engine writes. `style` is for tables.
std::unique_ptr<query::ResultWriter> MakeWriter(OutputFormat format, query::ByteSink sink,
                                                TableStyle style);

// Writes all rows; returns how many there were. Nothing is written before the first is there.
absl::StatusOr<int64_t> WriteRows(engine::ResultStream& rows, query::ResultWriter& writer);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_OUTPUT_H_
