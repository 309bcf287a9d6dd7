#include "engine/time/cron_shape.h"

namespace carillon {
namespace {

constexpr std::string_view kDeDays[] = {"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"};
constexpr std::string_view kDeOnDays[] = {"sonntags",    "montags",  "dienstags", "mittwochs",
                                          "donnerstags", "freitags", "samstags"};
constexpr std::string_view kDeMonths[] = {"",     "Januar", "Februar",   "März",    "April",    "Mai",     "Juni",
                                          "Juli", "August", "September", "Oktober", "November", "Dezember"};
constexpr std::string_view kDeCounts[] = {"", "ersten", "zweiten", "dritten", "vierten", "fünften"};

std::string de_list(const std::vector<std::string>& words) { return join_words(words, ", ", " und "); }

std::string de_numbers(const std::vector<int>& values) {
  std::vector<std::string> words;
  for (int v : values) words.push_back(std::to_string(v));
  return de_list(words);
}

std::string de_minutes(const CronShape& s) {
  if (s.minute_step == 1) return "Jede Minute";
  if (s.minute_step > 1) return "Alle " + std::to_string(s.minute_step) + " Minuten";
  return (s.minutes.size() == 1 ? "In Minute " : "In den Minuten ") + de_numbers(s.minutes);
}

std::string de_times(const CronShape& s) {
  const bool on_the_hour = s.minutes.size() == 1 && s.minutes[0] == 0;
  switch (s.times) {
    case CronShape::Times::every_minute:
    case CronShape::Times::every_n_minutes:
      return de_minutes(s);
    case CronShape::Times::each_hour:
      return on_the_hour ? "Jede volle Stunde" : de_minutes(s) + " jeder Stunde";
    case CronShape::Times::every_n_hours:
      return on_the_hour ? "Alle " + std::to_string(s.n) + " Stunden ab 00:00"
                         : de_minutes(s) + " jeder " + std::to_string(s.n) + ". Stunde ab 00:00";
    case CronShape::Times::at_clock_times:
      return "Um " + de_list(s.clock_times);
    case CronShape::Times::within_hours:
      return (on_the_hour ? "Jede volle Stunde" : s.minute_step > 0 ? de_minutes(s) : de_minutes(s) + " jeder Stunde") +
             " von " + s.first + " bis " + s.last;
    case CronShape::Times::in_hours:
      break;
  }
  return de_minutes(s) + (s.minute_step > 0 ? " in den Stunden " : " der Stunden ") + de_numbers(s.hours);
}

std::string de_dates(const CronShape::Dates& d) {
  std::vector<std::string> parts, days;
  if (d.every_nth > 0) parts.push_back("an jedem " + std::to_string(d.every_nth) + ". Tag des Monats ab dem 1.");
  for (auto [first, last] : d.days)
    days.push_back(first == last ? "am " + std::to_string(first) + "."
                                 : "vom " + std::to_string(first) + ". bis zum " + std::to_string(last) + ".");
  if (d.last_day) days.push_back("am letzten Tag");
  if (d.last_weekday) days.push_back("am letzten Werktag (Mo–Fr)");
  for (int n : d.nearest) days.push_back("am Werktag (Mo–Fr) nächst dem " + std::to_string(n) + ".");
  if (!days.empty()) parts.push_back(de_list(days) + " des Monats");
  return de_list(parts);
}

std::string de_weekdays(const CronShape::Weekdays& w) {
  std::vector<std::string> parts, special;
  if (w.workdays) parts.push_back("montags bis freitags");
  if (w.weekend) parts.push_back("samstags und sonntags");
  for (int day : w.days) parts.push_back(std::string(kDeOnDays[day]));
  for (auto [day, k] : w.nth) special.push_back("am " + std::string(kDeCounts[k]) + " " + std::string(kDeDays[day]));
  for (int day : w.last) special.push_back("am letzten " + std::string(kDeDays[day]));
  if (!special.empty()) parts.push_back(de_list(special) + " des Monats");
  return de_list(parts);
}

std::string de_days(const CronShape& s) {
  if (s.only_day > 0) return " am " + std::to_string(s.only_day) + ". " + std::string(kDeMonths[s.only_month]);
  std::string out;
  if (s.every_day()) {
    if (s.times == CronShape::Times::at_clock_times) out = " jeden Tag";
  } else if (s.dates.any) {
    out = " " + de_weekdays(s.weekdays);
  } else if (s.weekdays.any) {
    out = " " + de_dates(s.dates);
  } else if (s.either) {
    out = " " + de_dates(s.dates) + " oder " + de_weekdays(s.weekdays);
  } else {
    out = " " + de_weekdays(s.weekdays) + ", aber nur " + de_dates(s.dates);
  }
  if (s.months.empty()) return out;
  std::vector<std::string> months;
  for (auto [first, last] : s.months)
    months.push_back(first == last ? "im " + std::string(kDeMonths[first])
                                   : "von " + std::string(kDeMonths[first]) + " bis " + std::string(kDeMonths[last]));
  return out + " " + de_list(months);
}

}  // namespace

std::string describe_cron_de(const CronShape& shape) { return de_times(shape) + de_days(shape); }

}  // namespace carillon
