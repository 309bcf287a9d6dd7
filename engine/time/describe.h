#pragma once
#include <string>

#include "engine/time/locale.h"
#include "engine/time/timing.h"

namespace carillon {

/// A timing as one human sentence, without a full stop: "At 09:00 on weekdays, Europe/Berlin". The only place that words
/// it, for every screen, mail and command. A cron text that cannot be read is quoted as it is.
std::string describe(const Timing& timing, Locale locale);
/// A cron expression without its zone: "Every 15 minutes".
std::string describe_cron(const CronExpression& cron, Locale locale);

}  // namespace carillon
