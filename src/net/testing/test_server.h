#ifndef PALLAS_NET_TESTING_TEST_SERVER_H_
#define PALLAS_NET_TESTING_TEST_SERVER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace pallas::net {

// An HTTP server for tests. It answers each request (head and body) with the bytes that a function
// makes of it, on a port of its own of 127.0.0.1. An answer that is empty, or that says
// `Connection: close`, ends the connection; while the function does not return, the client waits. A
// connection has a thread.
class TestServer {
 public:
  using Answer = std::function<std::string(const std::string& request)>;

  // `tls`, which may be null, outlives the server.
  explicit TestServer(Answer answer, SSL_CTX* tls = nullptr);
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer();

  std::string url(std::string_view scheme = "http") const;

  int port() const { return port_; }

  int num_connections() const { return num_connections_.load(); }

  std::atomic<int64_t> bytes_sent{0};

 private:
  void Accept();
  void Serve(int connection);

  const Answer answer_;
  SSL_CTX* const tls_;
  const int listener_;
  int port_ = 0;
  std::atomic<int> num_connections_{0};
  std::mutex mutex_;
  std::vector<int> connections_;      // under mutex_
  std::vector<std::thread> threads_;  // under mutex_
  std::thread acceptor_;
};

// A self-signed certificate for 127.0.0.1 (no other name) and a server that shows it. The PEM file
// is removed at the end.
class TestCertificate {
 public:
  TestCertificate();
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;
  ~TestCertificate();

  SSL_CTX* context() const { return context_.get(); }

  const std::string& file() const { return file_; }

  std::string certificate_pem() const;
  std::string private_key_pem() const;

 private:
  void AddExtension(int id, const char* value);

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> certificate_;
  std::string file_;
};

}  // namespace pallas::net

#endif  // PALLAS_NET_TESTING_TEST_SERVER_H_
