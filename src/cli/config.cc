#define TOML_EXCEPTIONS 0

#include "cli/config.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/text_file.h"
#include <toml++/toml.h>

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "base/units.h"
#include "federation/remote_catalog.h"
#include "types/time_zone.h"

namespace pallas::cli {
namespace {

// A leaf of the configuration: its path as written, its text and where it stands
// ("pallas.toml:12").
struct Entry {
  std::string path;
  std::string text;
  std::string where;
  size_t position = 0;  // in the file, rising
};

// The configuration by dotted paths in lower case.
using Entries = std::map<std::string, Entry>;

constexpr size_t kAfterTheFile = SIZE_MAX;

// toml++ gives a table's keys in alphabetical order; this is the order in which they were written.
size_t Position(const toml::node& node) {
  constexpr int kColumnBits = 32;
  return (static_cast<size_t>(node.source().begin.line) << kColumnBits) |
         node.source().begin.column;
}

std::string Where(const std::string& origin, const toml::node& node) {
  return absl::StrCat(origin, ":", node.source().begin.line);
}

absl::Status Flatten(const toml::node& node, const std::string& path, const std::string& origin,
                     Entries* entries);

absl::Status FlattenTable(const toml::table& table, const std::string& path,
                          const std::string& origin, Entries* entries) {
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    RETURN_IF_ERROR(
        Flatten(value, path.empty() ? name : absl::StrCat(path, ".", name), origin, entries));
  }
  return absl::OkStatus();
}

absl::Status Flatten(const toml::node& node, const std::string& path, const std::string& origin,
                     Entries* entries) {
  if (const toml::table* table = node.as_table()) {
    return FlattenTable(*table, path, origin, entries);
  }
  if (const toml::array* array = node.as_array()) {
    for (size_t i = 0; i < array->size(); ++i) {
      RETURN_IF_ERROR(Flatten((*array)[i], absl::StrCat(path, ".", i), origin, entries));
    }
    return absl::OkStatus();
  }
  std::string text;
  if (const auto* string = node.as_string()) {
    text = string->get();
  } else if (const auto* integer = node.as_integer()) {
    text = absl::StrCat(integer->get());
  } else if (const auto* number = node.as_floating_point()) {
    text = absl::StrCat(number->get());
  } else if (const auto* boolean = node.as_boolean()) {
    text = boolean->get() ? "true" : "false";
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat(Where(origin, node), ": ", path, ": dates and times are not used here"));
  }
  Entry entry{path, std::move(text), Where(origin, node), Position(node)};
  if (!entries->emplace(absl::AsciiStrToLower(path), std::move(entry)).second) {
    return absl::InvalidArgumentError(
        absl::StrCat(Where(origin, node), ": ", path, " is set twice (keys ignore case)"));
  }
  return absl::OkStatus();
}

// `catalogs.mysql.host` of "mysql_host": the name of the part must exist or be one word.
std::optional<std::string> PathInPart(std::string_view section, const std::string& rest,
                                      const Entries& entries) {
  std::set<std::string> names;
  for (const auto& [path, entry] : entries) {
    const std::vector<std::string> parts = absl::StrSplit(path, '.');
    if (parts.size() > 2 && parts[0] == section) {
      names.insert(parts[1]);
    }
  }
  for (const std::string& name : names) {
    const std::string prefix = absl::StrCat(name, "_");
    if (absl::StartsWith(rest, prefix)) {
      return absl::StrCat(section, ".", name, ".", rest.substr(prefix.size()));
    }
  }
  const size_t underscore = rest.find('_');
  if (underscore == std::string::npos) {
    return std::nullopt;
  }
  return absl::StrCat(section, ".", rest.substr(0, underscore), ".", rest.substr(underscore + 1));
}

// PALLAS_CATALOGS_MYSQL_HOST names catalogs.mysql.host. Which underscores are dots is not told by
// the name, so each known section is tried.
std::optional<std::string> PathOfVariable(std::string_view variable, const Entries& entries) {
  std::string name = absl::AsciiStrToLower(variable);
  for (const auto& [path, entry] : entries) {
    if (absl::StrReplaceAll(path, {{".", "_"}}) == name) {
      return path;
    }
  }
  for (const std::string_view section : {"server", "engine", "lake", "dialect", "session"}) {
    if (absl::StartsWith(name, absl::StrCat(section, "_"))) {
      return absl::StrCat(section, ".", name.substr(section.size() + 1));
    }
  }
  for (const std::string_view section : {"catalogs", "s3"}) {
    if (absl::StartsWith(name, absl::StrCat(section, "_"))) {
      return PathInPart(section, name.substr(section.size() + 1), entries);
    }
  }
  return std::nullopt;
}

