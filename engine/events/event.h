#pragma once
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/json_text.h"

namespace carillon {

/// One change as the live screen and listeners see it.
struct Event {
  std::string topic;         ///< "schedules", "runs", "workflows"
  Uuid id;                   ///< of the thing
  std::string kind;          ///< "created", "updated", "deleted"
  std::int64_t version = 0;  ///< revision of the thing where it has one
  JsonText patch;
};

/// What one transaction changed in one tenant. `seq` has no gaps and grows in commit order.
struct EventBatch {
  TenantId tenant;
  std::int64_t seq = 0;
  Instant at;
  Json events;  ///< array of {topic,id,kind,version,patch}
};

/// One line of the audit log.
struct AuditEntry {
  ActorId actor;
  std::string actor_name;
  std::string action;       ///< the server action's name
  std::string object_type;  ///< "schedule", "workflow", …
  Uuid object_id;
  std::string request_id;
  Json detail = Json::object();  ///< what changed; never a payload
};

/// Something that somebody should look at, kept for the retention time.
struct Alert {
  std::string code;         ///< FIRES_MISSED, ONE_TIME_EXPIRED, HELD_AFTER_FAILURES, SCHEDULE_UNDECIDABLE, CLOCK_JUMPED, …
  std::string object_type;  ///< "schedule", …
  Uuid object_id;
  std::string message;      ///< one sentence for people
  Json detail = Json::object();
  /// For what several nodes see, each at a moment of its own: nothing is raised where the tenant has an alert with this code,
  /// and with this member, of a later time. Of two that are raised at once one is kept.
  std::optional<Instant> unless_since = std::nullopt;
};

/// Appends {id,kind,patch,topic,version}.
void append_json(std::string& out, const Event& event);
/// How an alert shows in the change stream.
Event raised_event(Uuid id, Instant at, const Alert& alert);

}  // namespace carillon
