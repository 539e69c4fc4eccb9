#include "cli/demo/demo.h"

#include <filesystem>
#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/demo/dynamodb_loader.h"
#include "cli/demo/lake_loader.h"
#include "cli/demo/mariadb_session.h"
#include "cli/demo/mesh.h"
#include "cli/demo/programs.h"
#include "cli/demo/redis_session.h"
#include "cli/text_file.h"

#include "base/status_macros.h"

namespace pallas::cli {
namespace {

constexpr double kMaxScale = 100;  // 100 GB of text
constexpr int kDigitsOfGroup = 3;

// A text as TOML writes it.
std::string TomlText(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&quoted, "\\", std::string_view(&c, 1));
    } else if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
      absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      quoted.push_back(c);
    }
  }
  quoted.push_back('"');
  return quoted;
}

// `{ n_name = "varchar(25)", ... }`
std::string TomlColumns(const TpchTable& table) {
  return absl::StrCat("{ ",
                      absl::StrJoin(table.columns, ", ",
                                    [](std::string* out, const TpchColumn& column) {
                                      absl::StrAppend(
                                          out, column.name, " = ",
                                          TomlText(column.is_text() ? "varchar" : column.type));
                                    }),
                      " }");
}

std::string Seconds(absl::Duration duration) {
  return absl::StrFormat("%.1f s", absl::ToDoubleSeconds(duration));
}

// Runs one step: tells what and how it ended. `work` returns the outcome's words.
absl::Status RunStep(DemoProgress& progress, std::string_view step,
                     const std::function<absl::StatusOr<std::string>()>& work) {
  const absl::Time start = absl::Now();
  progress.Begin(step);
  const absl::StatusOr<std::string> outcome = work();
  progress.End(outcome.ok() ? absl::StrCat(*outcome, ", ", Seconds(absl::Now() - start))
                            : "failed");
  return outcome.status();
}

// The words for what a loader has done; 0: nothing was left to do.
std::string Loaded(int64_t rows) {
  return rows == 0 ? "there already" : absl::StrCat(GroupDigits(rows), " rows");
}

// The scale in one spelling, since it tells tables apart.
absl::StatusOr<std::string> CheckScale(const std::string& scale) {
  double number = 0;
  if (!absl::SimpleAtod(scale, &number) || !(number > 0) || number > kMaxScale) {
    return absl::InvalidArgumentError(
        absl::StrCat("--scale '", scale, "' is not a number above 0 and up to ", kMaxScale));
  }
  return absl::StrCat(number);
}

}  // namespace

std::string GroupDigits(int64_t number) {
  std::string text = absl::StrCat(number);
  const size_t first = text.front() == '-' ? 1 : 0;
  for (size_t end = text.size(); end > first + kDigitsOfGroup;) {
    end -= kDigitsOfGroup;
    text.insert(end, ",");
  }
  return text;
}

Demo::Demo(DemoFolder folder, std::string scale, MariaDbAccount account, std::string redis_password)
    : folder_(std::move(folder)),
      scale_(std::move(scale)),
      mariadb_(folder_.PathOf("servers/mariadb"), std::move(account)),
      redis_(folder_.PathOf("servers/redis"), std::move(redis_password)),
      dynamodb_(folder_.PathOf("servers/dynamodb")) {}

absl::StatusOr<std::unique_ptr<Demo>> Demo::Make(DemoFolder folder, const std::string& scale) {
  MariaDbAccount account = {.user = "pallas", .password = "", .database = kSalesDatabase};
  ASSIGN_OR_RETURN(account.password, folder.Password("mysql"));
  ASSIGN_OR_RETURN(std::string redis_password, folder.Password("redis"));
  return std::unique_ptr<Demo>(
      new Demo(std::move(folder), scale, std::move(account), std::move(redis_password)));
}

