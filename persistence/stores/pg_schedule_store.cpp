#include "persistence/stores/pg_schedule_store.h"

#include <algorithm>

#include "persistence/core/pg_tx.h"
#include "persistence/stores/pg_schedule_row.h"
#include "persistence/stores/schedule_sql.h"

namespace carillon::pg {

using namespace carillon::schedules;
using carillon::Status;  // the other Status here is a schedule's

Schedule schedule_of_row(const pqxx::row& row) {
  Schedule s;
  s.id = id_of<ScheduleId>(row[0]);
  s.workflow = id_of<WorkflowId>(row[1]);
  s.bound_version = int_of(row[2]);
  s.name = text_of(row[3]);
  s.description = text_of(row[4]);
  s.labels = text_array(row[5]);
  s.timing = timing_from_stored(parse_stored_json(text_of(row[6])));
  s.bounds.start = instant_or_null(row[7]);
  s.bounds.end = instant_or_null(row[8]);
  s.max_runs = int_or_null(row[9]);
  s.jitter = Duration(int_of(row[10]));
  s.missed = parse_missed_policy(text_of(row[11])).value_or(MissedPolicy::skip);
  s.overlap = parse_overlap_policy(text_of(row[12])).value_or(OverlapPolicy::skip);
  s.priority = static_cast<Priority>(int_of(row[13]));
  s.payload = text_of(row[14]);
  s.holds = holds_from_json(parse_stored_json(text_of(row[15])));
  s.settled_until = instant_of(row[16]);
  s.revision = int_of(row[17]);
  s.created_at = instant_of(row[18]);
  s.updated_at = instant_of(row[19]);
  s.created_by = text_of(row[20]);
  s.tenant = id_of<TenantId>(row[21]);
  // Most have none: not worth a parse at every fire.
  if (std::string_view(row[22].c_str(), row[22].size()) != "{}") policies_from_json(parse_stored_json(text_of(row[22])), s);
  s.hold_after_failures = int_or_null(row[23]);
  return s;
}

std::string statuses_of(const ScheduleFilter& f) {
  if (!f.status) return array_of({});
  std::vector<std::string> out{std::string(to_string(*f.status))};
  if (f.in_maintenance && *f.status == schedules::Status::paused) out.emplace_back("active");
  if (f.in_maintenance && *f.status == schedules::Status::active) out = {"none"};
  return array_of(out);
}

namespace {

constexpr const Sql* kScheduleStatements[] = {
    &kInsertSchedule, &kUpdateSchedule, &kRebindSchedules, &kPutHolds,      &kLockSchedule,   &kLockOfWorkflow, &kViewSchedule,
    &kListByName,     &kListByNameDown, &kListByDue,       &kListByDueDown, &kListByUpdate,   &kListByUpdateDown, &kCountSchedules,
    &kCountByWorkflow, &kLoadForFire,   &kInsertFires,     &kListFires,     &kRunStates,      &kAddStats,
    &kAddMissedFailures, &kClearFailures, &kLockOverfailed, &kHoldScopes,   &kAddScope,       &kCountRooms,     &kLoadWaiting,
    &kWaitingOf,     &kAddWaiting,    &kRescopeWaiting, &kRemoveWaiting,    &kWaitingIn,      &kMaintenanceOfTenants, &kSystemMaintenance,
    &kHoldMaintenanceOfTenants, &kHoldSystemMaintenance, &kNoteLimits, &kLimitsAt, &kAddScheduleVersion, &kListScheduleVersions, &kScheduleVersionAt, &kPayloadUntil, &kPayloadsWith,
    &kLockDeletedSchedule, &kKeptSchedules};

ScheduleView view_of_row(const pqxx::row& row) {
  ScheduleView v;
  v.schedule = schedule_of_row(row);
  auto col = [&](int n) { return row[static_cast<pqxx::row::size_type>(kScheduleColumns + n)]; };
  v.workflow_name = text_of(col(0));
  v.next_due_at = instant_or_null(col(1));
  if (!col(2).is_null()) {
    ScheduleView::LastFire last;
    last.due_at = instant_of(col(2));
    last.planned_at = instant_or_null(col(3)).value_or(last.due_at);
    last.fired_at = instant_or_null(col(4)).value_or(last.due_at);
    last.verdict = parse_verdict(text_of(col(5))).value_or(Verdict::error);
    last.run = id_or_null<RunId>(col(6));
    if (!col(7).is_null()) last.run_state = static_cast<RunState>(int_of(col(7)));
    v.last_fire = last;
  }
  v.unfinished = int_of(col(8));
  v.succeeded = int_of(col(9));
  v.failed = int_of(col(10));
  v.cancelled = int_of(col(11));
  if (!col(12).is_null()) v.average_duration = Duration(int_of(col(12)));
  v.last_run_at = instant_or_null(col(13));
  v.last_error = text_of(col(14));
  v.started = int_of(col(15));
  return v;
}

Error schedule_not_found(ScheduleId id) {
  return Error{ErrorCode::not_found, "NOT_FOUND", "There is no schedule with this id.", "id", id.to_string(), "Check the id.", {}};
}

Error schedule_name_taken(const std::string& name) {
  return Error{ErrorCode::conflict, "NAME_TAKEN", "Another schedule of this workflow has this name.", "/name", shorten(name),
               "Choose another name.", {}};
}

std::string holds_text(const Holds& holds) { return dump_json(holds_to_json(holds)); }

}  // namespace

std::span<const Sql* const> PgScheduleStore::statements() { return kScheduleStatements; }

Status PgScheduleStore::insert(Tx& tx, const Schedule& s) {
  try {
    pg(tx).exec(kInsertSchedule, s.tenant, s.id, s.workflow, s.bound_version, s.name, s.description, array_of(s.labels),
                timing_kind(s.timing), dump_json(timing_to_json(s.timing)), s.bounds.start, s.bounds.end, s.max_runs,
                static_cast<std::int64_t>(s.jitter.count()), to_string(s.missed), to_string(s.overlap), static_cast<int>(s.priority), s.payload,
                holds_text(s.holds), s.settled_until, s.revision, s.created_at, s.updated_at, s.created_by, dump_json(policies_to_json(s)),
                scope_of(s), s.hold_after_failures);
  } catch (const pqxx::unique_violation& e) {
    if (violates(e, "schedules_name")) return schedule_name_taken(s.name);
    throw;
  }
  return ok();
}

Status PgScheduleStore::update(Tx& tx, const Schedule& s) {
  std::optional<Instant> deleted_at;
  if (s.deleted) deleted_at = s.updated_at;
  try {
    pg(tx).exec(kUpdateSchedule, s.tenant, s.id, s.bound_version, s.name, s.description, array_of(s.labels), timing_kind(s.timing),
                dump_json(timing_to_json(s.timing)), s.bounds.start, s.bounds.end, s.max_runs,
                static_cast<std::int64_t>(s.jitter.count()), to_string(s.missed), to_string(s.overlap), static_cast<int>(s.priority), s.payload,
                holds_text(s.holds), s.settled_until, s.revision, s.updated_at, deleted_at, dump_json(policies_to_json(s)), scope_of(s),
                s.hold_after_failures);
  } catch (const pqxx::unique_violation& e) {
    if (violates(e, "schedules_name")) return schedule_name_taken(s.name);
    throw;
  }
  return ok();
}

Status PgScheduleStore::rebind(Tx& tx, std::span<const Schedule> schedules) {
  if (schedules.empty()) return ok();
  ArrayText ids, versions, holds, settled, revisions, updated;
  for (const auto& s : schedules) {
    ids.add(s.id);
    versions.add(s.bound_version);
    holds.add(holds_text(s.holds));
    settled.add(s.settled_until);
    revisions.add(s.revision);
    updated.add(s.updated_at);
  }
  pg(tx).exec_keeping_plans(kRebindSchedules, schedules.front().tenant, ids, versions, holds, settled, revisions, updated);
  return ok();
}

Result<Schedule> PgScheduleStore::lock(Tx& tx, TenantId tenant, ScheduleId id) {
  auto rows = pg(tx).exec(kLockSchedule, tenant, id);
  if (rows.empty()) return schedule_not_found(id);
  return schedule_of_row(rows[0]);
}

Result<Schedule> PgScheduleStore::lock_deleted(Tx& tx, TenantId tenant, ScheduleId id) {
  auto rows = pg(tx).exec(kLockDeletedSchedule, tenant, id);
  if (rows.empty()) return schedule_not_found(id);
  Schedule schedule = schedule_of_row(rows[0]);
  schedule.deleted = true;
  return schedule;
}

Result<std::vector<ScheduleKey>> PgScheduleStore::kept(Tx& tx, std::span<const ScheduleKey> keys) {
  UuidColumn tenants, ids;
  for (const auto& key : keys) {
    tenants.add(key.tenant);
    ids.add(key.id);
  }
  std::vector<ScheduleKey> out;
  for (const auto& row : pg(tx).exec(kKeptSchedules, tenants, ids)) out.push_back({id_of<TenantId>(row[0]), id_of<ScheduleId>(row[1])});
  return out;
}

Result<ScheduleView> PgScheduleStore::view(Tx& tx, TenantId tenant, ScheduleId id) {
  auto rows = pg(tx).exec(kViewSchedule, tenant, id);
  if (rows.empty()) return schedule_not_found(id);
  return view_of_row(rows[0]);
}

Result<SchedulePage> PgScheduleStore::list(Tx& tx, TenantId tenant, const ScheduleFilter& f) {
  const Sql* sql = &kListByName;
  if (f.sort == "-name") sql = &kListByNameDown;
  else if (f.sort == "next_due_at") sql = &kListByDue;
  else if (f.sort == "-next_due_at") sql = &kListByDueDown;
  else if (f.sort == "updated_at") sql = &kListByUpdate;
  else if (f.sort == "-updated_at") sql = &kListByUpdateDown;
  const bool by_name = f.sort.ends_with("name");
  // Cursor: the id, then the sort value.
  std::optional<ScheduleId> after_id;
  std::optional<std::string> after_value;
  if (f.cursor.size() >= 36) {
    after_id = ScheduleId::parse(f.cursor.substr(0, 36));
    after_value = f.cursor.substr(36);
    if (!by_name && *after_value != "infinity" && !parse_instant(*after_value)) after_id.reset();
  }
  if (!f.cursor.empty() && !after_id)
    return Error{ErrorCode::malformed, "BAD_CURSOR", "The cursor is not one that this list gave.", "cursor", shorten(f.cursor),
                 "Start again without a cursor.", {}};
  auto rows = pg(tx).exec(*sql, tenant, f.workflow, f.kind, statuses_of(f), f.label, f.text, after_id, after_value, f.limit + 1);
  SchedulePage page;
  for (const auto& row : rows) {
    if (static_cast<int>(page.items.size()) == f.limit) break;
    page.items.push_back(view_of_row(row));
  }
  if (static_cast<int>(rows.size()) > f.limit) {
    const ScheduleView& last = page.items.back();
    std::string value = by_name ? last.schedule.name
                        : f.sort.ends_with("updated_at") ? format_instant(last.schedule.updated_at)
                        : last.next_due_at ? format_instant(*last.next_due_at) : "infinity";
    page.next_cursor = last.schedule.id.to_string() + value;
  }
  return page;
}

Result<std::int64_t> PgScheduleStore::count(Tx& tx, TenantId tenant, const ScheduleFilter& f) {
  return int_of(pg(tx).exec(kCountSchedules, tenant, f.workflow, f.kind, statuses_of(f), f.label, f.text)[0][0]);
}

Result<std::vector<Schedule>> PgScheduleStore::lock_of_workflow(Tx& tx, TenantId tenant, WorkflowId workflow) {
  std::vector<Schedule> out;
  for (const auto& row : pg(tx).exec(kLockOfWorkflow, tenant, workflow)) out.push_back(schedule_of_row(row));
  return out;
}

Result<std::map<WorkflowId, ScheduleStore::WorkflowCounts>> PgScheduleStore::counts(Tx& tx, TenantId tenant) {
  std::map<WorkflowId, WorkflowCounts> out;
  for (const auto& row : pg(tx).exec(kCountByWorkflow, tenant))
    out[id_of<WorkflowId>(row[0])] = {int_of(row[1]), int_of(row[2])};
  return out;
}

Result<std::vector<FireView>> PgScheduleStore::load_for_fire(Tx& tx, std::span<const ScheduleKey> keys) {
  UuidColumn tenants, ids;
  for (const auto& key : keys) {
    tenants.add(key.tenant);
    ids.add(key.id);
  }
  std::vector<FireView> out;
  for (const auto& row : pg(tx).exec(kLoadForFire, tenants, ids))
    out.push_back({schedule_of_row(row), int_of(row[kScheduleColumns]), bool_of(row[kScheduleColumns + 1]),
                   int_of(row[kScheduleColumns + 2])});
  return out;
}

Result<std::vector<bool>> PgScheduleStore::insert_fires(Tx& tx, std::span<const Fire> fires) {
  std::vector<bool> fresh(fires.size(), false);
  if (fires.empty()) return fresh;
  UuidColumn tenants, schedules, runs;
  InstantColumn dues, lasts, planned, fired;
  BigColumn counts, revisions;
  TextColumn verdicts, reasons, zones, details;
  for (const auto& f : fires) {
    tenants.add(f.tenant);
    schedules.add(f.schedule);
    dues.add(f.due_at);
    lasts.add(f.last_due_at);
    counts.add(f.count);
    planned.add(f.planned_at);
    fired.add(f.fired_at);
    verdicts.add(to_string(f.verdict));
    reasons.add(f.reason);
    runs.add(f.run);
    revisions.add(f.schedule_revision);
    zones.add(f.zone_data);
    details.add(f.detail);
  }
  auto rows = pg(tx).exec(kInsertFires, tenants, schedules, dues, lasts, counts, planned, fired, verdicts, reasons, runs, revisions,
                          zones, details);
  if (rows.size() == fires.size()) return std::vector<bool>(fires.size(), true);
  std::set<std::pair<ScheduleId, Instant>> inserted;
  for (const auto& row : rows) inserted.insert({id_of<ScheduleId>(row[0]), instant_of(row[1])});
  for (std::size_t n = 0; n < fires.size(); ++n) fresh[n] = inserted.contains({fires[n].schedule, fires[n].due_at});
  return fresh;
}

Result<std::vector<ScheduleId>> PgScheduleStore::put_holds(Tx& tx, std::span<const Schedule> schedules) {
  std::vector<ScheduleId> written;
  if (schedules.empty()) return written;
  ArrayText tenants, ids, holds, updated, settled;
  for (const auto& s : schedules) {
    tenants.add(s.tenant);
    ids.add(s.id);
    holds.add(holds_text(s.holds));
    updated.add(s.updated_at);
    settled.add(s.settled_until);
  }
  for (const auto& row : pg(tx).exec(kPutHolds, tenants, ids, holds, updated, settled)) written.push_back(id_of<ScheduleId>(row[0]));
  std::ranges::sort(written);
  return written;
}

Result<std::vector<Fire>> PgScheduleStore::fires(Tx& tx, TenantId tenant, ScheduleId id, std::optional<Verdict> verdict,
                                                 std::optional<Instant> before, int limit) {
  std::vector<Fire> out;
  for (const auto& row : pg(tx).exec(kListFires, tenant, id, verdict ? std::string(to_string(*verdict)) : "", before, limit))
    out.push_back({tenant, id, instant_of(row[0]), instant_or_null(row[1]), int_of(row[2]), instant_of(row[3]), instant_of(row[4]),
                   parse_verdict(text_of(row[5])).value_or(Verdict::error), text_of(row[6]), id_or_null<RunId>(row[7]), int_of(row[8]), text_of(row[9]),
                   text_of(row[10])});
  return out;
}

Result<std::map<RunId, RunState>> PgScheduleStore::run_states(Tx& tx, TenantId tenant, std::span<const RunId> runs) {
  std::map<RunId, RunState> out;
  if (runs.empty()) return out;
  ArrayText ids;
  for (const auto& run : runs) ids.add(run);
  for (const auto& row : pg(tx).exec(kRunStates, tenant, ids))
    out[id_of<RunId>(row[0])] = static_cast<RunState>(int_of(row[1]));
  return out;
}

Status PgScheduleStore::add_stats(Tx& tx, std::span<const StatsDelta> deltas) {
  if (deltas.empty()) return ok();
  ArrayText tenants, schedules, succeeded, failed, cancelled, durations, trailing, last_runs, last_states, last_ats, last_errors;
  for (const auto& d : deltas) {
    tenants.add(d.tenant);
    schedules.add(d.schedule);
    succeeded.add(d.succeeded);
    failed.add(d.failed);
    cancelled.add(d.cancelled);
    durations.add(static_cast<std::int64_t>(d.duration.count()));
    trailing.add(d.trailing_failures);
    last_runs.add(d.last_run);
    last_states.add(to_string(d.last_state));
    last_ats.add(d.last_at);
    last_errors.add(d.last_error);
  }
  pg(tx).exec(kAddStats, tenants, schedules, succeeded, failed, cancelled, durations, trailing, last_runs, last_states, last_ats,
              last_errors);
  return ok();
}

}  // namespace carillon::pg
