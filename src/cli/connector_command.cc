#include "cli/connector_command.h"

#include <condition_variable>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/connectors.h"
#include "cli/s3_services.h"
#include "cli/sql_command.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "base/thread_pool.h"
#include "federation/source.h"
#include "net/http_server.h"
#include "sdk/function/connector_function.h"
#include "sdk/lambda/invoke_endpoint.h"
#include "storage/locations.h"

namespace pallas::cli {
namespace {

constexpr int kExitError = 1;
constexpr int kUploads = 2;  // threads (decision D17)
// For requests under way when a signal comes.
constexpr absl::Duration kGrace = absl::Seconds(10);

// The settings of a connector's Lambda environment (protocol section 23).
class Settings {
 public:
  explicit Settings(const std::vector<std::string>& environment) {
    for (const std::string& variable : environment) {
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(variable, absl::MaxSplits('=', 1));
      values_[parts.first] = parts.second;
    }
  }

  std::optional<std::string> Text(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() || found->second.empty()
               ? std::nullopt
               : std::optional<std::string>(found->second);
  }

  absl::StatusOr<sdk::FunctionOptions> ToFunctionOptions() const {
    sdk::FunctionOptions options;
    options.spill_bucket = Text("spill_bucket");
    options.spill_prefix = Text("spill_prefix").value_or(options.spill_prefix);
    options.encrypt_spill =
        !absl::EqualsIgnoreCase(Text("disable_spill_encryption").value_or("false"), "true");
    if (const auto size = Text("MAX_BLOCK_SIZE_BYTES")) {
      int64_t bytes = 0;
      if (!absl::SimpleAtoi(*size, &bytes) || bytes <= 0) {
        return absl::InvalidArgumentError(
            absl::StrCat("MAX_BLOCK_SIZE_BYTES is '", *size, "'; give a number of bytes"));
      }
      options.max_block_bytes = bytes;
    }
    if (Text("kms_key_id")) {
      return absl::UnimplementedError(
          "kms_key_id: keys made by KMS are not supported yet; without it each split has a key of "
          "its own, made here");
    }
    return options;
  }

  // Where blocks are spilled to: S3 as AWS' own tools find it.
  S3Config SpillService() const {
    S3Config service;
    service.name = "spill";
    service.buckets = {"*"};
    service.endpoint = Text("AWS_ENDPOINT_URL_S3").value_or(Text("AWS_ENDPOINT_URL").value_or(""));
    return service;
  }

 private:
  std::map<std::string, std::string> values_;
};

// The functions and what they use, in the order in which they are made.
class FunctionHost {
 public:
  static absl::StatusOr<std::unique_ptr<FunctionHost>> Make(const Config& config,
                                                            const Settings& settings) {
    auto host = std::make_unique<FunctionHost>();
    ASSIGN_OR_RETURN(sdk::FunctionOptions options, settings.ToFunctionOptions());
    storage::LocationOptions locations;
    locations.s3 = MakeS3Services({settings.SpillService()});
    ASSIGN_OR_RETURN(host->spill_, storage::Locations::Make(std::move(locations)));
    host->uploads_ = std::make_unique<ThreadPool>(kUploads);
    const sdk::ConnectorRegistry registry = MakeConnectorRegistry();
    for (const CatalogConfig& catalog : config.catalogs) {
      RETURN_IF_ERROR(host->Add(catalog, registry, options));
    }
    return host;
  }

  // The functions by name; they use this, which outlives them.
  std::map<std::string, sdk::LambdaFunction> functions() {
    std::map<std::string, sdk::LambdaFunction> result;
    for (auto& [name, member] : members_) {
      sdk::LambdaFunction& function = result[name];
      function.invoke = [&member](const sdk::RequestContext& context, std::string_view request) {
        return member.function->Invoke(member.source->Bind(context), request);
      };
    }
    return result;
  }

 private:
  struct Member {
    std::unique_ptr<federation::Source> source;
    std::unique_ptr<sdk::ConnectorFunction> function;
  };

  absl::Status Add(const CatalogConfig& catalog, const sdk::ConnectorRegistry& registry,
                   sdk::FunctionOptions options) {
    ASSIGN_OR_RETURN(std::unique_ptr<sdk::Connector> connector,
                     registry.Make({catalog.name, catalog.connector, catalog.options}, {}));
    Member& member = members_[catalog.name];
    member.source = std::make_unique<federation::Source>(catalog.name, std::move(connector),
                                                         catalog.source, Clock::System());
    options.source_type = catalog.connector;
    member.function = std::make_unique<sdk::ConnectorFunction>(
        member.source->connector(), std::move(options),
        [this](const std::string& bucket) -> absl::StatusOr<storage::ObjectStore*> {
          ASSIGN_OR_RETURN(const storage::Place place,
                           spill_->Find(absl::StrCat("s3://", bucket, "/")));
          return place.store;
        },
        *uploads_);
    return absl::OkStatus();
  }

  std::unique_ptr<storage::Locations> spill_;
  std::unique_ptr<ThreadPool> uploads_;
  std::map<std::string, Member> members_;
};

void WaitFor(const Cancellation& cancellation) {
  std::mutex mutex;
  std::condition_variable changed;
  bool cancelled = false;
  const Cancellation::Registration registration = cancellation.OnCancel([&] {
    const std::lock_guard lock(mutex);
    cancelled = true;
    changed.notify_one();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&cancelled] { return cancelled; });
}

absl::Status Serve(const Config& config, const ConnectorServeOptions& options,
                   const std::vector<std::string>& environment, InterruptHandler& interrupts) {
  if (config.catalogs.empty()) {
    return absl::InvalidArgumentError(
        "the configuration has no catalogs to serve; name a file with --config");
  }
  const Settings settings(environment);
  ASSIGN_OR_RETURN(const std::unique_ptr<FunctionHost> host, FunctionHost::Make(config, settings));
  sdk::InvokeEndpointOptions endpoint_options;
  endpoint_options.region = settings.Text("AWS_REGION").value_or(endpoint_options.region);
  sdk::InvokeEndpoint endpoint(endpoint_options, {}, host->functions());
  net::HttpServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  const Cancellation stop;
  interrupts.Watch(stop);
  ASSIGN_OR_RETURN(const std::unique_ptr<net::HttpServer> server,
                   net::HttpServer::Start(server_options, [&endpoint](net::HttpExchange& exchange) {
                     endpoint.Handle(exchange);
                   }));
  std::printf("listening on http://%s:%d\n", options.address.c_str(), server->port());
  for (const CatalogConfig& catalog : config.catalogs) {
    std::printf("%s\n", endpoint.ArnOf(catalog.name).c_str());
  }
  std::fflush(stdout);
  WaitFor(stop);
  server->Stop(kGrace);
  return absl::OkStatus();
}

}  // namespace

int RunConnectorServe(const Config& config, const ConnectorServeOptions& options,
                      const std::vector<std::string>& environment, InterruptHandler& interrupts) {
  const absl::Status status = Serve(config, options, environment, interrupts);
  if (!status.ok()) {
    PrintError(status);
    return kExitError;
  }
  return 0;
}

}  // namespace pallas::cli
