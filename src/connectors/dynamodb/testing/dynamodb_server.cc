#include "connectors/dynamodb/testing/dynamodb_server.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "base/check.h"
#include "base/status_macros.h"
#include "connectors/dynamodb/connector.h"

namespace pallas::dynamodb {
namespace {

constexpr char kScript[] = "tools/servers/dynamodb";
constexpr size_t kItemsPerBatch = 25;
// The server takes any signature, but wants to see one.
constexpr char kAuthorization[] =
    "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=00";

// Runs the script; what it prints.
absl::StatusOr<std::string> Run(std::string_view command, const std::string& folder) {
  const std::string line = absl::StrCat(kScript, " ", command, " ", folder);
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(line.c_str(), "r"), pclose);
  if (pipe == nullptr) {
    return absl::InternalError(absl::StrCat("cannot run ", line));
  }
  std::string output;
  char buffer[256];
  while (const size_t size = fread(buffer, 1, sizeof(buffer), pipe.get())) {
    output.append(buffer, size);
  }
  if (pclose(pipe.release()) != 0) {
    return absl::UnavailableError(absl::StrCat(line, " has failed"));
  }
  absl::StripTrailingAsciiWhitespace(&output);
  return output;
}

absl::StatusOr<net::HttpResponse> Post(net::HttpClient& http, const std::string& endpoint,
                                       std::string_view operation, std::string_view body) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = absl::StrCat(endpoint, "/");
  request.headers = {{"Content-Type", "application/x-amz-json-1.0"},
                     {"X-Amz-Target", absl::StrCat("DynamoDB_20120810.", operation)},
                     {"Authorization", kAuthorization}};
  request.body = body;
  return http.Send(request, Cancellation(), absl::InfiniteFuture());
}

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::Connector>> MakeConnector(
    sdk::OptionList options, const sdk::ConnectorEnvironment& environment) {
  sdk::ConnectorRegistry registry;
  registry.Register(kConnectorKind, &MakeDynamoDbConnector);
  return registry.Make(sdk::ConnectorOptions("dynamo", kConnectorKind, std::move(options)),
                       environment);
}

absl::StatusOr<std::unique_ptr<DynamoDbServer>> DynamoDbServer::Start() {
  std::signal(SIGPIPE, SIG_IGN);
  std::string folder = "/tmp/pallas-dynamodb-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    return absl::InternalError("cannot make a temporary folder");
  }
  std::unique_ptr<DynamoDbServer> server(new DynamoDbServer(std::move(folder)));
  ASSIGN_OR_RETURN(const std::string address, Run("start", server->folder_));
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &server->port_)) {
    return absl::InternalError(absl::StrCat("no address: ", address));
  }
  ASSIGN_OR_RETURN(server->http_, net::HttpClient::Make({}));
  return server;
}

DynamoDbServer::~DynamoDbServer() {
  Kill().IgnoreError();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

absl::Status DynamoDbServer::Kill() { return Run("kill", folder_).status(); }

std::string DynamoDbServer::endpoint() const { return absl::StrCat("http://127.0.0.1:", port_); }

absl::StatusOr<std::string> DynamoDbServer::Call(std::string_view operation,
                                                 std::string_view body) {
  ASSIGN_OR_RETURN(net::HttpResponse response, Post(*http_, endpoint(), operation, body));
  if (response.status != 200) {
    return absl::InvalidArgumentError(absl::StrCat(operation, ": ", response.body));
  }
  return std::move(response.body);
}

absl::Status DynamoDbServer::CreateTable(std::string_view name, std::string_view keys,
                                         std::string_view more_attributes, std::string_view more) {
  std::vector<std::string> schema;
  std::vector<std::string> attributes;
  for (const std::string_view part : {keys, more_attributes}) {
    for (const std::string_view key : absl::StrSplit(part, ", ", absl::SkipEmpty())) {
      const std::vector<std::string> words = absl::StrSplit(key, ' ');
      attributes.push_back(absl::StrCat(R"({"AttributeName":")", words[0], R"(","AttributeType":")",
                                        words[1], "\"}"));
      if (part == keys) {
        schema.push_back(absl::StrCat(R"({"AttributeName":")", words[0], R"(","KeyType":")",
                                      schema.empty() ? "HASH" : "RANGE", "\"}"));
      }
    }
  }
  return Call("CreateTable",
              absl::StrCat(R"({"TableName":")", name, R"(","KeySchema":[)",
                           absl::StrJoin(schema, ","), R"(],"AttributeDefinitions":[)",
                           absl::StrJoin(attributes, ","), R"(],"BillingMode":"PAY_PER_REQUEST")",
                           more, "}"))
      .status();
}

