#ifndef PALLAS_CLI_CONNECTOR_COMMAND_H_
#define PALLAS_CLI_CONNECTOR_COMMAND_H_

#include <string>
#include <vector>

#include "cli/config.h"
#include "cli/interrupt.h"

namespace pallas::cli {

struct ConnectorServeOptions {
  std::string address = "127.0.0.1";
  int port = 9001;  // 0: a free one
};

// `pallas connector serve`: the catalogs of the configuration as Lambda functions of their names,
// behind Lambda's Invoke operation, until a signal comes. Where and how they spill is told by the
// variables of `environment` (in environ's form) that a Java connector reads: spill_bucket,
// spill_prefix, disable_spill_encryption, MAX_BLOCK_SIZE_BYTES, and AWS' own. Writes the address to
// standard output once it listens. Returns the exit code: 0 after a signal, 1 if it cannot start.
int RunConnectorServe(const Config& config, const ConnectorServeOptions& options,
                      const std::vector<std::string>& environment, InterruptHandler& interrupts);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_CONNECTOR_COMMAND_H_
