#include "engine/time/describe.h"

#include "engine/time/cron_shape.h"

namespace carillon {
namespace {

std::string_view chosen(Locale locale, std::string_view en, std::string_view de, std::string_view ja) {
  return locale == Locale::de ? de : locale == Locale::ja ? ja : en;
}

std::string in_zone(std::string sentence, std::string_view zone, Locale locale) {
  if (locale == Locale::ja) return sentence + "(" + std::string(zone) + ")";
  return sentence + ", " + std::string(zone);
}

/// "2026-03-29 02:30" of an ISO text with or without an offset.
std::string readable(std::string iso) {
  if (iso.size() > 10 && iso[10] == 'T') iso[10] = ' ';
  if (iso.ends_with('Z')) iso.pop_back();
  if (iso.size() == 19 && iso.ends_with(":00")) iso.resize(16);
  return iso;
}

std::string describe_once(const Once& once, Locale locale) {
  const bool local = once.local && once.zone;
  std::string when = readable(local ? *once.local : format_instant(once.at));
  if (local && once.fold == Fold::earlier)
    when += chosen(locale, " (the first time it comes that day)", " (wenn es an diesem Tag zum ersten Mal kommt)", "(2回あるうちの1回目)");
  if (local && once.fold == Fold::later)
    when += chosen(locale, " (the second time it comes that day)", " (wenn es an diesem Tag zum zweiten Mal kommt)", "(2回あるうちの2回目)");
  return in_zone(std::string(chosen(locale, "Once at ", "Einmal am ", "1回のみ ")) + when, local ? *once.zone : "UTC", locale);
}

std::string describe_every(Duration every, Locale locale) {
  struct Unit {
    std::int64_t us;
    std::string_view en, de_one, de_many, ja;
  };
  static constexpr Unit kUnits[] = {{86'400'000'000, "day", "Jeden Tag", "Tage", "日"},
                                    {3'600'000'000, "hour", "Jede Stunde", "Stunden", "時間"},
                                    {60'000'000, "minute", "Jede Minute", "Minuten", "分"},
                                    {1'000'000, "second", "Jede Sekunde", "Sekunden", "秒"}};
  for (const Unit& unit : kUnits) {
    if (every.count() % unit.us != 0) continue;
    const std::int64_t n = every.count() / unit.us;
    const std::string number = std::to_string(n);
    switch (locale) {
      case Locale::de: return n == 1 ? std::string(unit.de_one) : "Alle " + number + " " + std::string(unit.de_many);
      case Locale::ja: return number + std::string(unit.ja) + "ごと";
      case Locale::en: break;
    }
    return n == 1 ? "Every " + std::string(unit.en) : "Every " + number + " " + std::string(unit.en) + "s";
  }
  return std::string(chosen(locale, "Every ", "Alle ", "")) + describe_duration(every) + std::string(chosen(locale, "", "", "ごと"));
}

std::string describe_interval(const Interval& interval, Locale locale) {
  const std::string anchor = readable(format_instant(interval.anchor)) + " UTC";
  const std::string every = describe_every(interval.every, locale);
  switch (locale) {
    case Locale::de: return every + ", gezählt ab " + anchor;
    case Locale::ja: return every + "(起点 " + anchor + ")";
    case Locale::en: break;
  }
  return every + ", counted from " + anchor;
}

}  // namespace

std::string describe_cron(const CronExpression& cron, Locale locale) {
  if (cron.never_fires()) return std::string(chosen(locale, "Never (no such day)", "Nie (diesen Tag gibt es nicht)", "実行なし(該当日なし)"));
  const CronShape shape = shape_of(cron);
  switch (locale) {
    case Locale::de: return describe_cron_de(shape);
    case Locale::ja: return describe_cron_ja(shape);
    case Locale::en: break;
  }
  return describe_cron_en(shape);
}

std::string describe(const Timing& timing, Locale locale) {
  if (const auto* once = std::get_if<Once>(&timing)) return describe_once(*once, locale);
  if (const auto* interval = std::get_if<Interval>(&timing)) return describe_interval(*interval, locale);
  if (const auto* cron = std::get_if<Cron>(&timing)) {
    auto parsed = CronExpression::parse(cron->expression);
    return in_zone(parsed ? describe_cron(*parsed, locale) : cron->expression, cron->zone, locale);
  }
  return std::string(chosen(locale, "Only by hand", "Nur von Hand", "手動のみ"));
}

}  // namespace carillon
