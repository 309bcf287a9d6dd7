#pragma once
#include "engine/base/json.h"
#include "engine/time/timing.h"

namespace carillon {

/// Timing as it is stored and served (see Timing in the API description):
/// {"kind":"cron","cron":"0 9 * * *","zone":"Europe/Berlin"} and so on.
Json timing_to_json(const Timing& timing);
/// For stored documents, which are known to be good; throws on anything else.
Timing timing_from_stored(const Json& json);

}  // namespace carillon
