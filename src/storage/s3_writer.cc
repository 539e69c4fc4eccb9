#include "storage/s3_writer.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <pugixml.hpp>

#include "aws/error.h"
#include "base/status_macros.h"
#include "base/units.h"
#include "storage/s3_answer.h"

namespace pallas::storage {
namespace {

constexpr int kPartsInFlight = 2;
constexpr int kMaxParts = 10000;              // S3's limit
constexpr int kPartsOfOneSize = 1000;         // then they get larger, so that more fits the limit,
constexpr int64_t kMaxPartBytes = 64 * kMiB;  // up to this
constexpr absl::Duration kAbortPatience = absl::Seconds(30);

class S3Writer final : public ObjectWriter {
 public:
  S3Writer(std::shared_ptr<S3Client> client, std::string key, ThreadPool& pool)
      : client_(std::move(client)),
        key_(std::move(key)),
        pool_(pool),
        part_bytes_(client_->options().part_bytes) {}

  S3Writer(const S3Writer&) = delete;
  S3Writer& operator=(const S3Writer&) = delete;

  ~S3Writer() override {
    if (!finished_) {
      Abort();
    }
  }

  absl::Status Write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const size_t count =
          std::min(bytes.size(), static_cast<size_t>(part_bytes_) - buffer_.size());
      buffer_ += bytes.substr(0, count);
      bytes.remove_prefix(count);
      if (static_cast<int64_t>(buffer_.size()) == part_bytes_) {
        RETURN_IF_ERROR(SendPart());
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<ObjectInfo> Finish() override {
    if (upload_id_.empty()) {
      S3Request request{
          .operation = "PutObject", .method = "PUT", .key = key_, .body = std::move(buffer_)};
      RETURN_IF_ERROR(client_->Send(std::move(request), {}).status());
    } else {
      if (!buffer_.empty()) {
        RETURN_IF_ERROR(SendPart());
      }
      RETURN_IF_ERROR(WaitForParts(0));
      RETURN_IF_ERROR(Complete());
    }
    finished_ = true;
    return Look();
  }

 private:
  absl::Status Begin() {
    S3Request request{.operation = "CreateMultipartUpload", .method = "POST", .key = key_};
    request.query["uploads"] = "";
    ASSIGN_OR_RETURN(const net::HttpResponse response, client_->Send(std::move(request), {}));
    pugi::xml_document document;
    document.load_buffer(response.body.data(), response.body.size());
    upload_id_ = document.document_element().child("UploadId").text().get();
    if (upload_id_.empty()) {
      return absl::UnavailableError(absl::StrCat("s3 CreateMultipartUpload ", client_->UriOf(key_),
                                                 ": the answer has no upload id"));
    }
    return absl::OkStatus();
  }

  // Hands the buffer to the pool, when fewer than kPartsInFlight are on their way.
  absl::Status SendPart() {
    if (upload_id_.empty()) {
      RETURN_IF_ERROR(Begin());
    }
    if (num_parts_ == kMaxParts) {
      return absl::ResourceExhaustedError(
          absl::StrCat(client_->UriOf(key_), ": the object is larger than an upload may be"));
    }
    RETURN_IF_ERROR(WaitForParts(kPartsInFlight - 1));
    ++num_parts_;
    total_bytes_ += static_cast<int64_t>(buffer_.size());
    {
      const std::lock_guard lock(mutex_);
      ++in_flight_;
    }
    pool_.Submit([this, number = num_parts_, body = std::exchange(buffer_, {})]() mutable {
      Upload(number, std::move(body));
    });
    if (num_parts_ % kPartsOfOneSize == 0) {
      part_bytes_ = std::min(part_bytes_ * 2, std::max(kMaxPartBytes, part_bytes_));
    }
    return absl::OkStatus();
  }

  // On a thread of the pool.
  void Upload(int number, std::string body) {
    S3Request request{
        .operation = "UploadPart", .method = "PUT", .key = key_, .body = std::move(body)};
    request.query = {{"partNumber", absl::StrCat(number)}, {"uploadId", upload_id_}};
    aws::CallOptions call;
    call.cancellation = stop_;
    absl::StatusOr<net::HttpResponse> response = client_->Send(std::move(request), call);
    absl::Status status = response.status();
    std::string etag;
    if (status.ok()) {
      etag = response->Header("ETag").value_or("");
      if (etag.empty()) {
        status = absl::UnavailableError(
            absl::StrCat("s3 UploadPart ", client_->UriOf(key_), ": the answer has no ETag"));
      }
    }
    const std::lock_guard lock(mutex_);
    etags_[number] = std::move(etag);
    if (failure_.ok()) {
      failure_ = status;
    }
    --in_flight_;
    changed_.notify_all();
  }

  // Waits until at most `count` parts are on their way; the error of the first that failed.
  absl::Status WaitForParts(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return in_flight_ <= count; });
    return failure_;
  }

