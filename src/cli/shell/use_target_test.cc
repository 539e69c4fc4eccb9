#include "cli/shell/use_target.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

#include "base/error_detail.h"

namespace pallas::cli {
namespace {

using Names = std::vector<std::string>;

class FakeResolver final : public catalog::TableResolver {
 public:
  absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> ResolveTable(
      const sdk::RequestContext&, const catalog::QualifiedName&) override {
    return absl::UnimplementedError("not asked for");
  }

  absl::StatusOr<Names> ListCatalogs(const sdk::RequestContext&) override {
    return Names{"awsdatacatalog", "mysql", "many"};
  }

  absl::StatusOr<Names> ListDatabases(const sdk::RequestContext&,
                                      const std::string& catalog) override {
    if (catalog == "awsdatacatalog") {
      return Names{"data_lake", "default"};
    }
    if (catalog == "mysql") {
      return Names{"Sales"};
    }
    return catalog == "many" ? Names{"a", "A", "b.c"} : Names{};
  }

  absl::StatusOr<Names> ListTables(const sdk::RequestContext&, const std::string&,
                                   const std::string&) override {
    return absl::UnimplementedError("not asked for");
  }
};

absl::StatusOr<UseTarget> Find(std::string_view text) {
  FakeResolver resolver;
  return FindUseTarget(text, "awsdatacatalog", resolver, {});
}

TEST(UseTargetTest, FindsCatalogsAndDatabases) {
  struct Case {
    std::string_view text;
    std::string_view catalog;
    std::string_view database;
  };

  for (const Case& c : {Case{"mysql", "mysql", "Sales"}, Case{"MySQL.sales", "mysql", "Sales"},
                        Case{"awsdatacatalog", "awsdatacatalog", "default"},
                        Case{"data_lake", "awsdatacatalog", "data_lake"},
                        Case{"many.A", "many", "A"}, Case{"many . \"b.c\"", "many", "b.c"}}) {
    const auto target = Find(c.text);
    ASSERT_TRUE(target.ok()) << c.text << ": " << target.status();
    EXPECT_EQ(target->catalog, c.catalog) << c.text;
    EXPECT_EQ(target->database, c.database) << c.text;
  }
}

TEST(UseTargetTest, ErrorsListWhatThereIs) {
  const auto unknown = Find("mysql.orders").status();
  EXPECT_EQ(ErrorName(unknown), "SCHEMA_NOT_FOUND");
  EXPECT_TRUE(absl::StrContains(unknown.message(), "Sales")) << unknown;
  EXPECT_TRUE(absl::StrContains(Find("many").status().message(), "a, A, b.c"));
  EXPECT_TRUE(absl::StrContains(Find("other.x").status().message(), "none"));
}

TEST(UseTargetTest, OnlyNames) {
  for (const char* text : {"a.b.c", "a.", ".a", "a b", "'a'", "1", "a.'b'", "\"a"}) {
    EXPECT_EQ(Find(text).status().code() == absl::StatusCode::kNotFound, false) << text;
    EXPECT_FALSE(Find(text).ok()) << text;
  }
}

}  // namespace
}  // namespace pallas::cli
