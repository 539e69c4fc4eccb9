#include "connectors/redis/connector.h"

#include <utility>

#include "base/status_macros.h"
#include "connectors/redis/connection_pool.h"
#include "connectors/redis/metadata.h"
#include "connectors/redis/options.h"
#include "connectors/redis/pushdown.h"
#include "connectors/redis/record_reader.h"
#include "connectors/redis/source_table.h"
#include "connectors/redis/split_planner.h"

namespace pallas::redis {
namespace {

class RedisConnector final : public sdk::Connector, public sdk::TableStatistics {
 public:
  RedisConnector(RedisOptions options, const sdk::ConnectorEnvironment& environment)
      : options_(std::move(options)),
        pool_(environment.secrets),
        metadata_(options_, pool_, environment.definitions),
        splits_(options_, pool_, metadata_) {}

  absl::StatusOr<sdk::Capabilities> GetCapabilities(const sdk::RequestContext& context) override {
    RETURN_IF_ERROR(context.Check());
    return sdk::Capabilities{.filter = true, .expressions = true, .limit = true};
  }

  absl::StatusOr<sdk::Page<std::string>> ListDatabases(const sdk::RequestContext& context,
                                                       const sdk::PageRequest& page) override {
    return metadata_.ListDatabases(context, page);
  }

  absl::StatusOr<sdk::Page<sdk::TableName>> ListTables(const sdk::RequestContext& context,
                                                       const std::string& database,
                                                       const sdk::PageRequest& page) override {
    return metadata_.ListTables(context, database, page);
  }

  absl::StatusOr<sdk::Table> GetTable(const sdk::RequestContext& context,
                                      const sdk::TableName& name) override {
    return metadata_.GetTable(context, name);
  }

  absl::StatusOr<sdk::Pushdown> PlanPushdown(const sdk::RequestContext& context,
                                             const sdk::Table& table,
                                             const sdk::Scan& scan) override {
    RETURN_IF_ERROR(context.Check());
    ASSIGN_OR_RETURN(const SourceTable source, SourceTable::Make(table, options_));
    ASSIGN_OR_RETURN(ScanPlan plan, PlanScan(source, table, scan));
    plan.pushdown.statement = Statement(source, plan);
    return std::move(plan.pushdown);
  }

  absl::Status PlanPartitions(const sdk::RequestContext& context, const sdk::Table& table,
                              const sdk::Scan& scan, sdk::PartitionSink& sink) override {
    return splits_.PlanPartitions(context, table, scan, sink);
  }

  absl::StatusOr<sdk::ResumeToken> PlanSplits(const sdk::RequestContext& context,
                                              const sdk::Table& /*table*/,
                                              const sdk::Scan& /*scan*/,
                                              const sdk::Partitions& partitions,
                                              const sdk::ResumeToken& from,
                                              sdk::SplitSink& sink) override {
    return SplitPlanner::PlanSplits(context, partitions, from, sink);
  }

  absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> Read(const sdk::RequestContext& context,
                                                               const sdk::Table& table,
                                                               const sdk::Scan& scan,
                                                               const sdk::Split& split) override {
    return ReadSplit(context, {options_, pool_, metadata_}, table, scan, split);
  }

  absl::StatusOr<sdk::Statistics> GetStatistics(const sdk::RequestContext& context,
                                                const sdk::Table& table) override {
    return metadata_.GetStatistics(context, table);
  }

 private:
  const RedisOptions options_;
  ConnectionPool pool_;
  Metadata metadata_;
  SplitPlanner splits_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::Connector>> MakeRedisConnector(
    const sdk::ConnectorOptions& options, const sdk::ConnectorEnvironment& environment) {
  ASSIGN_OR_RETURN(RedisOptions parsed, ParseOptions(options));
  return std::make_unique<RedisConnector>(std::move(parsed), environment);
}

}  // namespace pallas::redis
