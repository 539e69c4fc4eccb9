#ifndef PALLAS_FEDERATION_EXTERNAL_FUNCTION_H_
#define PALLAS_FEDERATION_EXTERNAL_FUNCTION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "sdk/request_context.h"
#include "types/type.h"

namespace pallas::federation {

// A scalar function that runs outside of the engine, as USING EXTERNAL FUNCTION declares it. A
// value.
struct ExternalFunction {
  enum class Kind { kLambda, kSageMaker };

  std::string name;  // the method that is called, in lower case
  Kind kind = Kind::kLambda;
  std::string target;  // a Lambda function's name or ARN, or a SageMaker endpoint
  std::vector<std::string> parameter_names;
  std::vector<Type> parameter_types;
  Type return_type;
};

// Calls external functions; behind it are Lambda clients, or a test's own code. Thread-safe, and
// outlives every query.
class ExternalFunctionInvoker {
 public:
  virtual ~ExternalFunctionInvoker() = default;

  // The function's values for `arguments`: one column for each parameter, under its name, of
  // ToScanArrowType() of its type, and at least one row. One value for each row, of
  // ToScanArrowType() of the return type; the caller checks this. Blocks; ends soon after
  // `context.cancellation`. Errors with a name (base/error_detail.h) keep it; others reach the user
  // as GENERIC_USER_ERROR.
  virtual absl::StatusOr<std::shared_ptr<arrow::Array>> Invoke(
      const sdk::RequestContext& context, const ExternalFunction& function,
      const std::shared_ptr<arrow::RecordBatch>& arguments) = 0;
};

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_EXTERNAL_FUNCTION_H_
