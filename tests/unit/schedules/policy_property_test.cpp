// Random schedules live through random weeks: late planners, outages, maintenance, holds, runs that end when they like.
// Afterwards every due time has exactly one verdict or waits exactly once, and none was decided against its policies.
#include "engine/base/rng.h"
#include "tests/unit/schedules/situation.h"

namespace carillon::schedules::rules {
namespace {

class RandomLife {
 public:
  explicit RandomLife(std::uint64_t seed) : seed_(seed), rng_(make_seeded_rng(seed)) {
    Schedule& s = x_.s;
    s.timing = timing();
    s.jitter = pick<Duration>({0s, 0s, 400ms, 30s, 20min, 5h});
    s.missed = pick({MissedPolicy::skip, MissedPolicy::catchup, MissedPolicy::fail});
    s.overlap = pick({OverlapPolicy::skip, OverlapPolicy::buffer_one, OverlapPolicy::buffer_all, OverlapPolicy::cancel_other, OverlapPolicy::allow});
    s.catch_up = {pick<Duration>({1min, 3h, 24h}), pick<std::int64_t>({1, 3, 50, 5000})};
    s.room.limit = pick<std::int64_t>({0, 1, 3});
    s.room.deadline = pick<Duration>({5s, 60s});
    if (chance(4)) s.max_runs = 1 + static_cast<std::int64_t>(rng_->below(20));
    if (chance(4)) s.bounds.end = start_ + random_time(10 * 24h);
    if (chance(3)) s.hold_after_failures = 5;
    recurrence_ = x_.recurrence();
    s.settled_until = s.created_at = start_;
    x_.now = start_;
    promise(recurrence_->next(start_));
  }

  void live() {
    for (int step = 0; step < 80 && alive_; ++step) {
      pass_time();
      end_runs();
      maintenance();
      pause();
      if (due_ && planned_ && *planned_ <= x_.now) decide();
      if (!x_.room.waiting.empty() && !in_maintenance() && chance(2)) drain();
      check_room();
      if (::testing::Test::HasFailure()) return;
    }
    check_ledger();
  }

