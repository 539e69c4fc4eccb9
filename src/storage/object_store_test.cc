// What every object store promises, over all of them.

#include "storage/object_store.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "aws/testing/moto_server.h"
#include "storage/key_path.h"
#include "storage/local_object_store.h"
#include "storage/s3_object_store.h"
#include "storage/testing/store_calls.h"

namespace pallas::storage {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// One bucket, empty at first.
class Bucket {
 public:
  virtual ~Bucket() = default;
  virtual ObjectStore& store() = 0;
};

class LocalBucket final : public Bucket {
 public:
  LocalBucket() {
    std::string pattern = (fs::temp_directory_path() / "pallas-storage-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    store_ = LocalObjectStore::OfBucket("b", folder_ + "/b");
  }

  ~LocalBucket() override { fs::remove_all(folder_); }

  ObjectStore& store() override { return *store_; }

 private:
  std::string folder_;
  std::unique_ptr<LocalObjectStore> store_;
};

// A bucket of a moto that lives as long as the program.
class MotoBucket final : public Bucket {
 public:
  explicit MotoBucket(const aws::MotoServer& server)
      : http_(*net::HttpClient::Make({})), bucket_(absl::StrCat("bucket-", next_number_++)) {
    S3Options options;
    options.endpoint = server.url();
    client_ = std::make_shared<S3Client>(bucket_, options, *http_,
                                         aws::StaticCredentials(server.owner()), Clock::System());
    const auto made = client_->Send({.operation = "CreateBucket", .method = "PUT"}, {});
    EXPECT_TRUE(made.ok()) << made.status();
    store_ = std::make_unique<S3ObjectStore>(client_, readers_, uploaders_);
  }

  ObjectStore& store() override { return *store_; }

 private:
  static int next_number_;

  std::unique_ptr<net::HttpClient> http_;
  const std::string bucket_;
  std::shared_ptr<S3Client> client_;
  std::unique_ptr<S3ObjectStore> store_;
  ThreadPool readers_{4};
  ThreadPool uploaders_{2};
};

int MotoBucket::next_number_ = 0;

enum class Kind { kLocal, kS3 };

class ObjectStoreTest : public testing::TestWithParam<Kind> {
 protected:
  static void SetUpTestSuite() { std::signal(SIGPIPE, SIG_IGN); }

  static void TearDownTestSuite() { server_.reset(); }

  void SetUp() override {
    if (GetParam() == Kind::kLocal) {
      bucket_ = std::make_unique<LocalBucket>();
    } else {
      if (server_ == nullptr) {
        auto started = aws::MotoServer::Start();
        ASSERT_TRUE(started.ok()) << started.status();
        server_ = *std::move(started);
      }
      bucket_ = std::make_unique<MotoBucket>(*server_);
    }
    store_ = &bucket_->store();
  }

