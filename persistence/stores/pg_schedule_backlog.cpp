#include <algorithm>

#include "persistence/core/pg_tx.h"
#include "persistence/stores/pg_schedule_row.h"
#include "persistence/stores/pg_schedule_store.h"
#include "persistence/stores/schedule_sql.h"

/// What the policies need: rooms and who waits for one, maintenance, failures in a row, versions.
namespace carillon::pg {

using namespace carillon::schedules;
using carillon::Status;  // the other Status here is a schedule's

namespace {

Waiting waiting_of_row(const pqxx::row& row) {
  return {id_of<TenantId>(row[0]), id_of<ScheduleId>(row[1]), instant_of(row[2]), instant_of(row[3]),
          text_of(row[4]),         instant_of(row[5]),        text_of(row[6]),    int_of(row[7])};
}

Maintenance maintenance_of_row(const pqxx::row& row, pqxx::row::size_type first) {
  return {instant_of(row[first]), instant_or_null(row[first + 1]), instant_or_null(row[first + 2]), text_of(row[first + 3]),
          text_of(row[first + 4])};
}

ScheduleVersion version_of_row(const pqxx::row& row) {
  ScheduleVersion v{int_of(row[0]), instant_of(row[1]), text_of(row[2]), text_of(row[3]), parse_stored_json(text_of(row[4])), {}};
  if (!row[5].is_null()) v.payload = text_of(row[5]);
  return v;
}

}  // namespace

Result<std::vector<RoomView>> PgScheduleStore::rooms(Tx& tx, std::span<const RoomKey> keys) {
  std::vector<RoomView> out(keys.size());
  if (keys.empty()) return out;
  ArrayText tenants, schedules, workflows, scopes, shared_tenants, shared_scopes;
  bool any_shared = false;
  std::map<ScheduleId, std::size_t> place;
  for (std::size_t n = 0; n < keys.size(); ++n) {
    tenants.add(keys[n].tenant);
    schedules.add(keys[n].schedule);
    workflows.add(keys[n].workflow);
    scopes.add(keys[n].scope);
    place[keys[n].schedule] = n;
    if (keys[n].scope.empty()) continue;
    any_shared = true;
    shared_tenants.add(keys[n].tenant);
    shared_scopes.add(keys[n].scope);
  }
  if (any_shared) pg(tx).exec(kHoldScopes, shared_tenants, shared_scopes);
  const std::string t = tenants.take(), s = schedules.take();
  for (const auto& row : pg(tx).exec(kCountRooms, t, s, workflows, scopes))
    out[static_cast<std::size_t>(int_of(row[0]) - 1)].running = int_of(row[1]);
  for (const auto& row : pg(tx).exec(kLoadWaiting, t, s)) {
    Waiting waiting = waiting_of_row(row);
    out[place.at(waiting.schedule)].waiting.push_back(std::move(waiting));
  }
  return out;
}

Status PgScheduleStore::add_scope(Tx& tx, TenantId tenant, const std::string& scope) {
  if (!scope.empty()) pg(tx).exec(kAddScope, tenant, scope);
  return ok();
}

Status PgScheduleStore::add_waiting(Tx& tx, std::span<const Waiting> waiting) {
  if (waiting.empty()) return ok();
  ArrayText tenants, schedules, dues, planned, reasons, since, scopes, revisions;
  for (const auto& w : waiting) {
    tenants.add(w.tenant);
    schedules.add(w.schedule);
    dues.add(w.due_at);
    planned.add(w.planned_at);
    reasons.add(w.reason);
    since.add(w.since);
    scopes.add(w.scope);
    revisions.add(w.schedule_revision);
  }
  pg(tx).exec(kAddWaiting, tenants, schedules, dues, planned, reasons, since, scopes, revisions);
  return ok();
}

Status PgScheduleStore::remove_waiting(Tx& tx, std::span<const Waiting> waiting) {
  if (waiting.empty()) return ok();
  ArrayText tenants, schedules, dues;
  for (const auto& w : waiting) {
    tenants.add(w.tenant);
    schedules.add(w.schedule);
    dues.add(w.due_at);
  }
  pg(tx).exec(kRemoveWaiting, tenants, schedules, dues);
  return ok();
}

Result<std::vector<Waiting>> PgScheduleStore::waiting_of(Tx& tx, TenantId tenant, std::span<const ScheduleId> schedules) {
  ArrayText ids;
  for (const auto& id : schedules) ids.add(id);
  std::vector<Waiting> out;
  for (const auto& row : pg(tx).exec(kWaitingOf, tenant, ids)) out.push_back(waiting_of_row(row));
  return out;
}

Result<std::vector<ScheduleKey>> PgScheduleStore::waiting_in(Tx& tx, std::span<const RoomKey> rooms) {
  std::vector<ScheduleKey> out;
  if (rooms.empty()) return out;
  ArrayText tenants, schedules, workflows, scopes;
  for (const auto& room : rooms) {
    tenants.add(room.tenant);
    schedules.add(room.schedule);
    workflows.add("w:" + room.workflow.to_string());
    scopes.add(room.scope);
  }
  for (const auto& row : pg(tx).exec(kWaitingIn, tenants, schedules, workflows, scopes))
    out.push_back({id_of<TenantId>(row[0]), id_of<ScheduleId>(row[1])});
  return out;
}

Result<std::map<TenantId, std::vector<Maintenance>>> PgScheduleStore::maintenance(Tx& tx, std::span<const TenantId> tenants,
                                                                                  Instant since, bool hold) {
  std::map<TenantId, std::vector<Maintenance>> out;
  ArrayText ids;
  for (const auto& tenant : tenants) ids.add(tenant);
  for (const auto& row : pg(tx).exec(hold ? kHoldMaintenanceOfTenants : kMaintenanceOfTenants, ids, since)) out[id_of<TenantId>(row[0])].push_back(maintenance_of_row(row, 1));
  const auto of_hub = pg(tx).exec(hold ? kHoldSystemMaintenance : kSystemMaintenance, since);
  if (of_hub.empty()) return out;
  for (const auto& tenant : tenants) {
    for (const auto& row : of_hub) out[tenant].push_back(maintenance_of_row(row, 0));
    std::ranges::sort(out[tenant], {}, &Maintenance::since);
  }
  return out;
}

Status PgScheduleStore::add_missed_failures(Tx& tx, std::span<const MissedFailures> failures) {
  if (failures.empty()) return ok();
  ArrayText tenants, schedules, counts, ats;
  for (const auto& f : failures) {
    tenants.add(f.tenant);
    schedules.add(f.schedule);
    counts.add(f.count);
    ats.add(f.at);
  }
  pg(tx).exec(kAddMissedFailures, tenants, schedules, counts, ats);
  return ok();
}

Status PgScheduleStore::clear_failures(Tx& tx, TenantId tenant, ScheduleId id) {
  pg(tx).exec(kClearFailures, tenant, id);
  return ok();
}

Result<std::vector<Schedule>> PgScheduleStore::lock_overfailed(Tx& tx, std::span<const ScheduleKey> keys) {
  std::vector<Schedule> out;
  if (keys.empty()) return out;
  ArrayText tenants, ids;
  for (const auto& key : keys) {
    tenants.add(key.tenant);
    ids.add(key.id);
  }
  for (const auto& row : pg(tx).exec(kLockOverfailed, tenants, ids)) out.push_back(schedule_of_row(row));
  return out;
}

Result<std::int64_t> PgScheduleStore::rescope_waiting(Tx& tx, TenantId tenant, ScheduleId id, const std::string& scope) {
  return static_cast<std::int64_t>(pg(tx).exec(kRescopeWaiting, tenant, id, scope).affected_rows());
}

Status PgScheduleStore::note_limits(Tx& tx, Instant since, const FirePolicy& limits) {
  pg(tx).exec(kNoteLimits, since, limits.grace.count(), limits.one_time_window.count());
  return ok();
}

Result<std::optional<FirePolicy>> PgScheduleStore::limits_at(Tx& tx, Instant at) {
  const auto rows = pg(tx).exec(kLimitsAt, at);
  if (rows.empty()) return std::optional<FirePolicy>();
  return std::optional(FirePolicy{Duration{int_of(rows[0][0])}, Duration{int_of(rows[0][1])}});
}

Status PgScheduleStore::add_version(Tx& tx, TenantId tenant, ScheduleId id, const ScheduleVersion& v) {
  pg(tx).exec(kAddScheduleVersion, tenant, id, v.revision, v.at, v.actor, v.action, dump_json(v.document), v.payload);
  return ok();
}

Result<std::vector<ScheduleVersion>> PgScheduleStore::versions(Tx& tx, TenantId tenant, ScheduleId id,
                                                               std::optional<std::int64_t> before, int limit) {
  std::vector<ScheduleVersion> out;
  for (const auto& row : pg(tx).exec(kListScheduleVersions, tenant, id, before, limit)) out.push_back(version_of_row(row));
  return out;
}

Result<std::optional<ScheduleVersion>> PgScheduleStore::version_at(Tx& tx, TenantId tenant, ScheduleId id, Instant at) {
  auto rows = pg(tx).exec(kScheduleVersionAt, tenant, id, at);
  if (rows.empty()) return std::optional<ScheduleVersion>();
  return std::optional<ScheduleVersion>(version_of_row(rows[0]));
}

Result<std::optional<ScheduleVersion>> PgScheduleStore::version_until(Tx& tx, TenantId tenant, ScheduleId id, std::int64_t revision) {
  CARILLON_TRY(auto list, versions(tx, tenant, id, revision + 1, 1));
  if (list.empty()) return std::optional<ScheduleVersion>();
  return std::optional<ScheduleVersion>(std::move(list.front()));
}

Result<std::vector<schedules::SecretPayload>> PgScheduleStore::payloads_with(Tx& tx, TenantId tenant, const std::string& text, int limit) {
  std::vector<schedules::SecretPayload> out;
  for (const auto& row : pg(tx).exec(kPayloadsWith, tenant, text, limit))
    out.push_back({id_of<ScheduleId>(row[0]), text_of(row[1]), text_of(row[2]), text_of(row[3])});
  return out;
}

Result<std::string> PgScheduleStore::payload_until(Tx& tx, TenantId tenant, ScheduleId id, std::int64_t revision) {
  auto rows = pg(tx).exec(kPayloadUntil, tenant, id, revision);
  return rows.empty() ? std::string("null") : text_of(rows[0][0]);
}

Result<std::int64_t> PgScheduleStore::running(Tx& tx, const RoomKey& room) {
  ArrayText tenants, schedules, workflows, scopes;
  tenants.add(room.tenant);
  schedules.add(room.schedule);
  workflows.add(room.workflow);
  scopes.add(room.scope);
  return int_of(pg(tx).exec(kCountRooms, tenants, schedules, workflows, scopes)[0][1]);
}

}  // namespace carillon::pg
