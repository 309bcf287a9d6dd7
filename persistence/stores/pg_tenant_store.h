#pragma once
#include "engine/actions/idempotency_store.h"
#include "engine/events/event_store.h"
#include "engine/events/listener_store.h"
#include "engine/tenancy/tenant_store.h"
#include "persistence/core/sql.h"

namespace carillon::pg {

class PgTenantStore final : public TenantStore {
 public:
  Status insert_tenant(Tx& tx, const Tenant& tenant) override;
  Result<Tenant> tenant(Tx& tx, TenantId id) override;
  Result<std::optional<Tenant>> tenant_by_slug(Tx& tx, const std::string& slug) override;
  Status insert_actor(Tx& tx, const Actor& actor) override;
  Result<std::optional<Actor>> actor(Tx& tx, TenantId tenant, ActorId id) override;
  Result<std::vector<Actor>> actors_by_email(Tx& tx, const std::string& email) override;
  Status insert_session(Tx& tx, TenantId tenant, const Session& session) override;
  Result<std::optional<Session>> session(Tx& tx, TenantId tenant, const std::string& token_hash) override;
  Status delete_session(Tx& tx, TenantId tenant, const std::string& token_hash) override;
  Status insert_api_key(Tx& tx, TenantId tenant, const ApiKey& key) override;
  Result<std::vector<ApiKey>> api_keys(Tx& tx, TenantId tenant) override;
  Result<std::optional<ApiKey>> api_key_by_hash(Tx& tx, TenantId tenant, const std::string& hash) override;
  Status delete_api_key(Tx& tx, TenantId tenant, Uuid id) override;
  Status touch_api_key(Tx& tx, TenantId tenant, Uuid id) override;
  Status purge_expired(Tx& tx, TenantId tenant) override;
  Status heartbeat(Tx& tx, const NodeRecord& node) override;
  Result<std::vector<NodeRecord>> nodes(Tx& tx) override;
  Status forget_node(Tx& tx, NodeId id) override;
  static std::span<const Sql* const> statements();
};

class PgEventStore final : public EventStore {
 public:
  Result<std::int64_t> head(Tx& tx, TenantId tenant) override;
  Result<std::int64_t> tail(Tx& tx, TenantId tenant) override;
  Result<std::vector<EventBatch>> after(Tx& tx, TenantId tenant, std::int64_t seq, int limit) override;
  static std::span<const Sql* const> statements();
};

class PgListenerStore final : public ListenerStore {
 public:
  Result<std::vector<TenantId>> behind(Tx& tx, const std::string& listener, int limit) override;
  Result<std::optional<std::int64_t>> take(Tx& tx, TenantId tenant, const std::string& listener) override;
  Status move(Tx& tx, TenantId tenant, const std::string& listener, std::int64_t seq) override;
  static std::span<const Sql* const> statements();
};

class PgIdempotencyStore final : public IdempotencyStore {
 public:
  Result<std::optional<KeptAnswer>> take(Tx& tx, TenantId tenant, const std::string& key, std::uint64_t request_hash) override;
  Status keep(Tx& tx, TenantId tenant, const std::string& key, const KeptAnswer& answer) override;
  static std::span<const Sql* const> statements();
};

}  // namespace carillon::pg
