#ifndef PALLAS_CONNECTORS_REDIS_SOURCE_TABLE_H_
#define PALLAS_CONNECTORS_REDIS_SOURCE_TABLE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "connectors/redis/glob.h"
#include "connectors/redis/options.h"
#include "sdk/model/scan.h"
#include "sdk/model/table.h"
#include "sdk/model/table_definition.h"

namespace pallas::redis {

// The column that holds the key a row came from.
inline constexpr char kKeyColumn[] = "_key_";
// What the location of a database of table definitions holds to be one of ours.
inline constexpr char kDatabaseFlag[] = "redis-db-flag";
// The parameter that makes a table definition one of ours.
inline constexpr char kEndpointParameter[] = "redis-endpoint";

enum class ValueType { kLiteral, kHash, kZset };
// The keys are those that match a pattern, or the members of sorted sets.
enum class KeyMode { kPattern, kZset };
// What a value becomes that is not of its column's type.
enum class OnError { kFail, kNull };
// How a field of a hash is found for a column: exactly, else without case; or exactly only.
enum class FieldMatch { kFolded, kExact };

// Where a definition comes from. Who may write one into a metastore may not thereby read files and
// variables of this process, so references to those are for the configuration only.
enum class DefinitionOrigin { kConfiguration, kMetastore };

// The keys that [[catalogs.<name>.tables]] may have, each with the parameter of a table definition
// that it stands for (connectors.md section 6.1).
const std::map<std::string, std::string>& TableParameters();

// A table as `definition` describes it, its parameters in the metadata of the schema: all that
// SourceTable::Make() needs, but for a password that stands in the definition itself.
// INVALID_ARGUMENT or UNIMPLEMENTED names the table and what is wrong.
absl::StatusOr<sdk::Table> MakeTable(const sdk::TableDefinition& definition,
                                     DefinitionOrigin origin, const RedisOptions& options);

// What we know of a table beyond its columns. Immutable.
struct SourceTable {
  sdk::TableName name;
  ValueType value_type = ValueType::kHash;
  KeyMode key_mode = KeyMode::kPattern;
  std::vector<Glob> patterns;  // of keys, or of the names of sorted sets; all different
  OnError on_error = OnError::kFail;
  FieldMatch field_match = FieldMatch::kFolded;
  ServerOptions server;  // may hold references
  // The endpoint has a password in the table's definition, which is to be looked up there.
  bool password_in_definition = false;

  static absl::StatusOr<SourceTable> Make(const sdk::Table& table, const RedisOptions& options);
};

// "hash", "string" (a literal), "zset": the server's word for the type of a table's values.
std::string_view ServerType(ValueType type);

// The columns of `scan` that come out of values, in its order. INVALID_ARGUMENT where a literal or
// a member would have to fill more than one.
absl::StatusOr<std::vector<std::shared_ptr<arrow::Field>>> ValueColumns(const SourceTable& source,
                                                                        const sdk::Table& table,
                                                                        const sdk::Scan& scan);

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_SOURCE_TABLE_H_
