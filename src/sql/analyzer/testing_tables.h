#ifndef PALLAS_SQL_ANALYZER_TESTING_TABLES_H_
#define PALLAS_SQL_ANALYZER_TESTING_TABLES_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/table_resolver.h"

namespace pallas::sql {

// A catalog in memory for the analyzer's tests. Not thread-safe while tables are added.
class TestingTables final : public catalog::TableResolver {
 public:
  // Columns as "name type, name type, ..."; names that start with "$" are hidden.
  void Add(const catalog::QualifiedName& name, std::string_view columns);
  void AddView(const catalog::QualifiedName& name, std::string_view columns, std::string sql);
  // The eight tables in tpch.tiny, with the corpus' column names; under awsdatacatalog.default with
  // those of the benchmark; and under awsdatacatalog.sf1 with money as decimal(12,2).
  void AddTpch();

  absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> ResolveTable(
      const sdk::RequestContext& context, const catalog::QualifiedName& name) override;
  absl::StatusOr<std::vector<std::string>> ListCatalogs(
      const sdk::RequestContext& context) override;
  absl::StatusOr<std::vector<std::string>> ListDatabases(const sdk::RequestContext& context,
                                                         const std::string& catalog) override;
  absl::StatusOr<std::vector<std::string>> ListTables(const sdk::RequestContext& context,
                                                      const std::string& catalog,
                                                      const std::string& database) override;

  int num_resolved() const { return num_resolved_; }

 private:
  void Put(catalog::ResolvedTable table);

  std::map<catalog::QualifiedName, std::shared_ptr<const catalog::ResolvedTable>> tables_;
  int num_resolved_ = 0;
};

}  // namespace pallas::sql

#endif  // PALLAS_SQL_ANALYZER_TESTING_TABLES_H_
