// Parses any bytes as a statement; what parses must print as a text that parses to an equal tree.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sql/ast/equality.h"
#include "sql/formatter/formatter.h"
#include "sql/parser/parser.h"

namespace {

[[noreturn]] void Fail(const char* what, const std::string& text) {
  std::fprintf(stderr, "%s: %s\n", what, text.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  // Its result has no property to check that holds for broken statements.
  (void)pallas::sql::SplitStatements(sql);
  const auto statement = pallas::sql::Parse(sql);
  if (!statement.ok()) {
    return 0;
  }
  (void)pallas::sql::KindOf(**statement);
  const std::string text = pallas::sql::FormatStatement(**statement);
  pallas::sql::ParserOptions options;
  options.max_statement_bytes = 64 * options.max_statement_bytes;  // Quotes make it longer.
  const auto again = pallas::sql::Parse(text, options);
  if (!again.ok()) {
    Fail("does not parse again", text);
  }
  if (!pallas::sql::ast::Equal(**statement, **again)) {
    Fail("parses to another tree", text);
  }
  return 0;
}
