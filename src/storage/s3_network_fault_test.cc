// What becomes of reads, listings and writes when the network between the store and a server
// breaks.

#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/testing/moto_server.h"
#include "net/testing/fault_proxy.h"
#include "storage/s3_object_store.h"
#include "storage/testing/store_calls.h"

namespace pallas::storage {
namespace {

using net::Direction;
using net::Fault;
using net::FaultProxy;

constexpr char kBucket[] = "readable";
constexpr char kSmall[] = "folder/small";
constexpr char kLarge[] = "folder/large";
constexpr size_t kSmallBytes = 100;
constexpr size_t kLargeBytes = 3'000'000;
constexpr absl::Duration kPatience = absl::Seconds(30);

class S3NetworkFaultTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::signal(SIGPIPE, SIG_IGN);
    auto started = aws::MotoServer::Start();
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
  }

  static void TearDownTestSuite() { server_.reset(); }

  void SetUp() override {
    const std::string& url = server_->url();
    auto proxy = FaultProxy::Start(std::stoi(url.substr(url.rfind(':') + 1)));
    ASSERT_TRUE(proxy.ok()) << proxy.status();
    proxy_ = *std::move(proxy);
    small_ = std::string(kSmallBytes, 's');
    for (size_t i = 0; i < kLargeBytes; ++i) {
      large_ += static_cast<char>('a' + i * 7 % 26);
    }
    ASSERT_TRUE(Put(*Store(), kSmall, small_).ok());
    ASSERT_TRUE(Put(*Store(), kLarge, large_).ok());
  }

  struct Opened {
    std::unique_ptr<net::HttpClient> http;  // outlives the store
    std::unique_ptr<S3ObjectStore> store;

    S3ObjectStore& operator*() const { return *store; }

    S3ObjectStore* operator->() const { return store.get(); }
  };

  // A new store, with connections of its own through the proxy.
  Opened Store() {
    S3Options options;
    options.endpoint = absl::StrCat("http://127.0.0.1:", proxy_->port());
    options.retry.max_attempts = 3;
    options.retry.first_delay = absl::Microseconds(10);
    options.retry.max_delay = absl::Microseconds(100);
    net::HttpClientOptions http;
    http.idle_timeout = kPatience;
    Opened opened{*net::HttpClient::Make(std::move(http)), nullptr};
    opened.store = std::make_unique<S3ObjectStore>(
        std::make_shared<S3Client>(kBucket, options, *opened.http,
                                   aws::StaticCredentials(server_->owner()), Clock::System()),
        readers_, uploaders_);
    return opened;
  }

  // Asks a store something; the answer as a text.
  using Call = std::function<absl::StatusOr<std::string>(S3ObjectStore& store)>;

  // Runs `call` with its answers broken after each `step`th byte, once and always.
  void BreakEverywhere(const std::string& name, const Call& call, int64_t step) {
    const int64_t before = proxy_->bytes(Direction::kToClient);
    const absl::StatusOr<std::string> right = call(*Store());
    ASSERT_TRUE(right.ok()) << name << ": " << right.status();
    const int64_t bytes = proxy_->bytes(Direction::kToClient) - before;
    for (const Fault fault : {Fault::kClose, Fault::kReset}) {
      for (const int64_t times : {1, 1000}) {
        // A request that breaks again and again is as slow as all its attempts.
        const int64_t wide_step = times == 1 && fault == Fault::kClose ? step : 10 * step;
        for (int64_t place = 0; place < bytes; place += wide_step) {
          const std::string what =
              absl::StrCat(name, fault == Fault::kClose ? ", closed" : ", reset", " after ", place,
                           " of ", bytes, " bytes");
          const Opened store = Store();
          proxy_->SetRule(Direction::kToClient,
                          {.fault = fault, .after_bytes = place, .max_hits = times});
          const absl::StatusOr<std::string> answer = call(*store);
          if (answer.ok()) {
            EXPECT_TRUE(*answer == *right) << what << ": another answer";
          } else {
            EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable)
                << what << ": " << answer.status();
            EXPECT_TRUE(absl::StrContains(answer.status().message(), kBucket)) << answer.status();
          }
          // One break is mended by asking again.
          EXPECT_TRUE(answer.ok() || times > 1) << what << ": " << answer.status();
          proxy_->Heal();
        }
      }
    }
  }

  static std::unique_ptr<aws::MotoServer> server_;
  std::unique_ptr<FaultProxy> proxy_;
  std::string small_;
  std::string large_;
  ThreadPool readers_{4};
  ThreadPool uploaders_{2};
};

std::unique_ptr<aws::MotoServer> S3NetworkFaultTest::server_;

TEST_F(S3NetworkFaultTest, ASmallObjectIsReadRightOrNotAtAll) {
  BreakEverywhere("Get", [](S3ObjectStore& store) { return Get(store, kSmall); }, 2);
}

TEST_F(S3NetworkFaultTest, ALargeObjectIsReadRightOrNotAtAll) {
  BreakEverywhere("Get", [](S3ObjectStore& store) { return Get(store, kLarge); }, 200'000);
}

TEST_F(S3NetworkFaultTest, AListingIsWholeOrAnError) {
  BreakEverywhere(
      "List",
      [](S3ObjectStore& store) -> absl::StatusOr<std::string> {
        std::string keys;
        const absl::Status status = store.List("folder/", [&](const ObjectInfo& info) {
          absl::StrAppend(&keys, info.key, " ", info.size, "\n");
          return true;
        });
        if (!status.ok()) {
          return status;
        }
        return keys;
      },
      10);
}

// Whether the writer is told or not: there is the whole object, or none.
TEST_F(S3NetworkFaultTest, AnObjectIsWrittenWholeOrNotAtAll) {
  for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
    for (const Fault fault : {Fault::kClose, Fault::kReset}) {
      for (const int64_t place : {0, 20, 200, 400, 100'000}) {
        const Opened store = Store();
        ASSERT_TRUE(store->Delete("written").ok());
        proxy_->SetRule(direction, {.fault = fault, .after_bytes = place});
        const absl::Status put = Put(*store, "written", large_);
        EXPECT_TRUE(put.ok() || put.code() == absl::StatusCode::kUnavailable) << put;
        proxy_->Heal();
        const absl::StatusOr<std::string> got = Get(*Store(), "written");
        if (put.ok() || got.ok()) {
          ASSERT_TRUE(got.ok()) << got.status();
          EXPECT_TRUE(*got == large_) << got->size();
        } else {
          EXPECT_EQ(got.status().code(), absl::StatusCode::kNotFound) << got.status();
        }
      }
    }
  }
}

TEST_F(S3NetworkFaultTest, ASlowServerGivesTheSameBytes) {
  for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
    proxy_->SetRule(direction, {.delay = absl::Milliseconds(5), .bytes_per_second = 10'000'000});
  }
  const absl::StatusOr<std::string> got = Get(*Store(), kLarge);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_TRUE(*got == large_);
}

}  // namespace
}  // namespace pallas::storage
