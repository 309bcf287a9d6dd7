#pragma once
#include <array>
#include <map>
#include <span>

#include "engine/storage/database.h"
#include "plugins/schedules/model.h"

namespace carillon::schedules {

/// The life of a backfill. running ⇄ paused → one of the two ends.
///   running    starts its runs, as many at a time as its concurrency allows
///   paused     starts nothing; what it started goes on. By a person, or by the hub for an invalid schedule
///   completed  every one of its runs has ended
///   cancelled  what was not started never will be
enum class BackfillState { running, paused, completed, cancelled };
/// What became of one due time of a backfill: it waits, its run goes on, or how that ended. Cancelled: its run was, or
/// the backfill before it had one.
enum class ItemState { waiting, started, succeeded, failed, cancelled };

inline constexpr std::array<std::string_view, 4> kBackfillStates = {"running", "paused", "completed", "cancelled"};
inline constexpr std::array<std::string_view, 5> kItemStates = {"waiting", "started", "succeeded", "failed", "cancelled"};
inline std::string_view to_string(BackfillState state) { return kBackfillStates[static_cast<std::size_t>(state)]; }
inline std::string_view to_string(ItemState state) { return kItemStates[static_cast<std::size_t>(state)]; }
template <class State, std::size_t N>
std::optional<State> parse_state(const std::array<std::string_view, N>& names, std::string_view text) {
  for (std::size_t n = 0; n < N; ++n)
    if (names[n] == text) return static_cast<State>(n);
  return std::nullopt;
}

/// The runs of a past range of a schedule's due times, on somebody's request.
struct Backfill {
  TenantId tenant;
  BackfillId id;
  ScheduleId schedule;
  Instant from, to;               ///< [from, to)
  std::int64_t concurrency = 1;   ///< runs at a time
  bool include_fired = false;     ///< due times that have a run already get another
  BackfillState state = BackfillState::running;
  std::string reason;             ///< why it is paused or was cancelled
  std::int64_t total = 0;
  Instant created_at;
  std::string created_by;
  std::optional<Instant> ended_at;
};

/// How many of its due times are in which state.
struct BackfillProgress {
  std::int64_t waiting = 0, started = 0, succeeded = 0, failed = 0, cancelled = 0;
  std::int64_t& of(ItemState state);
};
inline std::int64_t& BackfillProgress::of(ItemState state) {
  switch (state) {
    case ItemState::waiting: return waiting;
    case ItemState::started: return started;
    case ItemState::succeeded: return succeeded;
    case ItemState::failed: return failed;
    case ItemState::cancelled: break;
  }
  return cancelled;
}

struct BackfillView {
  Backfill backfill;
  BackfillProgress progress;
};

struct BackfillItem {
  Instant due_at;
  ItemState state = ItemState::waiting;
  std::optional<RunId> run;
};

struct BackfillKey {
  TenantId tenant;
  BackfillId id;
};

/// Due times of a range that somebody else has taken, each list in time order without repetition.
struct TakenTimes {
  std::vector<Instant> fired;  ///< a run of it exists, by a fire or by a backfill
  std::vector<Instant> busy;   ///< waits for its run in the schedule's backlog, or in a backfill that goes on
};

/// How many due times of a stretch backfills have run, and the newest of these runs.
struct Backfilled {
  std::int64_t count = 0;  ///< 0: none, and the ids are nothing
  BackfillId backfill;
  RunId run;
};
struct DueStretch {
  Instant first, last;
};

/// One due time of a backfill and its run.
struct ItemChange {
  TenantId tenant;
  BackfillId backfill;
  Instant due_at;
  RunId run;
  ItemState state = ItemState::started;
  std::optional<RunId> retry;  ///< with an ended run that is tried again: who goes on for it
};

/// Port: backfills and their due times.
class BackfillStore {
 public:
  virtual ~BackfillStore() = default;
  /// With its due times, all waiting.
  virtual carillon::Status insert(Tx& tx, const Backfill& backfill, std::span<const Instant> due_times) = 0;
  virtual Result<BackfillView> view(Tx& tx, TenantId tenant, BackfillId id) = 0;  ///< not_found
  /// Newest first, strictly older than `before` when given.
  virtual Result<std::vector<BackfillView>> list(Tx& tx, TenantId tenant, ScheduleId schedule, std::optional<BackfillId> before, int limit) = 0;
  /// By due time, strictly after `after` when given.
  virtual Result<std::vector<BackfillItem>> items(Tx& tx, TenantId tenant, BackfillId id, std::optional<ItemState> state,
                                                  std::optional<Instant> after, int limit) = 0;
  virtual Result<TakenTimes> taken(Tx& tx, TenantId tenant, ScheduleId schedule, Instant from, Instant to) = 0;
  /// For each of the stretches, in their order.
  virtual Result<std::vector<Backfilled>> ran(Tx& tx, TenantId tenant, ScheduleId schedule, std::span<const DueStretch> stretches) = 0;
  virtual Result<Backfill> lock(Tx& tx, TenantId tenant, BackfillId id) = 0;  ///< not_found; before its registration
  /// Writes state, reason and end. Any scope.
  virtual carillon::Status update(Tx& tx, const Backfill& backfill) = 0;
  /// What waits is cancelled; answers how many. Any scope.
  virtual Result<std::int64_t> cancel_waiting(Tx& tx, TenantId tenant, BackfillId id) = 0;

  /// Of these the ones nobody else holds just now, held until the transaction ends. System scope.
  virtual Result<std::vector<BackfillView>> try_lock(Tx& tx, std::span<const BackfillKey> keys) = 0;
  /// The first waiting due times. System scope.
  virtual Result<std::vector<Instant>> waiting(Tx& tx, const BackfillKey& key, std::int64_t limit) = 0;
  /// A waiting due time has got its run. System scope.
  virtual carillon::Status start(Tx& tx, std::span<const ItemChange> items) = 0;
  /// The run of a started due time has ended, or is followed by its retry; nothing for any other run. System scope.
  virtual carillon::Status finish(Tx& tx, std::span<const ItemChange> items) = 0;
};

}  // namespace carillon::schedules
