#ifndef PALLAS_CLI_DEMO_DEMO_H_
#define PALLAS_CLI_DEMO_DEMO_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/application.h"
#include "cli/demo/demo_folder.h"
#include "cli/demo/dynamodb_server.h"
#include "cli/demo/mariadb_server.h"
#include "cli/demo/redis_server.h"
#include "cli/demo/tpch_tables.h"

#include "sdk/request_context.h"

namespace pallas::cli {

// Is told what is being done, one step at a time.
class DemoProgress {
 public:
  virtual ~DemoProgress() = default;
  virtual void Begin(std::string_view step) = 0;
  // How far the step is: "3,000 rows".
  virtual void Advance(std::string_view how_far) = 0;
  // REQUIRES: a step has begun.
  virtual void End(std::string_view outcome) = 0;
};

struct DemoOptions {
  std::string folder;          // absolute or relative to the working folder
  std::string scale = "0.01";  // of TPC-H
};

// The data mesh of the demo on this machine: three servers, an object store, the tables of TPC-H
// spread over them, and a configuration that knows them all. Everything lies in one folder, where
// it is found again: each call does what is left to do. The servers live on when this object is
// gone. One thread.
class Demo {
 public:
  // Looks for the programs that the demo needs and takes the folder; starts nothing.
  static absl::StatusOr<std::unique_ptr<Demo>> Open(const DemoOptions& options);

  // The demo that is in `folder`; NOT_FOUND if there is none.
  static absl::StatusOr<std::unique_ptr<Demo>> OpenPresent(const std::string& folder);

  // Starts the servers that do not run, and writes the configuration.
  absl::Status StartServers(const sdk::RequestContext& context, DemoProgress& progress);

  // Loads the tables that are missing or of another scale. REQUIRES: the servers run.
  absl::Status LoadServers(const sdk::RequestContext& context, DemoProgress& progress);

  // The same for the tables of the lake, and their definitions. `application` has config_file().
  absl::Status LoadLake(const sdk::RequestContext& context, Application& application,
                        DemoProgress& progress);

  // Asks the servers that this object has started to end, and waits for nothing: what a cancelled
  // start has to do.
  void TerminateStarted();

  // Stops the servers and removes all that the demo has made. Returns the names of what else is in
  // the folder.
  absl::StatusOr<std::vector<std::string>> Remove(DemoProgress& progress);

  // In the order in which they are started.
  std::vector<LocalServer*> servers();

  MariaDbServer& mariadb() { return mariadb_; }

  RedisServer& redis() { return redis_; }

  DynamoDbServer& dynamodb() { return dynamodb_; }

  const std::string& folder() const { return folder_.path(); }

  const std::string& scale() const { return scale_; }

  std::string config_file() const;

 private:
  Demo(DemoFolder folder, std::string scale, MariaDbAccount account, std::string redis_password);

  static absl::StatusOr<std::unique_ptr<Demo>> Make(DemoFolder folder, const std::string& scale);
  absl::StatusOr<std::string> Configuration() const;
  absl::Status LoadRedis(const sdk::RequestContext& context, TpchGenerator& generator,
                         DemoProgress& progress);
  absl::StatusOr<TpchGenerator> MakeGenerator() const;

  DemoFolder folder_;
  std::string scale_;
  MariaDbServer mariadb_;
  RedisServer redis_;
  DynamoDbServer dynamodb_;
  std::vector<LocalServer*> started_;
};

// 15000 as "15,000".
std::string GroupDigits(int64_t number);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_DEMO_H_
