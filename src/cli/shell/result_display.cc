#include "cli/shell/result_display.h"

#include <cstdio>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "cli/progress_bar.h"
#include "cli/shell/pager.h"
#include "cli/shell/terminal_size.h"
#include "cli/terminal_text.h"

#include "base/status_macros.h"

namespace pallas::cli {
namespace {

void Tell(std::string_view setting, std::string_view value) {
  absl::PrintF("%s is %s\n", setting, value);
}

absl::Status CheckFormat(OutputFormat format) {
  if (format == OutputFormat::kArrow || format == OutputFormat::kParquet) {
    return absl::InvalidArgumentError(absl::StrCat(
        "format ", OutputFormatName(format), " is nothing to look at; write it with pallas sql -e ",
        "\"...\" --format ", OutputFormatName(format), " -o FILE"));
  }
  return absl::OkStatus();
}

std::optional<bool> OnOrOff(std::string_view argument) {
  if (absl::EqualsIgnoreCase(argument, "on")) {
    return true;
  }
  return absl::EqualsIgnoreCase(argument, "off") ? std::make_optional(false) : std::nullopt;
}

}  // namespace

absl::StatusOr<ResultDisplay> ResultDisplay::Make(OutputFormat format) {
  RETURN_IF_ERROR(CheckFormat(format));
  return ResultDisplay(format);
}

ResultDisplay::ResultDisplay(OutputFormat format) : format_(format), pager_(DefaultPager()) {}

absl::Status ResultDisplay::SetFormat(const std::string& name) {
  if (!name.empty()) {
    const std::optional<OutputFormat> format = OutputFormatOf(name);
    if (!format) {
      return absl::InvalidArgumentError(absl::StrCat("there is no format ", Printable(name),
                                                     "; there are table, vertical, csv, json"));
    }
    RETURN_IF_ERROR(CheckFormat(*format));
    format_ = *format;
  }
  Tell("format", OutputFormatName(format_));
  return absl::OkStatus();
}

absl::Status ResultDisplay::SetNull(const std::string& text) {
  if (!text.empty()) {
    std::string_view value = text;
    if (value.size() >= 2 && value.front() == '\'' && value.back() == '\'') {
      value = value.substr(1, value.size() - 2);
    }
    null_text_ = Printable(value);
  }
  Tell("null", absl::StrCat("'", null_text_, "'"));
  return absl::OkStatus();
}

absl::Status ResultDisplay::SetOutput(const std::string& path) {
  if (path.empty()) {
    output_.reset();
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(output_, OpenOutput(path));
  return absl::OkStatus();
}

absl::Status ResultDisplay::SetPager(const std::string& argument) {
  if (const std::optional<bool> on = OnOrOff(argument)) {
    if (*on && pager_.empty()) {
      return absl::NotFoundError(
          "there is no program less; name another with .pager COMMAND or PALLAS_PAGER");
    }
    pager_on_ = *on;
  } else if (!argument.empty()) {
    pager_ = argument;
    pager_on_ = true;
  }
  Tell("pager", pager_on_ && !pager_.empty() ? absl::StrCat("on: ", Printable(pager_)) : "off");
  return absl::OkStatus();
}

absl::Status ResultDisplay::SetTiming(const std::string& argument) {
  if (!argument.empty()) {
    const std::optional<bool> on = OnOrOff(argument);
    if (!on) {
      return absl::InvalidArgumentError(
          absl::StrCat(".timing takes on or off, not ", Printable(argument)));
    }
    timing_ = *on;
  }
  Tell("timing", timing_ ? "on" : "off");
  return absl::OkStatus();
}

absl::StatusOr<ResultDisplay::Shown> ResultDisplay::Show(
    engine::ResultStream& rows, bool is_laid_out, std::function<void(bool open)> on_pager) const {
  if (output_) {
    return ShowInFile(rows);
  }
  ProgressBar progress([&rows] { return rows.progress(); });
  Pager::Options options;
  options.command = pager_on_ ? pager_ : "";
  options.screen = SizeOfTerminal();
  options.on_first_output = [&progress] { progress.Stop(); };
  options.on_open = std::move(on_pager);
  TableStyle style;
  style.width = is_laid_out ? 0 : options.screen.columns;
  style.null_text = null_text_;
  style.faint_nulls = PagerShowsStyles(options.command);
  style.count_rows = false;
  Pager pager(std::move(options));
  const auto writer = MakeWriter(
      format_, [&pager](std::string_view bytes) { return pager.Write(bytes); }, std::move(style));
  Shown shown;
  ASSIGN_OR_RETURN(shown.rows, WriteRows(rows, *writer));
  const absl::Time written = absl::Now();
  RETURN_IF_ERROR(pager.Finish());
  shown.waited = pager.waited() + (absl::Now() - written);
  return shown;
}

absl::StatusOr<ResultDisplay::Shown> ResultDisplay::ShowInFile(engine::ResultStream& rows) const {
  const ProgressBar progress([&rows] { return rows.progress(); });
  TableStyle style;
  style.null_text = null_text_;
  const auto writer = MakeWriter(
      format_, [this](std::string_view bytes) { return WriteAll(output_.get(), bytes); },
      std::move(style));
  Shown shown;
  ASSIGN_OR_RETURN(shown.rows, WriteRows(rows, *writer));
  RETURN_IF_ERROR(FlushOutput(output_.get()));
  return shown;
}

void ResultDisplay::Conclude(std::string_view outcome, absl::Duration duration) const {
  if (timing_) {
    absl::PrintF("%s in %.3f s\n", outcome, absl::ToDoubleSeconds(duration));
  } else {
    absl::PrintF("%s\n", outcome);
  }
  std::fflush(stdout);
}

}  // namespace pallas::cli
