#include "connectors/dynamodb/pushdown.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "arrow/type.h"

#include "base/status_macros.h"

namespace pallas::dynamodb {
namespace {

using sdk::Support;

constexpr int64_t kGiB = int64_t{1} << 30;
constexpr int64_t kOnDemandSegmentBytes = int64_t{256} << 20;
constexpr int64_t kMaxOnDemandSegments = 400;
constexpr int64_t kUnitsPerSegment = 100;
constexpr int64_t kMaxSegments = 1'000'000;
constexpr size_t kMaxHashKeyBytes = 2048;
constexpr size_t kMaxRangeKeyBytes = 1024;
constexpr size_t kMaxShownValues = 10;

// What is known of one column.
struct ColumnTerm {
  const SourceColumn* column = nullptr;
  std::optional<NativeSet> constraint;  // of the statement
  std::optional<NativeSet> prefix;      // LIKE 'x%'
  std::optional<NativeSet> combined;    // with what joins have found
};

bool IsPrimaryKey(const TableDescription& table, const std::string& attribute) {
  return attribute == table.key.hash || attribute == table.key.range;
}

bool SaysKeyRanges(const NativeSet& set) {
  return std::all_of(set.ranges.begin(), set.ranges.end(), IsKeyRange);
}

bool IsText(const AttributeLiteral& literal) {
  return literal.type == AttributeType::kString || literal.type == AttributeType::kBinary;
}

// Key values that no item can have, and that DynamoDB refuses to look for, go; ends of ranges that
// it refuses are opened.
void TidyKeySet(const TableDescription& table, const std::string& attribute, NativeSet& set) {
  bool is_range = attribute == table.key.range;
  for (const IndexDescription& index : table.indexes) {
    is_range |= attribute == index.key.range;
  }
  const size_t limit = is_range ? kMaxRangeKeyBytes : kMaxHashKeyBytes;
  const auto is_refused = [&](const std::optional<AttributeLiteral>& end) {
    return end && IsText(*end) && (end->text.empty() || end->text.size() > limit);
  };
  std::vector<NativeRange> tidy;
  for (NativeRange range : set.ranges) {
    if (range.IsPoint() ? is_refused(range.low) : (range.high && range.high->text.empty())) {
      continue;
    }
    if (is_refused(range.low)) {
      // A long text sorts behind the shorter one that it begins with.
      const bool is_long = !range.low->text.empty();
      range.low->text.resize(0);
      range.low.reset();
      range.is_prefix = false;
      set.is_exact &= !is_long;
    }
    if (is_refused(range.high)) {
      range.high.reset();
      set.is_exact = false;
    }
    if (!range.low && !range.high) {
      set.all = true;
    }
    tidy.push_back(std::move(range));
  }
  set.ranges = set.all ? std::vector<NativeRange>() : std::move(tidy);
}

// The text of `$like_pattern(column, 'x%')`: column and prefix; nullopt for any other expression.
struct PrefixTerm {
  std::string column;
  std::string prefix;
};

std::optional<PrefixTerm> ReadPrefix(const sdk::Expression& expression) {
  if (expression.kind != sdk::Expression::Kind::kCall || expression.name != "$like_pattern" ||
      expression.arguments.size() != 2) {
    return std::nullopt;
  }
  const sdk::Expression& column = expression.arguments[0];
  const sdk::Expression& pattern = expression.arguments[1];
  if (column.kind != sdk::Expression::Kind::kVariable ||
      pattern.kind != sdk::Expression::Kind::kConstant || pattern.values.size() != 1 ||
      !pattern.values[0] || !std::holds_alternative<std::string>(*pattern.values[0])) {
    return std::nullopt;
  }
  std::string prefix = std::get<std::string>(*pattern.values[0]);
  if (!absl::EndsWith(prefix, "%")) {
    return std::nullopt;
  }
  prefix.pop_back();
  if (prefix.empty() || prefix.find_first_of("%_\\") != std::string::npos) {
    return std::nullopt;
  }
  return PrefixTerm{column.name, std::move(prefix)};
}

// The smallest range that holds all of a set: what is sent of a set with too many values.
std::optional<NativeSet> Hull(const NativeSet& set) {
  if (set.all || set.ranges.empty() || set.ranges.front().is_prefix) {
    return std::nullopt;
  }
  NativeSet hull = set;
  NativeRange range = set.ranges.front();
  range.high = set.ranges.back().high;
  range.high_inclusive = set.ranges.back().high_inclusive;
  hull.ranges = {range};
  hull.is_exact = false;
  return range.low || range.high ? std::optional(std::move(hull)) : std::nullopt;
}

class Planner {
 public:
  Planner(const SourceTable& table, const sdk::Scan& scan, const DynamoDbOptions& options)
      : table_(table), scan_(scan), options_(options) {}

