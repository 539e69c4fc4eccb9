#include "catalog/metastore.h"

#include <array>
#include <mutex>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "catalog/definition_json.h"
#include "catalog/sqlite_database.h"
#include "simdjson.h"

namespace pallas::catalog {
namespace {

constexpr size_t kMaxNameBytes = 255;
constexpr int64_t kApplicationId = 0x50414C53;  // "PALS"

// What brings a file from one layout to the next; PRAGMA user_version counts those that it has had.
// Never changed once released: what is to be otherwise is a further step.
constexpr std::array<const char*, 1> kMigrations = {R"sql(
CREATE TABLE databases (
  name TEXT PRIMARY KEY, description TEXT NOT NULL, location TEXT NOT NULL,
  parameters TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE tables (
  database TEXT NOT NULL REFERENCES databases(name), name TEXT NOT NULL, definition TEXT NOT NULL,
  PRIMARY KEY (database, name)) STRICT, WITHOUT ROWID;
CREATE TABLE partitions (
  database TEXT NOT NULL, table_name TEXT NOT NULL, key_values TEXT NOT NULL,
  location TEXT NOT NULL, parameters TEXT NOT NULL,
  PRIMARY KEY (database, table_name, key_values),
  FOREIGN KEY (database, table_name) REFERENCES tables(database, name) ON DELETE CASCADE)
  STRICT, WITHOUT ROWID;
CREATE TABLE data_catalogs (
  name TEXT PRIMARY KEY, type INTEGER NOT NULL, description TEXT NOT NULL,
  parameters TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE prepared_statements (
  workgroup TEXT NOT NULL, name TEXT NOT NULL, sql TEXT NOT NULL, description TEXT NOT NULL,
  PRIMARY KEY (workgroup, name)) STRICT, WITHOUT ROWID;
INSERT INTO databases VALUES ('default', 'Default database', '', '{}');
)sql"};

absl::StatusOr<bool> HasThisLayout(SqliteDatabase& database) {
  ASSIGN_OR_RETURN(const int64_t owner, database.ReadPragma("application_id"));
  ASSIGN_OR_RETURN(const int64_t version, database.ReadPragma("user_version"));
  return owner == kApplicationId && version == static_cast<int64_t>(kMigrations.size());
}

absl::Status Migrate(SqliteDatabase& database) {
  // Nearly always nothing is to be done; then no process waits for another's lock or for the disk.
  ASSIGN_OR_RETURN(const bool current, HasThisLayout(database));
  if (current) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(database));
  ASSIGN_OR_RETURN(const int64_t owner, database.ReadPragma("application_id"));
  ASSIGN_OR_RETURN(const int64_t version, database.ReadPragma("user_version"));
  ASSIGN_OR_RETURN(const int64_t schema_version, database.ReadPragma("schema_version"));
  if (owner != kApplicationId && schema_version != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("metastore ", database.path(), ": the file belongs to another program"));
  }
  if (version > static_cast<int64_t>(kMigrations.size())) {
    return absl::FailedPreconditionError(
        absl::StrCat("metastore ", database.path(), ": a newer Pallas has written it (layout ",
                     version, "; this one knows ", kMigrations.size(), ")"));
  }
  for (size_t step = static_cast<size_t>(version); step < kMigrations.size(); ++step) {
    RETURN_IF_ERROR(database.Execute(kMigrations[step]));
  }
  RETURN_IF_ERROR(database.Execute(absl::StrCat("PRAGMA application_id = ", kApplicationId)));
  RETURN_IF_ERROR(database.Execute(absl::StrCat("PRAGMA user_version = ", kMigrations.size())));
  return transaction.Commit();
}

std::string Lower(std::string_view name) { return absl::AsciiStrToLower(name); }

absl::Status CheckName(std::string_view kind, std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) {
    return absl::InvalidArgumentError(absl::StrCat("The name of a ", kind, " has 1 to ",
                                                   kMaxNameBytes, " bytes, not ", name.size()));
  }
  for (const char c : name) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError(
          absl::StrCat("The name of a ", kind, " must not have control characters"));
    }
  }
  if (!simdjson::validate_utf8(name.data(), name.size())) {
    return absl::InvalidArgumentError(absl::StrCat("The name of a ", kind, " must be UTF-8"));
  }
  return absl::OkStatus();
}

