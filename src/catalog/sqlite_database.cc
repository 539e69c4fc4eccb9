#include "catalog/sqlite_database.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include <sqlite3.h>

#include "base/status_macros.h"

namespace pallas::catalog {
namespace {

// How long a write waits for one of another process.
constexpr int kBusyTimeoutMs = 10'000;

absl::Status ErrorOf(int result, std::string_view message, std::string_view path) {
  const std::string text = absl::StrCat("metastore ", path, ": ", message);
  switch (result & 0xFF) {  // the primary code
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(absl::StrCat(
          text, "; the file is damaged or is none of Pallas': restore it from a backup"));
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError(text);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return absl::PermissionDeniedError(text);
    case SQLITE_CANTOPEN:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
      return absl::UnavailableError(text);
    case SQLITE_CONSTRAINT:
      return absl::AlreadyExistsError(text);
    default:
      return absl::InternalError(text);
  }
}

}  // namespace

void SqliteStatement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement& SqliteStatement::Bind(std::string_view text) {
  // An empty view may have no data, which SQLite would take for NULL.
  const char* data = text.data() == nullptr ? "" : text.data();
  const int result = sqlite3_bind_text64(statement_.get(), ++bound_, data, text.size(),
                                         SQLITE_TRANSIENT, SQLITE_UTF8);
  bind_result_ = bind_result_ == SQLITE_OK ? result : bind_result_;
  return *this;
}

SqliteStatement& SqliteStatement::Bind(int64_t number) {
  const int result = sqlite3_bind_int64(statement_.get(), ++bound_, number);
  bind_result_ = bind_result_ == SQLITE_OK ? result : bind_result_;
  return *this;
}

absl::StatusOr<bool> SqliteStatement::Step() {
  const int result = bind_result_ == SQLITE_OK ? sqlite3_step(statement_.get()) : bind_result_;
  if (result == SQLITE_ROW || result == SQLITE_DONE) {
    return result == SQLITE_ROW;
  }
  sqlite3* database = sqlite3_db_handle(statement_.get());
  const char* path = sqlite3_db_filename(database, "main");
  return ErrorOf(result, sqlite3_errmsg(database), path == nullptr ? "" : path);
}

absl::Status SqliteStatement::Run() {
  bool more = true;
  while (more) {
    ASSIGN_OR_RETURN(more, Step());
  }
  return absl::OkStatus();
}

std::string SqliteStatement::Text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr ? ""
                          : std::string(static_cast<const char*>(bytes), static_cast<size_t>(size));
}

int64_t SqliteStatement::Number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

void SqliteDatabase::Closer::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

absl::StatusOr<std::unique_ptr<SqliteDatabase>> SqliteDatabase::Open(const std::string& path) {
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(path));
  sqlite3* handle = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int result = sqlite3_open_v2(path.c_str(), &handle, kFlags, nullptr);
  database->database_.reset(handle);
  if (result != SQLITE_OK) {
    return database->Error("cannot open it");
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  RETURN_IF_ERROR(database->Execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"));
  return database;
}

absl::Status SqliteDatabase::Execute(const std::string& sql) {
  const int result = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  return result == SQLITE_OK ? absl::OkStatus() : Error("");
}

absl::StatusOr<SqliteStatement> SqliteDatabase::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        &statement, nullptr);
  if (result != SQLITE_OK) {
    return Error("");
  }
  return SqliteStatement(statement);
}

absl::StatusOr<int64_t> SqliteDatabase::ReadPragma(const std::string& name) {
  ASSIGN_OR_RETURN(SqliteStatement statement, Prepare("PRAGMA " + name));
  ASSIGN_OR_RETURN(const bool found, statement.Step());
  return found ? statement.Number(0) : 0;
}

int64_t SqliteDatabase::num_changed() const { return sqlite3_changes64(database_.get()); }

absl::Status SqliteDatabase::Error(std::string_view doing) const {
  if (database_ == nullptr) {
    return absl::ResourceExhaustedError("no memory to open the metastore");
  }
  return ErrorOf(sqlite3_extended_errcode(database_.get()),
                 absl::StrCat(doing, doing.empty() ? "" : ": ", sqlite3_errmsg(database_.get())),
                 path_);
}

absl::StatusOr<SqliteTransaction> SqliteTransaction::Begin(SqliteDatabase& database) {
  // Taking the write lock at once, so that a transaction cannot fail half way for want of it.
  RETURN_IF_ERROR(database.Execute("BEGIN IMMEDIATE"));
  return SqliteTransaction(database);
}

SqliteTransaction::SqliteTransaction(SqliteTransaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

SqliteTransaction::~SqliteTransaction() {
  if (database_ != nullptr) {
    // SQLite has rolled back by itself after some errors; then this one says so.
    database_->Execute("ROLLBACK").IgnoreError();
  }
}

absl::Status SqliteTransaction::Commit() {
  RETURN_IF_ERROR(database_->Execute("COMMIT"));
  database_ = nullptr;
  return absl::OkStatus();
}

}  // namespace pallas::catalog