absl::StatusOr<std::unique_ptr<Demo>> Demo::Open(const DemoOptions& options) {
  ASSIGN_OR_RETURN(const std::string scale, CheckScale(options.scale));
  RETURN_IF_ERROR(CheckPrograms(
      {kMariaDbServer, kMariaDbInstaller, kRedisServer, kJava, kDynamoDbLocal, kTpchGenerator}));
  ASSIGN_OR_RETURN(DemoFolder folder, DemoFolder::Open(options.folder));
  return Make(std::move(folder), scale);
}

absl::StatusOr<std::unique_ptr<Demo>> Demo::OpenPresent(const std::string& folder) {
  ASSIGN_OR_RETURN(DemoFolder present, DemoFolder::OpenPresent(folder));
  return Make(std::move(present), "");
}

std::vector<LocalServer*> Demo::servers() { return {&mariadb_, &redis_, &dynamodb_}; }

std::string Demo::config_file() const { return folder_.PathOf("pallas.toml"); }

absl::Status Demo::StartServers(const sdk::RequestContext& context, DemoProgress& progress) {
  for (LocalServer* const server : servers()) {
    RETURN_IF_ERROR(RunStep(progress, server->name(), [&]() -> absl::StatusOr<std::string> {
      started_.push_back(server);
      ASSIGN_OR_RETURN(const LocalServer::Outcome outcome, server->Start(context));
      if (outcome == LocalServer::Outcome::kWasRunning) {
        started_.pop_back();
      }
      return absl::StrCat(outcome == LocalServer::Outcome::kStarted ? "started on" : "runs on",
                          " 127.0.0.1:", server->port());
    }));
  }
  ASSIGN_OR_RETURN(const std::string configuration, Configuration());
  return WriteTextFile(config_file(), configuration, 0600);
}

absl::StatusOr<std::string> Demo::Configuration() const {
  const auto secret = [this](std::string_view name) {
    return TomlText(absl::StrCat("${file:", folder_.PathOf("secrets/"), name, "}"));
  };
  std::string toml = absl::StrCat(
      "# Written by `pallas demo` at each start; the passwords lie in files beside it.\n",
      "data = ", TomlText(folder_.PathOf("data")), "\n\n[catalogs.mysql]\nconnector = \"mysql\"\n",
      "host = \"127.0.0.1\"\nport = ", mariadb_.port(),
      "\nuser = ", TomlText(mariadb_.account().user), "\npassword = ", secret("mysql"), "\n");
  absl::StrAppend(&toml, "\n[catalogs.redis]\nconnector = \"redis\"\nhost = \"127.0.0.1\"\nport = ",
                  redis_.port(), "\npassword = ", secret("redis"), "\n");
  const TpchTable& nation = GetTpchTable("nation");
  absl::StrAppend(&toml, "\n[[catalogs.redis.tables]]\nschema = \"redis\"\nname = \"nation\"\n",
                  "key_prefix = ", TomlText(RedisKeyPrefix(nation)),
                  "\nvalue_type = \"hash\"\ncolumns = ", TomlColumns(nation), "\n");
  absl::StrAppend(&toml,
                  "\n[[catalogs.redis.tables]]\nschema = \"redis\"\nname = \"active_orders\"\n",
                  "key_prefix = ", TomlText(kActiveOrdersKey),
                  "\nvalue_type = \"zset\"\ncolumns = { o_orderkey = \"bigint\" }\n");
  absl::StrAppend(
      &toml, "\n[catalogs.dynamo]\nconnector = \"dynamodb\"\nregion = ", TomlText(kDynamoDbRegion),
      "\n", "endpoint = ", TomlText(dynamodb_.endpoint()),
      "\naccess_key = \"demo\"      # DynamoDB Local takes any\n", "secret_key = \"demo\"\n");
  for (const std::string_view name : kDynamoDbTables) {
    absl::StrAppend(&toml, "\n[[catalogs.dynamo.tables]]\nname = ", TomlText(name),
                    "\ncolumns = ", TomlColumns(GetTpchTable(name)), "\n");
  }
  return toml;
}

