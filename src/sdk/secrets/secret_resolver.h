#ifndef PALLAS_SDK_SECRETS_SECRET_RESOLVER_H_
#define PALLAS_SDK_SECRETS_SECRET_RESOLVER_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace pallas::sdk {

// Where secrets come from. Thread-safe.
class SecretResolver {
 public:
  virtual ~SecretResolver() = default;

  // The secret of that name, or NOT_FOUND naming it. Never logs a value.
  virtual absl::StatusOr<std::string> GetSecret(std::string_view name) = 0;
};

// Replaces the references in `text`: `${env:NAME}` from the environment, `${file:PATH}` the file's
// content without its trailing newline, `${secret:NAME}` or `${NAME}` from `secrets` (may be null),
// `NAME#key` picks a member of a secret that is a JSON object. Errors name the reference, never a
// value. Text without `${` is returned as it is.
absl::StatusOr<std::string> ResolveSecrets(std::string_view text, SecretResolver* secrets);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_SECRETS_SECRET_RESOLVER_H_
