#include "tests/support/memory/memory_run_store.h"

namespace carillon::memory {
namespace {

bool run_matches(const Run& run, const RunFilter& f) {
  return (!f.state || run.state == *f.state) && (!f.workflow || run.workflow == *f.workflow) &&
         (!f.schedule || run.provenance.schedule == f.schedule) &&
         (f.reason.empty() || run.provenance.reason == f.reason) && (!f.from || run.created_at >= *f.from) &&
         (!f.to || run.created_at < *f.to) && (!f.before || run.id < *f.before);
}

}  // namespace

Status MemoryRunStore::insert(Tx& tx, std::span<const NewRun> runs) {
  for (const NewRun& n : runs) {
    mem(tx).check_owner(n.tenant, "RunStore::insert");
    const Owned<RunId> key{n.tenant, n.id};
    if (world_.runs.find(key)) continue;
    Run run;
    run.tenant = n.tenant;
    run.id = n.id;
    run.workflow = n.workflow;
    run.version = n.version;
    run.priority = n.priority;
    run.provenance = n.provenance;
    run.input = n.input;
    run.created_at = n.created_at;
    world_.runs.put(key, std::move(run));
    world_.run_commits.put(key, world_.commits + 1);
    QueueRow entry;
    entry.workflow = n.workflow;
    entry.version = n.version;
    entry.schedule = n.provenance.schedule;
    entry.scope = n.provenance.scope;
    entry.priority = n.priority;
    entry.visible_at = n.taken ? n.taken->lease_until : n.not_before.value_or(n.created_at);
    if (n.taken) {
      entry.owner = n.taken->owner;
      entry.epoch = kFirstEpoch;
    }
    entry.settings = n.settings;
    world_.queue.put(key, std::move(entry));
  }
  return ok();
}

Result<std::vector<ClaimedRun>> MemoryRunStore::claim(Tx& tx, NodeId owner, Instant lease_until, int limit) {
  mem(tx).only_system_scope("RunStore::claim");
  std::vector<std::pair<Owned<RunId>, const QueueRow*>> claimable;
  for (const auto& [key, entry] : world_.queue.rows())
    if (entry.visible_at <= tx.now()) claimable.emplace_back(key, &entry);
  std::ranges::sort(claimable, {}, [](const auto& item) {
    return std::tuple(-static_cast<int>(item.second->priority), item.second->visible_at, item.first);
  });
  if (claimable.size() > static_cast<std::size_t>(limit)) claimable.resize(static_cast<std::size_t>(limit));
  std::vector<ClaimedRun> out;
  for (const auto& [key, entry] : claimable) {
    // Its last owner never gave it back: that worker is gone.
    if (entry->owner) world_.runs.edit(key, [](Run& run) { ++run.takeovers; });
    world_.queue.edit(key, [&](QueueRow& row) {
      row.owner = owner;
      row.visible_at = lease_until;
      ++row.epoch;
    });
    const Run& run = *world_.runs.find(key);
    out.push_back({run.tenant, run.id, run.workflow, run.version, run.input, entry->checkpoint, run.provenance,
                   run.created_at, run.started_at, entry->epoch, run.takeovers, entry->cancel_requested,
                   entry->priority, entry->settings});
  }
  return out;
}

bool MemoryRunStore::holds(const LeaseKey& key) const {
  const QueueRow* entry = world_.queue.find({key.tenant, key.run});
  return entry && entry->owner && entry->epoch == key.epoch;
}

void MemoryRunStore::write_progress(Instant now, const RunProgress& p) {
  const Owned<RunId> key{p.tenant, p.id};
  if (is_terminal(p.state)) {
    world_.queue.erase(key);
    world_.run_end_commits.put(key, world_.commits + 1);
  } else {
    world_.queue.edit(key, [&](QueueRow& row) {
      const bool released = p.state == RunState::waiting;
      row.visible_at = released ? p.wake_at.value_or(now) : p.lease_until.value_or(now);
      if (released && row.cancel_requested) row.visible_at = now;
      if (released) row.owner.reset();
      row.checkpoint = p.checkpoint;
    });
  }
  world_.runs.edit(key, [&](Run& run) {
    run.state = p.state;
    if (!run.started_at) run.started_at = p.started_at;
    run.ended_at = p.ended_at;
    run.output = p.output;
    run.error = p.error;
  });
  for (const StoredStep& step : p.steps) {
    const std::tuple step_key{p.tenant, p.id, step.ordinal};
    const StoredStep* old = world_.steps.find(step_key);
    StoredStep row = old ? *old : step;
    row.state = step.state;
    row.ended_at = step.ended_at;
    if (!step.input.empty()) row.input = step.input;
    row.output = step.output;
    row.error = step.error;
    world_.steps.put(step_key, std::move(row));
  }
}

Result<std::vector<RunId>> MemoryRunStore::progress(Tx& tx, std::span<const RunProgress> batch) {
  mem(tx).only_system_scope("RunStore::progress");
  std::vector<RunId> held;
  for (const RunProgress& p : batch) {
    if (!holds({p.tenant, p.id, p.epoch})) continue;
    write_progress(tx.now(), p);
    held.push_back(p.id);
  }
  return held;
}

Result<std::vector<RunStore::LeaseAnswer>> MemoryRunStore::extend(Tx& tx, std::span<const LeaseKey> keys,
                                                                  Instant lease_until) {
  mem(tx).only_system_scope("RunStore::extend");
  std::vector<LeaseAnswer> out;
  for (const LeaseKey& key : keys) {
    if (!holds(key)) continue;
    world_.queue.edit({key.tenant, key.run}, [&](QueueRow& row) {
      row.visible_at = lease_until;
      out.push_back({key.run, row.cancel_requested});
    });
  }
  return out;
}

Status MemoryRunStore::hand_back(Tx& tx, std::span<const LeaseKey> keys) {
  mem(tx).only_system_scope("RunStore::hand_back");
  for (const LeaseKey& key : keys) {
    if (!holds(key)) continue;
    world_.queue.edit({key.tenant, key.run}, [&](QueueRow& row) {
      row.visible_at = tx.now();
      row.owner.reset();
    });
  }
  return ok();
}

Result<std::optional<Instant>> MemoryRunStore::next_wake(Tx& tx) {
  mem(tx).only_system_scope("RunStore::next_wake");
  std::optional<Instant> earliest;
  for (const auto& [key, entry] : world_.queue.rows())
    if (!earliest || entry.visible_at < *earliest) earliest = entry.visible_at;
  return earliest;
}

Run MemoryRunStore::with_workflow_name(const Run& run) const {
  Run out = run;
  if (const Workflow* workflow = world_.workflows.find({run.tenant, run.workflow})) out.workflow_name = workflow->name;
  return out;
}

Result<Run> MemoryRunStore::get(Tx& tx, TenantId tenant, RunId id) {
  const Run* run = world_.runs.find({tenant, id});
  if (!run || !mem(tx).sees(tenant)) return nothing_there("run", "id", id.to_string());
  return with_workflow_name(*run);
}

Result<std::vector<Run>> MemoryRunStore::list(Tx& tx, TenantId tenant, const RunFilter& filter) {
  std::vector<Run> out;
  if (!mem(tx).sees(tenant)) return out;
  const auto& rows = world_.runs.rows();
  for (auto it = rows.rbegin(); it != rows.rend() && out.size() < static_cast<std::size_t>(filter.limit); ++it)
    if (it->first.first == tenant && run_matches(it->second, filter)) out.push_back(with_workflow_name(it->second));
  return out;
}

Result<std::vector<StoredStep>> MemoryRunStore::steps(Tx& tx, TenantId tenant, RunId id) {
  std::vector<StoredStep> out;
  if (!mem(tx).sees(tenant)) return out;
  for (const auto& [key, step] : world_.steps.rows())
    if (std::get<0>(key) == tenant && std::get<1>(key) == id) out.push_back(step);
  return out;
}

Status MemoryRunStore::request_cancel(Tx& tx, TenantId tenant, RunId id) {
  CARILLON_TRY(Run run, get(tx, tenant, id));
  const bool waiting_for_end = world_.queue.edit({tenant, id}, [&](QueueRow& row) {
    row.cancel_requested = true;
    // Who holds it learns of the wish when extending the lease; taking the lease away would start the step again.
    if (!row.owner) row.visible_at = tx.now();
  });
  if (waiting_for_end) return ok();
  return Error{ErrorCode::conflict, "RUN_ENDED", "The run has already ended (" + std::string(to_string(run.state)) + ").",
               "id", id.to_string(), "Nothing is left to cancel.", {}};
}

Result<std::int64_t> MemoryRunStore::queue_position(Tx& tx, TenantId tenant, Priority priority) {
  if (!mem(tx).sees(tenant)) return 0;
  return std::ranges::count_if(world_.queue.rows(), [&](const auto& item) {
    const QueueRow& entry = item.second;
    return item.first.first == tenant && entry.priority >= priority && !entry.owner && entry.visible_at <= tx.now();
  });
}

std::vector<Owned<RunId>> MemoryRunStore::runs_in(Tx& tx, std::span<const RunRoom> rooms) const {
  std::vector<Owned<RunId>> out;
  for (const auto& [key, entry] : world_.queue.rows())
    if (mem(tx).sees(key.first) && std::ranges::any_of(rooms, [&](const RunRoom& room) {
          if (room.tenant != key.first) return false;
          if (!room.scope.empty()) return entry.scope == room.scope;
          return entry.workflow == room.workflow && (!room.schedule || entry.schedule == room.schedule);
        }))
      out.push_back(key);
  return out;
}

Status MemoryRunStore::request_cancel_in(Tx& tx, std::span<const RunRoom> rooms) {
  for (const auto& key : runs_in(tx, rooms))
    world_.queue.edit(key, [&](QueueRow& row) {
      if (!row.cancel_requested && !row.owner) row.visible_at = tx.now();
      row.cancel_requested = true;
    });
  return ok();
}

Result<std::vector<FinishedRun>> MemoryRunStore::terminate_in(Tx& tx, std::span<const RunRoom> rooms, const std::string& error) {
  std::vector<FinishedRun> out;
  for (const auto& key : runs_in(tx, rooms)) {
    world_.queue.erase(key);
    world_.run_end_commits.put(key, world_.commits + 1);
    world_.runs.edit(key, [&](Run& run) {
      run.state = RunState::cancelled;
      run.ended_at = tx.now();
      run.error = error;
    });
    const Run& run = *world_.runs.find(key);
    out.push_back({run.tenant, run.id, run.workflow, run.state, run.provenance, run.started_at, tx.now(), error, {}});
  }
  return out;
}

}  // namespace carillon::memory
