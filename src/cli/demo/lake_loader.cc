#include "cli/demo/lake_loader.h"

#include <fstream>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "base/status_macros.h"
#include "base/units.h"
#include "storage/object_store.h"

namespace pallas::cli {
namespace {

constexpr size_t kChunkBytes = kMiB;

absl::StatusOr<int64_t> CopyInto(const sdk::RequestContext& context, const std::string& path,
                                 storage::ObjectWriter& object) {
  std::ifstream file(path, std::ios::binary);
  std::string chunk(kChunkBytes, '\0');
  while (file) {
    RETURN_IF_ERROR(context.Check());
    file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    RETURN_IF_ERROR(
        object.Write(std::string_view(chunk).substr(0, static_cast<size_t>(file.gcount()))));
  }
  if (!file.eof()) {
    return absl::UnavailableError(absl::StrCat("cannot read ", path));
  }
  ASSIGN_OR_RETURN(const storage::ObjectInfo info, object.Finish());
  return info.size;
}

}  // namespace

absl::StatusOr<int64_t> LoadIntoLake(const sdk::RequestContext& context,
                                     const storage::Locations& locations, std::string_view location,
                                     const TpchTable& table, TpchGenerator& generator) {
  ASSIGN_OR_RETURN(const storage::Place place, locations.Find(location));
  // An object is there whole or not at all, so its name says all.
  const std::string key = absl::StrCat(place.key, table.name, "-", generator.scale(), ".parquet");
  bool present = false;
  std::vector<std::string> others;
  RETURN_IF_ERROR(place.store->List(place.key, [&](const storage::ObjectInfo& object) {
    if (object.key == key) {
      present = true;
    } else {
      others.push_back(object.key);
    }
    return true;
  }));
  for (const std::string& other : others) {
    RETURN_IF_ERROR(place.store->Delete(other));
  }
  if (present) {
    return 0;
  }
  ASSIGN_OR_RETURN(const std::string file, generator.MakeParquet(context, table));
  ASSIGN_OR_RETURN(const std::unique_ptr<storage::ObjectWriter> object, place.store->Create(key));
  ASSIGN_OR_RETURN(const int64_t bytes, CopyInto(context, file, *object));
  return bytes;
}

std::string LakeTableStatement(const TpchTable& table, std::string_view location) {
  const std::string columns =
      absl::StrJoin(table.columns, ", ", [](std::string* out, const TpchColumn& column) {
        absl::StrAppend(out, column.name, " ", column.is_text() ? "string" : column.type);
      });
  return absl::StrCat("CREATE EXTERNAL TABLE IF NOT EXISTS ", table.name, " (", columns,
                      ") STORED AS PARQUET LOCATION '", location, "'");
}

}  // namespace pallas::cli
