#include "connectors/dynamodb/options.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "sdk/metadata/configured_tables.h"

namespace pallas::dynamodb {
namespace {

constexpr int64_t kMaxTimeoutMs = int64_t{24} * 3600 * 1000;
constexpr int64_t kMaxInferenceItems = 100'000;
constexpr int64_t kMaxSegments = 1'000'000;

class Reader {
 public:
  explicit Reader(const sdk::ConnectorOptions& options) : options_(options) {}

  absl::StatusOr<DynamoDbOptions> Read() {
    RETURN_IF_ERROR(ReadEndpoint(result_.endpoint));
    RETURN_IF_ERROR(ReadInference(result_.inference));
    RETURN_IF_ERROR(ReadValues(result_.values));
    RETURN_IF_ERROR(ReadCasing());
    ASSIGN_OR_RETURN(result_.consistent_read, Flag({"consistent_read"}, false));
    ASSIGN_OR_RETURN(const std::string disable_glue, Text({"disable_glue"}));
    result_.use_definitions = disable_glue.empty() || disable_glue == "false";
    ASSIGN_OR_RETURN(const auto segments, options_.GetInt({"scan_segments"}, 0, kMaxSegments));
    result_.scan_segments = segments.value_or(0);
    ASSIGN_OR_RETURN(result_.tables,
                     sdk::ConfiguredTables(options_,
                                           {{"source_table", kSourceTableParameter},
                                            {"column_mapping", kColumnMappingParameter},
                                            {"datetime_format_mapping", kDateFormatParameter},
                                            {"default_time_zone", kTimeZoneParameter}},
                                           kDefaultDatabase));
    return std::move(result_);
  }

 private:
  using Names = std::initializer_list<std::string_view>;

  absl::StatusOr<std::string> Text(Names names) const {
    ASSIGN_OR_RETURN(std::optional<std::string> text, options_.GetString(names));
    return std::move(text).value_or("");
  }

  absl::StatusOr<bool> Flag(Names names, bool otherwise) const {
    ASSIGN_OR_RETURN(const std::optional<bool> flag, options_.GetBool(names));
    return flag.value_or(otherwise);
  }

  absl::StatusOr<absl::Duration> Timeout(Names names, absl::Duration otherwise) const {
    ASSIGN_OR_RETURN(const std::optional<int64_t> ms, options_.GetInt(names, 1, kMaxTimeoutMs));
    return ms ? absl::Milliseconds(*ms) : otherwise;
  }

  absl::Status Bad(std::string_view option, std::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("Catalog '", options_.catalog(), "': option '", option, "' ", what));
  }

  absl::Status ReadEndpoint(EndpointOptions& endpoint) const {
    ASSIGN_OR_RETURN(const std::string region, Text({"region", "aws_region"}));
    if (!region.empty()) {
      endpoint.region = region;
    }
    ASSIGN_OR_RETURN(endpoint.endpoint, Text({"endpoint", "dynamodb_endpoint"}));
    if (!endpoint.endpoint.empty() && !absl::StartsWith(endpoint.endpoint, "http://") &&
        !absl::StartsWith(endpoint.endpoint, "https://")) {
      return Bad("endpoint", "must be a URL that starts with http:// or https://");
    }
    ASSIGN_OR_RETURN(endpoint.access_key, Text({"access_key", "access_key_id"}));
    ASSIGN_OR_RETURN(endpoint.secret_key, Text({"secret_key", "secret_access_key"}));
    ASSIGN_OR_RETURN(endpoint.session_token, Text({"session_token"}));
    ASSIGN_OR_RETURN(endpoint.profile, Text({"profile"}));
    ASSIGN_OR_RETURN(endpoint.role_arn, Text({"cross_account_role_arn", "role_arn"}));
    ASSIGN_OR_RETURN(endpoint.ca_file, Text({"ca_file"}));
    ASSIGN_OR_RETURN(endpoint.connect_timeout,
                     Timeout({"connect_timeout_ms"}, endpoint.connect_timeout));
    ASSIGN_OR_RETURN(endpoint.read_timeout, Timeout({"read_timeout_ms"}, endpoint.read_timeout));
    ASSIGN_OR_RETURN(endpoint.throttle_initial_delay,
                     Timeout({"throttle_initial_delay_ms"}, endpoint.throttle_initial_delay));
    ASSIGN_OR_RETURN(endpoint.throttle_max_delay,
                     Timeout({"throttle_max_delay_ms"}, endpoint.throttle_max_delay));
    if (endpoint.access_key.empty() != endpoint.secret_key.empty()) {
      return Bad(endpoint.access_key.empty() ? "access_key" : "secret_key",
                 "is missing; access_key and secret_key go together");
    }
    if (!endpoint.session_token.empty() && endpoint.access_key.empty()) {
      return Bad("session_token", "needs access_key and secret_key");
    }
    if (!endpoint.profile.empty() && !endpoint.access_key.empty()) {
      return Bad("profile", "and access_key are both set; set one of them");
    }
    return absl::OkStatus();
  }

  absl::Status ReadInference(InferenceOptions& inference) const {
    ASSIGN_OR_RETURN(const std::string mode, Text({"schema_inference_mode"}));
    if (absl::EqualsIgnoreCase(mode, "last")) {
      constexpr int64_t kItemsOfLast = 4;  // the Java connector's
      inference.mode = InferenceOptions::Mode::kLast;
      inference.items = kItemsOfLast;
    } else if (!mode.empty() && !absl::EqualsIgnoreCase(mode, "merge")) {
      return Bad("schema_inference_mode", "must be merge or last");
    }
    ASSIGN_OR_RETURN(const auto items,
                     options_.GetInt({"schema_inference_items"}, 1, kMaxInferenceItems));
    inference.items = items.value_or(inference.items);
    return absl::OkStatus();
  }

  absl::Status ReadValues(ValueOptions& values) const {
    ASSIGN_OR_RETURN(const std::string mismatch, Text({"type_mismatch"}));
    if (absl::EqualsIgnoreCase(mismatch, "null")) {
      values.type_mismatch = TypeMismatch::kNull;
    } else if (!mismatch.empty() && !absl::EqualsIgnoreCase(mismatch, "error")) {
      return Bad("type_mismatch", "must be error or null");
    }
    ASSIGN_OR_RETURN(values.legacy_text, Flag({"legacy_text"}, false));
    return absl::OkStatus();
  }

  absl::Status ReadCasing() {
    ASSIGN_OR_RETURN(const std::string casing, Text({"disable_projection_and_casing"}));
    if (absl::EqualsIgnoreCase(casing, "always")) {
      result_.casing = Casing::kAlways;
    } else if (absl::EqualsIgnoreCase(casing, "never")) {
      result_.casing = Casing::kNever;
    } else if (!casing.empty() && !absl::EqualsIgnoreCase(casing, "auto")) {
      return Bad("disable_projection_and_casing", "must be auto, always or never");
    }
    return absl::OkStatus();
  }

  const sdk::ConnectorOptions& options_;
  DynamoDbOptions result_;
};

}  // namespace

absl::StatusOr<DynamoDbOptions> ParseOptions(const sdk::ConnectorOptions& options) {
  return Reader(options).Read();
}

}  // namespace pallas::dynamodb
