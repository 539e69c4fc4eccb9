#include "aws/credentials.h"

#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"

namespace pallas::aws {
namespace {

class Static final : public CredentialsProvider {
 public:
  explicit Static(Credentials credentials) : credentials_(std::move(credentials)) {}

  absl::StatusOr<Credentials> Get(const Cancellation& /*cancellation*/,
                                  absl::Time /*deadline*/) override {
    return credentials_;
  }

 private:
  const Credentials credentials_;
};

class Cached final : public CredentialsProvider {
 public:
  Cached(std::shared_ptr<CredentialsProvider> source, Clock& clock, CachingOptions options)
      : source_(std::move(source)), clock_(clock), options_(options) {}

  absl::StatusOr<Credentials> Get(const Cancellation& cancellation, absl::Time deadline) override {
    // Held while the source is asked: the others wait for its answer instead of asking too.
    const std::lock_guard lock(mutex_);
    const absl::Time now = clock_.Now();
    if (kept_ && now < refresh_at_) {
      return *kept_;
    }
    if (!failure_.ok() && now < retry_at_) {
      return StillValid(now) ? absl::StatusOr<Credentials>(*kept_) : failure_;
    }
    absl::StatusOr<Credentials> fresh = source_->Get(cancellation, deadline);
    if (cancellation.IsCancelled()) {
      return cancellation.status();
    }
    if (!fresh.ok()) {
      failure_ = fresh.status();
      retry_at_ = clock_.Now() + options_.remember_failure;
      return StillValid(now) ? absl::StatusOr<Credentials>(*kept_) : failure_;
    }
    failure_ = absl::OkStatus();
    refresh_at_ = std::min(now + options_.max_age, RefreshOf(*fresh, now));
    kept_ = *std::move(fresh);
    return *kept_;
  }

  void Forget(const std::string& access_key_id) override {
    const std::lock_guard lock(mutex_);
    if (kept_ && kept_->access_key_id == access_key_id) {
      kept_.reset();
    }
    source_->Forget(access_key_id);
  }

 private:
  bool StillValid(absl::Time now) const { return kept_ && now < kept_->expiration; }

  // Credentials that come with little time left are used for half of it.
  absl::Time RefreshOf(const Credentials& fresh, absl::Time now) const {
    return std::max(fresh.expiration - options_.refresh_before,
                    std::min(fresh.expiration, now + (fresh.expiration - now) / 2));
  }

  const std::shared_ptr<CredentialsProvider> source_;
  Clock& clock_;
  const CachingOptions options_;
  std::mutex mutex_;
  std::optional<Credentials> kept_;
  absl::Time refresh_at_;
  absl::Status failure_;
  absl::Time retry_at_;
};

}  // namespace

std::shared_ptr<CredentialsProvider> StaticCredentials(Credentials credentials) {
  return std::make_shared<Static>(std::move(credentials));
}

std::shared_ptr<CredentialsProvider> CachedCredentials(std::shared_ptr<CredentialsProvider> source,
                                                       Clock& clock, CachingOptions options) {
  return std::make_shared<Cached>(std::move(source), clock, options);
}

}  // namespace pallas::aws
