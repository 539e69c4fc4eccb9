#ifndef PALLAS_CLI_SHELL_TYPED_STATEMENT_H_
#define PALLAS_CLI_SHELL_TYPED_STATEMENT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/parser/lexer.h"

namespace pallas::cli {

// What is known of a statement that is being typed, from its tokens alone: no grammar accepts it
// yet.
struct TypedStatement {
  // What a place in the statement calls for.
  enum class Place {
    kStart,       // the first word of a statement
    kExpression,  // columns, functions
    kTable,
    kTableEnd,  // a table stands there; an alias or a keyword may follow
    kDatabase,
    kUse,      // a catalog or database
    kNewName,  // something that is not there yet
  };

  // A table that is named in the statement.
  struct Table {
    std::vector<std::string> name;  // its parts, as written without quotes
    std::string alias;              // empty: none
  };

  Place place = Place::kStart;
  // The word before the cursor: the parts that stand before it with dots, and what is typed of it.
  std::vector<std::string> qualifier;
  std::string prefix;
  size_t begin = 0;  // where the word begins in the text
  // The quote that opens the word, 0 if there is none.
  char quote = '\0';
  // The keywords before the word, in upper case, if it is not part of a qualified name.
  std::vector<std::string> previous;
  bool hive_mode = false;
  std::vector<Table> tables;
  std::vector<std::string> with_names;      // WITH name AS (...)
  std::vector<std::string> column_aliases;  // expression AS name
};

// Nothing where no word can be completed: in strings, comments, numbers.
std::optional<TypedStatement> ReadTypedStatement(std::string_view text, size_t cursor);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SHELL_TYPED_STATEMENT_H_
