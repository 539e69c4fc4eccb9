#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "engine/duckdb/functions/adapter_table.h"
#include "engine/duckdb/functions/cells.h"
#include "engine/duckdb/functions/run_time_error.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/functions/typed_loop.h"
#include "engine/duckdb/types.h"

// numeric_histogram(buckets, value[, weight]), after Y. Ben-Haim and E. Tom-Tov, "A Streaming
// Parallel Decision Tree Algorithm" (2010): the buckets are merged two by two until there are few
// enough. All values are there when the merging begins, which their error bound allows.

namespace pallas::engine {
namespace {

using duckdb::idx_t;

struct Bucket {
  double center = 0;
  double weight = 0;
};

// NaN comes last.
bool IsBefore(const Bucket& a, const Bucket& b) {
  return std::isnan(b.center) ? !std::isnan(a.center) : a.center < b.center;
}

// How much merging would add to the sum of the squared distances from the centers.
double Penalty(const Bucket& a, const Bucket& b) {
  const double distance = b.center - a.center;
  return a.weight * b.weight / (a.weight + b.weight) * distance * distance;
}

Bucket Merged(const Bucket& a, const Bucket& b) {
  const double weight = a.weight + b.weight;
  return {(a.center * a.weight + b.center * b.weight) / weight, weight};
}

bool IsSame(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

// Sorted buckets in a list, of which the cheapest neighbours are merged.
class Merger {
 public:
  explicit Merger(std::vector<Bucket> buckets) : buckets_(std::move(buckets)) {
    const size_t size = buckets_.size();
    for (size_t i = 0; i < size; ++i) {
      next_.push_back(i + 1);
      previous_.push_back(i == 0 ? size : i - 1);
      version_.push_back(0);
    }
    for (size_t i = 0; i + 1 < size; ++i) {
      Push(i);
    }
    left_ = size;
  }

  std::vector<Bucket> Run(size_t wanted) {
    while (left_ > wanted && !heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), IsDearer);
      const Candidate cheapest = heap_.back();
      heap_.pop_back();
      if (version_[cheapest.left] == cheapest.left_version &&
          version_[cheapest.right] == cheapest.right_version) {
        MergeInto(cheapest.left, cheapest.right);
      }
    }
    std::vector<Bucket> result;
    for (size_t i = 0; i < buckets_.size(); i = next_[i]) {
      result.push_back(buckets_[i]);
    }
    return result;
  }

 private:
  struct Candidate {
    double penalty = 0;
    size_t left = 0;
    size_t right = 0;
    int left_version = 0;
    int right_version = 0;
  };

  static bool IsDearer(const Candidate& a, const Candidate& b) {
    return a.penalty != b.penalty ? a.penalty > b.penalty : a.left > b.left;
  }

  // The bucket and the one behind it may be merged.
  void Push(size_t left) {
    const size_t right = next_[left];
    heap_.push_back(
        {Penalty(buckets_[left], buckets_[right]), left, right, version_[left], version_[right]});
    std::push_heap(heap_.begin(), heap_.end(), IsDearer);
  }

  void MergeInto(size_t left, size_t right) {
    buckets_[left] = Merged(buckets_[left], buckets_[right]);
    ++version_[left];
    ++version_[right];
    next_[left] = next_[right];
    if (next_[left] < buckets_.size()) {
      previous_[next_[left]] = left;
      Push(left);
    }
    if (previous_[left] < buckets_.size()) {
      Push(previous_[left]);
    }
    --left_;
  }

