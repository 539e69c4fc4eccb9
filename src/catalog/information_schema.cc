#include "catalog/information_schema.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "arrow/array/builder_binary.h"
#include "arrow/array/builder_primitive.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"

#include "base/status_macros.h"
#include "sdk/data/batch_builder.h"
#include "types/arrow_status.h"

namespace pallas::catalog {
namespace {

// A cell, and a row with all columns of its table.
using Cell = std::optional<sdk::Value>;
using Row = std::vector<Cell>;
using Names = std::vector<std::string>;

enum class Kind { kSchemata, kTables, kColumns, kViews };

// Where the columns stand that scans are narrowed by.
constexpr size_t kSchemaColumn = 1;
constexpr size_t kTableColumn = 2;

struct InformationTable {
  Kind kind;
  std::string_view name;
  std::span<const std::string_view> columns;
};

constexpr std::array<std::string_view, 2> kSchemataColumns = {"catalog_name", "schema_name"};
constexpr std::array<std::string_view, 5> kTablesColumns = {
    "table_catalog", "table_schema", "table_name", "table_type", "table_comment"};
constexpr std::array<std::string_view, 11> kColumnsColumns = {
    "table_catalog",    "table_schema",   "table_name",    "column_name",
    "ordinal_position", "column_default", "is_nullable",   "data_type",
    "comment",          "extra_info",     "column_comment"};
constexpr std::array<std::string_view, 4> kViewsColumns = {"table_catalog", "table_schema",
                                                           "table_name", "view_definition"};
constexpr std::array<std::string_view, 4> kHiddenColumns = {"table_comment", "comment",
                                                            "extra_info", "column_comment"};

constexpr std::array<InformationTable, 4> kInformationTables = {
    {{Kind::kColumns, "columns", kColumnsColumns},
     {Kind::kSchemata, "schemata", kSchemataColumns},
     {Kind::kTables, "tables", kTablesColumns},
     {Kind::kViews, "views", kViewsColumns}}};

std::shared_ptr<arrow::DataType> TypeOf(std::string_view column) {
  return column == "ordinal_position" ? arrow::int64() : arrow::utf8();
}

absl::StatusOr<const InformationTable*> Find(const sdk::TableName& name) {
  for (const InformationTable& table : kInformationTables) {
    if (name.database == kInformationSchema && name.table == table.name) {
      return &table;
    }
  }
  return absl::NotFoundError(absl::StrCat("there is no table ", name.ToString()));
}

// NULL where nothing is said.
Cell TextOrNull(const std::string& text) { return text.empty() ? Cell() : Cell(text); }

// The sets that a scan narrows a table's columns to.
class Filters {
 public:
  Filters(const sdk::Scan& scan, const InformationTable& table) {
    for (const auto* sets : {&scan.constraints.summary, &scan.dynamic_filters}) {
      for (const auto& [column, set] : *sets) {
        const auto found = std::find(table.columns.begin(), table.columns.end(), column);
        if (found != table.columns.end()) {
          sets_.emplace_back(found - table.columns.begin(), set);
        }
      }
    }
  }

  bool Allows(size_t column, const Cell& cell) const {
    return std::all_of(sets_.begin(), sets_.end(), [&](const auto& set) {
      return set.first != column || set.second.Contains(cell);
    });
  }

  bool Allow(const Row& row) const {
    for (size_t i = 0; i < row.size(); ++i) {
      if (!Allows(i, row[i])) {
        return false;
      }
    }
    return true;
  }

