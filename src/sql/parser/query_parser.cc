#include <utility>

#include "absl/strings/str_cat.h"

#include "sql/parser/parser_internal.h"

namespace pallas::sql {

using ast::QueryPtr;
using ast::RelationPtr;

namespace {

template <typename Node>
RelationPtr MakeRelation(Location location, Node node) {
  auto relation = std::make_unique<ast::Relation>();
  relation->location = location;
  relation->node = std::move(node);
  return relation;
}

// Whether a query has anything besides its body, so that a set operation must keep it apart.
bool IsBare(const ast::Query& query) {
  return query.with.empty() && query.order_by.empty() && !query.limit && !query.limit_all &&
         !query.offset;
}

// SELECT * FROM relation, as a relation. What has a name or a sample of its own in parentheses may
// get others outside: (t AS a (x)) AS b.
RelationPtr SelectAllFrom(RelationPtr relation) {
  const Location location = relation->location;
  ast::Select select;
  select.location = location;
  ast::SelectItem all;
  all.location = location;
  all.star = true;
  select.items.push_back(std::move(all));
  select.from = std::move(relation);
  ast::SubqueryRelation subquery;
  subquery.query = std::make_unique<ast::Query>();
  subquery.query->location = location;
  subquery.query->body = std::move(select);
  return MakeRelation(location, std::move(subquery));
}

}  // namespace

void Parser::MatchParentheses() {
  closing_.assign(tokens_.size(), tokens_.size() - 1);
  std::vector<size_t> open;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].kind != TokenKind::kSymbol) {
      continue;
    }
    if (tokens_[i].text == "(") {
      open.push_back(i);
      if (open.size() > static_cast<size_t>(options_.max_depth)) {
        pos_ = i;
        FailTooDeep();  // Before any look ahead over so many.
        return;
      }
    } else if (tokens_[i].text == ")" && !open.empty()) {
      closing_[open.back()] = i;
      open.pop_back();
    }
  }
}

bool Parser::IsQueryStart(size_t ahead) const {
  const Label label(*this, "");
  size_t opened = 0;
  while (IsSymbol("(", ahead + opened)) {
    ++opened;
  }
  const size_t first = ahead + opened;
  const bool starts = IsWord("SELECT", first) || IsWord("WITH", first) || IsWord("VALUES", first) ||
                      (IsWord("TABLE", first) && IsIdentifier(first + 1));
  if (!starts) {
    return false;
  }
  // Each parenthesis around it must hold a query and nothing else.
  for (size_t i = 0; i < opened; ++i) {
    const size_t after = closing_[pos_ + ahead + i] + 1 - pos_;
    const bool goes_on = IsSymbol(")", after) || IsSymbol(";", after) ||
                         Peek(after).kind == TokenKind::kEnd || IsWord("UNION", after) ||
                         IsWord("INTERSECT", after) || IsWord("EXCEPT", after) ||
                         IsWord("ORDER", after) || IsWord("LIMIT", after) ||
                         IsWord("OFFSET", after) || IsWord("FETCH", after);
    if (!goes_on) {
      return false;
    }
  }
  return true;
}

QueryPtr Parser::ParseQuery() {
  const Label label(*this, "<query>");
  const Depth depth(*this);
  const Location location = Peek().location;
  std::vector<ast::CommonTable> with;
  bool recursive = false;
  std::string inline_functions;
  if (IsWord("WITH") && IsWord("FUNCTION", 1)) {
    // The routine's grammar is not ours to read; take it whole, to name it in the refusal.
    auto query = std::make_unique<ast::Query>();
    query->location = location;
    query->inline_functions = std::string(sql_.substr(Peek().begin));
    pos_ = tokens_.size() - 1;
    return query;
  }
  if (AcceptWord("WITH")) {
    recursive = AcceptWord("RECURSIVE");
    do {
      ast::CommonTable table;
      table.name = ParseIdentifier();
      if (IsSymbol("(")) {
        table.columns = ParseIdentifierList();
      }
      ExpectWord("AS");
      ExpectSymbol("(");
      table.query = ParseQuery();
      ExpectSymbol(")");
      with.push_back(std::move(table));
    } while (AcceptSymbol(","));
  }
  QueryPtr query = ParseQueryNoWith();
  if (!with.empty()) {
    if (!query->with.empty()) {
      // WITH a AS (...) (WITH b AS (...) SELECT ...): the inner query is the body of the outer.
      auto outer = std::make_unique<ast::Query>();
      outer->body = std::move(query);
      query = std::move(outer);
    }
    query->with = std::move(with);
    query->recursive = recursive;
  }
  query->location = location;
  return query;
}