  static std::unique_ptr<aws::MotoServer> server_;
  std::unique_ptr<Bucket> bucket_;
  ObjectStore* store_ = nullptr;
};

std::unique_ptr<aws::MotoServer> ObjectStoreTest::server_;

INSTANTIATE_TEST_SUITE_P(Stores, ObjectStoreTest, testing::Values(Kind::kLocal, Kind::kS3),
                         [](const auto& kind) {
                           return kind.param == Kind::kLocal ? "Local" : "S3";
                         });

TEST_P(ObjectStoreTest, GivesBackWhatWasWritten) {
  ASSERT_TRUE(Put(*store_, "a/b.txt", "hello").ok());
  EXPECT_EQ(*Get(*store_, "a/b.txt"), "hello");
  const ObjectInfo info = *store_->Head("a/b.txt");
  EXPECT_EQ(info.size, 5);
  EXPECT_EQ(info.key, "a/b.txt");
  EXPECT_LT(absl::AbsDuration(info.modified - absl::Now()), absl::Hours(1));
  EXPECT_EQ((*store_->Open("a/b.txt"))->info(), info);
  ASSERT_TRUE(Put(*store_, "a/b.txt", "jello").ok());
  EXPECT_NE(store_->Head("a/b.txt")->etag, info.etag);
  EXPECT_EQ(*Get(*store_, "a/b.txt"), "jello");
}

TEST_P(ObjectStoreTest, ListsWhatALookTells) {
  auto writer = *store_->Create("a");
  ASSERT_TRUE(writer->Write("12").ok());
  ASSERT_TRUE(writer->Write("345").ok());
  const ObjectInfo written = *writer->Finish();
  EXPECT_EQ(written, *store_->Head("a"));
  ASSERT_TRUE(store_
                  ->List("",
                         [&](const ObjectInfo& info) {
                           EXPECT_EQ(info.key, written.key);
                           EXPECT_EQ(info.size, written.size);
                           EXPECT_EQ(info.etag, written.etag);
                           // A listing may know the time more exactly than a look.
                           EXPECT_EQ(absl::ToUnixSeconds(info.modified),
                                     absl::ToUnixSeconds(written.modified));
                           return true;
                         })
                  .ok());
}

TEST_P(ObjectStoreTest, AnEmptyObjectIsAnObject) {
  ASSERT_TRUE(Put(*store_, "empty", "").ok());
  const auto reader = store_->Open("empty");
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->info().size, 0);
  char byte = 0;
  EXPECT_TRUE((*reader)->Read(0, 0, &byte).ok());
  EXPECT_EQ((*reader)->Read(0, 1, &byte).code(), absl::StatusCode::kOutOfRange);
}

TEST_P(ObjectStoreTest, AnAbsentObjectIsNotFound) {
  for (const absl::Status& status : {store_->Open("x").status(), store_->Head("x").status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(status.message(), HasSubstr("/x"));
    EXPECT_THAT(status.message(), HasSubstr("s3://b"));
  }
  EXPECT_THAT(Keys(*store_, ""), IsEmpty());
  EXPECT_TRUE(store_->Delete("x").ok());
  ASSERT_TRUE(Put(*store_, "a/b", "1").ok());
  EXPECT_EQ(store_->Head("a").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Head("a/b/c").status().code(), absl::StatusCode::kNotFound);
}

TEST_P(ObjectStoreTest, KeysThatCannotBeAreErrors) {
  for (const std::string& key :
       {std::string(), std::string(1025, 'k'), std::string("a\0b", 3), std::string("\xff\xfe")}) {
    EXPECT_EQ(store_->Open(key).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(Put(*store_, key, "x").code(), absl::StatusCode::kInvalidArgument);
  }
}

// (moto cannot hold a key with a line's end; the local store's own test has one.)
TEST_P(ObjectStoreTest, OddKeysListInTheOrderOfTheirBytes) {
  std::vector<std::string> keys = {"a",
                                   "a-",
                                   "a/",
                                   "a/b",
                                   "a//b",
                                   "a/../b",
                                   "a.",
                                   "../x",
                                   "/",
                                   "//",
                                   "~~self",
                                   "s p/%41",
                                   "s+p/%2B",
                                   "k=v/a&b=c?d#e",
                                   "q'\"\\",
                                   "<a>&amp;",
                                   "*!()@:;,$|^{}[]`",
                                   "😀/é",
                                   std::string(1024, 'k'),
                                   std::string(500, 'k') + "/" + std::string(523, 'l')};
  for (const std::string& key : keys) {
    const absl::Status put = Put(*store_, key, key);
    ASSERT_TRUE(put.ok()) << key << ": " << put;
  }
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(Keys(*store_, ""), keys);
  for (const std::string& key : keys) {
    EXPECT_EQ(*Get(*store_, key), key);
    EXPECT_EQ(store_->Head(key)->size, static_cast<int64_t>(key.size()));
    std::vector<std::string> same_prefix;
    const std::string prefix = key.substr(0, 1 + key.size() / 2);
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(same_prefix),
                 [&](const std::string& other) { return other.starts_with(prefix); });
    if (CheckKey(prefix).ok()) {
      EXPECT_EQ(Keys(*store_, prefix), same_prefix) << prefix;
    }
  }
  for (const std::string& key : keys) {
    ASSERT_TRUE(store_->Delete(key).ok()) << key;
  }
  EXPECT_THAT(Keys(*store_, ""), IsEmpty());
}

TEST_P(ObjectStoreTest, AKeyMayBeObjectAndPrefixWhicheverCameFirst) {
  ASSERT_TRUE(Put(*store_, "a", "object").ok());
  ASSERT_TRUE(Put(*store_, "a/b/c", "inner").ok());
  ASSERT_TRUE(Put(*store_, "a/b", "middle").ok());
  EXPECT_EQ(*Get(*store_, "a"), "object");
  EXPECT_EQ(*Get(*store_, "a/b"), "middle");
  EXPECT_THAT(Keys(*store_, "a"), ElementsAre("a", "a/b", "a/b/c"));
  ASSERT_TRUE(store_->Delete("a").ok());
  EXPECT_THAT(Keys(*store_, ""), ElementsAre("a/b", "a/b/c"));
}

TEST_P(ObjectStoreTest, AnUnfinishedWriterLeavesNothing) {
  {
    auto writer = *store_->Create("a/b");
    ASSERT_TRUE(writer->Write("half").ok());
    EXPECT_THAT(Keys(*store_, ""), IsEmpty());
  }
  EXPECT_THAT(Keys(*store_, ""), IsEmpty());
}

TEST_P(ObjectStoreTest, ReadsAreExactAndNeverMixVersions) {
  // Longer than what opening an object brings along.
  std::string bytes(300'000, 'x');
  for (size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>('a' + i % 23);
  }
  const auto size = static_cast<int64_t>(bytes.size());
  ASSERT_TRUE(Put(*store_, "a", bytes).ok());
  const auto reader = *store_->Open("a");
  std::string out(bytes.size(), '\0');
  for (const auto& [offset, length] :
       std::vector<std::pair<int64_t, int64_t>>{{0, 1},
                                                {1, 1000},
                                                {1001, 100'000},
                                                {size - 2, 2},
                                                {size - 100'000, 100'000},
                                                {0, size}}) {
    ASSERT_TRUE(reader->Read(offset, length, out.data()).ok());
    EXPECT_EQ(
        std::string_view(out).substr(0, static_cast<size_t>(length)),
        std::string_view(bytes).substr(static_cast<size_t>(offset), static_cast<size_t>(length)));
  }
  EXPECT_TRUE(reader->Read(size, 0, out.data()).ok());
  EXPECT_EQ(reader->Read(size - 1, 2, out.data()).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(reader->Read(-1, 2, out.data()).code(), absl::StatusCode::kOutOfRange);

  ASSERT_TRUE(Put(*store_, "a", std::string(bytes.size(), '?')).ok());
  const absl::Status read = reader->Read(0, 10, out.data());
  if (read.ok()) {
    EXPECT_EQ(out.substr(0, 10), bytes.substr(0, 10));
  } else {
    EXPECT_EQ(read.code(), absl::StatusCode::kAborted);
    EXPECT_THAT(read.message(), HasSubstr("changed"));
  }
}

TEST_P(ObjectStoreTest, ALargeObjectIsWrittenPieceByPiece) {
  const std::string piece(777'777, 'p');
  auto writer = *store_->Create("large");
  std::string bytes;
  for (int i = 0; i < 30; ++i) {
    const std::string marked = absl::StrCat(i, piece);
    ASSERT_TRUE(writer->Write(marked).ok());
    bytes += marked;
  }
  EXPECT_THAT(Keys(*store_, ""), IsEmpty());
  const auto info = writer->Finish();
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->size, static_cast<int64_t>(bytes.size()));
  EXPECT_TRUE(*Get(*store_, "large") == bytes);

  // Read in order, in pieces of another size.
  const auto reader = *store_->Open("large");
  std::string out(bytes.size(), '\0');
  for (int64_t offset = 0; offset < info->size; offset += 500'001) {
    ASSERT_TRUE(reader
                    ->Read(offset, std::min<int64_t>(500'001, info->size - offset),
                           &out[static_cast<size_t>(offset)])
                    .ok());
  }
  EXPECT_TRUE(out == bytes);
}

TEST_P(ObjectStoreTest, ALargeUnfinishedWriterLeavesNothing) {
  {
    auto writer = *store_->Create("large");
    ASSERT_TRUE(writer->Write(std::string(20'000'000, 'p')).ok());
  }
  EXPECT_THAT(Keys(*store_, ""), IsEmpty());
}

TEST_P(ObjectStoreTest, AListingStopsWhenItsSinkHasEnough) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Put(*store_, absl::StrCat("f", i % 4, "/", i), "x").ok());
  }
  int seen = 0;
  EXPECT_TRUE(store_->List("f", [&](const ObjectInfo&) { return ++seen < 7; }).ok());
  EXPECT_EQ(seen, 7);
}

TEST_P(ObjectStoreTest, AFolderListingGoesOneStepDown) {
  for (const char* key : {"t/a", "t/a/x", "t/b/x/y", "t/b/z", "t//q", "tail", "t", "t/c d/+/x"}) {
    ASSERT_TRUE(Put(*store_, key, "1").ok());
  }
  std::vector<std::string> seen;
  const auto note = [&](const FolderEntry& entry) {
    seen.push_back(absl::StrCat(entry.object ? "object " : "folder ", entry.key));
    return true;
  };
  ASSERT_TRUE(store_->ListFolder("t/", note).ok());
  EXPECT_THAT(
      seen, ElementsAre("folder t//", "object t/a", "folder t/a/", "folder t/b/", "folder t/c d/"));
  seen.clear();
  ASSERT_TRUE(store_->ListFolder("t", note).ok());
  EXPECT_THAT(seen, ElementsAre("object t", "folder t/", "object tail"));
  seen.clear();
  ASSERT_TRUE(store_->ListFolder("t/c d/", note).ok());
  EXPECT_THAT(seen, ElementsAre("folder t/c d/+/"));
}

// Every reader sees a whole object of one writer, whatever the others do.
TEST_P(ObjectStoreTest, WritersAtOnceNeverMix) {
  constexpr int kThreads = 4;
  const int rounds = GetParam() == Kind::kLocal ? 40 : 3;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread, rounds] {
      const std::string bytes(10'000, static_cast<char>('a' + thread));
      for (int round = 0; round < rounds; ++round) {
        const std::string deep = absl::StrCat("shared/deep/", thread);
        ASSERT_TRUE(Put(*store_, "shared", bytes).ok());
        ASSERT_TRUE(Put(*store_, deep, bytes).ok());
        const absl::StatusOr<std::string> got = Get(*store_, "shared");
        ASSERT_TRUE(got.ok()) << got.status();
        EXPECT_EQ(*got, std::string(10'000, got->front()));
        EXPECT_EQ(*Get(*store_, deep), bytes);
        ASSERT_TRUE(store_->Delete(deep).ok());
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_THAT(Keys(*store_, ""), ElementsAre("shared"));
}

}  // namespace
}  // namespace pallas::storage
