#ifndef PALLAS_CONNECTORS_MYSQL_VALUE_SET_SQL_H_
#define PALLAS_CONNECTORS_MYSQL_VALUE_SET_SQL_H_

#include <string>

#include "connectors/mysql/source_table.h"
#include "sdk/model/scan.h"
#include "sdk/model/value_set.h"

namespace pallas::mysql {

// A condition of a WHERE clause, in parentheses; empty where nothing is sent.
struct Condition {
  std::string sql;
  sdk::TermSupport support;

  static Condition Exact(std::string sql) { return {std::move(sql), {sdk::Support::kExact, ""}}; }

  static Condition Inexact(std::string sql, std::string reason) {
    return {std::move(sql), {sdk::Support::kInexact, std::move(reason)}};
  }

  static Condition None(std::string reason) {
    return {"", {sdk::Support::kUnsupported, std::move(reason)}};
  }
};

// "The column lies in the set", so that the server returns at least every row for which that is
// true by the engine's rules.
Condition ColumnCondition(const SourceColumn& column, const sdk::ValueSet& set);

// What is compared where the order or identity of the column's values matters.
std::string ComparedExpression(const SourceColumn& column);

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_VALUE_SET_SQL_H_
