#ifndef PALLAS_CONNECTORS_REDIS_PUSHDOWN_H_
#define PALLAS_CONNECTORS_REDIS_PUSHDOWN_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "connectors/redis/glob.h"
#include "connectors/redis/key_filter.h"
#include "connectors/redis/source_table.h"
#include "sdk/model/scan.h"
#include "sdk/model/table.h"

namespace pallas::redis {

// What is done for a scan: which keys, which of their values.
struct ScanPlan {
  KeyFilter filter;
  std::vector<std::shared_ptr<arrow::Field>> columns;  // those that come out of values
  std::optional<int64_t> limit;  // rows of each split; set only if all conditions are exact
  sdk::Pushdown pushdown;        // without the statement
};

// INVALID_ARGUMENT for a column that is not there, or for two that one value would have to fill.
absl::StatusOr<ScanPlan> PlanScan(const SourceTable& source, const sdk::Table& table,
                                  const sdk::Scan& scan);

// The pattern to ask the server for, of those keys of `pattern` that can pass; nullopt: none can.
std::optional<Glob> Narrow(const Glob& pattern, const KeyFilter& filter);

// Of the keys that `filter` names those that belong to a table's pattern `index`: they match it and
// none before it. REQUIRES: the patterns are of keys.
std::vector<std::string> PointsOf(const SourceTable& source, size_t index, const KeyFilter& filter);

// The commands that a scan sends, for EXPLAIN.
std::string Statement(const SourceTable& source, const ScanPlan& plan);

// Bytes as they may be shown.
std::string Show(std::string_view bytes);

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_PUSHDOWN_H_
