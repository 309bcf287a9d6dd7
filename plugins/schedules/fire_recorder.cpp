#include "plugins/schedules/fire_handler.h"

namespace carillon::schedules {
namespace {
/// Turns a schedule's id (UUID version 7) into that of its backlog's registration (version 8: our own meaning) and back.
Uuid with_version(Uuid id, std::uint8_t version) {
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | (version << 4));
  return id;
}
}  // namespace

RegistrationId backlog_registration(ScheduleId schedule) { return RegistrationId{with_version(schedule.value, 8)}; }
ScheduleId schedule_of_backlog(RegistrationId registration) { return ScheduleId{with_version(registration.value, 7)}; }

RunRoom run_room(const Schedule& s) {
  if (s.room.scope == OverlapScope::schedule) return {s.tenant, s.workflow, s.id, ""};
  return {s.tenant, s.workflow, std::nullopt, s.room.scope == OverlapScope::key ? scope_of(s) : ""};
}

RoomKey room_key(const Schedule& s) { return {s.tenant, s.id, s.workflow, scope_of(s)}; }

NewRun run_of_fire(const Schedule& s, const Fire& fire, RunId id, Instant now, const std::string& reason) {
  NewRun run;
  run.tenant = s.tenant;
  run.id = id;
  run.workflow = s.workflow;
  run.version = s.bound_version;
  run.priority = s.priority;
  run.input = s.payload;
  run.created_at = now;
  run.settings = s.run_settings;
  run.provenance.reason = reason;
  run.provenance.schedule = s.id;
  run.provenance.schedule_name = s.name;
  run.provenance.schedule_revision = s.revision;
  run.provenance.timing_kind = timing_kind(s.timing);
  run.provenance.due_at = fire.due_at;
  run.provenance.planned_at = fire.planned_at;
  run.provenance.fired_at = now;
  if (s.room.scope == OverlapScope::key) run.provenance.scope = scope_of(s);
  return run;
}

Event fired_event(const Schedule& schedule, const JobMove::Last* last, const std::optional<Holds>& holds,
                  const std::optional<std::optional<Instant>>& next_due_at) {
  std::string patch;
  {
    JsonWriter json(patch);
    if (last) {
      json.begin("last_fire");
      json.instant("due_at", last->due_at);
      json.instant("fired_at", last->fired_at);
      json.number("lateness_ms", (last->fired_at - last->planned_at).count() / 1000);
      if (last->run) json.id("run_id", *last->run);
      else json.null("run_id");
      json.raw("run_state", last->run ? "\"queued\"" : "null");
      json.text("verdict", last->verdict);
      json.end();
    }
    if (next_due_at && *next_due_at) json.instant("next_due_at", **next_due_at);
    else if (next_due_at) json.null("next_due_at");
    if (holds) {
      json.text("status", to_string(status_of(*holds)));
      const auto* hold = deciding_hold(*holds);
      Json why{{"status_reason", hold ? hold->second.reason : ""}};
      set_code(why, "status_reason", hold ? words_of(hold->second) : Words());
      for (const auto& [name, value] : why.items()) json.raw(name, dump_json(value));
    }
  }
  return {"schedules", schedule.id.value, "updated", schedule.revision, JsonText::written(std::move(patch))};
}

Result<std::map<ScheduleId, JobMove::Last>> FireRecorder::record(Tx& tx, std::vector<NewFire>& fires) {
  std::map<ScheduleId, JobMove::Last> out;
  std::vector<Fire> rows;
  rows.reserve(fires.size());
  for (auto& f : fires) {
    if (f.fire.verdict == Verdict::started) f.fire.run = ids_.make<RunId>();
    f.fire.zone_data = zones_.version();
    rows.push_back(f.fire);
  }
  CARILLON_TRY(auto fresh, schedules_.insert_fires(tx, rows));
  std::vector<NewRun> runs;
  for (std::size_t n = 0; n < fires.size(); ++n) {
    // A due time that is already recorded was handled before: it never starts a second run.
    if (!fresh[n]) continue;
    const Fire& fire = fires[n].fire;
    JobMove::Last& last = out[fire.schedule];
    const std::int64_t started = last.started + (fire.run ? 1 : 0);
    if (fire.run) runs.push_back(run_of_fire(*fires[n].schedule, fire, *fire.run, tx.now(), fires[n].reason));
    last = {fire.last_due_at.value_or(fire.due_at), tx.now(), fire.planned_at, std::string(to_string(fire.verdict)), fire.run, started};
  }
  CARILLON_CHECK(starter_.create(tx, std::move(runs)));
  return out;
}

}  // namespace carillon::schedules
