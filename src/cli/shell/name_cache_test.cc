#include "cli/shell/name_cache.h"

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace pallas::cli {
namespace {

using Names = std::vector<std::string>;

// Two catalogs; "dead" answers only when it is told to, or cancelled.
class FakeResolver final : public catalog::TableResolver {
 public:
  absl::StatusOr<std::shared_ptr<const catalog::ResolvedTable>> ResolveTable(
      const sdk::RequestContext&, const catalog::QualifiedName& name) override {
    auto table = std::make_shared<catalog::ResolvedTable>();
    table->name = name;
    table->columns.resize(2);
    table->columns[0].name = "id";
    table->columns[1].name = "secret";
    table->columns[1].hidden = true;
    return table;
  }

  absl::StatusOr<Names> ListCatalogs(const sdk::RequestContext&) override {
    std::lock_guard lock(mutex_);
    ++asked_;
    return catalogs_;
  }

  absl::StatusOr<Names> ListDatabases(const sdk::RequestContext& context,
                                      const std::string& catalog) override {
    if (catalog != "dead") {
      return Names{"sales"};
    }
    const auto registration = context.OnCancel([this] { Answer(); });
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return answers_; });
    return Names{"late"};
  }

  absl::StatusOr<Names> ListTables(const sdk::RequestContext&, const std::string&,
                                   const std::string&) override {
    return absl::UnavailableError("down");
  }

  void Answer() {
    std::lock_guard lock(mutex_);
    answers_ = true;
    changed_.notify_all();
  }

  int asked() {
    std::lock_guard lock(mutex_);
    return asked_;
  }

  void set_catalogs(Names catalogs) {
    std::lock_guard lock(mutex_);
    catalogs_ = std::move(catalogs);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Names catalogs_ = {"dead", "mysql"};
  bool answers_ = false;
  int asked_ = 0;
};

// A machine that is busy must not make a source look dead.
NameCacheOptions Patient() { return {.patience = absl::Minutes(1)}; }

TEST(NameCacheTest, RemembersAnswersUntilTheyAreForgotten) {
  FakeResolver resolver;
  NameCache cache(resolver, Patient());
  cache.Begin();
  EXPECT_EQ(cache.Catalogs(), (Names{"dead", "mysql"}));
  resolver.set_catalogs({"other"});
  EXPECT_EQ(cache.Catalogs(), (Names{"dead", "mysql"}));
  EXPECT_EQ(resolver.asked(), 1);
  cache.Forget();
  EXPECT_EQ(cache.Catalogs(), (Names{"other"}));
}

TEST(NameCacheTest, ColumnsLeaveOutHiddenOnes) {
  FakeResolver resolver;
  NameCache cache(resolver, Patient());
  cache.Begin();
  EXPECT_EQ(cache.Columns({"mysql", "sales", "orders"}), (Names{"id"}));
}

TEST(NameCacheTest, AnErrorIsNoName) {
  FakeResolver resolver;
  NameCache cache(resolver, Patient());
  cache.Begin();
  EXPECT_EQ(cache.Tables("mysql", "sales"), Names());
}

TEST(NameCacheTest, ADeadSourceHoldsNothingUpAndItsAnswerIsThereLater) {
  FakeResolver resolver;
  NameCache cache(resolver, {.patience = absl::Milliseconds(1)});
  cache.Begin();
  EXPECT_EQ(cache.Databases("dead"), Names());
  EXPECT_EQ(cache.Databases("dead"), Names());  // and is not asked twice
  resolver.Answer();
  Names names;
  while (names.empty()) {
    cache.Begin();
    names = cache.Databases("dead");
  }
  EXPECT_EQ(names, (Names{"late"}));
}

TEST(NameCacheTest, EndingCancelsWhatIsAsked) {
  FakeResolver resolver;
  NameCache cache(resolver, {.patience = absl::ZeroDuration()});
  cache.Begin();
  EXPECT_EQ(cache.Databases("dead"), Names());
}

TEST(NameCacheTest, SoManyQuestionsAtOnce) {
  FakeResolver resolver;
  NameCache cache(resolver, {.patience = absl::ZeroDuration(), .max_questions = 1});
  cache.Begin();
  EXPECT_EQ(cache.Databases("dead"), Names());
  EXPECT_EQ(cache.Catalogs(), Names());
  EXPECT_EQ(resolver.asked(), 0);
}

}  // namespace
}  // namespace pallas::cli
