#pragma once
#include "tests/support/memory/memory_database.h"

namespace carillon::memory {

class MemoryTenantStore final : public TenantStore {
 public:
  explicit MemoryTenantStore(MemoryWorld& world) : world_(world) {}
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

 private:
  void check_tenant_exists(TenantId tenant) const;
  MemoryWorld& world_;
};

class MemoryEventStore final : public EventStore {
 public:
  explicit MemoryEventStore(MemoryWorld& world) : world_(world) {}
  Result<std::int64_t> head(Tx& tx, TenantId tenant) override;
  Result<std::int64_t> tail(Tx& tx, TenantId tenant) override;
  Result<std::vector<EventBatch>> after(Tx& tx, TenantId tenant, std::int64_t seq, int limit) override;

 private:
  MemoryWorld& world_;
};

class MemoryIdempotencyStore final : public IdempotencyStore {
 public:
  explicit MemoryIdempotencyStore(MemoryWorld& world) : world_(world) {}
  Result<std::optional<KeptAnswer>> take(Tx& tx, TenantId tenant, const std::string& key,
                                         std::uint64_t request_hash) override;
  Status keep(Tx& tx, TenantId tenant, const std::string& key, const KeptAnswer& answer) override;

 private:
  MemoryWorld& world_;
};

}  // namespace carillon::memory
