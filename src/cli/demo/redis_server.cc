#include "cli/demo/redis_server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/demo/programs.h"
#include "cli/demo/redis_session.h"
#include "cli/text_file.h"

#include "base/status_macros.h"

namespace pallas::cli {

RedisServer::RedisServer(std::string folder, std::string password)
    : LocalServer("Redis", std::move(folder)), password_(std::move(password)) {}

absl::Status RedisServer::Prepare(const sdk::RequestContext& /*context*/) {
  // In a file, since everybody on the machine can read a process' arguments.
  return WriteTextFile(PathOf("redis.conf"),
                       absl::StrCat("requirepass ", password_, "\nbind 127.0.0.1\nsave \"\"\n",
                                    "appendonly no\ndaemonize no\n"),
                       0600);
}

absl::StatusOr<LocalServer::Program> RedisServer::MakeProgram(int port) {
  Program program;
  ASSIGN_OR_RETURN(program.path, FindProgram(kRedisServer));
  program.called_as = "redis-server";  // It does what its name says.
  program.arguments = {"redis.conf", "--port", absl::StrCat(port)};
  return program;
}

absl::Status RedisServer::Ping(const sdk::RequestContext& context, int port) {
  return RedisSession::Open(context, port, password_).status();
}

}  // namespace pallas::cli
