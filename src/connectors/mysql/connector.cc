#include "connectors/mysql/connector.h"

#include <utility>

#include "base/status_macros.h"
#include "connectors/mysql/connection_pool.h"
#include "connectors/mysql/metadata.h"
#include "connectors/mysql/options.h"
#include "connectors/mysql/passthrough.h"
#include "connectors/mysql/pushdown.h"
#include "connectors/mysql/query_killer.h"
#include "connectors/mysql/record_reader.h"
#include "connectors/mysql/source_table.h"
#include "connectors/mysql/split_planner.h"
#include "sdk/passthrough_split.h"

namespace pallas::mysql {
namespace {

class MySqlConnector final : public sdk::Connector,
                             public sdk::TableStatistics,
                             public sdk::QueryPassthrough {
 public:
  MySqlConnector(MySqlOptions options, sdk::SecretResolver* secrets)
      : options_(std::move(options)),
        killer_(options_.server, timer_),
        pool_(options_, secrets, killer_, timer_),
        metadata_(options_, pool_),
        splits_(options_, pool_, metadata_) {}

  absl::StatusOr<sdk::Capabilities> GetCapabilities(const sdk::RequestContext& context) override {
    RETURN_IF_ERROR(context.Check());
    return sdk::Capabilities{.filter = true,
                             .expressions = true,
                             .limit = true,
                             .top_n = true,
                             .passthrough = options_.passthrough};
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
    ASSIGN_OR_RETURN(const SourceTable source, SourceTable::Make(table, options_.types));
    ASSIGN_OR_RETURN(const std::vector<SourceColumn> columns, SelectedColumns(source, scan));
    if (const std::optional<std::string> query = PassthroughQuery(table)) {
      return PassthroughPushdown(scan, MakeStatement(*query, source, columns).sql);
    }
    ScanPlan plan = PlanScan(source, scan);
    plan.pushdown.statement = Statement(source, columns, plan, SplitRange());
    return std::move(plan.pushdown);
  }

  absl::Status PlanPartitions(const sdk::RequestContext& context, const sdk::Table& table,
                              const sdk::Scan& scan, sdk::PartitionSink& sink) override {
    return PassthroughQuery(table) ? sink.Add(sdk::SinglePartition()).status()
                                   : splits_.PlanPartitions(context, table, scan, sink);
  }

  absl::StatusOr<sdk::ResumeToken> PlanSplits(const sdk::RequestContext& context,
                                              const sdk::Table& table, const sdk::Scan& /*scan*/,
                                              const sdk::Partitions& partitions,
                                              const sdk::ResumeToken& from,
                                              sdk::SplitSink& sink) override {
    if (PassthroughQuery(table)) {
      return sdk::PlanPassthroughSplit(context, sdk::PassthroughOf(table), from, sink);
    }
    return SplitPlanner::PlanSplits(context, partitions, from, sink);
  }

  absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> Read(const sdk::RequestContext& context,
                                                               const sdk::Table& table,
                                                               const sdk::Scan& scan,
                                                               const sdk::Split& split) override {
    return ReadSplit(context, {options_, pool_, killer_, timer_}, table, scan, split);
  }

  absl::StatusOr<sdk::Statistics> GetStatistics(const sdk::RequestContext& context,
                                                const sdk::Table& table) override {
    return metadata_.GetStatistics(context, table);
  }

  std::vector<sdk::PassthroughFunction> PassthroughFunctions() const override {
    std::vector<sdk::PassthroughFunction> functions;
    if (options_.passthrough) {
      functions.push_back({.arguments = {kQueryArgument}});
    }
    return functions;
  }

  absl::StatusOr<sdk::Table> DescribeQuery(const sdk::RequestContext& context,
                                           const sdk::PassthroughFunction& /*function*/,
                                           const sdk::PassthroughArguments& arguments) override {
    return DescribeResult(context, pool_, options_, arguments.at(kQueryArgument));
  }

 private:
  const MySqlOptions options_;
  sdk::DeadlineTimer timer_;
  QueryKiller killer_;
  ConnectionPool pool_;
  Metadata metadata_;
  SplitPlanner splits_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::Connector>> MakeMySqlConnector(
    const sdk::ConnectorOptions& options, const sdk::ConnectorEnvironment& environment) {
  ASSIGN_OR_RETURN(MySqlOptions parsed, ParseOptions(options));
  return std::make_unique<MySqlConnector>(std::move(parsed), environment.secrets);
}

}  // namespace pallas::mysql