  absl::Status Complete() {
    pugi::xml_document document;
    pugi::xml_node top = document.append_child("CompleteMultipartUpload");
    for (const auto& [number, etag] : etags_) {
      pugi::xml_node part = top.append_child("Part");
      part.append_child("PartNumber").text().set(number);
      part.append_child("ETag").text().set(etag.c_str());
    }
    StringWriter body;
    document.save(body, "", pugi::format_raw);
    S3Request request{.operation = "CompleteMultipartUpload",
                      .method = "POST",
                      .key = key_,
                      .query = {{"uploadId", upload_id_}},
                      .headers = {{"Content-Type", "application/xml"}},
                      .body = std::move(body.text)};
    const absl::StatusOr<net::HttpResponse> response = client_->Send(std::move(request), {});
    if (const auto error = aws::GetAwsError(response.status());
        error && error->type == "NoSuchUpload") {
      return CheckCompleted(response.status());
    }
    RETURN_IF_ERROR(response.status());
    // An upload that fails late is answered with 200 and an error.
    pugi::xml_document answer;
    answer.load_buffer(response->body.data(), response->body.size());
    if (!answer.child("CompleteMultipartUploadResult")) {
      return aws::ToStatus(aws::ReadXmlError(*response, response->body),
                           absl::StrCat("s3 CompleteMultipartUpload ", client_->UriOf(key_)));
    }
    return absl::OkStatus();
  }

  // An upload that is not there any more has been completed by a request whose answer was lost, if
  // the object is what was written.
  absl::Status CheckCompleted(const absl::Status& error) {
    const absl::StatusOr<ObjectInfo> info = Look();
    const bool is_ours = info.ok() && info->size == total_bytes_ &&
                         absl::StrContains(info->etag, absl::StrCat("-", num_parts_));
    return is_ours ? absl::OkStatus() : error;
  }

  absl::StatusOr<ObjectInfo> Look() {
    ASSIGN_OR_RETURN(const net::HttpResponse response,
                     client_->Send({.operation = "HeadObject", .method = "HEAD", .key = key_}, {}));
    return InfoOfAnswer(response, key_, client_->UriOf(key_));
  }

  void Abort() {
    stop_.Cancel(absl::CancelledError("the object is not written to its end"));
    std::ignore = WaitForParts(0);
    if (upload_id_.empty()) {
      return;
    }
    aws::CallOptions call;
    call.deadline = absl::Now() + kAbortPatience;
    // What cannot be deleted now is left to the bucket's rule for unfinished uploads.
    std::ignore = client_->Send({.operation = "AbortMultipartUpload",
                                 .method = "DELETE",
                                 .key = key_,
                                 .query = {{"uploadId", upload_id_}}},
                                call);
  }

  struct StringWriter final : pugi::xml_writer {
    std::string text;

    void write(const void* data, size_t size) override {
      text.append(static_cast<const char*>(data), size);
    }
  };

  const std::shared_ptr<S3Client> client_;
  const std::string key_;
  ThreadPool& pool_;
  const Cancellation stop_;
  int64_t part_bytes_;
  std::string buffer_;
  std::string upload_id_;  // empty: no upload has begun
  int num_parts_ = 0;
  int64_t total_bytes_ = 0;  // of the parts
  bool finished_ = false;

  std::mutex mutex_;
  std::condition_variable changed_;
  int in_flight_ = 0;                 // under mutex_
  absl::Status failure_;              // under mutex_
  std::map<int, std::string> etags_;  // under mutex_
};

}  // namespace

std::unique_ptr<ObjectWriter> CreateS3Object(std::shared_ptr<S3Client> client,
                                             const std::string& key, ThreadPool& pool) {
  return std::make_unique<S3Writer>(std::move(client), key, pool);
}

}  // namespace pallas::storage