  std::vector<Bucket> buckets_;
  std::vector<size_t> next_;
  std::vector<size_t> previous_;
  std::vector<int> version_;  // a candidate of an older one is void
  std::vector<Candidate> heap_;
  size_t left_ = 0;
};

int64_t CheckBuckets(int64_t buckets) {
  if (buckets < 2) {
    Raise("INVALID_FUNCTION_ARGUMENT", "numeric_histogram bucket count must be greater than one");
  }
  return buckets;
}

double NumberIn(const Type& type, const Cell& cell) {
  return type.kind() == TypeKind::kReal ? static_cast<double>(cell.Get<float>())
                                        : cell.Get<double>();
}

// The buckets of a list of rows (bucket count, value, weight); the first count holds.
std::vector<Bucket> HistogramOf(const Type& type, const Cell& list) {
  std::vector<Bucket> buckets;
  int64_t wanted = 0;
  for (idx_t i = 0; i < list.size(); ++i) {
    const Cell row = list.Element(i);
    if (row.Field(0).IsNull() || row.Field(1).IsNull() || row.Field(2).IsNull()) {
      continue;
    }
    if (buckets.empty()) {
      wanted = CheckBuckets(row.Field(0).Get<int64_t>());
    }
    buckets.push_back({NumberIn(type, row.Field(1)), row.Field(2).Get<double>()});
  }
  std::stable_sort(buckets.begin(), buckets.end(), IsBefore);
  std::vector<Bucket> distinct;
  for (const Bucket& bucket : buckets) {
    if (!distinct.empty() && IsSame(distinct.back().center, bucket.center)) {
      distinct.back().weight += bucket.weight;
    } else {
      distinct.push_back(bucket);
    }
  }
  return Merger(std::move(distinct)).Run(static_cast<size_t>(wanted));
}

void StoreNumber(const Type& type, duckdb::Vector& vector, idx_t row, double value) {
  if (type.kind() == TypeKind::kReal) {
    duckdb::FlatVector::GetData<float>(vector)[row] = static_cast<float>(value);
  } else {
    duckdb::FlatVector::GetData<double>(vector)[row] = value;
  }
}

void HistogramLoop(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                   duckdb::Vector& result) {
  const Type& type = BindDataOf(state).Cast<TypedBindData>().result.key();
  const idx_t count = arguments.size();
  const Cells lists(arguments.data[0], count);
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  std::vector<Bucket> buckets;
  for (idx_t row = 0; row < count; ++row) {
    const size_t begin = buckets.size();
    if (!lists[row].IsNull()) {
      const std::vector<Bucket> made = HistogramOf(type, lists[row]);
      buckets.insert(buckets.end(), made.begin(), made.end());
    }
    duckdb::FlatVector::GetData<duckdb::list_entry_t>(result)[row] = {begin,
                                                                      buckets.size() - begin};
    if (buckets.size() == begin) {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  }
  duckdb::ListVector::Reserve(result, buckets.size());
  duckdb::ListVector::SetListSize(result, buckets.size());
  for (size_t i = 0; i < buckets.size(); ++i) {
    StoreNumber(type, duckdb::MapVector::GetKeys(result), i, buckets[i].center);
    StoreNumber(type, duckdb::MapVector::GetValues(result), i, buckets[i].weight);
  }
}

absl::StatusOr<DuckExpr> EmitHistogram(const CallSite& site, DuckExprs values,
                                       const AggregateCall& call) {
  if (values.size() == 2) {
    values.push_back(DoubleConstant(1));
  }
  const Type row = Type::Row({{.name = std::nullopt, .type = Type::Bigint()},
                              {.name = std::nullopt, .type = site.argument(1)},
                              {.name = std::nullopt, .type = Type::Double()}});
  DuckExpr list = call("list", MakeTrees(site.emitter.Row(row, std::move(values))));
  return CallTyped("numeric_histogram", {Type::Array(row)}, site.result(),
                   MakeTrees(std::move(list)));
}

}  // namespace

void AddNumericHistogram(AdapterTable& table) {
  table.Private("numeric_histogram", BindTyped<HistogramLoop>, duckdb::LogicalType::ANY,
                {.can_raise = true});
  for (std::string_view type : {"double", "real"}) {
    for (std::string_view weight : {"", ",double"}) {
      table.EmitAggregate(absl::StrCat("numeric_histogram(bigint,", type, weight, ")"),
                          EmitHistogram);
    }
  }
}

}  // namespace pallas::engine
