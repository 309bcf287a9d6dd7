#pragma once
#include "engine/redaction/redactor.h"
#include "engine/tenancy/tenancy.h"
#include "plugins/schedules/model.h"

namespace carillon::schedules {

/// What reading a request needs to know.
struct InputContext {
  const ZoneDatabase& zones;
  std::string default_zone;
  Instant now;
  Locale locale = Locale::en;
};

/// Reads a Timing that has the right shape. Refuses (invalid, field below /timing) what can never fire or lies in the
/// past: RUN_AT_IN_PAST, RUN_AT_MALFORMED, RUN_AT_IN_GAP, RUN_AT_AMBIGUOUS, INVALID_CRON, UNKNOWN_ZONE,
/// INTERVAL_TOO_SHORT, TIMING_INCOMPLETE. `old`: the timing it replaces, whose anchor an unchanged interval keeps.
Result<Timing> read_timing(const Json& json, const InputContext& context, const Timing* old = nullptr);

/// Checks timing and bounds together (CRON_NEVER_FIRES, BOUNDS_REVERSED, NEVER_DUE); fields as in the request.
Result<Recurrence> check_times(const Timing& timing, const Bounds& bounds, const InputContext& context);

/// The instant at /<field>, which is a text; invalid TIME_MALFORMED.
Result<Instant> instant_in(const Json& body, const std::string& field);

/// Takes over the fields of NewSchedule or SchedulePatch that are there, timing and payload apart.
carillon::Status read_settings(const Json& body, Schedule& schedule);

/// Refuses what a request sets and nothing would ever use, or tell apart: SETTING_UNUSED (a key without the scope key, a limit
/// or a deadline that the overlap policy has no use for, max_runs where no times go on, bounds of what is started by hand),
/// LABEL_REPEATED, NAME_HAS_CONTROLS, NAME_HAS_OUTER_BLANKS. `before`: as it was, a default one for a new schedule; what stays
/// as it was is not looked at, except that changed times are compared with all bounds.
carillon::Status check_sent(const Json& body, const Schedule& before, const Schedule& schedule);

/// Checks the policies against each other (CATCH_UP_NEEDS_ROOM at /catch_up/count, KEY_MISSING and KEY_MALFORMED at
/// /overlap/key) and works out the schedule's key from its payload. After everything else was read.
carillon::Status settle_policies(Schedule& schedule, Instant now, const Redactor& redactor = {});
/// The value of a key expression for a payload (invalid, KEY_MALFORMED at /overlap/key): its text, or the JSON of
/// anything but a text. Refused (KEY_EMPTY) where it gives nothing, and (KEY_HIDDEN) where it reads what `redactor` hides:
/// keys are shown with runs and fires.
Result<std::string> key_of(const std::string& expression, const Json& payload, Instant now, const Redactor& redactor = {});

}  // namespace carillon::schedules