 private:
  struct Segment {
    Instant first, last;
    std::int64_t count;
    std::string what;
  };
  bool chance(std::uint64_t one_in) { return rng_->below(one_in) == 0; }
  template <class T>
  T pick(std::initializer_list<T> all) { return *(all.begin() + rng_->below(all.size())); }
  Duration random_time(Duration most) { return Duration(static_cast<std::int64_t>(rng_->below(static_cast<std::uint64_t>(most.count()))) + 1); }
  Timing timing() {
    if (chance(8)) return Once{start_ + random_time(30h), {}, {}};
    if (chance(2)) return Interval{pick<Duration>({1s, 7s, 60s, 3600s, 86'400s}), start_ - random_time(1h)};
    return Cron{pick<std::string>({"*/5 * * * *", "0 9 * * *", "30 2 * * *", "* * * * *", "15 */6 * * 1-5"}), "Europe/Berlin"};
  }
  bool in_maintenance() const { return current_maintenance(x_.maintenance, x_.now) != nullptr; }

  void promise(std::optional<Instant> due) {
    due_ = due;
    planned_ = due ? std::optional(planned_at(x_.s.id, *due, recurrence_->next(*due), x_.s.jitter)) : std::nullopt;
  }
  /// Mostly to just after the next planned time, sometimes into an outage.
  void pass_time() {
    if (planned_ && *planned_ > x_.now && !chance(6)) x_.now = *planned_ + random_time(pick<Duration>({2ms, 2ms, 800ms, 20s}));
    else x_.now += random_time(pick<Duration>({10s, 10min, 3h, 60h}));
  }
  void end_runs() {
    while (x_.room.running > 0 && chance(2)) --x_.room.running;
  }
  void maintenance() {
    if (in_maintenance()) {
      if (chance(2)) return;
      x_.maintenance.back().ended_at = x_.now;
      if (due_ && !planned_) planned_ = x_.now;  // unparked
    } else if (chance(12)) {
      x_.maintenance.push_back({x_.now, {}, {}, "Moving house", "ann"});
    }
  }
  /// As Lifecycle::put_hold does it.
  void pause() {
    if (!x_.s.holds.empty() || !due_ || !chance(15)) return;
    const Instant until = x_.now + random_time(5h);
    x_.s.holds[HoldKind::user] = {"Off.", "ann", x_.now, until, {}};
    x_.s.settled_until = *due_ - 1us;
    due_ = planned_ = until;
    std::vector<Fire> fires;
    for (const auto& w : std::exchange(x_.room.waiting, {})) fires.push_back(give_up(w, x_.now, HoldKind::user, x_.s.holds.at(HoldKind::user)));
    ended(fires);
  }

  void ended(const std::vector<Fire>& fires) {
    for (const Fire& f : fires) {
      EXPECT_EQ(f.fired_at, x_.now);
      const Words why = words_of(f);
      EXPECT_EQ(why.code.empty(), why.text.empty() || why.text == "Off.") << "only people's words have no code: " << why.text;
      EXPECT_EQ(why.text.find('{'), std::string::npos) << "a value is missing: " << why.text;
      if (f.verdict == Verdict::started) ++x_.started;
      ledger_.push_back({f.due_at, f.last_due_at.value_or(f.due_at), f.count, told(f)});
    }
  }

  void decide() {
    x_.due = *due_;
    x_.planned = planned_;
    x_.running = x_.room.running > 0;
    const bool was_parked = in_maintenance();
    const std::int64_t running = x_.room.running;
    Decision d = x_.decide();
    trail_ += "\n  " + format_instant(x_.now) + " " + told(d);
    for (const Fire& f : d.fires) check_verdict(f);
    if (::testing::Test::HasFailure()) ADD_FAILURE() << about();
    EXPECT_EQ(x_.room.running - running, std::ranges::count(d.fires, Verdict::started, &Fire::verdict));
    if (was_parked) {
      EXPECT_TRUE(d.fires.empty() && d.waiting.empty() && d.next_due_at == due_ && !d.next_planned_at);
    }
    ended(d.fires);
    if (d.settled_until) x_.s.settled_until = *d.settled_until;
    if (d.holds) x_.s.holds = *d.holds;
    due_ = d.next_due_at;
    planned_ = d.next_planned_at;
    if (!due_) alive_ = false;
  }

  void check_verdict(const Fire& f) {
    const auto next = recurrence_->next(f.due_at);
    const Duration grace = next ? std::min<Duration>(x_.policy.grace, *next - f.due_at) : x_.policy.grace;
    const Instant planned = planned_at(x_.s.id, f.due_at, next, x_.s.jitter);
    const bool once = std::holds_alternative<Once>(x_.s.timing);
    auto inside = [&](Instant t) { return std::ranges::any_of(x_.maintenance, [&](const Maintenance& m) { return m.since <= t && (!m.end() || t < *m.end()); }); };
    if (f.verdict == Verdict::started && !once) {
      EXPECT_LT(x_.now - planned, grace) << told(f);
      EXPECT_GE(x_.now, planned) << told(f);
      EXPECT_FALSE(inside(f.due_at)) << told(f);
    }
    auto held = [&](Instant t) { return inside(t) || inside(planned_at(x_.s.id, t, recurrence_->next(t), x_.s.jitter)); };
    if (f.verdict == Verdict::missed && !inside(f.due_at)) {
      EXPECT_GE(x_.now - planned, grace) << told(f);
      EXPECT_EQ(f.planned_at, planned) << told(f);
      if (x_.s.missed == MissedPolicy::skip) EXPECT_FALSE(held(f.due_at)) << told(f);
    }
    if (f.verdict == Verdict::paused && x_.s.holds.empty()) {
      EXPECT_TRUE(held(f.due_at) && held(f.last_due_at.value_or(f.due_at))) << told(f);
    }
  }

  void drain() {
    const bool held = chance(5);
    Drain d = x_.drain(held);
    if (d.terminate_others) {
      x_.room.running = 0;
      ended(d.fires);
      d = x_.drain(held);
    }
    EXPECT_EQ(d.look_again.has_value(), !x_.room.waiting.empty());
    std::ranges::sort(x_.room.waiting, {}, &Waiting::due_at);  // as the store answers the next time
    ended(d.fires);
  }

  void check_room() {
    const Schedule& s = x_.s;
    const auto buffered = std::ranges::count(x_.room.waiting, "scheduled", &Waiting::reason);
    if (s.overlap != OverlapPolicy::allow) {
      EXPECT_LE(x_.room.running, 1) << about();
    } else if (s.room.limit > 0) {
      EXPECT_LE(x_.room.running, s.room.limit) << about();
    }
    if (s.max_runs) {
      EXPECT_LE(x_.started, *s.max_runs) << about();
    }
    if (s.overlap == OverlapPolicy::skip || s.overlap == OverlapPolicy::allow) {
      EXPECT_EQ(buffered, 0) << about();
    } else if (s.overlap != OverlapPolicy::buffer_all) {
      EXPECT_LE(buffered, 1) << about();
    } else {
      EXPECT_LE(buffered, s.room.limit > 0 ? s.room.limit : kBufferCap) << about();
    }
  }

  /// Laid side by side, the records and those that wait are the due times from the first on: no gap, nothing twice.
  void check_ledger() {
    std::vector<Segment> all = ledger_;
    for (const Waiting& w : x_.room.waiting) all.push_back({w.due_at, w.due_at, 1, told(w)});
    std::ranges::sort(all, {}, &Segment::first);
    std::optional<Instant> expected = recurrence_->next(start_);
    for (const Segment& part : all) {
      ASSERT_EQ(expected, part.first) << part.what << about();
      EXPECT_EQ(recurrence_->count_between(part.first, part.last + 1us, INT64_MAX), part.count) << part.what << about();
      EXPECT_EQ(recurrence_->last_at_or_before(part.last), part.last) << part.what << about();
      expected = recurrence_->next(part.last);
    }
    // What comes next is what is promised, or what a hold keeps back.
    if (!x_.s.holds.empty() && !x_.s.holds.contains(HoldKind::completed) && !x_.s.holds.contains(HoldKind::expired)) {
      EXPECT_EQ(expected, recurrence_->next(x_.s.settled_until)) << about();
    } else if (due_) {
      EXPECT_EQ(expected, due_) << about();
    } else if (!x_.s.max_runs) {
      EXPECT_EQ(expected, std::nullopt) << about();
    }
  }
  std::string about() const {
    return "\n  seed " + std::to_string(seed_) + " " + dump_json(timing_to_json(x_.s.timing)) + " missed " + std::string(to_string(x_.s.missed)) +
           " overlap " + std::string(to_string(x_.s.overlap)) + " " + dump_json(policies_to_json(x_.s)) + " at " + format_instant(x_.now) + trail_;
  }

  std::uint64_t seed_;
  std::unique_ptr<Rng> rng_;
  Instant start_ = hm("00:00");
  Situation x_;
  std::optional<Recurrence> recurrence_;
  std::optional<Instant> due_, planned_;
  std::vector<Segment> ledger_;
  std::string trail_;
  bool alive_ = true;
};

TEST(PolicyProperty, EveryDueTimeHasOneVerdictOrWaitsOnce) {
  auto number = [](const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
  };
  const std::uint64_t first = number("CARILLON_FIRST_SEED", 1), seeds = number("CARILLON_SEEDS", 1'000);
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    RandomLife(seed).live();
    ASSERT_FALSE(HasFailure()) << "seed " << seed << " (again with CARILLON_FIRST_SEED and CARILLON_SEEDS=1)";
  }
}

}  // namespace
}  // namespace carillon::schedules::rules
