#pragma once
#include <deque>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "engine/jobs/registration.h"

namespace carillon {

/// What a node has found due and not handled yet, in an order that is fair to tenants: who has been served least since
/// the backlog was last empty is next, of these who has least to do, and a turn is at most `quantum` registrations. So
/// the only registration of a tenant never waits behind another tenant's thousands, however much earlier those were
/// due. Within a tenant the earliest planned goes first. Not thread-safe.
class DueBacklog {
 public:
  explicit DueBacklog(int quantum) : quantum_(static_cast<std::size_t>(quantum)) {}
  /// Earliest planned first; each at most once in the backlog, which the caller sees to.
  void add(std::span<const DueKey> keys);
  /// Takes the next `most` registrations, of at most `tenants` tenants (0: any number), grouped by tenant.
  std::vector<DueKey> take(std::size_t most, int tenants);
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear();
  std::vector<TenantId> tenants() const;

 private:
  struct Tenant {
    std::deque<DueKey> waiting;
    std::size_t served = 0;
  };
  struct Turn {
    std::size_t served, waiting;
    TenantId tenant;
    auto operator<=>(const Turn&) const = default;
  };
  Turn turn_of(const TenantId& id, const Tenant& tenant) const { return {tenant.served, std::min(tenant.waiting.size(), quantum_), id}; }

  std::size_t quantum_, size_ = 0;
  std::map<TenantId, Tenant> tenants_;  ///< also those served out: they are not new when they come back
  std::set<Turn> turns_;                ///< of those with something waiting
};

}  // namespace carillon
