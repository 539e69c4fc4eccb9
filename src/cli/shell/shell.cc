#include "cli/shell/shell.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "cli/shell/completer.h"
#include "cli/shell/dot_command.h"
#include "cli/shell/error_text.h"
#include "cli/shell/history.h"
#include "cli/shell/line_editor.h"
#include "cli/shell/name_cache.h"
#include "cli/shell/result_display.h"
#include "cli/shell/terminal_size.h"
#include "cli/shell/use_target.h"
#include "cli/terminal_text.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "query/statement_runner.h"
#include "sql/parser/parser.h"

namespace pallas::cli {
namespace {

constexpr int kSignalExitBase = 128;  // as a shell reports a process that a signal ended

void PrintErrorLine(const absl::Status& status) {
  std::fflush(stdout);
  absl::FPrintF(stderr, "%s: %s\n", ErrorName(status), status.message());
}

bool IsBlank(std::string_view text) { return absl::StripAsciiWhitespace(text).empty(); }

// "3 rows", "1 row".
std::string RowCount(int64_t rows) { return absl::StrCat(rows, rows == 1 ? " row" : " rows"); }

class Shell {
 public:
  Shell(Application& application, const ShellOptions& options, ResultDisplay display,
        InterruptHandler& interrupts)
      : application_(application),
        interrupts_(interrupts),
        session_(application.default_session()),
        display_(std::move(display)),
        names_(application.resolver()) {
    session_.catalog = options.catalog;
    session_.database = options.database;
  }

  absl::Status Init() {
    ASSIGN_OR_RETURN(editor_, LineEditor::Make([this](std::string_view line, size_t cursor) {
                       return CompleteLine(line, cursor);
                     }));
    OpenHistory();
    return absl::OkStatus();
  }

  int Run() {
    std::fputs("Statements end with a semicolon; .help lists the commands of the shell.\n", stdout);
    while (!exit_code_) {
      const LineEditor::Input input = ReadLine();
      switch (input.ending) {
        case LineEditor::Ending::kLine:
          Take(input.text);
          break;
        case LineEditor::Ending::kAbandoned:
          pending_.clear();
          break;
        case LineEditor::Ending::kEnd:
          std::fputs("\n", stdout);
          exit_code_ = 0;
          break;
        case LineEditor::Ending::kInterrupted:
          pending_.clear();
          break;
      }
    }
    return *exit_code_;
  }

 private:
  // --- Reading

  std::string Prompt() const {
    std::string prompt = absl::StrCat("pallas:", Printable(session_.catalog), ".",
                                      Printable(session_.database), "> ");
    if (!pending_.empty()) {
      prompt = absl::StrCat(std::string(DisplayWidth(prompt) - 3, ' '), "-> ");
    }
    return prompt;
  }

  LineEditor::Input ReadLine() {
    const Cancellation reading;
    const auto registration = reading.OnCancel([this] { editor_->Interrupt(); });
    interrupts_.Watch(reading, Persistence::kStay);
    LineEditor::Input input = editor_->Read(Prompt());
    EndWatch();
    return input;
  }

  // Between what can be cancelled, Ctrl-C does nothing. Other signals end the shell.
  void EndWatch() {
    const std::optional<int> signal = interrupts_.signal();
    interrupts_.Watch(Cancellation(), Persistence::kStay);
    if (signal && *signal != SIGINT) {
      exit_code_ = kSignalExitBase + *signal;
    }
  }

  void OpenHistory() {
    const std::string path = DefaultHistoryPath();
    if (path.empty()) {
      return;
    }
    absl::StatusOr<History> history = History::Open(path);
    if (!history.ok()) {
      PrintErrorLine(history.status());
      return;
    }
    history_.emplace(*std::move(history));
    for (const std::string& entry : history_->entries()) {
      editor_->AddHistory(entry);
    }
  }

  void Remember(const std::string& text) {
    if (IsBlank(text)) {
      return;
    }
    editor_->AddHistory(text);
    if (history_ && history_->Wants(text)) {
      const absl::Status status = history_->Add(text);
      if (!status.ok()) {
        PrintErrorLine(status);
        history_.reset();  // Once is enough.
      }
    }
  }