  absl::StatusOr<ScanPlan> Plan(DynamicFilters dynamic_filters) {
    RETURN_IF_ERROR(CheckColumns());
    CollectTerms(dynamic_filters);
    plan_.path = ChoosePath(table_.description(), PathSets(), Needed(),
                            PathOptions{options_.consistent_read});
    AddConstraints(plan_.aliases, &plan_.filter, /*answer=*/true);
    AddDynamicFilters(plan_.aliases, &plan_.filter);
    PlanLimit();
    plan_.pushdown.statement = Describe();
    return std::move(plan_);
  }

 private:
  absl::Status CheckColumns() const {
    for (const std::string& name : scan_.columns) {
      if (table_.Find(name) == nullptr) {
        return absl::InvalidArgumentError(absl::StrCat(
            "DynamoDB: table ", table_.description().name, " has no column '", name, "'"));
      }
    }
    return absl::OkStatus();
  }

  NativeSet Native(const SourceColumn& column, const sdk::ValueSet& set) const {
    NativeSet native = ToNative(column, set, options_.values);
    if (native.IsUsable() && column.key_type != 0) {
      TidyKeySet(table_.description(), column.attribute, native);
    }
    return native;
  }

  void CollectTerms(DynamicFilters dynamic_filters) {
    for (const SourceColumn& column : table_.columns()) {
      ColumnTerm term;
      term.column = &column;
      const auto constraint = scan_.constraints.summary.find(column.name);
      const auto dynamic = scan_.dynamic_filters.find(column.name);
      const bool has_constraint = constraint != scan_.constraints.summary.end();
      if (has_constraint) {
        term.constraint = Native(column, constraint->second);
      }
      if (dynamic_filters == DynamicFilters::kUse && dynamic != scan_.dynamic_filters.end()) {
        term.combined =
            Native(column, has_constraint ? constraint->second.Intersect(dynamic->second)
                                          : dynamic->second);
      }
      for (const sdk::Expression& expression : scan_.constraints.expressions) {
        const std::optional<PrefixTerm> prefix = ReadPrefix(expression);
        if (prefix && prefix->column == column.name) {
          term.prefix = PrefixSet(column, prefix->prefix);
        }
      }
      if (term.constraint || term.combined || term.prefix) {
        terms_.push_back(std::move(term));
      }
    }
  }

  // What is known of each attribute, for the choice of the path.
  std::map<std::string, NativeSet> PathSets() const {
    std::map<std::string, NativeSet> sets;
    for (const ColumnTerm& term : terms_) {
      const NativeSet* set = nullptr;
      if (term.prefix && term.prefix->IsUsable()) {
        set = &*term.prefix;
      }
      if (term.constraint && term.constraint->IsUsable()) {
        set = &*term.constraint;
      }
      if (term.combined && term.combined->IsUsable()) {
        // A key condition says some pairs of ends only by adding the ends themselves, which may
        // be outside of what the constraint, taken exactly, lets pass.
        const bool says_it = SaysKeyRanges(*term.combined) || !term.constraint ||
                             !term.constraint->IsUsable() || !SaysKeyRanges(*term.constraint);
        set = says_it ? &*term.combined : set;
      }
      if (set != nullptr) {
        sets.emplace(term.column->attribute, *set);
      }
    }
    return sets;
  }

  // The attributes that an index must hold.
  std::set<std::string> Needed() const {
    std::set<std::string> needed;
    for (const std::string& name : scan_.columns) {
      needed.insert(table_.Find(name)->attribute);
    }
    for (const ColumnTerm& term : terms_) {
      needed.insert(term.column->attribute);
    }
    return needed;
  }

  // Adds a condition to the filter if there is room.
  static bool AddCondition(std::string condition, std::string* filter) {
    constexpr std::string_view kAnd = " AND ";
    if (condition.empty()) {
      return true;
    }
    if (filter->size() + kAnd.size() + condition.size() > kMaxExpressionBytes) {
      return false;
    }
    absl::StrAppend(filter, filter->empty() ? "" : kAnd, condition);
    return true;
  }

  enum class Sent { kAll, kHull, kNone };

