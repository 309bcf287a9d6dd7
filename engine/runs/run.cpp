#include "engine/runs/run.h"

#include <array>

#include "engine/base/json_text.h"

namespace carillon {
namespace {

constexpr std::array<std::string_view, 8> kRunStates = {"queued",    "running", "waiting",   "suspended",
                                                        "succeeded", "failed",  "timed_out", "cancelled"};
constexpr std::array<std::string_view, 4> kPriorities = {"low", "normal", "high", "critical"};

std::optional<Instant> instant_at(const Json& json, const char* key) {
  auto it = json.find(key);
  if (it == json.end() || !it->is_string()) return std::nullopt;
  return parse_instant(it->get_ref<const std::string&>());
}

}  // namespace

std::string_view to_string(RunState state) { return kRunStates[static_cast<std::size_t>(state)]; }

std::optional<RunState> parse_run_state(std::string_view text) {
  for (std::size_t i = 0; i < kRunStates.size(); ++i)
    if (kRunStates[i] == text) return static_cast<RunState>(i);
  return std::nullopt;
}

std::string_view to_string(Priority priority) { return kPriorities[static_cast<std::size_t>(priority)]; }

std::optional<Priority> parse_priority(std::string_view text) {
  for (std::size_t i = 0; i < kPriorities.size(); ++i)
    if (kPriorities[i] == text) return static_cast<Priority>(i);
  return std::nullopt;
}

Json to_json(const RunSettings& s) {
  return {{"timeout_us", s.timeout.count()}, {"retries", s.retries}, {"retry_delay_us", s.retry_delay.count()}};
}

RunSettings run_settings_from_json(const Json& json) {
  return {Duration(json.at("timeout_us").get<std::int64_t>()), json.at("retries").get<std::int64_t>(),
          Duration(json.at("retry_delay_us").get<std::int64_t>())};
}

std::string provenance_text(const Provenance& p) {
  std::string out;
  {
    JsonWriter json(out);
    if (!p.actor.empty()) json.text("actor", p.actor);
    if (p.backfill) json.id("backfill_id", *p.backfill);
    if (p.due_at) json.instant("due_at", *p.due_at);
    if (p.fired_at) json.instant("fired_at", *p.fired_at);
    if (p.planned_at) json.instant("planned_at", *p.planned_at);
    json.text("reason", p.reason);
    if (p.retry_of) json.id("retry_of", *p.retry_of);
    if (p.schedule) {
      json.id("schedule_id", *p.schedule);
      json.text("schedule_name", p.schedule_name);
      json.number("schedule_revision", p.schedule_revision);
    }
    if (!p.scope.empty()) json.text("scope", p.scope);
    if (p.schedule) json.text("timing_kind", p.timing_kind);
  }
  return out;
}

Json to_json(const Provenance& p) { return parse_stored_json(provenance_text(p)); }

Provenance provenance_from_json(const Json& json) {
  Provenance p;
  p.reason = json.value("reason", "manual");
  if (auto it = json.find("schedule_id"); it != json.end()) p.schedule = ScheduleId::parse(it->get<std::string>());
  p.schedule_name = json.value("schedule_name", "");
  p.schedule_revision = json.value("schedule_revision", std::int64_t{0});
  p.timing_kind = json.value("timing_kind", "");
  p.due_at = instant_at(json, "due_at");
  p.planned_at = instant_at(json, "planned_at");
  p.fired_at = instant_at(json, "fired_at");
  p.actor = json.value("actor", "");
  p.scope = json.value("scope", "");
  if (auto it = json.find("retry_of"); it != json.end()) p.retry_of = RunId::parse(it->get<std::string>());
  if (auto it = json.find("backfill_id"); it != json.end()) p.backfill = BackfillId::parse(it->get<std::string>());
  return p;
}

}  // namespace carillon
