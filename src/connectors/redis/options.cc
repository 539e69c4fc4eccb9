#include "connectors/redis/options.h"

#include <initializer_list>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "connectors/redis/source_table.h"
#include "sdk/metadata/configured_tables.h"
#include "simdjson.h"

namespace pallas::redis {
namespace {

constexpr int kMaxPort = 65535;
constexpr int64_t kMaxDatabase = 1'000'000;
constexpr int64_t kMaxTimeoutMs = int64_t{24} * 3600 * 1000;
constexpr int64_t kMaxScanCount = 100'000;

bool HasReference(std::string_view text) { return absl::StrContains(text, "${"); }

bool IsOneReference(std::string_view text) {
  return absl::StartsWith(text, "${") && text.find('}') == text.size() - 1;
}

absl::StatusOr<std::string> PercentDecode(std::string_view text) {
  constexpr size_t kDigits = 2;
  if (HasReference(text)) {
    return std::string(text);
  }
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    std::string byte;
    if (i + kDigits >= text.size() || !absl::HexStringToBytes(text.substr(i + 1, kDigits), &byte)) {
      return absl::InvalidArgumentError("a % in it is not followed by two hexadecimal digits");
    }
    out += byte;
    i += kDigits;
  }
  return out;
}

// Takes `host` and, if there is one, `:port` off the front of `text`.
absl::StatusOr<HostPort> TakeHost(std::string_view& text) {
  HostPort result;
  if (absl::ConsumePrefix(&text, "[")) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return absl::InvalidArgumentError("the address in brackets has no end");
    }
    result.host = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (!text.empty() && text[0] != ':' && text[0] != ',') {
      return absl::InvalidArgumentError("a port must follow the address as ':port'");
    }
  } else {
    const size_t end = std::min(text.find_first_of(":,"), text.size());
    result.host = text.substr(0, end);
    text.remove_prefix(end);
  }
  if (result.host.empty()) {
    return absl::InvalidArgumentError("a host name is missing");
  }
  if (absl::ConsumePrefix(&text, ":")) {
    const std::string_view digits = text.substr(0, std::min(text.find_first_of(":,"), text.size()));
    if (!absl::SimpleAtoi(digits, &result.port) || result.port < 1 || result.port > kMaxPort) {
      return absl::InvalidArgumentError("what follows the first colon is not a port");
    }
    text.remove_prefix(digits.size());
  }
  return result;
}

// `host[:port][,host[:port]...][:password]`
absl::Status ParseHosts(std::string_view text, bool may_have_password, Endpoint& endpoint) {
  while (true) {
    ASSIGN_OR_RETURN(HostPort host, TakeHost(text));
    endpoint.hosts.push_back(std::move(host));
    if (absl::ConsumePrefix(&text, ",")) {
      continue;
    }
    if (absl::ConsumePrefix(&text, ":")) {
      if (!may_have_password) {
        return absl::InvalidArgumentError("it has a colon too many");
      }
      endpoint.password = text;
    }
    return absl::OkStatus();
  }
}

// What follows `redis://`.
absl::Status ParseUrl(std::string_view text, Endpoint& endpoint) {
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = text.substr(0, at);
    const size_t colon = HasReference(login.substr(0, login.find(':')))
                             ? login.find(':', login.find('}'))
                             : login.find(':');
    ASSIGN_OR_RETURN(endpoint.user, PercentDecode(login.substr(0, colon)));
    if (colon != std::string_view::npos) {
      ASSIGN_OR_RETURN(endpoint.password, PercentDecode(login.substr(colon + 1)));
    }
    text.remove_prefix(at + 1);
  }
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    const std::string_view database = text.substr(slash + 1);
    if (!database.empty() &&
        (!absl::SimpleAtoi(database, &endpoint.database) || endpoint.database < 0)) {
      return absl::InvalidArgumentError("what follows the slash is not the number of a database");
    }
    text = text.substr(0, slash);
  }
  return ParseHosts(text, false, endpoint);
}

absl::Status ParseInto(std::string_view text, Endpoint& endpoint) {
  if (IsOneReference(text)) {
    endpoint.whole_reference = text;
    return absl::OkStatus();
  }
  if (absl::ConsumePrefix(&text, "redis://")) {
    return ParseUrl(text, endpoint);
  }
  if (absl::ConsumePrefix(&text, "rediss://")) {
    endpoint.has_tls = true;
    return ParseUrl(text, endpoint);
  }
  return ParseHosts(text, true, endpoint);
}

absl::Status ReadText(const sdk::ConnectorOptions& options,
                      std::initializer_list<std::string_view> names, std::string& target) {
  ASSIGN_OR_RETURN(std::optional<std::string> text, options.GetString(names));
  if (text) {
    target = *std::move(text);
  }
  return absl::OkStatus();
}

