#ifndef PALLAS_CONNECTORS_REDIS_CELL_DECODER_H_
#define PALLAS_CONNECTORS_REDIS_CELL_DECODER_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/array/builder_base.h"
#include "arrow/type_fwd.h"

#include "connectors/redis/date_time_text.h"

namespace pallas::redis {

// `column=pattern,...`: how times are written where they are not in ISO's form.
inline constexpr char kDateTimeParameter[] = "datetimeFormatMapping";

// Appends values of Redis, which are all bytes, to the builder of a column. One thread.
//
//   boolean          true, false, 1, 0, in any case of letters
//   integers         decimal digits with a sign; too large is an error
//   real, double     as C writes them, with inf and nan
//   decimal(p,s)     digits and a point; more than s digits after it are rounded half up
//   date             yyyy-MM-dd
//   timestamp        ISO 8601 or the column's pattern; an offset is applied; digits beyond the
//                    type's precision are rounded half up
//   timestamp with time zone  the same; without an offset UTC
//   varchar(n)       the bytes; more than n characters are an error
//   varbinary        the bytes
class CellDecoder {
 public:
  // Whether values can become cells of this column; the error names it.
  static absl::Status Check(const arrow::Field& field, std::string_view date_time_mapping);

  // REQUIRES: Check() was OK; `builder` is that of `field` and outlives the decoder.
  static absl::StatusOr<CellDecoder> Make(const arrow::Field& field,
                                          std::string_view date_time_mapping,
                                          arrow::ArrayBuilder& builder);

  // False, and nothing is appended: the text is no value of the column's type.
  absl::StatusOr<bool> Append(std::string_view text) { return append_(*this, text); }

  absl::Status AppendNull();

 private:
  using AppendFunction = absl::StatusOr<bool> (*)(CellDecoder&, std::string_view);
  struct Functions;

  AppendFunction append_ = nullptr;
  arrow::ArrayBuilder* builder_ = nullptr;
  int precision_ = 0;  // also of times
  int scale_ = 0;
  size_t max_characters_ = 0;
  std::optional<DateTimePattern> pattern_;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_CELL_DECODER_H_
