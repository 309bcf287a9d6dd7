#include "web/app/log/format.h"

#include <cmath>
#include <cstdio>

#include "engine/base/json.h"

namespace carillon {
namespace {

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

const char* level_colour(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "\033[2m";
    case LogLevel::info:
      return "\033[32m";
    case LogLevel::warn:
      return "\033[33m";
    case LogLevel::error:
      return "\033[31m";
  }
  return "";
}

/// Milliseconds always: lines sort as text.
std::string stamp(Instant at) {
  char millis[8];
  const std::int64_t seconds = at.seconds();
  std::snprintf(millis, sizeof millis, ".%03dZ", static_cast<int>((at.us - seconds * 1'000'000) / 1000));
  std::string text = format_instant(Instant::from_seconds(seconds));
  text.pop_back();
  return text + millis;
}

std::string json_text(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_value(const LogField& field) {
  struct Visitor {
    std::string operator()(const std::string& text) const { return json_text(text); }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return std::isfinite(number) ? Json(number).dump() : "null"; }
    std::string operator()(bool truth) const { return truth ? "true" : "false"; }
  };
  return std::visit(Visitor{}, field.value);
}

/// Control characters could repaint the terminal; a line break is shown as one, indented.
std::string harmless(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n')
      out += "\n      ";
    else
      out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == '\n')) out.pop_back();
  return out;
}

}  // namespace

std::string format_json_line(Instant at, LogLevel level, std::string_view event,
                             std::initializer_list<LogField> fields) {
  std::string line =
      "{\"ts\":\"" + stamp(at) + "\",\"level\":\"" + level_name(level) + "\",\"event\":" + json_text(event);
  for (const LogField& field : fields) line += "," + json_text(field.key) + ":" + json_value(field);
  return line + "}";
}

std::string format_pretty_line(Instant at, LogLevel level, std::string_view event,
                               std::initializer_list<LogField> fields, bool colours) {
  const char* dim = colours ? "\033[2m" : "";
  const char* normal = colours ? "\033[0m" : "";
  char name[8];
  std::snprintf(name, sizeof name, "%-5s", level_name(level));
  std::string line = dim + stamp(at).substr(11, 12) + normal + " " + (colours ? level_colour(level) : "") + name +
                     normal + " " + harmless(event);
  for (const LogField& field : fields) {
    const auto* text = std::get_if<std::string>(&field.value);
    line += std::string(" ") + dim + std::string(field.key) + "=" + normal +
            (text != nullptr ? harmless(*text) : json_value(field));
  }
  return line;
}

}  // namespace carillon
