#include "federation/remote_function.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/array/concatenate.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "federation/remote_call.h"
#include "sdk/function/wire_batch.h"
#include "sdk/protocol/arrow_message.h"
#include "types/arrow_status.h"

namespace pallas::federation {

namespace protocol = sdk::protocol;

struct RemoteFunctions::CallTarget {
  const std::string& function;
  const std::string& method;
  const std::shared_ptr<arrow::DataType>& type;
  protocol::Version version;
};

namespace {

// The name of the result's only column; readers go by its place.
constexpr char kResultColumn[] = "result";

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> ToWire(const arrow::RecordBatch& arguments) {
  arrow::FieldVector fields;
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (int i = 0; i < arguments.num_columns(); ++i) {
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::DataType> type,
                     sdk::WireType(arguments.column(i)->type()));
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> column,
                     sdk::ToWireColumn(arguments.column(i), type));
    fields.push_back(arrow::field(arguments.column_name(i), std::move(type)));
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), arguments.num_rows(),
                                  std::move(columns));
}

}  // namespace

absl::StatusOr<protocol::Version> RemoteFunctions::VersionOf(const sdk::RequestContext& context,
                                                             const std::string& function) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = versions_.find(function); found != versions_.end()) {
      return found->second;
    }
  }
  ASSIGN_OR_RETURN(const protocol::Version version,
                   PingFunction(invoker_, context, function, HeadOf(context)));
  const std::lock_guard lock(mutex_);
  versions_[function] = version;
  return version;
}

absl::StatusOr<std::shared_ptr<arrow::Array>> RemoteFunctions::CallOnce(
    const sdk::RequestContext& context, const CallTarget& target,
    const std::shared_ptr<arrow::RecordBatch>& arguments) {
  protocol::UserDefinedFunctionRequest request;
  request.identity = HeadOf(context).identity;
  request.input = arguments;
  request.output_schema = arrow::schema({arrow::field(kResultColumn, target.type)});
  request.method = target.method;
  ASSIGN_OR_RETURN(
      const protocol::Response response,
      CallFunction(invoker_, context, target.function, std::move(request), target.version));
  const auto* const answer = std::get_if<protocol::UserDefinedFunctionResponse>(&response);
  if (answer == nullptr) {
    return absl::InternalError(absl::StrCat("function ", target.function, " answered a call of ",
                                            target.method, " with ", TypeName(response)));
  }
  if (answer->records->num_columns() != 1 ||
      !answer->records->column(0)->type()->Equals(*target.type) ||
      answer->records->num_rows() != arguments->num_rows()) {
    return absl::InternalError(absl::StrCat("function ", target.function, " answered a call of ",
                                            target.method, " for ", arguments->num_rows(),
                                            " rows with ", answer->records->num_rows(),
                                            " rows of (", answer->records->schema()->ToString(),
                                            ") where ", target.type->ToString(), " was asked for"));
  }
  return answer->records->column(0);
}

absl::StatusOr<std::shared_ptr<arrow::Array>> RemoteFunctions::Call(
    const sdk::RequestContext& context, const std::string& function, const std::string& method,
    const std::shared_ptr<arrow::RecordBatch>& arguments,
    const std::shared_ptr<arrow::DataType>& type) {
  ASSIGN_OR_RETURN(const protocol::Version version, VersionOf(context, function));
  ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> wire, ToWire(*arguments));
  const CallTarget target{function, method, type, version};
  const int64_t pieces = protocol::BlockBytes(*wire) / max_request_bytes_ + 1;
  const int64_t rows_of_piece = std::max<int64_t>((wire->num_rows() + pieces - 1) / pieces, 1);
  arrow::ArrayVector results;
  for (int64_t row = 0; row < wire->num_rows() || row == 0; row += rows_of_piece) {
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> result,
                     CallOnce(context, target, wire->Slice(row, rows_of_piece)));
    results.push_back(std::move(result));
  }
  if (results.size() == 1) {
    return results[0];
  }
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> all, arrow::Concatenate(results));
  return all;
}

}  // namespace pallas::federation
