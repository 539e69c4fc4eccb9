#ifndef PALLAS_FEDERATION_SOURCE_H_
#define PALLAS_FEDERATION_SOURCE_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
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

// Makes sources for catalogs that nobody registered: "lambda:<name or ARN of a function>".
// Thread-safe.
class LambdaSources {
 public:
  virtual ~LambdaSources() = default;

  // `catalog` with its prefix, and the function with its case. NOT_FOUND: there is no such
  // function.
  virtual absl::StatusOr<std::shared_ptr<const Source>> Open(const std::string& catalog,
                                                             const std::string& function) = 0;
};

// What names of unregistered catalogs begin with, in any case.
inline constexpr std::string_view kLambdaPrefix = "lambda:";

// The sources of the process by catalog name (lower case). Thread-safe.
class SourceRegistry {
 public:
  // Without `lambda`, catalogs that are Lambda functions are an error.
  explicit SourceRegistry(std::unique_ptr<LambdaSources> lambda = nullptr)
      : lambda_(std::move(lambda)) {}

  // Replaces a source of the same name.
  void Put(std::shared_ptr<const Source> source);
  void Remove(const std::string& catalog);
  // Null if there is none.
  std::shared_ptr<const Source> Find(const std::string& catalog) const;
  std::vector<std::string> catalogs() const;

  // The source of `catalog`, in any case: a registered one, or a Lambda function's, which is made
  // when it is first asked for and kept as long as somebody uses it. Null if there is none.
  // NOT_SUPPORTED where Lambda functions cannot be called.
  absl::StatusOr<std::shared_ptr<const Source>> Open(const std::string& catalog) const;

 private:
  const std::unique_ptr<LambdaSources> lambda_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Source>> sources_;
  mutable std::map<std::string, std::weak_ptr<const Source>> opened_;  // by function
};

}  // namespace pallas::federation

#endif  // PALLAS_FEDERATION_SOURCE_H_
