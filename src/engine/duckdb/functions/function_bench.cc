#include "engine/duckdb/functions/function_bench.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "duckdb/parser/expression/columnref_expression.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/parsed_expression_iterator.hpp"
#include "duckdb/parser/query_node/select_node.hpp"
#include "duckdb/parser/statement/select_statement.hpp"
#include "duckdb/parser/tableref/emptytableref.hpp"
#include "duckdb/parser/tableref/expressionlistref.hpp"

#include "base/check.h"
#include "engine/duckdb/boundary.h"
#include "engine/duckdb/functions/tree.h"
#include "engine/duckdb/types.h"
#include "sql/functions/registry.h"

namespace pallas::engine {
namespace {

using duckdb::make_uniq;

// Rows of the table whose columns stand for the constants of a tree.
constexpr int kTableRows = 3;

template <typename T>
T ValueOrDie(absl::StatusOr<T> value) {
  if (!value.ok()) {
    duckdb::Printer::Print(value.status().ToString());
  }
  CHECK(value.ok());
  return *std::move(value);
}

duckdb::unique_ptr<duckdb::SelectStatement> Select(DuckExpr tree,
                                                   duckdb::unique_ptr<duckdb::TableRef> from) {
  auto node = make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(std::move(tree));
  node->from_table = std::move(from);
  auto statement = make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(node);
  return statement;
}

// Functions of which all arguments but the first must stay constants.
bool KeepsConstants(const std::string& function) {
  return function == "struct_extract" || function == "trino$cast" || function == "trino$try_cast";
}

// Replaces the constants of a tree by columns; collects them in `constants`.
void TakeConstants(DuckExpr& tree, DuckExprs& constants) {
  if (IsConstantTree(*tree)) {
    if (tree->GetExpressionClass() == duckdb::ExpressionClass::CONSTANT &&
        tree->Cast<duckdb::ConstantExpression>().value.type().id() == duckdb::LogicalTypeId::LIST) {
      return;  // the types of a Typed() function
    }
    const std::string alias = tree->GetAlias();
    DuckExpr column = make_uniq<duckdb::ColumnRefExpression>(absl::StrCat("k", constants.size()));
    column->SetAlias(alias);
    constants.push_back(std::move(tree));
    tree = std::move(column);
    return;
  }
  if (tree->GetExpressionClass() == duckdb::ExpressionClass::LAMBDA) {
    return;
  }
  if (tree->GetExpressionClass() == duckdb::ExpressionClass::FUNCTION &&
      KeepsConstants(tree->Cast<duckdb::FunctionExpression>().function_name)) {
    TakeConstants(tree->Cast<duckdb::FunctionExpression>().children[0], constants);
    return;
  }
  duckdb::ParsedExpressionIterator::EnumerateChildren(
      *tree, [&](DuckExpr& child) { TakeConstants(child, constants); });
}

duckdb::unique_ptr<duckdb::TableRef> TableOf(DuckExprs constants) {
  if (constants.empty()) {
    return make_uniq<duckdb::EmptyTableRef>();
  }
  auto table = make_uniq<duckdb::ExpressionListRef>();
  table->alias = std::string("t");
  for (size_t i = 0; i < constants.size(); ++i) {
    table->expected_names.push_back(absl::StrCat("k", i));
  }
  for (int row = 0; row < kTableRows; ++row) {
    DuckExprs values;
    for (const DuckExpr& constant : constants) {
      values.push_back(constant->Copy());
    }
    table->values.push_back(std::move(values));
  }
  return table;
}

std::string ErrorText(const duckdb::ErrorData& error) {
  const auto name = error.ExtraInfo().find("trino_error");
  if (name == error.ExtraInfo().end()) {
    return absl::StrCat("ENGINE ERROR: ", error.Message());
  }
  return absl::StrCat(name->second, ": ", error.RawMessage());
}

std::string CellText(const duckdb::Value& cell) {
  if (cell.IsNull()) {
    return "NULL";
  }
  std::string text = cell.ToString();
  return text == "-nan" ? "nan" : text;  // the sign of NaN is the processor's
}

sql::ConstantValue ParseConstant(const Type& type, std::string_view text) {
  int64_t integer = 0;
  double real = 0;
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return text == "true";
    case TypeKind::kReal:
    case TypeKind::kDouble:
      CHECK(absl::SimpleAtod(text, &real));
      return real;
    case TypeKind::kVarchar:
    case TypeKind::kVarbinary:
    case TypeKind::kChar:
    case TypeKind::kJson:
      return std::string(text);
    case TypeKind::kDecimal: {
      std::string digits(text);
      if (const size_t point = digits.find('.'); point != std::string::npos) {
        CHECK(digits.size() - point - 1 == static_cast<size_t>(type.scale()));
        digits.erase(point, 1);
      } else {
        digits.append(static_cast<size_t>(type.scale()), '0');
      }
      absl::int128 unscaled = 0;
      CHECK(absl::SimpleAtoi(digits, &unscaled));
      return unscaled;
    }
    default:
      CHECK(absl::SimpleAtoi(text, &integer));
      return integer;
  }
}

// The parts of "a,b,c" outside brackets.
std::vector<std::string_view> SplitTop(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  int depth = 0;
  size_t start = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || (text[i] == separator && depth == 0)) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    } else if (std::string_view("([{").find(text[i]) != std::string_view::npos) {
      ++depth;
    } else if (std::string_view(")]}").find(text[i]) != std::string_view::npos) {
      --depth;
    }
  }
  return text.empty() ? std::vector<std::string_view>() : parts;
}

