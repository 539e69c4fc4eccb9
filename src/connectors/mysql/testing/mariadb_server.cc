#include "connectors/mysql/testing/mariadb_server.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "base/status_macros.h"
#include "connectors/mysql/connector.h"

namespace pallas::mysql {
namespace {

constexpr char kScript[] = "tools/servers/mariadb";

// Runs the script; what it prints.
absl::StatusOr<std::string> Run(std::string_view command, const std::string& folder,
                                const std::vector<std::string>& options) {
  std::string line = absl::StrCat(kScript, " ", command, " ", folder);
  for (const std::string& option : options) {
    absl::StrAppend(&line, " '", absl::StrReplaceAll(option, {{"'", "'\\''"}}), "'");
  }
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(line.c_str(), "r"), pclose);
  if (pipe == nullptr) {
    return absl::InternalError(absl::StrCat("cannot run ", line));
  }
  std::string output;
  char buffer[256];
  while (const size_t size = fread(buffer, 1, sizeof(buffer), pipe.get())) {
    output.append(buffer, size);
  }
  if (pclose(pipe.release()) != 0) {
    return absl::UnavailableError(absl::StrCat(line, " has failed"));
  }
  absl::StripTrailingAsciiWhitespace(&output);
  return output;
}

absl::Status RootError(MYSQL* root) {
  return absl::InternalError(absl::StrCat("root: ", mysql_error(root)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<MariaDbServer>> MariaDbServer::Start(
    const std::vector<std::string>& options) {
  std::string folder = "/tmp/pallas-mariadb-XXXXXX";  // short, for the socket's sake
  if (mkdtemp(folder.data()) == nullptr) {
    return absl::InternalError("cannot make a temporary folder");
  }
  std::unique_ptr<MariaDbServer> server(new MariaDbServer(std::move(folder)));
  RETURN_IF_ERROR(server->Restart(options));
  RETURN_IF_ERROR(server->Execute(absl::StrCat("CREATE USER '", kUser, "'@'%' IDENTIFIED BY '",
                                               absl::StrReplaceAll(kPassword, {{"'", "''"}}),
                                               "'; GRANT SELECT, SHOW VIEW, EXECUTE ON *.* TO '",
                                               kUser, "'@'%'")));
  return server;
}

MariaDbServer::~MariaDbServer() {
  Run("kill", folder_, {}).status().IgnoreError();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

absl::Status MariaDbServer::Kill() { return Run("kill", folder_, {}).status(); }

absl::Status MariaDbServer::Restart(const std::vector<std::string>& options) {
  ASSIGN_OR_RETURN(const std::string address, Run("start", folder_, options));
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port_)) {
    return absl::InternalError(absl::StrCat("no address: ", address));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<MYSQL, void (*)(MYSQL*)>> MariaDbServer::Root() {
  std::unique_ptr<MYSQL, void (*)(MYSQL*)> root(mysql_init(nullptr), mysql_close);
  mysql_options(root.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
  const std::string socket = absl::StrCat(folder_, "/s");
  if (mysql_real_connect(root.get(), nullptr, "root", "", nullptr, 0, socket.c_str(),
                         CLIENT_MULTI_STATEMENTS) == nullptr) {
    return RootError(root.get());
  }
  return root;
}

absl::Status MariaDbServer::Execute(std::string_view sql) {
  ASSIGN_OR_RETURN(const auto root, Root());
  if (mysql_real_query(root.get(), sql.data(), sql.size()) != 0) {
    return RootError(root.get());
  }
  int more = 0;
  while (more == 0) {
    if (MYSQL_RES* const result = mysql_store_result(root.get())) {
      mysql_free_result(result);
    }
    more = mysql_next_result(root.get());
  }
  return more > 0 ? RootError(root.get()) : absl::OkStatus();
}

absl::StatusOr<Rows> MariaDbServer::Query(std::string_view sql) {
  ASSIGN_OR_RETURN(const auto root, Root());
  const std::string session = "SET SESSION time_zone = '+00:00'";
  if (mysql_real_query(root.get(), session.data(), session.size()) != 0 ||
      mysql_real_query(root.get(), sql.data(), sql.size()) != 0) {
    return RootError(root.get());
  }
  MYSQL_RES* const result = mysql_store_result(root.get());
  if (result == nullptr) {
    return RootError(root.get());
  }
  Rows rows;
  while (char** const cells = mysql_fetch_row(result)) {
    const unsigned long* const lengths = mysql_fetch_lengths(result);
    Row& row = rows.emplace_back();
    for (unsigned i = 0; i < mysql_num_fields(result); ++i) {
      row.push_back(cells[i] == nullptr ? std::optional<std::string>()
                                        : std::string(cells[i], lengths[i]));
    }
  }
  mysql_free_result(result);
  return rows;
}

absl::StatusOr<std::unique_ptr<sdk::Connector>> MariaDbServer::MakeConnector(
    const std::map<std::string, std::string>& options) const {
  std::map<std::string, std::string> all = options;
  if (!options.contains("connection_string")) {
    all.try_emplace("host", "127.0.0.1");
    all.try_emplace("port", absl::StrCat(port_));
    all.try_emplace("user", kUser);
    all.try_emplace("password", kPassword);
  }
  sdk::ConnectorRegistry registry;
  registry.Register(kConnectorKind, &MakeMySqlConnector);
  return registry.Make(
      sdk::ConnectorOptions("mysql", kConnectorKind, sdk::OptionList(all.begin(), all.end())), {});
}

}  // namespace pallas::mysql
