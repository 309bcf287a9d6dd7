#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "engine/base/clock.h"
#include "tests/contract/stores/store_set.h"

namespace carillon::contract {

using namespace std::chrono_literals;

/// The value, or a test failure that shows the error.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().reason + ": " + result.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// What went wrong as "code reason field", or "ok".
template <class T>
std::string failure(const Result<T>& result) {
  if (result) return "ok";
  return std::to_string(static_cast<int>(result.error().code)) + " " + result.error().reason + " " + result.error().field;
}
std::string failure_text(ErrorCode code, const std::string& reason, const std::string& field);

/// Two tenants and makers of rows. Times are relative to the database's clock, which no test can move.
class StoreContract : public ::testing::Test {
 protected:
  void SetUp() override;

  /// Runs `work` in one transaction and answers what it answers.
  template <class Work>
  auto in(TenantId tenant, Work&& work) { return transact(set_->db(), tenant, std::forward<Work>(work)); }
  template <class Work>
  auto in_system(Work&& work) { return transact_system(set_->db(), std::forward<Work>(work)); }
  Instant now();

  TenantId make_tenant(const std::string& slug);
  /// A workflow with version 1.
  WorkflowId make_workflow(TenantId tenant, const std::string& name);
  void add_version(TenantId tenant, WorkflowId workflow, std::int64_t number);
  NewRun new_run(TenantId tenant, WorkflowId workflow);
  RunId insert_run(const NewRun& run);
  schedules::Schedule new_schedule(TenantId tenant, WorkflowId workflow, const std::string& name);
  /// With its registration, due at `due_at` if given.
  ScheduleId insert_schedule(const schedules::Schedule& schedule, std::optional<Instant> due_at = std::nullopt);

  std::unique_ptr<StoreSet> set_;
  std::unique_ptr<Clock> clock_ = make_system_clock();
  std::unique_ptr<Rng> rng_ = make_seeded_rng(20261121);
  IdSource ids_{*clock_, *rng_};
  TenantId a_, b_;
};

}  // namespace carillon::contract
