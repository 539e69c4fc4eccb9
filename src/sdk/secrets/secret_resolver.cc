#include "sdk/secrets/secret_resolver.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "base/status_macros.h"
#include "simdjson.h"

namespace pallas::sdk {
namespace {

absl::StatusOr<std::string> ReadSecretFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(absl::StrCat("Secret ${file:", path, "}: cannot read the file"));
  }
  std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (absl::EndsWith(content, "\n")) {
    content.pop_back();
    if (absl::EndsWith(content, "\r")) {
      content.pop_back();
    }
  }
  return content;
}

// The member `key` of a secret that is a JSON object of texts, numbers and booleans.
absl::StatusOr<std::string> Member(std::string_view reference, std::string_view key,
                                   const std::string& secret) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  simdjson::dom::element member;
  if (parser.parse(secret).get(document) != simdjson::SUCCESS || !document.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("Secret ${", reference, "}: it is not a JSON object"));
  }
  if (document.at_key(key).get(member) != simdjson::SUCCESS) {
    return absl::NotFoundError(
        absl::StrCat("Secret ${", reference, "}: it has no member '", key, "'"));
  }
  if (std::string_view text; member.get_string().get(text) == simdjson::SUCCESS) {
    return std::string(text);
  }
  return std::string(simdjson::minify(member));
}

absl::StatusOr<std::string> Resolve(std::string_view reference, SecretResolver* secrets) {
  if (absl::StartsWith(reference, "env:")) {
    const std::string name(absl::StripPrefix(reference, "env:"));
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr) {
      return absl::NotFoundError(
          absl::StrCat("Secret ${", reference, "}: the environment has no variable ", name));
    }
    return std::string(value);
  }
  if (absl::StartsWith(reference, "file:")) {
    return ReadSecretFile(std::string(absl::StripPrefix(reference, "file:")));
  }
  const std::string_view name_and_key = absl::StripPrefix(reference, "secret:");
  const size_t hash = name_and_key.find('#');
  const std::string_view name = name_and_key.substr(0, hash);
  if (secrets == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("Secret ${", reference,
                     "}: no secret store is configured; use ${env:NAME} or ${file:PATH}"));
  }
  ASSIGN_OR_RETURN(std::string secret, secrets->GetSecret(name));
  return hash == std::string_view::npos ? secret
                                        : Member(reference, name_and_key.substr(hash + 1), secret);
}

}  // namespace

absl::StatusOr<std::string> ResolveSecrets(std::string_view text, SecretResolver* secrets) {
  std::string out;
  while (true) {
    const size_t start = text.find("${");
    if (start == std::string_view::npos) {
      out.append(text);
      return out;
    }
    const size_t end = text.find('}', start);
    if (end == std::string_view::npos) {
      return absl::InvalidArgumentError("A reference ${... lacks its closing brace");
    }
    out.append(text.substr(0, start));
    ASSIGN_OR_RETURN(const std::string value,
                     Resolve(text.substr(start + 2, end - start - 2), secrets));
    // What a secret holds is not looked at again: it may contain ${ itself.
    out.append(value);
    text.remove_prefix(end + 1);
  }
}

}  // namespace pallas::sdk