absl::StatusOr<TpchGenerator> Demo::MakeGenerator() const {
  return TpchGenerator::Make(scale_, folder_.PathOf("tables"));
}

absl::Status Demo::LoadServers(const sdk::RequestContext& context, DemoProgress& progress) {
  ASSIGN_OR_RETURN(TpchGenerator generator, MakeGenerator());
  for (const std::string_view name : kMariaDbTables) {
    RETURN_IF_ERROR(RunStep(progress, absl::StrCat("MariaDB   ", name), [&] {
      absl::StatusOr<int64_t> rows =
          LoadIntoMariaDb(context, mariadb_, GetTpchTable(name), generator);
      return rows.ok() ? absl::StatusOr<std::string>(Loaded(*rows)) : rows.status();
    }));
  }
  RETURN_IF_ERROR(LoadRedis(context, generator, progress));
  for (const std::string_view name : kDynamoDbTables) {
    RETURN_IF_ERROR(
        RunStep(progress, absl::StrCat("DynamoDB  ", name), [&]() -> absl::StatusOr<std::string> {
          ASSIGN_OR_RETURN(
              const int64_t rows,
              LoadIntoDynamoDb(context, dynamodb_, GetTpchTable(name), generator,
                               [&](int64_t written) { progress.Advance(Loaded(written)); }));
          return rows == 0 ? Loaded(rows) : absl::StrCat(GroupDigits(rows), " items");
        }));
  }
  generator.RemoveFiles();
  return absl::OkStatus();
}

absl::Status Demo::LoadRedis(const sdk::RequestContext& context, TpchGenerator& generator,
                             DemoProgress& progress) {
  RETURN_IF_ERROR(RunStep(progress, "Redis     nation", [&]() -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const int64_t rows,
                     LoadIntoRedis(context, redis_, GetTpchTable("nation"), generator));
    return rows == 0 ? Loaded(rows) : absl::StrCat(GroupDigits(rows), " hashes");
  }));
  return RunStep(progress, "Redis     active_orders", [&]() -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const int64_t rows, LoadActiveOrders(context, redis_, generator));
    return rows == 0 ? Loaded(rows) : absl::StrCat(GroupDigits(rows), " members of a sorted set");
  });
}

absl::Status Demo::LoadLake(const sdk::RequestContext& context, Application& application,
                            DemoProgress& progress) {
  ASSIGN_OR_RETURN(TpchGenerator generator, MakeGenerator());
  const TpchTable& lineitem = GetTpchTable("lineitem");
  RETURN_IF_ERROR(RunStep(progress, "lake      lineitem", [&]() -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(const int64_t bytes, LoadIntoLake(context, application.locations(),
                                                       kLineitemLocation, lineitem, generator));
    return bytes == 0 ? Loaded(bytes)
                      : absl::StrCat("a Parquet file of ", GroupDigits(bytes), " bytes");
  }));
  generator.RemoveFiles();
  sql::Session session = application.default_session();
  session.start_time = absl::Now();
  RETURN_IF_ERROR(
      application.runner()
          .Run(absl::StrCat("CREATE DATABASE IF NOT EXISTS ", kLakeDatabase), session, context)
          .status());
  session.database = kLakeDatabase;
  return application.runner()
      .Run(LakeTableStatement(lineitem, kLineitemLocation), session, context)
      .status();
}

void Demo::TerminateStarted() {
  for (LocalServer* const server : started_) {
    server->Terminate();
  }
}

absl::StatusOr<std::vector<std::string>> Demo::Remove(DemoProgress& progress) {
  for (LocalServer* const server : servers()) {
    progress.Begin(server->name());
    const bool running = server->Running().has_value();
    server->Stop();
    progress.End(running ? "stopped" : "did not run");
  }
  return folder_.Remove();
}

}  // namespace pallas::cli
