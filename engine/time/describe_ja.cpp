#include "engine/time/cron_shape.h"

namespace carillon {
namespace {

constexpr std::string_view kJaDays[] = {"日曜日", "月曜日", "火曜日", "水曜日", "木曜日", "金曜日", "土曜日"};

std::string ja_list(const std::vector<std::string>& words) { return join_words(words, "、", "と"); }

std::string ja_numbers(const std::vector<int>& values, std::string_view unit) {
  std::vector<std::string> words;
  for (int v : values) words.push_back(std::to_string(v) + std::string(unit));
  return ja_list(words);
}

std::string ja_minutes(const CronShape& s) {
  if (s.minute_step == 1) return "毎分";
  if (s.minute_step > 1) return std::to_string(s.minute_step) + "分ごと";
  return "毎時" + ja_numbers(s.minutes, "分");
}

std::string ja_times(const CronShape& s) {
  switch (s.times) {
    case CronShape::Times::every_minute:
    case CronShape::Times::every_n_minutes:
    case CronShape::Times::each_hour:
      return ja_minutes(s);
    case CronShape::Times::every_n_hours:
      return "00:00から" + std::to_string(s.n) + "時間ごとの" + ja_numbers(s.minutes, "分");
    case CronShape::Times::at_clock_times:
      return ja_list(s.clock_times);
    case CronShape::Times::within_hours:
      return s.first + "から" + s.last + "まで" + ja_minutes(s);
    case CronShape::Times::in_hours:
      break;
  }
  if (s.minute_step > 0) return ja_numbers(s.hours, "時") + "台に" + ja_minutes(s);
  return ja_numbers(s.hours, "時") + "の" + ja_numbers(s.minutes, "分");
}

std::string ja_dates(const CronShape::Dates& d, bool all_months) {
  std::vector<std::string> days;
  if (d.every_nth > 0) days.push_back("1日から" + std::to_string(d.every_nth) + "日ごと");
  for (auto [first, last] : d.days)
    days.push_back(std::to_string(first) + "日" + (first == last ? "" : "から" + std::to_string(last) + "日"));
  if (d.last_day) days.push_back("最終日");
  if (d.last_weekday) days.push_back("最終平日");
  for (int n : d.nearest) days.push_back(std::to_string(n) + "日に最も近い平日");
  return (all_months ? "毎月" : "") + ja_list(days);
}

std::string ja_weekdays(const CronShape::Weekdays& w, bool all_months) {
  std::vector<std::string> days;
  const std::string month = all_months ? "毎月" : "";
  if (w.workdays) days.push_back("平日");
  if (w.weekend) days.push_back("土曜日と日曜日");
  for (int day : w.days) days.push_back("毎週" + std::string(kJaDays[day]));
  for (auto [day, k] : w.nth) days.push_back(month + "第" + std::to_string(k) + std::string(kJaDays[day]));
  for (int day : w.last) days.push_back(month + "最終" + std::string(kJaDays[day]));
  return ja_list(days);
}

std::string ja_days(const CronShape& s) {
  if (s.only_day > 0) return "毎年" + std::to_string(s.only_month) + "月" + std::to_string(s.only_day) + "日の";
  const bool all_months = s.months.empty();
  std::vector<std::string> months;
  for (auto [first, last] : s.months)
    months.push_back(std::to_string(first) + "月" + (first == last ? "" : "から" + std::to_string(last) + "月"));
  std::string out = all_months ? "" : ja_list(months) + "の";
  if (s.every_day()) {
    if (s.times == CronShape::Times::at_clock_times) out += "毎日";
    return out;
  }
  if (s.dates.any) {
    out += ja_weekdays(s.weekdays, all_months);
  } else if (s.weekdays.any) {
    out += ja_dates(s.dates, all_months);
  } else if (s.either) {
    out += ja_dates(s.dates, all_months) + "または" + ja_weekdays(s.weekdays, all_months);
  } else {
    out += ja_weekdays(s.weekdays, all_months) + "のうち" + ja_dates(s.dates, all_months);
  }
  return out + "の";
}

}  // namespace

std::string describe_cron_ja(const CronShape& shape) { return ja_days(shape) + ja_times(shape); }

}  // namespace carillon