absl::Status DynamoDbServer::Put(std::string_view table, const std::vector<std::string>& items) {
  for (size_t begin = 0; begin < items.size(); begin += kItemsPerBatch) {
    std::vector<std::string> requests;
    for (size_t i = begin; i < std::min(items.size(), begin + kItemsPerBatch); ++i) {
      requests.push_back(absl::StrCat(R"({"PutRequest":{"Item":)", items[i], "}}"));
    }
    RETURN_IF_ERROR(Call("BatchWriteItem", absl::StrCat(R"({"RequestItems":{")", table, "\":[",
                                                        absl::StrJoin(requests, ","), "]}}"))
                        .status());
  }
  return absl::OkStatus();
}

sdk::OptionList DynamoDbServer::Options() const {
  return {{"endpoint", endpoint()}, {"access_key", kAccessKey}, {"secret_key", kSecretKey}};
}

DynamoDbServer& TestServer() {
  static const std::unique_ptr<DynamoDbServer> server_of_program = [] {
    auto server = DynamoDbServer::Start();
    if (!server.ok()) {
      std::fprintf(stderr, "%s\n", server.status().ToString().c_str());
    }
    CHECK(server.ok());
    return *std::move(server);
  }();
  return *server_of_program;
}

RecordingProxy::RecordingProxy(std::string endpoint, Intercept intercept)
    : endpoint_(std::move(endpoint)),
      intercept_(std::move(intercept)),
      http_(*net::HttpClient::Make({})),
      server_([this](const std::string& request) { return Answer(request); }) {}

std::vector<RecordedRequest> RecordingProxy::TakeRequests() {
  const std::lock_guard lock(mutex_);
  return std::exchange(requests_, {});
}

std::string RecordingProxy::Answer(const std::string& request) {
  constexpr std::string_view kTarget = "DynamoDB_20120810.";
  constexpr std::string_view kEndOfHead = "\r\n\r\n";
  RecordedRequest recorded;
  if (const size_t at = request.find(kTarget); at != std::string::npos) {
    const size_t begin = at + kTarget.size();
    recorded.operation = request.substr(begin, request.find('\r', begin) - begin);
  }
  recorded.body = request.substr(request.find(kEndOfHead) + kEndOfHead.size());
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(recorded);
  }
  if (intercept_ != nullptr) {
    if (std::optional<std::string> answer = intercept_(recorded)) {
      return *std::move(answer);
    }
  }
  const auto response = Post(*http_, endpoint_, recorded.operation, recorded.body);
  return response.ok() ? HttpAnswer(response->status, response->body) : "";
}

std::string HttpAnswer(int status, std::string_view body) {
  return absl::StrCat("HTTP/1.1 ", status,
                      " X\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: R1\r\n"
                      "Content-Length: ",
                      body.size(), "\r\n\r\n", body);
}

std::string ErrorAnswer(int status, std::string_view type, std::string_view message) {
  return HttpAnswer(status, absl::StrCat(R"({"__type":"com.amazonaws.dynamodb.v20120810#)", type,
                                         R"(","message":")", message, "\"}"));
}

}  // namespace pallas::dynamodb
