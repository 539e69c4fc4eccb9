#include "connectors/redis/source_table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "connectors/redis/cell_decoder.h"
#include "sdk/metadata/definition_columns.h"

namespace pallas::redis {
namespace {

constexpr char kValueType[] = "redis-value-type";
constexpr char kKeyPrefix[] = "redis-key-prefix";
constexpr char kKeysZset[] = "redis-keys-zset";
constexpr char kTlsFlag[] = "redis-ssl-flag";
constexpr char kClusterFlag[] = "redis-cluster-flag";
constexpr char kDatabaseNumber[] = "redis-db-number";
constexpr char kOnError[] = "redis-on-error";
constexpr char kFieldMatch[] = "redis-field-match";
// Ours: keys that begin with this, where no pattern is written.
constexpr char kPlainPrefix[] = "key_prefix";
// Ours: the password of the endpoint is not in the metadata.
constexpr char kHiddenPassword[] = "pallas.password-in-definition";
constexpr int kMaxDatabase = 1'000'000;

using Parameters = std::map<std::string, std::string>;

std::string_view Get(const Parameters& parameters, const char* name) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string_view() : std::string_view(found->second);
}

absl::StatusOr<bool> GetFlag(const Parameters& parameters, const char* name, bool fallback) {
  const std::string_view text = Get(parameters, name);
  bool value = fallback;
  if (!text.empty() && !absl::SimpleAtob(text, &value)) {
    return absl::InvalidArgumentError(absl::StrCat(name, " must be true or false"));
  }
  return value;
}

template <typename T, size_t N>
absl::StatusOr<T> GetChoice(const Parameters& parameters, const char* name,
                            const std::array<std::pair<std::string_view, T>, N>& choices) {
  const std::string text = absl::AsciiStrToLower(Get(parameters, name));
  std::string known;
  for (const auto& [word, value] : choices) {
    if (word == text) {
      return value;
    }
    absl::StrAppend(&known, known.empty() ? "" : ", ", word);
  }
  return absl::InvalidArgumentError(absl::StrCat(name, " must be one of: ", known));
}

// Splits at commas, but for those after a backslash.
std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> items(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      items.back() += text.substr(i, 2);
      ++i;
    } else if (text[i] == ',') {
      items.emplace_back();
    } else {
      items.back().push_back(text[i]);
    }
  }
  return items;
}

