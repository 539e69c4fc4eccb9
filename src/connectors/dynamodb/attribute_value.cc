#include "connectors/dynamodb/attribute_value.h"

#include <array>
#include <utility>

namespace pallas::dynamodb {
namespace {

using simdjson::SUCCESS;
using simdjson::ondemand::value;

constexpr std::array<std::string_view, 11> kNames = {"S", "N",  "B",  "BOOL", "NULL", "L",
                                                     "M", "SS", "NS", "BS",   "?"};

void AppendQuoted(std::string_view text, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  constexpr unsigned kFirstPrintable = 0x20;
  out->push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (byte < kFirstPrintable) {
      out->append("\\u00");
      out->push_back(kHex[byte >> 4U]);
      out->push_back(kHex[byte & 0xFU]);
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

class TextWriter {
 public:
  TextWriter(bool legacy, std::string* out) : legacy_(legacy), out_(out) {}

  bool Write(AttributeType type, value& value) {
    switch (type) {
      case AttributeType::kNull:
        out_->append("null");
        return true;
      case AttributeType::kBool:
        return WriteBool(value);
      case AttributeType::kString:
      case AttributeType::kBinary:
        return WriteString(value, !legacy_);
      case AttributeType::kNumber:
        return WriteString(value, false);
      case AttributeType::kMap:
        return WriteMap(value);
      case AttributeType::kList:
        return WriteList(value, [this](auto& element) { return WriteTyped(element); });
      case AttributeType::kStringSet:
      case AttributeType::kNumberSet:
      case AttributeType::kBinarySet: {
        const bool quoted = !legacy_ && type != AttributeType::kNumberSet;
        return WriteList(value, [&](auto& element) { return WriteString(element, quoted); });
      }
      default:
        return false;
    }
  }

 private:
  bool WriteTyped(value& attribute) {
    return ReadTyped(attribute,
                     [this](AttributeType type, value& inner) { return Write(type, inner); });
  }

  bool WriteBool(value& value) {
    bool flag = false;
    if (value.get_bool().get(flag) != SUCCESS) {
      return false;
    }
    out_->append(flag ? "true" : "false");
    return true;
  }

  bool WriteString(value& value, bool quoted) {
    std::string_view text;
    if (!ReadString(value, &text)) {
      return false;
    }
    if (quoted) {
      AppendQuoted(text, out_);
    } else {
      out_->append(text);
    }
    return true;
  }

  void Separate(bool& first) {
    if (!std::exchange(first, false)) {
      out_->append(legacy_ ? ", " : ",");
    }
  }

  bool WriteMap(value& value) {
    simdjson::ondemand::object object;
    if (value.get_object().get(object) != SUCCESS) {
      return false;
    }
    out_->push_back('{');
    bool first = true;
    for (auto member : object) {
      simdjson::ondemand::field field;
      std::string_view name;
      if (std::move(member).get(field) != SUCCESS || field.unescaped_key().get(name) != SUCCESS) {
        return false;
      }
      Separate(first);
      if (legacy_) {
        out_->append(name);
        out_->push_back('=');
      } else {
        AppendQuoted(name, out_);
        out_->push_back(':');
      }
      if (!WriteTyped(field.value())) {
        return false;
      }
    }
    out_->push_back('}');
    return true;
  }

  template <typename WriteElement>
  bool WriteList(value& value, WriteElement write_element) {
    simdjson::ondemand::array array;
    if (value.get_array().get(array) != SUCCESS) {
      return false;
    }
    out_->push_back('[');
    bool first = true;
    for (auto item : array) {
      simdjson::ondemand::value element;
      if (std::move(item).get(element) != SUCCESS) {
        return false;
      }
      Separate(first);
      if (!write_element(element)) {
        return false;
      }
    }
    out_->push_back(']');
    return true;
  }

  const bool legacy_;
  std::string* const out_;
};

}  // namespace

std::string_view TypeName(AttributeType type) { return kNames[static_cast<size_t>(type)]; }

AttributeType TypeOfName(std::string_view name) {
  if (name.size() == 1) [[likely]] {
    switch (name[0]) {
      case 'S':
        return AttributeType::kString;
      case 'N':
        return AttributeType::kNumber;
      case 'B':
        return AttributeType::kBinary;
      case 'L':
        return AttributeType::kList;
      case 'M':
        return AttributeType::kMap;
      default:
        return AttributeType::kUnknown;
    }
  }
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) {
      return static_cast<AttributeType>(i);
    }
  }
  return AttributeType::kUnknown;
}

AttributeType ElementType(AttributeType set) {
  switch (set) {
    case AttributeType::kStringSet:
      return AttributeType::kString;
    case AttributeType::kNumberSet:
      return AttributeType::kNumber;
    case AttributeType::kBinarySet:
      return AttributeType::kBinary;
    default:
      return AttributeType::kUnknown;
  }
}

bool AppendAsText(AttributeType type, value& value, bool legacy, std::string* out) {
  return TextWriter(legacy, out).Write(type, value);
}

}  // namespace pallas::dynamodb