void ApplyEnvironment(const std::vector<std::string>& environment, Entries* entries) {
  constexpr std::string_view kPrefix = "PALLAS_";
  for (const std::string& variable : environment) {
    const size_t equals = variable.find('=');
    if (equals == std::string::npos || !absl::StartsWith(variable, kPrefix)) {
      continue;
    }
    const std::string name = variable.substr(0, equals);
    if (const auto path = PathOfVariable(name.substr(kPrefix.size()), *entries)) {
      Entry& entry = entries->try_emplace(*path, Entry{*path, "", "", kAfterTheFile}).first->second;
      entry.text = variable.substr(equals + 1);
      entry.where = absl::StrCat("environment ", name);
    }
  }
}

absl::Status Bad(const std::string& path, const Entry& entry, std::string_view expected) {
  return absl::InvalidArgumentError(
      absl::StrCat(entry.where, ": ", path, " = '", entry.text, "' is not ", expected));
}

// The releases of Trino that `dialect.level` may name: the one that is followed, and the newest
// whose syntax is known.
constexpr int kMinDialectLevel = 476;
constexpr int kMaxDialectLevel = 484;

absl::StatusOr<int64_t> ToInteger(const std::string& path, const Entry& entry, int64_t min,
                                  int64_t max) {
  int64_t value = 0;
  if (!absl::SimpleAtoi(entry.text, &value) || value < min || value > max) {
    return Bad(path, entry, absl::StrCat("a whole number from ", min, " to ", max));
  }
  return value;
}

absl::StatusOr<double> ToPositive(const std::string& path, const Entry& entry) {
  double value = 0;
  if (!absl::SimpleAtod(entry.text, &value) || !(value > 0)) {
    return Bad(path, entry, "a number above 0");
  }
  return value;
}

template <typename T>
absl::StatusOr<T> ToChoice(const std::string& path, const Entry& entry,
                           std::initializer_list<std::pair<std::string_view, T>> choices) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : choices) {
    if (absl::EqualsIgnoreCase(entry.text, name)) {
      return value;
    }
    names.push_back(name);
  }
  return Bad(path, entry, absl::StrCat("one of ", absl::StrJoin(names, ", ")));
}

absl::StatusOr<federation::InvalidUtf8> ToInvalidUtf8(const std::string& path, const Entry& entry) {
  return ToChoice<federation::InvalidUtf8>(
      path, entry,
      {{"error", federation::InvalidUtf8::kError}, {"replace", federation::InvalidUtf8::kReplace}});
}

// `key` is the entry's within its catalog, in lower case; `written` the same as it was written.
absl::Status SetCatalogKey(const std::string& path, const std::string& key,
                           const std::string& written, const Entry& entry, CatalogConfig* catalog) {
  sdk::LimiterOptions& limits = catalog->source.limits;
  if (key == "connector") {
    catalog->connector = absl::AsciiStrToLower(entry.text);
  } else if (key == "limits.max_concurrency") {
    ASSIGN_OR_RETURN(const int64_t value, ToInteger(path, entry, 1, 10000));
    limits.max_concurrency = static_cast<int>(value);
  } else if (key == "limits.max_requests_per_second") {
    ASSIGN_OR_RETURN(limits.max_requests_per_second, ToPositive(path, entry));
  } else if (key == "limits.max_bytes_per_second") {
    ASSIGN_OR_RETURN(limits.max_bytes_per_second, ToPositive(path, entry));
  } else if (key == "invalid_utf8") {
    ASSIGN_OR_RETURN(catalog->source.invalid_utf8, ToInvalidUtf8(path, entry));
  } else {
    catalog->options.emplace_back(written, entry.text);
  }
  return absl::OkStatus();
}

// Whether a catalog without a `connector` names a Lambda function in its place.
bool IsRemote(const CatalogConfig& catalog) {
  return std::any_of(catalog.options.begin(), catalog.options.end(), [](const auto& option) {
    const std::string key = absl::AsciiStrToLower(option.first);
    return key == "lambda" || key == "metadata_lambda" || key == "record_lambda";
  });
}

absl::StatusOr<bool> ToBool(const std::string& path, const Entry& entry) {
  return ToChoice<bool>(path, entry, {{"true", true}, {"false", false}});
}