QueryPtr Parser::ParseQueryNoWith() {
  const size_t begin = pos_;
  const bool parenthesized = IsSymbol("(");
  QueryPtr query = ParseQueryTerm(/*intersect_only=*/false);
  // (SELECT a FROM t) ORDER BY b: the order sees what the inner query puts out, not its tables.
  const bool is_inner = parenthesized && closing_[begin] + 1 == pos_;
  const bool has_tail = IsWord("ORDER") || IsWord("OFFSET") || IsWord("LIMIT") || IsWord("FETCH");
  if (has_tail && (is_inner || !IsBare(*query))) {
    auto outer = std::make_unique<ast::Query>();
    outer->location = query->location;
    outer->body = std::move(query);
    query = std::move(outer);
  }
  ParseOrderAndLimit(*query);
  return query;
}

void Parser::ParseOrderAndLimit(ast::Query& query) {
  query.order_location = Peek().location;
  if (AcceptWord("ORDER")) {
    ExpectWord("BY");
    query.order_by = ParseSortItems();
  }
  const auto row_count = [this] {
    if (Peek().kind != TokenKind::kInteger && !IsSymbol("?")) {
      FailExpecting("'?', <integer>");
    }
    return ParsePrimary();
  };
  query.offset_location = Peek().location;
  if (AcceptWord("OFFSET")) {
    query.offset = row_count();
    if (!AcceptWord("ROW")) {
      AcceptWord("ROWS");
    }
  }
  query.limit_location = Peek().location;
  if (AcceptWord("LIMIT")) {
    if (AcceptWord("ALL")) {
      query.limit_all = true;
    } else {
      if (Peek().kind != TokenKind::kInteger && !IsSymbol("?")) {
        FailExpecting("'?', 'ALL', <integer>");
      }
      query.limit = ParsePrimary();
    }
  } else if (AcceptWord("FETCH")) {
    query.fetch_first = true;
    if (!AcceptWord("FIRST")) {
      ExpectWord("NEXT");
    }
    if (!IsWord("ROW") && !IsWord("ROWS")) {
      query.limit = row_count();
    }
    if (!AcceptWord("ROW")) {
      ExpectWord("ROWS");
    }
    if (AcceptWords({"WITH", "TIES"})) {
      query.with_ties = true;
    } else {
      ExpectWord("ONLY");
    }
  }
}

// UNION and EXCEPT from the left; INTERSECT binds tighter.
QueryPtr Parser::ParseQueryTerm(bool intersect_only) {
  Chain chain(*this);
  QueryPtr left = intersect_only ? ParseQueryPrimary() : ParseQueryTerm(true);
  for (;;) {
    ast::SetOperation operation;
    const Location location = left->location;
    if (intersect_only ? IsWord("INTERSECT") : (IsWord("UNION") || IsWord("EXCEPT"))) {
      operation.op = IsWord("UNION")       ? ast::SetOperator::kUnion
                     : IsWord("INTERSECT") ? ast::SetOperator::kIntersect
                                           : ast::SetOperator::kExcept;
      operation.location = Take().location;
    } else {
      return left;
    }
    operation.all = AcceptWord("ALL");
    if (!operation.all) {
      AcceptWord("DISTINCT");
    }
    operation.corresponding = AcceptWord("CORRESPONDING");
    if (operation.corresponding && AcceptWord("BY")) {
      operation.corresponding_by = ParseIdentifierList();
    }
    operation.left = std::move(left);
    operation.right = intersect_only ? ParseQueryPrimary() : ParseQueryTerm(true);
    left = std::make_unique<ast::Query>();
    left->location = location;
    left->body = std::move(operation);
    chain.Grow();
  }
}

