#include "catalog/definition_json.h"

#include <cstdint>

#include "absl/strings/str_cat.h"

#include "base/status_macros.h"
#include "nlohmann/json.hpp"
#include "simdjson.h"

namespace pallas::catalog {
namespace {

using Json = nlohmann::json;
using simdjson::dom::element;

// Builds JSON and remembers whether all texts were UTF-8, without which there is no JSON.
class Writer {
 public:
  Json Text(const std::string& text) {
    valid_ = valid_ && simdjson::validate_utf8(text);
    return text;
  }

  Json List(const std::vector<std::string>& list) {
    Json out = Json::array();
    for (const std::string& text : list) {
      out.push_back(Text(text));
    }
    return out;
  }

  Json Map(const std::map<std::string, std::string>& map) {
    Json out = Json::object();
    for (const auto& [key, value] : map) {
      Text(key);
      out[key] = Text(value);
    }
    return out;
  }

  Json Columns(const std::vector<sdk::ColumnDefinition>& columns) {
    Json out = Json::array();
    for (const sdk::ColumnDefinition& column : columns) {
      out.push_back({{"name", Text(column.name)},
                     {"type", Text(column.type)},
                     {"comment", Text(column.comment)}});
    }
    return out;
  }

  Json Storage(const sdk::StorageDescriptor& storage) {
    return {{"columns", Columns(storage.columns)},
            {"location", Text(storage.location)},
            {"input_format", Text(storage.input_format)},
            {"output_format", Text(storage.output_format)},
            {"serde", Text(storage.serde.library)},
            {"serde_parameters", Map(storage.serde.parameters)},
            {"compressed", storage.compressed},
            {"num_buckets", storage.num_buckets},
            {"bucket_columns", List(storage.bucket_columns)},
            {"parameters", Map(storage.parameters)}};
  }

  Json Table(const sdk::TableDefinition& table) {
    return {{"database", Text(table.database)},
            {"name", Text(table.name)},
            {"comment", Text(table.comment)},
            {"owner", Text(table.owner)},
            {"table_type", Text(table.table_type)},
            {"storage", Storage(table.storage)},
            {"partition_keys", Columns(table.partition_keys)},
            {"parameters", Map(table.parameters)},
            {"view_original_text", Text(table.view_original_text)},
            {"view_expanded_text", Text(table.view_expanded_text)}};
  }

  absl::StatusOr<std::string> Finish(const Json& json) const {
    if (!valid_) {
      return absl::InvalidArgumentError("a definition has text that is not UTF-8");
    }
    return json.dump();
  }

 private:
  bool valid_ = true;
};

absl::Status Damaged() { return absl::DataLossError("a definition in the metastore is damaged"); }

// Reads members of one object; the first one of a wrong kind makes it fail.
class Reader {
 public:
  explicit Reader(element object) : object_(object) { ok_ = object.is_object(); }

  bool ok() const { return ok_; }

  Reader& Text(const char* name, std::string& out) {
    if (element value; Find(name, value)) {
      std::string_view text;
      ok_ = ok_ && value.get(text) == simdjson::SUCCESS;
      out = std::string(text);
    }
    return *this;
  }

  Reader& Flag(const char* name, bool& out) {
    if (element value; Find(name, value)) {
      ok_ = ok_ && value.get(out) == simdjson::SUCCESS;
    }
    return *this;
  }

  Reader& Number(const char* name, int& out) {
    if (element value; Find(name, value)) {
      int64_t number = 0;
      ok_ = ok_ && value.get(number) == simdjson::SUCCESS;
      out = static_cast<int>(number);
    }
    return *this;
  }

  template <typename T>
  Reader& Part(const char* name, T& out, bool (*read)(element, T&)) {
    if (element value; Find(name, value)) {
      ok_ = ok_ && read(value, out);
    }
    return *this;
  }

 private:
  bool Find(const char* name, element& value) const {
    return ok_ && object_.at_key(name).get(value) == simdjson::SUCCESS;
  }

  element object_;
  bool ok_;
};

bool ReadList(element from, std::vector<std::string>& out) {
  simdjson::dom::array items;
  if (from.get(items) != simdjson::SUCCESS) {
    return false;
  }
  for (const element item : items) {
    std::string_view text;
    if (item.get(text) != simdjson::SUCCESS) {
      return false;
    }
    out.emplace_back(text);
  }
  return true;
}

bool ReadMap(element from, std::map<std::string, std::string>& out) {
  simdjson::dom::object members;
  if (from.get(members) != simdjson::SUCCESS) {
    return false;
  }
  for (const auto& [key, value] : members) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) {
      return false;
    }
    out.emplace(key, text);
  }
  return true;
}

bool ReadColumns(element from, std::vector<sdk::ColumnDefinition>& out) {
  simdjson::dom::array items;
  if (from.get(items) != simdjson::SUCCESS) {
    return false;
  }
  for (const element item : items) {
    sdk::ColumnDefinition& column = out.emplace_back();
    if (!Reader(item)
             .Text("name", column.name)
             .Text("type", column.type)
             .Text("comment", column.comment)
             .ok()) {
      return false;
    }
  }
  return true;
}

bool ReadStorage(element from, sdk::StorageDescriptor& out) {
  return Reader(from)
      .Part("columns", out.columns, ReadColumns)
      .Text("location", out.location)
      .Text("input_format", out.input_format)
      .Text("output_format", out.output_format)
      .Text("serde", out.serde.library)
      .Part("serde_parameters", out.serde.parameters, ReadMap)
      .Flag("compressed", out.compressed)
      .Number("num_buckets", out.num_buckets)
      .Part("bucket_columns", out.bucket_columns, ReadList)
      .Part("parameters", out.parameters, ReadMap)
      .ok();
}

bool ReadTable(element from, sdk::TableDefinition& out) {
  return Reader(from)
      .Text("database", out.database)
      .Text("name", out.name)
      .Text("comment", out.comment)
      .Text("owner", out.owner)
      .Text("table_type", out.table_type)
      .Part("storage", out.storage, ReadStorage)
      .Part("partition_keys", out.partition_keys, ReadColumns)
      .Part("parameters", out.parameters, ReadMap)
      .Text("view_original_text", out.view_original_text)
      .Text("view_expanded_text", out.view_expanded_text)
      .ok();
}

template <typename T>
absl::StatusOr<T> Parse(std::string_view json, bool (*read)(element, T&)) {
  simdjson::dom::parser parser;
  element root;
  T out;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS || !read(root, out)) {
    return Damaged();
  }
  return out;
}

}  // namespace

absl::StatusOr<std::string> TableToJson(const sdk::TableDefinition& table) {
  Writer writer;
  const Json json = writer.Table(table);
  return writer.Finish(json);
}

absl::StatusOr<std::string> MapToJson(const std::map<std::string, std::string>& map) {
  Writer writer;
  const Json json = writer.Map(map);
  return writer.Finish(json);
}

absl::StatusOr<std::string> ListToJson(const std::vector<std::string>& list) {
  Writer writer;
  const Json json = writer.List(list);
  return writer.Finish(json);
}

absl::StatusOr<sdk::TableDefinition> TableFromJson(std::string_view json) {
  return Parse<sdk::TableDefinition>(json, ReadTable);
}

absl::StatusOr<std::map<std::string, std::string>> MapFromJson(std::string_view json) {
  return Parse<std::map<std::string, std::string>>(json, ReadMap);
}

absl::StatusOr<std::vector<std::string>> ListFromJson(std::string_view json) {
  return Parse<std::vector<std::string>>(json, ReadList);
}

}  // namespace pallas::catalog
