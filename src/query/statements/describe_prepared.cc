#include "query/statements/describe_prepared.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "catalog/table_resolver.h"
#include "query/statements/prepared_statements.h"
#include "query/statements/query_statement.h"
#include "query/statements/write_statements.h"
#include "sql/analyzer/analyzer.h"
#include "sql/analyzer/cast_rules.h"
#include "sql/parser/parser.h"

namespace pallas::query {
namespace {

// The bytes of a value, where all values of a type have as many; else 0.
int SizeOf(const Type& type) {
  constexpr int kLongTime = 12;
  constexpr int kLongDecimal = 16;
  constexpr int kShortDecimalDigits = 18;
  switch (type.kind()) {
    case TypeKind::kUnknown:
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
      return 1;
    case TypeKind::kSmallint:
      return 2;
    case TypeKind::kInteger:
    case TypeKind::kReal:
    case TypeKind::kDate:
    case TypeKind::kIntervalYearMonth:
      return 4;
    case TypeKind::kBigint:
    case TypeKind::kDouble:
    case TypeKind::kTime:
    case TypeKind::kIntervalDayTime:
      return 8;
    case TypeKind::kDecimal:
      return type.precision() <= kShortDecimalDigits ? 8 : kLongDecimal;
    case TypeKind::kTimeTz:
      return type.precision() <= 9 ? 8 : kLongTime;
    case TypeKind::kTimestamp:
      return type.precision() <= 6 ? 8 : kLongTime;
    case TypeKind::kTimestampTz:
      return type.precision() <= 3 ? 8 : kLongTime;
    case TypeKind::kUuid:
    case TypeKind::kIpAddress:
      return 16;
    default:
      return 0;
  }
}

std::string Quoted(std::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

// A query whose rows are the answer: it has the types that Trino's own has.
std::string ValuesText(const std::vector<std::string>& rows, std::string_view columns,
                       std::string_view no_rows) {
  return rows.empty() ? absl::StrCat("SELECT ", no_rows, " WHERE false")
                      : absl::StrCat("SELECT * FROM (VALUES ", absl::StrJoin(rows, ", "),
                                     ") AS t (", columns, ")");
}

std::string InputText(const std::vector<Type>& parameters) {
  std::vector<std::string> rows;
  for (const Type& type : parameters) {
    rows.push_back(absl::StrCat("(", rows.size(), ", ", Quoted(sql::DisplayName(type)), ")"));
  }
  return absl::StrCat(
      ValuesText(rows, R"("Position", "Type")",
                 R"(CAST(NULL AS bigint) AS "Position", CAST(NULL AS varchar) AS "Type")"),
      rows.empty() ? "" : " ORDER BY 1");
}

std::string OutputText(const std::vector<sql::DescribedColumn>& columns) {
  std::vector<std::string> rows;
  for (const sql::DescribedColumn& column : columns) {
    const catalog::QualifiedName origin =
        column.origin == nullptr ? catalog::QualifiedName() : *column.origin;
    rows.push_back(absl::StrCat("(", Quoted(column.name), ", ", Quoted(origin.catalog), ", ",
                                Quoted(origin.database), ", ", Quoted(origin.table), ", ",
                                Quoted(sql::DisplayName(column.type)), ", ", SizeOf(column.type),
                                ", ", column.aliased ? "true" : "false", ")"));
  }
  return ValuesText(
      rows, R"("Column Name", "Catalog", "Schema", "Table", "Type", "Type Size", "Aliased")",
      R"(CAST(NULL AS varchar) AS "Column Name", CAST(NULL AS varchar) AS "Catalog",
         CAST(NULL AS varchar) AS "Schema", CAST(NULL AS varchar) AS "Table",
         CAST(NULL AS varchar) AS "Type", CAST(NULL AS bigint) AS "Type Size",
         CAST(NULL AS boolean) AS "Aliased")");
}

// What statements that write rows answer: how many.
std::vector<sql::DescribedColumn> RowCountColumn() {
  return {{"rows", nullptr, Type::Bigint(), false}};
}

class Describer {
 public:
  Describer(const sql::ast::Statement& statement, const Services& services,
            const sql::Session& session, const sdk::RequestContext& context)
      : statement_(statement), services_(services), session_(session), context_(context) {}

  absl::StatusOr<sql::QueryDescription> Describe() const {
    if (const std::optional<QueryParts> query = QueryOf(statement_)) {
      return Query(*query);
    }
    sql::QueryDescription description;
    static const std::vector<sql::ast::ExternalFunction> kNoFunctions;
    if (const auto* insert = std::get_if<sql::ast::Insert>(&statement_.node)) {
      RETURN_IF_ERROR(
          InsertTarget(*insert, statement_.location, services_, session_, context_).status());
      ASSIGN_OR_RETURN(description, Query({*insert->query, kNoFunctions}));
      description.columns = RowCountColumn();
    } else if (const auto* table = std::get_if<sql::ast::CreateTableAs>(&statement_.node)) {
      ASSIGN_OR_RETURN(description, Query({*table->query, kNoFunctions}));
      description.columns = RowCountColumn();
    } else if (const auto* unload = std::get_if<sql::ast::Unload>(&statement_.node)) {
      ASSIGN_OR_RETURN(description, Query({*unload->query, kNoFunctions}));
      description.columns = RowCountColumn();
    } else if (sql::ClassOf(statement_) != sql::StatementClass::kDdl ||
               statement_.num_parameters > 0) {
      return ErrorAt(
          statement_.location, "NOT_SUPPORTED",
          absl::StrCat("DESCRIBE of a prepared ", sql::KindOf(statement_), " is not supported"),
          absl::StatusCode::kUnimplemented);
    }
    return description;
  }

 private:
  absl::StatusOr<sql::QueryDescription> Query(const QueryParts& query) const {
    return sql::DescribeQuery(query.query, statement_.num_parameters, session_, context_,
                              services_.resolver, query.functions);
  }

  const sql::ast::Statement& statement_;
  const Services& services_;
  const sql::Session& session_;
  const sdk::RequestContext& context_;
};

}  // namespace

absl::StatusOr<StatementResult> DescribePrepared(const sql::ast::Show& show,
                                                 const Services& services,
                                                 const sql::Session& session,
                                                 const sdk::RequestContext& context) {
  ASSIGN_OR_RETURN(const std::string prepared, PreparedText(show.name.back().text, services));
  ASSIGN_OR_RETURN(const sql::ast::StatementPtr statement, sql::Parse(prepared));
  ASSIGN_OR_RETURN(const sql::QueryDescription description,
                   Describer(*statement, services, session, context).Describe());
  const std::string text = show.what == sql::ast::Show::What::kDescribeInput
                               ? InputText(description.parameters)
                               : OutputText(description.columns);
  ASSIGN_OR_RETURN(const sql::ast::StatementPtr answer, sql::Parse(text));
  ASSIGN_OR_RETURN(StatementResult result,
                   RunQuery(*QueryOf(*answer), text, services, session, context));
  result.type = StatementType::kUtility;
  return result;
}

}  // namespace pallas::query
