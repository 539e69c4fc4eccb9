#include "cli/demo/dynamodb_server.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/demo/programs.h"

#include "base/status_macros.h"
#include "net/http_client.h"

namespace pallas::cli {
namespace {

constexpr absl::Duration kPingTimeout = absl::Seconds(5);

std::string Endpoint(int port) { return absl::StrCat("http://127.0.0.1:", port); }

}  // namespace

DynamoDbServer::DynamoDbServer(std::string folder)
    : LocalServer("DynamoDB Local", std::move(folder)) {}

std::string DynamoDbServer::endpoint() const { return Endpoint(port()); }

absl::Status DynamoDbServer::Prepare(const sdk::RequestContext& /*context*/) {
  return absl::OkStatus();
}

absl::StatusOr<LocalServer::Program> DynamoDbServer::MakeProgram(int port) {
  ASSIGN_OR_RETURN(const std::string libraries, FindProgram(kDynamoDbLocal));
  Program program;
  ASSIGN_OR_RETURN(program.path, FindProgram(kJava));
  program.arguments = {"-XX:+UseSerialGC",
                       "-Xmx1g",
                       "-Dfile.encoding=UTF-8",
                       absl::StrCat("-Djava.io.tmpdir=", folder()),
                       absl::StrCat("-Djava.library.path=", libraries),
                       "-cp",
                       absl::StrCat(libraries, "/*"),
                       "com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
                       "-disableTelemetry",
                       "-sharedDb",
                       "-inMemory",
                       "-port",
                       absl::StrCat(port)};
  return program;
}

absl::Status DynamoDbServer::Ping(const sdk::RequestContext& context, int port) {
  net::HttpClientOptions options;
  options.idle_timeout = kPingTimeout;
  ASSIGN_OR_RETURN(const std::unique_ptr<net::HttpClient> client,
                   net::HttpClient::Make(std::move(options)));
  net::HttpRequest request;
  request.url = Endpoint(port);
  // It refuses a request without a signature, but that is an answer.
  return client->Send(request, context.cancellation, context.deadline).status();
}

}  // namespace pallas::cli