  // Sends a set by path or filter; `filter` is not touched if the path covers the attribute.
  Sent Send(const SourceColumn& column, const NativeSet& set, Aliases& aliases,
            std::string* filter) const {
    if (plan_.path.kind == AccessPath::Kind::kNothing || plan_.path.Covers(column.attribute)) {
      return Sent::kAll;
    }
    // A batch of keys has no filter.
    if (plan_.path.kind == AccessPath::Kind::kGetItems) {
      return Sent::kNone;
    }
    const bool is_key = IsPrimaryKey(table_.description(), column.attribute);
    if (is_key && !set.all && set.ranges.empty()) {
      return Sent::kAll;  // nothing can match, which the path says
    }
    if (AddFilter(column, set, is_key, aliases, filter)) {
      return Sent::kAll;
    }
    const std::optional<NativeSet> hull = Hull(set);
    return hull && AddFilter(column, *hull, is_key, aliases, filter) ? Sent::kHull : Sent::kNone;
  }

  // Names and values of a condition that is too long are forgotten.
  static bool AddFilter(const SourceColumn& column, const NativeSet& set, bool is_key,
                        Aliases& aliases, std::string* filter) {
    Aliases more = aliases;
    if (!AddCondition(FilterCondition(column, set, is_key, more), filter)) {
      return false;
    }
    aliases = std::move(more);
    return true;
  }

  sdk::TermSupport Answer(const SourceColumn& column, const NativeSet& set, Sent sent) const {
    if (sent == Sent::kNone) {
      return {Support::kUnsupported, plan_.path.kind == AccessPath::Kind::kGetItems
                                         ? "BatchGetItem takes no filter"
                                         : "the filter expression would be longer than 4 KB"};
    }
    if (!IsPrimaryKey(table_.description(), column.attribute)) {
      return {Support::kInexact, "the attribute may have another type in some items"};
    }
    if (sent == Sent::kHull) {
      return {Support::kInexact,
              "too many values for a filter expression: only their range is sent"};
    }
    if (!set.is_exact) {
      return {Support::kInexact, "the attribute's values are finer than the column's"};
    }
    if (!SaysKeyRanges(set)) {
      return {Support::kInexact, "a key condition says no such range"};
    }
    return {Support::kExact, ""};
  }

  void AddConstraints(Aliases& aliases, std::string* filter, bool answer) {
    for (const ColumnTerm& term : terms_) {
      const SourceColumn& column = *term.column;
      if (term.constraint) {
        sdk::TermSupport support = {Support::kUnsupported, term.constraint->obstacle};
        if (term.constraint->IsUsable()) {
          support =
              Answer(column, *term.constraint, Send(column, *term.constraint, aliases, filter));
        }
        if (answer) {
          plan_.pushdown.summary[column.name] = std::move(support);
        }
      }
      if (term.prefix && term.prefix->IsUsable()) {
        Send(column, *term.prefix, aliases, filter);
      }
    }
    if (answer) {
      AnswerOthers();
    }
  }

  void AnswerOthers() {
    for (const auto& [name, set] : scan_.constraints.summary) {
      plan_.pushdown.summary.try_emplace(
          name, sdk::TermSupport{Support::kUnsupported, "the table has no such column"});
    }
    for (const sdk::Expression& expression : scan_.constraints.expressions) {
      plan_.pushdown.expressions.push_back(AnswerExpression(expression));
    }
    if (scan_.aggregation) {
      plan_.pushdown.aggregation = {Support::kUnsupported, "DynamoDB computes no aggregates"};
    }
    if (!scan_.order_by.empty()) {
      plan_.pushdown.order_by = {Support::kUnsupported, "DynamoDB sorts within one hash key only"};
    }
  }

  sdk::TermSupport AnswerExpression(const sdk::Expression& expression) const {
    const std::optional<PrefixTerm> prefix = ReadPrefix(expression);
    const SourceColumn* const column = prefix ? table_.Find(prefix->column) : nullptr;
    if (column == nullptr) {
      return {Support::kUnsupported, "DynamoDB has no such condition"};
    }
    const NativeSet set = PrefixSet(*column, prefix->prefix);
    if (!set.IsUsable()) {
      return {Support::kUnsupported, set.obstacle};
    }
    return {Support::kInexact, "sent as begins_with"};
  }

  void AddDynamicFilters(Aliases& aliases, std::string* filter) const {
    for (const ColumnTerm& term : terms_) {
      if (term.combined && term.combined->IsUsable()) {
        Send(*term.column, *term.combined, aliases, filter);
      }
    }
  }

