#include "engine/base/json.h"
#include "engine/time/timing.h"

namespace carillon {
namespace {

std::string with_offset(Instant t, const Zone& zone) {
  return format_local(zone.to_local(t)) + format_offset(zone.offset_at(t));
}

}  // namespace

Result<Instant> resolve_run_at(std::string_view local, const Zone& zone, Fold fold, std::string_view field) {
  auto refuse = [&](std::string reason, std::string message, std::string remedy) {
    return Error{ErrorCode::invalid, std::move(reason), std::move(message), std::string(field), shorten(local),
                 std::move(remedy), {}};
  };
  std::optional<LocalTime> wanted = parse_local(local);
  if (!wanted)
    return refuse("RUN_AT_MALFORMED", "This is not a local date and time.", "Write it as 2026-03-29T02:30, without an offset.");
  const LocalResolution found = zone.resolve(*wanted);
  switch (found.kind) {
    case LocalResolution::Kind::exact:
      if (found.earlier < kFirstInstant || found.earlier > kLastInstant)
        return refuse("RUN_AT_MALFORMED", "In UTC this lies outside of the years 1 to 9999.", "Choose another time.");
      return found.earlier;
    case LocalResolution::Kind::fold:
      if (fold != Fold::refuse) return fold == Fold::earlier ? found.earlier : found.later;
      return refuse("RUN_AT_AMBIGUOUS", "This local time comes twice in " + zone.name() + ", because the clock is set back.",
                    "Say which one is meant with fold: earlier is " + with_offset(found.earlier, zone) + ", later is " +
                        with_offset(found.later, zone) + ".");
    case LocalResolution::Kind::gap:
      break;
  }
  return refuse("RUN_AT_IN_GAP", "This local time does not exist in " + zone.name() + ", because the clock is set forward.",
                "Choose " + with_offset(found.earlier, zone) + " or earlier, or " + with_offset(found.later, zone) +
                    " or later.");
}

}  // namespace carillon
