#include "tests/support/memory/memory_job_store.h"

namespace carillon::memory {
namespace {

constexpr std::size_t kLookahead = 100'000;  ///< of due_beside

}  // namespace

Status MemoryJobStore::put(Tx& tx, const Registration& registration) {
  mem(tx).check_owner(registration.tenant, "JobStore::put");
  const Owned<RegistrationId> key{registration.tenant, registration.id};
  RegistrationRow row;
  if (const RegistrationRow* old = world_.registrations.find(key)) row = *old;
  row.registration = registration;
  world_.registrations.put(key, std::move(row));
  return ok();
}

Status MemoryJobStore::put_all(Tx& tx, std::span<const Registration> registrations) {
  for (const Registration& registration : registrations) CARILLON_CHECK(put(tx, registration));
  return ok();
}

Result<std::optional<Registration>> MemoryJobStore::lock(Tx& tx, TenantId tenant, RegistrationId id) {
  const RegistrationRow* row = world_.registrations.find({tenant, id});
  if (!row || !mem(tx).sees(tenant)) return std::optional<Registration>();
  return std::optional<Registration>(row->registration);
}

Result<std::vector<Registration>> MemoryJobStore::lock_all(Tx& tx, TenantId tenant, std::span<const RegistrationId> ids) {
  std::vector<Registration> out;
  for (const RegistrationId& id : ids)
    if (const RegistrationRow* row = world_.registrations.find({tenant, id}); row && mem(tx).sees(tenant)) out.push_back(row->registration);
  std::ranges::sort(out, {}, &Registration::id);
  return out;
}

Status MemoryJobStore::erase(Tx& tx, TenantId tenant, RegistrationId id) {
  mem(tx).only_tenant_scope("JobStore::erase");
  if (mem(tx).sees(tenant)) world_.registrations.erase({tenant, id});
  return ok();
}

Result<std::vector<DueKey>> MemoryJobStore::due(Tx& tx, Instant until, int limit) {
  mem(tx).only_system_scope("JobStore::due");
  std::vector<DueKey> out;
  for (const auto& [key, row] : world_.registrations.rows()) {
    const Registration& r = row.registration;
    if (r.planned_at && *r.planned_at <= until) out.push_back({r.tenant, r.id, r.kind, r.due_at.value(), *r.planned_at, r.lane});
  }
  std::ranges::sort(out, {}, [](const DueKey& key) { return std::tuple(key.lane, key.planned_at, key.tenant, key.id); });
  if (out.size() > static_cast<std::size_t>(limit)) out.resize(static_cast<std::size_t>(limit));
  return out;
}

Result<std::vector<DueKey>> MemoryJobStore::due_beside(Tx& tx, Instant from, Instant until, std::span<const TenantId> tenants, int limit) {
  CARILLON_TRY(auto keys, due(tx, until, std::numeric_limits<int>::max()));
  std::erase_if(keys, [&](const DueKey& key) { return key.lane != Lane::live || key.planned_at < from; });
  if (keys.size() > kLookahead) keys.resize(kLookahead);
  std::erase_if(keys, [&](const DueKey& key) { return std::ranges::find(tenants, key.tenant) != tenants.end(); });
  if (keys.size() > static_cast<std::size_t>(limit)) keys.resize(static_cast<std::size_t>(limit));
  return keys;
}

Result<std::vector<DueJob>> MemoryJobStore::lock_due(Tx& tx, std::span<const DueKey> keys) {
  std::vector<DueJob> out;
  for (const DueKey& key : keys) {
    const RegistrationRow* row = world_.registrations.find({key.tenant, key.id});
    if (!row || !mem(tx).sees(key.tenant) || row->registration.due_at != key.due_at) continue;
    const Registration& r = row->registration;
    if (!r.planned_at) continue;
    out.push_back({r.tenant, r.id, *r.due_at, *r.planned_at, r.recurrence});
  }
  return out;
}

Status MemoryJobStore::move(Tx& tx, std::span<const JobMove> moves) {
  for (const JobMove& move : moves) {
    if (!mem(tx).sees(move.tenant)) continue;
    world_.registrations.edit({move.tenant, move.id}, [&](RegistrationRow& row) {
      row.registration.due_at = move.next_due_at;
      row.registration.planned_at = move.next_planned_at;
      row.registration.zone_data = move.zone_data;
      if (!move.last) return;
      row.last = move.last;
      row.started += move.last->started;
    });
  }
  return ok();
}

Status MemoryJobStore::put_sooner(Tx& tx, std::span<const Registration> registrations) {
  for (const Registration& r : registrations) {
    mem(tx).check_owner(r.tenant, "JobStore::put_sooner");
    const Owned<RegistrationId> key{r.tenant, r.id};
    if (!world_.registrations.edit(key, [&](RegistrationRow& row) {
          auto sooner = [](std::optional<Instant>& old, std::optional<Instant> other) {
            if (!old || (other && *other < *old)) old = other;
          };
          sooner(row.registration.due_at, r.due_at);
          sooner(row.registration.planned_at, r.planned_at);
        })) {
      RegistrationRow row;
      row.registration = r;
      world_.registrations.put(key, std::move(row));
    }
  }
  return ok();
}

Result<std::vector<RegistrationKey>> MemoryJobStore::try_lock(Tx& tx, std::span<const RegistrationKey> keys) {
  std::vector<RegistrationKey> out;
  for (const RegistrationKey& key : keys)
    if (mem(tx).sees(key.tenant) && world_.registrations.find({key.tenant, key.id})) out.push_back(key);
  return out;
}

Status MemoryJobStore::wake(Tx& tx, std::span<const RegistrationKey> keys, Instant at) {
  for (const RegistrationKey& key : keys) {
    if (!mem(tx).sees(key.tenant)) continue;
    world_.registrations.edit({key.tenant, key.id}, [&](RegistrationRow& row) {
      if (row.registration.planned_at && *row.registration.planned_at > at) row.registration.planned_at = at;
    });
  }
  return ok();
}

Result<std::int64_t> MemoryJobStore::unpark(Tx& tx, std::optional<TenantId> tenant, Instant at) {
  if (!tenant) mem(tx).only_system_scope("JobStore::unpark of all");
  std::vector<Owned<RegistrationId>> parked;
  for (const auto& [key, row] : world_.registrations.rows())
    if (row.registration.due_at && !row.registration.planned_at && mem(tx).sees(key.first) && (!tenant || key.first == *tenant))
      parked.push_back(key);
  for (const auto& key : parked) world_.registrations.edit(key, [&](RegistrationRow& row) { row.registration.planned_at = at; });
  return static_cast<std::int64_t>(parked.size());
}

Status MemoryJobStore::note(Tx& tx, std::span<const JobNote> notes) {
  for (const JobNote& note : notes) {
    if (!mem(tx).sees(note.tenant)) continue;
    world_.registrations.edit({note.tenant, note.id}, [&](RegistrationRow& row) {
      row.last = note.last;
      row.started += note.last.started;
    });
  }
  return ok();
}

Result<std::optional<Instant>> MemoryJobStore::next_wake(Tx& tx) {
  mem(tx).only_system_scope("JobStore::next_wake");
  std::optional<Instant> earliest;
  for (const auto& [key, row] : world_.registrations.rows()) {
    const auto& planned = row.registration.planned_at;
    if (planned && (!earliest || *planned < *earliest)) earliest = planned;
  }
  return earliest;
}

}  // namespace carillon::memory