DuckExpr ParseValue(const FunctionEmitter& emitter, const Type& type, std::string_view text);

DuckExpr ParseArray(const FunctionEmitter& emitter, const Type& type, std::string_view text) {
  DuckExprs elements;
  for (std::string_view part : SplitTop(text, ',')) {
    elements.push_back(ParseValue(emitter, type.element(), part));
  }
  return emitter.Array(type, std::move(elements));
}

DuckExpr ParseRow(const FunctionEmitter& emitter, const Type& type, std::string_view text) {
  DuckExprs fields;
  for (std::string_view part : SplitTop(text, ',')) {
    fields.push_back(ParseValue(emitter, type.children()[fields.size()], part));
  }
  return emitter.Row(type, std::move(fields));
}

DuckExpr ParseMap(const FunctionEmitter& emitter, const Type& type, std::string_view text) {
  DuckExprs keys;
  DuckExprs values;
  for (std::string_view part : SplitTop(text, ',')) {
    const std::vector<std::string_view> entry = SplitTop(part, ':');
    CHECK(entry.size() == 2);
    keys.push_back(ParseValue(emitter, type.key(), entry[0]));
    values.push_back(ParseValue(emitter, type.value(), entry[1]));
  }
  return NativeCast(
      ToDuckDbType(type),
      CallDuckDbFunction("map",
                         MakeTrees(emitter.Array(Type::Array(type.key()), std::move(keys)),
                                   emitter.Array(Type::Array(type.value()), std::move(values)))));
}

bool HasPlainForm(const Type& type) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInteger:
    case TypeKind::kBigint:
    case TypeKind::kReal:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kVarchar:
    case TypeKind::kChar:
    case TypeKind::kVarbinary:
    case TypeKind::kJson:
    case TypeKind::kIntervalDayTime:
    case TypeKind::kIntervalYearMonth:
      return true;
    default:
      return false;
  }
}

DuckExpr ParseValue(const FunctionEmitter& emitter, const Type& type, std::string_view text) {
  if (text == "NULL") {
    return emitter.Null(type);
  }
  switch (type.kind()) {
    case TypeKind::kArray:
      return ParseArray(emitter, type, text.substr(1, text.size() - 2));
    case TypeKind::kRow:
      return ParseRow(emitter, type, text.substr(1, text.size() - 2));
    case TypeKind::kMap:
      return ParseMap(emitter, type, text.substr(1, text.size() - 2));
    default:
      break;
  }
  if (HasPlainForm(type)) {
    return emitter.Constant(type, ParseConstant(type, text));
  }
  return ValueOrDie(emitter.Cast(Type::Varchar(), type, /*safe=*/false,
                                 emitter.Constant(Type::Varchar(), std::string(text))));
}

// Where the type ends: the last blank that starts a value. Types may hold blanks themselves.
size_t TypeLength(std::string_view text) {
  for (std::string_view type : {"timestamp", "time"}) {
    if (text.substr(0, type.size()) == type) {
      const size_t zone = text.find(" with time zone ");
      if (zone != std::string_view::npos) {
        return zone + std::string_view(" with time zone").size();
      }
    }
  }
  for (std::string_view type :
       {"interval day to second", "interval year to month", "double precision"}) {
    if (text.substr(0, type.size()) == type) {
      return type.size();
    }
  }
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') {
      ++depth;
    } else if (text[i] == ')') {
      --depth;
    } else if (text[i] == ' ' && depth == 0) {
      return i;
    }
  }
  return text.size();
}

}  // namespace

