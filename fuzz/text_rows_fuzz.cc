// Any bytes as a file of text: the first byte chooses the SerDe and a few of its properties.
// Whatever the bytes are, all columns have as many cells as there are lines, and ranges of the file
// give the lines of the whole.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "lake/text/text_split_reader.h"
#include "types/arrow_mapping.h"

namespace {

using pallas::lake::SplitColumn;
using pallas::lake::TextFormat;

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

class Memory final : public pallas::storage::ObjectReader {
 public:
  explicit Memory(std::string bytes) : bytes_(std::move(bytes)) {
    info_.size = static_cast<int64_t>(bytes_.size());
  }

  const pallas::storage::ObjectInfo& info() const override { return info_; }

  absl::Status Read(int64_t offset, int64_t length, char* out) override {
    std::memcpy(out, bytes_.data() + offset, static_cast<size_t>(length));
    return absl::OkStatus();
  }

 private:
  const std::string bytes_;
  pallas::storage::ObjectInfo info_;
};

TextFormat FormatOf(uint8_t choice) {
  pallas::sdk::TableDefinition definition;
  auto& serde = definition.storage.serde;
  const char* const libraries[] = {pallas::lake::kLazySimpleSerDe, pallas::lake::kOpenCsvSerDe,
                                   pallas::lake::kHiveJsonSerDe, pallas::lake::kOpenXJsonSerDe};
  serde.library = libraries[choice % 4U];
  if (serde.library == pallas::lake::kLazySimpleSerDe) {
    serde.parameters = {{"field.delim", ","}, {"collection.delim", ";"}, {"mapkey.delim", ":"}};
    if ((choice & 4U) != 0) {
      serde.parameters["escape.delim"] = "\\";
    }
  }
  if ((choice & 8U) != 0) {
    serde.parameters["ignore.malformed.json"] =
        serde.library == pallas::lake::kOpenXJsonSerDe ? "true" : "false";
    serde.parameters["dots.in.keys"] = "true";
  }
  definition.parameters["skip.header.line.count"] = (choice & 16U) != 0 ? "1" : "0";
  auto format = pallas::lake::MakeTextFormat(definition);
  if (!format.ok()) {
    Fail("the format is refused");
  }
  return *std::move(format);
}

// Rows of a range, or -1 after an error.
int64_t CountRows(const std::string& bytes, const TextFormat& format, int64_t start, int64_t length,
                  bool with_columns) {
  const bool csv = format.serde == pallas::lake::TextSerDe::kOpenCsv;
  const std::vector<std::string> types =
      csv ? std::vector<std::string>{"string", "varchar(2)", "char(3)", "string"}
          : std::vector<std::string>{"string",
                                     "int",
                                     "double",
                                     "decimal(10,2)",
                                     "timestamp",
                                     "map<int,array<string>>",
                                     "struct<a_b:int,c:array<double>>",
                                     "binary"};
  std::vector<SplitColumn> columns;
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (size_t i = 0; with_columns && i < types.size(); ++i) {
    const pallas::Type type = *pallas::ParseHiveType(types[i]);
    const std::string name(1, static_cast<char>('a' + i));
    columns.emplace_back().text = pallas::lake::TextColumn{static_cast<int>(i), name, type};
    fields.push_back(arrow::field(name, *pallas::ToScanArrowType(type)));
  }
  pallas::lake::TextReadOptions options;
  options.decoder.num_table_columns = static_cast<int>(types.size());
  options.decoder.invalid_utf8 = pallas::federation::InvalidUtf8::kReplace;
  auto stream =
      pallas::lake::ReadTextSplit({}, std::make_shared<Memory>(bytes),
                                  {"f", start, length, static_cast<int64_t>(bytes.size()), ""},
                                  format, arrow::schema(fields), columns, options);
  if (!stream.ok()) {
    return -1;
  }
  int64_t rows = 0;
  while (true) {
    const auto batch = (*stream)->Next();
    if (!batch.ok()) {
      return -1;
    }
    if (*batch == nullptr) {
      return rows;
    }
    for (const auto& column : (*batch)->columns()) {
      if (column->length() != (*batch)->num_rows() || !column->Validate().ok()) {
        Fail("a column is no column of its batch");
      }
    }
    rows += (*batch)->num_rows();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) {
    return 0;
  }
  const TextFormat format = FormatOf(data[0]);
  const std::string bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  const auto length = static_cast<int64_t>(bytes.size());
  const int64_t lines = CountRows(bytes, format, 0, length, false);
  const int64_t rows = CountRows(bytes, format, 0, length, true);
  if (rows >= 0 && rows != lines) {
    Fail("there are not as many rows as lines");
  }
  const int64_t cut = 1 + data[1] % length;
  if (lines >= 0 && cut < length && format.header_lines == 0) {
    const int64_t first = CountRows(bytes, format, 0, cut, false);
    const int64_t second = CountRows(bytes, format, cut, length - cut, false);
    if (first + second != lines) {
      Fail("two ranges have not as many lines as the file");
    }
  }
  return 0;
}
