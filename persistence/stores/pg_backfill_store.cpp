#include "persistence/stores/pg_backfill_store.h"

#include "persistence/core/pg_tx.h"

namespace carillon::pg {

using namespace carillon::schedules;
using carillon::Status;  // the other Status here is a schedule's

namespace {

#define CARILLON_BACKFILL                                                                                                \
  "SELECT b.tenant_id, b.id, b.schedule_id, b.from_at, b.to_at, b.concurrency, b.include_fired, b.state, b.reason, b.total, " \
  "b.created_at, b.created_by, b.ended_at FROM backfills b "

constexpr Sql kInsertBackfill{
    "insert_backfill",
    "INSERT INTO backfills (tenant_id, id, schedule_id, from_at, to_at, concurrency, include_fired, state, reason, total, created_at, "
    "created_by, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    Scope::app, true};
constexpr Sql kInsertBackfillItems{
    "insert_backfill_items",
    "INSERT INTO backfill_items (tenant_id, backfill_id, due_at, schedule_id, state) "
    "SELECT $1::uuid, $2::uuid, d, $3::uuid, 'waiting' FROM unnest($4::timestamptz[]) AS u(d) ON CONFLICT (tenant_id, backfill_id, due_at) DO NOTHING",
    Scope::app, true};
constexpr Sql kViewBackfill{"view_backfill", CARILLON_BACKFILL "WHERE b.tenant_id = $1 AND b.id = $2"};
constexpr Sql kLockBackfill{"lock_backfill", CARILLON_BACKFILL "WHERE b.tenant_id = $1 AND b.id = $2 FOR UPDATE"};
constexpr Sql kListBackfills{
    "list_backfills",
    CARILLON_BACKFILL "WHERE b.tenant_id = $1 AND b.schedule_id = $2 AND ($3::uuid IS NULL OR b.id < $3) ORDER BY b.id DESC LIMIT $4"};
constexpr Sql kTryLockBackfills{
    "try_lock_backfills",
    CARILLON_BACKFILL "JOIN unnest($1::uuid[], $2::uuid[]) AS k(t, i) ON b.tenant_id = k.t AND b.id = k.i FOR UPDATE OF b SKIP LOCKED",
    Scope::system};
constexpr Sql kBackfillProgress{
    "backfill_progress",
    "SELECT backfill_id, state, count(*) FROM backfill_items WHERE tenant_id = $1 AND backfill_id = ANY($2::uuid[]) "
    "GROUP BY backfill_id, state"};
constexpr Sql kBackfillItems{
    "backfill_items",
    "SELECT due_at, state, run_id FROM backfill_items WHERE tenant_id = $1 AND backfill_id = $2 AND ($3 = '' OR state = $3) "
    "AND ($4::timestamptz IS NULL OR due_at > $4) ORDER BY due_at LIMIT $5"};
constexpr Sql kFiredTimes{
    "fired_times",
    "SELECT f.due_at FROM fires f WHERE f.tenant_id = $1 AND f.schedule_id = $2 AND f.due_at >= $3 AND f.due_at < $4 "
    "AND f.verdict = 'started' UNION SELECT i.due_at FROM backfill_items i WHERE i.tenant_id = $1 AND i.schedule_id = $2 "
    "AND i.due_at >= $3 AND i.due_at < $4 AND i.run_id IS NOT NULL ORDER BY 1"};
constexpr Sql kRanInStretches{
    "ran_in_stretches",
    "SELECT k.n, count(DISTINCT i.due_at), (array_agg(i.backfill_id ORDER BY i.backfill_id DESC, i.due_at DESC))[1], "
    "(array_agg(i.run_id ORDER BY i.backfill_id DESC, i.due_at DESC))[1] "
    "FROM unnest($3::timestamptz[], $4::timestamptz[]) WITH ORDINALITY AS k(f, l, n) JOIN backfill_items i ON i.tenant_id = $1 "
    "AND i.schedule_id = $2 AND i.due_at >= k.f AND i.due_at <= k.l AND i.run_id IS NOT NULL GROUP BY k.n"};
constexpr Sql kBusyTimes{
    "busy_times",
    "SELECT w.due_at FROM backlog w WHERE w.tenant_id = $1 AND w.schedule_id = $2 AND w.due_at >= $3 AND w.due_at < $4 "
    "UNION SELECT i.due_at FROM backfill_items i JOIN backfills b ON b.tenant_id = $1 AND b.id = i.backfill_id "
    "WHERE i.tenant_id = $1 AND i.schedule_id = $2 AND i.due_at >= $3 AND i.due_at < $4 AND i.state IN ('waiting', 'started') "
    "AND b.state IN ('running', 'paused') ORDER BY 1"};
constexpr Sql kUpdateBackfill{
    "update_backfill", "UPDATE backfills SET state = $3, reason = $4, ended_at = $5 WHERE tenant_id = $1 AND id = $2", Scope::app, true};
constexpr Sql kCancelWaitingItems{
    "cancel_waiting_items",
    "UPDATE backfill_items SET state = 'cancelled' WHERE tenant_id = $1 AND backfill_id = $2 AND state = 'waiting'", Scope::app, true};
constexpr Sql kWaitingItems{
    "waiting_items",
    "SELECT due_at FROM backfill_items WHERE tenant_id = $1 AND backfill_id = $2 AND state = 'waiting' ORDER BY due_at LIMIT $3",
    Scope::system};
constexpr Sql kStartItems{
    "start_items",
    "UPDATE backfill_items AS i SET state = k.st, run_id = k.r FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::uuid[], $5::text[], "
    "$6::uuid[]) AS k(t, b, d, r, st, n) WHERE i.tenant_id = k.t AND i.backfill_id = k.b AND i.due_at = k.d AND i.state = 'waiting'",
    Scope::system, true};
constexpr Sql kFinishItems{
    "finish_items",
    "UPDATE backfill_items AS i SET state = k.st, run_id = coalesce(k.n, i.run_id) FROM unnest($1::uuid[], $2::uuid[], "
    "$3::timestamptz[], $4::uuid[], $5::text[], $6::uuid[]) AS k(t, b, d, r, st, n) WHERE i.tenant_id = k.t AND i.backfill_id = k.b AND i.due_at = k.d AND i.run_id = k.r AND i.state = 'started'",
    Scope::system, true};
#undef CARILLON_BACKFILL

constexpr const Sql* kBackfillStatements[] = {
    &kInsertBackfill, &kInsertBackfillItems, &kViewBackfill, &kLockBackfill, &kListBackfills, &kTryLockBackfills, &kBackfillProgress, &kBackfillItems,
    &kFiredTimes, &kRanInStretches, &kBusyTimes, &kUpdateBackfill, &kCancelWaitingItems, &kWaitingItems, &kStartItems, &kFinishItems};

Backfill backfill_of_row(const pqxx::row& row) {
  Backfill b;
  b.tenant = id_of<TenantId>(row[0]);
  b.id = id_of<BackfillId>(row[1]);
  b.schedule = id_of<ScheduleId>(row[2]);
  b.from = instant_of(row[3]);
  b.to = instant_of(row[4]);
  b.concurrency = int_of(row[5]);
  b.include_fired = bool_of(row[6]);
  b.state = parse_state<BackfillState>(kBackfillStates, text_of(row[7])).value_or(BackfillState::paused);
  b.reason = text_of(row[8]);
  b.total = int_of(row[9]);
  b.created_at = instant_of(row[10]);
  b.created_by = text_of(row[11]);
  b.ended_at = instant_or_null(row[12]);
  return b;
}

Error backfill_not_found(BackfillId id) {
  return Error{ErrorCode::not_found, "NOT_FOUND", "There is no backfill with this id.", "id", id.to_string(), "Check the id.", {}};
}

/// With their counts; one look-up for each tenant.
std::vector<BackfillView> with_progress(Tx& tx, const pqxx::result& rows) {
  std::vector<BackfillView> out;
  std::map<BackfillId, std::size_t> place;
  std::map<TenantId, ArrayText> ids;
  for (const auto& row : rows) {
    out.push_back({backfill_of_row(row), {}});
    const Backfill& b = out.back().backfill;
    place[b.id] = out.size() - 1;
    ids[b.tenant].add(b.id);
  }
  for (auto& [tenant, list] : ids)
    for (const auto& row : pg(tx).exec(kBackfillProgress, tenant, list)) {
      auto state = parse_state<ItemState>(kItemStates, text_of(row[1]));
      if (state) out[place.at(id_of<BackfillId>(row[0]))].progress.of(*state) = int_of(row[2]);
    }
  return out;
}

void change_items(Tx& tx, const Sql& sql, std::span<const ItemChange> items) {
  if (items.empty()) return;
  ArrayText tenants, backfills, dues, runs, states, retries;
  for (const auto& item : items) {
    tenants.add(item.tenant);
    backfills.add(item.backfill);
    dues.add(item.due_at);
    runs.add(item.run);
    states.add(to_string(item.state));
    retries.add(item.retry);
  }
  pg(tx).exec(sql, tenants, backfills, dues, runs, states, retries);
}

std::vector<Instant> instants_of(const pqxx::result& rows) {
  std::vector<Instant> out;
  for (const auto& row : rows) out.push_back(instant_of(row[0]));
  return out;
}

}  // namespace

std::span<const Sql* const> PgBackfillStore::statements() { return kBackfillStatements; }

Status PgBackfillStore::insert(Tx& tx, const Backfill& b, std::span<const Instant> due_times) {
  pg(tx).exec(kInsertBackfill, b.tenant, b.id, b.schedule, b.from, b.to, b.concurrency, b.include_fired, to_string(b.state), b.reason, b.total,
              b.created_at, b.created_by, b.ended_at);
  ArrayText dues;
  for (const Instant due : due_times) dues.add(due);
  pg(tx).exec(kInsertBackfillItems, b.tenant, b.id, b.schedule, dues);
  return ok();
}

Result<BackfillView> PgBackfillStore::view(Tx& tx, TenantId tenant, BackfillId id) {
  auto found = with_progress(tx, pg(tx).exec(kViewBackfill, tenant, id));
  if (found.empty()) return backfill_not_found(id);
  return std::move(found.front());
}

Result<std::vector<BackfillView>> PgBackfillStore::list(Tx& tx, TenantId tenant, ScheduleId schedule, std::optional<BackfillId> before, int limit) {
  return with_progress(tx, pg(tx).exec(kListBackfills, tenant, schedule, before, limit));
}

Result<std::vector<BackfillItem>> PgBackfillStore::items(Tx& tx, TenantId tenant, BackfillId id, std::optional<ItemState> state,
                                                         std::optional<Instant> after, int limit) {
  std::vector<BackfillItem> out;
  for (const auto& row : pg(tx).exec(kBackfillItems, tenant, id, state ? std::string(to_string(*state)) : "", after, limit))
    out.push_back({instant_of(row[0]), parse_state<ItemState>(kItemStates, text_of(row[1])).value_or(ItemState::waiting), id_or_null<RunId>(row[2])});
  return out;
}

Result<TakenTimes> PgBackfillStore::taken(Tx& tx, TenantId tenant, ScheduleId schedule, Instant from, Instant to) {
  return TakenTimes{instants_of(pg(tx).exec(kFiredTimes, tenant, schedule, from, to)), instants_of(pg(tx).exec(kBusyTimes, tenant, schedule, from, to))};
}

Result<std::vector<Backfilled>> PgBackfillStore::ran(Tx& tx, TenantId tenant, ScheduleId schedule, std::span<const DueStretch> stretches) {
  std::vector<Backfilled> out(stretches.size());
  if (stretches.empty()) return out;
  ArrayText firsts, lasts;
  for (const auto& stretch : stretches) {
    firsts.add(stretch.first);
    lasts.add(stretch.last);
  }
  for (const auto& row : pg(tx).exec(kRanInStretches, tenant, schedule, firsts, lasts))
    out[static_cast<std::size_t>(int_of(row[0])) - 1] = {int_of(row[1]), id_of<BackfillId>(row[2]), id_of<RunId>(row[3])};
  return out;
}

Result<Backfill> PgBackfillStore::lock(Tx& tx, TenantId tenant, BackfillId id) {
  auto rows = pg(tx).exec(kLockBackfill, tenant, id);
  if (rows.empty()) return backfill_not_found(id);
  return backfill_of_row(rows[0]);
}

Status PgBackfillStore::update(Tx& tx, const Backfill& b) {
  pg(tx).exec(kUpdateBackfill, b.tenant, b.id, to_string(b.state), b.reason, b.ended_at);
  return ok();
}

Result<std::int64_t> PgBackfillStore::cancel_waiting(Tx& tx, TenantId tenant, BackfillId id) {
  return static_cast<std::int64_t>(pg(tx).exec(kCancelWaitingItems, tenant, id).affected_rows());
}

Result<std::vector<BackfillView>> PgBackfillStore::try_lock(Tx& tx, std::span<const BackfillKey> keys) {
  ArrayText tenants, ids;
  for (const auto& key : keys) {
    tenants.add(key.tenant);
    ids.add(key.id);
  }
  return with_progress(tx, pg(tx).exec(kTryLockBackfills, tenants, ids));
}

Result<std::vector<Instant>> PgBackfillStore::waiting(Tx& tx, const BackfillKey& key, std::int64_t limit) {
  if (limit == 0) return std::vector<Instant>();
  return instants_of(pg(tx).exec(kWaitingItems, key.tenant, key.id, limit));
}

Status PgBackfillStore::start(Tx& tx, std::span<const ItemChange> items) {
  change_items(tx, kStartItems, items);
  return ok();
}

Status PgBackfillStore::finish(Tx& tx, std::span<const ItemChange> items) {
  change_items(tx, kFinishItems, items);
  return ok();
}

}  // namespace carillon::pg
