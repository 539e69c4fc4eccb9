#ifndef PALLAS_QUERY_RESULTS_TEXT_ROWS_H_
#define PALLAS_QUERY_RESULTS_TEXT_ROWS_H_

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/query_engine.h"

namespace pallas::query {

// Rows held in memory, for statements whose answer is text: varchar columns, and boolean ones (the
// texts "true" and "false") where `booleans` has their indexes.
absl::StatusOr<std::unique_ptr<engine::ResultStream>> MakeTextRows(
    std::vector<std::string> columns,
    const std::vector<std::vector<std::optional<std::string>>>& rows,
    const std::set<size_t>& booleans = {});

// No columns and no rows: the answer of DDL.
std::unique_ptr<engine::ResultStream> MakeNoRows();

}  // namespace pallas::query

#endif  // PALLAS_QUERY_RESULTS_TEXT_ROWS_H_
