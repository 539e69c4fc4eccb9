#include "aws/credentials.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "aws/assume_role.h"
#include "aws/testing/moto_server.h"
#include "net/testing/test_server.h"

namespace pallas::aws {
namespace {

using testing::HasSubstr;
using testing::Not;

absl::StatusOr<Credentials> Get(CredentialsProvider& provider) {
  return provider.Get(Cancellation(), absl::InfiniteFuture());
}

// Sets variables of the environment for one test.
class Environment {
 public:
  explicit Environment(const std::map<std::string, std::string>& variables) {
    for (const auto& [name, value] : variables) {
      const char* const old = std::getenv(name.c_str());
      old_.emplace(name, old == nullptr ? std::nullopt : std::optional<std::string>(old));
      Set(name, value.empty() ? std::nullopt : std::optional<std::string>(value));
    }
  }

  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  ~Environment() {
    for (const auto& [name, value] : old_) {
      Set(name, value);
    }
  }

 private:
  static void Set(const std::string& name, const std::optional<std::string>& value) {
    if (value) {
      setenv(name.c_str(), value->c_str(), 1);
    } else {
      unsetenv(name.c_str());
    }
  }

  std::map<std::string, std::optional<std::string>> old_;
};

class CredentialSourcesTest : public testing::Test {
 protected:
  CredentialSourcesTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pallas-aws-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }

  ~CredentialSourcesTest() override { std::filesystem::remove_all(folder_); }

