#pragma once
#include <memory>

#include "engine/base/json.h"
#include "engine/schema/schema.h"
#include "engine/storage/database.h"
#include "engine/tenancy/tenancy.h"
#include "engine/workflows/payload_fixes.h"
#include "engine/workflows/payload_migration.h"
#include "engine/workflows/publish_progress.h"
#include "engine/workflows/workflow.h"

namespace carillon {

/// What is about to be published. Nothing is locked, so all of it may be overtaken.
struct PublishIntent {
  const TenantContext& who;
  const Workflow& workflow;   ///< the head as it is
  std::int64_t number = 0;    ///< the version it would become
  const schema::Schema* payload_schema = nullptr;  ///< null when it pins none
  bool same_payloads = false;  ///< accepts exactly what the latest version accepts, and there is one
  const PayloadMigration* migration = nullptr;     ///< null without one
  const PayloadFixes* fixes = nullptr;             ///< null without any
  PublishProgress& progress;
};

/// Which of a plan's lines are asked for.
struct PlanPage {
  std::string cursor;   ///< "" or from `next_cursor` of the page before
  std::string verdict;  ///< "" for all
};

/// What a hook found out before the lock.
class PreparedPublish {
 public:
  virtual ~PreparedPublish() = default;
};

/// What a publish hook learns. The head is locked; the new version is already inserted.
struct PublishContext {
  const TenantContext& who;
  const Workflow& workflow;        ///< the head as it will be
  const WorkflowVersion& version;  ///< the new version
  const schema::Schema* payload_schema = nullptr;  ///< null when the version pins none
  const PublishIntent& intent;     ///< as prepare() was given it; the same draft and the same latest version
  PreparedPublish* prepared = nullptr;  ///< what prepare() answered
};

/// Joins the publish transaction, in the order of registration. An Error aborts the publish, whole.
class PublishHook {
 public:
  virtual ~PublishHook() = default;
  /// Does what takes long before anything is locked, in the same transaction, reading only. What it read may have
  /// changed by the time of on_publish(), which looks. Called again when the draft or the latest version has changed.
  virtual Result<std::unique_ptr<PreparedPublish>> prepare([[maybe_unused]] Tx& tx, [[maybe_unused]] const PublishIntent& intent) {
    return std::unique_ptr<PreparedPublish>();
  }
  /// Adds its part to the publish's answer (top-level keys of `answer`).
  virtual Status on_publish(Tx& tx, const PublishContext& context, Json& answer) = 0;
  /// What on_publish() would answer, by what prepare() found; locks and writes nothing.
  virtual Status on_plan([[maybe_unused]] Tx& tx, [[maybe_unused]] const PublishIntent& intent, [[maybe_unused]] PreparedPublish* prepared,
                         [[maybe_unused]] const PlanPage& page, [[maybe_unused]] Json& answer) {
    return ok();
  }
  /// Changes whenever something changes that makes a plan worthless; letters and digits. Locks nothing.
  virtual Result<std::string> fingerprint([[maybe_unused]] Tx& tx, [[maybe_unused]] TenantId tenant, [[maybe_unused]] WorkflowId workflow) {
    return std::string();
  }
  /// What has changed since a plan was made whose fingerprint is not the present one: one sentence part for each kind
  /// of change, like "2 schedules were edited (A, B)".
  virtual Result<std::vector<std::string>> changes_since([[maybe_unused]] Tx& tx, [[maybe_unused]] TenantId tenant,
                                                         [[maybe_unused]] WorkflowId workflow, [[maybe_unused]] Instant planned_at) {
    return std::vector<std::string>();
  }
};

}  // namespace carillon
