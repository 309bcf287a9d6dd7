// What users do, through the server actions, and what the model learns of it.
#include "tests/simulation/hub/scenario.h"

namespace carillon::simulation {

using schedules::HoldKind;

namespace {

constexpr std::size_t kMostSchedules = 6;

TenantContext admin_of(TenantId tenant) {
  TenantContext who;
  who.tenant = tenant;
  who.actor_name = "Ann";
  who.permissions = {"workflows.view", "workflows.manage", "workflows.publish", "schedules.view",
                     "schedules.manage", "runs.view", "runs.start", "runs.manage", "runs.cancel"};
  return who;
}

}  // namespace

bool Scenario::fits(const Json& payload, Shape shape) {
  if (shape == Shape::needs_n) return payload.contains("n");
  if (shape == Shape::needs_s) return payload.contains("s");
  return false;  // a version without a schema takes no schedules
}

std::string Scenario::definition(Shape shape, std::uint64_t body) {
  std::string text = "document: {dsl: '1.0.0', namespace: sim, name: flow, version: '1.0.0'}\n";
  if (shape != Shape::none) {
    const std::string field = shape == Shape::needs_n ? "n" : "s", type = shape == Shape::needs_n ? "integer" : "string";
    text += "input:\n  schema:\n    format: json\n    document: {type: object, required: [" + field + "], properties: {" + field +
            ": {type: " + type + "}}}\n";
  }
  text += "do:\n";
  if (body == 1) text += "  - nap: {wait: {seconds: 20}}\n";
  if (body >= 1) text += "  - send: {call: http, with: {method: post, endpoint: 'http://sink.test/order'}}\n";
  return text + "  - done: {set: {ok: true}}\n";
}

const schedules::Schedule& Scenario::row(const ScheduleModel& model) const {
  return *hub_.world.schedules.find({model.tenant, model.id});
}

bool Scenario::over(const ScheduleModel& model) const {
  const auto& holds = row(model).holds;
  return holds.contains(HoldKind::completed) || holds.contains(HoldKind::expired);
}

Scenario::Flow& Scenario::flow_of(const ScheduleModel& model) {
  return *std::ranges::find(flows_, model.workflow, &Flow::id);
}

Json Scenario::random_payload() {
  Json payload{{"k", below(1000)}};
  if (hub_.chance(70)) payload["n"] = below(10);
  if (hub_.chance(40)) payload["s"] = "text";
  return payload;
}

SimTiming Scenario::random_timing() {
  using Kind = SimTiming::Kind;
  constexpr std::int64_t kDivisors[] = {1, 2, 5, 15, 30};
  constexpr const char* kZones[] = {"UTC", "Asia/Kolkata", "Europe/Berlin"};
  SimTiming timing;
  timing.zone = kZones[below(3)];
  const Instant now = Instant::from_seconds(hub_.clock.now().seconds());
  switch (below(6)) {
    case 0:
      timing.kind = Kind::once;
      timing.at = now + std::chrono::seconds(1 + below(3000));
      break;
    case 1:
      timing.kind = Kind::every_minutes;
      timing.number = kDivisors[below(5)];
      break;
    case 2:
      timing.kind = Kind::hourly_at;
      timing.number = static_cast<std::int64_t>(below(60));
      break;
    case 3:
      timing.kind = Kind::daily_at;
      timing.number = static_cast<std::int64_t>(90 + below(120));  // around Berlin's clock change
      break;
    default:
      timing.kind = Kind::interval;
      timing.number = static_cast<std::int64_t>(20 + below(600));
      timing.at = now - std::chrono::seconds(below(1000));
  }
  return timing;
}

ActionRequest Scenario::request_for(const ScheduleModel& model, Json body) {
  ActionRequest request;
  request.params["id"] = model.id.to_string();
  request.body = std::move(body);
  return request;
}

void Scenario::expect(bool accepted, const Outcome& outcome, const ScheduleModel& model, const std::string& what) {
  if (outcome.refusal == "CRASH" || outcome.refusal == "DATABASE_UNAVAILABLE" || accepted == outcome.committed) return;
  // An action first settles what is due, and that may have been the last.
  if (outcome.refusal == "SCHEDULE_COMPLETED" || outcome.refusal == "SCHEDULE_EXPIRED") return;
  wrong(model.name + ": " + what + (accepted ? " was refused with " + outcome.refusal : " was accepted") + " at " +
        format_instant(outcome.at));
}

void Scenario::set_up() {
  memory::MemoryDatabase db(hub_.world, hub_.clock);
  for (std::size_t n = 0; n < who_.size(); ++n) {
    Tenant tenant{hub_.ids.make<TenantId>(), "tenant-" + std::to_string(n), "Tenant", "UTC"};
    who_[n] = admin_of(tenant.id);
    if (!db.in_system([&](Tx& tx) { return hub_.stores.tenants.insert_tenant(tx, tenant); })) wrong("no tenant");
  }
  for (std::size_t n = 0; n < 3; ++n) {
    Flow flow;
    flow.tenant = n % who_.size();
    ActionRequest request;
    const std::string name = "flow-" + std::to_string(n);
    request.body = {{"name", name}, {"text", definition(flow.draft, below(3))}, {"format", "yaml"}};
    Outcome outcome = act(flow.tenant, "workflows.create", request);
    if (!outcome.committed) throw std::runtime_error("no workflow: " + outcome.refusal);
    for (const auto& [key, workflow] : hub_.world.workflows.rows())
      if (workflow.name == name) flow.id = workflow.id;
    flows_.push_back(flow);
    publish(flows_.back(), flow.draft);
  }
}

void Scenario::user_action() {
  std::vector<ScheduleModel*> alive;
  for (auto& model : models_)
    if (!model.deleted) alive.push_back(&model);
  if (alive.empty() || (alive.size() < kMostSchedules && hub_.chance(25))) return create();
  ScheduleModel& model = *alive[below(alive.size())];
  const std::uint64_t dice = below(100);
  if (dice < 15) edit_timing(model);
  else if (dice < 30) edit_payload(model, random_payload());
  else if (dice < 35) rename(model);
  else if (dice < 47) pause(model, false);
  else if (dice < 55) pause(model, true);
  else if (dice < 72) resume(model, std::array{"", "run_now", "expire", "reschedule"}[below(4)]);
  else if (dice < 78) remove(model);
  else if (dice < 90) publish(flows_[below(flows_.size())], std::array{Shape::needs_n, Shape::needs_n, Shape::needs_s, Shape::none}[below(4)]);
  else if (dice < 96) run_now(model);
  else cancel_some_run();
}

void Scenario::create() {
  Flow& flow = flows_[below(flows_.size())];
  ScheduleModel model;
  model.tenant = who_[flow.tenant].tenant;
  model.workflow = flow.id;
  model.name = "schedule-" + std::to_string(++names_);
  const SimTiming timing = random_timing();
  const Json payload = random_payload();
  ActionRequest request;
  request.idempotency_key = model.name;
  request.body = {{"workflow_id", flow.id.to_string()}, {"name", model.name}, {"timing", timing.to_json()}, {"payload", payload}};
  if (hub_.chance(40)) model.jitter = std::chrono::seconds(1 + below(40));
  request.body["jitter_seconds"] = model.jitter.count() / 1'000'000;
  model.overlap_allowed = hub_.chance(50);
  request.body["overlap_policy"] = model.overlap_allowed ? "allow" : "skip";
  if (hub_.chance(20)) request.body["max_runs"] = *(model.max_runs = 1 + static_cast<std::int64_t>(below(5)));
  if (timing.kind != SimTiming::Kind::once && hub_.chance(20)) {
    model.end_at = Instant::from_seconds(hub_.clock.now().seconds()) + std::chrono::seconds(100'000 + below(20'000));
    if (hub_.chance(80)) *model.end_at += std::chrono::seconds(-95'000);
    request.body["end_at"] = format_instant(*model.end_at);
  }
  const bool paused = hub_.chance(10);
  request.body["paused"] = paused;
  Outcome outcome = act(flow.tenant, "schedules.create", request);
  if (outcome.refusal == "NEVER_DUE" || outcome.refusal == "RUN_AT_IN_PAST") return;
  expect(fits(payload, flow.latest), outcome, model, "creating it");
  if (!outcome.committed) return;
  // The caller whose answer was lost asks again under the same key, and gets the same schedule.
  if (outcome.refusal == "CRASH") act(flow.tenant, "schedules.create", request);
  int made = 0;
  for (const auto& [key, schedule] : hub_.world.schedules.rows()) {
    if (schedule.name != model.name) continue;
    model.id = schedule.id;
    ++made;
  }
  if (made != 1) wrong(model.name + " was made " + std::to_string(made) + " times");
  model.timings.emplace_back(outcome.at, timing);
  model.payloads.emplace_back(outcome.at, dump_json(payload));
  model.bindings.emplace_back(outcome.at, flow.version);
  if (paused) model.paused.push_back({outcome.at, std::nullopt});
  models_.push_back(std::move(model));
}

void Scenario::edit_timing(ScheduleModel& model) {
  const SimTiming timing = random_timing();
  ActionRequest request = request_for(model, {{"timing", timing.to_json()}});
  request.if_match = row(model).revision;
  const bool was_over = over(model);
  Outcome outcome = act(flow_of(model).tenant, "schedules.update", request);
  if (outcome.refusal == "NEVER_DUE" || outcome.refusal == "RUN_AT_IN_PAST") return;
  expect(!was_over, outcome, model, "editing its timing");
  if (outcome.committed) model.timings.emplace_back(outcome.at, timing);
}

void Scenario::edit_payload(ScheduleModel& model, const Json& payload) {
  Flow& flow = flow_of(model);
  ActionRequest request = request_for(model, {{"payload", payload}});
  request.if_match = row(model).revision;
  const bool allowed = !over(model) && fits(payload, flow.latest);
  Outcome outcome = act(flow.tenant, "schedules.update", request);
  expect(allowed, outcome, model, "editing its payload");
  if (!outcome.committed) return;
  model.payloads.emplace_back(outcome.at, dump_json(payload));
  model.bindings.emplace_back(outcome.at, flow.version);
  ScheduleModel::close(model.invalid, outcome.at);
}

void Scenario::rename(ScheduleModel& model) {
  ActionRequest request = request_for(model, {{"name", model.name}, {"description", "renamed"}});
  request.if_match = row(model).revision;
  expect(true, act(flow_of(model).tenant, "schedules.update", request), model, "describing it");
}

void Scenario::pause(ScheduleModel& model, bool for_a_while) {
  std::optional<Instant> until;
  if (for_a_while) until = Instant::from_seconds(hub_.clock.now().seconds()) + std::chrono::seconds(2 + below(1200));
  ActionRequest request = request_for(model, Json::object());
  if (until) request.body["until"] = format_instant(*until);
  const bool allowed = !over(model);
  Outcome outcome = act(flow_of(model).tenant, "schedules.pause", request);
  expect(allowed, outcome, model, "pausing it");
  if (!outcome.committed) return;
  if (ScheduleModel::open(model.paused, outcome.at)) model.paused.back().to = until;
  else model.paused.push_back({outcome.at, until});
}

void Scenario::resume(ScheduleModel& model, const std::string& choice) {
  Json body = Json::object();
  if (!choice.empty()) body["passed_one_time"] = choice;
  SimTiming later;
  later.kind = SimTiming::Kind::once;
  later.at = Instant::from_seconds(hub_.clock.now().seconds()) + std::chrono::seconds(5 + below(1000));
  if (choice == "reschedule") body["run_at"] = format_instant(later.at);
  const schedules::Schedule before = row(model);
  const bool was_over = over(model);
  Outcome outcome = act(flow_of(model).tenant, "schedules.resume", request_for(model, body));
  const auto* once = std::get_if<Once>(&before.timing);
  const bool passed = once && once->at <= outcome.at && before.holds.contains(HoldKind::user) && !before.holds.contains(HoldKind::invalid);
  expect(!was_over && !(passed && choice.empty()), outcome, model, "resuming it");
  if (!outcome.committed || was_over) return;
  ScheduleModel::close(model.paused, outcome.at);
  if (!passed) return;
  if (choice == "reschedule") model.timings.emplace_back(outcome.at, later);
  else model.settled_by_hand = outcome.at;
}

void Scenario::remove(ScheduleModel& model) {
  ActionRequest request = request_for(model, Json::object());
  request.if_match = row(model).revision;
  Outcome outcome = act(flow_of(model).tenant, "schedules.delete", request);
  expect(true, outcome, model, "deleting it");
  if (outcome.committed) model.deleted = outcome.at;
}

void Scenario::publish(Flow& flow, Shape shape) {
  const Draft& draft = *hub_.world.drafts.find({who_[flow.tenant].tenant, flow.id});
  ActionRequest request;
  request.params["id"] = flow.id.to_string();
  request.if_match = draft.revision;
  request.body = {{"text", definition(shape, below(3))}, {"format", "yaml"}};
  if (act(flow.tenant, "workflows.save_draft", request).committed) flow.draft = shape;
  request.body = Json::object();
  std::vector<ScheduleModel*> bound;
  for (auto& model : models_)
    if (model.workflow == flow.id && !model.deleted && !over(model)) bound.push_back(&model);
  Outcome outcome = act(flow.tenant, "workflows.publish", request);
  if (!outcome.committed) return;
  flow.latest = flow.draft;
  ++flow.version;
  for (ScheduleModel* model : bound) {
    if (fits(parse_stored_json(model->payloads.back().second), flow.latest)) {
      model->bindings.emplace_back(outcome.at, flow.version);
      ScheduleModel::close(model->invalid, outcome.at);
    } else if (!ScheduleModel::open(model->invalid, outcome.at)) {
      model->invalid.push_back({outcome.at, std::nullopt});
    }
  }
}

void Scenario::run_now(ScheduleModel& model) {
  const bool allowed = !row(model).holds.contains(HoldKind::invalid);
  expect(allowed, act(flow_of(model).tenant, "schedules.run", request_for(model, Json::object())), model, "running it now");
}

void Scenario::cancel_some_run() {
  const auto& queue = hub_.world.queue.rows();
  if (queue.empty()) return;
  auto it = std::next(queue.begin(), static_cast<std::ptrdiff_t>(below(queue.size())));
  ActionRequest request;
  request.params["id"] = it->first.second.to_string();
  const std::size_t tenant = it->first.first == who_[0].tenant ? 0 : 1;
  Outcome outcome = act(tenant, "runs.cancel", request);
  if (!outcome.committed && outcome.refusal != "CRASH" && outcome.refusal != "DATABASE_UNAVAILABLE")
    wrong("cancelling a run was refused with " + outcome.refusal);
}

}  // namespace carillon::simulation
