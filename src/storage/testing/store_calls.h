#ifndef PALLAS_STORAGE_TESTING_STORE_CALLS_H_
#define PALLAS_STORAGE_TESTING_STORE_CALLS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include <gtest/gtest.h>

#include "base/status_macros.h"
#include "storage/object_store.h"

// Whole objects in one call, for tests.

namespace pallas::storage {

inline absl::Status Put(ObjectStore& store, const std::string& key, std::string_view bytes) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ObjectWriter> writer, store.Create(key));
  RETURN_IF_ERROR(writer->Write(bytes));
  return writer->Finish().status();
}

inline absl::StatusOr<std::string> Get(ObjectStore& store, const std::string& key) {
  ASSIGN_OR_RETURN(const std::unique_ptr<ObjectReader> reader, store.Open(key));
  std::string bytes(static_cast<size_t>(reader->info().size), '\0');
  RETURN_IF_ERROR(reader->Read(0, reader->info().size, bytes.data()));
  return bytes;
}

inline std::vector<std::string> Keys(ObjectStore& store, const std::string& prefix) {
  std::vector<std::string> keys;
  const absl::Status listed = store.List(prefix, [&](const ObjectInfo& info) {
    keys.push_back(info.key);
    return true;
  });
  EXPECT_TRUE(listed.ok()) << listed;
  return keys;
}

}  // namespace pallas::storage

#endif  // PALLAS_STORAGE_TESTING_STORE_CALLS_H_
