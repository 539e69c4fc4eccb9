#ifndef PALLAS_FEDERATION_SOURCE_H_
#define PALLAS_FEDERATION_SOURCE_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "sdk/connector.h"
#include "sdk/runtime/limiter.h"

namespace pallas::federation {

// What to do with text that is not UTF-8 (decision D19).
enum class InvalidUtf8 { kError, kReplace };

struct SourceOptions {
  sdk::LimiterOptions limits;
  InvalidUtf8 invalid_utf8 = InvalidUtf8::kError;
};

// One data source of the process: its connector and the one limiter that all queries share.
// Immutable and thread-safe; queries hold it by shared_ptr, so that a dropped catalog lives on
// until they end.
class Source {
 public:
  Source(std::string catalog, std::unique_ptr<sdk::Connector> connector, SourceOptions options,
         Clock& clock);

  const std::string& catalog() const { return catalog_; }

  sdk::Connector& connector() const { return *connector_; }

  sdk::Limiter& limiter() const { return *limiter_; }

  const SourceOptions& options() const { return options_; }

  // `context` with this source's catalog and limiter.
  sdk::RequestContext Bind(sdk::RequestContext context) const;

 private:
  std::string catalog_;
  std::unique_ptr<sdk::Connector> connector_;
  std::unique_ptr<sdk::Limiter> limiter_;
  SourceOptions options_;
};

// The sources of the process by catalog name (lower case). Thread-safe.
class SourceRegistry {
 public:
  // Replaces a source of the same name.
  void Put(std::shared_ptr<const Source> source);
  void Remove(const std::string& catalog);
  // Null if there is none.
  std::shared_ptr<const Source> Find(const std::string& catalog) const;
  std::vector<std::string> catalogs() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Source>> sources_;
};

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_SOURCE_H_
