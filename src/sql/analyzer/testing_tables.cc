#include "sql/analyzer/testing_tables.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

#include "base/check.h"
#include "base/error_detail.h"

namespace pallas::sql {
namespace {

// The parts of `columns` between commas that are in no parentheses.
std::vector<std::string> SplitColumns(std::string_view columns) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : columns) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::vector<catalog::ResolvedColumn> ParseColumns(std::string_view columns) {
  std::vector<catalog::ResolvedColumn> parsed;
  for (const std::string& part : SplitColumns(columns)) {
    const std::pair<std::string, std::string> words =
        absl::StrSplit(absl::StripAsciiWhitespace(part), absl::MaxSplits(' ', 1));
    const absl::StatusOr<Type> type = ParseTrinoType(words.second);
    CHECK(type.ok());
    parsed.push_back({words.first, *type, "", absl::StartsWith(words.first, "$"), false});
  }
  return parsed;
}

struct Table {
  std::string_view name;
  std::string_view prefix;
  std::string_view columns;  // "@" stands for the prefix
};

constexpr Table kTpch[] = {
    {"customer", "c_",
     "@custkey bigint, @name varchar(25), @address varchar(40), @nationkey bigint, "
     "@phone varchar(15), @acctbal double, @mktsegment varchar(10), @comment varchar(117)"},
    {"lineitem", "l_",
     "@orderkey bigint, @partkey bigint, @suppkey bigint, @linenumber integer, @quantity double, "
     "@extendedprice double, @discount double, @tax double, @returnflag varchar(1), "
     "@linestatus varchar(1), @shipdate date, @commitdate date, @receiptdate date, "
     "@shipinstruct varchar(25), @shipmode varchar(10), @comment varchar(44)"},
    {"nation", "n_",
     "@nationkey bigint, @name varchar(25), @regionkey bigint, @comment varchar(152)"},
    {"orders", "o_",
     "@orderkey bigint, @custkey bigint, @orderstatus varchar(1), @totalprice double, "
     "@orderdate date, @orderpriority varchar(15), @clerk varchar(15), @shippriority integer, "
     "@comment varchar(79)"},
    {"part", "p_",
     "@partkey bigint, @name varchar(55), @mfgr varchar(25), @brand varchar(10), "
     "@type varchar(25), @size integer, @container varchar(10), @retailprice double, "
     "@comment varchar(23)"},
    {"partsupp", "ps_",
     "@partkey bigint, @suppkey bigint, @availqty integer, @supplycost double, "
     "@comment varchar(199)"},
    {"region", "r_", "@regionkey bigint, @name varchar(25), @comment varchar(152)"},
    {"supplier", "s_",
     "@suppkey bigint, @name varchar(25), @address varchar(40), @nationkey bigint, "
     "@phone varchar(15), @acctbal double, @comment varchar(101)"},
};

catalog::QualifiedName Lower(const catalog::QualifiedName& name) {
  return {absl::AsciiStrToLower(name.catalog), absl::AsciiStrToLower(name.database),
          absl::AsciiStrToLower(name.table)};
}

}  // namespace

void TestingTables::Put(catalog::ResolvedTable table) {
  const catalog::QualifiedName key = Lower(table.name);
  tables_[key] = std::make_shared<const catalog::ResolvedTable>(std::move(table));
}

void TestingTables::Add(const catalog::QualifiedName& name, std::string_view columns) {
  catalog::ResolvedTable table;
  table.name = name;
  table.columns = ParseColumns(columns);
  Put(std::move(table));
}

void TestingTables::AddView(const catalog::QualifiedName& name, std::string_view columns,
                            std::string sql) {
  catalog::ResolvedTable view;
  view.name = name;
  view.kind = catalog::TableKind::kView;
  view.columns = ParseColumns(columns);
  view.view_sql = std::move(sql);
  view.view_catalog = name.catalog;
  view.view_database = name.database;
  Put(std::move(view));
}

void TestingTables::AddTpch() {
  for (const Table& table : kTpch) {
    const std::string name(table.name);
    Add({"tpch", "tiny", name}, absl::StrReplaceAll(table.columns, {{"@", ""}}));
    Add({"awsdatacatalog", "default", name},
        absl::StrReplaceAll(table.columns, {{"@", table.prefix}}));
    Add({"awsdatacatalog", "sf1", name},
        absl::StrReplaceAll(table.columns, {{"@", table.prefix}, {"double", "decimal(12,2)"}}));
  }
}

absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> TestingTables::ResolveTable(
    const sdk::RequestContext&, const catalog::QualifiedName& name) {
  ++num_resolved_;
  const auto found = tables_.find(Lower(name));
  if (found == tables_.end()) {
    return NamedError("TABLE_NOT_FOUND",
                      absl::StrCat("Table '", name.ToString(), "' does not exist"),
                      absl::StatusCode::kNotFound);
  }
  return found->second;
}

absl::StatusOr<std::vector<std::string>> TestingTables::ListCatalogs(const sdk::RequestContext&) {
  return std::vector<std::string>{"awsdatacatalog", "tpch"};
}

absl::StatusOr<std::vector<std::string>> TestingTables::ListDatabases(const sdk::RequestContext&,
                                                                      const std::string&) {
  return std::vector<std::string>{"default", "tiny"};
}

absl::StatusOr<std::vector<std::string>> TestingTables::ListTables(const sdk::RequestContext&,
                                                                   const std::string&,
                                                                   const std::string&) {
  std::vector<std::string> names;
  for (const auto& [name, table] : tables_) {
    names.push_back(name.table);
  }
  return names;
}

}  // namespace pallas::sql