  void Take(const std::string& line) {
    if (pending_.empty() && TakeCommand(line)) {
      return;
    }
    absl::StrAppend(&pending_, pending_.empty() ? "" : "\n", line);
    if (line.find(';') == std::string::npos) {
      return;
    }
    const absl::StatusOr<sql::EndedStatements> ended = sql::SplitEndedStatements(pending_);
    if (!ended.ok()) {
      // No further line could mend it: the parser will say so.
      const std::string statement = std::exchange(pending_, {});
      Remember(statement);
      RunStatements({{statement, {1, 1}}});
      return;
    }
    if (ended->statements.empty() && !ended->blank) {
      return;
    }
    // A comment behind the last statement is remembered with it.
    const size_t end = ended->blank ? pending_.size() : ended->end;
    Remember(std::string(absl::StripTrailingAsciiWhitespace(pending_.substr(0, end))));
    pending_ = std::string(absl::StripLeadingAsciiWhitespace(pending_.substr(end)));
    RunStatements(ended->statements);
  }

  // Whether `line`, the first of an input, is none of a statement's.
  bool TakeCommand(const std::string& line) {
    const std::string_view word = absl::StripAsciiWhitespace(line);
    if (word.empty()) {
      return true;
    }
    if (word[0] == '.') {
      Remember(std::string(absl::StripTrailingAsciiWhitespace(line)));
      RunDotCommand(word);
      return true;
    }
    return TakeWord(absl::StripSuffix(word, ";"));
  }

  // Words that many shells know and SQL does not.
  bool TakeWord(std::string_view word) {
    if (absl::EqualsIgnoreCase(word, "quit") || absl::EqualsIgnoreCase(word, "exit")) {
      exit_code_ = 0;
      return true;
    }
    if (absl::EqualsIgnoreCase(word, "help")) {
      Help();
      return true;
    }
    return false;
  }

  Completion CompleteLine(std::string_view line, size_t cursor) {
    const std::string before = pending_.empty() ? "" : absl::StrCat(pending_, "\n");
    names_.Begin();
    Completion completion = Complete(absl::StrCat(before, line), before.size() + cursor,
                                     session_.catalog, session_.database, names_);
    completion.begin -= std::min(completion.begin, before.size());
    return completion;
  }

  // --- Statements

  // In their order, up to the first error.
  void RunStatements(const std::vector<sql::StatementText>& statements) {
    for (const sql::StatementText& statement : statements) {
      if (exit_code_ || !RunStatement(statement.text)) {
        return;
      }
    }
  }

  // Runs `work` so that Ctrl-C cancels it; tells of its error. Returns whether there was none.
  template <typename Work>
  bool RunCancellable(std::string_view statement, Work work) {
    sdk::RequestContext context;
    interrupts_.Watch(context.cancellation, Persistence::kEndAtSecond);
    const absl::Status status = work(context);
    const bool is_cancelled = context.cancellation.IsCancelled();
    EndWatch();
    if (is_cancelled && !status.ok()) {
      PrintErrorLine(absl::CancelledError("Query was canceled"));
    } else if (!status.ok() && !IsReaderGone(status)) {
      PrintErrorLine(status);
      std::fputs(PointAtError(status, statement, SizeOfTerminal().columns).c_str(), stderr);
    }
    return status.ok();
  }

  bool RunStatement(const std::string& statement) {
    return RunCancellable(statement, [&](const sdk::RequestContext& context) {
      return ShowResult(statement, context);
    });
  }

