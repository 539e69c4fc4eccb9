#ifndef PALLAS_CLI_CONFIG_CHECK_H_
#define PALLAS_CLI_CONFIG_CHECK_H_

#include "cli/config.h"
#include "cli/interrupt.h"

namespace pallas::cli {

// `pallas config check`: asks each catalog of the configuration for its databases and looks for the
// folders of the lake. Writes one line for each to standard output: "ok", or what is wrong, and how
// to mend it below. Returns the exit code: 0, 1 if anything is wrong, 128 + a signal.
int RunConfigCheck(const Config& config, InterruptHandler& interrupts);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_CONFIG_CHECK_H_
