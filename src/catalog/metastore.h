#ifndef PALLAS_CATALOG_METASTORE_H_
#define PALLAS_CATALOG_METASTORE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "sdk/model/table_definition.h"

namespace pallas::catalog {

inline constexpr char kAwsDataCatalog[] = "awsdatacatalog";

struct Database {
  std::string name;
  std::string description;
  std::string location;
  std::map<std::string, std::string> parameters;

  bool operator==(const Database&) const = default;
};

enum class DataCatalogType { kLambda, kGlue, kHive, kFederated };

struct DataCatalog {
  std::string name;
  DataCatalogType type = DataCatalogType::kLambda;
  std::string description;
  std::map<std::string, std::string> parameters;

  bool operator==(const DataCatalog&) const = default;
};

// A prepared statement of a workgroup (decision D8).
struct PreparedStatement {
  std::string name;
  std::string sql;
  std::string description;

  bool operator==(const PreparedStatement&) const = default;
};

// The durable state of one data folder (design section 8): databases, tables, partitions, views,
// data catalogs. Every call is one transaction; what was acknowledged survives a crash. Names are
// stored in lower case. Thread-safe; calls may wait for the disk.
//
// Errors: NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION (a database that is not empty),
// INVALID_ARGUMENT (a name that is empty or too long), ABORTED (version conflict).
class Metastore {
 public:
  // Opens or creates `path` (":memory:" for tests) and brings it to the newest layout.
  static absl::StatusOr<std::unique_ptr<Metastore>> Open(const std::string& path);
  ~Metastore();

  absl::Status CreateDatabase(const Database& database);
  absl::Status UpdateDatabase(const Database& database);
  // With `cascade`, its tables and partitions too.
  absl::Status DropDatabase(const std::string& name, bool cascade);
  absl::StatusOr<Database> GetDatabase(const std::string& name);
  absl::StatusOr<std::vector<Database>> ListDatabases();

  absl::Status CreateTable(const sdk::TableDefinition& table);
  absl::Status ReplaceTable(const sdk::TableDefinition& table);  // create or replace
  absl::Status UpdateTable(const sdk::TableDefinition& table);   // must exist
  absl::Status DropTable(const std::string& database, const std::string& name);
  absl::StatusOr<sdk::TableDefinition> GetTable(const std::string& database,
                                                const std::string& name);
  absl::StatusOr<std::vector<sdk::TableDefinition>> ListTables(const std::string& database);

  // Adds all or none. With `if_not_exists`, those that exist stay as they are.
  absl::Status AddPartitions(const std::string& database, const std::string& table,
                             const std::vector<sdk::PartitionDefinition>& partitions,
                             bool if_not_exists);
  absl::Status DropPartition(const std::string& database, const std::string& table,
                             const std::vector<std::string>& values);
  absl::StatusOr<std::vector<sdk::PartitionDefinition>> ListPartitions(const std::string& database,
                                                                       const std::string& table);

  absl::Status PutDataCatalog(const DataCatalog& catalog);
  absl::Status DropDataCatalog(const std::string& name);
  absl::StatusOr<std::vector<DataCatalog>> ListDataCatalogs();

  absl::Status PutPreparedStatement(const std::string& workgroup,
                                    const PreparedStatement& statement);
  absl::StatusOr<PreparedStatement> GetPreparedStatement(const std::string& workgroup,
                                                         const std::string& name);
  absl::Status DropPreparedStatement(const std::string& workgroup, const std::string& name);
  absl::StatusOr<std::vector<PreparedStatement>> ListPreparedStatements(
      const std::string& workgroup);

 private:
  struct Impl;
  explicit Metastore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace pallas::catalog

#endif  // PALLAS_CATALOG_METASTORE_H_
