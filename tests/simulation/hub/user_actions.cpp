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

bool goes_on(const SimTiming& timing) { return timing.kind == SimTiming::Kind::interval || timing.kind == SimTiming::Kind::cron; }

}  // namespace

bool Scenario::fits(const Json& payload, Shape shape) {
  // A version without a schema takes no schedules.
  return shape != Shape::none && payload.contains(field_of(shape));
}

Json Scenario::definition(Shape shape, std::uint64_t body) const {
  Json out{{"document", {{"dsl", "1.0.0"}, {"namespace", "sim"}, {"name", "flow"}, {"version", "1.0.0"}}}};
  if (shape != Shape::none) {
    const bool n = shape == Shape::needs_n;
    out["input"] = {{"schema",
                     {{"format", "json"},
                      {"document",
                       {{"type", "object"},
                        {"required", Json::array({field_of(shape)})},
                        {"properties", {{field_of(shape), {{"type", n ? "integer" : "string"}}}}}}}}}};
  }
  out["do"] = Json::array();
  if (body == 1) out["do"].push_back({{"nap", {{"wait", {{"seconds", plan_.nap}}}}}});
  if (body >= 1) out["do"].push_back({{"send", {{"call", "http"}, {"with", {{"method", "post"}, {"endpoint", "http://sink.test/order"}}}}}});
  out["do"].push_back({{"done", {{"set", {{"ok", true}}}}}});
  return out;
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
  if (hub_.chance(85)) payload["n"] = below(10);
  if (hub_.chance(40)) payload["s"] = "text";
  if (hub_.chance(95)) payload["g"] = below(2);
  return payload;
}

ActionRequest Scenario::request_for(const ScheduleModel& model, Json body) {
  ActionRequest request;
  request.params["id"] = model.id.to_string();
  request.body = std::move(body);
  return request;
}

void Scenario::expect(bool accepted, const Outcome& outcome, const ScheduleModel& model, const std::string& what) {
  if (outcome.lost_answer() || outcome.overtaken || outcome.refusal.starts_with("DATABASE_") || accepted == outcome.committed) return;
  // An action first settles what is due, and that may have been the last.
  if (outcome.refusal == "SCHEDULE_COMPLETED" || outcome.refusal == "SCHEDULE_EXPIRED") return;
  const std::string name = model.facts.empty() ? "a schedule" : model.now().name;
  wrong(name + ": " + what + (accepted ? " was refused with " + outcome.refusal : " was accepted") + " at " + format_instant(outcome.moment.at));
}

void Scenario::set_up() {
  memory::MemoryDatabase db(hub_.world, hub_.clock);
  IdSource ids(hub_.time, *hub_.rng);
  for (std::size_t n = 0; n < who_.size(); ++n) {
    Tenant tenant{ids.make<TenantId>(), "tenant-" + std::to_string(n), "Tenant", "UTC"};
    who_[n] = admin_of(tenant.id);
    if (!db.in_system([&](Tx& tx) { return hub_.stores.tenants.insert_tenant(tx, tenant); })) wrong("no tenant");
  }
  for (std::size_t n = 0; n < 3; ++n) {
    Flow flow;
    flow.tenant = n % who_.size();
    ActionRequest request;
    const std::string name = "flow-" + std::to_string(n);
    request.body = {{"name", name}, {"text", definition(flow.draft, below(3)).dump()}, {"format", "json"}};
    Outcome outcome = act(flow.tenant, "workflows.create", request);
    if (!outcome.committed) throw std::runtime_error("no workflow: " + outcome.refusal);
    for (const auto& [key, workflow] : hub_.world.workflows.rows())
      if (workflow.name == name) flow.id = workflow.id;
    flows_.push_back(flow);
    publish(flows_.back(), flow.draft);
  }
}

void Scenario::user_action() {
  std::vector<ScheduleModel*> alive, deleted;
  for (auto& model : history_.schedules) (model.deleted ? deleted : alive).push_back(&model);
  if (!anybody_free()) return;
  if (!deleted.empty() && hub_.chance(6)) return bring_back(*deleted[below(deleted.size())]);
  if (hub_.chance(4)) return begin_maintenance();
  for (std::size_t n = 0; n < history_.maintenance.size(); ++n)
    if (!history_.maintenance[n].ended && hub_.chance(30)) return end_maintenance(n);
  if (alive.empty() || (alive.size() < kMostSchedules && hub_.chance(25))) return create();
  ScheduleModel& model = *alive[below(alive.size())];
  const std::uint64_t dice = below(100);
  // Most versions take most payloads, or nothing would ever run.
  const auto shape = dice % 10 < 7 ? Shape::needs_n : dice % 10 < 9 ? Shape::needs_s : Shape::none;
  if (dice < 14) edit_timing(model);
  else if (dice < 19) edit_settings(model);
  else if (dice < 28) edit_policies(model);
  else if (dice < 38) edit_payload(model, random_payload());
  else if (dice < 42) rename(model);
  else if (dice < 48) pause(model, false);
  else if (dice < 55) pause(model, true);
  else if (dice < 74) resume(model, std::array{"", "run_now", "expire", "reschedule"}[below(4)]);
  else if (dice < 79) remove(model);
  else if (dice < 89) publish(flows_[below(flows_.size())], shape, hub_.chance(60) ? Migration::none : static_cast<Migration>(1 + below(3)));
  else if (dice < 96) run_now(model);
  else cancel_some_run();
}

