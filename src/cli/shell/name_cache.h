#ifndef PALLAS_CLI_SHELL_NAME_CACHE_H_
#define PALLAS_CLI_SHELL_NAME_CACHE_H_

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/shell/completer.h"

#include "base/cancellation.h"
#include "catalog/table_resolver.h"

namespace pallas::cli {

struct NameCacheOptions {
  // How long all questions of one completion may keep the user waiting. An answer that comes later
  // is there the next time.
  absl::Duration patience = absl::Milliseconds(400);
  // How long an answer is good; an error (a source that is down) is asked again sooner.
  absl::Duration lifetime = absl::Minutes(1);
  absl::Duration error_lifetime = absl::Seconds(5);
  // What a source may take at most.
  absl::Duration deadline = absl::Seconds(20);
  // Questions at once; more wait for their next completion.
  size_t max_questions = 8;
};

// The names for completion: asked when they are wanted, each on a thread of its own, so that a
// source that does not answer holds nothing up, and remembered. One thread uses it. Destroying it
// cancels what is still asked and waits for the end of that.
class NameCache final : public CompletionSource {
 public:
  // Borrows `resolver`, which must outlive it.
  explicit NameCache(catalog::TableResolver& resolver, NameCacheOptions options = {});
  ~NameCache() override;

  // A completion begins: its questions share the patience.
  void Begin();

  // Definitions have changed.
  void Forget();

  std::vector<std::string> Catalogs() override;
  std::vector<std::string> Databases(const std::string& catalog) override;
  std::vector<std::string> Tables(const std::string& catalog, const std::string& database) override;
  std::vector<std::string> Columns(const catalog::QualifiedName& table) override;

 private:
  using Names = std::vector<std::string>;
  using Question = std::function<absl::StatusOr<Names>(const sdk::RequestContext&)>;

  struct Answer {
    Names names;
    absl::Time good_until = absl::InfinitePast();
    bool asked = false;  // a thread is at it
  };

  struct Asker {
    std::thread thread;
    std::shared_ptr<bool> finished;
  };

  // What is known under `key` once `question` is answered or patience has ended.
  Names Ask(const std::string& key, Question question);
  void Start(const std::string& key, Question question);
  void JoinFinished();

  catalog::TableResolver& resolver_;
  const NameCacheOptions options_;
  Cancellation ending_;
  absl::Time patience_ends_ = absl::InfinitePast();
  std::mutex mutex_;
  std::condition_variable answered_;
  std::map<std::string, std::shared_ptr<Answer>> answers_;  // guarded by mutex_
  std::vector<Asker> askers_;                               // `finished` guarded by mutex_
};

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SHELL_NAME_CACHE_H_
