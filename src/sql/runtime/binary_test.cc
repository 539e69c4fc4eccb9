#include "sql/runtime/binary.h"

#include <string>

#include "gtest/gtest.h"

namespace pallas::sql {
namespace {

TEST(BinaryTest, TextFormsAndBack) {
  EXPECT_EQ(ToHex("hello world"), "68656C6C6F20776F726C64");
  EXPECT_EQ(*FromHex("616263"), "abc");
  EXPECT_EQ(FromHex("616").status().message(), "invalid input length 3");
  EXPECT_EQ(FromHex("6x").status().message(), "not a hexadecimal digit: \"x\" = 120");
  EXPECT_EQ(ToBase64("hello world", Base64Alphabet::kBasic), "aGVsbG8gd29ybGQ=");
  EXPECT_EQ(ToBase64("\xfb\xff", Base64Alphabet::kUrl), "-_8=");
  EXPECT_EQ(*FromBase64("aGVsbG8gd29ybGQ=", Base64Alphabet::kBasic), "hello world");
  EXPECT_EQ(*FromBase64("aGVsbG8gd29ybGQ", Base64Alphabet::kBasic), "hello world");
  EXPECT_EQ(*FromBase64("", Base64Alphabet::kBasic), "");
  EXPECT_EQ(FromBase64("a", Base64Alphabet::kBasic).status().message(),
            "Input byte[] should at least have 2 bytes for base64 bytes");
  EXPECT_EQ(FromBase64("YW=", Base64Alphabet::kBasic).status().message(),
            "Input byte array has wrong 4-byte ending unit");
  EXPECT_EQ(FromBase64("YW_j", Base64Alphabet::kBasic).status().message(),
            "Illegal base64 character 5f");
  EXPECT_EQ(FromBase64("YWJjY", Base64Alphabet::kBasic).status().message(),
            "Last unit does not have enough valid bits");
  EXPECT_EQ(ToBase32("hello world"), "NBSWY3DPEB3W64TMMQ======");
  EXPECT_EQ(*FromBase32("NBSWY3DPEB3W64TMMQ======"), "hello world");
  EXPECT_EQ(FromBase32("a").status().message(), "Invalid input length 1");
  EXPECT_EQ(FromBase32("1=").status().message(), "Invalid input length 1");
  EXPECT_EQ(FromBase32("A1").status().message(), "Unrecognized character: 1");
}

TEST(BinaryTest, InvalidUtf8IsReplaced) {
  EXPECT_EQ(*FromUtf8("X\xdf", 0xFFFD), "X\ufffd");
  EXPECT_EQ(*FromUtf8("\xf0\x9f\x92\xb0", "#"), "💰");
  EXPECT_EQ(*FromUtf8("a\xed\xa0\x80z", "#"), "a#z");
  EXPECT_EQ(*FromUtf8("a\xc0\x80z", ""), "az");
  EXPECT_EQ(FromUtf8("a", "xy").status().message(),
            "Replacement character string must empty or a single character");
  EXPECT_EQ(FromUtf8("a", 0x110000).status().message(), "Invalid replacement character");
}

TEST(BinaryTest, Digests) {
  EXPECT_EQ(ToHex(Digest(DigestKind::kMd5, "hashme")), "533F6357E0210E67D91F651BC49E1278");
  EXPECT_EQ(ToHex(Digest(DigestKind::kSha1, "hashme")), "FB78992E561929A6967D5328F49413FA99048D06");
  EXPECT_EQ(ToHex(*Hmac(DigestKind::kMd5, "", "key")), "63530468A04E386459855DA0063B6596");
  EXPECT_EQ(ToHex(*Hmac(DigestKind::kSha256, "hashme", "key")),
            "D3D72F9FACDE059DA3A4EB43A9ABDD4B35118E0FEF00E6D16FB04BB332AF0484");
  EXPECT_FALSE(Hmac(DigestKind::kMd5, "x", "").ok());
  EXPECT_EQ(Crc32("ABCDEFGHIJK"), 1129618807U);
  EXPECT_EQ(XxHash64(""), 0xEF46DB3751D8E999U);
  EXPECT_EQ(XxHash64("hashme"), 0xF9D96E0E1165E892U);
  EXPECT_EQ(XxHash64("a"), 0xD24EC4F1A98C6E5BU);
}

TEST(BinaryTest, NumbersAndParts) {
  EXPECT_EQ(ToHex(BigEndian(0x80000001U, 4)), "80000001");
  EXPECT_EQ(FromBigEndian(BigEndian(77, 8)), 77U);
  EXPECT_EQ(SubstringBytes("abcdef", 2, 3), "bcd");
  EXPECT_EQ(SubstringBytes("abcdef", -2, 30), "ef");
  EXPECT_EQ(SubstringBytes("abcdef", -9, 3), "");
  EXPECT_EQ(SubstringBytes("abcdef", 9, 3), "");
}

}  // namespace
}  // namespace pallas::sql
