#include "sdk/testing/fault_suite.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "sdk/runtime/limiter.h"
#include "sdk/testing/conformance_suite.h"

namespace pallas::sdk {
namespace {

using net::Accepting;
using net::Direction;
using net::Fault;
using net::FaultProxy;

// How long a request may run that the tests let end by its deadline.
constexpr absl::Duration kTimeAllowed = absl::Milliseconds(150);
// Within this time of the deadline, a cancel or a break, a request must have ended. What is wanted
// is a second; the rest is for a machine with other things to do.
constexpr absl::Duration kSoon = absl::Seconds(5);
// So that a request that hangs makes its test fail, not wait.
constexpr int64_t kPatienceSeconds = 60;
constexpr absl::Duration kPatience = absl::Seconds(kPatienceSeconds);
// Slower than anybody would wait for, and yet not silent.
constexpr int64_t kTrickleBytesPerSecond = 200;
// In how many places a byte of an answer is inverted.
constexpr int64_t kCorruptions = 30;

absl::StatusOr<std::vector<std::string>> Read(Connector& connector, const RequestContext& context,
                                              const Table& table) {
  ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch,
                   ReadAll(connector, context, table, FullScan(table)));
  return RowTexts(*batch);
}

absl::StatusOr<std::vector<std::string>> List(Connector& connector, const RequestContext& context,
                                              const std::string& database) {
  ASSIGN_OR_RETURN(const Page<TableName> page, connector.ListTables(context, database, {}));
  std::vector<std::string> names;
  names.reserve(page.items.size());
  for (const TableName& name : page.items) {
    names.push_back(name.ToString());
  }
  return names;
}

absl::StatusOr<std::vector<std::string>> Describe(Connector& connector,
                                                  const RequestContext& context,
                                                  const TableName& name) {
  ASSIGN_OR_RETURN(const Table table, connector.GetTable(context, name));
  return std::vector<std::string>{table.schema->ToString(/*show_metadata=*/true)};
}

}  // namespace

FaultSubject::FaultSubject() = default;

void ConnectorFaults::SetUp() {
  subject_ = GetParam()();
  ASSERT_NE(subject_, nullptr);
  proxy().Heal();
  context_.catalog = "subject";
  context_.query_id = "faults";
  context_.deadline = absl::Now() + kPatience;
  const std::unique_ptr<Connector> connector = Connect(false);
  ASSERT_NE(connector, nullptr);
  for (const auto& [name, table] :
       {std::pair(subject().small, &small_), std::pair(subject().large, &large_)}) {
    absl::StatusOr<Table> got = connector->GetTable(context_, name);
    ASSERT_TRUE(got.ok()) << got.status();
    *table = *std::move(got);
  }
  operations_ = {
      {"ListTables",
       [this](Connector& c, const RequestContext& r) { return List(c, r, small_.name.database); },
       {},
       0,
       0},
      {"GetTable",
       [this](Connector& c, const RequestContext& r) { return Describe(c, r, small_.name); },
       {},
       0,
       0},
      {"Read",
       [this](Connector& c, const RequestContext& r) { return Read(c, r, small_); },
       {},
       0,
       0},
  };
  read_large_ = {"Read all",
                 [this](Connector& c, const RequestContext& r) { return Read(c, r, large_); },
                 {},
                 0,
                 0};
  for (Operation& operation : operations_) {
    ASSERT_NO_FATAL_FAILURE(Learn(operation));
  }
  ASSERT_NO_FATAL_FAILURE(Learn(read_large_));
  std::erase_if(operations_, [](const Operation& operation) { return operation.new_bytes == 0; });
  ASSERT_FALSE(operations_.empty());
}

void ConnectorFaults::Learn(Operation& operation) {
  const std::unique_ptr<Connector> connector = Connect(false);
  for (int64_t* const bytes : {&operation.new_bytes, &operation.known_bytes}) {
    const int64_t before = proxy().bytes(Direction::kToClient);
    absl::StatusOr<std::vector<std::string>> answer = operation.run(*connector, context_);
    ASSERT_TRUE(answer.ok()) << operation.name << ": " << answer.status();
    ASSERT_FALSE(answer->empty()) << operation.name;
    operation.right = *std::move(answer);
    *bytes = proxy().bytes(Direction::kToClient) - before;
  }
}

