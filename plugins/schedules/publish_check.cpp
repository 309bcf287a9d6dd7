#include "plugins/schedules/publish_check.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "engine/schema/secret_reference.h"
#include "engine/workflows/payload_schemas.h"
#include "engine/workflows/schema_diff.h"

namespace carillon::schedules {
namespace {

constexpr int kPageRows = 400;
constexpr std::size_t kPagesWaiting = 4;  ///< read and not yet checked; more would only fill the memory

using Digest = std::pair<std::uint64_t, std::uint64_t>;
struct DigestHash {
  std::size_t operator()(const Digest& d) const { return static_cast<std::size_t>(d.first); }
};

/// 128 bits of a text: two lanes with different secrets, each folding 8 bytes a step through a 128-bit product.
Digest digest_of(std::string_view text, const Digest& secret) {
  std::uint64_t a = secret.first ^ text.size(), b = secret.second + text.size();
  auto fold = [](std::uint64_t x, std::uint64_t y) {
    const auto product = static_cast<unsigned __int128>(x) * y;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  auto step = [&](std::uint64_t word) {
    a = fold(a ^ word ^ 0x9e3779b97f4a7c15ull, 0xd1342543de82ef95ull ^ b) + secret.second;
    b = fold(b ^ (word * 0xaf251af3b0f025b5ull), 0x2545f4914f6cdd1dull ^ secret.first) ^ word;
  };
  std::size_t i = 0;
  for (std::uint64_t word = 0; i + 8 <= text.size(); i += 8) {
    std::memcpy(&word, text.data() + i, 8);
    step(word);
  }
  std::uint64_t tail = 0;
  std::memcpy(&tail, text.data() + i, text.size() - i);
  step(tail);
  step(0x5851f42d4c957f2dull);
  return {a, b};
}

/// Results by key, shared by the threads. Two threads may work out the same one at once; both come to the same.
template <class Key, class Value, class Hash = std::hash<Key>>
class SharedMemo {
 public:
  template <class Make>
  Value get(const Key& key, Make&& make) {
    {
      std::lock_guard lock(mutex_);
      if (auto it = known_.find(key); it != known_.end()) return it->second;
    }
    Value value = make();
    std::lock_guard lock(mutex_);
    return known_.emplace(key, std::move(value)).first->second;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<Key, Value, Hash> known_;
};

struct PayloadFinding {
  bool changed = false, fits_with_defaults = false;
  Misfit misfit;
  std::shared_ptr<const std::string> migrated;
};

/// Checks pages as they come. add() blocks while enough are waiting.
class PageChecker {
 public:
  PageChecker(const Fitter& fitter, const PublishIntent& intent, const CheckOptions& options)
      : fitter_(fitter), progress_(intent.progress), fixes_(intent.fixes), defaults_(options.defaults), keep_bytes_(options.keep_bytes),
        secret_(fnv1a(intent.who.request_id, reinterpret_cast<std::uintptr_t>(this)), fnv1a(intent.who.request_id) ^ reinterpret_cast<std::uintptr_t>(&fitter)) {
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    most_ = options.threads > 0 ? options.threads : std::clamp(cores, 1, 8);
  }
  /// The only page there is needs no thread.
  void check_here(std::vector<PublishRow> rows) { check(std::move(rows), here_); }
  void add(std::vector<PublishRow> rows) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return waiting_.size() < kPagesWaiting || failure_; });
    waiting_.push_back(std::move(rows));
    if (static_cast<int>(threads_.size()) < most_) threads_.emplace_back([this] { work(); });
    lock.unlock();
    work_.notify_one();
  }
  /// Waits for what is under way. The first exception of a thread is thrown here.
  std::vector<CheckedSchedule> finish() {
    close();
    if (failure_) std::rethrow_exception(failure_);
    return std::move(done_);
  }
  ~PageChecker() { close(); }

