#include "connectors/redis/testing/redis_server.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include <hiredis/hiredis.h>

#include "base/status_macros.h"
#include "connectors/redis/connector.h"

namespace pallas::redis {
namespace {

constexpr char kScript[] = "tools/servers/redis";

// Runs the script; what it prints.
absl::StatusOr<std::string> RunScript(std::string_view command, const std::string& folder,
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

absl::StatusOr<int> PortOf(std::string_view address) {
  int port = 0;
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port)) {
    return absl::InternalError(absl::StrCat("no address: ", address));
  }
  return port;
}

absl::StatusOr<std::string> MakeFolder() {
  std::string folder = "/tmp/pallas-redis-XXXXXX";  // short, for the socket's sake
  if (mkdtemp(folder.data()) == nullptr) {
    return absl::InternalError("cannot make a temporary folder");
  }
  return folder;
}

std::string ToText(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      return absl::StrCat(reply.integer);
    case REDIS_REPLY_ARRAY: {
      std::string text;
      for (size_t i = 0; i < reply.elements; ++i) {
        absl::StrAppend(&text, i == 0 ? "" : "\n", ToText(*reply.element[i]));
      }
      return text;
    }
    default:
      return reply.str == nullptr ? "" : std::string(reply.str, reply.len);
  }
}

// The words of a command, with single quotes around those that hold spaces.
std::vector<std::string> Words(std::string_view command) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (const char character : command) {
    if (character == '\'') {
      quoted = !quoted;
    } else if (character == ' ' && !quoted) {
      words.emplace_back();
    } else {
      words.back().push_back(character);
    }
  }
  return words;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisServer>> RedisServer::Start(
    const std::vector<std::string>& options) {
  ASSIGN_OR_RETURN(const std::string folder, MakeFolder());
  std::unique_ptr<RedisServer> server(new RedisServer(folder, folder));
  RETURN_IF_ERROR(server->Restart(options));
  return server;
}

absl::StatusOr<std::vector<std::unique_ptr<RedisServer>>> RedisServer::StartCluster(int num_nodes) {
  ASSIGN_OR_RETURN(const std::string folder, MakeFolder());
  std::vector<std::unique_ptr<RedisServer>> servers;
  for (int i = 1; i <= num_nodes; ++i) {
    servers.emplace_back(new RedisServer(absl::StrCat(folder, "/", i), folder));
  }
  ASSIGN_OR_RETURN(const std::string output,
                   RunScript("cluster", folder, {absl::StrCat(num_nodes)}));
  const std::vector<std::string> addresses = absl::StrSplit(output, '\n');
  for (size_t i = 0; i < servers.size() && i < addresses.size(); ++i) {
    ASSIGN_OR_RETURN(servers[i]->port_, PortOf(addresses[i]));
  }
  return servers;
}

RedisServer::~RedisServer() {
  RunScript("kill", folder_, {}).status().IgnoreError();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
  // The last of a cluster leaves nothing behind.
  std::filesystem::remove(absl::StrCat(top_, "/log"), ignored);
  std::filesystem::remove(top_, ignored);
}

absl::Status RedisServer::Kill() { return RunScript("kill", folder_, {}).status(); }

absl::Status RedisServer::Restart(const std::vector<std::string>& options) {
  ASSIGN_OR_RETURN(const std::string address, RunScript("start", folder_, options));
  ASSIGN_OR_RETURN(port_, PortOf(address));
  return absl::OkStatus();
}

absl::StatusOr<std::string> RedisServer::Ask(const std::vector<std::string>& words) {
  const std::unique_ptr<redisContext, void (*)(redisContext*)> context(
      redisConnectUnix(absl::StrCat(folder_, "/s").c_str()), redisFree);
  if (context == nullptr || context->err != 0) {
    return absl::UnavailableError("the server's socket cannot be reached");
  }
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  auto* const reply = static_cast<redisReply*>(
      redisCommandArgv(context.get(), static_cast<int>(texts.size()), texts.data(), sizes.data()));
  const std::unique_ptr<redisReply, void (*)(void*)> owned(reply, freeReplyObject);
  if (reply == nullptr) {
    return absl::UnavailableError(context->errstr);
  }
  std::string text = ToText(*reply);
  return reply->type == REDIS_REPLY_ERROR ? absl::StatusOr<std::string>(absl::InternalError(text))
                                          : std::move(text);
}

absl::Status RedisServer::Run(const std::vector<std::string>& commands) {
  for (const std::string& command : commands) {
    RETURN_IF_ERROR(Ask(Words(command)).status());
  }
  return absl::OkStatus();
}

int64_t RedisServer::Calls(std::string_view command) {
  const auto statistics = Ask({"INFO", "commandstats"});
  int64_t calls = 0;
  const std::string start = absl::StrCat("cmdstat_", command, ":calls=");
  for (std::string_view line : absl::StrSplit(statistics.value_or(""), '\n')) {
    if (absl::StartsWith(line, start)) {
      line.remove_prefix(start.size());
      static_cast<void>(absl::SimpleAtoi(line.substr(0, line.find(',')), &calls));
    }
  }
  return calls;
}

void RedisServer::ResetStatistics() { Ask({"CONFIG", "RESETSTAT"}).status().IgnoreError(); }

absl::StatusOr<std::unique_ptr<sdk::Connector>> RedisServer::MakeConnector(
    const sdk::OptionList& options, const sdk::ConnectorEnvironment& environment) const {
  sdk::OptionList all = options;
  const bool has_server = std::any_of(options.begin(), options.end(), [](const auto& option) {
    return option.first == "host" || option.first == "endpoint";
  });
  if (!has_server) {
    all.emplace_back("host", "127.0.0.1");
    all.emplace_back("port", absl::StrCat(port_));
  }
  sdk::ConnectorRegistry registry;
  registry.Register(kConnectorKind, &MakeRedisConnector);
  return registry.Make(sdk::ConnectorOptions("redis", kConnectorKind, std::move(all)), environment);
}

}  // namespace pallas::redis
