#ifndef PALLAS_CATALOG_METASTORE_H_
#define PALLAS_CATALOG_METASTORE_H_

#include <functional>
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

using Database = sdk::DatabaseDefinition;

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
// stored in lower case. A new metastore has the database "default". Thread-safe; calls may wait for
// the disk.
//
// Errors: NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION (a database that is not empty),
// INVALID_ARGUMENT (a name that is empty or too long, text that is not UTF-8, a partition with the
// wrong number of values), DATA_LOSS (the file is damaged), UNAVAILABLE, RESOURCE_EXHAUSTED.
class Metastore {
 public:
  // Opens or creates `path` (":memory:" for tests) and brings it to the newest layout. Also
  // FAILED_PRECONDITION: a newer Pallas or another program made the file.
  static absl::StatusOr<std::unique_ptr<Metastore>> Open(const std::string& path);
  ~Metastore();

  absl::Status CreateDatabase(const Database& database);
  // As ModifyTable, below.
  absl::Status ModifyDatabase(const std::string& name,
                              const std::function<absl::Status(Database&)>& change);
  // With `cascade`, its tables and partitions too.
  absl::Status DropDatabase(const std::string& name, bool cascade);
  absl::StatusOr<Database> GetDatabase(const std::string& name);
  absl::StatusOr<std::vector<Database>> ListDatabases();

  absl::Status CreateTable(const sdk::TableDefinition& table);
  // Reads a table, lets `change` alter all but its name, and writes it back, in one transaction.
  // `change` must not call the metastore; its error is returned and nothing is written.
  absl::Status ModifyTable(const std::string& database, const std::string& name,
                           const std::function<absl::Status(sdk::TableDefinition&)>& change);
  absl::Status DropTable(const std::string& database, const std::string& name);
  absl::StatusOr<sdk::TableDefinition> GetTable(const std::string& database,
                                                const std::string& name);
  absl::StatusOr<std::vector<sdk::TableDefinition>> ListTables(const std::string& database);

  // Adds all or none. With `if_not_exists`, those that exist stay as they are. Values are texts;
  // what type the keys have is the caller's business.
  absl::Status AddPartitions(const std::string& database, const std::string& table,
                             const std::vector<sdk::PartitionDefinition>& partitions,
                             bool if_not_exists);
  // All or none.
  absl::Status DropPartitions(const std::string& database, const std::string& table,
                              const std::vector<std::vector<std::string>>& values);
  absl::Status SetPartitionLocation(const std::string& database, const std::string& table,
                                    const std::vector<std::string>& values,
                                    const std::string& location);
  // Its location and parameters stay. ALREADY_EXISTS if there is a partition `to`.
  absl::Status RenamePartition(const std::string& database, const std::string& table,
                               const std::vector<std::string>& from,
                               const std::vector<std::string>& to);
  // In the order of their values.
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
