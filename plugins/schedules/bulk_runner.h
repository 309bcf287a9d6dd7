#pragma once
#include "engine/base/service.h"
#include "plugins/schedules/actions.h"

namespace carillon::schedules {

/// A bulk job as the API and the change stream (topic "bulk") show it, without the overrides of runs. One that ended at
/// `undoable_after` or before can no longer be taken back.
Json bulk_json(const BulkJob& job, Instant undoable_after = {});
/// The event that says so. Its version grows with every item that is dealt with.
Event bulk_event(const BulkJob& job, const std::string& kind);

/// Works off bulk jobs, a chunk of items per transaction; any node goes on where another stopped. The state of an item is
/// written in the transaction that changed its schedule, so nothing is done twice, and a refused item takes nothing of the
/// others with it. Not thread-safe: one loop calls tick().
class BulkRunner {
 public:
  BulkRunner(const Ports& ports, ScheduleActions& actions) : p_(ports), actions_(actions) {}
  /// One chunk of every job that nobody else works on; how long there will be nothing to do.
  Duration tick();

 private:
  /// What one attempt at a chunk has come to; set afresh whenever the transaction runs again.
  struct Chunk {
    std::size_t applied = 0;           ///< items that went through
    std::size_t at = 0;                ///< items dealt with before the current one
    std::optional<std::int64_t> current;  ///< the item under way
    bool taken = false;                ///< the job is this node's, and open
    bool ended = false;
    Instant lease;
    std::int64_t last = 0;             ///< ordinal up to which everything is dealt with
  };
  /// Ordinals of items that the single action refuses, with what it says.
  using Refusals = std::map<std::int64_t, Error>;
  /// Remembered of a job between two chunks.
  struct Held {
    Instant lease;
    std::int64_t after = 0;  ///< ordinal up to which everything is dealt with
  };
  /// True when something was done.
  bool advance(const BulkStore::OpenJob& open);
  carillon::Status attempt(const BulkStore::OpenJob& open, std::size_t size, const Refusals& refusals, Chunk& chunk);
  carillon::Status work(Tx& tx, const BulkStore::OpenJob& open, std::size_t size, const Refusals& refusals, Chunk& chunk);
  /// Whether the error is the item's own; one that only the moment explains is until it has come three times.
  bool is_refusal(Uuid job, std::int64_t ordinal, const Error& error);

  Ports p_;
  ScheduleActions& actions_;
  std::map<Uuid, Held> held_;
  std::map<std::pair<Uuid, std::int64_t>, int> busy_;
};

}  // namespace carillon::schedules