 private:
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    work_.notify_all();
    threads_.clear();
  }
  void work() {
    try {
      schema::TextValidator validator;
      while (true) {
        std::unique_lock lock(mutex_);
        work_.wait(lock, [this] { return !waiting_.empty() || closed_; });
        if (waiting_.empty()) return;
        std::vector<PublishRow> rows = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        room_.notify_one();
        check(std::move(rows), validator);
      }
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      waiting_.clear();
      room_.notify_all();
    }
  }
  void check(std::vector<PublishRow> rows, schema::TextValidator& validator) {
    std::vector<CheckedSchedule> out;
    out.reserve(rows.size());
    for (auto& row : rows) {
      CheckedSchedule c{row.id, std::move(row.name), row.revision, row.status, row.invalid, false, false, false, false, {}, {}, row.due_at};
      c.over = row.status == Status::completed || row.status == Status::expired;
      c.trusted = !c.over && !row.payload;
      if (!c.over) c.misfit = timing(row);
      if (row.payload && !c.over) {
        const PayloadFix* fix = fixes_ ? fixes_->find(row.id.to_string()) : nullptr;
        const PayloadFinding found = fix ? fixed(*row.payload, *fix, validator) : payload(*row.payload, validator);
        c.changed = found.changed;
        c.migrated = found.migrated;
        if (found.misfit) c.misfit = found.misfit;
        c.fits_with_defaults = found.fits_with_defaults;
      }
      if (c.misfit) c.changed = false;
      out.push_back(std::move(c));
    }
    progress_.done += static_cast<std::int64_t>(out.size());
    std::lock_guard lock(mutex_);
    done_.insert(done_.end(), std::make_move_iterator(out.begin()), std::make_move_iterator(out.end()));
  }
  PayloadFinding payload(const std::string& text, schema::TextValidator& validator) {
    return payloads_.get(digest_of(text, secret_), [&] {
      Fitter::Outcome outcome = fitter_.payload(text, validator);
      PayloadFinding found{outcome.changed, outcome.misfit && defaults_ && fitter_.fits_with_defaults(text, validator), outcome.misfit, {}};
      if (outcome.changed && !outcome.misfit && (keep_bytes_ -= static_cast<std::int64_t>(outcome.payload.size())) >= 0)
        found.migrated = std::make_shared<const std::string>(std::move(outcome.payload));
      return found;
    });
  }
  PayloadFinding fixed(const std::string& text, const PayloadFix& fix, schema::TextValidator& validator) {
    const Fitter::Outcome outcome = fitter_.fixed(text, fix, validator);
    return {outcome.changed, false, outcome.misfit, {}};
  }
  Misfit timing(const PublishRow& row) {
    std::string key = row.timing;
    for (const auto& bound : {row.bounds.start, row.bounds.end}) key += "|" + (bound ? std::to_string(bound->us) : "");
    return timings_.get(key, [&] { return fitter_.timing(timing_from_stored(parse_stored_json(row.timing)), row.bounds); });
  }

  const Fitter& fitter_;
  PublishProgress& progress_;
  const PayloadFixes* fixes_;
  bool defaults_;
  std::atomic<std::int64_t> keep_bytes_;  ///< still free
  Digest secret_;  ///< differs from publish to publish, so that nobody can prepare two payloads of one digest
  int most_ = 1;
  SharedMemo<Digest, PayloadFinding, DigestHash> payloads_;
  SharedMemo<std::string, Misfit> timings_;
  schema::TextValidator here_;
  std::mutex mutex_;
  std::condition_variable work_, room_;
  bool closed_ = false;
  std::exception_ptr failure_;
  std::deque<std::vector<PublishRow>> waiting_;
  std::vector<CheckedSchedule> done_;
  std::vector<std::jthread> threads_;
};

}  // namespace

Fitter::Fitter(const schema::Schema* schema, std::int64_t version, const PayloadMigration* migration, const ZoneDatabase& zones, Instant now,
               Redactor redactor)
    : schema_(schema), migration_(migration), zones_(zones), now_(now), redactor_(std::move(redactor)) {
  if (schema == nullptr)
    no_schema_ = std::make_shared<const Error>(Error{ErrorCode::invalid, "NO_PAYLOAD_SCHEMA",
                                                     "Version " + std::to_string(version) + " pins no payload schema.", "", "",
                                                     "Publish a version with input.schema.", {}});
}

