#include "connectors/mysql/options.h"

#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "spdlog/spdlog.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::mysql {
namespace {

constexpr std::string_view kTag = "mysql://";
constexpr std::array<std::string_view, 2> kDrivers = {"jdbc:mysql://", "jdbc:mariadb://"};
constexpr int64_t kMaxTimeoutMs = int64_t{24} * 3600 * 1000;
constexpr int64_t kMaxMetadataConnections = 100;
constexpr int kMaxPort = 65535;

bool IsReference(std::string_view text) {
  return absl::StartsWith(text, "${") && text.find('}') == text.size() - 1;
}

absl::StatusOr<SslMode> ParseSslMode(std::string_view text) {
  const std::string mode = absl::AsciiStrToUpper(text);
  if (mode == "DISABLED") {
    return SslMode::kDisabled;
  }
  if (mode == "PREFERRED") {
    return SslMode::kPreferred;
  }
  if (mode == "REQUIRED") {
    return SslMode::kRequired;
  }
  if (mode == "VERIFY_CA") {
    return SslMode::kVerifyCa;
  }
  if (mode == "VERIFY_IDENTITY") {
    return SslMode::kVerifyIdentity;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "sslMode must be DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY, not '", text,
      "'"));
}

absl::StatusOr<HostPort> ParseHost(std::string_view text) {
  HostPort result;
  std::string_view port;
  if (absl::ConsumePrefix(&text, "[")) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return absl::InvalidArgumentError("the address in brackets has no end");
    }
    result.host = text.substr(0, end);
    port = text.substr(end + 1);
    if (!port.empty() && !absl::ConsumePrefix(&port, ":")) {
      return absl::InvalidArgumentError("a port must follow the address as ':port'");
    }
  } else {
    const size_t colon = text.find(':');
    result.host = text.substr(0, colon);
    port = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  }
  if (result.host.empty()) {
    return absl::InvalidArgumentError("a host name is missing");
  }
  if (!port.empty() &&
      (!absl::SimpleAtoi(port, &result.port) || result.port < 1 || result.port > kMaxPort)) {
    return absl::InvalidArgumentError(absl::StrCat("'", port, "' is not a port"));
  }
  return result;
}

