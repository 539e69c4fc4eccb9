// Tables of text files through the whole program: DDL, queries, EXPLAIN, and files that are broken.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "arrow/util/compression.h"
#include "cli/application.h"
#include "cli/config.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/conformance/answer.h"

namespace pallas {
namespace {

using conformance::Answer;
using testing::AllOf;
using testing::HasSubstr;

std::string Gzip(const std::string& bytes) {
  auto codec = *arrow::util::Codec::Create(arrow::Compression::GZIP);
  const auto size = static_cast<int64_t>(bytes.size());
  const auto* const from = reinterpret_cast<const uint8_t*>(bytes.data());
  std::string out(static_cast<size_t>(codec->MaxCompressedLen(size, from)), '\0');
  const int64_t length = *codec->Compress(size, from, static_cast<int64_t>(out.size()),
                                          reinterpret_cast<uint8_t*>(out.data()));
  out.resize(static_cast<size_t>(length));
  return out;
}

class TextLakeTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "pallas-text-lake-XXXXXX").string();
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    folder_ = std::filesystem::canonical(folder_).string();
    cli::Config config;
    config.data_dir = absl::StrCat(folder_, "/data");
    config.lake_roots = {folder_};
    config.threads = 2;
    absl::StatusOr<std::unique_ptr<cli::Application>> application = cli::Application::Open(config);
    ASSERT_TRUE(application.ok()) << application.status();
    application_ = *std::move(application);
  }

  void TearDown() override {
    application_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Write(const std::string& file, const std::string& bytes) {
    const std::filesystem::path path = std::filesystem::path(folder_) / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
  }

  // CREATE EXTERNAL TABLE of the folder with the table's name.
  void Create(const std::string& table, const std::string& columns, const std::string& format,
              const std::string& properties = "") {
    const std::string sql =
        absl::StrCat("CREATE EXTERNAL TABLE ", table, " (", columns, ") ", format,
                     " LOCATION 'file://", folder_, "/", table, "/'",
                     properties.empty() ? "" : absl::StrCat(" TBLPROPERTIES (", properties, ")"));
    ASSERT_EQ(Rows(sql), "[]") << sql;
  }

  Answer Run(const std::string& sql) {
    sql::Session session = application_->default_session();
    session.start_time = absl::Now();
    absl::StatusOr<query::StatementResult> result = application_->runner().Run(sql, session, {});
    return result.ok() ? conformance::ReadAnswer(*result->rows)
                       : conformance::ErrorAnswer(result.status());
  }

  // The rows as JSON, or the error.
  std::string Rows(const std::string& sql) {
    const Answer answer = Run(sql);
    return answer.failed() ? absl::StrCat(answer.error_code, ": ", answer.error_message)
                           : answer.rows.dump();
  }

  std::string folder_;
  std::unique_ptr<cli::Application> application_;
};

constexpr char kCsv[] = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ','";
constexpr char kOpenCsv[] = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'";
constexpr char kHiveJson[] = "ROW FORMAT SERDE 'org.apache.hive.hcatalog.data.JsonSerDe'";
constexpr char kOpenX[] = "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'";

TEST_F(TextLakeTest, DelimitedFilesOfAllKindsInOneFolder) {
  Write("t/a.csv", "id,name,price\n1,one,1.5\n2,\\N,x\n");
  Write("t/b.csv.gz", Gzip("id,name,price\n3,three\n4,four,4.25,more"));
  Write("t/empty.csv", "");
  Write("t/header_only.csv", "id,name,price\n");
  Write("t/_ignored.csv", "9,9,9\n");
  Create("t", "id int, name string, price decimal(5,2)", kCsv, "'skip.header.line.count'='1'");
  EXPECT_EQ(Rows("SELECT * FROM t ORDER BY id"),
            R"([[1,"one","1.50"],[2,null,null],[3,"three",null],[4,"four","4.25"]])");
  EXPECT_EQ(Rows("SELECT count(*), sum(id) FROM t"), "[[4,10]]");
  EXPECT_EQ(Rows("SELECT count(*) FROM t WHERE name LIKE 't%' OR price > 4"), "[[2]]");
  EXPECT_EQ(Rows("SELECT regexp_extract(\"$path\", '[^/]*$'), \"$file_size\", count(*) FROM t "
                 "WHERE id = 1 GROUP BY 1, 2"),
            R"([["a.csv",31,1]])");
  EXPECT_THAT(Rows("SHOW CREATE TABLE t"),
              AllOf(HasSubstr("org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"),
                    HasSubstr("'field.delim'=','"), HasSubstr("'skip.header.line.count'='1'"),
                    HasSubstr("org.apache.hadoop.mapred.TextInputFormat")));
}

TEST_F(TextLakeTest, AllClausesOfDelimitedRows) {
  Write("t/f", "a\\|b|1;2|k=v|-\n");
  Create("t", "s string, l array<int>, m map<string,string>, n string",
         "ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' ESCAPED BY '\\\\' "
         "COLLECTION ITEMS TERMINATED BY ';' MAP KEYS TERMINATED BY '=' LINES TERMINATED BY '\\n' "
         "NULL DEFINED AS '-' STORED AS TEXTFILE");
  EXPECT_EQ(Rows("SELECT s, l, m['k'], n FROM t"), R"([["a|b",[1,2],"v",null]])");
  Write("tsv/f", "a\tb\n");
  Create("tsv", "x string, y string",
         "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' "
         "WITH SERDEPROPERTIES ('field.delim'='\\t') "
         "STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat' "
         "OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'");
  EXPECT_EQ(Rows("SELECT * FROM tsv"), R"([["a","b"]])");
}

