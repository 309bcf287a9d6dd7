#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/base/log.h"
#include "engine/jobs/job_runner.h"

namespace carillon {

inline constexpr const char* kRetentionKind = "retention";

/// What one purge() has removed.
struct Purged {
  std::map<std::string, std::int64_t> things;  ///< how many of each, named for the log: "deleted schedules"
  std::int64_t rows = 0;                       ///< what it took of the transaction's share
  bool more = false;                           ///< there is more whose time is over
  void add(const std::string& what, std::int64_t count) {
    if (count > 0) things[what] += count;
  }
};

/// Removes for good what a part of the hub keeps for a limited time. Contributed to the PluginHost by whoever owns the
/// tables; called every hour for each tenant, and again soon where it says that there is more.
class RetentionHook {
 public:
  virtual ~RetentionHook() = default;
  /// Removes what is over at tx.now(), the oldest first: about `limit` rows at most (at least 1), so that no transaction
  /// grows with what there is. What somebody else holds just now is left for another time. System scope.
  virtual Result<Purged> purge(Tx& tx, TenantId tenant, std::int64_t limit) = 0;
};

/// The hourly job of each tenant: calls the hooks in the order of their contribution, within kRowsOfTransaction rows for
/// all tenants of the transaction together. Who has more, or had no share, is called again after kPause. Logs what
/// was removed, where anything was.
class RetentionHandler final : public JobHandler {
 public:
  static constexpr std::int64_t kRowsOfTransaction = 1000;
  static constexpr Duration kPause{100'000};
  /// The hooks as they are once the host is frozen.
  RetentionHandler(std::function<std::vector<RetentionHook*>()> hooks, Logger& log) : hooks_(std::move(hooks)), log_(log) {}
  Result<std::vector<JobMove>> handle(Tx& tx, std::span<const DueJob> jobs) override;

 private:
  std::function<std::vector<RetentionHook*>()> hooks_;
  Logger& log_;
};

}  // namespace carillon
