#include "storage/locations.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/s3_object_store.h"

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

S3Service Service(const std::string& name, std::vector<std::string> buckets) {
  S3Service service;
  service.name = name;
  service.buckets = std::move(buckets);
  service.options.endpoint = "http://127.0.0.1:1";
  return service;
}

TEST_F(LocationsTest, ABucketBelongsToTheServiceThatNamesItMostExactly) {
  LocationOptions options;
  options.objects_dir = folder_ + "/objects";
  options.s3 = {Service("s3.a", {"raw-*", "one"}), Service("s3.b", {"raw-x*", "raw-one"})};
  const auto locations = *Locations::Make(options);
  const auto is_remote = [&](const std::string& bucket) {
    return dynamic_cast<S3ObjectStore*>(locations->Find("s3://" + bucket + "/k")->store) != nullptr;
  };
  for (const char* bucket : {"one", "raw-", "raw-x", "raw-one"}) {
    EXPECT_TRUE(is_remote(bucket)) << bucket;
  }
  for (const char* bucket : {"raw", "two", "ones"}) {
    EXPECT_FALSE(is_remote(bucket)) << bucket;
  }
  EXPECT_EQ(locations->Find("s3://one/a")->store, locations->Find("s3a://one/b")->store);
  EXPECT_EQ(*FindService(options.s3, "raw-y"), 0U);
  EXPECT_EQ(*FindService(options.s3, "raw-xy"), 1U);
  EXPECT_EQ(*FindService(options.s3, "raw-one"), 1U);
}

TEST_F(LocationsTest, ServicesThatCannotBeAreRefused) {
  S3Service no_url = Service("s3.a", {"b"});
  no_url.options.endpoint = "127.0.0.1:9000";
  for (const auto& [services, message] :
       std::vector<std::pair<std::vector<S3Service>, std::string>>{
           {{Service("s3.a", {"b"}), Service("s3.c", {"b"})}, "named by s3.a and by s3.c"},
           {{Service("s3.a", {})}, "s3.a names no buckets"},
           {{no_url}, "is not http://host:port"}}) {
    LocationOptions options;
    options.s3 = services;
    const absl::Status status = Locations::Make(options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(status.message(), HasSubstr(message));
  }
}

}  // namespace
}  // namespace pallas::storage
