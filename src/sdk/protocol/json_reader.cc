#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "sdk/protocol/base64.h"
#include "sdk/protocol/json_reader_internal.h"

namespace pallas::sdk::protocol {

using simdjson::dom::element_type;

void DecodeState::Fail(std::string_view where, std::string_view what) {
  if (status.ok()) {
    status = absl::InvalidArgumentError(absl::StrCat(where, ": ", what));
  }
}

void DecodeState::Fail(std::string_view where, const absl::Status& error) {
  if (status.ok()) {
    status = Annotate(error, absl::StrCat(where, ": "));
  }
}

absl::StatusOr<simdjson::dom::element> ParseDocument(simdjson::dom::parser& parser,
                                                     std::string_view json) {
  simdjson::dom::element document;
  if (const auto error = parser.parse(json.data(), json.size()).get(document);
      error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat("the message is not JSON: ", simdjson::error_message(error)));
  }
  return document;
}

std::string TextOf(DecodeState& state, std::string_view where,
                   const simdjson::dom::element& value) {
  switch (value.type()) {
    case element_type::STRING:
      return std::string(value.get_string().value_unsafe());
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
    case element_type::BOOL:
      return simdjson::minify(value);
    default:
      state.Fail(where, "a string is expected");
      return "";
  }
}

int64_t IntOf(DecodeState& state, std::string_view where, const simdjson::dom::element& value) {
  int64_t number = 0;
  if (value.is_int64()) {
    return value.get_int64().value_unsafe();
  }
  if (value.is_string() && absl::SimpleAtoi(value.get_string().value_unsafe(), &number)) {
    return number;
  }
  state.Fail(where, "a whole number of 64 bits is expected");
  return 0;
}

ObjectReader::ObjectReader(DecodeState& state, std::string_view where, const Element& value)
    : state_(state), where_(where) {
  if (state_.ok() && value.get(object_) != simdjson::SUCCESS) {
    state_.Fail(where, "an object is expected");
  }
  if (state_.ok()) {
    next_ = object_.begin();
    end_ = object_.end();
  }
}

void ObjectReader::Fail(std::string_view name, std::string_view what) {
  state_.Fail(absl::StrCat(where_, ".", name), what);
}

std::string_view ObjectReader::NextName() const {
  return state_.ok() && next_ != end_ ? next_.key() : std::string_view();
}

std::optional<ObjectReader::Element> ObjectReader::Take(std::string_view name, bool* present) {
  *present = false;
  if (!ok()) {
    return std::nullopt;
  }
  Element value;
  if (state_.version == Version::kV1) {
    *present = object_.at_key(name).get(value) == simdjson::SUCCESS;
  } else if (next_ != end_ && next_.key() == name) {
    value = next_.value();
    ++next_;
    *present = true;
  }
  return *present && !value.is_null() ? std::optional(value) : std::nullopt;
}

std::optional<ObjectReader::Element> ObjectReader::Optional(std::string_view name, bool* present) {
  return Take(name, present);
}

std::optional<ObjectReader::Element> ObjectReader::Nullable(std::string_view name) {
  bool present = false;
  std::optional<Element> value = Take(name, &present);
  if (ok() && !present && state_.version != Version::kV1) {
    state_.Fail(where_, next_ == end_ ? absl::StrCat("the field ", name, " is missing")
                                      : absl::StrCat("unexpected field ", NextName(),
                                                     " while expecting ", name));
  }
  return value;
}

std::optional<ObjectReader::Element> ObjectReader::Required(std::string_view name) {
  std::optional<Element> value = Nullable(name);
  if (ok() && !value) {
    Fail(name, "the field is missing or null");
  }
  return value;
}

std::string ObjectReader::Text(std::string_view name) {
  const std::optional<Element> value = Required(name);
  return value ? TextOf(state_, name, *value) : "";
}

std::optional<std::string> ObjectReader::NullableText(std::string_view name) {
  const std::optional<Element> value = Nullable(name);
  return value ? std::optional(TextOf(state_, name, *value)) : std::nullopt;
}

int64_t ObjectReader::Int(std::string_view name) {
  const std::optional<Element> value = Required(name);
  return value ? IntOf(state_, name, *value) : 0;
}

bool ObjectReader::Bool(std::string_view name) {
  const std::optional<Element> value = Required(name);
  if (!value) {
    return false;
  }
  if (value->is_bool()) {
    return value->get_bool().value_unsafe();
  }
  if (value->is_string()) {
    const std::string_view text = value->get_string().value_unsafe();
    if (text == "true" || text == "false") {
      return text == "true";
    }
  }
  if (value->is_int64()) {
    return value->get_int64().value_unsafe() != 0;
  }
  Fail(name, "true or false is expected");
  return false;
}

std::optional<simdjson::dom::array> ObjectReader::Array(std::string_view name) {
  simdjson::dom::array array;
  const bool may_be_null = state_.version == Version::kV1;
  const std::optional<Element> value = may_be_null ? Nullable(name) : Required(name);
  if (!value) {
    return std::nullopt;
  }
  if (value->get(array) != simdjson::SUCCESS) {
    Fail(name, "an array is expected");
    return std::nullopt;
  }
  return array;
}

std::optional<simdjson::dom::object> ObjectReader::Fields(std::string_view name) {
  simdjson::dom::object fields;
  const bool may_be_null = state_.version == Version::kV1;
  const std::optional<Element> value = may_be_null ? Nullable(name) : Required(name);
  if (!value) {
    return std::nullopt;
  }
  if (value->get(fields) != simdjson::SUCCESS) {
    Fail(name, "an object is expected");
    return std::nullopt;
  }
  return fields;
}

std::vector<std::string> ObjectReader::Texts(std::string_view name) {
  std::vector<std::string> texts;
  ForEach(name, [&](const Element& element) { texts.push_back(TextOf(state_, name, element)); });
  return texts;
}

StringMap ObjectReader::Map(std::string_view name) {
  StringMap map;
  ForEachField(name, [&](std::string_view key, const Element& value) {
    if (!map.emplace(key, TextOf(state_, name, value)).second) {
      Fail(name, absl::StrCat("the key ", key, " comes twice"));
    }
  });
  return map;
}

std::string ObjectReader::Bytes(std::string_view name) {
  absl::StatusOr<std::string> bytes = DecodeBase64(Text(name));
  if (!bytes.ok()) {
    Fail(name, bytes.status().message());
    return "";
  }
  return *std::move(bytes);
}

ObjectReader ObjectReader::Object(std::string_view name) {
  const std::optional<Element> value = Required(name);
  return ObjectReader(state_, name, value.value_or(Element()));
}

void ObjectReader::End() {
  if (state_.version != Version::kV1 && !NextName().empty()) {
    state_.Fail(where_, absl::StrCat("unexpected field ", NextName(), " at the end of the object"));
  }
}

}  // namespace pallas::sdk::protocol
