#include "cli/demo/demo_folder.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <unistd.h>

namespace pallas::cli {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class DemoFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    top_ = (fs::temp_directory_path() / "pallas-folder-XXXXXX").string();
    ASSERT_NE(mkdtemp(top_.data()), nullptr);
  }

  void TearDown() override { fs::remove_all(top_); }

  std::string Path() const { return absl::StrCat(top_, "/a/demo"); }

  static void Write(const std::string& path) {
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path) << "text";
  }

  std::string top_;
};

TEST_F(DemoFolderTest, GoesWithAllThatTheDemoMade) {
  absl::StatusOr<DemoFolder> folder = DemoFolder::Open(Path());
  ASSERT_TRUE(folder.ok()) << folder.status();
  Write(folder->PathOf("servers/redis/log"));
  Write(folder->PathOf("data/objects/lake/a.parquet"));
  ASSERT_TRUE(folder->Password("mysql").ok());
  const absl::StatusOr<std::vector<std::string>> others = folder->Remove();
  ASSERT_TRUE(others.ok()) << others.status();
  EXPECT_THAT(*others, IsEmpty());
  EXPECT_FALSE(fs::exists(Path()));
}

TEST_F(DemoFolderTest, WhatIsNotTheDemosStays) {
  absl::StatusOr<DemoFolder> folder = DemoFolder::Open(Path());
  ASSERT_TRUE(folder.ok()) << folder.status();
  Write(folder->PathOf("servers/redis/log"));
  Write(folder->PathOf("mine.csv"));
  const absl::StatusOr<std::vector<std::string>> others = folder->Remove();
  ASSERT_TRUE(others.ok()) << others.status();
  EXPECT_THAT(*others, ElementsAre("mine.csv"));
  EXPECT_TRUE(fs::exists(Path() + "/mine.csv"));
  EXPECT_FALSE(fs::exists(Path() + "/servers"));
}

TEST_F(DemoFolderTest, OthersFoldersAreNotTaken) {
  Write(Path() + "/photos/cat.jpg");
  EXPECT_THAT(std::string(DemoFolder::Open(Path()).status().message()), HasSubstr("--data"));
  EXPECT_THAT(std::string(DemoFolder::OpenPresent(Path()).status().message()),
              HasSubstr("was not made by pallas demo"));
  EXPECT_TRUE(absl::IsNotFound(DemoFolder::OpenPresent(top_ + "/none").status()));
  EXPECT_TRUE(fs::exists(Path() + "/photos/cat.jpg"));
}

TEST_F(DemoFolderTest, OneProcessAtATime) {
  {
    const absl::StatusOr<DemoFolder> folder = DemoFolder::Open(Path());
    ASSERT_TRUE(folder.ok()) << folder.status();
    EXPECT_THAT(std::string(DemoFolder::Open(Path()).status().message()),
                HasSubstr("another pallas demo"));
  }
  EXPECT_TRUE(DemoFolder::Open(Path()).ok());
}

TEST_F(DemoFolderTest, PasswordsAreKeptAndNobodyElses) {
  const absl::StatusOr<DemoFolder> folder = DemoFolder::Open(Path());
  ASSERT_TRUE(folder.ok()) << folder.status();
  const std::string password = *folder->Password("mysql");
  EXPECT_EQ(password.size(), 32);
  EXPECT_EQ(*folder->Password("mysql"), password);
  EXPECT_NE(*folder->Password("redis"), password);
  EXPECT_EQ(fs::status(folder->PathOf("secrets/mysql")).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

}  // namespace
}  // namespace pallas::cli
