#ifndef PALLAS_SDK_PROTOCOL_INVOCATION_H_
#define PALLAS_SDK_PROTOCOL_INVOCATION_H_

#include <string>

namespace pallas::sdk::protocol {

// What comes back from a function that could be invoked, as Lambda gives it: its response, or the
// envelope of its error (error_json.h).
struct Invocation {
  std::string body;
  bool is_error = false;
};

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_INVOCATION_H_
