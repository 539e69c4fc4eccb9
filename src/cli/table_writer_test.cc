#include "cli/table_writer.h"

#include <memory>
#include <string>
#include <vector>

#include "arrow/array/builder_binary.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "gtest/gtest.h"

namespace pallas::cli {
namespace {

TEST(TableWriterTest, AlignsByDisplayWidthAndEscapesControls) {
  arrow::Int64Builder numbers;
  arrow::StringBuilder texts;
  ASSERT_TRUE(numbers.AppendValues({1, 23456}).ok());
  ASSERT_TRUE(numbers.AppendNull().ok());
  // Two wide characters take four cells; a line break and an escape must not reach the terminal.
  ASSERT_TRUE(texts.AppendValues({"日本", "a\nb\x1b[2J", "plain"}).ok());
  const auto schema =
      arrow::schema({arrow::field("n", arrow::int64()), arrow::field("text", arrow::utf8())});
  const auto batch = arrow::RecordBatch::Make(schema, 3, {*numbers.Finish(), *texts.Finish()});

  std::string out;
  const auto writer = MakeTableWriter([&out](std::string_view bytes) {
    out.append(bytes);
    return absl::OkStatus();
  });
  ASSERT_TRUE(writer->Begin({{"n", Type::Bigint()}, {"text", Type::Varchar()}}).ok());
  ASSERT_TRUE(writer->Write(*batch).ok());
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_EQ(out,
            "     n | text\n"
            "-------+-------------\n"
            "     1 | 日本\n"
            " 23456 | a\\nb\\x1b[2J\n"
            "  NULL | plain\n"
            "(3 rows)\n");
}

TEST(TableWriterTest, EmptyResultHasHeaderAndCount) {
  std::string out;
  const auto writer = MakeTableWriter([&out](std::string_view bytes) {
    out.append(bytes);
    return absl::OkStatus();
  });
  ASSERT_TRUE(writer->Begin({{"only", Type::Varchar()}}).ok());
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_EQ(out, " only\n------\n(0 rows)\n");
}

TEST(TableWriterTest, SinkErrorEndsTheWriting) {
  const auto writer =
      MakeTableWriter([](std::string_view) { return absl::UnavailableError("disk full"); });
  ASSERT_TRUE(writer->Begin({{"only", Type::Varchar()}}).ok());
  EXPECT_EQ(writer->Finish(), absl::UnavailableError("disk full"));
}

}  // namespace
}  // namespace pallas::cli
