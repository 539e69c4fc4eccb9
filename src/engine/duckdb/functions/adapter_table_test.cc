#include "engine/duckdb/functions/adapter_table.h"

#include "gtest/gtest.h"

#include "engine/duckdb/functions/functions.h"
#include "sql/functions/registry.h"

namespace pallas::engine {
namespace {

// What the analyzer resolves can run.
TEST(AdapterTableTest, EveryRegistryEntryHasAnAdapter) {
  for (const sql::FunctionEntry& entry : sql::AllFunctions()) {
    EXPECT_TRUE(HasAdapter(entry.id)) << entry.id;
  }
}

}  // namespace
}  // namespace pallas::engine
