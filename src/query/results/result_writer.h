#ifndef PALLAS_QUERY_RESULTS_RESULT_WRITER_H_
#define PALLAS_QUERY_RESULTS_RESULT_WRITER_H_

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "arrow/type_fwd.h"

#include "engine/query_engine.h"

namespace pallas::query {

// Where the bytes of a result go; an error ends the writing.
using ByteSink = std::function<absl::Status(std::string_view)>;

// Writes the rows of one result in some format. One thread.
// Calls: Begin once, any number of Write, Finish once.
class ResultWriter {
 public:
  virtual ~ResultWriter() = default;

  virtual absl::Status Begin(const std::vector<engine::ResultColumn>& columns) = 0;
  // `batch` is in the result-side physical form of the columns' types.
  virtual absl::Status Write(const arrow::RecordBatch& batch) = 0;
  virtual absl::Status Finish() = 0;
};

// CSV as Athena writes its result files (client-api-surface section 3): a header, every value in
// double quotes, NULL as nothing between the commas, LF line ends.
std::unique_ptr<ResultWriter> MakeCsvWriter(ByteSink sink);

// One JSON object a row and line. Booleans and numbers are JSON's, except NaN and infinities, which
// are strings; a value of type json stands as it is; arrays, maps and rows become arrays and
// objects; the rest is Athena's text. Equal column names get _2, _3, ... so that none is lost.
std::unique_ptr<ResultWriter> MakeJsonWriter(ByteSink sink);

// The Arrow IPC stream format. Types of the physical form; each field's metadata has the Trino type
// under "trino.type".
std::unique_ptr<ResultWriter> MakeArrowWriter(ByteSink sink);

}  // namespace pallas::query

#endif  // PALLAS_QUERY_RESULTS_RESULT_WRITER_H_