QueryPtr Parser::ParseQueryPrimary() {
  const Depth depth(*this);
  auto query = std::make_unique<ast::Query>();
  query->location = Peek().location;
  if (AcceptSymbol("(")) {
    query = ParseQuery();
    ExpectSymbol(")");
    return query;
  }
  if (IsWord("SELECT")) {
    query->body = ParseSelect();
  } else if (AcceptWord("VALUES")) {
    ast::Values values;
    do {
      values.rows.push_back(ParseExpression());
    } while (AcceptSymbol(","));
    query->body = std::move(values);
  } else if (AcceptWord("TABLE")) {
    query->body = ast::TableQuery{ParseQualifiedName()};
  } else {
    FailExpecting("'(', 'SELECT', 'TABLE', 'VALUES'");
  }
  return query;
}

ast::Select Parser::ParseSelect() {
  ast::Select select;
  select.location = Take().location;
  if (AcceptWord("DISTINCT")) {
    select.distinct = true;
  } else if (IsWord("ALL") && (IsExpressionStart(1) || IsSymbol("*", 1) || IsSymbol("-", 1))) {
    Take();
  }
  do {
    select.items.push_back(ParseSelectItem());
  } while (AcceptSymbol(","));
  if (AcceptWord("FROM")) {
    Chain chain(*this);
    select.from = ParseRelation();
    while (AcceptSymbol(",")) {
      const Location location = select.from->location;
      ast::JoinRelation join;
      join.type = ast::JoinType::kImplicit;
      join.left = std::move(select.from);
      join.right = ParseRelation();
      select.from = MakeRelation(location, std::move(join));
      chain.Grow();
    }
  }
  if (AcceptWord("WHERE")) {
    select.where = ParseExpression();
  }
  if (AcceptWord("GROUP")) {
    ExpectWord("BY");
    select.has_group_by = true;
    if (AcceptWord("DISTINCT")) {
      select.group_by_distinct = true;
    } else if (IsWord("ALL") && (IsExpressionStart(1) || IsWord("ROLLUP", 1) || IsWord("CUBE", 1) ||
                                 IsWord("GROUPING", 1))) {
      Take();
    }
    do {
      select.group_by.push_back(ParseGroupingElement());
    } while (AcceptSymbol(","));
  }
  if (AcceptWord("HAVING")) {
    select.having = ParseExpression();
  }
  if (AcceptWord("WINDOW")) {
    do {
      ast::WindowDefinition definition;
      definition.name = ParseIdentifier();
      ExpectWord("AS");
      ExpectSymbol("(");
      definition.window = ParseWindowSpecification();
      ExpectSymbol(")");
      select.windows.push_back(std::move(definition));
    } while (AcceptSymbol(","));
  }
  return select;
}

// Whether the token surely begins an expression, so that ALL before it is not a name.
bool Parser::IsExpressionStart(size_t ahead) const {
  const Label label(*this, "");
  switch (Peek(ahead).kind) {
    case TokenKind::kEnd:
      return false;
    case TokenKind::kSymbol:
      return IsSymbol("(", ahead) || IsSymbol("?", ahead);
    case TokenKind::kWord:
      return IsWord("NOT", ahead) || FindKeywordExpression(ahead) != nullptr ||
             (IsIdentifier(ahead) && !IsWord("WINDOW", ahead) && !IsWord("OFFSET", ahead) &&
              !IsWord("LIMIT", ahead) && !IsWord("FETCH", ahead));
    default:
      return true;
  }
}

