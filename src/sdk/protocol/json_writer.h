#ifndef PALLAS_SDK_PROTOCOL_JSON_WRITER_H_
#define PALLAS_SDK_PROTOCOL_JSON_WRITER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pallas::sdk::protocol {

// Appends compact JSON to a string, fields in the order of the calls: that order is the protocol
// (section 4.1). Borrows `out`. One thread. The caller balances Begin and End.
class JsonWriter {
 public:
  explicit JsonWriter(std::string* out) : out_(*out) {}

  void BeginObject() { Open('{'); }

  void BeginObject(std::string_view key) {
    Key(key);
    Open('{');
  }

  void EndObject() { Close('}'); }

  void BeginArray() { Open('['); }

  void BeginArray(std::string_view key) {
    Key(key);
    Open('[');
  }

  void EndArray() { Close(']'); }

  // The name of the value that comes next.
  void Key(std::string_view key);

  void String(std::string_view value);
  void Number(int64_t value);
  void Bool(bool value);
  void Null();
  void Base64(std::string_view bytes);

  // Fields: a key with its value.
  void Field(std::string_view key, std::string_view value);

  void Field(std::string_view key, const char* value) { Field(key, std::string_view(value)); }

  void Field(std::string_view key, const std::string& value) {
    Field(key, std::string_view(value));
  }

  void Field(std::string_view key, const std::optional<std::string>& value);
  void Field(std::string_view key, const std::map<std::string, std::string>& value);
  void Field(std::string_view key, const std::vector<std::string>& value);
  void NumberField(std::string_view key, int64_t value);
  void BoolField(std::string_view key, bool value);
  void NullField(std::string_view key);
  void Base64Field(std::string_view key, std::string_view bytes);

 private:
  void Open(char bracket);
  void Close(char bracket);
  void Separate();
  void Quote(std::string_view text);

  std::string& out_;
  bool comma_ = false;  // a value stands before the next one
};

}  // namespace pallas::sdk::protocol

#endif  // PALLAS_SDK_PROTOCOL_JSON_WRITER_H_
