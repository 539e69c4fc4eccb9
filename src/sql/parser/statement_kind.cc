#include <string>
#include <variant>

#include "sql/parser/parser.h"

namespace pallas::sql {
namespace {

std::string AlterKind(const ast::AlterTable& alter) {
  using Action = ast::AlterTable::Action;
  switch (alter.action) {
    case Action::kAddPartitions:
      return "ALTER_TABLE_ADD_PARTITION";
    case Action::kDropPartitions:
      return "ALTER_TABLE_DROP_PARTITION";
    case Action::kRenamePartition:
      return "ALTER_TABLE_RENAME_PARTITION";
    case Action::kAddColumns:
      return "ALTER_TABLE_ADD_COLUMNS";
    case Action::kReplaceColumns:
      return "ALTER_TABLE_REPLACE_COLUMNS";
    case Action::kSetLocation:
      return "ALTER_TABLE_SET_LOCATION";
    case Action::kSetProperties:
      return "ALTER_TABLE_SET_PROPERTIES";
    case Action::kUnsetProperties:
      return "ALTER_TABLE_UNSET_PROPERTIES";
    case Action::kDropColumn:
      return "ALTER_TABLE_DROP_COLUMN";
    case Action::kChangeColumn:
      return "ALTER_TABLE_CHANGE_COLUMN";
    case Action::kRename:
      return "ALTER_TABLE_RENAME";
  }
  return "";
}

std::string ShowKind(const ast::Show& show) {
  using What = ast::Show::What;
  switch (show.what) {
    case What::kDatabases:
      return "SHOW_DATABASES";
    case What::kTables:
      return "SHOW_TABLES";
    case What::kViews:
      return "SHOW_VIEWS";
    case What::kColumns:
      return "SHOW_COLUMNS";
    case What::kPartitions:
      return "SHOW_PARTITIONS";
    case What::kTableProperties:
      return "SHOW_TBLPROPERTIES";
    case What::kCreateTable:
      return "SHOW_CREATE_TABLE";
    case What::kCreateView:
      return "SHOW_CREATE_VIEW";
    case What::kFunctions:
      return "SHOW_FUNCTIONS";
    case What::kCatalogs:
      return "SHOW_CATALOGS";
    case What::kDescribe:
    case What::kDescribeInput:
    case What::kDescribeOutput:
      return "DESCRIBE";
  }
  return "";
}

std::string ModifyKind(const ast::Modify& modify) {
  using Kind = ast::Modify::Kind;
  switch (modify.kind) {
    case Kind::kMerge:
      return "MERGE";
    case Kind::kUpdate:
      return "UPDATE";
    case Kind::kDelete:
      return "DELETE";
    case Kind::kOptimize:
      return "OPTIMIZE";
    case Kind::kVacuum:
      return "VACUUM";
  }
  return "";
}

struct KindName {
  std::string operator()(const ast::QueryStatement&) const { return "SELECT"; }

  std::string operator()(const ast::Explain& explain) const {
    return explain.analyze ? "EXPLAIN_ANALYZE" : "EXPLAIN";
  }

  std::string operator()(const ast::Verify&) const { return "VERIFY"; }

  std::string operator()(const ast::Use&) const { return "USE"; }

  std::string operator()(const ast::CreateDatabase&) const { return "CREATE_DATABASE"; }

  std::string operator()(const ast::DropDatabase&) const { return "DROP_DATABASE"; }

  std::string operator()(const ast::AlterDatabase&) const { return "ALTER_DATABASE"; }

  std::string operator()(const ast::CreateTable&) const { return "CREATE_TABLE"; }

  std::string operator()(const ast::CreateTableAs&) const { return "CREATE_TABLE_AS_SELECT"; }

  std::string operator()(const ast::Insert&) const { return "INSERT"; }

  std::string operator()(const ast::Unload&) const { return "UNLOAD"; }

  std::string operator()(const ast::CreateView&) const { return "CREATE_VIEW"; }

  std::string operator()(const ast::DropTable& drop) const {
    return drop.view ? "DROP_VIEW" : "DROP_TABLE";
  }

  std::string operator()(const ast::AlterTable& alter) const { return AlterKind(alter); }

  std::string operator()(const ast::RepairTable&) const { return "MSCK_REPAIR_TABLE"; }

  std::string operator()(const ast::Show& show) const { return ShowKind(show); }

  std::string operator()(const ast::Prepare&) const { return "PREPARE"; }

  std::string operator()(const ast::Execute&) const { return "EXECUTE"; }

  std::string operator()(const ast::Deallocate&) const { return "DEALLOCATE"; }

  std::string operator()(const ast::Modify& modify) const { return ModifyKind(modify); }

  std::string operator()(const ast::UsingFunctions&) const {
    return "SELECT_WITH_EXTERNAL_FUNCTION";
  }

  std::string operator()(const ast::Refused& refused) const { return refused.construct; }
};

struct KindClass {
  StatementClass operator()(const ast::Explain&) const { return StatementClass::kUtility; }

  StatementClass operator()(const ast::Show&) const { return StatementClass::kUtility; }

  StatementClass operator()(const ast::Use&) const { return StatementClass::kUtility; }

  StatementClass operator()(const ast::QueryStatement&) const { return StatementClass::kDml; }

  StatementClass operator()(const ast::Verify&) const { return StatementClass::kDml; }

  StatementClass operator()(const ast::CreateTableAs&) const { return StatementClass::kDml; }

  StatementClass operator()(const ast::Insert&) const { return StatementClass::kDml; }

  StatementClass operator()(const ast::Unload&) const { return StatementClass::kDml; }

  StatementClass operator()(const ast::Execute&) const { return StatementClass::kDml; }

  StatementClass operator()(const ast::Modify&) const { return StatementClass::kDml; }

  StatementClass operator()(const ast::UsingFunctions&) const { return StatementClass::kDml; }

  template <typename Other>
  StatementClass operator()(const Other&) const {
    return StatementClass::kDdl;
  }
};

}  // namespace

StatementClass ClassOf(const ast::Statement& statement) {
  return std::visit(KindClass(), statement.node);
}

std::string KindOf(const ast::Statement& statement) {
  return std::visit(KindName(), statement.node);
}

}  // namespace pallas::sql