absl::Status DatabaseNotFound(std::string_view name) {
  return absl::NotFoundError(absl::StrCat("Database '", name, "' does not exist"));
}

absl::Status TableNotFound(std::string_view database, std::string_view name) {
  return absl::NotFoundError(absl::StrCat("Table '", database, ".", name, "' does not exist"));
}

sdk::TableDefinition Normalized(sdk::TableDefinition table) {
  table.database = Lower(table.database);
  table.name = Lower(table.name);
  return table;
}

absl::StatusOr<std::string> ValuesKey(const sdk::TableDefinition& table,
                                      const std::vector<std::string>& values) {
  if (values.size() != table.partition_keys.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "A partition of table '", table.database, ".", table.name, "' has ",
        table.partition_keys.size(), " values, one for each key, not ", values.size()));
  }
  return ListToJson(values);
}

absl::StatusOr<Database> ReadDatabase(const SqliteStatement& row) {
  ASSIGN_OR_RETURN(auto parameters, MapFromJson(row.Text(3)));
  return Database{row.Text(0), row.Text(1), row.Text(2), std::move(parameters)};
}

}  // namespace

struct Metastore::Impl {
  std::mutex mutex;  // held during each call: the connection has one user at a time
  std::unique_ptr<SqliteDatabase> database;

  // Runs `work` as one transaction.
  template <typename Work>
  auto Transact(Work work) -> decltype(work()) {
    const std::lock_guard lock(mutex);
    ASSIGN_OR_RETURN(SqliteTransaction transaction, SqliteTransaction::Begin(*database));
    auto result = work();
    if (result.ok()) {
      RETURN_IF_ERROR(transaction.Commit());
    }
    return result;
  }

  absl::StatusOr<bool> Exists(std::string_view sql, std::initializer_list<std::string_view> keys) {
    ASSIGN_OR_RETURN(SqliteStatement statement, database->Prepare(sql));
    for (const std::string_view key : keys) {
      statement.Bind(key);
    }
    return statement.Step();
  }

  absl::StatusOr<bool> HasDatabase(std::string_view name) {
    return Exists("SELECT 1 FROM databases WHERE name = ?", {name});
  }

  absl::StatusOr<bool> HasTable(std::string_view db, std::string_view name) {
    return Exists("SELECT 1 FROM tables WHERE database = ? AND name = ?", {db, name});
  }

  // Runs a statement that must change something; else `missing`.
  absl::Status Change(std::string_view sql, std::initializer_list<std::string_view> values,
                      const absl::Status& missing) {
    ASSIGN_OR_RETURN(SqliteStatement statement, database->Prepare(sql));
    for (const std::string_view value : values) {
      statement.Bind(value);
    }
    RETURN_IF_ERROR(statement.Run());
    return database->num_changed() > 0 ? absl::OkStatus() : missing;
  }

  absl::StatusOr<Database> ReadDatabaseNamed(const std::string& name) {
    ASSIGN_OR_RETURN(SqliteStatement statement,
                     database->Prepare("SELECT * FROM databases WHERE name = ?"));
    ASSIGN_OR_RETURN(const bool found, statement.Bind(name).Step());
    return found ? ReadDatabase(statement) : DatabaseNotFound(name);
  }

  absl::StatusOr<sdk::TableDefinition> ReadTable(std::string_view db, std::string_view name) {
    ASSIGN_OR_RETURN(
        SqliteStatement statement,
        database->Prepare("SELECT definition FROM tables WHERE database = ? AND name = ?"));
    ASSIGN_OR_RETURN(const bool found, statement.Bind(db).Bind(name).Step());
    if (found) {
      return TableFromJson(statement.Text(0));
    }
    ASSIGN_OR_RETURN(const bool has_database, HasDatabase(db));
    return has_database ? TableNotFound(db, name) : DatabaseNotFound(db);
  }

  absl::Status InsertTable(const sdk::TableDefinition& table) {
    ASSIGN_OR_RETURN(const bool has_database, HasDatabase(table.database));
    if (!has_database) {
      return DatabaseNotFound(table.database);
    }
    ASSIGN_OR_RETURN(const std::string json, TableToJson(table));
    return Change("INSERT INTO tables VALUES (?, ?, ?)", {table.database, table.name, json},
                  absl::OkStatus());
  }
};

