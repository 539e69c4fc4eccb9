#include "sdk/protocol/json_writer.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "sdk/protocol/base64.h"

namespace pallas::sdk::protocol {
namespace {

bool MustBeEscaped(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void AppendEscaped(char c, std::string* out) {
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\b':
      out->append("\\b");
      return;
    case '\t':
      out->append("\\t");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\f':
      out->append("\\f");
      return;
    case '\r':
      out->append("\\r");
      return;
    default:
      absl::StrAppendFormat(out, "\\u%04X", static_cast<unsigned char>(c));
  }
}

}  // namespace

void JsonWriter::Separate() {
  if (comma_) {
    out_.push_back(',');
  }
  comma_ = true;
}

void JsonWriter::Open(char bracket) {
  Separate();
  out_.push_back(bracket);
  comma_ = false;
}

void JsonWriter::Close(char bracket) {
  out_.push_back(bracket);
  comma_ = true;
}

void JsonWriter::Quote(std::string_view text) {
  out_.push_back('"');
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (MustBeEscaped(text[i])) {
      out_.append(text.substr(start, i - start));
      AppendEscaped(text[i], &out_);
      start = i + 1;
    }
  }
  out_.append(text.substr(start));
  out_.push_back('"');
}

void JsonWriter::Key(std::string_view key) {
  Separate();
  Quote(key);
  out_.push_back(':');
  comma_ = false;
}

void JsonWriter::String(std::string_view value) {
  Separate();
  Quote(value);
}

void JsonWriter::Number(int64_t value) {
  Separate();
  absl::StrAppend(&out_, value);
}

void JsonWriter::Bool(bool value) {
  Separate();
  out_.append(value ? "true" : "false");
}

void JsonWriter::Null() {
  Separate();
  out_.append("null");
}

void JsonWriter::Base64(std::string_view bytes) {
  Separate();
  out_.push_back('"');
  AppendBase64(bytes, &out_);
  out_.push_back('"');
}

void JsonWriter::Field(std::string_view key, std::string_view value) {
  Key(key);
  String(value);
}

void JsonWriter::Field(std::string_view key, const std::optional<std::string>& value) {
  Key(key);
  if (value) {
    String(*value);
  } else {
    Null();
  }
}

void JsonWriter::Field(std::string_view key, const std::map<std::string, std::string>& value) {
  BeginObject(key);
  for (const auto& [name, text] : value) {
    Field(name, text);
  }
  EndObject();
}

void JsonWriter::Field(std::string_view key, const std::vector<std::string>& value) {
  BeginArray(key);
  for (const std::string& text : value) {
    String(text);
  }
  EndArray();
}

void JsonWriter::NumberField(std::string_view key, int64_t value) {
  Key(key);
  Number(value);
}

void JsonWriter::BoolField(std::string_view key, bool value) {
  Key(key);
  Bool(value);
}

void JsonWriter::NullField(std::string_view key) {
  Key(key);
  Null();
}

void JsonWriter::Base64Field(std::string_view key, std::string_view bytes) {
  Key(key);
  Base64(bytes);
}

}  // namespace pallas::sdk::protocol
