#include "lake/text_connector.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "arrow/type.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "lake/text/byte_stream.h"
#include "lake/text/text_split_reader.h"
#include "types/arrow_mapping.h"
#include "types/time_zone.h"

namespace pallas::lake {
namespace {

// Large files without compression are read in ranges of this size.
constexpr int64_t kRangeBytes = int64_t{32} * 1024 * 1024;
// What is read of a file to estimate its rows.
constexpr int64_t kSampleBytes = int64_t{64} * 1024;
// Where a sample is not possible.
constexpr double kAssumedBytesPerLine = 80;
// How much smaller text is when compressed, for estimates.
constexpr double kAssumedCompression = 5;
constexpr char kPartProperty[] = "part";

absl::Status CannotOpen(const std::string& uri, const absl::Status& cause) {
  if (absl::IsCancelled(cause) || absl::IsDeadlineExceeded(cause)) {
    return cause;
  }
  return NamedError("HIVE_CANNOT_OPEN_SPLIT",
                    absl::StrCat("Error opening ", uri, ": ", cause.message()), cause.code());
}

// `part` of a split: which listing, which file of it, and the range.
struct Part {
  size_t listing = 0;
  size_t file = 0;
  int64_t start = 0;
  int64_t length = 0;

  std::string ToString() const { return absl::StrCat(listing, "/", file, "/", start, "/", length); }

  static absl::StatusOr<Part> Parse(const sdk::Split& split) {
    Part part;
    const auto found = split.properties.find(kPartProperty);
    const std::vector<std::string> items = found == split.properties.end()
                                               ? std::vector<std::string>()
                                               : absl::StrSplit(found->second, '/');
    if (items.size() != 4 || !absl::SimpleAtoi(items[0], &part.listing) ||
        !absl::SimpleAtoi(items[1], &part.file) || !absl::SimpleAtoi(items[2], &part.start) ||
        !absl::SimpleAtoi(items[3], &part.length)) {
      return absl::InternalError("a split of a text table has no part of a file");
    }
    return part;
  }
};

}  // namespace

TextConnector::TextConnector(std::shared_ptr<const LakeTable> table, const TextOptions& options)
    : table_(std::move(table)), options_(options) {}

absl::StatusOr<sdk::Capabilities> TextConnector::GetCapabilities(
    const sdk::RequestContext& /*context*/) {
  sdk::Capabilities capabilities;
  capabilities.filter = true;
  capabilities.limit = true;
  return capabilities;
}

absl::StatusOr<sdk::Page<std::string>> TextConnector::ListDatabases(
    const sdk::RequestContext& /*context*/, const sdk::PageRequest& /*page*/) {
  return sdk::Page<std::string>{{table_->name().database}, ""};
}

absl::StatusOr<sdk::Page<sdk::TableName>> TextConnector::ListTables(
    const sdk::RequestContext& /*context*/, const std::string& database,
    const sdk::PageRequest& /*page*/) {
  sdk::Page<sdk::TableName> page;
  if (database == table_->name().database) {
    page.items.push_back(table_->name());
  }
  return page;
}

absl::StatusOr<sdk::Table> TextConnector::GetTable(const sdk::RequestContext& /*context*/,
                                                   const sdk::TableName& name) {
  if (name != table_->name()) {
    return absl::NotFoundError(absl::StrCat("there is no table ", name.ToString()));
  }
  return *DescribeTextTable(*table_);
}

bool TextConnector::Chooses(const std::string& column, const sdk::ValueSet& set) const {
  if (column == kPathColumn) {
    return set.type()->id() == arrow::Type::STRING;
  }
  for (const LakeColumn& key : table_->partition_keys()) {
    if (key.name == column) {
      const auto type = ToScanArrowType(key.type);
      return type.ok() && set.type()->Equals(**type);
    }
  }
  return false;
}

bool TextConnector::Matches(const LakeFile& file,
                            const std::map<std::string, sdk::ValueSet>& sets) const {
  for (const auto& [column, set] : sets) {
    if (!Chooses(column, set)) {
      continue;
    }
    if (column == kPathColumn) {
      if (!set.Contains(sdk::Value(file.uri))) {
        return false;
      }
      continue;
    }
    for (size_t key = 0; key < file.partition.size(); ++key) {
      if (table_->partition_keys()[key].name == column && !set.Contains(file.partition[key])) {
        return false;
      }
    }
  }
  return true;
}

// The index of the listing for these constraints; made at the first need.
absl::StatusOr<size_t> TextConnector::List(
    const sdk::RequestContext& context, const std::map<std::string, sdk::ValueSet>& constraints) {
  std::map<std::string, sdk::ValueSet> choosing;
  for (const auto& [column, set] : constraints) {
    if (Chooses(column, set)) {
      choosing.emplace(column, set);
    }
  }
  {
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < listings_.size(); ++i) {
      if (listings_[i].constraints == choosing) {
        return i;
      }
    }
  }
  ASSIGN_OR_RETURN(LakeTable::Listing listing, table_->ListFiles(context, choosing));
  std::erase_if(listing.files, [&](const LakeFile& file) { return !Matches(file, choosing); });
  auto shared = std::make_shared<const LakeTable::Listing>(std::move(listing));
  const std::lock_guard lock(mutex_);
  listings_.push_back({std::move(choosing), std::move(shared)});
  return listings_.size() - 1;
}