void ConnectorFaults::TearDown() {
  if (subject_ != nullptr) {
    proxy().Heal();
    proxy().ResetConnections();
  }
}

std::unique_ptr<Connector> ConnectorFaults::Connect(bool warm) {
  absl::StatusOr<std::unique_ptr<Connector>> connector = subject().connect();
  EXPECT_TRUE(connector.ok()) << connector.status();
  if (!connector.ok()) {
    return nullptr;
  }
  if (warm) {
    for (const Operation& operation : operations_) {
      EXPECT_TRUE(operation.run(**connector, context_).ok()) << operation.name;
    }
  }
  return *std::move(connector);
}

void ConnectorFaults::ForEachStall(
    const std::function<void(const Stall&, const Operation&, Connector&, const std::string&)>&
        body) {
  const auto rule = [](Direction direction, net::FaultRule set) {
    return [direction, set](FaultProxy& proxy) { proxy.SetRule(direction, set); };
  };
  const std::vector<Stall> stalls = {
      {"stalled at connect", [](FaultProxy& proxy) { proxy.SetAccepting(Accepting::kStall); }, true,
       false},
      {"no answer", rule(Direction::kToClient, {.fault = Fault::kStall}), false, true},
      {"stalled in the answer",
       rule(Direction::kToClient, {.fault = Fault::kStall, .after_bytes = 20}), false, true},
      {"half-open, requests are lost", rule(Direction::kToServer, {.fault = Fault::kSwallow}),
       false, true, Direction::kToServer},
      {"half-open, answers are lost", rule(Direction::kToClient, {.fault = Fault::kSwallow}), false,
       true, Direction::kToClient},
      {"a trickle", rule(Direction::kToClient, {.bytes_per_second = kTrickleBytesPerSecond}), false,
       false},
  };
  for (const bool warm : {false, true}) {
    for (const Stall& stall : stalls) {
      for (const Operation& operation : operations_) {
        if (warm && (stall.new_connections_only || operation.known_bytes == 0)) {
          continue;
        }
        const std::string what =
            absl::StrCat(operation.name, warm ? ", known source, " : ", ", stall.name);
        const std::unique_ptr<Connector> connector = Connect(warm);
        body(stall, operation, *connector, what);
        proxy().Heal();
        proxy().ResetConnections();
        ASSERT_NO_FATAL_FAILURE(ExpectRecovery(*connector, what));
      }
    }
  }
}

void ConnectorFaults::ExpectHidesSecrets(const absl::Status& status, const std::string& what) {
  for (const std::string& secret : subject().secrets) {
    EXPECT_FALSE(absl::StrContains(status.ToString(), secret)) << what;
  }
}

void ConnectorFaults::ExpectErrorNames(const absl::Status& status, const std::string& what) {
  EXPECT_TRUE(absl::StrContains(status.message(), subject().source_name)) << what << ": " << status;
  ExpectHidesSecrets(status, what);
}

void ConnectorFaults::ExpectError(const Operation& operation, Connector& connector,
                                  absl::StatusCode code, const std::string& what) {
  const std::string where = absl::StrCat(what, ", ", operation.name);
  const absl::Time start = absl::Now();
  const absl::Status status = operation.run(connector, context_).status();
  EXPECT_LT(absl::Now() - start, kSoon) << where << ": " << status;
  EXPECT_EQ(status.code(), code) << where << ": " << status;
  ExpectErrorNames(status, where);
}

void ConnectorFaults::ExpectRightOrError(const Operation& operation, Connector& connector,
                                         const RequestContext& context, const std::string& what) {
  const absl::StatusOr<std::vector<std::string>> answer = operation.run(connector, context);
  if (answer.ok()) {
    EXPECT_EQ(*answer == operation.right, true)
        << what << ": " << answer->size() << " items for " << operation.right.size();
  } else {
    EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable)
        << what << ": " << answer.status();
    ExpectErrorNames(answer.status(), what);
  }
}

