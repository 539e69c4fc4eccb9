#include "federation/remote_catalog.h"

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/type.h"

#include "aws/credentials.h"
#include "base/error_detail.h"
#include "base/status_macros.h"
#include "federation/lambda_client.h"
#include "federation/remote_connector.h"
#include "federation/remote_function.h"
#include "net/http_client.h"
#include "sdk/function/wire_batch.h"
#include "sdk/secrets/secret_resolver.h"
#include "storage/locations.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace pallas::federation {
namespace {

constexpr char kDefaultRegion[] = "us-east-1";
// A function may work for as long as Lambda lets it before a byte of its answer comes.
constexpr absl::Duration kFunctionTimeout = absl::Seconds(900 + 60);
// A response of Lambda has at most 6 MB, but an endpoint of our own may allow more.
constexpr size_t kMaxResponseBytes = 64 * kMiB;
constexpr int64_t kMaxBlockBytes = 1'000'000'000;

struct RemoteCatalogOptions {
  RemoteOptions remote;
  LambdaClientOptions lambda;
  std::string spill_endpoint;
  std::string access_key;
  std::string secret_key;
  std::string session_token;
  std::string profile;
  std::string ca_file;
};

// Keys behind references, looked up when they are needed.
class ReferencedKeys final : public aws::CredentialsProvider {
 public:
  ReferencedKeys(RemoteCatalogOptions options, sdk::SecretResolver* secrets)
      : options_(std::move(options)), secrets_(secrets) {}

  absl::StatusOr<aws::Credentials> Get(const Cancellation& /*cancellation*/,
                                       absl::Time /*deadline*/) override {
    aws::Credentials keys;
    ASSIGN_OR_RETURN(keys.access_key_id, sdk::ResolveSecrets(options_.access_key, secrets_));
    ASSIGN_OR_RETURN(keys.secret_access_key, sdk::ResolveSecrets(options_.secret_key, secrets_));
    ASSIGN_OR_RETURN(keys.session_token, sdk::ResolveSecrets(options_.session_token, secrets_));
    return keys;
  }

 private:
  const RemoteCatalogOptions options_;
  sdk::SecretResolver* const secrets_;
};

class OptionReader {
 public:
  // `section` is where the options stand, for errors.
  OptionReader(std::string section, const sdk::ConnectorOptions& options)
      : section_(std::move(section)), options_(options) {}

  absl::StatusOr<RemoteCatalogOptions> Read() const {
    RemoteOptions functions;
    RETURN_IF_ERROR(ReadFunctions(functions));
    ASSIGN_OR_RETURN(RemoteCatalogOptions result, ReadService(functions.record_function));
    result.remote.metadata_function = std::move(functions.metadata_function);
    result.remote.record_function = std::move(functions.record_function);
    return result;
  }

  // All but the functions. `function`, which may be empty, can tell the region.
  absl::StatusOr<RemoteCatalogOptions> ReadService(const std::string& function) const {
    RemoteCatalogOptions result;
    RETURN_IF_ERROR(ReadEndpoint(function, result));
    RETURN_IF_ERROR(ReadSpill(result));
    RETURN_IF_ERROR(ReadSize("max_block_size", result.remote.max_block_bytes));
    RETURN_IF_ERROR(ReadSize("max_inline_block_size", result.remote.max_inline_block_bytes));
    return result;
  }

 private:
  absl::Status Bad(std::string_view key, std::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(section_, ".", key, " ", what));
  }

  absl::StatusOr<std::string> Text(std::string_view key) const {
    ASSIGN_OR_RETURN(std::optional<std::string> text, options_.GetString({key}));
    return std::move(text).value_or("");
  }

  absl::Status ReadFunctions(RemoteOptions& remote) const {
    ASSIGN_OR_RETURN(const std::string both, Text("lambda"));
    ASSIGN_OR_RETURN(remote.metadata_function, Text("metadata_lambda"));
    ASSIGN_OR_RETURN(remote.record_function, Text("record_lambda"));
    if (!both.empty()) {
      if (!remote.metadata_function.empty() || !remote.record_function.empty()) {
        return Bad("lambda",
                   "stands for both functions; leave metadata_lambda and record_lambda out");
      }
      remote.metadata_function = remote.record_function = both;
    } else if (remote.metadata_function.empty() || remote.record_function.empty()) {
      return Bad("lambda", "is missing; name a function, or metadata_lambda and record_lambda");
    }
    return absl::OkStatus();
  }

