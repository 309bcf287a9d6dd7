#include "engine/time/timing.h"

namespace carillon {
namespace {

constexpr std::int64_t kYearsInCycle = 400;

std::string_view in_language(Locale locale, std::string_view en, std::string_view de, std::string_view ja) {
  return locale == Locale::de ? de : locale == Locale::ja ? ja : en;
}

/// Months that the expression names, and those of them in which no day can match in any year; `leap` where one can in leap
/// years only, as 29 February does.
struct SkippedMonths {
  int named = 0, skipped = 0;
  bool leap = false;
};
SkippedMonths skipped_months(const CronExpression& cron) {
  SkippedMonths out;
  for (unsigned month = 1; month <= 12; ++month) {
    if ((cron.fields().months >> month & 1u) == 0) continue;
    ++out.named;
    if (cron.month_can_match(month, false)) continue;
    if (cron.month_can_match(month, true)) out.leap = true;
    else ++out.skipped;
  }
  return out;
}

std::string skips_text(const SkippedMonths& months, Locale locale) {
  const std::string n = std::to_string(months.skipped), of = std::to_string(months.named);
  switch (locale) {
    case Locale::de:
      return "Der gewählte Tag fehlt in " + n + " von " + of + " Monaten; dort wird nicht ausgelöst.";
    case Locale::ja:
      return "指定した日は" + of + "か月のうち" + n + "か月には存在しないため、その月は実行されません。";
    case Locale::en:
      break;
  }
  return "The chosen day does not exist in " + n + " of " + of + (months.named == 1 ? " month" : " months") +
         ", so nothing fires there.";
}

}  // namespace

std::vector<TimingWarning> timing_warnings(const Recurrence& recurrence, Locale locale) {
  std::vector<TimingWarning> out;
  const CronExpression* cron = recurrence.cron();
  if (cron == nullptr || cron->never_fires()) return out;
  if (cron->matching_days_in_cycle() < kYearsInCycle) {
    out.push_back({"FIRES_LESS_THAN_YEARLY",
                   std::string(in_language(locale, "This fires less than once a year.", "Dies löst seltener als einmal im Jahr aus.",
                                           "実行は年に1回未満です。"))});
  }
  SkippedMonths months = skipped_months(*cron);
  if (months.skipped > 0) out.push_back({"SKIPS_MONTHS", skips_text(months, locale)});
  if (months.leap)
    out.push_back({"SKIPS_COMMON_YEARS",
                   std::string(in_language(locale, "29 February exists in leap years only: in all other years nothing fires in February.",
                                           "Den 29. Februar gibt es nur in Schaltjahren: in allen anderen wird im Februar nicht ausgelöst.",
                                           "2月29日はうるう年にしか存在しないため、それ以外の年の2月は実行されません。"))});
  if (cron->fields().either_day()) {
    out.push_back({"EITHER_DAY_FIELD",
                   std::string(in_language(
                       locale, "Day of month and day of week are both restricted: it fires on days that match either one.",
                       "Monatstag und Wochentag sind beide eingeschränkt: ausgelöst wird an Tagen, auf die eines von beiden zutrifft.",
                       "日と曜日の両方が指定されているため、どちらか一方に一致する日に実行されます。"))});
  }
  return out;
}

}  // namespace carillon
