#include "sql/analyzer/name_lookup.h"

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace pallas::sql {

// The positions of the fields of a scope by their names in lower case.
struct ScopeIndex {
  size_t num_fields = 0;
  absl::flat_hash_map<std::string, std::vector<size_t>> positions;
};

namespace {

// Up to here comparing is faster than hashing.
constexpr size_t kMaxUnindexedFields = 16;

const ScopeIndex& IndexOf(const Scope& scope) {
  if (scope.index == nullptr || scope.index->num_fields != scope.fields.size()) {
    auto index = std::make_shared<ScopeIndex>();
    index->num_fields = scope.fields.size();
    for (size_t i = 0; i < scope.fields.size(); ++i) {
      index->positions[absl::AsciiStrToLower(scope.fields[i].name)].push_back(i);
    }
    scope.index = std::move(index);
  }
  return *scope.index;
}

// Counts the fields that the whole name fits; `found` is the first.
class Matches {
 public:
  explicit Matches(std::span<const std::string_view> name)
      : name_(name.back()), qualifier_(name.first(name.size() - 1)) {}

  void Try(const ScopeField& field) {
    if (!field.name.empty() && absl::EqualsIgnoreCase(field.name, name_) &&
        MatchesQualifier(field, qualifier_)) {
      ++count_;
      found_ = found_ == nullptr ? &field : found_;
    }
  }

  int count() const { return count_; }

  const ScopeField* found() const { return found_; }

 private:
  std::string_view name_;
  std::span<const std::string_view> qualifier_;
  int count_ = 0;
  const ScopeField* found_ = nullptr;
};

Matches MatchFields(const Scope& scope, std::span<const std::string_view> name) {
  Matches matches(name);
  if (scope.fields.size() <= kMaxUnindexedFields) {
    for (const ScopeField& field : scope.fields) {
      matches.Try(field);
    }
    return matches;
  }
  const ScopeIndex& index = IndexOf(scope);
  if (const auto at = index.positions.find(absl::AsciiStrToLower(name.back()));
      at != index.positions.end()) {
    for (const size_t position : at->second) {
      matches.Try(scope.fields[position]);
    }
  }
  return matches;
}

}  // namespace

bool MatchesQualifier(const ScopeField& field, std::span<const std::string_view> qualifier) {
  if (qualifier.size() > field.qualifier.size()) {
    return false;
  }
  const size_t offset = field.qualifier.size() - qualifier.size();
  for (size_t i = 0; i < qualifier.size(); ++i) {
    if (!absl::EqualsIgnoreCase(field.qualifier[offset + i], qualifier[i])) {
      return false;
    }
  }
  return true;
}

FoundColumn FindColumn(const Scope& scope, std::span<const std::string_view> name) {
  bool closed = false;
  for (const Scope* level = &scope; level != nullptr; level = level->outer) {
    closed = closed || level->closed;
    for (size_t length = name.size(); length > 0; --length) {
      const Matches matches = MatchFields(*level, name.first(length));
      if (matches.count() > 0) {
        return {matches.found(), length, matches.count() > 1, level != &scope && closed};
      }
    }
  }
  return {};
}

}  // namespace pallas::sql