  absl::Status ReadEndpoint(const std::string& function, RemoteCatalogOptions& result) const {
    ASSIGN_OR_RETURN(result.lambda.region, Text("region"));
    ASSIGN_OR_RETURN(result.lambda.endpoint, Text("endpoint"));
    ASSIGN_OR_RETURN(result.access_key, Text("access_key"));
    ASSIGN_OR_RETURN(result.secret_key, Text("secret_key"));
    ASSIGN_OR_RETURN(result.session_token, Text("session_token"));
    ASSIGN_OR_RETURN(result.profile, Text("profile"));
    ASSIGN_OR_RETURN(result.ca_file, Text("ca_file"));
    if (result.access_key.empty() != result.secret_key.empty()) {
      return Bad(result.access_key.empty() ? "access_key" : "secret_key",
                 "is missing; access_key and secret_key go together");
    }
    if (!result.profile.empty() && !result.access_key.empty()) {
      return Bad("profile", "and access_key are both set; set one of them");
    }
    if (result.lambda.region.empty()) {
      result.lambda.region = DefaultRegion(function);
    }
    return CheckUrl("endpoint", result.lambda.endpoint);
  }

  // That of the function's ARN, else of the environment.
  static std::string DefaultRegion(const std::string& function) {
    constexpr size_t kRegionOfArn = 3;
    const std::vector<std::string> parts = absl::StrSplit(function, ':');
    if (parts[0] == "arn" && parts.size() > kRegionOfArn) {
      return parts[kRegionOfArn];
    }
    for (const char* const variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
      // Catalogs are made while the process has one thread.
      if (const char* const region = std::getenv(variable); region != nullptr && *region != '\0') {
        return region;
      }
    }
    return kDefaultRegion;
  }

  absl::Status CheckUrl(std::string_view key, const std::string& url) const {
    if (!url.empty() && !absl::StartsWith(url, "http://") && !absl::StartsWith(url, "https://")) {
      return Bad(key, "must be a URL that starts with http:// or https://");
    }
    return absl::OkStatus();
  }

  // Recent connectors spill to where a request says.
  absl::Status ReadSpill(RemoteCatalogOptions& result) const {
    ASSIGN_OR_RETURN(const std::string location, Text("spill_location"));
    ASSIGN_OR_RETURN(result.spill_endpoint, Text("spill_endpoint"));
    if (!location.empty()) {
      std::string_view rest = location;
      if (!absl::ConsumePrefix(&rest, "s3://") || rest.empty() || rest[0] == '/') {
        return Bad("spill_location", "must be s3://<bucket>/<prefix>");
      }
      const std::vector<std::string> parts =
          absl::StrSplit(absl::StripSuffix(rest, "/"), absl::MaxSplits('/', 1));
      result.remote.config_options["spill_bucket"] = parts[0];
      if (parts.size() > 1) {
        result.remote.config_options["spill_prefix"] = parts[1];
      }
    }
    return CheckUrl("spill_endpoint", result.spill_endpoint);
  }

  absl::Status ReadSize(std::string_view key, int64_t& bytes) const {
    ASSIGN_OR_RETURN(const std::optional<int64_t> size, options_.GetInt({key}, 0, kMaxBlockBytes));
    bytes = size.value_or(bytes);
    return absl::OkStatus();
  }

  const std::string section_;
  const sdk::ConnectorOptions& options_;
};

constexpr char kLambdaSection[] = "lambda";

// The settings of [lambda], which name no function.
absl::StatusOr<RemoteCatalogOptions> ReadLambdaSection(const sdk::OptionList& settings) {
  const sdk::ConnectorOptions options(kLambdaSection, kRemoteConnectorKind, settings);
  ASSIGN_OR_RETURN(RemoteCatalogOptions result,
                   OptionReader(kLambdaSection, options).ReadService(""));
  if (const std::vector<std::string> unread = options.UnreadKeys(); !unread.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown key ", kLambdaSection, ".", unread[0],
                     "; known are those of a catalog with `lambda`, but for the function"));
  }
  return result;
}

