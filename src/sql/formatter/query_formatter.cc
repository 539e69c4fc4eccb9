#include "absl/strings/ascii.h"

#include "sql/formatter/formatter_internal.h"

namespace pallas::sql {
namespace {

// A join that has no name or sample, and so needs no parentheses by itself.
bool IsPlainJoin(const ast::Relation& relation) {
  return std::holds_alternative<ast::JoinRelation>(relation.node) && !relation.alias &&
         !relation.sample_method;
}

// Whether a query has anything around its body, so that it cannot be an operand without
// parentheses.
bool IsBare(const ast::Query& query) {
  return query.with.empty() && query.inline_functions.empty() && query.order_by.empty() &&
         query.offset == nullptr && query.limit == nullptr && !query.limit_all &&
         !query.fetch_first;
}

const ast::SetOperation* AsSetOperation(const ast::Query& query) {
  return std::get_if<ast::SetOperation>(&query.body);
}

}  // namespace

void Formatter::Subquery(const ast::Query& query) {
  Write("(");
  ++depth_;
  Query(query);
  --depth_;
  Write(")");
}

void Formatter::Clause(std::string_view keyword, bool indent) {
  Write(has_lines() ? "\n" : " ", keyword, indent && has_lines() ? "\n  " : " ");
}

void Formatter::Query(const ast::Query& query) {
  if (!query.inline_functions.empty()) {
    return Write(query.inline_functions);
  }
  if (!query.with.empty()) {
    Write(query.recursive ? "WITH RECURSIVE " : "WITH ");
    List(query.with, [this](const ast::CommonTable& table) {
      Name(table.name);
      if (!table.columns.empty()) {
        Write(" ");
        NameList(table.columns);
      }
      Write(" AS ");
      Subquery(*table.query);
    });
    Write(has_lines() ? "\n" : " ");
  }
  Body(query);
  Tail(query);
}

void Formatter::Body(const ast::Query& query) {
  if (const auto* select = std::get_if<ast::Select>(&query.body)) {
    Select(*select);
  } else if (const auto* values = std::get_if<ast::Values>(&query.body)) {
    Write("VALUES ");
    Expressions(values->rows);
  } else if (const auto* table = std::get_if<ast::TableQuery>(&query.body)) {
    Write("TABLE ");
    Names(table->name);
  } else if (const auto* operation = std::get_if<ast::SetOperation>(&query.body)) {
    SetOperation(*operation);
  } else {
    Subquery(*std::get<ast::QueryPtr>(query.body));
  }
}

void Formatter::SetOperation(const ast::SetOperation& operation) {
  const bool intersects = operation.op == ast::SetOperator::kIntersect;
  const auto is = [](const ast::Query& query, bool intersect) {
    const ast::SetOperation* const inner = AsSetOperation(query);
    return inner != nullptr && (inner->op == ast::SetOperator::kIntersect) == intersect;
  };
  // INTERSECT binds tighter; both kinds group from the left.
  SetOperand(*operation.left, intersects && is(*operation.left, false));
  switch (operation.op) {
    case ast::SetOperator::kUnion:
      Clause("UNION");
      break;
    case ast::SetOperator::kIntersect:
      Clause("INTERSECT");
      break;
    case ast::SetOperator::kExcept:
      Clause("EXCEPT");
      break;
  }
  Write(operation.all ? "ALL " : "", operation.corresponding ? "CORRESPONDING " : "");
  SetOperand(*operation.right,
             is(*operation.right, false) || (intersects && is(*operation.right, true)));
}

void Formatter::SetOperand(const ast::Query& query, bool parenthesize) {
  if (parenthesize || !IsBare(query)) {
    Subquery(query);
  } else {
    Body(query);
  }
}

void Formatter::Tail(const ast::Query& query) {
  if (!query.order_by.empty()) {
    Clause("ORDER BY");
    SortItems(query.order_by);
  }
  if (query.offset != nullptr) {
    Clause("OFFSET");
    Expression(*query.offset);
    Write(" ROWS");
  }
  if (query.fetch_first) {
    Clause("FETCH FIRST");
    if (query.limit != nullptr) {
      Expression(*query.limit);
      Write(" ");
    }
    Write(query.with_ties ? "ROWS WITH TIES" : "ROWS ONLY");
  } else if (query.limit_all) {
    Clause("LIMIT");
    Write("ALL");
  } else if (query.limit != nullptr) {
    Clause("LIMIT");
    Expression(*query.limit);
  }
}

void Formatter::Select(const ast::Select& select) {
  Write(select.distinct ? "SELECT DISTINCT" : "SELECT");
  const bool one_a_line = has_lines() && select.items.size() > 1;
  const std::string_view first = one_a_line ? "\n  " : " ";
  const std::string_view next = one_a_line ? "\n, " : ", ";
  for (size_t i = 0; i < select.items.size(); ++i) {
    Write(i == 0 ? first : next);
    Item(select.items[i]);
  }
  if (select.from != nullptr) {
    Clause("FROM", /*indent=*/true);
    Relation(*select.from);
  }
  if (select.where != nullptr) {
    Clause("WHERE");
    Expression(*select.where);
  }
  if (select.has_group_by) {
    Clause("GROUP BY");
    Write(select.group_by_distinct ? "DISTINCT " : "");
    List(select.group_by, [this](const ast::GroupingElement& element) { Grouping(element); });
  }
  if (select.having != nullptr) {
    Clause("HAVING");
    Expression(*select.having);
  }
  if (!select.windows.empty()) {
    Clause("WINDOW");
    List(select.windows, [this](const ast::WindowDefinition& definition) {
      Name(definition.name);
      Write(" AS (");
      WindowSpecification(definition.window);
      Write(")");
    });
  }
}

void Formatter::Item(const ast::SelectItem& item) {
  if (item.star) {
    if (item.star_of != nullptr) {
      Operand(*item.star_of, Binding::kPostfix);
      Write(".");
    }
    Write("*");
    if (!item.star_aliases.empty()) {
      Write(" AS ");
      NameList(item.star_aliases);
    }
    return;
  }
  Expression(*item.expression);
  if (item.alias) {
    Write(" AS ");
    Name(*item.alias);
  }
}

void Formatter::Grouping(const ast::GroupingElement& element) {
  const auto sets = [&] {
    List(element.sets, [this](const std::vector<ast::ExprPtr>& set) { GroupingSet(set); });
  };
  switch (element.kind) {
    case ast::GroupingElement::Kind::kExpressions:
      return sets();
    case ast::GroupingElement::Kind::kRollup:
      Write("ROLLUP (");
      break;
    case ast::GroupingElement::Kind::kCube:
      Write("CUBE (");
      break;
    case ast::GroupingElement::Kind::kGroupingSets:
      Write("GROUPING SETS (");
      break;
  }
  sets();
  Write(")");
}

void Formatter::GroupingSet(const std::vector<ast::ExprPtr>& set) {
  if (set.size() == 1) {
    return Expression(*set[0]);
  }
  Write("(");
  Expressions(set);
  Write(")");
}

void Formatter::Relation(const ast::Relation& relation) {
  const bool is_join = std::holds_alternative<ast::JoinRelation>(relation.node);
  const bool is_decorated = relation.alias || relation.sample_method;
  if (is_join && is_decorated) {
    Write("(");
    RelationNode(relation);
    Write(")");
  } else {
    RelationNode(relation);
  }
  Alias(relation);
  if (relation.sample_method) {
    Write(" TABLESAMPLE ", *relation.sample_method, " (");
    Expression(*relation.sample_percentage);
    Write(")");
  }
}

void Formatter::Alias(const ast::Relation& relation) {
  if (!relation.alias) {
    return;
  }
  Write(" AS ");
  Name(*relation.alias);
  if (!relation.column_aliases.empty()) {
    Write(" ");
    NameList(relation.column_aliases);
  }
}

void Formatter::RelationNode(const ast::Relation& relation) {
  if (const auto* table = std::get_if<ast::TableName>(&relation.node)) {
    Table(*table);
  } else if (const auto* subquery = std::get_if<ast::SubqueryRelation>(&relation.node)) {
    Write(subquery->lateral ? "LATERAL " : "");
    Subquery(*subquery->query);
  } else if (const auto* unnest = std::get_if<ast::UnnestRelation>(&relation.node)) {
    Write("UNNEST(");
    Expressions(unnest->expressions);
    Write(unnest->with_ordinality ? ") WITH ORDINALITY" : ")");
  } else if (const auto* function = std::get_if<ast::TableFunctionRelation>(&relation.node)) {
    TableFunction(*function);
  } else if (const auto* join = std::get_if<ast::JoinRelation>(&relation.node)) {
    Join(*join);
  } else {
    const auto& other = std::get<ast::UnsupportedRelation>(relation.node);
    if (other.input != nullptr) {
      JoinOperand(*other.input);
      Write(" ");
    }
    Write(other.construct, " ", other.text);
  }
}

void Formatter::Table(const ast::TableName& table) {
  Names(table.name);
  if (table.version != nullptr) {
    Write(" FOR VERSION AS OF ");
    Operand(*table.version, Binding::kConcat);
  } else if (table.timestamp != nullptr) {
    Write(" FOR TIMESTAMP AS OF ");
    Operand(*table.timestamp, Binding::kConcat);
  }
}

void Formatter::Join(const ast::JoinRelation& join) {
  Relation(*join.left);
  if (join.type == ast::JoinType::kImplicit) {
    Write(", ");
    return Relation(*join.right);
  }
  Write(join.natural ? " NATURAL" : "");
  switch (join.type) {
    case ast::JoinType::kLeft:
      Write(" LEFT JOIN ");
      break;
    case ast::JoinType::kRight:
      Write(" RIGHT JOIN ");
      break;
    case ast::JoinType::kFull:
      Write(" FULL JOIN ");
      break;
    case ast::JoinType::kCross:
      Write(" CROSS JOIN ");
      break;
    default:
      Write(" JOIN ");
  }
  JoinOperand(*join.right);
  if (join.on != nullptr) {
    Write(" ON ");
    Expression(*join.on);
  } else if (!join.using_columns.empty()) {
    Write(" USING ");
    NameList(join.using_columns);
  }
}

void Formatter::JoinOperand(const ast::Relation& relation) {
  Write(IsPlainJoin(relation) ? "(" : "");
  Relation(relation);
  Write(IsPlainJoin(relation) ? ")" : "");
}

void Formatter::TableFunction(const ast::TableFunctionRelation& function) {
  Write("TABLE(");
  Names(function.name);
  Write("(");
  List(function.arguments,
       [this](const ast::TableFunctionArgument& argument) { Argument(argument); });
  Write(function.copartition.empty() ? "" : " ", function.copartition, "))");
}

void Formatter::Argument(const ast::TableFunctionArgument& argument) {
  if (argument.name) {
    Name(*argument.name);
    Write(" => ");
  }
  if (argument.table != nullptr) {
    Write("TABLE");
    const auto* const subquery = std::get_if<ast::SubqueryRelation>(&argument.table->node);
    if (subquery != nullptr) {
      Subquery(*subquery->query);
    } else {
      Write("(");
      RelationNode(*argument.table);
      Write(")");
    }
    Alias(*argument.table);
    Write(argument.table_text.empty() ? "" : " ", argument.table_text);
  } else if (!argument.is_descriptor) {
    Expression(*argument.value);
  } else if (argument.descriptor.empty()) {
    Write("CAST(NULL AS DESCRIPTOR)");
  } else {
    Write("DESCRIPTOR(");
    for (size_t i = 0; i < argument.descriptor.size(); ++i) {
      Write(i > 0 ? ", " : "");
      Name(argument.descriptor[i]);
      const std::string& type = argument.descriptor_types[i];
      Write(type.empty() ? "" : " ", type);
    }
    Write(")");
  }
}

}  // namespace pallas::sql
