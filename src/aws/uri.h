#ifndef PALLAS_AWS_URI_H_
#define PALLAS_AWS_URI_H_

#include <string>
#include <string_view>

namespace pallas::aws {

// Percent-encodes all bytes but letters, digits and `-_.~`, as signatures want it.
std::string EncodeUriPart(std::string_view text);

// As EncodeUriPart, but leaves `/` as it is: for the keys of objects.
std::string EncodeUriPath(std::string_view path);

// The opposite, as S3 wants its listings read: `+` is a space. A percent sign that begins no code
// stands for itself.
std::string DecodeUri(std::string_view text);

}  // namespace pallas::aws

#endif  // PALLAS_AWS_URI_H_
