#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error_detail.h"
#include "engine/duckdb/functions/cast_loop.h"
#include "engine/duckdb/functions/cells.h"
#include "engine/duckdb/types.h"

// Casts of arrays, maps and rows, member by member.

namespace pallas::engine {
namespace {

// Rows 0..count-1 of a list or map vector with exactly the members that they hold, in order: a
// vector that was filtered still has those of other rows, whose casts must not fail.
struct Members {
  std::vector<duckdb::list_entry_t> entries;  // into the selected members
  // Whether the selected members are the first ones as they are; then `selection` stays empty.
  bool in_place = true;
  duckdb::SelectionVector selection;
  duckdb::idx_t size = 0;
};

Members MembersOf(duckdb::Vector& source, duckdb::idx_t count) {
  duckdb::UnifiedVectorFormat format;
  source.ToUnifiedFormat(count, format);
  const auto* lists = duckdb::UnifiedVectorFormat::GetData<duckdb::list_entry_t>(format);
  Members members;
  members.entries.resize(count);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const duckdb::idx_t index = format.sel->get_index(row);
    if (format.validity.RowIsValid(index)) {
      members.entries[row] = {members.size, lists[index].length};
      members.in_place &= lists[index].offset == members.size || lists[index].length == 0;
      members.size += lists[index].length;
    }
  }
  if (members.in_place) {
    return members;
  }
  members.selection.Initialize(std::max<duckdb::idx_t>(members.size, 1));
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const duckdb::idx_t index = format.sel->get_index(row);
    for (duckdb::idx_t i = 0; i < members.entries[row].length; ++i) {
      members.selection.set_index(members.entries[row].offset + i, lists[index].offset + i);
    }
  }
  return members;
}

void CopyNulls(duckdb::Vector& source, duckdb::Vector& target, duckdb::idx_t count) {
  duckdb::UnifiedVectorFormat format;
  source.ToUnifiedFormat(count, format);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    if (!format.validity.RowIsValid(format.sel->get_index(row))) {
      duckdb::FlatVector::SetNull(target, row, true);
    }
  }
}

void FailParents(const FailedRows& members_failed, const Members& members, duckdb::Vector& target,
                 FailedRows& failed) {
  for (duckdb::idx_t row = 0; row < members.entries.size(); ++row) {
    const duckdb::list_entry_t& entry = members.entries[row];
    for (duckdb::idx_t i = entry.offset; i < entry.offset + entry.length; ++i) {
      if (members_failed.Contains(i)) {
        failed.Add(row);
        duckdb::FlatVector::SetNull(target, row, true);
        break;
      }
    }
  }
}

// Casts the selected members of `child` and makes them those of `target`.
void CastMembers(const CastLoop& cast, duckdb::Vector& child, const Members& members,
                 duckdb::Vector& target, duckdb::Vector& target_child, FailedRows* failed) {
  FailedRows members_failed(failed == nullptr ? 0 : members.size);
  FailedRows* const child_failed = failed == nullptr ? nullptr : &members_failed;
  if (members.in_place && !child.GetType().IsNested()) {
    cast(child, target_child, members.size, child_failed);
  } else if (members.in_place) {
    // Casts of nested values may mark members of NULLs in their source, which is not ours.
    const duckdb::SelectionVector all(0, members.size);
    duckdb::Vector copy(child, all, members.size);
    cast(copy, target_child, members.size, child_failed);
  } else {
    duckdb::Vector selected(child, members.selection, members.size);
    cast(selected, target_child, members.size, child_failed);
  }
  if (failed != nullptr) {
    FailParents(members_failed, members, target, *failed);
  }
}

void SetLists(const Members& members, duckdb::Vector& target) {
  auto* lists = duckdb::FlatVector::GetData<duckdb::list_entry_t>(target);
  std::copy(members.entries.begin(), members.entries.end(), lists);
  duckdb::ListVector::Reserve(target, members.size);
  duckdb::ListVector::SetListSize(target, members.size);
}