Metastore::Metastore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Metastore::~Metastore() = default;

absl::StatusOr<std::unique_ptr<Metastore>> Metastore::Open(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  ASSIGN_OR_RETURN(impl->database, SqliteDatabase::Open(path));
  RETURN_IF_ERROR(Migrate(*impl->database));
  return std::unique_ptr<Metastore>(new Metastore(std::move(impl)));
}

absl::Status Metastore::CreateDatabase(const Database& database) {
  const std::string name = Lower(database.name);
  RETURN_IF_ERROR(CheckName("database", name));
  ASSIGN_OR_RETURN(const std::string parameters, MapToJson(database.parameters));
  // The columns of their own must hold what JSON could: text.
  RETURN_IF_ERROR(ListToJson({database.description, database.location}));
  return impl_->Transact([&]() -> absl::Status {
    ASSIGN_OR_RETURN(const bool exists, impl_->HasDatabase(name));
    if (exists) {
      return absl::AlreadyExistsError(absl::StrCat("Database '", name, "' already exists"));
    }
    return impl_->Change("INSERT INTO databases VALUES (?, ?, ?, ?)",
                         {name, database.description, database.location, parameters},
                         absl::OkStatus());
  });
}

absl::Status Metastore::ModifyDatabase(const std::string& name_as_given,
                                       const std::function<absl::Status(Database&)>& change) {
  const std::string name = Lower(name_as_given);
  return impl_->Transact([&]() -> absl::Status {
    ASSIGN_OR_RETURN(Database database, impl_->ReadDatabaseNamed(name));
    RETURN_IF_ERROR(change(database));
    ASSIGN_OR_RETURN(const std::string parameters, MapToJson(database.parameters));
    RETURN_IF_ERROR(ListToJson({database.description, database.location}));
    return impl_->Change(
        "UPDATE databases SET description = ?, location = ?, parameters = ? WHERE name = ?",
        {database.description, database.location, parameters, name}, DatabaseNotFound(name));
  });
}

absl::Status Metastore::DropDatabase(const std::string& name_as_given, bool cascade) {
  const std::string name = Lower(name_as_given);
  return impl_->Transact([&]() -> absl::Status {
    ASSIGN_OR_RETURN(const bool has_tables,
                     impl_->Exists("SELECT 1 FROM tables WHERE database = ?", {name}));
    if (has_tables && !cascade) {
      return absl::FailedPreconditionError(absl::StrCat("Database '", name, "' is not empty"));
    }
    RETURN_IF_ERROR(
        impl_->Change("DELETE FROM tables WHERE database = ?", {name}, absl::OkStatus()));
    return impl_->Change("DELETE FROM databases WHERE name = ?", {name}, DatabaseNotFound(name));
  });
}

absl::StatusOr<Database> Metastore::GetDatabase(const std::string& name) {
  return impl_->Transact([&] { return impl_->ReadDatabaseNamed(Lower(name)); });
}

absl::StatusOr<std::vector<Database>> Metastore::ListDatabases() {
  return impl_->Transact([&]() -> absl::StatusOr<std::vector<Database>> {
    ASSIGN_OR_RETURN(SqliteStatement statement,
                     impl_->database->Prepare("SELECT * FROM databases ORDER BY name"));
    std::vector<Database> databases;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, statement.Step());
      if (!more) {
        return databases;
      }
      ASSIGN_OR_RETURN(Database database, ReadDatabase(statement));
      databases.push_back(std::move(database));
    }
  });
}

absl::Status Metastore::CreateTable(const sdk::TableDefinition& definition) {
  const sdk::TableDefinition table = Normalized(definition);
  RETURN_IF_ERROR(CheckName("table", table.name));
  return impl_->Transact([&]() -> absl::Status {
    ASSIGN_OR_RETURN(const bool exists, impl_->HasTable(table.database, table.name));
    if (exists) {
      return absl::AlreadyExistsError(
          absl::StrCat("Table '", table.database, ".", table.name, "' already exists"));
    }
    return impl_->InsertTable(table);
  });
}