absl::StatusOr<std::string> PercentDecode(std::string_view text) {
  constexpr size_t kDigits = 2;
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

absl::StatusOr<bool> ParseBool(std::string_view key, std::string_view text) {
  bool value = false;
  if (!absl::SimpleAtob(text, &value)) {
    return absl::InvalidArgumentError(absl::StrCat("parameter '", key, "' must be true or false"));
  }
  return value;
}

absl::StatusOr<absl::Duration> ParseTimeout(std::string_view key, std::string_view text) {
  int64_t ms = 0;
  if (!absl::SimpleAtoi(text, &ms) || ms < 0 || ms > kMaxTimeoutMs) {
    return absl::InvalidArgumentError(
        absl::StrCat("parameter '", key, "' must be milliseconds from 0 to ", kMaxTimeoutMs));
  }
  return ms == 0 ? absl::InfiniteDuration() : absl::Milliseconds(ms);
}

// The parameters of the driver's older form: useSSL, requireSSL, verifyServerCertificate.
struct LegacySsl {
  std::optional<bool> use;
  std::optional<bool> require;
  std::optional<bool> verify;
};

class ParameterReader {
 public:
  explicit ParameterReader(MySqlOptions& options) : options_(options) {}

  absl::Status Read(std::string_view parameter) {
    if (IsReference(parameter)) {
      if (!options_.server.credentials.empty()) {
        return absl::InvalidArgumentError("it refers to more than one secret");
      }
      options_.server.credentials = parameter;
      return absl::OkStatus();
    }
    const size_t equals = parameter.find('=');
    const std::string key = absl::AsciiStrToLower(parameter.substr(0, equals));
    std::string value;
    if (equals != std::string_view::npos) {
      ASSIGN_OR_RETURN(value, PercentDecode(parameter.substr(equals + 1)));
    }
    return Apply(key, std::move(value));
  }

  void Finish() {
    if (ssl_mode_set_) {
      return;
    }
    if (legacy_.use == false) {
      options_.server.ssl_mode = SslMode::kDisabled;
    } else if (legacy_.verify == true) {
      options_.server.ssl_mode = SslMode::kVerifyCa;
    } else if (legacy_.require == true) {
      options_.server.ssl_mode = SslMode::kRequired;
    }
  }

 private:
  absl::Status Apply(const std::string& key, std::string value) {
    ServerOptions& server = options_.server;
    if (key == "user") {
      server.user = std::move(value);
    } else if (key == "password") {
      server.password = std::move(value);
    } else if (key == "sslmode") {
      ASSIGN_OR_RETURN(server.ssl_mode, ParseSslMode(value));
      ssl_mode_set_ = true;
    } else if (key == "serversslcert" || key == "sslca") {
      server.ssl_ca = std::move(value);
    } else if (key == "connecttimeout") {
      ASSIGN_OR_RETURN(server.connect_timeout, ParseTimeout(key, value));
    } else if (key == "sockettimeout") {
      ASSIGN_OR_RETURN(server.read_timeout, ParseTimeout(key, value));
    } else {
      return ApplyFlag(key, value);
    }
    return absl::OkStatus();
  }

  absl::Status ApplyFlag(const std::string& key, std::string_view value) {
    if (key == "usessl") {
      ASSIGN_OR_RETURN(legacy_.use, ParseBool(key, value));
    } else if (key == "requiressl") {
      ASSIGN_OR_RETURN(legacy_.require, ParseBool(key, value));
    } else if (key == "verifyservercertificate") {
      ASSIGN_OR_RETURN(legacy_.verify, ParseBool(key, value));
    } else if (key == "tinyint1isbit") {
      ASSIGN_OR_RETURN(options_.types.tiny_int1_is_bit, ParseBool(key, value));
    } else if (key == "yearisdatetype") {
      ASSIGN_OR_RETURN(options_.types.year_is_date, ParseBool(key, value));
    } else {
      spdlog::warn("mysql: the parameter '{}' of a connection string is ignored", key);
    }
    return absl::OkStatus();
  }

  MySqlOptions& options_;
  LegacySsl legacy_;
  bool ssl_mode_set_ = false;
};

// `[user[:password]@]host[:port][,...]`
absl::Status ParseAuthority(std::string_view text, ServerOptions& server) {
  if (const size_t at = text.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = text.substr(0, at);
    const size_t colon = user.find(':');
    ASSIGN_OR_RETURN(server.user, PercentDecode(user.substr(0, colon)));
    if (colon != std::string_view::npos) {
      ASSIGN_OR_RETURN(server.password, PercentDecode(user.substr(colon + 1)));
    }
    text.remove_prefix(at + 1);
  }
  for (std::string_view host : absl::StrSplit(text, ',')) {
    ASSIGN_OR_RETURN(HostPort parsed, ParseHost(host));
    server.hosts.push_back(std::move(parsed));
  }
  return absl::OkStatus();
}

absl::Status ParseUrl(std::string_view url, MySqlOptions& options) {
  const size_t question = url.find('?');
  const std::string_view head = url.substr(0, question);
  const size_t slash = head.find('/');
  RETURN_IF_ERROR(ParseAuthority(head.substr(0, slash), options.server));
  if (slash != std::string_view::npos) {
    ASSIGN_OR_RETURN(options.server.database, PercentDecode(head.substr(slash + 1)));
  }
  if (question != std::string_view::npos) {
    ParameterReader reader(options);
    for (std::string_view parameter :
         absl::StrSplit(url.substr(question + 1), '&', absl::SkipEmpty())) {
      RETURN_IF_ERROR(reader.Read(parameter));
    }
    reader.Finish();
  }
  return absl::OkStatus();
}

absl::Status ReadServer(const sdk::ConnectorOptions& options, ServerOptions& server) {
  ASSIGN_OR_RETURN(const std::optional<std::string> host, options.GetString({"host"}));
  ASSIGN_OR_RETURN(const std::optional<int64_t> port, options.GetInt({"port"}, 1, kMaxPort));
  if (host && !server.hosts.empty()) {
    return absl::InvalidArgumentError("set either 'host' or 'connection_string'");
  }
  if (port && !host) {
    return absl::InvalidArgumentError("'port' needs 'host'");
  }
  if (host) {
    for (std::string_view part : absl::StrSplit(*host, ',')) {
      // A bare IPv6 address has no brackets in this form.
      const bool bare = absl::StrContains(part, "::") && part.front() != '[';
      ASSIGN_OR_RETURN(HostPort parsed, ParseHost(bare ? absl::StrCat("[", part, "]") : part));
      if (port && !absl::EndsWith(part, absl::StrCat(":", parsed.port))) {
        parsed.port = static_cast<int>(*port);
      }
      server.hosts.push_back(std::move(parsed));
    }
  }
  if (server.hosts.empty()) {
    return absl::InvalidArgumentError("'host' or 'connection_string' is missing");
  }
  return absl::OkStatus();
}

absl::Status ReadText(const sdk::ConnectorOptions& options,
                      std::initializer_list<std::string_view> names, std::string& target) {
  ASSIGN_OR_RETURN(std::optional<std::string> text, options.GetString(names));
  if (text) {
    target = *std::move(text);
  }
  return absl::OkStatus();
}

absl::Status ReadTimeout(const sdk::ConnectorOptions& options,
                         std::initializer_list<std::string_view> names, absl::Duration& target) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> ms, options.GetInt(names, 0, kMaxTimeoutMs));
  if (ms) {
    target = *ms == 0 ? absl::InfiniteDuration() : absl::Milliseconds(*ms);
  }
  return absl::OkStatus();
}

