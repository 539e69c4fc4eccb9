#include "sql/ast/equality.h"

#include <cstddef>
#include <tuple>
#include <type_traits>

namespace pallas::sql::ast {
namespace {

// For each node the fields that count, in one tuple.
auto Fields(const Identifier& n) { return std::tie(n.text, n.quoted); }

auto Fields(const SortItem& n) { return std::tie(n.expression, n.descending, n.nulls_first); }

auto Fields(const FrameBound& n) { return std::tie(n.kind, n.offset); }

auto Fields(const Frame& n) { return std::tie(n.unit, n.start, n.end); }

auto Fields(const Window& n) {
  return std::tie(n.base, n.name_only, n.partition_by, n.order_by, n.frame, n.pattern);
}

auto Fields(const CallOptions& n) {
  return std::tie(n.distinct, n.order_by, n.filter, n.nulls, n.over);
}

auto Fields(const Expr& n) {
  return std::tie(n.kind, n.text, n.type_name, n.flag, n.index, n.names, n.args, n.call, n.query);
}

auto Fields(const TableName& n) { return std::tie(n.name, n.version, n.timestamp); }

auto Fields(const SubqueryRelation& n) { return std::tie(n.query, n.lateral); }

auto Fields(const UnnestRelation& n) { return std::tie(n.expressions, n.with_ordinality); }

auto Fields(const TableFunctionArgument& n) {
  return std::tie(n.name, n.value, n.table, n.table_text, n.is_descriptor, n.descriptor,
                  n.descriptor_types);
}

auto Fields(const TableFunctionRelation& n) { return std::tie(n.name, n.arguments, n.copartition); }

auto Fields(const JoinRelation& n) {
  return std::tie(n.type, n.natural, n.left, n.right, n.on, n.using_columns);
}

auto Fields(const UnsupportedRelation& n) { return std::tie(n.construct, n.input, n.text); }

auto Fields(const Relation& n) {
  return std::tie(n.node, n.alias, n.column_aliases, n.sample_method, n.sample_percentage);
}

auto Fields(const SelectItem& n) {
  return std::tie(n.expression, n.star, n.star_of, n.alias, n.star_aliases);
}

auto Fields(const GroupingElement& n) { return std::tie(n.kind, n.sets); }

auto Fields(const WindowDefinition& n) { return std::tie(n.name, n.window); }

auto Fields(const Select& n) {
  return std::tie(n.distinct, n.items, n.from, n.where, n.has_group_by, n.group_by_distinct,
                  n.group_by, n.having, n.windows);
}

auto Fields(const Values& n) { return std::tie(n.rows); }

auto Fields(const TableQuery& n) { return std::tie(n.name); }

auto Fields(const SetOperation& n) {
  return std::tie(n.op, n.all, n.corresponding, n.left, n.right);
}

auto Fields(const CommonTable& n) { return std::tie(n.name, n.columns, n.query); }

auto Fields(const Query& n) {
  return std::tie(n.recursive, n.with, n.inline_functions, n.body, n.order_by, n.offset, n.limit,
                  n.limit_all, n.with_ties, n.fetch_first);
}

auto Fields(const QueryStatement& n) { return std::tie(n.query); }

auto Fields(const Explain& n) { return std::tie(n.analyze, n.verbose, n.options, n.statement); }

auto Fields(const Verify& n) { return std::tie(n.query); }

auto Fields(const Use& n) { return std::tie(n.catalog, n.database); }

auto Fields(const WithProperty& n) { return std::tie(n.name, n.value); }

auto Fields(const CreateDatabase& n) {
  return std::tie(n.name, n.if_not_exists, n.comment, n.location, n.properties);
}

auto Fields(const DropDatabase& n) { return std::tie(n.name, n.if_exists, n.cascade); }

auto Fields(const AlterDatabase& n) { return std::tie(n.name, n.properties); }

auto Fields(const HiveColumn& n) { return std::tie(n.name, n.type, n.comment); }

auto Fields(const CreateTable& n) {
  return std::tie(n.name, n.external, n.if_not_exists, n.columns, n.comment, n.partitioned_by,
                  n.bucketed_by, n.buckets, n.delimited, n.row_format_delimited, n.serde,
                  n.serde_properties, n.stored_as, n.input_format, n.output_format, n.location,
                  n.properties);
}

auto Fields(const CreateTableAs& n) {
  return std::tie(n.name, n.if_not_exists, n.properties, n.query, n.with_no_data);
}

auto Fields(const Insert& n) { return std::tie(n.table, n.columns, n.query); }

auto Fields(const Unload& n) { return std::tie(n.query, n.location, n.properties); }

auto Fields(const CreateView& n) {
  return std::tie(n.name, n.or_replace, n.comment, n.security, n.query);
}

auto Fields(const DropTable& n) { return std::tie(n.name, n.if_exists, n.view); }

auto Fields(const PartitionSpec& n) { return std::tie(n.values, n.location); }

auto Fields(const AlterTable& n) {
  return std::tie(n.name, n.action, n.if_exists, n.partitions, n.columns, n.names, n.location,
                  n.properties, n.new_name);
}

auto Fields(const RepairTable& n) { return std::tie(n.name); }

auto Fields(const Show& n) {
  return std::tie(n.what, n.name, n.pattern, n.escape, n.property, n.extended, n.formatted,
                  n.partition, n.column);
}

auto Fields(const Prepare& n) { return std::tie(n.name, n.text); }

auto Fields(const Execute& n) { return std::tie(n.name, n.immediate, n.parameters); }

auto Fields(const Deallocate& n) { return std::tie(n.name); }

auto Fields(const MergeClause& n) {
  return std::tie(n.matched, n.condition, n.action, n.assignments, n.insert_columns,
                  n.insert_values);
}

auto Fields(const Modify& n) {
  return std::tie(n.kind, n.table, n.alias, n.source, n.condition, n.assignments, n.clauses);
}

auto Fields(const ExternalFunction& n) {
  return std::tie(n.name, n.parameters, n.return_type, n.lambda, n.sagemaker);
}

auto Fields(const UsingFunctions& n) { return std::tie(n.functions, n.query); }

auto Fields(const Refused& n) { return std::tie(n.construct); }

auto Fields(const Statement& n) { return std::tie(n.node, n.num_parameters); }

template <typename Node>
concept HasFields = requires(const Node& node) { Fields(node); };

// One overload set over every shape a field has; as static members they find one another whatever
// their order.
struct Compare {
  template <HasFields Node>
  static bool Same(const Node& left, const Node& right) {
    return SameTuples(Fields(left), Fields(right),
                      std::make_index_sequence<std::tuple_size_v<decltype(Fields(left))>>());
  }

