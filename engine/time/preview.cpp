#include "engine/time/preview.h"

namespace carillon {
namespace {

std::string local_with_offset(Instant t, std::int32_t offset) {
  return format_local(LocalTime{t.seconds() + offset}) + format_offset(offset);
}

std::string gap_note(LocalTime missing, LocalTime fires, Locale locale) {
  const std::string from = format_local_clock(missing), to = format_local_clock(fires);
  switch (locale) {
    case Locale::de: return from + " gibt es an diesem Tag nicht: löst um " + to + " aus.";
    case Locale::ja: return "この日は" + from + "が存在しないため、" + to + "に実行されます。";
    case Locale::en: break;
  }
  return from + " does not exist this day: fires at " + to + ".";
}

/// `once`: the expression names wall-clock moments, so that only the first pass fires.
std::string fold_note(LocalTime local, bool first, bool once, Locale locale) {
  const std::string time = format_local_clock(local);
  switch (locale) {
    case Locale::de:
      return time + " kommt an diesem Tag zweimal: " +
             (once ? "löst nur beim ersten Mal aus." : first ? "dies ist das erste Mal." : "dies ist das zweite Mal.");
    case Locale::ja:
      return "この日は" + time + "が2回あります。" + (once ? "1回目だけ実行されます。" : first ? "これは1回目です。" : "これは2回目です。");
    case Locale::en:
      break;
  }
  return time + " comes twice this day: " +
         (once ? "fires the first time only." : first ? "this is the first time." : "this is the second time.");
}

PreviewEntry entry_of(const Recurrence& recurrence, const Zone& zone, Instant t, Locale locale) {
  PreviewEntry entry;
  entry.utc = t;
  const LocalTime local = zone.to_local(t);
  entry.local = local_with_offset(t, zone.offset_at(t));
  const CronExpression* cron = recurrence.cron();
  if (cron != nullptr) {
    if (auto missing = cron->moved_from(t, *recurrence.zone())) {
      entry.flags.push_back(PreviewFlag::gap);
      entry.note = gap_note(*missing, recurrence.zone()->to_local(t), locale);
      return entry;
    }
  }
  const LocalResolution passes = zone.resolve(local);
  if (passes.kind == LocalResolution::Kind::fold) {
    const bool first = t < passes.later;
    entry.flags.push_back(first ? PreviewFlag::fold_first : PreviewFlag::fold_second);
    const bool once = first && cron != nullptr && cron->fixed() && &zone == recurrence.zone();
    entry.note = fold_note(local, first, once, locale);
  }
  return entry;
}

}  // namespace

std::string_view preview_flag_name(PreviewFlag flag) {
  switch (flag) {
    case PreviewFlag::gap: return "gap";
    case PreviewFlag::fold_first: return "fold_first";
    case PreviewFlag::fold_second: break;
  }
  return "fold_second";
}

Preview preview(const Recurrence& recurrence, const Zone& shown_in, Instant after, std::size_t n, Locale locale) {
  Preview out;
  ZoneHint hint;
  for (auto t = recurrence.next(after, hint); t && out.entries.size() < n; t = recurrence.next(*t, hint))
    out.entries.push_back(entry_of(recurrence, shown_in, *t, locale));
  if (auto change = shown_in.next_change(after)) {
    out.next_clock_change = ClockChange{change->at, local_with_offset(change->at, change->before),
                                        local_with_offset(change->at, change->after)};
  }
  return out;
}

}  // namespace carillon
