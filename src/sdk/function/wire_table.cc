#include "sdk/function/wire_table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "arrow/array.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "arrow/util/key_value_metadata.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "sdk/function/wire_batch.h"

namespace pallas::sdk {
namespace {

using protocol::Version;

bool IsMilliTimestamp(const arrow::DataType& type) {
  return type.id() == arrow::Type::TIMESTAMP &&
         static_cast<const arrow::TimestampType&>(type).unit() == arrow::TimeUnit::MILLI;
}

// Values of both types mean the same: those of packed timestamps carry their zone themselves.
bool SameValues(const arrow::DataType& a, const arrow::DataType& b) {
  return a.Equals(b) || (IsMilliTimestamp(a) && IsMilliTimestamp(b));
}

// The set for a column of `type`; none: it says nothing that can be relied on.
std::optional<ValueSet> SetOf(const ValueSet& set, const std::shared_ptr<arrow::DataType>& type,
                              Version version) {
  switch (set.kind()) {
    case ValueSet::Kind::kSortedRanges:
      return ValueSet::OfRanges(type, set.ranges(), set.null_allowed());
    case ValueSet::Kind::kEquatable:
      return ValueSet::OfValues(type, set.values(), set.white_list(), set.null_allowed());
    case ValueSet::Kind::kAllOrNone:
      // Java writes "all but null" as neither all nor null, and version 1 never says all.
      return version == Version::kV1 || (!set.all() && !set.null_allowed())
                 ? std::nullopt
                 : std::optional(ValueSet::AllOrNone(type, set.all(), set.null_allowed()));
  }
  return std::nullopt;
}

// A column's comment travels in the schema's metadata, under the column's name (section 8.4).
std::shared_ptr<arrow::KeyValueMetadata> WireMetadata(const arrow::Schema& source,
                                                      const arrow::FieldVector& wire_fields) {
  auto metadata = source.metadata() == nullptr ? std::make_shared<arrow::KeyValueMetadata>()
                                               : source.metadata()->Copy();
  for (int i = 0; i < source.num_fields(); ++i) {
    const auto& own = source.field(i)->metadata();
    const int key = own == nullptr ? -1 : own->FindKey(kCommentKey);
    const std::string& name = wire_fields[static_cast<size_t>(i)]->name();
    if (key >= 0 && metadata->FindKey(name) < 0) {
      metadata->Append(name, own->value(key));
    }
  }
  return metadata;
}

}  // namespace

absl::StatusOr<WireTable> WireTable::Make(Table table) {
  WireTable result;
  arrow::FieldVector fields;
  for (int i = 0; i < table.schema->num_fields(); ++i) {
    const arrow::Field& field = *table.schema->field(i);
    std::string name = absl::AsciiStrToLower(field.name());
    if (const auto [place, is_new] = result.columns_.emplace(name, i); !is_new) {
      return absl::FailedPreconditionError(
          absl::StrCat("table ", table.name.ToString(), " has the columns '",
                       table.schema->field(place->second)->name(), "' and '", field.name(),
                       "', which are the same without case"));
    }
    absl::StatusOr<std::shared_ptr<arrow::DataType>> type = WireType(field.type());
    if (!type.ok()) {
      return Annotate(type.status(), absl::StrCat("column '", field.name(), "': "));
    }
    fields.push_back(arrow::field(std::move(name), *std::move(type), true, field.metadata()));
  }
  result.schema_ = arrow::schema(fields, WireMetadata(*table.schema, fields));
  for (const std::string& column : table.partition_columns) {
    result.partition_columns_.push_back(absl::AsciiStrToLower(column));
  }
  result.table_ = std::move(table);
  return result;
}

const arrow::Field* WireTable::SourceField(const std::string& wire_name) const {
  const auto found = columns_.find(absl::AsciiStrToLower(wire_name));
  return found == columns_.end() ? nullptr : table_.schema->field(found->second).get();
}

absl::StatusOr<std::vector<std::string>> WireTable::SourceColumns(
    const arrow::Schema& projection) const {
  std::vector<std::string> columns;
  for (const std::shared_ptr<arrow::Field>& field : projection.fields()) {
    const arrow::Field* const source = SourceField(field->name());
    if (source == nullptr) {
      return absl::NotFoundError(
          absl::StrCat("table ", table_.name.ToString(), " has no column '", field->name(), "'"));
    }
    const arrow::DataType& wire =
        *schema_->GetFieldByName(absl::AsciiStrToLower(field->name()))->type();
    if (!SameValues(*field->type(), wire)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "column '", field->name(), "' of table ", table_.name.ToString(), " is asked for as ",
          field->type()->ToString(), ", but is ", wire.ToString(), " now"));
    }
    columns.push_back(source->name());
  }
  return columns;
}

bool WireTable::ToSource(Expression& expression) const {
  if (expression.kind == Expression::Kind::kVariable) {
    const arrow::Field* const source = SourceField(expression.name);
    if (source == nullptr || !SameValues(*source->type(), *expression.type)) {
      return false;
    }
    expression.name = source->name();
    expression.type = source->type();
  }
  return std::all_of(expression.arguments.begin(), expression.arguments.end(),
                     [&](Expression& argument) { return ToSource(argument); });
}

Constraints WireTable::ToSource(const protocol::WireConstraints& constraints,
                                Version version) const {
  Constraints result;
  for (const auto& [column, set] : constraints.filter.summary) {
    const arrow::Field* const source = SourceField(column);
    if (source == nullptr || !SameValues(*source->type(), *set.type())) {
      continue;
    }
    if (std::optional<ValueSet> own = SetOf(set, source->type(), version)) {
      result.summary.emplace(source->name(), *std::move(own));
    }
  }
  for (Expression expression : constraints.filter.expressions) {
    if (ToSource(expression)) {
      result.expressions.push_back(std::move(expression));
    }
  }
  return result;
}

absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> WireTable::ToWire(
    const arrow::RecordBatch& rows, const std::shared_ptr<arrow::Schema>& projection) {
  if (rows.num_columns() != projection->num_fields()) {
    return absl::InternalError(absl::StrCat("the connector delivered ", rows.num_columns(),
                                            " columns, not ", projection->num_fields()));
  }
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (int i = 0; i < rows.num_columns(); ++i) {
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::DataType> type, WireType(rows.column(i)->type()));
    if (!SameValues(*type, *projection->field(i)->type())) {
      return absl::InternalError(absl::StrCat("the connector delivered column '",
                                              projection->field(i)->name(), "' as ",
                                              rows.column(i)->type()->ToString()));
    }
    ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> column,
                     ToWireColumn(rows.column(i), projection->field(i)->type()));
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(projection, rows.num_rows(), std::move(columns));
}

}  // namespace pallas::sdk
