#ifndef PALLAS_QUERY_STATEMENTS_QUERY_STATEMENT_H_
#define PALLAS_QUERY_STATEMENTS_QUERY_STATEMENT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "query/statement_runner.h"
#include "sql/ast/statement.h"

// Statements that run a query: SELECT and its kin, EXPLAIN, VERIFY.

namespace pallas::query {

// A query with the functions that its statement declares before it. Borrows.
struct QueryParts {
  const sql::ast::Query& query;
  const std::vector<sql::ast::ExternalFunction>& functions;
};

// The query of a statement that is one; nullopt for others.
std::optional<QueryParts> QueryOf(const sql::ast::Statement& statement);

// `text` is the statement as written, for engines that take text.
absl::StatusOr<StatementResult> RunQuery(const QueryParts& query, std::string text,
                                         const Services& services, const sql::Session& session,
                                         const sdk::RequestContext& context);

// What EXPLAIN and, with `analyze`, EXPLAIN ANALYZE know of a query.
absl::StatusOr<engine::Explanation> ExplainQuery(const QueryParts& query, std::string text,
                                                 const Services& services,
                                                 const sql::Session& session,
                                                 const sdk::RequestContext& context, bool analyze);

// EXPLAIN [ANALYZE]: one row and column of text, "Query Plan". Only of queries.
absl::StatusOr<StatementResult> RunExplain(const sql::ast::Explain& explain, std::string text,
                                           const Services& services, const sql::Session& session,
                                           const sdk::RequestContext& context);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_QUERY_STATEMENT_H_
