#include "connectors/mysql/passthrough.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/status_macros.h"
#include "connectors/mysql/connection.h"

namespace pallas::mysql {
namespace {

// A name that differs from all of `taken` also without case; it is added to them.
std::string UniqueName(const std::string& label, size_t position, std::set<std::string>& taken) {
  const std::string base = label.empty() ? absl::StrCat("_col", position) : label;
  std::string name = base;
  for (int i = 2; !taken.insert(absl::AsciiStrToLower(name)).second; ++i) {
    name = absl::StrCat(base, "_", i);
  }
  return name;
}

bool IsFloat(const SourceColumn& column) { return column.mapping.cell == CellKind::kFloat; }

}  // namespace

absl::StatusOr<sdk::Table> DescribeResult(const sdk::RequestContext& context, ConnectionPool& pool,
                                          const MySqlOptions& options, const std::string& query) {
  ASSIGN_OR_RETURN(const std::vector<ResultColumn> columns, pool.Describe(context, query));
  if (columns.empty()) {
    return absl::InvalidArgumentError("The query gives no rows");
  }
  arrow::FieldVector fields;
  std::set<std::string> taken;
  for (const ResultColumn& column : columns) {
    auto facts = arrow::key_value_metadata({{kColumnTypeKey, column.column_type}});
    if (!column.character_set.empty()) {
      facts->Append(kCharacterSetKey, column.character_set);
    }
    const ColumnMapping mapping =
        MapColumn(column.column_type, column.character_set, options.types);
    fields.push_back(arrow::field(UniqueName(column.label, fields.size(), taken), mapping.type,
                                  std::move(facts)));
  }
  sdk::Table table;
  table.name = {"system", "query"};
  table.schema = arrow::schema(std::move(fields));
  return table;
}

std::optional<std::string> PassthroughQuery(const sdk::Table& table) {
  const sdk::PassthroughArguments arguments = sdk::PassthroughOf(table);
  const auto query = arguments.find(kQueryArgument);
  return query == arguments.end() ? std::nullopt : std::optional(query->second);
}

sdk::Pushdown PassthroughPushdown(const sdk::Scan& scan, std::string statement) {
  const sdk::TermSupport no = {sdk::Support::kUnsupported, "the query is sent as it is written"};
  sdk::Pushdown pushdown;
  for (const auto& [column, set] : scan.constraints.summary) {
    pushdown.summary[column] = no;
  }
  pushdown.expressions.assign(scan.constraints.expressions.size(), no);
  pushdown.order_by = no;
  pushdown.limit = no;
  pushdown.aggregation = no;
  pushdown.statement = std::move(statement);
  return pushdown;
}

PassthroughStatement MakeStatement(const std::string& query, const SourceTable& table,
                                   const std::vector<SourceColumn>& columns) {
  PassthroughStatement statement;
  if (std::any_of(columns.begin(), columns.end(), IsFloat)) {
    // The text of a FLOAT is rounded to six digits, so that another query has to read this one.
    std::vector<std::string> items;
    for (const SourceColumn& column : columns) {
      statement.places.push_back(items.size());
      items.push_back(SelectExpression(column.mapping, column.quoted));
    }
    std::string_view inner = absl::StripTrailingAsciiWhitespace(query);
    while (!inner.empty() && inner.back() == ';') {
      inner = absl::StripTrailingAsciiWhitespace(inner.substr(0, inner.size() - 1));
    }
    statement.sql =
        absl::StrCat("SELECT ", absl::StrJoin(items, ", "), " FROM (\n", inner, "\n) AS `query`");
    return statement;
  }
  statement.sql = query;
  for (const SourceColumn& column : columns) {
    const auto found =
        std::find_if(table.columns().begin(), table.columns().end(),
                     [&](const SourceColumn& other) { return other.name == column.name; });
    statement.places.push_back(static_cast<size_t>(found - table.columns().begin()));
  }
  return statement;
}

}  // namespace pallas::mysql