absl::Status AddPatterns(const char* name, std::string_view list, bool plain, SourceTable& table) {
  for (const std::string& item : SplitList(list)) {
    const bool is_prefix = plain && !Glob::HasWildcard(item);
    absl::StatusOr<Glob> glob = is_prefix ? Glob::Prefix(item) : Glob::Parse(item);
    if (!glob.ok()) {
      return Annotate(glob.status(), absl::StrCat(name, ": "));
    }
    const bool known = std::any_of(table.patterns.begin(), table.patterns.end(),
                                   [&](const Glob& g) { return g.pattern() == glob->pattern(); });
    if (!known) {
      table.patterns.push_back(*std::move(glob));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadKeys(const Parameters& parameters, SourceTable& table) {
  const bool has_plain = parameters.contains(kPlainPrefix);
  const bool has_pattern = parameters.contains(kKeyPrefix);
  if (has_plain && has_pattern) {
    return absl::InvalidArgumentError("set either key_prefix or redis-key-prefix");
  }
  if (has_plain || has_pattern) {
    const char* const name = has_plain ? kPlainPrefix : kKeyPrefix;
    return AddPatterns(name, Get(parameters, name), has_plain, table);
  }
  if (!parameters.contains(kKeysZset)) {
    return absl::InvalidArgumentError(
        "the table is missing one of the properties redis-key-prefix (key_prefix) and "
        "redis-keys-zset (keys_zset)");
  }
  table.key_mode = KeyMode::kZset;
  return AddPatterns(kKeysZset, Get(parameters, kKeysZset), false, table);
}

// Whether `text` refers to a file or a variable of this process.
bool ReachesProcess(std::string_view text) {
  return absl::StrContains(text, "${env:") || absl::StrContains(text, "${file:");
}

absl::Status ReadServer(const Parameters& parameters, const RedisOptions& options,
                        SourceTable& table) {
  ServerOptions& server = table.server;
  server = options.server;
  const std::string_view endpoint = Get(parameters, kEndpointParameter);
  if (endpoint.empty() && !options.has_server) {
    return absl::InvalidArgumentError(
        "the table is missing the property redis-endpoint (endpoint), and the catalog has no "
        "'host'");
  }
  if (!endpoint.empty()) {
    ASSIGN_OR_RETURN(Endpoint own, ParseEndpoint(endpoint));
    // The catalog's login goes to the catalog's server only.
    const bool same = own.password.empty() && own.user.empty() && own.whole_reference.empty() &&
                      own.hosts == options.server.endpoint.hosts;
    if (same) {
      own.user = options.server.endpoint.user;
      own.password = options.server.endpoint.password;
    } else {
      server.credentials.clear();
    }
    if (own.database >= 0) {
      server.database = own.database;
    }
    server.tls.enabled = server.tls.enabled || own.has_tls;
    server.endpoint = std::move(own);
  }
  ASSIGN_OR_RETURN(const bool tls, GetFlag(parameters, kTlsFlag, server.tls.enabled));
  // A table must not send the catalog's password in clear.
  if (!tls && server.tls.enabled) {
    return absl::InvalidArgumentError(
        "redis-ssl-flag (tls) cannot turn off the TLS of the catalog");
  }
  server.tls.enabled = tls;
  ASSIGN_OR_RETURN(server.cluster, GetFlag(parameters, kClusterFlag, server.cluster));
  const std::string_view database = Get(parameters, kDatabaseNumber);
  if (!database.empty() && (!absl::SimpleAtoi(database, &server.database) || server.database < 0 ||
                            server.database > kMaxDatabase)) {
    return absl::InvalidArgumentError(
        absl::StrCat("redis-db-number must be a number from 0 to ", kMaxDatabase));
  }
  if (server.cluster && server.database != 0) {
    return absl::InvalidArgumentError(
        "a cluster has database 0 only; leave 'database' and redis-db-number away");
  }
  return absl::OkStatus();
}

absl::StatusOr<SourceTable> Read(const sdk::TableName& name, const Parameters& parameters,
                                 const RedisOptions& options) {
  SourceTable table;
  table.name = name;
  if (!parameters.contains(kValueType)) {
    return absl::InvalidArgumentError(
        "the table is missing the property redis-value-type (value_type): literal, hash or zset");
  }
  ASSIGN_OR_RETURN(table.value_type,
                   GetChoice(parameters, kValueType,
                             std::array<std::pair<std::string_view, ValueType>, 3>{
                                 {{"literal", ValueType::kLiteral},
                                  {"hash", ValueType::kHash},
                                  {"zset", ValueType::kZset}}}));
  RETURN_IF_ERROR(ReadKeys(parameters, table));
  if (parameters.contains(kOnError)) {
    ASSIGN_OR_RETURN(table.on_error,
                     GetChoice(parameters, kOnError,
                               std::array<std::pair<std::string_view, OnError>, 2>{
                                   {{"fail", OnError::kFail}, {"null", OnError::kNull}}}));
  }
  if (parameters.contains(kFieldMatch)) {
    ASSIGN_OR_RETURN(
        table.field_match,
        GetChoice(parameters, kFieldMatch,
                  std::array<std::pair<std::string_view, FieldMatch>, 2>{
                      {{"folded", FieldMatch::kFolded}, {"exact", FieldMatch::kExact}}}));
  }
  RETURN_IF_ERROR(ReadServer(parameters, options, table));
  table.password_in_definition = parameters.contains(kHiddenPassword);
  return table;
}

absl::Status Named(const absl::Status& status, const sdk::TableName& name) {
  return Annotate(status, absl::StrCat("Table '", name.ToString(), "': "));
}

// As the definition has it; texts of a source are varchar, whatever their length.
absl::StatusOr<std::shared_ptr<arrow::Field>> ColumnField(const sdk::ColumnDefinition& column) {
  ASSIGN_OR_RETURN(std::shared_ptr<arrow::Field> field, sdk::DefinitionField(column));
  ASSIGN_OR_RETURN(const Type type, sdk::ColumnType(*field));
  if (type.kind() != TypeKind::kChar) {
    return field;
  }
  return sdk::DefinitionField({column.name, "varchar", column.comment});
}

// The columns of the definition and the key's; partition keys are no columns (section 6.1).
absl::StatusOr<arrow::FieldVector> Fields(const sdk::TableDefinition& definition,
                                          const Parameters& parameters) {
  arrow::FieldVector fields;
  bool has_key = false;
  for (const sdk::ColumnDefinition& column : definition.storage.columns) {
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Field> field, ColumnField(column));
    const bool is_key = field->name() == kKeyColumn;
    if (is_key && field->type()->id() != arrow::Type::STRING) {
      return absl::InvalidArgumentError("the column _key_ holds keys and must be varchar");
    }
    RETURN_IF_ERROR(CellDecoder::Check(*field, Get(parameters, kDateTimeParameter)));
    for (const auto& other : fields) {
      if (other->name() == field->name()) {
        return absl::InvalidArgumentError(
            absl::StrCat("column '", field->name(), "' is there twice"));
      }
    }
    has_key = has_key || is_key;
    fields.push_back(std::move(field));
  }
  if (!has_key) {
    fields.push_back(arrow::field(kKeyColumn, arrow::utf8()));
  }
  return fields;
}

// The parameters as the metadata of the schema has them: without a password in clear.
absl::Status HidePassword(DefinitionOrigin origin, Parameters& parameters) {
  const auto text = parameters.find(kEndpointParameter);
  if (text == parameters.end()) {
    return absl::OkStatus();
  }
  if (origin == DefinitionOrigin::kMetastore && ReachesProcess(text->second)) {
    return absl::PermissionDeniedError(
        "redis-endpoint refers to a file or a variable of the server; only the configuration may "
        "do "
        "so. Name a secret as ${name}");
  }
  ASSIGN_OR_RETURN(const Endpoint endpoint, ParseEndpoint(text->second));
  if (endpoint.password.empty() || absl::StartsWith(endpoint.password, "${")) {
    return absl::OkStatus();
  }
  std::string hosts;
  for (const HostPort& host : endpoint.hosts) {
    absl::StrAppend(&hosts, hosts.empty() ? "" : ",", host.ToString());
  }
  text->second = endpoint.has_tls
                     ? absl::StrCat("rediss://", hosts)
                     : (endpoint.database < 0 ? hosts : absl::StrCat("redis://", hosts));
  if (endpoint.database >= 0) {
    absl::StrAppend(&text->second, "/", endpoint.database);
  }
  parameters[kHiddenPassword] = "true";
  return absl::OkStatus();
}

}  // namespace

const std::map<std::string, std::string>& TableParameters() {
  static const std::map<std::string, std::string> parameters = {
      {"endpoint", kEndpointParameter},
      {kEndpointParameter, kEndpointParameter},
      {"value_type", kValueType},
      {kValueType, kValueType},
      {kPlainPrefix, kPlainPrefix},
      {kKeyPrefix, kKeyPrefix},
      {"keys_zset", kKeysZset},
      {kKeysZset, kKeysZset},
      {"tls", kTlsFlag},
      {kTlsFlag, kTlsFlag},
      {"cluster", kClusterFlag},
      {kClusterFlag, kClusterFlag},
      {"database_number", kDatabaseNumber},
      {kDatabaseNumber, kDatabaseNumber},
      {"on_error", kOnError},
      {kOnError, kOnError},
      {"field_match", kFieldMatch},
      {kFieldMatch, kFieldMatch},
      {"datetime_format_mapping", kDateTimeParameter},
      {absl::AsciiStrToLower(kDateTimeParameter), kDateTimeParameter},
  };
  return parameters;
}

absl::StatusOr<sdk::Table> MakeTable(const sdk::TableDefinition& definition,
                                     DefinitionOrigin origin, const RedisOptions& options) {
  sdk::Table table;
  table.name = {definition.database, definition.name};
  table.comment = definition.comment;
  Parameters parameters = definition.parameters;
  parameters.erase(kHiddenPassword);
  if (absl::Status status = HidePassword(origin, parameters); !status.ok()) {
    return Named(status, table.name);
  }
  absl::StatusOr<arrow::FieldVector> fields = Fields(definition, parameters);
  if (!fields.ok()) {
    return Named(fields.status(), table.name);
  }
  std::vector<std::string> keys;
  std::vector<std::string> values;
  for (const auto& [key, value] : parameters) {
    keys.push_back(key);
    values.push_back(value);
  }
  table.schema = arrow::schema(*std::move(fields),
                               arrow::key_value_metadata(std::move(keys), std::move(values)));
  RETURN_IF_ERROR(SourceTable::Make(table, options).status());
  return table;
}

absl::StatusOr<SourceTable> SourceTable::Make(const sdk::Table& table,
                                              const RedisOptions& options) {
  Parameters parameters;
  if (const auto& metadata = table.schema->metadata()) {
    for (int64_t i = 0; i < metadata->size(); ++i) {
      parameters[metadata->key(i)] = metadata->value(i);
    }
  }
  absl::StatusOr<SourceTable> source = Read(table.name, parameters, options);
  return source.ok() ? std::move(source) : Named(source.status(), table.name);
}

std::string_view ServerType(ValueType type) {
  switch (type) {
    case ValueType::kLiteral:
      return "string";
    case ValueType::kHash:
      return "hash";
    case ValueType::kZset:
      return "zset";
  }
  return "hash";
}

absl::StatusOr<std::vector<std::shared_ptr<arrow::Field>>> ValueColumns(const SourceTable& source,
                                                                        const sdk::Table& table,
                                                                        const sdk::Scan& scan) {
  std::vector<std::shared_ptr<arrow::Field>> columns;
  for (const std::string& name : scan.columns) {
    std::shared_ptr<arrow::Field> field = table.schema->GetFieldByName(name);
    if (field == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("Table '", source.name.ToString(), "' has no column '", name, "'"));
    }
    if (name != kKeyColumn) {
      columns.push_back(std::move(field));
    }
  }
  if (source.value_type != ValueType::kHash && columns.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Table '", source.name.ToString(), "': ambiguous field mapping, more than one field (",
        columns[0]->name(), ", ", columns[1]->name(), ") for the value type ",
        source.value_type == ValueType::kZset ? "zset" : "literal",
        "; ask for one of them at a time"));
  }
  return columns;
}

}  // namespace pallas::redis
