#include "cli/demo/demo_command.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "arrow/record_batch.h"
#include "cli/application.h"
#include "cli/config.h"
#include "cli/demo/demo.h"
#include "cli/demo/mesh.h"
#include "cli/sql_command.h"
#include "cli/table_writer.h"
#include <unistd.h>

#include "base/status_macros.h"
#include "query/results/result_writer.h"

namespace pallas::cli {
namespace {

constexpr int kExitError = 1;
constexpr int kSignalExitBase = 128;

void Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);  // What is done shows while the next step works.
}

void Title(std::string_view title) { Print(absl::StrCat("\n== ", title, "\n")); }

// Steps as lines of standard output: "  MariaDB   orders            15,000 rows, 0.3 s".
class PrintedProgress final : public DemoProgress {
 public:
  PrintedProgress() : on_terminal_(isatty(STDOUT_FILENO) != 0) {}

  void Begin(std::string_view step) override {
    line_ = absl::StrFormat("  %-24s", step);
    Print(on_terminal_ ? absl::StrCat(line_, "...") : line_);
  }

  void Advance(std::string_view how_far) override {
    if (on_terminal_) {
      Print(absl::StrCat("\r", kClearLine, line_, how_far, " ..."));
    }
  }

  void End(std::string_view outcome) override {
    Print(on_terminal_ ? absl::StrCat("\r", kClearLine, line_, outcome, "\n")
                       : absl::StrCat(outcome, "\n"));
  }

 private:
  static constexpr std::string_view kClearLine = "\x1b[K";

  const bool on_terminal_;
  std::string line_;
};

// What the demo's statements run in.
class Mesh {
 public:
  Mesh(Application& application, const sdk::RequestContext& context)
      : application_(application), context_(context), session_(application.default_session()) {
    session_.database = kLakeDatabase;
  }

  // Runs a statement and prints its rows as a table. Returns the time it took.
  absl::StatusOr<absl::Duration> Run(std::string_view sql) {
    const absl::Time start = absl::Now();
    session_.start_time = start;
    ASSIGN_OR_RETURN(const query::StatementResult result,
                     application_.runner().Run(sql, session_, context_));
    const auto writer = MakeTableWriter([](std::string_view bytes) {
      Print(bytes);
      return absl::OkStatus();
    });
    if (result.rows->columns().empty()) {
      return absl::Now() - start;
    }
    RETURN_IF_ERROR(writer->Begin(result.rows->columns()));
    for (;;) {
      ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, result.rows->Next());
      if (batch == nullptr) {
        break;
      }
      RETURN_IF_ERROR(writer->Write(*batch));
    }
    RETURN_IF_ERROR(writer->Finish());
    return absl::Now() - start;
  }

  // Prints what each source of a query was asked and gave.
  absl::Status Explain(std::string_view sql) {
    session_.start_time = absl::Now();
    ASSIGN_OR_RETURN(const engine::Explanation explanation,
                     application_.runner().Explain(sql, session_, context_, /*analyze=*/true));
    for (const engine::ScanExplanation& scan : explanation.scans) {
      PrintScan(scan);
    }
    return absl::OkStatus();
  }

 private:
  static void PrintScan(const engine::ScanExplanation& scan) {
    const federation::ScanStatistics& read = scan.statistics;
    // What a lake's file gives is not counted in batches.
    std::string text = absl::StrCat(
        scan.table, ": ", GroupDigits(read.rows), " rows, ",
        read.bytes_received > 0 ? absl::StrCat(GroupDigits(read.bytes_received), " bytes received")
                                : absl::StrCat(GroupDigits(read.bytes), " bytes"));
    for (const auto& [name, value] : read.source_metrics) {
      absl::StrAppend(&text, ", ", name, ": ", value);
    }
    absl::StrAppend(&text, "\n");
    for (const std::string& term : scan.terms) {
      absl::StrAppend(&text, "  ", term, "\n");
    }
    if (!scan.dynamic_filters.empty()) {
      absl::StrAppend(&text, "  narrowed by the keys of joins: ",
                      absl::StrJoin(scan.dynamic_filters, ", "), "\n");
    }
    for (const std::string_view line : absl::StrSplit(scan.statement, '\n', absl::SkipEmpty())) {
      absl::StrAppend(&text, "  sent: ", line, "\n");
    }
    Print(text);
  }

  Application& application_;
  sdk::RequestContext context_;
  sql::Session session_;
};

absl::Status ShowMesh(Application& application, const sdk::RequestContext& context) {
  Mesh mesh(application, context);
  const std::string query = absl::StrCat(kMeshQuery, kMeshQueryOrder);
  Title("One statement over the lake, MariaDB, Redis and DynamoDB");
  Print(absl::StrCat(query, ";\n\n"));
  RETURN_IF_ERROR(mesh.Run(query).status());
  Title("A view of it, and what it is for");
  Print(absl::StrCat(kCreateView, "SELECT ...;\n", kTotalsQuery, ";\n\n"));
  RETURN_IF_ERROR(mesh.Run(absl::StrCat(kCreateView, kMeshQuery)).status());
  ASSIGN_OR_RETURN(const absl::Duration time, mesh.Run(kTotalsQuery));
  Print(absl::StrFormat("%.2f s\n", absl::ToDoubleSeconds(time)));
  Title("What each source was asked for that, by EXPLAIN ANALYZE");
  return mesh.Explain(kTotalsQuery);
}

