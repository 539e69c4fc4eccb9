#ifndef PALLAS_AWS_CRT_H_
#define PALLAS_AWS_CRT_H_

#include <string_view>

#include <aws/common/byte_buf.h>

struct aws_allocator;

namespace pallas::aws {

// The allocator of the AWS Common Runtime, whose libraries the first call initialises. They stay
// for the life of the process. Thread-safe.
aws_allocator* Crt();

// The runtime's views of text; borrow it.
inline aws_byte_cursor ToCursor(std::string_view text) {
  return aws_byte_cursor_from_array(text.data(), text.size());
}

inline std::string_view FromCursor(const aws_byte_cursor& cursor) {
  return {reinterpret_cast<const char*>(cursor.ptr), cursor.len};
}

}  // namespace pallas::aws

#endif  // PALLAS_AWS_CRT_H_
