#include "engine/tenancy/tenancy.h"

#include <algorithm>
#include <array>

namespace carillon {
namespace {

constexpr std::array<std::string_view, 4> kRoles = {"viewer", "operator", "editor", "admin"};

int rank_of_role(std::string_view role) {
  for (std::size_t i = 0; i < kRoles.size(); ++i)
    if (kRoles[i] == role) return static_cast<int>(i);
  return -1;
}

}  // namespace

Status RoleTable::add_permission(const std::string& permission, const std::string& lowest_role) {
  int rank = rank_of_role(lowest_role);
  if (rank < 0)
    return Error{ErrorCode::internal, "UNKNOWN_ROLE", "There is no role " + lowest_role + ".", "", lowest_role, "", {}};
  for (const auto& [name, _] : entries_)
    if (name == permission)
      return Error{ErrorCode::internal, "DUPLICATE_PERMISSION", "The permission " + permission + " is registered twice.",
                   "", permission, "", {}};
  entries_.emplace_back(permission, rank);
  return ok();
}

std::set<std::string> RoleTable::permissions_of(const std::vector<std::string>& roles) const {
  int best = -1;
  for (const auto& role : roles) best = std::max(best, rank_of_role(role));
  std::set<std::string> out;
  for (const auto& [name, rank] : entries_)
    if (rank <= best) out.insert(name);
  return out;
}

bool RoleTable::knows_role(const std::string& role) const { return rank_of_role(role) >= 0; }

std::vector<std::string> RoleTable::permissions() const {
  std::vector<std::string> out;
  for (const auto& [name, _] : entries_) out.push_back(name);
  return out;
}

}  // namespace carillon
