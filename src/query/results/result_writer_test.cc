#include "query/results/result_writer.h"

#include <memory>
#include <string>
#include <vector>

#include "arrow/array/builder_binary.h"
#include "arrow/array/builder_nested.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/buffer.h"
#include "arrow/io/memory.h"
#include "arrow/ipc/reader.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"
#include "gtest/gtest.h"

#include "types/arrow_mapping.h"

namespace pallas::query {
namespace {

struct Result {
  std::vector<engine::ResultColumn> columns;
  std::shared_ptr<arrow::RecordBatch> batch;
};

// Two rows: text with quotes and a line break, a double, an array with a NULL, json; then NULLs.
Result MakeResult() {
  const Type array_type = Type::Array(Type::Integer());
  arrow::StringBuilder text;
  arrow::DoubleBuilder number;
  const auto elements = std::make_shared<arrow::Int32Builder>();
  arrow::ListBuilder list(arrow::default_memory_pool(), elements,
                          std::static_pointer_cast<arrow::DataType>(ToResultArrowType(array_type)));
  arrow::StringBuilder json;
  EXPECT_TRUE(text.Append("say \"hi\",\nbye").ok());
  EXPECT_TRUE(number.Append(1e10).ok());
  EXPECT_TRUE(list.Append().ok());
  EXPECT_TRUE(elements->Append(1).ok());
  EXPECT_TRUE(elements->AppendNull().ok());
  EXPECT_TRUE(json.Append(R"({"a":[1]})").ok());
  for (arrow::ArrayBuilder* builder :
       std::vector<arrow::ArrayBuilder*>{&text, &number, &list, &json}) {
    EXPECT_TRUE(builder->AppendNull().ok());
  }
  Result result;
  result.columns = {
      {"t", Type::Varchar()}, {"d", Type::Double()}, {"a", array_type}, {"d", Type::Json()}};
  arrow::FieldVector fields;
  for (const engine::ResultColumn& column : result.columns) {
    fields.push_back(arrow::field(column.name, ToResultArrowType(column.type)));
  }
  result.batch = arrow::RecordBatch::Make(
      arrow::schema(fields), 2, {*text.Finish(), *number.Finish(), *list.Finish(), *json.Finish()});
  return result;
}

std::string WriteAll(std::unique_ptr<ResultWriter> (*make)(ByteSink)) {
  const Result result = MakeResult();
  std::string out;
  const auto writer = make([&out](std::string_view bytes) {
    out.append(bytes);
    return absl::OkStatus();
  });
  EXPECT_TRUE(writer->Begin(result.columns).ok());
  EXPECT_TRUE(writer->Write(*result.batch).ok());
  EXPECT_TRUE(writer->Finish().ok());
  return out;
}

TEST(CsvWriterTest, QuotesEveryValueAndLeavesNullEmpty) {
  EXPECT_EQ(WriteAll(MakeCsvWriter),
            "\"t\",\"d\",\"a\",\"d\"\n"
            "\"say \"\"hi\"\",\nbye\",\"1.0E10\",\"[1, null]\",\"{\"\"a\"\":[1]}\"\n"
            ",,,\n");
}

TEST(JsonWriterTest, OneObjectPerRowWithDistinctKeys) {
  EXPECT_EQ(WriteAll(MakeJsonWriter),
            R"({"t":"say \"hi\",\nbye","d":1.0E10,"a":[1,null],"d_2":{"a":[1]}})"
            "\n"
            R"({"t":null,"d":null,"a":null,"d_2":null})"
            "\n");
}

TEST(ArrowWriterTest, StreamIsReadBackWithTrinoTypes) {
  const std::string bytes = WriteAll(MakeArrowWriter);
  arrow::io::BufferReader input(arrow::Buffer::FromString(bytes));
  const auto reader = arrow::ipc::RecordBatchStreamReader::Open(&input);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(*(*reader)->schema()->field(2)->metadata()->Get("trino.type"), "array(integer)");
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_TRUE((*reader)->ReadNext(&batch).ok());
  EXPECT_TRUE(batch->Equals(*MakeResult().batch));
}

TEST(ResultWriterTest, SinkErrorEndsTheWriting) {
  const Result result = MakeResult();
  const auto failing = [](std::string_view) { return absl::UnavailableError("disk full"); };
  for (auto* make : {MakeCsvWriter, MakeJsonWriter, MakeArrowWriter}) {
    const auto writer = make(failing);
    absl::Status status = writer->Begin(result.columns);
    if (status.ok()) {
      status = writer->Write(*result.batch);
    }
    if (status.ok()) {
      status = writer->Finish();
    }
    EXPECT_FALSE(status.ok());
  }
}

}  // namespace
}  // namespace pallas::query
