#include "tests/support/memory/memory_bulk_store.h"

namespace carillon::memory {

using schedules::BulkItem;
using schedules::BulkJob;
using schedules::BulkItemState;
using schedules::Schedule;

std::optional<Uuid> MemoryBulkStore::undone_by(TenantId tenant, Uuid id) const {
  for (const auto& [key, job] : world_.bulk_jobs.rows())
    if (key.first == tenant && job.undo_of == id) return job.id;
  return std::nullopt;
}

Status MemoryBulkStore::insert(Tx& tx, const BulkJob& job) {
  mem(tx).only_tenant_scope("BulkStore::insert");
  mem(tx).check_owner(job.tenant, "BulkStore::insert");
  if (job.undo_of && undone_by(job.tenant, *job.undo_of))
    return Error{ErrorCode::conflict, "ALREADY_UNDONE", "This bulk job is being taken back, or was, by another one.", "id",
                 job.undo_of->to_string(), "Look at that job's items.", {}};
  world_.bulk_jobs.put({job.tenant, job.id}, job);
  return ok();
}

void MemoryBulkStore::add(const BulkJob& job, BulkItem item) {
  const auto ordinal = item.ordinal;
  world_.bulk_items.put({job.tenant, job.id, ordinal}, std::move(item));
}

Status MemoryBulkStore::add_ids(Tx& tx, const BulkJob& job, std::span<const ScheduleId> ids) {
  mem(tx).check_owner(job.tenant, "BulkStore::add_ids");
  std::int64_t ordinal = 0;
  for (const auto& id : ids) {
    const Schedule* schedule = world_.schedules.find({job.tenant, id});
    add(job, {++ordinal, id, schedule && !schedule->deleted ? schedule->name : "", BulkItemState::waiting, "", "", ""});
  }
  return ok();
}

Result<std::int64_t> MemoryBulkStore::add_matching(Tx& tx, const BulkJob& job, const schedules::ScheduleFilter& filter, std::int64_t limit) {
  mem(tx).check_owner(job.tenant, "BulkStore::add_matching");
  std::int64_t ordinal = 0;
  // The world keeps schedules by id.
  for (const Schedule* schedule : schedules_.matching(tx, job.tenant, filter)) {
    if (ordinal == limit) break;
    add(job, {++ordinal, schedule->id, schedule->name, BulkItemState::waiting, "", "", ""});
  }
  return ordinal;
}

Result<std::int64_t> MemoryBulkStore::add_undo(Tx& tx, const BulkJob& job) {
  mem(tx).check_owner(job.tenant, "BulkStore::add_undo");
  CARILLON_TRY(auto done, items(tx, job.tenant, job.undo_of.value(), BulkItemState::done, 0, std::numeric_limits<int>::max()));
  for (const auto& item : done) add(job, {item.ordinal, item.schedule, item.name, BulkItemState::waiting, "", "", item.undo});
  return static_cast<std::int64_t>(done.size());
}

Result<BulkJob> MemoryBulkStore::job(Tx& tx, TenantId tenant, Uuid id) {
  const BulkJob* job = world_.bulk_jobs.find({tenant, id});
  if (!job || !mem(tx).sees(tenant)) return nothing_there("bulk job", "id", id.to_string());
  BulkJob out = *job;
  out.undone_by = undone_by(tenant, id);
  return out;
}

Result<BulkJob> MemoryBulkStore::lock(Tx& tx, TenantId tenant, Uuid id) { return job(tx, tenant, id); }

Result<std::vector<BulkJob>> MemoryBulkStore::list(Tx& tx, TenantId tenant, std::optional<Uuid> before, int limit) {
  std::vector<BulkJob> out;
  const auto& rows = world_.bulk_jobs.rows();
  for (auto it = rows.rbegin(); it != rows.rend() && static_cast<int>(out.size()) < limit; ++it) {
    if (it->first.first != tenant || (before && !(it->first.second < *before))) continue;
    CARILLON_TRY(auto found, job(tx, tenant, it->first.second));
    out.push_back(std::move(found));
  }
  return out;
}

Status MemoryBulkStore::put(Tx& tx, const BulkJob& job) {
  mem(tx).check_owner(job.tenant, "BulkStore::put");
  world_.bulk_jobs.edit({job.tenant, job.id}, [&](BulkJob& row) {
    row.state = job.state;
    row.total = job.total;
    row.done = job.done;
    row.failed = job.failed;
    row.skipped = job.skipped;
    row.lease_until = job.lease_until;
    row.started_at = job.started_at;
    row.ended_at = job.ended_at;
  });
  return ok();
}

Result<std::vector<BulkItem>> MemoryBulkStore::items(Tx& tx, TenantId tenant, Uuid job, std::optional<BulkItemState> state, std::int64_t after,
                                                     int limit) {
  std::vector<BulkItem> out;
  if (!mem(tx).sees(tenant)) return out;
  for (const auto& [key, item] : world_.bulk_items.rows()) {
    if (std::get<0>(key) != tenant || std::get<1>(key) != job || item.ordinal <= after || (state && item.state != *state)) continue;
    if (static_cast<int>(out.size()) == limit) break;
    out.push_back(item);
  }
  return out;
}

Status MemoryBulkStore::put_items(Tx& tx, TenantId tenant, Uuid job, std::span<const BulkItem> items) {
  mem(tx).check_owner(tenant, "BulkStore::put_items");
  for (const auto& item : items)
    world_.bulk_items.edit({tenant, job, item.ordinal}, [&](BulkItem& row) {
      row.state = item.state;
      row.code = item.code;
      row.message = item.message;
      row.undo = item.undo;
    });
  return ok();
}

Result<std::int64_t> MemoryBulkStore::skip_waiting(Tx& tx, TenantId tenant, Uuid job, const std::string& code, const std::string& message) {
  CARILLON_TRY(auto waiting, items(tx, tenant, job, BulkItemState::waiting, 0, std::numeric_limits<int>::max()));
  for (auto& item : waiting) {
    item.state = BulkItemState::skipped;
    item.code = code;
    item.message = message;
  }
  CARILLON_CHECK(put_items(tx, tenant, job, waiting));
  return static_cast<std::int64_t>(waiting.size());
}

Result<std::vector<schedules::BulkStore::OpenJob>> MemoryBulkStore::open(Tx& tx, Instant now, std::span<const Instant> mine, int limit) {
  mem(tx).only_system_scope("BulkStore::open");
  std::vector<const BulkJob*> free;
  for (const auto& [key, job] : world_.bulk_jobs.rows())
    if (!job.ended_at && (!job.lease_until || *job.lease_until <= now || std::ranges::find(mine, *job.lease_until) != mine.end()))
      free.push_back(&job);
  std::ranges::sort(free, {}, [](const BulkJob* job) { return std::pair(job->created_at, job->id); });
  std::vector<OpenJob> out;
  for (const BulkJob* job : free)
    if (static_cast<int>(out.size()) < limit) out.push_back({job->tenant, job->id, job->lease_until});
  return out;
}

}  // namespace carillon::memory