ast::SelectItem Parser::ParseSelectItem() {
  ast::SelectItem item;
  item.location = Peek().location;
  if (AcceptSymbol("*")) {
    item.star = true;
    return item;
  }
  ast::ExprPtr expression = ParseExpression();
  if (AcceptSymbol(".")) {
    ExpectSymbol("*");
    item.star = true;
    item.star_of = std::move(expression);
    if (AcceptWord("AS")) {
      item.star_aliases = ParseIdentifierList();
    }
    return item;
  }
  item.expression = std::move(expression);
  if (AcceptWord("AS")) {
    item.alias = ParseIdentifier();
  } else if (IsIdentifier() && !IsClauseStart()) {
    item.alias = ParseIdentifier();
  }
  return item;
}

ast::GroupingElement Parser::ParseGroupingElement() {
  ast::GroupingElement element;
  element.location = Peek().location;
  // A set: (a, b), (), or a lone expression.
  const auto set = [this] {
    std::vector<ast::ExprPtr> expressions;
    if (IsSymbol("(") && IsSymbol(")", 1)) {
      Take();
      Take();
      return expressions;
    }
    ast::ExprPtr expression = ParseExpression();
    if (expression->kind == ast::ExprKind::kRow && !expression->flag) {
      return std::move(expression->args);
    }
    expressions.push_back(std::move(expression));
    return expressions;
  };
  using Kind = ast::GroupingElement::Kind;
  if ((IsWord("ROLLUP") || IsWord("CUBE")) && IsSymbol("(", 1)) {
    element.kind = Take().upper == "CUBE" ? Kind::kCube : Kind::kRollup;
  } else if (AcceptWords({"GROUPING", "SETS"})) {
    element.kind = Kind::kGroupingSets;
  } else {
    NoteQuoted("AUTO");
    element.sets.push_back(set());
    return element;
  }
  ExpectSymbol("(");
  if (!IsSymbol(")")) {
    do {
      element.sets.push_back(set());
    } while (AcceptSymbol(","));
  }
  ExpectSymbol(")");
  return element;
}

RelationPtr Parser::ParseRelation() {
  const Depth depth(*this);
  Chain chain(*this);
  RelationPtr left = ParseSampledRelation();
  while (IsWord("JOIN") || IsWord("CROSS") || IsWord("INNER") || IsWord("LEFT") ||
         IsWord("RIGHT") || IsWord("FULL") || IsWord("NATURAL")) {
    left = ParseJoinTail(std::move(left));
    chain.Grow();
  }
  return left;
}

RelationPtr Parser::ParseJoinTail(RelationPtr left) {
  const Location location = left->location;
  ast::JoinRelation join;
  join.left = std::move(left);
  if (AcceptWords({"CROSS", "JOIN"})) {
    join.type = ast::JoinType::kCross;
    join.right = ParseSampledRelation();
    return MakeRelation(location, std::move(join));
  }
  join.natural = AcceptWord("NATURAL");
  if (AcceptWord("LEFT")) {
    join.type = ast::JoinType::kLeft;
    AcceptWord("OUTER");
  } else if (AcceptWord("RIGHT")) {
    join.type = ast::JoinType::kRight;
    AcceptWord("OUTER");
  } else if (AcceptWord("FULL")) {
    join.type = ast::JoinType::kFull;
    AcceptWord("OUTER");
  } else {
    AcceptWord("INNER");
  }
  ExpectWord("JOIN");
  if (join.natural) {
    join.right = ParseSampledRelation();
    return MakeRelation(location, std::move(join));
  }
  // a JOIN b JOIN c ON ... ON ...: the right side may itself be a join.
  join.right = ParseRelation();
  if (AcceptWord("ON")) {
    join.on = ParseExpression();
  } else if (AcceptWord("USING")) {
    join.using_columns = ParseIdentifierList();
  } else {
    if (pos_ == watched_) {
      expected_.clear();  // what else might go on is not said
    }
    FailExpecting("'ON', 'USING'");
  }
  return MakeRelation(location, std::move(join));
}

