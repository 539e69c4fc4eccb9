#include "cli/application.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/file.h>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/connectors.h"
#include "cli/s3_services.h"
#include <fcntl.h>
#include <unistd.h>

#include "base/status_macros.h"
#include "catalog/metastore.h"
#include "catalog/metastore_definitions.h"
#include "catalog/table_resolver.h"
#include "engine/duckdb/duckdb_engine.h"
#include "federation/reader_pool.h"
#include "federation/remote_catalog.h"
#include "federation/source.h"
#include "sdk/metadata/table_definitions.h"
#include "sdk/runtime/connector_registry.h"
#include "storage/locations.h"

namespace pallas::cli {
namespace {

// Threads that plan and read beyond what the sources' own limits allow at once.
constexpr int kSpareReaders = 4;

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot make the folder ", path, ": ", error.message(), "; see --data"));
  }
  return absl::OkStatus();
}

// Marks the data folder as in use while the process lives. Any number of `pallas sql` share it; a
// server has it alone (decision D9).
class FolderLock {
 public:
  static absl::StatusOr<FolderLock> Take(const std::string& data_dir) {
    const std::string path = absl::StrCat(data_dir, "/lock");
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
      return absl::PermissionDeniedError(absl::StrCat(
          "cannot open ", path, ": ", std::generic_category().message(errno), "; see --data"));
    }
    FolderLock lock(file);
    if (::flock(file, LOCK_SH | LOCK_NB) != 0) {
      return absl::FailedPreconditionError(
          absl::StrCat("the data folder ", data_dir,
                       " is in use by a server; stop it, or use another folder with --data"));
    }
    return lock;
  }

  FolderLock(FolderLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

  FolderLock& operator=(FolderLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }

  ~FolderLock() {
    if (file_ >= 0) {
      ::close(file_);
    }
  }

 private:
  explicit FolderLock(int file) : file_(file) {}

  int file_ = -1;
};

absl::Status AddSources(const Config& config, const sdk::ConnectorEnvironment& environment,
                        federation::SourceRegistry* sources) {
  const sdk::ConnectorRegistry connectors = MakeConnectorRegistry();
  for (const CatalogConfig& catalog : config.catalogs) {
    const sdk::ConnectorOptions options(catalog.name, catalog.connector, catalog.options);
    absl::StatusOr<std::unique_ptr<sdk::Connector>> connector =
        connectors.Make(options, environment);
    if (!connector.ok()) {
      return connector.status();
    }
    sources->Put(std::make_shared<federation::Source>(catalog.name, *std::move(connector),
                                                      catalog.source, Clock::System()));
  }
  return absl::OkStatus();
}

int MaxReaders(const Config& config) {
  int readers = kSpareReaders + config.text.max_concurrency;
  for (const CatalogConfig& catalog : config.catalogs) {
    readers += catalog.source.limits.max_concurrency;
  }
  return readers;
}

}  // namespace

// In the order they are made; destroyed in reverse, so that each outlives its users (decision D17).
struct Application::Parts {
  explicit Parts(FolderLock taken) : lock(std::move(taken)) {}

  FolderLock lock;
  std::unique_ptr<storage::Locations> locations;
  std::unique_ptr<catalog::Metastore> metastore;
  std::unique_ptr<sdk::TableDefinitions> definitions;
  std::unique_ptr<federation::SourceRegistry> sources;
  std::unique_ptr<federation::ExternalFunctionInvoker> functions;  // null: none is called
  std::unique_ptr<federation::ReaderPool> readers;
  std::unique_ptr<catalog::TableResolver> resolver;
  std::unique_ptr<engine::QueryEngine> engine;
  std::unique_ptr<query::StatementRunner> runner;
  sql::Session session;
};

absl::StatusOr<std::string> DefaultDataDir() {
  // The process has one thread when this is called.
  if (const char* const data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0') {
    return absl::StrCat(data, "/pallas");
  }
  if (const char* const home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return absl::StrCat(home, "/.local/share/pallas");
  }
  return absl::FailedPreconditionError(
      "neither XDG_DATA_HOME nor HOME is set; name a folder with --data");
}

absl::StatusOr<std::unique_ptr<Application>> Application::Open(const Config& config) {
  std::string data_dir = config.data_dir;
  if (data_dir.empty()) {
    ASSIGN_OR_RETURN(data_dir, DefaultDataDir());
  }
  const std::string objects_dir = absl::StrCat(data_dir, "/objects");
  RETURN_IF_ERROR(MakeFolder(objects_dir));
  ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(data_dir));
  auto parts = std::make_unique<Parts>(std::move(lock));

  storage::LocationOptions locations{objects_dir, config.lake_roots, MakeS3Services(config.s3)};
  if (locations.local_roots.empty()) {
    locations.local_roots.push_back(std::filesystem::current_path().string());
  }
  ASSIGN_OR_RETURN(parts->locations, storage::Locations::Make(std::move(locations)));
  ASSIGN_OR_RETURN(parts->metastore,
                   catalog::Metastore::Open(absl::StrCat(data_dir, "/metastore.sqlite")));
  parts->definitions = catalog::MakeTableDefinitions(*parts->metastore);
  sdk::ConnectorEnvironment environment;
  environment.definitions = parts->definitions.get();
  std::unique_ptr<federation::LambdaSources> lambda;
  if (!config.lambda.empty()) {
    ASSIGN_OR_RETURN(lambda, federation::MakeLambdaSources(config.lambda, environment));
    ASSIGN_OR_RETURN(parts->functions,
                     federation::MakeExternalFunctionInvoker(config.lambda, environment));
  }
  parts->sources = std::make_unique<federation::SourceRegistry>(std::move(lambda));
  RETURN_IF_ERROR(AddSources(config, environment, parts->sources.get()));
  parts->readers = std::make_unique<federation::ReaderPool>(MaxReaders(config));
  parts->resolver = catalog::MakeTableResolver(*parts->metastore, *parts->sources,
                                               *parts->locations, config.text);

  engine::DuckDbOptions options;
  options.functions = parts->functions.get();
  options.threads = config.threads.value_or(0);
  options.memory_limit_bytes = config.memory_limit_bytes.value_or(0);
  options.temp_dir = config.temp_dir.empty() ? absl::StrCat(data_dir, "/tmp") : config.temp_dir;
  ASSIGN_OR_RETURN(parts->engine,
                   engine::MakeDuckDbEngine(options, *parts->locations, *parts->readers));
  parts->runner = std::make_unique<query::StatementRunner>(
      query::Services{*parts->metastore, *parts->resolver, *parts->locations, *parts->engine});
  parts->session.dialect = config.dialect;
  parts->session.time_zone_key = config.time_zone_key;
  return std::unique_ptr<Application>(new Application(std::move(parts)));
}

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Application::~Application() = default;

query::StatementRunner& Application::runner() { return *parts_->runner; }

engine::QueryEngine& Application::engine() { return *parts_->engine; }

const storage::Locations& Application::locations() const { return *parts_->locations; }

catalog::TableResolver& Application::resolver() { return *parts_->resolver; }

const sql::Session& Application::default_session() const { return parts_->session; }

}  // namespace pallas::cli
