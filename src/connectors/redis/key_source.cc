#include "connectors/redis/key_source.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace pallas::redis {
namespace {

constexpr int64_t kRangePage = 1000;
constexpr size_t kMembersPage = 100;

class Scan final : public KeySource {
 public:
  Scan(std::string pattern, std::string type, int64_t count)
      : pattern_(std::move(pattern)), type_(std::move(type)), count_(absl::StrCat(count)) {}

  bool HasMore() const override { return !finished_; }

  size_t Ask(std::string& out, std::vector<std::string>& /*found*/) override {
    if (with_type_) {
      AppendCommand({"SCAN", cursor_, "MATCH", pattern_, "COUNT", count_, "TYPE", type_}, out);
    } else {
      AppendCommand({"SCAN", cursor_, "MATCH", pattern_, "COUNT", count_}, out);
    }
    return 1;
  }

  bool OnText(int depth, size_t /*index*/, std::string_view text) override {
    if (depth == 1) {
      next_ = text;
    }
    return depth == 2;
  }

  const std::string* EndReply() override {
    cursor_ = std::exchange(next_, "0");
    finished_ = cursor_ == "0";
    return nullptr;
  }

  bool OnError(std::string_view error, bool try_again) override {
    if (with_type_ && absl::StrContains(error, "syntax error")) {
      with_type_ = false;  // a server before 6.0
      return true;
    }
    return try_again;
  }

  bool ChecksType() const override { return with_type_; }

 private:
  const std::string pattern_;
  const std::string type_;
  const std::string count_;
  std::string cursor_ = "0";
  std::string next_ = "0";
  bool with_type_ = true;
  bool finished_ = false;
};

class Range final : public KeySource {
 public:
  Range(std::string set, int64_t start, int64_t end)
      : set_(std::move(set)), next_(start), end_(end) {}

  bool HasMore() const override { return !finished_; }

  size_t Ask(std::string& out, std::vector<std::string>& /*found*/) override {
    received_ = 0;
    AppendCommand({"ZRANGE", set_, absl::StrCat(next_), absl::StrCat(PageEnd())}, out);
    return 1;
  }

  bool OnText(int /*depth*/, size_t /*index*/, std::string_view /*text*/) override {
    ++received_;
    return true;
  }

  const std::string* EndReply() override {
    const int64_t asked = PageEnd() - next_ + 1;
    next_ += asked;
    finished_ = received_ < asked || (end_ >= 0 && next_ > end_);
    return nullptr;
  }

  bool OnError(std::string_view /*error*/, bool try_again) override { return try_again; }

 private:
  int64_t PageEnd() const {
    const int64_t page_end = next_ + kRangePage - 1;
    return end_ < 0 ? page_end : std::min(page_end, end_);
  }

  const std::string set_;
  int64_t next_;
  const int64_t end_;
  int64_t received_ = 0;
  bool finished_ = false;
};

class Known final : public KeySource {
 public:
  explicit Known(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  bool HasMore() const override { return !keys_.empty(); }

  size_t Ask(std::string& /*out*/, std::vector<std::string>& found) override {
    found = std::exchange(keys_, {});
    return 0;
  }

  bool OnText(int /*depth*/, size_t /*index*/, std::string_view /*text*/) override { return false; }

  const std::string* EndReply() override { return nullptr; }

  bool OnError(std::string_view /*error*/, bool try_again) override { return try_again; }

 private:
  std::vector<std::string> keys_;
};

class Members final : public KeySource {
 public:
  Members(std::string set, std::vector<std::string> keys)
      : set_(std::move(set)), keys_(keys.begin(), keys.end()) {}

  bool HasMore() const override { return !keys_.empty(); }

  size_t Ask(std::string& out, std::vector<std::string>& /*found*/) override {
    const size_t count = std::min(kMembersPage, keys_.size());
    for (size_t i = 0; i < count; ++i) {
      AppendCommand({"ZSCORE", set_, keys_.front()}, out);
      asked_.push_back(std::move(keys_.front()));
      keys_.pop_front();
    }
    return count;
  }

  bool OnText(int /*depth*/, size_t /*index*/, std::string_view /*text*/) override {
    is_member_ = true;
    return false;
  }

  const std::string* EndReply() override {
    key_ = std::move(asked_.front());
    asked_.pop_front();
    return std::exchange(is_member_, false) ? &key_ : nullptr;
  }

  bool OnError(std::string_view /*error*/, bool try_again) override {
    if (try_again) {
      keys_.push_back(std::move(asked_.front()));
    }
    asked_.pop_front();
    return try_again;
  }

 private:
  const std::string set_;
  std::deque<std::string> keys_;
  std::deque<std::string> asked_;
  std::string key_;
  bool is_member_ = false;
};

}  // namespace

std::unique_ptr<KeySource> ScanKeys(std::string pattern, std::string type, int64_t count) {
  return std::make_unique<Scan>(std::move(pattern), std::move(type), count);
}

std::unique_ptr<KeySource> RangeKeys(std::string set, int64_t start, int64_t end) {
  return std::make_unique<Range>(std::move(set), start, end);
}

std::unique_ptr<KeySource> KnownKeys(std::vector<std::string> keys) {
  return std::make_unique<Known>(std::move(keys));
}

std::unique_ptr<KeySource> MemberKeys(std::string set, std::vector<std::string> keys) {
  return std::make_unique<Members>(std::move(set), std::move(keys));
}

}  // namespace pallas::redis
