// What users publish, and what it makes of payloads and schedules.
#include "tests/simulation/hub/scenario.h"

namespace carillon::simulation {

const char* Scenario::field_of(Shape shape) { return shape == Shape::needs_n ? "n" : "s"; }

void Scenario::migrate(Json& payload, Migration migration) {
  if (migration == Migration::add_missing) {
    if (!payload.contains("n")) payload["n"] = 7;
    if (!payload.contains("s")) payload["s"] = "added";
  } else if (migration != Migration::none) {
    payload.erase(migration == Migration::drop_n ? "n" : "g");
  }
}

void Scenario::publish(Flow& flow, Shape shape, Migration migration) {
  const Draft& draft = *hub_.world.drafts.find({who_[flow.tenant].tenant, flow.id});
  ActionRequest request;
  request.params["id"] = flow.id.to_string();
  request.if_match = draft.revision;
  request.body = {{"text", definition(shape, below(3)).dump()}, {"format", "json"}};
  if (act(flow.tenant, "workflows.save_draft", request).committed) flow.draft = shape;
  request.body = {{"migration", Json::array()}};
  if (migration == Migration::add_missing)
    request.body["migration"] = {{{"op", "default"}, {"path", "/n"}, {"value", 7}}, {{"op", "default"}, {"path", "/s"}, {"value", "added"}}};
  else if (migration != Migration::none)
    request.body["migration"].push_back({{"op", "drop"}, {"path", migration == Migration::drop_n ? "/n" : "/g"}});
  std::vector<ScheduleModel*> bound;
  const auto look = [&] {
    bound.clear();
    for (ScheduleModel& model : history_.schedules)
      if (model.workflow == flow.id && !model.deleted && !over(model)) bound.push_back(&model);
  };
  look();
  Outcome outcome = act(flow.tenant, "workflows.publish", request, look);
  if (!outcome.committed) {
    if (!outcome.lost_answer() && !outcome.refusal.starts_with("DATABASE_")) wrong("a publish was refused with " + outcome.refusal);
    return;
  }
  ++published_;
  flow.latest = flow.draft;
  ++flow.version;
  history_.versions[{flow.id, flow.version}] = flow.latest == Shape::none ? "" : field_of(flow.latest);
  for (ScheduleModel* bound_model : bound) {
    ScheduleModel& model = *bound_model;
    // What is over before it is bound is left as it is; a one-time that passed while it was invalid is bound first.
    if (over(model) && !model.now().invalid) continue;
    ScheduleState next = model.now();
    Json payload = parse_stored_json(next.payload);
    migrate(payload, flow.latest == Shape::none ? Migration::none : migration);
    const std::string before = std::exchange(next.payload, dump_json(payload));
    // What does not change keeps its key, whatever has become of the expression.
    const bool fit = fits(payload, flow.latest) && (next.payload == before || policies_fit(next));
    migrated_ += fit && next.payload != before;
    model.note(outcome.moment, "version " + std::to_string(flow.version) + (fit ? " with " + next.payload : " does not take it"), [&](ScheduleState& s) {
      if (fit) s.payload = next.payload;
      if (fit) s.version = flow.version;
      s.invalid = !fit;
    });
  }
}

}  // namespace carillon::simulation
