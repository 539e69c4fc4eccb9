#ifndef PALLAS_CONNECTORS_MYSQL_EXPRESSION_SQL_H_
#define PALLAS_CONNECTORS_MYSQL_EXPRESSION_SQL_H_

#include "connectors/mysql/source_table.h"
#include "connectors/mysql/value_set_sql.h"
#include "sdk/model/expression.h"

namespace pallas::mysql {

// "The expression is true", so that the server returns at least every row for which it is by the
// engine's rules. Functions that the server computes in another way are not sent.
Condition ExpressionCondition(const SourceTable& table, const sdk::Expression& expression);

}  // namespace pallas::mysql

#endif  // PALLAS_CONNECTORS_MYSQL_EXPRESSION_SQL_H_