// How this program is called again from the same place.
std::string ProgramName() {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) {
    return "pallas";
  }
  const std::filesystem::path near =
      program.lexically_proximate(std::filesystem::current_path(error));
  return error || near.begin()->string() == ".." ? program.string() : near.string();
}

void PrintWaysOn(const Demo& demo, const DemoCommandOptions& options) {
  Title("Go on");
  const std::string program = ProgramName();
  const std::string folder = options.folder.empty() ? "" : absl::StrCat(" --data ", options.folder);
  Print(absl::StrCat(
      "  ", program, " sql --config ", demo.config_file(), " --database ", kLakeDatabase, "\n",
      "      SHOW TABLES; SELECT * FROM mysql.sales.orders LIMIT 5; SELECT * FROM federated_view "
      "LIMIT 5;\n",
      "      EXPLAIN SELECT * FROM dynamo.default.partsupp WHERE ps_partkey = 17;\n", "  ", program,
      " demo", folder, " --status   which servers run, and where\n", "  ", program, " demo", folder,
      " --stop     stops them and removes ", demo.folder(), "\n"));
}

absl::Status BuildAndShow(Demo& demo, const DemoCommandOptions& options,
                          const std::vector<std::string>& environment,
                          const sdk::RequestContext& context) {
  PrintedProgress progress;
  Print(absl::StrCat("The data mesh of Pallas, in ", demo.folder(), "\n"));
  Title("Servers");
  RETURN_IF_ERROR(demo.StartServers(context, progress));
  Title(absl::StrCat("Tables of TPC-H at scale ", demo.scale()));
  RETURN_IF_ERROR(demo.LoadServers(context, progress));
  ASSIGN_OR_RETURN(const Config config, LoadConfig(demo.config_file(), environment));
  ASSIGN_OR_RETURN(const std::unique_ptr<Application> application, Application::Open(config));
  RETURN_IF_ERROR(demo.LoadLake(context, *application, progress));
  RETURN_IF_ERROR(ShowMesh(*application, context));
  PrintWaysOn(demo, options);
  return absl::OkStatus();
}

absl::Status RunDemo(const DemoCommandOptions& options, const std::vector<std::string>& environment,
                     const sdk::RequestContext& context) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Demo> demo,
                   Demo::Open({.folder = options.folder, .scale = options.scale}));
  absl::Status status = BuildAndShow(*demo, options, environment, context);
  if (!context.Check().ok()) {
    demo->TerminateStarted();
    Print("\nThe servers that were started stop; `pallas demo` goes on from here.\n");
  }
  return status;
}

absl::Status StopDemo(const DemoCommandOptions& options) {
  absl::StatusOr<std::unique_ptr<Demo>> demo = Demo::OpenPresent(options.folder);
  if (absl::IsNotFound(demo.status())) {
    Print(absl::StrCat("There is no demo in ", options.folder, ": nothing to stop.\n"));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(demo.status());
  PrintedProgress progress;
  ASSIGN_OR_RETURN(const std::vector<std::string> others, (*demo)->Remove(progress));
  if (others.empty()) {
    Print(absl::StrCat("  ", (*demo)->folder(), " removed\n"));
  } else {
    Print(absl::StrCat("  ", (*demo)->folder(), " stays: ", absl::StrJoin(others, ", "),
                       " in it is not the demo's\n"));
  }
  return absl::OkStatus();
}

absl::Status ShowStatus(const DemoCommandOptions& options) {
  absl::StatusOr<std::unique_ptr<Demo>> demo = Demo::OpenPresent(options.folder);
  if (absl::IsNotFound(demo.status())) {
    Print(absl::StrCat("There is no demo in ", options.folder, ".\n"));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(demo.status());
  for (LocalServer* const server : (*demo)->servers()) {
    const std::optional<DetachedProcess> process = server->Running();
    Print(absl::StrFormat(
        "  %-24s%s\n", server->name(),
        process ? absl::StrCat("runs on 127.0.0.1:", server->port(), ", process ", process->pid())
                : "does not run"));
  }
  Print(absl::StrCat("  configuration           ", (*demo)->config_file(), "\n"));
  return absl::OkStatus();
}

absl::Status RunAction(const DemoCommandOptions& options,
                       const std::vector<std::string>& environment,
                       const sdk::RequestContext& context) {
  DemoCommandOptions placed = options;
  if (placed.folder.empty()) {
    ASSIGN_OR_RETURN(placed.folder, DefaultDemoFolder());
  }
  switch (options.action) {
    case DemoAction::kStop:
      return StopDemo(placed);
    case DemoAction::kStatus:
      return ShowStatus(placed);
    case DemoAction::kRun:
      break;
  }
  return RunDemo(placed, environment, context);
}

}  // namespace

int RunDemoCommand(const DemoCommandOptions& options, const std::vector<std::string>& environment,
                   InterruptHandler& interrupts) {
  const sdk::RequestContext context;
  interrupts.Watch(context.cancellation);
  const absl::Status status = RunAction(options, environment, context);
  const std::optional<int> signal = interrupts.signal();
  interrupts.Watch(std::nullopt);
  if (status.ok()) {
    return 0;
  }
  std::fflush(stdout);
  if (signal) {
    return kSignalExitBase + *signal;
  }
  PrintError(status);
  return kExitError;
}

}  // namespace pallas::cli
