#include "connectors/redis/record_reader.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "arrow/record_batch.h"
#include "arrow/type.h"
#include "spdlog/spdlog.h"

#include "base/error_detail.h"
#include "base/status_macros.h"
#include "connectors/redis/cluster.h"
#include "connectors/redis/connection.h"
#include "connectors/redis/hash_row.h"
#include "connectors/redis/key_set.h"
#include "connectors/redis/key_source.h"
#include "connectors/redis/pushdown.h"
#include "connectors/redis/row_writer.h"
#include "connectors/redis/source_table.h"
#include "connectors/redis/split_planner.h"
#include "sdk/runtime/limiter.h"

namespace pallas::redis {
namespace {

// Commands ahead of their replies: at first, and at most; and what their replies may come to.
constexpr size_t kFirstWindow = 32;
constexpr size_t kMinWindow = 2;
constexpr size_t kMaxWindow = 1024;
constexpr double kWindowBytes = 1024.0 * 1024;
// Literals that one MGET reads, at first and at most, and what they may come to.
constexpr size_t kFirstKeysOfMget = 4;
constexpr size_t kMaxKeysOfMget = 64;
constexpr double kMgetBytes = 64.0 * 1024;
// Rows after which their mean size is trusted, and after which the way to read hashes is chosen
// anew.
constexpr int64_t kSampleRows = 32;
constexpr int64_t kHashSampleRows = 256;
constexpr std::string_view kMembersCount = "1000";
// A server that is busy with a script is asked again this often, with the limiter's delays between.
constexpr int kMaxBusyRetries = 20;

enum class Command {
  kKeys,         // the key source's
  kFields,       // HMGET key column...
  kAllFields,    // HGETALL key
  kValue,        // GET key
  kValues,       // MGET key...
  kMembers,      // ZSCAN key cursor
  kCardinality,  // ZCARD key
  kType,         // TYPE key
};

struct Request {
  Command command = Command::kKeys;
  std::string key;
  std::vector<std::string> more_keys;  // kValues
  std::string cursor;                  // kMembers
};

// How the values of a table are read.
Command FirstCommand(const SourceTable& source, const ScanPlan& plan) {
  if (source.value_type == ValueType::kZset) {
    return plan.columns.empty() ? Command::kCardinality : Command::kMembers;
  }
  if (plan.columns.empty()) {
    return Command::kType;
  }
  return source.value_type == ValueType::kLiteral
             ? (source.server.cluster ? Command::kValue : Command::kValues)
             : Command::kFields;
}

std::vector<std::string> ColumnNames(const ScanPlan& plan) {
  std::vector<std::string> names;
  names.reserve(plan.columns.size());
  for (const auto& column : plan.columns) {
    names.push_back(column->name());
  }
  return names;
}

// The words of HMGET that follow the key.
std::string FieldWords(const std::vector<std::string>& columns) {
  std::string words;
  for (const std::string& column : columns) {
    AppendCommandWord(column, words);
  }
  return words;
}

// What a reader is made of.
struct Parts {
  sdk::RequestContext context;
  SourceTable source;
  ScanPlan plan;
  RowWriter writer;
  std::unique_ptr<ConnectionPool::Lease> session;
  // Where keys come from, if not from the same server as values.
  std::unique_ptr<ConnectionPool::Lease> key_session;
  std::unique_ptr<KeySource> keys;
  bool may_repeat_keys = false;
  size_t pattern = 0;            // of the table's, if the keys come out of a scan of it
  std::optional<SlotSet> slots;  // of a cluster: those whose keys are read
  bool checks_slots = false;     // whether they must stay while the split is read
};

class SplitReader final : public sdk::RecordBatchStream, private ReplySink {
 public:
  explicit SplitReader(Parts parts)
      : parts_(std::move(parts)),
        first_command_(FirstCommand(parts_.source, parts_.plan)),
        columns_(ColumnNames(parts_.plan)),
        field_words_(FieldWords(columns_)),
        row_(columns_.size()),
        hash_row_(columns_),
        received_before_(parts_.session->operator->()->bytes_received()) {}

