#include "connectors/redis/metadata.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "arrow/type.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "connectors/redis/cluster.h"

namespace pallas::redis {
namespace {

constexpr std::string_view kSetCount = "100";  // as the Java connector scans for sorted sets
// What an estimate may cost a server: so many commands over so many keys, and so many sorted sets.
constexpr int kMaxSampleScans = 10;
constexpr int64_t kSampleCount = 1000;
constexpr size_t kMaxSampleSets = 16;
constexpr absl::Duration kEstimateAge = absl::Minutes(1);

absl::Status NotFound(std::string_view what) {
  return WithDetail(absl::NotFoundError(what),
                    {.name = "", .location = std::nullopt, .source_code = "ENTITY_NOT_FOUND"});
}

// The items of a page out of all of them; the token is an offset.
template <typename T>
absl::StatusOr<sdk::Page<T>> Cut(const std::set<T>& all, const sdk::PageRequest& page) {
  size_t offset = 0;
  if (!page.token.empty() && !absl::SimpleAtoi(page.token, &offset)) {
    return absl::InvalidArgumentError("The token of a page is not one of ours");
  }
  sdk::Page<T> result;
  size_t index = 0;
  for (const T& item : all) {
    if (index++ < offset) {
      continue;
    }
    if (page.page_size >= 0 && result.items.size() >= static_cast<size_t>(page.page_size)) {
      result.next_token = absl::StrCat(offset + result.items.size());
      break;
    }
    result.items.push_back(item);
  }
  return result;
}

bool IsOurs(const sdk::DatabaseDefinition& database) {
  return absl::StrContains(database.location, kDatabaseFlag);
}

bool IsOurs(const sdk::TableDefinition& table) {
  return table.parameters.contains(kEndpointParameter);
}

// One page of SCAN: the keys, and the cursor to go on with ("0": none).
struct ScanPage {
  std::string cursor;
  std::vector<std::string> keys;
};

absl::StatusOr<ScanPage> Scan(const sdk::RequestContext& context, Connection& connection,
                              const std::string& cursor, const Glob& pattern,
                              std::string_view count, std::string_view type) {
  absl::StatusOr<Reply> reply = connection.Call(
      context, {"SCAN", cursor, "MATCH", pattern.pattern(), "COUNT", count, "TYPE", type});
  if (!reply.ok() && absl::StrContains(reply.status().message(), "syntax error")) {
    // Before 6.0 there is no TYPE.
    reply = connection.Call(context, {"SCAN", cursor, "MATCH", pattern.pattern(), "COUNT", count});
  }
  RETURN_IF_ERROR(reply.status());
  if (reply->elements.size() != 2) {
    return absl::UnavailableError(absl::StrCat("Redis server ", connection.host().ToString(),
                                               ": the answer to SCAN is not understood"));
  }
  ScanPage page;
  page.cursor = std::move(reply->elements[0].text);
  for (Reply& key : reply->elements[1].elements) {
    page.keys.push_back(std::move(key.text));
  }
  return page;
}

// A session for each node that holds keys: the server, or all primaries of a cluster.
using Sessions = std::vector<std::pair<std::unique_ptr<ConnectionPool::Lease>, SlotSet>>;

absl::StatusOr<Sessions> OpenAll(const sdk::RequestContext& context, ConnectionPool& pool,
                                 const ServerOptions& server) {
  Sessions sessions;
  ASSIGN_OR_RETURN(auto first, pool.Open(context, server));
  if (!server.cluster) {
    sessions.emplace_back(std::move(first), SlotSet({{0, kNumSlots - 1}}));
    return sessions;
  }
  ASSIGN_OR_RETURN(const std::vector<ClusterNode> nodes, ReadTopology(context, **first));
  for (const ClusterNode& node : nodes) {
    ASSIGN_OR_RETURN(auto session, pool.Open(context, server, node.address));
    sessions.emplace_back(std::move(session), node.slots);
  }
  return sessions;
}

absl::StatusOr<int64_t> CountMembers(const sdk::RequestContext& context, const Sessions& sessions,
                                     const std::string& name) {
  const int slot = SlotOf(name);
  for (const auto& [session, slots] : sessions) {
    if (slots.Contains(slot)) {
      absl::StatusOr<Reply> reply = (*session)->Call(context, {"ZCARD", name});
      if (!reply.ok()) {
        return Annotate(reply.status(), absl::StrCat("the sorted set '", name, "' of keys: "));
      }
      return reply->integer;
    }
  }
  return int64_t{0};
}

// What a sample says about one node.
struct Sample {
  double seen = 0;
  double matched = 0;
  double members = 0;  // of the sorted sets among a few of them
  double counted = 0;
};

// How many rows the keys of `pattern` on one node make.
absl::StatusOr<double> EstimateNode(const sdk::RequestContext& context, Connection& connection,
                                    const Glob& pattern, ValueType type) {
  ASSIGN_OR_RETURN(const Reply size, connection.Call(context, {"DBSIZE"}));
  Sample sample;
  std::string cursor = "0";
  const std::string count = absl::StrCat(kSampleCount);
  for (int i = 0; i < kMaxSampleScans; ++i) {
    ASSIGN_OR_RETURN(const ScanPage page,
                     Scan(context, connection, cursor, pattern, count, ServerType(type)));
    sample.seen += static_cast<double>(kSampleCount);
    sample.matched += static_cast<double>(page.keys.size());
    for (size_t k = 0;
         type == ValueType::kZset && k < page.keys.size() && sample.counted < kMaxSampleSets; ++k) {
      const absl::StatusOr<Reply> members = connection.Call(context, {"ZCARD", page.keys[k]});
      sample.members += members.ok() ? static_cast<double>(members->integer) : 0;
      sample.counted += 1;
    }
    cursor = page.cursor;
    if (cursor == "0") {
      break;
    }
  }
  const auto num_keys = static_cast<double>(size.integer);
  // Where no key of the sample matches, there may be one all the same.
  const double matched =
      cursor == "0" ? sample.matched
                    : num_keys * std::max(sample.matched, 1.0) / std::max(sample.seen, 1.0);
  return sample.counted > 0 ? matched * sample.members / sample.counted : matched;
}

}  // namespace

const sdk::TableDefinition* Metadata::FindConfigured(const sdk::TableName& name) const {
  const auto found = std::find_if(
      options_.tables.begin(), options_.tables.end(), [&](const sdk::TableDefinition& table) {
        return table.database == name.database && table.name == name.table;
      });
  return found == options_.tables.end() ? nullptr : &*found;
}

absl::StatusOr<sdk::Page<std::string>> Metadata::ListDatabases(const sdk::RequestContext& context,
                                                               const sdk::PageRequest& page) const {
  RETURN_IF_ERROR(context.Check());
  std::set<std::string> names;
  for (const sdk::TableDefinition& table : options_.tables) {
    names.insert(table.database);
  }
  if (definitions_ != nullptr) {
    ASSIGN_OR_RETURN(const auto databases, definitions_->ListDatabases(context));
    for (const sdk::DatabaseDefinition& database : databases) {
      if (IsOurs(database)) {
        names.insert(database.name);
      }
    }
  }
  return Cut(names, page);
}

absl::StatusOr<sdk::Page<sdk::TableName>> Metadata::ListTables(const sdk::RequestContext& context,
                                                               const std::string& database,
                                                               const sdk::PageRequest& page) const {
  ASSIGN_OR_RETURN(const sdk::Page<std::string> databases, ListDatabases(context, {}));
  if (std::find(databases.items.begin(), databases.items.end(), database) ==
      databases.items.end()) {
    return NotFound(absl::StrCat("Database '", database, "' does not exist"));
  }
  std::set<sdk::TableName> names;
  for (const sdk::TableDefinition& table : options_.tables) {
    if (table.database == database) {
      names.insert({database, table.name});
    }
  }
  if (definitions_ != nullptr) {
    const auto tables = definitions_->ListTables(context, database);
    // A database of the configuration need not be one of the definitions.
    if (!tables.ok() && !absl::IsNotFound(tables.status())) {
      return tables.status();
    }
    for (size_t i = 0; tables.ok() && i < tables->size(); ++i) {
      if (IsOurs((*tables)[i])) {
        names.insert({database, (*tables)[i].name});
      }
    }
  }
  return Cut(names, page);
}

absl::StatusOr<sdk::Table> Metadata::GetTable(const sdk::RequestContext& context,
                                              const sdk::TableName& name) const {
  RETURN_IF_ERROR(context.Check());
  if (const sdk::TableDefinition* const configured = FindConfigured(name)) {
    return MakeTable(*configured, DefinitionOrigin::kConfiguration, options_);
  }
  absl::Status not_found = NotFound(absl::StrCat("Table '", name.ToString(), "' does not exist"));
  if (definitions_ == nullptr) {
    return not_found;
  }
  ASSIGN_OR_RETURN(const sdk::Page<std::string> databases, ListDatabases(context, {}));
  if (std::find(databases.items.begin(), databases.items.end(), name.database) ==
      databases.items.end()) {
    return not_found;
  }
  const absl::StatusOr<sdk::TableDefinition> definition = definitions_->GetTable(context, name);
  if (absl::IsNotFound(definition.status()) || (definition.ok() && !IsOurs(*definition))) {
    return not_found;
  }
  RETURN_IF_ERROR(definition.status());
  return MakeTable(*definition, DefinitionOrigin::kMetastore, options_);
}

absl::StatusOr<ServerOptions> Metadata::ServerOf(const sdk::RequestContext& context,
                                                 const SourceTable& source) const {
  ServerOptions server = source.server;
  if (!source.password_in_definition) {
    return server;
  }
  sdk::TableDefinition definition;
  if (const sdk::TableDefinition* const configured = FindConfigured(source.name)) {
    definition = *configured;
  } else if (definitions_ != nullptr) {
    ASSIGN_OR_RETURN(definition, definitions_->GetTable(context, source.name));
  }
  ASSIGN_OR_RETURN(const Endpoint endpoint,
                   ParseEndpoint(definition.parameters[kEndpointParameter]));
  // The table may have been changed since; its password is for the server it names now.
  if (endpoint.hosts != server.endpoint.hosts) {
    return absl::AbortedError(absl::StrCat("Table '", source.name.ToString(),
                                           "' was changed meanwhile; run the query again"));
  }
  server.endpoint.user = endpoint.user;
  server.endpoint.password = endpoint.password;
  return server;
}

absl::StatusOr<std::map<std::string, int64_t>> Metadata::FindSets(
    const sdk::RequestContext& context, const SourceTable& source) const {
  ASSIGN_OR_RETURN(const ServerOptions server, ServerOf(context, source));
  ASSIGN_OR_RETURN(const Sessions sessions, OpenAll(context, pool_, server));
  std::set<std::string> names;
  for (const Glob& pattern : source.patterns) {
    if (pattern.is_literal()) {
      names.insert(pattern.literal_prefix());
      continue;
    }
    for (const auto& [session, slots] : sessions) {
      // RED-6: a cursor belongs to one pattern on one server.
      std::string cursor = "0";
      do {
        ASSIGN_OR_RETURN(ScanPage page,
                         Scan(context, **session, cursor, pattern, kSetCount, "zset"));
        names.insert(std::make_move_iterator(page.keys.begin()),
                     std::make_move_iterator(page.keys.end()));
        cursor = std::move(page.cursor);
      } while (cursor != "0");
    }
  }
  std::map<std::string, int64_t> sets;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const int64_t num_members, CountMembers(context, sessions, name));
    if (num_members > 0) {
      sets.emplace(name, num_members);
    }
  }
  return sets;
}