  absl::Status ShowResult(const std::string& statement, const sdk::RequestContext& context) {
    const absl::Time start = absl::Now();
    session_.start_time = start;
    ASSIGN_OR_RETURN(const query::StatementResult result,
                     application_.runner().Run(statement, session_, context));
    if (result.type != query::StatementType::kDml) {
      names_.Forget();
    }
    if (result.rows->columns().empty()) {
      display_.Conclude("OK", absl::Now() - start);
      return absl::OkStatus();
    }
    // Text that was laid out to be read whole is not cut.
    const bool is_laid_out = result.type != query::StatementType::kDml;
    ASSIGN_OR_RETURN(const ResultDisplay::Shown shown,
                     display_.Show(*result.rows, is_laid_out, [this, &context](bool open) {
                       // Ctrl-C in a pager is for the pager, too.
                       interrupts_.Watch(context.cancellation,
                                         open ? Persistence::kStay : Persistence::kEndAtSecond);
                     }));
    display_.Conclude(RowCount(shown.rows), absl::Now() - start - shown.waited);
    return absl::OkStatus();
  }

  // --- Dot commands

  void RunDotCommand(std::string_view line) {
    const absl::StatusOr<DotCommand> command = ParseDotCommand(line);
    const absl::Status status = command.ok() ? Run(*command) : command.status();
    if (!status.ok()) {
      absl::FPrintF(stderr, "%s\n", status.message());
    }
    std::fflush(stdout);
  }

  absl::Status Run(const DotCommand& command) {
    switch (command.kind) {
      case DotCommandKind::kHelp:
        Help();
        return absl::OkStatus();
      case DotCommandKind::kQuit:
        exit_code_ = 0;
        return absl::OkStatus();
      case DotCommandKind::kFormat:
        return display_.SetFormat(command.argument);
      case DotCommandKind::kNull:
        return display_.SetNull(command.argument);
      case DotCommandKind::kOutput:
        return display_.SetOutput(command.argument);
      case DotCommandKind::kPager:
        return display_.SetPager(command.argument);
      case DotCommandKind::kTables:
        return ShowTables(command.argument);
      case DotCommandKind::kTiming:
        return display_.SetTiming(command.argument);
      case DotCommandKind::kUse:
        return Use(command.argument);
    }
    return absl::OkStatus();
  }

  static void Help() {
    size_t width = 0;
    for (const DotCommandEntry& entry : DotCommands()) {
      width = std::max(width, entry.usage.size());
    }
    for (const DotCommandEntry& entry : DotCommands()) {
      absl::PrintF("%-*s  %s\n", static_cast<int>(width), entry.usage, entry.description);
    }
    std::fputs(
        "Tab completes names, arrow up brings earlier statements back, Ctrl-R searches them,\n"
        "Ctrl-C cancels a query or clears what is typed.\n",
        stdout);
  }

  absl::Status ShowTables(const std::string& argument) {
    std::string statement = "SHOW TABLES";
    if (!argument.empty()) {
      absl::StrAppend(&statement, " IN ", argument);
    }
    RunStatement(statement);
    return absl::OkStatus();
  }

  absl::Status Use(const std::string& argument) {
    if (argument.empty()) {
      return absl::InvalidArgumentError(".use takes CATALOG, DATABASE or CATALOG.DATABASE");
    }
    RunCancellable("", [&](const sdk::RequestContext& context) -> absl::Status {
      ASSIGN_OR_RETURN(UseTarget target,
                       FindUseTarget(argument, session_.catalog, application_.resolver(), context));
      session_.catalog = std::move(target.catalog);
      session_.database = std::move(target.database);
      return absl::OkStatus();
    });
    return absl::OkStatus();
  }

  Application& application_;
  InterruptHandler& interrupts_;
  sql::Session session_;
  ResultDisplay display_;
  NameCache names_;
  std::unique_ptr<LineEditor> editor_;
  std::optional<History> history_;
  std::string pending_;  // the statement so far, of the lines before this one
  std::optional<int> exit_code_;
};

}  // namespace

absl::StatusOr<int> RunShell(Application& application, const ShellOptions& options,
                             InterruptHandler& interrupts) {
  ASSIGN_OR_RETURN(ResultDisplay display, ResultDisplay::Make(options.format));
  RETURN_IF_ERROR(display.SetOutput(options.output));
  Shell shell(application, options, std::move(display), interrupts);
  RETURN_IF_ERROR(shell.Init());
  return shell.Run();
}

}  // namespace pallas::cli
