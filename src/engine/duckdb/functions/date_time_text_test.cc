#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "engine/duckdb/functions/function_bench.h"
#include "types/time_zone.h"

namespace pallas::engine {
namespace {

struct Case {
  std::string_view function;
  std::vector<std::string_view> arguments;
  std::string_view want;
};

void ExpectAll(FunctionBench& bench, const std::vector<Case>& cases) {
  for (const Case& test : cases) {
    TypedTree tree = bench.Call(test.function, [&] {
      std::vector<TypedTree> arguments;
      for (std::string_view argument : test.arguments) {
        arguments.push_back(bench.Literal(argument));
      }
      return arguments;
    }());
    // Zoned results are compared by their text.
    if (tree.type.kind() == TypeKind::kTimestampTz || tree.type.kind() == TypeKind::kTimestamp) {
      auto text =
          bench.emitter().Cast(tree.type, Type::Varchar(), /*safe=*/false, std::move(tree.tree));
      ASSERT_TRUE(text.ok()) << text.status();
      tree = {Type::Varchar(), *std::move(text)};
    }
    EXPECT_EQ(bench.Evaluate(std::move(tree)), test.want) << test.function;
  }
}

TEST(DateTimeTextTest, Formats) {
  FunctionBench bench;
  ExpectAll(bench,
            {
                {"date_format",
                 {"timestamp(3) 2020-07-04 15:06:07.089", "varchar %d.%m.%y %H"},
                 "04.07.20 15"},
                {"date_format",
                 {"timestamp(12) with time zone 2020-05-10 12:34:56.555555555555 Asia/Kathmandu",
                  "varchar %i:%s.%f"},
                 "34:56.556000"},
                {"format_datetime",
                 {"timestamp(3) with time zone 2020-05-10 12:34:56.555 Asia/Kathmandu",
                  "varchar yyyy-MM-dd HH:mm:ss.SSS Z"},
                 "2020-05-10 12:34:56.555 +0545"},
                {"format_datetime",
                 {"timestamp(3) 2020-05-10 12:34:56.555", "varchar Z"},
                 "INVALID_FUNCTION_ARGUMENT: format_datetime for TIMESTAMP type, cannot use 'Z' "
                 "nor 'z' in "
                 "format, as this type does not contain TZ information"},
                {"to_iso8601", {"date 2020-05-01"}, "2020-05-01"},
                {"to_iso8601", {"timestamp(3) 2020-05-01 12:34:56.123"}, "2020-05-01T12:34:56.123"},
                {"to_iso8601",
                 {"timestamp(10) with time zone 2020-11-01 01:00:00.1234567890 -06:00"},
                 "2020-11-01T01:00:00.1234567890-06:00"},
                {"to_iso8601",
                 {"timestamp(0) with time zone 2020-11-01 01:00:00 UTC"},
                 "2020-11-01T01:00:00Z"},
                {"human_readable_seconds", {"double 61"}, "1 minute, 1 second"},
            });
}

TEST(DateTimeTextTest, Parses) {
  FunctionBench bench;
  ExpectAll(
      bench,
      {
          {"date_parse",
           {"varchar 2022/10/20/05", "varchar %Y/%m/%d/%H"},
           "2022-10-20 05:00:00.000"},
          {"date_parse",
           {"varchar 2020", "varchar %Y-%m"},
           "INVALID_FUNCTION_ARGUMENT: Invalid format: \"2020\" is too short"},
          {"parse_datetime",
           {"varchar 2020-08-18 03:04:05.678", "varchar yyyy-MM-dd HH:mm:ss.SSS"},
           "2020-08-18 03:04:05.678 UTC"},
          {"parse_datetime",
           {"varchar 1960/01/22 03:04 +0500", "varchar yyyy/MM/dd HH:mm Z"},
           "1960-01-22 03:04:00.000 +05:00"},
          {"from_iso8601_date", {"varchar 2020-W10"}, "2020-03-02"},
          {"from_iso8601_timestamp",
           {"varchar 2020-05-11T11:15:05.055+01:00"},
           "2020-05-11 11:15:05.055 +01:00"},
          {"from_iso8601_timestamp_nanos",
           {"varchar 2020-05-11T11:15:05.123456789+01:00"},
           "2020-05-11 11:15:05.123456789 +01:00"},
          {"from_unixtime", {"double 1600000000.1234"}, "2020-09-13 12:26:40.123 UTC"},
          {"from_unixtime",
           {"double 1600000000", "bigint 5", "bigint 30"},
           "2020-09-13 17:56:40.000 +05:30"},
          {"from_unixtime",
           {"double 0", "varchar Asia/Kolkata"},
           "1970-01-01 05:30:00.000 Asia/Kolkata"},
          {"from_unixtime_nanos", {"bigint 100"}, "1970-01-01 00:00:00.000000100 UTC"},
          {"from_unixtime_nanos", {"decimal(7,3) 1234.500"}, "1970-01-01 00:00:00.000001235 UTC"},
          {"to_unixtime", {"timestamp(3) with time zone 1970-01-01 00:00:01.500 UTC"}, "1.5"},
          {"parse_duration", {"varchar 1234.567 ms"}, "1235"},
      });
}

TEST(DateTimeTextTest, SequencesOfDates) {
  FunctionBench bench;
  ExpectAll(
      bench,
      {
          {"sequence", {"bigint 1", "bigint 5", "bigint 2"}, "[1, 3, 5]"},
          {"sequence", {"bigint 3", "bigint 1"}, "[3, 2, 1]"},
          {"sequence",
           {"bigint 1", "bigint 10001"},
           "INVALID_FUNCTION_ARGUMENT: result of sequence function must not have more than 10000 "
           "entries"},
          {"sequence",
           {"bigint 1", "bigint 2", "bigint 0"},
           "INVALID_FUNCTION_ARGUMENT: step must not be zero"},
          {"sequence",
           {"date 2020-01-30", "date 2020-02-01"},
           "[2020-01-30, 2020-01-31, 2020-02-01]"},
          {"sequence",
           {"date 2020-01-31", "date 2020-03-31", "interval year to month 1"},
           "[2020-01-31, 2020-02-29, 2020-03-31]"},
      });
}

}  // namespace
}  // namespace pallas::engine
