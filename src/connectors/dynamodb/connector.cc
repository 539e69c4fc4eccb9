#include "connectors/dynamodb/connector.h"

#include <utility>

#include "base/status_macros.h"
#include "connectors/dynamodb/connection.h"
#include "connectors/dynamodb/metadata.h"
#include "connectors/dynamodb/options.h"
#include "connectors/dynamodb/pushdown.h"
#include "connectors/dynamodb/record_reader.h"
#include "connectors/dynamodb/source_table.h"
#include "connectors/dynamodb/split_planner.h"

namespace pallas::dynamodb {
namespace {

class DynamoDbConnector final : public sdk::Connector, public sdk::TableStatistics {
 public:
  DynamoDbConnector(DynamoDbOptions options, const sdk::ConnectorEnvironment& environment)
      : options_(std::move(options)),
        connection_(options_.endpoint, environment.secrets, *environment.clock),
        metadata_(options_, connection_, environment.definitions) {}

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
    ASSIGN_OR_RETURN(const SourceTable source, SourceTable::Make(table));
    ASSIGN_OR_RETURN(ScanPlan plan, PlanScan(source, scan, options_, DynamicFilters::kIgnore));
    return std::move(plan.pushdown);
  }

  absl::Status PlanPartitions(const sdk::RequestContext& context, const sdk::Table& table,
                              const sdk::Scan& scan, sdk::PartitionSink& sink) override {
    ASSIGN_OR_RETURN(const SourceTable source, SourceTable::Make(table));
    return dynamodb::PlanPartitions(context, source, scan, options_, sink);
  }

  absl::StatusOr<sdk::ResumeToken> PlanSplits(const sdk::RequestContext& context,
                                              const sdk::Table& /*table*/,
                                              const sdk::Scan& /*scan*/,
                                              const sdk::Partitions& partitions,
                                              const sdk::ResumeToken& from,
                                              sdk::SplitSink& sink) override {
    return dynamodb::PlanSplits(context, partitions, from, sink);
  }

  absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> Read(const sdk::RequestContext& context,
                                                               const sdk::Table& table,
                                                               const sdk::Scan& scan,
                                                               const sdk::Split& split) override {
    ASSIGN_OR_RETURN(SourceTable source, SourceTable::Make(table));
    return ReadSplit(context, options_, connection_, std::move(source), scan, split);
  }

  absl::StatusOr<sdk::Statistics> GetStatistics(const sdk::RequestContext& context,
                                                const sdk::Table& table) override {
    RETURN_IF_ERROR(context.Check());
    ASSIGN_OR_RETURN(const SourceTable source, SourceTable::Make(table));
    sdk::Statistics statistics;
    // Nothing is what a table says for hours after it was filled.
    if (source.description().item_count > 0) {
      statistics.row_count = static_cast<double>(source.description().item_count);
    }
    return statistics;
  }

 private:
  const DynamoDbOptions options_;
  Connection connection_;
  Metadata metadata_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::Connector>> MakeDynamoDbConnector(
    const sdk::ConnectorOptions& options, const sdk::ConnectorEnvironment& environment) {
  ASSIGN_OR_RETURN(DynamoDbOptions parsed, ParseOptions(options));
  return std::make_unique<DynamoDbConnector>(std::move(parsed), environment);
}

}  // namespace pallas::dynamodb
