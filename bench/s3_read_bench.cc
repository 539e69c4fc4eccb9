// An object read in order through storage/ beside the raw libcurl transfer of the same bytes, from
// a server of its own, in another process, which costs next to nothing: HTTP from memory on
// 127.0.0.1.
#include <algorithm>
#include <arpa/inet.h>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <netinet/in.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <curl/curl.h>
#include <unistd.h>

#include "aws/credentials.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "base/thread_pool.h"
#include "base/units.h"
#include "bench/cost.h"
#include "storage/s3_object_store.h"

namespace pallas::storage {
namespace {

using bench::Cost;
using bench::Measure;
using bench::Median;

constexpr int kPairs = 9;
constexpr int64_t kObjectBytes = 512 * kMiB;
constexpr int64_t kPieceBytes = kMiB;  // of one read

bool SendAll(int connection, const char* bytes, size_t length) {
  while (length > 0) {
    const ssize_t sent = send(connection, bytes, length, MSG_NOSIGNAL);
    if (sent <= 0) {
      return false;
    }
    bytes += sent;
    length -= static_cast<size_t>(sent);
  }
  return true;
}

// Answers GETs, with a range or for the whole, until the connection ends.
void Serve(int connection, const std::string& object) {
  std::string request;
  char buffer[8192];
  while (true) {
    const ssize_t count = recv(connection, buffer, sizeof(buffer), 0);
    if (count <= 0) {
      break;
    }
    request.append(buffer, static_cast<size_t>(count));
    if (request.find("\r\n\r\n") == std::string::npos) {
      continue;
    }
    int64_t begin = 0;
    int64_t end = kObjectBytes;
    if (const size_t range = request.find("Range: bytes="); range != std::string::npos) {
      const std::string text = request.substr(range + 13, request.find('\r', range) - range - 13);
      const size_t dash = text.find('-');
      if (dash == 0) {
        std::ignore = absl::SimpleAtoi(text.substr(1), &begin);
        begin = kObjectBytes - begin;
      } else {
        std::ignore = absl::SimpleAtoi(text.substr(0, dash), &begin);
        std::ignore = absl::SimpleAtoi(text.substr(dash + 1), &end);
        ++end;
      }
    }
    request.clear();
    const std::string head =
        absl::StrCat("HTTP/1.1 206 X\r\nContent-Length: ", end - begin, "\r\nContent-Range: bytes ",
                     begin, "-", end - 1, "/", kObjectBytes,
                     "\r\nETag: \"e\"\r\nLast-Modified: Wed, 12 Oct 2022 17:50:00 GMT\r\n\r\n");
    if (!SendAll(connection, head.data(), head.size()) ||
        !SendAll(connection, object.data() + begin, static_cast<size_t>(end - begin))) {
      break;
    }
  }
  close(connection);
}

// Forks the server, which ends with this process; its port.
int StartServer() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, generic, size) != 0 || listen(listener, 16) != 0 ||
      getsockname(listener, generic, &size) != 0) {
    return 0;
  }
  if (fork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const std::string object(static_cast<size_t>(kObjectBytes), 'x');
    while (true) {
      const int connection = accept(listener, nullptr, nullptr);
      std::thread([connection, &object] { Serve(connection, object); }).detach();
    }
  }
  close(listener);
  return ntohs(address.sin_port);
}

// Every byte is copied once, to where its user wants it.
struct Target {
  std::vector<char> bytes = std::vector<char>(static_cast<size_t>(kPieceBytes));
  size_t filled = 0;
  int64_t total = 0;
};

size_t OnBody(char* bytes, size_t size, size_t count, void* user_data) {
  auto* const target = static_cast<Target*>(user_data);
  for (size_t left = size * count; left > 0;) {
    const size_t piece = std::min(left, target->bytes.size() - target->filled);
    std::copy_n(bytes, piece, target->bytes.data() + target->filled);
    target->filled = (target->filled + piece) % target->bytes.size();
    bytes += piece;
    left -= piece;
  }
  target->total += static_cast<int64_t>(size * count);
  return size * count;
}

absl::Status ReadRaw(const std::string& url) {
  Target target;
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &target);
  const bool whole = curl_easy_perform(curl.get()) == CURLE_OK && target.total == kObjectBytes;
  return whole ? absl::OkStatus() : absl::InternalError("the yardstick lost bytes");
}

absl::Status ReadThroughStore(S3ObjectStore& store) {
  std::vector<char> bytes(static_cast<size_t>(kPieceBytes));
  ASSIGN_OR_RETURN(const auto reader, store.Open("object"));
  for (int64_t offset = 0; offset < kObjectBytes; offset += kPieceBytes) {
    RETURN_IF_ERROR(reader->Read(offset, kPieceBytes, bytes.data()));
  }
  return absl::OkStatus();
}

absl::Status Run() {
  const std::string endpoint = absl::StrCat("http://127.0.0.1:", StartServer());
  ASSIGN_OR_RETURN(const auto http, net::HttpClient::Make({}));
  S3Options options;
  options.endpoint = endpoint;
  ThreadPool readers(2);
  ThreadPool uploaders(1);
  S3ObjectStore store(
      std::make_shared<S3Client>(
          "bench", options, *http,
          aws::StaticCredentials(
              {.access_key_id = "AKID", .secret_access_key = "secret", .session_token = ""}),
          Clock::System()),
      readers, uploaders);
  const std::string url = endpoint + "/bench/object";
  RETURN_IF_ERROR(ReadRaw(url));
  RETURN_IF_ERROR(ReadThroughStore(store));
  std::vector<double> speed;
  std::vector<double> cpu;
  std::vector<double> walls;
  for (int pair = 0; pair < kPairs; ++pair) {
    ASSIGN_OR_RETURN(const Cost reference, Measure([&] { return ReadRaw(url); }));
    ASSIGN_OR_RETURN(const Cost cost, Measure([&] { return ReadThroughStore(store); }));
    speed.push_back(reference.wall / cost.wall);
    cpu.push_back(cost.cpu / reference.cpu);
    walls.push_back(cost.wall);
  }
  std::printf("%-48s %.2f, client CPU %.2f times, %.2f GB/s\n",
              "an object in order, to raw libcurl", Median(speed), Median(cpu),
              static_cast<double>(kObjectBytes) / Median(walls) / 1e9);
  return absl::OkStatus();
}

}  // namespace
}  // namespace pallas::storage

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  const absl::Status status = pallas::storage::Run();
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
