#include "federation/source.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::federation {

Source::Source(std::string catalog, std::unique_ptr<sdk::Connector> connector,
               SourceOptions options, Clock& clock)
    : catalog_(std::move(catalog)),
      connector_(std::move(connector)),
      limiter_(std::make_unique<sdk::Limiter>(options.limits, clock)),
      options_(options) {}

sdk::RequestContext Source::Bind(sdk::RequestContext context) const {
  context.catalog = catalog_;
  context.limiter = limiter_.get();
  return context;
}

void SourceRegistry::Put(std::shared_ptr<const Source> source) {
  const std::lock_guard lock(mutex_);
  const std::string catalog = source->catalog();
  sources_.insert_or_assign(catalog, std::move(source));
}

void SourceRegistry::Remove(const std::string& catalog) {
  const std::lock_guard lock(mutex_);
  sources_.erase(catalog);
}

std::shared_ptr<const Source> SourceRegistry::Find(const std::string& catalog) const {
  const std::lock_guard lock(mutex_);
  const auto found = sources_.find(catalog);
  return found == sources_.end() ? nullptr : found->second;
}

absl::StatusOr<std::shared_ptr<const Source>> SourceRegistry::Open(
    const std::string& catalog) const {
  std::shared_ptr<const Source> registered = Find(absl::AsciiStrToLower(catalog));
  if (registered != nullptr || !absl::StartsWithIgnoreCase(catalog, kLambdaPrefix)) {
    return registered;
  }
  const std::string function = catalog.substr(kLambdaPrefix.size());
  if (function.empty()) {
    return NamedError("CATALOG_NOT_FOUND",
                      "Catalog 'lambda:' names no function; write \"lambda:<name or ARN>\"",
                      absl::StatusCode::kNotFound);
  }
  if (lambda_ == nullptr) {
    return NamedError("NOT_SUPPORTED",
                      absl::StrCat("Catalog '", catalog,
                                   "' is a Lambda function, and no Lambda endpoint is configured"),
                      absl::StatusCode::kUnimplemented);
  }
  {
    const std::lock_guard lock(mutex_);
    if (const auto opened = opened_.find(function); opened != opened_.end()) {
      if (auto source = opened->second.lock()) {
        return source;
      }
    }
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const Source> source,
                   lambda_->Open(absl::StrCat(kLambdaPrefix, function), function));
  const std::lock_guard lock(mutex_);
  std::weak_ptr<const Source>& kept = opened_[function];
  if (auto other = kept.lock()) {
    return other;  // another thread was quicker; one limiter for each source
  }
  kept = source;
  std::erase_if(opened_, [](const auto& entry) { return entry.second.expired(); });
  return source;
}

std::vector<std::string> SourceRegistry::catalogs() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, source] : sources_) {
    names.push_back(name);
  }
  return names;
}

}  // namespace pallas::federation
