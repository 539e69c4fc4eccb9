#ifndef PALLAS_CATALOG_PRESTO_VIEW_H_
#define PALLAS_CATALOG_PRESTO_VIEW_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "sdk/model/table_definition.h"
#include "types/type.h"

// Views in the form in which Presto, Trino and Athena keep them in a Glue table: `/* Presto View:
// `, base64 of a JSON object, ` */` in ViewOriginalText (client-api-surface section 4.5).

namespace pallas::catalog {

struct ViewColumn {
  std::string name;
  Type type;
  std::string comment;

  bool operator==(const ViewColumn&) const = default;
};

struct PrestoView {
  std::string sql;  // the query after AS, as written
  // What unqualified names in it are looked up in.
  std::string catalog;
  std::string database;
  std::vector<ViewColumn> columns;
  std::optional<std::string> comment;
  std::optional<std::string> owner;
  bool run_as_invoker = false;

  bool operator==(const PrestoView&) const = default;
};

bool IsView(const sdk::TableDefinition& definition);

// The view of a definition for which IsView() holds. NOT_SUPPORTED for a view of Hive or Spark;
// HIVE_INVALID_VIEW_DATA for text that is no view.
absl::StatusOr<PrestoView> DecodePrestoView(const sdk::TableDefinition& definition);

// The definition by which other clients of Glue know the view too. Its columns have Hive types;
// those of a type that Hive lacks are `string` there. INVALID_ARGUMENT for text that is not UTF-8.
absl::StatusOr<sdk::TableDefinition> EncodePrestoView(const std::string& database,
                                                      const std::string& name,
                                                      const PrestoView& view);

}  // namespace pallas::catalog

#endif  // PALLAS_CATALOG_PRESTO_VIEW_H_
