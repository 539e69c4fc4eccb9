#ifndef PALLAS_CONNECTORS_REDIS_TESTING_REDIS_TEST_H_
#define PALLAS_CONNECTORS_REDIS_TESTING_REDIS_TEST_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"
#include "gtest/gtest.h"

#include "connectors/redis/testing/redis_server.h"
#include "sdk/connector.h"

namespace pallas::redis {

// The server of this test program, started by the first that asks. Ends the program if there is
// none to be had.
RedisServer& TestServer();

// The settings of one table in the schema `s`, with its number among those of a catalog. `columns`
// are written `name type, name type`.
sdk::OptionList TableOptions(int number, const std::string& name, const std::string& columns,
                             const std::map<std::string, std::string>& keys);

// The rows of a batch as texts `a|b|c`, sorted; NULL is "NULL", bytes are hexadecimal.
std::vector<std::string> Rows(const arrow::RecordBatch& batch);

// A connector to the server of the test program, which is empty at first.
class RedisTest : public testing::Test {
 protected:
  void SetUp() override;

  // Makes connector() anew with one table `t` in the schema `s`, and more options.
  void Connect(const std::string& columns, const std::map<std::string, std::string>& keys,
               const sdk::OptionList& options = {});

  static void Run(const std::vector<std::string>& commands);

  sdk::Connector& connector() { return *connector_; }

  absl::StatusOr<sdk::Table> GetTable() { return connector_->GetTable(context_, {"s", "t"}); }

  // The rows of `t`, as Rows() writes them; the error if there is one.
  absl::StatusOr<std::vector<std::string>> Read(const sdk::Scan& scan);
  // All of them, of these columns or of all.
  absl::StatusOr<std::vector<std::string>> ReadColumns(const std::vector<std::string>& columns);
  absl::StatusOr<std::vector<std::string>> ReadAll();

  // A scan of these columns where `_key_` is one of `keys`.
  static sdk::Scan KeyScan(const std::vector<std::string>& columns,
                           const std::vector<std::string>& keys);

  sdk::RequestContext context_;

 private:
  std::unique_ptr<sdk::Connector> connector_;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_TESTING_REDIS_TEST_H_
