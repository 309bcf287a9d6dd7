#include "engine/time/cron_shape.h"

namespace carillon {
namespace {

constexpr std::string_view kEnDays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::string_view kEnMonths[] = {"",     "January", "February",  "March",   "April",    "May",     "June",
                                          "July", "August",  "September", "October", "November", "December"};
constexpr std::string_view kEnCounts[] = {"", "first", "second", "third", "fourth", "fifth"};

std::string en_list(const std::vector<std::string>& words) { return join_words(words, ", ", " and "); }

std::string en_ordinal(int n) {
  const char* suffix = "th";
  if (n % 100 < 11 || n % 100 > 13) suffix = n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
  return std::to_string(n) + suffix;
}

std::string en_numbers(const std::vector<int>& values) {
  std::vector<std::string> words;
  for (int v : values) words.push_back(std::to_string(v));
  return en_list(words);
}

std::string en_minutes(const CronShape& s) {
  if (s.minute_step == 1) return "Every minute";
  if (s.minute_step > 1) return "Every " + std::to_string(s.minute_step) + " minutes";
  return (s.minutes.size() == 1 ? "At minute " : "At minutes ") + en_numbers(s.minutes);
}

std::string en_times(const CronShape& s) {
  const bool on_the_hour = s.minutes.size() == 1 && s.minutes[0] == 0;
  switch (s.times) {
    case CronShape::Times::every_minute:
    case CronShape::Times::every_n_minutes:
      return en_minutes(s);
    case CronShape::Times::each_hour:
      return on_the_hour ? "Every hour on the hour" : en_minutes(s) + " past every hour";
    case CronShape::Times::every_n_hours:
      return on_the_hour ? "Every " + std::to_string(s.n) + " hours, from 00:00"
                         : en_minutes(s) + " past every " + en_ordinal(s.n) + " hour from 00:00";
    case CronShape::Times::at_clock_times:
      return "At " + en_list(s.clock_times);
    case CronShape::Times::within_hours:
      return (on_the_hour ? "Every hour" : s.minute_step > 0 ? en_minutes(s) : en_minutes(s) + " past the hour") + " from " +
             s.first + " to " + s.last;
    case CronShape::Times::in_hours:
      break;
  }
  return en_minutes(s) + (s.minute_step > 0 ? " in the hours " : " past the hours ") + en_numbers(s.hours);
}

std::string en_dates(const CronShape::Dates& d) {
  std::vector<std::string> parts, days;
  if (d.every_nth > 0) parts.push_back("every " + en_ordinal(d.every_nth) + " day of the month from the 1st");
  for (auto [first, last] : d.days)
    days.push_back(first == last ? "the " + en_ordinal(first) : "the " + en_ordinal(first) + " to the " + en_ordinal(last));
  if (d.last_day) days.push_back("the last day");
  if (d.last_weekday) days.push_back("the last weekday");
  for (int n : d.nearest) days.push_back("the weekday nearest to the " + en_ordinal(n));
  if (!days.empty()) parts.push_back(en_list(days) + " of the month");
  return "on " + en_list(parts);
}

std::string en_weekdays(const CronShape::Weekdays& w) {
  std::vector<std::string> parts, special;
  if (w.workdays) parts.push_back("weekdays");
  if (w.weekend) parts.push_back("weekends");
  for (int day : w.days) parts.push_back(std::string(kEnDays[day]) + "s");
  for (auto [day, k] : w.nth) special.push_back("the " + std::string(kEnCounts[k]) + " " + std::string(kEnDays[day]));
  for (int day : w.last) special.push_back("the last " + std::string(kEnDays[day]));
  if (!special.empty()) parts.push_back(en_list(special) + " of the month");
  return "on " + en_list(parts);
}

std::string en_days(const CronShape& s) {
  if (s.only_day > 0) return " on " + std::to_string(s.only_day) + " " + std::string(kEnMonths[s.only_month]);
  std::string out;
  if (s.every_day()) {
    if (s.times == CronShape::Times::at_clock_times) out = " every day";
  } else if (s.dates.any) {
    out = " " + en_weekdays(s.weekdays);
  } else if (s.weekdays.any) {
    out = " " + en_dates(s.dates);
  } else if (s.either) {
    out = " " + en_dates(s.dates) + " or " + en_weekdays(s.weekdays);
  } else {
    out = " " + en_weekdays(s.weekdays) + ", but only " + en_dates(s.dates);
  }
  if (s.months.empty()) return out;
  std::vector<std::string> months;
  for (auto [first, last] : s.months)
    months.push_back(std::string(kEnMonths[first]) + (first == last ? "" : " to " + std::string(kEnMonths[last])));
  return out + " in " + en_list(months);
}

}  // namespace

std::string describe_cron_en(const CronShape& shape) { return en_times(shape) + en_days(shape); }

}  // namespace carillon