// `key` is the part of `path` after `s3.<name>.`.
absl::Status SetS3Key(const std::string& path, const std::string& key, const Entry& entry,
                      S3Config* service) {
  const std::map<std::string_view, std::string*> texts = {
      {"endpoint", &service->endpoint},
      {"region", &service->region},
      {"access_key", &service->access_key},
      {"secret_key", &service->secret_key},
      {"session_token", &service->session_token},
      {"profile", &service->profile},
      {"ca_file", &service->ca_file}};
  if (const auto text = texts.find(key); text != texts.end()) {
    *text->second = entry.text;
  } else if (key == "buckets" || absl::StartsWith(key, "buckets.")) {  // one, or a list
    service->buckets.push_back(entry.text);
  } else if (key == "path_style") {
    ASSIGN_OR_RETURN(service->path_style, ToBool(path, entry));
  } else if (key == "anonymous") {
    ASSIGN_OR_RETURN(service->anonymous, ToBool(path, entry));
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat(entry.where, ": unknown key ", path,
                     "; known are s3.<name>.buckets, endpoint, region, path_style, access_key, "
                     "secret_key, session_token, profile, anonymous, ca_file"));
  }
  return absl::OkStatus();
}

// What cannot be said of a service at once.
absl::Status CheckS3(const S3Config& service, const std::string& origin) {
  const std::string name = absl::StrCat(origin, ": s3.", service.name);
  if (service.buckets.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " names no buckets; add for example buckets = [\"sales\", \"raw-*\"]"));
  }
  if (service.access_key.empty() != service.secret_key.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " needs access_key and secret_key, or neither of them"));
  }
  const int ways = (service.access_key.empty() ? 0 : 1) + (service.profile.empty() ? 0 : 1) +
                   (service.anonymous ? 1 : 0);
  if (ways > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": of access_key, profile and anonymous, only one can be set"));
  }
  return absl::OkStatus();
}

absl::Status SetKey(const std::string& path, const Entry& entry, Config* config) {
  using sql::DialectOptions;
  if (path == "data" || path == "server.data") {
    config->data_dir = entry.text;
  } else if (path == "engine.memory_limit") {
    const absl::StatusOr<int64_t> bytes = ParseByteSize(entry.text);
    if (!bytes.ok()) {
      return Bad(path, entry, "a size such as 512MB or 2GiB");
    }
    config->memory_limit_bytes = *bytes;
  } else if (path == "engine.threads") {
    ASSIGN_OR_RETURN(const int64_t threads, ToInteger(path, entry, 1, 1024));
    config->threads = static_cast<int>(threads);
  } else if (path == "engine.temp_dir") {
    config->temp_dir = entry.text;
  } else if (absl::StartsWith(path, "lake.local_roots")) {
    config->lake_roots.push_back(entry.text);
  } else if (path == "lake.invalid_utf8") {
    ASSIGN_OR_RETURN(config->text.invalid_utf8, ToInvalidUtf8(path, entry));
  } else if (path == "session.time_zone") {
    const absl::StatusOr<int> key = ZoneKeyOf(entry.text);
    if (!key.ok()) {
      return Bad(path, entry, "a time zone such as UTC, +02:00 or Europe/Paris");
    }
    config->time_zone_key = *key;
  } else if (path == "dialect.decimal_literals") {
    ASSIGN_OR_RETURN(config->dialect.decimal_literals,
                     ToChoice<DialectOptions::DecimalLiterals>(
                         path, entry,
                         {{"double", DialectOptions::DecimalLiterals::kDouble},
                          {"decimal", DialectOptions::DecimalLiterals::kDecimal}}));
  } else if (path == "dialect.decimal_arithmetic") {
    ASSIGN_OR_RETURN(config->dialect.decimal_arithmetic,
                     ToChoice<DialectOptions::DecimalArithmetic>(
                         path, entry,
                         {{"trino-476", DialectOptions::DecimalArithmetic::kTrino476},
                          {"trino-481", DialectOptions::DecimalArithmetic::kTrino481}}));
  } else if (path == "dialect.char_coercion") {
    ASSIGN_OR_RETURN(config->dialect.char_coercion,
                     ToChoice<DialectOptions::CharCoercion>(
                         path, entry,
                         {{"trino-476", DialectOptions::CharCoercion::kTrino476},
                          {"trino-482", DialectOptions::CharCoercion::kTrino482}}));
  } else if (path == "dialect.level") {
    ASSIGN_OR_RETURN(const int64_t level,
                     ToInteger(path, entry, kMinDialectLevel, kMaxDialectLevel));
    config->dialect.level = static_cast<int>(level);
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat(entry.where, ": unknown key ", path,
                     "; known are data, engine.memory_limit, engine.threads, engine.temp_dir, "
                     "lake.local_roots, lake.invalid_utf8, session.time_zone, "
                     "dialect.decimal_literals, dialect.decimal_arithmetic, dialect.char_coercion, "
                     "dialect.level, catalogs.<name>.<key>, lambda.<key>, s3.<name>.<key>"));
  }
  return absl::OkStatus();
}

