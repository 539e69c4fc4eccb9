#ifndef PALLAS_CLI_SHELL_COMPLETER_H_
#define PALLAS_CLI_SHELL_COMPLETER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/table_resolver.h"

namespace pallas::cli {

// The names there are. Calls must be quick, for a user waits: what is not known in time is left
// out. An unknown catalog, database or table has nothing in it.
class CompletionSource {
 public:
  virtual ~CompletionSource() = default;
  virtual std::vector<std::string> Catalogs() = 0;
  virtual std::vector<std::string> Databases(const std::string& catalog) = 0;
  virtual std::vector<std::string> Tables(const std::string& catalog,
                                          const std::string& database) = 0;
  virtual std::vector<std::string> Columns(const catalog::QualifiedName& table) = 0;
};

struct Candidate {
  std::string text;
  std::string after;  // what is typed behind it if there is no other: " ", ".", "("

  bool operator==(const Candidate&) const = default;
};

// What may stand in place of the word before the cursor.
struct Completion {
  size_t begin = 0;  // where that word begins
  std::vector<Candidate> candidates;
};

// Candidates for the word that ends at the byte `cursor` of `text`, a statement being typed (what
// follows the cursor tells of tables, too) or a dot command. Names are quoted where the grammar
// wants it; keywords are in the case in which the word was begun. Asks `source` only for what the
// place calls for. `catalog` and `database` are those of unqualified names.
Completion Complete(std::string_view text, size_t cursor, const std::string& catalog,
                    const std::string& database, CompletionSource& source);

// The longest start that all candidates share, whatever their case; as the first spells it.
std::string CommonPrefix(const std::vector<Candidate>& candidates);

}  // namespace pallas::cli

#endif  // PALLAS_CLI_SHELL_COMPLETER_H_
