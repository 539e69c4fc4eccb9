#include <string>
#include <utility>

#include "duckdb/parser/expression/window_expression.hpp"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/tree.h"

// Window functions: DuckDB's, with Trino's checks of their arguments.

namespace pallas::engine {
namespace {

using duckdb::ExpressionType;
using duckdb::LogicalType;

duckdb::unique_ptr<duckdb::WindowExpression> MakeWindow(ExpressionType type, const char* name,
                                                        WindowParts parts, bool framed) {
  auto window = duckdb::make_uniq<duckdb::WindowExpression>(type, "", "", name);
  window->partitions = std::move(parts.partition_by);
  window->orders = std::move(parts.order_by);
  window->ignore_nulls = parts.ignore_nulls;
  if (framed) {
    window->start = parts.start;
    window->end = parts.end;
    window->start_expr = std::move(parts.start_offset);
    window->end_expr = std::move(parts.end_offset);
  } else {
    window->start = duckdb::WindowBoundary::UNBOUNDED_PRECEDING;
    window->end = duckdb::WindowBoundary::CURRENT_ROW_RANGE;
  }
  return window;
}

WindowEmitter Ranking(ExpressionType type, const char* name) {
  return [type, name](const CallSite&, DuckExprs values,
                      WindowParts parts) -> absl::StatusOr<DuckExpr> {
    auto window = MakeWindow(type, name, std::move(parts), /*framed=*/false);
    window->children = std::move(values);
    return DuckExpr(std::move(window));
  };
}

absl::StatusOr<DuckExpr> Ntile(const CallSite& /*site*/, DuckExprs values, WindowParts parts) {
  auto window =
      MakeWindow(ExpressionType::WINDOW_NTILE, "ntile", std::move(parts), /*framed=*/false);
  window->children = MakeTrees(CallPrivate("check_buckets", std::move(values)));
  return DuckExpr(std::move(window));
}

WindowEmitter ValueOf(ExpressionType type, const char* name) {
  return [type, name](const CallSite&, DuckExprs values,
                      WindowParts parts) -> absl::StatusOr<DuckExpr> {
    auto window = MakeWindow(type, name, std::move(parts), /*framed=*/true);
    if (values.size() > 1) {
      values[1] = CallPrivate("check_nth", MakeTrees(std::move(values[1])));
    }
    window->children = std::move(values);
    return DuckExpr(std::move(window));
  };
}

WindowEmitter Neighbour(ExpressionType type, const char* name) {
  return [type, name](const CallSite&, DuckExprs values,
                      WindowParts parts) -> absl::StatusOr<DuckExpr> {
    auto window = MakeWindow(type, name, std::move(parts), /*framed=*/false);
    if (values.size() > 2) {
      window->default_expr = std::move(values[2]);
    }
    if (values.size() > 1) {
      window->offset_expr = CallPrivate("check_offset", MakeTrees(std::move(values[1])));
    }
    window->children = MakeTrees(std::move(values[0]));
    return DuckExpr(std::move(window));
  };
}

[[noreturn]] void RaiseArgument(const char* message) {
  Raise("INVALID_FUNCTION_ARGUMENT", message);
}

}  // namespace

void AddWindows(AdapterTable& table) {
  table.Private("check_buckets", {LogicalType::BIGINT}, LogicalType::BIGINT,
                Unary<int64_t, int64_t>([](int64_t buckets) {
                  if (buckets <= 0) {
                    RaiseArgument("Buckets must be greater than 0");
                  }
                  return buckets;
                }),
                {.can_raise = true});
  table.Private("check_nth", {LogicalType::BIGINT}, LogicalType::BIGINT,
                Unary<int64_t, int64_t>([](int64_t offset) {
                  if (offset < 1) {
                    RaiseArgument("Offset must be at least 1");
                  }
                  return offset;
                }),
                {.can_raise = true});
  table.Private("check_offset", {LogicalType::BIGINT}, LogicalType::BIGINT,
                Rows<std::optional<int64_t>>([](std::optional<int64_t> offset) {
                  if (!offset.has_value()) {
                    RaiseArgument("Offset must not be null");
                  }
                  if (*offset < 0) {
                    RaiseArgument("Offset must be at least 0");
                  }
                  return *offset;
                }),
                {.called_on_null = true, .can_raise = true});
  table.EmitWindow("row_number()", Ranking(ExpressionType::WINDOW_ROW_NUMBER, "row_number"));
  table.EmitWindow("rank()", Ranking(ExpressionType::WINDOW_RANK, "rank"));
  table.EmitWindow("dense_rank()", Ranking(ExpressionType::WINDOW_RANK_DENSE, "dense_rank"));
  table.EmitWindow("percent_rank()", Ranking(ExpressionType::WINDOW_PERCENT_RANK, "percent_rank"));
  table.EmitWindow("cume_dist()", Ranking(ExpressionType::WINDOW_CUME_DIST, "cume_dist"));
  table.EmitWindow("ntile(bigint)", Ntile);
  table.EmitWindow("first_value(t)", ValueOf(ExpressionType::WINDOW_FIRST_VALUE, "first_value"));
  table.EmitWindow("last_value(t)", ValueOf(ExpressionType::WINDOW_LAST_VALUE, "last_value"));
  table.EmitWindow("nth_value(t,bigint)", ValueOf(ExpressionType::WINDOW_NTH_VALUE, "nth_value"));
  for (const char* arguments : {"(t)", "(t,bigint)", "(t,bigint,t)"}) {
    table.EmitWindow(std::string("lag") + arguments, Neighbour(ExpressionType::WINDOW_LAG, "lag"));
    table.EmitWindow(std::string("lead") + arguments,
                     Neighbour(ExpressionType::WINDOW_LEAD, "lead"));
  }
}

}  // namespace pallas::engine
