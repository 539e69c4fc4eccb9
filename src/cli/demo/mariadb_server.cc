#include "cli/demo/mariadb_server.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/demo/mariadb_session.h"
#include "cli/demo/programs.h"
#include "cli/text_file.h"
#include <unistd.h>

#include "base/status_macros.h"

namespace pallas::cli {
namespace {

constexpr int kShownLogLines = 8;

// mariadbd refuses to run as root unless it is told to.
void AddUser(std::vector<std::string>* arguments) {
  if (geteuid() == 0) {
    arguments->emplace_back("--user=root");
  }
}

}  // namespace

MariaDbServer::MariaDbServer(std::string folder, MariaDbAccount account)
    : LocalServer("MariaDB", std::move(folder)), account_(std::move(account)) {}

absl::Status MariaDbServer::Prepare(const sdk::RequestContext& context) {
  // Runs at each start; the passwords of a file made anew take effect.
  RETURN_IF_ERROR(WriteTextFile(
      PathOf("start.sql"),
      absl::StrCat("CREATE DATABASE IF NOT EXISTS ", account_.database, " CHARACTER SET utf8mb4;\n",
                   "CREATE OR REPLACE USER ", account_.user, "@127.0.0.1 IDENTIFIED BY '",
                   account_.password, "';\n", "GRANT ALL ON ", account_.database, ".* TO ",
                   account_.user, "@127.0.0.1;\n"),
      0600));
  const std::string id_file = PathOf("install.process");
  if (const auto unfinished = DetachedProcess::Find(id_file)) {
    unfinished->Kill();
  }
  std::error_code error;
  if (std::filesystem::exists(PathOf("data"), error)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::string installer, FindProgram(kMariaDbInstaller));
  // Made under another name: the folder is there whole or not at all.
  const std::string fresh = PathOf("data.new");
  std::filesystem::remove_all(fresh, error);
  std::vector<std::string> arguments = {"--no-defaults", "--skip-test-db",
                                        absl::StrCat("--datadir=", fresh)};
  AddUser(&arguments);
  ASSIGN_OR_RETURN(const DetachedProcess process,
                   DetachedProcess::Start({.program = installer,
                                           .arguments = std::move(arguments),
                                           .called_as = "",
                                           .folder = folder(),
                                           .log_file = PathOf("install.log"),
                                           .id_file = id_file}));
  ASSIGN_OR_RETURN(const int exit_code, process.Wait(context));
  if (exit_code == 0) {
    std::filesystem::rename(fresh, PathOf("data"), error);
  }
  if (exit_code != 0 || error) {
    return absl::UnavailableError(absl::StrCat("MariaDB's data folder cannot be made; ",
                                               PathOf("install.log"), " ends with\n",
                                               LastLines(PathOf("install.log"), kShownLogLines)));
  }
  return absl::OkStatus();
}

absl::StatusOr<LocalServer::Program> MariaDbServer::MakeProgram(int port) {
  Program program;
  ASSIGN_OR_RETURN(program.path, FindProgram(kMariaDbServer));
  // Without a socket: its path may be at most 107 characters long. What is committed survives the
  // end of the process; a flush of the disk for each commit is more than a demo needs.
  program.arguments = {"--no-defaults",
                       absl::StrCat("--datadir=", PathOf("data")),
                       "--socket=",
                       absl::StrCat("--pid-file=", PathOf("server.pid")),
                       "--bind-address=127.0.0.1",
                       absl::StrCat("--port=", port),
                       absl::StrCat("--init-file=", PathOf("start.sql")),
                       "--skip-name-resolve",
                       "--skip-log-bin",
                       "--performance-schema=0",
                       "--character-set-server=utf8mb4",
                       "--local-infile=1",
                       "--innodb-flush-log-at-trx-commit=2",
                       "--innodb-buffer-pool-size=128M",
                       "--key-buffer-size=8M"};
  AddUser(&program.arguments);
  return program;
}

absl::Status MariaDbServer::Ping(const sdk::RequestContext& context, int port) {
  return MariaDbSession::Open(context, port, account_).status();
}

}  // namespace pallas::cli