Misfit Fitter::check(const std::string& text, schema::TextValidator& validator) const {
  if (schema_ == nullptr) return no_schema_;
  // Most fit, and asking only whether they do is quicker. Secret references are looked at more closely.
  if (!schema::may_hold_secrets(text) && text.find("$redacted\"") == std::string::npos) {
    if (auto verdict = validator.verdict(*schema_, text); verdict && *verdict == schema::Verdict::valid) return {};
  }
  if (auto status = check_payload(*schema_, parse_stored_json(text), "/payload"); !status)
    return std::make_shared<const Error>(std::move(status).error());
  return {};
}

Fitter::Outcome Fitter::migrated(const std::string& text, schema::TextValidator& validator) const {
  const Json payload = parse_stored_json(text);
  auto made = migration_->apply(payload, now_);
  if (!made) {
    Error error = std::move(made).error();
    // jq quotes what it fails on.
    if (!redactor_.idle() && !redactor_.places(payload).empty())
      error.message = "The operation at " + error.field + " does not apply to this payload; why is not told, because it has hidden values.";
    return {text, false, std::make_shared<const Error>(std::move(error))};
  }
  std::string next = dump_json(*made);
  if (auto misfit = check(next, validator)) return {text, false, misfit};
  const bool changed = next != text;
  return {std::move(next), changed, {}};
}

Fitter::Outcome Fitter::payload(const std::string& text, schema::TextValidator& validator) const {
  ++checked_;
  return migration_ && schema_ ? migrated(text, validator) : Outcome{text, false, check(text, validator)};
}

Fitter::Outcome Fitter::fixed(const std::string& text, const PayloadFix& fix, schema::TextValidator& validator) const {
  std::string payload = fix.payload;
  if (!redactor_.idle()) {
    // Whoever may not see a value sends its placeholder back.
    const Json stored = parse_stored_json(text);
    auto meant = restore_hidden(parse_stored_json(payload), &stored, redactor_, redactor_, "");
    if (!meant) return {text, false, std::make_shared<const Error>(std::move(meant).error())};
    payload = dump_json(*meant);
  }
  if (auto misfit = check(payload, validator)) return {text, false, misfit};
  const bool changed = payload != text;
  return {std::move(payload), changed, {}};
}

Misfit Fitter::timing(const Timing& timing, const Bounds& bounds) const {
  auto recurrence = compile(timing, bounds, zones_);
  return recurrence ? Misfit() : std::make_shared<const Error>(std::move(recurrence).error());
}

bool Fitter::fits_with_defaults(const std::string& text, schema::TextValidator& validator) const {
  if (schema_ == nullptr) return false;
  Json payload = parse_stored_json(text);
  if (migration_) {
    auto made = migration_->apply(std::move(payload), now_);
    if (!made) return false;
    payload = std::move(*made);
  }
  return !check(dump_json(with_defaults(schema_->document(), std::move(payload))), validator);
}

Result<std::vector<CheckedSchedule>> check_schedules(Tx& tx, PublishStore& store, const PublishIntent& intent, const Fitter& fitter,
                                                     const CheckOptions& options) {
  PublishProgress& progress = intent.progress;
  progress.phase = PublishProgress::Phase::reading;
  progress.done = 0;
  const TenantId tenant = intent.who.tenant;
  CARILLON_TRY(const std::int64_t total, store.count(tx, tenant, intent.workflow.id));
  progress.total = total;
  progress.phase = PublishProgress::Phase::validating;
  PublishRead read{tenant, intent.workflow.id, {}, "", kPageRows};
  if (intent.same_payloads && intent.migration == nullptr && intent.fixes == nullptr) read.trusted_version = intent.workflow.latest_version;
  PageChecker checker(fitter, intent, options);
  for (bool first = true;; first = false) {
    CARILLON_TRY(auto rows, store.read(tx, read));
    const bool last = static_cast<int>(rows.size()) < read.limit;
    if (!rows.empty()) read.after = rows.back().name;
    if (first && last) checker.check_here(std::move(rows));
    else if (!rows.empty()) checker.add(std::move(rows));
    if (last) break;
  }
  std::vector<CheckedSchedule> out = checker.finish();
  // Renamed between two pages: seen under both names. The later reading counts.
  std::ranges::sort(out, [](const auto& a, const auto& b) { return a.id != b.id ? a.id < b.id : a.revision > b.revision; });
  const auto twice = std::ranges::unique(out, {}, &CheckedSchedule::id);
  out.erase(twice.begin(), twice.end());
  return out;
}

}  // namespace carillon::schedules
