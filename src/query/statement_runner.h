#ifndef PALLAS_QUERY_STATEMENT_RUNNER_H_
#define PALLAS_QUERY_STATEMENT_RUNNER_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "engine/query_engine.h"
#include "sdk/request_context.h"
#include "sql/session.h"

namespace pallas::catalog {
class Metastore;
class TableResolver;
}  // namespace pallas::catalog

namespace pallas::storage {
class Locations;
}  // namespace pallas::storage

namespace pallas::query {

// Whether a statement changes definitions, reads or writes rows, or neither; as Athena's API
// reports it.
enum class StatementType { kDdl, kDml, kUtility };

// What a statement gives back. DDL gives no columns; SHOW, DESCRIBE and EXPLAIN rows of text.
struct StatementResult {
  StatementType type = StatementType::kDml;
  std::unique_ptr<engine::ResultStream> rows;
};

// What statements work on. Borrowed; all outlive the runner.
struct Services {
  catalog::Metastore& metastore;
  catalog::TableResolver& resolver;
  storage::Locations& locations;
  engine::QueryEngine& engine;
};

// Runs statements of any kind: parses, analyses and hands each to its executor (one file per kind
// in statements/). Thread-safe; a session belongs to one thread at a time.
class StatementRunner {
 public:
  explicit StatementRunner(Services services) : services_(services) {}

  // Runs one statement. USE changes `session`. Errors carry Trino's name and line:column. A DDL
  // statement has had its whole effect, or none, when this returns.
  absl::StatusOr<StatementResult> Run(std::string_view sql, sql::Session& session,
                                      const sdk::RequestContext& context);

  // What EXPLAIN says of the query `sql`, as values; with `analyze` the query runs to its end.
  // NOT_SUPPORTED for other statements.
  absl::StatusOr<engine::Explanation> Explain(std::string_view sql, const sql::Session& session,
                                              const sdk::RequestContext& context, bool analyze);

 private:
  Services services_;
};

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENT_RUNNER_H_
