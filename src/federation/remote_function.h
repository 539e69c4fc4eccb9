#ifndef PALLAS_FEDERATION_REMOTE_FUNCTION_H_
#define PALLAS_FEDERATION_REMOTE_FUNCTION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "federation/remote_connector.h"
#include "sdk/protocol/messages.h"

namespace pallas::federation {

// Scalar functions that Lambda functions offer (protocol section 21). Borrows the invoker.
// Thread-safe.
class RemoteFunctions {
 public:
  // Arguments go out in pieces of at most `max_request_bytes`, as blocks count: there is no spill
  // for them.
  static constexpr int64_t kMaxRequestBytes = 3'000'000;

  explicit RemoteFunctions(LambdaInvoker& invoker, int64_t max_request_bytes = kMaxRequestBytes)
      : invoker_(invoker), max_request_bytes_(max_request_bytes) {}

  // The values of `method` (in lower case) of the Lambda function `function` for the rows of
  // `arguments`, a column for each argument, by position. One value of `type` for each row; another
  // type or number of values is an error.
  absl::StatusOr<std::shared_ptr<arrow::Array>> Call(
      const sdk::RequestContext& context, const std::string& function, const std::string& method,
      const std::shared_ptr<arrow::RecordBatch>& arguments,
      const std::shared_ptr<arrow::DataType>& type);

 private:
  struct CallTarget;

  absl::StatusOr<sdk::protocol::Version> VersionOf(const sdk::RequestContext& context,
                                                   const std::string& function);
  absl::StatusOr<std::shared_ptr<arrow::Array>> CallOnce(
      const sdk::RequestContext& context, const CallTarget& target,
      const std::shared_ptr<arrow::RecordBatch>& arguments);

  LambdaInvoker& invoker_;
  const int64_t max_request_bytes_;
  std::mutex mutex_;
  std::map<std::string, sdk::protocol::Version> versions_;  // by function
};

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_REMOTE_FUNCTION_H_
