#include "persistence/stores/pg_job_store.h"

#include "persistence/core/pg_tx.h"

namespace carillon::pg {
namespace {

constexpr Sql kPutRegistration{
    "put_registration",
    "INSERT INTO registrations (tenant_id, id, kind, due_at, planned_at, zone_data, recurrence, lane) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (tenant_id, id) DO UPDATE SET kind = EXCLUDED.kind, "
    "due_at = EXCLUDED.due_at, planned_at = EXCLUDED.planned_at, zone_data = EXCLUDED.zone_data, "
    "recurrence = EXCLUDED.recurrence, lane = EXCLUDED.lane",
    Scope::app, true};
constexpr Sql kPutRegistrations{
    "put_registrations",
    "INSERT INTO registrations (tenant_id, id, kind, due_at, planned_at, zone_data, recurrence, lane) "
    "SELECT $1, i, k, d, p, z, r, l FROM unnest($2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[], $7::text[], "
    "$8::smallint[]) AS u(i, k, d, p, z, r, l) ORDER BY i ON CONFLICT (tenant_id, id) DO UPDATE SET kind = EXCLUDED.kind, "
    "due_at = EXCLUDED.due_at, planned_at = EXCLUDED.planned_at, zone_data = EXCLUDED.zone_data, "
    "recurrence = EXCLUDED.recurrence, lane = EXCLUDED.lane",
    Scope::app, true};
constexpr Sql kPutIfNew{
    "put_registrations_if_new",
    "INSERT INTO registrations (tenant_id, id, kind, due_at, planned_at, zone_data, recurrence, lane) "
    "SELECT t, i, k, d, p, '', '', l FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[], "
    "$6::smallint[]) AS u(t, i, k, d, p, l) ORDER BY t, i ON CONFLICT (tenant_id, id) DO NOTHING RETURNING id",
    Scope::system, true};
// least() leaves nulls out: one that waits for nothing gets the time.
constexpr Sql kPutSooner{
    "put_registrations_sooner",
    "UPDATE registrations AS r SET due_at = least(r.due_at, k.d), planned_at = least(r.planned_at, k.p) "
    "FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[]) AS k(t, i, d, p) "
    "WHERE r.tenant_id = k.t AND r.id = k.i AND (r.tenant_id, r.id) IN (SELECT f.tenant_id, f.id FROM registrations f "
    "JOIN unnest($1::uuid[], $2::uuid[]) AS l(t, i) ON f.tenant_id = l.t AND f.id = l.i FOR UPDATE OF f SKIP LOCKED)",
    Scope::system, true};
constexpr Sql kTryLockRegistrations{
    "try_lock_registrations",
    "SELECT r.tenant_id, r.id FROM registrations r JOIN unnest($1::uuid[], $2::uuid[]) AS k(t, i) "
    "ON r.tenant_id = k.t AND r.id = k.i FOR UPDATE OF r SKIP LOCKED",
    Scope::system};
constexpr Sql kHoldRegistrations{
    "hold_registrations",
    "SELECT r.id FROM registrations r JOIN unnest($1::uuid[], $2::uuid[]) AS k(t, i) "
    "ON r.tenant_id = k.t AND r.id = k.i WHERE r.planned_at IS NOT NULL ORDER BY r.tenant_id, r.id FOR UPDATE OF r",
    Scope::system};
constexpr Sql kWakeRegistrations{
    "wake_registrations",
    "UPDATE registrations AS r SET planned_at = $3 FROM unnest($1::uuid[], $2::uuid[]) AS k(t, i) "
    "WHERE r.tenant_id = k.t AND r.id = k.i AND r.planned_at > $3",
    Scope::system, true};
constexpr Sql kUnpark{
    "unpark_registrations",
    "UPDATE registrations SET planned_at = $2 WHERE tenant_id = $1 AND planned_at IS NULL AND due_at IS NOT NULL RETURNING id",
    Scope::app, true};
constexpr Sql kUnparkAll{
    "unpark_all_registrations",
    "UPDATE registrations SET planned_at = $1 WHERE planned_at IS NULL AND due_at IS NOT NULL RETURNING id", Scope::system, true};
constexpr Sql kNoteFires{
    "note_fires",
    "UPDATE registrations AS r SET last_due_at = m.d, last_planned_at = m.p, last_fired_at = m.f, last_verdict = m.v, "
    "last_run_id = m.ru, started = r.started + m.s FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], "
    "$5::timestamptz[], $6::text[], $7::uuid[], $8::bigint[]) AS m(t, i, d, p, f, v, ru, s) "
    "WHERE r.tenant_id = m.t AND r.id = m.i",
    Scope::system, true};
constexpr Sql kLockRegistration{
    "lock_registration",
    "SELECT kind, due_at, planned_at, zone_data, recurrence, lane FROM registrations WHERE tenant_id = $1 AND id = $2 FOR UPDATE"};
constexpr Sql kLockRegistrations{
    "lock_registrations",
    "SELECT kind, due_at, planned_at, zone_data, recurrence, lane, id FROM registrations WHERE tenant_id = $1 AND id = ANY($2::uuid[]) "
    "ORDER BY id FOR UPDATE"};
constexpr Sql kEraseRegistration{"erase_registration", "DELETE FROM registrations WHERE tenant_id = $1 AND id = $2",
                                 Scope::app, true};
constexpr Sql kDueScan{
    "due_scan",
    "SELECT tenant_id, id, kind, due_at, planned_at FROM registrations WHERE lane = $3 AND planned_at <= $1 "
    "ORDER BY planned_at LIMIT $2",
    Scope::system};
constexpr Sql kDueBeside{
    "due_beside",
    "SELECT w.tenant_id, w.id, w.kind, w.due_at, w.planned_at FROM (SELECT tenant_id, id, kind, due_at, planned_at FROM registrations "
    "WHERE lane = $5 AND planned_at >= $1 AND planned_at <= $2 ORDER BY planned_at LIMIT 100000) AS w "
    "WHERE w.tenant_id <> ALL ($3::uuid[]) ORDER BY w.planned_at LIMIT $4",
    Scope::system};
constexpr Sql kLockDue{
    "lock_due",
    "SELECT r.tenant_id, r.id, r.due_at, r.planned_at, r.recurrence FROM registrations r "
    "JOIN unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS k(tenant_id, id, due_at) "
    "ON r.tenant_id = k.tenant_id AND r.id = k.id AND r.due_at = k.due_at WHERE r.planned_at IS NOT NULL FOR UPDATE OF r SKIP LOCKED",
    Scope::system};
constexpr Sql kMoveRegistrations{
    "move_registrations",
    "UPDATE registrations AS r SET due_at = m.due_at, planned_at = m.planned_at, zone_data = m.zone_data, "
    "last_due_at = coalesce(m.last_due_at, r.last_due_at), last_planned_at = coalesce(m.last_planned_at, r.last_planned_at), "
    "last_fired_at = coalesce(m.last_fired_at, r.last_fired_at), last_verdict = coalesce(m.last_verdict, r.last_verdict), "
    "last_run_id = CASE WHEN m.last_due_at IS NULL THEN r.last_run_id ELSE m.last_run_id END, started = r.started + m.started "
    "FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::timestamptz[], "
    "$7::timestamptz[], $8::timestamptz[], $9::text[], $10::uuid[], $11::bigint[]) "
    "AS m(tenant_id, id, due_at, planned_at, zone_data, last_due_at, last_planned_at, last_fired_at, last_verdict, "
    "last_run_id, started) WHERE r.tenant_id = m.tenant_id AND r.id = m.id",
    Scope::system, true};
constexpr Sql kNextRegistration{
    "next_registration",
    "SELECT min(p) FROM (SELECT (SELECT r.planned_at FROM registrations r WHERE r.lane = l AND r.planned_at IS NOT NULL "
    "ORDER BY r.planned_at LIMIT 1) AS p FROM (VALUES (0), (1)) AS lanes(l)) AS w",
    Scope::system};

constexpr const Sql* kJobStatements[] = {&kPutRegistration, &kPutRegistrations, &kLockRegistration, &kLockRegistrations, &kEraseRegistration,
                                      &kDueScan,         &kDueBeside,        &kLockDue,          &kMoveRegistrations, &kNextRegistration,
                                      &kPutIfNew,        &kPutSooner,        &kTryLockRegistrations, &kHoldRegistrations, &kWakeRegistrations, &kUnpark,
                                      &kUnparkAll,       &kNoteFires};

std::vector<DueKey> due_keys(const pqxx::result& rows, Lane lane) {
  std::vector<DueKey> out;
  out.reserve(rows.size());
  for (const auto& row : rows)
    out.push_back({id_of<TenantId>(row[0]), id_of<RegistrationId>(row[1]), text_of(row[2]), instant_of(row[3]), instant_of(row[4]), lane});
  return out;
}

}  // namespace

std::span<const Sql* const> PgJobStore::statements() { return kJobStatements; }

Status PgJobStore::put(Tx& tx, const Registration& r) {
  pg(tx).exec(kPutRegistration, r.tenant, r.id, r.kind, r.due_at, r.planned_at, r.zone_data, r.recurrence, static_cast<int>(r.lane));
  if (r.planned_at) pg(tx).notify("jobs");
  return ok();
}

Status PgJobStore::put_all(Tx& tx, std::span<const Registration> registrations) {
  if (registrations.empty()) return ok();
  UuidColumn ids;
  TextColumn kinds, zones, recurrences;
  InstantColumn dues, planned;
  SmallColumn lanes;
  bool promised = false;
  for (const auto& r : registrations) {
    ids.add(r.id);
    kinds.add(r.kind);
    dues.add(r.due_at);
    planned.add(r.planned_at);
    zones.add(r.zone_data);
    recurrences.add(r.recurrence);
    lanes.add(static_cast<std::int16_t>(r.lane));
    promised = promised || r.planned_at;
  }
  pg(tx).exec(kPutRegistrations, registrations.front().tenant, ids, kinds, dues, planned, zones, recurrences, lanes);
  if (promised) pg(tx).notify("jobs");
  return ok();
}

namespace {
Registration registration_of_row(TenantId tenant, RegistrationId id, const pqxx::row& row) {
  return {tenant, id, text_of(row[0]), instant_or_null(row[1]), instant_or_null(row[2]), text_of(row[3]), text_of(row[4]),
          static_cast<Lane>(int_of(row[5]))};
}
}  // namespace

Result<std::optional<Registration>> PgJobStore::lock(Tx& tx, TenantId tenant, RegistrationId id) {
  auto rows = pg(tx).exec(kLockRegistration, tenant, id);
  return rows.empty() ? std::optional<Registration>() : registration_of_row(tenant, id, rows[0]);
}

Result<std::vector<Registration>> PgJobStore::lock_all(Tx& tx, TenantId tenant, std::span<const RegistrationId> ids) {
  UuidColumn list;
  for (const auto& id : ids) list.add(id);
  std::vector<Registration> out;
  for (const auto& row : pg(tx).exec(kLockRegistrations, tenant, list)) out.push_back(registration_of_row(tenant, id_of<RegistrationId>(row[6]), row));
  return out;
}

Status PgJobStore::erase(Tx& tx, TenantId tenant, RegistrationId id) {
  pg(tx).exec(kEraseRegistration, tenant, id);
  return ok();
}

Result<std::vector<DueKey>> PgJobStore::due(Tx& tx, Instant until, int limit) {
  auto out = due_keys(pg(tx).exec(kDueScan, until, limit, static_cast<int>(Lane::live)), Lane::live);
  const int room = limit - static_cast<int>(out.size());
  if (room <= 0) return out;
  auto background = due_keys(pg(tx).exec(kDueScan, until, room, static_cast<int>(Lane::background)), Lane::background);
  out.insert(out.end(), background.begin(), background.end());
  return out;
}

Result<std::vector<DueKey>> PgJobStore::due_beside(Tx& tx, Instant from, Instant until, std::span<const TenantId> tenants, int limit) {
  UuidColumn others;
  for (const auto& tenant : tenants) others.add(tenant);
  return due_keys(pg(tx).exec(kDueBeside, from, until, others, limit, static_cast<int>(Lane::live)), Lane::live);
}

Result<std::vector<DueJob>> PgJobStore::lock_due(Tx& tx, std::span<const DueKey> keys) {
  UuidColumn tenants, ids;
  InstantColumn dues;
  for (const auto& key : keys) {
    tenants.add(key.tenant);
    ids.add(key.id);
    dues.add(key.due_at);
  }
  auto rows = pg(tx).exec(kLockDue, tenants, ids, dues);
  std::vector<DueJob> out;
  out.reserve(rows.size());
  for (const auto& row : rows)
    out.push_back({id_of<TenantId>(row[0]), id_of<RegistrationId>(row[1]), instant_of(row[2]), instant_of(row[3]), text_of(row[4])});
  return out;
}

Status PgJobStore::move(Tx& tx, std::span<const JobMove> moves) {
  if (moves.empty()) return ok();
  UuidColumn tenants, ids, runs;
  InstantColumn dues, planned, last_due, last_planned, last_fired;
  TextColumn zones, verdicts;
  BigColumn started;
  for (const auto& m : moves) {
    tenants.add(m.tenant);
    ids.add(m.id);
    dues.add(m.next_due_at);
    planned.add(m.next_planned_at);
    zones.add(m.zone_data);
    if (m.last) {
      last_due.add(m.last->due_at);
      last_planned.add(m.last->planned_at);
      last_fired.add(m.last->fired_at);
      verdicts.add(m.last->verdict);
      runs.add(m.last->run);
      started.add(m.last->started);
    } else {
      last_due.add_null();
      last_planned.add_null();
      last_fired.add_null();
      verdicts.add_null();
      runs.add_null();
      started.add(0);
    }
  }
  pg(tx).exec(kMoveRegistrations, tenants, ids, dues, planned, zones, last_due, last_planned, last_fired, verdicts, runs, started);
  return ok();
}

namespace {
struct KeyArrays {
  ArrayText tenants, ids;
  explicit KeyArrays(std::span<const RegistrationKey> keys) {
    for (const auto& key : keys) {
      tenants.add(key.tenant);
      ids.add(key.id);
    }
  }
};
}  // namespace

Status PgJobStore::put_sooner(Tx& tx, std::span<const Registration> registrations) {
  if (registrations.empty()) return ok();
  ArrayText tenants, ids, kinds, dues, planned, lanes;
  for (const auto& r : registrations) {
    tenants.add(r.tenant);
    ids.add(r.id);
    kinds.add(r.kind);
    dues.add(r.due_at);
    planned.add(r.planned_at);
    lanes.add(static_cast<std::int64_t>(r.lane));
  }
  const std::string t = tenants.take(), i = ids.take(), d = dues.take(), p = planned.take();
  const auto made = pg(tx).exec(kPutIfNew, t, i, kinds, d, p, lanes);
  if (made.size() < registrations.size()) pg(tx).exec(kPutSooner, t, i, d, p);
  pg(tx).notify("jobs");
  return ok();
}

Result<std::vector<RegistrationKey>> PgJobStore::try_lock(Tx& tx, std::span<const RegistrationKey> keys) {
  KeyArrays k(keys);
  std::vector<RegistrationKey> out;
  for (const auto& row : pg(tx).exec(kTryLockRegistrations, k.tenants, k.ids))
    out.push_back({id_of<TenantId>(row[0]), id_of<RegistrationId>(row[1])});
  return out;
}

Status PgJobStore::wake(Tx& tx, std::span<const RegistrationKey> keys, Instant at) {
  if (keys.empty()) return ok();
  KeyArrays k(keys);
  const std::string tenants = k.tenants.take(), ids = k.ids.take();
  pg(tx).exec(kHoldRegistrations, tenants, ids);  // in one order, whoever wakes
  pg(tx).exec(kWakeRegistrations, tenants, ids, at);
  pg(tx).notify("jobs");
  return ok();
}

Result<std::int64_t> PgJobStore::unpark(Tx& tx, std::optional<TenantId> tenant, Instant at) {
  auto rows = tenant ? pg(tx).exec(kUnpark, *tenant, at) : pg(tx).exec(kUnparkAll, at);
  if (!rows.empty()) pg(tx).notify("jobs");
  return static_cast<std::int64_t>(rows.size());
}

Status PgJobStore::note(Tx& tx, std::span<const JobNote> notes) {
  if (notes.empty()) return ok();
  ArrayText tenants, ids, dues, planned, fired, verdicts, runs, started;
  for (const auto& n : notes) {
    tenants.add(n.tenant);
    ids.add(n.id);
    dues.add(n.last.due_at);
    planned.add(n.last.planned_at);
    fired.add(n.last.fired_at);
    verdicts.add(n.last.verdict);
    runs.add(n.last.run);
    started.add(n.last.started);
  }
  pg(tx).exec(kNoteFires, tenants, ids, dues, planned, fired, verdicts, runs, started);
  return ok();
}

Result<std::optional<Instant>> PgJobStore::next_wake(Tx& tx) {
  auto rows = pg(tx).exec(kNextRegistration);
  if (rows.empty()) return std::optional<Instant>();
  return instant_or_null(rows[0][0]);
}

Status PgJobStore::announce_clock_release(Tx& tx) {
  pg(tx).notify("clock");
  return ok();
}

}  // namespace carillon::pg
