#include "cli/shell/history.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace pallas::cli {
namespace {

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "history-XXXXXX").string();
    EXPECT_NE(mkdtemp(folder.data()), nullptr);
    folder_ = folder;
  }

  ~HistoryTest() override { std::filesystem::remove_all(folder_); }

  std::string path() const { return folder_ + "/state/history"; }

  std::string folder_;
};

TEST_F(HistoryTest, KeepsStatementsOfSeveralLines) {
  const std::string statement = "SELECT 'a\\nb',\n  '日本'\nFROM t;";
  {
    auto history = History::Open(path());
    ASSERT_TRUE(history.ok()) << history.status();
    EXPECT_TRUE(history->entries().empty());
    ASSERT_TRUE(history->Add(statement).ok());
    ASSERT_TRUE(history->Add("SELECT 2;").ok());
  }
  const auto history = History::Open(path());
  ASSERT_TRUE(history.ok()) << history.status();
  EXPECT_EQ(history->entries(), (std::vector<std::string>{statement, "SELECT 2;"}));
}

TEST_F(HistoryTest, OnlyTheOwnerReadsIt) {
  ASSERT_TRUE(History::Open(path()).ok());
  EXPECT_EQ(std::filesystem::status(path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(std::filesystem::status(folder_ + "/state").permissions(),
            std::filesystem::perms::owner_all);
}

TEST_F(HistoryTest, KnowsWhatToKeep) {
  auto history = History::Open(path());
  ASSERT_TRUE(history.ok()) << history.status();
  EXPECT_TRUE(history->Wants("SELECT 1;"));
  ASSERT_TRUE(history->Add("SELECT 1;").ok());
  EXPECT_FALSE(history->Wants("SELECT 1;"));
  EXPECT_FALSE(history->Wants(""));
  EXPECT_FALSE(history->Wants("\n\t"));
  EXPECT_FALSE(history->Wants(" SELECT 'secret';"));
  EXPECT_FALSE(history->Wants(std::string(History::kMaxEntryBytes + 1, 'x')));
}

TEST_F(HistoryTest, TwoShellsAddToOneFile) {
  auto one = History::Open(path());
  auto other = History::Open(path());
  ASSERT_TRUE(one.ok() && other.ok());
  ASSERT_TRUE(one->Add("a;").ok());
  ASSERT_TRUE(other->Add("b;").ok());
  ASSERT_TRUE(one->Add("c;").ok());
  EXPECT_EQ(History::Open(path())->entries(), (std::vector<std::string>{"a;", "b;", "c;"}));
}

TEST_F(HistoryTest, TheOldestEntriesGo) {
  std::filesystem::create_directory(folder_ + "/state");
  {
    std::ofstream file(path());
    for (size_t i = 0; i < 2 * History::kMaxEntries; ++i) {
      file << "statement " << i << "\n";
    }
  }
  for (int run = 0; run < 2; ++run) {
    const auto history = History::Open(path());
    ASSERT_TRUE(history.ok()) << history.status();
    ASSERT_EQ(history->entries().size(), History::kMaxEntries);
    EXPECT_EQ(history->entries().front(), absl::StrCat("statement ", History::kMaxEntries));
    EXPECT_EQ(history->entries().back(), absl::StrCat("statement ", 2 * History::kMaxEntries - 1));
  }
  std::ifstream file(path());
  std::string first;
  std::getline(file, first);
  EXPECT_EQ(first, absl::StrCat("statement ", History::kMaxEntries));
}

TEST_F(HistoryTest, AFolderThatCannotBeMadeIsNamed) {
  const auto history = History::Open("/proc/no/history");
  EXPECT_FALSE(history.ok());
  EXPECT_NE(history.status().message().find("/proc/no/history"), std::string::npos);
}

}  // namespace
}  // namespace pallas::cli
