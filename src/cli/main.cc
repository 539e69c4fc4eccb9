#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "cli/config.h"
#include "cli/config_check.h"
#include "cli/connector_command.h"
#include "cli/demo/demo_command.h"
#include "cli/interrupt.h"
#include "cli/sql_command.h"
#include <CLI/CLI.hpp>
#include <unistd.h>

#include "base/error_detail.h"

namespace pallas::cli {
namespace {

constexpr int kExitError = 1;
constexpr int kExitUsage = 2;

std::vector<std::string> Environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    variables.emplace_back(*variable);
  }
  return variables;
}

// What every subcommand takes.
struct CommonOptions {
  std::string config_file;
  std::string data_dir;
};

void AddCommonOptions(CLI::App& command, CommonOptions* options) {
  command.add_option("--config", options->config_file, "Configuration file (TOML)");
  command.add_option("--data", options->data_dir, "Folder that holds all state");
}

const std::map<std::string, OutputFormat>& Formats() {
  static const std::map<std::string, OutputFormat> formats = {
      {"table", OutputFormat::kTable}, {"vertical", OutputFormat::kVertical},
      {"csv", OutputFormat::kCsv},     {"json", OutputFormat::kJson},
      {"arrow", OutputFormat::kArrow}, {"parquet", OutputFormat::kParquet}};
  return formats;
}

absl::StatusOr<Config> Load(const CommonOptions& options) {
  absl::StatusOr<Config> config = LoadConfig(options.config_file, Environment());
  if (config.ok() && !options.data_dir.empty()) {
    config->data_dir = options.data_dir;
  }
  return config;
}

void AddSqlCommand(CLI::App& app, CommonOptions* common, SqlCommandOptions* options) {
  CLI::App* command =
      app.add_subcommand("sql", "Run SQL statements and print their rows; on a terminal, a shell");
  AddCommonOptions(*command, common);
  auto* statement = command->add_option("-e,--execute", options->statement, "Statements to run");
  command->add_option("-f,--file", options->file, "File with statements; - is standard input")
      ->excludes(statement);
  command->add_option("--catalog", options->catalog, "Catalog of unqualified names")
      ->capture_default_str();
  command->add_option("--database", options->database, "Database of unqualified names")
      ->capture_default_str();
  command
      ->add_option_function<std::string>(
          "--format", [options](const std::string& name) { options->format = Formats().at(name); },
          "table (default), vertical, csv, json, arrow or parquet")
      ->transform(CLI::IsMember(&Formats(), CLI::ignore_case).description(""));
  command->add_option("-o,--output", options->output, "File for the rows; default standard output");
}

void AddDemoCommand(CLI::App& app, DemoCommandOptions* options) {
  CLI::App* command =
      app.add_subcommand("demo", "Build a data mesh of local servers on this machine and query it");
  command->add_option("--scale", options->scale, "Scale of the TPC-H tables; 1 is a gigabyte")
      ->capture_default_str();
  command->add_option("--data", options->folder, "Folder that holds all of the demo");
  auto* const stop = command->add_flag_callback(
      "--stop", [options] { options->action = DemoAction::kStop; },
      "Stop the servers and remove all that the demo has made");
  command
      ->add_flag_callback(
          "--status", [options] { options->action = DemoAction::kStatus; },
          "Show which servers run")
      ->excludes(stop);
}

void AddConfigCommand(CLI::App& app, CommonOptions* common) {
  CLI::App* command = app.add_subcommand("config", "Look after the configuration");
  command->require_subcommand(1);
  CLI::App* check =
      command->add_subcommand("check", "Validate the configuration and connect to every source");
  AddCommonOptions(*check, common);
}

void AddConnectorCommand(CLI::App& app, CommonOptions* common, ConnectorServeOptions* options) {
  CLI::App* command = app.add_subcommand("connector", "Connectors as Lambda functions");
  command->require_subcommand(1);
  CLI::App* serve = command->add_subcommand(
      "serve", "Serve the catalogs of the configuration as Lambda functions of their names");
  serve->add_option("--config", common->config_file, "Configuration file (TOML)");
  serve->add_option("--address", options->address, "Address of this machine to listen on")
      ->capture_default_str();
  serve->add_option("--port", options->port, "Port; 0 takes a free one")->capture_default_str();
}

int Main(int argc, char** argv) {
  InterruptHandler interrupts;
  CLI::App app("Pallas: one SQL over your data where it lies", "pallas");
  app.set_version_flag("--version", "pallas " PALLAS_VERSION);
  app.require_subcommand(1);
  CommonOptions common;
  SqlCommandOptions sql_options;
  AddSqlCommand(app, &common, &sql_options);
  AddConfigCommand(app, &common);
  ConnectorServeOptions serve_options;
  AddConnectorCommand(app, &common, &serve_options);
  DemoCommandOptions demo_options;
  AddDemoCommand(app, &demo_options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  if (app.got_subcommand("demo")) {
    return RunDemoCommand(demo_options, Environment(), interrupts);
  }
  const absl::StatusOr<Config> config = Load(common);
  if (!config.ok()) {
    PrintError(config.status());
    return kExitError;
  }
  if (app.got_subcommand("config")) {
    return RunConfigCheck(*config, interrupts);
  }
  if (app.got_subcommand("connector")) {
    return RunConnectorServe(*config, serve_options, Environment(), interrupts);
  }
  return RunSqlCommand(*config, sql_options, interrupts);
}

}  // namespace
}  // namespace pallas::cli

int main(int argc, char** argv) { return pallas::cli::Main(argc, argv); }
