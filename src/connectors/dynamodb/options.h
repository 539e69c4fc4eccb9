#ifndef PALLAS_CONNECTORS_DYNAMODB_OPTIONS_H_
#define PALLAS_CONNECTORS_DYNAMODB_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "sdk/model/table_definition.h"
#include "sdk/runtime/connector_options.h"

namespace pallas::dynamodb {

// The database of the tables that no definition puts elsewhere.
inline constexpr char kDefaultDatabase[] = "default";

// Parameters of table definitions, as the Java connector has them (connectors.md section 1.3).
inline constexpr char kSourceTableParameter[] = "sourceTable";
inline constexpr char kColumnMappingParameter[] = "columnMapping";
inline constexpr char kDateFormatParameter[] = "datetimeFormatMapping";
inline constexpr char kTimeZoneParameter[] = "defaultTimeZone";

// Where the service is and who we are. Texts may hold references to secrets (`${...}`), which are
// resolved when they are used.
struct EndpointOptions {
  std::string region = "us-east-1";
  std::string endpoint;  // a URL; empty: that of the region
  std::string access_key;
  std::string secret_key;
  std::string session_token;
  std::string profile;
  std::string role_arn;  // to be assumed; empty: none
  std::string ca_file;   // PEM; empty: the system's
  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration read_timeout = absl::Seconds(60);
  // Between the attempts of one request lies a random part of a delay that doubles each time; the
  // source's limiter slows down all of them besides.
  absl::Duration throttle_initial_delay = absl::Milliseconds(10);
  absl::Duration throttle_max_delay = absl::Seconds(1);
};

// How the columns of a table without a definition are found.
struct InferenceOptions {
  // kMerge: a column is what all sampled items have in common. kLast: the last item wins, as the
  // Java connector has it.
  enum class Mode { kMerge, kLast };

  Mode mode = Mode::kMerge;
  int64_t items = 400;
};

// What becomes of a value that is not of its column's type.
enum class TypeMismatch { kError, kNull };

struct ValueOptions {
  TypeMismatch type_mismatch = TypeMismatch::kError;
  // Maps and lists in a text column as `{a=1}` and `[1, 2]` instead of JSON.
  bool legacy_text = false;
};

// Whether attribute names are compared without case, and all attributes fetched for it.
enum class Casing { kAuto, kAlways, kNever };

struct DynamoDbOptions {
  EndpointOptions endpoint;
  InferenceOptions inference;
  ValueOptions values;
  Casing casing = Casing::kAuto;
  bool use_definitions = true;               // of the metastore (Glue)
  bool consistent_read = false;              // costs twice the read units
  int64_t scan_segments = 0;                 // 0: by the table's size
  std::vector<sdk::TableDefinition> tables;  // of the configuration
};

// The options of a catalog. INVALID_ARGUMENT says which one is wrong.
absl::StatusOr<DynamoDbOptions> ParseOptions(const sdk::ConnectorOptions& options);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_OPTIONS_H_
