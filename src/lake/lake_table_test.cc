#include "lake/lake_table.h"

#include <cstdlib>
#include <filesystem>

#include "arrow/type.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_detail.h"
#include "lake/partition_value.h"

namespace pallas::lake {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class LakeTableTest : public testing::Test {
 public:
  ~LakeTableTest() override { fs::remove_all(folder_); }

 protected:
  LakeTableTest() {
    std::string pattern = (fs::temp_directory_path() / "pallas-lake-XXXXXX").string();
    folder_ = fs::canonical(mkdtemp(pattern.data())).string();
    locations_ = *storage::Locations::Make({folder_, {}});
    definition_.database = "db";
    definition_.name = "t";
    definition_.storage.columns = {{"Id", "bigint", "the id"}, {"tags", "array<string>", ""}};
    definition_.storage.location = "s3://b/t";
    definition_.storage.serde.library =
        "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe";
    definition_.storage.input_format =
        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat";
  }

  void Write(const std::string& key, std::string_view bytes = "x") {
    const storage::Place place = *locations_->Find("s3://b/" + key);
    auto writer = *place.store->Create(place.key);
    ASSERT_TRUE(writer->Write(bytes).ok());
    ASSERT_TRUE(writer->Finish().ok());
  }

  std::shared_ptr<const LakeTable> Make(std::vector<LakePartition> partitions = {}) {
    auto table = LakeTable::Make(definition_, std::move(partitions), *locations_);
    EXPECT_TRUE(table.ok()) << table.status();
    return table.ok() ? *table : nullptr;
  }

  absl::Status MakeError() { return LakeTable::Make(definition_, {}, *locations_).status(); }

  static std::vector<std::string> Uris(const LakeTable::Listing& listing) {
    std::vector<std::string> uris;
    uris.reserve(listing.files.size());
    for (const LakeFile& file : listing.files) {
      uris.push_back(file.uri);
    }
    return uris;
  }

