#include "engine/runs/run.h"

#include <array>

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

Json to_json(const Provenance& p) {
  Json out{{"reason", p.reason}};
  if (p.schedule) {
    out["schedule_id"] = p.schedule->to_string();
    out["schedule_name"] = p.schedule_name;
    out["schedule_revision"] = p.schedule_revision;
    out["timing_kind"] = p.timing_kind;
  }
  if (p.due_at) out["due_at"] = format_instant(*p.due_at);
  if (p.planned_at) out["planned_at"] = format_instant(*p.planned_at);
  if (p.fired_at) out["fired_at"] = format_instant(*p.fired_at);
  if (!p.actor.empty()) out["actor"] = p.actor;
  if (p.retry_of) out["retry_of"] = p.retry_of->to_string();
  if (p.backfill) out["backfill_id"] = p.backfill->to_string();
  if (!p.scope.empty()) out["scope"] = p.scope;
  return out;
}

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