  // An environment in which nothing of the machine's own is seen.
  std::map<std::string, std::string> Variables() const {
    return {{"HOME", folder_},
            {"AWS_CONFIG_FILE", folder_ + "/config"},
            {"AWS_SHARED_CREDENTIALS_FILE", folder_ + "/credentials"},
            {"AWS_EC2_METADATA_DISABLED", "true"},
            {"AWS_ACCESS_KEY_ID", ""},
            {"AWS_SECRET_ACCESS_KEY", ""},
            {"AWS_SESSION_TOKEN", ""},
            {"AWS_PROFILE", ""},
            {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", ""},
            {"AWS_CONTAINER_CREDENTIALS_FULL_URI", ""},
            {"AWS_WEB_IDENTITY_TOKEN_FILE", ""}};
  }

  void WriteCredentials(const std::string& text) const {
    std::ofstream(folder_ + "/credentials") << text;
  }

  std::string folder_;
};

TEST_F(CredentialSourcesTest, TheEnvironmentHasAKey) {
  auto variables = Variables();
  variables["AWS_ACCESS_KEY_ID"] = "AKIDENV";
  variables["AWS_SECRET_ACCESS_KEY"] = "env-secret";
  variables["AWS_SESSION_TOKEN"] = "env-token";
  const Environment environment(variables);
  for (const auto& provider : {EnvironmentCredentials(), DefaultCredentials()}) {
    const auto credentials = Get(*provider);
    ASSERT_TRUE(credentials.ok()) << credentials.status();
    EXPECT_EQ(credentials->access_key_id, "AKIDENV");
    EXPECT_EQ(credentials->secret_access_key, "env-secret");
    EXPECT_EQ(credentials->session_token, "env-token");
    EXPECT_EQ(credentials->expiration, absl::InfiniteFuture());
  }
}

TEST_F(CredentialSourcesTest, AProfileHasAKey) {
  WriteCredentials(
      "[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = s1\n"
      "[other]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = s2\n");
  const Environment environment(Variables());
  EXPECT_EQ(Get(*ProfileCredentials(""))->access_key_id, "AKIDDEFAULT");
  EXPECT_EQ(Get(*ProfileCredentials("other"))->access_key_id, "AKIDOTHER");
  EXPECT_EQ(Get(*DefaultCredentials())->secret_access_key, "s1");
  const auto none = Get(*ProfileCredentials("absent"));
  EXPECT_EQ(none.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(none.status().message(), HasSubstr("profile 'absent'"));
}

TEST_F(CredentialSourcesTest, WithoutAnyTheErrorSaysWhereWasLooked) {
  const Environment environment(Variables());
  const auto none = Get(*DefaultCredentials());
  EXPECT_EQ(none.status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(none.status().message(), HasSubstr("AWS_ACCESS_KEY_ID"));
  EXPECT_FALSE(Get(*EnvironmentCredentials()).ok());
}

TEST_F(CredentialSourcesTest, AMetadataServiceGivesKeysThatExpire) {
  net::TestServer server([](const std::string& /*request*/) {
    const std::string body = R"({"AccessKeyId": "AKIDMETA", "SecretAccessKey": "s", "Token": "t",)"
                             R"( "Expiration": "2036-01-02T03:04:05Z"})";
    return absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ", body.size(),
                        "\r\nContent-Type: application/json\r\n\r\n", body);
  });
  auto variables = Variables();
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.url() + "/credentials";
  const Environment environment(variables);
  const auto credentials = Get(*DefaultCredentials());
  ASSERT_TRUE(credentials.ok()) << credentials.status();
  EXPECT_EQ(credentials->access_key_id, "AKIDMETA");
  EXPECT_EQ(credentials->session_token, "t");
  EXPECT_EQ(credentials->expiration,
            absl::FromCivil(absl::CivilSecond(2036, 1, 2, 3, 4, 5), absl::UTCTimeZone()));
}

// ---- Cached ----

// Gives key after key, each for an hour, or an error.
class CountingSource final : public CredentialsProvider {
 public:
  explicit CountingSource(Clock& clock) : clock_(clock) {}

  absl::StatusOr<Credentials> Get(const Cancellation& /*cancellation*/,
                                  absl::Time /*deadline*/) override {
    ++calls;
    if (fails) {
      return absl::UnauthenticatedError("no");
    }
    return Credentials{.access_key_id = absl::StrCat("KEY", calls.load()),
                       .secret_access_key = "s",
                       .session_token = "t",
                       .expiration = clock_.Now() + absl::Hours(1)};
  }

  std::atomic<int> calls{0};
  std::atomic<bool> fails{false};

 private:
  Clock& clock_;
};

class CachedTest : public testing::Test {
 protected:
  std::string Key() { return Get(*cached_)->access_key_id; }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  std::shared_ptr<CountingSource> source_ = std::make_shared<CountingSource>(clock_);
  std::shared_ptr<CredentialsProvider> cached_ =
      CachedCredentials(source_, clock_, {.max_age = absl::InfiniteDuration()});
};

TEST_F(CachedTest, AreGotAnewBeforeTheyExpire) {
  EXPECT_EQ(Key(), "KEY1");
  clock_.Advance(absl::Minutes(54));
  EXPECT_EQ(Key(), "KEY1");
  clock_.Advance(absl::Minutes(2));
  EXPECT_EQ(Key(), "KEY2");
}

TEST_F(CachedTest, AFailureIsNoErrorWhileTheOldOnesHold) {
  EXPECT_EQ(Key(), "KEY1");
  source_->fails = true;
  clock_.Advance(absl::Minutes(56));
  EXPECT_EQ(Key(), "KEY1");
  EXPECT_EQ(Key(), "KEY1");
  EXPECT_EQ(source_->calls, 2);  // the failure is remembered
  clock_.Advance(absl::Minutes(5));
  EXPECT_EQ(Get(*cached_).status(), absl::UnauthenticatedError("no"));
  source_->fails = false;
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(Key(), "KEY4");
}

TEST_F(CachedTest, ForgottenOnesAreGotAnew) {
  EXPECT_EQ(Key(), "KEY1");
  cached_->Forget("ANOTHER");
  EXPECT_EQ(Key(), "KEY1");
  cached_->Forget("KEY1");
  EXPECT_EQ(Key(), "KEY2");
}

TEST_F(CachedTest, ManyThreadsAskOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(Key(), "KEY1"); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(source_->calls, 1);
}

// ---- Roles ----

TEST(AssumeRoleTest, StsGivesTheCredentialsOfARole) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto server = aws::MotoServer::Start();
  ASSERT_TRUE(server.ok()) << server.status();
  const auto http = *net::HttpClient::Make({});
  AssumeRoleOptions options;
  options.role_arn = "arn:aws:iam::123456789012:role/other";
  options.external_id = "a+b";
  options.region = "us-east-1";
  options.endpoint = (*server)->url();
  const auto role =
      AssumeRoleCredentials(options, StaticCredentials((*server)->owner()), *http, Clock::System());
  const auto credentials = Get(*role);
  ASSERT_TRUE(credentials.ok()) << credentials.status();
  EXPECT_NE(credentials->access_key_id, (*server)->owner().access_key_id);
  EXPECT_FALSE(credentials->session_token.empty());
  EXPECT_LT(absl::AbsDuration(credentials->expiration - absl::Now() - absl::Hours(1)),
            absl::Minutes(5));
  EXPECT_EQ(Get(*role)->access_key_id, credentials->access_key_id);

  const auto denied = AssumeRoleCredentials(options, StaticCredentials((*server)->reader()), *http,
                                            Clock::System());
  const absl::Status status = Get(*denied).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
  EXPECT_THAT(status.message(), HasSubstr("sts AssumeRole arn:aws:iam::123456789012:role/other"));
  EXPECT_THAT(status.message(), Not(HasSubstr((*server)->reader().secret_access_key)));
}

}  // namespace
}  // namespace pallas::aws
