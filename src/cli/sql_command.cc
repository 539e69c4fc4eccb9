#include "cli/sql_command.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "arrow/record_batch.h"
#include "cli/application.h"
#include "cli/output_file.h"
#include "cli/progress_bar.h"
#include "cli/shell/shell.h"
#include "cli/table_writer.h"
#include "cli/text_file.h"
#include <unistd.h>

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "query/results/result_writer.h"
#include "sql/parser/parser.h"

namespace pallas::cli {
namespace {

constexpr int kExitError = 1;
constexpr int kSignalExitBase = 128;  // as a shell reports a process that a signal ended

absl::StatusOr<std::string> ReadScript(const SqlCommandOptions& options) {
  if (options.statement) {
    return *options.statement;
  }
  std::stringstream text;
  if (!options.file || *options.file == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  return ReadTextFile(*options.file);
}

// The progress of `rows` on the terminal, if there is one to draw on.
std::unique_ptr<ProgressBar> DrawProgress(const engine::ResultStream& rows) {
  if (isatty(STDERR_FILENO) == 0) {
    return nullptr;
  }
  return std::make_unique<ProgressBar>([&rows] { return rows.progress(); });
}

absl::Status WriteRowsTo(std::FILE* output, engine::ResultStream& rows, OutputFormat format) {
  std::unique_ptr<ProgressBar> progress = DrawProgress(rows);
  const bool to_terminal = isatty(fileno(output)) != 0;
  const auto writer = MakeWriter(
      format,
      [&progress, to_terminal, output](std::string_view bytes) {
        if (to_terminal) {
          progress.reset();  // Nothing is drawn between rows.
        }
        return WriteAll(output, bytes);
      },
      TableStyle());
  return WriteRows(rows, *writer).status();
}

// A file that is gone when this is.
class TemporaryFile {
 public:
  static absl::StatusOr<TemporaryFile> Make() {
    std::string path = (std::filesystem::temp_directory_path() / "pallas-XXXXXX").string();
    const int file = mkstemp(path.data());
    if (file < 0) {
      return absl::UnavailableError(absl::StrCat("cannot make the temporary file ", path, ": ",
                                                 std::generic_category().message(errno)));
    }
    close(file);
    return TemporaryFile(std::move(path));
  }

  TemporaryFile(TemporaryFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}

  TemporaryFile& operator=(TemporaryFile&& other) = delete;

  ~TemporaryFile() {
    if (!path_.empty()) {
      unlink(path_.c_str());
    }
  }

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

absl::Status CopyFile(const std::string& path, std::FILE* output) {
  constexpr size_t kChunkBytes = 1 << 20;
  const FilePtr input(std::fopen(path.c_str(), "rb"));
  if (!input) {
    return absl::UnavailableError(
        absl::StrCat("cannot read ", path, ": ", std::generic_category().message(errno)));
  }
  std::string chunk(kChunkBytes, '\0');
  while (const size_t size = std::fread(chunk.data(), 1, chunk.size(), input.get())) {
    RETURN_IF_ERROR(WriteAll(output, std::string_view(chunk).substr(0, size)));
  }
  return absl::OkStatus();
}

// Parquet ends with its index, so the file is finished before any of it is handed on.
absl::Status WriteParquet(engine::ResultStream& rows, engine::QueryEngine& engine,
                          std::FILE* output) {
  const std::unique_ptr<ProgressBar> progress = DrawProgress(rows);
  ASSIGN_OR_RETURN(const TemporaryFile file, TemporaryFile::Make());
  RETURN_IF_ERROR(engine.WriteParquet(rows, file.path()));
  return CopyFile(file.path(), output);
}

// Runs one statement and writes its rows.
absl::Status RunStatement(Application& application, std::string_view sql, sql::Session& session,
                          OutputFormat format, OutputFile& output,
                          const sdk::RequestContext& context) {
  session.start_time = absl::Now();
  ASSIGN_OR_RETURN(const query::StatementResult result,
                   application.runner().Run(sql, session, context));
  if (result.rows->columns().empty()) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(std::FILE* const file, output.Open());
  RETURN_IF_ERROR(format == OutputFormat::kParquet
                      ? WriteParquet(*result.rows, application.engine(), file)
                      : WriteRowsTo(file, *result.rows, format));
  return FlushOutput(file);
}

bool IsInteractive(const SqlCommandOptions& options) {
  return !options.statement && !options.file && isatty(STDIN_FILENO) != 0 &&
         isatty(STDOUT_FILENO) != 0;
}

absl::StatusOr<int> RunInteractively(const Config& config, const SqlCommandOptions& options,
                                     InterruptHandler& interrupts) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Application> application, Application::Open(config));
  return RunShell(*application, {options.catalog, options.database, options.format, options.output},
                  interrupts);
}

absl::Status RunScript(const Config& config, const SqlCommandOptions& options,
                       InterruptHandler& interrupts) {
  ASSIGN_OR_RETURN(const std::string script, ReadScript(options));
  ASSIGN_OR_RETURN(const std::vector<sql::StatementText> statements, sql::SplitStatements(script));
  if (options.format == OutputFormat::kParquet && statements.size() > 1) {
    return absl::InvalidArgumentError(
        "a Parquet file holds one result; run the statements one by one");
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Application> application, Application::Open(config));
  OutputFile output(options.output);
  sql::Session session = application->default_session();
  session.catalog = options.catalog;
  session.database = options.database;
  sdk::RequestContext context;
  interrupts.Watch(context.cancellation);
  for (const sql::StatementText& statement : statements) {
    const absl::Status status =
        RunStatement(*application, statement.text, session, options.format, output, context);
    if (!status.ok() && statements.size() > 1) {
      return Annotate(status, absl::StrCat("statement at line ", statement.location.line, ": "));
    }
    RETURN_IF_ERROR(status);
  }
  return output.Commit();
}

}  // namespace

void PrintError(const absl::Status& status) {
  std::fprintf(stderr, "%s: %s\n", ErrorName(status).c_str(),
               std::string(status.message()).c_str());
}

int RunSqlCommand(const Config& config, const SqlCommandOptions& options,
                  InterruptHandler& interrupts) {
  if (IsInteractive(options)) {
    const absl::StatusOr<int> exit_code = RunInteractively(config, options, interrupts);
    if (!exit_code.ok()) {
      PrintError(exit_code.status());
    }
    return exit_code.ok() ? *exit_code : kExitError;
  }
  const absl::Status status = RunScript(config, options, interrupts);
  const std::optional<int> signal = interrupts.signal();
  interrupts.Watch(std::nullopt);
  if (status.ok()) {
    return 0;
  }
  if (IsReaderGone(status)) {
    return kSignalExitBase + SIGPIPE;
  }
  std::fflush(stdout);
  if (signal) {
    PrintError(absl::CancelledError("Query was canceled"));
    return kSignalExitBase + *signal;
  }
  PrintError(status);
  return kExitError;
}

}  // namespace pallas::cli
