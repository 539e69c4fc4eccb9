#include "engine/duckdb/instance.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include <unistd.h>

#include "base/status_macros.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/external_calls.h"
#include "engine/duckdb/functions/functions.h"
#include "engine/duckdb/scan.h"
#include "engine/duckdb/settings.h"

namespace pallas::engine {
namespace {

// DuckDB makes only the last folder of the path, and only when it first spills.
absl::Status MakeTempDir(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat("Cannot make the temporary folder ", path, ": ", error.message()));
  }
  // Rows of users lie there.
  std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<DuckDbInstance>> DuckDbInstance::Make(
    const DuckDbOptions& options, std::string temp_dir, const storage::Locations& locations) {
  std::shared_ptr<DuckDbInstance> instance(new DuckDbInstance(std::move(temp_dir)));
  if (!instance->temp_dir_.empty()) {
    RETURN_IF_ERROR(MakeTempDir(instance->temp_dir_));
  }
  RETURN_IF_ERROR(CallDuckDb([&] {
    duckdb::DBConfig config;
    Configure(options, instance->temp_dir_, config);
    instance->database_ = std::make_unique<duckdb::DuckDB>(nullptr, &config);
    RegisterFunctions(*instance->database_->instance);
    RegisterScan(*instance->database_->instance, locations);
    RegisterExternalCalls(*instance->database_->instance);
  }));
  return instance;
}

DuckDbInstance::~DuckDbInstance() {
  database_.reset();
  if (!temp_dir_.empty()) {
    std::error_code ignored;  // What is left is found by name: the process id is in it.
    std::filesystem::remove_all(temp_dir_, ignored);
  }
}

absl::StatusOr<std::shared_ptr<DuckDbInstance>> InstancePool::Current() {
  const std::lock_guard lock(mutex_);
  if (current_ == nullptr || current_->broken()) {
    std::string temp_dir;
    if (!options_.temp_dir.empty()) {
      temp_dir = absl::StrCat(options_.temp_dir, "/engine-", ::getpid(), "-", made_);
    }
    ASSIGN_OR_RETURN(std::shared_ptr<DuckDbInstance> made,
                     DuckDbInstance::Make(options_, std::move(temp_dir), locations_));
    if (current_ != nullptr) {
      ++replaced_;
    }
    ++made_;
    current_ = std::move(made);
  }
  return current_;
}

}  // namespace pallas::engine
