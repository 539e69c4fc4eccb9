#ifndef PALLAS_QUERY_STATEMENTS_STATEMENT_PROPERTIES_H_
#define PALLAS_QUERY_STATEMENTS_STATEMENT_PROPERTIES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

#include "sql/ast/statement.h"

// WITH (name = value, ...) of CREATE TABLE AS and UNLOAD.

namespace pallas::query {

enum class PropertyKind {
  kText,
  kInteger,
  kBoolean,
  kTextArray,
  kTextOrInteger,  // '4' and 4 are the same
};

// A property that a statement may have.
struct PropertyRule {
  std::string_view name;
  PropertyKind kind = PropertyKind::kText;
  // The texts that it may be, in upper case and in the order of messages; empty: any.
  std::vector<std::string_view> values = {};
};

using PropertyValue = std::variant<std::string, int64_t, bool, std::vector<std::string>>;

// The properties of one statement, each of the kind that its rule says. Texts with a list of values
// are in upper case. A value.
class StatementProperties {
 public:
  // `subject` is what messages call a property: "catalog 'awsdatacatalog' table property". Errors
  // are Trino's: INVALID_TABLE_PROPERTY, DUPLICATE_PROPERTY, with line:column.
  static absl::StatusOr<StatementProperties> Make(const sql::ast::WithProperties& written,
                                                  std::span<const PropertyRule> rules,
                                                  std::string_view subject);

  bool Has(std::string_view name) const { return values_.contains(name); }

  // Empty, 0 or false for what is not there.
  std::string Text(std::string_view name) const;
  int64_t Integer(std::string_view name) const;
  bool Boolean(std::string_view name, bool otherwise) const;
  std::vector<std::string> Texts(std::string_view name) const;

 private:
  std::map<std::string, PropertyValue, std::less<>> values_;
};

}  // namespace pallas::query

#endif  // PALLAS_QUERY_STATEMENTS_STATEMENT_PROPERTIES_H_
