#include "sdk/passthrough.h"

#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

namespace pallas::sdk {
namespace {

constexpr std::string_view kPrefix = "pallas.passthrough.";

}  // namespace

std::string PassthroughFunction::Signature() const {
  return absl::AsciiStrToUpper(absl::StrCat(schema, ".", name));
}

PassthroughArguments PassthroughOf(const Table& table) {
  PassthroughArguments arguments;
  const auto metadata = table.schema->metadata();
  for (int64_t i = 0; metadata != nullptr && i < metadata->size(); ++i) {
    const std::string& key = metadata->key(i);
    if (absl::StartsWith(key, kPrefix)) {
      arguments[key.substr(kPrefix.size())] = metadata->value(i);
    }
  }
  return arguments;
}

void SetPassthrough(const PassthroughArguments& arguments, Table* table) {
  auto metadata = table->schema->metadata() == nullptr ? std::make_shared<arrow::KeyValueMetadata>()
                                                       : table->schema->metadata()->Copy();
  for (const auto& [name, value] : arguments) {
    metadata->Append(absl::StrCat(kPrefix, name), value);
  }
  table->schema = table->schema->WithMetadata(std::move(metadata));
}

}  // namespace pallas::sdk
