#ifndef PALLAS_FEDERATION_REMOTE_CATALOG_H_
#define PALLAS_FEDERATION_REMOTE_CATALOG_H_

#include <memory>

#include "absl/status/statusor.h"

#include "federation/external_function.h"
#include "federation/source.h"
#include "sdk/connector.h"
#include "sdk/runtime/connector_options.h"
#include "sdk/runtime/connector_registry.h"

namespace pallas::federation {

// The `connector` of a catalog whose connector is a Lambda function.
inline constexpr char kRemoteConnectorKind[] = "lambda";

// A connector behind the wire from the settings of its catalog (design section 9): `lambda`, or
// `metadata_lambda` and `record_lambda`; `endpoint` to invoke them at and `region`, else AWS' own;
// `access_key` and `secret_key`, `profile`, else the default credentials; `spill_location` if the
// connector is to spill elsewhere than where it does by itself, `spill_endpoint` if that is no real
// S3; `max_block_size` and `max_inline_block_size` in bytes. Contacts nobody.
absl::StatusOr<std::unique_ptr<sdk::Connector>> MakeRemoteCatalog(
    const sdk::ConnectorOptions& options, const sdk::ConnectorEnvironment& environment);

// What statements can name without registration: catalogs that are Lambda functions, and external
// functions. `settings` are those of MakeRemoteCatalog() without the functions; they are checked
// here. Contacts nobody. The results borrow what `environment` has.
absl::StatusOr<std::unique_ptr<LambdaSources>> MakeLambdaSources(
    const sdk::OptionList& settings, const sdk::ConnectorEnvironment& environment);
absl::StatusOr<std::unique_ptr<ExternalFunctionInvoker>> MakeExternalFunctionInvoker(
    const sdk::OptionList& settings, const sdk::ConnectorEnvironment& environment);

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_REMOTE_CATALOG_H_
