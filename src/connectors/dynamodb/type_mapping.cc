#include "connectors/dynamodb/type_mapping.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/status_macros.h"
#include "connectors/dynamodb/number_text.h"
#include "sdk/model/table.h"

namespace pallas::dynamodb {
namespace {

using Kind = ObservedType::Kind;
using simdjson::dom::element;

// Of decimals whose scale nobody declared (decision D25).
constexpr int kPrecision = 38;
constexpr int kScale = 9;
// A map with more members than this is no record: its keys are data.
constexpr size_t kMaxMembers = 200;
constexpr int kMaxDepth = 32;  // DynamoDB's own

absl::Status Malformed() {
  return absl::InternalError("DynamoDB: an answer of Scan is not in the form of the service's API");
}

ObservedType OfKind(Kind kind) {
  ObservedType type;
  type.kind = kind;
  return type;
}

ObservedType OfNumber(std::string_view text) {
  ObservedType type = OfKind(Kind::kNumber);
  if (const std::optional<Number> number = ParseNumber(text)) {
    type.integer_digits = IntegerDigits(*number);
    type.fraction_digits = FractionDigits(*number);
  } else {
    type.is_too_long = true;
  }
  return type;
}

class Observer {
 public:
  explicit Observer(InferenceOptions::Mode mode) : mode_(mode) {}

  // False: not an attribute value.
  bool Observe(const element& attribute, int depth, ObservedType* out) const {
    simdjson::dom::object object;
    if (depth > kMaxDepth || attribute.get(object) != simdjson::SUCCESS || object.size() != 1) {
      return false;
    }
    const auto member = *object.begin();
    return ObserveTyped(TypeOfName(member.key), member.value, depth, out);
  }

 private:
  bool ObserveTyped(AttributeType type, const element& value, int depth, ObservedType* out) const {
    switch (type) {
      case AttributeType::kString:
        *out = OfKind(Kind::kString);
        return true;
      case AttributeType::kBool:
        *out = OfKind(Kind::kBool);
        return true;
      case AttributeType::kBinary:
        *out = OfKind(Kind::kBinary);
        return true;
      case AttributeType::kNull:
        *out = ObservedType();
        return true;
      case AttributeType::kNumber: {
        std::string_view text;
        if (value.get(text) != simdjson::SUCCESS) {
          return false;
        }
        *out = OfNumber(text);
        return true;
      }
      case AttributeType::kMap:
        return ObserveMap(value, depth, out);
      case AttributeType::kList:
        return ObserveElements(value, out, [&](const element& item, ObservedType* inner) {
          return Observe(item, depth + 1, inner);
        });
      case AttributeType::kStringSet:
      case AttributeType::kNumberSet:
      case AttributeType::kBinarySet:
        return ObserveElements(value, out, [&](const element& item, ObservedType* inner) {
          return ObserveTyped(ElementType(type), item, depth, inner);
        });
      default:
        return false;
    }
  }

  template <typename ObserveElement>
  static bool ObserveElements(const element& value, ObservedType* out,
                              ObserveElement observe_element) {
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) {
      return false;
    }
    *out = OfKind(Kind::kList);
    ObservedType all;
    for (const element item : array) {
      ObservedType inner;
      if (!observe_element(item, &inner)) {
        return false;
      }
      all.Merge(inner);
    }
    if (all.kind != Kind::kNothing) {
      out->element.push_back(std::move(all));
    }
    return true;
  }

  bool ObserveMap(const element& value, int depth, ObservedType* out) const {
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) {
      return false;
    }
    *out = OfKind(Kind::kStruct);
    for (const auto member : object) {
      ObservedType inner;
      if (!Observe(member.value, depth + 1, &inner)) {
        return false;
      }
      if (inner.kind == Kind::kNothing && mode_ == InferenceOptions::Mode::kLast) {
        continue;
      }
      out->names.emplace_back(member.key);
      out->members.push_back(std::move(inner));
    }
    return true;
  }

  const InferenceOptions::Mode mode_;
};

void MergeMembers(const ObservedType& from, ObservedType& into) {
  for (size_t i = 0; i < from.names.size(); ++i) {
    const auto found = std::find(into.names.begin(), into.names.end(), from.names[i]);
    if (found != into.names.end()) {
      into.members[static_cast<size_t>(found - into.names.begin())].Merge(from.members[i]);
    } else if (into.names.size() <= kMaxMembers) {
      into.names.push_back(from.names[i]);
      into.members.push_back(from.members[i]);
    }
  }
}

// An Arrow type, or why it is only text.
struct Mapped {
  std::shared_ptr<arrow::DataType> type = arrow::utf8();
  std::string remark;
};

Mapped AsText(std::string remark) { return {arrow::utf8(), std::move(remark)}; }

class TypeMapper {
 public:
  explicit TypeMapper(InferenceOptions::Mode mode) : mode_(mode) {}

  Mapped Map(const std::string& name, const ObservedType& type) const {
    switch (type.kind) {
      case Kind::kString:
        return {arrow::utf8(), ""};
      case Kind::kBool:
        return {arrow::boolean(), ""};
      case Kind::kBinary:
        return {arrow::binary(), ""};
      case Kind::kNumber:
        return MapNumber(type);
      case Kind::kList:
        return MapList(name, type);
      case Kind::kStruct:
        return MapStruct(type);
      case Kind::kMixed:
        return AsText("values of several types, as text");
      default:
        return AsText("no sampled item has a value");
    }
  }

