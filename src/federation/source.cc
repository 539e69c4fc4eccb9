#include "federation/source.h"

#include <utility>

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

std::vector<std::string> SourceRegistry::catalogs() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, source] : sources_) {
    names.push_back(name);
  }
  return names;
}

}  // namespace pallas::federation
