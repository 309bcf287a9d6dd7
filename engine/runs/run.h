#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/json.h"

namespace carillon {

/// The life of a run. queued → running ⇄ waiting → one of the four ends; suspended is kept for human tasks.
///   queued     stored, nobody has taken it yet
///   running    a worker holds its lease
///   waiting    it waits for a time; no worker holds it
///   succeeded, failed, timed_out, cancelled   ended; never changes again
enum class RunState { queued, running, waiting, suspended, succeeded, failed, timed_out, cancelled };
std::string_view to_string(RunState state);
std::optional<RunState> parse_run_state(std::string_view text);
constexpr bool is_terminal(RunState s) { return s >= RunState::succeeded; }

enum class Priority { low, normal, high, critical };
std::string_view to_string(Priority priority);
std::optional<Priority> parse_priority(std::string_view text);

/// Why a run exists. Written once, never part of its input.
struct Provenance {
  std::string reason = "manual";  ///< scheduled, manual, retry, backfill, catchup, event, dependency
  std::optional<ScheduleId> schedule;
  std::string schedule_name;
  std::int64_t schedule_revision = 0;
  std::string timing_kind;
  std::optional<Instant> due_at, planned_at, fired_at;
  std::string actor;
  std::optional<RunId> retry_of;
  std::optional<BackfillId> backfill;  ///< with reason backfill
  std::string scope;  ///< "k:" and a key where runs with that key may not overlap, "" otherwise
};
Json to_json(const Provenance& provenance);
std::string provenance_text(const Provenance& provenance);  ///< the same as canonical JSON text
Provenance provenance_from_json(const Json& json);

/// How a run is carried out, where whoever started it says so.
struct RunSettings {
  Duration timeout{0};              ///< of the whole run, whatever the definition says; 0: as the definition or the hub says
  std::int64_t retries = 0;         ///< new runs for a failed or timed out one
  Duration retry_delay{10'000'000}; ///< before the next retry; doubled for each further one, at most kLongestRetryDelay
  bool operator==(const RunSettings&) const = default;
};
inline constexpr Duration kLongestRetryDelay{3'600'000'000};
Json to_json(const RunSettings& settings);
RunSettings run_settings_from_json(const Json& json);

/// The epoch of whoever is the first to hold a run.
inline constexpr int kFirstEpoch = 1;

/// A run that is claimed from the first moment (RunHandover), under kFirstEpoch.
struct RunTaken {
  NodeId owner;
  Instant lease_until;
};

/// A run as it is created.
struct NewRun {
  TenantId tenant;
  RunId id;
  WorkflowId workflow;
  std::int64_t version = 0;
  Priority priority = Priority::normal;
  Provenance provenance;
  std::string input;  ///< canonical JSON text, handed to the workflow unchanged
  Instant created_at;
  std::optional<Instant> not_before;  ///< claimable from then on; created_at where nothing
  RunSettings settings;
  std::optional<RunTaken> taken;      ///< nobody else can claim it before the lease has run out
};

/// A run as it is read. `input`, `output`, `error` are JSON texts, "" for none.
struct Run {
  TenantId tenant;
  RunId id;
  WorkflowId workflow;
  std::string workflow_name;
  std::int64_t version = 0;
  RunState state = RunState::queued;
  Priority priority = Priority::normal;
  Provenance provenance;
  std::string input, output, error;
  Instant created_at;
  std::optional<Instant> started_at, ended_at;
  int takeovers = 0;
};

/// One numbered try of one task of a run.
struct StoredStep {
  int ordinal = 0;  ///< place in the run's journal; the same attempt keeps its ordinal when it ends
  std::string path, name, type;
  int attempt = 1;
  std::string state;  ///< running, succeeded, failed, cancelled
  Instant started_at;
  std::optional<Instant> ended_at;
  std::string input, output, error;  ///< JSON texts, "" for none
};

/// What a worker needs to go on with a run.
struct ClaimedRun {
  TenantId tenant;
  RunId id;
  WorkflowId workflow;
  std::int64_t version = 0;
  std::string input;
  std::string checkpoint;  ///< interpreter state as JSON text, "" for a run that has not started
  Provenance provenance;
  Instant created_at;
  std::optional<Instant> started_at;
  int epoch = 0;  ///< fencing token: only the holder of the newest epoch may write
  int takeovers = 0;
  bool cancel_requested = false;
  Priority priority = Priority::normal;
  RunSettings settings;
};

/// What a worker writes back. Refused (left out of the answer of RunStore::progress) when the epoch is not current.
struct RunProgress {
  TenantId tenant;
  RunId id;
  WorkflowId workflow;
  int epoch = 0;
  RunState state = RunState::running;
  std::string checkpoint;              ///< "" once ended
  std::optional<Instant> wake_at;      ///< with waiting: when it is claimed again
  std::optional<Instant> lease_until;  ///< with running
  std::vector<StoredStep> steps;       ///< new or changed
  std::string output, error;           ///< with an end
  std::optional<Instant> started_at, ended_at;
  Provenance provenance;               ///< as claimed; hooks read it
};

}  // namespace carillon
