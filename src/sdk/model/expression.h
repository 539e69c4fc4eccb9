#ifndef PALLAS_SDK_MODEL_EXPRESSION_H_
#define PALLAS_SDK_MODEL_EXPRESSION_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arrow/type_fwd.h"

#include "sdk/model/value.h"

namespace pallas::sdk {

// A predicate or value that a source may evaluate (protocol section 5.12).
struct Expression {
  enum class Kind { kConstant, kVariable, kCall };

  Kind kind = Kind::kConstant;
  std::shared_ptr<arrow::DataType> type;
  // kConstant: one value, or several for a list; nullopt is NULL.
  std::vector<std::optional<Value>> values;
  // kVariable: the column. kCall: the function, as the protocol names it: "$and", "$equal",
  // "$like_pattern", "$in", "$array", ... (connectors.md section 1.6).
  std::string name;
  // kCall
  std::vector<Expression> arguments;

  static Expression Constant(std::shared_ptr<arrow::DataType> type, std::optional<Value> value);
  static Expression Variable(std::shared_ptr<arrow::DataType> type, std::string column);
  static Expression Call(std::shared_ptr<arrow::DataType> type, std::string function,
                         std::vector<Expression> arguments);

  bool operator==(const Expression& other) const;

  // `$equal(name, 'x')`, for EXPLAIN.
  std::string ToString() const;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_MODEL_EXPRESSION_H_
