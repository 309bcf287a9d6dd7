#include "tests/contract/stores/contract_fixture.h"

namespace carillon::contract {

std::string failure_text(ErrorCode code, const std::string& reason, const std::string& field) {
  return std::to_string(static_cast<int>(code)) + " " + reason + " " + field;
}

void StoreContract::SetUp() {
  set_ = make_store_set();
  a_ = make_tenant("alpha");
  b_ = make_tenant("beta");
}

Instant StoreContract::now() {
  return must(in_system([](Tx& tx) -> Result<Instant> { return tx.now(); }));
}

TenantId StoreContract::make_tenant(const std::string& slug) {
  Tenant tenant{ids_.make<TenantId>(), slug, "Tenant " + slug, "Europe/Berlin"};
  must(set_->db().in_system([&](Tx& tx) { return set_->tenants().insert_tenant(tx, tenant); }));
  return tenant.id;
}

WorkflowId StoreContract::make_workflow(TenantId tenant, const std::string& name) {
  Workflow workflow;
  workflow.id = ids_.make<WorkflowId>();
  workflow.tenant = tenant;
  workflow.name = name;
  workflow.created_at = workflow.updated_at = now();
  Draft draft{{"do: []", "yaml"}, 1, workflow.created_at, "ann"};
  must(set_->db().in_tenant(tenant, [&](Tx& tx) { return set_->workflows().insert(tx, workflow, draft); }));
  add_version(tenant, workflow.id, 1);
  return workflow.id;
}

void StoreContract::add_version(TenantId tenant, WorkflowId workflow, std::int64_t number) {
  WorkflowVersion version{workflow, number, {"do: []", "yaml"}, "{}", "2020-12", "note", now(), "ann"};
  must(set_->db().in_tenant(tenant, [&](Tx& tx) { return set_->workflows().insert_version(tx, tenant, version); }));
}

NewRun StoreContract::new_run(TenantId tenant, WorkflowId workflow) {
  NewRun run;
  run.tenant = tenant;
  run.id = ids_.make<RunId>();
  run.workflow = workflow;
  run.version = 1;
  run.input = R"({"n":1})";
  run.created_at = now();
  return run;
}

RunId StoreContract::insert_run(const NewRun& run) {
  must(set_->db().in_system([&](Tx& tx) { return set_->runs().insert(tx, std::span(&run, 1)); }));
  return run.id;
}

schedules::Schedule StoreContract::new_schedule(TenantId tenant, WorkflowId workflow, const std::string& name) {
  schedules::Schedule s;
  s.id = ids_.make<ScheduleId>();
  s.tenant = tenant;
  s.workflow = workflow;
  s.bound_version = 1;
  s.name = name;
  s.timing = Cron{"0 9 * * *", "Europe/Berlin"};
  s.payload = R"({"order":7})";
  s.settled_until = s.created_at = s.updated_at = now();
  s.created_by = "ann";
  return s;
}

ScheduleId StoreContract::insert_schedule(const schedules::Schedule& s, std::optional<Instant> due_at) {
  must(set_->db().in_tenant(s.tenant, [&](Tx& tx) -> Status {
    CARILLON_CHECK(set_->schedules().insert(tx, s));
    return set_->jobs().put(tx, {s.tenant, RegistrationId{s.id.value}, "schedule", due_at, due_at, "", ""});
  }));
  return s.id;
}

}  // namespace carillon::contract