absl::Status ReadBool(const sdk::ConnectorOptions& options,
                      std::initializer_list<std::string_view> names, bool& target) {
  ASSIGN_OR_RETURN(const std::optional<bool> value, options.GetBool(names));
  target = value.value_or(target);
  return absl::OkStatus();
}

absl::Status ReadTimeout(const sdk::ConnectorOptions& options, std::string_view name,
                         absl::Duration& target) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> ms, options.GetInt({name}, 1, kMaxTimeoutMs));
  if (ms) {
    target = absl::Milliseconds(*ms);
  }
  return absl::OkStatus();
}

absl::Status ReadTls(const sdk::ConnectorOptions& options, TlsOptions& tls) {
  RETURN_IF_ERROR(ReadBool(options, {"tls", "ssl", "qpt_ssl"}, tls.enabled));
  RETURN_IF_ERROR(ReadText(options, {"ca_file"}, tls.ca_file));
  RETURN_IF_ERROR(ReadText(options, {"cert_file"}, tls.cert_file));
  RETURN_IF_ERROR(ReadText(options, {"key_file"}, tls.key_file));
  RETURN_IF_ERROR(ReadText(options, {"server_name"}, tls.server_name));
  std::string verify = "full";
  RETURN_IF_ERROR(ReadText(options, {"tls_verify"}, verify));
  const std::map<std::string_view, TlsVerify> modes = {
      {"full", TlsVerify::kFull}, {"ca", TlsVerify::kCa}, {"none", TlsVerify::kNone}};
  const auto mode = modes.find(verify);
  if (mode == modes.end()) {
    return absl::InvalidArgumentError("'tls_verify' must be full, ca or none");
  }
  tls.verify = mode->second;
  if (tls.cert_file.empty() != tls.key_file.empty()) {
    return absl::InvalidArgumentError("'cert_file' and 'key_file' need one another");
  }
  return absl::OkStatus();
}

absl::Status ReadEndpoint(const sdk::ConnectorOptions& options, RedisOptions& result) {
  Endpoint& endpoint = result.server.endpoint;
  std::string text;
  RETURN_IF_ERROR(ReadText(options, {"endpoint", "qpt_endpoint"}, text));
  if (!text.empty()) {
    ASSIGN_OR_RETURN(endpoint, ParseEndpoint(text));
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> host, options.GetString({"host"}));
  ASSIGN_OR_RETURN(const std::optional<int64_t> port, options.GetInt({"port"}, 1, kMaxPort));
  if (host && !text.empty()) {
    return absl::InvalidArgumentError("set either 'host' or 'endpoint'");
  }
  if (port && !host) {
    return absl::InvalidArgumentError("'port' needs 'host'");
  }
  if (host) {
    // An address of IPv6 needs no brackets here.
    const bool bare = absl::StrContains(*host, "::") && host->front() != '[';
    Endpoint hosts;
    RETURN_IF_ERROR(ParseHosts(bare ? absl::StrCat("[", *host, "]") : *host, false, hosts));
    endpoint = std::move(hosts);
    for (HostPort& one : endpoint.hosts) {
      if (port && !absl::StrContains(*host, absl::StrCat(one.host, ":"))) {
        one.port = static_cast<int>(*port);
      }
    }
  }
  result.has_server = host || !text.empty();
  return absl::OkStatus();
}

absl::Status ReadServer(const sdk::ConnectorOptions& options, RedisOptions& result) {
  ServerOptions& server = result.server;
  RETURN_IF_ERROR(ReadEndpoint(options, result));
  std::string user;
  std::string password;
  RETURN_IF_ERROR(ReadText(options, {"user", "username"}, user));
  RETURN_IF_ERROR(ReadText(options, {"password"}, password));
  RETURN_IF_ERROR(ReadText(options, {"credentials", "secret"}, server.credentials));
  const bool has_login = !user.empty() || !password.empty();
  if (has_login && !(server.endpoint.user.empty() && server.endpoint.password.empty())) {
    return absl::InvalidArgumentError("user and password are in 'endpoint' already");
  }
  if (has_login && !server.credentials.empty()) {
    return absl::InvalidArgumentError("set either 'credentials' or 'user' and 'password'");
  }
  if (has_login) {
    server.endpoint.user = std::move(user);
    server.endpoint.password = std::move(password);
  }
  RETURN_IF_ERROR(ReadTls(options, server.tls));
  server.tls.enabled = server.tls.enabled || server.endpoint.has_tls;
  RETURN_IF_ERROR(ReadBool(options, {"cluster", "qpt_cluster"}, server.cluster));
  ASSIGN_OR_RETURN(const std::optional<int64_t> database,
                   options.GetInt({"database", "qpt_db_number"}, 0, kMaxDatabase));
  server.database = static_cast<int>(database.value_or(std::max(server.endpoint.database, 0)));
  RETURN_IF_ERROR(ReadTimeout(options, "connect_timeout_ms", server.connect_timeout));
  return ReadTimeout(options, "command_timeout_ms", server.command_timeout);
}

