#pragma once
#include <optional>
#include <string>

#include "engine/base/json.h"
#include "engine/tenancy/tenancy.h"

namespace carillon::schedules {

inline constexpr std::int64_t kBulkCap = 100'000;  ///< schedules of one bulk job

/// What is done to each schedule. `undelete` only as the undo of `remove`.
enum class BulkAction { pause, resume, remove, run, undelete };
/// pause, resume, delete, run, undelete
std::string_view to_string(BulkAction action);
std::optional<BulkAction> parse_bulk_action(std::string_view text);
/// The permission the single action asks for.
std::string permission_of(BulkAction action);
/// What takes it back; nothing for run.
std::optional<BulkAction> undo_of(BulkAction action);

/// waiting → running → finished, or cancelled from either.
enum class BulkState { waiting, running, finished, cancelled };
std::string_view to_string(BulkState state);
std::optional<BulkState> parse_bulk_state(std::string_view text);

/// waiting → done (it was changed), failed (the single action would have been refused, code and message say why), or
/// skipped (there was nothing to change, or the job was cancelled before).
enum class BulkItemState { waiting, done, failed, skipped };
std::string_view to_string(BulkItemState state);
std::optional<BulkItemState> parse_bulk_item_state(std::string_view text);

/// One action on many schedules. The schedules are those that were there when it was asked for.
struct BulkJob {
  Uuid id;
  TenantId tenant;
  BulkAction action = BulkAction::pause;
  Json arguments = Json::object();  ///< body of the single action: reason, until, passed_one_time, overrides, priority
  BulkState state = BulkState::waiting;
  std::int64_t total = 0, done = 0, failed = 0, skipped = 0;
  std::optional<Uuid> undo_of;  ///< the job that this one takes back
  std::optional<Uuid> undone_by;  ///< the job that takes this one back; only read
  Instant created_at;
  std::string created_by;
  Json context = Json::object();       ///< context_to_json of who asked
  std::optional<Instant> lease_until;  ///< until then the other nodes leave it to the one that works on it
  std::optional<Instant> started_at, ended_at;
};

/// One schedule of a job. Worked on in order of `ordinal`.
struct BulkItem {
  std::int64_t ordinal = 0;
  ScheduleId schedule;
  std::string name;  ///< when the job was asked for; "" for an id that named nothing
  BulkItemState state = BulkItemState::waiting;
  std::string code, message;  ///< with failed and skipped
  std::string undo;           ///< JSON: what taking it back needs; in an undo job, what it was given
};

/// Who asked, so that the work is done in their name, and back. Permissions are those at the time of asking.
Json context_to_json(const TenantContext& who);
TenantContext context_from_json(TenantId tenant, const Json& json);

}  // namespace carillon::schedules
