#ifndef PALLAS_QUERY_STATEMENTS_PARTITION_SPEC_H_
#define PALLAS_QUERY_STATEMENTS_PARTITION_SPEC_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "sdk/model/table_definition.h"
#include "sql/ast/statement.h"

namespace pallas::query {

// The texts of PARTITION (k = v, ...) in the order of the table's keys, checked against their types
// and spelled one way (`07` of an int is `7`). REQUIRED is every key, once; with `partial`, keys
// that are not named are nullopt.
absl::StatusOr<std::vector<std::optional<std::string>>> PartitionValues(
    const sql::ast::PartitionSpec& spec, const sdk::TableDefinition& table, bool partial);

// `k1=v1/k2=v2`, escaped as Hive names folders.
std::string PartitionName(const sdk::TableDefinition& table,
                          const std::vector<std::string>& values);

// `texts` spelled as PartitionValues spells them.
absl::StatusOr<std::vector<std::string>> CanonicalValues(const sdk::TableDefinition& table,
                                                         const std::vector<std::string>& texts);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_PARTITION_SPEC_H_
