#ifndef PALLAS_TYPES_IP_ADDRESS_H_
#define PALLAS_TYPES_IP_ADDRESS_H_

#include <string>
#include <string_view>

namespace pallas {

// Appends the text of the 16 bytes of an ipaddress: IPv4 if it is a mapped one, else IPv6 as RFC
// 5952 writes it, with no part in decimals.
void AppendIpAddress(std::string_view bytes, std::string* out);

}  // namespace pallas

#endif  // PALLAS_TYPES_IP_ADDRESS_H_
