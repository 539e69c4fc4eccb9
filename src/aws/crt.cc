#include "aws/crt.h"

#include <aws/auth/auth.h>
#include <aws/common/allocator.h>

namespace pallas::aws {

aws_allocator* Crt() {
  static aws_allocator* const kAllocator = [] {
    aws_allocator* allocator = aws_default_allocator();
    aws_auth_library_init(allocator);
    return allocator;
  }();
  return kAllocator;
}

}  // namespace pallas::aws