void Scenario::create() {
  Flow& flow = flows_[below(flows_.size())];
  ScheduleModel model;
  model.tenant = who_[flow.tenant].tenant;
  model.workflow = flow.id;
  ScheduleState state;
  state.name = "schedule-" + std::to_string(++names_);
  state.timing = plan_.timing(*hub_.rng, hub_.clock.now());
  const Json payload = random_payload();
  const std::int64_t day = 86'400;
  ActionRequest request;
  request.idempotency_key = state.name;
  request.body = {{"workflow_id", flow.id.to_string()}, {"name", state.name}, {"timing", state.timing.to_json()}, {"payload", payload}};
  if (hub_.chance(40)) state.jitter = std::chrono::seconds(up_to(hub_.chance(60) ? 40 : hub_.chance(70) ? 7200 : day));
  request.body["jitter_seconds"] = state.jitter.count() / 1'000'000;
  choose_policies(state);
  request.body.update(policies_json(state));
  if (hub_.chance(20)) request.body["retry"] = {{"max", up_to(2)}, {"delay_seconds", up_to(300)}};
  if (goes_on(state.timing) && hub_.chance(20)) request.body["max_runs"] = *(state.max_runs = up_to(8));
  if (goes_on(state.timing)) {
    const std::int64_t span = (plan_.end - plan_.start).count() / 1'000'000;
    if (hub_.chance(20)) request.body["end_at"] = format_instant(*(state.end_at = whole_second() + std::chrono::seconds(day / 24 + up_to(span))));
    if (hub_.chance(10)) request.body["start_at"] = format_instant(*(state.start_at = whole_second() + std::chrono::seconds(up_to(span / 4) - span / 8)));
  }
  if (hub_.chance(10)) state.paused.emplace();
  request.body["paused"] = state.held();
  Outcome outcome = act(flow.tenant, "schedules.create", request);
  // The caller whose answer was lost asks again under the same key, and gets the same schedule.
  if (outcome.lost_answer()) {
    Outcome again = act(flow.tenant, "schedules.create", request);
    if (!outcome.committed) outcome = again;
  }
  for (const char* refusal : {"NEVER_DUE", "RUN_AT_IN_PAST", "CRON_NEVER_FIRES", "BOUNDS_REVERSED"})
    if (outcome.refusal == refusal) return;
  state.payload = dump_json(payload);
  expect(fits(payload, flow.latest) && policies_fit(state), outcome, model, "creating it");
  if (!outcome.committed) return;
  int made = 0;
  for (const auto& [key, schedule] : hub_.world.schedules.rows()) {
    if (schedule.name != state.name) continue;
    model.id = schedule.id;
    ++made;
  }
  if (made != 1) return wrong(state.name + " was made " + std::to_string(made) + " times");
  state.version = flow.version;
  Json settings = request.body;
  settings.erase("workflow_id");
  model.note(outcome.moment, "made: " + settings.dump(), [&](ScheduleState& s) { s = state; }).retimed = true;
  history_.schedules.push_back(std::move(model));
}

/// An edit of its times looks at the payload, too: one that only its migration has made unfit is taken as it is.
void Scenario::check_again(const ScheduleModel& model, ScheduleState& s) {
  const Flow& flow = flow_of(model);
  if (!s.invalid || !fits(parse_stored_json(s.payload), flow.latest)) return;
  s.invalid = false;
  s.version = flow.version;
}

