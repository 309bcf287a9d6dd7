#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/json.h"
#include "engine/runs/run.h"
#include "engine/jobs/timing_json.h"

namespace carillon::schedules {

/// A reason not to fire. Holds stack; a schedule is active when it has none.
///   user       somebody paused it
///   invalid    payload or timing no longer fit the latest version
///   failures   too many failed runs in a row
///   tenant, system   maintenance
///   completed  its one-time has fired, or its end or number of runs is reached
///   expired    its one-time passed without a chance to fire
enum class HoldKind { user, invalid, failures, tenant, system, completed, expired };
std::string_view to_string(HoldKind kind);
std::optional<HoldKind> parse_hold_kind(std::string_view text);

struct Hold {
  std::string reason;  ///< one sentence for people
  std::string actor;   ///< name of who put it on, "" for the hub
  Instant since;
  std::optional<Instant> until;       ///< lifted by itself at that time
  std::vector<Violation> violations;  ///< with invalid
  std::string code = {};              ///< of the hub's own sentence (words.h), "" for people's own words
  Json params = {};                   ///< the values it names; null without a code
};
using Holds = std::map<HoldKind, Hold>;

/// Derived from the holds, never stored. First match of: completed, expired, invalid, failed (failures),
/// paused (user, tenant, system), active.
enum class Status { active, paused, invalid, completed, failed, expired };
std::string_view to_string(Status status);
std::optional<Status> parse_status(std::string_view text);
Status status_of(const Holds& holds);
/// The hold that makes the status; nothing when active.
const std::pair<const HoldKind, Hold>* deciding_hold(const Holds& holds);

/// What became of a due time.
enum class Verdict {
  started, skipped_overlap, superseded, skipped_window, skipped_condition, moved, missed, paused, invalid, quota,
  expired, error
};
std::string_view to_string(Verdict verdict);
std::optional<Verdict> parse_verdict(std::string_view text);

/// What becomes of a due time that could not be fired within the grace (semantics.md, "Missed").
///   skip     recorded as missed
///   catchup  the newest of them within the window, at most `count`, start after all, oldest first
///   fail     recorded as missed, an alert, and it counts as a failure
enum class MissedPolicy { skip, catchup, fail };
/// What becomes of a due time while a run of its scope has not ended (semantics.md, "Overlap").
///   skip          nothing starts
///   buffer_one    the newest waits until there is room, an older waiting one is superseded
///   buffer_all    up to `limit` wait, first come first started
///   cancel_other  the others are asked to end; starts once they have; after `deadline` they are terminated
///   allow         starts beside them, up to `limit` at a time when there is one
enum class OverlapPolicy { skip, buffer_one, buffer_all, cancel_other, allow };
/// Whose runs count: the schedule's own, all of its workflow, or all with the same key in the tenant.
enum class OverlapScope { schedule, workflow, key };
std::string_view to_string(MissedPolicy policy);
std::string_view to_string(OverlapPolicy policy);
std::string_view to_string(OverlapScope scope);
std::optional<MissedPolicy> parse_missed_policy(std::string_view text);
std::optional<OverlapPolicy> parse_overlap_policy(std::string_view text);
std::optional<OverlapScope> parse_overlap_scope(std::string_view text);

inline constexpr std::int64_t kCatchUpCap = 1000;  ///< more is never caught up
inline constexpr std::int64_t kBufferCap = 100;    ///< more never waits under buffer_all

/// How much is caught up under the missed policy `catchup`.
struct CatchUp {
  Duration window{86'400'000'000};  ///< older due times stay missed
  std::int64_t count = 1;           ///< 1: only the latest; at most kCatchUpCap
  bool operator==(const CatchUp&) const = default;
};

/// What the overlap policy counts and how far it goes.
struct Room {
  OverlapScope scope = OverlapScope::schedule;
  std::string key_expression;       ///< jq over the payload; with scope key
  std::string key;                  ///< its value for the stored payload
  std::int64_t limit = 0;           ///< allow: runs at a time, 0 for any number; buffer_all: waiting, 0 for kBufferCap
  Duration deadline{60'000'000};    ///< cancel_other: how long the others may take to end
  bool operator==(const Room&) const = default;
};

/// When a workflow runs, and with which data.
struct Schedule {
  ScheduleId id;
  TenantId tenant;
  WorkflowId workflow;
  std::int64_t bound_version = 0;  ///< the workflow version its runs use
  std::string name;                ///< unique within the workflow
  std::string description;
  std::vector<std::string> labels;
  Timing timing;
  Bounds bounds;
  std::optional<std::int64_t> max_runs;
  Duration jitter{0};
  MissedPolicy missed = MissedPolicy::skip;
  CatchUp catch_up;
  OverlapPolicy overlap = OverlapPolicy::skip;
  Room room;
  RunSettings run_settings;
  std::optional<std::int64_t> hold_after_failures;  ///< so many failed runs in a row put the hold `failures` on
  Priority priority = Priority::normal;
  std::string payload;  ///< canonical JSON text; becomes the run's input unchanged
  Holds holds;
  /// Due times up to here are settled: fires lie strictly after it. Set on creation, resume and edits of the timing.
  Instant settled_until;
  std::int64_t revision = 1;
  Instant created_at, updated_at;
  std::string created_by;
  bool deleted = false;
};

/// The durable record that a due time, or a stretch of them, was handled.
struct Fire {
  TenantId tenant;
  ScheduleId schedule;
  Instant due_at;
  std::optional<Instant> last_due_at;  ///< set for a stretch
  std::int64_t count = 1;
  Instant planned_at, fired_at;
  Verdict verdict = Verdict::started;
  std::string reason;
  std::optional<RunId> run;
  std::int64_t schedule_revision = 0;
  std::string zone_data;  ///< tzdata version the due time was computed with
  std::string detail;     ///< JSON: how full the room was, code and values of the reason (words.h); "" for nothing
};

/// A due time that will start once there is room. It has no verdict yet.
struct Waiting {
  TenantId tenant;
  ScheduleId schedule;
  Instant due_at, planned_at;
  std::string reason;  ///< scheduled (buffered by the overlap policy) or catchup
  Instant since;
  std::string scope;   ///< scope_of its schedule, when it began to wait
  std::int64_t schedule_revision = 0;
};

/// What a deletion is called in versions and audit.
inline constexpr const char* kDeleteAction = "schedules.delete";

/// One state of a schedule as somebody saved it. `payload` is nothing where it is the one of the version before.
struct ScheduleVersion {
  std::int64_t revision = 0;
  Instant at;
  std::string actor, action;
  Json document;
  std::optional<std::string> payload;
};

/// A stretch in which nothing of a tenant, or of the hub, fires. Ends at `ended_at`, at the latest at `until`.
struct Maintenance {
  Instant since;
  std::optional<Instant> until, ended_at;
  std::string reason, actor;
  /// When it is over, or will be; nothing while open-ended.
  std::optional<Instant> end() const { return ended_at ? ended_at : until; }
};

/// The numbers of semantics.md, "Missed".
struct FirePolicy {
  Duration grace{600'000'000};               ///< within it (and before the next due time) an occurrence fires normally
  Duration one_time_window{86'400'000'000};  ///< a one-time that was missed still fires this late, then it is expired
  bool operator==(const FirePolicy&) const = default;
};

/// The group of runs that may not overlap: "" for the schedule's own, "w:" and the workflow's id, "k:" and the key.
std::string scope_of(const Schedule& schedule);
/// True where the runs of several schedules share one room.
inline bool shares_room(const Schedule& s) { return s.room.scope != OverlapScope::schedule; }

/// Everything beside names: {"catch_up": {...}, "room": {...}, "run": {...}}, defaults left out.
Json policies_to_json(const Schedule& schedule);
void policies_from_json(const Json& json, Schedule& schedule);

Json holds_to_json(const Holds& holds);
Holds holds_from_json(const Json& json);

}  // namespace carillon::schedules
