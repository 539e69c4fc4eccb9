#ifndef PALLAS_CLI_DEMO_TPCH_TABLES_H_
#define PALLAS_CLI_DEMO_TPCH_TABLES_H_

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

#include "sdk/request_context.h"

namespace pallas::cli {

// A column of a TPC-H table, with its type as SQL spells it: bigint, int, decimal(15,2), date,
// varchar(n), char(n).
struct TpchColumn {
  std::string_view name;
  std::string_view type;

  bool is_text() const;
};

struct TpchTable {
  std::string_view name;
  absl::Span<const TpchColumn> columns;
  absl::Span<const std::string_view> key;
  absl::Span<const std::string_view> indexed;  // single columns that joins use

  // The index of a column. REQUIRES: it is one of `columns`.
  size_t IndexOf(std::string_view column) const;
};

// The table of that name. REQUIRES: it is one of the eight.
const TpchTable& GetTpchTable(std::string_view name);

// Makes the tables at one scale by the program of kTpchGenerator.
class TpchGenerator {
 public:
  // `folder` gets the files, and what the generator says.
  static absl::StatusOr<TpchGenerator> Make(std::string scale, std::string folder);

  // The rows as text, `a|b|c|` each; the path of the file. The generator takes most of a second to
  // begin, so the first call makes all tables but lineitem.
  absl::StatusOr<std::string> MakeText(const sdk::RequestContext& context, const TpchTable& table);

  // The rows as a Parquet file; its path.
  absl::StatusOr<std::string> MakeParquet(const sdk::RequestContext& context,
                                          const TpchTable& table);

  // Removes the folder.
  void RemoveFiles();

  const std::string& scale() const { return scale_; }

 private:
  TpchGenerator(std::string program, std::string scale, std::string folder);

  absl::Status Run(const sdk::RequestContext& context, const std::string& format,
                   const std::vector<std::string_view>& tables);

  std::string program_;
  std::string scale_;
  std::string folder_;
  bool text_made_ = false;
};

// Reads the file of TpchGenerator::MakeText.
class TpchRows {
 public:
  TpchRows(const TpchTable& table, const std::string& file);

  // The next row, whose texts are valid until the one after it is read. False at the end, and when
  // the file turns out not to hold rows of the table: see status().
  bool Next();

  const std::vector<std::string_view>& row() const { return row_; }

  const absl::Status& status() const { return status_; }

 private:
  const TpchTable& table_;
  std::string name_;
  std::ifstream file_;
  std::string line_;
  std::vector<std::string_view> row_;
  absl::Status status_;
};

}  // namespace pallas::cli

#endif  // PALLAS_CLI_DEMO_TPCH_TABLES_H_
