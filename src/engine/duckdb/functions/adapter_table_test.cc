#include "engine/duckdb/functions/adapter_table.h"

#include <set>
#include <string_view>

#include "gtest/gtest.h"

#include "engine/duckdb/functions/functions.h"
#include "sql/functions/registry.h"

namespace pallas::engine {
namespace {

// What the analyzer resolves can run. Calls of some it replaces by what the session says.
TEST(AdapterTableTest, EveryRegistryEntryHasAnAdapter) {
  const std::set<std::string_view> replaced = {"current_date()", "current_timezone()", "now()"};
  for (const sql::FunctionEntry& entry : sql::AllFunctions()) {
    EXPECT_NE(HasAdapter(entry.id), replaced.contains(entry.id)) << entry.id;
  }
}

}  // namespace
}  // namespace pallas::engine
