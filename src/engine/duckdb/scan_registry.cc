#include "engine/duckdb/scan_registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "duckdb/main/client_context_state.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/arrow_import.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/lake_scan.h"
#include "engine/duckdb/names.h"
#include "engine/duckdb/scan_function.h"
#include "engine/duckdb/scan_optimizer.h"

namespace pallas::engine {
namespace {

constexpr char kStateKey[] = "pallas_scans";

}  // namespace

// ---- OpenFiles ----

absl::StatusOr<std::shared_ptr<storage::ObjectReader>> OpenFiles::Open(
    const storage::Place& place, const Cancellation& cancellation) {
  const std::pair<storage::ObjectStore*, std::string> name(place.store, place.key);
  const auto find = [&] {
    const auto found = readers_.find(name);
    return found == readers_.end() ? nullptr : found->second.lock();
  };
  {
    const std::lock_guard lock(mutex_);
    if (auto reader = find()) {
      return reader;
    }
  }
  ASSIGN_OR_RETURN(std::shared_ptr<storage::ObjectReader> opened,
                   place.store->Open(place.key, cancellation));
  const std::lock_guard lock(mutex_);
  if (auto reader = find()) {
    return reader;  // another thread was quicker
  }
  std::erase_if(readers_, [](const auto& entry) { return entry.second.expired(); });
  readers_[name] = opened;
  return opened;
}

// ---- TableScan ----

void TableScan::SetExplanation(ScanExplanation explanation) {
  const std::lock_guard lock(mutex_);
  explanation_ = std::move(explanation);
}

void TableScan::AddRun(std::shared_ptr<federation::FederatedScan> run) {
  const std::lock_guard lock(mutex_);
  runs_.push_back(std::move(run));
}

ScanExplanation TableScan::Explain() const {
  ScanExplanation explanation;
  {
    const std::lock_guard lock(mutex_);
    explanation = explanation_;
  }
  explanation.table = table->name.ToString();
  explanation.statistics = statistics();
  return explanation;
}

federation::ScanStatistics TableScan::statistics() const {
  const std::lock_guard lock(mutex_);
  federation::ScanStatistics sum;
  sum.splits_planned = files.files;
  sum.splits_finished = files.files_opened;
  sum.rows = files.rows;
  sum.bytes_received = files.bytes_received;
  bool finished = true;
  for (const auto& run : runs_) {
    const federation::ScanStatistics one = run->statistics();
    sum.splits_planned += one.splits_planned;
    sum.splits_finished += one.splits_finished;
    sum.rows += one.rows;
    sum.bytes += one.bytes;
    sum.bytes_received += one.bytes_received;
    sum.split_retries += one.split_retries;
    for (const auto& [name, value] : one.source_metrics) {
      sum.source_metrics[name] += value;
    }
    sum.wall = std::max(sum.wall, one.wall);
    finished &= one.planning_finished;
  }
  sum.planning_finished = finished;
  return sum;
}

// ---- QueryScans ----

struct QueryScans::Impl {
  explicit Impl(ScanEnvironment for_all)
      : environment(std::move(for_all)),
        external_calls(environment.request, environment.functions) {}

  const ScanEnvironment environment;
  ExternalCalls external_calls;
  // Grows while the tree is emitted; then it is read only.
  std::vector<std::shared_ptr<TableScan>> scans;
};

namespace {

struct ScansOfContext final : duckdb::ClientContextState {
  ScansOfContext(std::function<std::shared_ptr<TableScan>(size_t)> scan,
                 std::function<std::shared_ptr<const ExternalCall>(size_t)> call)
      : find_scan(std::move(scan)), find_call(std::move(call)) {}

  // Null if there is no such scan or function.
  std::function<std::shared_ptr<TableScan>(size_t)> find_scan;
  std::function<std::shared_ptr<const ExternalCall>(size_t)> find_call;
};

absl::StatusOr<std::vector<ScanColumn>> FederatedColumns(
    const sql::ScanPlan& scan, const std::vector<sql::PlanColumn>& columns) {
  std::vector<ScanColumn> result;
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string& name = scan.table->columns[static_cast<size_t>(scan.table_columns[i])].name;
    const std::shared_ptr<arrow::Field> field = scan.table->table->schema->GetFieldByName(name);
    if (field == nullptr) {
      return absl::InternalError(
          absl::StrCat("Table ", scan.table->name.ToString(), " has no one column '", name, "'"));
    }
    const absl::Status importable = CheckImportable(columns[i].type, *field->type());
    if (!importable.ok()) {
      return Annotate(importable,
                      absl::StrCat(scan.table->name.ToString(), ", column ", name, ": "));
    }
    result.push_back({name, columns[i].type, field->type()});
  }
  return result;
}

}  // namespace

QueryScans::QueryScans(ScanEnvironment environment)
    : impl_(std::make_shared<Impl>(std::move(environment))) {}