  // The texts that `column` may have, if they are listed.
  std::optional<Names> Listed(size_t column) const {
    for (const auto& [index, set] : sets_) {
      const auto values = index == column ? set.DiscreteValues() : std::nullopt;
      if (!values) {
        continue;
      }
      Names names;
      for (const sdk::Value& value : *values) {
        if (const auto* text = std::get_if<std::string>(&value);
            text != nullptr && Allows(column, *text)) {
          names.push_back(*text);
        }
      }
      return names;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::pair<size_t, sdk::ValueSet>> sets_;
};

// Walks through databases, then their tables, then their columns, as far as the table needs it.
class InformationStream final : public sdk::RecordBatchStream {
 public:
  InformationStream(std::string catalog, CatalogContents& contents, sdk::RequestContext context,
                    const InformationTable& table, const sdk::Scan& scan, sdk::BatchBuilder builder,
                    std::vector<size_t> wanted)
      : catalog_(std::move(catalog)),
        contents_(contents),
        context_(std::move(context)),
        table_(table),
        filters_(scan, table),
        limit_(scan.limit),
        builder_(std::move(builder)),
        wanted_(std::move(wanted)) {}

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    while (true) {
      while (!pending_.empty() && !enough()) {
        const Row row = std::move(pending_.front());
        pending_.pop_front();
        ASSIGN_OR_RETURN(const bool full, Append(row));
        if (full) {
          return builder_.Flush();
        }
      }
      RETURN_IF_ERROR(context_.Check());
      ASSIGN_OR_RETURN(const bool more, enough() ? absl::StatusOr<bool>(false) : Advance());
      if (!more) {
        return builder_.num_rows() > 0
                   ? builder_.Flush()
                   : absl::StatusOr<std::shared_ptr<arrow::RecordBatch>>(nullptr);
      }
    }
  }

 private:
  bool enough() const { return limit_ && rows_ >= *limit_; }

  // Fetches what comes next; false at the end.
  absl::StatusOr<bool> Advance() {
    if (!databases_) {
      RETURN_IF_ERROR(ListDatabases());
    } else if (!tables_.empty()) {
      const TableSummary table = std::move(tables_.front());
      tables_.pop_front();
      RETURN_IF_ERROR(AddTable(table));
    } else if (!databases_->empty()) {
      database_ = std::move(databases_->front());
      databases_->pop_front();
      RETURN_IF_ERROR(OpenDatabase());
    } else {
      return false;
    }
    return true;
  }

  absl::Status ListDatabases() {
    const std::optional<Names> listed = filters_.Listed(kSchemaColumn);
    if (listed && table_.kind != Kind::kSchemata) {
      databases_.emplace(listed->begin(), listed->end());
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const Names all, contents_.Databases(context_));
    databases_.emplace();
    for (const std::string& name : all) {
      if (!IsInformationSchema(name) && filters_.Allows(kSchemaColumn, name)) {
        databases_->push_back(name);
      }
    }
    if (filters_.Allows(kSchemaColumn, kInformationSchema)) {
      databases_->emplace_back(kInformationSchema);
    }
    return absl::OkStatus();
  }

  absl::Status OpenDatabase() {
    if (table_.kind == Kind::kSchemata) {
      Add({catalog_, database_});
      return absl::OkStatus();
    }
    if (database_ == kInformationSchema) {
      for (const InformationTable& table : kInformationTables) {
        AddSummary({std::string(table.name), "", false, ""});
      }
      return absl::OkStatus();
    }
    const std::optional<Names> listed = filters_.Listed(kTableColumn);
    if (listed && table_.kind == Kind::kColumns) {
      for (const std::string& name : *listed) {
        AddSummary({name, "", false, ""});
      }
      return absl::OkStatus();
    }
    auto tables = contents_.Tables(context_, database_);
    if (absl::IsNotFound(tables.status())) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(tables.status());
    for (TableSummary& table : *tables) {
      AddSummary(std::move(table));
    }
    return absl::OkStatus();
  }

  void AddSummary(TableSummary table) {
    if (filters_.Allows(kTableColumn, table.name) && (table.view || table_.kind != Kind::kViews)) {
      tables_.push_back(std::move(table));
    }
  }

  absl::Status AddTable(const TableSummary& table) {
    switch (table_.kind) {
      case Kind::kSchemata:
        return absl::InternalError("schemata have no tables");
      case Kind::kTables:
        Add({catalog_, database_, table.name, std::string(table.view ? "VIEW" : "BASE TABLE"),
             TextOrNull(table.comment)});
        return absl::OkStatus();
      case Kind::kViews:
        Add({catalog_, database_, table.name, table.view_sql});
        return absl::OkStatus();
      case Kind::kColumns:
        return AddColumns(table.name);
    }
    return absl::InternalError("a table of no kind");
  }

  absl::Status AddColumns(const std::string& table) {
    auto columns = ColumnsOf(table);
    if (absl::IsNotFound(columns.status())) {
      return absl::OkStatus();  // dropped since it was listed, or never there
    }
    RETURN_IF_ERROR(columns.status());
    int64_t position = 0;
    for (const ResolvedColumn& column : *columns) {
      ++position;
      if (column.hidden) {
        continue;
      }
      Add({catalog_, database_, table, column.name, position, std::nullopt, std::string("YES"),
           column.type.ToString(), TextOrNull(column.comment),
           TextOrNull(column.partition_key ? "partition key" : ""), TextOrNull(column.comment)});
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<ResolvedColumn>> ColumnsOf(const std::string& table) {
    if (database_ != kInformationSchema) {
      return contents_.Columns(context_, database_, table);
    }
    ASSIGN_OR_RETURN(const InformationTable* const found, Find({database_, table}));
    std::vector<ResolvedColumn> columns;
    for (const std::string_view name : found->columns) {
      const bool number = TypeOf(name)->id() == arrow::Type::INT64;
      columns.push_back({std::string(name), number ? Type::Bigint() : Type::Varchar(), "",
                         IsHiddenInformation(name)});
    }
    return columns;
  }

  void Add(Row row) {
    if (filters_.Allow(row)) {
      pending_.push_back(std::move(row));
    }
  }

  // Whether the batch is full.
  absl::StatusOr<bool> Append(const Row& row) {
    int64_t bytes = 0;
    for (size_t i = 0; i < wanted_.size(); ++i) {
      arrow::ArrayBuilder& builder = builder_.column(static_cast<int>(i));
      const Cell& cell = row[wanted_[i]];
      if (!cell) {
        RETURN_IF_ERROR(builder.AppendNull());
      } else if (const auto* number = std::get_if<int64_t>(&*cell)) {
        RETURN_IF_ERROR(static_cast<arrow::Int64Builder&>(builder).Append(*number));
        bytes += static_cast<int64_t>(sizeof(int64_t));
      } else {
        const auto& text = std::get<std::string>(*cell);
        RETURN_IF_ERROR(static_cast<arrow::StringBuilder&>(builder).Append(text));
        bytes += static_cast<int64_t>(text.size());
      }
    }
    ++rows_;
    return builder_.FinishRow(bytes);
  }

  const std::string catalog_;
  CatalogContents& contents_;
  const sdk::RequestContext context_;
  const InformationTable& table_;
  const Filters filters_;
  const std::optional<int64_t> limit_;
  sdk::BatchBuilder builder_;
  const std::vector<size_t> wanted_;  // columns of the table to deliver
  std::optional<std::deque<std::string>> databases_;
  std::string database_;  // whose tables are in `tables_`
  std::deque<TableSummary> tables_;
  std::deque<Row> pending_;
  int64_t rows_ = 0;
};

class InformationSchema final : public sdk::Connector {
 public:
  InformationSchema(std::string catalog, std::unique_ptr<CatalogContents> contents)
      : catalog_(std::move(catalog)), contents_(std::move(contents)) {}

  absl::StatusOr<sdk::Capabilities> GetCapabilities(
      const sdk::RequestContext& /*context*/) override {
    sdk::Capabilities capabilities;
    capabilities.filter = true;
    capabilities.limit = true;
    return capabilities;
  }

  absl::StatusOr<sdk::Page<std::string>> ListDatabases(const sdk::RequestContext& /*context*/,
                                                       const sdk::PageRequest& /*page*/) override {
    return sdk::Page<std::string>{{kInformationSchema}, ""};
  }

  absl::StatusOr<sdk::Page<sdk::TableName>> ListTables(const sdk::RequestContext& /*context*/,
                                                       const std::string& database,
                                                       const sdk::PageRequest& /*page*/) override {
    if (database != kInformationSchema) {
      return absl::NotFoundError(absl::StrCat("there is no database ", database));
    }
    sdk::Page<sdk::TableName> page;
    for (const InformationTable& table : kInformationTables) {
      page.items.push_back({kInformationSchema, std::string(table.name)});
    }
    return page;
  }

  absl::StatusOr<sdk::Table> GetTable(const sdk::RequestContext& /*context*/,
                                      const sdk::TableName& name) override {
    ASSIGN_OR_RETURN(const InformationTable* const found, Find(name));
    sdk::Table table;
    table.name = name;
    arrow::FieldVector fields;
    for (const std::string_view column : found->columns) {
      fields.push_back(arrow::field(std::string(column), TypeOf(column)));
    }
    table.schema = arrow::schema(std::move(fields));
    return table;
  }

  absl::StatusOr<sdk::Pushdown> PlanPushdown(const sdk::RequestContext& /*context*/,
                                             const sdk::Table& table,
                                             const sdk::Scan& scan) override {
    using sdk::Support;
    sdk::Pushdown pushdown;
    for (const auto& [column, set] : scan.constraints.summary) {
      pushdown.summary[column] = {Support::kExact, ""};
    }
    pushdown.expressions.assign(scan.constraints.expressions.size(),
                                {Support::kUnsupported, "metadata is filtered by values only"});
    pushdown.limit = scan.constraints.expressions.empty()
                         ? sdk::TermSupport{Support::kExact, ""}
                         : sdk::TermSupport{Support::kUnsupported, "not all filters are exact"};
    pushdown.order_by = {Support::kUnsupported, "metadata is not sorted"};
    pushdown.aggregation = {Support::kUnsupported, "metadata is not aggregated"};
    pushdown.statement = absl::StrCat("metadata: ", catalog_, ".", table.name.ToString());
    return pushdown;
  }

  absl::Status PlanPartitions(const sdk::RequestContext& /*context*/, const sdk::Table& table,
                              const sdk::Scan& /*scan*/, sdk::PartitionSink& sink) override {
    RETURN_IF_ERROR(Find(table.name));
    return sink.Add(sdk::SinglePartition()).status();
  }

  absl::StatusOr<sdk::ResumeToken> PlanSplits(const sdk::RequestContext& /*context*/,
                                              const sdk::Table& table, const sdk::Scan& /*scan*/,
                                              const sdk::Partitions& /*partitions*/,
                                              const sdk::ResumeToken& /*from*/,
                                              sdk::SplitSink& sink) override {
    RETURN_IF_ERROR(Find(table.name));
    RETURN_IF_ERROR(sink.Add(sdk::Split{}));
    return "";
  }

  absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> Read(
      const sdk::RequestContext& context, const sdk::Table& table, const sdk::Scan& scan,
      const sdk::Split& /*split*/) override {
    ASSIGN_OR_RETURN(const InformationTable* const found, Find(table.name));
    arrow::FieldVector fields;
    std::vector<size_t> wanted;
    for (const std::string& column : scan.columns) {
      const auto at = std::find(found->columns.begin(), found->columns.end(), column);
      if (at == found->columns.end()) {
        return absl::InvalidArgumentError(absl::StrCat("there is no column ", column));
      }
      fields.push_back(arrow::field(column, TypeOf(column)));
      wanted.push_back(static_cast<size_t>(at - found->columns.begin()));
    }
    ASSIGN_OR_RETURN(sdk::BatchBuilder builder,
                     sdk::BatchBuilder::Make(arrow::schema(std::move(fields))));
    return std::make_unique<InformationStream>(catalog_, *contents_, context, *found, scan,
                                               std::move(builder), std::move(wanted));
  }

 private:
  const std::string catalog_;
  const std::unique_ptr<CatalogContents> contents_;
};

}  // namespace

bool IsInformationSchema(std::string_view database) {
  return absl::AsciiStrToLower(database) == kInformationSchema;
}

bool IsHiddenInformation(std::string_view column) {
  return std::find(kHiddenColumns.begin(), kHiddenColumns.end(), column) != kHiddenColumns.end();
}

std::vector<std::string> InformationSchemaTables() {
  std::vector<std::string> names;
  for (const InformationTable& table : kInformationTables) {
    names.emplace_back(table.name);
  }
  return names;
}

std::unique_ptr<sdk::Connector> MakeInformationSchema(std::string catalog,
                                                      std::unique_ptr<CatalogContents> contents) {
  return std::make_unique<InformationSchema>(std::move(catalog), std::move(contents));
}

}  // namespace pallas::catalog