std::vector<const Entries::value_type*> InWrittenOrder(const Entries& entries) {
  std::vector<const Entries::value_type*> order;
  for (const Entries::value_type& entry : entries) {
    order.push_back(&entry);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return a->second.position < b->second.position;
  });
  return order;
}

}  // namespace

absl::StatusOr<Config> ParseConfig(std::string_view toml, const std::string& origin,
                                   const std::vector<std::string>& environment) {
  const toml::parse_result parsed = toml::parse(toml, origin);
  if (!parsed) {
    return absl::InvalidArgumentError(absl::StrCat(origin, ":", parsed.error().source().begin.line,
                                                   ": ",
                                                   std::string(parsed.error().description())));
  }
  Entries entries;
  RETURN_IF_ERROR(FlattenTable(parsed.table(), "", origin, &entries));
  ApplyEnvironment(environment, &entries);

  Config config;
  std::map<std::string, CatalogConfig> catalogs;
  std::map<std::string, S3Config> services;
  for (const auto* const named : InWrittenOrder(entries)) {
    const auto& [path, entry] = *named;
    constexpr std::string_view kCatalogs = "catalogs.";
    constexpr std::string_view kLambda = "lambda.";
    constexpr std::string_view kS3 = "s3.";
    if (absl::StartsWith(path, kS3)) {
      const size_t end = path.find('.', kS3.size());
      if (end == std::string::npos) {
        return Bad(path, entry, "a table; write [s3.<name>], for example [s3.main]");
      }
      S3Config& service = services[path.substr(kS3.size(), end - kS3.size())];
      RETURN_IF_ERROR(SetS3Key(path, path.substr(end + 1), entry, &service));
      continue;
    }
    if (absl::StartsWith(path, kLambda)) {
      config.lambda.emplace_back(path.substr(kLambda.size()), entry.text);
      continue;
    }
    if (!absl::StartsWith(path, kCatalogs)) {
      RETURN_IF_ERROR(SetKey(path, entry, &config));
      continue;
    }
    const size_t dot = path.find('.', kCatalogs.size());
    if (dot == std::string::npos) {
      return Bad(path, entry, absl::StrCat("a table; write [", path, "]"));
    }
    CatalogConfig& catalog = catalogs[path.substr(kCatalogs.size(), dot - kCatalogs.size())];
    RETURN_IF_ERROR(
        SetCatalogKey(path, path.substr(dot + 1), entry.path.substr(dot + 1), entry, &catalog));
  }
  for (auto& [name, catalog] : catalogs) {
    if (catalog.connector.empty() && IsRemote(catalog)) {
      catalog.connector = federation::kRemoteConnectorKind;
    }
    if (catalog.connector.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          origin, ": catalogs.", name, " has no connector; add for example connector = \"mysql\""));
    }
    catalog.name = name;
    config.catalogs.push_back(std::move(catalog));
  }
  for (auto& [name, service] : services) {
    service.name = name;
    RETURN_IF_ERROR(CheckS3(service, origin));
    config.s3.push_back(std::move(service));
  }
  return config;
}

absl::StatusOr<Config> LoadConfig(const std::string& path,
                                  const std::vector<std::string>& environment) {
  if (path.empty()) {
    return ParseConfig("", "configuration", environment);
  }
  absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) {
    return Annotate(text.status(), "configuration file (--config): ");
  }
  return ParseConfig(*text, path, environment);
}

absl::StatusOr<int64_t> ParseByteSize(std::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]))) {
    ++digits;
  }
  int64_t number = 0;
  const std::string unit = absl::AsciiStrToLower(absl::StripAsciiWhitespace(text.substr(digits)));
  static const std::map<std::string, int64_t> kUnits = {
      {"", 1},       {"b", 1},      {"kb", 1000}, {"mb", 1000 * 1000}, {"gb", 1000000000},
      {"kib", kKiB}, {"mib", kMiB}, {"gib", kGiB}};
  const auto factor = kUnits.find(unit);
  if (!absl::SimpleAtoi(text.substr(0, digits), &number) || factor == kUnits.end() ||
      number > INT64_MAX / factor->second) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is not a size"));
  }
  return number * factor->second;
}

}  // namespace pallas::cli
