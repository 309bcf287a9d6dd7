#pragma once
#include <iosfwd>
#include <string_view>

#include "engine/base/instant.h"
#include "engine/base/result.h"
#include "engine/time/locale.h"
#include "engine/time/zone.h"

namespace carillon {

/// `carillon cron next`: reads JSON lines {"expr","tz","after","count"} (tz UTC, count 1 if absent; count at most 10,000)
/// and writes one line each, in order: {"next":["…Z",…]} (shorter, or empty, if it does not fire that often within 50
/// years) or {"error":{"code","message","position"}}. code: a CronFault word, or json, input, zone; position: byte in
/// expr, or null; where one value is to blame, also field (as in the line) and value. A bad line never stops it; an empty
/// line answers an error like any other.
void cron_next_lines(std::istream& in, std::ostream& out, const ZoneDatabase& zones);

/// `carillon cron next EXPRESSION`: writes one such answer. Fails with what is to blame in `field`: expression, --zone or
/// --from (an instant; "" for `now`).
Status cron_next(std::string_view expression, std::string_view zone, std::string_view from, std::int64_t count, Instant now,
                 const ZoneDatabase& zones, std::ostream& out);

/// `carillon cron explain`: the sentence, how often it fires this year, the next ten fires with marks for clock changes,
/// the next clock change, and warnings. Fails as compile does, with fields /cron and /zone.
Status cron_explain(std::string_view expression, std::string_view zone, Locale locale, Instant now,
                    const ZoneDatabase& zones, std::ostream& out);

}  // namespace carillon
