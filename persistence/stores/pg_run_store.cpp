#include "persistence/stores/pg_run_store.h"

#include <unordered_map>

#include "persistence/core/pg_tx.h"

namespace carillon::pg {
namespace {

constexpr Sql kInsertRuns{
    "insert_runs",
    "INSERT INTO runs (tenant_id, id, workflow_id, version, schedule_id, state, priority, created_at, provenance, input) "
    "SELECT t, i, w, v, s, 0, p, c, pr, inp FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::uuid[], "
    "$6::smallint[], $7::timestamptz[], $8::text[], $9::text[]) AS u(t, i, w, v, s, p, c, pr, inp) "
    "ON CONFLICT (tenant_id, id) DO NOTHING",
    Scope::system, true};
constexpr Sql kInsertQueue{
    "insert_run_queue",
    "INSERT INTO run_queue (tenant_id, run_id, workflow_id, version, schedule_id, priority, visible_at, scope, settings, owner, epoch) "
    "SELECT t, i, w, v, s, p, c, sc, se, o, CASE WHEN o IS NULL THEN 0 ELSE $11 END FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], "
    "$4::bigint[], $5::uuid[], $6::smallint[], $7::timestamptz[], $8::text[], $9::text[], $10::uuid[]) "
    "AS u(t, i, w, v, s, p, c, sc, se, o) ON CONFLICT (tenant_id, run_id) DO NOTHING",
    Scope::system, true};
// Two statements, not one UPDATE over a sub-select: that may be planned so that the sub-select runs once for each row
// of the queue.
constexpr Sql kPickRuns{
    "pick_runs",
    "SELECT tenant_id, run_id, workflow_id, version, epoch + 1, cancel_requested, checkpoint, owner IS NOT NULL, settings "
    "FROM run_queue WHERE priority = $1 AND visible_at <= $2 ORDER BY visible_at LIMIT $3 FOR UPDATE SKIP LOCKED",
    Scope::system};
constexpr Sql kTakeRuns{
    "take_runs",
    "UPDATE run_queue AS q SET owner = $3, visible_at = $4, epoch = q.epoch + 1 "
    "FROM unnest($1::uuid[], $2::uuid[]) AS k(t, i) WHERE q.tenant_id = k.t AND q.run_id = k.i",
    Scope::system, true};
constexpr Sql kClaimedRows{
    "claimed_runs",
    "SELECT r.id, r.input, r.provenance, r.created_at, r.started_at, r.takeovers FROM runs r "
    "JOIN unnest($1::uuid[], $2::uuid[]) AS k(t, i) ON r.tenant_id = k.t AND r.id = k.i",
    Scope::system};
constexpr Sql kMarkTakenOver{
    "mark_taken_over",
    "UPDATE runs AS r SET takeovers = r.takeovers + 1 FROM unnest($1::uuid[], $2::uuid[]) AS k(t, i) "
    "WHERE r.tenant_id = k.t AND r.id = k.i",
    Scope::system, true};
constexpr Sql kEndQueue{
    "end_run_queue",
    "DELETE FROM run_queue q USING unnest($1::uuid[], $2::uuid[], $3::integer[]) AS k(t, i, e) "
    "WHERE q.tenant_id = k.t AND q.run_id = k.i AND q.epoch = k.e AND q.owner IS NOT NULL RETURNING q.run_id",
    Scope::system, true};
constexpr Sql kAdvanceQueue{
    "advance_run_queue",
    "UPDATE run_queue AS q SET visible_at = CASE WHEN q.cancel_requested AND k.released THEN $6 ELSE k.v END, "
    "checkpoint = k.c, owner = CASE WHEN k.released THEN NULL ELSE q.owner END "
    "FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::timestamptz[], $5::text[], $7::boolean[]) AS k(t, i, e, v, c, released) "
    "WHERE q.tenant_id = k.t AND q.run_id = k.i AND q.epoch = k.e AND q.owner IS NOT NULL RETURNING q.run_id",
    Scope::system, true};
constexpr Sql kUpdateRuns{
    "update_runs",
    "UPDATE runs AS r SET state = k.s, started_at = coalesce(r.started_at, k.st), ended_at = k.en, output = k.o, error = k.er "
    "FROM unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[]) "
    "AS k(t, i, s, st, en, o, er) WHERE r.tenant_id = k.t AND r.id = k.i",
    Scope::system, true};
constexpr Sql kPutSteps{
    "put_steps",
    "INSERT INTO run_steps (tenant_id, run_id, ordinal, path, name, type, attempt, state, started_at, ended_at, input, output, error) "
    "SELECT t, r, o, p, n, ty, a, s, st, en, i, ou, er FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::text[], "
    "$5::text[], $6::text[], $7::integer[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[], "
    "$13::text[]) AS u(t, r, o, p, n, ty, a, s, st, en, i, ou, er) "
    "ON CONFLICT (tenant_id, run_id, ordinal) DO UPDATE SET state = EXCLUDED.state, ended_at = EXCLUDED.ended_at, "
    "input = coalesce(EXCLUDED.input, run_steps.input), output = EXCLUDED.output, error = EXCLUDED.error",
    Scope::system, true};
constexpr Sql kExtendLeases{
    "extend_leases",
    "UPDATE run_queue AS q SET visible_at = $4 FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS k(t, i, e) "
    "WHERE q.tenant_id = k.t AND q.run_id = k.i AND q.epoch = k.e AND q.owner IS NOT NULL RETURNING q.run_id, q.cancel_requested",
    Scope::system, true};
constexpr Sql kHandBack{
    "hand_back",
    "UPDATE run_queue AS q SET visible_at = $4, owner = NULL FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS k(t, i, e) "
    "WHERE q.tenant_id = k.t AND q.run_id = k.i AND q.epoch = k.e AND q.owner IS NOT NULL",
    Scope::system, true};
constexpr Sql kNextVisible{
    "next_visible",
    "SELECT min(v) FROM (SELECT (SELECT q.visible_at FROM run_queue q WHERE q.priority = p ORDER BY q.visible_at LIMIT 1) AS v "
    "FROM (VALUES (0), (1), (2), (3)) AS lanes(p)) AS w",
    Scope::system};
#define CARILLON_RUN_COLUMNS                                                                                           \
  "r.id, r.workflow_id, w.name, r.version, r.state, r.priority, r.provenance, r.input, r.output, r.error, "            \
  "r.created_at, r.started_at, r.ended_at, r.takeovers "                                                               \
  "FROM runs r JOIN workflows w ON w.tenant_id = $1 AND w.id = r.workflow_id WHERE r.tenant_id = $1 "
constexpr Sql kGetRun{"get_run", "SELECT " CARILLON_RUN_COLUMNS "AND r.id = $2"};
constexpr Sql kListRuns{
    "list_runs",
    "SELECT " CARILLON_RUN_COLUMNS
    "AND ($2::uuid IS NULL OR r.id < $2) AND ($3::smallint IS NULL OR r.state = $3) "
    "AND ($4::uuid IS NULL OR r.workflow_id = $4) AND ($5::text = '' OR r.provenance::json ->> 'reason' = $5) "
    "AND ($6::timestamptz IS NULL OR r.created_at >= $6) AND ($7::timestamptz IS NULL OR r.created_at < $7) "
    "ORDER BY r.id DESC LIMIT $8"};
constexpr Sql kListRunsOfSchedule{
    "list_runs_of_schedule",
    "SELECT " CARILLON_RUN_COLUMNS
    "AND r.schedule_id = $9 AND ($2::uuid IS NULL OR r.id < $2) AND ($3::smallint IS NULL OR r.state = $3) "
    "AND ($4::uuid IS NULL OR r.workflow_id = $4) AND ($5::text = '' OR r.provenance::json ->> 'reason' = $5) "
    "AND ($6::timestamptz IS NULL OR r.created_at >= $6) AND ($7::timestamptz IS NULL OR r.created_at < $7) "
    "ORDER BY r.id DESC LIMIT $8"};
constexpr Sql kListUnfinishedRuns{
    "list_unfinished_runs",
    "SELECT " CARILLON_RUN_COLUMNS
    "AND r.id IN (SELECT q.run_id FROM run_queue q WHERE q.tenant_id = $1) AND ($2::uuid IS NULL OR r.id < $2) "
    "AND ($3::smallint IS NULL OR r.state = $3) "
    "AND ($4::uuid IS NULL OR r.workflow_id = $4) AND ($5::text = '' OR r.provenance::json ->> 'reason' = $5) "
    "AND ($6::timestamptz IS NULL OR r.created_at >= $6) AND ($7::timestamptz IS NULL OR r.created_at < $7) "
    "ORDER BY r.id DESC LIMIT $8"};
#undef CARILLON_RUN_COLUMNS
constexpr Sql kGetSteps{
    "get_steps",
    "SELECT ordinal, path, name, type, attempt, state, started_at, ended_at, input, output, error FROM run_steps "
    "WHERE tenant_id = $1 AND run_id = $2 ORDER BY ordinal"};
constexpr Sql kRequestCancel{
    "request_cancel",
    "UPDATE run_queue SET cancel_requested = true, visible_at = CASE WHEN owner IS NULL THEN $3 ELSE visible_at END "
    "WHERE tenant_id = $1 AND run_id = $2 RETURNING run_id",
    Scope::app, true};
// The runs of a room: by scope where there is one, else by schedule, else by workflow.
#define CARILLON_ROOM_RUNS                                                                                             \
  "(SELECT q.tenant_id, q.run_id FROM run_queue q JOIN unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) "        \
  "AS k(t, w, s, sc) ON q.tenant_id = k.t AND CASE WHEN k.sc <> '' THEN q.scope = k.sc "                               \
  "ELSE q.workflow_id = k.w AND (k.s IS NULL OR q.schedule_id = k.s) END "                                             \
  "ORDER BY q.tenant_id, q.run_id FOR UPDATE OF q SKIP LOCKED)"
constexpr Sql kCancelRooms{
    "cancel_rooms",
    "UPDATE run_queue AS r SET cancel_requested = true, visible_at = CASE WHEN r.owner IS NULL THEN $5 ELSE r.visible_at END "
    "WHERE (r.tenant_id, r.run_id) IN " CARILLON_ROOM_RUNS " AND NOT r.cancel_requested RETURNING r.run_id",
    Scope::system, true};
constexpr Sql kEmptyRooms{
    "empty_rooms",
    "DELETE FROM run_queue AS r WHERE (r.tenant_id, r.run_id) IN " CARILLON_ROOM_RUNS " RETURNING r.tenant_id, r.run_id",
    Scope::system, true};
#undef CARILLON_ROOM_RUNS
constexpr Sql kTerminateRuns{
    "terminate_runs",
    "UPDATE runs AS r SET state = 7, ended_at = $3, error = $4 FROM unnest($1::uuid[], $2::uuid[]) AS k(t, i) "
    "WHERE r.tenant_id = k.t AND r.id = k.i RETURNING r.tenant_id, r.id, r.workflow_id, r.provenance, r.started_at",
    Scope::system, true};
constexpr Sql kRunExists{"run_exists", "SELECT state FROM runs WHERE tenant_id = $1 AND id = $2"};
constexpr Sql kQueuePosition{
    "queue_position",
    "SELECT count(*) FROM (SELECT 1 FROM run_queue WHERE tenant_id = $1 AND priority >= $2 AND owner IS NULL "
    "AND visible_at <= $3 LIMIT 100000) AS waiting"};

constexpr const Sql* kRunStatements[] = {&kInsertRuns,  &kInsertQueue,  &kPickRuns, &kTakeRuns, &kClaimedRows, &kMarkTakenOver,
                                      &kEndQueue,    &kAdvanceQueue, &kUpdateRuns,  &kPutSteps,    &kExtendLeases,
                                      &kHandBack,    &kNextVisible,  &kGetRun,      &kListRuns,    &kListRunsOfSchedule, &kListUnfinishedRuns,
                                      &kGetSteps,    &kRequestCancel, &kRunExists,  &kQueuePosition, &kCancelRooms, &kEmptyRooms, &kTerminateRuns};

Run run_of_row(TenantId tenant, const pqxx::row& row) {
  Run run;
  run.tenant = tenant;
  run.id = id_of<RunId>(row[0]);
  run.workflow = id_of<WorkflowId>(row[1]);
  run.workflow_name = text_of(row[2]);
  run.version = int_of(row[3]);
  run.state = static_cast<RunState>(int_of(row[4]));
  run.priority = static_cast<Priority>(int_of(row[5]));
  run.provenance = provenance_from_json(parse_stored_json(text_of(row[6])));
  run.input = text_of(row[7]);
  run.output = text_of(row[8]);
  run.error = text_of(row[9]);
  run.created_at = instant_of(row[10]);
  run.started_at = instant_or_null(row[11]);
  run.ended_at = instant_or_null(row[12]);
  run.takeovers = static_cast<int>(int_of(row[13]));
  return run;
}

void put_steps(PgTx& tx, std::span<const RunProgress> batch) {
  ArrayText tenants, runs, ordinals, paths, names, types, attempts, states, starts, ends, inputs, outputs, errors;
  bool any = false;
  for (const auto& p : batch)
    for (const auto& s : p.steps) {
      any = true;
      tenants.add(p.tenant);
      runs.add(p.id);
      ordinals.add(s.ordinal);
      paths.add(s.path);
      names.add(s.name);
      types.add(s.type);
      attempts.add(s.attempt);
      states.add(s.state);
      starts.add(s.started_at);
      ends.add(s.ended_at);
      inputs.add_or_null(s.input);
      outputs.add_or_null(s.output);
      errors.add_or_null(s.error);
    }
  if (any)
    tx.exec(kPutSteps, tenants, runs, ordinals, paths, names, types, attempts, states, starts, ends, inputs, outputs, errors);
}

void update_runs(PgTx& tx, std::span<const RunProgress> batch) {
  ArrayText tenants, runs, states, starts, ends, outputs, errors;
  for (const auto& p : batch) {
    tenants.add(p.tenant);
    runs.add(p.id);
    states.add(static_cast<std::int64_t>(p.state));
    starts.add(p.started_at);
    ends.add(p.ended_at);
    outputs.add_or_null(p.output);
    errors.add_or_null(p.error);
  }
  tx.exec(kUpdateRuns, tenants, runs, states, starts, ends, outputs, errors);
}

}  // namespace

std::span<const Sql* const> PgRunStore::statements() { return kRunStatements; }

Status PgRunStore::insert(Tx& tx, std::span<const NewRun> runs) {
  if (runs.empty()) return ok();
  UuidColumn tenants, ids, workflows, schedules, owners;
  BigColumn versions;
  SmallColumn priorities;
  InstantColumn created, visible;
  TextColumn provenances, inputs, scopes, settings;
  bool queued = false;
  for (const auto& r : runs) {
    tenants.add(r.tenant);
    ids.add(r.id);
    workflows.add(r.workflow);
    versions.add(r.version);
    schedules.add(r.provenance.schedule);
    priorities.add(static_cast<std::int16_t>(r.priority));
    created.add(r.created_at);
    provenances.add(provenance_text(r.provenance));
    inputs.add(r.input);
    scopes.add_or_null(r.provenance.scope);
    visible.add(r.taken ? r.taken->lease_until : r.not_before.value_or(r.created_at));
    owners.add(r.taken ? std::optional(r.taken->owner) : std::nullopt);
    queued = queued || !r.taken;
    if (r.settings == RunSettings{}) settings.add_null();
    else settings.add(dump_json(to_json(r.settings)));
  }
  pg(tx).exec(kInsertRuns, tenants, ids, workflows, versions, schedules, priorities, created, provenances, inputs);
  pg(tx).exec(kInsertQueue, tenants, ids, workflows, versions, schedules, priorities, visible, scopes, settings, owners, kFirstEpoch);
  if (queued) pg(tx).notify("runs");
  return ok();
}

Result<std::vector<ClaimedRun>> PgRunStore::claim(Tx& tx, NodeId owner, Instant lease_until, int limit) {
  std::vector<ClaimedRun> out;
  ArrayText left_tenants, left_ids;
  bool any_left = false;
  for (int priority = 3; priority >= 0 && static_cast<int>(out.size()) < limit; --priority) {
    auto rows = pg(tx).exec(kPickRuns, priority, tx.now(), limit - static_cast<int>(out.size()));
    for (const auto& row : rows) {
      ClaimedRun run;
      run.tenant = id_of<TenantId>(row[0]);
      run.id = id_of<RunId>(row[1]);
      run.workflow = id_of<WorkflowId>(row[2]);
      run.version = int_of(row[3]);
      run.epoch = static_cast<int>(int_of(row[4]));
      run.cancel_requested = bool_of(row[5]);
      run.checkpoint = text_of(row[6]);
      run.priority = static_cast<Priority>(priority);
      if (!row[8].is_null()) run.settings = run_settings_from_json(parse_stored_json(text_of(row[8])));
      if (bool_of(row[7])) {
        // Its last owner never gave it back: that worker is gone.
        left_tenants.add(run.tenant);
        left_ids.add(run.id);
        any_left = true;
      }
      out.push_back(std::move(run));
    }
  }
  if (out.empty()) return out;
  if (any_left) pg(tx).exec(kMarkTakenOver, left_tenants, left_ids);
  ArrayText tenant_array, id_array;
  std::unordered_map<RunId, std::size_t> place;
  for (std::size_t n = 0; n < out.size(); ++n) {
    tenant_array.add(out[n].tenant);
    id_array.add(out[n].id);
    place[out[n].id] = n;
  }
  const std::string tenants = tenant_array.take(), ids = id_array.take();
  pg(tx).exec(kTakeRuns, tenants, ids, owner, lease_until);
  for (const auto& row : pg(tx).exec(kClaimedRows, tenants, ids)) {
    ClaimedRun& run = out[place.at(id_of<RunId>(row[0]))];
    run.input = text_of(row[1]);
    run.provenance = provenance_from_json(parse_stored_json(text_of(row[2])));
    run.created_at = instant_of(row[3]);
    run.started_at = instant_or_null(row[4]);
    run.takeovers = static_cast<int>(int_of(row[5]));
  }
  return out;
}

Result<std::vector<RunId>> PgRunStore::progress(Tx& tx, std::span<const RunProgress> batch) {
  ArrayText end_tenants, end_ids, end_epochs, tenants, ids, epochs, visible, checkpoints, released;
  bool any_end = false, any_live = false;
  for (const auto& p : batch) {
    if (is_terminal(p.state)) {
      any_end = true;
      end_tenants.add(p.tenant);
      end_ids.add(p.id);
      end_epochs.add(p.epoch);
    } else {
      any_live = true;
      tenants.add(p.tenant);
      ids.add(p.id);
      epochs.add(p.epoch);
      visible.add(p.state == RunState::waiting ? p.wake_at.value_or(tx.now()) : p.lease_until.value_or(tx.now()));
      checkpoints.add(p.checkpoint);
      released.add(p.state == RunState::waiting);
    }
  }
  std::vector<RunId> held;
  if (any_end)
    for (const auto& row : pg(tx).exec(kEndQueue, end_tenants, end_ids, end_epochs)) held.push_back(id_of<RunId>(row[0]));
  if (any_live)
    for (const auto& row : pg(tx).exec(kAdvanceQueue, tenants, ids, epochs, visible, checkpoints, tx.now(), released))
      held.push_back(id_of<RunId>(row[0]));
  if (held.size() == batch.size()) {
    update_runs(pg(tx), batch);
    put_steps(pg(tx), batch);
    return held;
  }
  std::set<RunId> still(held.begin(), held.end());
  std::vector<RunProgress> kept;
  for (const auto& p : batch)
    if (still.contains(p.id)) kept.push_back(p);
  if (!kept.empty()) {
    update_runs(pg(tx), kept);
    put_steps(pg(tx), kept);
  }
  return held;
}

namespace {
struct LeaseArrays {
  ArrayText tenants, ids, epochs;
  explicit LeaseArrays(std::span<const RunStore::LeaseKey> keys) {
    for (const auto& key : keys) {
      tenants.add(key.tenant);
      ids.add(key.run);
      epochs.add(key.epoch);
    }
  }
};
}  // namespace

Result<std::vector<RunStore::LeaseAnswer>> PgRunStore::extend(Tx& tx, std::span<const LeaseKey> keys, Instant lease_until) {
  LeaseArrays k(keys);
  std::vector<LeaseAnswer> out;
  for (const auto& row : pg(tx).exec(kExtendLeases, k.tenants, k.ids, k.epochs, lease_until))
    out.push_back({id_of<RunId>(row[0]), bool_of(row[1])});
  return out;
}

Status PgRunStore::hand_back(Tx& tx, std::span<const LeaseKey> keys) {
  LeaseArrays k(keys);
  pg(tx).exec(kHandBack, k.tenants, k.ids, k.epochs, tx.now());
  pg(tx).notify("runs");
  return ok();
}

Result<std::optional<Instant>> PgRunStore::next_wake(Tx& tx) { return instant_or_null(pg(tx).exec(kNextVisible)[0][0]); }

Result<Run> PgRunStore::get(Tx& tx, TenantId tenant, RunId id) {
  auto rows = pg(tx).exec(kGetRun, tenant, id);
  if (rows.empty())
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no run with this id.", "id", id.to_string(), "Check the id.", {}};
  return run_of_row(tenant, rows[0]);
}

Result<std::vector<Run>> PgRunStore::list(Tx& tx, TenantId tenant, const RunFilter& f) {
  std::optional<std::int64_t> state;
  if (f.state) state = static_cast<std::int64_t>(*f.state);
  const bool unfinished = f.state && !is_terminal(*f.state);
  auto rows = f.schedule   ? pg(tx).exec(kListRunsOfSchedule, tenant, f.before, state, f.workflow, f.reason, f.from, f.to, f.limit, *f.schedule)
              : unfinished ? pg(tx).exec(kListUnfinishedRuns, tenant, f.before, state, f.workflow, f.reason, f.from, f.to, f.limit)
                           : pg(tx).exec(kListRuns, tenant, f.before, state, f.workflow, f.reason, f.from, f.to, f.limit);
  std::vector<Run> out;
  for (const auto& row : rows) out.push_back(run_of_row(tenant, row));
  return out;
}

Result<std::vector<StoredStep>> PgRunStore::steps(Tx& tx, TenantId tenant, RunId id) {
  std::vector<StoredStep> out;
  for (const auto& row : pg(tx).exec(kGetSteps, tenant, id)) {
    out.push_back({static_cast<int>(int_of(row[0])), text_of(row[1]), text_of(row[2]), text_of(row[3]),
                   static_cast<int>(int_of(row[4])), text_of(row[5]), instant_of(row[6]), instant_or_null(row[7]),
                   text_of(row[8]), text_of(row[9]), text_of(row[10])});
  }
  return out;
}

Status PgRunStore::request_cancel(Tx& tx, TenantId tenant, RunId id) {
  if (!pg(tx).exec(kRequestCancel, tenant, id, tx.now()).empty()) {
    pg(tx).notify("runs");
    return ok();
  }
  auto rows = pg(tx).exec(kRunExists, tenant, id);
  if (rows.empty())
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no run with this id.", "id", id.to_string(), "Check the id.", {}};
  return Error{ErrorCode::conflict, "RUN_ENDED",
               "The run has already ended (" + std::string(to_string(static_cast<RunState>(int_of(rows[0][0])))) + ").", "id",
               id.to_string(), "Nothing is left to cancel.", {}};
}

namespace {
struct RoomArrays {
  ArrayText tenants, workflows, schedules, scopes;
  explicit RoomArrays(std::span<const RunRoom> rooms) {
    for (const auto& room : rooms) {
      tenants.add(room.tenant);
      workflows.add(room.workflow);
      schedules.add(room.schedule);
      scopes.add(room.scope);
    }
  }
};
}  // namespace

Status PgRunStore::request_cancel_in(Tx& tx, std::span<const RunRoom> rooms) {
  if (rooms.empty()) return ok();
  RoomArrays r(rooms);
  if (!pg(tx).exec(kCancelRooms, r.tenants, r.workflows, r.schedules, r.scopes, tx.now()).empty()) pg(tx).notify("runs");
  return ok();
}

Result<std::vector<FinishedRun>> PgRunStore::terminate_in(Tx& tx, std::span<const RunRoom> rooms, const std::string& error) {
  std::vector<FinishedRun> out;
  if (rooms.empty()) return out;
  RoomArrays r(rooms);
  ArrayText tenants, ids;
  bool any = false;
  for (const auto& row : pg(tx).exec(kEmptyRooms, r.tenants, r.workflows, r.schedules, r.scopes)) {
    any = true;
    tenants.add(id_of<TenantId>(row[0]));
    ids.add(id_of<RunId>(row[1]));
  }
  if (!any) return out;
  for (const auto& row : pg(tx).exec(kTerminateRuns, tenants, ids, tx.now(), error)) {
    FinishedRun run{id_of<TenantId>(row[0]), id_of<RunId>(row[1]), id_of<WorkflowId>(row[2]), RunState::cancelled,
                    provenance_from_json(parse_stored_json(text_of(row[3]))), instant_or_null(row[4]), tx.now(), error, {}};
    out.push_back(std::move(run));
  }
  return out;
}

Result<std::int64_t> PgRunStore::queue_position(Tx& tx, TenantId tenant, Priority priority) {
  return int_of(pg(tx).exec(kQueuePosition, tenant, static_cast<int>(priority), tx.now())[0][0]);
}

}  // namespace carillon::pg
