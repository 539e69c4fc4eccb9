#include "cli/shell/name_cache.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "base/status_macros.h"

namespace pallas::cli {
namespace {

// Between the parts of a key; no name has it.
constexpr std::string_view kSeparator("\0", 1);

}  // namespace

NameCache::NameCache(catalog::TableResolver& resolver, NameCacheOptions options)
    : resolver_(resolver), options_(options) {}

NameCache::~NameCache() {
  ending_.Cancel(absl::CancelledError("the shell ends"));
  for (Asker& asker : askers_) {
    asker.thread.join();
  }
}

void NameCache::Begin() { patience_ends_ = absl::Now() + options_.patience; }

void NameCache::Forget() {
  std::lock_guard lock(mutex_);
  answers_.clear();  // What is still being asked gets lost with its answer.
}

std::vector<std::string> NameCache::Catalogs() {
  return Ask("catalogs", [this](const sdk::RequestContext& context) {
    return resolver_.ListCatalogs(context);
  });
}

std::vector<std::string> NameCache::Databases(const std::string& catalog) {
  return Ask(absl::StrCat("databases", kSeparator, catalog),
             [this, catalog](const sdk::RequestContext& context) {
               return resolver_.ListDatabases(context, catalog);
             });
}

std::vector<std::string> NameCache::Tables(const std::string& catalog,
                                           const std::string& database) {
  return Ask(absl::StrCat("tables", kSeparator, catalog, kSeparator, database),
             [this, catalog, database](const sdk::RequestContext& context) {
               return resolver_.ListTables(context, catalog, database);
             });
}

std::vector<std::string> NameCache::Columns(const catalog::QualifiedName& table) {
  return Ask(absl::StrCat("columns", kSeparator, table.catalog, kSeparator, table.database,
                          kSeparator, table.table),
             [this, table](const sdk::RequestContext& context) -> absl::StatusOr<Names> {
               ASSIGN_OR_RETURN(const auto resolved, resolver_.ResolveTable(context, table));
               Names names;
               for (const catalog::ResolvedColumn& column : resolved->columns) {
                 if (!column.hidden) {
                   names.push_back(column.name);
                 }
               }
               return names;
             });
}

NameCache::Names NameCache::Ask(const std::string& key, Question question) {
  JoinFinished();
  std::unique_lock lock(mutex_);
  std::shared_ptr<Answer>& slot = answers_[key];
  if (slot == nullptr) {
    slot = std::make_shared<Answer>();
  }
  const std::shared_ptr<Answer> answer = slot;
  if (absl::Now() < answer->good_until) {
    return answer->names;
  }
  if (!answer->asked && askers_.size() < options_.max_questions) {
    Start(key, std::move(question));
  }
  answered_.wait_until(lock, absl::ToChronoTime(patience_ends_),
                       [&answer] { return !answer->asked; });
  return answer->names;  // perhaps those of before, or none
}

// REQUIRES: mutex_ is held.
void NameCache::Start(const std::string& key, Question question) {
  const std::shared_ptr<Answer> answer = answers_[key];
  answer->asked = true;
  const auto finished = std::make_shared<bool>(false);
  sdk::RequestContext context;
  context.cancellation = ending_;
  context.deadline = absl::Now() + options_.deadline;
  askers_.push_back({std::thread([this, answer, finished, context, question = std::move(question)] {
                       absl::StatusOr<Names> names = question(context);
                       std::lock_guard lock(mutex_);
                       if (names.ok()) {
                         answer->names = *std::move(names);
                       }
                       answer->good_until =
                           absl::Now() + (names.ok() ? options_.lifetime : options_.error_lifetime);
                       answer->asked = false;
                       *finished = true;
                       answered_.notify_all();
                     }),
                     finished});
}

void NameCache::JoinFinished() {
  std::vector<Asker> finished;
  {
    std::lock_guard lock(mutex_);
    for (size_t i = askers_.size(); i-- > 0;) {
      if (*askers_[i].finished) {
        finished.push_back(std::move(askers_[i]));
        askers_.erase(askers_.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }
  for (Asker& asker : finished) {
    asker.thread.join();
  }
}

}  // namespace pallas::cli