RelationPtr Parser::ParseSampledRelation() {
  RelationPtr relation = ParseAliasedRelation();
  if (AcceptWord("TABLESAMPLE")) {
    relation->sample_method = ParseIdentifier().text;
    ExpectSymbol("(");
    relation->sample_percentage = ParseExpression();
    ExpectSymbol(")");
  }
  return relation;
}

// Whether the next words go on with the query, though the first is not reserved and might be an
// alias: LIMIT 1, but not LIMIT -1.
bool Parser::IsClauseStart() const {
  const Label label(*this, "");
  const bool counts = Peek(1).kind == TokenKind::kInteger || IsSymbol("?", 1);
  return (IsWord("LIMIT") && (counts || IsWord("ALL", 1))) || (IsWord("OFFSET") && counts) ||
         (IsWord("FETCH") && (IsWord("FIRST", 1) || IsWord("NEXT", 1))) ||
         (IsWord("WINDOW") && IsIdentifier(1) && IsWord("AS", 2)) ||
         (IsWord("TABLESAMPLE") && IsIdentifier(1) && IsSymbol("(", 2)) ||
         (IsWord("MATCH_RECOGNIZE") && IsSymbol("(", 1));
}

void Parser::ParseAlias(ast::Relation& relation) {
  const bool as = AcceptWord("AS");
  if (!as && (!IsIdentifier() || IsClauseStart())) {
    return;
  }
  relation.alias = ParseIdentifier();
  if (IsSymbol("(")) {
    relation.column_aliases = ParseIdentifierList();
  }
}

RelationPtr Parser::ParseAliasedRelation() {
  RelationPtr relation = ParseRelationPrimary();
  ParseAlias(*relation);
  if (IsWord("MATCH_RECOGNIZE") && IsSymbol("(", 1)) {
    ast::UnsupportedRelation match;
    match.construct = Take().upper;
    match.input = std::move(relation);
    match.text = SkipParentheses();
    const Location start = match.input->location;
    relation = MakeRelation(start, std::move(match));
    ParseAlias(*relation);
  }
  return relation;
}

RelationPtr Parser::ParseRelationPrimary() {
  const Depth depth(*this);
  const Location location = Peek().location;
  if (AcceptWord("UNNEST")) {
    ast::UnnestRelation unnest;
    ExpectSymbol("(");
    unnest.expressions = ParseExpressionList();
    ExpectSymbol(")");
    unnest.with_ordinality = AcceptWords({"WITH", "ORDINALITY"});
    return MakeRelation(location, std::move(unnest));
  }
  if (IsWord("LATERAL") && IsSymbol("(", 1)) {
    Take();
    Take();
    ast::SubqueryRelation subquery;
    subquery.lateral = true;
    subquery.query = ParseQuery();
    ExpectSymbol(")");
    return MakeRelation(location, std::move(subquery));
  }
  if (IsWord("TABLE") && IsSymbol("(", 1)) {
    return ParseTableFunction(location);
  }
  if (IsWord("JSON_TABLE") && IsSymbol("(", 1)) {
    ast::UnsupportedRelation json_table;
    json_table.construct = Take().upper;
    json_table.text = SkipParentheses();
    return MakeRelation(location, std::move(json_table));
  }
  if (IsSymbol("(")) {
    const bool is_query = IsQueryStart(1);
    Take();
    if (is_query) {
      ast::SubqueryRelation subquery;
      subquery.query = ParseQuery();
      ExpectSymbol(")");
      return MakeRelation(location, std::move(subquery));
    }
    Note("<query>");
    RelationPtr relation = ParseRelation();
    ExpectSymbol(")");
    return relation->alias || relation->sample_method ? SelectAllFrom(std::move(relation))
                                                      : std::move(relation);
  }
  ast::TableName table;
  table.name = ParseQualifiedName();
  if (IsWord("FOR")) {
    Take();
    if (AcceptWord("TIMESTAMP")) {
      ExpectWords({"AS", "OF"});
      table.timestamp = ParseConcat();
    } else if (AcceptWord("VERSION")) {
      ExpectWords({"AS", "OF"});
      table.version = ParseConcat();
    } else {
      FailExpecting("'TIMESTAMP', 'VERSION'");
    }
  }
  return MakeRelation(location, std::move(table));
}