absl::StatusOr<double> Metadata::EstimateRows(const sdk::RequestContext& context,
                                              const SourceTable& source) const {
  double rows = 0;
  if (source.key_mode == KeyMode::kZset) {
    ASSIGN_OR_RETURN(const auto sets, FindSets(context, source));
    for (const auto& [name, num_members] : sets) {
      rows += static_cast<double>(num_members);
    }
    return rows;
  }
  ASSIGN_OR_RETURN(const ServerOptions server, ServerOf(context, source));
  ASSIGN_OR_RETURN(const Sessions sessions, OpenAll(context, pool_, server));
  for (const Glob& pattern : source.patterns) {
    for (const auto& [session, slots] : sessions) {
      ASSIGN_OR_RETURN(const double some,
                       EstimateNode(context, **session, pattern, source.value_type));
      rows += some;
    }
  }
  return rows;
}

absl::StatusOr<sdk::Statistics> Metadata::GetStatistics(const sdk::RequestContext& context,
                                                        const sdk::Table& table) const {
  ASSIGN_OR_RETURN(const SourceTable source, SourceTable::Make(table, options_));
  const std::string of = table.schema->ToString(/*show_metadata=*/true);
  std::optional<double> rows;
  {
    const std::lock_guard lock(mutex_);
    const auto known = estimates_.find(table.name);
    if (known != estimates_.end() && known->second.of == of &&
        context.clock->Now() - known->second.made < kEstimateAge) {
      rows = known->second.rows;
    }
  }
  if (!rows) {
    ASSIGN_OR_RETURN(rows, EstimateRows(context, source));
    const std::lock_guard lock(mutex_);
    estimates_[table.name] = {*rows, context.clock->Now(), of};
  }
  sdk::Statistics statistics;
  statistics.row_count = rows;
  sdk::ColumnStatistics key;
  key.column = kKeyColumn;
  key.null_fraction = 0;
  if (source.value_type != ValueType::kZset) {
    key.distinct_values = rows;
  }
  statistics.columns.push_back(std::move(key));
  return statistics;
}

}  // namespace pallas::redis
