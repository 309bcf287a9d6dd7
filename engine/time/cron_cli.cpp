#include "engine/time/cron_cli.h"

#include <algorithm>
#include <istream>
#include <ostream>

#include "engine/base/json.h"
#include "engine/time/describe.h"
#include "engine/time/preview.h"
#include "engine/time/timing.h"

namespace carillon {
namespace {

constexpr std::int64_t kMostFires = 10'000;

Json cli_error(std::string_view code, std::string_view message, std::optional<std::size_t> position = std::nullopt) {
  Json where = position ? Json(*position) : Json();
  return Json{{"error", {{"code", code}, {"message", message}, {"position", std::move(where)}}}};
}

/// One value of the line is to blame.
Json field_error(std::string_view code, const std::string& field, const Json& value, const std::string& message) {
  Json out = cli_error(code, field + " " + shorten(dump_json(value)) + ": " + message);
  out["error"]["field"] = field;
  out["error"]["value"] = value.is_string() ? shorten(value.get<std::string>()) : shorten(dump_json(value));
  return out;
}

Json next_fires(const CronExpression& cron, const Zone& zone, Instant after, std::int64_t count) {
  Json fires = Json::array();
  ZoneHint hint;
  for (std::optional<Instant> t = after; static_cast<std::int64_t>(fires.size()) < count;) {
    t = cron.next(*t, zone, &hint);
    if (!t) break;
    fires.push_back(format_instant(*t));
  }
  return Json{{"next", std::move(fires)}};
}

Json next_answer(const Json& request, const ZoneDatabase& zones) {
  auto text = [&](const char* key, const char* fallback) -> std::optional<std::string> {
    auto it = request.find(key);
    if (it == request.end()) return fallback == nullptr ? std::nullopt : std::optional<std::string>(fallback);
    return it->is_string() ? std::optional(it->get<std::string>()) : std::nullopt;
  };
  if (!request.is_object()) return cli_error("input", "A line is one JSON object.");
  auto expression = text("expr", nullptr), tz = text("tz", "UTC"), after_text = text("after", nullptr);
  if (!expression) return cli_error("input", "expr is missing or no string.");
  if (!tz) return cli_error("input", "tz is no string.");
  auto after = after_text ? parse_instant(*after_text) : std::nullopt;
  if (!after && request.contains("after")) return field_error("input", "after", request["after"], "This is no instant such as 2026-03-29T00:00:00Z.");
  if (!after) return cli_error("input", "after is missing: an instant such as 2026-03-29T00:00:00Z.");
  std::int64_t count = 1;
  if (auto it = request.find("count"); it != request.end()) {
    if (!it->is_number_integer() || *it < 0 || *it > kMostFires)
      return field_error("input", "count", *it, "This is no whole number from 0 to " + std::to_string(kMostFires) + ".");
    count = it->get<std::int64_t>();
  }
  auto cron = CronExpression::parse(*expression);
  if (!cron) return cli_error(cron_fault_name(cron.error().fault), cron.error().message + " " + cron.error().remedy, cron.error().position);
  auto zone = zones.require(*tz, "/tz");
  if (!zone) return field_error("zone", "tz", *tz, zone.error().message + " " + zone.error().remedy);
  return next_fires(*cron, **zone, *after, count);
}

struct ExplainWords {
  const char *yearly, *next, *none, *change, *warning;
};
constexpr ExplainWords explain_words(Locale locale) {
  switch (locale) {
    case Locale::de: return {"Auslösungen im Jahr ", "Nächste Auslösungen:", "Löst nie aus.", "Nächste Uhrumstellung: ", "Hinweis: "};
    case Locale::ja: return {"年間実行回数 ", "次回以降の実行:", "実行されることはありません。", "次の時刻変更: ", "注意: "};
    case Locale::en: break;
  }
  return {"Fires in ", "Next fires:", "Never fires.", "Next clock change: ", "Note: "};
}

}  // namespace

void cron_next_lines(std::istream& in, std::ostream& out, const ZoneDatabase& zones) {
  for (std::string line; std::getline(in, line);) {
    if (line.ends_with('\r')) line.pop_back();
    auto request = parse_json(line);
    Json answer = request ? next_answer(*request, zones) : cli_error("json", request.error().message);
    out << dump_json(answer) << '\n';
  }
  out.flush();
}

Status cron_next(std::string_view expression, std::string_view zone, std::string_view from, std::int64_t count, Instant now,
                 const ZoneDatabase& zones, std::ostream& out) {
  auto cron = CronExpression::parse(expression);
  if (!cron)
    return Error{ErrorCode::invalid, "INVALID_CRON", cron.error().message, "expression", shorten(expression), cron.error().remedy, {}};
  CARILLON_TRY(const Zone* in, zones.require(zone, "--zone"));
  const auto after = from.empty() ? std::optional(now) : parse_instant(from);
  if (!after)
    return Error{ErrorCode::invalid, "INSTANT_MALFORMED", "This is no instant.", "--from", shorten(from), "Write it like 2026-03-29T00:00:00Z.", {}};
  out << dump_json(next_fires(*cron, *in, *after, count)) << '\n';
  return ok();
}

Status cron_explain(std::string_view expression, std::string_view zone, Locale locale, Instant now,
                    const ZoneDatabase& zones, std::ostream& out) {
  const Timing timing = Cron{std::string(expression), std::string(zone)};
  CARILLON_TRY(Recurrence recurrence, compile(timing, {}, zones));
  const ExplainWords words = explain_words(locale);
  out << describe(timing, locale) << '\n';
  for (const TimingWarning& warning : timing_warnings(recurrence, locale)) out << words.warning << warning.message << '\n';
  const Zone& shown_in = *recurrence.zone();
  const int year = static_cast<int>(std::strtol(format_local(shown_in.to_local(now)).c_str(), nullptr, 10));
  out << words.yearly << year << ": " << recurrence.cron()->fires_in_year(year, shown_in) << '\n';
  Preview coming = preview(recurrence, shown_in, now, 10, locale);
  out << (coming.entries.empty() ? words.none : words.next) << '\n';
  for (const PreviewEntry& entry : coming.entries) {
    out << "  " << entry.local << "  (" << format_instant(entry.utc) << ")";
    if (!entry.note.empty()) out << "  ! " << entry.note;
    out << '\n';
  }
  if (coming.next_clock_change)
    out << words.change << coming.next_clock_change->from << " -> " << coming.next_clock_change->to << '\n';
  return ok();
}

}  // namespace carillon