void Scenario::edit_timing(ScheduleModel& model) {
  const SimTiming timing = plan_.timing(*hub_.rng, hub_.clock.now());
  ActionRequest request = request_for(model, {{"timing", timing.to_json()}});
  // Without times that go on there is nothing for these to end.
  if (!goes_on(timing)) request.body.update({{"max_runs", nullptr}, {"start_at", nullptr}, {"end_at", nullptr}});
  request.if_match = row(model).revision;
  const bool was_over = over(model);
  Outcome outcome = act(flow_of(model).tenant, "schedules.update", request);
  for (const char* refusal : {"NEVER_DUE", "RUN_AT_IN_PAST", "CRON_NEVER_FIRES"})
    if (outcome.refusal == refusal) return;
  expect(!was_over, outcome, model, "editing its timing");
  if (outcome.committed)
    model.note(outcome.moment, "timing " + timing.describe(), [&](ScheduleState& s) {
      s.timing = timing;
      if (!goes_on(timing)) {
        s.max_runs.reset();
        s.start_at.reset();
        s.end_at.reset();
      }
      check_again(model, s);
    }).retimed = true;
}

/// What moves no due time, and where they end.
void Scenario::edit_settings(ScheduleModel& model) {
  ScheduleState next = model.now();
  const bool was_over = over(model), bounded = hub_.chance(40) && goes_on(next.timing);
  ActionRequest request = request_for(model, Json::object());
  if (bounded) {
    next.end_at = whole_second() + std::chrono::seconds(up_to((plan_.end - plan_.start).count() / 1'000'000));
    request.body["end_at"] = format_instant(*next.end_at);
  } else {
    next.jitter = std::chrono::seconds(below(300));
    request.body = {{"jitter_seconds", next.jitter.count() / 1'000'000}};
  }
  request.if_match = row(model).revision;
  Outcome outcome = act(flow_of(model).tenant, "schedules.update", request);
  for (const char* refusal : {"NEVER_DUE", "BOUNDS_REVERSED"})
    if (outcome.refusal == refusal) return;
  expect(!was_over, outcome, model, "editing its settings");
  if (!outcome.committed) return;
  model.note(outcome.moment, "settings " + request.body.dump(), [&](ScheduleState& s) {
    s.end_at = next.end_at;
    s.jitter = next.jitter;
    check_again(model, s);
  }).retimed = true;
}

void Scenario::edit_payload(ScheduleModel& model, const Json& payload) {
  Flow& flow = flow_of(model);
  ActionRequest request = request_for(model, {{"payload", payload}});
  request.if_match = row(model).revision;
  ScheduleState next = model.now();
  next.payload = dump_json(payload);
  const bool allowed = !over(model) && fits(payload, flow.latest) && policies_fit(next);
  Outcome outcome = act(flow.tenant, "schedules.update", request);
  expect(allowed, outcome, model, "editing its payload");
  if (!outcome.committed) return;
  model.note(outcome.moment, "payload " + dump_json(payload), [&](ScheduleState& s) {
    s.payload = dump_json(payload);
    s.version = flow.version;
    s.invalid = false;
  });
}

void Scenario::rename(ScheduleModel& model) {
  const std::string name = "schedule-" + std::to_string(++names_);
  ActionRequest request = request_for(model, {{"name", name}, {"description", "renamed"}});
  request.if_match = row(model).revision;
  Outcome outcome = act(flow_of(model).tenant, "schedules.update", request);
  expect(true, outcome, model, "renaming it");
  if (outcome.committed) model.note(outcome.moment, "name " + name, [&](ScheduleState& s) { s.name = name; });
}

void Scenario::pause(ScheduleModel& model, bool for_a_while) {
  std::optional<Instant> until;
  if (for_a_while) until = whole_second() + std::chrono::seconds(1 + up_to(plan_.idle.count() / 2'000'000));
  ActionRequest request = request_for(model, Json::object());
  if (until) request.body["until"] = format_instant(*until);
  const bool allowed = !over(model);
  Outcome outcome = act(flow_of(model).tenant, "schedules.pause", request);
  expect(allowed, outcome, model, "pausing it");
  if (outcome.committed)
    model.note(outcome.moment, until ? "paused until " + format_instant(*until) : "paused",
               [&](ScheduleState& s) { s.paused = ScheduleState::Pause{until}; });
}

