#include <string>
#include <string_view>
#include <utility>

#include "duckdb/execution/expression_executor_state.hpp"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cells.h"
#include "engine/duckdb/functions/list_writer.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/tree.h"
#include "sql/runtime/regexp.h"

// regexp_...: each thread keeps the pattern it has compiled last, so that a constant one is
// compiled once.

namespace pallas::engine {
namespace {

using sql::Regexp;
using std::string_view;

struct RegexpState : duckdb::FunctionLocalState {
  sql::RegexpCache cache;
};

duckdb::unique_ptr<duckdb::FunctionLocalState> InitRegexpState(
    duckdb::ExpressionState& /*state*/, const duckdb::BoundFunctionExpression& /*expr*/,
    duckdb::FunctionData* /*bind_data*/) {
  return duckdb::make_uniq<RegexpState>();
}

sql::RegexpCache& CacheOf(duckdb::ExpressionState& state) {
  return duckdb::ExecuteFunctionState::GetFunctionState(state)->Cast<RegexpState>().cache;
}

// Calls `fn(regexp, text, rest...)`.
template <typename... Rest, typename Fn>
duckdb::scalar_function_t EachRegexp(Fn fn) {
  return
      [fn](duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
        sql::RegexpCache& cache = CacheOf(state);
        scalar_loops_internal::ForEachRow<string_view, string_view, Rest...>(
            arguments, result,
            [&](duckdb::idx_t row, string_view text, string_view pattern, const auto&... rest) {
              const Regexp& regexp = *ValueOrRaise(cache.Get(pattern));
              scalar_loops_internal::Store(result, row, fn(regexp, text, rest...));
            },
            std::index_sequence_for<string_view, string_view, Rest...>());
      };
}

// The same for results that are lists of texts.
template <typename... Rest, typename Fn>
duckdb::scalar_function_t EachRegexpList(Fn fn) {
  return
      [fn](duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
        sql::RegexpCache& cache = CacheOf(state);
        ListWriter writer(result);
        scalar_loops_internal::ForEachRow<string_view, string_view, Rest...>(
            arguments, result,
            [&](duckdb::idx_t row, string_view text, string_view pattern, const auto&... rest) {
              const Regexp& regexp = *ValueOrRaise(cache.Get(pattern));
              writer.Begin(row);
              for (const auto& part : ValueOrRaise(fn(regexp, text, rest...))) {
                writer.AddText(part);
              }
            },
            std::index_sequence_for<string_view, string_view, Rest...>());
      };
}

void AddExtractions(AdapterTable& table) {
  table.Scalar(
      "regexp_extract(varchar(x),joniregexp)",
      EachRegexp([](const Regexp& regexp, string_view text) { return regexp.Extract(text, 0); }),
      InitRegexpState);
  table.Scalar("regexp_extract(varchar(x),joniregexp,bigint)",
               EachRegexp<int64_t>([](const Regexp& regexp, string_view text, int64_t group) {
                 return regexp.Extract(text, group);
               }),
               InitRegexpState);
  table.Scalar("regexp_extract_all(varchar(x),joniregexp)",
               EachRegexpList([](const Regexp& regexp, string_view text) {
                 return regexp.ExtractAll(text, 0);
               }),
               InitRegexpState);
  table.Scalar("regexp_extract_all(varchar(x),joniregexp,bigint)",
               EachRegexpList<int64_t>([](const Regexp& regexp, string_view text, int64_t group) {
                 return regexp.ExtractAll(text, group);
               }),
               InitRegexpState);
  table.Scalar(
      "regexp_split(varchar(x),joniregexp)",
      EachRegexpList([](const Regexp& regexp, string_view text) { return regexp.Split(text); }),
      InitRegexpState);
}

void AddPositions(AdapterTable& table) {
  table.Scalar("regexp_position(varchar(x),joniregexp)",
               EachRegexp([](const Regexp& regexp, string_view text) {
                 return regexp.Position(text, 1, 1);
               }),
               InitRegexpState);
  table.Scalar("regexp_position(varchar(x),joniregexp,integer)",
               EachRegexp<int32_t>([](const Regexp& regexp, string_view text, int32_t start) {
                 return regexp.Position(text, start, 1);
               }),
               InitRegexpState);
  table.Scalar("regexp_position(varchar(x),joniregexp,integer,integer)",
               EachRegexp<int32_t, int32_t>(
                   [](const Regexp& regexp, string_view text, int32_t start, int32_t occurrence) {
                     return regexp.Position(text, start, occurrence);
                   }),
               InitRegexpState);
}

// The groups of every match.
void GroupsLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
  sql::RegexpCache& cache = CacheOf(state);
  ListWriter matches(result);
  ListWriter groups(matches.child());
  scalar_loops_internal::ForEachRow<string_view, string_view>(
      arguments, result,
      [&](duckdb::idx_t row, string_view text, string_view pattern) {
        const Regexp& regexp = *ValueOrRaise(cache.Get(pattern));
        matches.Begin(row);
        for (const auto& match : ValueOrRaise(regexp.Groups(text))) {
          groups.Begin(matches.Add());
          for (const auto& group : match) {
            groups.AddText(group);
          }
        }
      },
      std::index_sequence_for<string_view, string_view>());
}

// One part more than there are replacements: each stands between two parts. NULL if one is NULL.
void InterleaveLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                    duckdb::Vector& result) {
  const bool constant = arguments.AllConstant();
  const duckdb::idx_t count = constant ? 1 : arguments.size();
  const Cells parts(arguments.data[0], count);
  const Cells replacements(arguments.data[1], count);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::string text;
  for (duckdb::idx_t row = 0; row < count; ++row) {
    bool null = parts[row].IsNull() || replacements[row].IsNull();
    text.clear();
    for (duckdb::idx_t i = 0; !null && i < parts[row].size(); ++i) {
      text.append(parts[row].Element(i).Text());
      if (i < replacements[row].size()) {
        const Cell replacement = replacements[row].Element(i);
        null = replacement.IsNull();
        text.append(null ? "" : replacement.Text());
      }
    }
    if (null) {
      duckdb::FlatVector::SetNull(result, row, true);
    } else {
      scalar_loops_internal::Store(result, row, text);
    }
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

absl::StatusOr<DuckExpr> EmitReplaceByFunction(const CallSite& /*site*/, DuckExprs values) {
  DuckExpr parts = CallPrivate("regexp_split(varchar(x),joniregexp)",
                               MakeTrees(values[0]->Copy(), values[1]->Copy()));
  DuckExpr groups = CallPrivate("$regexp_groups(varchar,joniregexp)",
                                MakeTrees(std::move(values[0]), std::move(values[1])));
  DuckExpr made =
      CallDuckDbFunction("list_transform", MakeTrees(std::move(groups), std::move(values[2])));
  return CallPrivate("interleave", MakeTrees(std::move(parts), std::move(made)));
}

void AddReplaceByFunction(AdapterTable& table) {
  const duckdb::LogicalType texts = duckdb::LogicalType::LIST(duckdb::LogicalType::VARCHAR);
  table.Scalar("$regexp_groups(varchar,joniregexp)", GroupsLoop, InitRegexpState);
  table.Private("interleave", {texts, texts}, duckdb::LogicalType::VARCHAR, InterleaveLoop,
                {.called_on_null = true});
  table.Emit("regexp_replace(varchar,joniregexp,function(array(varchar),varchar(x)))",
             EmitReplaceByFunction);
}

}  // namespace

void AddRegexps(AdapterTable& table) {
  table.Scalar(
      "regexp_like(varchar(x),joniregexp)",
      EachRegexp([](const Regexp& regexp, string_view text) { return regexp.Matches(text); }),
      InitRegexpState);
  table.Scalar(
      "regexp_count(varchar(x),joniregexp)",
      EachRegexp([](const Regexp& regexp, string_view text) { return regexp.Count(text); }),
      InitRegexpState);
  table.Scalar(
      "regexp_replace(varchar(x),joniregexp)",
      EachRegexp([](const Regexp& regexp, string_view text) { return regexp.Replace(text, ""); }),
      InitRegexpState);
  table.Scalar(
      "regexp_replace(varchar(x),joniregexp,varchar(y))",
      EachRegexp<string_view>([](const Regexp& regexp, string_view text, string_view replacement) {
        return regexp.Replace(text, replacement);
      }),
      InitRegexpState);
  AddReplaceByFunction(table);
  AddExtractions(table);
  AddPositions(table);
}

}  // namespace pallas::engine
