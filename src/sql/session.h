#ifndef PALLAS_SQL_SESSION_H_
#define PALLAS_SQL_SESSION_H_

#include <string>

#include "absl/time/time.h"

#include "types/time_zone.h"

namespace pallas::sql {

// How the dialect's open points are settled (decision D21, spec/sql-dialect.md section 3).
struct DialectOptions {
  enum class DecimalLiterals { kDouble, kDecimal };
  enum class DecimalArithmetic { kTrino476, kTrino481 };
  enum class CharCoercion { kTrino476, kTrino482 };

  DecimalLiterals decimal_literals = DecimalLiterals::kDouble;
  DecimalArithmetic decimal_arithmetic = DecimalArithmetic::kTrino476;
  CharCoercion char_coercion = CharCoercion::kTrino476;
  // The Trino release whose syntax is accepted.
  int level = 476;
};

// What a statement is analysed and run under. A value.
struct Session {
  std::string catalog = "awsdatacatalog";
  std::string database = "default";
  std::string user;
  int time_zone_key = kUtcZoneKey;
  absl::Time start_time;  // what now() says, fixed for the query
  DialectOptions dialect;
};

}  // namespace pallas::sql

#endif  // PALLAS_SQL_SESSION_H_
