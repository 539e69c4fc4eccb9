#ifndef PALLAS_SDK_PROTOCOL_JSON_READER_INTERNAL_H_
#define PALLAS_SDK_PROTOCOL_JSON_READER_INTERNAL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "sdk/protocol/messages.h"
#include "simdjson.h"

namespace pallas::sdk::protocol {

// What the readers of one message share: its version, and the first error. After it every reader
// gives empty values, so that decoding code asks once, at the end.
struct DecodeState {
  Version version = kNewestVersion;
  absl::Status status;
  // Blocks of one message mostly repeat a schema: the last one, by its text.
  std::string schema_text;
  std::shared_ptr<arrow::Schema> schema;

  bool ok() const { return status.ok(); }

  void Fail(std::string_view where, std::string_view what);
  void Fail(std::string_view where, const absl::Status& status);
};

// Reads the fields of a JSON object. From version 2 on they must come in the order of the calls
// (section 4.1); in version 1 they come in any order, and a missing one is null.
class ObjectReader {
 public:
  using Element = simdjson::dom::element;

  // Borrows `state`; `where` (a literal or a name in the document) is for messages.
  ObjectReader(DecodeState& state, std::string_view where, const Element& value);

  bool ok() const { return state_.ok(); }

  DecodeState& state() { return state_; }

  Version version() const { return state_.version; }

  // No value: the field is null, or there was an error.
  std::optional<Element> Nullable(std::string_view name);
  std::optional<Element> Required(std::string_view name);
  // Like Nullable, for a field that may be absent; `present` says whether it was there.
  std::optional<Element> Optional(std::string_view name, bool* present);
  // The name of the field that comes next; empty at the end.
  std::string_view NextName() const;

  std::string Text(std::string_view name);
  std::optional<std::string> NullableText(std::string_view name);
  int64_t Int(std::string_view name);
  bool Bool(std::string_view name);
  std::vector<std::string> Texts(std::string_view name);
  StringMap Map(std::string_view name);
  std::string Bytes(std::string_view name);

  ObjectReader Object(std::string_view name);
  // Calls read(element) for each element of an array, read(key, element) for each field of a map.
  template <typename Read>
  void ForEach(std::string_view name, const Read& read);
  template <typename Read>
  void ForEachField(std::string_view name, const Read& read);

  // Nothing may follow in a nested object; at the top level what follows is a newer peer's.
  void End();

  void Fail(std::string_view name, std::string_view what);

 private:
  std::optional<Element> Take(std::string_view name, bool* present);
  std::optional<simdjson::dom::array> Array(std::string_view name);
  std::optional<simdjson::dom::object> Fields(std::string_view name);

  DecodeState& state_;
  std::string_view where_;
  simdjson::dom::object object_;
  simdjson::dom::object::iterator next_;
  simdjson::dom::object::iterator end_;
};

// The document in `json`, of which `parser` holds the memory. An error without any of its text.
absl::StatusOr<simdjson::dom::element> ParseDocument(simdjson::dom::parser& parser,
                                                     std::string_view json);

// Scalars as Java readers take them (section 4.2); `where` is for messages.
std::string TextOf(DecodeState& state, std::string_view where, const simdjson::dom::element& value);
int64_t IntOf(DecodeState& state, std::string_view where, const simdjson::dom::element& value);

template <typename Read>
void ObjectReader::ForEach(std::string_view name, const Read& read) {
  const std::optional<simdjson::dom::array> array = Array(name);
  if (!array) {
    return;
  }
  for (const Element& element : *array) {
    read(element);
    if (!ok()) {
      return;
    }
  }
}

template <typename Read>
void ObjectReader::ForEachField(std::string_view name, const Read& read) {
  const std::optional<simdjson::dom::object> fields = Fields(name);
  if (!fields) {
    return;
  }
  for (const auto& field : *fields) {
    read(field.key, field.value);
    if (!ok()) {
      return;
    }
  }
}

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_JSON_READER_INTERNAL_H_
