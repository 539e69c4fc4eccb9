#include "connectors/redis/pushdown.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "simdjson.h"

namespace pallas::redis {
namespace {

constexpr char kNoIndex[] = "Redis finds values by their keys only; put the condition on _key_";
// Keys that EXPLAIN shows one by one.
constexpr size_t kMaxShownKeys = 3;

// The command that reads the values of `key`; empty: none is needed.
std::string ValueCommand(const SourceTable& source, const ScanPlan& plan, const std::string& key,
                         bool type_is_known) {
  if (plan.columns.empty() && source.value_type != ValueType::kZset) {
    return type_is_known ? "" : absl::StrCat("TYPE ", key);
  }
  switch (source.value_type) {
    case ValueType::kLiteral:
      return absl::StrCat(source.server.cluster ? "GET " : "MGET ", key);
    case ValueType::kZset:
      return absl::StrCat(plan.columns.empty() ? "ZCARD " : "ZSCAN ", key);
    case ValueType::kHash:
      break;
  }
  std::string command = absl::StrCat("HMGET ", key);
  for (const auto& column : plan.columns) {
    absl::StrAppend(&command, " ", Show(column->name()));
  }
  return command;
}

std::string JoinCommands(const std::string& first, const std::string& second) {
  return second.empty() ? first : absl::StrCat(first, "; ", second);
}

std::string PointStatement(const SourceTable& source, const ScanPlan& plan,
                           const std::vector<std::string>& points) {
  std::string keys = points.size() == 1 ? Show(points[0]) : "";
  if (points.size() > 1) {
    const size_t shown = std::min(points.size(), kMaxShownKeys);
    keys = absl::StrCat(
        "<",
        absl::StrJoin(points.begin(), points.begin() + static_cast<ptrdiff_t>(shown), ", ",
                      [](std::string* out, const std::string& point) { out->append(Show(point)); }),
        shown < points.size() ? ", ..." : "", ">");
  }
  if (source.key_mode == KeyMode::kZset) {
    const std::string sets =
        absl::StrJoin(source.patterns, ", ",
                      [](std::string* out, const Glob& set) { out->append(Show(set.pattern())); });
    return JoinCommands(absl::StrCat("ZSCORE ", sets, " ", keys),
                        ValueCommand(source, plan, keys, false));
  }
  return ValueCommand(source, plan, keys, false);
}

}  // namespace

std::string Show(std::string_view bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size()) ? absl::Utf8SafeCEscape(bytes)
                                                             : absl::CHexEscape(bytes);
}

absl::StatusOr<ScanPlan> PlanScan(const SourceTable& source, const sdk::Table& table,
                                  const sdk::Scan& scan) {
  ScanPlan plan;
  ASSIGN_OR_RETURN(plan.columns, ValueColumns(source, table, scan));
  plan.filter = KeyFilter::Make(scan);
  bool exact = true;
  for (const auto& [column, set] : scan.constraints.summary) {
    const bool is_key = column == kKeyColumn;
    plan.pushdown.summary[column] = is_key ? sdk::TermSupport{sdk::Support::kExact, ""}
                                           : sdk::TermSupport{sdk::Support::kUnsupported, kNoIndex};
    exact = exact && is_key;
  }
  for (const sdk::Expression& expression : scan.constraints.expressions) {
    const bool supported = KeyFilter::Supports(expression);
    plan.pushdown.expressions.push_back(
        supported ? sdk::TermSupport{sdk::Support::kExact, ""}
                  : sdk::TermSupport{sdk::Support::kUnsupported,
                                     "only LIKE on _key_ with a constant pattern is evaluated"});
    exact = exact && supported;
  }
  plan.pushdown.limit =
      exact ? sdk::TermSupport{sdk::Support::kExact, ""}
            : sdk::TermSupport{sdk::Support::kUnsupported, "not all conditions are exact"};
  plan.pushdown.order_by = {sdk::Support::kUnsupported, "keys have no order in Redis"};
  plan.pushdown.aggregation = {sdk::Support::kUnsupported, "Redis does not aggregate"};
  if (exact) {
    plan.limit = scan.limit;
  }
  return plan;
}

std::optional<Glob> Narrow(const Glob& pattern, const KeyFilter& filter) {
  const std::string& wanted = filter.prefix();
  const std::string& given = pattern.literal_prefix();
  if (filter.IsNone() || (!absl::StartsWith(wanted, given) && !absl::StartsWith(given, wanted))) {
    return std::nullopt;
  }
  // What lies between wildcards is matched by the server, and the rest by the filter.
  return pattern.is_prefix() && wanted.size() > given.size() ? Glob::Prefix(wanted) : pattern;
}

std::vector<std::string> PointsOf(const SourceTable& source, size_t index,
                                  const KeyFilter& filter) {
  std::vector<std::string> points;
  for (const std::string& point : filter.points().value_or(std::vector<std::string>())) {
    const auto first = std::find_if(source.patterns.begin(), source.patterns.end(),
                                    [&](const Glob& pattern) { return pattern.Matches(point); });
    if (first - source.patterns.begin() == static_cast<ptrdiff_t>(index)) {
      points.push_back(point);
    }
  }
  return points;
}

std::string Statement(const SourceTable& source, const ScanPlan& plan) {
  if (plan.filter.IsNone()) {
    return "nothing: no key can match";
  }
  if (const auto& points = plan.filter.points()) {
    return PointStatement(source, plan, *points);
  }
  std::vector<std::string> statements;
  for (const Glob& pattern : source.patterns) {
    if (source.key_mode == KeyMode::kZset) {
      statements.push_back(JoinCommands(absl::StrCat("ZRANGE ", Show(pattern.pattern())),
                                        ValueCommand(source, plan, "<key>", false)));
    } else if (const std::optional<Glob> narrowed = Narrow(pattern, plan.filter)) {
      statements.push_back(JoinCommands(absl::StrCat("SCAN MATCH ", Show(narrowed->pattern()),
                                                     " TYPE ", ServerType(source.value_type)),
                                        ValueCommand(source, plan, "<key>", true)));
    }
  }
  return statements.empty() ? "nothing: no key can match" : absl::StrJoin(statements, " | ");
}

}  // namespace pallas::redis
