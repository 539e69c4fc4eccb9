#ifndef PALLAS_LAKE_TEXT_JSON_CURSOR_H_
#define PALLAS_LAKE_TEXT_JSON_CURSOR_H_

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"

#include "base/status_macros.h"
#include "lake/text/byte_match.h"
#include "lake/text/json_token.h"
#include "simdjson.h"

// The parts of JSON texts, as they are written. All texts have kTextPadding readable bytes after
// them.

namespace pallas::lake {

static_assert(kTextPadding >= simdjson::SIMDJSON_PADDING);

inline absl::Status FromSimdjson(simdjson::error_code error) {
  return NotJson(simdjson::error_message(error));
}

// How a value is written, whole. Consumes it.
inline simdjson::error_code RawJson(simdjson::ondemand::value value, std::string_view& out) {
  simdjson::ondemand::json_type type{};
  if (const auto error = value.type().get(type)) {
    return error;
  }
  if (type == simdjson::ondemand::json_type::object) {
    simdjson::ondemand::object object;
    if (const auto error = value.get_object().get(object)) {
      return error;
    }
    return object.raw_json().get(out);
  }
  if (type == simdjson::ondemand::json_type::array) {
    simdjson::ondemand::array array;
    if (const auto error = value.get_array().get(array)) {
      return error;
    }
    return array.raw_json().get(out);
  }
  out = value.raw_json_token();
  while (!out.empty() && absl::ascii_isspace(static_cast<unsigned char>(out.back()))) {
    out.remove_suffix(1);
  }
  return simdjson::SUCCESS;
}

inline simdjson::padded_string_view Padded(std::string_view text) {
  return simdjson::padded_string_view(text.data(), text.size(), text.size() + kTextPadding);
}

// Calls `each(raw)` for the items of the array written as `raw`.
template <typename Each>
absl::Status ForEachItem(simdjson::ondemand::parser& parser, std::string_view raw,
                         const Each& each) {
  simdjson::ondemand::document document;
  simdjson::ondemand::array array;
  if (auto error = parser.iterate(Padded(raw)).get(document); error) {
    return FromSimdjson(error);
  }
  if (auto error = document.get_array().get(array); error) {
    return FromSimdjson(error);
  }
  for (auto item : array) {
    simdjson::ondemand::value value;
    std::string_view text;
    if (auto error = std::move(item).get(value); error) {
      return FromSimdjson(error);
    }
    if (auto error = RawJson(value, text); error) {
      return FromSimdjson(error);
    }
    RETURN_IF_ERROR(each(text));
  }
  return absl::OkStatus();
}

// Calls `each(key, raw)` for the fields of the object written as `raw`; keys without escapes.
template <typename Each>
absl::Status ForEachField(simdjson::ondemand::parser& parser, std::string_view raw,
                          const Each& each) {
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (auto error = parser.iterate(Padded(raw)).get(document); error) {
    return FromSimdjson(error);
  }
  if (auto error = document.get_object().get(object); error) {
    return FromSimdjson(error);
  }
  for (auto item : object) {
    simdjson::ondemand::field field;
    std::string_view key;
    std::string_view text;
    if (auto error = std::move(item).get(field); error) {
      return FromSimdjson(error);
    }
    if (auto error = field.unescaped_key().get(key); error) {
      return FromSimdjson(error);
    }
    if (auto error = RawJson(field.value(), text); error) {
      return FromSimdjson(error);
    }
    RETURN_IF_ERROR(each(key, text));
  }
  return absl::OkStatus();
}

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_JSON_CURSOR_H_
