#ifndef PALLAS_SDK_TESTING_CONFORMANCE_SUITE_H_
#define PALLAS_SDK_TESTING_CONFORMANCE_SUITE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "sdk/connector.h"

// What every connector must do, whatever its source. A connector's test fills a source with the
// tables named here and instantiates the suite:
//
//   INSTANTIATE_TEST_SUITE_P(MySql, ConnectorConformance, testing::Values(&MakeMySqlSubject));
//
// The suite reads `data` in full once and takes that as the truth about its rows; that they are the
// right ones is for the connector's own tests.

namespace pallas::sdk {

struct ConformanceSubject {
  // Not inline, so that who makes a subject links the tests.
  ConformanceSubject();

  std::unique_ptr<Connector> connector;
  // Keeps the source alive (a server, a folder).
  std::shared_ptr<void> source;
  // A table with at least 100 rows, several columns of different types, and NULLs.
  TableName data;
  // A table with the same kind of columns and no rows.
  TableName empty;
  // Reading it takes at least several seconds, or blocks; for the test of cancelling.
  TableName slow;
  // Whether the same scan, planned again, has equal splits. Those of the wire never are: each has a
  // place and a key of its own for its spilled blocks.
  bool splits_repeat = true;
  // Texts that must never show up in splits, statements or errors.
  std::vector<std::string> secrets;
};

using MakeSubject = std::function<std::shared_ptr<ConformanceSubject>()>;

class ConnectorConformance : public testing::TestWithParam<MakeSubject> {
 protected:
  void SetUp() override;

  Connector& connector() { return *subject_->connector; }

  const ConformanceSubject& subject() const { return *subject_; }

  std::shared_ptr<ConformanceSubject> subject_;
  RequestContext context_;
};

// Reads a whole table or scan through PlanPartitions, PlanSplits and Read, as one batch of the
// columns asked for. `split_limit` makes the sink stop after so many splits and resume.
absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> ReadAll(Connector& connector,
                                                            const RequestContext& context,
                                                            const Table& table, const Scan& scan,
                                                            int split_limit = 0);

// A scan of all columns.
Scan FullScan(const Table& table);

// Rows as texts, sorted: a multiset to compare.
std::vector<std::string> RowTexts(const arrow::RecordBatch& batch);

// All splits of a scan, in order.
absl::StatusOr<std::vector<Split>> PlanAll(Connector& connector, const RequestContext& context,
                                           const Table& table, const Scan& scan,
                                           int split_limit = 0);

}  // namespace pallas::sdk

#endif  // PALLAS_SDK_TESTING_CONFORMANCE_SUITE_H_
