#ifndef PALLAS_CLI_SHELL_HISTORY_H_
#define PALLAS_CLI_SHELL_HISTORY_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace pallas::cli {

// What was typed, kept in a file that only its user may read: one entry a line, line breaks and
// backslashes escaped. Several shells may add to one file. One thread.
class History {
 public:
  static constexpr size_t kMaxEntries = 2000;
  // Longer statements are not kept.
  static constexpr size_t kMaxEntryBytes = size_t{64} << 10U;

  // Reads `path`, which need not exist, and shortens it when it has grown to twice what is kept.
  static absl::StatusOr<History> Open(std::string path);

  // The newest entries, oldest first, as they were at Open().
  const std::vector<std::string>& entries() const { return entries_; }

  // Whether `text` belongs into a history: not blank, not too long, without a blank before it (the
  // way to keep something out), and not what was added last.
  bool Wants(std::string_view text) const;

  // Writes `text` behind the others. REQUIRES: Wants(text).
  absl::Status Add(std::string_view text);

 private:
  explicit History(std::string path) : path_(std::move(path)) {}

  absl::Status Rewrite() const;

  std::string path_;
  std::vector<std::string> entries_;
  std::string last_;
};

// $XDG_STATE_HOME/pallas/history, else ~/.local/state/pallas/history; empty: neither is set.
std::string DefaultHistoryPath();

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SHELL_HISTORY_H_
