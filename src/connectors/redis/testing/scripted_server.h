#ifndef PALLAS_CONNECTORS_REDIS_TESTING_SCRIPTED_SERVER_H_
#define PALLAS_CONNECTORS_REDIS_TESTING_SCRIPTED_SERVER_H_

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace pallas::redis {

// A server that says what it was told to, whatever it is asked: for states that a real one cannot
// be brought into at will, and for servers of other versions. Takes one connection at a time, and
// starts the script anew for each.
class ScriptedServer {
 public:
  // One reply for each piece that comes in; after the last it closes the connection. Without any it
  // never answers.
  explicit ScriptedServer(std::vector<std::string> replies);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  int port() const { return port_; }

  // How many pieces have come in.
  int num_requests() const { return num_requests_; }

 private:
  void Serve();

  const std::vector<std::string> replies_;
  int listener_ = -1;
  int port_ = 0;
  int wake_ = -1;
  std::atomic<int> num_requests_ = 0;
  std::thread thread_;
};

}  // namespace pallas::redis

#endif  // PALLAS_CONNECTORS_REDIS_TESTING_SCRIPTED_SERVER_H_
