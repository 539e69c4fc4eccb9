#ifndef PALLAS_SDK_CRYPTO_RANDOM_ID_H_
#define PALLAS_SDK_CRYPTO_RANDOM_ID_H_

#include <string>

#include "absl/status/statusor.h"

namespace pallas::sdk {

// A random UUID (version 4) as text. Any thread.
absl::StatusOr<std::string> RandomUuid();

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_CRYPTO_RANDOM_ID_H_
