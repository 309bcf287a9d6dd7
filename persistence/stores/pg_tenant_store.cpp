#include "persistence/stores/pg_tenant_store.h"

#include <sstream>

#include "persistence/core/pg_tx.h"

namespace carillon::pg {
namespace {

constexpr Sql kInsertTenant{"insert_tenant",
                            "INSERT INTO tenants (tenant_id, slug, name, default_zone, created_at) VALUES ($1, $2, $3, $4, $5)",
                            Scope::system, true};
constexpr Sql kGetTenant{"get_tenant", "SELECT tenant_id, slug, name, default_zone FROM tenants WHERE tenant_id = $1"};
constexpr Sql kTenantBySlug{"tenant_by_slug", "SELECT tenant_id, slug, name, default_zone FROM tenants WHERE slug = $1",
                            Scope::system};
constexpr Sql kInsertActor{
    "insert_actor",
    "INSERT INTO actors (tenant_id, id, kind, name, email, password_hash, roles, created_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7::text[], $8)",
    Scope::app, true};
constexpr Sql kGetActor{"get_actor",
                        "SELECT tenant_id, id, kind, name, email, password_hash, roles FROM actors "
                        "WHERE tenant_id = $1 AND id = $2"};
constexpr Sql kActorsByEmail{"actors_by_email",
                             "SELECT tenant_id, id, kind, name, email, password_hash, roles FROM actors "
                             "WHERE lower(email) = lower($1) AND email <> '' ORDER BY tenant_id LIMIT 20",
                             Scope::system};
constexpr Sql kInsertSession{
    "insert_session",
    "INSERT INTO sessions (tenant_id, token_hash, id, actor_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
    Scope::app, true};
constexpr Sql kGetSession{"get_session",
                          "SELECT id, actor_id, created_at, expires_at FROM sessions "
                          "WHERE tenant_id = $1 AND token_hash = $2 AND expires_at > $3"};
constexpr Sql kDeleteSession{"delete_session", "DELETE FROM sessions WHERE tenant_id = $1 AND token_hash = $2", Scope::app, true};
constexpr Sql kInsertApiKey{
    "insert_api_key",
    "INSERT INTO api_keys (tenant_id, id, actor_id, name, role, prefix, secret_hash, created_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    Scope::app, true};
constexpr Sql kListApiKeys{"list_api_keys",
                           "SELECT id, actor_id, name, role, prefix, secret_hash, created_at, last_used_at FROM api_keys "
                           "WHERE tenant_id = $1 ORDER BY created_at, id"};
constexpr Sql kApiKeyByHash{"api_key_by_hash",
                            "SELECT id, actor_id, name, role, prefix, secret_hash, created_at, last_used_at FROM api_keys "
                            "WHERE tenant_id = $1 AND secret_hash = $2"};
constexpr Sql kDeleteApiKey{"delete_api_key",
                            "DELETE FROM actors WHERE tenant_id = $1 AND kind = 'key' AND id IN "
                            "(SELECT actor_id FROM api_keys WHERE tenant_id = $1 AND id = $2) RETURNING id",
                            Scope::app, true};
constexpr Sql kTouchApiKey{"touch_api_key", "UPDATE api_keys SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2", Scope::app, true};
constexpr Sql kPurgeSessions{"purge_sessions", "DELETE FROM sessions WHERE tenant_id = $1 AND expires_at < $2", Scope::system, true};
constexpr Sql kPurgeKeys{"purge_idempotency_keys", "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND created_at < $2",
                         Scope::system, true};
constexpr Sql kPurgeEvents{"purge_events", "DELETE FROM events WHERE tenant_id = $1 AND at < $2", Scope::system, true};
constexpr Sql kHeartbeat{
    "node_heartbeat",
    "INSERT INTO nodes (id, host, version, roles, started_at, seen_at, lag_us, running) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
    "ON CONFLICT (id) DO UPDATE SET seen_at = EXCLUDED.seen_at, lag_us = EXCLUDED.lag_us, running = EXCLUDED.running",
    Scope::system, true};
constexpr Sql kListNodes{"list_nodes",
                         "SELECT id, host, version, roles, started_at, seen_at, lag_us, running FROM nodes ORDER BY started_at, id",
                         Scope::system};
constexpr Sql kForgetNode{"forget_node", "DELETE FROM nodes WHERE id = $1", Scope::system, true};
constexpr Sql kForgetOldNodes{"forget_old_nodes", "DELETE FROM nodes WHERE seen_at < $1", Scope::system, true};

constexpr const Sql* kTenantStatements[] = {
    &kInsertTenant, &kGetTenant,    &kTenantBySlug, &kInsertActor, &kGetActor,    &kActorsByEmail, &kInsertSession,
    &kGetSession,   &kDeleteSession, &kInsertApiKey, &kListApiKeys, &kApiKeyByHash, &kDeleteApiKey, &kTouchApiKey,
    &kPurgeSessions, &kPurgeKeys,   &kPurgeEvents,  &kHeartbeat,   &kListNodes,   &kForgetNode,    &kForgetOldNodes};

constexpr Sql kEventHead{"event_head", "SELECT seq FROM event_heads WHERE tenant_id = $1"};
constexpr Sql kEventTail{"event_tail", "SELECT min(seq) FROM events WHERE tenant_id = $1"};
constexpr Sql kEventsAfter{"events_after",
                           "SELECT seq, at, body FROM events WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"};
constexpr const Sql* kEventStatements[] = {&kEventHead, &kEventTail, &kEventsAfter};

constexpr Sql kTakeKey{"take_idempotency_key",
                       "INSERT INTO idempotency_keys (tenant_id, key, request_hash, body, created_at) "
                       "VALUES ($1, $2, $3, '', $4) ON CONFLICT (tenant_id, key) DO NOTHING RETURNING key",
                       Scope::app, true};
constexpr Sql kGetKept{"get_kept_answer",
                       "SELECT request_hash, body, revision FROM idempotency_keys WHERE tenant_id = $1 AND key = $2"};
constexpr Sql kKeepAnswer{"keep_answer",
                          "UPDATE idempotency_keys SET request_hash = $3, body = $4, revision = $5 WHERE tenant_id = $1 AND key = $2",
                          Scope::app, true};
constexpr const Sql* kKeyStatements[] = {&kTakeKey, &kGetKept, &kKeepAnswer};

Tenant tenant_of_row(const pqxx::row& row) {
  return {id_of<TenantId>(row[0]), text_of(row[1]), text_of(row[2]), text_of(row[3])};
}

Actor actor_of_row(const pqxx::row& row) {
  return {id_of<ActorId>(row[1]), id_of<TenantId>(row[0]), text_of(row[2]), text_of(row[3]),
          text_of(row[4]),        text_of(row[5]),         text_array(row[6])};
}

ApiKey api_key_of_row(const pqxx::row& row) {
  return {uuid_of(row[0]),  id_of<ActorId>(row[1]), text_of(row[2]),    text_of(row[3]),
          text_of(row[4]), text_of(row[5]),        instant_of(row[6]), instant_or_null(row[7])};
}

std::string join_roles(const std::vector<std::string>& roles) {
  std::string out;
  for (const auto& role : roles) out += (out.empty() ? "" : ",") + role;
  return out;
}

std::vector<std::string> split_roles(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string role; std::getline(in, role, ',');) out.push_back(role);
  return out;
}

}  // namespace

std::span<const Sql* const> PgTenantStore::statements() { return kTenantStatements; }
std::span<const Sql* const> PgEventStore::statements() { return kEventStatements; }
std::span<const Sql* const> PgIdempotencyStore::statements() { return kKeyStatements; }

Status PgTenantStore::insert_tenant(Tx& tx, const Tenant& t) {
  CARILLON_TRY(auto known, tenant_by_slug(tx, t.slug));
  if (known)
    return Error{ErrorCode::conflict, "SLUG_TAKEN", "Another tenant has this slug.", "/slug", t.slug, "Choose another slug.", {}};
  pg(tx).exec(kInsertTenant, t.id, t.slug, t.name, t.default_zone, tx.now());
  return ok();
}

Result<Tenant> PgTenantStore::tenant(Tx& tx, TenantId id) {
  auto rows = pg(tx).exec(kGetTenant, id);
  if (rows.empty())
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no such tenant.", "", id.to_string(), "Check the id.", {}};
  return tenant_of_row(rows[0]);
}

Result<std::optional<Tenant>> PgTenantStore::tenant_by_slug(Tx& tx, const std::string& slug) {
  auto rows = pg(tx).exec(kTenantBySlug, slug);
  if (rows.empty()) return std::optional<Tenant>();
  return std::optional<Tenant>(tenant_of_row(rows[0]));
}

Status PgTenantStore::insert_actor(Tx& tx, const Actor& a) {
  try {
    pg(tx).exec(kInsertActor, a.tenant, a.id, a.kind, a.name, a.email, a.password_hash, array_of(a.roles), tx.now());
  } catch (const pqxx::unique_violation& e) {
    if (!violates(e, "actors_email")) throw;
    return Error{ErrorCode::conflict, "EMAIL_TAKEN", "Somebody in this tenant has this email.", "/email", a.email, "Use another email.", {}};
  }
  return ok();
}

Result<std::optional<Actor>> PgTenantStore::actor(Tx& tx, TenantId tenant, ActorId id) {
  auto rows = pg(tx).exec(kGetActor, tenant, id);
  if (rows.empty()) return std::optional<Actor>();
  return std::optional<Actor>(actor_of_row(rows[0]));
}

Result<std::vector<Actor>> PgTenantStore::actors_by_email(Tx& tx, const std::string& email) {
  std::vector<Actor> out;
  for (const auto& row : pg(tx).exec(kActorsByEmail, email)) out.push_back(actor_of_row(row));
  return out;
}

Status PgTenantStore::insert_session(Tx& tx, TenantId tenant, const Session& s) {
  pg(tx).exec(kInsertSession, tenant, s.token_hash, s.id, s.actor, s.created_at, s.expires_at);
  return ok();
}

Result<std::optional<Session>> PgTenantStore::session(Tx& tx, TenantId tenant, const std::string& token_hash) {
  auto rows = pg(tx).exec(kGetSession, tenant, token_hash, tx.now());
  if (rows.empty()) return std::optional<Session>();
  const auto& row = rows[0];
  return std::optional<Session>(
      Session{uuid_of(row[0]), id_of<ActorId>(row[1]), token_hash, instant_of(row[2]), instant_of(row[3])});
}

Status PgTenantStore::delete_session(Tx& tx, TenantId tenant, const std::string& token_hash) {
  pg(tx).exec(kDeleteSession, tenant, token_hash);
  return ok();
}

Status PgTenantStore::insert_api_key(Tx& tx, TenantId tenant, const ApiKey& k) {
  pg(tx).exec(kInsertApiKey, tenant, k.id, k.actor, k.name, k.role, k.prefix, k.secret_hash, k.created_at);
  return ok();
}

Result<std::vector<ApiKey>> PgTenantStore::api_keys(Tx& tx, TenantId tenant) {
  std::vector<ApiKey> out;
  for (const auto& row : pg(tx).exec(kListApiKeys, tenant)) out.push_back(api_key_of_row(row));
  return out;
}

Result<std::optional<ApiKey>> PgTenantStore::api_key_by_hash(Tx& tx, TenantId tenant, const std::string& hash) {
  auto rows = pg(tx).exec(kApiKeyByHash, tenant, hash);
  if (rows.empty()) return std::optional<ApiKey>();
  return std::optional<ApiKey>(api_key_of_row(rows[0]));
}

Status PgTenantStore::delete_api_key(Tx& tx, TenantId tenant, Uuid id) {
  if (pg(tx).exec(kDeleteApiKey, tenant, id).empty())
    return Error{ErrorCode::not_found, "NOT_FOUND", "There is no API key with this id.", "id", id.to_string(), "Check the id.", {}};
  return ok();
}

Status PgTenantStore::touch_api_key(Tx& tx, TenantId tenant, Uuid id) {
  pg(tx).exec(kTouchApiKey, tenant, id, tx.now());
  return ok();
}

Status PgTenantStore::purge_expired(Tx& tx, TenantId tenant) {
  const Instant day_ago = tx.now() - std::chrono::hours(24);
  pg(tx).exec(kPurgeSessions, tenant, tx.now());
  pg(tx).exec(kPurgeKeys, tenant, day_ago);
  pg(tx).exec(kPurgeEvents, tenant, day_ago);
  return ok();
}

Status PgTenantStore::heartbeat(Tx& tx, const NodeRecord& n) {
  pg(tx).exec(kHeartbeat, n.id, n.host, n.version, join_roles(n.roles), n.started_at, tx.now(),
              static_cast<std::int64_t>(n.lag.count()), n.running);
  pg(tx).exec(kForgetOldNodes, tx.now() - std::chrono::hours(1));
  return ok();
}

Result<std::vector<NodeRecord>> PgTenantStore::nodes(Tx& tx) {
  std::vector<NodeRecord> out;
  for (const auto& row : pg(tx).exec(kListNodes))
    out.push_back({id_of<NodeId>(row[0]), text_of(row[1]), text_of(row[2]), split_roles(text_of(row[3])), instant_of(row[4]),
                   instant_of(row[5]), Duration(int_of(row[6])), static_cast<int>(int_of(row[7]))});
  return out;
}

Status PgTenantStore::forget_node(Tx& tx, NodeId id) {
  pg(tx).exec(kForgetNode, id);
  return ok();
}

Result<std::int64_t> PgEventStore::head(Tx& tx, TenantId tenant) {
  auto rows = pg(tx).exec(kEventHead, tenant);
  return rows.empty() ? 0 : int_of(rows[0][0]);
}

Result<std::int64_t> PgEventStore::tail(Tx& tx, TenantId tenant) {
  auto rows = pg(tx).exec(kEventTail, tenant);
  if (!rows[0][0].is_null()) return int_of(rows[0][0]);
  CARILLON_TRY(auto newest, head(tx, tenant));
  return newest + 1;
}

Result<std::vector<EventBatch>> PgEventStore::after(Tx& tx, TenantId tenant, std::int64_t seq, int limit) {
  std::vector<EventBatch> out;
  for (const auto& row : pg(tx).exec(kEventsAfter, tenant, seq, limit))
    out.push_back({tenant, int_of(row[0]), instant_of(row[1]), parse_stored_json(text_of(row[2]))});
  return out;
}

Result<std::optional<KeptAnswer>> PgIdempotencyStore::take(Tx& tx, TenantId tenant, const std::string& key, std::uint64_t hash) {
  // A second call waits on the first one's row until that one ends.
  if (!pg(tx).exec(kTakeKey, tenant, key, static_cast<std::int64_t>(hash), tx.now()).empty()) return std::optional<KeptAnswer>();
  auto rows = pg(tx).exec(kGetKept, tenant, key);
  if (rows.empty()) return std::optional<KeptAnswer>();
  return std::optional<KeptAnswer>(
      KeptAnswer{static_cast<std::uint64_t>(int_of(rows[0][0])), text_of(rows[0][1]), int_or_null(rows[0][2])});
}

Status PgIdempotencyStore::keep(Tx& tx, TenantId tenant, const std::string& key, const KeptAnswer& a) {
  pg(tx).exec(kKeepAnswer, tenant, key, static_cast<std::int64_t>(a.request_hash), a.body, a.revision);
  return ok();
}

}  // namespace carillon::pg
