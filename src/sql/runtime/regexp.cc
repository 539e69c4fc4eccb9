#include "sql/runtime/regexp.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include <oniguruma.h>

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sql/runtime/text.h"

namespace pallas::sql {
namespace {

// Steps back that one search may take: seconds of work, never minutes.
constexpr unsigned long kMaxBacktracks = 20'000'000;

absl::Status InvalidArgument(std::string_view message) {
  return NamedError("INVALID_FUNCTION_ARGUMENT", message);
}

const OnigUChar* Bytes(const char* text) { return reinterpret_cast<const OnigUChar*>(text); }

// Java's syntax, with the groups of a name that Trino's engine also has.
OnigSyntaxType MakeSyntax() {
  OnigEncoding encodings[] = {ONIG_ENCODING_UTF8};
  onig_initialize(encodings, 1);
  OnigSyntaxType syntax;
  onig_copy_syntax(&syntax, ONIG_SYNTAX_JAVA);
  syntax.op |= ONIG_SYN_OP_ESC_X_BRACE_HEX8;
  syntax.op2 |= ONIG_SYN_OP2_QMARK_LT_NAMED_GROUP | ONIG_SYN_OP2_ESC_K_NAMED_BACKREF;
  return syntax;
}

std::string CompileErrorText(int code, OnigErrorInfo& info) {
  OnigUChar text[ONIG_MAX_ERROR_MESSAGE_LEN];
  const int size = onig_error_code_to_str(text, code, &info);
  std::string message(reinterpret_cast<const char*>(text), static_cast<size_t>(std::max(size, 0)));
  // Joni, which Trino has, writes names between other brackets.
  constexpr std::string_view kProperty = "invalid character property name {";
  if (message.starts_with(kProperty) && message.ends_with('}')) {
    message[kProperty.size() - 1] = '<';
    message.back() = '>';
  }
  return message;
}

absl::Status SearchError(int code) {
  if (code == ONIGERR_RETRY_LIMIT_IN_MATCH_OVER || code == ONIGERR_RETRY_LIMIT_IN_SEARCH_OVER ||
      code == ONIGERR_MATCH_STACK_LIMIT_OVER) {
    return NamedError("GENERIC_INSUFFICIENT_RESOURCES",
                      absl::StrCat("The regular expression takes more than ", kMaxBacktracks,
                                   " steps on one text"),
                      absl::StatusCode::kResourceExhausted);
  }
  return NamedError("GENERIC_INTERNAL_ERROR",
                    absl::StrCat("The regular expression failed with code ", code),
                    absl::StatusCode::kInternal);
}

absl::Status IllegalReplacement(std::string_view replacement) {
  return InvalidArgument(absl::StrCat("Illegal replacement sequence: ", replacement));
}

// What \d, \s and \w stand for inside brackets; empty for another letter.
std::string_view AsciiClass(char letter) {
  switch (letter) {
    case 'd':
      return "0-9";
    case 's':
      return "\\x09-\\x0d\\x20";
    case 'w':
      return "0-9A-Za-z_";
    default:
      return "";
  }
}

// \d, \s, \w and their complements mean ASCII, although \b and [[:alpha:]] mean Unicode. The
// library has no such mixture: the classes are spelled out.
std::string WithAsciiClasses(std::string_view pattern) {
  std::string out;
  bool quoted = false;
  int depth = 0;  // of brackets
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '\\' || i + 1 == pattern.size()) {
      depth += quoted ? 0 : (pattern[i] == '[') - (pattern[i] == ']' && depth > 0);
      out.push_back(pattern[i]);
      continue;
    }
    const char letter = pattern[++i];
    const std::string_view members =
        AsciiClass(static_cast<char>(absl::ascii_tolower(static_cast<unsigned char>(letter))));
    quoted = quoted ? letter != 'E' : letter == 'Q';
    if (members.empty() || quoted) {
      out.append({'\\', letter});
    } else if (absl::ascii_isupper(static_cast<unsigned char>(letter))) {
      absl::StrAppend(&out, "[^", members, "]");
    } else {
      absl::StrAppend(&out, depth > 0 ? "" : "[", members, depth > 0 ? "" : "]");
    }
  }
  return out;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

struct Regexp::Compiled {
  ~Compiled() {
    if (regex != nullptr) {
      onig_free(regex);
    }
  }

  // Groups, the whole match counted.
  int num_groups() const { return onig_number_of_captures(regex) + 1; }

