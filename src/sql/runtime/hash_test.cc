#include "sql/runtime/hash.h"

#include <string>

#include <gtest/gtest.h>

namespace pallas::sql {
namespace {

TEST(HashTest, SpookyHash) {
  EXPECT_EQ(SpookyHashV2(""), 0x232706fc6bf50919U);
  EXPECT_EQ(SpookyHashV2("hello"), 0x3768826ad382e6caU);
  EXPECT_EQ(SpookyHashV2(std::string(40, 'x')), 0x3e7a8f101a8c3d37U);
  EXPECT_EQ(SpookyHashV2(std::string(500, 'x')), 0x86e9ec9935a7ddcfU);
}

TEST(HashTest, Murmur3) {
  EXPECT_EQ(Murmur3("").first, 0U);
  EXPECT_EQ(Murmur3("hello").first, 0xcbd8a7b341bd9b02U);
  EXPECT_EQ(Murmur3(std::string(40, 'x')).second, 0x6b7b099d929ebfe2U);
}

}  // namespace
}  // namespace pallas::sql
