#include "tests/support/memory/memory_schedule_store.h"

namespace carillon::memory {

using schedules::Maintenance;
using schedules::MissedFailures;
using schedules::RoomKey;
using schedules::RoomView;
using schedules::Schedule;
using schedules::ScheduleKey;
using schedules::ScheduleVersion;
using schedules::SecretPayload;
using schedules::Waiting;

Result<std::vector<RoomView>> MemoryScheduleStore::rooms(Tx& tx, std::span<const RoomKey> keys) {
  std::vector<RoomView> out;
  for (const RoomKey& key : keys) {
    RoomView room;
    if (mem(tx).sees(key.tenant)) {
      for (const auto& [id, entry] : world_.queue.rows())
        if (id.first == key.tenant && (key.scope.empty()             ? entry.schedule == key.schedule && entry.workflow == key.workflow
                                       : key.scope.starts_with("w:") ? entry.workflow == key.workflow
                                                                     : entry.scope == key.scope))
          ++room.running;
      for (const auto& [id, waiting] : world_.backlog.rows())
        if (waiting.tenant == key.tenant && waiting.schedule == key.schedule) room.waiting.push_back(waiting);
    }
    out.push_back(std::move(room));
  }
  return out;
}

Status MemoryScheduleStore::add_scope(Tx& tx, TenantId tenant, const std::string& scope) {
  mem(tx).only_tenant_scope("ScheduleStore::add_scope");
  if (!scope.empty()) world_.overlap_scopes.put({tenant, scope}, true);
  return ok();
}

Status MemoryScheduleStore::add_waiting(Tx& tx, std::span<const Waiting> waiting) {
  for (const Waiting& w : waiting) {
    mem(tx).check_owner(w.tenant, "ScheduleStore::add_waiting");
    const std::tuple key{w.tenant, w.schedule, w.due_at};
    if (world_.backlog.find(key)) continue;
    world_.backlog.put(key, w);
    world_.waits.put(key, WaitRow{w, world_.commits + 1, tx.now()});
  }
  return ok();
}

Status MemoryScheduleStore::remove_waiting(Tx& tx, std::span<const Waiting> waiting) {
  for (const Waiting& w : waiting)
    if (mem(tx).sees(w.tenant)) world_.backlog.erase({w.tenant, w.schedule, w.due_at});
  return ok();
}

Result<std::vector<Waiting>> MemoryScheduleStore::waiting_of(Tx& tx, TenantId tenant, std::span<const ScheduleId> schedules) {
  std::vector<Waiting> out;
  for (const auto& [key, w] : world_.backlog.rows())
    if (mem(tx).sees(tenant) && w.tenant == tenant && std::ranges::find(schedules, w.schedule) != schedules.end()) out.push_back(w);
  std::ranges::sort(out, {}, &Waiting::due_at);
  return out;
}

Result<std::vector<ScheduleKey>> MemoryScheduleStore::waiting_in(Tx& tx, std::span<const RoomKey> rooms) {
  std::set<Owned<ScheduleId>> found;
  for (const auto& [key, w] : world_.backlog.rows())
    for (const RoomKey& room : rooms)
      if (mem(tx).sees(w.tenant) && w.tenant == room.tenant &&
          (w.scope.empty() ? w.schedule == room.schedule
                           : w.scope == "w:" + room.workflow.to_string() || w.scope == room.scope))
        found.insert({w.tenant, w.schedule});
  std::vector<ScheduleKey> out;
  for (const auto& [tenant, id] : found) out.push_back({tenant, id});
  return out;
}

Result<std::map<TenantId, std::vector<Maintenance>>> MemoryScheduleStore::maintenance(Tx& tx, std::span<const TenantId> tenants,
                                                                                      Instant since, bool) {
  std::map<TenantId, std::vector<Maintenance>> out;
  auto counts = [&](const Maintenance& m) { return !m.end() || *m.end() > since; };
  for (const TenantId& tenant : tenants) {
    if (!mem(tx).sees(tenant)) continue;
    for (const auto& [key, m] : world_.maintenance.rows())
      if (key.first == tenant && counts(m)) out[tenant].push_back(m);
    for (const auto& [key, m] : world_.system_maintenance.rows())
      if (counts(m)) out[tenant].push_back(m);
    if (auto it = out.find(tenant); it != out.end()) std::ranges::sort(it->second, {}, &Maintenance::since);
  }
  return out;
}

Status MemoryScheduleStore::add_missed_failures(Tx& tx, std::span<const MissedFailures> failures) {
  for (const MissedFailures& f : failures) {
    mem(tx).check_owner(f.tenant, "ScheduleStore::add_missed_failures");
    const Owned<ScheduleId> key{f.tenant, f.schedule};
    const StatsRow* old = world_.stats.find(key);
    StatsRow row = old ? *old : StatsRow{};
    row.failures_in_row += f.count;
    if (!old) row.last_at = f.at;
    world_.stats.put(key, std::move(row));
  }
  return ok();
}

Status MemoryScheduleStore::clear_failures(Tx& tx, TenantId tenant, ScheduleId id) {
  mem(tx).only_tenant_scope("ScheduleStore::clear_failures");
  if (mem(tx).sees(tenant)) world_.stats.edit({tenant, id}, [](StatsRow& row) { row.failures_in_row = 0; });
  return ok();
}

Result<std::vector<Schedule>> MemoryScheduleStore::lock_overfailed(Tx& tx, std::span<const ScheduleKey> keys) {
  using schedules::HoldKind;
  std::vector<Schedule> out;
  for (const ScheduleKey& key : keys) {
    const Schedule* s = world_.schedules.find({key.tenant, key.id});
    const StatsRow* stats = world_.stats.find({key.tenant, key.id});
    if (!s || s->deleted || !stats || !s->hold_after_failures || stats->failures_in_row < *s->hold_after_failures) continue;
    if (s->holds.contains(HoldKind::failures) || s->holds.contains(HoldKind::completed) || s->holds.contains(HoldKind::expired)) continue;
    if (mem(tx).sees(key.tenant)) out.push_back(*s);
  }
  std::ranges::sort(out, {}, &Schedule::id);
  return out;
}

Result<std::int64_t> MemoryScheduleStore::rescope_waiting(Tx& tx, TenantId tenant, ScheduleId id, const std::string& scope) {
  mem(tx).check_owner(tenant, "ScheduleStore::rescope_waiting");
  std::int64_t count = 0;
  const auto rows = world_.backlog.rows();
  for (const auto& [key, w] : rows) {
    if (w.tenant != tenant || w.schedule != id) continue;
    ++count;
    world_.backlog.edit(key, [&](Waiting& row) { row.scope = scope; });
  }
  return count;
}

Status MemoryScheduleStore::note_limits(Tx& tx, Instant since, const schedules::FirePolicy& limits) {
  mem(tx).only_system_scope("ScheduleStore::note_limits");
  const auto& rows = world_.fire_limits.rows();
  if (rows.empty() || rows.rbegin()->second != limits) world_.fire_limits.put(since, limits);
  return ok();
}

Result<std::optional<schedules::FirePolicy>> MemoryScheduleStore::limits_at(Tx&, Instant at) {
  const auto& rows = world_.fire_limits.rows();
  const auto later = rows.upper_bound(at);
  return later == rows.begin() ? std::nullopt : std::optional(std::prev(later)->second);
}

Status MemoryScheduleStore::add_version(Tx& tx, TenantId tenant, ScheduleId id, const ScheduleVersion& version) {
  mem(tx).only_tenant_scope("ScheduleStore::add_version");
  const std::tuple key{tenant, id, version.revision};
  if (world_.schedule_versions.find(key)) throw std::logic_error("a revision of a schedule was written twice");
  world_.schedule_versions.put(key, version);
  return ok();
}

Result<std::vector<ScheduleVersion>> MemoryScheduleStore::versions(Tx& tx, TenantId tenant, ScheduleId id,
                                                                   std::optional<std::int64_t> before, int limit) {
  std::vector<ScheduleVersion> out;
  const auto& rows = world_.schedule_versions.rows();
  for (auto it = rows.rbegin(); it != rows.rend() && out.size() < static_cast<std::size_t>(limit); ++it)
    if (mem(tx).sees(tenant) && std::get<0>(it->first) == tenant && std::get<1>(it->first) == id && (!before || it->second.revision < *before))
      out.push_back(it->second);
  return out;
}

Result<std::optional<ScheduleVersion>> MemoryScheduleStore::version_at(Tx& tx, TenantId tenant, ScheduleId id, Instant at) {
  CARILLON_TRY(auto all, versions(tx, tenant, id, std::nullopt, 1'000'000));
  for (auto& version : all)
    if (version.at <= at) return std::optional<ScheduleVersion>(std::move(version));
  return std::optional<ScheduleVersion>();
}

Result<std::optional<ScheduleVersion>> MemoryScheduleStore::version_until(Tx& tx, TenantId tenant, ScheduleId id, std::int64_t revision) {
  CARILLON_TRY(auto list, versions(tx, tenant, id, revision + 1, 1));
  if (list.empty()) return std::optional<ScheduleVersion>();
  return std::optional<ScheduleVersion>(std::move(list.front()));
}

Result<std::string> MemoryScheduleStore::payload_until(Tx& tx, TenantId tenant, ScheduleId id, std::int64_t revision) {
  CARILLON_TRY(auto list, versions(tx, tenant, id, revision + 1, 1'000'000));
  for (const auto& version : list)
    if (version.payload) return *version.payload;
  return std::string("null");
}

Result<std::vector<SecretPayload>> MemoryScheduleStore::payloads_with(Tx& tx, TenantId tenant, const std::string& text, int limit) {
  std::vector<SecretPayload> out;
  if (!mem(tx).sees(tenant)) return out;
  for (const auto& [key, s] : world_.schedules.rows()) {
    if (key.first != tenant || s.deleted || s.payload.find(text) == std::string::npos) continue;
    const Workflow* workflow = world_.workflows.find({tenant, s.workflow});
    out.push_back({s.id, s.name, workflow ? workflow->name : "", s.payload});
  }
  std::ranges::sort(out, {}, [](const SecretPayload& p) { return std::tuple(p.name, p.id); });
  if (out.size() > static_cast<std::size_t>(limit)) out.resize(static_cast<std::size_t>(limit));
  return out;
}

Result<std::int64_t> MemoryScheduleStore::running(Tx& tx, const RoomKey& room) {
  CARILLON_TRY(auto views, rooms(tx, std::span(&room, 1)));
  return views.front().running;
}

}  // namespace carillon::memory
