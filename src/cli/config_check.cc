#include "cli/config_check.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "cli/application.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "catalog/metastore.h"
#include "catalog/table_resolver.h"
#include "sdk/request_context.h"

namespace pallas::cli {
namespace {

constexpr int kExitError = 1;
constexpr int kSignalExitBase = 128;  // as a shell reports a process that a signal ended
// What a source may take to say what databases it has.
constexpr absl::Duration kDeadline = absl::Seconds(30);

// What to look at when a source answers with `code`; empty: the message says it all.
std::string Advice(absl::StatusCode code, const std::string& catalog) {
  const std::string section = absl::StrCat("[catalogs.", catalog, "]");
  switch (code) {
    case absl::StatusCode::kUnauthenticated:
      return absl::StrCat("check the user and password, or the keys, of ", section);
    case absl::StatusCode::kPermissionDenied:
      return absl::StrCat("give the user of ", section, " the right to list databases");
    case absl::StatusCode::kUnavailable:
      return absl::StrCat("check that the server runs, and the host and port of ", section);
    case absl::StatusCode::kDeadlineExceeded:
      return absl::StrCat("check that nothing between here and the host of ", section,
                          " drops packets");
    case absl::StatusCode::kInvalidArgument:
      return absl::StrCat("check the options of ", section);
    default:
      return "";
  }
}

// How many databases `catalog` has. Everything is opened for this catalog alone, so that what is
// wrong elsewhere does not hide it.
absl::StatusOr<size_t> CountDatabases(const Config& config, const std::string& catalog,
                                      const sdk::RequestContext& context) {
  Config alone = config;
  std::erase_if(alone.catalogs,
                [&catalog](const CatalogConfig& other) { return other.name != catalog; });
  alone.lake_roots.clear();  // They have lines of their own.
  ASSIGN_OR_RETURN(const std::unique_ptr<Application> application, Application::Open(alone));
  ASSIGN_OR_RETURN(const std::vector<std::string> databases,
                   application->resolver().ListDatabases(context, catalog));
  return databases.size();
}

// Writes the line of `name`; returns whether all is well.
bool Report(const std::string& name, size_t width, const absl::Status& status,
            const std::string& success, const std::string& advice) {
  absl::PrintF("%-*s  %s\n", static_cast<int>(width), name,
               status.ok() ? absl::StrCat("ok: ", success)
                           : absl::StrCat(ErrorName(status), ": ", status.message()));
  if (!status.ok() && !advice.empty()) {
    absl::PrintF("%-*s  %s\n", static_cast<int>(width), "", advice);
  }
  return status.ok();
}

absl::Status CheckFolder(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return absl::OkStatus();
  }
  return absl::NotFoundError(absl::StrCat(
      path, error ? absl::StrCat(": ", error.message()) : std::string(" is not a folder")));
}

}  // namespace

int RunConfigCheck(const Config& config, InterruptHandler& interrupts) {
  std::vector<std::string> catalogs = {catalog::kAwsDataCatalog};
  constexpr char kLakeRoots[] = "lake.local_roots";
  size_t width = config.lake_roots.empty() ? 0 : sizeof(kLakeRoots) - 1;
  for (const CatalogConfig& catalog : config.catalogs) {
    catalogs.push_back(catalog.name);
  }
  for (const std::string& catalog : catalogs) {
    width = std::max(width, catalog.size());
  }
  bool all_well = true;
  for (const std::string& catalog : catalogs) {
    sdk::RequestContext context;
    context.deadline = absl::Now() + kDeadline;
    interrupts.Watch(context.cancellation);
    const absl::StatusOr<size_t> databases = CountDatabases(config, catalog, context);
    const std::optional<int> signal = interrupts.signal();
    interrupts.Watch(std::nullopt);
    if (signal) {
      return kSignalExitBase + *signal;
    }
    const size_t count = databases.ok() ? *databases : 0;
    all_well &= Report(
        catalog, width, databases.status(),
        absl::StrCat(count, count == 1 ? " database" : " databases"),
        catalog == catalog::kAwsDataCatalog ? "" : Advice(databases.status().code(), catalog));
  }
  for (const std::string& root : config.lake_roots) {
    all_well &= Report(kLakeRoots, width, CheckFolder(root), root,
                       "make the folder, or take it out of [lake] local_roots");
  }
  return all_well ? 0 : kExitError;
}

}  // namespace pallas::cli
