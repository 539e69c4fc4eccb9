#include "engine/duckdb/functions/plain_arrays.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

#include "duckdb/common/types/data_chunk.hpp"
#include "duckdb/common/types/vector.hpp"

#include "engine/duckdb/functions/array_rows.h"
#include "engine/duckdb/types.h"

namespace pallas::engine {
namespace {

using duckdb::idx_t;
using duckdb::scalar_function_t;
using duckdb::UnifiedVectorFormat;

// Calls `fn` with the C++ type of the values; an empty function for types that are not plain.
template <typename Fn>
scalar_function_t WithPlainType(const Type& type, Fn fn) {
  if (!HasNativeComparison(type) && type.kind() != TypeKind::kReal &&
      type.kind() != TypeKind::kDouble) {
    return {};
  }
  switch (ToDuckDbType(type).InternalType()) {
    case duckdb::PhysicalType::BOOL:
      return fn.template operator()<bool>();
    case duckdb::PhysicalType::INT8:
      return fn.template operator()<int8_t>();
    case duckdb::PhysicalType::INT16:
      return fn.template operator()<int16_t>();
    case duckdb::PhysicalType::INT32:
      return fn.template operator()<int32_t>();
    case duckdb::PhysicalType::INT64:
      return fn.template operator()<int64_t>();
    case duckdb::PhysicalType::INT128:
      return fn.template operator()<duckdb::hugeint_t>();
    case duckdb::PhysicalType::FLOAT:
      return fn.template operator()<float>();
    case duckdb::PhysicalType::DOUBLE:
      return fn.template operator()<double>();
    case duckdb::PhysicalType::VARCHAR:
      return fn.template operator()<duckdb::string_t>();
    default:
      return {};
  }
}

// A column of single values.
template <typename T>
class Values {
 public:
  Values(duckdb::Vector& vector, idx_t count) {
    vector.ToUnifiedFormat(count, format_);
    values_ = UnifiedVectorFormat::GetData<T>(format_);
  }

  bool IsNull(idx_t row) const { return !format_.validity.RowIsValid(format_.sel->get_index(row)); }

  const T& operator[](idx_t row) const { return values_[format_.sel->get_index(row)]; }

  bool has_nulls() const { return !format_.validity.AllValid(); }

 private:
  UnifiedVectorFormat format_;
  const T* values_ = nullptr;
};

template <typename T>
bool IsNaN([[maybe_unused]] const T& value) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::isnan(value);
  } else {
    return false;
  }
}

// Calls `fn(row)` for the rows, one for all if all arguments are constant.
template <typename Fn>
void ForRows(const duckdb::DataChunk& arguments, duckdb::Vector& result, Fn fn) {
  const bool constant = arguments.AllConstant();
  const idx_t count = constant ? 1 : arguments.size();
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (idx_t row = 0; row < count; ++row) {
    fn(row);
  }
  if (constant) {
    result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
  }
}

idx_t CountOf(const duckdb::DataChunk& arguments) {
  return arguments.AllConstant() ? 1 : arguments.size();
}

// The first element of `list` that equals `wanted`.
template <typename T>
std::optional<idx_t> Find(const Values<T>& elements, const duckdb::list_entry_t& list,
                          const T& wanted) {
  const bool nulls = elements.has_nulls();
  for (idx_t i = 0; i < list.length; ++i) {
    const idx_t place = list.offset + i;
    if (!(nulls && elements.IsNull(place)) && elements[place] == wanted) {
      return i;
    }
  }
  return std::nullopt;
}

template <typename T>
bool HasNull(const Values<T>& elements, const duckdb::list_entry_t& list) {
  for (idx_t i = 0; elements.has_nulls() && i < list.length; ++i) {
    if (elements.IsNull(list.offset + i)) {
      return true;
    }
  }
  return false;
}

template <typename T>
Values<T> ElementsOf(duckdb::Vector& lists) {
  return {duckdb::ListVector::GetEntry(lists), duckdb::ListVector::GetListSize(lists)};
}

// `fn(elements, list, wanted)` gives the result, or nullopt for NULL.
template <typename T, typename R, typename Fn>
void SearchLoop(duckdb::DataChunk& arguments, duckdb::Vector& result, Fn fn) {
  const idx_t count = CountOf(arguments);
  const Values<duckdb::list_entry_t> lists(arguments.data[0], count);
  const Values<T> elements = ElementsOf<T>(arguments.data[0]);
  const Values<T> wanted(arguments.data[1], count);
  auto* values = duckdb::FlatVector::GetData<R>(result);
  ForRows(arguments, result, [&](idx_t row) {
    std::optional<R> value;
    if (!lists.IsNull(row) && !wanted.IsNull(row)) {
      value = fn(elements, lists[row], wanted[row]);
    }
    if (value.has_value()) {
      values[row] = *value;
    } else {
      duckdb::FlatVector::SetNull(result, row, true);
    }
  });
}