 private:
  Mapped MapNumber(const ObservedType& type) const {
    if (mode_ == InferenceOptions::Mode::kLast) {
      return {arrow::decimal128(kPrecision, kScale), ""};
    }
    const int scale = std::max(kScale, type.fraction_digits);
    if (type.is_too_long || type.integer_digits + scale > kPrecision) {
      return AsText("numbers that no decimal holds, as text");
    }
    return {arrow::decimal128(kPrecision, scale), ""};
  }

  Mapped MapList(const std::string& name, const ObservedType& type) const {
    if (type.element.empty()) {
      return AsText("empty lists, as JSON");
    }
    const std::string element_name = absl::StrCat(name, ".element");
    const Mapped element = Map(element_name, type.element.front());
    return {arrow::list(arrow::field(element_name, element.type)), element.remark};
  }

  Mapped MapStruct(const ObservedType& type) const {
    if (type.names.empty() || type.names.size() > kMaxMembers) {
      return AsText("maps without members of their own, as JSON");
    }
    // The service gives the members of a map in any order, each time anew.
    std::vector<size_t> order(type.names.size());
    std::iota(order.begin(), order.end(), size_t{0});
    if (mode_ == InferenceOptions::Mode::kMerge) {
      std::sort(order.begin(), order.end(),
                [&](size_t a, size_t b) { return type.names[a] < type.names[b]; });
    }
    arrow::FieldVector fields;
    std::string remarks;
    for (const size_t i : order) {
      const Mapped member = Map(type.names[i], type.members[i]);
      fields.push_back(arrow::field(type.names[i], member.type));
      if (!member.remark.empty()) {
        absl::StrAppend(&remarks, remarks.empty() ? "" : "; ", type.names[i], ": ", member.remark);
      }
    }
    return {arrow::struct_(std::move(fields)), remarks};
  }

  const InferenceOptions::Mode mode_;
};

Kind KindOfKey(char type) {
  return type == 'N' ? Kind::kNumber : (type == 'B' ? Kind::kBinary : Kind::kString);
}

}  // namespace

void ObservedType::Merge(const ObservedType& other) {
  if (other.kind == Kind::kNothing) {
    return;
  }
  if (kind == Kind::kNothing) {
    *this = other;
    return;
  }
  if (kind != other.kind) {
    *this = OfKind(Kind::kMixed);
    return;
  }
  integer_digits = std::max(integer_digits, other.integer_digits);
  fraction_digits = std::max(fraction_digits, other.fraction_digits);
  is_too_long |= other.is_too_long;
  if (element.empty()) {
    element = other.element;
  } else if (!other.element.empty()) {
    element.front().Merge(other.element.front());
  }
  MergeMembers(other, *this);
}

absl::Status SchemaInference::AddPage(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::array items;
  if (parser.parse(json.data(), json.size())["Items"].get(items) != simdjson::SUCCESS) {
    return Malformed();
  }
  for (const element item : items) {
    RETURN_IF_ERROR(AddItem(item));
  }
  return absl::OkStatus();
}

absl::Status SchemaInference::AddItem(const element& item) {
  simdjson::dom::object attributes;
  if (item.get(attributes) != simdjson::SUCCESS) {
    return Malformed();
  }
  ++num_items_;
  const Observer observer(mode_);
  for (const auto attribute : attributes) {
    ObservedType observed;
    if (!observer.Observe(attribute.value, 0, &observed)) {
      return Malformed();
    }
    const bool drops = mode_ == InferenceOptions::Mode::kLast &&
                       (observed.kind == Kind::kNothing ||
                        (observed.kind == Kind::kList && observed.element.empty()));
    if (drops) {
      continue;
    }
    const auto [type, is_new] = types_.try_emplace(std::string(attribute.key), observed);
    if (is_new) {
      names_.emplace_back(attribute.key);
    } else if (mode_ == InferenceOptions::Mode::kLast) {
      type->second = std::move(observed);
    } else {
      type->second.Merge(observed);
    }
  }
  return absl::OkStatus();
}

std::shared_ptr<arrow::Field> SchemaInference::FieldOf(const std::string& name,
                                                       const ObservedType& type) const {
  const Mapped mapped = TypeMapper(mode_).Map(name, type);
  std::shared_ptr<arrow::Field> field = arrow::field(name, mapped.type);
  if (!mapped.remark.empty()) {
    field = field->WithMetadata(arrow::key_value_metadata({{sdk::kCommentKey, mapped.remark}}));
  }
  return field;
}

std::shared_ptr<arrow::Schema> SchemaInference::Finish() const {
  arrow::FieldVector fields;
  const auto is_there = [&](const std::string& name) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const auto& field) { return field->name() == name; });
  };
  const auto add_key = [&](const std::string& name) {
    if (name.empty() || is_there(name)) {
      return;
    }
    const auto seen = types_.find(name);
    const auto type = table_.key_types.find(name);
    const Kind kind = type == table_.key_types.end() ? Kind::kString : KindOfKey(type->second);
    fields.push_back(FieldOf(name, seen != types_.end() ? seen->second : OfKind(kind)));
  };
  add_key(table_.key.hash);
  add_key(table_.key.range);
  std::vector<std::string> names = names_;
  if (mode_ == InferenceOptions::Mode::kMerge) {
    std::sort(names.begin(), names.end());
  }
  for (const std::string& name : names) {
    if (!is_there(name)) {
      fields.push_back(FieldOf(name, types_.at(name)));
    }
  }
  for (const auto& [name, type] : table_.key_types) {
    add_key(name);
  }
  return arrow::schema(std::move(fields));
}

}  // namespace pallas::dynamodb
