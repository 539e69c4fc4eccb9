#include "query/statement_runner.h"

#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "catalog/table_resolver.h"
#include "query/results/text_rows.h"
#include "query/statements/alter_table.h"
#include "query/statements/create_table.h"
#include "query/statements/create_view.h"
#include "query/statements/database_statements.h"
#include "query/statements/prepared_statements.h"
#include "query/statements/query_statement.h"
#include "query/statements/show.h"
#include "query/statements/write_statements.h"
#include "sql/parser/parser.h"

namespace pallas::query {
namespace {

StatementResult Nothing(StatementType type) {
  StatementResult result;
  result.type = type;
  result.rows = MakeNoRows();
  return result;
}

// One call per statement kind.
class Dispatch {
 public:
  Dispatch(const Services& services, std::string_view text, const sql::ast::Statement& statement,
           sql::Session& session, const sdk::RequestContext& context)
      : services_(services),
        text_(text),
        statement_(statement),
        session_(session),
        context_(context) {}

  absl::StatusOr<StatementResult> operator()(const sql::ast::QueryStatement& /*node*/) {
    return RunQuery(*QueryOf(statement_), std::string(text_), services_, session_, context_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::UsingFunctions& /*node*/) {
    return RunQuery(*QueryOf(statement_), std::string(text_), services_, session_, context_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::Explain& node) {
    return RunExplain(node, std::string(text_), services_, session_, context_);
  }

  // USE checks that the database exists, so that a typing error shows at once.
  absl::StatusOr<StatementResult> operator()(const sql::ast::Use& node) {
    const std::string catalog =
        node.catalog ? absl::AsciiStrToLower(node.catalog->text) : session_.catalog;
    ASSIGN_OR_RETURN(const std::vector<std::string> databases,
                     services_.resolver.ListDatabases(context_, catalog));
    for (const std::string& database : databases) {
      if (absl::AsciiStrToLower(database) == absl::AsciiStrToLower(node.database.text)) {
        session_.catalog = catalog;
        session_.database = database;
        return Nothing(StatementType::kUtility);
      }
    }
    return ErrorAt(node.database.location, "SCHEMA_NOT_FOUND",
                   absl::StrCat("Schema '", catalog, ".", node.database.text, "' does not exist"),
                   absl::StatusCode::kNotFound);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::CreateDatabase& node) {
    return RunCreateDatabase(node, services_, session_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::DropDatabase& node) {
    return RunDropDatabase(node, services_, session_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::AlterDatabase& node) {
    return RunAlterDatabase(node, services_, session_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::CreateTable& node) {
    return RunCreateTable(node, services_, session_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::DropTable& node) {
    return RunDropTable(node, services_, session_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::AlterTable& node) {
    return RunAlterTable(node, services_, session_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::RepairTable& node) {
    return RunRepairTable(node, services_, session_, context_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::CreateView& node) {
    return RunCreateView(node, services_, session_, context_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::Show& node) {
    return RunShow(node, statement_.location, services_, session_, context_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::Prepare& node) {
    RETURN_IF_ERROR(Prepare(node, services_));
    return Nothing(StatementType::kUtility);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::Deallocate& node) {
    RETURN_IF_ERROR(Deallocate(node, services_));
    return Nothing(StatementType::kUtility);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::CreateTableAs& node) {
    return RunCreateTableAs(node, statement_.location, services_, session_, context_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::Insert& node) {
    return RunInsert(node, statement_.location, services_, session_, context_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::Unload& node) {
    return RunUnload(node, statement_.location, services_, session_, context_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::Modify& node) {
    return RunModify(node, statement_.location, services_, session_);
  }

  absl::StatusOr<StatementResult> operator()(const sql::ast::Refused& node) {
    return NotSupported(node.construct);
  }

  template <typename T>
  absl::StatusOr<StatementResult> operator()(const T&) {
    return NotSupported(sql::KindOf(statement_));
  }

 private:
  absl::Status NotSupported(std::string_view construct) const {
    return ErrorAt(statement_.location, "NOT_SUPPORTED",
                   absl::StrCat(construct, " is not supported"));
  }

  const Services& services_;
  std::string_view text_;
  const sql::ast::Statement& statement_;
  sql::Session& session_;
  const sdk::RequestContext& context_;
};

}  // namespace

absl::StatusOr<StatementResult> StatementRunner::Run(std::string_view sql, sql::Session& session,
                                                     const sdk::RequestContext& context) {
  RETURN_IF_ERROR(context.Check());
  ASSIGN_OR_RETURN(sql::ast::StatementPtr statement, sql::Parse(sql));
  if (statement->num_parameters > 0) {
    return ErrorAt(statement->location, "INVALID_PARAMETER_USAGE",
                   absl::StrCat("Incorrect number of parameters: expected ",
                                statement->num_parameters, " but found 0"));
  }
  if (auto* const execute = std::get_if<sql::ast::Execute>(&statement->node)) {
    ASSIGN_OR_RETURN(const BoundStatement bound, BindExecute(std::move(*execute), services_));
    return std::visit(Dispatch(services_, bound.text, *bound.statement, session, context),
                      bound.statement->node);
  }
  return std::visit(Dispatch(services_, sql, *statement, session, context), statement->node);
}

absl::StatusOr<engine::Explanation> StatementRunner::Explain(std::string_view sql,
                                                             const sql::Session& session,
                                                             const sdk::RequestContext& context,
                                                             bool analyze) {
  ASSIGN_OR_RETURN(const sql::ast::StatementPtr statement, sql::Parse(sql));
  const std::optional<QueryParts> query = QueryOf(*statement);
  if (!query) {
    return ErrorAt(statement->location, "NOT_SUPPORTED", "only queries can be explained");
  }
  return ExplainQuery(*query, std::string(sql), services_, session, context, analyze);
}

}  // namespace pallas::query
