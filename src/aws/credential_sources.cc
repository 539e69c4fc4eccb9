// The sources of credentials that the AWS Common Runtime knows.

#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include <aws/auth/credentials.h>
#include <aws/io/channel_bootstrap.h>
#include <aws/io/event_loop.h>
#include <aws/io/host_resolver.h>

#include "aws/credentials.h"
#include "aws/crt.h"
#include "base/status_macros.h"

namespace pallas::aws {
namespace {

// The longest that a source may take; a metadata service that is not there does not answer at all.
constexpr absl::Duration kPatience = absl::Seconds(10);
constexpr size_t kMaxResolvedHosts = 8;

// Something that happens once, on another thread.
class Event {
 public:
  void Set() {
    const std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }

  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return set_; });
  }

  static void SetEvent(void* event) { static_cast<Event*>(event)->Set(); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

// The thread on which the runtime talks to STS and metadata services.
class Network {
 public:
  Network() {
    const aws_shutdown_callback_options stopped = {.shutdown_callback_fn = Event::SetEvent,
                                                   .shutdown_callback_user_data = &loop_stopped_};
    aws_event_loop_group_options loop_options = {};
    loop_options.loop_count = 1;
    loop_options.shutdown_options = &stopped;
    loop_ = aws_event_loop_group_new(Crt(), &loop_options);
    aws_host_resolver_default_options resolver_options = {};
    resolver_options.max_entries = kMaxResolvedHosts;
    resolver_options.el_group = loop_;
    resolver_ = aws_host_resolver_new_default(Crt(), &resolver_options);
    aws_client_bootstrap_options bootstrap_options = {};
    bootstrap_options.event_loop_group = loop_;
    bootstrap_options.host_resolver = resolver_;
    bootstrap_options.on_shutdown_complete = Event::SetEvent;
    bootstrap_options.user_data = &bootstrap_stopped_;
    bootstrap_ = aws_client_bootstrap_new(Crt(), &bootstrap_options);
  }

  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // Waits until the thread has ended: no callback comes after this.
  ~Network() {
    if (bootstrap_ != nullptr) {
      aws_client_bootstrap_release(bootstrap_);
      bootstrap_stopped_.Wait();
    }
    aws_host_resolver_release(resolver_);
    if (loop_ != nullptr) {
      aws_event_loop_group_release(loop_);
      loop_stopped_.Wait();
    }
  }

  aws_client_bootstrap* bootstrap() const { return bootstrap_; }

 private:
  Event loop_stopped_;
  Event bootstrap_stopped_;
  aws_event_loop_group* loop_ = nullptr;
  aws_host_resolver* resolver_ = nullptr;
  aws_client_bootstrap* bootstrap_ = nullptr;
};

// What one question to a source came to. Shared with the callback, which may come after the asker
// has gone.
class Answer {
 public:
  struct Result {
    std::optional<Credentials> credentials;
    int error = AWS_ERROR_SUCCESS;
  };

  void Give(Result result) {
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
    changed_.notify_all();
  }

  void GiveUp() {
    const std::lock_guard lock(mutex_);
    given_up_ = true;
    changed_.notify_all();
  }

  // None: given up, or not there by `deadline`.
  std::optional<Result> Wait(absl::Time deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, absl::ToChronoTime(deadline),
                        [&] { return given_up_ || result_.has_value(); });
    return result_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool given_up_ = false;
  std::optional<Result> result_;
};

Credentials FromCrt(const aws_credentials* keys) {
  Credentials credentials;
  credentials.access_key_id = FromCursor(aws_credentials_get_access_key_id(keys));
  credentials.secret_access_key = FromCursor(aws_credentials_get_secret_access_key(keys));
  credentials.session_token = FromCursor(aws_credentials_get_session_token(keys));
  const uint64_t expiration = aws_credentials_get_expiration_timepoint_seconds(keys);
  if (expiration != UINT64_MAX) {
    credentials.expiration = absl::FromUnixSeconds(static_cast<int64_t>(expiration));
  }
  return credentials;
}

void OnCredentials(aws_credentials* keys, int error, void* user_data) {
  const std::unique_ptr<std::shared_ptr<Answer>> owned(
      static_cast<std::shared_ptr<Answer>*>(user_data));
  Answer::Result result{.credentials = std::nullopt, .error = error};
  if (keys != nullptr) {
    result.credentials = FromCrt(keys);
  }
  (*owned)->Give(std::move(result));
}

// One of the runtime's providers, made at the first question: the files and variables that it reads
// are those of that moment, and a source that nobody asks costs no thread.
class CrtSource final : public CredentialsProvider {
 public:
  using Maker = std::function<aws_credentials_provider*(
      aws_client_bootstrap*, const aws_credentials_provider_shutdown_options&)>;

  CrtSource(std::string description, bool needs_network, Maker make)
      : description_(std::move(description)),
        needs_network_(needs_network),
        make_(std::move(make)) {}

  ~CrtSource() override { Drop(); }

  absl::StatusOr<Credentials> Get(const Cancellation& cancellation, absl::Time deadline) override {
    auto answer = std::make_shared<Answer>();
    {
      const std::lock_guard lock(mutex_);
      RETURN_IF_ERROR(Prepare());
      auto owned = std::make_unique<std::shared_ptr<Answer>>(answer);
      if (aws_credentials_provider_get_credentials(provider_, OnCredentials, owned.get()) !=
          AWS_OP_SUCCESS) {
        return NoCredentials(aws_last_error());
      }
      std::ignore = owned.release();
    }
    const Cancellation::Registration registration =
        cancellation.OnCancel([answer] { answer->GiveUp(); });
    const auto result = answer->Wait(std::min(deadline, absl::Now() + kPatience));
    if (cancellation.IsCancelled()) {
      return cancellation.status();
    }
    if (!result) {
      return absl::UnauthenticatedError(
          absl::StrCat(description_, ": no answer within ", absl::FormatDuration(kPatience),
                       "; where there is no metadata service, set AWS_EC2_METADATA_DISABLED=true"));
    }
    return result->credentials ? absl::StatusOr<Credentials>(*result->credentials)
                               : NoCredentials(result->error);
  }

  void Forget(const std::string& /*access_key_id*/) override {
    const std::lock_guard lock(mutex_);
    Drop();
  }

 private:
  absl::Status NoCredentials(int error) const {
    return absl::UnauthenticatedError(absl::StrCat("there are no AWS credentials in ", description_,
                                                   " (", aws_error_name(error), ")"));
  }

  absl::Status Prepare() {
    if (provider_ != nullptr) {
      return absl::OkStatus();
    }
    Crt();
    if (needs_network_ && network_ == nullptr) {
      network_ = std::make_unique<Network>();
    }
    stopped_ = std::make_unique<Event>();
    provider_ = make_(network_ == nullptr ? nullptr : network_->bootstrap(),
                      {.shutdown_callback = Event::SetEvent, .shutdown_user_data = stopped_.get()});
    return provider_ != nullptr ? absl::OkStatus() : NoCredentials(aws_last_error());
  }

  void Drop() {
    if (provider_ != nullptr) {
      aws_credentials_provider_release(provider_);
      stopped_->Wait();
      provider_ = nullptr;
    }
  }

  const std::string description_;
  const bool needs_network_;
  const Maker make_;
  std::mutex mutex_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<Event> stopped_;
  aws_credentials_provider* provider_ = nullptr;
};

std::string ProfileName(const std::string& profile) {
  if (!profile.empty()) {
    return profile;
  }
  const char* const named = std::getenv("AWS_PROFILE");
  return named != nullptr && *named != '\0' ? named : "default";
}

}  // namespace