absl::Status ReadAll(const sdk::ConnectorOptions& options, RedisOptions& result) {
  RETURN_IF_ERROR(ReadServer(options, result));
  ASSIGN_OR_RETURN(const std::optional<int64_t> count,
                   options.GetInt({"scan_count"}, 1, kMaxScanCount));
  result.scan_count = count.value_or(result.scan_count);
  ASSIGN_OR_RETURN(result.tables, sdk::ConfiguredTables(options, TableParameters(), ""));
  for (const sdk::TableDefinition& table : result.tables) {
    RETURN_IF_ERROR(MakeTable(table, DefinitionOrigin::kConfiguration, result).status());
  }
  return absl::OkStatus();
}

absl::Status BadSecret(std::string_view reference, std::string_view what) {
  return WithDetail(absl::UnauthenticatedError(absl::StrCat(
                        "The secret ", reference, " ", what,
                        "; it must be a JSON object with the texts 'username' and 'password'")),
                    {.name = "", .location = std::nullopt, .source_code = "INVALID_CREDENTIALS"});
}

// Takes user and password from a JSON object. False: `secret` is none.
absl::StatusOr<bool> TakeLogin(std::string_view reference, const std::string& secret,
                               Endpoint& endpoint) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(secret).get(document) != simdjson::SUCCESS || !document.is_object()) {
    return false;
  }
  std::string_view user;
  std::string_view password;
  if (document.at_key("password").get_string().get(password) != simdjson::SUCCESS) {
    return BadSecret(reference, "lacks 'password'");
  }
  // A server without access lists knows passwords only.
  if (document.at_key("username").get_string().get(user) == simdjson::SUCCESS) {
    endpoint.user = user;
  }
  endpoint.password = password;
  return true;
}

}  // namespace

std::string HostPort::ToString() const {
  return absl::StrContains(host, ":") ? absl::StrCat("[", host, "]:", port)
                                      : absl::StrCat(host, ":", port);
}

absl::StatusOr<Endpoint> ParseEndpoint(std::string_view text) {
  Endpoint endpoint;
  if (absl::Status status = ParseInto(text, endpoint); !status.ok()) {
    return Annotate(status,
                    "The endpoint is not as it should be (host:port, host:port:password or "
                    "redis://user:password@host:port/database): ");
  }
  return endpoint;
}

absl::StatusOr<RedisOptions> ParseOptions(const sdk::ConnectorOptions& options) {
  RedisOptions result;
  result.catalog = options.catalog();
  if (absl::Status status = ReadAll(options, result); !status.ok()) {
    const std::string prefix = absl::StrCat("Catalog '", options.catalog(), "': ");
    return absl::StartsWith(status.message(), prefix) ? status : Annotate(status, prefix);
  }
  return result;
}

absl::StatusOr<ServerOptions> ResolveServer(const ServerOptions& server,
                                            sdk::SecretResolver* secrets) {
  ServerOptions resolved = server;
  Endpoint& endpoint = resolved.endpoint;
  if (!endpoint.whole_reference.empty()) {
    const std::string reference = endpoint.whole_reference;
    ASSIGN_OR_RETURN(const std::string text, sdk::ResolveSecrets(reference, secrets));
    absl::StatusOr<Endpoint> parsed = ParseEndpoint(text);
    if (!parsed.ok() || !parsed->whole_reference.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("The secret ", reference, " is not an endpoint such as host:port:password"));
    }
    const Endpoint whole = std::exchange(endpoint, *std::move(parsed));
    if (endpoint.password.empty()) {
      endpoint.user = whole.user;
      endpoint.password = whole.password;
    }
    resolved.tls.enabled = resolved.tls.enabled || endpoint.has_tls;
    if (endpoint.database >= 0) {
      resolved.database = endpoint.database;
    }
  }
  for (HostPort& host : endpoint.hosts) {
    ASSIGN_OR_RETURN(host.host, sdk::ResolveSecrets(host.host, secrets));
  }
  ASSIGN_OR_RETURN(endpoint.user, sdk::ResolveSecrets(endpoint.user, secrets));
  const std::string reference = endpoint.password;
  ASSIGN_OR_RETURN(endpoint.password, sdk::ResolveSecrets(reference, secrets));
  if (IsOneReference(reference)) {
    RETURN_IF_ERROR(TakeLogin(reference, endpoint.password, endpoint).status());
  }
  if (!resolved.credentials.empty()) {
    ASSIGN_OR_RETURN(const std::string secret, sdk::ResolveSecrets(resolved.credentials, secrets));
    ASSIGN_OR_RETURN(const bool is_login, TakeLogin(resolved.credentials, secret, endpoint));
    if (!is_login) {
      return BadSecret(resolved.credentials, "is not a JSON object");
    }
  }
  return resolved;
}

}  // namespace pallas::redis
