#ifndef PALLAS_CONNECTORS_MYSQL_TESTING_MYSQL_TEST_H_
#define PALLAS_CONNECTORS_MYSQL_TESTING_MYSQL_TEST_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"
#include "gtest/gtest.h"

#include "connectors/mysql/testing/test_server.h"
#include "sdk/connector.h"

namespace pallas::mysql {

// A connector to the server of the test program, and the database `scan` to make tables in.
class MySqlTest : public testing::Test {
 protected:
  void SetUp() override { Connect({}); }

  // Makes connector() anew with other options.
  void Connect(const std::map<std::string, std::string>& options);

  // Runs statements as root in the database `scan`, leniently.
  static void Execute(std::string_view sql);

  sdk::Connector& connector() { return *connector_; }

  absl::StatusOr<sdk::Table> GetTable(const std::string& name);

  // All columns of the server's.
  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Read(const std::string& name);
  static sdk::Scan FullScan(const sdk::Table& table);

  sdk::RequestContext context_;

 private:
  std::unique_ptr<sdk::Connector> connector_;
};

// A column as texts: "NULL", hexadecimal digits for bytes.
std::vector<std::string> ColumnTexts(const arrow::RecordBatch& batch, int column);

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_TESTING_MYSQL_TEST_H_
