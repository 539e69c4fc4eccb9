#include "types/type.h"

#include <random>

#include "arrow/type.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"
#include "types/arrow_mapping.h"
#include "types/coercion.h"
#include "types/time_zone.h"

namespace pallas {
namespace {

struct Spelling {
  const char* text;
  const char* canonical;
};

TEST(TypeTest, ReadsEveryTrinoSpelling) {
  const Spelling kCases[] = {
      {"INT", "integer"},
      {"double precision", "double"},
      {"DEC(5)", "decimal(5,0)"},
      {"numeric", "decimal(38,0)"},
      {"char", "char(1)"},
      {"varchar(7)", "varchar(7)"},
      {"time", "time(3)"},
      {"TIMESTAMP(6) WITH TIME ZONE", "timestamp(6) with time zone"},
      {"timestamp without time zone", "timestamp(3)"},
      {"time(0) with time zone", "time(0) with time zone"},
      {"interval day to second", "interval day to second"},
      {"array(row(a integer, b varchar(10)))", "array(row(\"a\" integer, \"b\" varchar(10)))"},
      {"row(integer, double precision, timestamp(3) with time zone)",
       "row(integer, double, timestamp(3) with time zone)"},
      {"row(\"X \"\"y\" json)", "row(\"X \"\"y\" json)"},
      {"row(timestamp timestamp, date date)", "row(\"timestamp\" timestamp(3), \"date\" date)"},
      {"map(varchar, array(bigint))", "map(varchar, array(bigint))"},
      {"array<int>", "array(integer)"},
      {"hyperloglog", "HyperLogLog"},
      {"qdigest(bigint)", "qdigest(bigint)"},
      {"function(bigint, boolean)", "function(bigint, boolean)"},
  };
  for (const Spelling& c : kCases) {
    const absl::StatusOr<Type> type = ParseTrinoType(c.text);
    ASSERT_TRUE(type.ok()) << c.text << ": " << type.status();
    EXPECT_EQ(type->ToString(), c.canonical);
    EXPECT_EQ(*ParseTrinoType(type->ToString()), *type);
  }
}

TEST(TypeTest, RefusesWhatIsNoType) {
  EXPECT_EQ(ErrorName(ParseTrinoType("string").status()), "TYPE_NOT_FOUND");
  for (const char* text : {"", "decimal(39)", "decimal(5,6)", "varchar(", "array(int", "row()",
                           "int int", "timestamp(13)", "map(int)", "char(70000)"}) {
    EXPECT_FALSE(ParseTrinoType(text).ok()) << text;
  }
  std::string deep;
  for (int i = 0; i < 100'000; ++i) {
    deep += "array(";
  }
  EXPECT_FALSE(ParseTrinoType(deep).ok());
}

TEST(TypeTest, ReadsAndWritesHiveNames) {
  const Spelling kCases[] = {
      {"string", "varchar"},
      {"binary", "varbinary"},
      {"float", "real"},
      {"decimal", "decimal(10,0)"},
      {"timestamp", "timestamp(3)"},
      {"array<struct<a:int,B:map<string,double>>>",
       "array(row(\"a\" integer, \"b\" map(varchar, double)))"},
      {"integer", "integer"},
      {"struct<`odd:name`:int>", "row(\"odd:name\" integer)"},
  };
  for (const Spelling& c : kCases) {
    const absl::StatusOr<Type> type = ParseHiveType(c.text);
    ASSERT_TRUE(type.ok()) << c.text << ": " << type.status();
    EXPECT_EQ(type->ToString(), c.canonical);
  }
  EXPECT_EQ(*ToHiveTypeName(*ParseHiveType("array<struct<a:int,b:string>>")),
            "array<struct<a:int,b:string>>");
  EXPECT_EQ(ErrorName(ToHiveTypeName(Type::Json()).status()), "NOT_SUPPORTED");
}

TEST(TypeTest, CommonSuperTypes) {
  struct Case {
    const char* a;
    const char* b;
    const char* common;  // "" for none
  };

  const Case kCases[] = {
      {"integer", "bigint", "bigint"},
      {"bigint", "decimal(5,2)", "decimal(21,2)"},
      {"decimal(38,0)", "decimal(10,5)", "decimal(38,5)"},
      {"decimal(5,2)", "real", "real"},
      {"real", "double", "double"},
      {"varchar(3)", "varchar", "varchar"},
      {"varchar(3)", "char(5)", "char(5)"},
      {"date", "timestamp(6)", "timestamp(6)"},
      {"date", "timestamp(3) with time zone", "timestamp(3) with time zone"},
      {"time(3)", "time(6) with time zone", "time(6) with time zone"},
      {"date", "time(3)", ""},
      {"integer", "varchar", ""},
      {"boolean", "integer", ""},
      {"unknown", "json", "json"},
      {"array(integer)", "array(double)", "array(double)"},
      {"row(a integer, b integer)", "row(a bigint, c integer)", "row(\"a\" bigint, integer)"},
      {"map(integer, unknown)", "map(bigint, date)", "map(bigint, date)"},
  };
  for (const Case& c : kCases) {
    const Type a = *ParseTrinoType(c.a);
    const Type b = *ParseTrinoType(c.b);
    const std::optional<Type> ab = CommonSuperType(a, b);
    EXPECT_EQ(ab ? ab->ToString() : "", c.common) << c.a << " and " << c.b;
    EXPECT_EQ(ab.has_value(), CommonSuperType(b, a).has_value());
  }
  EXPECT_TRUE(CanCoerce(Type::Varchar(3), Type::Varchar()));
  EXPECT_FALSE(CanCoerce(Type::Varchar(), Type::Varchar(3)));
  EXPECT_FALSE(CanCoerce(Type::Double(), Type::Real()));
}

TEST(TypeTest, CharAndVarcharCoerceByRule) {
  const Type text = Type::Array(Type::Varchar(3));
  const Type padded = Type::Array(Type::Char(5));
  constexpr auto kOld = CharCoercion::kVarcharToChar;
  constexpr auto kNew = CharCoercion::kCharToVarchar;
  EXPECT_EQ(CommonSuperType(text, padded, kOld)->ToString(), "array(char(5))");
  EXPECT_EQ(CommonSuperType(text, padded, kNew)->ToString(), "array(varchar(5))");
  EXPECT_EQ(CommonSuperType(padded, text, kNew)->ToString(), "array(varchar(5))");
  EXPECT_EQ(CommonSuperType(Type::Char(5), Type::Varchar(), kNew)->ToString(), "varchar");
  EXPECT_EQ(CommonSuperType(Type::Char(5), Type::Char(7), kNew)->ToString(), "char(7)");
  EXPECT_TRUE(CanCoerce(text, Type::Array(Type::Char(3)), kOld));
  EXPECT_FALSE(CanCoerce(text, Type::Array(Type::Char(3)), kNew));
  EXPECT_TRUE(CanCoerce(padded, Type::Array(Type::Varchar(5)), kNew));
  EXPECT_FALSE(CanCoerce(padded, Type::Array(Type::Varchar(5)), kOld));
}

Type RandomType(std::mt19937& random, int depth) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  switch (below(depth > 0 ? 16 : 13)) {
    case 0:
      return Type::Boolean();
    case 1:
      return Type::Bigint();
    case 2:
      return Type::Decimal(38, below(39));
    case 3:
      return Type::Varchar(below(1000));
    case 4:
      return Type::Varchar();
    case 5:
      return Type::Char(below(100));
    case 6:
      return Type::Time(below(13));
    case 7:
      return Type::TimestampTz(below(13));
    case 8:
      return Type::TimeTz(below(13));
    case 9:
      return Type::IntervalYearMonth();
    case 10:
      return Type::IpAddress();
    case 11:
      return Type::Opaque("SetDigest");
    case 12:
      return Type::Double();
    case 13:
      return Type::Array(RandomType(random, depth - 1));
    case 14:
      return Type::Map(RandomType(random, depth - 1), RandomType(random, depth - 1));
    default: {
      const char* const kNames[] = {"a", "double", "Odd \"name\"", "time", "interval", "É"};
      std::vector<Type::Field> fields;
      for (int i = 0; i <= below(4); ++i) {
        std::optional<std::string> name;
        if (below(3) > 0) {
          name = kNames[below(6)];
        }
        fields.push_back({name, RandomType(random, depth - 1)});
      }
      return Type::Row(std::move(fields));
    }
  }
}

TEST(TypeTest, PrintedTypesAreReadBack) {
  std::mt19937 random(20260101);
  for (int i = 0; i < 2000; ++i) {
    const Type type = RandomType(random, 4);
    const absl::StatusOr<Type> again = ParseTrinoType(type.ToString());
    ASSERT_TRUE(again.ok()) << type.ToString() << ": " << again.status();
    EXPECT_EQ(*again, type) << type.ToString();
  }
}

TEST(ArrowMappingTest, ScanTypesComeBack) {
  for (const char* text : {"boolean", "tinyint", "smallint", "integer", "bigint", "real", "double",
                           "decimal(20,3)", "varchar", "varbinary", "date", "timestamp(3)",
                           "timestamp(6)", "timestamp(3) with time zone", "array(integer)",
                           "map(varchar, double)", "row(\"a\" integer)"}) {
    const Type type = *ParseTrinoType(text);
    EXPECT_EQ(*FromScanArrowType(**ToScanArrowType(type)), type) << text;
  }
  EXPECT_EQ(ErrorName(ToScanArrowType(Type::Time(3)).status()), "NOT_SUPPORTED");
  EXPECT_EQ(ErrorName(FromScanArrowType(*arrow::uint32()).status()), "NOT_SUPPORTED");
}

TEST(TimeZoneTest, KeysAsOnTheWire) {
  const std::pair<const char*, int> kCases[] = {
      {"UTC", 0},
      {"+05:30", 1170},
      {"-08:00", 361},
      {"-00:01", 840},
      {"+00:01", 841},
      {"UTC+5", 1140},
      {"Etc/GMT+5", 541},
      {"America/New_York", 1847},
      {"US/Eastern", 2168},
      {"zulu", 0},
      {"america/new_york", 1847},
      {"GMT", 0},
      {"+00:00", 0},
  };
  for (const auto& [name, key] : kCases) {
    EXPECT_EQ(*ZoneKeyOf(name), key) << name;
  }
  for (const char* name : {"+5:30", "+15:00", "EST", "", "Mars/Base"}) {
    const absl::Status status = ZoneKeyOf(name).status();
    EXPECT_THAT(status.message(), testing::HasSubstr("Time zone not supported")) << name;
  }
  EXPECT_EQ(ZoneName(*ZoneKeyOf("europe/kyiv")), "Europe/Kyiv");
}

TEST(TimeZoneTest, GapsGoForwardAndOverlapsTakeTheEarlierOffset) {
  const int new_york = *ZoneKeyOf("America/New_York");
  EXPECT_EQ(ZoneOffsetSeconds(new_york, 1'583'000'000), -5 * 3600);
  EXPECT_EQ(ZoneOffsetSeconds(new_york, 1'600'000'000), -4 * 3600);
  // 2020-03-08 02:30 does not exist: it is 03:30 EDT.
  EXPECT_EQ(LocalToEpochSeconds(new_york, 1'583'634'600), 1'583'634'600 + 5 * 3600);
  // 2020-11-01 01:30 happens twice: the first, EDT.
  EXPECT_EQ(LocalToEpochSeconds(new_york, 1'604'194'200), 1'604'194'200 + 4 * 3600);
}

}  // namespace
}  // namespace pallas
