#include "engine/duckdb/external_calls.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/buffer.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/execution/expression_executor.hpp"
#include "duckdb/execution/expression_executor_state.hpp"
#include "duckdb/function/scalar_function.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/expression/function_expression.hpp"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "engine/duckdb/arrow_columns.h"
#include "engine/duckdb/arrow_import.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/scan_registry.h"
#include "federation/batch_check.h"
#include "sql/runtime/text.h"
#include "types/arrow_mapping.h"
#include "types/arrow_status.h"

namespace pallas::engine {
namespace {

using federation::ExternalFunction;
using ArrayPtr = std::shared_ptr<arrow::Array>;

constexpr char kExternalFunction[] = "trino$external_call";

std::string Described(const ExternalFunction& function) {
  const bool lambda = function.kind == ExternalFunction::Kind::kLambda;
  return absl::StrCat("External function ", function.name, " (",
                      lambda ? "Lambda function" : "SageMaker endpoint", " '", function.target,
                      "')");
}

absl::Status BadAnswer(const ExternalFunction& function, std::string_view what) {
  return NamedError("FUNCTION_IMPLEMENTATION_ERROR", absl::StrCat(Described(function), " ", what),
                    absl::StatusCode::kFailedPrecondition);
}

// What the invoker says went wrong. Ends of the query stay what they are.
absl::Status Failed(const ExternalFunction& function, const absl::Status& status) {
  if (absl::IsCancelled(status) || absl::IsDeadlineExceeded(status) || GetDetail(status)) {
    return status;
  }
  return NamedError("GENERIC_USER_ERROR",
                    absl::StrCat(Described(function), " failed: ", status.message()),
                    status.code());
}

// ---- Arguments: the result-side form, with the types of the scan side ----

// Whole milliseconds of timestamps in microseconds.
absl::StatusOr<std::shared_ptr<arrow::ArrayData>> ToMillis(const arrow::ArrayData& micros) {
  const int64_t num_values = micros.length + micros.offset;
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Buffer> buffer,
                   arrow::AllocateBuffer(num_values * static_cast<int64_t>(sizeof(int64_t))));
  const auto* const from = micros.GetValues<int64_t>(1, 0);
  auto* const to = reinterpret_cast<int64_t*>(buffer->mutable_data());
  constexpr int64_t kMicrosPerMilli = 1000;
  for (int64_t i = 0; i < num_values; ++i) {
    const int64_t rest = from[i] % kMicrosPerMilli;
    to[i] = from[i] / kMicrosPerMilli - (rest < 0 ? 1 : 0);
  }
  std::shared_ptr<arrow::ArrayData> millis = micros.Copy();
  millis->type = arrow::date64();
  millis->buffers[1] = std::move(buffer);
  return millis;
}

absl::StatusOr<std::shared_ptr<arrow::ArrayData>> ToScanSide(
    const Type& type, const std::shared_ptr<arrow::ArrayData>& data) {
  if (type.kind() == TypeKind::kTimestamp && type.precision() <= 3) {
    return ToMillis(*data);
  }
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::DataType> scan_type, ToScanArrowType(type));
  std::shared_ptr<arrow::ArrayData> copy = data->Copy();
  copy->type = std::move(scan_type);
  if (type.kind() == TypeKind::kMap) {
    // A map's one child is its entries.
    std::shared_ptr<arrow::ArrayData> entries = copy->child_data[0]->Copy();
    entries->type = copy->type->field(0)->type();
    for (size_t i = 0; i < entries->child_data.size(); ++i) {
      ASSIGN_OR_RETURN(entries->child_data[i],
                       ToScanSide(type.children()[i], entries->child_data[i]));
    }
    copy->child_data[0] = std::move(entries);
    return copy;
  }
  for (size_t i = 0; i < copy->child_data.size(); ++i) {
    ASSIGN_OR_RETURN(copy->child_data[i], ToScanSide(type.children()[i], copy->child_data[i]));
  }
  return copy;
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> ArgumentBatch(const ExternalFunction& function,
                                                                  duckdb::DataChunk& arguments) {
  const duckdb::idx_t count = arguments.size();
  const duckdb::SelectionVector rows(0, count);
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::ArrayData>> columns;
  for (size_t i = 0; i < function.parameter_types.size(); ++i) {
    const Type& type = function.parameter_types[i];
    const std::unique_ptr<ColumnWriter> writer = MakeColumnWriter(type);
    RETURN_IF_ERROR(writer->Append(arguments.data[i], count, rows, count));
    ASSIGN_OR_RETURN(const std::shared_ptr<arrow::ArrayData> data, writer->Finish());
    ASSIGN_OR_RETURN(columns.emplace_back(), ToScanSide(type, data));
    fields.push_back(arrow::field(function.parameter_names[i], columns.back()->type));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), static_cast<int64_t>(count),
                                  std::move(columns));
}

