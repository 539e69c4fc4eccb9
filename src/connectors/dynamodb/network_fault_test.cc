// The suite of faults over DynamoDB Local behind a proxy.
#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

#include "base/status_macros.h"
#include "connectors/dynamodb/testing/dynamodb_server.h"
#include "net/testing/test_server.h"
#include "sdk/testing/fault_suite.h"

namespace pallas::dynamodb {
namespace {

using sdk::ConnectorFaults;
using sdk::FaultSubject;

constexpr int kLargeItems = 2000;
constexpr size_t kLargeBytes = 700;
// A broken request is sent again after a moment: so many are enough for each operation.
constexpr int64_t kMaxBreaks = 60;
constexpr int kThrottledRequests = 3;

// Between a connector and the server: the proxy that breaks connections, then one that may answer
// that the service is asked too much.
class FaultServer {
 public:
  static absl::StatusOr<std::unique_ptr<FaultServer>> Start() {
    std::unique_ptr<FaultServer> result(new FaultServer());
    ASSIGN_OR_RETURN(std::unique_ptr<net::FaultProxy> proxy, net::FaultProxy::Start(1));
    result->proxy_ = std::move(proxy);
    RETURN_IF_ERROR(result->Restart());
    return result;
  }

  const std::shared_ptr<net::FaultProxy>& proxy() const { return proxy_; }

  sdk::MakeConnector Connector() const {
    return [options = Options(absl::StrCat("http://127.0.0.1:", proxy_->port()))] {
      return MakeConnector(options);
    };
  }

  static sdk::OptionList Options(const std::string& endpoint) {
    return {{"endpoint", endpoint},
            {"access_key", DynamoDbServer::kAccessKey},
            {"secret_key", DynamoDbServer::kSecretKey}};
  }

  absl::Status Kill() {
    recorder_.reset();
    return server_->Kill();
  }

  // It keeps nothing, and may get another port.
  absl::Status Restart() {
    ASSIGN_OR_RETURN(server_, DynamoDbServer::Start());
    RETURN_IF_ERROR(Fill());
    recorder_ = std::make_unique<RecordingProxy>(
        server_->endpoint(), [this](const RecordedRequest&) -> std::optional<std::string> {
          if (throttled_.fetch_sub(1) > 0) {
            return ErrorAnswer(400, "ProvisionedThroughputExceededException", "slow down");
          }
          throttled_ = 0;
          return std::nullopt;
        });
    const std::string endpoint = recorder_->endpoint();
    proxy_->SetTarget(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
    return absl::OkStatus();
  }

  void Throttle(int num_requests) { throttled_ = num_requests; }

 private:
  FaultServer() = default;

  absl::Status Fill() {
    for (const char* const table : {"small", "large"}) {
      RETURN_IF_ERROR(server_->CreateTable(table, "id N"));
    }
    std::vector<std::string> items;
    items.reserve(kLargeItems);
    for (int i = 0; i < 3; ++i) {
      items.push_back(absl::StrCat(R"({"id":{"N":")", i, R"("},"name":{"S":"n)", i, "\"}}"));
    }
    RETURN_IF_ERROR(server_->Put("small", items));
    items.clear();
    for (int i = 0; i < kLargeItems; ++i) {
      items.push_back(absl::StrCat(R"({"id":{"N":")", i, R"("},"text":{"S":")",
                                   std::string(kLargeBytes, static_cast<char>('a' + i % 26)),
                                   "\"}}"));
    }
    return server_->Put("large", items);
  }

  std::atomic<int> throttled_ = 0;
  std::unique_ptr<DynamoDbServer> server_;
  std::unique_ptr<RecordingProxy> recorder_;
  std::shared_ptr<net::FaultProxy> proxy_;
};

FaultServer* TheServer() {
  static const std::unique_ptr<FaultServer> server_of_program = [] {
    auto server = FaultServer::Start();
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }();
  return server_of_program.get();
}

// A service that answers everything with one error, and a connector to it.
sdk::Refusal Refuses(const std::string& name, const std::string& type, int http_status,
                     absl::StatusCode code) {
  const auto service = std::make_shared<net::TestServer>(
      [=](const std::string&) { return ErrorAnswer(http_status, type, "no"); });
  return {name, [service] { return MakeConnector(FaultServer::Options(service->url())); }, code};
}

// A service with a certificate of its own, which the connector trusts only with `ca`.
std::vector<sdk::Refusal> TlsRefusals() {
  const auto certificate = std::make_shared<net::TestCertificate>();
  const auto service = std::shared_ptr<net::TestServer>(
      new net::TestServer([](const std::string&) { return HttpAnswer(200, "{}"); },
                          certificate->context()),
      [certificate](net::TestServer* server) { delete server; });
  sdk::OptionList wrong_name =
      FaultServer::Options(absl::StrCat("https://localhost:", service->port()));
  wrong_name.emplace_back("ca_file", certificate->file());
  return {{"an unknown authority",
           [service] { return MakeConnector(FaultServer::Options(service->url("https"))); }},
          {"a certificate for another name",
           [service, wrong_name] { return MakeConnector(wrong_name); }}};
}

std::shared_ptr<FaultSubject> MakeSubject() {
  FaultServer* const server = TheServer();
  if (server == nullptr) {
    return nullptr;
  }
  auto subject = std::make_shared<FaultSubject>();
  subject->connect = server->Connector();
  subject->proxy = server->proxy();
  subject->small = {"default", "small"};
  subject->large = {"default", "large"};
  subject->source_name = "DynamoDB";
  subject->secrets = {DynamoDbServer::kSecretKey};
  subject->max_breaks = kMaxBreaks;
  subject->kill = [server] { return server->Kill(); };
  subject->restart = [server] { return server->Restart(); };
  subject->throttle = [server](bool on) {
    server->Throttle(on ? kThrottledRequests : 0);
    return absl::OkStatus();
  };
  subject->refusals = TlsRefusals();
  const auto refuses = [&](const std::string& name, const std::string& type, int http_status = 400,
                           absl::StatusCode code = absl::StatusCode::kUnauthenticated) {
    subject->refusals.push_back(Refuses(name, type, http_status, code));
  };
  refuses("an unknown access key", "UnrecognizedClientException");
  refuses("a wrong secret key", "InvalidSignatureException");
  refuses("expired credentials", "ExpiredTokenException");
  refuses("no right to read", "AccessDeniedException", 400, absl::StatusCode::kPermissionDenied);
  return subject;
}

INSTANTIATE_TEST_SUITE_P(DynamoDb, ConnectorFaults, testing::Values(&MakeSubject));

}  // namespace
}  // namespace pallas::dynamodb
