#ifndef PALLAS_SDK_RUNTIME_CONNECTOR_OPTIONS_H_
#define PALLAS_SDK_RUNTIME_CONNECTOR_OPTIONS_H_

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace pallas::sdk {

// Keys and texts in the order in which they were written.
using OptionList = std::vector<std::pair<std::string, std::string>>;

// The settings of one catalog: keys and texts from the configuration file or from CreateDataCatalog
// parameters, secrets still as references. Remembers which keys were read, so that a misspelt one
// is reported. Keys are found without regard to case; every option of the Java connectors' Lambda
// environment is accepted as an alias of ours.
class ConnectorOptions {
 public:
  // Of keys that differ in case only, the first counts.
  ConnectorOptions(std::string catalog, std::string kind, OptionList values);

  const std::string& catalog() const { return catalog_; }

  const std::string& kind() const { return kind_; }

  // The first of `names` that is set. Two set aliases are an error naming both.
  absl::StatusOr<std::optional<std::string>> GetString(
      std::initializer_list<std::string_view> names) const;
  absl::StatusOr<std::optional<int64_t>> GetInt(std::initializer_list<std::string_view> names,
                                                int64_t min, int64_t max) const;
  absl::StatusOr<std::optional<bool>> GetBool(std::initializer_list<std::string_view> names) const;

  // The groups `name.0.<key>`, `name.1.<key>`, ... in the order of their numbers: `[[name]]` of a
  // TOML file. In each the keys as they were written, in the order in which they were. All of them
  // count as read.
  std::vector<OptionList> GetGroups(std::string_view name) const;

  // Keys that no Get has asked for.
  std::vector<std::string> UnreadKeys() const;

 private:
  std::string catalog_;
  std::string kind_;
  OptionList written_;
  std::map<std::string, std::string> values_;  // keys in lower case
  mutable std::set<std::string> read_;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_RUNTIME_CONNECTOR_OPTIONS_H_
