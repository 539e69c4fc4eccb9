#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/array.h"
#include "arrow/io/memory.h"
#include "arrow/record_batch.h"
#include "arrow/scalar.h"
#include "arrow/type.h"
#include "arrow/util/compression.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_detail.h"
#include "lake/text/byte_stream.h"
#include "lake/text/text_split_reader.h"
#include "storage/local_object_store.h"
#include "types/arrow_mapping.h"

// Files of all text formats as rows: from bytes to batches.

namespace pallas::lake {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using Rows = std::vector<std::string>;
using Columns = std::vector<std::pair<std::string, std::string>>;  // name, Hive type

class TextRowsTest : public testing::Test {
 public:
  ~TextRowsTest() override { fs::remove_all(folder_); }

 protected:
  TextRowsTest() {
    std::string pattern = (fs::temp_directory_path() / "pallas-text-XXXXXX").string();
    folder_ = fs::canonical(mkdtemp(pattern.data())).string();
    store_ = storage::LocalObjectStore::OfBucket("b", folder_);
    definition_.database = "db";
    definition_.name = "t";
  }

  void Use(const char* serde, std::map<std::string, std::string> properties = {}) {
    definition_.storage.serde.library = serde;
    definition_.storage.serde.parameters = std::move(properties);
  }

  // The rows of the range of a file with these bytes, cells joined by `|`.
  absl::StatusOr<Rows> ReadRange(const std::string& bytes, const Columns& columns, int64_t start,
                                 int64_t length, const std::string& file = "f.txt",
                                 const std::vector<size_t>& wanted = {}) {
    auto writer = store_->Create(file);
    EXPECT_TRUE((*writer)->Write(bytes).ok());
    EXPECT_TRUE((*writer)->Finish().ok());
    auto format = MakeTextFormat(definition_);
    if (!format.ok()) {
      return format.status();
    }
    format_ = *std::move(format);
    std::vector<SplitColumn> split_columns;
    std::vector<std::shared_ptr<arrow::Field>> fields;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), i) == wanted.end()) {
        continue;
      }
      const Type type = *ParseHiveType(columns[i].second);
      SplitColumn& column = split_columns.emplace_back();
      column.text = TextColumn{static_cast<int>(i), columns[i].first, type};
      fields.push_back(arrow::field(columns[i].first, *ToScanArrowType(type)));
    }
    options_.decoder.num_table_columns = static_cast<int>(columns.size());
    auto stream = ReadTextSplit({}, *store_->Open(file),
                                {file, start, length, static_cast<int64_t>(bytes.size()), ""},
                                format_, arrow::schema(fields), split_columns, options_);
    if (!stream.ok()) {
      return stream.status();
    }
    Rows rows;
    while (true) {
      auto batch = (*stream)->Next();
      if (!batch.ok()) {
        return batch.status();
      }
      if (*batch == nullptr) {
        return rows;
      }
      EXPECT_TRUE((*batch)->Validate().ok());
      for (int64_t row = 0; row < (*batch)->num_rows(); ++row) {
        std::vector<std::string> cells;
        for (const auto& column : (*batch)->columns()) {
          const auto scalar = *column->GetScalar(row);
          cells.push_back(scalar->is_valid ? scalar->ToString() : "NULL");
        }
        rows.push_back(absl::StrJoin(cells, "|"));
      }
    }
  }

  absl::StatusOr<Rows> Read(const std::string& bytes, const Columns& columns,
                            const std::string& file = "f.txt") {
    return ReadRange(bytes, columns, 0, static_cast<int64_t>(bytes.size()), file);
  }

  Rows MustRead(const std::string& bytes, const Columns& columns,
                const std::string& file = "f.txt") {
    const auto rows = Read(bytes, columns, file);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() ? *rows : Rows();
  }

  void ExpectError(const absl::StatusOr<Rows>& rows, std::string_view name,
                   std::string_view message) {
    EXPECT_EQ(ErrorName(rows.status()), name) << rows.status();
    EXPECT_THAT(rows.status().message(), HasSubstr(message));
  }

  std::string folder_;
  std::unique_ptr<storage::LocalObjectStore> store_;
  sdk::TableDefinition definition_;
  TextFormat format_;
  TextReadOptions options_;
};

// ---- Lines ----

