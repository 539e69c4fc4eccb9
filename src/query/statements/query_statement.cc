#include "query/statements/query_statement.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "query/results/text_rows.h"
#include "sql/analyzer/analyzer.h"

namespace pallas::query {
namespace {

absl::StatusOr<sql::AnalyzedQuery> Analyze(const QueryParts& query, std::string text,
                                           const Services& services, const sql::Session& session,
                                           const sdk::RequestContext& context) {
  return sql::AnalyzeQuery(query.query, std::move(text), session, context, services.resolver,
                           query.functions);
}

void AppendScan(const engine::ScanExplanation& scan, bool analyze, std::string* out) {
  absl::StrAppend(out, "\n", scan.table, "\n");
  absl::StrAppend(
      out, "  columns: ", scan.columns.empty() ? "none" : absl::StrJoin(scan.columns, ", "), "\n");
  for (const std::string& term : scan.terms) {
    absl::StrAppend(out, "  ", term, "\n");
  }
  if (!scan.dynamic_filters.empty()) {
    absl::StrAppend(out, "  dynamic filters: ", absl::StrJoin(scan.dynamic_filters, ", "), "\n");
  }
  if (!scan.statement.empty()) {
    absl::StrAppend(out, "  sent: ", scan.statement, "\n");
  }
  if (analyze) {
    const federation::ScanStatistics& s = scan.statistics;
    absl::StrAppend(out, "  read: ", s.rows, " rows, ", s.bytes, " bytes");
    if (s.bytes_received > 0) {
      absl::StrAppend(out, " (", s.bytes_received, " received)");
    }
    absl::StrAppend(out, ", ", s.splits_finished, " of ", s.splits_planned, " splits, ",
                    absl::FormatDuration(absl::Trunc(s.wall, absl::Microseconds(100))));
    if (s.split_retries > 0) {
      absl::StrAppend(out, ", ", s.split_retries, " splits tried again");
    }
    for (const auto& [name, value] : s.source_metrics) {
      absl::StrAppend(out, ", ", name, ": ", value);
    }
    out->push_back('\n');
  }
}

std::string Render(const engine::Explanation& explanation, bool analyze) {
  std::string text = explanation.plan;
  text.erase(text.find_last_not_of('\n') + 1);
  text.push_back('\n');
  for (const engine::ScanExplanation& scan : explanation.scans) {
    AppendScan(scan, analyze, &text);
  }
  if (analyze) {
    absl::StrAppend(&text, "\n", explanation.rows, " rows in ",
                    absl::FormatDuration(absl::Trunc(explanation.wall, absl::Microseconds(100))),
                    "\n");
  }
  return text;
}

absl::Status CheckOptions(const sql::ast::Explain& explain, Location location) {
  for (const auto& [name, value] : explain.options) {
    const bool known = (name == "type" && (value == "logical" || value == "distributed")) ||
                       (name == "format" && value == "text");
    if (!known) {
      return ErrorAt(
          location, "NOT_SUPPORTED",
          absl::StrCat("EXPLAIN (", absl::AsciiStrToUpper(name), " ", absl::AsciiStrToUpper(value),
                       ") is not supported; use TYPE LOGICAL or DISTRIBUTED, FORMAT TEXT"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::optional<QueryParts> QueryOf(const sql::ast::Statement& statement) {
  static const std::vector<sql::ast::ExternalFunction> kNone;
  if (const auto* query = std::get_if<sql::ast::QueryStatement>(&statement.node)) {
    return QueryParts{*query->query, kNone};
  }
  if (const auto* query = std::get_if<sql::ast::UsingFunctions>(&statement.node)) {
    return QueryParts{*query->query, query->functions};
  }
  return std::nullopt;
}

absl::StatusOr<StatementResult> RunQuery(const QueryParts& query, std::string text,
                                         const Services& services, const sql::Session& session,
                                         const sdk::RequestContext& context) {
  ASSIGN_OR_RETURN(sql::AnalyzedQuery analyzed,
                   Analyze(query, std::move(text), services, session, context));
  StatementResult result;
  result.type = StatementType::kDml;
  ASSIGN_OR_RETURN(result.rows, services.engine.Execute(std::move(analyzed), {context, session}));
  return result;
}

absl::StatusOr<engine::Explanation> ExplainQuery(const QueryParts& query, std::string text,
                                                 const Services& services,
                                                 const sql::Session& session,
                                                 const sdk::RequestContext& context, bool analyze) {
  ASSIGN_OR_RETURN(sql::AnalyzedQuery analyzed,
                   Analyze(query, std::move(text), services, session, context));
  return services.engine.Explain(std::move(analyzed), {context, session}, analyze);
}

absl::StatusOr<StatementResult> RunExplain(const sql::ast::Explain& explain, std::string text,
                                           const Services& services, const sql::Session& session,
                                           const sdk::RequestContext& context) {
  const Location location = explain.statement->location;
  RETURN_IF_ERROR(CheckOptions(explain, location));
  const std::optional<QueryParts> query = QueryOf(*explain.statement);
  if (!query) {
    return ErrorAt(location, "NOT_SUPPORTED", "EXPLAIN takes a query");
  }
  ASSIGN_OR_RETURN(
      const engine::Explanation explanation,
      ExplainQuery(*query, std::move(text), services, session, context, explain.analyze));
  std::vector<std::vector<std::optional<std::string>>> rows;
  const std::string rendered = Render(explanation, explain.analyze);
  for (const std::string_view line :
       absl::StrSplit(absl::StripTrailingAsciiWhitespace(rendered), '\n')) {
    rows.push_back({std::string(line)});
  }
  StatementResult result;
  result.type = StatementType::kUtility;
  ASSIGN_OR_RETURN(result.rows, MakeTextRows({"Query Plan"}, rows));
  return result;
}

}  // namespace pallas::query