absl::Status ReadSession(const sdk::ConnectorOptions& options, ServerOptions& server) {
  RETURN_IF_ERROR(ReadText(options, {"user", "username"}, server.user));
  RETURN_IF_ERROR(ReadText(options, {"password"}, server.password));
  RETURN_IF_ERROR(ReadText(options, {"credentials", "secret"}, server.credentials));
  RETURN_IF_ERROR(ReadText(options, {"database"}, server.database));
  RETURN_IF_ERROR(ReadText(options, {"ssl_ca", "sslCa", "serverSslCert"}, server.ssl_ca));
  RETURN_IF_ERROR(ReadText(options, {"ssl_cert", "sslCert"}, server.ssl_cert));
  RETURN_IF_ERROR(ReadText(options, {"ssl_key", "sslKey"}, server.ssl_key));
  std::string mode;
  RETURN_IF_ERROR(ReadText(options, {"ssl_mode", "sslMode"}, mode));
  if (!mode.empty()) {
    ASSIGN_OR_RETURN(server.ssl_mode, ParseSslMode(mode));
  }
  RETURN_IF_ERROR(
      ReadTimeout(options, {"connect_timeout_ms", "connectTimeout"}, server.connect_timeout));
  RETURN_IF_ERROR(ReadTimeout(options, {"read_timeout_ms", "socketTimeout"}, server.read_timeout));
  if (server.ssl_mode >= SslMode::kVerifyCa && server.ssl_ca.empty()) {
    return absl::InvalidArgumentError(
        "sslMode VERIFY_CA and VERIFY_IDENTITY need 'ssl_ca', the file of trusted certificates");
  }
  if (server.user.empty() && server.credentials.empty()) {
    return absl::InvalidArgumentError("'user' is missing");
  }
  return absl::OkStatus();
}

