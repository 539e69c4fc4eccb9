#ifndef PALLAS_QUERY_RESULTS_TEXT_ROWS_H_
#define PALLAS_QUERY_RESULTS_TEXT_ROWS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/query_engine.h"

namespace pallas::query {

// Rows of varchar columns held in memory, for statements whose answer is text.
absl::StatusOr<std::unique_ptr<engine::ResultStream>> MakeTextRows(
    std::vector<std::string> columns, std::vector<std::vector<std::optional<std::string>>> rows);

// No columns and no rows: the answer of DDL.
std::unique_ptr<engine::ResultStream> MakeNoRows();

}  // namespace pallas::query

#endif  // PALLAS_QUERY_RESULTS_TEXT_ROWS_H_