absl::Status Metastore::ModifyTable(
    const std::string& database, const std::string& name,
    const std::function<absl::Status(sdk::TableDefinition&)>& change) {
  const std::string lower_database = Lower(database);
  const std::string lower_name = Lower(name);
  return impl_->Transact([&]() -> absl::Status {
    ASSIGN_OR_RETURN(sdk::TableDefinition table, impl_->ReadTable(lower_database, lower_name));
    RETURN_IF_ERROR(change(table));
    table.database = lower_database;
    table.name = lower_name;
    ASSIGN_OR_RETURN(const std::string json, TableToJson(table));
    return impl_->Change("UPDATE tables SET definition = ? WHERE database = ? AND name = ?",
                         {json, lower_database, lower_name},
                         TableNotFound(lower_database, lower_name));
  });
}

absl::Status Metastore::DropTable(const std::string& database_as_given,
                                  const std::string& name_as_given) {
  const std::string database = Lower(database_as_given);
  const std::string name = Lower(name_as_given);
  return impl_->Transact([&]() -> absl::Status {
    ASSIGN_OR_RETURN(const bool exists, impl_->HasDatabase(database));
    return impl_->Change("DELETE FROM tables WHERE database = ? AND name = ?", {database, name},
                         exists ? TableNotFound(database, name) : DatabaseNotFound(database));
  });
}

absl::StatusOr<sdk::TableDefinition> Metastore::GetTable(const std::string& database,
                                                         const std::string& name) {
  return impl_->Transact([&] { return impl_->ReadTable(Lower(database), Lower(name)); });
}

absl::StatusOr<std::vector<sdk::TableDefinition>> Metastore::ListTables(
    const std::string& database_as_given) {
  const std::string database = Lower(database_as_given);
  return impl_->Transact([&]() -> absl::StatusOr<std::vector<sdk::TableDefinition>> {
    ASSIGN_OR_RETURN(const bool exists, impl_->HasDatabase(database));
    if (!exists) {
      return DatabaseNotFound(database);
    }
    ASSIGN_OR_RETURN(
        SqliteStatement statement,
        impl_->database->Prepare("SELECT definition FROM tables WHERE database = ? ORDER BY name"));
    statement.Bind(database);
    std::vector<sdk::TableDefinition> tables;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, statement.Step());
      if (!more) {
        return tables;
      }
      ASSIGN_OR_RETURN(sdk::TableDefinition table, TableFromJson(statement.Text(0)));
      tables.push_back(std::move(table));
    }
  });
}

absl::Status Metastore::AddPartitions(const std::string& database, const std::string& name,
                                      const std::vector<sdk::PartitionDefinition>& partitions,
                                      bool if_not_exists) {
  return impl_->Transact([&]() -> absl::Status {
    ASSIGN_OR_RETURN(const sdk::TableDefinition table,
                     impl_->ReadTable(Lower(database), Lower(name)));
    for (const sdk::PartitionDefinition& partition : partitions) {
      ASSIGN_OR_RETURN(const std::string key, ValuesKey(table, partition.values));
      ASSIGN_OR_RETURN(const std::string parameters, MapToJson(partition.parameters));
      RETURN_IF_ERROR(ListToJson({partition.location}));
      RETURN_IF_ERROR(impl_->Change(
          "INSERT INTO partitions VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
          {table.database, table.name, key, partition.location, parameters},
          if_not_exists ? absl::OkStatus()
                        : absl::AlreadyExistsError(absl::StrCat("Partition ", key, " of table '",
                                                                table.database, ".", table.name,
                                                                "' already exists"))));
    }
    return absl::OkStatus();
  });
}

absl::Status Metastore::DropPartitions(const std::string& database, const std::string& name,
                                       const std::vector<std::vector<std::string>>& values) {
  return impl_->Transact([&]() -> absl::Status {
    ASSIGN_OR_RETURN(const sdk::TableDefinition table,
                     impl_->ReadTable(Lower(database), Lower(name)));
    for (const std::vector<std::string>& partition : values) {
      ASSIGN_OR_RETURN(const std::string key, ValuesKey(table, partition));
      RETURN_IF_ERROR(impl_->Change(
          "DELETE FROM partitions WHERE database = ? AND table_name = ? AND key_values = ?",
          {table.database, table.name, key},
          absl::NotFoundError(absl::StrCat("Partition ", key, " of table '", table.database, ".",
                                           table.name, "' does not exist"))));
    }
    return absl::OkStatus();
  });
}