std::shared_ptr<CredentialsProvider> EnvironmentCredentials() {
  return std::make_shared<CrtSource>(
      "the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", /*needs_network=*/false,
      [](aws_client_bootstrap* /*bootstrap*/,
         const aws_credentials_provider_shutdown_options& shutdown) {
        const aws_credentials_provider_environment_options options = {.shutdown_options = shutdown};
        return aws_credentials_provider_new_environment(Crt(), &options);
      });
}

std::shared_ptr<CredentialsProvider> ProfileCredentials(const std::string& profile) {
  const std::string name = ProfileName(profile);
  return CachedCredentials(
      std::make_shared<CrtSource>(
          absl::StrCat("the profile '", name, "' of the shared AWS files"), /*needs_network=*/true,
          [name](aws_client_bootstrap* bootstrap,
                 const aws_credentials_provider_shutdown_options& shutdown) {
            aws_credentials_provider_profile_options options = {};
            options.shutdown_options = shutdown;
            options.bootstrap = bootstrap;
            options.profile_name_override = ToCursor(name);
            return aws_credentials_provider_new_profile(Crt(), &options);
          }),
      Clock::System());
}

std::shared_ptr<CredentialsProvider> DefaultCredentials() {
  return CachedCredentials(
      std::make_shared<CrtSource>(
          absl::StrCat("the environment (AWS_ACCESS_KEY_ID), the profile '", ProfileName(""),
                       "' of the shared AWS files, the container's or the instance's metadata"),
          /*needs_network=*/true,
          [](aws_client_bootstrap* bootstrap,
             const aws_credentials_provider_shutdown_options& shutdown) {
            aws_credentials_provider_chain_default_options options = {};
            options.shutdown_options = shutdown;
            options.bootstrap = bootstrap;
            return aws_credentials_provider_new_chain_default(Crt(), &options);
          }),
      Clock::System());
}

}  // namespace pallas::aws
