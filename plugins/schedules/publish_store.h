#pragma once
#include "plugins/schedules/schedule_store.h"

namespace carillon::schedules {

/// A live schedule as a publish reads it before anything is locked.
struct PublishRow {
  ScheduleId id;
  std::string name;
  std::int64_t revision = 0, bound_version = 0;
  Status status = Status::active;
  bool invalid = false;  ///< has the hold `invalid`, whatever its status
  std::string timing;    ///< its stored text
  Bounds bounds;
  std::optional<std::string> payload;  ///< nothing where it was not asked for
  std::optional<Instant> due_at;
};

struct PublishRead {
  TenantId tenant;
  WorkflowId workflow;
  /// Payloads of schedules bound to this version and not invalid are left out; those of completed and expired ones always.
  std::optional<std::int64_t> trusted_version;
  std::string after;  ///< name the page starts after
  int limit = 500;
};

/// A live schedule as a publish locks it: what decides whether it may simply be bound anew.
struct PublishHead {
  ScheduleId id;
  std::string name;
  std::int64_t revision = 0, bound_version = 0;
  Holds holds;
  std::optional<Instant> due_at;  ///< of its registration, which is not locked
};

/// What has become of schedules since a moment; names are the first few.
struct PublishChanges {
  struct Kind {
    std::int64_t count = 0;
    std::vector<std::string> names;
  };
  Kind added, edited, removed;
};

/// Port: what a publish needs of the schedules of a workflow, in sets.
class PublishStore {
 public:
  virtual ~PublishStore() = default;
  virtual Result<std::int64_t> count(Tx& tx, TenantId tenant, WorkflowId workflow) = 0;
  /// By name, unlocked. A schedule that is renamed between two pages may be missing, or be there twice.
  virtual Result<std::vector<PublishRow>> read(Tx& tx, const PublishRead& read) = 0;
  /// All live schedules of the workflow, locked, in id order; no payloads.
  virtual Result<std::vector<PublishHead>> lock(Tx& tx, TenantId tenant, WorkflowId workflow) = 0;
  /// These of them whole, in id order. For writing, the caller holds their locks.
  virtual Result<std::vector<Schedule>> whole(Tx& tx, TenantId tenant, std::span<const ScheduleId> ids) = 0;
  /// Binds them to the version; one revision more. Nothing of theirs was edited, so the time of the last update stays.
  virtual carillon::Status bind(Tx& tx, TenantId tenant, std::int64_t version, std::span<const ScheduleId> ids) = 0;
  /// As ScheduleStore::rebind, and payload and overlap key besides.
  virtual carillon::Status migrate(Tx& tx, std::span<const Schedule> schedules) = 0;
  struct NewVersion {
    ScheduleId schedule;
    ScheduleVersion version;
  };
  virtual carillon::Status add_versions(Tx& tx, TenantId tenant, std::span<const NewVersion> versions) = 0;
  /// Registrations of the workflow's live schedules that are planned for `until` or before, and of those of which something
  /// waits for room, which may start at any moment; in id order.
  virtual Result<std::vector<RegistrationId>> due(Tx& tx, TenantId tenant, WorkflowId workflow, Instant until) = 0;
  /// Another text whenever a live schedule of the workflow was added, removed or edited; letters and digits.
  virtual Result<std::string> fingerprint(Tx& tx, TenantId tenant, WorkflowId workflow) = 0;
  virtual Result<PublishChanges> changes_since(Tx& tx, TenantId tenant, WorkflowId workflow, Instant since) = 0;

  /// Pages of a publish's verdicts, from 0, as JSON text; kept with the version.
  virtual carillon::Status put_verdicts(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version, std::int64_t page,
                                        const std::string& text) = 0;
  virtual Result<std::optional<std::string>> verdicts(Tx& tx, TenantId tenant, WorkflowId workflow, std::int64_t version,
                                                      std::int64_t page) = 0;
};

}  // namespace carillon::schedules