// ---- The answer ----

bool HasLengths(const Type& type) {
  if (type.kind() == TypeKind::kVarchar && type.length()) {
    return true;
  }
  for (const Type& child : type.children()) {
    if (HasLengths(child)) {
      return true;
    }
  }
  return false;
}

// Whether no text is longer than its type says.
bool LengthsHold(const Type& type, const arrow::ArrayData& data) {
  if (!HasLengths(type)) {
    return true;
  }
  if (type.kind() == TypeKind::kVarchar) {
    const arrow::StringArray texts(data.Copy());
    for (int64_t i = 0; i < texts.length(); ++i) {
      if (!texts.IsNull(i) && sql::CountCodePoints(texts.GetView(i)) > *type.length()) {
        return false;
      }
    }
    return true;
  }
  const arrow::ArrayData& parts = type.kind() == TypeKind::kMap ? *data.child_data[0] : data;
  for (size_t i = 0; i < parts.child_data.size(); ++i) {
    if (!LengthsHold(type.children()[i], *parts.child_data[i])) {
      return false;
    }
  }
  return true;
}

// `values` as a batch of one column, if they are what the function promises.
absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> CheckAnswer(const ExternalFunction& function,
                                                                const ArrayPtr& values,
                                                                int64_t num_rows) {
  if (values == nullptr) {
    return BadAnswer(function, "gave no values");
  }
  if (values->length() != num_rows) {
    return BadAnswer(function,
                     absl::StrCat("gave ", values->length(), " values for ", num_rows, " rows"));
  }
  if (!CheckImportable(function.return_type, *values->type()).ok()) {
    return BadAnswer(function, absl::StrCat("gave values of the type ", values->type()->ToString(),
                                            " where it returns ", function.return_type.ToString()));
  }
  if (const arrow::Status valid = values->Validate(); !valid.ok()) {
    return BadAnswer(function, absl::StrCat("gave broken values: ", valid.message()));
  }
  const auto schema = arrow::schema({arrow::field(function.name, values->type())});
  auto batch = federation::CheckBatch(arrow::RecordBatch::Make(schema, num_rows, {values}), *schema,
                                      federation::InvalidUtf8::kError);
  if (!batch.ok()) {
    return BadAnswer(function, absl::StrCat("gave a broken value: ", batch.status().message()));
  }
  if (!LengthsHold(function.return_type, *values->data())) {
    return BadAnswer(function, absl::StrCat("gave a text that is longer than ",
                                            function.return_type.ToString()));
  }
  return batch;
}

