#include "cli/demo/tpch_tables.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/demo/detached_process.h"
#include "cli/demo/programs.h"

#include "base/check.h"
#include "base/status_macros.h"

namespace pallas::cli {
namespace {

constexpr TpchColumn kRegionColumns[] = {
    {"r_regionkey", "bigint"}, {"r_name", "varchar(25)"}, {"r_comment", "varchar(152)"}};
constexpr TpchColumn kNationColumns[] = {{"n_nationkey", "bigint"},
                                         {"n_name", "varchar(25)"},
                                         {"n_regionkey", "bigint"},
                                         {"n_comment", "varchar(152)"}};
constexpr TpchColumn kSupplierColumns[] = {
    {"s_suppkey", "bigint"},      {"s_name", "varchar(25)"},  {"s_address", "varchar(40)"},
    {"s_nationkey", "bigint"},    {"s_phone", "varchar(15)"}, {"s_acctbal", "decimal(15,2)"},
    {"s_comment", "varchar(101)"}};
constexpr TpchColumn kCustomerColumns[] = {
    {"c_custkey", "bigint"},         {"c_name", "varchar(25)"},    {"c_address", "varchar(40)"},
    {"c_nationkey", "bigint"},       {"c_phone", "varchar(15)"},   {"c_acctbal", "decimal(15,2)"},
    {"c_mktsegment", "varchar(10)"}, {"c_comment", "varchar(117)"}};
constexpr TpchColumn kPartColumns[] = {
    {"p_partkey", "bigint"},        {"p_name", "varchar(55)"},
    {"p_mfgr", "varchar(25)"},      {"p_brand", "varchar(10)"},
    {"p_type", "varchar(25)"},      {"p_size", "int"},
    {"p_container", "varchar(10)"}, {"p_retailprice", "decimal(15,2)"},
    {"p_comment", "varchar(23)"}};
constexpr TpchColumn kPartsuppColumns[] = {{"ps_partkey", "bigint"},
                                           {"ps_suppkey", "bigint"},
                                           {"ps_availqty", "int"},
                                           {"ps_supplycost", "decimal(15,2)"},
                                           {"ps_comment", "varchar(199)"}};
constexpr TpchColumn kOrdersColumns[] = {
    {"o_orderkey", "bigint"},     {"o_custkey", "bigint"},
    {"o_orderstatus", "char(1)"}, {"o_totalprice", "decimal(15,2)"},
    {"o_orderdate", "date"},      {"o_orderpriority", "varchar(15)"},
    {"o_clerk", "varchar(15)"},   {"o_shippriority", "int"},
    {"o_comment", "varchar(79)"}};
constexpr TpchColumn kLineitemColumns[] = {
    {"l_orderkey", "bigint"},        {"l_partkey", "bigint"},
    {"l_suppkey", "bigint"},         {"l_linenumber", "int"},
    {"l_quantity", "decimal(15,2)"}, {"l_extendedprice", "decimal(15,2)"},
    {"l_discount", "decimal(15,2)"}, {"l_tax", "decimal(15,2)"},
    {"l_returnflag", "char(1)"},     {"l_linestatus", "char(1)"},
    {"l_shipdate", "date"},          {"l_commitdate", "date"},
    {"l_receiptdate", "date"},       {"l_shipinstruct", "varchar(25)"},
    {"l_shipmode", "varchar(10)"},   {"l_comment", "varchar(44)"}};

constexpr std::string_view kRegionKey[] = {"r_regionkey"};
constexpr std::string_view kNationKey[] = {"n_nationkey"};
constexpr std::string_view kSupplierKey[] = {"s_suppkey"};
constexpr std::string_view kSupplierIndexed[] = {"s_nationkey"};
constexpr std::string_view kCustomerKey[] = {"c_custkey"};
constexpr std::string_view kCustomerIndexed[] = {"c_nationkey"};
constexpr std::string_view kPartKey[] = {"p_partkey"};
constexpr std::string_view kPartsuppKey[] = {"ps_partkey", "ps_suppkey"};
constexpr std::string_view kOrdersKey[] = {"o_orderkey"};
constexpr std::string_view kOrdersIndexed[] = {"o_custkey", "o_orderdate"};
constexpr std::string_view kLineitemKey[] = {"l_orderkey", "l_linenumber"};

constexpr TpchTable kTables[] = {{"region", kRegionColumns, kRegionKey, {}},
                                 {"nation", kNationColumns, kNationKey, {}},
                                 {"supplier", kSupplierColumns, kSupplierKey, kSupplierIndexed},
                                 {"customer", kCustomerColumns, kCustomerKey, kCustomerIndexed},
                                 {"part", kPartColumns, kPartKey, {}},
                                 {"partsupp", kPartsuppColumns, kPartsuppKey, {}},
                                 {"orders", kOrdersColumns, kOrdersKey, kOrdersIndexed},
                                 {"lineitem", kLineitemColumns, kLineitemKey, {}}};

constexpr std::string_view kLargestTable = "lineitem";
constexpr int kShownLogLines = 5;

}  // namespace

bool TpchColumn::is_text() const {
  return absl::StartsWith(type, "varchar") || absl::StartsWith(type, "char");
}

size_t TpchTable::IndexOf(std::string_view column) const {
  const auto* const found = std::find_if(columns.begin(), columns.end(),
                                         [&](const TpchColumn& c) { return c.name == column; });
  CHECK(found != columns.end());
  return static_cast<size_t>(found - columns.begin());
}

const TpchTable& GetTpchTable(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kTables), std::end(kTables),
                                         [&](const TpchTable& t) { return t.name == name; });
  CHECK(found != std::end(kTables));
  return *found;
}

