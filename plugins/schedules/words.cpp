#include "plugins/schedules/words.h"

namespace carillon::schedules {
namespace {

#define CARILLON_PHRASE(name, english) {Phrase::name, #name, english, ""}
#define CARILLON_REFUSAL(name, values) {Phrase::name, #name, "", values}
constexpr PhraseText kPhrases[] = {
    CARILLON_PHRASE(late_skipped, "The hub could not fire in time; the missed policy is skip."),
    CARILLON_PHRASE(late_beyond_catch_up,
                    "The hub could not fire in time; beyond what the missed policy catches up ({count} within {window_ms})."),
    CARILLON_PHRASE(late_failure, "The hub could not fire in time; the missed policy counts it as a failure."),
    CARILLON_PHRASE(maintenance, "Maintenance: {reason}"),
    CARILLON_PHRASE(maintenance_beyond_catch_up,
                    "Maintenance: {reason}; beyond what the missed policy catches up ({count} within {window_ms})."),
    CARILLON_PHRASE(maintenance_failure, "Maintenance: {reason}; the missed policy counts it as a failure."),
    CARILLON_PHRASE(overlap_skip_schedule, "A run of this schedule had not ended; the overlap policy is skip."),
    CARILLON_PHRASE(overlap_skip_workflow, "A run of its workflow had not ended; the overlap policy is skip."),
    CARILLON_PHRASE(overlap_skip_key, "A run of the key \"{key}\" had not ended; the overlap policy is skip."),
    CARILLON_PHRASE(overlap_limit_schedule,
                    "{running} runs of this schedule had not ended; no more than {limit} may run at a time."),
    CARILLON_PHRASE(overlap_limit_workflow,
                    "{running} runs of its workflow had not ended; no more than {limit} may run at a time."),
    CARILLON_PHRASE(overlap_limit_key,
                    "{running} runs of the key \"{key}\" had not ended; no more than {limit} may run at a time."),
    CARILLON_PHRASE(overlap_skip_at_turn, "A run had not ended when it was its turn; the overlap policy is skip."),
    CARILLON_PHRASE(newer_waits, "A newer due time ({due_at}) waits in its place."),
    CARILLON_PHRASE(too_many_wait, "{count} due times wait already; no more may."),
    CARILLON_PHRASE(runs_used_up, "It has started {count} {count|run|runs}, as many as it may."),
    CARILLON_PHRASE(caught_up, "Caught up {late_ms} late."),
    CARILLON_PHRASE(waited_for_room, "Waited {waited_ms} for room."),
    CARILLON_PHRASE(deleted_while_waiting, "The schedule was deleted while this time waited for room."),
    CARILLON_PHRASE(deleted_before_handled, "The schedule was deleted before this time was handled."),
    CARILLON_PHRASE(back_to_old_hub, "The schedule went back to the old hub."),
    CARILLON_PHRASE(one_time_come, "Its one time has come."),
    CARILLON_PHRASE(one_time_too_late, "Its time passed more than {window_ms} ago."),
    CARILLON_PHRASE(passed_while_held, "Its time passed while it was held."),
    CARILLON_PHRASE(passed_while_paused, "Its time passed while it was paused."),
    CARILLON_PHRASE(passed_while_deleted, "Its time passed while it was deleted."),
    CARILLON_PHRASE(while_deleted, "The schedule was deleted from {deleted_at} to {restored_at}."),
    CARILLON_PHRASE(passed_before_run, "Its time passed before it could run."),
    CARILLON_PHRASE(resumed_with_run, "Started on resume by {actor}."),
    CARILLON_PHRASE(end_reached, "Its end is reached."),
    CARILLON_PHRASE(run_failed, "A run failed."),
    CARILLON_PHRASE(runs_failed_in_row, "{count} runs failed or were missed in a row."),
    CARILLON_PHRASE(paused_by, "Paused by {actor}."),
    CARILLON_PHRASE(created_paused, "Created paused."),
    CARILLON_REFUSAL(payload_unfit, "place problem more"),
    CARILLON_REFUSAL(zone_unknown, "zone"),
    CARILLON_REFUSAL(cron_unreadable, "cron"),
    CARILLON_REFUSAL(cron_never_fires, ""),
    CARILLON_REFUSAL(bounds_reversed, ""),
    CARILLON_REFUSAL(interval_unfit, "every"),
    CARILLON_REFUSAL(no_payload_schema, ""),
    CARILLON_REFUSAL(refused, "error"),
    CARILLON_REFUSAL(from_old_hub, ""),
    CARILLON_PHRASE(created_later, "It was created later, at {created_at}."),
    CARILLON_PHRASE(deleted_by_then, "It was deleted at {deleted_at} by {actor}."),
    CARILLON_PHRASE(revision_in_force, "Revision {revision} was in force, saved by {actor} at {saved_at}."),
    CARILLON_PHRASE(existed_as_created, "It existed, as it was created."),
    CARILLON_PHRASE(decided_under, "Revision {revision} decided, saved by {actor} at {saved_at}, before this moment was handled."),
    CARILLON_PHRASE(timing_names_it, "Its timing names this moment."),
    CARILLON_PHRASE(timing_named_it, "Its timing named this moment by the time zone data {then}; by {now} it does not."),
    CARILLON_PHRASE(timing_names_nothing, "Its timing names no occurrence at {at}."),
    CARILLON_PHRASE(starts_later, "It starts only at {start_at}."),
    CARILLON_PHRASE(has_ended, "It ended at {end_at}."),
    CARILLON_PHRASE(by_hand_only, "It has no times: it is started by hand only."),
    CARILLON_PHRASE(runs_in_all, "It may start {count} {count|run|runs} in all; it has started {started}."),
    CARILLON_PHRASE(runs_in_all_before,
                    "It may start {count} {count|run|runs} in all; it has started {started}, and {before} {before|due time comes|due times come} before."),
    CARILLON_PHRASE(held_since, "Held ({hold}) since {since_at}: {reason}"),
    CARILLON_PHRASE(held_by, "Held ({hold}) since {since_at} by {actor}: {reason}"),
    CARILLON_PHRASE(held_after, "Held ({hold}) after this moment, at {since_at}, before it was handled: {reason}"),
    CARILLON_PHRASE(held_after_by, "Held ({hold}) after this moment, at {since_at} by {actor}, before it was handled: {reason}"),
    CARILLON_PHRASE(not_held, "Nothing holds it."),
    CARILLON_PHRASE(maintenance_since,
                    "Maintenance since {since_at} ({reason}). The missed policy ({missed_policy}) decides on what came due meanwhile."),
    CARILLON_PHRASE(maintenance_then_starts,
                    "Maintenance since {since_at} ({reason}). When it ends, what came due in the last {window_ms} starts, at most {count}."),
    CARILLON_PHRASE(maintenance_over_in_time, "Maintenance since {since_at} was over in time: {reason}"),
    CARILLON_PHRASE(no_maintenance, "No maintenance."),
    CARILLON_PHRASE(not_handled_in_grace, "It has not been handled yet; within {grace_ms} it fires normally."),
    CARILLON_PHRASE(not_handled_after_grace,
                    "It has not been handled yet, and its grace of {grace_ms} is over: the missed policy ({missed_policy}) decides."),
    CARILLON_PHRASE(handled_after, "Handled {late_ms} after its planned time; the grace is {grace_ms}."),
    CARILLON_PHRASE(handled_once_after, "Handled {late_ms} after its planned time; a one-time may be {window_ms} late."),
    CARILLON_PHRASE(had_room, "There was room (overlap policy {overlap_policy})."),
    CARILLON_PHRASE(waits_since, "It waits for room since {since_at} (overlap policy {overlap_policy})."),
    CARILLON_PHRASE(unfinished_in_scope, "{running} unfinished run(s) in its scope now; the overlap policy is {overlap_policy}."),
    CARILLON_PHRASE(none_unfinished, "No unfinished run in its scope now."),
    CARILLON_PHRASE(node_there, "A node is there to fire it."),
    CARILLON_PHRASE(no_node, "No node that fires has been seen for half a minute."),
    CARILLON_PHRASE(backfilled_by, "The backfill that {actor} asked for at {asked_at} has started a run of it."),
    CARILLON_PHRASE(not_due_next, "{reason} The next is at {next_at}."),
    CARILLON_PHRASE(over_by_then, "It was over by then: {reason}"),
    CARILLON_PHRASE(backfilled_since, "{reason} A backfill has started a run of it since."),
    CARILLON_PHRASE(started_on_time, "It started on time."),
    CARILLON_PHRASE(started_on_time_because, "It started on time. {reason}"),
    CARILLON_PHRASE(started_late, "It started {late_ms} late."),
    CARILLON_PHRASE(started_late_because, "It started {late_ms} late. {reason}"),
    CARILLON_PHRASE(verdict_given, "Verdict \"{verdict}\": {reason}"),
    CARILLON_PHRASE(verdict_given_for_stretch, "Verdict \"{verdict}\": {reason} One record stands for {count} due times."),
    CARILLON_PHRASE(waits_for_room, "It waits for room, and starts once there is some."),
    CARILLON_PHRASE(did_not_exist, "The schedule did not exist yet."),
    CARILLON_PHRASE(held_until_over, "It was held; the record is written when the hold ends."),
    CARILLON_PHRASE(not_handled_yet, "It is due and has not been handled yet."),
    CARILLON_PHRASE(will_not_start, "It will not start as things stand."),
    CARILLON_PHRASE(will_start, "It will start."),
    CARILLON_PHRASE(will_start_if_room, "It will start, if there is room by then."),
    CARILLON_PHRASE(will_start_with_node, "It will start, once a node is there to fire it."),
    CARILLON_PHRASE(starts_after_maintenance, "It starts when the maintenance ends."),
    CARILLON_PHRASE(FIRES_MISSED, "\"{name}\" missed {count} {count|due time|due times}, the last at {last_due_at}."),
    CARILLON_PHRASE(ONE_TIME_EXPIRED, "\"{name}\" never ran: {reason}"),
    CARILLON_PHRASE(HELD_AFTER_FAILURES, "\"{name}\" no longer fires: {reason}"),
    CARILLON_PHRASE(SCHEDULE_UNDECIDABLE, "\"{name}\" cannot be decided: {reason}"),
    CARILLON_PHRASE(CLOCK_JUMPED,
                    "The database's clock went forward by {jump_ms}. What is to be caught up, of \"{name}\" first, waits until it has "
                    "been steady for three minutes or an operator says that it is right."),
    CARILLON_PHRASE(BACKFILL_PAUSED, "The backfill of \"{name}\" stands still. The schedule is invalid: {reason}"),
};
#undef CARILLON_PHRASE
#undef CARILLON_REFUSAL

static_assert([] {
  std::size_t n = 0;
  for (const auto& entry : kPhrases)
    if (static_cast<std::size_t>(entry.phrase) != n++) return false;
  return n == static_cast<std::size_t>(Phrase::BACKFILL_PAUSED) + 1;
}(), "every phrase has its text, in the order of the enumeration");

const PhraseText& text_of_phrase(Phrase phrase) { return kPhrases[static_cast<std::size_t>(phrase)]; }

void append_value(std::string& out, std::string_view name, const Json& value) {
  if (value.is_object()) out += value.value("text", "");
  else if (value.is_string()) out += value.get_ref<const std::string&>();
  else if (name.ends_with("_ms")) out += describe_duration(Duration{value.get<std::int64_t>() * 1000});
  else out += std::to_string(value.get<std::int64_t>());
}

/// The only place where a sentence of the hub gets its English. A value that is not there leaves its name standing: a
/// sentence with a hole is better than a fire that does not happen.
std::string english_of(std::string_view form, const Json& params) {
  std::string out;
  for (std::size_t at = 0; at < form.size();) {
    const std::size_t open = form.find('{', at), close = form.find('}', open);
    out += form.substr(at, open - at);
    if (open == std::string_view::npos) break;
    const std::string_view inside = form.substr(open + 1, close - open - 1);
    const std::size_t bar = inside.find('|');
    const std::string_view name = inside.substr(0, bar);
    if (const auto value = params.find(name); value == params.end()) {
      out += form.substr(open, close + 1 - open);
    } else if (bar == std::string_view::npos) {
      append_value(out, name, *value);
    } else {
      const std::size_t second = inside.find('|', bar + 1);
      out += *value == 1 ? inside.substr(bar + 1, second - bar - 1) : inside.substr(second + 1);
    }
    at = close + 1;
  }
  return out;
}

}  // namespace

std::span<const PhraseText> phrases() { return kPhrases; }

Words say(Phrase phrase, Json params) {
  const PhraseText& entry = text_of_phrase(phrase);
  std::string text = english_of(entry.english, params);
  return {std::string(entry.code), std::move(params), std::move(text)};
}

std::string_view name_of(Phrase phrase) { return text_of_phrase(phrase).code; }

Words say_as(Phrase phrase, std::string text, Json params) { return {std::string(text_of_phrase(phrase).code), std::move(params), std::move(text)}; }

Words words_of(const Error& error) {
  if (error.reason == "PAYLOAD_INVALID" && !error.violations.empty())
    return say_as(Phrase::payload_unfit, error.message,
                  {{"place", error.violations.front().instance.empty() ? "/" : error.violations.front().instance},
                   {"problem", error.violations.front().message},
                   {"more", error.violations.size() - 1}});
  if (error.reason == "UNKNOWN_ZONE") return say_as(Phrase::zone_unknown, error.message, {{"zone", error.value}});
  if (error.reason == "INVALID_CRON") return say_as(Phrase::cron_unreadable, error.message, {{"cron", error.value}});
  if (error.reason == "CRON_NEVER_FIRES") return say_as(Phrase::cron_never_fires, error.message);
  if (error.reason == "BOUNDS_REVERSED") return say_as(Phrase::bounds_reversed, error.message);
  if (error.reason == "INTERVAL_TOO_SHORT" || error.reason == "INTERVAL_TOO_LONG") return say_as(Phrase::interval_unfit, error.message, {{"every", error.value}});
  if (error.reason == "NO_PAYLOAD_SCHEMA") return say_as(Phrase::no_payload_schema, error.message);
  return say_as(Phrase::refused, error.message, {{"error", error.reason}});
}

Words words_of(const Hold& hold) { return {hold.code, hold.params, hold.reason}; }

Words words_of(const Fire& fire) {
  Words out(fire.reason);
  if (fire.detail.empty()) return out;
  const Json detail = parse_stored_json(fire.detail);
  out.code = detail.value("code", "");
  if (!out.code.empty()) out.params = detail.value("params", Json::object());
  return out;
}

Json to_json(const Words& words) {
  Json out{{"text", words.text}};
  if (!words.code.empty()) {
    out["code"] = words.code;
    out["params"] = words.params;
  }
  return out;
}

void add_code(Json& object, const std::string& field, const Words& words) {
  if (words.code.empty()) return;
  object[field + "_code"] = words.code;
  object[field + "_params"] = words.params;
}

void set_code(Json& object, const std::string& field, const Words& words) {
  object[field + "_code"] = words.code.empty() ? Json(nullptr) : Json(words.code);
  object[field + "_params"] = words.code.empty() ? Json(nullptr) : words.params;
}

Hold hold_of(Words words, std::string actor, Instant since) {
  return {std::move(words.text), std::move(actor), since, {}, {}, std::move(words.code), std::move(words.params)};
}

Hold unfit_hold_of(const Error& error, Instant since) {
  Hold out = hold_of(words_of(error), "", since);
  out.violations = error.violations;
  return out;
}

void give_reason(Fire& fire, const Words& words, Json detail) {
  fire.reason = words.text;
  if (!words.code.empty()) {
    detail["code"] = words.code;
    if (!words.params.empty()) detail["params"] = words.params;
  }
  if (!detail.empty()) fire.detail = dump_json(detail);
}

void give_reason(Fire& fire, HoldKind kind, const Hold& hold) {
  give_reason(fire, words_of(hold), {{"hold", {{"kind", to_string(kind)}, {"since", format_instant(hold.since)}, {"actor", hold.actor}}}});
}

Alert alert_of(Phrase phrase, const Schedule& schedule, Json detail) {
  detail["name"] = shorten(schedule.name, 80);
  std::string message = english_of(text_of_phrase(phrase).english, detail);
  return {std::string(text_of_phrase(phrase).code), "schedule", schedule.id.value, std::move(message), std::move(detail)};
}

}  // namespace carillon::schedules
