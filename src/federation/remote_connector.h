#ifndef PALLAS_FEDERATION_REMOTE_CONNECTOR_H_
#define PALLAS_FEDERATION_REMOTE_CONNECTOR_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "sdk/connector.h"
#include "sdk/protocol/codec.h"
#include "sdk/protocol/invocation.h"
#include "sdk/protocol/messages.h"
#include "storage/object_store.h"

namespace pallas::federation {

// Invokes Lambda functions, wherever they run. Thread-safe. Ends soon after `context.cancellation`.
class LambdaInvoker {
 public:
  virtual ~LambdaInvoker() = default;

  // An error: the function could not be invoked (RESOURCE_EXHAUSTED: too many at once).
  virtual absl::StatusOr<sdk::protocol::Invocation> Invoke(const sdk::RequestContext& context,
                                                           const std::string& function,
                                                           const std::string& payload) = 0;
};

struct RemoteOptions {
  std::string metadata_function;
  std::string record_function;  // the same, unless there are two
  // The catalog's name in requests; empty: that of the request's context.
  std::string catalog;
  // Per-request options of the connector: "spill_bucket", "spill_prefix".
  sdk::protocol::StringMap config_options;
  int64_t max_block_bytes = 16'000'000;
  int64_t max_inline_block_bytes = 3'465'000;
  // A spilled object over it is refused: a block may exceed its limit by the last rows.
  int64_t max_spilled_bytes = 64'000'000;
};

// The store of a spill bucket; asked on any thread. It outlives the connector.
using SpillStores = std::function<absl::StatusOr<storage::ObjectStore*>(const std::string& bucket)>;

// A connector behind the wire, Java's or ours (protocol sections 3.2, 11.4 and 12.6): pings once
// for the version, and speaks that version from then on. What the connector is told to filter is
// filtered again. Thread-safe.
class RemoteConnector final : public sdk::Connector {
 public:
  RemoteConnector(RemoteOptions options, std::shared_ptr<LambdaInvoker> invoker,
                  SpillStores stores);

  absl::StatusOr<sdk::Capabilities> GetCapabilities(const sdk::RequestContext& context) override;
  absl::StatusOr<sdk::Page<std::string>> ListDatabases(const sdk::RequestContext& context,
                                                       const sdk::PageRequest& page) override;
  absl::StatusOr<sdk::Page<sdk::TableName>> ListTables(const sdk::RequestContext& context,
                                                       const std::string& database,
                                                       const sdk::PageRequest& page) override;
  absl::StatusOr<sdk::Table> GetTable(const sdk::RequestContext& context,
                                      const sdk::TableName& name) override;
  absl::StatusOr<sdk::Pushdown> PlanPushdown(const sdk::RequestContext& context,
                                             const sdk::Table& table,
                                             const sdk::Scan& scan) override;
  absl::Status PlanPartitions(const sdk::RequestContext& context, const sdk::Table& table,
                              const sdk::Scan& scan, sdk::PartitionSink& sink) override;
  absl::StatusOr<sdk::ResumeToken> PlanSplits(const sdk::RequestContext& context,
                                              const sdk::Table& table, const sdk::Scan& scan,
                                              const sdk::Partitions& partitions,
                                              const sdk::ResumeToken& from,
                                              sdk::SplitSink& sink) override;
  absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> Read(const sdk::RequestContext& context,
                                                               const sdk::Table& table,
                                                               const sdk::Scan& scan,
                                                               const sdk::Split& split) override;

 private:
  using CapabilityMap = std::map<std::string, std::vector<sdk::protocol::OptimizationSubType>>;

  absl::StatusOr<sdk::protocol::Version> VersionOf(const sdk::RequestContext& context,
                                                   const std::string& function);
  absl::StatusOr<CapabilityMap> RemoteCapabilities(const sdk::RequestContext& context);
  sdk::protocol::RequestHead Head(const sdk::RequestContext& context) const;
  sdk::protocol::WireConstraints ToWire(const sdk::Scan& scan) const;
  // Sends and receives; an answer of another kind or for another catalog is an error.
  absl::StatusOr<sdk::protocol::Response> Ask(const sdk::RequestContext& context,
                                              const std::string& function,
                                              const sdk::protocol::Request& request);
  template <typename ResponseType>
  absl::StatusOr<ResponseType> AskMetadata(const sdk::RequestContext& context,
                                           const sdk::protocol::Request& request);

  RemoteOptions options_;
  const std::shared_ptr<LambdaInvoker> invoker_;
  SpillStores stores_;
  std::mutex mutex_;
  std::map<std::string, sdk::protocol::Version> versions_;  // by function
  std::optional<CapabilityMap> capabilities_;
};

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_REMOTE_CONNECTOR_H_
