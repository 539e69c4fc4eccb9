#ifndef PALLAS_CLI_APPLICATION_H_
#define PALLAS_CLI_APPLICATION_H_

#include <memory>

#include "absl/status/statusor.h"
#include "cli/config.h"

#include "engine/query_engine.h"
#include "query/statement_runner.h"

namespace pallas::storage {
class Locations;
}  // namespace pallas::storage

namespace pallas::catalog {
class TableResolver;
}  // namespace pallas::catalog

namespace pallas::cli {

// Everything a process needs to run statements over one data folder: metastore, sources, engine.
// Opening it contacts no source: one that is down breaks only the queries that read it.
class Application {
 public:
  static absl::StatusOr<std::unique_ptr<Application>> Open(const Config& config);
  ~Application();

  query::StatementRunner& runner();
  engine::QueryEngine& engine();
  // The stores of the lake.
  const storage::Locations& locations() const;
  catalog::TableResolver& resolver();
  // The session settings of the configuration.
  const sql::Session& default_session() const;

 private:
  struct Parts;
  explicit Application(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

// Where state lives if neither --data nor the configuration says: $XDG_DATA_HOME/pallas, else
// ~/.local/share/pallas.
absl::StatusOr<std::string> DefaultDataDir();

}  // namespace pallas::cli

#endif  // PALLAS_CLI_APPLICATION_H_