  OnigRegex regex = nullptr;
};

// Goes through the matches of one text from left to right. An empty match advances one code point,
// and the end of the text can match.
class Regexp::Search {
 public:
  Search(const Compiled& compiled, std::string_view text, size_t start = 0)
      : compiled_(compiled),
        text_(text),
        next_(start),
        region_(onig_region_new()),
        limits_(onig_new_match_param()) {
    onig_set_retry_limit_in_match_of_match_param(limits_, kMaxBacktracks);
    onig_set_retry_limit_in_search_of_match_param(limits_, kMaxBacktracks);
  }

  ~Search() {
    onig_region_free(region_, 1);
    onig_free_match_param(limits_);
  }

  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  absl::StatusOr<bool> Next() {
    if (next_ > text_.size()) {
      return false;
    }
    // An empty view may have no address, which the library would read as an end.
    const char* data = text_.empty() ? "" : text_.data();
    const OnigUChar* end = Bytes(data + text_.size());
    const int found = onig_search_with_param(compiled_.regex, Bytes(data), end, Bytes(data + next_),
                                             end, region_, ONIG_OPTION_NONE, limits_);
    if (found == ONIG_MISMATCH) {
      return false;
    }
    if (found < 0) {
      return SearchError(found);
    }
    next_ = end_of_match();
    if (begin() == next_) {
      next_ += next_ < text_.size() ? CodePointSize(text_[next_]) : 1;
    }
    return true;
  }

  size_t begin() const { return static_cast<size_t>(region_->beg[0]); }

  size_t end_of_match() const { return static_cast<size_t>(region_->end[0]); }

  std::optional<std::string_view> Group(int group) const {
    if (region_->beg[group] < 0) {
      return std::nullopt;
    }
    const auto from = static_cast<size_t>(region_->beg[group]);
    return text_.substr(from, static_cast<size_t>(region_->end[group]) - from);
  }

  // Appends the replacement of the current match.
  absl::Status AppendReplacement(std::string_view replacement, std::string* out) const {
    for (size_t i = 0; i < replacement.size();) {
      const char c = replacement[i++];
      if (c != '$' && c != '\\') {
        out->push_back(c);
        continue;
      }
      if (i == replacement.size()) {
        return IllegalReplacement(replacement);
      }
      if (c == '\\') {
        out->push_back(replacement[i++]);
        continue;
      }
      ASSIGN_OR_RETURN(const int group, replacement[i] == '{' ? NamedGroup(replacement, i)
                                                              : NumberedGroup(replacement, i));
      out->append(Group(group).value_or(""));
    }
    return absl::OkStatus();
  }

 private:
  // The group of "{name}" at `i`, which moves behind it.
  absl::StatusOr<int> NamedGroup(std::string_view replacement, size_t& i) const {
    const size_t end = std::min(replacement.find('}', i), replacement.size());
    const std::string_view name = replacement.substr(i + 1, end - i - 1);
    i = std::min(end + 1, replacement.size());
    const int group = onig_name_to_backref_number(compiled_.regex, Bytes(name.data()),
                                                  Bytes(name.data() + name.size()), region_);
    if (group < 0) {
      return InvalidArgument(
          absl::StrCat("Illegal replacement sequence: unknown group { ", name, " }"));
    }
    return group;
  }

  // The longest number at `i` that is a group.
  absl::StatusOr<int> NumberedGroup(std::string_view replacement, size_t& i) const {
    if (!IsDigit(replacement[i])) {
      return IllegalReplacement(replacement);
    }
    int group = replacement[i++] - '0';
    if (group >= compiled_.num_groups()) {
      return InvalidArgument(absl::StrCat("Illegal replacement sequence: unknown group ", group));
    }
    while (i < replacement.size() && IsDigit(replacement[i])) {
      const int longer = group * 10 + (replacement[i] - '0');
      if (longer >= compiled_.num_groups()) {
        break;
      }
      group = longer;
      ++i;
    }
    return group;
  }