absl::Status Call(const ExternalCall& call, duckdb::DataChunk& arguments, duckdb::Vector& result) {
  RETURN_IF_ERROR(call.request.Check());
  const ExternalFunction& function = *call.function;
  ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch,
                   ArgumentBatch(function, arguments));
  absl::StatusOr<ArrayPtr> values = call.invoker->Invoke(call.request, function, batch);
  RETURN_IF_ERROR(call.request.Check());
  if (!values.ok()) {
    return Failed(function, values.status());
  }
  const int64_t num_rows = batch->num_rows();
  ASSIGN_OR_RETURN(const std::shared_ptr<const arrow::RecordBatch> answer,
                   CheckAnswer(function, *values, num_rows));
  duckdb::Vector imported(result.GetType(), static_cast<duckdb::idx_t>(num_rows));
  const absl::Status status =
      Import(function.return_type, answer, *answer->column(0), 0, num_rows, imported);
  if (!status.ok()) {
    return BadAnswer(function, absl::StrCat("gave a broken value: ", status.message()));
  }
  result.Reference(imported);
  return absl::OkStatus();
}

// ---- For DuckDB ----

struct CallData final : duckdb::FunctionData {
  explicit CallData(std::shared_ptr<const ExternalCall> external) : call(std::move(external)) {}

  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    return duckdb::make_uniq<CallData>(call);
  }

  bool Equals(const duckdb::FunctionData& other) const override {
    const auto* const data = dynamic_cast<const CallData*>(&other);
    return data != nullptr && data->call == call;
  }

  std::shared_ptr<const ExternalCall> call;
};

// The last argument is the number of the call.
duckdb::unique_ptr<duckdb::FunctionData> Bind(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const duckdb::Value id = duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments.back());
  arguments.pop_back();
  std::shared_ptr<const ExternalCall> call =
      FindExternalCall(context, duckdb::BigIntValue::Get(id));
  function.arguments.clear();
  for (const Type& type : call->function->parameter_types) {
    function.arguments.push_back(ToDuckDbType(type));
  }
  function.original_arguments.clear();
  function.SetVarArgs(duckdb::LogicalType(duckdb::LogicalTypeId::INVALID));
  function.SetReturnType(ToDuckDbType(call->function->return_type));
  return duckdb::make_uniq<CallData>(std::move(call));
}

void Execute(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
  if (arguments.size() > 0) {
    ThrowIfError(Call(*BindDataOf(state).Cast<CallData>().call, arguments, result));
  }
}

}  // namespace

absl::StatusOr<DuckExpr> ExternalCalls::Emit(std::shared_ptr<const ExternalFunction> function,
                                             DuckExprs arguments) {
  if (invoker_ == nullptr) {
    return NamedError(
        "NOT_SUPPORTED",
        absl::StrCat(Described(*function), " cannot be called: no endpoint for it is configured"),
        absl::StatusCode::kUnimplemented);
  }
  size_t id = 0;
  while (id < calls_.size() && calls_[id]->function != function) {
    ++id;
  }
  const Type& type = function->return_type;
  arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(
      duckdb::Value::BIGINT(static_cast<int64_t>(id))));
  DuckExpr call =
      duckdb::make_uniq<duckdb::FunctionExpression>(kExternalFunction, std::move(arguments));
  call = NativeCast(ToDuckDbType(type), std::move(call));
  if (id == calls_.size()) {
    calls_.push_back(std::make_shared<const ExternalCall>(
        ExternalCall{request_, invoker_, std::move(function)}));
  }
  return call;
}

std::shared_ptr<const ExternalCall> ExternalCalls::Find(size_t id) const {
  return id < calls_.size() ? calls_[id] : nullptr;
}

void RegisterExternalCalls(duckdb::DatabaseInstance& instance) {
  duckdb::ScalarFunction function(kExternalFunction, {}, duckdb::LogicalType::ANY, Execute, Bind);
  function.SetVarArgs(duckdb::LogicalType::ANY);
  function.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  function.SetFallible();
  // Neither folded while a statement is planned, nor taken as one with an equal call.
  function.SetVolatile();
  duckdb::ExtensionLoader loader(instance, "pallas");
  loader.RegisterFunction(std::move(function));
}

}  // namespace pallas::engine
