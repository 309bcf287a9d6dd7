#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"

namespace carillon {

struct Tenant {
  TenantId id;
  std::string slug;  ///< lower case, digits, hyphens; unique
  std::string name;
  std::string default_zone = "UTC";  ///< for schedules that name no zone
};

/// Who may ask: a person, an API key, or the host platform.
struct Actor {
  ActorId id;
  TenantId tenant;
  std::string kind = "user";  ///< "user", "key", "host"
  std::string name;
  std::string email;          ///< "" for keys and hosts
  std::string password_hash;  ///< argon2id, "" for none
  std::vector<std::string> roles;
};

/// What a call holds: for whom it acts and what it may. Made by the authenticator or the host platform, never from
/// a request's body.
struct TenantContext {
  TenantId tenant;
  ActorId actor;
  std::string actor_name;
  std::set<std::string> permissions;
  std::string request_id;
  std::string locale = "en";
  bool may(const std::string& permission) const { return permissions.contains(permission); }
};

/// A role is a named set of permissions. admin ⊃ editor ⊃ operator ⊃ viewer.
/// The registry of permissions (core and plugins) gives each a lowest role.
class RoleTable {
 public:
  /// `lowest_role`: the weakest role that has the permission.
  Status add_permission(const std::string& permission, const std::string& lowest_role);
  std::set<std::string> permissions_of(const std::vector<std::string>& roles) const;
  bool knows_role(const std::string& role) const;
  std::vector<std::string> permissions() const;

 private:
  std::vector<std::pair<std::string, int>> entries_;
};

}  // namespace carillon