absl::Status Metastore::SetPartitionLocation(const std::string& database, const std::string& name,
                                             const std::vector<std::string>& values,
                                             const std::string& location) {
  RETURN_IF_ERROR(ListToJson({location}));
  return impl_->Transact([&]() -> absl::Status {
    ASSIGN_OR_RETURN(const sdk::TableDefinition table,
                     impl_->ReadTable(Lower(database), Lower(name)));
    ASSIGN_OR_RETURN(const std::string key, ValuesKey(table, values));
    return impl_->Change(
        "UPDATE partitions SET location = ? WHERE database = ? AND table_name = ? AND "
        "key_values = ?",
        {location, table.database, table.name, key},
        absl::NotFoundError(absl::StrCat("Partition ", key, " of table '", table.database, ".",
                                         table.name, "' does not exist")));
  });
}

absl::Status Metastore::RenamePartition(const std::string& database, const std::string& name,
                                        const std::vector<std::string>& from,
                                        const std::vector<std::string>& to) {
  return impl_->Transact([&]() -> absl::Status {
    ASSIGN_OR_RETURN(const sdk::TableDefinition table,
                     impl_->ReadTable(Lower(database), Lower(name)));
    ASSIGN_OR_RETURN(const std::string old_key, ValuesKey(table, from));
    ASSIGN_OR_RETURN(const std::string new_key, ValuesKey(table, to));
    const auto message = [&](const std::string& key, std::string_view what) {
      return absl::StrCat("Partition ", key, " of table '", table.database, ".", table.name, "' ",
                          what);
    };
    ASSIGN_OR_RETURN(SqliteStatement found,
                     impl_->database->Prepare("SELECT 1 FROM partitions WHERE database = ? AND "
                                              "table_name = ? AND key_values = ?"));
    found.Bind(table.database).Bind(table.name).Bind(new_key);
    ASSIGN_OR_RETURN(const bool exists, found.Step());
    if (exists && new_key != old_key) {
      return absl::AlreadyExistsError(message(new_key, "already exists"));
    }
    return impl_->Change(
        "UPDATE partitions SET key_values = ? WHERE database = ? AND table_name = ? AND "
        "key_values = ?",
        {new_key, table.database, table.name, old_key},
        absl::NotFoundError(message(old_key, "does not exist")));
  });
}

absl::StatusOr<std::vector<sdk::PartitionDefinition>> Metastore::ListPartitions(
    const std::string& database, const std::string& name) {
  return impl_->Transact([&]() -> absl::StatusOr<std::vector<sdk::PartitionDefinition>> {
    ASSIGN_OR_RETURN(const sdk::TableDefinition table,
                     impl_->ReadTable(Lower(database), Lower(name)));
    ASSIGN_OR_RETURN(
        SqliteStatement statement,
        impl_->database->Prepare("SELECT key_values, location, parameters FROM partitions WHERE "
                                 "database = ? AND table_name = ? ORDER BY key_values"));
    statement.Bind(table.database).Bind(table.name);
    std::vector<sdk::PartitionDefinition> partitions;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, statement.Step());
      if (!more) {
        return partitions;
      }
      ASSIGN_OR_RETURN(auto values, ListFromJson(statement.Text(0)));
      ASSIGN_OR_RETURN(auto parameters, MapFromJson(statement.Text(2)));
      partitions.push_back({std::move(values), statement.Text(1), std::move(parameters)});
    }
  });
}

absl::Status Metastore::PutDataCatalog(const DataCatalog& catalog) {
  const std::string name = Lower(catalog.name);
  RETURN_IF_ERROR(CheckName("data catalog", name));
  ASSIGN_OR_RETURN(const std::string parameters, MapToJson(catalog.parameters));
  RETURN_IF_ERROR(ListToJson({catalog.description}));
  return impl_->Transact([&]() -> absl::Status {
    ASSIGN_OR_RETURN(
        SqliteStatement statement,
        impl_->database->Prepare("INSERT OR REPLACE INTO data_catalogs VALUES (?, ?, ?, ?)"));
    return statement.Bind(name)
        .Bind(static_cast<int64_t>(catalog.type))
        .Bind(catalog.description)
        .Bind(parameters)
        .Run();
  });
}

