#include "engine/runs/run_events.h"

namespace carillon {

Event created_event(const NewRun& run) {
  return {"runs", run.id.value, "created", 0,
          {{"state", "queued"}, {"workflow_id", run.workflow.to_string()}, {"version", run.version},
           {"created_at", format_instant(run.created_at)}, {"provenance", to_json(run.provenance)}}};
}

Event progress_event(const RunProgress& p) {
  Json patch{{"state", to_string(p.state)}};
  if (p.started_at) patch["started_at"] = format_instant(*p.started_at);
  if (p.ended_at) patch["ended_at"] = format_instant(*p.ended_at);
  if (p.started_at && p.ended_at) patch["duration_ms"] = (*p.ended_at - *p.started_at).count() / 1000;
  if (p.provenance.schedule) patch["schedule_id"] = p.provenance.schedule->to_string();
  patch["workflow_id"] = p.workflow.to_string();
  return {"runs", p.id.value, "updated", 0, std::move(patch)};
}

}  // namespace carillon
