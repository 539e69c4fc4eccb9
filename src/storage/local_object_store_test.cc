#include "storage/local_object_store.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "storage/key_path.h"
#include "storage/testing/store_calls.h"

namespace pallas::storage {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "pallas-storage-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }

  ~TemporaryFolder() { fs::remove_all(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void WriteFile(const std::string& path, std::string_view text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

class BucketTest : public testing::Test {
 protected:
  BucketTest() : store_(LocalObjectStore::OfBucket("b", folder_.path() + "/objects/b")) {}

  std::string PathOf(const std::string& name) const {
    return folder_.path() + "/objects/b/" + name;
  }

  TemporaryFolder folder_;
  std::unique_ptr<LocalObjectStore> store_;
};

TEST_F(BucketTest, GivesBackWhatWasWritten) {
  ASSERT_TRUE(Put(*store_, "a/b.txt", "hello").ok());
  EXPECT_EQ(*Get(*store_, "a/b.txt"), "hello");
  EXPECT_TRUE(fs::exists(PathOf("a/b.txt")));
  const ObjectInfo info = *store_->Head("a/b.txt");
  EXPECT_EQ(info.size, 5);
  EXPECT_EQ(info.key, "a/b.txt");
  ASSERT_TRUE(Put(*store_, "a/b.txt", "jello").ok());
  EXPECT_NE(store_->Head("a/b.txt")->etag, info.etag);
  EXPECT_EQ(*Get(*store_, "a/b.txt"), "jello");
}

TEST_F(BucketTest, OddKeysListInTheOrderOfTheirBytes) {
  const std::string chunk(kChunkBytes, 'c');
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
                                   "~~staging",
                                   "s p/%41",
                                   "q'\"\\",
                                   "😀/é",
                                   chunk,
                                   chunk + "/x",
                                   chunk + "-",
                                   chunk + "z",
                                   chunk + "-/y",
                                   "new\nline",
                                   std::string(1024, 'k'),
                                   std::string(500, 'k') + "/" + std::string(523, 'l')};
  for (const std::string& key : keys) {
    ASSERT_TRUE(Put(*store_, key, key).ok()) << key;
  }
  std::sort(keys.begin(), keys.end());
  EXPECT_EQ(Keys(*store_, ""), keys);
  for (const std::string& key : keys) {
    EXPECT_EQ(*Get(*store_, key), key);
    std::vector<std::string> same_prefix;
    const std::string prefix = key.substr(0, 1 + key.size() / 2);
    std::copy_if(keys.begin(), keys.end(), std::back_inserter(same_prefix),
                 [&](const std::string& other) { return other.starts_with(prefix); });
    EXPECT_EQ(Keys(*store_, prefix), same_prefix) << prefix;
  }
  EXPECT_FALSE(fs::exists(folder_.path() + "/objects/x"));
  for (const std::string& key : keys) {
    ASSERT_TRUE(store_->Delete(key).ok()) << key;
  }
  EXPECT_THAT(Keys(*store_, ""), IsEmpty());
  EXPECT_FALSE(fs::exists(PathOf("a")));
}

TEST_F(BucketTest, AKeyMayBeObjectAndPrefixWhicheverCameFirst) {
  ASSERT_TRUE(Put(*store_, "a", "object").ok());
  const auto reader = *store_->Open("a");
  ASSERT_TRUE(Put(*store_, "a/b/c", "inner").ok());
  ASSERT_TRUE(Put(*store_, "a/b", "middle").ok());
  EXPECT_EQ(*Get(*store_, "a"), "object");
  EXPECT_EQ(*Get(*store_, "a/b"), "middle");
  EXPECT_THAT(Keys(*store_, "a"), ElementsAre("a", "a/b", "a/b/c"));
  std::string bytes(6, '\0');
  EXPECT_TRUE(reader->Read(0, 6, bytes.data()).ok());
  EXPECT_EQ(bytes, "object");
  ASSERT_TRUE(store_->Delete("a").ok());
  EXPECT_THAT(Keys(*store_, ""), ElementsAre("a/b", "a/b/c"));
}

TEST_F(BucketTest, AnUnfinishedWriterLeavesNothing) {
  {
    auto writer = *store_->Create("a/b");
    ASSERT_TRUE(writer->Write("half").ok());
    EXPECT_THAT(Keys(*store_, ""), IsEmpty());
  }
  EXPECT_THAT(Keys(*store_, ""), IsEmpty());
  EXPECT_TRUE(fs::is_empty(PathOf("~~staging")));
}

TEST_F(BucketTest, WhatACrashLeftIsNotListedAndGoesAtTheNextWrite) {
  WriteFile(PathOf("~~staging/dead"), "half");
  WriteFile(PathOf("~~staging/folder/~~self"), "second name");
  EXPECT_THAT(Keys(*store_, ""), IsEmpty());
  // Another process' writer is alive: it holds its lock.
  const auto other = LocalObjectStore::OfBucket("b", folder_.path() + "/objects/b");
  auto living = *other->Create("living");
  WriteFile(PathOf("~~staging/dead"), "half");
  ASSERT_TRUE(Put(*store_, "x", "1").ok());
  EXPECT_FALSE(fs::exists(PathOf("~~staging/dead")));
  EXPECT_FALSE(fs::exists(PathOf("~~staging/folder")));
  ASSERT_TRUE(living->Write("alive").ok());
  ASSERT_TRUE(living->Finish().ok());
  EXPECT_THAT(Keys(*store_, ""), ElementsAre("living", "x"));
}

TEST_F(BucketTest, ReadsAreExactAndStayWithTheObjectThatWasOpened) {
  ASSERT_TRUE(Put(*store_, "a", "0123456789").ok());
  const auto reader = *store_->Open("a");
  char bytes[10] = {};
  EXPECT_TRUE(reader->Read(8, 2, bytes).ok());
  EXPECT_EQ(std::string_view(bytes, 2), "89");
  EXPECT_TRUE(reader->Read(10, 0, bytes).ok());
  EXPECT_EQ(reader->Read(9, 2, bytes).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(reader->Read(-1, 2, bytes).code(), absl::StatusCode::kOutOfRange);
  ASSERT_TRUE(Put(*store_, "a", "abcdefghij").ok());
  EXPECT_TRUE(reader->Read(0, 10, bytes).ok());
  EXPECT_EQ(std::string_view(bytes, 10), "0123456789");
}

TEST_F(BucketTest, AFileWrittenInPlaceIsAnError) {
  WriteFile(PathOf("a"), "0123456789");
  const auto reader = *store_->Open("a");
  WriteFile(PathOf("a"), "01234");
  char bytes[10] = {};
  EXPECT_EQ(reader->Read(0, 10, bytes).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(reader->Read(0, 2, bytes).code(), absl::StatusCode::kAborted);
}

TEST_F(BucketTest, AForeignFileNameIsAnErrorAndNotAMissingObject) {
  WriteFile(PathOf("~~what"), "x");
  const absl::Status listed = store_->List("", [](const ObjectInfo&) { return true; });
  EXPECT_EQ(listed.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(listed.message(), HasSubstr("~~what"));
}

class FilesTest : public testing::Test {
 protected:
  FilesTest() {
    root_ = fs::canonical(folder_.path()).string() + "/root";
    fs::create_directories(root_);
    store_ = LocalObjectStore::OfFiles({root_});
  }

  // The key of a path below the root.
  std::string Key(const std::string& path) const { return root_.substr(1) + "/" + path; }

  TemporaryFolder folder_;
  std::string root_;
  std::unique_ptr<LocalObjectStore> store_;
};

TEST_F(FilesTest, ListsAndReadsPlainFilesUnderTheirNames) {
  WriteFile(root_ + "/t/~~x/k=%20/f", "1");
  WriteFile(root_ + "/t/a", "22");
  EXPECT_THAT(Keys(*store_, Key("t/")), ElementsAre(Key("t/a"), Key("t/~~x/k=%20/f")));
  EXPECT_EQ(*Get(*store_, Key("t/a")), "22");
  ASSERT_TRUE(Put(*store_, Key("t/new/b"), "333").ok());
  EXPECT_EQ(*Get(*store_, Key("t/new/b")), "333");
  EXPECT_EQ(Put(*store_, Key("t"), "x").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Put(*store_, Key("t/a/b"), "x").code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(store_->Delete(Key("t/new/b")).ok());
  EXPECT_EQ(Keys(*store_, Key("t/new/")).size(), 0U);
}

TEST_F(FilesTest, StagedFilesAreNotListed) {
  auto writer = *store_->Create(Key("a"));
  ASSERT_TRUE(writer->Write("x").ok());
  EXPECT_THAT(Keys(*store_, Key("")), IsEmpty());
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_THAT(Keys(*store_, Key("")), ElementsAre(Key("a")));
}

TEST_F(FilesTest, NothingOutsideOfTheRootsIsReached) {
  const std::string outside = fs::canonical(folder_.path()).string() + "/outside";
  WriteFile(outside + "/secret", "s");
  fs::create_symlink(outside, root_ + "/link");
  fs::create_symlink(outside + "/secret", root_ + "/file");
  for (const std::string& key : {Key("link/secret"), Key("file"), outside.substr(1) + "/secret",
                                 std::string("etc/passwd")}) {
    EXPECT_EQ(store_->Open(key).status().code(), absl::StatusCode::kPermissionDenied) << key;
  }
  const auto ignore = [](const ObjectInfo&) { return true; };
  EXPECT_EQ(store_->List(Key(""), ignore).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(store_->List("etc/", ignore).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Put(*store_, Key("link/new"), "x").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Put(*store_, Key("link/deep/new"), "x").code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(store_->Delete(Key("link/secret")).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(store_->Open(Key("../outside/secret")).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(fs::exists(outside + "/secret"));
  EXPECT_FALSE(fs::exists(outside + "/deep"));
}

TEST_F(FilesTest, LinksInsideAreFollowedAndLoopsToldOf) {
  WriteFile(root_ + "/real/f", "1");
  fs::create_symlink(root_ + "/real", root_ + "/t");
  EXPECT_THAT(Keys(*store_, Key("t/")), ElementsAre(Key("t/f")));
  EXPECT_EQ(*Get(*store_, Key("t/f")), "1");
  fs::create_symlink(root_, root_ + "/real/loop");
  EXPECT_EQ(store_->List(Key("t/"), [](const ObjectInfo&) { return true; }).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(FilesTest, ANamedPipeIsNoObject) {
  ASSERT_EQ(mkfifo((root_ + "/pipe").c_str(), 0600), 0);
  EXPECT_EQ(store_->Open(Key("pipe")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Keys(*store_, Key("")), IsEmpty());
}

}  // namespace
}  // namespace pallas::storage
