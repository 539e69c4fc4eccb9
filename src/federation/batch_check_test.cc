#include "federation/batch_check.h"

#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace pallas::federation {
namespace {

using testing::HasSubstr;

std::shared_ptr<arrow::RecordBatch> Texts(const std::vector<std::string>& texts) {
  arrow::StringBuilder builder;
  EXPECT_TRUE(builder.AppendValues(texts).ok());
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("t", arrow::utf8())}),
                                  static_cast<int64_t>(texts.size()), {*builder.Finish()});
}

TEST(BatchCheckTest, ValidTextPasses) {
  const auto batch = Texts({"abc", "é", "", "日本", "\xF0\x9F\x98\x80"});
  EXPECT_EQ(*CheckBatch(batch, *batch->schema(), InvalidUtf8::kError), batch);
}

TEST(BatchCheckTest, InvalidTextNamesColumnAndRow) {
  const auto batch = Texts({"abc", "\xFF"});
  const auto status = CheckBatch(batch, *batch->schema(), InvalidUtf8::kError).status();
  EXPECT_THAT(status.message(), HasSubstr("column 't' holds text that is not UTF-8 in row 1"));
}

// The halves of one character in two cells are valid as a whole only.
TEST(BatchCheckTest, CharactersMayNotSpanCells) {
  const auto batch = Texts({"\xC3", "\xA9"});
  EXPECT_FALSE(CheckBatch(batch, *batch->schema(), InvalidUtf8::kError).ok());
}

TEST(BatchCheckTest, InvalidBytesAreReplacedOnDemand) {
  const auto batch =
      Texts({"a\xFF"
             "b",
             "\xC3\xA9", "\xE6\x97"});
  const auto checked = CheckBatch(batch, *batch->schema(), InvalidUtf8::kReplace);
  ASSERT_TRUE(checked.ok()) << checked.status();
  const auto& texts = static_cast<const arrow::StringArray&>(*(*checked)->column(0));
  EXPECT_EQ(texts.GetString(0),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(texts.GetString(1), "é");
  EXPECT_EQ(texts.GetString(2), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(BatchCheckTest, NestedTextIsChecked) {
  arrow::ListBuilder builder(arrow::default_memory_pool(),
                             std::make_shared<arrow::StringBuilder>());
  auto& values = static_cast<arrow::StringBuilder&>(*builder.value_builder());
  ASSERT_TRUE(builder.Append().ok() && values.Append("x").ok() && values.Append("\xFF").ok());
  const auto batch = arrow::RecordBatch::Make(
      arrow::schema({arrow::field("l", arrow::list(arrow::utf8()))}), 1, {*builder.Finish()});
  EXPECT_FALSE(CheckBatch(batch, *batch->schema(), InvalidUtf8::kError).ok());
  EXPECT_TRUE(CheckBatch(batch, *batch->schema(), InvalidUtf8::kReplace).ok());
}

TEST(BatchCheckTest, OtherTypesAreRefused) {
  const auto batch = Texts({"a"});
  EXPECT_THAT(
      CheckBatch(batch, *arrow::schema({arrow::field("t", arrow::int64())}), InvalidUtf8::kError)
          .status()
          .message(),
      HasSubstr("delivered column 't' as string, not int64"));
}

}  // namespace
}  // namespace pallas::federation
