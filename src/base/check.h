#ifndef PALLAS_BASE_CHECK_H_
#define PALLAS_BASE_CHECK_H_

// CHECK states what must be true of our own code and is always on; DCHECK is on where
// PALLAS_CHECKS is defined (dev, test and sanitizer builds). Input, however odd, never reaches one.

namespace pallas {

// Prints where and what to standard error and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace pallas

#define CHECK(condition)                                     \
  do {                                                       \
    if (!(condition)) [[unlikely]] {                         \
      ::pallas::CheckFailed(__FILE__, __LINE__, #condition); \
    }                                                        \
  } while (false)

#ifdef PALLAS_CHECKS
#define DCHECK(condition) CHECK(condition)
#else
#define DCHECK(condition) \
  do {                    \
  } while (false && (condition))
#endif

#endif  // PALLAS_BASE_CHECK_H_
