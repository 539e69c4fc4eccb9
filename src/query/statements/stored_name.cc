#include "query/statements/stored_name.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "query/results/text_rows.h"
#include "storage/locations.h"

namespace pallas::query {
namespace {

// Database and table are two parts of a name, the catalog a third.
constexpr size_t kMaxParts = 3;

Location PlaceOf(const sql::ast::QualifiedName& name) {
  return name.empty() ? Location{1, 1} : name.front().location;
}

// Whether the name lies in the embedded catalog: it says so if it has `full_size` parts, else the
// session does.
absl::Status CheckCatalog(const sql::ast::QualifiedName& name, size_t full_size,
                          const sql::Session& session) {
  const std::string catalog =
      absl::AsciiStrToLower(name.size() == full_size ? name.front().text : session.catalog);
  if (catalog != catalog::kAwsDataCatalog) {
    return ErrorAt(PlaceOf(name), "NOT_SUPPORTED",
                   "This operation is currently not supported for external catalogs",
                   absl::StatusCode::kUnimplemented);
  }
  return absl::OkStatus();
}

absl::Status TooManyParts(const sql::ast::QualifiedName& name) {
  return ErrorAt(PlaceOf(name), "SYNTAX_ERROR", "Too many dots in a name");
}

}  // namespace

std::string StoredName::ToString() const {
  return absl::StrCat(catalog::kAwsDataCatalog, ".", database, ".", table);
}

absl::StatusOr<StoredName> StoredTable(const sql::ast::QualifiedName& name,
                                       const sql::Session& session) {
  if (name.empty() || name.size() > kMaxParts) {
    return TooManyParts(name);
  }
  RETURN_IF_ERROR(CheckCatalog(name, kMaxParts, session));
  StoredName stored;
  stored.table = absl::AsciiStrToLower(name.back().text);
  stored.database =
      absl::AsciiStrToLower(name.size() > 1 ? name[name.size() - 2].text : session.database);
  stored.location = PlaceOf(name);
  return stored;
}

absl::StatusOr<StoredName> StoredDatabase(const sql::ast::QualifiedName& name,
                                          const sql::Session& session) {
  if (name.empty() || name.size() > kMaxParts - 1) {
    return TooManyParts(name);
  }
  RETURN_IF_ERROR(CheckCatalog(name, kMaxParts - 1, session));
  return StoredName{absl::AsciiStrToLower(name.back().text), "", PlaceOf(name)};
}

absl::Status AsStatementError(const absl::Status& status, const StoredName& name) {
  if (status.ok() || GetDetail(status)) {
    return status;
  }
  // The metastore tells a missing database from a missing table by its message's subject.
  const bool about_database = name.table.empty() || status.message().starts_with("Database ");
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return about_database ? ErrorAt(name.location, "SCHEMA_NOT_FOUND",
                                      absl::StrCat("Schema '", name.database, "' does not exist"),
                                      absl::StatusCode::kNotFound)
                            : ErrorAt(name.location, "TABLE_NOT_FOUND",
                                      absl::StrCat("Table '", name.ToString(), "' does not exist"),
                                      absl::StatusCode::kNotFound);
    case absl::StatusCode::kAlreadyExists:
      return about_database ? ErrorAt(name.location, "SCHEMA_ALREADY_EXISTS",
                                      absl::StrCat("Schema '", name.database, "' already exists"),
                                      absl::StatusCode::kAlreadyExists)
                            : ErrorAt(name.location, "TABLE_ALREADY_EXISTS",
                                      absl::StrCat("Table '", name.ToString(), "' already exists"),
                                      absl::StatusCode::kAlreadyExists);
    case absl::StatusCode::kInvalidArgument:
      return ErrorAt(name.location, "INVALID_ARGUMENTS", status.message());
    default:
      return status;
  }
}

absl::Status CheckLocation(const Services& services, const std::string& location,
                           const StoredName& name) {
  const absl::Status found = services.locations.Find(location).status();
  if (found.ok()) {
    return found;
  }
  const bool denied = found.code() == absl::StatusCode::kPermissionDenied;
  return ErrorAt(name.location, denied ? "PERMISSION_DENIED" : "INVALID_TABLE_PROPERTY",
                 found.message(), found.code());
}

absl::Status PlacedAt(const StoredName& name, const absl::Status& status) {
  const std::optional<ErrorDetail> detail = GetDetail(status);
  return status.ok() || !detail || detail->location
             ? status
             : ErrorAt(name.location, detail->name, status.message(), status.code());
}

StatementResult DoneResult() {
  StatementResult result;
  result.type = StatementType::kDdl;
  result.rows = MakeNoRows();
  return result;
}

}  // namespace pallas::query
