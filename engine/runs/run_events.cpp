#include "engine/runs/run_events.h"

namespace carillon {

Event created_event(const NewRun& run) {
  std::string patch;
  {
    JsonWriter json(patch);
    json.instant("created_at", run.created_at);
    json.raw("provenance", provenance_text(run.provenance));
    json.text("state", "queued");
    json.number("version", run.version);
    json.id("workflow_id", run.workflow);
  }
  return {"runs", run.id.value, "created", 0, JsonText::written(std::move(patch))};
}

Event progress_event(const RunProgress& p) {
  std::string patch;
  {
    JsonWriter json(patch);
    if (p.started_at && p.ended_at) json.number("duration_ms", (*p.ended_at - *p.started_at).count() / 1000);
    if (p.ended_at) json.instant("ended_at", *p.ended_at);
    if (p.provenance.schedule) json.id("schedule_id", *p.provenance.schedule);
    if (p.started_at) json.instant("started_at", *p.started_at);
    json.text("state", to_string(p.state));
    json.id("workflow_id", p.workflow);
  }
  return {"runs", p.id.value, "updated", 0, JsonText::written(std::move(patch))};
}

}  // namespace carillon
