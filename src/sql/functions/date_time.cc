#include <string>

#include "absl/strings/str_cat.h"

#include "sql/functions/registry_builder.h"

namespace pallas::sql {
namespace {

// Digits of a fraction with its point.
int FractionWidth(const Type& type) { return type.precision() == 0 ? 0 : type.precision() + 1; }

absl::StatusOr<Type> IsoTimestampText(std::span<const Type> arguments) {
  return Type::Varchar(22 + FractionWidth(arguments[0]));
}

absl::StatusOr<Type> IsoZonedTimestampText(std::span<const Type> arguments) {
  return Type::Varchar(28 + FractionWidth(arguments[0]));
}

constexpr std::string_view kTimestamps[] = {"timestamp(p)", "timestamp(p) with time zone"};
constexpr std::string_view kTimes[] = {"time(p)", "time(p) with time zone"};

void AddFields(RegistryBuilder& b) {
  static constexpr std::string_view kDateFields[] = {
      "year", "quarter",     "month", "week",        "week_of_year", "day",         "day_of_month",
      "dow",  "day_of_week", "doy",   "day_of_year", "yow",          "year_of_week"};
  for (std::string_view name : kDateFields) {
    b.Scalar(absl::StrCat(name, "(date)"), "bigint").Doc("Field of the calendar");
    for (std::string_view type : kTimestamps) {
      b.Scalar(absl::StrCat(name, "(", type, ")"), "bigint").Doc("Field of the calendar");
    }
  }
  for (std::string_view name : {"hour", "minute", "second", "millisecond"}) {
    for (std::string_view type : kTimestamps) {
      b.Scalar(absl::StrCat(name, "(", type, ")"), "bigint").Doc("Field of the clock");
    }
    for (std::string_view type : kTimes) {
      b.Scalar(absl::StrCat(name, "(", type, ")"), "bigint").Doc("Field of the clock");
    }
    b.Scalar(absl::StrCat(name, "(interval day to second)"), "bigint").Doc("Field of the interval");
  }
  b.Scalar("day(interval day to second)", "bigint").Doc("Days of the interval");
  b.Scalar("day_of_month(interval day to second)", "bigint").Doc("Days of the interval");
  b.Scalar("year(interval year to month)", "bigint").Doc("Years of the interval");
  b.Scalar("month(interval year to month)", "bigint")
      .Doc("Months of the interval beside the years");
  for (std::string_view type : {"timestamp(p) with time zone", "time(p) with time zone"}) {
    b.Scalar(absl::StrCat("timezone_hour(", type, ")"), "bigint").Doc("Hours of the offset");
    b.Scalar(absl::StrCat("timezone_minute(", type, ")"), "bigint")
        .Doc("Minutes of the offset beside the hours");
    b.Scalar(absl::StrCat("timezone(", type, ")"), "varchar").Doc("The zone");
  }
}

}  // namespace

void AddDateTimeFunctions(RegistryBuilder& b) {
  AddFields(b);
  for (std::string_view type : {"date", "time(p)", "time(p) with time zone", "timestamp(p)",
                                "timestamp(p) with time zone"}) {
    b.Scalar(absl::StrCat("date_add(varchar(x),bigint,", type, ")"), type)
        .Raises()
        .Doc("So many units later");
    b.Scalar(absl::StrCat("date_diff(varchar(x),", type, ",", type, ")"), "bigint")
        .Raises()
        .Doc("Whole units from the first to the second");
    b.Scalar(absl::StrCat("date_trunc(varchar(x),", type, ")"), type)
        .Raises()
        .Doc("The start of its unit");
  }
  b.Scalar("date(varchar(x))", "date").Raises().Doc("The date of a text");
  for (std::string_view type : kTimestamps) {
    b.Scalar(absl::StrCat("date(", type, ")"), "date").Doc("The date of a timestamp");
    b.Scalar(absl::StrCat("last_day_of_month(", type, ")"), "date")
        .Doc("The last day of its month");
    b.Scalar(absl::StrCat("date_format(", type, ",varchar(x))"), "varchar")
        .Raises()
        .Doc("Text by a pattern of MySQL");
    b.Scalar(absl::StrCat("format_datetime(", type, ",varchar(x))"), "varchar")
        .Raises()
        .Doc("Text by a pattern of Joda time");
  }
  b.Scalar("last_day_of_month(date)", "date").Doc("The last day of its month");
  b.Scalar("date_parse(varchar(x),varchar(y))", "timestamp(3)")
      .Raises()
      .Doc("The timestamp of a text by a pattern of MySQL");
  b.Scalar("parse_datetime(varchar(x),varchar(y))", "timestamp(3) with time zone")
      .Raises()
      .Doc("The timestamp of a text by a pattern of Joda time");
  b.Scalar("from_iso8601_date(varchar(x))", "date").Raises().Doc("The date of a text of ISO 8601");
  b.Scalar("from_iso8601_timestamp(varchar(x))", "timestamp(3) with time zone")
      .Raises()
      .Doc("The timestamp of a text of ISO 8601");
  b.Scalar("from_iso8601_timestamp_nanos(varchar(x))", "timestamp(9) with time zone")
      .Raises()
      .Doc("The timestamp of a text of ISO 8601");
  b.Scalar("to_iso8601(date)", "varchar(16)").Doc("As ISO 8601");
  b.Scalar("to_iso8601(timestamp(p))", "varchar(n)")
      .ResultType(IsoTimestampText)
      .Doc("As ISO 8601");
  b.Scalar("to_iso8601(timestamp(p) with time zone)", "varchar(n)")
      .ResultType(IsoZonedTimestampText)
      .Doc("As ISO 8601");
  b.Scalar("from_unixtime(double)", "timestamp(3) with time zone")
      .Raises()
      .Doc("So many seconds after 1970");
  b.Scalar("from_unixtime(double,varchar(x))", "timestamp(3) with time zone")
      .Raises()
      .Doc("So many seconds after 1970, in that zone");
  b.Scalar("from_unixtime(double,bigint,bigint)", "timestamp(3) with time zone")
      .Raises()
      .Doc("So many seconds after 1970, at that offset");
  b.Scalar("from_unixtime_nanos(bigint)", "timestamp(9) with time zone")
      .Raises()
      .Doc("So many nanoseconds after 1970");
  b.Scalar("from_unixtime_nanos(decimal(p,s))", "timestamp(9) with time zone")
      .Raises()
      .Doc("So many nanoseconds after 1970");
  b.Scalar("to_unixtime(timestamp(p) with time zone)", "double").Doc("Seconds after 1970");
  b.Scalar("to_milliseconds(interval day to second)", "bigint").Doc("Milliseconds of the interval");
  b.Scalar("parse_duration(varchar(x))", "interval day to second")
      .Raises()
      .Doc("The interval of a number and a unit");
  b.Scalar("human_readable_seconds(double)", "varchar")
      .Raises()
      .Doc("Weeks, days, hours, minutes, seconds in words");
  b.Scalar("with_timezone(timestamp(p),varchar(x))", "timestamp(p) with time zone")
      .Raises()
      .Doc("The same clock time in that zone");
  for (std::string_view zone : {"varchar(x)", "interval day to second"}) {
    b.Scalar(absl::StrCat("at_timezone(timestamp(p) with time zone,", zone, ")"),
             "timestamp(p) with time zone")
        .Raises()
        .Doc("The same instant in that zone");
    if (zone != "varchar(x)") {
      b.Hidden();
    }
  }
  // The analyzer makes constants of these.
  b.Scalar("current_date()", "date").Doc("The date of the query");
  b.Scalar("current_timezone()", "varchar").Doc("The zone of the session");
  b.Scalar("now()", "timestamp(3) with time zone").Doc("The time of the query");
}

}  // namespace pallas::sql
