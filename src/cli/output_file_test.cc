#include "cli/output_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/stat.h>

#include "gtest/gtest.h"

namespace pallas::cli {
namespace {

namespace fs = std::filesystem;

class OutputFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / "pallas-output-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    path_ = folder_ + "/out.csv";
  }

  void TearDown() override { fs::remove_all(folder_); }

  static void Write(OutputFile& output, const std::string& text) {
    const auto file = output.Open();
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_EQ(std::fwrite(text.data(), 1, text.size(), *file), text.size());
  }

  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  size_t NumFiles() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  std::string folder_;
  std::string path_;
};

TEST_F(OutputFileTest, AppearsWholeOrNotAtAll) {
  {
    OutputFile output(path_);
    Write(output, "half");
    EXPECT_FALSE(fs::exists(path_));
  }
  EXPECT_EQ(NumFiles(), 0U);
  {
    OutputFile output(path_);
    Write(output, "one\n");
    Write(output, "two\n");
    EXPECT_TRUE(output.Commit().ok());
  }
  EXPECT_EQ(Read(path_), "one\ntwo\n");
  EXPECT_EQ(NumFiles(), 1U);
  // What was there stays when there is nothing new.
  {
    OutputFile output(path_);
    Write(output, "broken");
  }
  {
    OutputFile output(path_);
    EXPECT_TRUE(output.Commit().ok());
  }
  EXPECT_EQ(Read(path_), "one\ntwo\n");
  EXPECT_EQ(NumFiles(), 1U);
}

TEST_F(OutputFileTest, KeepsLinksAndModes) {
  std::ofstream(folder_ + "/real") << "old";
  fs::permissions(folder_ + "/real", fs::perms::owner_all);
  fs::create_symlink("real", path_);
  {
    OutputFile output(path_);
    Write(output, "new");
    EXPECT_TRUE(output.Commit().ok());
  }
  EXPECT_TRUE(fs::is_symlink(path_));
  EXPECT_EQ(Read(folder_ + "/real"), "new");
  EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_all);
}

TEST_F(OutputFileTest, DevicesAreWrittenInPlace) {
  OutputFile output("/dev/null");
  Write(output, "anything");
  EXPECT_TRUE(output.Commit().ok());
  EXPECT_FALSE(fs::is_regular_file("/dev/null"));
}

TEST_F(OutputFileTest, WhatCannotBeWrittenIsNamed) {
  OutputFile missing(folder_ + "/nowhere/out");
  EXPECT_EQ(missing.Open().status().message(),
            "cannot write to " + folder_ + "/nowhere/out: No such file or directory");
  OutputFile folder(folder_);
  EXPECT_EQ(folder.Open().status().message(), "cannot write to " + folder_ + ": Is a directory");
}

}  // namespace
}  // namespace pallas::cli
