// Every truncation and many one-byte changes of the small golden messages: an error, or a message
// that can be written and read again without changing.

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "arrow/buffer.h"
#include "arrow/record_batch.h"
#include "gtest/gtest.h"

#include "sdk/protocol/arrow_message.h"
#include "sdk/protocol/base64.h"
#include "sdk/protocol/codec.h"
#include "sdk/protocol/testing/golden_messages.h"
#include "simdjson.h"

namespace pallas::sdk::protocol {
namespace {

// Below this size all 255 changes of each byte are tried, above it a few.
constexpr size_t kSmallBytes = 600;
constexpr size_t kLargestBytes = 3000;

std::string Minified(const std::string& json) {
  std::string out(json.size(), '\0');
  size_t size = 0;
  EXPECT_EQ(simdjson::minify(json.data(), json.size(), out.data(), size), simdjson::SUCCESS);
  out.resize(size);
  return out;
}

void Try(const std::string& path, const std::string& json, Version version) {
  const absl::StatusOr<std::string> once = Recode(path, json, version);
  if (!once.ok()) {
    EXPECT_FALSE(once.status().message().empty());
    return;
  }
  const absl::StatusOr<std::string> twice = Recode(path, *once, version);
  ASSERT_TRUE(twice.ok()) << path << ": " << twice.status() << "\n" << json;
  ASSERT_EQ(*once, *twice) << path << "\n" << json;
}

std::vector<unsigned char> Changes(unsigned char byte, bool all) {
  std::vector<unsigned char> changes;
  if (all) {
    for (int other = 0; other < 256; ++other) {
      changes.push_back(static_cast<unsigned char>(other));
    }
  } else {
    changes = {0,
               0xFF,
               '"',
               '{',
               static_cast<unsigned char>(byte ^ 1U),
               static_cast<unsigned char>(byte ^ 0x20U)};
  }
  std::erase(changes, byte);
  return changes;
}

void TryAll(const std::string& path, Version version) {
  const std::string json = Minified(ReadTestData(path));
  if (json.size() > kLargestBytes) {
    return;
  }
  for (size_t length = 0; length < json.size(); ++length) {
    const std::string cut = json.substr(0, length);
    EXPECT_FALSE(Recode(path, cut, version).ok()) << cut;
  }
  for (size_t i = 0; i < json.size(); ++i) {
    std::string changed = json;
    for (const unsigned char byte :
         Changes(static_cast<unsigned char>(json[i]), json.size() <= kSmallBytes)) {
      changed[i] = static_cast<char>(byte);
      Try(path, changed, version);
      if (testing::Test::HasFatalFailure()) {
        return;
      }
    }
  }
}

TEST(CorruptionTest, OfMessages) {
  for (const char* folder : {"upstream", "upstream/v2", "upstream/v4", "upstream/v5"}) {
    for (const std::string& path : TestMessages(folder)) {
      const std::string_view name(folder);
      const int version = name == "upstream" ? 6 : name.back() - '0';
      if (path.find("LambdaFunctionException") == std::string::npos) {
        ASSERT_NO_FATAL_FAILURE(TryAll(path, static_cast<Version>(version)));
      }
    }
  }
}

TEST(CorruptionTest, OfFirstVersionMessages) {
  for (const std::string& path : TestMessages("generated/v1")) {
    const std::string json = Minified(ReadTestData(path));
    for (size_t length = 0; length < json.size() && json.size() <= kLargestBytes; ++length) {
      EXPECT_FALSE(Recode(path, json.substr(0, length), Version::kV1).ok());
    }
  }
}

// A batch of all types under its schema: every byte of both changed in several ways.
class ArrowCorruptionTest : public testing::Test {
 protected:
  ArrowCorruptionTest() {
    const auto response = DecodeResponse(
        ReadTestData("generated/v6/AllTypes.ReadRecordsResponse.json"), Version::kV6);
    batch_ = std::get<ReadRecordsResponse>(response.value()).records;
  }

  // What is read must hold together: writing it visits all of it.
  static void TryBatch(const std::string& bytes, const std::shared_ptr<arrow::Schema>& schema) {
    const auto batch = ParseBatch(arrow::Buffer::FromString(bytes), schema);
    if (batch.ok()) {
      const auto again = SerializeBatch(**batch, Framing::kModern);
      ASSERT_TRUE(again.ok()) << again.status();
      ASSERT_TRUE(ParseBatch(*again, schema).ok());
      EXPECT_GE(BlockBytes(**batch), 0);
      EXPECT_FALSE((*batch)->ToString().empty());
    }
  }

  template <typename Test>
  static void ForEachChange(const arrow::Buffer& buffer, const Test& test) {
    const std::string bytes = buffer.ToString();
    for (size_t length = 0; length < bytes.size(); ++length) {
      test(bytes.substr(0, length));
    }
    for (size_t i = 0; i < bytes.size(); ++i) {
      std::string changed = bytes;
      for (unsigned bit = 0; bit < 8; ++bit) {
        changed[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ (1U << bit));
        test(changed);
      }
      for (const char byte : {'\0', '\x7F', '\xFF'}) {
        changed[i] = byte;
        test(changed);
      }
    }
  }

  std::shared_ptr<arrow::RecordBatch> batch_;
};

TEST_F(ArrowCorruptionTest, OfBatches) {
  for (const Framing framing : {Framing::kLegacy, Framing::kModern}) {
    ForEachChange(**SerializeBatch(*batch_, framing),
                  [&](const std::string& bytes) { TryBatch(bytes, batch_->schema()); });
  }
}

TEST_F(ArrowCorruptionTest, OfSchemas) {
  ForEachChange(**SerializeSchema(*batch_->schema(), Framing::kModern),
                [&](const std::string& bytes) {
                  const auto schema = ParseSchema(arrow::Buffer::FromString(bytes));
                  if (schema.ok()) {
                    EXPECT_TRUE(EmptyBatch(*schema).ok());
                    EXPECT_TRUE(SerializeSchema(**schema, Framing::kLegacy).ok());
                  }
                });
}

}  // namespace
}  // namespace pallas::sdk::protocol
