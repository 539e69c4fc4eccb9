#ifndef PALLAS_SDK_TESTING_FAULT_SUITE_H_
#define PALLAS_SDK_TESTING_FAULT_SUITE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"

#include "net/testing/fault_proxy.h"
#include "sdk/connector.h"

// What every connector must do when its source or the network fails. A connector's test fills a
// real source, puts a proxy before it and instantiates the suite:
//
//   INSTANTIATE_TEST_SUITE_P(MySql, ConnectorFaults, testing::Values(&MakeMySqlFaults));
//
// Each fault must end in the whole right answer or in an error that says what it is, soon, and
// names the source; when it is over, the same connector must work again.

namespace pallas::sdk {

using MakeConnector = std::function<absl::StatusOr<std::unique_ptr<Connector>>()>;

// A way to ask the source that it refuses: a wrong password, a certificate for another name.
struct Refusal {
  std::string name;
  MakeConnector connect;
  absl::StatusCode code = absl::StatusCode::kUnauthenticated;
};

struct FaultSubject {
  // Not inline, so that who makes a subject links the tests.
  FaultSubject();

  // Makes a connector that reaches its source through `proxy`.
  MakeConnector connect;
  std::shared_ptr<net::FaultProxy> proxy;
  // Keeps the source alive.
  std::shared_ptr<void> source;
  // A table of some rows whose answer has at most some hundred bytes, in one split: it is cut at
  // each of them.
  TableName small;
  // A table of at least 1 MiB.
  TableName large;
  // What names the source in errors: `127.0.0.1:` and the port of the proxy, mostly.
  std::string source_name;
  // Texts that must not show in errors.
  std::vector<std::string> secrets;
  std::vector<Refusal> refusals;
  // In how many places the answer to an operation is broken if it has more bytes than that. Less
  // for a connector that waits before it asks again.
  int64_t max_breaks = 1500;
  // Whether a changed byte is noticed (by checksums or TLS).
  bool detects_corruption = false;
  // Ends the server as a crash would; starts it again with its data. May be null.
  std::function<absl::Status()> kill;
  std::function<absl::Status()> restart;
  // Makes the source say that it is asked too much, and stops that. May be null.
  std::function<absl::Status(bool on)> throttle;
};

using MakeFaultSubject = std::function<std::shared_ptr<FaultSubject>()>;

class ConnectorFaults : public testing::TestWithParam<MakeFaultSubject> {
 protected:
  // What is asked of a connector, and the answer as texts.
  struct Operation {
    std::string name;
    std::function<absl::StatusOr<std::vector<std::string>>(Connector&, const RequestContext&)> run;
    std::vector<std::string> right;  // the answer of a healthy source
    // How many bytes the source sends for it, to a new connector and to one that knows it. An
    // operation that asks the source nothing is not tried.
    int64_t new_bytes = 0;
    int64_t known_bytes = 0;
  };

  // A bad state of the network in which nothing is answered.
  struct Stall {
    std::string name;
    std::function<void(net::FaultProxy&)> set;
    // Whether a connection that stood before is not concerned.
    bool new_connections_only = false;
    // Whether the proxy counts a hit.
    bool hits = true;
    // Where bytes are thrown away, their direction.
    std::optional<net::Direction> swallows = std::nullopt;
  };

  void SetUp() override;
  void TearDown() override;

  const FaultSubject& subject() const { return *subject_; }

  net::FaultProxy& proxy() { return *subject_->proxy; }

  // A new connector. With `warm`, one that has answered before, so that it may keep connections.
  std::unique_ptr<Connector> Connect(bool warm);
  // Calls `body` for each state and operation with a new connector, and with one that is warm;
  // then the connector must recover.
  void ForEachStall(const std::function<void(const Stall&, const Operation&, Connector&,
                                             const std::string& what)>& body);

  // `operation` on `connector` ends in an error with `code` that names the source and no secret.
  void ExpectError(const Operation& operation, Connector& connector, absl::StatusCode code,
                   const std::string& what);
  void ExpectErrorNames(const absl::Status& status, const std::string& what);
  void ExpectHidesSecrets(const absl::Status& status, const std::string& what);
  // The answer is right, or it is an error.
  void ExpectRightOrError(const Operation& operation, Connector& connector,
                          const RequestContext& context, const std::string& what);
  // The network is well again: so is `connector`.
  void ExpectRecovery(Connector& connector, const std::string& what);
  // Breaks the answer to each operation by `fault` after each of its bytes; after some, if it is
  // large.
  void BreakAtEachByte(net::Fault fault);
  // Runs `operation` on a healthy source and learns its answer and size.
  void Learn(Operation& operation);

  std::shared_ptr<FaultSubject> subject_;
  RequestContext context_;
  Table small_;
  Table large_;
  std::vector<Operation> operations_;  // on the small table
  Operation read_large_;
};

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_TESTING_FAULT_SUITE_H_
