#include "storage/s3_reader.h"

#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "aws/error.h"
#include "base/status_macros.h"
#include "base/units.h"
#include "storage/read_ahead.h"
#include "storage/s3_answer.h"

namespace pallas::storage {
namespace {

// What opening an object brings with it: enough for the footers of most Parquet files.
constexpr int64_t kTailBytes = 64 * kKiB;
constexpr int kPartialContent = 206;

std::string RangeOf(int64_t begin, int64_t end) {
  return absl::StrCat("bytes=", begin, "-", end - 1);
}

// An object at one version. Shared with the fetches that outlive the reader.
struct Source {
  std::shared_ptr<S3Client> client;
  ObjectInfo info;
  std::string uri;
  Cancellation stop;

  absl::Status Fetch(int64_t offset, int64_t length, char* out) const;
  absl::Status Explain(const absl::Status& status) const;
};

absl::Status Source::Fetch(int64_t offset, int64_t length, char* out) const {
  int64_t done = 0;
  int64_t begun = 0;  // where this attempt's range begins, after `offset`
  S3Request request{.operation = "GetObject", .method = "GET", .key = info.key};
  request.headers = {{"Range", RangeOf(offset, offset + length)}, {"If-Match", info.etag}};
  request.on_body = [&](const net::HttpResponse& response, std::string_view piece) {
    if (response.status != kPartialContent ||
        !absl::StartsWith(response.Header("Content-Range").value_or(""),
                          absl::StrCat("bytes ", offset + begun, "-"))) {
      return absl::UnimplementedError(
          absl::StrCat(uri, ": the server does not answer with the range that was asked for"));
    }
    if (static_cast<int64_t>(piece.size()) > length - done) {
      return absl::DataLossError(absl::StrCat(uri, ": more bytes came than were asked for"));
    }
    std::memcpy(out + done, piece.data(), piece.size());
    done += static_cast<int64_t>(piece.size());
    return absl::OkStatus();
  };
  aws::CallOptions call;
  call.cancellation = stop;
  call.before_retry = [&](net::HttpRequest* retried) {
    begun = done;
    for (auto& [name, value] : retried->headers) {
      if (name == "Range") {
        value = RangeOf(offset + begun, offset + length);
      }
    }
  };
  const absl::Status status = client->Send(std::move(request), call).status();
  // Whatever came after the last byte: all are there.
  if (done != length) {
    RETURN_IF_ERROR(Explain(status));
    return absl::UnavailableError(
        absl::StrCat(uri, ": ", done, " bytes came where ", length, " were asked for"));
  }
  return absl::OkStatus();
}

absl::Status Source::Explain(const absl::Status& status) const {
  const std::optional<aws::AwsError> error = aws::GetAwsError(status);
  if (error && (error->http_status == 412 || error->http_status == 404)) {
    return absl::AbortedError(absl::StrCat(uri, " has been changed while it was read"));
  }
  return status;
}

class S3Reader final : public ObjectReader {
 public:
  S3Reader(std::shared_ptr<Source> source, std::string tail, ThreadPool& pool,
           const Cancellation& cancellation)
      : source_(std::move(source)),
        tail_(std::move(tail)),
        ahead_([source = source_](int64_t offset, int64_t length,
                                  char* out) { return source->Fetch(offset, length, out); },
               source_->info.size, pool),
        registration_(cancellation.OnCancel(
            [cancellation, stop = source_->stop] { stop.Cancel(cancellation.status()); })) {}

  ~S3Reader() override { source_->stop.Cancel(absl::CancelledError("the object was closed")); }

  const ObjectInfo& info() const override { return source_->info; }

  bool is_remote() const override { return true; }

  absl::Status Read(int64_t offset, int64_t length, char* out) override {
    const int64_t size = source_->info.size;
    if (offset < 0 || length < 0 || offset > size || length > size - offset) {
      return absl::OutOfRangeError(absl::StrCat(source_->uri, " has ", size, " bytes"));
    }
    if (length == 0) {
      return absl::OkStatus();
    }
    const int64_t tail_offset = size - static_cast<int64_t>(tail_.size());
    if (offset >= tail_offset) {
      std::memcpy(out, tail_.data() + (offset - tail_offset), static_cast<size_t>(length));
      return absl::OkStatus();
    }
    return ahead_.Read(offset, length, out);
  }

 private:
  const std::shared_ptr<Source> source_;
  const std::string tail_;  // the object's last bytes
  ReadAhead ahead_;
  const Cancellation::Registration registration_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ObjectReader>> OpenS3Object(std::shared_ptr<S3Client> client,
                                                           const std::string& key, ThreadPool& pool,
                                                           const Cancellation& cancellation) {
  auto source = std::make_shared<Source>();
  source->uri = client->UriOf(key);
  aws::CallOptions call;
  call.cancellation = cancellation;

  std::string tail;
  S3Request request{.operation = "GetObject", .method = "GET", .key = key};
  request.headers = {{"Range", absl::StrCat("bytes=-", kTailBytes)}};
  request.on_body = [&](const net::HttpResponse& /*response*/, std::string_view piece) {
    tail += piece;
    return static_cast<int64_t>(tail.size()) <= kTailBytes
               ? absl::OkStatus()
               : absl::UnimplementedError(absl::StrCat(
                     source->uri,
                     ": the server does not answer with the range that was asked for"));
  };
  call.before_retry = [&](net::HttpRequest* /*request*/) { tail.clear(); };
  absl::StatusOr<net::HttpResponse> response = client->Send(std::move(request), call);
  if (const auto error = aws::GetAwsError(response.status()); error && error->http_status == 416) {
    // An empty object has no last bytes.
    call.before_retry = nullptr;
    response = client->Send({.operation = "HeadObject", .method = "HEAD", .key = key}, call);
  }
  RETURN_IF_ERROR(response.status());
  ASSIGN_OR_RETURN(source->info, InfoOfAnswer(*response, key, source->uri));
  source->client = std::move(client);
  return std::make_unique<S3Reader>(std::move(source), std::move(tail), pool, cancellation);
}

}  // namespace pallas::storage