std::shared_ptr<aws::CredentialsProvider> CredentialsOf(const RemoteCatalogOptions& options,
                                                        const sdk::ConnectorEnvironment& env) {
  if (!options.access_key.empty()) {
    return aws::CachedCredentials(std::make_shared<ReferencedKeys>(options, env.secrets),
                                  *env.clock);
  }
  return options.profile.empty() ? aws::DefaultCredentials()
                                 : aws::ProfileCredentials(options.profile);
}

// A client with the connections it uses.
class OwnLambdaClient final : public LambdaInvoker {
 public:
  static absl::StatusOr<std::shared_ptr<OwnLambdaClient>> Make(
      const RemoteCatalogOptions& options, std::shared_ptr<aws::CredentialsProvider> credentials,
      Clock& clock) {
    net::HttpClientOptions http;
    http.idle_timeout = kFunctionTimeout;
    http.max_body_bytes = kMaxResponseBytes;
    http.tls.ca_file = options.ca_file;
    auto result = std::make_shared<OwnLambdaClient>();
    ASSIGN_OR_RETURN(result->http_, net::HttpClient::Make(std::move(http)));
    ASSIGN_OR_RETURN(result->client_, LambdaClient::Make(options.lambda, *result->http_,
                                                         std::move(credentials), clock));
    return result;
  }

  absl::StatusOr<sdk::protocol::Invocation> Invoke(const sdk::RequestContext& context,
                                                   const std::string& function,
                                                   const std::string& payload) override {
    return client_->Invoke(context, function, payload);
  }

 private:
  std::unique_ptr<net::HttpClient> http_;
  std::unique_ptr<LambdaClient> client_;
};

// Every bucket, at the service where the connector spills.
absl::StatusOr<SpillStores> MakeSpillStores(const sdk::ConnectorOptions& catalog,
                                            const RemoteCatalogOptions& options,
                                            std::shared_ptr<aws::CredentialsProvider> credentials) {
  storage::S3Service service;
  service.name = absl::StrCat("the spill of catalog ", catalog.catalog());
  service.buckets = {"*"};
  service.options.endpoint = options.spill_endpoint;
  service.options.region = options.lambda.region;
  service.ca_file = options.ca_file;
  service.credentials = std::move(credentials);
  storage::LocationOptions locations;
  locations.s3.push_back(std::move(service));
  ASSIGN_OR_RETURN(std::shared_ptr<storage::Locations> stores,
                   storage::Locations::Make(std::move(locations)));
  return [stores](const std::string& bucket) -> absl::StatusOr<storage::ObjectStore*> {
    ASSIGN_OR_RETURN(const storage::Place place, stores->Find(absl::StrCat("s3://", bucket, "/")));
    return place.store;
  };
}

class ConfiguredLambdaSources final : public LambdaSources {
 public:
  ConfiguredLambdaSources(sdk::OptionList settings, const sdk::ConnectorEnvironment& environment)
      : settings_(std::move(settings)), environment_(environment) {}

  absl::StatusOr<std::shared_ptr<const Source>> Open(const std::string& catalog,
                                                     const std::string& function) override {
    sdk::OptionList options = settings_;
    options.emplace_back("lambda", function);
    ASSIGN_OR_RETURN(
        std::unique_ptr<sdk::Connector> connector,
        MakeRemoteCatalog({catalog, kRemoteConnectorKind, std::move(options)}, environment_));
    return std::make_shared<const Source>(catalog, std::move(connector), SourceOptions(),
                                          *environment_.clock);
  }

 private:
  const sdk::OptionList settings_;
  const sdk::ConnectorEnvironment environment_;
};

// Milliseconds of the wall clock, which the wire has, as the microseconds that scans have.
absl::StatusOr<std::shared_ptr<arrow::Array>> ToMicroseconds(
    const arrow::Date64Array& millis, const std::shared_ptr<arrow::DataType>& type) {
  constexpr int64_t kMicrosPerMilli = 1000;
  arrow::TimestampBuilder builder(type, arrow::default_memory_pool());
  RETURN_IF_ERROR(builder.Reserve(millis.length()));
  for (int64_t i = 0; i < millis.length(); ++i) {
    int64_t micros = 0;
    if (millis.IsNull(i)) {
      builder.UnsafeAppendNull();
    } else if (__builtin_mul_overflow(millis.Value(i), kMicrosPerMilli, &micros)) {
      return absl::OutOfRangeError(absl::StrCat("an external function returned the timestamp ",
                                                millis.Value(i), " ms, which is too far"));
    } else {
      builder.UnsafeAppend(micros);
    }
  }
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> result, builder.Finish());
  return result;
}

