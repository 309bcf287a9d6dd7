#include "plugins/schedules/publish_fixes.h"

namespace carillon::schedules {
namespace {

Error stale_fix(const std::string& id, const std::string& message) {
  return Error{ErrorCode::conflict, "FIX_STALE", message, pointer_append("/payload_fixes", id), id,
               "Read the schedule again and correct its payload anew, or leave it out.", {}};
}

}  // namespace

carillon::Status check_fixes(const PayloadFixes* fixes, const std::function<std::optional<FixTarget>(ScheduleId)>& find) {
  if (fixes == nullptr) return ok();
  for (const auto& [id, fix] : fixes->all()) {
    const auto parsed = ScheduleId::parse(id);
    const auto target = parsed ? find(*parsed) : std::nullopt;
    if (!target) return stale_fix(id, "A schedule whose payload you corrected was deleted, or never was one of this workflow.");
    if (target->over) return stale_fix(id, "A schedule whose payload you corrected is completed or expired; publishing does not touch it.");
    if (target->revision != fix.revision)
      return stale_fix(id, "A schedule whose payload you corrected was changed to revision " + std::to_string(target->revision) + " since you read it.");
  }
  return ok();
}

Error fix_does_not_fit(const Schedule& schedule, std::int64_t version, const Error& misfit) {
  return Error{ErrorCode::invalid, "FIX_INVALID",
               "The corrected payload of \"" + schedule.name + "\" does not fit version " + std::to_string(version) + ": " + misfit.message,
               pointer_append("/payload_fixes", schedule.id.to_string()), "", "Correct it at the named places; nothing was published.",
               misfit.violations};
}

}  // namespace carillon::schedules