QueryScans::~QueryScans() = default;

absl::StatusOr<duckdb::unique_ptr<duckdb::TableRef>> QueryScans::Add(
    const sql::ScanPlan& scan, const std::vector<sql::PlanColumn>& columns, std::string alias,
    const FunctionEmitter& /*functions*/) {
  std::vector<std::string> names;
  for (const sql::PlanColumn& column : columns) {
    names.push_back(ColumnName(column.id));
  }
  const auto id = static_cast<int64_t>(impl_->scans.size());
  switch (scan.table->kind) {
    case catalog::TableKind::kFederated: {
      ASSIGN_OR_RETURN(std::vector<ScanColumn> scan_columns, FederatedColumns(scan, columns));
      impl_->scans.push_back(std::make_shared<TableScan>(scan.table, std::move(scan_columns),
                                                         std::move(names), impl_->environment));
      return MakeScanReference(kScanFunction, duckdb::Value::BIGINT(id), std::move(alias));
    }
    case catalog::TableKind::kLake: {
      ASSIGN_OR_RETURN(std::vector<ScanColumn> scan_columns, LakeColumns(scan, columns));
      impl_->scans.push_back(std::make_shared<TableScan>(scan.table, std::move(scan_columns),
                                                         std::move(names), impl_->environment));
      // Text files are read as a source is (decision D16).
      return scan.table->source != nullptr
                 ? MakeScanReference(kScanFunction, duckdb::Value::BIGINT(id), std::move(alias))
                 : MakeScanReference(kLakeScanFunction, duckdb::Value(absl::StrCat(id)),
                                     std::move(alias));
    }
    default:
      return absl::InternalError(
          absl::StrCat(scan.table->name.ToString(), " is a view, which was not expanded"));
  }
}

ExternalCalls& QueryScans::external_calls() { return impl_->external_calls; }

void QueryScans::Attach(std::shared_ptr<QueryScans> scans, duckdb::ClientContext& context) {
  context.registered_state->Remove(kStateKey);
  const auto find_scan = [scans](size_t id) {
    const auto& all = scans->impl_->scans;
    return id < all.size() ? all[id] : nullptr;
  };
  context.registered_state->Insert(
      kStateKey, duckdb::make_shared_ptr<ScansOfContext>(find_scan, [scans](size_t id) {
        return scans->impl_->external_calls.Find(id);
      }));
}

std::vector<ScanProgress> QueryScans::progress() const {
  std::vector<ScanProgress> progress;
  for (const auto& scan : impl_->scans) {
    progress.push_back({scan->table->name.ToString(), scan->statistics()});
  }
  return progress;
}

std::vector<ScanExplanation> QueryScans::Explain() const {
  std::vector<ScanExplanation> explanations;
  for (const auto& scan : impl_->scans) {
    explanations.push_back(scan->Explain());
  }
  return explanations;
}

// ---- For DuckDB ----

duckdb::unique_ptr<duckdb::TableRef> MakeScanReference(const char* function, duckdb::Value id,
                                                       std::string alias) {
  auto reference = duckdb::make_uniq<duckdb::TableFunctionRef>();
  duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> arguments;
  arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(std::move(id)));
  reference->function =
      duckdb::make_uniq<duckdb::FunctionExpression>(function, std::move(arguments));
  reference->alias = std::move(alias);
  return reference;
}

std::shared_ptr<TableScan> FindScan(duckdb::ClientContext& context, int64_t id) {
  const auto state = context.registered_state->Get<ScansOfContext>(kStateKey);
  std::shared_ptr<TableScan> scan;
  if (state != nullptr && id >= 0) {
    scan = state->find_scan(static_cast<size_t>(id));
  }
  if (scan == nullptr) {
    ThrowIfError(absl::InternalError(absl::StrCat("the statement has no scan ", id)));
  }
  return scan;
}

std::shared_ptr<const ExternalCall> FindExternalCall(duckdb::ClientContext& context, int64_t id) {
  const auto state = context.registered_state->Get<ScansOfContext>(kStateKey);
  std::shared_ptr<const ExternalCall> call;
  if (state != nullptr && id >= 0) {
    call = state->find_call(static_cast<size_t>(id));
  }
  if (call == nullptr) {
    ThrowIfError(absl::InternalError(absl::StrCat("the statement has no external function ", id)));
  }
  return call;
}

void RegisterScan(duckdb::DatabaseInstance& instance, const storage::Locations& locations) {
  duckdb::ExtensionLoader loader(instance, "pallas");
  loader.RegisterFunction(MakeScanFunction());
  RegisterLakeScan(instance, loader, locations);
  duckdb::OptimizerExtension::Register(duckdb::DBConfig::GetConfig(instance), MakeScanOptimizer());
}

}  // namespace pallas::engine
