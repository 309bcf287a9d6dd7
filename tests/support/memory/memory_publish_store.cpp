#include "tests/support/memory/memory_publish_store.h"

#include <algorithm>

#include "engine/base/rng.h"

namespace carillon::memory {

using namespace carillon::schedules;
using carillon::Status;  // the other Status here is a schedule's

std::vector<const Schedule*> MemoryPublishStore::live(Tx& tx, TenantId tenant, WorkflowId workflow) const {
  std::vector<const Schedule*> out;
  if (!mem(tx).sees(tenant)) return out;
  for (const auto& [key, s] : world_.schedules.rows())
    if (key.first == tenant && s.workflow == workflow && !s.deleted) out.push_back(&s);
  return out;
}

std::optional<Registration> MemoryPublishStore::registration_of(const Schedule& s) const {
  const RegistrationRow* row = world_.registrations.find({s.tenant, RegistrationId{s.id.value}});
  return row ? std::optional(row->registration) : std::nullopt;
}

Result<std::int64_t> MemoryPublishStore::count(Tx& tx, TenantId tenant, WorkflowId workflow) {
  return static_cast<std::int64_t>(live(tx, tenant, workflow).size());
}

Result<std::vector<PublishRow>> MemoryPublishStore::read(Tx& tx, const PublishRead& read) {
  auto found = live(tx, read.tenant, read.workflow);
  std::ranges::sort(found, {}, [](const Schedule* s) { return s->name; });
  std::vector<PublishRow> out;
  for (const Schedule* s : found) {
    if (s->name <= read.after) continue;
    if (out.size() == static_cast<std::size_t>(read.limit)) break;
    PublishRow row{s->id, s->name, s->revision, s->bound_version, status_of(s->holds), s->holds.contains(HoldKind::invalid),
                   dump_json(timing_to_json(s->timing)), s->bounds, {}, {}};
    const bool over = s->holds.contains(HoldKind::completed) || s->holds.contains(HoldKind::expired);
    const bool trusted = read.trusted_version == s->bound_version && !row.invalid;
    if (!over && !trusted) row.payload = s->payload;
    if (auto registration = registration_of(*s)) row.due_at = registration->due_at;
    out.push_back(std::move(row));
  }
  return out;
}

Result<std::vector<PublishHead>> MemoryPublishStore::lock(Tx& tx, TenantId tenant, WorkflowId workflow) {
  std::vector<PublishHead> out;
  for (const Schedule* s : live(tx, tenant, workflow)) {
    auto registration = registration_of(*s);
    out.push_back({s->id, s->name, s->revision, s->bound_version, s->holds, registration ? registration->due_at : std::nullopt});
  }
  std::ranges::sort(out, {}, &PublishHead::id);
  return out;
}

Result<std::vector<Schedule>> MemoryPublishStore::whole(Tx& tx, TenantId tenant, std::span<const ScheduleId> ids) {
  std::vector<Schedule> out;
  for (const ScheduleId& id : ids)
    if (const Schedule* s = world_.schedules.find({tenant, id}); s && !s->deleted && mem(tx).sees(tenant)) out.push_back(*s);
  std::ranges::sort(out, {}, &Schedule::id);
  return out;
}

Status MemoryPublishStore::bind(Tx& tx, TenantId tenant, std::int64_t version, std::span<const ScheduleId> ids) {
  mem(tx).only_tenant_scope("PublishStore::bind");
  if (!mem(tx).sees(tenant)) return ok();
  for (const ScheduleId& id : ids)
    world_.schedules.edit({tenant, id}, [&](Schedule& row) {
      if (!world_.versions.find({tenant, row.workflow, version})) throw std::logic_error("a schedule bound to a version that is not there");
      row.bound_version = version;
      ++row.revision;
    });
  return ok();
}

Status MemoryPublishStore::migrate(Tx& tx, std::span<const Schedule> schedules) {
  mem(tx).only_tenant_scope("PublishStore::migrate");
  for (const Schedule& s : schedules) {
    if (!mem(tx).sees(s.tenant)) continue;
    world_.schedules.edit({s.tenant, s.id}, [&](Schedule& row) {
      row.bound_version = s.bound_version;
      row.holds = s.holds;
      row.settled_until = s.settled_until;
      row.revision = s.revision;
      row.updated_at = s.updated_at;
      row.payload = s.payload;
      row.room = s.room;
    });
  }
  return ok();
}

Status MemoryPublishStore::add_versions(Tx& tx, TenantId tenant, std::span<const NewVersion> versions) {
  mem(tx).only_tenant_scope("PublishStore::add_versions");
  for (const auto& [schedule, version] : versions) {
    const std::tuple key{tenant, schedule, version.revision};
    if (world_.schedule_versions.find(key)) throw std::logic_error("a revision of a schedule was written twice");
    world_.schedule_versions.put(key, version);
  }
  return ok();
}

Result<std::vector<RegistrationId>> MemoryPublishStore::due(Tx& tx, TenantId tenant, WorkflowId workflow, Instant until) {
  std::vector<RegistrationId> out;
  for (const Schedule* s : live(tx, tenant, workflow))
    if (auto registration = registration_of(*s); registration && ((registration->planned_at && *registration->planned_at <= until) || waits(*s)))
      out.push_back(registration->id);
  return out;
}

bool MemoryPublishStore::waits(const Schedule& s) const {
  auto it = world_.backlog.rows().lower_bound({s.tenant, s.id, Instant{INT64_MIN}});
  return it != world_.backlog.rows().end() && it->second.schedule == s.id;
}

Result<std::string> MemoryPublishStore::fingerprint(Tx& tx, TenantId tenant, WorkflowId workflow) {
  std::uint64_t sum = 0;
  const auto found = live(tx, tenant, workflow);
  // Spread before they are added: FNV of texts that differ in their last digit differ by the same little.
  for (const Schedule* s : found) sum += make_seeded_rng(fnv1a(s->id.to_string() + "." + std::to_string(s->revision)))->next();
  return std::to_string(found.size()) + "x" + std::to_string(sum);
}

Result<PublishChanges> MemoryPublishStore::changes_since(Tx& tx, TenantId tenant, WorkflowId workflow, Instant since) {
  PublishChanges out;
  if (!mem(tx).sees(tenant)) return out;
  for (const auto& [key, s] : world_.schedules.rows()) {
    if (key.first != tenant || s.workflow != workflow || s.updated_at <= since || (s.deleted && s.created_at > since)) continue;
    PublishChanges::Kind& kind = s.deleted ? out.removed : s.created_at > since ? out.added : out.edited;
    ++kind.count;
    kind.names.push_back(s.name);
  }
  for (PublishChanges::Kind* kind : {&out.added, &out.edited, &out.removed}) {
    std::ranges::sort(kind->names);
    if (kind->names.size() > 5) kind->names.resize(5);
  }
  return out;
}

Status MemoryPublishStore::put_verdicts(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version, std::int64_t page,
                                        const std::string& text) {
  mem(tx).only_tenant_scope("PublishStore::put_verdicts");
  world_.publish_verdicts.put({tenant, workflow, version, page}, text);
  return ok();
}

Result<std::optional<std::string>> MemoryPublishStore::verdicts(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version,
                                                                std::int64_t page) {
  const std::string* text = mem(tx).sees(tenant) ? world_.publish_verdicts.find({tenant, workflow, version, page}) : nullptr;
  return text ? std::optional(*text) : std::optional<std::string>();
}

}  // namespace carillon::memory
