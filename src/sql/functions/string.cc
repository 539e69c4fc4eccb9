#include <algorithm>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"

#include "sql/functions/registry_builder.h"

namespace pallas::sql {
namespace {

// replace(s, search, replacement): every place between code points may become a replacement.
absl::StatusOr<Type> ReplacedVarchar(std::span<const Type> arguments) {
  const std::optional<int64_t> x = arguments[0].length();
  const std::optional<int64_t> z = arguments[2].length();
  if (!x.has_value() || !z.has_value()) {
    return Type::Varchar();
  }
  const absl::int128 length = absl::int128(*x) + absl::int128(*z) * (*x + 1);
  return length > kMaxVarcharLength ? Type::Varchar() : Type::Varchar(static_cast<int64_t>(length));
}

void AddSplits(RegistryBuilder& b) {
  b.Scalar("split(varchar(x),varchar(y))", "array(varchar(x))")
      .Raises()
      .Doc("Parts between separators");
  b.Scalar("split(varchar(x),varchar(y),bigint)", "array(varchar(x))")
      .Raises()
      .Doc("At most that many parts between separators");
  b.Scalar("split_part(varchar(x),varchar(y),bigint)", "varchar(x)")
      .Raises()
      .Doc("The part with that number; NULL beyond the last");
  b.Scalar("split_to_map(varchar,varchar,varchar)", "map(varchar,varchar)")
      .Raises()
      .Doc("Creates a map using entryDelimiter and keyValueDelimiter");
  b.Scalar("split_to_multimap(varchar,varchar,varchar)", "map(varchar,array(varchar))")
      .Raises()
      .Doc("Creates a multimap by splitting a string into key/value pairs");
}

}  // namespace

void AddStringFunctions(RegistryBuilder& b) {
  b.Scalar("chr(bigint)", "varchar(1)").Raises().Doc("The character with that code point");
  b.Scalar("codepoint(varchar(1))", "integer").Raises().Doc("The code point of a character");
  b.Scalar("concat_ws(varchar,varchar...)", "varchar")
      .CalledOnNull()
      .Doc("Joins texts, NULLs left out, with a separator");
  b.Scalar("concat_ws(varchar,array(varchar))", "varchar")
      .Doc("Joins the texts of an array, NULLs left out, with a separator");
  b.Scalar("hamming_distance(varchar(x),varchar(y))", "bigint")
      .Raises()
      .Doc("Places at which texts of one length differ");
  b.Scalar("levenshtein_distance(varchar(x),varchar(y))", "bigint")
      .Raises()
      .Doc("Edits from one text to the other");
  b.Scalar("luhn_check(varchar)", "boolean").Raises().Doc("Whether digits pass the Luhn check");
  b.Scalar("length(varchar(x))", "bigint").Doc("Code points");
  b.Scalar("length(char(x))", "bigint").Doc("Code points, with padding");
  for (std::string_view name : {"lower", "upper"}) {
    b.Scalar(absl::StrCat(name, "(varchar(x))"), "varchar(x)").Doc("Each code point in that case");
    b.Scalar(absl::StrCat(name, "(char(x))"), "char(x)").Doc("Each code point in that case");
  }
  b.Scalar("lpad(varchar(x),bigint,varchar(y))", "varchar")
      .Raises()
      .Doc("Pads or cuts to a size, on the left");
  b.Scalar("lpad(char(x),bigint,varchar(y))", "varchar")
      .Raises()
      .Doc("Pads or cuts to a size, on the left, with the blanks of the char");
  b.Scalar("rpad(varchar(x),bigint,varchar(y))", "varchar")
      .Raises()
      .Doc("Pads or cuts to a size, on the right");
  for (std::string_view name : {"trim", "ltrim", "rtrim"}) {
    for (std::string_view type : {"varchar(x)", "char(x)"}) {
      b.Scalar(absl::StrCat(name, "(", type, ")"), "varchar(x)")
          .Doc("Without white space at the end(s)");
      b.Scalar(absl::StrCat(name, "(", type, ",codepoints)"), "varchar(x)")
          .Raises()
          .Doc("Without any of those characters at the end(s)");
    }
  }
  b.Scalar("normalize(varchar(x),varchar(y))", "varchar")
      .Raises()
      .Doc("In that Unicode normal form");
  b.Scalar("replace(varchar(x),varchar(y))", "varchar(x)").Doc("Removes every occurrence");
  b.Scalar("replace(varchar(x),varchar(y),varchar(z))", "varchar(u)")
      .ResultType(ReplacedVarchar)
      .Doc("Replaces every occurrence");
  b.Scalar("reverse(varchar(x))", "varchar(x)").Doc("Code points in reverse order");
  b.Scalar("reverse(char(x))", "char(x)").Doc("Code points in reverse order");
  b.Scalar("soundex(varchar)", "varchar(4)").Raises().Doc("Phonetic code of English words");
  AddSplits(b);
  b.Scalar("starts_with(varchar(x),varchar(y))", "boolean").Doc("Whether it starts so");
  b.Scalar("strpos(varchar(x),varchar(y))", "bigint").Doc("Place of the first occurrence, or 0");
  b.Scalar("strpos(varchar(x),varchar(y),bigint)", "bigint")
      .Raises()
      .Doc("Place of that occurrence, from the end if negative, or 0");
  for (std::string_view name : {"substr", "substring"}) {
    for (std::string_view type : {"varchar(x)", "char(x)"}) {
      b.Scalar(absl::StrCat(name, "(", type, ",bigint)"), "varchar(x)")
          .Doc("From that place, from the end if negative");
      b.Scalar(absl::StrCat(name, "(", type, ",bigint,bigint)"), "varchar(x)")
          .Doc("So many code points from that place");
    }
  }
  b.Scalar("word_stem(varchar(x))", "varchar(x)").Doc("Stem of an English word");
  b.Scalar("word_stem(varchar(x),varchar(2))", "varchar(x)")
      .Raises()
      .Doc("Stem of a word in that language");
  b.Scalar("translate(varchar(x),varchar(y),varchar(z))", "varchar")
      .Doc("Each character of the second by its fellow in the third");
}

void AddRegexpFunctions(RegistryBuilder& b) {
  b.Scalar("regexp_like(varchar(x),joniregexp)", "boolean")
      .Raises()
      .Doc("Whether the pattern occurs");
  b.Scalar("regexp_extract(varchar(x),joniregexp)", "varchar(x)")
      .Raises()
      .Doc("The first match; NULL without one");
  b.Scalar("regexp_extract(varchar(x),joniregexp,bigint)", "varchar(x)")
      .Raises()
      .Doc("A group of the first match");
  b.Scalar("regexp_extract_all(varchar(x),joniregexp)", "array(varchar(x))")
      .Raises()
      .Doc("All matches");
  b.Scalar("regexp_extract_all(varchar(x),joniregexp,bigint)", "array(varchar(x))")
      .Raises()
      .Doc("A group of all matches");
  b.Scalar("regexp_replace(varchar(x),joniregexp)", "varchar(x)")
      .Raises()
      .Doc("Removes all matches");
  b.Scalar("regexp_replace(varchar(x),joniregexp,varchar(y))", "varchar(z)")
      .ResultType([](std::span<const Type> arguments) -> absl::StatusOr<Type> {
        const std::optional<int64_t> x = arguments[0].length();
        const std::optional<int64_t> y = arguments[2].length();
        if (!x.has_value() || !y.has_value()) {
          return Type::Varchar();
        }
        // Trino's bound: at every place a replacement that is all references to groups.
        const absl::int128 replacement = *y;
        const absl::int128 length = *x + std::max(*x * replacement / 2, replacement) * (*x + 1);
        return length > kMaxVarcharLength ? Type::Varchar()
                                          : Type::Varchar(static_cast<int64_t>(length));
      })
      .Raises()
      .Doc("Replaces all matches; $1 and ${name} are groups");
  b.Scalar("regexp_replace(varchar,joniregexp,function(array(varchar),varchar(x)))", "varchar")
      .Raises()
      .Doc("Every match replaced by what the function makes of its groups");
  b.Scalar("$regexp_groups(varchar,joniregexp)", "array(array(varchar))")
      .Raises()
      .Hidden()
      .Doc("The groups of every match");
  b.Scalar("regexp_split(varchar(x),joniregexp)", "array(varchar(x))")
      .Raises()
      .Doc("Parts between matches");
  b.Scalar("regexp_count(varchar(x),joniregexp)", "bigint").Raises().Doc("Number of matches");
  b.Scalar("regexp_position(varchar(x),joniregexp)", "integer")
      .Raises()
      .Doc("Place of the first match, or -1");
  b.Scalar("regexp_position(varchar(x),joniregexp,integer)", "integer")
      .Raises()
      .Doc("Place of the first match from there on, or -1");
  b.Scalar("regexp_position(varchar(x),joniregexp,integer,integer)", "integer")
      .Raises()
      .Doc("Place of that match from there on, or -1");
}

}  // namespace pallas::sql
