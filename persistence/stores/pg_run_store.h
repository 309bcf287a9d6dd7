#pragma once
#include "engine/runs/run_store.h"
#include "persistence/core/sql.h"

namespace carillon::pg {

class PgRunStore final : public RunStore {
 public:
  Status insert(Tx& tx, std::span<const NewRun> runs) override;
  Result<std::vector<ClaimedRun>> claim(Tx& tx, NodeId owner, Instant lease_until, int limit) override;
  Result<std::vector<RunId>> progress(Tx& tx, std::span<const RunProgress> batch) override;
  Result<std::vector<LeaseAnswer>> extend(Tx& tx, std::span<const LeaseKey> keys, Instant lease_until) override;
  Status hand_back(Tx& tx, std::span<const LeaseKey> keys) override;
  Result<std::optional<Instant>> next_wake(Tx& tx) override;
  Result<Run> get(Tx& tx, TenantId tenant, RunId id) override;
  Result<std::vector<Run>> list(Tx& tx, TenantId tenant, const RunFilter& filter) override;
  Result<std::vector<StoredStep>> steps(Tx& tx, TenantId tenant, RunId id) override;
  Status request_cancel(Tx& tx, TenantId tenant, RunId id) override;
  Status request_cancel_in(Tx& tx, std::span<const RunRoom> rooms) override;
  Result<std::vector<FinishedRun>> terminate_in(Tx& tx, std::span<const RunRoom> rooms, const std::string& error) override;
  Result<std::int64_t> queue_position(Tx& tx, TenantId tenant, Priority priority) override;
  static std::span<const Sql* const> statements();
};

}  // namespace carillon::pg