class LambdaFunctionInvoker final : public ExternalFunctionInvoker {
 public:
  explicit LambdaFunctionInvoker(std::shared_ptr<LambdaInvoker> invoker)
      : invoker_(std::move(invoker)), functions_(*invoker_) {}

  absl::StatusOr<std::shared_ptr<arrow::Array>> Invoke(
      const sdk::RequestContext& context, const ExternalFunction& function,
      const std::shared_ptr<arrow::RecordBatch>& arguments) override {
    if (function.kind != ExternalFunction::Kind::kLambda) {
      return NamedError("NOT_SUPPORTED",
                        absl::StrCat("External function ", function.name,
                                     " is a SageMaker endpoint; only Lambda functions are called"),
                        absl::StatusCode::kUnimplemented);
    }
    ASSIGN_OR_RETURN(const std::shared_ptr<arrow::DataType> scan_type,
                     ToScanArrowType(function.return_type));
    ASSIGN_OR_RETURN(const std::shared_ptr<arrow::DataType> wire_type, sdk::WireType(scan_type));
    const bool cut =
        wire_type->id() == arrow::Type::DATE64 && scan_type->id() == arrow::Type::TIMESTAMP;
    if (!cut && !wire_type->Equals(*scan_type)) {
      return NamedError("NOT_SUPPORTED",
                        absl::StrCat("External function ", function.name, " cannot return ",
                                     function.return_type.ToString()),
                        absl::StatusCode::kUnimplemented);
    }
    ASSIGN_OR_RETURN(
        std::shared_ptr<arrow::Array> values,
        functions_.Call(context, function.target, function.name, arguments, wire_type));
    if (!cut) {
      return values;
    }
    return ToMicroseconds(static_cast<const arrow::Date64Array&>(*values), scan_type);
  }

 private:
  const std::shared_ptr<LambdaInvoker> invoker_;
  RemoteFunctions functions_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LambdaSources>> MakeLambdaSources(
    const sdk::OptionList& settings, const sdk::ConnectorEnvironment& environment) {
  RETURN_IF_ERROR(ReadLambdaSection(settings).status());
  return std::make_unique<ConfiguredLambdaSources>(settings, environment);
}

absl::StatusOr<std::unique_ptr<ExternalFunctionInvoker>> MakeExternalFunctionInvoker(
    const sdk::OptionList& settings, const sdk::ConnectorEnvironment& environment) {
  ASSIGN_OR_RETURN(const RemoteCatalogOptions options, ReadLambdaSection(settings));
  ASSIGN_OR_RETURN(
      std::shared_ptr<LambdaInvoker> invoker,
      OwnLambdaClient::Make(options, CredentialsOf(options, environment), *environment.clock));
  return std::make_unique<LambdaFunctionInvoker>(std::move(invoker));
}

absl::StatusOr<std::unique_ptr<sdk::Connector>> MakeRemoteCatalog(
    const sdk::ConnectorOptions& options, const sdk::ConnectorEnvironment& environment) {
  ASSIGN_OR_RETURN(RemoteCatalogOptions settings,
                   OptionReader(absl::StrCat("catalogs.", options.catalog()), options).Read());
  const std::shared_ptr<aws::CredentialsProvider> credentials =
      CredentialsOf(settings, environment);
  ASSIGN_OR_RETURN(std::shared_ptr<LambdaInvoker> invoker,
                   OwnLambdaClient::Make(settings, credentials, *environment.clock));
  ASSIGN_OR_RETURN(SpillStores stores, MakeSpillStores(options, settings, credentials));
  return std::make_unique<RemoteConnector>(std::move(settings.remote), std::move(invoker),
                                           std::move(stores));
}

}  // namespace pallas::federation
