#pragma once
#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <unordered_map>

#include "engine/base/log.h"
#include "engine/base/metrics.h"
#include "engine/runs/handover.h"
#include "engine/runs/outbound.h"
#include "engine/redaction/redaction.h"
#include "engine/runs/program_cache.h"
#include "engine/runs/run_store.h"
#include "engine/runs/run_veil.h"
#include "engine/secrets/secret_store.h"

namespace carillon {

struct WorkerOptions {
  NodeId node;
  int concurrency = 1000;              ///< runs it holds at once
  int claim_batch = 500;
  Duration lease{15'000'000};          ///< a run of a dead node is taken over this late
  Duration longest_wait{1'000'000};
  Duration default_timeout{300'000'000};
  std::size_t ends_kept = 5000;        ///< where many start, so many ends may be left for a later transaction
};

/// Takes queued runs, and those that are handed over to it, and drives the interpreter: one transaction a tick writes the
/// progress of all of them (where many start, ends may be left for a later one) and claims
/// new ones. Runs that wait for a time are given back; runs that wait for an answer keep their lease. tick() is called
/// by one thread; everything else from any.
class Worker {
 public:
  /// `wake` makes somebody call tick() soon; called from threads of `outbound`.
  Worker(Database& db, RunStore& runs, RunHandover& handover, ProgramCache& programs, OutboundHttp& outbound, const Clock& clock, IdSource& ids,
         SecretStore& secrets, Redaction& redaction, std::vector<RunHook*> hooks, Metrics& metrics, Logger& log, WorkerOptions options, std::function<void()> wake);
  ~Worker();
  Worker(const Worker&) = delete;

  /// One round; answers how long there is nothing to do (zero: call again at once).
  Duration tick();
  /// Stops claiming; the runs it holds go on.
  void drain() { draining_ = true; }
  /// Gives back what is still held, so that another node goes on at once.
  void hand_back_all();
  int held() const { return held_.load(); }

 private:
  struct Active {
    ClaimedRun claimed;
    std::shared_ptr<const RunnableVersion> version;
    InterpreterState state;
    std::map<EffectId, OutboundHttp::Ticket> calls;
    std::optional<Instant> started_at;
    bool cancel_seen = false;
    std::unique_ptr<RunVeil> veil;  ///< null when there is nothing to keep out of what is stored
  };
  struct Answer {
    RunId run;
    int epoch;
    EffectId effect;
    HttpOutcome outcome;
  };
  struct Outgoing {
    RunProgress progress;
    std::vector<Effect> effects;
    bool can_wait = false;  ///< an end in the first step: nothing has left this process for it, and nobody needs it soon
  };

  Instant now() const { return Instant{clock_.steady().count() + clock_offset_us_}; }
  void observe(Instant database_now) { clock_offset_us_ = database_now.us - clock_.steady().count(); }
  void take_answers();
  void fire_timers();
  bool commit_and_claim();
  /// How much longer the ends that are not stored yet may wait: where many start, starting goes first. Zero or less: no longer.
  Duration ends_wait() const;
  /// Writes progress and what follows from an end: hooks, retries. Answers the runs that were still held.
  Result<std::vector<RunId>> store(Tx& tx, std::span<const RunProgress> batch);
  std::optional<NewRun> retry_of(const RunProgress& ended, Instant now);
  void begin(Active active);
  void resume(Active active);
  void cancel(Active& active);
  void step(Active& active, const RunEvent& event);
  void end(const Active& active, const Terminal& terminal, RunProgress& progress);
  void perform(Active& active, const std::vector<Effect>& effects);
  /// The veils of runs just claimed.
  Status veil(Tx& tx, std::vector<Active>& adopted);
  /// The programs of runs just taken. `unrunnable` are those without.
  Status adopt(Tx& tx, std::span<const ClaimedRun> taken, std::vector<Active>& adopted, std::vector<std::pair<ClaimedRun, Error>>& unrunnable);
  /// What has been handed over and is held for long enough yet.
  void collect_handed();
  /// How many runs it could take beside those that go on.
  int places() const;
  using ReadSecrets = std::map<SecretKey, Result<std::string>>;
  /// The secrets of runs that are about to send something.
  Result<ReadSecrets> read_secrets(Tx& tx, const std::vector<Active>& adopted);
  void learn(const ReadSecrets& secrets, std::vector<Active>& adopted);
  void send(Active& active, const HttpCall& call);
  void release(RunId id);
  void renew_leases();
  void fail_unrunnable(const ClaimedRun& claimed, const Error& error);
  Duration pause() const;

  Database& db_;
  RunStore& runs_;
  ProgramCache& programs_;
  OutboundHttp& outbound_;
  const Clock& clock_;
  IdSource& ids_;
  SecretStore& secrets_;
  Redaction& redaction_;
  std::vector<RunHook*> hooks_;
  Logger& log_;
  WorkerOptions options_;
  std::function<void()> wake_;
  Counter& claimed_total_;
  Counter& ended_total_;
  Counter& lost_total_;
  Histogram& start_delay_;

  RunHandover::Seat seat_;
  std::vector<ClaimedRun> handed_;  ///< collected, not begun yet
  std::unordered_map<RunId, Active> active_;
  std::map<RunId, Outgoing> outgoing_;  ///< progress that is not stored yet
  Instant outgoing_since_{0};           ///< when it was empty last
  std::optional<Instant> next_visible_;
  Instant next_renewal_{0};
  std::int64_t clock_offset_us_ = 0;
  bool claimed_full_ = false;
  std::optional<Instant> took_many_at_;  ///< the last round with many runs to begin
  std::atomic<bool> draining_{false};
  std::atomic<int> held_{0};
  std::mutex inbox_mutex_;
  std::deque<Answer> inbox_;
};

}  // namespace carillon