absl::StatusOr<TpchGenerator> TpchGenerator::Make(std::string scale, std::string folder) {
  ASSIGN_OR_RETURN(std::string program, FindProgram(kTpchGenerator));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot make the folder ", folder, ": ", error.message()));
  }
  return TpchGenerator(std::move(program), std::move(scale), std::move(folder));
}

TpchGenerator::TpchGenerator(std::string program, std::string scale, std::string folder)
    : program_(std::move(program)), scale_(std::move(scale)), folder_(std::move(folder)) {}

absl::StatusOr<std::string> TpchGenerator::MakeText(const sdk::RequestContext& context,
                                                    const TpchTable& table) {
  if (table.name == kLargestTable) {
    RETURN_IF_ERROR(Run(context, "tbl", {table.name}));
  } else if (!text_made_) {
    std::vector<std::string_view> tables;
    for (const TpchTable& each : kTables) {
      if (each.name != kLargestTable) {
        tables.push_back(each.name);
      }
    }
    RETURN_IF_ERROR(Run(context, "tbl", tables));
    text_made_ = true;
  }
  return absl::StrCat(folder_, "/", table.name, ".tbl");
}

absl::StatusOr<std::string> TpchGenerator::MakeParquet(const sdk::RequestContext& context,
                                                       const TpchTable& table) {
  RETURN_IF_ERROR(Run(context, "parquet", {table.name}));
  return absl::StrCat(folder_, "/", table.name, ".parquet");
}

void TpchGenerator::RemoveFiles() {
  std::error_code ignored;  // What stays is overwritten the next time.
  std::filesystem::remove_all(folder_, ignored);
  text_made_ = false;
}

absl::Status TpchGenerator::Run(const sdk::RequestContext& context, const std::string& format,
                                const std::vector<std::string_view>& tables) {
  const std::string log = absl::StrCat(folder_, "/log");
  ASSIGN_OR_RETURN(
      const DetachedProcess process,
      DetachedProcess::Start(
          {.program = program_,
           .arguments = {format, "--scale-factor", scale_, "--tables", absl::StrJoin(tables, ","),
                         "--output-dir", folder_, "--overwrite", "--quiet"},
           .called_as = "",
           .folder = folder_,
           .log_file = log,
           .id_file = absl::StrCat(folder_, "/process")}));
  ASSIGN_OR_RETURN(const int exit_code, process.Wait(context));
  if (exit_code != 0) {
    return absl::UnavailableError(absl::StrCat(program_,
                                               " could not make the TPC-H tables (exit code ",
                                               exit_code, "):\n", LastLines(log, kShownLogLines)));
  }
  return absl::OkStatus();
}

TpchRows::TpchRows(const TpchTable& table, const std::string& file)
    : table_(table), name_(file), file_(file) {}

bool TpchRows::Next() {
  if (!status_.ok() || !std::getline(file_, line_)) {
    if (file_.bad() || !file_.is_open()) {
      status_ = absl::UnavailableError(absl::StrCat("cannot read ", name_));
    }
    return false;
  }
  row_ = absl::StrSplit(line_, '|');
  if (row_.size() != table_.columns.size() + 1 || !row_.back().empty()) {
    status_ = absl::InternalError(
        absl::StrCat(name_, " holds a line that is no row of the table ", table_.name));
    return false;
  }
  row_.pop_back();
  return true;
}

}  // namespace pallas::cli
