#include <string>
#include <string_view>

#include "engine/duckdb/functions/cast_loop.h"
#include "sql/runtime/json.h"

// Casts to and from json.

namespace pallas::engine {

std::optional<CastLoop> MakeJsonCast(const Type& from, const Type& to) {
  if (to.kind() == TypeKind::kJson && from.kind() == TypeKind::kVarchar) {
    return EachCell<std::string_view>([](std::string_view text) {
      std::string json;
      sql::AppendJsonString(text, &json);
      return json;
    });
  }
  return std::nullopt;
}

}  // namespace pallas::engine
