// Parses any bytes as a schema message with a record batch message behind it; what parses can be
// visited and written again. The first two bytes are the length of the schema.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "arrow/buffer.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "sdk/protocol/arrow_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pallas::sdk::protocol;
  if (size < 2) {
    return 0;
  }
  const std::string bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const size_t schema_bytes = std::min<size_t>(data[0] | (size_t{data[1]} << 8U), bytes.size());
  const auto schema = ParseSchema(arrow::Buffer::FromString(bytes.substr(0, schema_bytes)));
  if (!schema.ok()) {
    return 0;
  }
  const auto batch = ParseBatch(arrow::Buffer::FromString(bytes.substr(schema_bytes)), *schema);
  if (!batch.ok()) {
    return 0;
  }
  const auto again = SerializeBatch(**batch, Framing::kLegacy);
  if (!again.ok() || !ParseBatch(*again, *schema).ok() || BlockBytes(**batch) < 0 ||
      (*batch)->ToString().empty()) {
    std::fprintf(stderr, "does not read again\n");
    std::abort();
  }
  return 0;
}
