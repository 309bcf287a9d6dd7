#include "engine/jobs/due_backlog.h"

#include <algorithm>
#include <tuple>

namespace carillon {

void DueBacklog::add(std::span<const DueKey> keys) {
  if (empty()) clear();
  std::set<TenantId> touched;
  for (const auto& key : keys) {
    Tenant& tenant = tenants_[key.tenant];
    if (touched.insert(key.tenant).second && !tenant.waiting.empty()) turns_.erase(turn_of(key.tenant, tenant));
    tenant.waiting.push_back(key);
  }
  for (const auto& id : touched) turns_.insert(turn_of(id, tenants_.at(id)));
  size_ += keys.size();
}

std::vector<DueKey> DueBacklog::take(std::size_t most, int tenants) {
  std::vector<DueKey> out;
  std::set<TenantId> taken;
  while (out.size() < most && !turns_.empty()) {
    auto turn = turns_.begin();
    if (tenants > 0 && static_cast<int>(taken.size()) == tenants && !taken.contains(turn->tenant)) break;
    const TenantId id = turn->tenant;
    turns_.erase(turn);
    taken.insert(id);
    Tenant& tenant = tenants_.at(id);
    const std::size_t count = std::min({quantum_, tenant.waiting.size(), most - out.size()});
    out.insert(out.end(), tenant.waiting.begin(), tenant.waiting.begin() + static_cast<std::ptrdiff_t>(count));
    tenant.waiting.erase(tenant.waiting.begin(), tenant.waiting.begin() + static_cast<std::ptrdiff_t>(count));
    tenant.served += count;
    size_ -= count;
    if (!tenant.waiting.empty()) turns_.insert(turn_of(id, tenant));
  }
  // A tenant may have had several turns.
  std::ranges::sort(out, {}, [](const DueKey& key) { return std::tuple(key.tenant, key.planned_at, key.id); });
  return out;
}

void DueBacklog::clear() {
  tenants_.clear();
  turns_.clear();
  size_ = 0;
}

std::vector<TenantId> DueBacklog::tenants() const {
  std::vector<TenantId> out;
  for (const auto& [id, tenant] : tenants_)
    if (!tenant.waiting.empty()) out.push_back(id);
  return out;
}

}  // namespace carillon
