#include "catalog/metastore_definitions.h"

#include <string>
#include <vector>

#include "base/status_macros.h"
#include "catalog/metastore.h"

namespace pallas::catalog {
namespace {

class MetastoreDefinitions final : public sdk::TableDefinitions {
 public:
  explicit MetastoreDefinitions(Metastore& metastore) : metastore_(metastore) {}

  absl::StatusOr<std::vector<sdk::DatabaseDefinition>> ListDatabases(
      const sdk::RequestContext& context) override {
    RETURN_IF_ERROR(context.Check());
    return metastore_.ListDatabases();
  }

  absl::StatusOr<std::vector<sdk::TableDefinition>> ListTables(
      const sdk::RequestContext& context, const std::string& database) override {
    RETURN_IF_ERROR(context.Check());
    return metastore_.ListTables(database);
  }

  absl::StatusOr<sdk::TableDefinition> GetTable(const sdk::RequestContext& context,
                                                const sdk::TableName& name) override {
    RETURN_IF_ERROR(context.Check());
    return metastore_.GetTable(name.database, name.table);
  }

 private:
  Metastore& metastore_;
};

}  // namespace

std::unique_ptr<sdk::TableDefinitions> MakeTableDefinitions(Metastore& metastore) {
  return std::make_unique<MetastoreDefinitions>(metastore);
}

}  // namespace pallas::catalog
