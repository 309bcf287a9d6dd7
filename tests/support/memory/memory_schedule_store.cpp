#include "tests/support/memory/memory_schedule_store.h"

#include "tests/support/memory/text.h"

namespace carillon::memory {

using schedules::Fire;
using schedules::FireView;
using schedules::Schedule;
using schedules::ScheduleFilter;
using schedules::ScheduleKey;
using schedules::SchedulePage;
using schedules::ScheduleView;
using schedules::StatsDelta;
using schedules::Verdict;

namespace {

RegistrationId registration_of(ScheduleId id) { return RegistrationId{id.value}; }

/// What a list is sorted by, as text that compares like the value; the schedule's id breaks ties.
using SortKey = std::pair<std::string, ScheduleId>;

std::string sortable(std::optional<Instant> t) {
  if (!t) return "~";
  // Microseconds since the epoch, padded; what is before 1970 does not occur in tests.
  std::string digits = std::to_string(t->us);
  return std::string(20 - digits.size(), '0') + digits;
}

}  // namespace

Status MemoryScheduleStore::check_name(const Schedule& schedule) const {
  if (schedule.deleted) return ok();
  for (const auto& [key, other] : world_.schedules.rows())
    if (other.tenant == schedule.tenant && other.workflow == schedule.workflow && other.id != schedule.id &&
        other.name == schedule.name && !other.deleted)
      return Error{ErrorCode::conflict, "NAME_TAKEN", "Another schedule of this workflow has this name.", "/name",
                   shorten(schedule.name), "Choose another name.", {}};
  return ok();
}

void MemoryScheduleStore::check_binding(const Schedule& schedule) const {
  if (!world_.versions.find({schedule.tenant, schedule.workflow, schedule.bound_version}))
    throw std::logic_error("a schedule bound to a version that is not there");
}

Status MemoryScheduleStore::insert(Tx& tx, const Schedule& schedule) {
  mem(tx).only_tenant_scope("ScheduleStore::insert");
  mem(tx).check_owner(schedule.tenant, "ScheduleStore::insert");
  CARILLON_CHECK(check_name(schedule));
  check_binding(schedule);
  world_.schedules.put({schedule.tenant, schedule.id}, schedule);
  return ok();
}

Status MemoryScheduleStore::update(Tx& tx, const Schedule& schedule) {
  mem(tx).only_tenant_scope("ScheduleStore::update");
  if (!mem(tx).sees(schedule.tenant)) return ok();
  CARILLON_CHECK(check_name(schedule));
  check_binding(schedule);
  world_.schedules.edit({schedule.tenant, schedule.id}, [&](Schedule& row) {
    Schedule next = schedule;
    next.workflow = row.workflow;
    next.created_at = row.created_at;
    next.created_by = row.created_by;
    row = std::move(next);
  });
  return ok();
}

Status MemoryScheduleStore::rebind(Tx& tx, std::span<const Schedule> schedules) {
  mem(tx).only_tenant_scope("ScheduleStore::rebind");
  for (const Schedule& s : schedules) {
    if (!mem(tx).sees(s.tenant)) continue;
    check_binding(s);
    world_.schedules.edit({s.tenant, s.id}, [&](Schedule& row) {
      row.bound_version = s.bound_version;
      row.holds = s.holds;
      row.settled_until = s.settled_until;
      row.revision = s.revision;
      row.updated_at = s.updated_at;
    });
  }
  return ok();
}

Result<std::vector<ScheduleId>> MemoryScheduleStore::put_holds(Tx& tx, std::span<const Schedule> schedules) {
  std::vector<ScheduleId> written;
  for (const Schedule& s : schedules) {
    const Schedule* row = world_.schedules.find({s.tenant, s.id});
    if (!row || !mem(tx).sees(s.tenant)) continue;
    world_.schedules.edit({s.tenant, s.id}, [&](Schedule& changed) {
      changed.holds = s.holds;
      changed.updated_at = s.updated_at;
      changed.settled_until = s.settled_until;
    });
    written.push_back(s.id);
  }
  std::ranges::sort(written);
  return written;
}

Result<Schedule> MemoryScheduleStore::lock(Tx& tx, TenantId tenant, ScheduleId id) {
  const Schedule* schedule = world_.schedules.find({tenant, id});
  if (!schedule || schedule->deleted || !mem(tx).sees(tenant)) return nothing_there("schedule", "id", id.to_string());
  return *schedule;
}

Result<Schedule> MemoryScheduleStore::lock_deleted(Tx& tx, TenantId tenant, ScheduleId id) {
  mem(tx).wait_for_head();  // it comes before the head of its workflow
  const Schedule* schedule = world_.schedules.find({tenant, id});
  if (!schedule || !schedule->deleted || !mem(tx).sees(tenant)) return nothing_there("schedule", "id", id.to_string());
  return *schedule;
}

Result<std::vector<schedules::ScheduleKey>> MemoryScheduleStore::kept(Tx& tx, std::span<const schedules::ScheduleKey> keys) {
  mem(tx).only_system_scope("ScheduleStore::kept");
  std::vector<schedules::ScheduleKey> out;
  for (const auto& key : keys)
    if (world_.schedules.find({key.tenant, key.id})) out.push_back(key);
  return out;
}

std::optional<Instant> MemoryScheduleStore::next_due_at(const Schedule& schedule) const {
  const RegistrationRow* row = world_.registrations.find({schedule.tenant, registration_of(schedule.id)});
  return row ? row->registration.due_at : std::nullopt;
}

ScheduleView MemoryScheduleStore::view_of(const Schedule& schedule) const {
  ScheduleView view;
  view.schedule = schedule;
  view.workflow_name = world_.workflows.find({schedule.tenant, schedule.workflow})->name;
  if (const RegistrationRow* row = world_.registrations.find({schedule.tenant, registration_of(schedule.id)})) {
    view.next_due_at = row->registration.due_at;
    view.started = row->started;
    if (row->last) {
      const JobMove::Last& last = *row->last;
      view.last_fire = ScheduleView::LastFire{last.due_at, last.fired_at, last.planned_at,
                                              schedules::parse_verdict(last.verdict).value(), last.run, std::nullopt};
      if (const Run* run = last.run ? world_.runs.find({schedule.tenant, *last.run}) : nullptr)
        view.last_fire->run_state = run->state;
    }
  }
  view.unfinished = std::ranges::count_if(world_.queue.rows(), [&](const auto& row) {
    return row.first.first == schedule.tenant && row.second.schedule == schedule.id;
  });
  if (const StatsRow* stats = world_.stats.find({schedule.tenant, schedule.id})) {
    view.succeeded = stats->succeeded;
    view.failed = stats->failed;
    view.cancelled = stats->cancelled;
    if (const std::int64_t runs = stats->succeeded + stats->failed; runs > 0)
      view.average_duration = Duration(stats->duration.count() / runs);
    if (stats->last_run != RunId{}) view.last_run_at = stats->last_at;
    view.last_error = stats->last_error;
  }
  return view;
}

Result<ScheduleView> MemoryScheduleStore::view(Tx& tx, TenantId tenant, ScheduleId id) {
  CARILLON_TRY(Schedule schedule, lock(tx, tenant, id));
  return view_of(schedule);
}

std::vector<const Schedule*> MemoryScheduleStore::matching(Tx& tx, TenantId tenant, const ScheduleFilter& f) const {
  std::vector<const Schedule*> out;
  if (!mem(tx).sees(tenant)) return out;
  for (const auto& [key, s] : world_.schedules.rows()) {
    if (key.first != tenant || s.deleted) continue;
    if (f.workflow && s.workflow != *f.workflow) continue;
    if (!f.kind.empty() && timing_kind(s.timing) != f.kind) continue;
    schedules::Status status = schedules::status_of(s.holds);
    if (f.in_maintenance && status == schedules::Status::active) status = schedules::Status::paused;
    if (f.status && status != *f.status) continue;
    if (!f.label.empty() && std::ranges::find(s.labels, f.label) == s.labels.end()) continue;
    if (!contains_any_case(s.name, f.text)) continue;
    out.push_back(&s);
  }
  return out;
}

Result<SchedulePage> MemoryScheduleStore::list(Tx& tx, TenantId tenant, const ScheduleFilter& filter) {
  const bool descending = filter.sort.starts_with('-');
  const std::string field = filter.sort.substr(descending ? 1 : 0);
  auto key_of = [&](const Schedule& s) {
    return SortKey{field == "updated_at" ? sortable(s.updated_at) : field == "next_due_at" ? sortable(next_due_at(s)) : s.name,
                   s.id};
  };
  std::vector<std::pair<SortKey, const Schedule*>> rows;
  for (const Schedule* s : matching(tx, tenant, filter)) rows.emplace_back(key_of(*s), s);
  std::ranges::sort(rows, [&](const auto& a, const auto& b) { return descending ? b.first < a.first : a.first < b.first; });
  if (!filter.cursor.empty()) {
    auto id = filter.cursor.size() < 36 ? std::nullopt : ScheduleId::parse(filter.cursor.substr(0, 36));
    if (!id)
      return Error{ErrorCode::malformed, "BAD_CURSOR", "The cursor is not one that this list gave.", "cursor",
                   shorten(filter.cursor), "Start again without a cursor.", {}};
    const SortKey after{filter.cursor.substr(36), *id};
    std::erase_if(rows, [&](const auto& row) { return descending ? !(row.first < after) : !(after < row.first); });
  }
  SchedulePage page;
  const auto limit = static_cast<std::size_t>(filter.limit);
  for (const auto& [key, schedule] : rows) {
    if (page.items.size() == limit) {
      const SortKey last = key_of(page.items.back().schedule);
      page.next_cursor = last.second.to_string() + last.first;
      break;
    }
    page.items.push_back(view_of(*schedule));
  }
  return page;
}

Result<std::int64_t> MemoryScheduleStore::count(Tx& tx, TenantId tenant, const ScheduleFilter& filter) {
  return static_cast<std::int64_t>(matching(tx, tenant, filter).size());
}

Result<std::vector<Schedule>> MemoryScheduleStore::lock_of_workflow(Tx& tx, TenantId tenant, WorkflowId workflow) {
  ScheduleFilter filter;
  filter.workflow = workflow;
  std::vector<Schedule> out;
  for (const Schedule* schedule : matching(tx, tenant, filter)) out.push_back(*schedule);
  return out;
}

Result<std::map<WorkflowId, schedules::ScheduleStore::WorkflowCounts>> MemoryScheduleStore::counts(Tx& tx, TenantId tenant) {
  std::map<WorkflowId, WorkflowCounts> out;
  for (const Schedule* schedule : matching(tx, tenant, {})) {
    WorkflowCounts& counts = out[schedule->workflow];
    ++counts.total;
    if (schedule->holds.contains(schedules::HoldKind::invalid)) ++counts.invalid;
  }
  return out;
}

Result<std::vector<FireView>> MemoryScheduleStore::load_for_fire(Tx& tx, std::span<const ScheduleKey> keys) {
  std::vector<FireView> out;
  for (const ScheduleKey& key : keys) {
    const Schedule* schedule = world_.schedules.find({key.tenant, key.id});
    const RegistrationRow* row = world_.registrations.find({key.tenant, registration_of(key.id)});
    if (!schedule || schedule->deleted || !row || !mem(tx).sees(key.tenant)) continue;
    const bool running = std::ranges::any_of(world_.queue.rows(), [&](const auto& item) {
      return item.first.first == key.tenant && item.second.schedule == key.id;
    });
    const StatsRow* stats = schedule->hold_after_failures ? world_.stats.find({key.tenant, key.id}) : nullptr;
    out.push_back({*schedule, row->started, running, stats ? stats->failures_in_row : 0});
  }
  return out;
}

Result<std::vector<bool>> MemoryScheduleStore::insert_fires(Tx& tx, std::span<const Fire> fires) {
  std::vector<bool> fresh;
  for (const Fire& fire : fires) {
    mem(tx).check_owner(fire.tenant, "ScheduleStore::insert_fires");
    const std::tuple key{fire.tenant, fire.schedule, fire.due_at};
    fresh.push_back(world_.fires.find(key) == nullptr);
    if (!fresh.back()) continue;
    world_.fires.put(key, fire);
    world_.fire_commits.put(key, world_.commits + 1);
  }
  return fresh;
}

Result<std::vector<Fire>> MemoryScheduleStore::fires(Tx& tx, TenantId tenant, ScheduleId id, std::optional<Verdict> verdict,
                                                     std::optional<Instant> before, int limit) {
  std::vector<Fire> out;
  if (!mem(tx).sees(tenant)) return out;
  const auto& rows = world_.fires.rows();
  for (auto it = rows.rbegin(); it != rows.rend() && out.size() < static_cast<std::size_t>(limit); ++it) {
    const Fire& fire = it->second;
    if (fire.tenant == tenant && fire.schedule == id && (!verdict || fire.verdict == *verdict) &&
        (!before || fire.due_at < *before))
      out.push_back(fire);
  }
  return out;
}

Result<std::map<RunId, RunState>> MemoryScheduleStore::run_states(Tx& tx, TenantId tenant, std::span<const RunId> runs) {
  std::map<RunId, RunState> out;
  for (const RunId& id : runs)
    if (const Run* run = world_.runs.find({tenant, id}); run && mem(tx).sees(tenant)) out[id] = run->state;
  return out;
}

Status MemoryScheduleStore::add_stats(Tx& tx, std::span<const StatsDelta> deltas) {
  mem(tx).only_system_scope("ScheduleStore::add_stats");
  for (const StatsDelta& delta : deltas) {
    const Owned<ScheduleId> key{delta.tenant, delta.schedule};
    const StatsRow* old = world_.stats.find(key);
    StatsRow row = old ? *old : StatsRow{};
    row.succeeded += delta.succeeded;
    row.failed += delta.failed;
    row.cancelled += delta.cancelled;
    row.duration += delta.duration;
    row.failures_in_row = (delta.any_success ? 0 : row.failures_in_row) + delta.trailing_failures;
    row.last_run = delta.last_run;
    row.last_state = delta.last_state;
    row.last_at = delta.last_at;
    row.last_error = delta.last_error;
    world_.stats.put(key, std::move(row));
  }
  return ok();
}

}  // namespace carillon::memory
