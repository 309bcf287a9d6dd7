#pragma once
#include <span>
#include <string>
#include <string_view>

#include "engine/events/event.h"
#include "plugins/schedules/model.h"

namespace carillon::schedules {

/// Every sentence that the hub itself writes about a schedule: in the ledger, in holds, explanations and alerts. Its name
/// here is its code in the API (`ReasonCode`, `AlertCode`); its English stands in words.cpp, the other languages in the
/// message catalogues of the Hub. A code that was ever written stays: ledgers are kept.
enum class Phrase {
  // Why a due time became what it became.
  late_skipped, late_beyond_catch_up, late_failure, maintenance, maintenance_beyond_catch_up, maintenance_failure,
  overlap_skip_schedule, overlap_skip_workflow, overlap_skip_key, overlap_limit_schedule, overlap_limit_workflow, overlap_limit_key,
  overlap_skip_at_turn, newer_waits, too_many_wait, runs_used_up, caught_up, waited_for_room, deleted_while_waiting, deleted_before_handled, back_to_old_hub,
  // Why it is held, or over.
  one_time_come, one_time_too_late, passed_while_held, passed_while_paused, passed_while_deleted, while_deleted, passed_before_run, resumed_with_run,
  end_reached, run_failed, runs_failed_in_row, paused_by, created_paused,
  // What does not fit, in the words of who refused it; and what an old hub left.
  payload_unfit, zone_unknown, cron_unreadable, cron_never_fires, bounds_reversed, interval_unfit, no_payload_schema, refused, from_old_hub,
  // The checks of an explanation.
  created_later, deleted_by_then, revision_in_force, existed_as_created, decided_under, timing_names_it, timing_named_it, timing_names_nothing, starts_later, has_ended, by_hand_only,
  runs_in_all, runs_in_all_before, held_since, held_by, held_after, held_after_by, not_held,
  maintenance_since, maintenance_then_starts, maintenance_over_in_time, no_maintenance, not_handled_in_grace, not_handled_after_grace, handled_after, handled_once_after, had_room, waits_since,
  unfinished_in_scope, none_unfinished, node_there, no_node, backfilled_by,
  // Its summary.
  not_due_next, over_by_then, backfilled_since, started_on_time, started_on_time_because, started_late, started_late_because, verdict_given, verdict_given_for_stretch,
  waits_for_room, did_not_exist, held_until_over, not_handled_yet, will_not_start, will_start, will_start_if_room, will_start_with_node, starts_after_maintenance,
  // Alerts.
  FIRES_MISSED, ONE_TIME_EXPIRED, HELD_AFTER_FAILURES, SCHEDULE_UNDECIDABLE, CLOCK_JUMPED, BACKFILL_PAUSED
};

/// A sentence of the hub, or somebody's own words.
struct Words {
  std::string code;  ///< "" for people's own words, and for what was written before there were codes
  /// The values the sentence names: text, numbers, instants ("at", "…_at"), milliseconds ("…_ms"), and other sentences as
  /// {"code","params","text"}. An object, or null without a code.
  Json params;
  std::string text;  ///< English

  Words() = default;
  Words(std::string own) : text(std::move(own)) {}
  Words(const char* own) : text(own) {}
  Words(std::string c, Json p, std::string t) : code(std::move(c)), params(std::move(p)), text(std::move(t)) {}
};

/// The hub's sentence with these values: every value that its English names, no others needed.
Words say(Phrase phrase, Json params = Json::object());
/// A sentence that somebody else has worded already.
Words say_as(Phrase phrase, std::string text, Json params = Json::object());
/// Its code.
std::string_view name_of(Phrase phrase);
/// Why a payload or a timing does not fit.
Words words_of(const Error& error);
Words words_of(const Hold& hold);
Words words_of(const Fire& fire);
/// {"text"} and, where there are any, {"code","params"}: how one sentence stands in another.
Json to_json(const Words& words);
/// Adds <field>_code and <field>_params where the words have a code.
void add_code(Json& object, const std::string& field, const Words& words);
/// The same with null where there is no code: for what is merged into an older state of the object, as change events are.
void set_code(Json& object, const std::string& field, const Words& words);

Hold hold_of(Words words, std::string actor, Instant since);
/// The hold `invalid`, put on by the hub.
Hold unfit_hold_of(const Error& error, Instant since);
/// The reason of a fire: its English in `reason`; the code and its values, with what else stood in the way, in `detail`.
void give_reason(Fire& fire, const Words& words, Json detail = Json::object());
/// The same of a hold: in `detail` also which it was and since when ("hold": {"kind","since","actor"}).
void give_reason(Fire& fire, HoldKind kind, const Hold& hold);
/// An alert about a schedule. Its detail has every value its sentence names: the schedule's name and these.
Alert alert_of(Phrase phrase, const Schedule& schedule, Json detail);

inline std::int64_t whole_ms(Duration d) { return d.count() / 1000; }

struct PhraseText {
  Phrase phrase;
  std::string_view code;
  std::string_view english;  ///< names values as {name}, and as {name|one|many} the word for their number; "" where worded elsewhere
  std::string_view beside;   ///< values that come beside those in `english`, a blank between them
};
/// All of them, in the order of Phrase.
std::span<const PhraseText> phrases();

}  // namespace carillon::schedules
