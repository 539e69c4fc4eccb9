#include "cli/demo/detached_process.h"

#include <csignal>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/text_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <unistd.h>

namespace pallas::cli {
namespace {

using testing::HasSubstr;

class DetachedProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "pallas-process-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
  }

  void TearDown() override {
    if (const auto process = DetachedProcess::Find(IdFile())) {
      process->Kill();
    }
    std::filesystem::remove_all(folder_);
  }

  std::string IdFile() const { return absl::StrCat(folder_, "/id"); }

  std::string LogFile() const { return absl::StrCat(folder_, "/log"); }

  absl::StatusOr<DetachedProcess> Shell(const std::string& script) {
    return DetachedProcess::Start({.program = "/bin/sh",
                                   .arguments = {"-c", script},
                                   .called_as = "",
                                   .folder = folder_,
                                   .log_file = LogFile(),
                                   .id_file = IdFile()});
  }

  std::string folder_;
};

TEST_F(DetachedProcessTest, IsFoundAgainUntilItEnds) {
  const absl::StatusOr<DetachedProcess> started = Shell("exec sleep 1000");
  ASSERT_TRUE(started.ok()) << started.status();
  const std::optional<DetachedProcess> found = DetachedProcess::Find(IdFile());
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->identity(), started->identity());
  EXPECT_EQ(getsid(found->pid()), found->pid()) << "a Ctrl-C must not reach it";
  found->Stop(absl::Seconds(30));
  EXPECT_FALSE(started->Running());
  EXPECT_FALSE(DetachedProcess::Find(IdFile()).has_value());
}

TEST_F(DetachedProcessTest, AnotherProcessOfTheSameNumberIsNotFound) {
  ASSERT_TRUE(Shell("exec sleep 1000").ok());
  const std::optional<DetachedProcess> process = DetachedProcess::Find(IdFile());
  ASSERT_TRUE(process.has_value());
  ASSERT_TRUE(WriteTextFile(IdFile(), absl::StrCat(process->pid(), " 1"), 0600).ok());
  EXPECT_FALSE(DetachedProcess::Find(IdFile()).has_value());
  ASSERT_TRUE(WriteTextFile(IdFile(), process->identity(), 0600).ok());
}

TEST_F(DetachedProcessTest, InsistsWhenItDoesNotListen) {
  const absl::StatusOr<DetachedProcess> process =
      Shell("trap '' TERM; echo ready; while :; do sleep 1000; done");
  ASSERT_TRUE(process.ok()) << process.status();
  while (LastLines(LogFile(), 1) != "ready") {
    ASSERT_TRUE(process->Running());
  }
  process->Stop(absl::Milliseconds(50));
  EXPECT_FALSE(process->Running());
}

TEST_F(DetachedProcessTest, TellsHowItEnded) {
  const absl::StatusOr<DetachedProcess> process =
      Shell("echo one; echo two; echo three >&2; exit 7");
  ASSERT_TRUE(process.ok()) << process.status();
  const absl::StatusOr<int> code = process->Wait({});
  ASSERT_TRUE(code.ok()) << code.status();
  EXPECT_EQ(*code, 7);
  EXPECT_EQ(LastLines(LogFile(), 2), "two\nthree");

  const absl::StatusOr<DetachedProcess> killed = Shell("kill -KILL $$");
  ASSERT_TRUE(killed.ok()) << killed.status();
  EXPECT_EQ(*killed->Wait({}), 128 + SIGKILL);
}

TEST_F(DetachedProcessTest, CancellingEndsIt) {
  const absl::StatusOr<DetachedProcess> process = Shell("exec sleep 1000");
  ASSERT_TRUE(process.ok()) << process.status();
  const sdk::RequestContext context;
  context.cancellation.Cancel(absl::CancelledError("enough"));
  EXPECT_EQ(process->Wait(context).status().message(), "enough");
  EXPECT_FALSE(process->Running());
}

TEST_F(DetachedProcessTest, AProgramThatCannotBeRun) {
  const absl::StatusOr<DetachedProcess> process =
      DetachedProcess::Start({.program = absl::StrCat(folder_, "/none"),
                              .arguments = {},
                              .called_as = "",
                              .folder = folder_,
                              .log_file = LogFile(),
                              .id_file = IdFile()});
  EXPECT_THAT(std::string(process.status().message()),
              testing::AllOf(HasSubstr("/none"), HasSubstr("No such file")));
  EXPECT_FALSE(std::filesystem::exists(IdFile()));
}

}  // namespace
}  // namespace pallas::cli