  std::string folder_;
  std::unique_ptr<storage::Locations> locations_;
  sdk::TableDefinition definition_;
  sdk::RequestContext context_;
};

TEST_F(LakeTableTest, ColumnsAreTypedAndInLowerCase) {
  const auto table = Make();
  ASSERT_EQ(table->columns().size(), 2U);
  EXPECT_EQ(table->columns()[0].name, "id");
  EXPECT_EQ(table->columns()[0].type, Type::Bigint());
  EXPECT_EQ(table->columns()[0].comment, "the id");
  EXPECT_EQ(table->columns()[1].type, Type::Array(Type::Varchar()));
}

TEST_F(LakeTableTest, FilesAreFoundHoweverDeepButNotHiddenOrEmptyOnes) {
  Write("t/b", "22");
  Write("t/sub/a", "1");
  Write("t/_SUCCESS");
  Write("t/.c");
  Write("t/_delta_log/0");
  Write("t/sub/.staging/0");
  Write("t/empty", "");
  Write("t2/other");
  const auto table = Make();
  const auto listing = *table->ListFiles(context_, {});
  EXPECT_THAT(Uris(listing), ElementsAre("s3://b/t/b", "s3://b/t/sub/a"));
  EXPECT_EQ(listing.files[0].size, 2);
  EXPECT_TRUE(listing.files[0].partition.empty());
  EXPECT_EQ(table->total_bytes(context_), 3);
  EXPECT_TRUE(table->FindPartitions(context_)->empty());
}

TEST_F(LakeTableTest, FoldersArePartitionsAndPrunedOnesAreNotListed) {
  definition_.partition_keys = {{"Year", "int", ""}, {"name", "string", ""}};
  Write("t/year=2023/name=a%2Fb/1");
  Write("t/year=2023/name=__HIVE_DEFAULT_PARTITION__/deep/2");
  Write("t/YEAR=2024/name=c/3");
  Write("t/year=2024/name=c/_hidden");
  Write("t/_temporary/x");
  Write("t/README");
  const auto table = Make();
  const auto all = *table->ListFiles(context_, {});
  ASSERT_EQ(all.files.size(), 3U);
  EXPECT_EQ(all.partitions_read, 4);
  EXPECT_EQ(all.files[0].uri, "s3://b/t/YEAR=2024/name=c/3");
  EXPECT_THAT(all.files[1].partition, ElementsAre(sdk::Value(int64_t{2023}), std::nullopt));
  EXPECT_THAT(all.files[2].partition,
              ElementsAre(sdk::Value(int64_t{2023}), sdk::Value(std::string("a/b"))));

  const auto ints = sdk::ValueSet::OfRanges(arrow::int32(),
                                            {sdk::Range::Equal(sdk::Value(int64_t{2023}))}, false);
  const auto not_null = sdk::ValueSet::NotNull(arrow::utf8());
  const auto pruned = *table->ListFiles(context_, {{"year", ints}, {"name", not_null}});
  EXPECT_THAT(Uris(pruned), ElementsAre("s3://b/t/year=2023/name=a%2Fb/1"));
  EXPECT_EQ(pruned.partitions_read, 1);
  EXPECT_EQ(pruned.partitions_pruned, 3);
  // A set of another type says nothing.
  const auto texts = sdk::ValueSet::OfRanges(
      arrow::utf8(), {sdk::Range::Equal(sdk::Value(std::string("2023")))}, false);
  EXPECT_EQ(table->ListFiles(context_, {{"year", texts}})->files.size(), 3U);

  EXPECT_THAT(*table->FindPartitions(context_),
              ElementsAre(LakePartition{{"2024", "c"}, "s3://b/t/YEAR=2024/name=c/"},
                          LakePartition{{"2023", kNullPartition},
                                        "s3://b/t/year=2023/name=__HIVE_DEFAULT_PARTITION__/"},
                          LakePartition{{"2023", "a/b"}, "s3://b/t/year=2023/name=a%2Fb/"},
                          LakePartition{{"2024", "c"}, "s3://b/t/year=2024/name=c/"}));
}

TEST_F(LakeTableTest, APrunedFolderIsNotRead) {
  definition_.partition_keys = {{"k", "int", ""}, {"l", "int", ""}};
  Write("t/k=1/l=1/f");
  Write("t/k=2/not-a-partition/f");
  const auto one =
      sdk::ValueSet::OfRanges(arrow::int32(), {sdk::Range::Equal(sdk::Value(int64_t{1}))}, false);
  EXPECT_EQ(Make()->ListFiles(context_, {{"k", one}})->files.size(), 1U);
  const absl::Status error = Make()->ListFiles(context_, {}).status();
  EXPECT_EQ(ErrorName(error), "HIVE_INVALID_PARTITION_VALUE");
  EXPECT_THAT(error.message(), HasSubstr("s3://b/t/k=2/not-a-partition/"));
}

TEST_F(LakeTableTest, AFolderWithAValueOfAnotherTypeIsAnError) {
  definition_.partition_keys = {{"k", "date", ""}};
  Write("t/k=yesterday/f");
  EXPECT_EQ(ErrorName(Make()->ListFiles(context_, {}).status()), "HIVE_INVALID_PARTITION_VALUE");
  EXPECT_EQ(Make()->total_bytes(context_), std::nullopt);
}

TEST_F(LakeTableTest, RegisteredPartitionsLieWhereTheySay) {
  definition_.partition_keys = {{"k", "int", ""}};
  Write("t/k=1/f");
  Write("elsewhere/g");
  Write("t/k=3/h");
  const auto table = Make({{{"1"}, "s3://b/t/k=1/"}, {{"2"}, "s3://b/elsewhere"}});
  EXPECT_THAT(Uris(*table->ListFiles(context_, {})),
              ElementsAre("s3://b/t/k=1/f", "s3://b/elsewhere/g"));
  const auto two =
      sdk::ValueSet::OfRanges(arrow::int32(), {sdk::Range::Equal(sdk::Value(int64_t{2}))}, false);
  const auto listing = *table->ListFiles(context_, {{"k", two}});
  EXPECT_THAT(Uris(listing), ElementsAre("s3://b/elsewhere/g"));
  EXPECT_EQ(listing.partitions_pruned, 1);
}

TEST_F(LakeTableTest, WhatCannotBeReadIsRefusedByName) {
  definition_.storage.serde.library = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";
  EXPECT_EQ(ErrorName(MakeError()), "NOT_SUPPORTED");
  EXPECT_THAT(MakeError().message(), HasSubstr("LazySimpleSerDe"));
  definition_.storage.serde.library.clear();
  EXPECT_TRUE(MakeError().ok());
  definition_.storage.input_format = "org.apache.hadoop.mapred.TextInputFormat";
  EXPECT_THAT(MakeError().message(), HasSubstr("TextInputFormat"));
  definition_.storage.input_format.clear();
  EXPECT_EQ(ErrorName(MakeError()), "NOT_SUPPORTED");
  definition_.storage.serde.library = "parquet.hive.serde.ParquetHiveSerDe";
  EXPECT_TRUE(MakeError().ok());
  definition_.parameters["projection.enabled"] = "TRUE";
  EXPECT_THAT(MakeError().message(), HasSubstr("projection"));
  definition_.parameters = {{"table_type", "ICEBERG"}};
  EXPECT_THAT(MakeError().message(), HasSubstr("iceberg"));
}

TEST_F(LakeTableTest, ABadDefinitionIsRefused) {
  definition_.storage.columns[0].type = "bigintt";
  EXPECT_THAT(MakeError().message(), HasSubstr("Table 'db.t': column 'Id'"));
  definition_.storage.columns[0].type = "bigint";
  definition_.partition_keys = {{"ID", "int", ""}};
  EXPECT_EQ(ErrorName(MakeError()), "HIVE_INVALID_METADATA");
  definition_.partition_keys = {{"k", "array<int>", ""}};
  EXPECT_EQ(ErrorName(MakeError()), "NOT_SUPPORTED");
  definition_.partition_keys = {{"k", "int", ""}};
  EXPECT_FALSE(LakeTable::Make(definition_, {{{"1", "2"}, "s3://b/x"}}, *locations_).ok());
  EXPECT_FALSE(LakeTable::Make(definition_, {{{"one"}, "s3://b/x"}}, *locations_).ok());
  definition_.storage.location = "file:///etc";
  EXPECT_EQ(MakeError().code(), absl::StatusCode::kPermissionDenied);
  definition_.storage.location.clear();
  EXPECT_EQ(ErrorName(MakeError()), "HIVE_INVALID_METADATA");
}

TEST_F(LakeTableTest, ACancelledListingStops) {
  Write("t/a");
  context_.cancellation.Cancel(absl::CancelledError("user"));
  EXPECT_EQ(Make()->ListFiles(context_, {}).status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace pallas::lake
