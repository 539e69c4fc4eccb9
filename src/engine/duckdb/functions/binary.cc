#include "sql/runtime/binary.h"

#include <bit>
#include <limits>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/scalar_loops.h"
#include "engine/duckdb/functions/tree.h"
#include "sql/runtime/hash.h"
#include "sql/runtime/text.h"
#include "sql/runtime/url.h"
#include "sql/runtime/uuid.h"

// Functions on varbinary: encodings, digests, parts; and those on URLs and network addresses.

namespace pallas::engine {
namespace {

using sql::Base64Alphabet;
using sql::DigestKind;
using std::string_view;

constexpr string_view kUtf8Replacement = "\ufffd";

// The number of the bytes, whose size must be that of T.
template <typename T>
absl::StatusOr<T> NumberOf(string_view bytes, const std::string& error) {
  if (bytes.size() != sizeof(T)) {
    return NamedError("INVALID_FUNCTION_ARGUMENT", error);
  }
  using Bits = std::conditional_t<sizeof(T) == sizeof(uint32_t), uint32_t, uint64_t>;
  return std::bit_cast<T>(static_cast<Bits>(sql::FromBigEndian(bytes)));
}

void AddEncodings(AdapterTable& table) {
  table.Scalar("to_hex(varbinary)", Rows<string_view>(sql::ToHex));
  table.Scalar("to_base32(varbinary)", Rows<string_view>(sql::ToBase32));
  table.Scalar("to_base64(varbinary)", Rows<string_view>([](string_view bytes) {
                 return sql::ToBase64(bytes, Base64Alphabet::kBasic);
               }));
  table.Scalar("to_base64url(varbinary)", Rows<string_view>([](string_view bytes) {
                 return sql::ToBase64(bytes, Base64Alphabet::kUrl);
               }));
  for (string_view type : {"varchar(x)", "varbinary"}) {
    table.Scalar(absl::StrCat("from_hex(", type, ")"), Rows<string_view>(sql::FromHex));
    table.Scalar(absl::StrCat("from_base32(", type, ")"), Rows<string_view>(sql::FromBase32));
    table.Scalar(absl::StrCat("from_base64(", type, ")"), Rows<string_view>([](string_view text) {
                   return sql::FromBase64(text, Base64Alphabet::kBasic);
                 }));
    table.Scalar(absl::StrCat("from_base64url(", type, ")"),
                 Rows<string_view>(
                     [](string_view text) { return sql::FromBase64(text, Base64Alphabet::kUrl); }));
  }
}

void AddUtf8(AdapterTable& table) {
  const auto to_bytes = [](duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
                           duckdb::Vector& result) { result.Reinterpret(arguments.data[0]); };
  table.Private("bytes_of_text", {duckdb::LogicalType::VARCHAR}, duckdb::LogicalType::BLOB,
                to_bytes);
  for (string_view type : {"varchar(x)", "char(x)"}) {
    table.Emit(absl::StrCat("to_utf8(", type, ")"),
               [](const CallSite& site, DuckExprs values) -> absl::StatusOr<DuckExpr> {
                 const Type& from = site.argument(0);
                 if (from.kind() == TypeKind::kChar) {
                   values.push_back(BigintConstant(*from.length()));
                   values = MakeTrees<DuckExpr>(CallPrivate("pad_char", std::move(values)));
                 }
                 return CallPrivate("bytes_of_text", std::move(values));
               });
  }
  table.Scalar("from_utf8(varbinary)", Rows<string_view>([](string_view bytes) {
                 return sql::ReplaceInvalidUtf8(bytes, kUtf8Replacement);
               }));
  table.Scalar("from_utf8(varbinary,varchar(x))",
               Rows<string_view, string_view>([](string_view bytes, string_view replacement) {
                 return sql::FromUtf8(bytes, replacement);
               }));
  table.Scalar("from_utf8(varbinary,bigint)",
               Rows<string_view, int64_t>([](string_view bytes, int64_t replacement) {
                 return sql::FromUtf8(bytes, replacement);
               }));
}

void AddDigests(AdapterTable& table) {
  struct Named {
    string_view name;
    DigestKind kind;
  };

  for (const auto& [name, digest] :
       {Named{"md5", DigestKind::kMd5}, Named{"sha1", DigestKind::kSha1},
        Named{"sha256", DigestKind::kSha256}, Named{"sha512", DigestKind::kSha512}}) {
    table.Scalar(
        absl::StrCat(name, "(varbinary)"),
        Rows<string_view>([kind = digest](string_view bytes) { return sql::Digest(kind, bytes); }));
    table.Scalar(
        absl::StrCat("hmac_", name, "(varbinary,varbinary)"),
        Rows<string_view, string_view>([kind = digest](string_view bytes, string_view key) {
          return sql::Hmac(kind, bytes, key);
        }));
  }
  table.Scalar("crc32(varbinary)", Rows<string_view>([](string_view bytes) {
                 return static_cast<int64_t>(sql::Crc32(bytes));
               }));
  table.Scalar("xxhash64(varbinary)", Rows<string_view>([](string_view bytes) {
                 return sql::BigEndian(sql::XxHash64(bytes), sizeof(uint64_t));
               }));
  table.Scalar("spooky_hash_v2_32(varbinary)", Rows<string_view>([](string_view bytes) {
                 return sql::BigEndian(sql::SpookyHashV2(bytes), sizeof(uint32_t));
               }));
  table.Scalar("spooky_hash_v2_64(varbinary)", Rows<string_view>([](string_view bytes) {
                 return sql::BigEndian(sql::SpookyHashV2(bytes), sizeof(uint64_t));
               }));
  // Both halves with their lowest byte first.
  table.Scalar("murmur3(varbinary)", Rows<string_view>([](string_view bytes) {
                 const auto [first, second] = sql::Murmur3(bytes);
                 std::string hash =
                     sql::BigEndian(second, sizeof(second)) + sql::BigEndian(first, sizeof(first));
                 return std::string(hash.rbegin(), hash.rend());
               }));
}

void AddNumbers(AdapterTable& table) {
  table.Scalar("to_big_endian_32(integer)", Rows<int32_t>([](int32_t value) {
                 return sql::BigEndian(static_cast<uint32_t>(value), sizeof(value));
               }));
  table.Scalar("to_big_endian_64(bigint)", Rows<int64_t>([](int64_t value) {
                 return sql::BigEndian(static_cast<uint64_t>(value), sizeof(value));
               }));
  table.Scalar("to_ieee754_32(real)", Rows<float>([](float value) {
                 return sql::BigEndian(std::bit_cast<uint32_t>(value), sizeof(value));
               }));
  table.Scalar("to_ieee754_64(double)", Rows<double>([](double value) {
                 // All NaNs are one.
                 const double plain =
                     value == value ? value : std::numeric_limits<double>::quiet_NaN();
                 return sql::BigEndian(std::bit_cast<uint64_t>(plain), sizeof(value));
               }));
  table.Scalar("from_big_endian_32(varbinary)", Rows<string_view>([](string_view bytes) {
                 return NumberOf<int32_t>(
                     bytes, absl::StrCat("expected 4-byte input, but got instead: ", bytes.size()));
               }));
  table.Scalar("from_big_endian_64(varbinary)", Rows<string_view>([](string_view bytes) {
                 return NumberOf<int64_t>(
                     bytes, absl::StrCat("expected 8-byte input, but got instead: ", bytes.size()));
               }));
  table.Scalar("from_ieee754_32(varbinary)", Rows<string_view>([](string_view bytes) {
                 return NumberOf<float>(bytes,
                                        "Input floating-point value must be exactly 4 bytes long");
               }));
  table.Scalar("from_ieee754_64(varbinary)", Rows<string_view>([](string_view bytes) {
                 return NumberOf<double>(bytes,
                                         "Input floating-point value must be exactly 8 bytes long");
               }));
}

void AddParts(AdapterTable& table) {
  table.Scalar("length(varbinary)", Rows<string_view>([](string_view bytes) {
                 return static_cast<int64_t>(bytes.size());
               }));
  table.Scalar("reverse(varbinary)", Rows<string_view>([](string_view bytes) {
                 return std::string(bytes.rbegin(), bytes.rend());
               }));
  table.Scalar("substr(varbinary,bigint)",
               Rows<string_view, int64_t>([](string_view bytes, int64_t start) {
                 return sql::SubstringBytes(bytes, start, std::numeric_limits<int64_t>::max());
               }));
  table.Scalar("substr(varbinary,bigint,bigint)",
               Rows<string_view, int64_t, int64_t>(sql::SubstringBytes));
  for (const sql::Ends end : {sql::Ends::kLeft, sql::Ends::kRight}) {
    table.Scalar(
        absl::StrCat(end == sql::Ends::kLeft ? "l" : "r", "pad(varbinary,bigint,varbinary)"),
        Rows<string_view, int64_t, string_view>(
            [end](string_view bytes, int64_t length, string_view padding) {
              return sql::PadBytes(bytes, length, padding, end);
            }));
  }
}

void AddUrls(AdapterTable& table) {
  struct Part {
    string_view name;
    std::string sql::Url::* member;
  };

  for (const auto& [name, part] :
       {Part{"fragment", &sql::Url::fragment}, Part{"host", &sql::Url::host},
        Part{"path", &sql::Url::path}, Part{"protocol", &sql::Url::protocol},
        Part{"query", &sql::Url::query}}) {
    table.Scalar(absl::StrCat("url_extract_", name, "(varchar(x))"),
                 Rows<string_view>([member = part](string_view text) {
                   std::optional<sql::Url> url = sql::ParseUrl(text);
                   return url.has_value() ? std::optional<std::string>((*url).*member)
                                          : std::nullopt;
                 }));
  }
  table.Scalar("url_extract_port(varchar(x))", Rows<string_view>([](string_view text) {
                 const std::optional<sql::Url> url = sql::ParseUrl(text);
                 return url.has_value() ? url->port : std::nullopt;
               }));
  table.Scalar("url_extract_parameter(varchar(x),varchar(y))",
               Rows<string_view, string_view>(sql::UrlParameter));
  table.Scalar("url_encode(varchar(x))", Rows<string_view>(sql::UrlEncode));
  table.Scalar("url_decode(varchar(x))", Rows<string_view>(sql::UrlDecode));
}

void AddAddresses(AdapterTable& table) {
  table.Scalar("contains(varchar,ipaddress)", Rows<string_view, string_view>(sql::NetworkContains));
}

}  // namespace

void AddBinary(AdapterTable& table) {
  AddEncodings(table);
  AddUtf8(table);
  AddDigests(table);
  AddNumbers(table);
  AddParts(table);
  AddUrls(table);
  AddAddresses(table);
}

}  // namespace pallas::engine
