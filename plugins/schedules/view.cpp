#include "plugins/schedules/view.h"

#include "engine/time/describe.h"
#include "plugins/schedules/words.h"

namespace carillon::schedules {
namespace {

Json time_or_null(const std::optional<Instant>& t) { return t ? Json(format_instant(*t)) : Json(nullptr); }

Json hold_list(const Holds& holds) {
  Json out = Json::array();
  for (const auto& [kind, hold] : holds) {
    Json entry{{"kind", to_string(kind)}, {"reason", hold.reason}, {"actor", hold.actor.empty() ? Json(nullptr) : Json(hold.actor)},
               {"since", format_instant(hold.since)}, {"until", time_or_null(hold.until)}, {"violations", to_json(hold.violations)}};
    add_code(entry, "reason", words_of(hold));
    out.push_back(std::move(entry));
  }
  return out;
}

Json last_fire_json(const ScheduleView& view) {
  if (!view.last_fire) return nullptr;
  const auto& f = *view.last_fire;
  return {{"due_at", format_instant(f.due_at)}, {"fired_at", format_instant(f.fired_at)}, {"verdict", to_string(f.verdict)},
          {"lateness_ms", lateness_ms(f.verdict, f.planned_at, f.fired_at)},
          {"run_id", f.run ? Json(f.run->to_string()) : Json(nullptr)},
          {"run_state", f.run_state ? Json(to_string(*f.run_state)) : Json(nullptr)}};
}

Json warning_list(const Recurrence& recurrence, Locale locale) {
  Json out = Json::array();
  for (const auto& warning : timing_warnings(recurrence, locale)) out.push_back(warning.message);
  return out;
}

Json overlap_json(const Schedule& s) {
  Json out{{"scope", to_string(s.room.scope)}, {"limit", s.room.limit}, {"deadline_seconds", s.room.deadline.count() / 1'000'000}};
  if (!s.room.key_expression.empty()) out["key"] = s.room.key_expression;
  return out;
}

/// Everything a person can set, the payload apart.
Json settings_json(const Schedule& s) {
  return {{"name", s.name},
          {"description", s.description},
          {"labels", s.labels},
          {"bound_version", s.bound_version},
          {"timing", timing_to_json(s.timing)},
          {"start_at", time_or_null(s.bounds.start)},
          {"end_at", time_or_null(s.bounds.end)},
          {"max_runs", s.max_runs ? Json(*s.max_runs) : Json(nullptr)},
          {"jitter_seconds", s.jitter.count() / 1'000'000},
          {"missed_policy", to_string(s.missed)},
          {"catch_up", {{"window_seconds", s.catch_up.window.count() / 1'000'000}, {"count", s.catch_up.count}}},
          {"overlap_policy", to_string(s.overlap)},
          {"overlap", overlap_json(s)},
          {"hold_after_failures", s.hold_after_failures ? Json(*s.hold_after_failures) : Json(nullptr)},
          {"timeout_seconds", s.run_settings.timeout.count() > 0 ? Json(s.run_settings.timeout.count() / 1'000'000) : Json(nullptr)},
          {"retry", {{"max", s.run_settings.retries}, {"delay_seconds", s.run_settings.retry_delay.count() / 1'000'000}}},
          {"priority", carillon::to_string(s.priority)}};
}

Json state_json(const RunId& run, const std::map<RunId, RunState>& states) {
  const auto it = states.find(run);
  return it == states.end() ? Json(nullptr) : Json(carillon::to_string(it->second));
}

}  // namespace

std::int64_t lateness_ms(Verdict verdict, Instant planned_at, Instant fired_at) {
  return verdict == Verdict::started ? (fired_at - planned_at).count() / 1000 : 0;
}

Json version_document(const Schedule& s) {
  Json out = settings_json(s);
  out["holds"] = hold_list(s.holds);
  return out;
}

Json summary_json(const ScheduleView& view, Locale locale) {
  const Schedule& s = view.schedule;
  const auto* hold = deciding_hold(s.holds);
  Json out{{"id", s.id.to_string()},
          {"workflow_id", s.workflow.to_string()},
          {"workflow_name", view.workflow_name},
          {"sentence", describe(s.timing, locale)},
          {"status", to_string(status_of(s.holds))},
          {"status_reason", hold ? hold->second.reason : ""},
          {"status_since", format_instant(hold ? hold->second.since : s.created_at)},
          {"holds", hold_list(s.holds)},
          {"next_due_at", s.holds.empty() ? time_or_null(view.next_due_at) : Json(nullptr)},
          {"last_fire", last_fire_json(view)},
          {"last_error", view.last_error.empty() ? Json(nullptr) : Json(view.last_error)},
          {"stats",
           {{"total", view.succeeded + view.failed + view.cancelled + view.unfinished}, {"succeeded", view.succeeded},
            {"failed", view.failed}, {"cancelled", view.cancelled}, {"unfinished", view.unfinished},
            {"average_duration_ms", view.average_duration ? Json(view.average_duration->count() / 1000) : Json(nullptr)},
            {"last_run_at", time_or_null(view.last_run_at)}}},
          {"revision", s.revision},
          {"created_at", format_instant(s.created_at)},
          {"updated_at", format_instant(s.updated_at)},
          {"created_by", s.created_by.empty() ? Json(nullptr) : Json(s.created_by)}};
  out.update(settings_json(s));
  set_code(out, "status_reason", hold ? words_of(hold->second) : Words());
  return out;
}

Json schedule_json(const ScheduleView& view, const ZoneDatabase& zones, Locale locale) {
  Json out = summary_json(view, locale);
  out["payload"] = parse_stored_json(view.schedule.payload);
  auto recurrence = compile(view.schedule.timing, view.schedule.bounds, zones);
  out["warnings"] = recurrence ? warning_list(*recurrence, locale) : Json::array({recurrence.error().message});
  return out;
}

Json backfilled_json(const Backfilled& b, const std::map<RunId, RunState>& states) {
  if (b.count == 0) return nullptr;
  return {{"count", b.count}, {"backfill_id", b.backfill.to_string()}, {"run_id", b.run.to_string()}, {"run_state", state_json(b.run, states)}};
}

Json fire_json(const Fire& f, const std::map<RunId, RunState>& states, const Backfilled& backfilled) {
  Json out{{"due_at", format_instant(f.due_at)}, {"last_due_at", time_or_null(f.last_due_at)}, {"count", f.count},
           {"planned_at", format_instant(f.planned_at)}, {"fired_at", format_instant(f.fired_at)},
           {"lateness_ms", lateness_ms(f.verdict, f.planned_at, f.fired_at)},
           {"verdict", to_string(f.verdict)}, {"reason", f.reason}, {"schedule_revision", f.schedule_revision}, {"zone_data", f.zone_data},
           {"run_id", f.run ? Json(f.run->to_string()) : Json(nullptr)}, {"run_state", f.run ? state_json(*f.run, states) : Json(nullptr)},
           {"backfill", backfilled_json(backfilled, states)}};
  add_code(out, "reason", words_of(f));
  return out;
}

Json preview_json(const Recurrence& recurrence, const ZoneDatabase& zones, Instant after, std::size_t count, Locale locale) {
  const Zone* zone = recurrence.zone() ? recurrence.zone() : &zones.utc();
  if (const auto* once = std::get_if<Once>(&recurrence.timing()); once && once->zone)
    if (const Zone* named = zones.find(*once->zone)) zone = named;
  Preview shown = preview(recurrence, *zone, after, count, locale);
  Json occurrences = Json::array();
  for (const auto& entry : shown.entries) {
    Json flags = Json::array();
    for (PreviewFlag flag : entry.flags) flags.push_back(preview_flag_name(flag));
    occurrences.push_back({{"utc", format_instant(entry.utc)}, {"local", entry.local}, {"flags", std::move(flags)}, {"note", entry.note}});
  }
  Json out{{"occurrences", std::move(occurrences)}, {"sentence", describe(recurrence.timing(), locale)},
           {"warnings", warning_list(recurrence, locale)}, {"zone", zone->name()}, {"next_clock_change", nullptr}};
  if (shown.next_clock_change)
    out["next_clock_change"] = {{"at", format_instant(shown.next_clock_change->at)}, {"from", shown.next_clock_change->from},
                                {"to", shown.next_clock_change->to}};
  return out;
}

}  // namespace carillon::schedules
