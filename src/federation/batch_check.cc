#include "federation/batch_check.h"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/builder.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "simdjson.h"
#include "types/arrow_status.h"

namespace pallas::federation {
namespace {

bool IsContinuation(uint8_t byte) { return (byte & 0xC0U) == 0x80U; }

// All texts of `array` at once: the bytes as a whole, and no text that starts inside a character.
bool AllValid(const arrow::StringArray& array) {
  const int64_t begin = array.value_offset(0);
  const int64_t end = array.value_offset(array.length());
  const auto* const bytes = array.value_data() ? array.value_data()->data() : nullptr;
  if (begin == end) {
    return true;
  }
  if (!simdjson::validate_utf8(reinterpret_cast<const char*>(bytes + begin),
                               static_cast<size_t>(end - begin))) {
    return false;
  }
  bool inside = false;
  for (int64_t i = 0; i < array.length(); ++i) {
    const int64_t offset = array.value_offset(i);
    inside |= offset < end && IsContinuation(bytes[offset]);
  }
  return !inside;
}

// The first row whose text is not UTF-8, or -1.
int64_t FirstInvalid(const arrow::StringArray& array) {
  for (int64_t i = 0; i < array.length(); ++i) {
    const std::string_view text = array.GetView(i);
    if (!array.IsNull(i) && !simdjson::validate_utf8(text.data(), text.size())) {
      return i;
    }
  }
  return -1;
}

// Length of the valid character at the start of `text`, or 0.
size_t CharacterLength(std::string_view text) {
  for (size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (simdjson::validate_utf8(text.data(), length)) {
      return length;
    }
  }
  return 0;
}

void AppendReplaced(std::string_view text, std::string* out) {
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    if (length == 0) {
      out->append("\xEF\xBF\xBD");
      text.remove_prefix(1);
    } else {
      out->append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
}

absl::StatusOr<std::shared_ptr<arrow::Array>> Replace(const arrow::StringArray& array) {
  arrow::StringBuilder builder;
  std::string text;
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) {
      RETURN_IF_ERROR(builder.AppendNull());
      continue;
    }
    text.clear();
    AppendReplaced(array.GetView(i), &text);
    RETURN_IF_ERROR(builder.Append(text));
  }
  std::shared_ptr<arrow::Array> result;
  RETURN_IF_ERROR(builder.Finish(&result));
  return result;
}

// The array with its texts checked; null if it can stay as it is. Sets `bad_row` and fails where
// one is invalid and may not be replaced.
absl::StatusOr<std::shared_ptr<arrow::Array>> CheckTexts(const std::shared_ptr<arrow::Array>& array,
                                                         InvalidUtf8 policy, int64_t& bad_row) {
  if (array->length() == 0) {
    return nullptr;
  }
  if (array->type_id() == arrow::Type::STRING) {
    const auto& texts = static_cast<const arrow::StringArray&>(*array);
    if (AllValid(texts)) {
      return nullptr;
    }
    const int64_t row = FirstInvalid(texts);
    if (row < 0) {
      return nullptr;
    }
    if (policy == InvalidUtf8::kReplace) {
      return Replace(texts);
    }
    bad_row = row;
    return absl::InvalidArgumentError("");
  }
  if (array->type()->num_fields() == 0) {
    return nullptr;
  }
  // Children of nested arrays keep their own offsets, so that replacing one keeps its length.
  bool changed = false;
  std::shared_ptr<arrow::ArrayData> data = array->data()->Copy();
  for (std::shared_ptr<arrow::ArrayData>& child : data->child_data) {
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> checked,
                     CheckTexts(arrow::MakeArray(child), policy, bad_row));
    if (checked != nullptr) {
      child = checked->data();
      changed = true;
    }
  }
  return changed ? arrow::MakeArray(data) : nullptr;
}

}  // namespace

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> CheckBatch(
    std::shared_ptr<arrow::RecordBatch> batch, const arrow::Schema& schema, InvalidUtf8 policy) {
  if (batch->num_columns() != schema.num_fields()) {
    return absl::InternalError(absl::StrCat("the source delivered ", batch->num_columns(),
                                            " columns, not ", schema.num_fields()));
  }
  for (int i = 0; i < schema.num_fields(); ++i) {
    const arrow::Field& field = *schema.field(i);
    if (!batch->column(i)->type()->Equals(*field.type())) {
      return absl::InternalError(absl::StrCat("the source delivered column '", field.name(),
                                              "' as ", batch->column(i)->type()->ToString(),
                                              ", not ", field.type()->ToString()));
    }
    int64_t bad_row = -1;
    absl::StatusOr<std::shared_ptr<arrow::Array>> checked =
        CheckTexts(batch->column(i), policy, bad_row);
    if (bad_row >= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("column '", field.name(), "' holds text that is not UTF-8 in row ", bad_row,
                       " of a batch; declare it as binary in the source, or set invalid_utf8 = "
                       "\"replace\" for the catalog to get U+FFFD instead"));
    }
    RETURN_IF_ERROR(checked.status());
    if (*checked != nullptr) {
      auto replaced = batch->SetColumn(i, batch->schema()->field(i), *std::move(checked));
      RETURN_IF_ERROR(replaced);
      batch = *std::move(replaced);
    }
  }
  return batch;
}

}  // namespace pallas::federation