absl::Status ReadTypes(const sdk::ConnectorOptions& options, TypeOptions& types) {
  ASSIGN_OR_RETURN(const std::optional<bool> bit,
                   options.GetBool({"tiny_int1_is_bit", "tinyInt1isBit"}));
  types.tiny_int1_is_bit = bit.value_or(types.tiny_int1_is_bit);
  ASSIGN_OR_RETURN(const std::optional<bool> year,
                   options.GetBool({"year_is_date_type", "yearIsDateType"}));
  types.year_is_date = year.value_or(types.year_is_date);
  std::string overflow = "varchar";
  RETURN_IF_ERROR(ReadText(options, {"decimal_overflow"}, overflow));
  if (overflow != "varchar" && overflow != "error") {
    return absl::InvalidArgumentError("'decimal_overflow' must be varchar or error");
  }
  types.decimal_overflow_fails = overflow == "error";
  // Names are matched above the connector, exactly or without case.
  std::string casing = "NONE";
  RETURN_IF_ERROR(ReadText(options, {"casing_mode"}, casing));
  if (casing != "NONE" && casing != "CASE_INSENSITIVE_SEARCH") {
    return absl::InvalidArgumentError(
        "'casing_mode' must be NONE or CASE_INSENSITIVE_SEARCH; other modes are not supported");
  }
  return absl::OkStatus();
}

absl::Status ReadAll(const sdk::ConnectorOptions& options, MySqlOptions& result) {
  const std::string alias = absl::StrCat(options.catalog(), "_connection_string");
  std::string connection_string;
  RETURN_IF_ERROR(ReadText(options, {"connection_string", alias, "default"}, connection_string));
  if (!connection_string.empty()) {
    RETURN_IF_ERROR(ParseConnectionString(connection_string, result));
  }
  RETURN_IF_ERROR(ReadServer(options, result.server));
  RETURN_IF_ERROR(ReadSession(options, result.server));
  RETURN_IF_ERROR(ReadTypes(options, result.types));
  ASSIGN_OR_RETURN(const std::optional<int64_t> splits, options.GetInt({"splits"}, 1, kMaxSplits));
  ASSIGN_OR_RETURN(const std::optional<int64_t> split_rows,
                   options.GetInt({"split_rows"}, 1, std::numeric_limits<int64_t>::max()));
  result.splits.max_splits = splits.value_or(split_rows ? kMaxSplits : 1);
  result.splits.min_rows = split_rows.value_or(result.splits.min_rows);
  ASSIGN_OR_RETURN(const std::optional<bool> list, options.GetBool({"list_system_databases"}));
  result.list_system_databases = list.value_or(false);
  ASSIGN_OR_RETURN(const std::optional<bool> passthrough,
                   options.GetBool({"enable_query_passthrough"}));
  result.passthrough = passthrough.value_or(true);
  ASSIGN_OR_RETURN(const std::optional<int64_t> connections,
                   options.GetInt({"metadata_connections"}, 1, kMaxMetadataConnections));
  result.metadata_connections = static_cast<int>(connections.value_or(result.metadata_connections));
  return absl::OkStatus();
}

}  // namespace

absl::Status ParseConnectionString(std::string_view text, MySqlOptions& options) {
  if (!absl::ConsumePrefix(&text, kTag)) {
    return absl::InvalidArgumentError(
        absl::StrCat("The connection string must start with the type of the database: ", kTag,
                     "jdbc:mysql://..."));
  }
  bool known = false;
  for (std::string_view driver : kDrivers) {
    known = known || absl::ConsumePrefix(&text, driver);
  }
  if (!known) {
    return absl::InvalidArgumentError(
        "The connection string must go on with jdbc:mysql:// after mysql://");
  }
  if (absl::Status status = ParseUrl(text, options); !status.ok()) {
    return Annotate(status, "The connection string: ");
  }
  return absl::OkStatus();
}

absl::StatusOr<MySqlOptions> ParseOptions(const sdk::ConnectorOptions& options) {
  MySqlOptions result;
  if (absl::Status status = ReadAll(options, result); !status.ok()) {
    const std::string prefix = absl::StrCat("Catalog '", options.catalog(), "': ");
    return absl::StartsWith(status.message(), prefix) ? status : Annotate(status, prefix);
  }
  return result;
}

}  // namespace pallas::mysql
