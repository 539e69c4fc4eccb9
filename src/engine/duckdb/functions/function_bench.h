#ifndef PALLAS_ENGINE_DUCKDB_FUNCTIONS_FUNCTION_BENCH_H_
#define PALLAS_ENGINE_DUCKDB_FUNCTIONS_FUNCTION_BENCH_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "duckdb/main/connection.hpp"
#include "duckdb/main/database.hpp"

#include "engine/duckdb/functions/functions.h"
#include "sql/session.h"
#include "types/type.h"

// For tests: a bare DuckDB with our functions, which evaluates trees made by the FunctionEmitter.

namespace pallas::engine {

// A typed expression.
struct TypedTree {
  Type type;
  DuckExpr tree;
};

class FunctionBench {
 public:
  FunctionBench();

  const FunctionEmitter& emitter() const { return emitter_; }

  sql::Session& session() { return session_; }

  // "integer 1", "varchar(3) abc", "double -0.5", "bigint NULL", "array(integer) [1,NULL]",
  // "row(integer,varchar) (1,a)", "map(varchar,integer) {a:1}": a type, a blank, a value. A value
  // of a type that has no plain form here is cast from its text.
  TypedTree Literal(std::string_view text) const;

  // The call of the registered function, its arguments coerced. Aborts the test if it does not
  // resolve.
  TypedTree Call(std::string_view name, std::vector<TypedTree> arguments) const;

  // The value as text: what CAST(x AS varchar) says where there is such a cast, else DuckDB's text;
  // "NULL"; or "DIVISION_BY_ZERO: Division by zero". The tree is evaluated twice: as a constant,
  // and with its constants as columns of a table of many rows; both must agree.
  std::string Evaluate(TypedTree tree);

  // Evaluate(Call(name, literals)).
  std::string Run(std::string_view name, const std::vector<std::string_view>& literals);
  // The same of a cast.
  std::string RunCast(std::string_view literal, std::string_view to, bool safe = false);

  // All rows of a query, cells joined by " ", rows by "; ", or the error.
  std::string Query(duckdb::unique_ptr<duckdb::SQLStatement> statement);

  duckdb::Connection& connection() { return *connection_; }

 private:
  sql::Session session_;
  FunctionEmitter emitter_;
  std::unique_ptr<duckdb::DuckDB> database_;
  std::unique_ptr<duckdb::Connection> connection_;
};

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_FUNCTIONS_FUNCTION_BENCH_H_
