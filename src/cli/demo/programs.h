#ifndef PALLAS_CLI_DEMO_PROGRAMS_H_
#define PALLAS_CLI_DEMO_PROGRAMS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace pallas::cli {

// Something outside of Pallas that the demo uses, and where it may lie.
struct ProgramPlace {
  std::string_view what;      // "MariaDB's server"
  std::string_view variable;  // of the environment, which wins: PALLAS_MARIADBD
  std::string_view name;      // looked for in PATH and the system's folders; empty: not there
  std::string_view fetched;   // its path below .deps of the source tree; empty: not there
  std::string_view remedy;    // "install the Debian package mariadb-server-core"
  std::string_view other_name = "";  // looked for like `name` where that is nowhere
};

// Each is looked for at its variable, then in .deps beside the source tree that the running program
// was built in, then in PATH, then in /usr/local/sbin, /usr/sbin and /sbin.
inline constexpr ProgramPlace kMariaDbServer = {"MariaDB's server", "PALLAS_MARIADBD", "mariadbd",
                                                "",
                                                "install the Debian package mariadb-server-core"};
inline constexpr ProgramPlace kMariaDbInstaller = {
    "MariaDB's installer", "PALLAS_MARIADB_INSTALL_DB", "mariadb-install-db", "",
    "install the Debian package mariadb-server-core"};
inline constexpr ProgramPlace kRedisServer = {
    "the Redis server", "PALLAS_REDIS_SERVER", "redis-server", "",
    // Which has the server under the name of its checker; the package redis-server would start one.
    "install the Debian package redis-tools", "redis-check-rdb"};
inline constexpr ProgramPlace kJava = {"Java, which DynamoDB Local needs", "PALLAS_JAVA", "java",
                                       "", "install the Debian package openjdk-17-jre-headless"};
inline constexpr ProgramPlace kDynamoDbLocal = {"DynamoDB Local", "PALLAS_DYNAMODB_LOCAL", "",
                                                "dynamodb-local/lib",
                                                "let tools/setup build fetch it"};
inline constexpr ProgramPlace kTpchGenerator = {
    "the generator of the TPC-H tables", "PALLAS_TPCHGEN", "tpchgen-cli", "tpchgen/bin/tpchgen-cli",
    "let tools/setup build fetch it"};

// The path of a program (or folder). NOT_FOUND says where it was looked for and how to get it.
absl::StatusOr<std::string> FindProgram(const ProgramPlace& place);

// OK if all are there; else one error that names each that is missing.
absl::Status CheckPrograms(const std::vector<ProgramPlace>& places);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_PROGRAMS_H_
