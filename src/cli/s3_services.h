#ifndef PALLAS_CLI_S3_SERVICES_H_
#define PALLAS_CLI_S3_SERVICES_H_

#include <vector>

#include "cli/config.h"

#include "storage/locations.h"

namespace pallas::cli {

// The services of the configuration as storage/ wants them. Nothing is contacted, and secrets are
// looked up when they are needed first.
std::vector<storage::S3Service> MakeS3Services(const std::vector<S3Config>& configs);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_S3_SERVICES_H_
