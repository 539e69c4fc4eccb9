#include "sql/analyzer/recursive_reference.h"

#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "base/error_detail.h"
#include "base/status_macros.h"

namespace pallas::sql {
namespace {

// Collects where a table of one part is named, in the order of the text. A WITH that gives the name
// to another table hides it.
class References {
 public:
  explicit References(std::string_view name) : name_(name) {}

  void Visit(const ast::Query& query) {
    bool hidden = false;
    for (const ast::CommonTable& table : query.with) {
      if (hidden) {
        break;
      }
      Visit(*table.query);
      hidden = absl::EqualsIgnoreCase(table.name.text, name_);
    }
    if (hidden) {
      return;
    }
    if (const auto* select = std::get_if<ast::Select>(&query.body)) {
      VisitSelect(*select);
    } else if (const auto* values = std::get_if<ast::Values>(&query.body)) {
      Visit(values->rows);
    } else if (const auto* table = std::get_if<ast::TableQuery>(&query.body)) {
      VisitName(table->name, query.location);
    } else if (const auto* operation = std::get_if<ast::SetOperation>(&query.body)) {
      Visit(*operation->left);
      Visit(*operation->right);
    } else {
      Visit(*std::get<ast::QueryPtr>(query.body));
    }
    Visit(query.order_by);
  }

  void Visit(const ast::Relation& relation) {
    if (const auto* table = std::get_if<ast::TableName>(&relation.node)) {
      VisitName(table->name, relation.location);
    } else if (const auto* subquery = std::get_if<ast::SubqueryRelation>(&relation.node)) {
      Visit(*subquery->query);
    } else if (const auto* unnest = std::get_if<ast::UnnestRelation>(&relation.node)) {
      Visit(unnest->expressions);
    } else if (const auto* join = std::get_if<ast::JoinRelation>(&relation.node)) {
      Visit(*join->left);
      Visit(*join->right);
      Visit(join->on);
    } else if (const auto* function = std::get_if<ast::TableFunctionRelation>(&relation.node)) {
      for (const ast::TableFunctionArgument& argument : function->arguments) {
        if (argument.table != nullptr) {
          Visit(*argument.table);
        }
      }
    }
  }

  const std::vector<Location>& found() const { return found_; }

 private:
  void VisitSelect(const ast::Select& select) {
    for (const ast::SelectItem& item : select.items) {
      Visit(item.expression);
    }
    if (select.from != nullptr) {
      Visit(*select.from);
    }
    Visit(select.where);
    for (const ast::GroupingElement& element : select.group_by) {
      for (const std::vector<ast::ExprPtr>& set : element.sets) {
        Visit(set);
      }
    }
    Visit(select.having);
  }

  void Visit(const ast::ExprPtr& expr) {
    if (expr == nullptr) {
      return;
    }
    Visit(expr->args);
    if (expr->query != nullptr) {
      Visit(*expr->query);
    }
    if (expr->call == nullptr) {
      return;
    }
    Visit(expr->call->order_by);
    Visit(expr->call->filter);
    if (const ast::Window* window = expr->call->over.get()) {
      Visit(window->partition_by);
      Visit(window->order_by);
    }
  }

  void Visit(const std::vector<ast::ExprPtr>& exprs) {
    for (const ast::ExprPtr& expr : exprs) {
      Visit(expr);
    }
  }

  void Visit(const std::vector<ast::SortItem>& items) {
    for (const ast::SortItem& item : items) {
      Visit(item.expression);
    }
  }

  void VisitName(const ast::QualifiedName& name, Location location) {
    if (name.size() == 1 && absl::EqualsIgnoreCase(name[0].text, name_)) {
      found_.push_back(location);
    }
  }