  template <typename Tuple, size_t... I>
  static bool SameTuples(const Tuple& left, const Tuple& right, std::index_sequence<I...>) {
    return (Same(std::get<I>(left), std::get<I>(right)) && ...);
  }

  template <typename Value>
    requires(!HasFields<Value> && std::equality_comparable<Value> &&
             (std::is_arithmetic_v<Value> || std::is_enum_v<Value>))
  static bool Same(const Value& left, const Value& right) {
    return left == right;
  }

  static bool Same(const std::string& left, const std::string& right) { return left == right; }

  static bool Same(const std::map<std::string, std::string>& left,
                   const std::map<std::string, std::string>& right) {
    return left == right;
  }

  template <typename Node>
  static bool Same(const std::unique_ptr<Node>& left, const std::unique_ptr<Node>& right) {
    return left == nullptr || right == nullptr ? left == right : Same(*left, *right);
  }

  template <typename Value>
  static bool Same(const std::optional<Value>& left, const std::optional<Value>& right) {
    return left.has_value() == right.has_value() && (!left.has_value() || Same(*left, *right));
  }

  template <typename First, typename Second>
  static bool Same(const std::pair<First, Second>& left, const std::pair<First, Second>& right) {
    return Same(left.first, right.first) && Same(left.second, right.second);
  }

  template <typename Value>
  static bool Same(const std::vector<Value>& left, const std::vector<Value>& right) {
    if (left.size() != right.size()) {
      return false;
    }
    for (size_t i = 0; i < left.size(); ++i) {
      if (!Same(left[i], right[i])) {
        return false;
      }
    }
    return true;
  }

  template <typename... Nodes>
  static bool Same(const std::variant<Nodes...>& left, const std::variant<Nodes...>& right) {
    return left.index() == right.index() &&
           std::visit(
               [&right](const auto& node) {
                 return Same(node, std::get<std::decay_t<decltype(node)>>(right));
               },
               left);
  }
};

}  // namespace

bool Equal(const Expr& left, const Expr& right) { return Compare::Same(left, right); }

bool Equal(const Query& left, const Query& right) { return Compare::Same(left, right); }

bool Equal(const Statement& left, const Statement& right) { return Compare::Same(left, right); }

}  // namespace pallas::sql::ast
