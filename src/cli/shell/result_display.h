#ifndef PALLAS_CLI_SHELL_RESULT_DISPLAY_H_
#define PALLAS_CLI_SHELL_RESULT_DISPLAY_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/output.h"

#include "engine/query_engine.h"

namespace pallas::cli {

// How the shell shows results, and the commands that change that. Each Set...() takes the argument
// of its dot command, which may be empty, and tells what is set then. One thread.
class ResultDisplay {
 public:
  // Begins with `format`, the terminal, and the pager of the environment.
  static absl::StatusOr<ResultDisplay> Make(OutputFormat format);

  absl::Status SetFormat(const std::string& name);
  absl::Status SetNull(const std::string& text);
  // A file for the rows; empty: the terminal.
  absl::Status SetOutput(const std::string& path);
  absl::Status SetPager(const std::string& argument);
  absl::Status SetTiming(const std::string& argument);

  struct Shown {
    int64_t rows = 0;
    absl::Duration waited = absl::ZeroDuration();  // for the user, in the pager
  };

  // Shows all rows, with the progress until the first is there. `is_laid_out`: lines of text that
  // are not to be cut. `on_pager` is told when a pager has the terminal (true) and when it has
  // gone. IsReaderGone() if the user has left the pager before the end.
  absl::StatusOr<Shown> Show(engine::ResultStream& rows, bool is_laid_out,
                             std::function<void(bool open)> on_pager) const;

  // The line below a result: `outcome`, and how long it took if that is wanted.
  void Conclude(std::string_view outcome, absl::Duration duration) const;

 private:
  explicit ResultDisplay(OutputFormat format);

  absl::StatusOr<Shown> ShowInFile(engine::ResultStream& rows) const;

  OutputFormat format_;
  bool timing_ = true;
  std::string pager_;
  bool pager_on_ = true;
  std::string null_text_ = "NULL";
  FilePtr output_;  // null: the terminal
};

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SHELL_RESULT_DISPLAY_H_
