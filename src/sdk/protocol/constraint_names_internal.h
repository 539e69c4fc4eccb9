#ifndef PALLAS_SDK_PROTOCOL_CONSTRAINT_NAMES_INTERNAL_H_
#define PALLAS_SDK_PROTOCOL_CONSTRAINT_NAMES_INTERNAL_H_

#include <array>
#include <cstdint>

// Words of constraints on the wire (sections 5.9-5.13 and 7).

namespace pallas::sdk::protocol {

// A discriminator: from version 2 on, and in version 1.
struct Discriminator {
  const char* since2;
  const char* in1;
};

inline constexpr Discriminator kSortedRanges = {"SortedRangeSet", "sortable"};
inline constexpr Discriminator kEquatable = {"EquatableValueSet", "equatable"};
inline constexpr Discriminator kAllOrNone = {"AllOrNoneValueSet", "allOrNone"};
inline constexpr Discriminator kConstant = {"ConstantExpression", "constant"};
inline constexpr Discriminator kVariable = {"VariableExpression", "variable"};
inline constexpr Discriminator kCall = {"FunctionCallExpression", "functionCall"};

inline constexpr char kBelow[] = "BELOW";
inline constexpr char kExactly[] = "EXACTLY";
inline constexpr char kAbove[] = "ABOVE";

// By SortOrder.
inline constexpr std::array<const char*, 4> kDirections = {"ASC_NULLS_FIRST", "ASC_NULLS_LAST",
                                                           "DESC_NULLS_FIRST", "DESC_NULLS_LAST"};

inline constexpr int64_t kNoLimit = -1;

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_CONSTRAINT_NAMES_INTERNAL_H_
