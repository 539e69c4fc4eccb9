#ifndef PALLAS_LAKE_TEXT_VALUE_DECODER_H_
#define PALLAS_LAKE_TEXT_VALUE_DECODER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "arrow/type_fwd.h"

#include "base/status_macros.h"
#include "lake/text/row_decoder.h"
#include "lake/text/text_format.h"
#include "types/arrow_status.h"
#include "types/type.h"

namespace pallas::lake {

// A field of a row. One that a line does not have has no data: not even an empty text.
using Cell = std::string_view;

// What the decoders of one scan share. Whoever decodes keeps `text_is_valid` up to date.
struct DecodeState {
  // The bytes that are decoded are UTF-8, as a whole, so that no field needs a look.
  bool text_is_valid = true;
  federation::InvalidUtf8 invalid_utf8 = federation::InvalidUtf8::kError;
};

// Appends texts to an Arrow builder as values of one column, by the rules of LazySimpleSerDe: what
// is no value of the type is NULL. One thread.
class ValueDecoder {
 public:
  virtual ~ValueDecoder() = default;

  // One cell, which is no NULL by its text.
  virtual absl::Status Append(std::string_view text) = 0;
  virtual absl::Status AppendNull() = 0;

  // A cell of each row; those that are missing or equal to `null_sequence` are NULL. A sequence
  // without data is none. After an error, `failed` is the cell that has it.
  virtual absl::Status AppendCells(absl::Span<const Cell> cells, std::string_view null_sequence,
                                   size_t& failed) = 0;
};

// A decoder for types without parts. `Derived` has an Arrow builder `builder_` and
// `absl::Status AppendFast(text)`, which appends one value or NULL; room has been made for it.
template <typename Derived>
class FlatDecoder : public ValueDecoder {
 public:
  absl::Status AppendCells(absl::Span<const Cell> cells, std::string_view null_sequence,
                           size_t& failed) final {
    auto& self = static_cast<Derived&>(*this);
    RETURN_IF_ERROR(self.builder_.Reserve(static_cast<int64_t>(cells.size())));
    const bool has_null = null_sequence.data() != nullptr;
    for (size_t i = 0; i < cells.size(); ++i) {
      const Cell cell = cells[i];
      if (cell.data() == nullptr || (has_null && cell == null_sequence)) {
        self.builder_.UnsafeAppendNull();
      } else if (absl::Status status = self.AppendFast(cell); !status.ok()) {
        failed = i;
        return status;
      }
    }
    return absl::OkStatus();
  }

  absl::Status Append(std::string_view text) final {
    auto& self = static_cast<Derived&>(*this);
    RETURN_IF_ERROR(self.builder_.Reserve(1));
    return self.AppendFast(text);
  }

  absl::Status AppendNull() final {
    RETURN_IF_ERROR(static_cast<Derived&>(*this).builder_.AppendNull());
    return absl::OkStatus();
  }
};

// A decoder of `type` over `builder`, both borrowed with `format` and `state`. `level` is the
// separator of the type's own items. NOT_SUPPORTED for types that the SerDe does not have, or that
// are nested too deep.
absl::StatusOr<std::unique_ptr<ValueDecoder>> MakeValueDecoder(const Type& type,
                                                               const TextFormat& format,
                                                               size_t level,
                                                               const DecodeState& state,
                                                               arrow::ArrayBuilder& builder);

// The valid text to take for `text`, perhaps held by `buffer`, or an error.
absl::StatusOr<std::string_view> ValidText(std::string_view text, federation::InvalidUtf8 policy,
                                           std::string& buffer);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_VALUE_DECODER_H_