void ConnectorFaults::ExpectRecovery(Connector& connector, const std::string& what) {
  for (const Operation& operation : operations_) {
    const absl::StatusOr<std::vector<std::string>> answer = operation.run(connector, context_);
    ASSERT_TRUE(answer.ok()) << "after " << what << ", " << operation.name << ": "
                             << answer.status();
    EXPECT_EQ(*answer, operation.right) << "after " << what << ", " << operation.name;
  }
}

TEST_P(ConnectorFaults, ASlowSourceGivesTheSameAnswer) {
  for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
    proxy().SetRule(direction, {.delay = absl::Milliseconds(5), .bytes_per_second = 200'000});
  }
  const std::unique_ptr<Connector> connector = Connect(false);
  ASSERT_NO_FATAL_FAILURE(ExpectRecovery(*connector, "slowing down"));
}

TEST_P(ConnectorFaults, ASourceThatCannotBeReachedIsUnavailable) {
  for (const auto& [accepting, what] : {std::pair(Accepting::kRefuse, "refused"),
                                        std::pair(Accepting::kReset, "reset at connect")}) {
    for (const Operation& operation : operations_) {
      const std::unique_ptr<Connector> connector = Connect(false);
      proxy().SetAccepting(accepting);
      ExpectError(operation, *connector, absl::StatusCode::kUnavailable, what);
      proxy().Heal();
      ASSERT_NO_FATAL_FAILURE(ExpectRecovery(*connector, what));
    }
  }
}

TEST_P(ConnectorFaults, AStalledSourceEndsWithTheDeadline) {
  ForEachStall([this](const Stall& stall, const Operation& operation, Connector& connector,
                      const std::string& what) {
    stall.set(proxy());
    RequestContext context = context_;
    context.deadline = absl::Now() + kTimeAllowed;
    const absl::Status status = operation.run(connector, context).status();
    EXPECT_LT(absl::Now() - context.deadline, kSoon) << what;
    EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << what << ": " << status;
    ExpectHidesSecrets(status, what);
  });
}

TEST_P(ConnectorFaults, ACancelEndsAStalledRequest) {
  ForEachStall([this](const Stall& stall, const Operation& operation, Connector& connector,
                      const std::string& what) {
    const int64_t connections = proxy().connections();
    const int64_t hits = proxy().hits();
    const int64_t swallowed = stall.swallows ? proxy().swallowed(*stall.swallows) : 0;
    stall.set(proxy());
    const int64_t answered = proxy().bytes(Direction::kToClient);
    RequestContext context = context_;
    context.cancellation = Cancellation();
    absl::Time cancelled;
    std::thread canceller([&] {
      // The request is on its way.
      if (stall.new_connections_only) {
        EXPECT_TRUE(proxy().WaitForConnections(connections + 1)) << what;
      } else if (stall.swallows) {
        EXPECT_TRUE(proxy().WaitForSwallowed(*stall.swallows, swallowed + 1)) << what;
      } else if (stall.hits) {
        EXPECT_TRUE(proxy().WaitForHits(hits + 1)) << what;
      } else {
        EXPECT_TRUE(proxy().WaitForBytes(Direction::kToClient, answered + 1)) << what;
      }
      cancelled = absl::Now();
      context.cancellation.Cancel(absl::CancelledError("enough"));
    });
    const absl::Status status = operation.run(connector, context).status();
    const absl::Time ended = absl::Now();
    canceller.join();
    EXPECT_LT(ended - cancelled, kSoon) << what;
    EXPECT_TRUE(absl::IsCancelled(status)) << what << ": " << status;
  });
}

TEST_P(ConnectorFaults, TheDeadlineEndsAReadInTheMiddleOfRows) {
  const std::unique_ptr<Connector> connector = Connect(false);
  for (const net::FaultRule& rule :
       {net::FaultRule{.fault = Fault::kStall, .after_bytes = read_large_.known_bytes / 2},
        // Rows never cease to come.
        net::FaultRule{.bytes_per_second = read_large_.known_bytes / kPatienceSeconds}}) {
    proxy().SetRule(Direction::kToClient, rule);
    RequestContext context = context_;
    context.deadline = absl::Now() + absl::Milliseconds(500);
    const absl::Status status = read_large_.run(*connector, context).status();
    EXPECT_LT(absl::Now() - context.deadline, kSoon);
    EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
    proxy().Heal();
    proxy().ResetConnections();
    ASSERT_NO_FATAL_FAILURE(ExpectRecovery(*connector, "a read that was too slow"));
  }
}

TEST_P(ConnectorFaults, ACancelEndsAReadInTheMiddleOfRows) {
  const int64_t middle = read_large_.known_bytes / 2;
  const std::unique_ptr<Connector> connector = Connect(false);
  RequestContext context = context_;
  context.cancellation = Cancellation();
  proxy().SetRule(Direction::kToClient, {.fault = Fault::kStall, .after_bytes = middle});
  const int64_t hits = proxy().hits();
  absl::Time cancelled;
  std::thread canceller([&] {
    EXPECT_TRUE(proxy().WaitForHits(hits + 1));
    cancelled = absl::Now();
    context.cancellation.Cancel(absl::CancelledError("enough"));
  });
  const absl::Status status = read_large_.run(*connector, context).status();
  const absl::Time ended = absl::Now();
  canceller.join();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_LT(ended - cancelled, kSoon);
  proxy().Heal();
  proxy().ResetConnections();
  ASSERT_NO_FATAL_FAILURE(ExpectRecovery(*connector, "a stall"));
}

TEST_P(ConnectorFaults, ABreakInTheMiddleOfRowsIsNeverTheEndOfTheTable) {
  const int64_t bytes = read_large_.new_bytes;
  ASSERT_GE(bytes, int64_t{1} << 20);
  for (const Fault fault : {Fault::kReset, Fault::kClose}) {
    for (const int64_t place :
         {bytes / 100, bytes / 4, bytes / 2, bytes - bytes / 100, bytes - 1}) {
      for (const bool once : {true, false}) {
        const std::string what =
            absl::StrCat(fault == Fault::kReset ? "reset after " : "closed after ", place, " of ",
                         bytes, once ? " bytes, once" : " bytes");
        const std::unique_ptr<Connector> connector = Connect(false);
        net::FaultRule rule{.fault = fault, .after_bytes = place};
        if (once) {
          rule.max_hits = 1;
        }
        const int64_t hits = proxy().hits();
        proxy().SetRule(Direction::kToClient, rule);
        const absl::Time start = absl::Now();
        ExpectRightOrError(read_large_, *connector, context_, what);
        EXPECT_LT(absl::Now() - start, kPatience / 2) << what;
        EXPECT_GE(proxy().hits(), hits) << what;
        proxy().Heal();
        ASSERT_NO_FATAL_FAILURE(ExpectRecovery(*connector, what));
      }
    }
  }
}

void ConnectorFaults::BreakAtEachByte(Fault fault) {
  for (const Operation& operation : operations_) {
    const int64_t bytes = operation.new_bytes;
    const int64_t step = (bytes + subject().max_breaks - 1) / subject().max_breaks;
    int64_t errors = 0;
    for (int64_t place = 0; place < bytes; place += step) {
      const std::unique_ptr<Connector> connector = Connect(false);
      const int64_t hits = proxy().hits();
      proxy().SetRule(Direction::kToClient, {.fault = fault, .after_bytes = place, .max_hits = 1});
      ExpectRightOrError(
          operation, *connector, context_,
          absl::StrCat(operation.name, " broken after ", place, " of ", bytes, " bytes"));
      errors += proxy().hits() > hits ? 1 : 0;
      if (HasFailure()) {
        return;
      }
    }
    // Something was broken at all.
    EXPECT_GT(errors, 0) << operation.name;
    proxy().Heal();
  }
}

TEST_P(ConnectorFaults, AnAnswerCutAtAnyByteIsRightOrAnError) { BreakAtEachByte(Fault::kClose); }

TEST_P(ConnectorFaults, AnAnswerBrokenAtAnyByteIsRightOrAnError) { BreakAtEachByte(Fault::kReset); }

TEST_P(ConnectorFaults, ACorruptByteEndsTheRequest) {
  for (const Operation& operation : operations_) {
    const int64_t bytes = operation.new_bytes;
    const int64_t step = std::max<int64_t>(1, bytes / kCorruptions);
    for (int64_t place = 0; place < bytes; place += step) {
      const std::string what =
          absl::StrCat(operation.name, " with byte ", place, " of ", bytes, " inverted");
      const std::unique_ptr<Connector> connector = Connect(false);
      proxy().SetRule(Direction::kToClient,
                      {.fault = Fault::kCorrupt, .after_bytes = place, .max_hits = 1});
      RequestContext context = context_;
      context.deadline = absl::Now() + kTimeAllowed * 2;  // a wrong length waits for more
      const absl::StatusOr<std::vector<std::string>> answer = operation.run(*connector, context);
      EXPECT_LT(absl::Now() - context.deadline, kSoon) << what;
      if (subject().detects_corruption && answer.ok()) {
        EXPECT_EQ(*answer, operation.right) << what;
      }
      ExpectHidesSecrets(answer.status(), what);
      proxy().Heal();
      proxy().ResetConnections();
    }
  }
}

TEST_P(ConnectorFaults, KeptConnectionsThatHaveEndedAreReplaced) {
  const std::unique_ptr<Connector> connector = Connect(true);
  proxy().ResetConnections();
  ASSERT_NO_FATAL_FAILURE(ExpectRecovery(*connector, "a reset of all connections"));
  proxy().SetRule(Direction::kToClient, {.fault = Fault::kClose});
  proxy().Heal();
  ASSERT_NO_FATAL_FAILURE(ExpectRecovery(*connector, "the end of all connections"));
  // Those that end at the next request.
  for (const Fault fault : {Fault::kReset, Fault::kClose}) {
    for (const Operation& operation : operations_) {
      const int64_t live = proxy().live_connections();
      proxy().SetRule(Direction::kToServer, {.fault = fault, .after_bytes = 1, .max_hits = live});
      ExpectRightOrError(operation, *connector, context_, operation.name);
      proxy().Heal();
      ASSERT_NO_FATAL_FAILURE(ExpectRecovery(*connector, "the end at a request"));
    }
  }
}

TEST_P(ConnectorFaults, AKilledServerIsUnavailableUntilItIsBack) {
  if (subject().kill == nullptr) {
    return;
  }
  const std::unique_ptr<Connector> connector = Connect(true);
  absl::Status status = subject().kill();
  ASSERT_TRUE(status.ok()) << status;
  for (const Operation& operation : operations_) {
    if (operation.known_bytes > 0) {
      ExpectError(operation, *connector, absl::StatusCode::kUnavailable, "killed");
    }
  }
  status = subject().restart();
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_NO_FATAL_FAILURE(ExpectRecovery(*connector, "a restart"));
}

TEST_P(ConnectorFaults, WhatTheSourceRefusesIsToldForWhatItIs) {
  for (const Refusal& refusal : subject().refusals) {
    const absl::StatusOr<std::unique_ptr<Connector>> connector = refusal.connect();
    ASSERT_TRUE(connector.ok()) << refusal.name << ": " << connector.status();
    for (const Operation& operation : operations_) {
      ExpectError(operation, **connector, refusal.code, refusal.name);
    }
  }
}

TEST_P(ConnectorFaults, AThrottledSourceSlowsTheLimiterDown) {
  if (subject().throttle == nullptr) {
    return;
  }
  Limiter limiter({}, Clock::System());
  RequestContext context = context_;
  context.limiter = &limiter;
  const std::unique_ptr<Connector> connector = Connect(false);
  ASSERT_TRUE(subject().throttle(true).ok());
  const absl::Status status = operations_.back().run(*connector, context).status();
  // Either the connector has told the limiter and goes on, or it leaves that to its caller.
  EXPECT_TRUE(absl::IsResourceExhausted(status) || limiter.current_delay() > absl::ZeroDuration())
      << status;
  ExpectHidesSecrets(status, "throttled");
  ASSERT_TRUE(subject().throttle(false).ok());
  ASSERT_NO_FATAL_FAILURE(ExpectRecovery(*connector, "throttling"));
}

}  // namespace pallas::sdk
