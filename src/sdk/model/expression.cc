#include "sdk/model/expression.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/type.h"

#include "sdk/model/value_set.h"

namespace pallas::sdk {

Expression Expression::Constant(std::shared_ptr<arrow::DataType> type, std::optional<Value> value) {
  Expression expression;
  expression.kind = Kind::kConstant;
  expression.type = std::move(type);
  expression.values.push_back(std::move(value));
  return expression;
}

Expression Expression::Variable(std::shared_ptr<arrow::DataType> type, std::string column) {
  Expression expression;
  expression.kind = Kind::kVariable;
  expression.type = std::move(type);
  expression.name = std::move(column);
  return expression;
}

Expression Expression::Call(std::shared_ptr<arrow::DataType> type, std::string function,
                            std::vector<Expression> arguments) {
  Expression expression;
  expression.kind = Kind::kCall;
  expression.type = std::move(type);
  expression.name = std::move(function);
  expression.arguments = std::move(arguments);
  return expression;
}

bool Expression::operator==(const Expression& other) const {
  return kind == other.kind && name == other.name && values == other.values &&
         arguments == other.arguments &&
         (type == other.type || (type && other.type && type->Equals(*other.type)));
}

std::string Expression::ToString() const {
  std::string out;
  switch (kind) {
    case Kind::kVariable:
      return name;
    case Kind::kConstant:
      for (size_t i = 0; i < values.size(); ++i) {
        absl::StrAppend(&out, i == 0 ? "" : ", ",
                        values[i] ? ValueToString(*type, *values[i]) : "NULL");
      }
      return values.size() == 1 ? out : absl::StrCat("[", out, "]");
    case Kind::kCall:
      absl::StrAppend(&out, name, "(");
      for (size_t i = 0; i < arguments.size(); ++i) {
        absl::StrAppend(&out, i == 0 ? "" : ", ", arguments[i].ToString());
      }
      return out + ")";
  }
  return out;
}

}  // namespace pallas::sdk
