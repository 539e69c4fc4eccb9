// Decodes any bytes as an answer of the service, into columns of all types; what decodes gives
// batches that are valid, with as many rows as the answer has items at most.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "connectors/dynamodb/page_decoder.h"
#include "connectors/dynamodb/source_table.h"
#include "connectors/dynamodb/table_description.h"
#include "connectors/dynamodb/testing/items.h"
#include "connectors/dynamodb/type_mapping.h"

namespace {

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::abort();
}

arrow::FieldVector Columns() {
  return {arrow::field("id", arrow::int64()),
          arrow::field("text", arrow::utf8()),
          arrow::field("price", arrow::decimal128(15, 2)),
          arrow::field("ratio", arrow::float64()),
          arrow::field("flag", arrow::boolean()),
          arrow::field("bytes", arrow::binary()),
          arrow::field("day", arrow::date32()),
          arrow::field("moment", arrow::timestamp(arrow::TimeUnit::MICRO)),
          arrow::field("list", arrow::list(arrow::utf8())),
          arrow::field("map", arrow::map(arrow::utf8(), arrow::int32())),
          arrow::field("place", arrow::struct_({arrow::field("x", arrow::float32()),
                                                arrow::field("y", arrow::list(arrow::int8()))}))};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using pallas::dynamodb::PageDecoder;
  static const pallas::dynamodb::TableDescription kDescription = pallas::dynamodb::Described(1);
  const std::string body(reinterpret_cast<const char*>(data), size);
  pallas::dynamodb::SchemaInference inference(pallas::dynamodb::InferenceOptions::Mode::kMerge,
                                              kDescription);
  if (inference.AddPage(body).ok() && inference.Finish()->num_fields() == 0) {
    Fail("the keys are missing from an inferred schema");
  }
  const auto table =
      pallas::dynamodb::SourceTable::Make(pallas::dynamodb::TableOf(kDescription, Columns()));
  if (!table.ok()) {
    Fail(table.status().ToString());
  }
  std::vector<std::string> names;
  for (const auto& field : Columns()) {
    names.push_back(field->name());
  }
  for (const auto mismatch :
       {pallas::dynamodb::TypeMismatch::kError, pallas::dynamodb::TypeMismatch::kNull}) {
    pallas::dynamodb::ValueOptions options;
    options.type_mismatch = mismatch;
    const auto decoder = PageDecoder::Make(*table, names, options);
    if (!decoder.ok()) {
      Fail(decoder.status().ToString());
    }
    std::string copy = body;
    std::deque<std::shared_ptr<arrow::RecordBatch>> batches;
    const auto info = (*decoder)->Decode(copy, INT64_MAX, batches);
    for (const auto& batch : batches) {
      if (info.ok() && !batch->ValidateFull().ok()) {
        Fail(batch->ValidateFull().ToString());
      }
    }
  }
  return 0;
}
