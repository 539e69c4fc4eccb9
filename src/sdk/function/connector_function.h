#ifndef PALLAS_SDK_FUNCTION_CONNECTOR_FUNCTION_H_
#define PALLAS_SDK_FUNCTION_CONNECTOR_FUNCTION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "base/thread_pool.h"
#include "sdk/connector.h"
#include "sdk/function/read_answer.h"
#include "sdk/function/wire_table.h"
#include "sdk/protocol/codec.h"
#include "sdk/protocol/invocation.h"
#include "sdk/protocol/messages.h"
#include "sdk/spill/spill_keys.h"

namespace pallas::sdk {

struct FunctionOptions {
  std::string source_type;                         // the label that a ping answers with
  std::optional<std::string> spill_bucket;         // a request may name another one
  std::string spill_prefix = kDefaultSpillPrefix;  // same
  bool encrypt_spill = true;
  // Instead of what the request says: cut blocks at so many bytes.
  std::optional<int64_t> max_block_bytes;
  int max_uploads = 2;  // of one read
  // A page of GetSplits; the caller asks for the next one.
  int64_t max_splits_of_page = 1000;
  // Partitions have no pages: they must fit into a function's response.
  int64_t max_partition_bytes = 4'000'000;
};

// A connector as a Lambda function (protocol sections 2.5, 6, 11 and 12): the bytes of a request
// in, those of its response out, whatever brings them. Borrows the connector and the pool.
// Thread-safe.
//
// Names go out in lower case and come back in any: a table is found by its exact name first, then
// by the only one that is the same without case. No pushdown is advertised, so the caller applies
// all constraints again; the connector is told of those that it can use.
class ConnectorFunction {
 public:
  ConnectorFunction(Connector& connector, FunctionOptions options, SpillStores stores,
                    ThreadPool& uploads);

  // `context` brings the deadline, cancellation, limiter and secrets; who asks, the query and the
  // catalog are taken from the request.
  protocol::Invocation Invoke(const RequestContext& context, std::string_view request);

 private:
  struct Call;

  absl::StatusOr<protocol::Response> Answer(const Call& call);
  absl::StatusOr<protocol::Response> Handle(const Call& call, const protocol::PingRequest& request);
  absl::StatusOr<protocol::Response> Handle(
      const Call& call, const protocol::GetDataSourceCapabilitiesRequest& request);
  absl::StatusOr<protocol::Response> Handle(const Call& call,
                                            const protocol::ListSchemasRequest& request);
  absl::StatusOr<protocol::Response> Handle(const Call& call,
                                            const protocol::ListTablesRequest& request);
  absl::StatusOr<protocol::Response> Handle(const Call& call,
                                            const protocol::GetTableRequest& request);
  absl::StatusOr<protocol::Response> Handle(const Call& call,
                                            const protocol::GetTableLayoutRequest& request);
  absl::StatusOr<protocol::Response> Handle(const Call& call,
                                            const protocol::GetSplitsRequest& request);
  absl::StatusOr<protocol::Response> Handle(const Call& call,
                                            const protocol::ReadRecordsRequest& request);
  absl::StatusOr<protocol::Response> Handle(const Call& call,
                                            const protocol::UserDefinedFunctionRequest& request);

  absl::StatusOr<std::string> ResolveDatabase(const RequestContext& context,
                                              const std::string& name);
  absl::StatusOr<TableName> ResolveTable(const RequestContext& context, const TableName& name);
  // The table; a query's calls find that of its first one while it is kept.
  absl::StatusOr<std::shared_ptr<const WireTable>> FindTable(const RequestContext& context,
                                                             const TableName& name);
  // What the connector is to do, reduced to what it says it can.
  absl::StatusOr<Scan> MakeScan(const Call& call, const WireTable& table,
                                const protocol::WireConstraints& constraints,
                                std::vector<std::string> columns);
  absl::StatusOr<protocol::WireSplit> ToWire(const Call& call, Split split);

  using TableKey = std::pair<std::string, TableName>;

  Connector& connector_;
  FunctionOptions options_;
  SpillStores stores_;
  ThreadPool& uploads_;
  std::mutex mutex_;
  std::map<TableKey, std::shared_ptr<const WireTable>> tables_;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_FUNCTION_CONNECTOR_FUNCTION_H_
