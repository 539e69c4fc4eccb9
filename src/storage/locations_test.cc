#include "storage/locations.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pallas::storage {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class LocationsTest : public testing::Test {
 public:
  ~LocationsTest() override { fs::remove_all(folder_); }

 protected:
  LocationsTest() {
    std::string pattern = (fs::temp_directory_path() / "pallas-locations-XXXXXX").string();
    folder_ = fs::canonical(mkdtemp(pattern.data())).string();
    fs::create_directories(folder_ + "/data");
    fs::create_symlink(folder_ + "/data", folder_ + "/link");
    locations_ = *Locations::Make({folder_ + "/objects", {folder_ + "/link"}});
  }

  std::string folder_;
  std::unique_ptr<Locations> locations_;
};

TEST_F(LocationsTest, BucketsAreFoldersOfTheObjectStore) {
  for (const char* scheme : {"s3", "s3a", "s3n"}) {
    const Place place = *locations_->Find(std::string(scheme) + "://my.bucket/a%20b//c/");
    EXPECT_EQ(place.key, "a%20b//c/");
    EXPECT_EQ(place.store, locations_->Find("s3://my.bucket")->store);
  }
  EXPECT_EQ(locations_->Find("s3://b")->key, "");
  EXPECT_EQ(locations_->Find("s3://b/")->key, "");
  const Place place = *locations_->Find("s3://b/x/y");
  auto writer = *place.store->Create(place.key);
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_TRUE(fs::exists(folder_ + "/objects/b/x/y"));
}

TEST_F(LocationsTest, FilesLieBelowTheRoots) {
  std::ofstream(folder_ + "/data/f") << "x";
  const std::string data = "file://" + folder_ + "/data";
  EXPECT_EQ(locations_->Find(data + "/./a//b/")->key, folder_.substr(1) + "/data/a/b/");
  EXPECT_TRUE(locations_->Find("file:" + folder_ + "/data").ok());
  const Place linked = *locations_->Find("file://" + folder_ + "/link/f");
  EXPECT_EQ(linked.store->Head(linked.key)->size, 1);
  const absl::Status outside = locations_->Find("file://" + folder_ + "/database").status();
  EXPECT_EQ(outside.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(outside.message(), HasSubstr("local_roots"));
}

TEST_F(LocationsTest, OtherUrisAreRefused) {
  for (const char* uri :
       {"", "data", "/data", "http://x/y", "S3://b/k", "s3:/b/k", "s3://", "s3:///k", "s3://../k",
        "s3://b%/k", "file://host/x", "file:x", "file:///a/../b"}) {
    EXPECT_EQ(locations_->Find(uri).status().code(), absl::StatusCode::kInvalidArgument) << uri;
  }
}

TEST_F(LocationsTest, WhatIsNotConfiguredSaysSo) {
  const auto none = *Locations::Make({});
  EXPECT_EQ(none->Find("s3://b/k").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(none->Find("file:///tmp/x").status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(Locations::Make({"", {"/no/such/folder"}}).status().message(),
              HasSubstr("/no/such/folder"));
}

}  // namespace
}  // namespace pallas::storage