void Scenario::resume(ScheduleModel& model, const std::string& choice) {
  Json body = Json::object();
  if (!choice.empty()) body["passed_one_time"] = choice;
  SimTiming later;
  later.kind = SimTiming::Kind::once;
  later.at = whole_second() + std::chrono::seconds(5 + up_to(plan_.idle.count() / 2'000'000));
  if (choice == "reschedule") body["run_at"] = format_instant(later.at);
  schedules::Schedule before = row(model);
  bool was_over = over(model);
  Outcome outcome = act(flow_of(model).tenant, "schedules.resume", request_for(model, body), [&] {
    before = row(model);
    was_over = over(model);
  });
  if (outcome.refusal == "NEVER_DUE") return;  // rescheduled to beyond its end
  const auto* once = std::get_if<Once>(&before.timing);
  const bool invalid = before.holds.contains(HoldKind::invalid);
  const auto pause = before.holds.find(HoldKind::user);
  // A pause that is over by itself leaves what is invalid with nothing to resume.
  const bool paused = pause != before.holds.end() && !(invalid && pause->second.until && *pause->second.until <= outcome.moment.at);
  const bool passed = once && once->at <= outcome.moment.at && (paused || before.holds.contains(HoldKind::failures));
  const bool refused = choice.empty() || (choice == "run_now" && invalid);
  expect(!was_over && !(passed && refused), outcome, model, "resuming it");
  if (!outcome.committed || was_over) return;
  if (!model.now().paused && !model.now().failures) {
    // The pause was over, and too many had failed: the hold for that came and went in this commit.
    const auto& audit = hub_.world.audit.rows();
    if (!audit.empty() && audit.rbegin()->second.entry.action == "schedules.resume" && audit.rbegin()->second.entry.object_id == model.id.value &&
        audit.rbegin()->second.at == outcome.moment.at)
      model.note(outcome.moment, "resumed as its pause was over", [](ScheduleState&) {}).clears_failures = true;
    return;
  }
  Fact& fact = model.note(outcome.moment, "resumed " + choice, [](ScheduleState& s) {
    if (s.paused) s.paused.reset();
    else s.failures = false;
  });
  fact.clears_failures = !fact.after.failures;
  if (!passed) return;
  if (choice == "reschedule") {
    fact.after.timing = later;
    fact.retimed = true;
  } else {
    fact.by_hand = choice == "run_now" ? schedules::Verdict::started : schedules::Verdict::expired;
  }
}

void Scenario::remove(ScheduleModel& model) {
  ActionRequest request = request_for(model, Json::object());
  request.if_match = row(model).revision;
  Outcome outcome = act(flow_of(model).tenant, "schedules.delete", request);
  expect(true, outcome, model, "deleting it");
  if (outcome.committed) model.deleted = outcome.moment;
}

void Scenario::bring_back(ScheduleModel& model) {
  Outcome outcome = act(flow_of(model).tenant, "schedules.undelete", request_for(model, Json::object()));
  expect(model.deleted && outcome.moment.at - model.deleted->at < std::chrono::days(30), outcome, model, "bringing it back");
  if (!outcome.committed) return;
  const Moment since = *model.deleted;
  model.deleted.reset();
  model.note(since, "deleted", [&](ScheduleState& s) { s.deleted = since.at; });
  model.note(outcome.moment, "brought back", [&](ScheduleState& s) {
    s.deleted.reset();
    if (s.paused && s.paused->until && *s.paused->until <= outcome.moment.at) s.paused.reset();
    if (model.over) return;
    s.invalid = !fits(parse_stored_json(s.payload), flow_of(model).latest);
    if (!s.invalid) s.version = flow_of(model).version;
  });
  if (!model.over && over(model)) model.over = outcome.moment;
}

void Scenario::run_now(ScheduleModel& model) {
  Json overrides = Json::object();
  if (hub_.chance(40)) overrides["k"] = below(1000);
  if (hub_.chance(15)) overrides["n"] = nullptr;
  if (hub_.chance(15)) overrides["g"] = below(2);
  Json input = parse_stored_json(model.now().payload);
  input.merge_patch(overrides);
  ActionRequest request = request_for(model, {{"overrides", overrides}});
  request.idempotency_key = "run-" + std::to_string(++names_);
  ScheduleState with_input = model.now();
  with_input.payload = dump_json(input);
  const bool allowed = !row(model).holds.contains(HoldKind::invalid) && policies_fit(with_input) &&
                       input.contains(history_.versions.at({model.workflow, model.now().version}));
  const std::size_t tenant = flow_of(model).tenant;
  Outcome outcome = act(tenant, "schedules.run", request);
  if (outcome.lost_answer()) {
    Outcome again = act(tenant, "schedules.run", request);
    if (!outcome.committed) outcome = again;
  }
  expect(allowed, outcome, model, "running it now");
  if (outcome.committed) model.manual_runs.push_back({outcome.moment.commit, dump_json(input)});
}

void Scenario::cancel_some_run() {
  const auto& queue = hub_.world.queue.rows();
  if (queue.empty()) return;
  auto it = std::next(queue.begin(), static_cast<std::ptrdiff_t>(below(queue.size())));
  ActionRequest request;
  request.params["id"] = it->first.second.to_string();
  const std::size_t tenant = it->first.first == who_[0].tenant ? 0 : 1;
  Outcome outcome = act(tenant, "runs.cancel", request);
  if (!outcome.committed && !outcome.lost_answer() && !outcome.refusal.starts_with("DATABASE_"))
    wrong("cancelling a run was refused with " + outcome.refusal);
}

}  // namespace carillon::simulation
