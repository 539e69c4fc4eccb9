#ifndef PALLAS_CATALOG_SQLITE_DATABASE_H_
#define PALLAS_CATALOG_SQLITE_DATABASE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace pallas::catalog {

// One run of an SQL statement with its parameters. Belongs to the database that made it and to the
// thread that holds it.
class SqliteStatement {
 public:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };

  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}

  // Sets the next parameter, from the first on.
  SqliteStatement& Bind(std::string_view text);
  SqliteStatement& Bind(int64_t number);

  // Whether there is a row; false at the end.
  absl::StatusOr<bool> Step();

  // Runs to the end, which is for statements without rows.
  absl::Status Run();

  // Of the current row; columns count from 0.
  std::string Text(int column) const;
  int64_t Number(int column) const;

 private:
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  int bound_ = 0;
  int bind_result_ = 0;
};

// A connection to one SQLite file. One thread at a time.
//
// Errors: DATA_LOSS (the file is damaged, or is none of SQLite's), RESOURCE_EXHAUSTED (disk full),
// PERMISSION_DENIED, UNAVAILABLE (locked by another process for too long, I/O errors),
// ALREADY_EXISTS (a key that is there twice).
class SqliteDatabase {
 public:
  // Opens or creates `path`, durable at every commit.
  static absl::StatusOr<std::unique_ptr<SqliteDatabase>> Open(const std::string& path);

  // Runs statements without parameters and rows.
  absl::Status Execute(const std::string& sql);

  absl::StatusOr<SqliteStatement> Prepare(std::string_view sql);

  // The number that a PRAGMA without arguments gives.
  absl::StatusOr<int64_t> ReadPragma(const std::string& name);

  // Rows that the last statement changed.
  int64_t num_changed() const;

  const std::string& path() const { return path_; }

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
  };

  explicit SqliteDatabase(std::string path) : path_(std::move(path)) {}

  absl::Status Error(std::string_view doing) const;

  std::string path_;
  std::unique_ptr<sqlite3, Closer> database_;
};

// Everything between construction and Commit() happens, or nothing does.
class SqliteTransaction {
 public:
  static absl::StatusOr<SqliteTransaction> Begin(SqliteDatabase& database);
  SqliteTransaction(SqliteTransaction&& other) noexcept;
  SqliteTransaction& operator=(SqliteTransaction&&) = delete;
  ~SqliteTransaction();

  absl::Status Commit();

 private:
  explicit SqliteTransaction(SqliteDatabase& database) : database_(&database) {}

  SqliteDatabase* database_;  // null: over
};

}  // namespace pallas::catalog

#endif  // PALLAS_CATALOG_SQLITE_DATABASE_H_
