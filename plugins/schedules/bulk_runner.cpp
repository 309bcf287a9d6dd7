#include "plugins/schedules/bulk_runner.h"

#include <algorithm>

namespace carillon::schedules {
namespace {

constexpr std::size_t kBulkChunk = 50;  ///< items of one transaction: so long others may wait for one of their rows
constexpr int kBulkJobsAtOnce = 20;
constexpr Duration kBulkLease{30'000'000};
constexpr Duration kBulkPause{1'000'000};
constexpr int kBusyTries = 3;

Json time_or_null(const std::optional<Instant>& t) { return t ? Json(format_instant(*t)) : Json(nullptr); }
Json id_or_null(const std::optional<Uuid>& id) { return id ? Json(id->to_string()) : Json(nullptr); }

}  // namespace

Json bulk_json(const BulkJob& j, Instant undoable_after) {
  Json arguments = j.arguments;
  arguments.erase("overrides");  // may be large, and this is shown after every chunk
  const bool undoable = j.ended_at && *j.ended_at > undoable_after && !j.undo_of && !j.undone_by && j.done > 0 && undo_of(j.action);
  return {{"id", j.id.to_string()}, {"action", to_string(j.action)}, {"arguments", std::move(arguments)}, {"state", to_string(j.state)},
          {"total", j.total}, {"done", j.done}, {"failed", j.failed}, {"skipped", j.skipped},
          {"waiting", j.total - j.done - j.failed - j.skipped}, {"undo_of", id_or_null(j.undo_of)}, {"undone_by", id_or_null(j.undone_by)},
          {"undoable", undoable}, {"created_at", format_instant(j.created_at)}, {"created_by", j.created_by},
          {"started_at", time_or_null(j.started_at)}, {"ended_at", time_or_null(j.ended_at)}};
}

Event bulk_event(const BulkJob& j, const std::string& kind) {
  return {"bulk", j.id, kind, j.done + j.failed + j.skipped, bulk_json(j)};
}

Duration BulkRunner::tick() {
  std::vector<Instant> mine;
  for (const auto& [_, held] : held_) mine.push_back(held.lease);
  auto open = transact_system(p_.database(), [&](Tx& tx) { return p_.bulk.open(tx, tx.now(), mine, kBulkJobsAtOnce); });
  if (!open) {
    p_.log.warn("bulk jobs cannot be read", {{"reason", open.error().reason}});
    return kBulkPause;
  }
  std::erase_if(held_, [&](const auto& entry) { return std::ranges::find(*open, entry.first, &BulkStore::OpenJob::id) == open->end(); });
  std::erase_if(busy_, [&](const auto& entry) { return !held_.contains(entry.first.first); });
  bool worked = false;
  for (const auto& job : *open) worked = advance(job) || worked;
  return worked ? Duration{0} : kBulkPause;
}

bool BulkRunner::advance(const BulkStore::OpenJob& open) {
  Refusals refusals;
  for (std::size_t size = kBulkChunk;;) {
    Chunk chunk;
    carillon::Status status = attempt(open, size, refusals, chunk);
    if (status) {
      if (!chunk.taken || chunk.ended) held_.erase(open.id);
      else held_[open.id] = {chunk.lease, chunk.last};
      return chunk.taken;
    }
    if (!chunk.current || !is_refusal(open.id, *chunk.current, status.error())) {
      p_.log.warn("bulk job waits", {{"job", open.id.to_string()}, {"reason", status.error().reason}});
      return false;
    }
    refusals.emplace(*chunk.current, std::move(status).error());
    // What went well before it is done again and kept; after it the next chunk begins.
    if (chunk.applied > 0) size = chunk.at + 1;
  }
}

bool BulkRunner::is_refusal(Uuid job, std::int64_t ordinal, const Error& error) {
  if (error.code != ErrorCode::unavailable) return true;
  if (error.reason != "DATABASE_BUSY") return false;
  held_.try_emplace(job);  // so that the count is kept
  return ++busy_[{job, ordinal}] >= kBusyTries;
}

carillon::Status BulkRunner::attempt(const BulkStore::OpenJob& open, std::size_t size, const Refusals& refusals, Chunk& chunk) {
  try {
    return p_.database().in_tenant(open.tenant, [&](Tx& tx) {
      chunk = Chunk{};
      return work(tx, open, size, refusals, chunk);
    });
  } catch (const std::exception& e) {
    if (!chunk.current) throw;
    p_.log.error("bulk item broke", {{"job", open.id.to_string()}, {"ordinal", *chunk.current}, {"error", std::string(e.what())}});
    return Error{ErrorCode::internal, "INTERNAL_ERROR", "Something broke while this was done; the log of the hub says what.", "", "", "", {}};
  }
}

carillon::Status BulkRunner::work(Tx& tx, const BulkStore::OpenJob& open, std::size_t size, const Refusals& refusals, Chunk& chunk) {
  CARILLON_TRY(BulkJob job, p_.bulk.lock(tx, open.tenant, open.id));
  if (job.ended_at || job.lease_until != open.lease_until) return ok();  // cancelled, or another node was first
  const auto held = held_.find(job.id);
  const std::int64_t after = held == held_.end() ? 0 : held->second.after;
  CARILLON_TRY(auto items, p_.bulk.items(tx, job.tenant, job.id, BulkItemState::waiting, after, static_cast<int>(size)));
  const TenantContext who = context_from_json(job.tenant, job.context);
  for (auto& item : items) {
    chunk.current = item.ordinal;
    if (auto refused = refusals.find(item.ordinal); refused != refusals.end()) {
      const Error& error = refused->second;
      item.state = BulkItemState::failed;
      item.code = error.reason;
      item.message = error.violations.empty() ? error.message : error.message + " " + error.violations.front().instance + " " + error.violations.front().message;
      ++job.failed;
    } else {
      CARILLON_CHECK(actions_.bulk_step(tx, who, job, item));
      ++chunk.applied;
      ++(item.state == BulkItemState::skipped ? job.skipped : job.done);
    }
    ++chunk.at;
  }
  chunk.current.reset();
  CARILLON_CHECK(p_.bulk.put_items(tx, job.tenant, job.id, items));
  if (!job.started_at) job.started_at = tx.now();
  job.state = BulkState::running;
  job.lease_until = tx.now() + kBulkLease;
  if (items.size() < size) {
    job.state = BulkState::finished;
    job.ended_at = tx.now();
    job.lease_until.reset();
  }
  CARILLON_CHECK(p_.bulk.put(tx, job));
  tx.emit(job.tenant, bulk_event(job, "updated"));
  chunk.taken = true;
  chunk.ended = job.ended_at.has_value();
  chunk.lease = job.lease_until.value_or(tx.now());
  chunk.last = items.empty() ? after : items.back().ordinal;
  return ok();
}

}  // namespace carillon::schedules
