#include "cli/demo/tpch_tables.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/demo/demo.h"
#include "cli/demo/programs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pallas::cli {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class TpchTablesTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "pallas-tables-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
  }

  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
};

TEST_F(TpchTablesTest, MakesTheRowsOfAScale) {
  absl::StatusOr<TpchGenerator> generator = TpchGenerator::Make("0.001", folder_ + "/t");
  ASSERT_TRUE(generator.ok()) << generator.status();
  for (const auto& [name, want] :
       {std::pair("region", 5), std::pair("nation", 25), std::pair("supplier", 10),
        std::pair("customer", 150), std::pair("part", 200), std::pair("partsupp", 800),
        std::pair("orders", 1500), std::pair("lineitem", 6005)}) {
    const TpchTable& table = GetTpchTable(name);
    const absl::StatusOr<std::string> file = generator->MakeText({}, table);
    ASSERT_TRUE(file.ok()) << file.status();
    TpchRows rows(table, *file);
    int count = 0;
    while (rows.Next()) {
      EXPECT_EQ(rows.row().size(), table.columns.size());
      ++count;
    }
    EXPECT_TRUE(rows.status().ok()) << rows.status();
    EXPECT_EQ(count, want) << name;
  }
  const absl::StatusOr<std::string> parquet = generator->MakeParquet({}, GetTpchTable("lineitem"));
  ASSERT_TRUE(parquet.ok()) << parquet.status();
  EXPECT_GT(std::filesystem::file_size(*parquet), 0);
  generator->RemoveFiles();
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/t"));
}

TEST_F(TpchTablesTest, ALineThatIsNoRow) {
  const std::string file = folder_ + "/region.tbl";
  std::ofstream(file) << "0|AFRICA|words|\n1|AMERICA|\n2|ASIA|words|\n";
  TpchRows rows(GetTpchTable("region"), file);
  ASSERT_TRUE(rows.Next());
  EXPECT_THAT(rows.row(), ElementsAre("0", "AFRICA", "words"));
  EXPECT_FALSE(rows.Next());
  EXPECT_THAT(std::string(rows.status().message()), AllOf(HasSubstr(file), HasSubstr("region")));
  EXPECT_FALSE(rows.Next());

  TpchRows missing(GetTpchTable("region"), folder_ + "/none");
  EXPECT_FALSE(missing.Next());
  EXPECT_FALSE(missing.status().ok());
}

TEST_F(TpchTablesTest, ProgramsThatAreMissingAreNamedTogether) {
  // Nobody else reads the environment meanwhile.
  setenv("PALLAS_MARIADBD", (folder_ + "/mariadbd").c_str(), 1);
  constexpr ProgramPlace kNone = {"a thing", "PALLAS_THING", "no-such-thing", "", "buy it"};
  const absl::Status status = CheckPrograms({kMariaDbServer, kTpchGenerator, kNone});
  unsetenv("PALLAS_MARIADBD");
  EXPECT_EQ(status.message(),
            absl::StrCat("PALLAS_MARIADBD names ", folder_,
                         "/mariadbd, which is not there or may not be used\n"
                         "a thing is missing (no-such-thing): buy it, or set PALLAS_THING to where "
                         "it is"));
}

TEST_F(TpchTablesTest, DigitsInGroups) {
  EXPECT_EQ(GroupDigits(0), "0");
  EXPECT_EQ(GroupDigits(999), "999");
  EXPECT_EQ(GroupDigits(15000), "15,000");
  EXPECT_EQ(GroupDigits(-1234567), "-1,234,567");
}

}  // namespace
}  // namespace pallas::cli
