#ifndef PALLAS_CATALOG_DEFINITION_JSON_H_
#define PALLAS_CATALOG_DEFINITION_JSON_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

#include "sdk/model/table_definition.h"

// The JSON in which the metastore keeps what SQL need not look into. Members that a reader does not
// know are passed over, absent ones have their defaults.

namespace pallas::catalog {

// INVALID_ARGUMENT if a text of it is not UTF-8.
absl::StatusOr<std::string> TableToJson(const sdk::TableDefinition& table);
absl::StatusOr<std::string> MapToJson(const std::map<std::string, std::string>& map);
absl::StatusOr<std::string> ListToJson(const std::vector<std::string>& list);

// DATA_LOSS if the text is not what the functions above wrote.
absl::StatusOr<sdk::TableDefinition> TableFromJson(std::string_view json);
absl::StatusOr<std::map<std::string, std::string>> MapFromJson(std::string_view json);
absl::StatusOr<std::vector<std::string>> ListFromJson(std::string_view json);

}  // namespace pallas::catalog

#endif  // PALLAS_CATALOG_DEFINITION_JSON_H_
