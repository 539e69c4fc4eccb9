#ifndef PALLAS_CONNECTORS_DYNAMODB_ATTRIBUTE_VALUE_H_
#define PALLAS_CONNECTORS_DYNAMODB_ATTRIBUTE_VALUE_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "simdjson.h"

// DynamoDB's attribute values as they come over the wire: an object with one member, whose name
// says the type: {"N": "17"}.

namespace pallas::dynamodb {

enum class AttributeType : uint8_t {
  kString,
  kNumber,
  kBinary,
  kBool,
  kNull,
  kList,
  kMap,
  kStringSet,
  kNumberSet,
  kBinarySet,
  kUnknown,
};

// DynamoDB's name of the type: "S", "N", ...
std::string_view TypeName(AttributeType type);

// The type that a name means; kUnknown for what is none.
AttributeType TypeOfName(std::string_view name);

// The same for a name that ends with a quote.
inline AttributeType TypeOfQuotedName(const char* name) {
  if (name[0] == 'S' && name[1] == '"') {
    return AttributeType::kString;
  }
  if (name[0] == 'N' && name[1] == '"') {
    return AttributeType::kNumber;
  }
  constexpr size_t kLongest = 4;  // BOOL, NULL
  size_t size = 0;
  while (size <= kLongest && name[size] != '"') {
    ++size;
  }
  return TypeOfName(std::string_view(name, size));
}

// The type of the elements of a set.
AttributeType ElementType(AttributeType set);

// A string of the document without its quotes; `out` holds as long as the parser's document.
// `may_have_escapes`: false for numbers, of which one with escapes is none. False: it is no string.
inline bool ReadString(simdjson::ondemand::value& value, std::string_view* out,
                       bool may_have_escapes = true) {
  // The token reaches to the next structural character, so its end need not be searched for.
  const std::string_view token = value.raw_json_token();
  size_t end = token.size();
  while (end > 1 && token[end - 1] != '"') {
    --end;
  }
  if (end < 2 || token[0] != '"') [[unlikely]] {
    return false;
  }
  if (may_have_escapes && std::memchr(token.data(), '\\', end) != nullptr) [[unlikely]] {
    return value.get_string().get(*out) == simdjson::SUCCESS;
  }
  *out = token.substr(1, end - 2);
  return value.get_raw_json_string().error() == simdjson::SUCCESS;
}

// Calls `use(type, value)` with the one member of an attribute value. False: it is none, or `use`
// said false.
template <typename Use>
bool ReadTyped(simdjson::ondemand::value& attribute, Use use) {
  // References into the results, here and in all loops over documents: to copy what has just been
  // written in parts stalls the processor, which doubled the time of a scan.
  auto object = attribute.get_object();
  if (object.error() != simdjson::SUCCESS) [[unlikely]] {
    return false;
  }
  bool done = false;
  for (auto member : std::move(object).value_unsafe()) {
    if (done || member.error() != simdjson::SUCCESS) [[unlikely]] {
      return false;
    }
    auto&& field = std::move(member).value_unsafe();
    const AttributeType type = TypeOfQuotedName(field.key().raw());
    if (!use(type, field.value())) {
      return false;
    }
    done = true;
  }
  return done;
}

// Appends a value as plain JSON, without types: {"a":1,"b":["x"]}. Binary values are in base64.
// With `legacy`, as Java prints maps and lists: {a=1}, [1, 2]. False: it is not well-formed.
bool AppendAsText(AttributeType type, simdjson::ondemand::value& value, bool legacy,
                  std::string* out);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_ATTRIBUTE_VALUE_H_
