#include "tests/support/memory/memory_retention_store.h"

#include <set>

namespace carillon::memory {
namespace {

/// Erases the rows that match, `limit` at most. How many.
template <class Key, class Row, class Condition>
std::int64_t erase_first(Table<Key, Row>& table, std::int64_t limit, Condition&& condition) {
  std::int64_t count = 0;
  table.erase_if([&](const Key& key, const Row& row) { return count < limit && condition(key, row) && ++count > 0; });
  return count;
}

/// The first of them by age.
template <class Id>
std::vector<Id> oldest_of(std::set<std::pair<Instant, Id>> found, std::int64_t limit) {
  std::vector<Id> out;
  for (const auto& [at, id] : found)
    if (static_cast<std::int64_t>(out.size()) < limit) out.push_back(id);
  return out;
}

constexpr std::int64_t kEveryRow = std::numeric_limits<std::int64_t>::max();

}  // namespace

Result<std::vector<ScheduleId>> MemoryRetentionStore::lock_expired(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) {
  mem(tx).only_system_scope("RetentionStore::lock_expired");
  std::set<ScheduleId> busy;
  for (const auto& [key, row] : world_.queue.rows())
    if (key.first == tenant && row.schedule) busy.insert(*row.schedule);
  std::set<std::pair<Instant, ScheduleId>> found;
  for (const auto& [key, s] : world_.schedules.rows())
    if (key.first == tenant && s.deleted && s.updated_at <= until && !busy.contains(s.id)) found.insert({s.updated_at, s.id});
  return oldest_of(std::move(found), limit);
}

Result<schedules::RetentionStore::Removed> MemoryRetentionStore::purge_schedules(Tx& tx, TenantId tenant, std::span<const ScheduleId> schedules,
                                                                                 std::span<const RegistrationId> registrations,
                                                                                 std::int64_t limit) {
  mem(tx).only_system_scope("RetentionStore::purge_schedules");
  const std::set<ScheduleId> ids(schedules.begin(), schedules.end());
  std::set<RegistrationId> promises(registrations.begin(), registrations.end());
  std::set<BackfillId> backfills;
  for (const auto& [key, b] : world_.backfills.rows())
    if (key.first == tenant && ids.contains(b.schedule)) {
      backfills.insert(b.id);
      promises.insert(RegistrationId{b.id.value});
    }
  const auto by_schedule = [&](const auto& key, const auto&) { return std::get<0>(key) == tenant && ids.contains(std::get<1>(key)); };
  Removed out;
  out.rows = erase_first(world_.schedule_versions, limit, by_schedule);
  out.rows += erase_first(world_.backfill_items, limit - out.rows,
                         [&](const auto& key, const auto&) { return std::get<0>(key) == tenant && backfills.contains(std::get<1>(key)); });
  out.more = out.rows >= limit;
  if (out.more) return out;
  out.rows += erase_first(world_.registrations, kEveryRow, [&](const auto& key, const auto&) { return key.first == tenant && promises.contains(key.second); });
  out.rows += erase_first(world_.backfills, kEveryRow, [&](const auto& key, const auto&) { return key.first == tenant && backfills.contains(key.second); });
  out.rows += erase_first(world_.backlog, kEveryRow, by_schedule);
  out.rows += erase_first(world_.stats, kEveryRow, by_schedule);
  out.things = erase_first(world_.schedules, kEveryRow, by_schedule);
  out.rows += out.things;
  return out;
}

Result<schedules::RetentionStore::Removed> MemoryRetentionStore::purge_jobs(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) {
  mem(tx).only_system_scope("RetentionStore::purge_jobs");
  std::set<std::pair<Instant, Uuid>> found;
  for (const auto& [key, job] : world_.bulk_jobs.rows())
    if (key.first == tenant && job.ended_at && *job.ended_at <= until) found.insert({*job.ended_at, job.id});
  const auto jobs = oldest_of(std::move(found), limit);
  const std::set<Uuid> ids(jobs.begin(), jobs.end());
  const auto by_job = [&](const auto& key, const auto&) { return std::get<0>(key) == tenant && ids.contains(std::get<1>(key)); };
  Removed out;
  out.rows = erase_first(world_.bulk_items, limit, by_job);
  out.more = out.rows >= limit;
  if (out.more) return out;
  out.things = erase_first(world_.bulk_jobs, kEveryRow, by_job);
  out.rows += out.things;
  out.more = out.things == limit;
  return out;
}

Result<schedules::RetentionStore::Removed> MemoryRetentionStore::purge_verdicts(Tx& tx, TenantId tenant, Instant until, std::int64_t limit) {
  mem(tx).only_system_scope("RetentionStore::purge_verdicts");
  const auto pages = erase_first(world_.publish_verdicts, limit, [&](const auto& key, const auto&) {
    const auto& [owner, workflow, number, page] = key;
    const WorkflowVersion* version = world_.versions.find({owner, workflow, number});
    return owner == tenant && version && version->published_at <= until && number < world_.workflows.find({owner, workflow})->latest_version;
  });
  return Removed{pages, pages, pages == limit};
}

}  // namespace carillon::memory
