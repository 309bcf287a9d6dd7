#include <cstdio>

#include "engine/time/zone.h"

namespace carillon {
namespace {

struct SplitLocal {
  CivilDate date;
  int hour, minute, second;
};

SplitLocal split_local(LocalTime local) {
  std::int64_t days = local.seconds >= 0 ? local.seconds / 86'400 : -((-local.seconds + 86'399) / 86'400);
  auto rest = static_cast<int>(local.seconds - days * 86'400);
  return {civil_from_days(days), rest / 3600, rest / 60 % 60, rest % 60};
}

std::string clock_text(int hour, int minute, int second) {
  char buffer[40];
  int n = second == 0 ? std::snprintf(buffer, sizeof buffer, "%02d:%02d", hour, minute)
                      : std::snprintf(buffer, sizeof buffer, "%02d:%02d:%02d", hour, minute, second);
  return std::string(buffer, static_cast<std::size_t>(n));
}

}  // namespace

std::optional<LocalTime> parse_local(std::string_view text) {
  // A local time is an instant's text without its offset: in UTC the two count alike.
  if (text.size() != 16 && text.size() != 19) return std::nullopt;
  char last = text.back();
  if (last < '0' || last > '9' || text.substr(10).find_first_of("+-.,zZ") != std::string_view::npos) return std::nullopt;
  std::optional<Instant> as_utc = parse_instant(std::string(text) + "Z");
  if (!as_utc) return std::nullopt;
  return LocalTime{as_utc->seconds()};
}

std::string format_local_clock(LocalTime local) {
  SplitLocal s = split_local(local);
  return clock_text(s.hour, s.minute, s.second);
}

std::string format_local(LocalTime local) {
  SplitLocal s = split_local(local);
  char buffer[64];
  int n = std::snprintf(buffer, sizeof buffer, "%04lld-%02u-%02uT", static_cast<long long>(s.date.year), s.date.month,
                        s.date.day);
  return std::string(buffer, static_cast<std::size_t>(n)) + clock_text(s.hour, s.minute, s.second);
}

std::string format_offset(std::int32_t offset_seconds) {
  int a = offset_seconds < 0 ? -offset_seconds : offset_seconds;
  return (offset_seconds < 0 ? "-" : "+") + clock_text(a / 3600, a / 60 % 60, a % 60);
}

}  // namespace carillon
