#include "connectors/dynamodb/page_decoder.h"

#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "arrow/array/builder_binary.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/type_traits.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "types/arrow_status.h"

namespace pallas::dynamodb {
namespace {

using simdjson::SUCCESS;

absl::Status Malformed() {
  return absl::InternalError(
      "DynamoDB: an answer is not in the form of the service's API, or was cut short");
}

// The capacity of one answer: an object, or (BatchGetItem) a list of them.
double ReadUnits(const simdjson::dom::element& capacity) {
  double units = 0;
  simdjson::dom::array tables;
  if (capacity.get(tables) == SUCCESS) {
    for (const simdjson::dom::element table : tables) {
      units += ReadUnits(table);
    }
    return units;
  }
  return capacity["CapacityUnits"].get(units) == SUCCESS ? units : 0;
}

// A member that is small, parsed at once.
bool ReadCapacity(simdjson::ondemand::value& value, double* units) {
  std::string_view json;
  if (simdjson::to_json_string(value).get(json) != SUCCESS) {
    return false;
  }
  simdjson::dom::parser parser;
  simdjson::dom::element capacity;
  if (parser.parse(json.data(), json.size()).get(capacity) != SUCCESS) {
    return false;
  }
  *units = ReadUnits(capacity);
  return true;
}

bool ReadJson(simdjson::ondemand::value& value, std::string* out) {
  std::string_view json;
  if (simdjson::to_json_string(value).get(json) != SUCCESS) {
    return false;
  }
  // An object without members asks for nothing.
  *out = json.find('"') == std::string_view::npos ? "" : std::string(json);
  return true;
}

// The items of the tables of a batch, counted.
bool CountItems(simdjson::ondemand::value& value, int64_t* num_items) {
  simdjson::ondemand::object tables;
  if (value.get_object().get(tables) != SUCCESS) {
    return false;
  }
  for (auto member : tables) {
    simdjson::ondemand::field field;
    simdjson::ondemand::array items;
    size_t count = 0;
    if (std::move(member).get(field) != SUCCESS ||
        field.value().get_array().get(items) != SUCCESS ||
        items.count_elements().get(count) != SUCCESS) {
      return false;
    }
    *num_items += static_cast<int64_t>(count);
  }
  return true;
}

// Members besides the items. False: malformed.
bool ReadInfo(std::string_view name, simdjson::ondemand::value& value, PageInfo& info) {
  if (name == "Count") {
    return value.get_int64().get(info.num_items) == SUCCESS;
  }
  if (name == "ScannedCount") {
    return value.get_int64().get(info.num_scanned) == SUCCESS;
  }
  if (name == "LastEvaluatedKey") {
    return ReadJson(value, &info.last_evaluated_key);
  }
  if (name == "UnprocessedKeys") {
    return ReadJson(value, &info.unprocessed_keys);
  }
  if (name == "ConsumedCapacity") {
    return ReadCapacity(value, &info.read_units);
  }
  return true;
}

// Whether the document goes on with `name` at `raw`. It may be compared with what lies behind the
// end: there is padding.
bool Begins(const char* raw, std::string_view name) {
  if (name.size() >= simdjson::SIMDJSON_PADDING) [[unlikely]] {
    return std::strncmp(raw, name.data(), name.size()) == 0;
  }
  const char* text = name.data();
  size_t left = name.size();
  for (; left >= sizeof(uint64_t); left -= sizeof(uint64_t)) {
    uint64_t a = 0;
    uint64_t b = 0;
    std::memcpy(&a, raw, sizeof a);
    std::memcpy(&b, text, sizeof b);
    if (a != b) {
      return false;
    }
    raw += sizeof a;
    text += sizeof b;
  }
  for (; left > 0; --left) {
    if (*raw++ != *text++) {
      return false;
    }
  }
  return true;
}

std::string_view Reason(DecodeFailure::Kind kind) {
  switch (kind) {
    case DecodeFailure::Kind::kRange:
      return "a number that does not fit";
    case DecodeFailure::Kind::kFraction:
      return "a number with more digits behind the point";
    default:
      return "";
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<PageDecoder>> PageDecoder::Make(
    const SourceTable& table, const std::vector<std::string>& columns,
    const ValueOptions& options) {
  arrow::FieldVector fields;
  for (const std::string& name : columns) {
    const SourceColumn* const column = table.Find(name);
    if (column == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("DynamoDB: table ", table.description().name,
                                                     " has no column '", name, "'"));
    }
    fields.push_back(column->field);
  }
  ASSIGN_OR_RETURN(sdk::BatchBuilder builder, sdk::BatchBuilder::Make(arrow::schema(fields)));
  std::unique_ptr<PageDecoder> decoder(new PageDecoder(table, std::move(builder)));
  for (size_t i = 0; i < columns.size(); ++i) {
    const SourceColumn* const source = table.Find(columns[i]);
    DecodeOptions decode;
    decode.values = options;
    decode.may_round = !source->is_inferred && source->key_type == 0;
    decode.pattern = source->pattern ? &*source->pattern : nullptr;
    decode.zone_key = source->zone_key;
    Column column;
    column.source = source;
    column.builder = &decoder->builder_.column(static_cast<int>(i));
    auto made = MakeValueDecoder(decode, *column.builder, decoder->failure_);
    if (!made.ok()) {
      return Annotate(made.status(), absl::StrCat("DynamoDB: column '", columns[i], "': "));
    }
    column.decoder = *std::move(made);
    // A name that JSON escapes is always looked up; no attribute begins with a quote.
    column.known_name =
        source->attribute.find_first_of("\"\\") == std::string::npos ? source->attribute : "\"";
    column.next = (i + 1) % columns.size();
    decoder->columns_.push_back(std::move(column));
    decoder->index_.emplace(
        table.ignores_case() ? absl::AsciiStrToLower(source->attribute) : source->attribute, i);
  }
  return decoder;
}

absl::StatusOr<PageInfo> PageDecoder::Decode(std::string& body, int64_t max_rows,
                                             Batches& batches) {
  body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
  PageInfo info;
  failure_ = DecodeFailure();
  flush_status_ = absl::OkStatus();
  rows_left_ = max_rows;
  items_seen_ = 0;
  simdjson::ondemand::document document;
  simdjson::ondemand::object root;
  if (parser_.iterate(body.data(), body.size(), body.capacity()).get(document) != SUCCESS ||
      document.get_object().get(root) != SUCCESS) {
    return Malformed();
  }
  for (auto member : root) {
    simdjson::ondemand::field field;
    if (std::move(member).get(field) != SUCCESS) {
      return Malformed();
    }
    if (!DecodeField(field, batches, info)) {
      return Explain(body);
    }
  }
  RETURN_IF_ERROR(Flush(batches));
  return info;
}

bool PageDecoder::DecodeField(simdjson::ondemand::field& field, Batches& batches, PageInfo& info) {
  std::string_view name;
  if (field.unescaped_key().get(name) != SUCCESS) {
    return false;
  }
  if (name == "Items") {
    return DecodeItems(field.value(), batches);
  }
  if (name == "Responses") {
    const bool decoded = DecodeResponses(field.value(), batches);
    info.num_items = items_seen_;
    info.num_scanned = items_seen_;
    return decoded;
  }
  return ReadInfo(name, field.value(), info);
}

// {"<table>": [items]}: there is one table.
bool PageDecoder::DecodeResponses(simdjson::ondemand::value& value, Batches& batches) {
  simdjson::ondemand::object tables;
  if (value.get_object().get(tables) != SUCCESS) {
    return false;
  }
  for (auto member : tables) {
    simdjson::ondemand::field field;
    if (std::move(member).get(field) != SUCCESS || !DecodeItems(field.value(), batches)) {
      return false;
    }
  }
  return true;
}

bool PageDecoder::DecodeItems(simdjson::ondemand::value& value, Batches& batches) {
  simdjson::ondemand::array items;
  if (value.get_array().get(items) != SUCCESS) {
    return false;
  }
  if (builder_.num_rows() == 0) {
    flush_status_ = MakeRoom();
    if (!flush_status_.ok()) {
      return false;
    }
  }
  const char* start = nullptr;
  for (auto member : items) {
    if (member.error() != SUCCESS) {
      return false;
    }
    auto&& item = std::move(member).value_unsafe();
    ++items_seen_;
    if (rows_left_ <= 0) {
      continue;
    }
    --rows_left_;
    // The item's JSON is a fair measure of its row.
    const char* const begin = item.raw_json_token().data();
    const int64_t bytes = start == nullptr ? 0 : begin - start;
    start = begin;
    if (!DecodeItem(item)) {
      return false;
    }
    if (builder_.FinishRow(bytes)) {
      flush_status_ = Flush(batches);
      if (!flush_status_.ok()) {
        return false;
      }
    }
  }
  return true;
}

size_t PageDecoder::LookUpColumn(simdjson::ondemand::field& field) {
  const char* const raw = field.key().raw();  // gone once the key is unescaped
  std::string_view name;
  if (field.unescaped_key().get(name) != SUCCESS) {
    return kNoColumn;
  }
  const auto found =
      table_.ignores_case() ? index_.find(absl::AsciiStrToLower(name)) : index_.find(name);
  if (found == index_.end()) {
    return kNoColumn;
  }
  // The next item has the name in the same bytes, if it needs no escapes.
  if (Begins(raw, name) && raw[name.size()] == '"') {
    columns_[found->second].known_name = name;
  }
  return found->second;
}

inline size_t PageDecoder::FindColumn(simdjson::ondemand::field& field, size_t guess) {
  // Items have their attributes mostly in one order.
  const std::string& expected = columns_[guess].known_name;
  const char* const raw = field.key().raw();
  if (Begins(raw, expected) && raw[expected.size()] == '"') [[likely]] {
    return guess;
  }
  return LookUpColumn(field);
}

bool PageDecoder::DecodeItem(simdjson::ondemand::value& value) {
  auto item = value.get_object();
  if (item.error() != SUCCESS) {
    return false;
  }
  const int64_t row = builder_.num_rows();
  size_t* next = &first_column_;
  size_t num_found = 0;
  for (auto member : std::move(item).value_unsafe()) {
    if (member.error() != SUCCESS) {
      return false;
    }
    auto&& field = std::move(member).value_unsafe();
    const size_t index = FindColumn(field, *next);
    if (index == kNoColumn) {
      continue;
    }
    Column& column = columns_[index];
    // Without regard to case, two attributes may be one column: the first counts.
    if (column.last_row == row) [[unlikely]] {
      continue;
    }
    column.last_row = row;
    *next = index;
    next = &column.next;
    ++num_found;
    const bool appended =
        ReadTyped(field.value(), [&column](AttributeType type, simdjson::ondemand::value& content) {
          return column.decoder->Append(type, content);
        });
    if (!appended) [[unlikely]] {
      failed_attribute_ = column.source->attribute;
      return false;
    }
  }
  return num_found == columns_.size() || FillUp();
}

// NULL in the columns that the item has not.
bool PageDecoder::FillUp() {
  for (Column& column : columns_) {
    if (column.last_row != builder_.num_rows() && !column.decoder->AppendNull()) {
      return false;
    }
  }
  return true;
}

// Room for as many rows and bytes as the last batch had.
absl::Status PageDecoder::MakeRoom() {
  for (Column& column : columns_) {
    RETURN_IF_ERROR(column.builder->Reserve(last_rows_));
    if (column.last_bytes > 0) {
      RETURN_IF_ERROR(
          static_cast<arrow::BinaryBuilder*>(column.builder)->ReserveData(column.last_bytes));
    }
  }
  return absl::OkStatus();
}

absl::Status PageDecoder::Flush(Batches& batches) {
  if (builder_.num_rows() == 0) {
    return absl::OkStatus();
  }
  last_rows_ = builder_.num_rows();
  for (Column& column : columns_) {
    column.last_row = -1;
    if (arrow::is_base_binary_like(column.builder->type()->id())) {
      column.last_bytes = static_cast<arrow::BinaryBuilder*>(column.builder)->value_data_length();
    }
  }
  ASSIGN_OR_RETURN(batches.emplace_back(), builder_.Flush());
  return absl::OkStatus();
}

absl::Status PageDecoder::Explain(const std::string& body) const {
  RETURN_IF_ERROR(flush_status_);
  switch (failure_.kind) {
    case DecodeFailure::Kind::kNone:
    case DecodeFailure::Kind::kMalformed:
    case DecodeFailure::Kind::kText:
      return Malformed();
    case DecodeFailure::Kind::kMemory:
      return absl::ResourceExhaustedError("DynamoDB: no memory for a batch of items");
    default:
      break;
  }
  const std::string_view reason = Reason(failure_.kind);
  ErrorDetail detail;
  detail.source_code = "INVALID_INPUT";
  return WithDetail(
      absl::InvalidArgumentError(absl::StrCat(
          "DynamoDB: table ", table_.description().name, ", item ",
          KeyOfItem(body, items_seen_ - 1), ": the attribute '", failed_attribute_, failure_.path,
          "' is of type ", TypeName(failure_.found), reason.empty() ? "" : ", ", reason,
          ", where the column has ", failure_.expected->ToString(),
          ". Declare another type for the column (varchar takes any), or set type_mismatch = "
          "\"null\"")),
      detail);
}

// The key of an item, to be found again by; its place where the key was not asked for.
std::string PageDecoder::KeyOfItem(const std::string& body, int64_t item) const {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array items;
  std::string text;
  if (parser.parse(body.data(), body.size()).get(root) == SUCCESS &&
      root["Items"].get(items) == SUCCESS) {
    const KeySchema& key = table_.description().key;
    for (const std::string& name : {key.hash, key.range}) {
      simdjson::dom::element value;
      if (!name.empty() && items.at(static_cast<size_t>(item))[name].get(value) == SUCCESS) {
        absl::StrAppend(&text, text.empty() ? "" : ", ", name, " = ", simdjson::minify(value));
      }
    }
  }
  return text.empty() ? absl::StrCat(item + 1, " of its page") : absl::StrCat("with ", text);
}

absl::StatusOr<PageInfo> ReadCounts(const std::string& body) {
  simdjson::padded_string padded(body);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object root;
  PageInfo info;
  if (parser.iterate(padded).get(document) != SUCCESS ||
      document.get_object().get(root) != SUCCESS) {
    return Malformed();
  }
  for (auto member : root) {
    simdjson::ondemand::field field;
    std::string_view name;
    if (std::move(member).get(field) != SUCCESS || field.unescaped_key().get(name) != SUCCESS ||
        !(name == "Responses" ? CountItems(field.value(), &info.num_items)
                              : ReadInfo(name, field.value(), info))) {
      return Malformed();
    }
  }
  return info;
}

}  // namespace pallas::dynamodb
