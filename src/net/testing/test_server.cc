#include "net/testing/test_server.h"

#include <arpa/inet.h>
#include <cstdio>
#include <filesystem>
#include <netinet/in.h>
#include <sys/socket.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace pallas::net {
namespace {

std::string ReadRequest(int connection, SSL* tls) {
  std::string request;
  while (true) {
    const size_t end = request.find("\r\n\r\n");
    if (end != std::string::npos) {
      int64_t length = 0;
      if (const size_t at = request.find("Content-Length: "); at < end) {
        std::ignore =
            absl::SimpleAtoi(request.substr(at + 16, request.find('\r', at) - at - 16), &length);
      }
      if (request.size() >= end + 4 + static_cast<size_t>(length)) {
        return request;
      }
    }
    char bytes[4096];
    const ssize_t count = tls != nullptr ? SSL_read(tls, bytes, sizeof(bytes))
                                         : recv(connection, bytes, sizeof(bytes), 0);
    if (count <= 0) {
      return "";
    }
    request.append(bytes, static_cast<size_t>(count));
  }
}

// What `write` writes to a BIO.
template <typename Write>
std::string ToPem(const Write& write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  EXPECT_EQ(write(out.get()), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<size_t>(size)};
}

}  // namespace

TestServer::TestServer(Answer answer, SSL_CTX* tls)
    : answer_(std::move(answer)), tls_(tls), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(listener_, generic, size), 0);
  EXPECT_EQ(listen(listener_, 16), 0);
  EXPECT_EQ(getsockname(listener_, generic, &size), 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

TestServer::~TestServer() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int connection : connections_) {
      shutdown(connection, SHUT_RDWR);
    }
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
  for (const int connection : connections_) {
    close(connection);
  }
  close(listener_);
}

std::string TestServer::url(std::string_view scheme) const {
  return absl::StrCat(scheme, "://127.0.0.1:", port_);
}

void TestServer::Accept() {
  while (true) {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) {
      return;
    }
    ++num_connections_;
    const std::lock_guard lock(mutex_);
    connections_.push_back(connection);
    threads_.emplace_back([this, connection] { Serve(connection); });
  }
}

void TestServer::Serve(int connection) {
  std::unique_ptr<SSL, decltype(&SSL_free)> tls(tls_ == nullptr ? nullptr : SSL_new(tls_),
                                                SSL_free);
  if (tls != nullptr) {
    SSL_set_fd(tls.get(), connection);
    if (SSL_accept(tls.get()) != 1) {
      shutdown(connection, SHUT_RDWR);
      return;
    }
  }
  while (true) {
    const std::string request = ReadRequest(connection, tls.get());
    const std::string answer = request.empty() ? "" : answer_(request);
    if (answer.empty()) {
      break;
    }
    for (size_t sent = 0; sent < answer.size();) {
      const ssize_t count =
          tls != nullptr
              ? SSL_write(tls.get(), answer.data() + sent, static_cast<int>(answer.size() - sent))
              : send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) {
        break;
      }
      sent += static_cast<size_t>(count);
      bytes_sent += count;
    }
    if (absl::StrContains(answer.substr(0, answer.find("\r\n\r\n")), "\r\nConnection: close")) {
      break;
    }
  }
  shutdown(connection, SHUT_RDWR);
}

TestCertificate::TestCertificate()
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free),
      key_(EVP_EC_gen("P-256"), EVP_PKEY_free),
      certificate_(X509_new(), X509_free) {
  X509* x509 = certificate_.get();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key_.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(x509, X509_get_subject_name(x509));
  AddExtension(NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(NID_subject_alt_name, "IP:127.0.0.1");
  EXPECT_GT(X509_sign(x509, key_.get(), EVP_sha256()), 0);
  EXPECT_EQ(SSL_CTX_use_certificate(context_.get(), x509), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context_.get(), key_.get()), 1);
  static std::atomic<int> next_number{0};
  file_ = testing::TempDir() +
          absl::StrCat("/pallas-certificate-", getpid(), "-", next_number++, ".pem");
  FILE* file = std::fopen(file_.c_str(), "w");
  EXPECT_EQ(PEM_write_X509(file, x509), 1);
  std::fclose(file);
}

TestCertificate::~TestCertificate() { std::filesystem::remove(file_); }

std::string TestCertificate::certificate_pem() const {
  return ToPem([this](BIO* out) { return PEM_write_bio_X509(out, certificate_.get()); });
}

std::string TestCertificate::private_key_pem() const {
  return ToPem([this](BIO* out) {
    return PEM_write_bio_PrivateKey(out, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

void TestCertificate::AddExtension(int id, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
  X509_add_ext(certificate_.get(), extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace pallas::net