  std::string_view name_;
  std::vector<Location> found_;
};

template <typename Node>
std::vector<Location> ReferencesIn(const Node& node, std::string_view name) {
  References references(name);
  references.Visit(node);
  return references.found();
}

absl::Status Refused(Location location, std::string_view message) {
  return ErrorAt(location, "INVALID_RECURSIVE_REFERENCE", message);
}

// Refuses a reference in `node`.
template <typename Node>
absl::Status CheckNone(const Node& node, std::string_view name, std::string_view message) {
  const std::vector<Location> references = ReferencesIn(node, name);
  return references.empty() ? absl::OkStatus() : Refused(references.front(), message);
}

absl::Status CheckFrom(const ast::Relation& relation, std::string_view name);

absl::Status CheckSetOperation(const ast::SetOperation& operation, std::string_view name) {
  if (operation.op == ast::SetOperator::kIntersect && operation.all) {
    for (const ast::Query* side : {operation.left.get(), operation.right.get()}) {
      RETURN_IF_ERROR(CheckNone(*side, name, "recursive reference in INTERSECT ALL"));
    }
  }
  if (operation.op == ast::SetOperator::kExcept) {
    const std::string_view kind = operation.all ? "ALL" : "DISTINCT";
    RETURN_IF_ERROR(
        CheckNone(*operation.right, name,
                  absl::StrCat("recursive reference in right relation of EXCEPT ", kind)));
    if (operation.all) {
      RETURN_IF_ERROR(
          CheckNone(*operation.left, name, "recursive reference in left relation of EXCEPT ALL"));
    }
  }
  return absl::OkStatus();
}

// The sources of a query inside FROM.
absl::Status CheckQuery(const ast::Query& query, std::string_view name) {
  if (const auto* select = std::get_if<ast::Select>(&query.body)) {
    return select->from == nullptr ? absl::OkStatus() : CheckFrom(*select->from, name);
  }
  if (const auto* inner = std::get_if<ast::QueryPtr>(&query.body)) {
    return CheckQuery(**inner, name);
  }
  if (const auto* operation = std::get_if<ast::SetOperation>(&query.body)) {
    RETURN_IF_ERROR(CheckSetOperation(*operation, name));
    RETURN_IF_ERROR(CheckQuery(*operation->left, name));
    return CheckQuery(*operation->right, name);
  }
  return absl::OkStatus();
}

absl::Status CheckFrom(const ast::Relation& relation, std::string_view name) {
  if (const auto* subquery = std::get_if<ast::SubqueryRelation>(&relation.node)) {
    return CheckQuery(*subquery->query, name);
  }
  const auto* join = std::get_if<ast::JoinRelation>(&relation.node);
  if (join == nullptr) {
    return absl::OkStatus();
  }
  const bool full = join->type == ast::JoinType::kFull;
  const std::string_view kind = full                                  ? "FULL"
                                : join->type == ast::JoinType::kRight ? "RIGHT"
                                                                      : "LEFT";
  if (full || join->type == ast::JoinType::kRight) {
    RETURN_IF_ERROR(CheckNone(
        *join->left, name, absl::StrCat("recursive reference in left source of ", kind, " join")));
  }
  if (full || join->type == ast::JoinType::kLeft) {
    RETURN_IF_ERROR(
        CheckNone(*join->right, name,
                  absl::StrCat("recursive reference in right source of ", kind, " join")));
  }
  RETURN_IF_ERROR(CheckFrom(*join->left, name));
  return CheckFrom(*join->right, name);
}

// What may not stand around the UNION itself.
absl::Status CheckAround(const ast::Query& query) {
  if (!query.with.empty()) {
    return ErrorAt(query.location, "NOT_SUPPORTED", "immediate WITH clause in recursive query");
  }
  if (!query.order_by.empty()) {
    return ErrorAt(query.order_location, "NOT_SUPPORTED",
                   "immediate ORDER BY clause in recursive query");
  }
  if (query.offset != nullptr) {
    return ErrorAt(query.offset_location, "NOT_SUPPORTED",
                   "immediate OFFSET clause in recursive query");
  }
  if (query.limit != nullptr || query.limit_all || query.fetch_first) {
    return ErrorAt(query.limit_location, "INVALID_LIMIT_CLAUSE",
                   "immediate FETCH FIRST / LIMIT clause in recursive query");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<const ast::SetOperation*> FindRecursion(const ast::CommonTable& table) {
  const std::string_view name = table.name.text;
  const ast::Query& query = *table.query;
  const std::vector<Location> references = ReferencesIn(query, name);
  if (references.empty()) {
    return nullptr;
  }
  // Parentheses around the whole query do not matter.
  const ast::Query* body = &query;
  while (body->with.empty() && body->order_by.empty() && body->offset == nullptr &&
         body->limit == nullptr && std::holds_alternative<ast::QueryPtr>(body->body)) {
    body = std::get<ast::QueryPtr>(body->body).get();
  }
  const auto* recursion = std::get_if<ast::SetOperation>(&body->body);
  if (recursion == nullptr || recursion->op != ast::SetOperator::kUnion) {
    return Refused(references.front(), "recursive reference not allowed in this context");
  }
  RETURN_IF_ERROR(CheckAround(*body));
  RETURN_IF_ERROR(CheckNone(*recursion->left, name,
                            "WITH table name is referenced in the base relation of recursion"));
  const std::vector<Location> in_step = ReferencesIn(*recursion->right, name);
  if (in_step.size() > 1) {
    return Refused(in_step[1], "multiple recursive references in the step relation of recursion");
  }
  const ast::Query* step = recursion->right.get();
  while (std::holds_alternative<ast::QueryPtr>(step->body)) {
    step = std::get<ast::QueryPtr>(step->body).get();
  }
  const auto* select = std::get_if<ast::Select>(&step->body);
  if (select == nullptr || select->from == nullptr || ReferencesIn(*select->from, name).empty()) {
    return Refused(in_step.front(),
                   "recursive reference outside of FROM clause of the step relation of recursion");
  }
  RETURN_IF_ERROR(CheckFrom(*select->from, name));
  return recursion;
}

}  // namespace pallas::sql
