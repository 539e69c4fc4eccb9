#ifndef PALLAS_CONNECTORS_DYNAMODB_ATTRIBUTE_VALUE_H_
#define PALLAS_CONNECTORS_DYNAMODB_ATTRIBUTE_VALUE_H_

#include <cstdint>
#include <string>
#include <string_view>

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
// False: it is no string.
bool ReadString(simdjson::ondemand::value& value, std::string_view* out);

// Calls `use(type, value)` with the one member of an attribute value. False: it is none, or `use`
// said false.
template <typename Use>
bool ReadTyped(simdjson::ondemand::value& attribute, Use use) {
  simdjson::ondemand::object object;
  if (attribute.get_object().get(object) != simdjson::SUCCESS) [[unlikely]] {
    return false;
  }
  bool done = false;
  for (auto member : object) {
    simdjson::ondemand::field field;
    if (done || std::move(member).get(field) != simdjson::SUCCESS) [[unlikely]] {
      return false;
    }
    const char* const name = field.key().raw();
    if (!use(TypeOfQuotedName(name), field.value())) {
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
