#include "sql/analyzer/select_analyzer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/analyzer/expression_text.h"
#include "sql/analyzer/relation_analyzer.h"

namespace pallas::sql {
namespace {

// The parts of `a.b.c`; empty if the expression is not a chain of names.
std::vector<std::string> NameChain(const ast::Expr& expression) {
  std::vector<std::string> names;
  const ast::Expr* link = &expression;
  while (link->kind == ast::ExprKind::kDereference) {
    names.insert(names.begin(), link->names.front().text);
    link = link->args.front().get();
  }
  if (link->kind != ast::ExprKind::kColumn) {
    return {};
  }
  names.insert(names.begin(), link->names.front().text);
  return names;
}

// Whether the start of `chain` names a column of `scope`: `r` or `t.r` of `t.r.f`.
bool StartsWithColumn(const Scope& scope, const std::vector<std::string>& chain) {
  for (const ScopeField& field : scope.fields) {
    for (size_t length = 0; length < chain.size() && length <= field.qualifier.size(); ++length) {
      if (!absl::EqualsIgnoreCase(field.name, chain[length])) {
        continue;
      }
      bool matches = true;
      for (size_t i = 0; i < length; ++i) {
        matches = matches && absl::EqualsIgnoreCase(
                                 chain[i], field.qualifier[field.qualifier.size() - length + i]);
      }
      if (matches) {
        return true;
      }
    }
  }
  return false;
}

absl::Status CheckStarAliases(const ast::SelectItem& item, size_t num_columns) {
  if (item.star_aliases.empty() || item.star_aliases.size() == num_columns) {
    return absl::OkStatus();
  }
  return ErrorAt(item.star_aliases.front().location, "MISMATCHED_COLUMN_ALIASES",
                 absl::StrCat("Column alias list has ", item.star_aliases.size(),
                              " entries but relation has ", num_columns, " columns"));
}

}  // namespace

absl::StatusOr<RelationPlan> SelectAnalyzer::Analyze() {
  RETURN_IF_ERROR(AnalyzeFrom());
  RETURN_IF_ERROR(AnalyzeWindowNames());
  RETURN_IF_ERROR(AnalyzeWhere());
  RETURN_IF_ERROR(AnalyzeItems());
  RETURN_IF_ERROR(AnalyzeGroupBy());
  RETURN_IF_ERROR(AnalyzeHaving());
  RETURN_IF_ERROR(AnalyzeOrderBy());
  ASSIGN_OR_RETURN(const RowLimits limits, queries_.AnalyzeLimits(query_));
  RETURN_IF_ERROR(Aggregate());
  return Finish(limits);
}

absl::Status SelectAnalyzer::AnalyzeFrom() {
  source_.outer = outer_;
  if (select_.from == nullptr) {
    plan_ = SingleRow();
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(RelationPlan relation,
                   RelationAnalyzer(queries_).Analyze(*select_.from, outer_));
  source_.fields = std::move(relation.fields);
  plan_ = std::move(relation.plan);
  return absl::OkStatus();
}

absl::Status SelectAnalyzer::AnalyzeWindowNames() {
  for (const ast::WindowDefinition& definition : select_.windows) {
    if (!named_windows_.emplace(WindowKey(definition.name), &definition.window).second) {
      return ErrorAt(
          definition.name.location, "DUPLICATE_WINDOW_NAME",
          absl::StrCat("WINDOW name '", definition.name.text, "' specified more than once"));
    }
  }
  return absl::OkStatus();
}

absl::Status SelectAnalyzer::AnalyzeWhere() {
  if (select_.where == nullptr) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(ExprPtr condition, queries_.expressions().AnalyzeCondition(
                                          *select_.where, source_, {.clause = "WHERE clause"}));
  plan_ = Filter(std::move(plan_), std::move(condition));
  return absl::OkStatus();
}

// The select list.

absl::Status SelectAnalyzer::AnalyzeItems() {
  outputs_.reserve(select_.items.size());
  for (const ast::SelectItem& item : select_.items) {
    RETURN_IF_ERROR(item.star ? ExpandStar(item) : AnalyzeItem(item));
  }
  num_select_windows_ = calls_.windows.size();
  return CheckDistinctTypes();
}

void SelectAnalyzer::AddOutput(Output output) {
  output.field.column = queries_.NextColumn();
  output.field.type = output.expression->type;
  outputs_.push_back(std::move(output));
}

absl::Status SelectAnalyzer::AnalyzeItem(const ast::SelectItem& item) {
  Output output;
  output.written = item.expression.get();
  output.location = NodeLocation(*item.expression);
  ASSIGN_OR_RETURN(output.expression,
                   queries_.expressions().Analyze(*item.expression, source_, SelectPlace()));
  if (item.alias.has_value()) {
    output.field.name = item.alias->text;
    output.field.aliased = true;
  } else if (const std::vector<std::string> chain = NameChain(*item.expression); !chain.empty()) {
    output.field.name = chain.back();
  }
  if (const auto* column = std::get_if<ColumnExpr>(&output.expression->node)) {
    const auto source =
        std::find_if(source_.fields.begin(), source_.fields.end(),
                     [&](const ScopeField& field) { return field.column == column->column; });
    output.field.origin = source == source_.fields.end() ? nullptr : source->origin;
  }
  AddOutput(std::move(output));
  return absl::OkStatus();
}

absl::Status SelectAnalyzer::ExpandStar(const ast::SelectItem& item) {
  if (item.star_of == nullptr) {
    if (select_.from == nullptr) {
      return ErrorAt(item.location, "COLUMN_NOT_FOUND",
                     "SELECT * not allowed in queries without FROM clause");
    }
    return AddFields(item, ExpressionAnalyzer::MatchStar(source_, {}));
  }
  const std::vector<std::string> chain = NameChain(*item.star_of);
  if (chain.empty()) {
    return ExpandRow(item);
  }
  for (const Scope* scope = &source_; scope != nullptr; scope = scope->outer) {
    const std::vector<const ScopeField*> fields = ExpressionAnalyzer::MatchStar(*scope, chain);
    if (!fields.empty()) {
      return AddFields(item, fields);
    }
    if (StartsWithColumn(*scope, chain)) {
      return ExpandRow(item);
    }
  }
  return ErrorAt(item.location, "TABLE_NOT_FOUND",
                 absl::StrCat("Unable to resolve reference ", ExpressionText(*item.star_of)));
}

absl::Status SelectAnalyzer::AddFields(const ast::SelectItem& item,
                                       const std::vector<const ScopeField*>& fields) {
  if (fields.empty()) {
    return ErrorAt(item.location, "COLUMN_NOT_FOUND",
                   "SELECT * not allowed from relation that has no columns");
  }
  RETURN_IF_ERROR(CheckStarAliases(item, fields.size()));
  for (size_t i = 0; i < fields.size(); ++i) {
    Output output;
    output.expression = ColumnRef(*fields[i]);
    output.field = *fields[i];
    output.field.aliased = false;
    output.location = item.location;
    if (!item.star_aliases.empty()) {
      output.field.name = item.star_aliases[i].text;
      output.field.qualifier.clear();
    }
    AddOutput(std::move(output));
  }
  return absl::OkStatus();
}

absl::Status SelectAnalyzer::ExpandRow(const ast::SelectItem& item) {
  ASSIGN_OR_RETURN(ExprPtr row,
                   queries_.expressions().Analyze(*item.star_of, source_, SelectPlace()));
  const Type type = row->type;
  if (type.kind() != TypeKind::kRow) {
    return ErrorAt(item.star_of->location, "TYPE_MISMATCH",
                   absl::StrCat("expected expression of type Row, actual: ", type.ToString()));
  }
  const size_t num_fields = type.children().size();
  RETURN_IF_ERROR(CheckStarAliases(item, num_fields));
  auto* literal = std::get_if<RowExpr>(&row->node);
  for (size_t i = 0; i < num_fields; ++i) {
    Output output;
    output.expression = literal != nullptr ? std::move(literal->fields[i])
                                           : MakeExpr(type.children()[i],
                                                      FieldExpr{Clone(*row), static_cast<int>(i)},
                                                      item.star_of->location);
    output.location = item.location;
    output.written = item.star_of.get();
    output.field.name =
        item.star_aliases.empty() ? type.field_names()[i].value_or("") : item.star_aliases[i].text;
    AddOutput(std::move(output));
  }
  return absl::OkStatus();
}

absl::Status SelectAnalyzer::CheckDistinctTypes() const {
  if (!select_.distinct) {
    return absl::OkStatus();
  }
  for (const Output& output : outputs_) {
    if (!IsComparable(output.field.type)) {
      return ErrorAt(select_.location, "TYPE_MISMATCH",
                     absl::StrCat("DISTINCT can only be applied to comparable types (actual: ",
                                  output.field.type.ToString(), "): ",
                                  output.written != nullptr ? ExpressionText(*output.written)
                                                            : output.field.name));
    }
  }
  return absl::OkStatus();
}

// HAVING and ORDER BY.

absl::Status SelectAnalyzer::AnalyzeHaving() {
  if (select_.having == nullptr) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(having_,
                   queries_.expressions().AnalyzeCondition(
                       *select_.having, source_,
                       {"HAVING clause", &calls_, false, &named_windows_, select_.location}));
  return absl::OkStatus();
}

absl::Status SelectAnalyzer::AnalyzeOrderBy() {
  if (query_.order_by.empty()) {
    return absl::OkStatus();
  }
  // Names are those of the select list first, then those of FROM.
  Scope scope{{}, &source_};
  scope.fields.reserve(outputs_.size());
  for (const Output& output : outputs_) {
    scope.fields.push_back(output.field);
  }
  const size_t num_aggregates = calls_.aggregates.size();
  for (const ast::SortItem& item : query_.order_by) {
    ASSIGN_OR_RETURN(SortKey key, queries_.AnalyzeSortItem(item, scope.fields, scope,
                                                           {"ORDER BY clause", &calls_, true,
                                                            &named_windows_, select_.location},
                                                           select_.location));
    sort_keys_.push_back(std::move(key));
  }
  return CheckOrderBySeesNoOutput(num_aggregates);
}

// Aggregates come before the select list, so those of ORDER BY cannot use what it makes.
absl::Status SelectAnalyzer::CheckOrderBySeesNoOutput(size_t num_aggregates) const {
  ColumnSet outputs;
  for (const Output& output : outputs_) {
    outputs.insert(output.field.column);
  }
  for (size_t i = num_aggregates; i < calls_.aggregates.size(); ++i) {
    const AggregateCall& call = calls_.aggregates[i].call;
    const Expr* stray = call.filter == nullptr ? nullptr : FindReference(*call.filter, outputs);
    for (size_t j = 0; stray == nullptr && j < call.arguments.size(); ++j) {
      stray = FindReference(*call.arguments[j], outputs);
    }
    if (stray != nullptr) {
      return ErrorAt(stray->location, "COLUMN_NOT_FOUND",
                     "Invalid reference to output projection attribute from ORDER BY aggregation");
    }
    for (const SortKey& key : call.order_by) {
      if (const Expr* inner = FindReference(*key.expression, outputs)) {
        return ErrorAt(inner->location, "COLUMN_NOT_FOUND",
                       "ORDER BY clause in aggregation function must not reference query output "
                       "columns");
      }
    }
  }
  return absl::OkStatus();
}

// The plan above the groups.

// With DISTINCT, rows are made distinct before they are sorted, so that only what is selected is
// left to sort by.
absl::Status SelectAnalyzer::SortByOutputs() {
  ColumnSet outputs;
  for (const Output& output : outputs_) {
    outputs.insert(output.field.column);
  }
  for (SortKey& key : sort_keys_) {
    const auto* column = std::get_if<ColumnExpr>(&key.expression->node);
    if (column != nullptr && outputs.contains(column->column)) {
      continue;
    }
    bool found = false;
    for (const Output& output : outputs_) {
      if (Equal(*output.expression, *key.expression)) {
        key.expression = ColumnRef(output.field);
        found = true;
        break;
      }
    }
    if (!found) {
      return ErrorAt(select_.location, "EXPRESSION_NOT_IN_DISTINCT",
                     "For SELECT DISTINCT, ORDER BY expressions must appear in select list");
    }
  }
  return absl::OkStatus();
}

// Some of the windows as a plan that has no input yet; null if there are none.
PlanPtr SelectAnalyzer::TakeWindows(size_t begin, size_t end) {
  if (begin == end) {
    return nullptr;
  }
  std::vector<PlanColumn> columns;
  WindowPlan node;
  for (size_t i = begin; i < end; ++i) {
    CapturedCalls::WindowUse& use = calls_.windows[i];
    columns.push_back({use.column, "", use.type});
    node.calls.push_back(std::move(use.call));
  }
  return MakePlan(std::move(columns), std::move(node));
}

void SelectAnalyzer::PutOnTop(PlanPtr windows) {
  if (windows == nullptr) {
    return;
  }
  windows->columns.insert(windows->columns.begin(), plan_->columns.begin(), plan_->columns.end());
  std::get<WindowPlan>(windows->node).input = std::move(plan_);
  plan_ = std::move(windows);
}

// The select list, and beside it what ORDER BY needs of the columns below.
void SelectAnalyzer::Project(const Plan* later_windows) {
  ColumnSet needed;
  for (const SortKey& key : sort_keys_) {
    CollectColumns(*key.expression, &needed);
  }
  if (later_windows != nullptr) {
    CollectColumns(*later_windows, &needed);
  }
  std::vector<PlanColumn> columns;
  std::vector<ExprPtr> expressions;
  for (Output& output : outputs_) {
    columns.push_back({output.field.column, output.field.name, output.field.type});
    expressions.push_back(std::move(output.expression));
  }
  if (!needed.empty()) {
    for (const PlanColumn& column : plan_->columns) {
      if (needed.contains(column.id)) {
        columns.push_back(column);
        expressions.push_back(ColumnRef(column));
      }
    }
  }
  plan_ = MakePlan(std::move(columns), ProjectPlan{std::move(plan_), std::move(expressions)});
}

absl::StatusOr<RelationPlan> SelectAnalyzer::Finish(const RowLimits& limits) {
  if (select_.distinct) {
    RETURN_IF_ERROR(SortByOutputs());
  }
  if (!ordered_ && !limits.any()) {
    sort_keys_.clear();
    calls_.windows.resize(num_select_windows_);
  }
  // Windows of ORDER BY may use the select list, so they come above it.
  PutOnTop(TakeWindows(0, num_select_windows_));
  PlanPtr later_windows = TakeWindows(num_select_windows_, calls_.windows.size());
  Project(later_windows.get());
  if (select_.distinct) {
    std::vector<PlanColumn> columns = plan_->columns;
    plan_ = MakePlan(std::move(columns), DistinctPlan{std::move(plan_)});
  }
  PutOnTop(std::move(later_windows));
  RelationPlan result;
  result.plan = QueryAnalyzer::SortAndLimit(std::move(plan_), std::move(sort_keys_), limits);
  for (Output& output : outputs_) {
    result.fields.push_back(std::move(output.field));
  }
  return result;
}

}  // namespace pallas::sql
