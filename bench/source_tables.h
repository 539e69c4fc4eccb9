#ifndef PALLAS_BENCH_SOURCE_TABLES_H_
#define PALLAS_BENCH_SOURCE_TABLES_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "catalog/table_resolver.h"
#include "sql/analyzer/testing_tables.h"

namespace pallas::bench {

// Tables of awsdatacatalog.default as a source would have them, so that queries over them can be
// emitted; nothing is read. Not thread-safe.
class SourceTables final : public catalog::TableResolver {
 public:
  // Columns as "name type, name type, ...".
  absl::Status Add(const std::string& name, std::string_view columns);
  // The eight tables of TPC-H.
  absl::Status AddTpch();

  absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> ResolveTable(
      const sdk::RequestContext& context, const catalog::QualifiedName& name) override;
  absl::StatusOr<std::vector<std::string>> ListCatalogs(
      const sdk::RequestContext& context) override;
  absl::StatusOr<std::vector<std::string>> ListDatabases(const sdk::RequestContext& context,
                                                         const std::string& catalog) override;
  absl::StatusOr<std::vector<std::string>> ListTables(const sdk::RequestContext& context,
                                                      const std::string& catalog,
                                                      const std::string& database) override;

  // Those that were added, in the order of their names.
  const std::map<std::string, std::shared_ptr<const catalog::ResolvedTable>>& tables() const {
    return tables_;
  }

 private:
  absl::Status MakeReadable(const std::string& name);

  sql::TestingTables names_;
  std::map<std::string, std::shared_ptr<const catalog::ResolvedTable>> tables_;
};

}  // namespace pallas::bench

#endif  // PALLAS_BENCH_SOURCE_TABLES_H_
