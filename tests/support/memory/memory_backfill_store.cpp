#include "tests/support/memory/memory_backfill_store.h"

namespace carillon::memory {

using schedules::Backfill;
using schedules::BackfillItem;
using schedules::BackfillKey;
using schedules::BackfillState;
using schedules::BackfillView;
using schedules::ItemChange;
using schedules::ItemState;
using schedules::TakenTimes;

BackfillView MemoryBackfillStore::view_of(const Backfill& backfill) const {
  BackfillView out{backfill, {}};
  for (const auto& [key, item] : world_.backfill_items.rows())
    if (std::get<0>(key) == backfill.tenant && std::get<1>(key) == backfill.id) ++out.progress.of(item.state);
  return out;
}

Status MemoryBackfillStore::insert(Tx& tx, const Backfill& backfill, std::span<const Instant> due_times) {
  mem(tx).only_tenant_scope("BackfillStore::insert");
  mem(tx).check_owner(backfill.tenant, "BackfillStore::insert");
  world_.backfills.put({backfill.tenant, backfill.id}, backfill);
  for (const Instant due : due_times) world_.backfill_items.put({backfill.tenant, backfill.id, due}, {due, ItemState::waiting, {}});
  return ok();
}

Result<BackfillView> MemoryBackfillStore::view(Tx& tx, TenantId tenant, BackfillId id) {
  CARILLON_TRY(auto found, lock(tx, tenant, id));
  return view_of(found);
}

Result<std::vector<BackfillView>> MemoryBackfillStore::list(Tx& tx, TenantId tenant, ScheduleId schedule, std::optional<BackfillId> before,
                                                            int limit) {
  std::vector<BackfillView> out;
  const auto& rows = world_.backfills.rows();
  for (auto it = rows.rbegin(); it != rows.rend() && out.size() < static_cast<std::size_t>(limit); ++it) {
    const Backfill& b = it->second;
    if (mem(tx).sees(tenant) && b.tenant == tenant && b.schedule == schedule && (!before || b.id < *before)) out.push_back(view_of(b));
  }
  return out;
}

Result<std::vector<BackfillItem>> MemoryBackfillStore::items(Tx& tx, TenantId tenant, BackfillId id, std::optional<ItemState> state,
                                                             std::optional<Instant> after, int limit) {
  std::vector<BackfillItem> out;
  for (const auto& [key, item] : world_.backfill_items.rows()) {
    if (!mem(tx).sees(tenant) || std::get<0>(key) != tenant || std::get<1>(key) != id || (state && item.state != *state) ||
        (after && item.due_at <= *after))
      continue;
    if (out.size() == static_cast<std::size_t>(limit)) break;
    out.push_back(item);
  }
  return out;
}

Result<TakenTimes> MemoryBackfillStore::taken(Tx& tx, TenantId tenant, ScheduleId schedule, Instant from, Instant to) {
  std::set<Instant> fired, busy;
  auto inside = [&](Instant due) { return mem(tx).sees(tenant) && due >= from && due < to; };
  for (const auto& [key, fire] : world_.fires.rows())
    if (fire.tenant == tenant && fire.schedule == schedule && fire.verdict == schedules::Verdict::started && inside(fire.due_at)) fired.insert(fire.due_at);
  for (const auto& [key, waiting] : world_.backlog.rows())
    if (waiting.tenant == tenant && waiting.schedule == schedule && inside(waiting.due_at)) busy.insert(waiting.due_at);
  for (const auto& [key, item] : world_.backfill_items.rows()) {
    const Backfill* b = world_.backfills.find({std::get<0>(key), std::get<1>(key)});
    if (b->tenant != tenant || b->schedule != schedule || !inside(item.due_at)) continue;
    if (item.run) fired.insert(item.due_at);
    const bool open = b->state == BackfillState::running || b->state == BackfillState::paused;
    if (open && (item.state == ItemState::waiting || item.state == ItemState::started)) busy.insert(item.due_at);
  }
  return TakenTimes{{fired.begin(), fired.end()}, {busy.begin(), busy.end()}};
}

Result<std::vector<schedules::Backfilled>> MemoryBackfillStore::ran(Tx& tx, TenantId tenant, ScheduleId schedule,
                                                                     std::span<const schedules::DueStretch> stretches) {
  std::vector<schedules::Backfilled> out;
  for (const auto& stretch : stretches) {
    std::map<Instant, std::pair<BackfillId, RunId>> newest;
    for (const auto& [key, item] : world_.backfill_items.rows()) {
      const Backfill* b = world_.backfills.find({std::get<0>(key), std::get<1>(key)});
      if (mem(tx).sees(tenant) && b->tenant == tenant && b->schedule == schedule && item.run && item.due_at >= stretch.first && item.due_at <= stretch.last)
        newest[item.due_at] = {b->id, *item.run};
    }
    schedules::Backfilled all{static_cast<std::int64_t>(newest.size()), {}, {}};
    for (const auto& [_, one] : newest)
      if (one.first >= all.backfill) std::tie(all.backfill, all.run) = one;
    out.push_back(all);
  }
  return out;
}

Result<Backfill> MemoryBackfillStore::lock(Tx& tx, TenantId tenant, BackfillId id) {
  const Backfill* found = world_.backfills.find({tenant, id});
  if (!found || !mem(tx).sees(tenant)) return nothing_there("backfill", "id", id.to_string());
  return *found;
}

Status MemoryBackfillStore::update(Tx& tx, const Backfill& backfill) {
  mem(tx).check_owner(backfill.tenant, "BackfillStore::update");
  world_.backfills.edit({backfill.tenant, backfill.id}, [&](Backfill& row) {
    row.state = backfill.state;
    row.reason = backfill.reason;
    row.ended_at = backfill.ended_at;
  });
  return ok();
}

Result<std::int64_t> MemoryBackfillStore::cancel_waiting(Tx& tx, TenantId tenant, BackfillId id) {
  std::vector<std::tuple<TenantId, BackfillId, Instant>> waiting;
  for (const auto& [key, item] : world_.backfill_items.rows())
    if (mem(tx).sees(tenant) && std::get<0>(key) == tenant && std::get<1>(key) == id && item.state == ItemState::waiting) waiting.push_back(key);
  for (const auto& key : waiting) world_.backfill_items.edit(key, [](BackfillItem& item) { item.state = ItemState::cancelled; });
  return static_cast<std::int64_t>(waiting.size());
}

Result<std::vector<BackfillView>> MemoryBackfillStore::try_lock(Tx& tx, std::span<const BackfillKey> keys) {
  mem(tx).only_system_scope("BackfillStore::try_lock");
  std::vector<BackfillView> out;
  for (const BackfillKey& key : keys)
    if (const Backfill* found = world_.backfills.find({key.tenant, key.id})) out.push_back(view_of(*found));
  return out;
}

Result<std::vector<Instant>> MemoryBackfillStore::waiting(Tx& tx, const BackfillKey& key, std::int64_t limit) {
  CARILLON_TRY(auto found, items(tx, key.tenant, key.id, ItemState::waiting, std::nullopt, static_cast<int>(limit)));
  std::vector<Instant> out;
  for (const BackfillItem& item : found) out.push_back(item.due_at);
  return out;
}

Status MemoryBackfillStore::start(Tx& tx, std::span<const ItemChange> items) {
  mem(tx).only_system_scope("BackfillStore::start");
  for (const ItemChange& change : items)
    world_.backfill_items.edit({change.tenant, change.backfill, change.due_at}, [&](BackfillItem& item) {
      if (item.state != ItemState::waiting) return;
      item.state = change.state;
      item.run = change.run;
    });
  return ok();
}

Status MemoryBackfillStore::finish(Tx& tx, std::span<const ItemChange> items) {
  mem(tx).only_system_scope("BackfillStore::finish");
  for (const ItemChange& change : items)
    world_.backfill_items.edit({change.tenant, change.backfill, change.due_at}, [&](BackfillItem& item) {
      if (item.state != ItemState::started || item.run != change.run) return;
      item.state = change.state;
      if (change.retry) item.run = change.retry;
    });
  return ok();
}

using schedules::MaintenanceEntry;

Status MemoryMaintenanceStore::insert(Tx& tx, const MaintenanceEntry& entry) {
  if (entry.tenant) {
    mem(tx).check_owner(*entry.tenant, "MaintenanceStore::insert");
    world_.maintenance.put({*entry.tenant, entry.id}, entry.stretch);
  } else {
    mem(tx).only_system_scope("MaintenanceStore::insert of the hub");
    world_.system_maintenance.put(entry.id, entry.stretch);
  }
  return ok();
}

Result<MaintenanceEntry> MemoryMaintenanceStore::lock(Tx& tx, std::optional<TenantId> tenant, const Uuid& id) {
  if (!tenant) mem(tx).only_system_scope("MaintenanceStore::lock of the hub");
  const auto* found = tenant ? (mem(tx).sees(*tenant) ? world_.maintenance.find({*tenant, id}) : nullptr) : world_.system_maintenance.find(id);
  if (!found) return nothing_there("maintenance", "id", id.to_string());
  return MaintenanceEntry{id, tenant, *found};
}

Status MemoryMaintenanceStore::set_ended(Tx& tx, const MaintenanceEntry& entry) {
  auto write = [&](schedules::Maintenance& m) { m.ended_at = entry.stretch.ended_at; };
  if (entry.tenant) {
    mem(tx).check_owner(*entry.tenant, "MaintenanceStore::set_ended");
    world_.maintenance.edit({*entry.tenant, entry.id}, write);
  } else {
    mem(tx).only_system_scope("MaintenanceStore::set_ended of the hub");
    world_.system_maintenance.edit(entry.id, write);
  }
  return ok();
}

Result<std::vector<MaintenanceEntry>> MemoryMaintenanceStore::list(Tx& tx, std::optional<TenantId> tenant, int limit) {
  std::vector<MaintenanceEntry> out;
  if (tenant) {
    for (const auto& [key, m] : world_.maintenance.rows())
      if (mem(tx).sees(*tenant) && key.first == *tenant) out.push_back({key.second, tenant, m});
  } else {
    for (const auto& [id, m] : world_.system_maintenance.rows()) out.push_back({id, {}, m});
  }
  std::ranges::reverse(out);
  if (out.size() > static_cast<std::size_t>(limit)) out.resize(static_cast<std::size_t>(limit));
  return out;
}

Result<std::vector<MaintenanceEntry>> MemoryMaintenanceStore::active(Tx& tx, std::optional<TenantId> tenant, Instant now) {
  std::vector<MaintenanceEntry> out;
  for (const auto& [id, m] : world_.system_maintenance.rows()) out.push_back({id, {}, m});
  if (tenant)
    for (const auto& [key, m] : world_.maintenance.rows())
      if (mem(tx).sees(*tenant) && key.first == *tenant) out.push_back({key.second, tenant, m});
  std::erase_if(out, [&](const MaintenanceEntry& entry) { return !entry.active(now); });
  std::ranges::sort(out, {}, [](const MaintenanceEntry& entry) { return std::pair(entry.stretch.since, entry.id); });
  return out;
}

}  // namespace carillon::memory
