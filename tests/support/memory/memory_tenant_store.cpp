#include "tests/support/memory/memory_tenant_store.h"

#include "tests/support/memory/text.h"

namespace carillon::memory {

void MemoryTenantStore::check_tenant_exists(TenantId tenant) const {
  if (!world_.tenants.find(tenant)) throw std::logic_error("a row of a tenant that is not there");
}

Status MemoryTenantStore::insert_tenant(Tx& tx, const Tenant& tenant) {
  mem(tx).only_system_scope("TenantStore::insert_tenant");
  for (const auto& [id, other] : world_.tenants.rows())
    if (other.slug == tenant.slug)
      return Error{ErrorCode::conflict, "SLUG_TAKEN", "Another tenant has this slug.", "/slug", tenant.slug,
                   "Choose another slug.", {}};
  world_.tenants.put(tenant.id, tenant);
  return ok();
}

Result<Tenant> MemoryTenantStore::tenant(Tx& tx, TenantId id) {
  const Tenant* tenant = world_.tenants.find(id);
  if (!tenant || !mem(tx).sees(id)) return nothing_there("tenant", "", id.to_string());
  return *tenant;
}

Result<std::optional<Tenant>> MemoryTenantStore::tenant_by_slug(Tx& tx, const std::string& slug) {
  mem(tx).only_system_scope("TenantStore::tenant_by_slug");
  for (const auto& [id, tenant] : world_.tenants.rows())
    if (tenant.slug == slug) return std::optional<Tenant>(tenant);
  return std::optional<Tenant>();
}

Status MemoryTenantStore::insert_actor(Tx& tx, const Actor& actor) {
  mem(tx).check_owner(actor.tenant, "TenantStore::insert_actor");
  check_tenant_exists(actor.tenant);
  const std::string email = lower_case(actor.email);
  for (const auto& [key, other] : world_.actors.rows())
    if (!email.empty() && other.tenant == actor.tenant && lower_case(other.email) == email)
      return Error{ErrorCode::conflict, "EMAIL_TAKEN", "Somebody in this tenant has this email.", "/email", actor.email,
                   "Use another email.", {}};
  world_.actors.put({actor.tenant, actor.id}, actor);
  return ok();
}

Result<std::optional<Actor>> MemoryTenantStore::actor(Tx& tx, TenantId tenant, ActorId id) {
  const Actor* actor = world_.actors.find({tenant, id});
  if (!actor || !mem(tx).sees(tenant)) return std::optional<Actor>();
  return std::optional<Actor>(*actor);
}

Result<std::vector<Actor>> MemoryTenantStore::actors_by_email(Tx& tx, const std::string& email) {
  mem(tx).only_system_scope("TenantStore::actors_by_email");
  std::vector<Actor> out;
  for (const auto& [key, actor] : world_.actors.rows())
    if (!actor.email.empty() && lower_case(actor.email) == lower_case(email)) out.push_back(actor);
  return out;
}

Status MemoryTenantStore::insert_session(Tx& tx, TenantId tenant, const Session& session) {
  mem(tx).only_tenant_scope("TenantStore::insert_session");
  mem(tx).check_owner(tenant, "TenantStore::insert_session");
  if (!world_.actors.find({tenant, session.actor})) throw std::logic_error("a session of an actor that is not there");
  world_.sessions.put({tenant, session.token_hash}, session);
  return ok();
}

Result<std::optional<Session>> MemoryTenantStore::session(Tx& tx, TenantId tenant, const std::string& token_hash) {
  mem(tx).only_tenant_scope("TenantStore::session");
  const Session* session = world_.sessions.find({tenant, token_hash});
  if (!session || !mem(tx).sees(tenant) || session->expires_at <= tx.now()) return std::optional<Session>();
  return std::optional<Session>(*session);
}

Status MemoryTenantStore::delete_session(Tx& tx, TenantId tenant, const std::string& token_hash) {
  mem(tx).only_tenant_scope("TenantStore::delete_session");
  if (mem(tx).sees(tenant)) world_.sessions.erase({tenant, token_hash});
  return ok();
}

Status MemoryTenantStore::insert_api_key(Tx& tx, TenantId tenant, const ApiKey& key) {
  mem(tx).only_tenant_scope("TenantStore::insert_api_key");
  mem(tx).check_owner(tenant, "TenantStore::insert_api_key");
  if (!world_.actors.find({tenant, key.actor})) throw std::logic_error("a key of an actor that is not there");
  world_.api_keys.put({tenant, key.id}, key);
  return ok();
}

Result<std::vector<ApiKey>> MemoryTenantStore::api_keys(Tx& tx, TenantId tenant) {
  mem(tx).only_tenant_scope("TenantStore::api_keys");
  std::vector<ApiKey> out;
  if (!mem(tx).sees(tenant)) return out;
  for (const auto& [key, row] : world_.api_keys.rows())
    if (key.first == tenant) out.push_back(row);
  std::ranges::sort(out, {}, [](const ApiKey& key) { return std::pair(key.created_at, key.id); });
  return out;
}

Result<std::optional<ApiKey>> MemoryTenantStore::api_key_by_hash(Tx& tx, TenantId tenant, const std::string& hash) {
  CARILLON_TRY(auto keys, api_keys(tx, tenant));
  for (const ApiKey& key : keys)
    if (key.secret_hash == hash) return std::optional<ApiKey>(key);
  return std::optional<ApiKey>();
}

Status MemoryTenantStore::delete_api_key(Tx& tx, TenantId tenant, Uuid id) {
  mem(tx).only_tenant_scope("TenantStore::delete_api_key");
  const ApiKey* key = world_.api_keys.find({tenant, id});
  if (!key || !mem(tx).sees(tenant)) return nothing_there("API key", "id", id.to_string());
  // The key is an actor of its own; with it goes everything that proved it.
  const ActorId actor = key->actor;
  world_.actors.erase({tenant, actor});
  world_.sessions.erase_if([&](const auto& at, const Session& row) { return at.first == tenant && row.actor == actor; });
  world_.api_keys.erase_if([&](const auto& at, const ApiKey& row) { return at.first == tenant && row.actor == actor; });
  return ok();
}

Status MemoryTenantStore::touch_api_key(Tx& tx, TenantId tenant, Uuid id) {
  mem(tx).only_tenant_scope("TenantStore::touch_api_key");
  if (mem(tx).sees(tenant)) world_.api_keys.edit({tenant, id}, [&](ApiKey& row) { row.last_used_at = tx.now(); });
  return ok();
}

Status MemoryTenantStore::purge_expired(Tx& tx, TenantId tenant) {
  mem(tx).only_system_scope("TenantStore::purge_expired");
  const Instant day_ago = tx.now() - std::chrono::hours(24);
  world_.sessions.erase_if([&](const auto& at, const Session& row) { return at.first == tenant && row.expires_at < tx.now(); });
  world_.answers.erase_if([&](const auto& at, const KeptRow& row) { return at.first == tenant && row.created_at < day_ago; });
  world_.events.erase_if([&](const auto& at, const EventBatch& row) { return at.first == tenant && row.at < day_ago; });
  return ok();
}

Status MemoryTenantStore::heartbeat(Tx& tx, const NodeRecord& node) {
  mem(tx).only_system_scope("TenantStore::heartbeat");
  NodeRecord row = node;
  if (const NodeRecord* old = world_.nodes.find(node.id)) {
    row = *old;
    row.lag = node.lag;
    row.running = node.running;
  }
  row.seen_at = tx.now();
  world_.nodes.put(node.id, std::move(row));
  world_.nodes.erase_if([&](NodeId, const NodeRecord& other) { return other.seen_at < tx.now() - std::chrono::hours(1); });
  return ok();
}

Result<std::vector<NodeRecord>> MemoryTenantStore::nodes(Tx&) {
  std::vector<NodeRecord> out;
  for (const auto& [id, node] : world_.nodes.rows()) out.push_back(node);
  std::ranges::sort(out, {}, [](const NodeRecord& node) { return std::pair(node.started_at, node.id); });
  return out;
}

Status MemoryTenantStore::forget_node(Tx& tx, NodeId id) {
  mem(tx).only_system_scope("TenantStore::forget_node");
  world_.nodes.erase(id);
  return ok();
}

Result<std::int64_t> MemoryEventStore::head(Tx& tx, TenantId tenant) {
  const std::int64_t* head = world_.event_heads.find(tenant);
  return head && mem(tx).sees(tenant) ? *head : 0;
}

Result<std::int64_t> MemoryEventStore::tail(Tx& tx, TenantId tenant) {
  if (mem(tx).sees(tenant))
    for (const auto& [key, batch] : world_.events.rows())
      if (key.first == tenant) return key.second;
  CARILLON_TRY(auto newest, head(tx, tenant));
  return newest + 1;
}

Result<std::vector<EventBatch>> MemoryEventStore::after(Tx& tx, TenantId tenant, std::int64_t seq, int limit) {
  std::vector<EventBatch> out;
  if (!mem(tx).sees(tenant)) return out;
  for (const auto& [key, batch] : world_.events.rows())
    if (key.first == tenant && key.second > seq && out.size() < static_cast<std::size_t>(limit)) out.push_back(batch);
  return out;
}

Result<std::optional<KeptAnswer>> MemoryIdempotencyStore::take(Tx& tx, TenantId tenant, const std::string& key,
                                                               std::uint64_t request_hash) {
  mem(tx).only_tenant_scope("IdempotencyStore::take");
  mem(tx).check_owner(tenant, "IdempotencyStore::take");
  if (const KeptRow* kept = world_.answers.find({tenant, key})) return std::optional<KeptAnswer>(kept->answer);
  world_.answers.put({tenant, key}, KeptRow{KeptAnswer{request_hash, "", std::nullopt}, tx.now()});
  return std::optional<KeptAnswer>();
}

Status MemoryIdempotencyStore::keep(Tx& tx, TenantId tenant, const std::string& key, const KeptAnswer& answer) {
  mem(tx).only_tenant_scope("IdempotencyStore::keep");
  if (mem(tx).sees(tenant)) world_.answers.edit({tenant, key}, [&](KeptRow& row) { row.answer = answer; });
  return ok();
}

}  // namespace carillon::memory
