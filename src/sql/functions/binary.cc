#include <string>

#include "absl/strings/str_cat.h"

#include "sql/functions/registry_builder.h"

namespace pallas::sql {

void AddBinaryFunctions(RegistryBuilder& b) {
  b.Scalar("length(varbinary)", "bigint").Doc("Bytes");
  b.Scalar("reverse(varbinary)", "varbinary").Doc("Bytes in reverse order");
  b.Scalar("substr(varbinary,bigint)", "varbinary").Doc("From that byte, from the end if negative");
  b.Scalar("substr(varbinary,bigint,bigint)", "varbinary").Doc("So many bytes from that place");
  b.Scalar("lpad(varbinary,bigint,varbinary)", "varbinary")
      .Raises()
      .Doc("Pads or cuts to a size, on the left");
  b.Scalar("rpad(varbinary,bigint,varbinary)", "varbinary")
      .Raises()
      .Doc("Pads or cuts to a size, on the right");
  b.Scalar("to_utf8(varchar(x))", "varbinary").Doc("The bytes of a text");
  b.Scalar("to_utf8(char(x))", "varbinary").Doc("The bytes of a text, with padding");
  b.Scalar("from_utf8(varbinary)", "varchar").Doc("The text of bytes; U+FFFD for invalid ones");
  b.Scalar("from_utf8(varbinary,varchar(x))", "varchar")
      .Raises()
      .Doc("The text of bytes, with a replacement for invalid ones");
  b.Scalar("from_utf8(varbinary,bigint)", "varchar")
      .Raises()
      .Doc("The text of bytes, with a code point for invalid ones");
  b.Scalar("to_hex(varbinary)", "varchar").Doc("Two upper-case digits a byte");
  for (std::string_view type : {"varchar(x)", "varbinary"}) {
    b.Scalar(absl::StrCat("from_hex(", type, ")"), "varbinary")
        .Raises()
        .Doc("The bytes of hexadecimal digits");
    b.Scalar(absl::StrCat("from_base64(", type, ")"), "varbinary")
        .Raises()
        .Doc("The bytes of base64 text");
    b.Scalar(absl::StrCat("from_base64url(", type, ")"), "varbinary")
        .Raises()
        .Doc("The bytes of base64 text in the URL alphabet");
    b.Scalar(absl::StrCat("from_base32(", type, ")"), "varbinary")
        .Raises()
        .Doc("The bytes of base32 text");
  }
  b.Scalar("to_base64(varbinary)", "varchar").Doc("As base64");
  b.Scalar("to_base64url(varbinary)", "varchar").Doc("As base64 in the URL alphabet");
  b.Scalar("to_base32(varbinary)", "varchar").Doc("As base32");
  for (std::string_view name : {"md5", "sha1", "sha256", "sha512"}) {
    b.Scalar(absl::StrCat(name, "(varbinary)"), "varbinary").Doc("Digest");
    b.Scalar(absl::StrCat("hmac_", name, "(varbinary,varbinary)"), "varbinary")
        .Raises()
        .Doc("Keyed digest; the key is the second");
  }
  b.Scalar("crc32(varbinary)", "bigint").Doc("Checksum");
  b.Scalar("xxhash64(varbinary)", "varbinary").Doc("Hash, not for secrets");
  b.Scalar("spooky_hash_v2_32(varbinary)", "varbinary").Doc("Hash of 4 bytes, not for secrets");
  b.Scalar("spooky_hash_v2_64(varbinary)", "varbinary").Doc("Hash of 8 bytes, not for secrets");
  b.Scalar("murmur3(varbinary)", "varbinary").Doc("Hash of 16 bytes, not for secrets");
  b.Scalar("to_big_endian_32(integer)", "varbinary").Doc("Four bytes, highest first");
  b.Scalar("to_big_endian_64(bigint)", "varbinary").Doc("Eight bytes, highest first");
  b.Scalar("from_big_endian_32(varbinary)", "integer").Raises().Doc("The number of four bytes");
  b.Scalar("from_big_endian_64(varbinary)", "bigint").Raises().Doc("The number of eight bytes");
  b.Scalar("to_ieee754_32(real)", "varbinary").Doc("Four bytes, highest first");
  b.Scalar("to_ieee754_64(double)", "varbinary").Doc("Eight bytes, highest first");
  b.Scalar("from_ieee754_32(varbinary)", "real").Raises().Doc("The number of four bytes");
  b.Scalar("from_ieee754_64(varbinary)", "double").Raises().Doc("The number of eight bytes");
}

}  // namespace pallas::sql