std::shared_ptr<const LakeTable::Listing> TextConnector::listing(size_t id) const {
  const std::lock_guard lock(mutex_);
  return id < listings_.size() ? listings_[id].listing : nullptr;
}

absl::StatusOr<sdk::Pushdown> TextConnector::PlanPushdown(const sdk::RequestContext& context,
                                                          const sdk::Table& /*table*/,
                                                          const sdk::Scan& scan) {
  sdk::Pushdown pushdown;
  for (const auto& [column, set] : scan.constraints.summary) {
    pushdown.summary[column] =
        Chooses(column, set)
            ? sdk::TermSupport{sdk::Support::kExact, ""}
            : sdk::TermSupport{sdk::Support::kUnsupported, "a text file is read as a whole"};
  }
  pushdown.expressions.assign(
      scan.constraints.expressions.size(),
      sdk::TermSupport{sdk::Support::kUnsupported, "a text file is read as a whole"});
  pushdown.limit = {sdk::Support::kExact, ""};
  pushdown.order_by.reason = "the lines of files have no order";
  pushdown.aggregation.reason = "a text file is read as a whole";
  ASSIGN_OR_RETURN(const size_t id, List(context, scan.constraints.summary));
  pushdown.statement = absl::StrCat(table_->text_format()->description, ", ",
                                    DescribeListing(*table_, *listing(id)));
  return pushdown;
}

absl::Status TextConnector::PlanPartitions(const sdk::RequestContext& /*context*/,
                                           const sdk::Table& /*table*/, const sdk::Scan& /*scan*/,
                                           sdk::PartitionSink& sink) {
  return sink.Add(sdk::SinglePartition()).status();
}

// Whether ranges of the file can be read on their own.
absl::StatusOr<bool> TextConnector::CanSplit(const LakeFile& file) const {
  ASSIGN_OR_RETURN(const Compression compression, CompressionOf(file.uri));
  const TextFormat& format = *table_->text_format();
  return compression == Compression::kNone && format.header_lines <= 1 && format.footer_lines == 0;
}

absl::StatusOr<sdk::ResumeToken> TextConnector::PlanSplits(
    const sdk::RequestContext& context, const sdk::Table& /*table*/, const sdk::Scan& scan,
    const sdk::Partitions& /*partitions*/, const sdk::ResumeToken& from, sdk::SplitSink& sink) {
  Part part;
  if (!from.empty()) {
    ASSIGN_OR_RETURN(part, Part::Parse({{{kPartProperty, from}}}));
  } else {
    ASSIGN_OR_RETURN(part.listing, List(context, scan.constraints.summary));
  }
  const std::shared_ptr<const LakeTable::Listing> files = listing(part.listing);
  if (files == nullptr) {
    return absl::InternalError("a split of a text table names no listing");
  }
  for (; part.file < files->files.size(); ++part.file, part.start = 0) {
    const LakeFile& file = files->files[part.file];
    if (!Matches(file, scan.dynamic_filters)) {
      continue;
    }
    ASSIGN_OR_RETURN(const bool can_split, CanSplit(file));
    while (part.start < file.size) {
      const int64_t rest = file.size - part.start;
      part.length = can_split && rest > kRangeBytes + kRangeBytes / 2 ? kRangeBytes : rest;
      ASSIGN_OR_RETURN(const sdk::Flow flow, sink.Add({{{kPartProperty, part.ToString()}}}));
      part.start += part.length;
      if (flow == sdk::Flow::kStop) {
        return part.ToString();
      }
    }
  }
  return sdk::ResumeToken();
}

absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> TextConnector::Read(
    const sdk::RequestContext& context, const sdk::Table& table, const sdk::Scan& scan,
    const sdk::Split& split) {
  ASSIGN_OR_RETURN(const Part part, Part::Parse(split));
  const std::shared_ptr<const LakeTable::Listing> files = listing(part.listing);
  if (files == nullptr || part.file >= files->files.size()) {
    return absl::InternalError("a split of a text table names no file");
  }
  const LakeFile& file = files->files[part.file];
  std::vector<SplitColumn> columns;
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const std::string& name : scan.columns) {
    fields.push_back(table.schema->GetFieldByName(name));
    if (fields.back() == nullptr) {
      return absl::InternalError(absl::StrCat("the table has no column '", name, "'"));
    }
    columns.push_back(table_->SplitColumnOf(file, name));
  }
  const absl::StatusOr<storage::Place> place = table_->locations().Find(file.uri);
  if (!place.ok()) {
    return CannotOpen(file.uri, place.status());
  }
  absl::StatusOr<std::unique_ptr<storage::ObjectReader>> object = place->store->Open(place->key);
  if (!object.ok()) {
    return CannotOpen(file.uri, object.status());
  }
  if ((*object)->info().etag != file.etag) {
    return CannotOpen(file.uri, absl::AbortedError("the file has changed since it was listed; run "
                                                   "the query again"));
  }
  TextReadOptions options;
  options.decoder.num_table_columns = static_cast<int>(table_->columns().size());
  options.decoder.invalid_utf8 = options_.invalid_utf8;
  options.limit = scan.limit;
  return ReadTextSplit(context, *std::move(object),
                       {file.uri, part.start, part.length, file.size, file.etag},
                       *table_->text_format(), arrow::schema(std::move(fields)), columns, options);
}

absl::StatusOr<double> TextConnector::BytesPerLine(const LakeFile& file) const {
  ASSIGN_OR_RETURN(const Compression compression, CompressionOf(file.uri));
  if (compression != Compression::kNone) {
    return kAssumedBytesPerLine / kAssumedCompression;
  }
  ASSIGN_OR_RETURN(const storage::Place place, table_->locations().Find(file.uri));
  ASSIGN_OR_RETURN(const std::unique_ptr<storage::ObjectReader> object,
                   place.store->Open(place.key));
  std::string sample(static_cast<size_t>(std::min(kSampleBytes, object->info().size)), '\0');
  RETURN_IF_ERROR(object->Read(0, static_cast<int64_t>(sample.size()), sample.data()));
  const auto lines = std::count(sample.begin(), sample.end(), '\n');
  return static_cast<double>(sample.size()) / static_cast<double>(std::max<int64_t>(lines, 1));
}

std::optional<double> TextConnector::EstimateRows(
    const sdk::RequestContext& context, const std::map<std::string, sdk::ValueSet>& constraints) {
  const absl::StatusOr<size_t> id = List(context, constraints);
  if (!id.ok()) {
    return std::nullopt;
  }
  const std::shared_ptr<const LakeTable::Listing> files = listing(*id);
  if (files->files.empty()) {
    return 0;
  }
  double bytes = 0;
  for (const LakeFile& file : files->files) {
    bytes += static_cast<double>(file.size);
  }
  const absl::StatusOr<double> per_line = BytesPerLine(files->files.front());
  return bytes / (per_line.ok() ? *per_line : kAssumedBytesPerLine);
}

std::shared_ptr<const federation::Source> MakeTextSource(std::string catalog,
                                                         std::shared_ptr<const LakeTable> table,
                                                         const TextOptions& options) {
  federation::SourceOptions source;
  source.limits.max_concurrency = options.max_concurrency;
  source.invalid_utf8 = options.invalid_utf8;
  return std::make_shared<const federation::Source>(
      std::move(catalog), std::make_unique<TextConnector>(std::move(table), options), source,
      Clock::System());
}

std::shared_ptr<const sdk::Table> DescribeTextTable(const LakeTable& table) {
  auto described = std::make_shared<sdk::Table>();
  described->name = table.name();
  std::vector<std::shared_ptr<arrow::Field>> fields;
  const auto add = [&](const LakeColumn& column) {
    if (auto type = ToScanArrowType(column.type); type.ok()) {
      fields.push_back(arrow::field(column.name, *std::move(type)));
    }
  };
  for (const LakeColumn& column : table.columns()) {
    add(column);
  }
  for (const LakeColumn& key : table.partition_keys()) {
    add(key);
    described->partition_columns.push_back(key.name);
  }
  for (const LakeColumn& hidden : HiddenColumns()) {
    add(hidden);
  }
  described->schema = arrow::schema(std::move(fields));
  return described;
}

}  // namespace pallas::lake