TEST_F(TextRowsTest, LinesEndAsHadoopHasThem) {
  Use(kLazySimpleSerDe);
  const Columns column = {{"a", "string"}};
  EXPECT_THAT(MustRead("a\nb\r\nc\rd", column), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(MustRead("a\n\n\r\n\rb\n", column), ElementsAre("a", "", "", "", "b"));
  EXPECT_THAT(MustRead("\n", column), ElementsAre(""));
  EXPECT_THAT(MustRead("", column), ElementsAre());
  EXPECT_THAT(MustRead("\xEF\xBB\xBFx\n\xEF\xBB\xBFy", column), ElementsAre("x", "\xEF\xBB\xBFy"));
}

TEST_F(TextRowsTest, HeadersAndFooters) {
  Use(kLazySimpleSerDe);
  const Columns column = {{"a", "string"}};
  definition_.parameters = {{"skip.header.line.count", "2"}, {"skip.footer.line.count", "1"}};
  EXPECT_THAT(MustRead("h\r\nh\na\nb\nf\n", column), ElementsAre("a", "b"));
  EXPECT_THAT(MustRead("h\nh\na\nb\nf", column), ElementsAre("a", "b"));
  EXPECT_THAT(MustRead("h\nh\nf", column), ElementsAre());
  EXPECT_THAT(MustRead("h", column), ElementsAre());
  definition_.parameters = {{"skip.header.line.count", "x"}};
  ExpectError(Read("a", column), "HIVE_INVALID_METADATA", "'x' is no number of lines");
}

TEST_F(TextRowsTest, CountingReadsNoColumns) {
  Use(kLazySimpleSerDe);
  std::string bytes;
  int lines = 0;
  for (int i = 0; i < 5000; ++i) {
    bytes += std::string(static_cast<size_t>(i % 130), 'x');
    bytes += i % 3 == 0 ? "\r\n" : i % 3 == 1 ? "\n" : "\r";
    ++lines;
  }
  EXPECT_EQ(MustRead(bytes, {}).size(), lines);
  EXPECT_EQ(MustRead(bytes + "x", {}).size(), lines + 1);
  options_.limit = 77;
  EXPECT_EQ(MustRead(bytes, {}).size(), 77U);
}

// Every way to cut a file gives each line once.
TEST_F(TextRowsTest, RangesShareTheLines) {
  Use(kLazySimpleSerDe);
  const Columns column = {{"a", "string"}};
  const std::string bytes = "\xEF\xBB\xBFone\ntwo\r\nthree\r\n\nfour\rfive\r\n\r\nsix";
  const Rows whole = MustRead(bytes, column);
  const auto size = static_cast<int64_t>(bytes.size());
  for (int64_t first = 1; first < size; ++first) {
    for (int64_t second = first + 1; second <= size; ++second) {
      Rows all = *ReadRange(bytes, column, 0, first);
      for (const auto& [start, end] : {std::pair(first, second), std::pair(second, size)}) {
        if (start < end) {
          const Rows more = *ReadRange(bytes, column, start, end - start);
          all.insert(all.end(), more.begin(), more.end());
        }
      }
      ASSERT_EQ(all, whole) << first << " " << second;
    }
  }
}

TEST_F(TextRowsTest, HugeLinesAndManyBlocks) {
  Use(kLazySimpleSerDe, {{"field.delim", ","}});
  std::string bytes = "1," + std::string(size_t{5} * 1024 * 1024, 'x') + "\n";
  for (int i = 0; i < 50'000; ++i) {
    absl::StrAppend(&bytes, i, ",name of ", i, "\n");
  }
  const Rows rows = MustRead(bytes, {{"a", "int"}, {"b", "string"}});
  ASSERT_EQ(rows.size(), 50'001U);
  EXPECT_EQ(rows[0].size(), size_t{5} * 1024 * 1024 + 2);
  EXPECT_EQ(rows[50'000], "49999|name of 49999");
}

// ---- LazySimple ----

TEST_F(TextRowsTest, TypesOfDelimitedText) {
  Use(kLazySimpleSerDe, {{"field.delim", ","}});
  const Columns columns = {{"b", "boolean"},      {"i1", "tinyint"}, {"i2", "smallint"},
                           {"i4", "int"},         {"i8", "bigint"},  {"f4", "float"},
                           {"f8", "double"},      {"d", "date"},     {"t", "timestamp"},
                           {"n", "decimal(5,2)"}, {"c", "char(3)"},  {"v", "varchar(3)"},
                           {"x", "binary"}};
  EXPECT_THAT(MustRead("true,1,2,3,4,1.5,2.5,1970-01-02,1970-01-01 00:00:01.5,1.234,ab  c,häuser,"
                       "aGk=\n"
                       "yes,128,x,,9999999999999999999,x,,x,1970,99999,,,\n"
                       "\\N,\\N,\\N,\\N,\\N,\\N,\\N,\\N,\\N,\\N,\\N,\\N,\\N\n",
                       columns),
              ElementsAre("true|1|2|3|4|1.5|2.5|1970-01-02|1970-01-01|1.23|ab|häu|hi",
                          "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|||",
                          "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL"));
}

TEST_F(TextRowsTest, TooFewAndTooManyFields) {
  Use(kLazySimpleSerDe, {{"field.delim", "\t"}});
  const Columns columns = {{"a", "string"}, {"b", "string"}, {"c", "int"}};
  EXPECT_THAT(MustRead("a\nb\tc\t1\td\te\n\t\t\n\n", columns),
              ElementsAre("a|NULL|NULL", "b|c|1", "||NULL", "|NULL|NULL"));
  // Only the columns that are wanted.
  const auto some = ReadRange("a\tb\t1\nc\n", columns, 0, 8, "f", {2});
  EXPECT_THAT(*some, ElementsAre("1", "NULL"));
}

TEST_F(TextRowsTest, EscapesAndNullSequences) {
  Use(kLazySimpleSerDe,
      {{"field.delim", ","}, {"escape.delim", "\\"}, {"serialization.null.format", ""}});
  const Columns columns = {{"a", "string"}, {"b", "string"}};
  EXPECT_THAT(MustRead("a\\,b,c\\\\\n,x\\\ny\\", columns),
              ElementsAre("a,b|c\\", "NULL|x\\", "y\\|NULL"));
  Use(kLazySimpleSerDe, {{"field.delim", ","}, {"serialization.last.column.takes.rest", "true"}});
  EXPECT_THAT(MustRead("a,b,c\nd", columns), ElementsAre("a|b,c", "d|NULL"));
}

TEST_F(TextRowsTest, NestedTypesOfDelimitedText) {
  Use(kLazySimpleSerDe, {{"field.delim", ","}, {"collection.delim", ";"}, {"mapkey.delim", ":"}});
  EXPECT_THAT(
      MustRead("1;2;\\N;x,k:1;l:2;k:3;m,7;a:b;z\n,,\n\\N,\\N,\\N\n",
               {{"a", "array<int>"},
                {"m", "map<string,int>"},
                {"s", "struct<n:int,l:array<string>,r:string>"}}),
      ElementsAre("list<item: int32>[1, 2, null, null]|"
                  "map<string, int32>[{key:string = k, value:int32 = 1}, "
                  "{key:string = l, value:int32 = 2}, {key:string = m, value:int32 = null}]|"
                  "{n:int32 = 7, l:list<item: string> = list<item: string>[a, b], r:string = z}",
                  "list<item: int32>[]|map<string, int32>[]|"
                  "{n:int32 = null, l:list<item: string> = null, r:string = null}",
                  "NULL|NULL|NULL"));
}

TEST_F(TextRowsTest, PropertiesThatAreRefused) {
  const Columns column = {{"a", "string"}};
  Use(kLazySimpleSerDe, {{"line.delim", ";"}});
  ExpectError(Read("a", column), "NOT_SUPPORTED", "'line.delim'");
  Use(kLazySimpleSerDe, {{"field.delim", "||"}});
  ExpectError(Read("a", column), "NOT_SUPPORTED", "of more than one byte");
  Use(kLazySimpleSerDe, {{"serialization.encoding", "ISO-8859-1"}});
  ExpectError(Read("a", column), "NOT_SUPPORTED", "'serialization.encoding'");
  Use(kLazySimpleSerDe, {{"serialization.escape.crlf", "true"}});
  ExpectError(Read("a", column), "NOT_SUPPORTED", "crlf");
}

TEST_F(TextRowsTest, TextThatIsNotUtf8) {
  Use(kLazySimpleSerDe, {{"field.delim", ","}});
  const Columns columns = {{"a", "string"}, {"b", "int"}};
  ExpectError(Read("ok,1\nb\xE4h,2\n", columns), "HIVE_BAD_DATA",
              "Error reading f.txt: line 2: column 'a': it holds text that is not UTF-8");
  // Where nobody asks for the text it does no harm.
  EXPECT_THAT(*ReadRange("ok,1\nb\xE4h,2\n", columns, 0, 12, "f", {1}), ElementsAre("1", "2"));
  options_.decoder.invalid_utf8 = federation::InvalidUtf8::kReplace;
  EXPECT_THAT(MustRead("b\xE4h\xF0\x9F,2\n", columns),
              ElementsAre("b\xEF\xBF\xBDh\xEF\xBF\xBD\xEF\xBF\xBD|2"));
}

// What Trino 476 answers for the same file.
TEST_F(TextRowsTest, OddValuesOfDelimitedText) {
  Use(kLazySimpleSerDe, {{"field.delim", ","}});
  EXPECT_THAT(MustRead("1970-01-02,1970-01-02,1.5\n"
                       "1970-1-2,1970-01-02 00:00:01,1.235\n"
                       "1970-02-30,1970-01-02 1:2:3.5,-0.005\n"
                       "1970-01-02 10:00:00,1970-01-02T01:02:03.123456,99999\n"
                       "1970-01-02T00:00,1970-01-01 25:00:00, 1\n"
                       "1970-01-100,1970-01-02 00:00:00.1234567890,+1\n",
                       {{"d", "date"}, {"t", "timestamp"}, {"n", "decimal(5,2)"}}),
              ElementsAre("1970-01-02|NULL|1.50", "1970-01-02|1970-01-02|1.24",
                          "1970-03-02|1970-01-02|-0.01", "1970-01-02|1970-01-02|NULL",
                          "NULL|1970-01-02|NULL", "1970-04-10|NULL|1.00"));
  EXPECT_THAT(MustRead("!!\n", {{"x", "binary"}}), ElementsAre("!!"));
  EXPECT_THAT(MustRead("1\x03"
                       "1\x02x\x03"
                       "2\x02"
                       "01\x03"
                       "3\n",
                       {{"m", "map<int,int>"}}),
              ElementsAre("map<int32, int32>[{key:int32 = 1, value:int32 = 1}]"));
}

// ---- OpenCSV ----

TEST_F(TextRowsTest, QuotesOfCsv) {
  Use(kOpenCsvSerDe);
  const Columns columns = {{"a", "string"}, {"b", "string"}, {"c", "string"}};
  EXPECT_THAT(MustRead("a,b,c\n"
                       "\"a,b\",\"\",\"x\"\n"
                       "\"say \"\"hi\"\"\",b\\\"c,\"d\\\\e\"\n"
                       "1,2\n"
                       "1,2,3,4,5\n"
                       "\n"
                       ",,\n"
                       "a,\"open,c\n"
                       "\"a\"x,  \"b\",abc\"d\"ef\r\n"
                       "1,\"a\"x,\n",
                       columns),
              ElementsAre("a|b|c", "a,b||x", "say \"hi\"|b\"c|d\\e", "1|2|NULL", "1|2|3",
                          "NULL|NULL|NULL", "||", "a|NULL|NULL", "ax|b|abc\"d\"ef", "1|a\"x|"));
  Use(kOpenCsvSerDe, {{"separatorChar", "\t"}, {"quoteChar", "'"}, {"escapeChar", "\\"}});
  EXPECT_THAT(MustRead("'a\tb'\tc\td\n", columns), ElementsAre("a\tb|c|d"));
  Use(kOpenCsvSerDe, {{"separatorChar", "\""}});
  ExpectError(Read("a", columns), "NOT_SUPPORTED", "are not three");
}

TEST_F(TextRowsTest, TypesOfCsvAreStrict) {
  Use(kOpenCsvSerDe);
  const Columns columns = {
      {"i", "int"}, {"d", "double"}, {"b", "boolean"}, {"t", "date"}, {"n", "decimal(4,1)"}};
  EXPECT_THAT(MustRead("\"1\",2.5,TRUE,18276,3.25\n4\n", columns),
              ElementsAre("1|2.5|true|2020-01-15|3.3", "4|NULL|NULL|NULL|NULL"));
  ExpectError(Read("1,2,true,1,1\n,2,true,1,1\n", columns), "HIVE_BAD_DATA",
              "Error reading f.txt: line 2: column 'i': Error parsing field value '' as integer");
  ExpectError(Read("1,x\n", columns), "HIVE_BAD_DATA", "column 'd'");
  ExpectError(Read("1,2,yes\n", columns), "HIVE_BAD_DATA", "column 'b'");
  ExpectError(Read("1,2,true,2020-01-15\n", columns), "HIVE_BAD_DATA", "column 't'");
  ExpectError(Read("a", {{"a", "array<int>"}}), "NOT_SUPPORTED", "declare the column as string");
}

// ---- JSON ----

TEST_F(TextRowsTest, TypesOfHiveJson) {
  Use(kHiveJsonSerDe);
  const Columns columns = {{"b", "boolean"},    {"i1", "tinyint"},     {"i4", "int"},
                           {"i8", "bigint"},    {"f8", "double"},      {"d", "date"},
                           {"t", "timestamp"},  {"n", "decimal(5,2)"}, {"c", "char(3)"},
                           {"v", "varchar(3)"}, {"s", "string"},       {"x", "binary"}};
  EXPECT_THAT(
      MustRead(
          R"({"b":true,"i1":1,"i4":2.9,"i8":-3,"f8":1e3,"d":"1970-01-02","t":"1970-01-03 00:00:00",)"
          R"("n":1.239,"c":"a   ","v":"häuser","s":"a\"\u00e4\ud83d\ude00\n","x":"hi"})"
          "\n"
          R"({"b":"x","n":"2","s":1.50,"v":true,"unknown":{"a":[1,{"b":2}]}})"
          "\n"
          R"( { "S" : null , "I4" : 1 , "i4" : 7 } )"
          "\n{}\n",
          columns),
      ElementsAre("true|1|2|-3|1000|1970-01-02|1970-01-03|1.24|a|häu|a\"ä😀\n|hi",
                  "false|NULL|NULL|NULL|NULL|NULL|NULL|2.00|NULL|tru|1.50|NULL",
                  "NULL|NULL|7|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL",
                  "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL"));
}

TEST_F(TextRowsTest, HiveJsonIsStrict) {
  Use(kHiveJsonSerDe2);
  const Columns columns = {{"a", "int"}, {"s", "string"}, {"l", "array<int>"}};
  const auto error = [&](const std::string& line, std::string_view name, std::string_view what) {
    ExpectError(Read("{\"a\":1}\n" + line + "\n", columns), name, what);
    EXPECT_THAT(Read("{}\n" + line + "\n", columns).status().message(),
                HasSubstr("Error reading f.txt: line 2: "));
  };
  error("[1]", "HIVE_CURSOR_ERROR", "it is no object");
  error("text", "HIVE_CURSOR_ERROR", "Row is not a valid JSON object");
  error("", "HIVE_CURSOR_ERROR", "Row is not a valid JSON object");
  error("{\"a\":1", "HIVE_CURSOR_ERROR", "Row is not a valid JSON object");
  error("{\"a\":1 2}", "HIVE_CURSOR_ERROR", "Row is not a valid JSON object");
  error("{\"a\":nonsense}", "HIVE_CURSOR_ERROR", "'nonsense' is no value");
  error("{\"a\":\"1\"}", "HIVE_BAD_DATA", "column 'a': Error parsing field value '1'");
  error("{\"a\":3000000000}", "HIVE_BAD_DATA", "as integer");
  error("{\"a\":01}", "HIVE_CURSOR_ERROR", "'01' is no value");
  error("{\"s\":{}}", "HIVE_BAD_DATA", "column 's'");
  error("{\"s\":\"\\x\"}", "HIVE_CURSOR_ERROR", "there is no escape");
  error("{\"l\":1}", "HIVE_BAD_DATA", "column 'l'");
  error("{\"l\":[1 2]}", "HIVE_CURSOR_ERROR", "column 'l'");
  // Counting looks at no line.
  EXPECT_EQ(MustRead("text\n\n", {}).size(), 2U);
}

TEST_F(TextRowsTest, NestedTypesOfJson) {
  Use(kHiveJsonSerDe);
  EXPECT_THAT(
      MustRead(
          R"({"a":[1, null,3],"m":{"b":1,"a":2,"b":3},"s":{"N":1,"l":["x",""],"m":{"1":{"z":true}}}})"
          "\n"
          R"({"a":[],"m":{},"s":{}})"
          "\n"
          R"({"a":null,"m":null,"s":null})",
          {{"a", "array<int>"},
           {"m", "map<string,int>"},
           {"s", "struct<n:int,l:array<string>,m:map<int,struct<z:boolean>>>"}}),
      ElementsAre("list<item: int32>[1, null, 3]|"
                  "map<string, int32>[{key:string = a, value:int32 = 2}, "
                  "{key:string = b, value:int32 = 3}]|"
                  "{n:int32 = 1, l:list<item: string> = list<item: string>[x, ], "
                  "m:map<int32, struct<z: bool>> = map<int32, struct<z: bool>>["
                  "{key:int32 = 1, value:struct<z: bool> = {z:bool = true}}]}",
                  "list<item: int32>[]|map<string, int32>[]|"
                  "{n:int32 = null, l:list<item: string> = null, "
                  "m:map<int32, struct<z: bool>> = null}",
                  "NULL|NULL|NULL"));
}

TEST_F(TextRowsTest, OpenXIsLenient) {
  Use(kOpenXJsonSerDe);
  const Columns columns = {{"a", "int"}, {"s", "string"}, {"l", "array<int>"}};
  EXPECT_THAT(MustRead("{\"a\":\"12\",\"s\":{\"x\": [1, 2]},\"l\":7}\n"
                       "{a = 0x1F; 's' => unquoted, l: [1;;2,]} # comment\n"
                       "{\"a\":\"1.9\",\"s\":true,\"l\":\"\"}\n"
                       "[1,\"two\",[3]]\n"
                       "  \n"
                       "{'s':'it\\'s \\u00e4', /* none */ A: NULL}\n",
                       columns),
              ElementsAre("12|{\"x\":[1,2]}|list<item: int32>[7]",
                          "31|unquoted|list<item: int32>[1, null, 2, null]", "1|true|NULL",
                          "1|two|list<item: int32>[3]", "NULL|NULL|NULL", "NULL|it's ä|NULL"));
  ExpectError(Read("{\"a\":1}\nnot json\n", columns), "HIVE_CURSOR_ERROR",
              "line 2: Row is not a valid JSON object: it starts with neither");
  ExpectError(Read("{\"a\":1}\n{\"a\":\n", columns), "HIVE_CURSOR_ERROR", "line 2: ");
  ExpectError(Read("{\"a\":\"x\"}\n", columns), "HIVE_BAD_DATA", "Error parsing field value 'x'");
  Use(kOpenXJsonSerDe, {{"ignore.malformed.json", "true"}});
  EXPECT_THAT(MustRead("{\"a\":1}\nnot json\n{\"a\":2, \"s\": [}\n{\"a\":3}\n", columns),
              ElementsAre("1|NULL|NULL", "NULL|NULL|NULL", "NULL|NULL|NULL", "3|NULL|NULL"));
}

// What Trino 476 answers for the same file.
TEST_F(TextRowsTest, NumbersAsTextOfOpenX) {
  Use(kOpenXJsonSerDe);
  EXPECT_THAT(MustRead("{'s':-0.0}\n{'s':1e-7}\n{'s':0.0000001}\n{'s':0.000001}\n{'s':123e5}\n"
                       "{'s':1.23e1}\n{'s':12E0}\n{'s':{'a':1e2,'b':-0,'c':'\\/\\u0001'}}\n"
                       "{'s':[1 , NULL]}\n{'s':0x10}\n{'s':010}\n{'s':+5}\n{'s':1.}\n{'s':.5}\n"
                       "{'s':True}\n{\"s\":1.50}\n{\"s\":1e2}\n{\"s\":\"1.50\"}\n{\"s\":Null}\n",
                       {{"s", "string"}}),
              ElementsAre("0.0", "1E-7", "1E-7", "0.000001", "1.23E+7", "12.3", "12",
                          "{\"a\":1E+2,\"b\":0,\"c\":\"/\\u0001\"}", "[1,null]", "16", "8", "5",
                          "1", "0.5", "true", "1.50", "1E+2", "1.50", "NULL"));
}

TEST_F(TextRowsTest, KeysOfOpenX) {
  const Columns columns = {{"a_b", "int"}, {"time_", "string"}};
  Use(kOpenXJsonSerDe, {{"dots.in.keys", "true"}, {"mapping.time_", "Timestamp"}});
  EXPECT_THAT(
      MustRead("{\"a.b\":1,\"timestamp\":\"x\"}\n{\"a.b\":1,\"a_b\":2,\"time_\":\"y\"}\n", columns),
      ElementsAre("1|x", "2|NULL"));
  Use(kOpenXJsonSerDe, {{"case.insensitive", "false"}, {"mapping.time_", "Time"}});
  EXPECT_THAT(MustRead("{\"A_B\":1,\"Time\":\"x\",\"time\":\"y\"}\n", columns),
              ElementsAre("NULL|x"));
}

TEST_F(TextRowsTest, TimestampsOfOpenX) {
  Use(kOpenXJsonSerDe);
  EXPECT_THAT(MustRead("{\"d\":\"1970-01-02\",\"t\":\"1970-01-02T01:00:00+01:00\"}\n"
                       "{\"d\":2,\"t\":86400}\n"
                       "{\"d\":\"2\",\"t\":\"0000086400000\"}\n"
                       "{\"t\":86400.5}\n",
                       {{"d", "date"}, {"t", "timestamp"}}),
              ElementsAre("1970-01-02|1970-01-02", "1970-01-03|1970-01-02", "1970-01-03|1970-01-02",
                          "NULL|1970-01-02"));
}

TEST_F(TextRowsTest, JsonThatIsNotUtf8) {
  Use(kHiveJsonSerDe);
  const Columns columns = {{"a", "string"}};
  ExpectError(Read("{\"a\":\"ok\"}\n{\"a\":\"b\xE4h\"}\n", columns), "HIVE_BAD_DATA",
              "line 2: it holds text that is not UTF-8");
  options_.decoder.invalid_utf8 = federation::InvalidUtf8::kReplace;
  EXPECT_THAT(MustRead("{\"a\":\"ok\"}\n{\"a\":\"b\xE4h\"}\n", columns),
              ElementsAre("ok", "b\xEF\xBF\xBDh"));
}

// Keys in another order, other keys, and long ones: what was learned of a line must not hurt.
TEST_F(TextRowsTest, KeysOfJsonMayChangeFromLineToLine) {
  Use(kHiveJsonSerDe);
  const std::string long_key(100, 'k');
  EXPECT_THAT(
      MustRead("{\"a\":1,\"b\":2}\n{\"b\":3,\"a\":4}\n{\"x\":5,\"a\":6}\n{\"" + long_key +
                   "\":7,\"\\u0061\":8}\n{\"" + long_key + "\":9,\"a\":10}\n{\"a\":11}",
               {{"a", "int"}, {"b", "int"}, {long_key, "int"}}),
      ElementsAre("1|2|NULL", "4|3|NULL", "6|NULL|NULL", "8|NULL|7", "10|NULL|9", "11|NULL|NULL"));
}

// ---- Compression ----

std::string Compress(const std::string& bytes, arrow::Compression::type type) {
  auto codec = *arrow::util::Codec::Create(type);
  auto compressor = *codec->MakeCompressor();
  std::string out(bytes.size() + 100'000, '\0');
  int64_t read = 0;
  int64_t written = 0;
  auto* const to = reinterpret_cast<uint8_t*>(out.data());
  const auto size = static_cast<int64_t>(bytes.size());
  while (read < size) {
    const auto step =
        *compressor->Compress(size - read, reinterpret_cast<const uint8_t*>(bytes.data()) + read,
                              static_cast<int64_t>(out.size()) - written, to + written);
    read += step.bytes_read;
    written += step.bytes_written;
  }
  written +=
      compressor->End(static_cast<int64_t>(out.size()) - written, to + written)->bytes_written;
  out.resize(static_cast<size_t>(written));
  return out;
}

std::string CompressRaw(const std::string& bytes, arrow::Compression::type type) {
  auto codec = *arrow::util::Codec::Create(type);
  const auto size = static_cast<int64_t>(bytes.size());
  const auto* const from = reinterpret_cast<const uint8_t*>(bytes.data());
  std::string out(static_cast<size_t>(codec->MaxCompressedLen(size, from)), '\0');
  const int64_t length = *codec->Compress(size, from, static_cast<int64_t>(out.size()),
                                          reinterpret_cast<uint8_t*>(out.data()));
  out.resize(static_cast<size_t>(length));
  return out;
}

std::string BigEndian(size_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(value >> static_cast<unsigned>(shift));
  }
  return bytes;
}

// Blocks of two chunks each.
std::string CompressAsHadoop(const std::string& bytes, arrow::Compression::type type) {
  std::string out;
  constexpr size_t kBlock = 1000;
  for (size_t at = 0; at < bytes.size(); at += kBlock) {
    const std::string block = bytes.substr(at, kBlock);
    out += BigEndian(block.size());
    for (const std::string& half :
         {block.substr(0, block.size() / 2), block.substr(block.size() / 2)}) {
      if (!half.empty()) {
        const std::string chunk = CompressRaw(half, type);
        out += BigEndian(chunk.size()) + chunk;
      }
    }
  }
  return out;
}

class CompressionTest : public TextRowsTest {
 protected:
  CompressionTest() {
    Use(kLazySimpleSerDe, {{"field.delim", ","}});
    for (int i = 0; i < 20'000; ++i) {
      absl::StrAppend(&bytes_, i, ",text ", i % 100, "\n");
    }
    rows_ = MustRead(bytes_, columns_);
  }

  void ExpectSame(const std::string& compressed, const std::string& file) {
    EXPECT_EQ(MustRead(compressed, columns_, file), rows_) << file;
    // No short answer, wherever the file is cut off.
    for (const size_t size : {compressed.size() - 1, compressed.size() / 2, size_t{3}}) {
      const auto cut = Read(compressed.substr(0, size), columns_, file);
      EXPECT_EQ(ErrorName(cut.status()), "HIVE_BAD_DATA") << file << " " << size;
      EXPECT_THAT(cut.status().message(), HasSubstr("Error reading " + file));
    }
  }

  const Columns columns_ = {{"a", "int"}, {"b", "string"}};
  std::string bytes_;
  Rows rows_;
};

TEST_F(CompressionTest, CodecsByTheSuffixOfTheName) {
  ExpectSame(Compress(bytes_, arrow::Compression::GZIP), "f.csv.gz");
  ExpectSame(Compress(bytes_, arrow::Compression::BZ2), "f.bz2");
  ExpectSame(Compress(bytes_, arrow::Compression::ZSTD), "f.zst");
  ExpectSame(Compress(bytes_, arrow::Compression::LZ4_FRAME), "f.lz4");
  ExpectSame(CompressAsHadoop(bytes_, arrow::Compression::SNAPPY), "f.snappy");
  ExpectSame(CompressAsHadoop(bytes_, arrow::Compression::LZ4), "f.lz4");
}

TEST_F(CompressionTest, FilesOfSeveralParts) {
  const std::string half(bytes_.substr(0, bytes_.size() / 2));
  const std::string rest(bytes_.substr(bytes_.size() / 2));
  for (const auto& [type, file] :
       {std::pair(arrow::Compression::GZIP, "f.gz"), std::pair(arrow::Compression::BZ2, "f.bz2"),
        std::pair(arrow::Compression::ZSTD, "f.zst")}) {
    EXPECT_EQ(MustRead(Compress(half, type) + Compress(rest, type), columns_, file), rows_) << file;
  }
}

TEST_F(CompressionTest, BrokenAndForeignFiles) {
  std::string gzip = Compress(bytes_, arrow::Compression::GZIP);
  gzip[gzip.size() / 2] = static_cast<char>(gzip[gzip.size() / 2] ^ 0x55);
  gzip[gzip.size() / 2 + 1] = static_cast<char>(gzip[gzip.size() / 2 + 1] ^ 0x55);
  ExpectError(Read(gzip, columns_, "f.gz"), "HIVE_BAD_DATA", "Error reading f.gz: the gzip data");
  ExpectError(Read(bytes_, columns_, "f.gz"), "HIVE_BAD_DATA", "the gzip data is broken");
  ExpectError(Read(bytes_, columns_, "f.snappy"), "HIVE_BAD_DATA", "a block claims");
  ExpectError(Read(Compress(bytes_, arrow::Compression::GZIP), columns_, "f.csv"), "HIVE_BAD_DATA",
              "its name should end in .gz");
  ExpectError(Read(bytes_, columns_, "f.xz"), "NOT_SUPPORTED", "the compression of f.xz");
  // One wrong bit of the end changes the checksum.
  std::string wrong = Compress(bytes_, arrow::Compression::GZIP);
  wrong[wrong.size() - 6] = static_cast<char>(wrong[wrong.size() - 6] ^ 1);
  ExpectError(Read(wrong, columns_, "f.gz"), "HIVE_BAD_DATA", "the gzip data is broken");
}

}  // namespace
}  // namespace pallas::lake
