#ifndef PALLAS_CONNECTORS_DYNAMODB_TESTING_DYNAMODB_SERVER_H_
#define PALLAS_CONNECTORS_DYNAMODB_TESTING_DYNAMODB_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "net/http_client.h"
#include "net/testing/test_server.h"
#include "sdk/connector.h"
#include "sdk/runtime/connector_options.h"
#include "sdk/runtime/connector_registry.h"

namespace pallas::dynamodb {

// A connector with these options, over `environment`.
absl::StatusOr<std::unique_ptr<sdk::Connector>> MakeConnector(
    sdk::OptionList options, const sdk::ConnectorEnvironment& environment = {});

// A DynamoDB Local of the test's own, empty, ended with it.
class DynamoDbServer {
 public:
  static constexpr char kAccessKey[] = "local";
  static constexpr char kSecretKey[] = "not-to-be-shown";

  static absl::StatusOr<std::unique_ptr<DynamoDbServer>> Start();
  ~DynamoDbServer();
  DynamoDbServer(const DynamoDbServer&) = delete;
  DynamoDbServer& operator=(const DynamoDbServer&) = delete;

  std::string endpoint() const;

  // Sends an operation as it stands; its answer.
  absl::StatusOr<std::string> Call(std::string_view operation, std::string_view body);

  // `keys` as "id N" or "id S, at N": the hash key, and the range key. `more` are further members
  // of CreateTable, with a leading comma; attributes of indexes are described as "name type" too.
  absl::Status CreateTable(std::string_view name, std::string_view keys,
                           std::string_view more_attributes = "", std::string_view more = "");
  // Items as JSON objects.
  absl::Status Put(std::string_view table, const std::vector<std::string>& items);

  // The options of a catalog of this server, to which others may be added.
  sdk::OptionList Options() const;

  absl::Status Kill();

 private:
  explicit DynamoDbServer(std::string folder) : folder_(std::move(folder)) {}

  const std::string folder_;
  int port_ = 0;
  std::unique_ptr<net::HttpClient> http_;
};

// The server of this test program, started by the first that asks.
DynamoDbServer& TestServer();

struct RecordedRequest {
  std::string operation;  // "Query"
  std::string body;
};

// Stands between a connector and a server: remembers the requests, and may answer in the server's
// stead.
class RecordingProxy {
 public:
  // What is answered instead; nullopt: the server is asked. Any thread.
  using Intercept = std::function<std::optional<std::string>(const RecordedRequest& request)>;

  explicit RecordingProxy(std::string endpoint, Intercept intercept = nullptr);

  std::string endpoint() const { return server_.url(); }

  // Those since the last call.
  std::vector<RecordedRequest> TakeRequests();

 private:
  std::string Answer(const std::string& request);

  const std::string endpoint_;
  const Intercept intercept_;
  std::unique_ptr<net::HttpClient> http_;
  std::mutex mutex_;
  std::vector<RecordedRequest> requests_;  // under mutex_
  net::TestServer server_;                 // last: it calls the others
};

// An answer of the service.
std::string HttpAnswer(int status, std::string_view body);
// An error of the service: {"__type": "...#type", "message": ...}.
std::string ErrorAnswer(int status, std::string_view type, std::string_view message);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_TESTING_DYNAMODB_SERVER_H_
