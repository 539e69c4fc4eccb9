#include "engine/duckdb/settings.h"

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "duckdb/main/client_config.hpp"

#include "base/memory_budget.h"

namespace pallas::engine {
namespace {

// Rows of a result that wait for a slow reader (decision D18).
constexpr duckdb::idx_t kStreamingBufferBytes = duckdb::idx_t{8} * 1024 * 1024;

constexpr FixedSetting kFixedSettings[] = {
    // Rows have no order but what ORDER BY gives; keeping that of the scans would hold back every
    // batch until all before it are there, in memory without bound.
    {"preserve_insertion_order", "false"},
    // Sort keys say where NULLs go; where one does not, Trino's rule holds.
    {"default_null_order", "nulls_last"},
    // A scalar subquery of two rows is an error, not its first row.
    {"scalar_subquery_error_on_multiple_rows", "true"},
    // x / 0.0 is an infinity or NaN, not NULL.
    {"ieee_floating_point_ops", "true"},
    // The engine never fetches code from anywhere, nor loads what happens to lie in a home folder.
    {"autoinstall_known_extensions", "false"},
    {"autoload_known_extensions", "false"},
    {"allow_community_extensions", "false"},
    // Joins tell their other side the exact keys, as long as a source takes such a list well.
    {"dynamic_or_filter_threshold", "1000"},
    // Errors are read by us, as fields.
    {"errors_as_json", "false"},
};

}  // namespace

std::span<const FixedSetting> FixedSettings() { return kFixedSettings; }

int ThreadsOf(const DuckDbOptions& options) {
  return options.threads > 0 ? options.threads
                             : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int64_t MemoryLimitOf(const DuckDbOptions& options) {
  return options.memory_limit_bytes > 0 ? options.memory_limit_bytes : DefaultMemoryLimitBytes();
}

void Configure(const DuckDbOptions& options, const std::string& temp_dir,
               duckdb::DBConfig& config) {
  for (const FixedSetting& setting : kFixedSettings) {
    config.SetOptionByName(setting.name, duckdb::Value(setting.value));
  }
  // One of these threads is the caller's, which runs tasks of its own query (decision D17).
  config.SetOptionByName("threads", duckdb::Value::BIGINT(ThreadsOf(options)));
  config.SetOptionByName("memory_limit", duckdb::Value(absl::StrCat(MemoryLimitOf(options), "B")));
  config.SetOptionByName("temp_directory", duckdb::Value(temp_dir));
  if (options.temp_limit_bytes > 0) {
    config.SetOptionByName("max_temp_directory_size",
                           duckdb::Value(absl::StrCat(options.temp_limit_bytes, "B")));
  }
  config.SetOptionByName("lock_configuration", duckdb::Value::BOOLEAN(true));
}

void ConfigureConnection(duckdb::ClientContext& context) {
  duckdb::ClientConfig& config = duckdb::ClientConfig::GetConfig(context);
  config.streaming_buffer_size = kStreamingBufferBytes;
  // An unknown table is an error, never a file or a variable of that name.
  config.use_replacement_scans = false;
}

}  // namespace pallas::engine
