#include "cli/shell/dot_command.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace pallas::cli {
namespace {

TEST(DotCommandTest, ReadsNameAndArgument) {
  struct Case {
    std::string_view line;
    DotCommandKind kind;
    std::string_view argument;
  };

  for (const Case& c :
       {Case{".help", DotCommandKind::kHelp, ""}, Case{" .QUIT; ", DotCommandKind::kQuit, ""},
        Case{".use mysql.sales", DotCommandKind::kUse, "mysql.sales"},
        Case{".pager  less -S ;", DotCommandKind::kPager, "less -S"},
        Case{".format\tcsv", DotCommandKind::kFormat, "csv"},
        Case{".timing", DotCommandKind::kTiming, ""}}) {
    const auto command = ParseDotCommand(c.line);
    ASSERT_TRUE(command.ok()) << command.status();
    EXPECT_EQ(command->kind, c.kind) << c.line;
    EXPECT_EQ(command->argument, c.argument) << c.line;
  }
}

TEST(DotCommandTest, AnUnknownCommandListsThoseThereAre) {
  const std::string message(ParseDotCommand(".tabels").status().message());
  EXPECT_TRUE(absl::StrContains(message, ".tabels")) << message;
  for (const DotCommandEntry& entry : DotCommands()) {
    EXPECT_TRUE(absl::StrContains(message, entry.name)) << message;
  }
  EXPECT_FALSE(ParseDotCommand(".").ok());
  EXPECT_FALSE(ParseDotCommand(".he").ok());
}

TEST(DotCommandTest, WhatTakesNothingRefusesAnArgument) {
  EXPECT_FALSE(ParseDotCommand(".quit now").ok());
  EXPECT_FALSE(ParseDotCommand(".help me").ok());
}

TEST(DotCommandTest, TheListIsSorted) {
  EXPECT_TRUE(std::is_sorted(
      DotCommands().begin(), DotCommands().end(),
      [](const DotCommandEntry& a, const DotCommandEntry& b) { return a.name < b.name; }));
}

}  // namespace
}  // namespace pallas::cli
