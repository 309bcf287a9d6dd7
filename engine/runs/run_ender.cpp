#include "engine/runs/run_ender.h"

#include "engine/runs/run_events.h"

namespace carillon {

Result<std::size_t> RunEnder::terminate(Tx& tx, std::span<const RunRoom> rooms, const std::string& detail) {
  const Json error{{"type", "https://carillon.dev/errors/terminated"}, {"status", 409}, {"title", "Terminated"}, {"detail", detail}, {"step", ""}};
  CARILLON_TRY(auto ended, runs_.terminate_in(tx, rooms, dump_json(error)));
  if (ended.empty()) return std::size_t{0};
  for (const auto& run : ended) {
    RunProgress progress;
    progress.tenant = run.tenant;
    progress.id = run.id;
    progress.workflow = run.workflow;
    progress.state = run.state;
    progress.started_at = run.started_at;
    progress.ended_at = run.ended_at;
    progress.provenance = run.provenance;
    tx.emit(run.tenant, progress_event(progress));
  }
  for (RunHook* hook : hooks_()) {
    CARILLON_CHECK(hook->on_finished(tx, ended));
  }
  return ended.size();
}

}  // namespace carillon
