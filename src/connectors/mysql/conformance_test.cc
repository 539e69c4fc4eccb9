#include <map>
#include <memory>
#include <string>

#include "gtest/gtest.h"

#include "connectors/mysql/testing/test_server.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::mysql {
namespace {

using sdk::ConnectorConformance;

// Rows of many types with NULLs; among the texts are those that a collation takes for equal, and
// among the dates those that are NULL for us.
constexpr char kTables[] = R"(
SET SESSION sql_mode = '';
CREATE OR REPLACE DATABASE conformance CHARACTER SET utf8mb4;
USE conformance;
CREATE TABLE data (
  id INT PRIMARY KEY, tiny TINYINT UNSIGNED, big BIGINT, ubig BIGINT UNSIGNED, flag BOOL,
  bit1 BIT(1), bits BIT(20), price DECIMAL(15,2), ratio FLOAT, score DOUBLE,
  day DATE, moment DATETIME(3), stamp TIMESTAMP(6) NULL, made YEAR, clock TIME(2),
  name VARCHAR(30), code CHAR(5), latin VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_general_ci,
  bin VARBINARY(10), fixed BINARY(3), kind ENUM('a','B','c'), huge DECIMAL(65,30));
INSERT INTO data
SELECT seq,
  IF(seq % 7 = 0, NULL, seq), IF(seq % 11 = 0, NULL, (seq - 100) * 90071992547409919),
  IF(seq % 13 = 0, NULL, 18446744073709551615 - seq % 40), IF(seq % 5 = 0, NULL, seq % 3),
  IF(seq % 5 = 1, NULL, seq % 2), IF(seq % 6 = 1, NULL, seq * 5000),
  IF(seq % 8 = 0, NULL, (seq - 100) * 1.37), IF(seq % 9 = 0, NULL, (seq - 100) / 7),
  IF(seq % 10 = 0, NULL, (seq - 100) * PI() * POW(10, seq % 30)),
  CASE WHEN seq % 12 = 0 THEN NULL WHEN seq % 12 = 1 THEN '0000-00-00'
       WHEN seq % 12 = 2 THEN '2020-00-00' ELSE '2020-01-01' + INTERVAL seq DAY END,
  CASE WHEN seq % 14 = 0 THEN NULL WHEN seq % 14 = 1 THEN '0000-00-00'
       ELSE '2020-01-01' + INTERVAL seq * 1234567891 MICROSECOND END,
  CASE WHEN seq % 15 = 0 THEN NULL WHEN seq % 15 = 1 THEN '0000-00-00'
       ELSE '2020-01-01' + INTERVAL seq * 1234567891 MICROSECOND END,
  IF(seq % 6 = 0, NULL, IF(seq % 6 = 1, 0, 1960 + seq)),
  IF(seq % 4 = 0, NULL, SEC_TO_TIME(seq * 1000.25 - 100000)),
  ELT(seq % 12, 'abc', 'ABC', 'abc  ', 'abd', 'Zoe', 'zoë', 'é', '', ' ', 'it''s', '🙂 %_\\'),
  ELT(seq % 7, 'x', 'X', 'xy', 'Xy ', '', 'é'), ELT(seq % 6, 'straße', 'STRASSE', 'Ä', 'a', 'A '),
  IF(seq % 9 = 0, NULL, SUBSTR(UNHEX('00FF41610020'), 1 + seq % 5, seq % 4)),
  IF(seq % 9 = 1, NULL, CHAR(seq % 5, 0)), ELT(seq % 4, 'a', 'B', 'c'),
  IF(seq % 3 = 0, NULL, (seq - 100) / 3)
FROM (SELECT CAST(seq AS SIGNED) AS seq FROM seq_1_to_200) AS numbers;
CREATE TABLE empty LIKE data;
CREATE VIEW slow AS SELECT seq AS id, SLEEP(1) AS slept FROM seq_1_to_1000;
CREATE TABLE parted (id INT NOT NULL, name VARCHAR(20)) PARTITION BY RANGE (id)
  (PARTITION p0 VALUES LESS THAN (50), PARTITION `select` VALUES LESS THAN (120),
   PARTITION p2 VALUES LESS THAN MAXVALUE);
INSERT INTO parted SELECT seq, IF(seq % 7 = 0, NULL, CONCAT('n', seq % 40)) FROM seq_1_to_300;
CREATE TABLE `none here` LIKE parted;
)";

std::shared_ptr<sdk::ConformanceSubject> MakeSubject(
    const std::string& data, const std::string& empty,
    const std::map<std::string, std::string>& options) {
  static const bool kFilled = [] {
    const absl::Status status = TestServer().Execute(kTables);
    EXPECT_TRUE(status.ok()) << status;
    return status.ok();
  }();
  if (!kFilled) {
    return nullptr;
  }
  auto subject = std::make_shared<sdk::ConformanceSubject>();
  auto connector = TestServer().MakeConnector(options);
  EXPECT_TRUE(connector.ok()) << connector.status();
  subject->connector = *std::move(connector);
  subject->data = {"conformance", data};
  subject->empty = {"conformance", empty};
  subject->slow = {"conformance", "slow"};
  subject->secrets = {MariaDbServer::kPassword};
  return subject;
}

INSTANTIATE_TEST_SUITE_P(MySql, ConnectorConformance,
                         testing::Values([] { return MakeSubject("data", "empty", {}); }));
INSTANTIATE_TEST_SUITE_P(MySqlKeyRanges, ConnectorConformance, testing::Values([] {
                           return MakeSubject("data", "empty",
                                              {{"splits", "4"}, {"split_rows", "1"}});
                         }));
INSTANTIATE_TEST_SUITE_P(MySqlPartitions, ConnectorConformance,
                         testing::Values([] { return MakeSubject("parted", "none here", {}); }));

}  // namespace
}  // namespace pallas::mysql