TEST_F(TextLakeTest, JsonAndQuotedCsv) {
  Write("j/f.json", "{\"id\":1,\"Tags\":[\"x\"],\"p\":{\"q\":2.5}}\n{\"id\":2}\n");
  Create("j", "id bigint, tags array<string>, p struct<q:double>", kHiveJson);
  EXPECT_EQ(Rows("SELECT id, tags, p.q FROM j ORDER BY id"), R"([[1,["x"],2.5],[2,null,null]])");
  Write("x/f.json", "{\"id\":\"1\",\"ts\":{\"a\":1}}\nbad\n");
  Create("x", "id bigint, t string",
         absl::StrCat(kOpenX,
                      " WITH SERDEPROPERTIES ('mapping.t'='ts','ignore.malformed.json'="
                      "'true')"));
  EXPECT_EQ(Rows("SELECT * FROM x ORDER BY id"), R"([[1,"{\"a\":1}"],[null,null]])");
  Write("q/f.csv", "\"a,b\",2\n\"say \"\"x\"\"\",3\n");
  Create("q", "s string, n int", kOpenCsv);
  EXPECT_EQ(Rows("SELECT * FROM q ORDER BY n"), R"([["a,b",2],["say \"x\"",3]])");
}

TEST_F(TextLakeTest, PartitionsArePrunedAndFiltersOfJoinsReachThem) {
  for (int day = 1; day <= 4; ++day) {
    Write(absl::StrCat("p/day=", day, "/f.csv"), absl::StrCat(day * 10, "\n", day * 10 + 1, "\n"));
  }
  Write("d/f.csv", "2\n");
  const std::string sql = absl::StrCat("CREATE EXTERNAL TABLE p (v int) PARTITIONED BY (day int) ",
                                       kCsv, " LOCATION 'file://", folder_, "/p/'");
  ASSERT_EQ(Rows(sql), "[]");
  Create("d", "day int", kCsv);
  EXPECT_EQ(Rows("SELECT * FROM p WHERE day = 3 ORDER BY v"), "[[30,3],[31,3]]");
  EXPECT_THAT(Rows("EXPLAIN SELECT * FROM p WHERE day > 2 AND v = 30"),
              AllOf(HasSubstr("2 files, 2 of 4 partitions pruned"), HasSubstr("pushed (exact)"),
                    HasSubstr("a text file is read as a whole"),
                    HasSubstr("delimited text (LazySimpleSerDe)")));
  EXPECT_EQ(Rows("SELECT sum(v) FROM p JOIN d ON p.day = d.day"), "[[41]]");
  EXPECT_THAT(Rows("EXPLAIN ANALYZE SELECT sum(v) FROM p JOIN d ON p.day = d.day"),
              HasSubstr("dynamic filters: day"));
  EXPECT_EQ(Rows("SELECT count(*) FROM p WHERE \"$path\" LIKE '%day=4/%'"), "[[2]]");
  EXPECT_EQ(Rows("SELECT count(*) FROM (SELECT * FROM p LIMIT 3)"), "[[3]]");
}

TEST_F(TextLakeTest, LargeFilesAreReadInRanges) {
  std::string bytes;
  constexpr int kRows = 2'000'000;
  for (int i = 0; i < kRows; ++i) {
    absl::StrAppend(&bytes, i,
                    ",some text that makes the file large enough to be cut into ranges\n");
  }
  Write("big/f.csv", bytes);
  Create("big", "id bigint, t string", kCsv);
  EXPECT_EQ(Rows("SELECT count(*), count(DISTINCT id), sum(id), min(length(t)), max(length(t)) "
                 "FROM big"),
            "[[2000000,2000000,1999999000000,64,64]]");
  EXPECT_EQ(Rows("SELECT count(*) FROM big"), "[[2000000]]");
  EXPECT_EQ(Rows("SELECT count(*) FROM (SELECT * FROM big LIMIT 10)"), "[[10]]");
}

TEST_F(TextLakeTest, ErrorsNameFileAndLine) {
  const auto error = [&](const std::string& sql, const std::string& code, const std::string& what) {
    const Answer answer = Run(sql);
    EXPECT_EQ(answer.error_code, code) << sql << " " << answer.error_message;
    EXPECT_THAT(answer.error_message, HasSubstr(what)) << sql;
  };
  Write("j/f.json", "{\"a\":1}\n[2]\n");
  Create("j", "a int", kHiveJson);
  error("SELECT * FROM j", "HIVE_CURSOR_ERROR",
        absl::StrCat("Error reading file://", folder_, "/j/f.json: line 2: "));
  Write("z/f.gz", Gzip(std::string(100'000, 'x')).substr(0, 60));
  Create("z", "a string", kCsv);
  error("SELECT * FROM z", "HIVE_BAD_DATA", "the gzip data ends too early: the file is truncated");
  Write("u/f.csv", "a\n\xFF\n");
  Create("u", "a string", kCsv);
  error("SELECT * FROM u", "HIVE_BAD_DATA",
        "line 2: column 'a': it holds text that is not UTF-8; convert the file, or set");
  Write("q/f.csv", "1\n\"\"\n");
  Create("q", "a int", kOpenCsv);
  error("SELECT a FROM q", "HIVE_BAD_DATA", "line 2: column 'a': Error parsing field value ''");
  EXPECT_EQ(Rows("SELECT count(*) FROM q"), "[[2]]");
  error(
      "CREATE EXTERNAL TABLE l (a string) ROW FORMAT DELIMITED LINES TERMINATED BY ';' LOCATION "
      "'file:///'",
      "PERMISSION_DENIED", "");
  // The next query works.
  Write("ok/f.csv", "1\n");
  Create("ok", "a int", kCsv);
  EXPECT_EQ(Rows("SELECT * FROM ok"), "[[1]]");
}

}  // namespace
}  // namespace pallas
