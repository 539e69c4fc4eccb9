#ifndef PALLAS_CONNECTORS_DYNAMODB_RECORD_READER_H_
#define PALLAS_CONNECTORS_DYNAMODB_RECORD_READER_H_

#include <memory>

#include "absl/status/statusor.h"

#include "connectors/dynamodb/connection.h"
#include "connectors/dynamodb/options.h"
#include "connectors/dynamodb/source_table.h"
#include "sdk/connector.h"

namespace pallas::dynamodb {

// The items of a split, page by page. Nothing is sent before the first Next(). `options` and
// `connection` outlive the stream.
absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> ReadSplit(
    const sdk::RequestContext& context, const DynamoDbOptions& options, Connection& connection,
    SourceTable table, const sdk::Scan& scan, const sdk::Split& split);

}  // namespace pallas::dynamodb

#endif  // PALLAS_CONNECTORS_DYNAMODB_RECORD_READER_H_