absl::Status Metastore::DropDataCatalog(const std::string& name_as_given) {
  const std::string name = Lower(name_as_given);
  return impl_->Transact([&]() -> absl::Status {
    return impl_->Change(
        "DELETE FROM data_catalogs WHERE name = ?", {name},
        absl::NotFoundError(absl::StrCat("Data catalog '", name, "' does not exist")));
  });
}

absl::StatusOr<std::vector<DataCatalog>> Metastore::ListDataCatalogs() {
  return impl_->Transact([&]() -> absl::StatusOr<std::vector<DataCatalog>> {
    ASSIGN_OR_RETURN(SqliteStatement statement,
                     impl_->database->Prepare("SELECT * FROM data_catalogs ORDER BY name"));
    std::vector<DataCatalog> catalogs;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, statement.Step());
      if (!more) {
        return catalogs;
      }
      ASSIGN_OR_RETURN(auto parameters, MapFromJson(statement.Text(3)));
      const int64_t type = statement.Number(1);
      if (type < 0 || type > static_cast<int64_t>(DataCatalogType::kFederated)) {
        return absl::DataLossError("a data catalog in the metastore is damaged");
      }
      catalogs.push_back({statement.Text(0), static_cast<DataCatalogType>(type), statement.Text(2),
                          std::move(parameters)});
    }
  });
}

absl::Status Metastore::PutPreparedStatement(const std::string& workgroup,
                                             const PreparedStatement& prepared) {
  RETURN_IF_ERROR(CheckName("workgroup", workgroup));
  RETURN_IF_ERROR(CheckName("prepared statement", prepared.name));
  RETURN_IF_ERROR(ListToJson({prepared.sql, prepared.description}));
  return impl_->Transact([&]() -> absl::Status {
    return impl_->Change("INSERT OR REPLACE INTO prepared_statements VALUES (?, ?, ?, ?)",
                         {workgroup, prepared.name, prepared.sql, prepared.description},
                         absl::OkStatus());
  });
}

absl::StatusOr<PreparedStatement> Metastore::GetPreparedStatement(const std::string& workgroup,
                                                                  const std::string& name) {
  return impl_->Transact([&]() -> absl::StatusOr<PreparedStatement> {
    ASSIGN_OR_RETURN(
        SqliteStatement statement,
        impl_->database->Prepare("SELECT name, sql, description FROM "
                                 "prepared_statements WHERE workgroup = ? AND name = ?"));
    ASSIGN_OR_RETURN(const bool found, statement.Bind(workgroup).Bind(name).Step());
    if (!found) {
      return absl::NotFoundError(absl::StrCat("Prepared statement '", name, "' does not exist"));
    }
    return PreparedStatement{statement.Text(0), statement.Text(1), statement.Text(2)};
  });
}

absl::Status Metastore::DropPreparedStatement(const std::string& workgroup,
                                              const std::string& name) {
  return impl_->Transact([&]() -> absl::Status {
    return impl_->Change(
        "DELETE FROM prepared_statements WHERE workgroup = ? AND name = ?", {workgroup, name},
        absl::NotFoundError(absl::StrCat("Prepared statement '", name, "' does not exist")));
  });
}

absl::StatusOr<std::vector<PreparedStatement>> Metastore::ListPreparedStatements(
    const std::string& workgroup) {
  return impl_->Transact([&]() -> absl::StatusOr<std::vector<PreparedStatement>> {
    ASSIGN_OR_RETURN(SqliteStatement statement,
                     impl_->database->Prepare("SELECT name, sql, description FROM "
                                              "prepared_statements WHERE workgroup = ? "
                                              "ORDER BY name"));
    statement.Bind(workgroup);
    std::vector<PreparedStatement> statements;
    while (true) {
      ASSIGN_OR_RETURN(const bool more, statement.Step());
      if (!more) {
        return statements;
      }
      statements.push_back({statement.Text(0), statement.Text(1), statement.Text(2)});
    }
  });
}

}  // namespace pallas::catalog