CastLoop ArrayCast(CastLoop element) {
  return [element = std::move(element)](duckdb::Vector& source, duckdb::Vector& target,
                                        duckdb::idx_t count, FailedRows* failed) {
    const Members members = MembersOf(source, count);
    CopyNulls(source, target, count);
    SetLists(members, target);
    CastMembers(element, duckdb::ListVector::GetEntry(source), members, target,
                duckdb::ListVector::GetEntry(target), failed);
  };
}

// Keys that become NULL or equal are an error.
void CheckKeys(const Type& to, duckdb::Vector& target, duckdb::idx_t count, FailedRows* failed) {
  const Cells cells(target, count);
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const Cell map = cells[row];
    if (map.IsNull()) {
      continue;
    }
    bool duplicate = false;
    bool null = false;
    for (duckdb::idx_t i = 0; i < map.size(); ++i) {
      null |= map.Key(i).IsNull();
    }
    if (null) {
      FailRow(target, row, failed, NamedError("INVALID_CAST_ARGUMENT", "map key is null"));
      continue;
    }
    for (duckdb::idx_t i = 0; i < map.size() && !duplicate; ++i) {
      for (duckdb::idx_t j = 0; j < i && !duplicate; ++j) {
        duplicate = IdenticalCells(to.key(), map.Key(i), map.Key(j));
      }
    }
    if (duplicate) {
      FailRow(target, row, failed, NamedError("INVALID_CAST_ARGUMENT", "duplicate keys"));
    }
  }
}

CastLoop MapCast(CastLoop key, CastLoop value, bool check_keys, const Type& to) {
  return
      [=](duckdb::Vector& source, duckdb::Vector& target, duckdb::idx_t count, FailedRows* failed) {
        const Members members = MembersOf(source, count);
        CopyNulls(source, target, count);
        SetLists(members, target);
        CastMembers(key, duckdb::MapVector::GetKeys(source), members, target,
                    duckdb::MapVector::GetKeys(target), failed);
        CastMembers(value, duckdb::MapVector::GetValues(source), members, target,
                    duckdb::MapVector::GetValues(target), failed);
        if (check_keys) {
          CheckKeys(to, target, count, failed);
        }
      };
}

CastLoop RowCast(std::vector<CastLoop> fields) {
  return [fields = std::move(fields)](duckdb::Vector& source, duckdb::Vector& target,
                                      duckdb::idx_t count, FailedRows* failed) {
    source.Flatten(count);
    auto& from = duckdb::StructVector::GetEntries(source);
    auto& to = duckdb::StructVector::GetEntries(target);
    // Fields below a NULL row may hold anything; they are NULL to their casts.
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (duckdb::FlatVector::IsNull(source, row)) {
        duckdb::FlatVector::SetNull(source, row, true);
      }
    }
    for (size_t i = 0; i < fields.size(); ++i) {
      fields[i](*from[i], *to[i], count, failed);
    }
    CopyNulls(source, target, count);
    if (failed == nullptr) {
      return;
    }
    for (duckdb::idx_t row = 0; row < count; ++row) {
      if (failed->Contains(row)) {
        duckdb::FlatVector::SetNull(target, row, true);
      }
    }
  };
}

}  // namespace

std::optional<CastLoop> MakeNestedCast(const Type& from, const Type& to,
                                       const CastContext& context) {
  if (from.kind() != to.kind() || from.children().size() != to.children().size()) {
    return std::nullopt;
  }
  std::vector<CastLoop> members;
  for (size_t i = 0; i < from.children().size(); ++i) {
    std::optional<CastLoop> member = MakeCast(from.children()[i], to.children()[i], context);
    if (!member.has_value()) {
      return std::nullopt;
    }
    members.push_back(*std::move(member));
  }
  switch (from.kind()) {
    case TypeKind::kArray:
      return ArrayCast(std::move(members[0]));
    case TypeKind::kMap:
      return MapCast(std::move(members[0]), std::move(members[1]), from.key() != to.key(), to);
    case TypeKind::kRow:
      return RowCast(std::move(members));
    default:
      return std::nullopt;
  }
}

}  // namespace pallas::engine
