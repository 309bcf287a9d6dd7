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

enum class MissedPolicy { skip };
enum class OverlapPolicy { skip, allow };
std::string_view to_string(MissedPolicy policy);
std::string_view to_string(OverlapPolicy policy);
std::optional<MissedPolicy> parse_missed_policy(std::string_view text);
std::optional<OverlapPolicy> parse_overlap_policy(std::string_view text);

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
  OverlapPolicy overlap = OverlapPolicy::skip;
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
};

Json holds_to_json(const Holds& holds);
Holds holds_from_json(const Json& json);

}  // namespace carillon::schedules
