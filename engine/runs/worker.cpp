#include "engine/runs/worker.h"

#include <algorithm>

#include "engine/runs/run_events.h"

namespace carillon {
namespace {

/// While many start, and this long after, ends are left for later; they are stored this late and this many are kept at most.
constexpr Duration kManyMayFollow{100'000}, kEndsWait{1'000'000};
/// Ends that can wait are stored in portions, so that what is to start meanwhile does not wait for all of them.
constexpr std::size_t kEndsTogether = 500;

RunState state_of(Terminal::Kind kind) {
  switch (kind) {
    case Terminal::Kind::succeeded: return RunState::succeeded;
    case Terminal::Kind::failed: return RunState::failed;
    case Terminal::Kind::timed_out: return RunState::timed_out;
    case Terminal::Kind::cancelled: return RunState::cancelled;
  }
  return RunState::failed;
}

/// The error of a run or of a try as the API shows it: the DSL error with the task it comes from as `step`.
std::string stored_error(const RunError& error, const RunVeil* veil = nullptr) {
  Json out = (veil ? veil->stored(error) : error).to_json();
  out["step"] = error.instance;
  return dump_json(out);
}

std::string stored_value(const Json& value, const RunVeil* veil) { return veil ? veil->stored(dump_json(value)) : dump_json(value); }

StoredStep stored_step(const StepRecord& step, const RunVeil* veil) {
  StoredStep out;
  out.ordinal = static_cast<int>(step.step);
  out.path = step.path;
  out.name = step.name;
  out.type = step.type;
  out.attempt = step.attempt;
  out.state = to_string(step.state);
  out.started_at = step.started;
  out.ended_at = step.ended;
  if (!step.input.is_null()) out.input = stored_value(step.input, veil);
  if (!step.output.is_null()) out.output = stored_value(step.output, veil);
  if (step.error) out.error = stored_error(*step.error, veil);
  return out;
}

/// Whether the end of what ended in its first step may be stored later: somebody may wait for those of a backfill, and an
/// interval may come again within the second.
bool may_wait(const RunProgress& p) {
  return is_terminal(p.state) && p.provenance.reason != "backfill" && p.provenance.timing_kind != "interval";
}

/// `$runtime` of a run: what is known about why it exists, never part of its input.
Json runtime_of(const ClaimedRun& run) {
  return {{"name", "carillon"}, {"metadata", {{"run_id", run.id.to_string()}, {"provenance", to_json(run.provenance)}}}};
}

}  // namespace

Worker::Worker(Database& db, RunStore& runs, RunHandover& handover, ProgramCache& programs, OutboundHttp& outbound, const Clock& clock, IdSource& ids,
               SecretStore& secrets, Redaction& redaction, std::vector<RunHook*> hooks, Metrics& metrics, Logger& log, WorkerOptions options, std::function<void()> wake)
    : db_(db), runs_(runs), programs_(programs), outbound_(outbound), clock_(clock), ids_(ids), secrets_(secrets),
      redaction_(redaction), hooks_(std::move(hooks)), log_(log),
      options_(options), wake_(std::move(wake)),
      claimed_total_(metrics.counter("carillon_runs_claimed_total", "Runs this node has taken")),
      ended_total_(metrics.counter("carillon_runs_ended_total", "Runs this node has brought to an end")),
      lost_total_(metrics.counter("carillon_leases_lost_total", "Runs another node took over from this one")),
      start_delay_(metrics.histogram("carillon_run_start_delay_seconds", "From creation of a run to its first claim")),
      seat_(handover, options.node, options.lease, wake_) {}

Worker::~Worker() {
  for (auto& [_, active] : active_)
    for (auto& [effect, ticket] : active.calls) outbound_.cancel(ticket);
}

Duration Worker::tick() {
  take_answers();
  fire_timers();
  if (!commit_and_claim()) return options_.longest_wait;
  renew_leases();
  held_ = static_cast<int>(active_.size());
  return pause();
}

Duration Worker::pause() const {
  if (claimed_full_) return Duration{0};
  Duration wait = options_.longest_wait;
  if (!outgoing_.empty()) wait = std::min(wait, ends_wait());
  if (next_visible_ && !draining_ && static_cast<int>(active_.size()) < options_.concurrency) wait = std::min(wait, *next_visible_ - now());
  for (const auto& [_, active] : active_)
    if (auto due = active.state.next_due()) wait = std::min(wait, *due - now());
  return std::max(wait, Duration{0});
}

void Worker::take_answers() {
  std::deque<Answer> answers;
  {
    std::lock_guard lock(inbox_mutex_);
    answers.swap(inbox_);
  }
  for (auto& answer : answers) {
    auto it = active_.find(answer.run);
    if (it == active_.end() || it->second.claimed.epoch != answer.epoch) continue;
    if (it->second.calls.erase(answer.effect) == 0) continue;
    HttpOutcome& o = answer.outcome;
    if (it->second.veil) it->second.veil->received(o);
    step(it->second, HttpCompleted{answer.effect, o.status, std::move(o.headers), std::move(o.body), std::move(o.error), now()});
  }
}

void Worker::fire_timers() {
  const Instant at = now();
  std::vector<RunId> due;
  for (const auto& [id, active] : active_)
    if (auto next = active.state.next_due(); next && *next <= at) due.push_back(id);
  for (const RunId& id : due) {
    Active& active = active_.at(id);
    std::vector<EffectId> timers;
    for (const auto& pending : active.state.pending)
      if (const auto* wait = std::get_if<Wait>(&pending.effect); wait && wait->until <= at) timers.push_back(wait->id);
    for (EffectId timer : timers) step(active, TimerFired{timer, at});
  }
}

void Worker::step(Active& active, const RunEvent& event) {
  const RunId id = active.claimed.id;
  // Ended, though not stored yet: whatever comes later must not write over the end.
  if (auto it = outgoing_.find(id); it != outgoing_.end() && is_terminal(it->second.progress.state)) return;
  Advance next = advance(active.version->program, std::move(active.state), event);
  active.state = std::move(next.state);
  Outgoing& out = outgoing_[id];
  RunProgress& p = out.progress;
  p.tenant = active.claimed.tenant;
  p.id = id;
  p.workflow = active.claimed.workflow;
  p.epoch = active.claimed.epoch;
  p.provenance = active.claimed.provenance;
  p.started_at = active.started_at;
  for (const auto& record : next.steps) {
    StoredStep stored = stored_step(record, active.veil.get());
    auto same = std::ranges::find(p.steps, stored.ordinal, &StoredStep::ordinal);
    if (same == p.steps.end()) p.steps.push_back(std::move(stored));
    else *same = std::move(stored);
  }
  for (auto& effect : next.effects) out.effects.push_back(std::move(effect));
  if (next.terminal) return end(active, *next.terminal, p);
  p.checkpoint = dump_json(active.state.to_json());
  if (active.state.awaits_http()) {
    p.state = RunState::running;
    p.lease_until = now() + options_.lease;
  } else {
    p.state = RunState::waiting;
    p.wake_at = active.state.next_due();
  }
}

void Worker::end(const Active& active, const Terminal& terminal, RunProgress& p) {
  p.state = state_of(terminal.kind);
  p.checkpoint.clear();
  p.ended_at = std::max(now(), active.started_at.value_or(Instant{0}));
  if (terminal.error) p.error = stored_error(*terminal.error, active.veil.get());
  if (terminal.kind != Terminal::Kind::succeeded) return;
  p.output = stored_value(terminal.output, active.veil.get());
  const auto& schema = active.version->output_schema;
  if (!schema) return;
  auto violations = schema->validate(terminal.output);
  if (violations && violations->empty()) return;
  const std::string why = violations ? violations->front().instance + " " + violations->front().message : violations.error().message;
  p.state = RunState::failed;
  p.error = stored_error(RunError{std::string(error_type::kValidation), 422, "The output does not fit the output schema", why, "/"}, active.veil.get());
}

std::optional<NewRun> Worker::retry_of(const RunProgress& ended, Instant now) {
  if (ended.state != RunState::failed && ended.state != RunState::timed_out) return std::nullopt;
  auto it = active_.find(ended.id);
  if (it == active_.end() || it->second.claimed.settings.retries <= 0 || it->second.cancel_seen) return std::nullopt;
  const ClaimedRun& old = it->second.claimed;
  NewRun run;
  run.tenant = old.tenant;
  run.id = ids_.make<RunId>();
  run.workflow = old.workflow;
  run.version = old.version;
  run.priority = old.priority;
  run.input = old.input;
  run.created_at = now;
  run.not_before = now + old.settings.retry_delay;
  run.settings = old.settings;
  --run.settings.retries;
  run.settings.retry_delay = std::min(2 * old.settings.retry_delay, kLongestRetryDelay);
  run.provenance = old.provenance;
  run.provenance.reason = "retry";
  run.provenance.retry_of = old.id;
  return run;
}

Result<std::vector<RunId>> Worker::store(Tx& tx, std::span<const RunProgress> batch) {
  CARILLON_TRY(auto stored, runs_.progress(tx, batch));
  std::ranges::sort(stored);
  std::vector<FinishedRun> finished;
  std::vector<NewRun> retries;
  for (const auto& p : batch) {
    if (!std::ranges::binary_search(stored, p.id)) continue;
    tx.emit(p.tenant, progress_event(p));
    if (!is_terminal(p.state)) continue;
    finished.push_back({p.tenant, p.id, p.workflow, p.state, p.provenance, p.started_at, p.ended_at.value_or(tx.now()), p.error, {}});
    if (auto retry = retry_of(p, tx.now())) {
      finished.back().retried_by = retry->id;
      tx.emit(p.tenant, created_event(*retry));
      retries.push_back(std::move(*retry));
    }
  }
  CARILLON_CHECK(runs_.insert(tx, retries));
  if (!finished.empty())
    for (RunHook* hook : hooks_) CARILLON_CHECK(hook->on_finished(tx, finished));
  return stored;
}

Duration Worker::ends_wait() const {
  if (!took_many_at_ || draining_ || outgoing_.size() >= options_.ends_kept) return Duration{0};
  if (!std::ranges::all_of(outgoing_, [](const auto& entry) { return entry.second.can_wait; })) return Duration{0};
  return std::min(*took_many_at_ + kManyMayFollow, outgoing_since_ + kEndsWait) - now();
}

int Worker::places() const {
  // With the next commit, or as soon as there is nothing more to start.
  const auto leaves = [this](const auto& entry) {
    const RunState state = entry.second.progress.state;
    return active_.contains(entry.first) && (is_terminal(state) || state == RunState::waiting);
  };
  return options_.concurrency - static_cast<int>(active_.size()) + static_cast<int>(std::ranges::count_if(outgoing_, leaves));
}

void Worker::collect_handed() {
  std::ranges::move(seat_.collect(), std::back_inserter(handed_));
  // Somebody else may be about to take over what has lain here for long.
  std::erase_if(handed_, [this](const ClaimedRun& run) { return now() - run.created_at > options_.lease / 2; });
}

Status Worker::adopt(Tx& tx, std::span<const ClaimedRun> taken, std::vector<Active>& adopted, std::vector<std::pair<ClaimedRun, Error>>& unrunnable) {
  for (const auto& run : taken) {
    auto version = programs_.get(tx, run.tenant, run.workflow, run.version);
    if (!version && version.error().code == ErrorCode::unavailable) return version.error();
    if (version) adopted.push_back({run, *version, {}, {}, run.started_at, false, nullptr});
    else unrunnable.emplace_back(run, version.error());
  }
  return ok();
}

bool Worker::commit_and_claim() {
  std::vector<RunProgress> batch;
  if (ends_wait() <= Duration{0})
    for (const auto& [id, out] : outgoing_)
      if (!out.can_wait || batch.size() < kEndsTogether) batch.push_back(out.progress);
  collect_handed();
  const int room = draining_ ? 0 : std::clamp(places() - static_cast<int>(handed_.size()), 0, options_.claim_batch);
  std::vector<RunId> stored;
  std::vector<ClaimedRun> claimed;
  std::vector<Active> adopted;
  std::vector<std::pair<ClaimedRun, Error>> unrunnable;
  ReadSecrets secrets;
  std::optional<Instant> next_visible;
  Status status = db_.in_system([&](Tx& tx) -> Status {
    stored.clear();
    claimed.clear();
    adopted.clear();
    unrunnable.clear();
    observe(tx.now());
    if (!batch.empty()) {
      CARILLON_TRY(stored, store(tx, batch));
    }
    if (room > 0) {
      CARILLON_TRY(claimed, runs_.claim(tx, options_.node, tx.now() + options_.lease, room));
    }
    CARILLON_CHECK(adopt(tx, handed_, adopted, unrunnable));
    CARILLON_CHECK(adopt(tx, claimed, adopted, unrunnable));
    CARILLON_CHECK(veil(tx, adopted));
    CARILLON_TRY(secrets, read_secrets(tx, adopted));
    if (static_cast<int>(claimed.size()) < room) {
      CARILLON_TRY(next_visible, runs_.next_wake(tx));
    }
    return ok();
  });
  if (!status) {
    log_.warn("worker cannot reach the database", {{"reason", status.error().reason}});
    return false;
  }
  next_visible_ = next_visible;
  claimed_full_ = room > 0 && static_cast<int>(claimed.size()) == room;
  const std::size_t taken = claimed.size() + handed_.size();
  handed_.clear();
  if (8 * static_cast<int>(taken) >= options_.claim_batch) took_many_at_ = now();
  claimed_total_.add(static_cast<std::int64_t>(taken));

  learn(secrets, adopted);
  std::map<RunId, Outgoing> done;
  for (const auto& p : batch) done.insert(outgoing_.extract(p.id));
  if (outgoing_.empty()) outgoing_since_ = now();
  for (auto& [id, out] : done) {
    auto it = active_.find(id);
    if (it == active_.end()) continue;
    if (!std::ranges::binary_search(stored, id)) {
      lost_total_.add();
      log_.warn("lease lost", {{"run", id.to_string()}});
      release(id);
    } else if (is_terminal(out.progress.state)) {
      ended_total_.add();
      perform(it->second, out.effects);
      release(id);
    } else if (out.progress.state == RunState::waiting) {
      release(id);
      if (out.progress.wake_at && (!next_visible_ || *out.progress.wake_at < *next_visible_)) next_visible_ = out.progress.wake_at;
    } else {
      perform(it->second, out.effects);
    }
  }
  for (auto& active : adopted) begin(std::move(active));
  for (auto& [run, error] : unrunnable) fail_unrunnable(run, error);
  // Whatever waits in the queue goes first.
  seat_.offer(draining_ || claimed_full_ ? 0 : std::max(places(), 0));
  return true;
}

void Worker::begin(Active active) {
  if (!active.claimed.checkpoint.empty()) return resume(std::move(active));
  const RunId id = active.claimed.id;
  auto [it, _] = active_.insert_or_assign(id, std::move(active));
  Active& placed = it->second;
  // Asked to end before it began: it does nothing at all.
  if (placed.claimed.cancel_requested) return cancel(placed);
  placed.started_at = now();
  start_delay_.observe(static_cast<double>((now() - placed.claimed.created_at).count()) / 1e6);
  Started started;
  started.run_id = id.to_string();
  started.run_key = id.to_string();
  started.input = placed.veil ? placed.veil->input() : parse_stored_json(placed.claimed.input);
  started.runtime = runtime_of(placed.claimed);
  started.default_timeout = options_.default_timeout;
  if (placed.claimed.settings.timeout > Duration{0}) started.timeout = placed.claimed.settings.timeout;
  started.now = now();
  step(placed, started);
  Outgoing& out = outgoing_[id];
  out.can_wait = may_wait(out.progress);
}

void Worker::cancel(Active& active) {
  active.cancel_seen = true;
  step(active, CancelRequested{"A user asked for it.", now()});
}

void Worker::resume(Active active) {
  auto state = InterpreterState::from_json(parse_stored_json(active.claimed.checkpoint));
  if (!state) return fail_unrunnable(active.claimed, state.error());
  active.state = std::move(*state);
  if (active.veil) active.veil->resume(active.state.input);
  const RunId id = active.claimed.id;
  auto [it, _] = active_.insert_or_assign(id, std::move(active));
  Active& placed = it->second;
  if (placed.claimed.cancel_requested) return cancel(placed);
  perform(placed, outstanding(placed.version->program, placed.state));
}

void Worker::perform(Active& active, const std::vector<Effect>& effects) {
  for (const auto& effect : effects) {
    if (const auto* call = std::get_if<HttpCall>(&effect)) {
      send(active, *call);
    } else if (const auto* abandon = std::get_if<Abandon>(&effect)) {
      auto it = active.calls.find(abandon->id);
      if (it == active.calls.end()) continue;
      outbound_.cancel(it->second);
      active.calls.erase(it);
    }
    // Timers need no action: they stand in the state, and fire_timers reads them there.
  }
}

void Worker::send(Active& active, const HttpCall& call) {
  const auto post = [this, run = active.claimed.id, epoch = active.claimed.epoch, id = call.id](HttpOutcome outcome) {
    {
      std::lock_guard lock(inbox_mutex_);
      inbox_.push_back({run, epoch, id, std::move(outcome)});
    }
    wake_();
  };
  if (!active.veil) {
    active.calls[call.id] = outbound_.start(call, post);
    return;
  }
  auto sent = active.veil->sent(call);
  active.calls[call.id] = sent ? outbound_.start(*sent, post) : OutboundHttp::Ticket{};
  if (!sent) post({0, {}, "", TransportError{sent.error().reason, sent.error().message + " " + sent.error().remedy}});
}

void Worker::release(RunId id) {
  auto it = active_.find(id);
  if (it == active_.end()) return;
  for (auto& [_, ticket] : it->second.calls) outbound_.cancel(ticket);
  active_.erase(it);
}

void Worker::renew_leases() {
  if (active_.empty() || now() < next_renewal_) return;
  next_renewal_ = now() + std::min(options_.lease / 3, Duration{1'000'000});
  std::vector<RunStore::LeaseKey> keys;
  for (const auto& [id, active] : active_) keys.push_back({active.claimed.tenant, id, active.claimed.epoch});
  std::vector<RunStore::LeaseAnswer> answers;
  Status status = db_.in_system([&](Tx& tx) -> Status {
    CARILLON_TRY(answers, runs_.extend(tx, keys, tx.now() + options_.lease));
    return ok();
  });
  if (!status) return;
  std::map<RunId, bool> asked;
  for (const auto& answer : answers) asked[answer.run] = answer.cancel_requested;
  for (const auto& key : keys) {
    auto it = asked.find(key.run);
    if (it == asked.end()) {
      lost_total_.add();
      outgoing_.erase(key.run);
      release(key.run);
      continue;
    }
    Active& active = active_.at(key.run);
    if (!it->second || active.cancel_seen) continue;
    cancel(active);
  }
}

void Worker::fail_unrunnable(const ClaimedRun& run, const Error& error) {
  RunProgress p;
  p.tenant = run.tenant;
  p.id = run.id;
  p.workflow = run.workflow;
  p.epoch = run.epoch;
  p.state = RunState::failed;
  p.started_at = run.started_at.value_or(now());
  p.ended_at = now();
  p.provenance = run.provenance;
  p.error = stored_error(RunError{std::string(error_type::kConfiguration), 500, "The run cannot be executed", error.message, ""});
  log_.error("run cannot be executed", {{"run", run.id.to_string()}, {"error", error.message}});
  outgoing_[run.id] = {std::move(p), {}};
}

void Worker::hand_back_all() {
  seat_.offer(0);
  std::ranges::move(seat_.collect(), std::back_inserter(handed_));
  std::vector<RunStore::LeaseKey> keys;
  for (const auto& [id, active] : active_) keys.push_back({active.claimed.tenant, id, active.claimed.epoch});
  for (const auto& run : std::exchange(handed_, {})) keys.push_back({run.tenant, run.id, run.epoch});
  if (keys.empty()) return;
  Status status = db_.in_system([&](Tx& tx) { return runs_.hand_back(tx, keys); });
  if (!status) log_.warn("runs could not be handed back; their leases will run out", {{"runs", keys.size()}});
  std::vector<RunId> ids;
  for (const auto& [id, _] : active_) ids.push_back(id);
  for (const RunId& id : ids) release(id);
  outgoing_.clear();
}

}  // namespace carillon
