#include "plugins/schedules/input.h"

#include "engine/base/names.h"
#include "engine/expr/expression.h"

namespace carillon::schedules {
namespace {

/// An error of engine/time, whose field is relative to the timing object, as an error of the request.
Error under_timing(Error error) {
  if (error.field != "/start_at" && error.field != "/end_at") error.field = "/timing" + error.field;
  return error;
}

Error incomplete(const std::string& field, const std::string& message) {
  return Error{ErrorCode::invalid, "TIMING_INCOMPLETE", message, "/timing" + field, "", "Add " + field.substr(1) + ".", {}};
}

/// The local time that came beside an instant, as answers carry both: it has to name that instant.
carillon::Status read_local_beside(const Json& json, const InputContext& context, Once& once) {
  const std::string field = "/timing/local", local = json["local"].get<std::string>(), fold = json.value("fold", "");
  if (!once.zone) once.zone = context.default_zone;
  CARILLON_TRY(auto* zone, context.zones.require(*once.zone, "/timing/zone"));
  CARILLON_TRY(const auto earlier, resolve_run_at(local, *zone, Fold::earlier, field));
  CARILLON_TRY(const auto later, resolve_run_at(local, *zone, Fold::later, field));
  const bool named = (fold != "later" && once.at == earlier) || (fold != "earlier" && once.at == later);
  if (!named)
    return Error{ErrorCode::invalid, "TIMING_CONTRADICTS", "run_at and local name different moments.", field, shorten(local),
                 "Send only one of the two.", {}};
  once.local = local;
  if (earlier != later) once.fold = once.at == earlier ? Fold::earlier : Fold::later;
  return ok();
}

Result<Timing> read_once(const Json& json, const InputContext& context) {
  Once once;
  std::string field = "/timing/run_at";
  if (auto it = json.find("run_at"); it != json.end()) {
    auto at = parse_instant(it->get_ref<const std::string&>());
    if (!at)
      return Error{ErrorCode::invalid, "RUN_AT_MALFORMED", "run_at is not an instant with an offset.", field,
                   shorten(it->get<std::string>()), "Write it like 2026-12-24T18:00:00+01:00, or give local and zone.", {}};
    once.at = *at;
    if (json.contains("zone")) {
      CARILLON_TRY(auto* zone, context.zones.require(json["zone"].get<std::string>(), "/timing/zone"));
      once.zone = zone->name();
    }
    if (json.contains("local")) CARILLON_CHECK(read_local_beside(json, context, once));
  } else if (json.contains("local")) {
    field = "/timing/local";
    const std::string zone_name = json.value("zone", context.default_zone);
    CARILLON_TRY(auto* zone, context.zones.require(zone_name, "/timing/zone"));
    const std::string fold = json.value("fold", "");
    once.local = json["local"].get<std::string>();
    once.zone = zone_name;
    const Fold wanted = fold == "earlier" ? Fold::earlier : fold == "later" ? Fold::later : Fold::refuse;
    CARILLON_TRY(once.at, resolve_run_at(*once.local, *zone, wanted, field));
    CARILLON_TRY(const auto earlier, resolve_run_at(*once.local, *zone, Fold::earlier, field));
    CARILLON_TRY(const auto later, resolve_run_at(*once.local, *zone, Fold::later, field));
    if (earlier != later) once.fold = wanted;
  } else {
    return incomplete("/run_at", "A one-time schedule needs run_at, or local and zone.");
  }
  if (once.at <= context.now)
    return Error{ErrorCode::invalid, "RUN_AT_IN_PAST", "The time lies in the past (it is " + format_instant(context.now) + " now).", field,
                 format_instant(once.at), "Choose a later time, or run the schedule now.", {}};
  return once;
}

Result<Timing> read_interval(const Json& json, const InputContext& context, const Timing* old) {
  auto every = interval_of(json.at("every").get<std::int64_t>(), json.at("unit").get<std::string>());
  if (!every)
    return Error{ErrorCode::invalid, "INTERVAL_TOO_LONG", "The interval is longer than can be counted.", "/timing/every",
                 json["every"].dump(), "Choose a shorter one.", {}};
  Interval interval{*every, Instant::from_seconds(context.now.seconds())};
  if (json.contains("anchor")) {
    auto anchor = parse_instant(json["anchor"].get<std::string>());
    if (!anchor)
      return Error{ErrorCode::invalid, "ANCHOR_MALFORMED", "anchor is not an instant with an offset.", "/timing/anchor",
                   shorten(json["anchor"].get<std::string>()), "Write it like 2026-12-24T18:00:00Z.", {}};
    interval.anchor = *anchor;
  } else if (const auto* before = old ? std::get_if<Interval>(old) : nullptr; before && before->every == *every) {
    interval.anchor = before->anchor;
  }
  return interval;
}

Duration seconds_in(const Json& json) { return std::chrono::seconds(json.get<std::int64_t>()); }

void read_policies(const Json& body, Schedule& s) {
  if (auto it = body.find("catch_up"); it != body.end()) {
    if (it->contains("window_seconds")) s.catch_up.window = seconds_in((*it)["window_seconds"]);
    s.catch_up.count = it->value("count", s.catch_up.count);
  }
  if (auto it = body.find("overlap"); it != body.end()) {
    if (it->contains("scope")) s.room.scope = parse_overlap_scope((*it)["scope"].get<std::string>()).value_or(s.room.scope);
    if (it->contains("key")) s.room.key_expression = (*it)["key"].get<std::string>();
    else if (s.room.scope != OverlapScope::key) s.room.key_expression.clear();
    s.room.limit = it->value("limit", s.room.limit);
    if (it->contains("deadline_seconds")) s.room.deadline = seconds_in((*it)["deadline_seconds"]);
  }
  if (auto it = body.find("hold_after_failures"); it != body.end()) {
    if (it->is_null()) s.hold_after_failures.reset();
    else s.hold_after_failures = it->get<std::int64_t>();
  }
  if (auto it = body.find("timeout_seconds"); it != body.end()) s.run_settings.timeout = it->is_null() ? Duration{0} : seconds_in(*it);
  if (auto it = body.find("retry"); it != body.end()) {
    s.run_settings.retries = it->value("max", s.run_settings.retries);
    if (it->contains("delay_seconds")) s.run_settings.retry_delay = seconds_in((*it)["delay_seconds"]);
  }
}

/// Key expressions read the payload and nothing else.
class NoVariables final : public ExpressionVariables {
 public:
  explicit NoVariables(Instant now) : now_(now) {}
  Json variable(std::string_view) const override { return nullptr; }
  Instant now() const override { return now_; }

