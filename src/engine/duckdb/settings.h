#ifndef PALLAS_ENGINE_DUCKDB_SETTINGS_H_
#define PALLAS_ENGINE_DUCKDB_SETTINGS_H_

#include <span>
#include <string>

#include "duckdb/main/client_context.hpp"
#include "duckdb/main/config.hpp"

#include "engine/duckdb/duckdb_engine.h"

// How DuckDB is set: all of it is here (decision D15). Nothing else may set an option; the
// configuration is locked once these are in place.

namespace pallas::engine {

struct FixedSetting {
  const char* name;
  const char* value;
};

// The settings that do not depend on DuckDbOptions.
std::span<const FixedSetting> FixedSettings();

// Everything an instance starts with. `temp_dir` is the instance's own. May throw.
void Configure(const DuckDbOptions& options, const std::string& temp_dir, duckdb::DBConfig& config);

// What belongs to each connection. May throw.
void ConfigureConnection(duckdb::ClientContext& context);

// The threads and the memory that `options` stand for.
int ThreadsOf(const DuckDbOptions& options);
int64_t MemoryLimitOf(const DuckDbOptions& options);

}  // namespace pallas::engine

#endif  // PALLAS_ENGINE_DUCKDB_SETTINGS_H_
