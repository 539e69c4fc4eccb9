#include "sql/runtime/uuid.h"

#include <gtest/gtest.h>

namespace pallas::sql {
namespace {

TEST(UuidTest, RoundTrips) {
  const absl::StatusOr<Bytes16> uuid = CastTextToUuid("6B5f5b65-67e4-43b0-8ee3-586cd49f58a0");
  ASSERT_TRUE(uuid.ok());
  EXPECT_EQ((*uuid)[0], 0x6B);
  EXPECT_EQ(UuidToText(*uuid), "6b5f5b65-67e4-43b0-8ee3-586cd49f58a0");
}

TEST(UuidTest, RefusesOtherTexts) {
  EXPECT_EQ(CastTextToUuid("").status().message(), "Cannot cast value to UUID: ");
  EXPECT_EQ(CastTextToUuid("1-2-3-4-1").status().message(), "Invalid UUID string length: 9");
  EXPECT_EQ(CastTextToUuid("6b5f5b65-67e4-43b0-8ee3-586cd49f58ag").status().message(),
            "Cannot cast value to UUID: 6b5f5b65-67e4-43b0-8ee3-586cd49f58ag");
  EXPECT_FALSE(CastTextToUuid("6b5f5b65067e4-43b0-8ee3-586cd49f58a0").ok());
}

TEST(IpAddressTest, RoundTrips) {
  for (const char* text :
       {"1.2.3.4", "2001:db8::ff00:42:8329", "::1", "::", "::102:304", "1::", "0:0:1::1:0"}) {
    const absl::StatusOr<Bytes16> address = CastTextToIpAddress(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(IpAddressToText(*address), text);
  }
  EXPECT_EQ(IpAddressToText(*CastTextToIpAddress("::ffff:1.2.3.4")), "1.2.3.4");
}

TEST(IpAddressTest, Networks) {
  const auto contains = [](std::string_view network, std::string_view address) {
    const Bytes16 bytes = *CastTextToIpAddress(address);
    const absl::StatusOr<bool> answer =
        NetworkContains(network, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return answer.ok() ? std::string(*answer ? "yes" : "no")
                       : std::string(answer.status().message());
  };
  EXPECT_EQ(contains("10.0.0.0/8", "10.1.1.1"), "yes");
  EXPECT_EQ(contains("10.0.0.0/8", "11.1.1.1"), "no");
  EXPECT_EQ(contains("0.0.0.0/0", "2001::1"), "no");
  EXPECT_EQ(contains("2001:db8:1::/32", "2001:db8:2::1"), "yes");
  EXPECT_EQ(contains("10.1.2.3/16", "10.1.2.3"), "Invalid CIDR");
  EXPECT_EQ(contains("10.0.0.0", "10.1.2.3"), "Invalid CIDR");
  EXPECT_EQ(contains("10.0.0.0/-1", "10.1.2.3"), "Invalid prefix length");
  EXPECT_EQ(contains("x/8", "10.1.2.3"), "Invalid network IP address");
}

TEST(IpAddressTest, RefusesOtherTexts) {
  for (const char* text : {"", "1.2.3", "1.2.3.400", "facebook.com", "1:2:3:4:5:6:7:8:9",
                           "0000:0000:0000:0000:0000:ffff:255.255.255.2555"}) {
    EXPECT_EQ(CastTextToIpAddress(text).status().message(),
              std::string("Cannot cast value to IPADDRESS: ") + text);
  }
}

}  // namespace
}  // namespace pallas::sql
