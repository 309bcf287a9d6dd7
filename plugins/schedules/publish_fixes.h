#pragma once
#include "engine/workflows/payload_fixes.h"
#include "plugins/schedules/publish_store.h"

namespace carillon::schedules {

/// What of a schedule decides whether a payload that came with a publish may replace its own.
struct FixTarget {
  std::int64_t revision = 0;
  bool over = false;  ///< completed or expired: a publish leaves it alone
};

/// conflict FIX_STALE, field /payload_fixes/<id>, unless every fix is of a live schedule at the revision it names.
/// `find` answers nothing for an id that is none of the workflow's.
carillon::Status check_fixes(const PayloadFixes* fixes, const std::function<std::optional<FixTarget>(ScheduleId)>& find);

/// invalid FIX_INVALID with the violations: somebody wrote this payload for this publish, so it is not quietly dropped.
Error fix_does_not_fit(const Schedule& schedule, std::int64_t version, const Error& misfit);

}  // namespace carillon::schedules
