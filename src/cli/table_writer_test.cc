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

// Two rows: a number, a long text, a short text that is NULL in the second row.
std::shared_ptr<arrow::RecordBatch> TwoRows() {
  arrow::Int64Builder numbers;
  arrow::StringBuilder comments;
  arrow::StringBuilder names;
  EXPECT_TRUE(numbers.AppendValues({1234567890123, 2}).ok());
  EXPECT_TRUE(comments.AppendValues({"the quick brown fox jumps", "日本語の長い文章です"}).ok());
  EXPECT_TRUE(names.Append("Rex").ok());
  EXPECT_TRUE(names.AppendNull().ok());
  const auto schema =
      arrow::schema({arrow::field("n", arrow::int64()), arrow::field("comment", arrow::utf8()),
                     arrow::field("name", arrow::utf8())});
  return arrow::RecordBatch::Make(schema, 2,
                                  {*numbers.Finish(), *comments.Finish(), *names.Finish()});
}

const std::vector<engine::ResultColumn>& ThreeColumns() {
  static const std::vector<engine::ResultColumn> columns = {
      {"n", Type::Bigint()}, {"comment", Type::Varchar()}, {"name", Type::Varchar()}};
  return columns;
}

// What the writer of `make` makes of TwoRows().
template <typename Make>
std::string Written(Make make, TableStyle style) {
  std::string out;
  const auto writer = make(
      [&out](std::string_view bytes) {
        out.append(bytes);
        return absl::OkStatus();
      },
      std::move(style));
  EXPECT_TRUE(writer->Begin(ThreeColumns()).ok());
  EXPECT_TRUE(writer->Write(*TwoRows()).ok());
  EXPECT_TRUE(writer->Finish().ok());
  return out;
}

TEST(TableWriterTest, CutsWideTextToTheWidth) {
  const TableStyle style{.width = 40, .null_text = "~", .count_rows = false};
  EXPECT_EQ(Written(MakeTableWriter, style),
            "             n | comment         | name\n"
            "---------------+-----------------+------\n"
            " 1234567890123 | the quick brow… | Rex\n"
            "             2 | 日本語の長い文… | ~\n");
}

TEST(TableWriterTest, TooNarrowAWidthGivesLinesForValues) {
  const TableStyle style{.width = 26, .null_text = "NULL", .count_rows = true};
  EXPECT_EQ(Written(MakeTableWriter, style),
            "-[ row 1 ]-\n"
            "n       | 1234567890123\n"
            "comment | the quick brown fox jumps\n"
            "name    | Rex\n"
            "-[ row 2 ]-\n"
            "n       | 2\n"
            "comment | 日本語の長い文章です\n"
            "name    | NULL\n"
            "(2 rows)\n");
  EXPECT_EQ(Written(MakeVerticalWriter, style), Written(MakeTableWriter, style));
}

TEST(TableWriterTest, NullsAreFaintWhereAskedFor) {
  const TableStyle style{.null_text = "NULL", .faint_nulls = true};
  EXPECT_NE(Written(MakeTableWriter, style).find("| \x1b[2mNULL\x1b[22m\n"), std::string::npos);
  // The width of a column is that of what is seen.
  EXPECT_NE(Written(MakeTableWriter, style).find("| name\n"), std::string::npos);
}

TEST(TableWriterTest, RowsBeyondTheMeasuredOnesAreCutToo) {
  std::string out;
  const auto writer = MakeTableWriter(
      [&out](std::string_view bytes) {
        out.append(bytes);
        return absl::OkStatus();
      },
      {.width = 30});
  ASSERT_TRUE(writer->Begin({{"a", Type::Varchar()}, {"b", Type::Varchar()}}).ok());
  const auto rows = [](int count, const std::string& text) {
    arrow::StringBuilder a;
    arrow::StringBuilder b;
    for (int i = 0; i < count; ++i) {
      EXPECT_TRUE(a.Append("x").ok() && b.Append(text).ok());
    }
    const auto schema =
        arrow::schema({arrow::field("a", arrow::utf8()), arrow::field("b", arrow::utf8())});
    return arrow::RecordBatch::Make(schema, count, {*a.Finish(), *b.Finish()});
  };
  ASSERT_TRUE(writer->Write(*rows(999, "short")).ok());
  EXPECT_EQ(out, "");  // Still measuring.
  ASSERT_TRUE(writer->Write(*rows(1, "short")).ok());
  EXPECT_NE(out, "");
  out.clear();
  ASSERT_TRUE(writer->Write(*rows(1, "much longer than that")).ok());
  EXPECT_EQ(out, " x | much…\n");
}

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