RelationPtr Parser::ParseTableFunction(Location location) {
  Take();
  ExpectSymbol("(");
  ast::TableFunctionRelation function;
  function.name = ParseQualifiedName();
  ExpectSymbol("(");
  while (!IsSymbol(")") && Peek().kind != TokenKind::kEnd) {
    ast::TableFunctionArgument argument;
    argument.location = Peek().location;
    if (IsIdentifier() && IsSymbol("=>", 1)) {
      argument.name = ParseIdentifier();
      Take();
    }
    if (IsWord("TABLE") && IsSymbol("(", 1)) {
      const Location start = Take().location;
      Take();
      if (IsQueryStart()) {
        ast::SubqueryRelation subquery;
        subquery.query = ParseQuery();
        argument.table = MakeRelation(start, std::move(subquery));
      } else {
        argument.table = MakeRelation(start, ast::TableName{ParseQualifiedName(), {}, {}});
      }
      ExpectSymbol(")");
      const bool is_clause = (IsWord("PARTITION") && IsWord("BY", 1)) ||
                             ((IsWord("PRUNE") || IsWord("KEEP")) && IsWord("WHEN", 1));
      if (!is_clause) {
        ParseAlias(*argument.table);
      }
      // PARTITION BY, PRUNE|KEEP WHEN EMPTY, ORDER BY: kept as text.
      const size_t begin = Peek().begin;
      size_t end = begin;
      while (!IsSymbol(",") && !IsSymbol(")") && Peek().kind != TokenKind::kEnd) {
        if (IsSymbol("(")) {
          SkipParentheses();
          end = tokens_[pos_ - 1].end;
        } else {
          end = Take().end;
        }
      }
      argument.table_text = std::string(TextBetween(begin, end));
    } else if (IsWord("DESCRIPTOR") && IsSymbol("(", 1)) {
      ParseDescriptor(argument);
    } else if (AcceptNullDescriptor()) {
      argument.is_descriptor = true;
    } else {
      argument.value = ParseExpression();
    }
    function.arguments.push_back(std::move(argument));
    if (!AcceptSymbol(",")) {
      break;
    }
  }
  if (IsWord("COPARTITION")) {
    const size_t begin = Take().begin;
    do {
      SkipParentheses();
    } while (status_.ok() && AcceptSymbol(","));
    function.copartition = std::string(TextBetween(begin, tokens_[pos_ - 1].end));
  }
  ExpectSymbol(")");
  ExpectSymbol(")");
  return MakeRelation(location, std::move(function));
}

void Parser::ParseDescriptor(ast::TableFunctionArgument& argument) {
  Take();
  ExpectSymbol("(");
  argument.is_descriptor = true;
  do {
    argument.descriptor.push_back(ParseIdentifier());
    const bool is_typed = !IsSymbol(",") && !IsSymbol(")");
    argument.descriptor_types.push_back(is_typed ? ParseTypeText() : std::string());
  } while (AcceptSymbol(","));
  ExpectSymbol(")");
}

// CAST(NULL AS DESCRIPTOR)
bool Parser::AcceptNullDescriptor() {
  if (!IsWord("CAST") || !IsSymbol("(", 1) || !IsWord("NULL", 2) || !IsWord("AS", 3) ||
      !IsWord("DESCRIPTOR", 4) || !IsSymbol(")", 5)) {
    return false;
  }
  pos_ += 6;
  return true;
}

}  // namespace pallas::sql
