#include "cli/demo/mariadb_session.h"

#include <sys/socket.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/status_macros.h"
#include "connectors/mysql/connection.h"

namespace pallas::cli {
namespace {

constexpr unsigned kConnectSeconds = 5;

// What tells a table whose rows are all there, and which: the last thing a load does is to give it
// its name. It lies in the server, so that it goes where the rows go.
std::string Mark(const TpchGenerator& generator) {
  return absl::StrCat("TPC-H at scale ", generator.scale());
}

std::string TableDefinition(const TpchTable& table, const std::string& name,
                            const std::string& mark) {
  std::vector<std::string> parts;
  for (const TpchColumn& column : table.columns) {
    parts.push_back(absl::StrCat(column.name, " ", column.type, " NOT NULL"));
  }
  parts.push_back(absl::StrCat("PRIMARY KEY (", absl::StrJoin(table.key, ", "), ")"));
  for (const std::string_view column : table.indexed) {
    parts.push_back(absl::StrCat("KEY (", column, ")"));
  }
  return absl::StrCat("CREATE TABLE ", name, " (", absl::StrJoin(parts, ", "), ") COMMENT ",
                      mysql::QuoteText(mark));
}

}  // namespace

MariaDbSession::MariaDbSession(const sdk::RequestContext& context, int port)
    : context_(context), port_(port) {}

MariaDbSession::~MariaDbSession() {
  registration_ = {};
  if (mysql_ != nullptr) {
    mysql_close(mysql_);
  }
}

absl::Status MariaDbSession::Error() const {
  RETURN_IF_ERROR(context_.Check());
  return mysql::ToStatus(mysql_errno(mysql_), mysql_error(mysql_), {"127.0.0.1", port_});
}

absl::StatusOr<std::unique_ptr<MariaDbSession>> MariaDbSession::Open(
    const sdk::RequestContext& context, int port, const MariaDbAccount& account) {
  std::unique_ptr<MariaDbSession> session(new MariaDbSession(context, port));
  session->mysql_ = mysql_init(nullptr);
  if (session->mysql_ == nullptr) {
    return absl::ResourceExhaustedError("mysql_init: out of memory");
  }
  const unsigned local_files = 1;  // the server is our own
  mysql_options(session->mysql_, MYSQL_OPT_LOCAL_INFILE, &local_files);
  mysql_options(session->mysql_, MYSQL_OPT_CONNECT_TIMEOUT, &kConnectSeconds);
  mysql_options(session->mysql_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (mysql_real_connect(session->mysql_, "127.0.0.1", account.user.c_str(),
                         account.password.c_str(), account.database.c_str(),
                         static_cast<unsigned>(port), nullptr, 0) == nullptr) {
    return session->Error();
  }
  const int socket = mysql_get_socket(session->mysql_);
  session->registration_ = context.OnCancel([socket] { shutdown(socket, SHUT_RDWR); });
  RETURN_IF_ERROR(session
                      ->Execute("SET SESSION sql_notes = 0, sql_mode = "
                                "'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'")
                      .status());
  return session;
}

absl::StatusOr<int64_t> MariaDbSession::Execute(std::string_view sql) {
  if (mysql_real_query(mysql_, sql.data(), sql.size()) != 0) {
    return Error();
  }
  const auto changed = static_cast<int64_t>(mysql_affected_rows(mysql_));
  if (mysql_field_count(mysql_) != 0) {  // ANALYZE TABLE and its like answer with rows.
    mysql_free_result(mysql_store_result(mysql_));
  } else if (mysql_warning_count(mysql_) != 0) {
    return Warning();
  }
  return changed;
}

// A value that was cut or a row that was left out is only a warning to the server.
absl::Status MariaDbSession::Warning() {
  constexpr int kMessageColumn = 2;
  ASSIGN_OR_RETURN(const std::string message, QueryCell("SHOW WARNINGS LIMIT 1", kMessageColumn));
  return absl::InternalError(absl::StrCat("MariaDB could not take all of the data: ", message));
}

absl::StatusOr<std::string> MariaDbSession::QueryText(std::string_view sql) {
  return QueryCell(sql, 0);
}

absl::StatusOr<std::string> MariaDbSession::QueryCell(std::string_view sql, unsigned column) {
  if (mysql_real_query(mysql_, sql.data(), sql.size()) != 0) {
    return Error();
  }
  MYSQL_RES* const result = mysql_store_result(mysql_);
  if (result == nullptr) {
    return Error();
  }
  char** const row = mysql_fetch_row(result);
  std::string text = row == nullptr || row[column] == nullptr ? "" : row[column];
  mysql_free_result(result);
  return text;
}

absl::StatusOr<int64_t> LoadIntoMariaDb(const sdk::RequestContext& context,
                                        const MariaDbServer& server, const TpchTable& table,
                                        TpchGenerator& generator) {
  ASSIGN_OR_RETURN(const std::unique_ptr<MariaDbSession> session,
                   MariaDbSession::Open(context, server.port(), server.account()));
  const std::string mark = Mark(generator);
  ASSIGN_OR_RETURN(
      const std::string present,
      session->QueryText(absl::StrCat("SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE "
                                      "TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '",
                                      table.name, "'")));
  if (present == mark) {
    return 0;
  }
  const std::string loading = absl::StrCat("loading_", table.name);
  ASSIGN_OR_RETURN(const std::string file, generator.MakeText(context, table));
  RETURN_IF_ERROR(
      session->Execute(absl::StrCat("DROP TABLE IF EXISTS ", loading, ", ", table.name)).status());
  RETURN_IF_ERROR(session->Execute(TableDefinition(table, loading, mark)).status());
  ASSIGN_OR_RETURN(const int64_t rows,
                   session->Execute(absl::StrCat(
                       "LOAD DATA LOCAL INFILE ", mysql::QuoteText(file), " INTO TABLE ", loading,
                       " CHARACTER SET utf8mb4 FIELDS TERMINATED BY '|' ESCAPED BY '' LINES "
                       "TERMINATED BY x'7C0A'")));
  RETURN_IF_ERROR(
      session->Execute(absl::StrCat("RENAME TABLE ", loading, " TO ", table.name)).status());
  RETURN_IF_ERROR(session->Execute(absl::StrCat("ANALYZE TABLE ", table.name)).status());
  return rows;
}

}  // namespace pallas::cli