 private:
  Instant now_;
};

Error bad_key(const char* reason, const std::string& message, const std::string& expression, const std::string& remedy) {
  return Error{ErrorCode::invalid, reason, message, "/overlap/key", shorten(expression), remedy, {}};
}

Result<std::string> key_of_shown(const std::string& expression, const Json& payload, Instant now) {
  std::vector<ExpressionProblem> problems;
  auto set = ExpressionSet::compile({{"/overlap/key", expression, {}}}, {}, problems);
  if (!set)
    return bad_key("KEY_MALFORMED", "The key expression does not compile: " + (problems.empty() ? "" : problems.front().message), expression,
                   "Write it in jq, like .customer.id.");
  auto value = set->evaluate(0, payload, NoVariables(now));
  if (!value) return bad_key("KEY_MALFORMED", "The key expression fails on this payload: " + value.error().message, expression, "Correct it, or the payload.");
  if (value->is_null())
    return bad_key("KEY_EMPTY", "The key expression gives nothing for this payload.", expression, "Name a field that the payload has.");
  return value->is_string() ? value->get<std::string>() : dump_json(*value);
}

/// null takes it off.
carillon::Status read_bound(const Json& body, const char* field, std::optional<Instant>& bound) {
  const auto it = body.find(field);
  if (it == body.end()) return ok();
  if (it->is_null()) {
    bound.reset();
    return ok();
  }
  CARILLON_TRY(bound, instant_in(body, field));
  return ok();
}

Error unused(const std::string& message, const std::string& field, const std::string& value, const std::string& remedy) {
  return Error{ErrorCode::invalid, "SETTING_UNUSED", message, field, shorten(value), remedy, {}};
}

carillon::Status check_overlap_sent(const Json& sent, const Schedule& before, const Schedule& s) {
  const bool limited = s.overlap == OverlapPolicy::buffer_all || s.overlap == OverlapPolicy::allow;
  const std::string policy(to_string(s.overlap));
  // What is as it was says nothing new: answers carry all of it, and can be sent back.
  if (s.room.scope != OverlapScope::key && !s.room.key_expression.empty() && s.room.key_expression != before.room.key_expression)
    return unused("overlap.key is used with the scope key only.", "/overlap/key", s.room.key_expression, "Leave it out, or set overlap.scope to key.");
  if (!limited && sent.contains("limit") && s.room.limit != 0 && s.room.limit != before.room.limit)
    return unused("The overlap policy " + policy + " has no use for a limit.", "/overlap/limit", std::to_string(s.room.limit),
                  "Leave it out, or choose buffer_all or allow as the overlap policy.");
  if (s.overlap != OverlapPolicy::cancel_other && sent.contains("deadline_seconds") && s.room.deadline != before.room.deadline &&
      s.room.deadline != Room{}.deadline)
    return unused("The overlap policy " + policy + " has no use for a deadline.", "/overlap/deadline_seconds", sent["deadline_seconds"].dump(),
                  "Leave it out, or choose cancel_other as the overlap policy.");
  return ok();
}

carillon::Status check_times_used(const Schedule& s) {
  const bool manual = std::holds_alternative<Manual>(s.timing);
  if (manual && s.bounds.start)
    return unused("A schedule that is started by hand only has no times to begin.", "/start_at", format_instant(*s.bounds.start),
                  "Leave it out (null), or choose another timing.");
  if (manual && s.bounds.end)
    return unused("A schedule that is started by hand only has no times to end.", "/end_at", format_instant(*s.bounds.end),
                  "Leave it out (null), or choose another timing.");
  if (s.max_runs && (manual || std::holds_alternative<Once>(s.timing)))
    return unused(manual ? "max_runs counts what its times start; by hand it may be started any number of times."
                         : "A one-time schedule has one due time; there is nothing for max_runs to end.",
                  "/max_runs", std::to_string(*s.max_runs), "Leave it out (null), or choose another timing.");
  return ok();
}

}  // namespace

carillon::Status check_sent(const Json& body, const Schedule& before, const Schedule& s) {
  if (s.name != before.name) CARILLON_CHECK(check_name(s.name));
  if (auto it = body.find("labels"); it != body.end())
    for (std::size_t n = 0; n < it->size(); ++n)
      if (std::find(it->begin(), it->begin() + static_cast<std::ptrdiff_t>(n), (*it)[n]) != it->begin() + static_cast<std::ptrdiff_t>(n))
        return Error{ErrorCode::invalid, "LABEL_REPEATED", "The label stands twice.", "/labels/" + std::to_string(n),
                     shorten((*it)[n].get<std::string>()), "Give it once.", {}};
  for (const char* field : {"timing", "start_at", "end_at", "max_runs"})
    if (body.contains(field)) {
      CARILLON_CHECK(check_times_used(s));
      break;
    }
  if (auto it = body.find("overlap"); it != body.end()) return check_overlap_sent(*it, before, s);
  return ok();
}

Result<std::string> key_of(const std::string& expression, const Json& payload, Instant now, const Redactor& redactor) {
  if (redactor.idle()) return key_of_shown(expression, payload, now);
  const Json shown = redactor.shown(payload);
  if (shown == payload) return key_of_shown(expression, payload, now);
  auto key = key_of_shown(expression, shown, now);
  const auto hidden = key_of_shown(expression, payload, now);
  if (key && hidden && *key == *hidden) return key;
  if (!key && !hidden && key.error().message == hidden.error().message) return key;
  return bad_key("KEY_HIDDEN", "The key expression reads a value that is hidden, or fails on one.", expression, "Name a field that is not hidden.");
}

carillon::Status settle_policies(Schedule& s, Instant now, const Redactor& redactor) {
  if (s.missed == MissedPolicy::catchup && s.catch_up.count > 1 && s.overlap == OverlapPolicy::skip)
    return Error{ErrorCode::invalid, "CATCH_UP_NEEDS_ROOM",
                 "Catching up several due times would skip all but the first: the overlap policy is skip.", "/catch_up/count",
                 std::to_string(s.catch_up.count), "Catch up only the latest (1), or choose buffer_all or allow as the overlap policy.", {}};
  s.room.key.clear();
  if (s.room.scope != OverlapScope::key) return ok();
  if (s.room.key_expression.empty()) return bad_key("KEY_MISSING", "The scope key needs a key expression.", "", "Add overlap.key, like .customer.id.");
  CARILLON_TRY(s.room.key, key_of(s.room.key_expression, parse_stored_json(s.payload), now, redactor));
  return ok();
}

Result<Timing> read_timing(const Json& json, const InputContext& context, const Timing* old) {
  const std::string kind = json.at("kind");
  if (kind == "once") return read_once(json, context);
  if (kind == "interval") return read_interval(json, context, old);
  if (kind == "cron") {
    Cron cron{json.at("cron"), json.value("zone", context.default_zone)};
    CARILLON_TRY(auto* zone, context.zones.require(cron.zone, "/timing/zone"));
    cron.zone = zone->name();
    return cron;
  }
  return Manual{};
}

Result<Recurrence> check_times(const Timing& timing, const Bounds& bounds, const InputContext& context) {
  auto recurrence = check_timing(timing, bounds, context.zones);
  if (!recurrence) return under_timing(std::move(recurrence).error());
  if (!std::holds_alternative<Manual>(timing) && !recurrence->next(context.now))
    return Error{ErrorCode::invalid, "NEVER_DUE", "Between its start and its end this timing has no due time left.",
                 bounds.end ? "/end_at" : "/timing", bounds.end ? format_instant(*bounds.end) : "", "Choose a later end, or another timing.", {}};
  return recurrence;
}

Result<Instant> instant_in(const Json& body, const std::string& field) {
  const auto& text = body.at(field).get_ref<const std::string&>();
  if (auto t = parse_instant(text)) return *t;
  return Error{ErrorCode::invalid, "TIME_MALFORMED", field + " is not an instant with an offset, from the year 1 to 9999.", "/" + field, shorten(text),
               "Write it like 2026-12-24T18:00:00Z.", {}};
}

carillon::Status read_settings(const Json& body, Schedule& s) {
  s.name = body.value("name", s.name);
  s.description = body.value("description", s.description);
  if (auto it = body.find("labels"); it != body.end()) s.labels = it->get<std::vector<std::string>>();
  CARILLON_CHECK(read_bound(body, "start_at", s.bounds.start));
  CARILLON_CHECK(read_bound(body, "end_at", s.bounds.end));
  if (auto it = body.find("max_runs"); it != body.end()) {
    if (it->is_null()) s.max_runs.reset();
    else s.max_runs = it->get<std::int64_t>();
  }
  if (auto it = body.find("jitter_seconds"); it != body.end()) s.jitter = std::chrono::seconds(it->get<std::int64_t>());
  if (auto it = body.find("missed_policy"); it != body.end()) s.missed = parse_missed_policy(it->get<std::string>()).value_or(s.missed);
  if (auto it = body.find("overlap_policy"); it != body.end()) s.overlap = parse_overlap_policy(it->get<std::string>()).value_or(s.overlap);
  read_policies(body, s);
  if (auto it = body.find("priority"); it != body.end()) s.priority = parse_priority(it->get<std::string>()).value_or(s.priority);
  return ok();
}

}  // namespace carillon::schedules