  const Compiled& compiled_;
  std::string_view text_;
  size_t next_;
  OnigRegion* region_;
  OnigMatchParam* limits_;
};

Regexp::Regexp(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}

Regexp::~Regexp() = default;

absl::StatusOr<std::shared_ptr<const Regexp>> Regexp::Compile(std::string_view pattern) {
  static const OnigSyntaxType java = MakeSyntax();
  OnigSyntaxType syntax = java;
  auto compiled = std::make_unique<Compiled>();
  OnigErrorInfo info;
  const std::string spelled = WithAsciiClasses(pattern);
  const char* data = spelled.data();
  const int code = onig_new(&compiled->regex, Bytes(data), Bytes(data + spelled.size()),
                            ONIG_OPTION_NONE, ONIG_ENCODING_UTF8, &syntax, &info);
  if (code != ONIG_NORMAL) {
    compiled->regex = nullptr;
    return InvalidArgument(CompileErrorText(code, info));
  }
  return std::shared_ptr<const Regexp>(new Regexp(std::move(compiled)));
}

absl::Status Regexp::CheckGroup(int64_t group) const {
  if (group < 0) {
    return InvalidArgument("Group cannot be negative");
  }
  if (group >= compiled_->num_groups()) {
    return InvalidArgument(absl::StrCat("Pattern has ", compiled_->num_groups() - 1,
                                        " groups. Cannot access group ", group));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Regexp::Matches(std::string_view text) const {
  return Search(*compiled_, text).Next();
}

absl::StatusOr<int64_t> Regexp::Count(std::string_view text) const {
  Search search(*compiled_, text);
  int64_t count = 0;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, search.Next());
    if (!found) {
      return count;
    }
    ++count;
  }
}

absl::StatusOr<std::optional<std::string_view>> Regexp::Extract(std::string_view text,
                                                                int64_t group) const {
  RETURN_IF_ERROR(CheckGroup(group));
  Search search(*compiled_, text);
  ASSIGN_OR_RETURN(const bool found, search.Next());
  return found ? search.Group(static_cast<int>(group)) : std::nullopt;
}

absl::StatusOr<std::vector<std::optional<std::string_view>>> Regexp::ExtractAll(
    std::string_view text, int64_t group) const {
  RETURN_IF_ERROR(CheckGroup(group));
  Search search(*compiled_, text);
  std::vector<std::optional<std::string_view>> groups;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, search.Next());
    if (!found) {
      return groups;
    }
    groups.push_back(search.Group(static_cast<int>(group)));
  }
}

absl::StatusOr<std::vector<std::vector<std::optional<std::string_view>>>> Regexp::Groups(
    std::string_view text) const {
  Search search(*compiled_, text);
  const int count = onig_number_of_captures(compiled_->regex);
  std::vector<std::vector<std::optional<std::string_view>>> matches;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, search.Next());
    if (!found) {
      return matches;
    }
    std::vector<std::optional<std::string_view>>& groups = matches.emplace_back();
    for (int group = 1; group <= count; ++group) {
      groups.push_back(search.Group(group));
    }
  }
}

absl::StatusOr<std::vector<std::string_view>> Regexp::Split(std::string_view text) const {
  Search search(*compiled_, text);
  std::vector<std::string_view> parts;
  size_t last_end = 0;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, search.Next());
    if (!found) {
      parts.push_back(text.substr(last_end));
      return parts;
    }
    parts.push_back(text.substr(last_end, search.begin() - last_end));
    last_end = search.end_of_match();
  }
}

absl::StatusOr<std::string> Regexp::Replace(std::string_view text,
                                            std::string_view replacement) const {
  Search search(*compiled_, text);
  std::string result;
  size_t last_end = 0;
  while (true) {
    ASSIGN_OR_RETURN(const bool found, search.Next());
    if (!found) {
      result.append(text.substr(last_end));
      return result;
    }
    result.append(text.substr(last_end, search.begin() - last_end));
    last_end = search.end_of_match();
    RETURN_IF_ERROR(search.AppendReplacement(replacement, &result));
  }
}

absl::StatusOr<int32_t> Regexp::Position(std::string_view text, int32_t start,
                                         int32_t occurrence) const {
  if (start < 1) {
    return InvalidArgument("start position cannot be smaller than 1");
  }
  if (occurrence < 1) {
    return InvalidArgument("occurrence cannot be smaller than 1");
  }
  if (start > CountCodePoints(text)) {
    return -1;
  }
  Search search(*compiled_, text, CodePointOffset(text, start - 1).value_or(text.size()));
  for (int32_t i = 0; i < occurrence; ++i) {
    ASSIGN_OR_RETURN(const bool found, search.Next());
    if (!found) {
      return -1;
    }
  }
  return static_cast<int32_t>(CountCodePoints(text.substr(0, search.begin()))) + 1;
}

absl::StatusOr<const Regexp*> RegexpCache::Get(std::string_view pattern) {
  if (regexp_ == nullptr || pattern != pattern_) {
    ASSIGN_OR_RETURN(regexp_, Regexp::Compile(pattern));
    pattern_.assign(pattern);
  }
  return regexp_.get();
}

}  // namespace pallas::sql
