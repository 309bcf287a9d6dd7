#include "tests/bench/publish/publish_probe.h"

#include <algorithm>
#include <cstdio>

namespace carillon::bench {

using namespace schedules;
using carillon::Status;  // the other Status is a schedule's

void CallTimes::add(const char* name, double seconds) {
  auto it = std::ranges::find(entries_, name, &Entry::name);
  if (it == entries_.end()) it = entries_.insert(it, {name, 0, 0});
  ++it->calls;
  it->seconds += seconds;
}

void CallTimes::print() const {
  std::printf("  calls           ");
  for (const auto& entry : entries_) std::printf(" %s %.3f s (%d)", entry.name.c_str(), entry.seconds, entry.calls);
  std::printf("\n");
}

Result<std::int64_t> TimedPublishStore::count(Tx& tx, TenantId tenant, WorkflowId workflow) {
  return times_.time("count", [&] { return store_.count(tx, tenant, workflow); });
}
Result<std::vector<PublishRow>> TimedPublishStore::read(Tx& tx, const PublishRead& read) {
  return times_.time("read", [&] { return store_.read(tx, read); });
}
Result<std::vector<PublishHead>> TimedPublishStore::lock(Tx& tx, TenantId tenant, WorkflowId workflow) {
  return times_.time("lock", [&] { return store_.lock(tx, tenant, workflow); });
}
Result<std::vector<Schedule>> TimedPublishStore::whole(Tx& tx, TenantId tenant, std::span<const ScheduleId> ids) {
  return times_.time("whole", [&] { return store_.whole(tx, tenant, ids); });
}
Status TimedPublishStore::bind(Tx& tx, TenantId tenant, std::int64_t version, std::span<const ScheduleId> ids) {
  return times_.time("bind", [&] { return store_.bind(tx, tenant, version, ids); });
}
Status TimedPublishStore::migrate(Tx& tx, std::span<const Schedule> schedules) {
  return times_.time("migrate", [&] { return store_.migrate(tx, schedules); });
}
Status TimedPublishStore::add_versions(Tx& tx, TenantId tenant, std::span<const NewVersion> versions) {
  return times_.time("add_versions", [&] { return store_.add_versions(tx, tenant, versions); });
}
Result<std::vector<RegistrationId>> TimedPublishStore::due(Tx& tx, TenantId tenant, WorkflowId workflow, Instant until) {
  return times_.time("due", [&] { return store_.due(tx, tenant, workflow, until); });
}
Result<std::string> TimedPublishStore::fingerprint(Tx& tx, TenantId tenant, WorkflowId workflow) {
  return times_.time("fingerprint", [&] { return store_.fingerprint(tx, tenant, workflow); });
}
Result<PublishChanges> TimedPublishStore::changes_since(Tx& tx, TenantId tenant, WorkflowId workflow, Instant since) {
  return times_.time("changes_since", [&] { return store_.changes_since(tx, tenant, workflow, since); });
}
Status TimedPublishStore::put_verdicts(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version, std::int64_t page,
                                       const std::string& text) {
  return times_.time("put_verdicts", [&] { return store_.put_verdicts(tx, tenant, workflow, version, page, text); });
}
Result<std::optional<std::string>> TimedPublishStore::verdicts(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version,
                                                               std::int64_t page) {
  return times_.time("verdicts", [&] { return store_.verdicts(tx, tenant, workflow, version, page); });
}

Result<std::unique_ptr<PreparedPublish>> TimedHook::prepare(Tx& tx, const PublishIntent& intent) {
  auto out = hook_.prepare(tx, intent);
  prepared_at_ = std::chrono::steady_clock::now();
  return out;
}

Status TimedHook::on_publish(Tx& tx, const PublishContext& context, Json& answer) {
  Status out = hook_.on_publish(tx, context, answer);
  done_at_ = std::chrono::steady_clock::now();
  return out;
}

}  // namespace carillon::bench
