#include "storage/s3_object_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <pugixml.hpp>

#include "aws/uri.h"
#include "base/status_macros.h"
#include "storage/key_path.h"
#include "storage/s3_answer.h"
#include "storage/s3_reader.h"
#include "storage/s3_writer.h"

namespace pallas::storage {
namespace {

constexpr char kPageKeys[] = "1000";

struct Page {
  std::vector<FolderEntry> entries;
  std::string next;  // empty: the last page
};

absl::StatusOr<Page> ReadPage(const std::string& body, const std::string& uri) {
  pugi::xml_document document;
  const bool parsed = static_cast<bool>(document.load_buffer(body.data(), body.size()));
  const pugi::xml_node result = document.child("ListBucketResult");
  if (!parsed || !result) {
    return absl::UnavailableError(
        absl::StrCat("s3 ListObjectsV2 ", uri, ": the answer is no list of objects"));
  }
  Page page;
  for (const pugi::xml_node node : result.children("Contents")) {
    ObjectInfo info;
    info.key = aws::DecodeUri(node.child("Key").text().get());
    info.etag = node.child("ETag").text().get();
    if (!absl::SimpleAtoi(node.child("Size").text().get(), &info.size) ||
        !ParseIsoTime(node.child("LastModified").text().get(), &info.modified)) {
      return absl::UnavailableError(absl::StrCat("s3 ListObjectsV2 ", uri,
                                                 ": the entry of the object '", info.key,
                                                 "' has no size or time"));
    }
    page.entries.push_back({.key = info.key, .object = info});
  }
  for (const pugi::xml_node node : result.children("CommonPrefixes")) {
    page.entries.push_back(
        {.key = aws::DecodeUri(node.child("Prefix").text().get()), .object = std::nullopt});
  }
  // Each of the two lists is in order; a page has no key that belongs before one of the page
  // before.
  std::sort(page.entries.begin(), page.entries.end(),
            [](const FolderEntry& a, const FolderEntry& b) { return a.key < b.key; });
  if (result.child("IsTruncated").text().as_bool()) {
    page.next = result.child("NextContinuationToken").text().get();
    if (page.next.empty()) {
      return absl::UnavailableError(
          absl::StrCat("s3 ListObjectsV2 ", uri, ": the list is cut and has no continuation"));
    }
  }
  return page;
}

}  // namespace

S3ObjectStore::S3ObjectStore(std::shared_ptr<S3Client> client, ThreadPool& readers,
                             ThreadPool& uploaders)
    : client_(std::move(client)), readers_(readers), uploaders_(uploaders) {}

absl::StatusOr<ObjectInfo> S3ObjectStore::Head(const std::string& key) {
  RETURN_IF_ERROR(CheckKey(key));
  S3Request request{.operation = "HeadObject", .method = "HEAD", .key = key};
  ASSIGN_OR_RETURN(const net::HttpResponse response, client_->Send(std::move(request), {}));
  return InfoOfAnswer(response, key, client_->UriOf(key));
}

absl::StatusOr<std::unique_ptr<ObjectReader>> S3ObjectStore::Open(
    const std::string& key, const Cancellation& cancellation) {
  RETURN_IF_ERROR(CheckKey(key));
  return OpenS3Object(client_, key, readers_, cancellation);
}

absl::StatusOr<std::unique_ptr<ObjectWriter>> S3ObjectStore::Create(const std::string& key) {
  RETURN_IF_ERROR(CheckKey(key));
  return CreateS3Object(client_, key, uploaders_);
}

absl::Status S3ObjectStore::Delete(const std::string& key) {
  RETURN_IF_ERROR(CheckKey(key));
  S3Request request{.operation = "DeleteObject", .method = "DELETE", .key = key};
  const absl::Status status = client_->Send(std::move(request), {}).status();
  const auto error = aws::GetAwsError(status);
  return error && error->type == "NoSuchKey" ? absl::OkStatus() : status;
}

absl::Status S3ObjectStore::List(const std::string& prefix,
                                 const std::function<bool(const ObjectInfo&)>& sink) {
  return ListPages(prefix, false, [&](const FolderEntry& entry) { return sink(*entry.object); });
}

absl::Status S3ObjectStore::ListFolder(const std::string& prefix,
                                       const std::function<bool(const FolderEntry&)>& sink) {
  return ListPages(prefix, true, sink);
}

absl::Status S3ObjectStore::ListPages(const std::string& prefix, bool one_level,
                                      const std::function<bool(const FolderEntry&)>& sink) {
  std::map<std::string, std::string> query = {
      {"list-type", "2"}, {"encoding-type", "url"}, {"max-keys", kPageKeys}, {"prefix", prefix}};
  if (one_level) {
    query["delimiter"] = "/";
  }
  while (true) {
    S3Request request{.operation = "ListObjectsV2", .method = "GET", .query = query};
    ASSIGN_OR_RETURN(const net::HttpResponse response, client_->Send(std::move(request), {}));
    ASSIGN_OR_RETURN(const Page page, ReadPage(response.body, client_->UriOf(prefix)));
    for (const FolderEntry& entry : page.entries) {
      if (!sink(entry)) {
        return absl::OkStatus();
      }
    }
    if (page.next.empty()) {
      return absl::OkStatus();
    }
    query["continuation-token"] = page.next;
  }
}

}  // namespace pallas::storage
