#include "cli/output.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::cli {
namespace {

// The name of a failed write whose reader has gone; no user sees it.
constexpr char kReaderGone[] = "READER_GONE";

constexpr std::pair<std::string_view, OutputFormat> kFormats[] = {
    {"table", OutputFormat::kTable}, {"vertical", OutputFormat::kVertical},
    {"csv", OutputFormat::kCsv},     {"json", OutputFormat::kJson},
    {"arrow", OutputFormat::kArrow}, {"parquet", OutputFormat::kParquet}};

}  // namespace

std::optional<OutputFormat> OutputFormatOf(std::string_view name) {
  for (const auto& [known, format] : kFormats) {
    if (absl::EqualsIgnoreCase(known, name)) {
      return format;
    }
  }
  return std::nullopt;
}

std::string_view OutputFormatName(OutputFormat format) {
  for (const auto& [name, known] : kFormats) {
    if (known == format) {
      return name;
    }
  }
  return "";
}

void FileCloser::operator()(std::FILE* file) const {
  if (file != stdout) {
    std::fclose(file);
  }
}

absl::StatusOr<FilePtr> OpenOutput(const std::string& path) {
  if (path.empty()) {
    return FilePtr(stdout);
  }
  FilePtr file(std::fopen(path.c_str(), "wbe"));
  if (!file) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot write to ", path, ": ", std::generic_category().message(errno)));
  }
  return file;
}

absl::Status WriteError(int error) {
  const std::string message =
      absl::StrCat("cannot write the result: ", std::generic_category().message(error));
  return error == EPIPE ? NamedError(kReaderGone, message) : absl::UnavailableError(message);
}

bool IsReaderGone(const absl::Status& status) {
  return !status.ok() && ErrorName(status) == kReaderGone;
}

absl::Status WriteAll(std::FILE* file, std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file) != bytes.size()) {
    return WriteError(errno);
  }
  return absl::OkStatus();
}

absl::Status FlushOutput(std::FILE* file) {
  return std::fflush(file) == 0 ? absl::OkStatus() : WriteError(errno);
}

std::unique_ptr<query::ResultWriter> MakeWriter(OutputFormat format, query::ByteSink sink,
                                                TableStyle style) {
  switch (format) {
    case OutputFormat::kCsv:
      return query::MakeCsvWriter(std::move(sink));
    case OutputFormat::kJson:
      return query::MakeJsonWriter(std::move(sink));
    case OutputFormat::kArrow:
      return query::MakeArrowWriter(std::move(sink));
    case OutputFormat::kVertical:
      return MakeVerticalWriter(std::move(sink), std::move(style));
    case OutputFormat::kParquet:
    case OutputFormat::kTable:
      break;
  }
  return MakeTableWriter(std::move(sink), std::move(style));
}

absl::StatusOr<int64_t> WriteRows(engine::ResultStream& rows, query::ResultWriter& writer) {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, rows.Next());
  RETURN_IF_ERROR(writer.Begin(rows.columns()));
  int64_t num_rows = 0;
  while (batch != nullptr) {
    num_rows += batch->num_rows();
    RETURN_IF_ERROR(writer.Write(*batch));
    ASSIGN_OR_RETURN(batch, rows.Next());
  }
  RETURN_IF_ERROR(writer.Finish());
  return num_rows;
}

}  // namespace pallas::cli