// The place of the extreme element; kNoElement: the list is empty or holds a NULL.
template <typename T, bool largest>
idx_t ExtremeOf(const Values<T>& elements, const duckdb::list_entry_t& list) {
  if (list.length == 0 || HasNull(elements, list)) {
    return kNoElement;
  }
  idx_t best = list.offset;
  for (idx_t place = list.offset + 1; place < list.offset + list.length; ++place) {
    const T& value = elements[place];
    const bool better = largest ? value > elements[best] : value < elements[best];
    best = better || (IsNaN(elements[best]) && !IsNaN(value)) ? place : best;
  }
  return best;
}

template <bool largest>
scalar_function_t Extreme(const Type& element) {
  return WithPlainType(element, []<typename T>() -> scalar_function_t {
    return [](duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
      const Values<duckdb::list_entry_t> lists(arguments.data[0], CountOf(arguments));
      const Values<T> elements = ElementsOf<T>(arguments.data[0]);
      auto* values = duckdb::FlatVector::GetData<T>(result);
      if constexpr (std::is_same_v<T, duckdb::string_t>) {
        // Texts stay where they are.
        duckdb::StringVector::AddHeapReference(result,
                                               duckdb::ListVector::GetEntry(arguments.data[0]));
      }
      ForRows(arguments, result, [&](idx_t row) {
        const idx_t best =
            lists.IsNull(row) ? kNoElement : ExtremeOf<T, largest>(elements, lists[row]);
        if (best == kNoElement) {
          duckdb::FlatVector::SetNull(result, row, true);
        } else {
          values[row] = elements[best];
        }
      });
    };
  });
}

}  // namespace

scalar_function_t PlainContains(const Type& element) {
  return WithPlainType(element, []<typename T>() -> scalar_function_t {
    return [](duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
      SearchLoop<T, bool>(
          arguments, result,
          [](const Values<T>& elements, const duckdb::list_entry_t& list, const T& wanted) {
            const bool found = Find(elements, list, wanted).has_value();
            return found || !HasNull(elements, list) ? std::optional(found) : std::nullopt;
          });
    };
  });
}

scalar_function_t PlainPosition(const Type& element) {
  return WithPlainType(element, []<typename T>() -> scalar_function_t {
    return [](duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
      SearchLoop<T, int64_t>(
          arguments, result,
          [](const Values<T>& elements, const duckdb::list_entry_t& list, const T& wanted) {
            const std::optional<idx_t> found = Find(elements, list, wanted);
            return std::optional<int64_t>(found.has_value() ? static_cast<int64_t>(*found) + 1 : 0);
          });
    };
  });
}

scalar_function_t PlainMaximum(const Type& element) { return Extreme<true>(element); }

scalar_function_t PlainMinimum(const Type& element) { return Extreme<false>(element); }

scalar_function_t PlainElementOfMap(const Type& key) {
  return WithPlainType(key, []<typename T>() -> scalar_function_t {
    return [](duckdb::DataChunk& arguments, duckdb::ExpressionState& /*state*/,
              duckdb::Vector& result) {
      const idx_t count = CountOf(arguments);
      duckdb::Vector& maps = arguments.data[0];
      const idx_t size = duckdb::ListVector::GetListSize(maps);
      duckdb::ListVector::GetEntry(maps).Flatten(size);  // then its fields have its rows
      const Values<duckdb::list_entry_t> lists(maps, count);
      const Values<T> keys(duckdb::MapVector::GetKeys(maps), size);
      const Values<T> wanted(arguments.data[1], count);
      std::vector<idx_t> picks;
      picks.reserve(count);
      ForRows(arguments, result, [&](idx_t row) {
        std::optional<idx_t> found;
        if (!lists.IsNull(row) && !wanted.IsNull(row)) {
          found = Find(keys, lists[row], wanted[row]);
        }
        picks.push_back(found.has_value() ? lists[row].offset + *found : kNoElement);
      });
      if (arguments.AllConstant()) {
        result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
      }
      CopyPicked(duckdb::MapVector::GetValues(maps), picks, result);
      if (arguments.AllConstant()) {
        result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
      }
    };
  });
}

}  // namespace pallas::engine