  absl::StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    while (!finished_) {
      RETURN_IF_ERROR(parts_.context.Check());
      RETURN_IF_ERROR(AddRepeated());
      if (parts_.writer.is_full()) {
        return parts_.writer.Flush();
      }
      RETURN_IF_ERROR(Refill());
      if (outstanding_.empty()) {
        finished_ = true;
        RETURN_IF_ERROR(Finish());
        break;
      }
      current_ = std::move(outstanding_.front());
      outstanding_.pop_front();
      RETURN_IF_ERROR(ReadReply(*parts_.session));
    }
    return parts_.writer.num_rows() > 0
               ? parts_.writer.Flush()
               : absl::StatusOr<std::shared_ptr<arrow::RecordBatch>>(nullptr);
  }

  int64_t bytes_received() const override { return bytes_received_; }

  sdk::SourceMetrics metrics() const override {
    sdk::SourceMetrics metrics = {{"commands", static_cast<double>(num_commands_)}};
    if (num_skipped_ > 0) {
      metrics["keys of another type"] = static_cast<double>(num_skipped_);
    }
    return metrics;
  }

 private:
  // ---- Asking ----

  // Sends the commands for what is to be read next, if few are on their way.
  absl::Status Refill() {
    if (!busy_.ok()) {
      // Replies on their way are read first: they are busy, too.
      if (!outstanding_.empty()) {
        return absl::OkStatus();
      }
      RETURN_IF_ERROR(WaitWhileBusy());
    }
    if (EnoughRows()) {
      keys_.clear();
      retries_.clear();
      return absl::OkStatus();
    }
    const size_t window = Window();
    if (outstanding_.size() > window / 2) {
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(FetchKeysElsewhere(window));
    commands_.clear();
    size_t num_commands = 0;
    while (outstanding_.size() < window && (!retries_.empty() || !keys_.empty())) {
      AppendRequest();
      ++num_commands;
    }
    if (parts_.key_session == nullptr && !keys_asked_ && keys_.size() < window &&
        parts_.keys->HasMore()) {
      num_commands += AskForKeys(outstanding_);
    }
    if (num_commands > 0) {
      if (num_commands_ > 0 && parts_.context.limiter != nullptr) {
        RETURN_IF_ERROR(parts_.context.limiter->BeforeRequest(parts_.context));
      }
      num_commands_ += static_cast<int64_t>(num_commands);
      (*parts_.session)->Send(commands_, num_commands);
    } else if (outstanding_.empty() && (!keys_.empty() || parts_.keys->HasMore())) {
      return Refill();  // keys have come without a command
    }
    return absl::OkStatus();
  }

  // Commands for keys; each answer of theirs is waited for in `requests`.
  size_t AskForKeys(std::deque<Request>& requests) {
    std::vector<std::string> found;
    const size_t asked = parts_.keys->Ask(commands_, found);
    for (size_t i = 0; i < asked; ++i) {
      requests.emplace_back();
    }
    keys_asked_ += asked;
    for (const std::string& key : found) {
      TakeKey(key);
    }
    return asked;
  }

  absl::Status FetchKeysElsewhere(size_t window) {
    while (parts_.key_session != nullptr && keys_.size() < window && parts_.keys->HasMore() &&
           !EnoughRows()) {
      RETURN_IF_ERROR(parts_.context.Check());
      commands_.clear();
      std::deque<Request> requests;
      const size_t asked = AskForKeys(requests);
      if (asked == 0) {
        continue;
      }
      num_commands_ += static_cast<int64_t>(asked);
      (*parts_.key_session)->Send(commands_, asked);
      for (Request& request : requests) {
        current_ = std::move(request);
        RETURN_IF_ERROR(ReadReply(*parts_.key_session));
      }
      if (!busy_.ok()) {
        RETURN_IF_ERROR(WaitWhileBusy());
      }
    }
    return absl::OkStatus();
  }

  absl::Status WaitWhileBusy() {
    absl::Status busy = std::exchange(busy_, absl::OkStatus());
    if (++num_busy_ > kMaxBusyRetries || parts_.context.limiter == nullptr) {
      return busy;
    }
    parts_.context.limiter->OnThrottled();
    return parts_.context.limiter->BeforeRequest(parts_.context);
  }

  bool EnoughRows() const { return parts_.plan.limit && num_rows_ >= *parts_.plan.limit; }

  // How many commands should be on their way.
  size_t Window() const {
    size_t window = kFirstWindow;
    if (num_values_ >= kSampleRows) {
      window = std::clamp(static_cast<size_t>(kWindowBytes / MeanBytes()), kMinWindow, kMaxWindow);
    }
    if (parts_.plan.limit) {
      const auto left = static_cast<size_t>(std::max<int64_t>(*parts_.plan.limit - num_rows_, 1));
      window = std::min(window, left);
    }
    return window;
  }

  double MeanBytes() const {
    constexpr double kReplyBytes = 32;
    return kReplyBytes + static_cast<double>(value_bytes_) / static_cast<double>(num_values_);
  }

  size_t KeysOfMget() const {
    return num_values_ < kSampleRows
               ? kFirstKeysOfMget
               : std::clamp<size_t>(static_cast<size_t>(kMgetBytes / MeanBytes()), 1,
                                    kMaxKeysOfMget);
  }

  // Appends the command of the next request, which must be there.
  void AppendRequest() {
    Request request;
    if (!retries_.empty()) {
      request = std::move(retries_.front());
      retries_.pop_front();
    } else {
      request.command = first_command_ == Command::kFields && reads_all_fields_
                            ? Command::kAllFields
                            : first_command_;
      request.key = std::move(keys_.front());
      keys_.pop_front();
      const size_t many = request.command == Command::kValues ? KeysOfMget() : 1;
      while (request.more_keys.size() + 1 < many && !keys_.empty()) {
        request.more_keys.push_back(std::move(keys_.front()));
        keys_.pop_front();
      }
    }
    AppendCommandOf(request);
    outstanding_.push_back(std::move(request));
  }

  void AppendCommandOf(const Request& request) {
    switch (request.command) {
      case Command::kKeys:
        return;  // the key source's own
      case Command::kFields:
        AppendCommandStart(2 + columns_.size(), commands_);
        AppendCommandWord("HMGET", commands_);
        AppendCommandWord(request.key, commands_);
        commands_.append(field_words_);
        return;
      case Command::kAllFields:
        return AppendCommand({"HGETALL", request.key}, commands_);
      case Command::kValue:
        return AppendCommand({"GET", request.key}, commands_);
      case Command::kValues:
        AppendCommandStart(2 + request.more_keys.size(), commands_);
        AppendCommandWord("MGET", commands_);
        AppendCommandWord(request.key, commands_);
        for (const std::string& key : request.more_keys) {
          AppendCommandWord(key, commands_);
        }
        return;
      case Command::kMembers:
        return AppendCommand({"ZSCAN", request.key, request.cursor.empty() ? "0" : request.cursor,
                              "COUNT", kMembersCount},
                             commands_);
      case Command::kCardinality:
        return AppendCommand({"ZCARD", request.key}, commands_);
      case Command::kType:
        return AppendCommand({"TYPE", request.key}, commands_);
    }
  }

  // ---- Keys ----

  void TakeKey(std::string_view key) {
    const std::vector<Glob>& patterns = parts_.source.patterns;
    const bool belongs_to_earlier =
        std::any_of(patterns.begin(), patterns.begin() + static_cast<ptrdiff_t>(parts_.pattern),
                    [&](const Glob& pattern) { return pattern.Matches(key); });
    if (belongs_to_earlier || !parts_.plan.filter.Passes(key) ||
        (parts_.slots && !parts_.slots->Contains(SlotOf(key))) ||
        (parts_.may_repeat_keys && !seen_.Insert(key))) {
      return;
    }
    if (first_command_ == Command::kType && parts_.keys->ChecksType()) {
      AddRow(key, nullptr);
    } else {
      keys_.emplace_back(key);
    }
  }

  // ---- Rows ----

  void AddRow(std::string_view key, const RowTexts* texts) {
    if (status_.ok() && !EnoughRows()) {
      status_ = parts_.writer.Add(key, texts);
      ++num_rows_;
    }
  }

  // Rows of a sorted set whose members nobody asked for.
  absl::Status AddRepeated() {
    while (repeats_ > 0 && !parts_.writer.is_full()) {
      --repeats_;
      AddRow(repeated_key_, nullptr);
      RETURN_IF_ERROR(status_);
    }
    return absl::OkStatus();
  }

  // ---- Replies ----

  absl::Status ReadReply(ConnectionPool::Lease& session) {
    row_.Clear();
    found_any_ = false;
    if (current_.command == Command::kAllFields) {
      hash_row_.Clear();
    }
    RETURN_IF_ERROR(session->ReadReply(parts_.context, *this));
    bytes_received_ = session->bytes_received() - received_before_;
    if (current_.command == Command::kKeys) {
      --keys_asked_;
    }
    if (const std::optional<std::string> error = std::exchange(error_, std::nullopt)) {
      return OnErrorReply(session, *error);
    }
    EndReply();
    return status_;
  }

  void OnArray(int /*depth*/, size_t /*index*/, size_t /*num_elements*/) override {}

  void OnText(int depth, size_t index, std::string_view text) override {
    switch (current_.command) {
      case Command::kKeys:
        if (parts_.keys->OnText(depth, index, text)) {
          TakeKey(text);
        }
        return;
      case Command::kFields:
        row_.Set(index, text);
        found_any_ = true;
        return;
      case Command::kAllFields:
        if (index % 2 == 0) {
          hash_row_.OnField(text);
        } else {
          hash_row_.OnValue(text, row_);
        }
        return;
      case Command::kValue:
      case Command::kValues:
        AddLiteral(index == 0 ? current_.key : current_.more_keys[index - 1], text);
        return;
      case Command::kMembers:
        OnMember(depth, index, text);
        return;
      case Command::kType:
        found_any_ = text == ServerType(parts_.source.value_type);
        return;
      case Command::kCardinality:
        return;
    }
  }

  void OnInteger(int /*depth*/, size_t /*index*/, int64_t value) override {
    if (current_.command == Command::kCardinality) {
      repeats_ = value;
      repeated_key_ = current_.key;
    }
  }

  void OnNil(int /*depth*/, size_t /*index*/) override {
    if (current_.command == Command::kKeys) {
      parts_.keys->OnNil();
    }
  }

  void OnError(int /*depth*/, size_t /*index*/, std::string_view text) override {
    error_ = std::string(text);
  }

  void AddLiteral(const std::string& key, std::string_view text) {
    row_.Clear();
    row_.Set(0, text);
    CountValue();
    AddRow(key, &row_);
  }

  // ZSCAN: the cursor, then members and scores in turn.
  void OnMember(int depth, size_t index, std::string_view text) {
    if (depth == 1) {
      next_cursor_ = text;
      return;
    }
    if (index % 2 != 0) {
      return;
    }
    // Like SCAN it may name one twice, but not if one reply was all.
    const bool is_whole = current_.cursor.empty() && next_cursor_ == "0";
    if (!is_whole && !members_[current_.key].Insert(text)) {
      return;
    }
    row_.Clear();
    row_.Set(0, text);
    CountValue();
    AddRow(current_.key, &row_);
  }

  void CountValue() {
    ++num_values_;
    value_bytes_ += row_.num_bytes();
  }

  void EndReply() {
    switch (current_.command) {
      case Command::kKeys:
        if (const std::string* const key = parts_.keys->EndReply()) {
          TakeKey(*key);
        }
        return;
      case Command::kFields:
        EndFields();
        return;
      case Command::kAllFields:
        EndAllFields();
        return;
      case Command::kMembers:
        if (next_cursor_ != "0") {
          retries_.push_back({Command::kMembers, std::move(current_.key), {}, next_cursor_});
        } else {
          members_.erase(current_.key);
        }
        return;
      case Command::kType:
        if (found_any_) {
          AddRow(current_.key, &row_);
        }
        return;
      default:
        return;
    }
  }

  void EndFields() {
    CountValue();
    bool has_all = true;
    for (size_t i = 0; i < columns_.size(); ++i) {
      has_all = has_all && row_.Get(i).has_value();
    }
    CountHash(has_all);
    if (has_all || (found_any_ && parts_.source.field_match == FieldMatch::kExact)) {
      AddRow(current_.key, &row_);
    } else if (parts_.source.field_match == FieldMatch::kExact) {
      // A hash without any of the fields, or no hash any more.
      retries_.push_back({Command::kType, std::move(current_.key), {}, ""});
    } else {
      retries_.push_back({Command::kAllFields, std::move(current_.key), {}, ""});
    }
  }

  void EndAllFields() {
    CountValue();
    if (hash_row_.num_fields() == 0) {
      return;  // it has vanished
    }
    if (reads_all_fields_) {
      CountHash(hash_row_.all_exact());
    }
    if (absl::Status status = hash_row_.Check(current_.key); !status.ok()) {
      status_ = Annotate(status, absl::StrCat("Table '", parts_.source.name.ToString(), "': "));
      return;
    }
    AddRow(current_.key, &row_);
  }

  // Where most hashes lack a field under its exact name, one HGETALL is cheaper than HMGET and then
  // HGETALL.
  void CountHash(bool has_all) {
    ++num_hashes_;
    num_lacking_ += has_all ? 0 : 1;
    if (num_hashes_ == kHashSampleRows) {
      reads_all_fields_ =
          parts_.source.field_match == FieldMatch::kFolded && num_lacking_ > kHashSampleRows / 2;
      num_hashes_ = 0;
      num_lacking_ = 0;
    }
  }

  absl::Status OnErrorReply(ConnectionPool::Lease& session, const std::string& error) {
    const bool busy = absl::StartsWith(error, "BUSY") || absl::StartsWith(error, "TRYAGAIN");
    if (busy) {
      busy_ = session->ToStatus(error);
    }
    if (current_.command == Command::kKeys) {
      if (parts_.keys->OnError(error, busy)) {
        return absl::OkStatus();
      }
    } else if (busy) {
      retries_.push_back(std::move(current_));
      return absl::OkStatus();
    } else if (absl::StartsWith(error, "WRONGTYPE")) {
      ++num_skipped_;
      return absl::OkStatus();
    }
    if (parts_.source.server.cluster &&
        (absl::StartsWith(error, "MOVED") || absl::StartsWith(error, "ASK"))) {
      return absl::UnavailableError(absl::StrCat(
          "Redis server ", session->host().ToString(),
          ": slots of the cluster were moved while they were read; run the query again"));
    }
    return session->ToStatus(error);
  }

  absl::Status Finish() {
    if (num_skipped_ > 0) {
      spdlog::warn("redis: {}: {} keys hold another type than {} and were skipped",
                   parts_.source.name.ToString(), num_skipped_,
                   ServerType(parts_.source.value_type));
    }
    if (parts_.slots && parts_.checks_slots && !EnoughRows()) {
      return CheckSlots(parts_.context, **parts_.session, *parts_.slots);
    }
    return absl::OkStatus();
  }

  Parts parts_;
  const Command first_command_;
  const std::vector<std::string> columns_;
  const std::string field_words_;

  std::deque<std::string> keys_;     // whose values were not asked for
  std::deque<Request> retries_;      // to be asked before those
  std::deque<Request> outstanding_;  // asked for
  size_t keys_asked_ = 0;            // outstanding replies of the key source
  std::string commands_;
  KeySet seen_;
  std::map<std::string, KeySet> members_;  // of the sorted sets that are being read in pieces

  // The reply that is being read.
  Request current_;
  RowTexts row_;
  HashRow hash_row_;
  std::string next_cursor_;
  bool found_any_ = false;
  std::optional<std::string> error_;

  absl::Status status_;  // of a row
  absl::Status busy_;    // why commands are to be sent again
  int num_busy_ = 0;
  int64_t repeats_ = 0;
  std::string repeated_key_;

  int64_t num_rows_ = 0;
  int64_t num_commands_ = 0;
  int64_t num_skipped_ = 0;
  int64_t num_values_ = 0;
  int64_t value_bytes_ = 0;
  int64_t num_hashes_ = 0;
  int64_t num_lacking_ = 0;
  bool reads_all_fields_ = false;
  bool finished_ = false;
  int64_t received_before_ = 0;
  std::atomic<int64_t> bytes_received_ = 0;
};

// Where the keys of `split` come from.
std::unique_ptr<KeySource> MakeKeySource(const SourceTable& source, const ScanPlan& plan,
                                         const KeySplit& split, size_t pattern,
                                         int64_t scan_count) {
  const KeyFilter& filter = plan.filter;
  if (source.key_mode == KeyMode::kZset) {
    if (const auto& points = filter.points()) {
      return MemberKeys(split.keys, *points);
    }
    return RangeKeys(split.keys, split.start, split.end);
  }
  if (filter.points()) {
    return KnownKeys(PointsOf(source, pattern, filter));
  }
  const std::optional<Glob> narrowed = Narrow(source.patterns[pattern], filter);
  return narrowed
             ? ScanKeys(narrowed->pattern(), std::string(ServerType(source.value_type)), scan_count)
             : KnownKeys({});
}

// The node of `split`, which must still serve the slots that it did when the split was planned; and
// the one that has the sorted set of the keys.
absl::Status OpenClusterSessions(const sdk::RequestContext& context, ConnectionPool& pool,
                                 const ServerOptions& server, const KeySplit& split, Parts& parts) {
  ASSIGN_OR_RETURN(parts.slots, SlotSet::Parse(split.slots));
  std::vector<ClusterNode> nodes;
  {
    ASSIGN_OR_RETURN(const auto any, pool.Open(context, server));
    ASSIGN_OR_RETURN(nodes, ReadTopology(context, **any));
  }
  for (const ClusterNode& node : nodes) {
    if (node.address.ToString() == split.node) {
      ASSIGN_OR_RETURN(parts.session, pool.Open(context, server, node.address));
    }
    if (parts.source.key_mode == KeyMode::kZset && node.slots.Contains(SlotOf(split.keys))) {
      ASSIGN_OR_RETURN(parts.key_session, pool.Open(context, server, node.address));
    }
  }
  if (parts.session == nullptr) {
    return absl::UnavailableError(
        absl::StrCat("Redis server ", split.node,
                     ": it is no primary of the cluster any more; run the "
                     "query again"));
  }
  return CheckSlots(context, **parts.session, *parts.slots);
}

}  // namespace

absl::StatusOr<std::unique_ptr<sdk::RecordBatchStream>> ReadSplit(
    const sdk::RequestContext& context, ReaderEnvironment environment, const sdk::Table& table,
    const sdk::Scan& scan, const sdk::Split& split) {
  RETURN_IF_ERROR(context.Check());
  ASSIGN_OR_RETURN(SourceTable source, SourceTable::Make(table, environment.options));
  ASSIGN_OR_RETURN(const KeySplit piece, ParseSplit(source, split));
  ASSIGN_OR_RETURN(ScanPlan plan, PlanScan(source, table, scan));
  ASSIGN_OR_RETURN(RowWriter writer, RowWriter::Make(source, table, scan));
  ASSIGN_OR_RETURN(const ServerOptions server, environment.metadata.ServerOf(context, source));
  Parts parts{.context = context,
              .source = std::move(source),
              .plan = std::move(plan),
              .writer = std::move(writer),
              .session = nullptr,
              .key_session = nullptr,
              .keys = nullptr,
              .slots = std::nullopt};
  const bool by_pattern = parts.source.key_mode == KeyMode::kPattern;
  if (by_pattern) {
    const auto pattern =
        std::find_if(parts.source.patterns.begin(), parts.source.patterns.end(),
                     [&](const Glob& glob) { return glob.pattern() == piece.keys; });
    parts.pattern = static_cast<size_t>(pattern - parts.source.patterns.begin());
  }
  parts.keys =
      MakeKeySource(parts.source, parts.plan, piece, parts.pattern, environment.options.scan_count);
  const bool is_scan = by_pattern && !parts.plan.filter.points();
  parts.may_repeat_keys = !parts.plan.filter.points();
  if (server.cluster) {
    RETURN_IF_ERROR(OpenClusterSessions(context, environment.pool, server, piece, parts));
    parts.checks_slots = is_scan;
  } else {
    ASSIGN_OR_RETURN(parts.session, environment.pool.Open(context, server));
  }
  return std::make_unique<SplitReader>(std::move(parts));
}

}  // namespace pallas::redis
