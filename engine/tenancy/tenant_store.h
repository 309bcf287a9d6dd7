#pragma once
#include "engine/storage/database.h"
#include "engine/tenancy/tenancy.h"

namespace carillon {

struct Session {
  Uuid id;
  ActorId actor;
  std::string token_hash;  ///< hex SHA-256 of the secret
  Instant created_at, expires_at;
};

struct ApiKey {
  Uuid id;
  ActorId actor;  ///< the key is an actor of its own
  std::string name;
  std::string role;
  std::string prefix;
  std::string secret_hash;
  Instant created_at;
  std::optional<Instant> last_used_at;
};

/// The hub process as others see it.
struct NodeRecord {
  NodeId id;
  std::string host, version;
  std::vector<std::string> roles;
  Instant started_at, seen_at;
  Duration lag{};   ///< oldest due registration not yet fired, as this node last saw it
  int running = 0;  ///< runs it holds a lease for
  /// It was heard of a short time ago.
  bool alive(Instant now) const { return now - seen_at < std::chrono::seconds(10); }
};

/// Port: tenants, who belongs to them, and what proves it.
class TenantStore {
 public:
  virtual ~TenantStore() = default;
  /// conflict SLUG_TAKEN when the slug exists. Owner or system scope.
  virtual Status insert_tenant(Tx& tx, const Tenant& tenant) = 0;
  virtual Result<Tenant> tenant(Tx& tx, TenantId id) = 0;  ///< not_found
  /// System scope.
  virtual Result<std::optional<Tenant>> tenant_by_slug(Tx& tx, const std::string& slug) = 0;
  virtual Status insert_actor(Tx& tx, const Actor& actor) = 0;
  virtual Result<std::optional<Actor>> actor(Tx& tx, TenantId tenant, ActorId id) = 0;
  /// Over all tenants, for signing in. System scope. Email without regard to case.
  virtual Result<std::vector<Actor>> actors_by_email(Tx& tx, const std::string& email) = 0;
  virtual Status insert_session(Tx& tx, TenantId tenant, const Session& session) = 0;
  virtual Result<std::optional<Session>> session(Tx& tx, TenantId tenant, const std::string& token_hash) = 0;
  virtual Status delete_session(Tx& tx, TenantId tenant, const std::string& token_hash) = 0;
  virtual Status insert_api_key(Tx& tx, TenantId tenant, const ApiKey& key) = 0;
  virtual Result<std::vector<ApiKey>> api_keys(Tx& tx, TenantId tenant) = 0;
  virtual Result<std::optional<ApiKey>> api_key_by_hash(Tx& tx, TenantId tenant, const std::string& hash) = 0;
  virtual Status delete_api_key(Tx& tx, TenantId tenant, Uuid id) = 0;  ///< not_found
  virtual Status touch_api_key(Tx& tx, TenantId tenant, Uuid id) = 0;
  /// Deletes what has expired: sessions, change-stream batches and answers kept for idempotency keys older than 24 h.
  virtual Status purge_expired(Tx& tx, TenantId tenant) = 0;
  /// Plain tables, no tenant. System scope.
  virtual Status heartbeat(Tx& tx, const NodeRecord& node) = 0;
  virtual Result<std::vector<NodeRecord>> nodes(Tx& tx) = 0;
  virtual Status forget_node(Tx& tx, NodeId id) = 0;
};

}  // namespace carillon
