#include "engine/jobs/retention.h"

namespace carillon {

Result<std::vector<JobMove>> RetentionHandler::handle(Tx& tx, std::span<const DueJob> jobs) {
  const auto hooks = hooks_();
  std::int64_t share = kRowsOfTransaction;
  std::vector<JobMove> moves;
  for (const auto& job : jobs) {
    std::string removed;
    bool more = false;
    for (RetentionHook* hook : hooks) {
      if (share <= 0) {
        more = true;
        break;
      }
      CARILLON_TRY(const Purged purged, hook->purge(tx, job.tenant, share));
      share -= purged.rows;
      more = more || purged.more;
      for (const auto& [what, count] : purged.things) removed += (removed.empty() ? "" : ", ") + std::to_string(count) + " " + what;
    }
    if (!removed.empty())
      tx.after_commit([this, tenant = job.tenant, removed] {
        log_.info("what was kept long enough is removed", {{"tenant", tenant.to_string()}, {"removed", removed}});
      });
    JobMove move{job.tenant, job.id, {}, {}, "", {}};  // recurring: the planner sets the next time
    if (more) move.next_due_at = move.next_planned_at = tx.now() + kPause;
    moves.push_back(std::move(move));
  }
  return moves;
}

}  // namespace carillon