FunctionBench::FunctionBench()
    : emitter_(session_), database_(std::make_unique<duckdb::DuckDB>(nullptr)) {
  RegisterFunctions(*database_->instance);
  connection_ = std::make_unique<duckdb::Connection>(*database_);
}

TypedTree FunctionBench::Literal(std::string_view text) const {
  const size_t length = TypeLength(text);
  const Type type = ValueOrDie(ParseTrinoType(text.substr(0, length)));
  return {type, ParseValue(emitter_, type, length < text.size() ? text.substr(length + 1) : "")};
}

TypedTree FunctionBench::Call(std::string_view name, std::vector<TypedTree> arguments) const {
  std::vector<sql::FunctionArgument> types;
  for (const TypedTree& argument : arguments) {
    types.push_back({.type = argument.type});
  }
  const sql::ResolvedFunction function = ValueOrDie(sql::ResolveFunction(name, types));
  DuckExprs trees;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Type& wanted = function.argument_types[i];
    trees.push_back(arguments[i].type == wanted
                        ? std::move(arguments[i].tree)
                        : ValueOrDie(emitter_.Cast(arguments[i].type, wanted, /*safe=*/false,
                                                   std::move(arguments[i].tree))));
  }
  return {function.result_type, ValueOrDie(emitter_.Call(function, std::move(trees)))};
}

std::string FunctionBench::Evaluate(TypedTree tree) {
  DuckExpr copy = tree.tree->Copy();
  const duckdb::LogicalType want = ToDuckDbType(tree.type);
  const auto read = [&](DuckExpr value, duckdb::unique_ptr<duckdb::TableRef> from) -> std::string {
    auto result = connection_->Query(Select(std::move(value), std::move(from)));
    if (result->HasError()) {
      return ErrorText(result->GetErrorObject());
    }
    if (result->types[0] != want) {
      return absl::StrCat("WRONG TYPE ", result->types[0].ToString(), " for ",
                          tree.type.ToString());
    }
    std::string text;
    for (duckdb::idx_t row = 0; row < result->RowCount(); ++row) {
      const duckdb::Value cell = result->GetValue(0, row);
      const std::string shown = CellText(cell);
      if (row > 0 && shown != text) {
        return absl::StrCat("ROWS DIFFER: ", text, " and ", shown);
      }
      text = shown;
    }
    return text;
  };
  const std::string constant = read(std::move(tree.tree), make_uniq<duckdb::EmptyTableRef>());
  DuckExprs constants;
  TakeConstants(copy, constants);
  const std::string column = read(std::move(copy), TableOf(std::move(constants)));
  return constant == column ? constant
                            : absl::StrCat("constant: ", constant, " but column: ", column);
}

std::string FunctionBench::Run(std::string_view name,
                               const std::vector<std::string_view>& literals) {
  std::vector<TypedTree> arguments;
  for (std::string_view literal : literals) {
    arguments.push_back(Literal(literal));
  }
  return Evaluate(Call(name, std::move(arguments)));
}

std::string FunctionBench::RunCast(std::string_view literal, std::string_view to, bool safe) {
  TypedTree operand = Literal(literal);
  const Type target = ValueOrDie(ParseTrinoType(to));
  absl::StatusOr<DuckExpr> tree =
      emitter_.Cast(operand.type, target, safe, std::move(operand.tree));
  return tree.ok() ? Evaluate({target, *std::move(tree)}) : std::string(tree.status().message());
}

std::string FunctionBench::Query(duckdb::unique_ptr<duckdb::SQLStatement> statement) {
  auto result = connection_->Query(std::move(statement));
  if (result->HasError()) {
    return ErrorText(result->GetErrorObject());
  }
  std::vector<std::string> rows;
  for (duckdb::idx_t row = 0; row < result->RowCount(); ++row) {
    std::vector<std::string> cells;
    for (duckdb::idx_t column = 0; column < result->ColumnCount(); ++column) {
      const duckdb::Value cell = result->GetValue(column, row);
      cells.push_back(CellText(cell));
    }
    rows.push_back(absl::StrJoin(cells, " "));
  }
  return absl::StrJoin(rows, "; ");
}

}  // namespace pallas::engine
