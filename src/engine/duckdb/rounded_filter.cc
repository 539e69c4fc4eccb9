#include "engine/duckdb/rounded_filter.h"

#include <optional>
#include <utility>

#include "duckdb/planner/filter/list.hpp"

#include "base/floor_division.h"

namespace pallas::engine {
namespace {

using duckdb::ExpressionType;
using FilterPtr = duckdb::unique_ptr<duckdb::TableFilter>;

duckdb::Value TicksValue(const duckdb::LogicalType& type, int64_t ticks) {
  switch (type.id()) {
    case duckdb::LogicalTypeId::TIMESTAMP_NS:
      return duckdb::Value::TIMESTAMPNS(duckdb::timestamp_ns_t(ticks));
    case duckdb::LogicalTypeId::TIMESTAMP_TZ:
      return duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(ticks));
    default:
      return duckdb::Value::TIMESTAMP(duckdb::timestamp_t(ticks));
  }
}

class Rewriter {
 public:
  Rewriter(const TimestampRounding& rounding, const duckdb::LogicalType& type)
      : rounding_(rounding), type_(type) {}

  FilterPtr Rewrite(const duckdb::TableFilter& filter) const {
    switch (filter.filter_type) {
      case duckdb::TableFilterType::IS_NULL:
      case duckdb::TableFilterType::IS_NOT_NULL:
        return filter.Copy();
      case duckdb::TableFilterType::CONSTANT_COMPARISON: {
        const auto& comparison = filter.Cast<duckdb::ConstantFilter>();
        return Compare(comparison.comparison_type, comparison.constant);
      }
      case duckdb::TableFilterType::IN_FILTER:
        return InList(filter.Cast<duckdb::InFilter>());
      case duckdb::TableFilterType::CONJUNCTION_AND:
        return And(filter.Cast<duckdb::ConjunctionAndFilter>());
      case duckdb::TableFilterType::CONJUNCTION_OR:
        return Or(filter.Cast<duckdb::ConjunctionOrFilter>());
      case duckdb::TableFilterType::OPTIONAL_FILTER: {
        const auto& optional = static_cast<const duckdb::OptionalFilter&>(filter);
        FilterPtr child = optional.child_filter ? Rewrite(*optional.child_filter) : nullptr;
        return child ? duckdb::make_uniq<duckdb::OptionalFilter>(std::move(child)) : nullptr;
      }
      default:
        return nullptr;
    }
  }

 private:
  // The first tick that rounds to the unit `number` or a later one.
  std::optional<int64_t> FirstTick(int64_t number) const {
    int64_t tick = 0;
    if (__builtin_mul_overflow(number, rounding_.unit, &tick) ||
        __builtin_sub_overflow(tick, rounding_.unit / 2, &tick)) {
      return std::nullopt;
    }
    return tick;
  }

  FilterPtr Bound(ExpressionType comparison, int64_t unit_number) const {
    const std::optional<int64_t> tick = FirstTick(unit_number);
    return tick ? duckdb::make_uniq<duckdb::ConstantFilter>(comparison, TicksValue(type_, *tick))
                : nullptr;
  }

  FilterPtr Compare(ExpressionType comparison, const duckdb::Value& constant) const {
    if (constant.IsNull() || constant.type().id() != duckdb::LogicalTypeId::TIMESTAMP) {
      return nullptr;
    }
    const int64_t micros = constant.GetValueUnsafe<int64_t>();
    const int64_t micros_per_unit = rounding_.unit / rounding_.ticks_per_micro;
    const int64_t floor = FloorDivide(micros, micros_per_unit);
    const bool whole = floor * micros_per_unit == micros;
    switch (comparison) {
      case ExpressionType::COMPARE_GREATERTHANOREQUALTO:
        return Bound(ExpressionType::COMPARE_GREATERTHANOREQUALTO, whole ? floor : floor + 1);
      case ExpressionType::COMPARE_GREATERTHAN:
        return Bound(ExpressionType::COMPARE_GREATERTHANOREQUALTO, floor + 1);
      case ExpressionType::COMPARE_LESSTHAN:
        return Bound(ExpressionType::COMPARE_LESSTHAN, whole ? floor : floor + 1);
      case ExpressionType::COMPARE_LESSTHANOREQUALTO:
        return Bound(ExpressionType::COMPARE_LESSTHAN, floor + 1);
      case ExpressionType::COMPARE_EQUAL: {
        FilterPtr low = Bound(ExpressionType::COMPARE_GREATERTHANOREQUALTO, floor);
        FilterPtr high = Bound(ExpressionType::COMPARE_LESSTHAN, floor + 1);
        if (!whole || !low || !high) {
          return nullptr;
        }
        auto both = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
        both->child_filters.push_back(std::move(low));
        both->child_filters.push_back(std::move(high));
        return both;
      }
      default:
        return nullptr;
    }
  }

  FilterPtr InList(const duckdb::InFilter& filter) const {
    auto any = duckdb::make_uniq<duckdb::ConjunctionOrFilter>();
    for (const duckdb::Value& value : filter.values) {
      FilterPtr equal = Compare(ExpressionType::COMPARE_EQUAL, value);
      if (!equal) {
        return nullptr;
      }
      any->child_filters.push_back(std::move(equal));
    }
    return any;
  }

  FilterPtr And(const duckdb::ConjunctionAndFilter& filter) const {
    auto all = duckdb::make_uniq<duckdb::ConjunctionAndFilter>();
    for (const auto& child : filter.child_filters) {
      if (FilterPtr rewritten = Rewrite(*child)) {
        all->child_filters.push_back(std::move(rewritten));
      } else if (child->filter_type != duckdb::TableFilterType::OPTIONAL_FILTER) {
        return nullptr;
      }
    }
    return all->child_filters.empty() ? nullptr : std::move(all);
  }

  FilterPtr Or(const duckdb::ConjunctionOrFilter& filter) const {
    auto any = duckdb::make_uniq<duckdb::ConjunctionOrFilter>();
    for (const auto& child : filter.child_filters) {
      FilterPtr rewritten = Rewrite(*child);
      if (!rewritten) {
        return nullptr;
      }
      any->child_filters.push_back(std::move(rewritten));
    }
    return any;
  }

  const TimestampRounding& rounding_;
  const duckdb::LogicalType& type_;
};

}  // namespace

FilterPtr FilterBeforeRounding(const duckdb::TableFilter& filter, const TimestampRounding& rounding,
                               const duckdb::LogicalType& type) {
  return Rewriter(rounding, type).Rewrite(filter);
}

}  // namespace pallas::engine