  void PlanLimit() {
    if (!scan_.limit) {
      return;
    }
    sdk::Pushdown& pushdown = plan_.pushdown;
    const auto is_exact = [](const sdk::TermSupport& term) {
      return term.support == Support::kExact;
    };
    const bool all_exact =
        std::all_of(pushdown.summary.begin(), pushdown.summary.end(),
                    [&](const auto& entry) { return is_exact(entry.second); }) &&
        std::all_of(pushdown.expressions.begin(), pushdown.expressions.end(), is_exact);
    if (!scan_.order_by.empty()) {
      pushdown.limit = {Support::kUnsupported, pushdown.order_by.reason};
    } else if (!all_exact) {
      pushdown.limit = {Support::kUnsupported, "the engine filters the rows again"};
    } else {
      pushdown.limit = {Support::kExact, ""};
    }
  }

  // The requests in words: `Query partsupp, key ps_partkey = 17, filter ps_availqty > 5`.
  std::string Describe() {
    const TableDescription& table = table_.description();
    const AccessPath& path = plan_.path;
    const std::string where =
        absl::StrCat(table.name, path.index.empty() ? "" : absl::StrCat(" index ", path.index));
    std::string text;
    switch (path.kind) {
      case AccessPath::Kind::kNothing:
        return absl::StrCat("no request: no item of ", table.name, " can match");
      case AccessPath::Kind::kScan: {
        const int64_t segments = ScanSegments(table, scan_, options_);
        text = absl::StrCat("Scan ", where,
                            segments > 1 ? absl::StrCat(" in ", segments, " segments") : "");
        break;
      }
      case AccessPath::Kind::kGetItems:
        text = absl::StrCat("BatchGetItem ", where, ", ", path.num_reads(),
                            " keys: ", DescribeKey(path));
        break;
      case AccessPath::Kind::kQuery:
        text = absl::StrCat(path.num_reads() > 1 ? absl::StrCat(path.num_reads(), " times ") : "",
                            "Query ", where, ", key ", DescribeKey(path));
        break;
    }
    Aliases readable = Aliases::Readable();
    std::string filter;
    AddConstraints(readable, &filter, /*answer=*/false);
    if (!filter.empty()) {
      absl::StrAppend(&text, ", filter ", filter);
    }
    return absl::StrCat(text, ", ", DescribeProjection());
  }

  std::string DescribeProjection() const {
    if (scan_.columns.empty()) {
      return "count only";
    }
    if (table_.ignores_case()) {
      return "all attributes";
    }
    return absl::StrCat("attributes ", absl::StrJoin(scan_.columns, ", "));
  }

  static std::string DescribeKey(const AccessPath& path) {
    const auto shown = [](std::vector<std::string> texts, std::string_view separator) {
      if (texts.size() > kMaxShownValues) {
        texts.resize(kMaxShownValues);
        texts.emplace_back("...");
      }
      return absl::StrJoin(texts, separator);
    };
    std::vector<std::string> values;
    for (const AttributeLiteral& value : path.hash_values) {
      values.push_back(value.ToText());
    }
    std::string text = values.size() == 1
                           ? absl::StrCat(path.key.hash, " = ", values.front())
                           : absl::StrCat(path.key.hash, " IN (", shown(values, ", "), ")");
    std::vector<std::string> ranges;
    Aliases readable = Aliases::Readable();
    for (const NativeRange& range : path.ranges) {
      ranges.push_back(KeyCondition(path.key.range, range, readable));
    }
    if (!ranges.empty()) {
      absl::StrAppend(&text, " AND ", ranges.size() > 1 ? "(" : "", shown(ranges, " or "),
                      ranges.size() > 1 ? ")" : "");
    }
    return text;
  }

  const SourceTable& table_;
  const sdk::Scan& scan_;
  const DynamoDbOptions& options_;
  std::vector<ColumnTerm> terms_;
  ScanPlan plan_;
};

}  // namespace

absl::StatusOr<ScanPlan> PlanScan(const SourceTable& table, const sdk::Scan& scan,
                                  const DynamoDbOptions& options, DynamicFilters dynamic_filters) {
  return Planner(table, scan, options).Plan(dynamic_filters);
}

int64_t ScanSegments(const TableDescription& table, const sdk::Scan& scan,
                     const DynamoDbOptions& options) {
  // A limit is for each segment; one of them has rows enough.
  if (scan.limit) {
    return 1;
  }
  if (options.scan_segments > 0) {
    return options.scan_segments;
  }
  if (table.on_demand || table.read_units == 0) {
    return std::clamp<int64_t>(table.size_bytes / kOnDemandSegmentBytes, 1, kMaxOnDemandSegments);
  }
  return std::clamp<int64_t>(std::max(table.size_bytes / kGiB, table.read_units / kUnitsPerSegment),
                             1, kMaxSegments);
}

}  // namespace pallas::dynamodb
