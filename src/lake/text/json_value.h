#ifndef PALLAS_LAKE_TEXT_JSON_VALUE_H_
#define PALLAS_LAKE_TEXT_JSON_VALUE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "arrow/type_fwd.h"

#include "lake/text/text_format.h"
#include "lake/text/value_decoder.h"
#include "types/type.h"

namespace pallas::lake {

// What the decoders of a scan share. Whoever decodes keeps it up to date.
struct JsonState {
  const TextFormat* format = nullptr;
  DecodeState text;

  bool is_openx() const { return format->serde == TextSerDe::kOpenXJson; }
};

// A decoder of JSON texts, as they are written (`"a"`, `1`, `{...}`), to values of `type`, over
// `builder`; borrowed with `state`. The texts have kTextPadding readable bytes after them. What is
// no value of the type is an error.
absl::StatusOr<std::unique_ptr<ValueDecoder>> MakeJsonValueDecoder(const Type& type,
                                                                   const JsonState& state,
                                                                   arrow::ArrayBuilder& builder);

}  // namespace pallas::lake

#endif  // PALLAS_LAKE_TEXT_JSON_VALUE_H_
